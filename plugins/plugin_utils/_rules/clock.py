# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role clock needs of its variables. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Member
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.networks import wrong_networks


def _source(m: Member) -> t.Iterator[str]:
    if not m["clock_servers"] and m["clock_local_stratum"] <= 0:
        yield (
            f"clock_servers is empty and clock_local_stratum is {m['clock_local_stratum']}: this host would follow nobody. "
            "Name NTP servers in clock_servers, or set clock_local_stratum (1 to 15, usually 10) on the host that is "
            "the reference."
        )


def _networks(m: Member) -> t.Iterator[str]:
    wrong = wrong_networks(m["clock_serve_networks"])
    if wrong:
        yield (
            f"clock_serve_networks has {', '.join(wrong)}: "
            "each must be an address or a network with its prefix, such as 10.0.0.0/24."
        )


def _stratum(m: Member) -> t.Iterator[str]:
    if m["clock_local_stratum"] not in range(16):
        yield f"clock_local_stratum={m['clock_local_stratum']} must be 0 to 15."


def _step(m: Member) -> t.Iterator[str]:
    if not m["clock_step_threshold"] > 0:
        yield f"clock_step_threshold={m['clock_step_threshold']} must be above 0 seconds."


def _correction(m: Member) -> t.Iterator[str]:
    if not m["clock_max_correction"] > 0:
        yield f"clock_max_correction={m['clock_max_correction']} must be above 0 seconds."


def _wait(m: Member) -> t.Iterator[str]:
    if m["clock_wait"] < 0:
        yield f"clock_wait={m['clock_wait']} must be at least 0 seconds."


RULES = (_source, _networks, _stratum, _step, _correction, _wait)
