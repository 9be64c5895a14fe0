# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether texts name networks. Pure."""

from __future__ import annotations

import ipaddress
import re
import typing as t

# ipaddress also takes a netmask and a zone, which chrony and PostgreSQL do not.
FORM = re.compile(r"[0-9A-Fa-f:.]+(/[0-9]{1,3})?\Z")


def wrong_networks(networks: t.Iterable[t.Any]) -> list[str]:
    """Those that are neither an address nor a network such as `10.0.0.0/24` or `2001:db8::/32`."""
    return [text for text in map(str, networks) if not _is_network(text)]


def _is_network(text: str) -> bool:
    if not FORM.match(text):
        return False
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True
