# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nftables on opt1, ufw on opt2 and firewalld on optdb, which had rules of others, and front1, a stranger."""

from __future__ import annotations

import json
import time
import typing as t
from pathlib import Path

import pytest

if t.TYPE_CHECKING:
    from conftest import Lab, Run

ADDRESSES = {"opt1": "10.203.0.71", "opt2": "10.203.0.72", "optdb": "10.203.0.74"}
FIREWALLS = {"opt1": "nftables", "opt2": "ufw", "optdb": "firewalld"}
# What each has of the cluster's, and what of others.
OURS = {
    "opt1": "nft list tables | grep workbench-cluster; ls /etc/workbench.cluster /etc/systemd/system | grep firewall",
    "opt2": "ufw show added | grep workbench.cluster",
    "optdb": "firewall-cmd --get-policies | grep -o wb-workbench; ls /etc/firewalld/policies | grep wb-",
}
OTHERS = {
    "opt1": "nft list ruleset | sed '/^table inet workbench-cluster/,/^}/d'; sha256sum /etc/nftables.conf",
    "opt2": "ufw show added | grep -v workbench.cluster; sha256sum /etc/ufw/*before* /etc/ufw/*after* /etc/default/ufw",
    "optdb": "firewall-cmd --list-all-zones; sha256sum /etc/firewalld/firewalld.conf /etc/firewalld/zones/*",
}
MODULE = {
    "name": "workbench",
    "state": "present",
    "members": {"nodes": ["opt1", "opt2", "optdb"]},
    "sources": {"nodes": ["10.203.0.71"]},
    "services": [{"at": "nodes", "ports": ["7777/tcp"], "from": ["nodes"]}],
}


@pytest.fixture(scope="module")
def inventory(root: Path) -> Path:
    return root / "molecule" / "firewall" / "inventory" / "hosts.yml"


@pytest.fixture(scope="module")
def site(lab: Lab, root: Path, inventory: Path) -> t.Callable[..., Run]:
    def run(state: str, *argv: str) -> Run:
        how = {"firewall_state": state}
        return lab.playbook(root / "playbooks" / "site.yml", *argv, inventory=inventory, extra=how)

    return run


@pytest.fixture(scope="module")
def others(lab: Lab) -> dict[str, str]:
    """The rules of others before the first run."""
    lab.sh("opt1", "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qqy install nftables")
    lab.sh("opt1", "systemctl start nftables")
    return found(lab, OTHERS)


def found(lab: Lab, what: t.Mapping[str, str]) -> dict[str, str]:
    return {host: lab.sh(host, command, check=False) for host, command in what.items()}


def answers(lab: Lab, source: str, host: str, port: int) -> bool:
    knock = f"timeout 3 bash -c '</dev/tcp/{ADDRESSES[host]}/{port}' 2>/dev/null && echo yes || echo no"
    return lab.sh(source, knock).strip() == "yes"


def test_a_run_says_which_ports_open_to_whom_and_does_it(
    lab: Lab, site: t.Callable[..., Run], others: dict[str, str]
) -> None:
    run = site("present")
    assert run.rc == 0, run.output[-6000:]
    told = {(change["host"], change["what"]): change["why"] for change in run.plans if change["role"] == "firewall"}
    to_nodes = "opens to 10.203.0.71, 10.203.0.72, closes to all others"
    assert told["opt1", "5559/tcp (nftables)"] == told["opt2", "5559/tcp (ufw)"] == to_nodes
    assert told["optdb", "5432/tcp (firewalld)"] == to_nodes
    assert told["opt1", "8787/tcp (nftables)"] == "opens to everybody"
    assert found(lab, OTHERS) == others, "rules of others stay as they were"


@pytest.mark.parametrize(("host", "port"), [("opt1", 5559), ("opt2", 5559), ("optdb", 5432)])
def test_a_stranger_is_shut_out_where_members_are_let_in(lab: Lab, host: str, port: int) -> None:
    assert not answers(lab, "front1", host, port)
    assert answers(lab, "opt1", host, port)
    assert answers(lab, "opt2", host, port)


def test_people_and_the_rules_of_others_get_through(lab: Lab) -> None:
    assert answers(lab, "front1", "opt1", 8787)
    assert answers(lab, "front1", "opt2", 8787)
    lab.sh("optdb", "systemd-run --unit=theirs python3 -m http.server 9999")
    lab.sh("optdb", "for i in $(seq 50); do ss -Hltn | grep -q :9999 && exit 0; sleep 0.1; done; exit 1")
    assert answers(lab, "front1", "optdb", 9999)


def test_a_run_on_one_host_counts_the_members_outside_of_it(site: t.Callable[..., Run]) -> None:
    run = site("present", "--limit", "optdb,opt2")
    assert run.rc == 0, run.output[-6000:]
    assert run.changed == 0
    assert "Nothing to change" in run.output


@pytest.mark.parametrize("verb", ["restart", "reload"])
def test_rules_are_there_again_after_nftables_was_loaded_anew(lab: Lab, verb: str) -> None:
    """Which flushes all rules; our unit follows it, and systemctl waits for the unit that it names only."""
    lab.sh("opt1", f"systemctl {verb} nftables")
    table = "nft list table inet workbench-cluster-workbench"
    assert "5559" in lab.sh("opt1", f"timeout 20 sh -c 'until {table}; do sleep 0.2; done' 2>/dev/null")


def test_rules_that_nobody_confirms_go_back(lab: Lab, root: Path, inventory: Path, tmp_path: Path) -> None:
    """As where Ansible was shut out: it applies, and never comes again."""
    before = {host: rules(lab, host) for host in FIREWALLS}
    wanted = {**MODULE, "host": "{{ inventory_hostname }}"}
    task = {"name": "Apply only", "workbench.cluster.firewall": {"wanted": wanted, "wait": 25}}
    play = tmp_path / "apply.yml"
    play.write_text(json.dumps([{"hosts": ",".join(FIREWALLS), "gather_facts": False, "tasks": [task]}]))
    run = lab.playbook(play, inventory=inventory)
    assert run.rc == 0, run.output
    assert all(counts["changed"] == 1 for counts in run.recap.values())
    until = time.monotonic() + 90
    while {host: rules(lab, host) for host in FIREWALLS} != before and time.monotonic() < until:
        time.sleep(1)
    assert {host: rules(lab, host) for host in FIREWALLS} == before
    confirm = {**task, "workbench.cluster.firewall": {"wanted": wanted, "phase": "confirm"}}
    play.write_text(json.dumps([{"hosts": "opt1", "gather_facts": False, "tasks": [confirm]}]))
    late = lab.playbook(play, inventory=inventory)
    assert late.rc != 0
    assert "Nobody confirmed the new rules" in late.output


def rules(lab: Lab, host: str) -> list[str]:
    shown = {
        "opt1": "nft -s list table inet workbench-cluster-workbench",
        "opt2": "ufw show added",
        "optdb": "firewall-cmd --policy wb-workbench --list-rich-rules",
    }
    return lab.sh(host, shown[host], check=False).splitlines()


def test_the_old_connection_confirms_nothing(lab: Lab, inventory: Path, tmp_path: Path) -> None:
    wanted = {**MODULE, "host": "{{ inventory_hostname }}"}
    apply = {"name": "Apply", "workbench.cluster.firewall": {"wanted": wanted, "wait": 60}}
    confirm = {"name": "Confirm", "workbench.cluster.firewall": {"wanted": wanted, "phase": "confirm"}}
    play = tmp_path / "both.yml"
    play.write_text(json.dumps([{"hosts": "opt1", "gather_facts": False, "tasks": [apply, confirm]}]))
    before = rules(lab, "opt1")
    run = lab.playbook(play, inventory=inventory)
    assert run.rc != 0
    assert "the connection from before the new rules" in run.output
    assert rules(lab, "opt1") == before


def test_absent_takes_away_all_of_ours_and_nothing_of_others(
    lab: Lab, site: t.Callable[..., Run], others: dict[str, str]
) -> None:
    checked = site("absent", "--check")
    assert checked.rc == 0, checked.output[-6000:]
    assert {change["host"] for change in checked.plans} == set(FIREWALLS)
    assert all(found(lab, OURS).values()), "a check changes nothing"
    run = site("absent")
    assert run.rc == 0, run.output[-6000:]
    assert found(lab, OURS) == dict.fromkeys(OURS, "")
    assert found(lab, OTHERS) == others
    assert answers(lab, "front1", "optdb", 5432), "as the rules of others have it"
    assert site("absent").changed == 0
