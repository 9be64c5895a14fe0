# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which firewall a host uses, and the cluster's rules in it."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._firewall import firewalld, nftables, ufw
from ansible_collections.workbench.cluster.plugins.module_utils._firewall.rules import Rule, is_literal
from ansible_collections.workbench.cluster.plugins.module_utils._host.network import resolve
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, file_content

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
        Connection,
        FirewallReport,
        FirewallRules,
    )

OPTIONS: dict[str, dict[str, t.Any]] = {
    "name": {"type": "str", "required": True},
    "names": {"type": "list", "elements": "str", "default": []},
}


def read_report(run: Run, options: t.Mapping[str, t.Any]) -> FirewallReport:
    """For the cluster `name`; `names` are those whose addresses are asked for."""
    name = options["name"]
    active = [each for each, on in (("firewalld", firewalld.is_active(run)), ("ufw", ufw.is_active())) if on]
    return {
        "active": active,
        "tool": run(["nft", "--version"])[0] == 0,
        "ours": dict(_ours(run, name, active)),
        "ssh": read_connection(),
        "addresses": {each: resolve(each) for each in dict.fromkeys(options["names"]) if not is_literal(each)},
        "ipv6": ufw.has_ipv6(),
        "others": _others(run, name, active),
    }


def read_connection() -> Connection | None:
    """By the environment that sshd gave to a process above this one; sudo passes it on to nobody."""
    pid = os.getpid()
    while pid > 1:
        variables = (file_content(f"/proc/{pid}/environ") or b"").split(b"\0")
        said = [
            value for name, _equals, value in (each.partition(b"=") for each in variables) if name == b"SSH_CONNECTION"
        ]
        words = said[0].decode("ascii", "replace").split() if said else []
        if len(words) == 4:
            return {"client": words[0], "client_port": int(words[1]), "port": int(words[3])}
        pid = _parent(pid)
    return None


def _parent(pid: int) -> int:
    # The name of a program may have blanks and brackets.
    stat = (file_content(f"/proc/{pid}/stat") or b"").rpartition(b")")[2].split()
    return int(stat[1]) if len(stat) > 1 else 0


def _ours(run: Run, name: str, active: t.Container[str]) -> t.Iterator[tuple[str, FirewallRules]]:
    if nftables.is_there(run, name):
        rules = nftables.read_rules(run, name)
        yield "nftables", _told(rules, nftables.is_kept(run, name, rules))
    if firewalld.is_there(name):
        rules = firewalld.read_rules(run, name) if "firewalld" in active else []
        kept = firewalld.read_rules(run, name, permanent=True) if rules else []
        yield "firewalld", _told(rules, sorted(rules) == sorted(kept))
    found = [entry.rule for entry in ufw.read_rules(name) if entry.ours]
    if found:
        yield "ufw", _told(found, True)


def _told(rules: t.Iterable[Rule], kept: bool) -> FirewallRules:
    return {"rules": [str(rule) for rule in rules], "kept": kept}


def _others(run: Run, name: str, active: t.Container[str]) -> list[str]:
    """Of firewalld what a reload would lose, of ufw rules that ours could not stand beside."""
    if "firewalld" in active:
        return firewalld.unkept(run)
    return [str(entry.rule) for entry in ufw.read_rules(name) if not entry.ours] if "ufw" in active else []
