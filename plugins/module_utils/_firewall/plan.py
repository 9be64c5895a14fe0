# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be done on a host, by what is wanted and what it reports. Pure, and the same for a plan and for the deed."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._firewall.rules import (
    Difference,
    Rule,
    differences,
    parsed,
    rules_of,
)

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import FirewallReport


class Plan(t.NamedTuple):
    firewalls: list[str]  # the host's own first, then others where rules of ours are left
    rules: list[Rule]  # of the first of them
    differences: list[Difference]
    unkept: bool  # the rules act, but no boot brings them back
    left: list[str]  # firewalls from which all of ours go

    @property
    def changes(self) -> bool:
        return bool(self.differences or self.unkept or self.left)


def plan_of(asked: t.Mapping[str, t.Any], report: FirewallReport) -> Plan:
    """Raises `Failure` where nothing can be done without harm."""
    if len(report["active"]) > 1:
        raise Failure("firewalld and ufw are both on, and each undoes what the other does: turn one of them off.")
    first = report["active"][0] if report["active"] else "nftables"
    rules = [rule for rule in rules_of(asked, report) if first != "ufw" or rule.family == 4 or report["ipv6"]]
    ours = report["ours"].get(first)
    there = parsed(ours["rules"]) if ours else []
    left = [each for each in report["ours"] if each != first]
    unkept = ours is not None and not (ours["kept"] and rules)
    found = differences(rules, there)
    plan = Plan([first, *left], rules, found, unkept and not found, left)
    if plan.changes:
        _refuse(first, rules, report)
    return plan


def _refuse(first: str, rules: t.Sequence[Rule], report: FirewallReport) -> None:
    if first == "firewalld" and report["others"]:
        raise Failure(
            f"firewalld has to be reloaded, and {'; '.join(report['others'])} is not the same while it runs as what it keeps. "
            "Keep it (firewall-cmd --runtime-to-permanent), or have it reloaded by somebody who knows of it."
        )
    same = [rule for rule in map(str, rules) if first == "ufw" and rule in report["others"]]
    if same:
        raise Failure(
            f"ufw has rules of others that are the same as those of the cluster: {'; '.join(same)}. ufw takes no rule twice: "
            "take them out (ufw delete), and the cluster has its own."
        )
