# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that go back by themselves where Ansible does not come in again after them."""

from __future__ import annotations

import json
import os
import shutil
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._firewall import firewalld, nftables, ufw
from ansible_collections.workbench.cluster.plugins.module_utils._firewall.plan import Plan
from ansible_collections.workbench.cluster.plugins.module_utils._firewall.rules import Rule
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, checked

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Connection

UNIT = "workbench-cluster-firewall-undo"
LATE = (
    "Nobody confirmed the new rules of the firewall in time: this host has those from before again. Either they would have "
    "shut Ansible out, or the run was slow (firewall_confirm_wait)."
)
SAME = (
    "This is the connection from before the new rules of the firewall, which says nothing about new ones: the host goes back "
    "to those from before. Use the connection plugin ssh."
)


def folder_of(name: str) -> str:
    """What is saved until the rules are confirmed; gone after a boot, as the timer is."""
    return f"/run/workbench.cluster/firewall-{name}"


def apply(run: Run, name: str, plan: Plan, wait: int, connection: Connection | None) -> None:
    """Have the rules of a plan act, and go in `wait` seconds. Where that fails they go at once. Raises `Failure`."""
    folder, unit = folder_of(name), f"{UNIT}-{name}"
    # Of a run that was cut off the rules still act, and what it would bring back is what is to be saved.
    _go_back(run, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder, mode=0o700)
    with open(f"{folder}/undo", "w", encoding="utf-8") as file:
        # Who moves the mark away is the one who decides.
        lines = ["#!/bin/sh", f"mv {folder}/armed {folder}/undone || exit 0"]
        lines += [_undo(each, name, folder) for each in plan.firewalls]
        file.write("\n".join(lines) + "\n")
    with open(f"{folder}/armed", "w", encoding="utf-8") as file:
        json.dump({"connection": connection, "firewalls": plan.firewalls, "rules": plan.rules}, file)
    run(["systemctl", "reset-failed", f"{unit}.service", f"{unit}.timer"])
    timer = [f"--on-active={wait}", "--timer-property=AccuracySec=1s"]
    checked(run, ["systemd-run", "--quiet", f"--unit={unit}", *timer, "/bin/sh", f"{folder}/undo"])
    try:
        for each, rules in _firewalls(plan):
            _apply(run, each, name, rules)
    except (Failure, OSError) as failure:
        rc, out, err = _go_back(run, name)
        went = "those from before are back" if rc == 0 else f"and those from before are not back: {out} {err}"
        raise Failure(f"The rules of the firewall were not taken, {went}. {failure}") from failure


def confirm(run: Run, name: str, connection: Connection | None) -> None:
    """Ansible is here by a new connection: the rules stay. Raises `Failure` where they went back, or do so now."""
    folder = folder_of(name)
    try:
        with open(f"{folder}/armed", encoding="utf-8") as file:
            armed = json.load(file)
    except OSError:
        raise Failure(LATE) from None
    if connection is not None and connection == armed["connection"]:
        _go_back(run, name)
        raise Failure(SAME)
    try:
        os.rename(f"{folder}/armed", f"{folder}/confirmed")
    except OSError:
        raise Failure(LATE) from None
    run(["systemctl", "stop", f"{UNIT}-{name}.timer"])
    rules = [Rule(*rule) for rule in armed["rules"]]
    if "nftables" in armed["firewalls"]:
        nftables.keep(run, name, rules if armed["firewalls"][0] == "nftables" else [])
    shutil.rmtree(folder)


def _go_back(run: Run, name: str) -> tuple[int, str, str]:
    """Undo what is not confirmed, where there is something, now rather than by its timer."""
    undo = f"{folder_of(name)}/undo"
    result = run(["/bin/sh", undo]) if os.path.exists(undo) else (0, "", "")
    run(["systemctl", "stop", f"{UNIT}-{name}.timer"])
    return result


def _firewalls(plan: Plan) -> t.Iterator[tuple[str, list[Rule]]]:
    """The firewall of the host with its rules, and then those that are to have none of ours."""
    for number, each in enumerate(plan.firewalls):
        yield each, [] if number else plan.rules


def _apply(run: Run, each: str, name: str, rules: t.Sequence[Rule]) -> None:
    if each == "nftables":
        nftables.apply(run, name, rules)
    elif each == "firewalld":
        firewalld.apply(run, name, rules)
    else:
        ufw.apply(run, name, rules)


def _undo(each: str, name: str, folder: str) -> str:
    if each == "nftables":
        return nftables.undo(name)
    return firewalld.undo(name, folder) if each == "firewalld" else ufw.undo(folder)
