# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role firewall would change on a host: which port opens to whom, and closes to whom. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._firewall.plan import plan_of
from ansible_collections.workbench.cluster.plugins.module_utils._firewall.rules import EVERYBODY, Difference
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import HostReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences import host, texts
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import Change, Differences


def differences(wanted: t.Mapping[str, t.Any], report: HostReport) -> Differences:
    """The rules of the firewall that the host uses: `__firewall_wanted`."""
    firewall = report.get("firewall")
    if firewall is None:
        return Differences([Change("the firewall", host.untold(report, "firewall"))])
    plan = plan_of(wanted, firewall)
    first, found = plan.firewalls[0], Differences()
    if wanted["state"] == "present" and not firewall["active"] and not firewall["tool"]:
        found.changes += host.packages(["nftables"], report)
    found.changes += [
        Change(f"{each.port} ({first})", _why(each), opens=not (each.closes or each.leaves))
        for each in plan.differences
    ]
    if plan.unkept:
        found.changes.append(Change(f"rules ({first})", "are not as a boot would bring them back"))
    found.changes += [Change(f"rules ({each})", f"go, for the host uses {first}") for each in plan.left]
    return found


def _why(each: Difference) -> str:
    said = [f"opens to {_whom(each.opens)}"] if each.opens else []
    said += [f"no longer open to {_whom(each.ends)}"] if each.ends else []
    said += ["closes to all others"] if each.closes else []
    said += ["all others are left to other rules"] if each.leaves else []
    return ", ".join(said)


def _whom(sources: t.Sequence[str]) -> str:
    return texts.few(list(dict.fromkeys("everybody" if source in EVERYBODY else source for source in sources)))
