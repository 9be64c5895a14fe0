# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where sessions of a node call its server back. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import to_conf
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import parse_boost, switched_on

# A server that listens on all addresses is asked on the loopback of the same family.
EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}


def callback_address(options: t.Mapping[str, t.Any], name: str = "") -> str:
    """The URL of a server with these options of `rserver.conf`, as a process on its own host reaches it.

    `name` is what the server's certificate names, where that is not the loopback.
    """
    read = parse_boost(to_conf(options))
    tls = switched_on(read, "ssl-enabled")
    address = read.get("www-address", [""])[0]
    host = name if tls and name and address in EVERYWHERE else EVERYWHERE.get(address, address)
    port = read.get("www-port", [""])[0] or ("443" if tls else "8787")
    return f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"
