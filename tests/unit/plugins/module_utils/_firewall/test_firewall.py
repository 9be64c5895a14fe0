# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may reach which port, in the words of each firewall: what is written is read back as the same rules."""

from __future__ import annotations

import copy
import subprocess
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._firewall import firewalld, nftables, ufw
from ansible_collections.workbench.cluster.plugins.module_utils._firewall.plan import plan_of
from ansible_collections.workbench.cluster.plugins.module_utils._firewall.rules import Rule, rules_of
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import FirewallReport

NODES = ["192.0.2.11", "192.0.2.12"]
ASKED: dict[str, t.Any] = {
    "name": "workbench",
    "state": "present",
    "host": "n1",
    "members": {"nodes": ["n1", "n2"], "database": ["db1"], "storage": [], "proxy": []},
    "sources": {"nodes": NODES, "people": ["0.0.0.0/0", "::/0"], "proxy": []},
    "services": [
        {"at": "nodes", "ports": ["8787/tcp"], "from": ["nodes", "people"]},
        {"at": "nodes", "ports": ["5559/tcp"], "from": ["nodes"]},
        {"at": "database", "ports": ["5432/tcp"], "from": ["nodes"]},
    ],
    "others": [],
    "ssh": [],
}
REPORT: FirewallReport = {
    "active": [],
    "tool": True,
    "ours": {},
    "ssh": {"client": "192.0.2.1", "client_port": 40000, "port": 22},
    "addresses": {},
    "ipv6": True,
    "others": [],
}
RULES = [
    "accept tcp 22 192.0.2.1",
    "accept tcp 8787 0.0.0.0/0",
    "accept tcp 8787 ::/0",
    "accept tcp 5559 192.0.2.11",
    "accept tcp 5559 192.0.2.12",
    "drop tcp 5559 0.0.0.0/0",
    "drop tcp 5559 ::/0",
]


def asked(**others: t.Any) -> dict[str, t.Any]:
    return {**copy.deepcopy(ASKED), **others}


def report(**others: t.Any) -> FirewallReport:
    return t.cast("FirewallReport", {**copy.deepcopy(t.cast("t.Dict[str, t.Any]", REPORT)), **others})


def said(rules: t.Iterable[Rule]) -> list[str]:
    return [str(rule) for rule in rules]


def test_a_port_is_open_to_whom_it_is_for_and_closed_to_all_others() -> None:
    assert said(rules_of(ASKED, REPORT)) == RULES


def test_a_database_host_opens_the_database_only() -> None:
    rules = said(rules_of(asked(host="db1"), REPORT))
    assert [rule for rule in rules if " 22 " not in rule] == [
        "accept tcp 5432 192.0.2.11",
        "accept tcp 5432 192.0.2.12",
        "drop tcp 5432 0.0.0.0/0",
        "drop tcp 5432 ::/0",
    ]


def test_nothing_is_wanted_where_it_is_to_be_absent() -> None:
    assert rules_of(asked(state="absent"), REPORT) == []


def test_names_are_turned_into_the_addresses_that_the_host_knows() -> None:
    named = asked(sources={"nodes": ["n1.example.com"]}, host="db1")
    rules = said(rules_of(named, report(addresses={"n1.example.com": ["192.0.2.11", "2001:db8::11"]})))
    assert rules[1:3] == ["accept tcp 5432 192.0.2.11", "accept tcp 5432 2001:db8::11"]
    with pytest.raises(Failure, match=r"n1\.example\.com cannot be resolved"):
        rules_of(named, report(addresses={"n1.example.com": []}))


def test_addresses_that_a_network_holds_are_not_named_besides() -> None:
    rules = said(rules_of(asked(others=["192.0.2.0/24"]), REPORT))
    assert [rule for rule in rules if rule.startswith("accept tcp 5559")] == ["accept tcp 5559 192.0.2.0/24"]


def test_the_connection_of_ansible_is_let_in_whatever_else_is_asked() -> None:
    assert rules_of(ASKED, REPORT)[0] == Rule("accept", "tcp", "22", "192.0.2.1")
    by_network = said(rules_of(asked(ssh=["192.0.2.0/28"]), REPORT))
    assert by_network[0] == "accept tcp 22 192.0.2.0/28"
    assert "accept tcp 22 192.0.2.1" not in by_network
    both = said(rules_of(asked(ssh=["198.51.100.0/24"]), REPORT))
    assert both[:2] == ["accept tcp 22 198.51.100.0/24", "accept tcp 22 192.0.2.1"]


@pytest.mark.parametrize("port", ["22/tcp", "1-1024/tcp"])
def test_a_port_that_ansible_is_connected_by_is_not_closed(port: str) -> None:
    services = [{"at": "nodes", "ports": [port], "from": ["nodes"]}]
    with pytest.raises(Failure, match=f"{port} has port 22, which Ansible is connected by"):
        rules_of(asked(services=services), REPORT)


def test_the_firewall_that_is_on_is_the_one() -> None:
    firewalls = {on: plan_of(ASKED, report(active=list(on))).firewalls for on in ((), ("ufw",), ("firewalld",))}
    assert firewalls == {(): ["nftables"], ("ufw",): ["ufw"], ("firewalld",): ["firewalld"]}
    with pytest.raises(Failure, match="firewalld and ufw are both on"):
        plan_of(ASKED, report(active=["firewalld", "ufw"]))


def test_a_plan_says_what_opens_to_whom_and_nothing_where_all_is_there() -> None:
    some = {"nftables": {"rules": [*RULES[:4], "accept tcp 5559 192.0.2.13", *RULES[5:]], "kept": True}}
    plan = plan_of(ASKED, report(ours=some))
    assert plan.differences == [("5559/tcp", ["192.0.2.12"], ["192.0.2.13"], False, False)]
    whole = {"nftables": {"rules": RULES, "kept": True}}
    assert not plan_of(ASKED, report(ours=whole)).changes
    assert plan_of(ASKED, report(ours={"nftables": {"rules": RULES, "kept": False}})).unkept
    gone = plan_of(asked(state="absent"), report(ours=whole))
    assert [each.port for each in gone.differences] == ["22/tcp", "5559/tcp", "8787/tcp"]
    assert [each.port for each in gone.differences if each.leaves] == ["5559/tcp"]


def test_rules_in_a_firewall_that_the_host_no_longer_uses_go() -> None:
    plan = plan_of(ASKED, report(active=["ufw"], ours={"nftables": {"rules": RULES, "kept": True}}))
    assert plan.firewalls == ["ufw", "nftables"]
    assert plan.left == ["nftables"]


def test_what_a_reload_of_firewalld_would_lose_stops_it() -> None:
    others = report(active=["firewalld"], others=["public: services: http"])
    with pytest.raises(Failure, match="public: services: http is not the same while it runs"):
        plan_of(ASKED, others)
    there = {"firewalld": {"rules": RULES, "kept": True}}
    assert not plan_of(ASKED, {**others, "ours": t.cast("t.Any", there)}).changes


def test_a_rule_of_others_in_ufw_is_not_taken_over() -> None:
    with pytest.raises(Failure, match=r"ufw has rules of others .*accept tcp 5559 192\.0\.2\.11"):
        plan_of(ASKED, report(active=["ufw"], others=["accept tcp 5559 192.0.2.11"]))


def test_without_ipv6_ufw_gets_no_rule_for_it() -> None:
    assert all(rule.family == 4 for rule in plan_of(ASKED, report(active=["ufw"], ipv6=False)).rules)


# As nft 1.0.6 lists what text_of wrote.
LISTED: dict[str, t.Any] = {
    "nftables": [
        {"metainfo": {"version": "1.0.6"}},
        {"table": {"family": "inet", "name": "workbench-cluster-workbench"}},
        {
            "rule": {
                "expr": [{"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "lo"}}, {"accept": None}]
            }
        },
        {
            "rule": {
                "expr": [
                    {"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}},
                    {"accept": None},
                ]
            }
        },
        {
            "rule": {
                "expr": [
                    {
                        "match": {
                            "op": "==",
                            "left": {"payload": {"protocol": "ip", "field": "saddr"}},
                            "right": {"set": ["192.0.2.12", "192.0.2.11"]},
                        }
                    },
                    {
                        "match": {
                            "op": "==",
                            "left": {"payload": {"protocol": "tcp", "field": "dport"}},
                            "right": {"range": [8888, 8999]},
                        }
                    },
                    {"accept": None},
                ]
            }
        },
        {
            "rule": {
                "expr": [
                    {"match": {"op": "==", "left": {"meta": {"key": "nfproto"}}, "right": "ipv4"}},
                    {
                        "match": {
                            "op": "==",
                            "left": {"payload": {"protocol": "tcp", "field": "dport"}},
                            "right": 5559,
                        }
                    },
                    {"drop": None},
                ]
            }
        },
    ]
}


def test_a_table_of_nftables_is_read_as_it_was_written() -> None:
    assert said(nftables.parse(LISTED)) == [
        "accept tcp 8888-8999 192.0.2.12",
        "accept tcp 8888-8999 192.0.2.11",
        "drop tcp 5559 0.0.0.0/0",
    ]
    rules = rules_of(ASKED, REPORT)
    text = nftables.text_of("workbench", rules)
    assert nftables.written_rules(text) == rules
    assert "\t\tip saddr { 192.0.2.11, 192.0.2.12 } tcp dport 5559 accept\n" in text
    assert "\t\tmeta nfproto ipv4 tcp dport 5559 drop\n" in text


def test_a_policy_of_firewalld_is_read_as_it_was_written() -> None:
    text = firewalld.text_of("workbench", rules_of(ASKED, REPORT))
    assert (
        '<rule priority="-10" family="ipv4"><source address="192.0.2.11"/>'
        '<port port="5559" protocol="tcp"/><accept/></rule>' in text
    )
    listing = (
        'rule priority="-10" family="ipv4" source address="192.0.2.11" port port="5559" protocol="tcp" accept\n'
        'rule priority="10" family="ipv6" port port="5559" protocol="tcp" drop\n'
        'rule family="ipv4" service name="ftp" accept\n'
    )
    assert said(firewalld.parse(listing))[:2] == ["accept tcp 5559 192.0.2.11", "drop tcp 5559 ::/0"]
    assert firewalld.parse(listing)[2].verb == "other"


@pytest.mark.parametrize(("name", "policy"), [("workbench", "wb-workbench"), ("a-cluster-of-many", "wb-a-clust-")])
def test_firewalld_takes_the_name_of_the_policy(name: str, policy: str) -> None:
    assert firewalld.policy_of(name).startswith(policy)
    assert len(firewalld.policy_of(name)) <= 17


OURS = b"workbench.cluster workbench".hex()
USER_RULES = f"""\
### RULES ###

### tuple ### deny tcp 5559 0.0.0.0/0 any 0.0.0.0/0 in comment={OURS}
-A ufw-user-input -p tcp --dport 5559 -j DROP

### tuple ### allow tcp 8888:8999 0.0.0.0/0 any 192.0.2.11 in comment={OURS}
### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in
### tuple ### allow any 53 0.0.0.0/0 any 0.0.0.0/0 in
"""


def test_rules_of_ufw_are_ours_by_their_comment() -> None:
    found = ufw.parse("workbench", USER_RULES)
    assert [(str(entry.rule), entry.ours) for entry in found] == [
        ("drop tcp 5559 0.0.0.0/0", True),
        ("accept tcp 8888-8999 192.0.2.11", True),
        ("accept tcp 22 0.0.0.0/0", False),
    ]
    assert not any(entry.ours for entry in ufw.parse("other", USER_RULES))


def test_ufw_gets_what_is_new_before_all_others_and_loses_what_is_not_wanted() -> None:
    found = ufw.parse("workbench", USER_RULES)
    wanted = [Rule("accept", "tcp", "5559", "192.0.2.11"), Rule("drop", "tcp", "5559", "0.0.0.0/0")]
    assert [" ".join(command) for command in ufw.commands("workbench", wanted, found)] == [
        "ufw delete allow proto tcp from 192.0.2.11 to any port 8888:8999",
        "ufw prepend allow proto tcp from 192.0.2.11 to any port 5559 comment workbench.cluster workbench",
    ]
    assert ufw.commands("workbench", [], [entry for entry in found if not entry.ours]) == []


def test_a_drop_that_comes_late_does_not_come_before_what_is_open() -> None:
    accept, drop = Rule("accept", "tcp", "5559", "192.0.2.11"), Rule("drop", "tcp", "5559", "0.0.0.0/0")
    commands = ufw.commands("workbench", [accept, drop], [ufw.Found(accept, True)])
    assert [command[1:3] for command in commands] == [["delete", "allow"], ["prepend", "deny"], ["prepend", "allow"]]


@pytest.mark.parametrize(("there", "asked"), [(True, ["list", "delete"]), (False, ["list"])])
def test_a_table_that_was_never_there_is_back_without_a_word(tmp_path: Path, there: bool, asked: list[str]) -> None:
    """As on a kernel without nftables, where the rules were refused."""
    nft = tmp_path / "nft"
    nft.write_text(f"#!/bin/sh\necho $1 >> {tmp_path}/asked\n[ $1 = delete ] || exit {int(not there)}\n")
    nft.chmod(0o755)
    done = subprocess.run(["/bin/sh", "-c", nftables.undo("nowhere")], env={"PATH": f"{tmp_path}:/bin"}, check=False)
    assert (done.returncode, (tmp_path / "asked").read_text().split()) == (0, asked)
