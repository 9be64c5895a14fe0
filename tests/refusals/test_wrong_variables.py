# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong variables are refused with their names, values and what is allowed, and no host is touched.

The table and what each rule says are tested with the rules (tests/unit). Here templates, defaults and groups are Ansible's own.
"""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.workbench.cluster.tests.refusals.runs import DEMO, ROOT, Run, playbook
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._rules.wrong import GROUPS, SAID, WRONG

CHECK = ROOT / "playbooks" / "check_inventory.yml"
SECRETS = ("too-short-to-be-a-key", "geheim", "MIIEvQ")
KINDS = {kind: hosts for kind, hosts in GROUPS.items() if kind != "all"}


def clusters() -> dict[str, t.Any]:
    """An inventory with a cluster for each wrong variable, and one in which all is well."""
    inventory: dict[str, t.Any] = {}
    for number, wrong in enumerate(({}, *(wrong for wrong, _words in WRONG.values()))):
        for kind, hosts in KINDS.items():
            variables = {host: {**SAID[host], "workbench_cluster": f"c{number}", **wrong} for host in hosts}
            group = {"hosts": {f"c{number}.{host}": variables[host] for host in hosts}}
            inventory[kind.replace("workbench", f"c{number}")] = group
    return inventory


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the tasks of check_inventory say of each cluster, of the one that is well first; one run for all of them."""
    folder = tmp_path_factory.mktemp("clusters")
    play = yaml.safe_load(CHECK.read_text())[1]
    # A node of each, and a file server or a front end where a variable is its own.
    wrong = [[], *([*wrong, *words] for wrong, words in WRONG.values())]
    of_servers = [number for number, names in enumerate(wrong) if not names or "nfs_server" in " ".join(names)]
    of_fronts = [number for number, names in enumerate(wrong) if not names or "proxy" in " ".join(names)]
    play["hosts"] = [
        "*.node1",
        *(f"c{number}.store1" for number in of_servers),
        *(f"c{number}.front1" for number in of_fronts),
    ]
    play["any_errors_fatal"] = False
    *tasks, last = play["tasks"]
    alone = {**last, "run_once": False, "ignore_errors": True, "when": "inventory_hostname is search('node1')"}
    alone["workbench.cluster.check_cluster"] = {**last["workbench.cluster.check_cluster"], "answers": ""}
    play["tasks"] = [*tasks, alone]
    (folder / "tasks").symlink_to(CHECK.parent / "tasks")
    (folder / "hosts.json").write_text(json.dumps(clusters()))
    (folder / "play.json").write_text(json.dumps([play]))
    run = playbook("-i", folder / "hosts.json", folder / "play.json", ANSIBLE_STDOUT_CALLBACK="ansible.posix.json")
    assert run.status == 0, run.text[-3000:]
    assert [secret for secret in SECRETS if secret in run.text] == []
    found: list[list[str]] = [[] for __ in range(len(WRONG) + 1)]
    for task in json.loads(run.output)["plays"][0]["tasks"]:
        for host, result in task["hosts"].items():
            number, _dot, name = host.partition(".")
            own = [
                text.replace(f"{number}.", "").replace(f"{number}_", "workbench_")
                for text in result.get("problems") or result.get("msg", "").splitlines()
            ]
            found[int(number[1:])] += [f"{text} ({name})" for text in own]
    return ["\n".join(problems) for problems in found]


@pytest.mark.parametrize(("number", "words"), list(enumerate((case[1] for case in WRONG.values()), 1)), ids=WRONG)
def test_a_wrong_variable(number: int, words: list[str], answers: list[str]) -> None:
    assert [word for word in words if word not in answers[number]] == [], answers[number]


def test_nothing_is_said_where_all_is_well(answers: list[str]) -> None:
    assert answers[0] == ""


@pytest.fixture
def check() -> t.Callable[..., Run]:
    """The rules over the demo's inventory and more of one."""

    def run(extra: dict[str, t.Any], *more: str, **environment: str) -> Run:
        return playbook("-i", DEMO, CHECK, *more, extra=extra, **environment)

    return run


def test_the_inventory_as_it_is(check: t.Callable[..., Run]) -> None:
    run = check({})
    assert run.status == 0, run.text
    assert "WARNING" not in run.text


def test_all_problems_of_all_hosts_in_one_list(check: t.Callable[..., Run]) -> None:
    wrong = {
        "clock_local_stratum": 99,
        "nfs_server_options": "rw,sync",
        "storage_preset": "fast",
        "accounts_users": [{"name": "No Body"}, {"name": "ada", "password": "geheim"}],
        "keys_cookie_key": "too-short-to-be-a-key",
        "database_user": "postgres",
        "database_clients": "{{ nobody_knows_this }}",
        "server_rserver_conf": {"www-thread-pool-size": "5x", "www-host-name": "x"},
        "server_rserver_cnof": {},
        "verify_paths": ["/"],
        "cluster_address": "localhost",
        "database_name": "{{ 'one' if inventory_hostname == 'db1' else 'two' }}",
    }
    run = check(wrong)
    assert run.status != 0
    said = [
        "clock_local_stratum=99 must be 0 to 15. (node1, node2, node3, store1, db1)",
        "nfs_server_options=rw,sync lacks no_root_squash",
        "storage_preset=fast must be one of safe, vendor, efs. (node1, node2, node3)",
        "user name 'No Body' is not valid",
        "user ada: password is not a crypt(3) hash",
        "keys_cookie_key has 21 bytes",
        "database_user=postgres",
        "database_clients cannot be read:",
        "'nobody_knows_this' is undefined",
        "www-thread-pool-size=5x in server_rserver_conf",
        "www-host-name in server_rserver_conf",
        "server_rserver_cnof is no variable of this collection",
        "verify_paths=['/']",
        "cluster_address=localhost of store1 leads the others to themselves",
        "database_name is one for db1; two for node1, node2, node3",
    ]
    assert [words for words in said if words not in run.words] == [], run.text
    assert [secret for secret in SECRETS if secret in run.text] == []
    assert "Traceback" not in run.text
    assert run.words.count("failed=1") == 1


@pytest.mark.parametrize("limit", ["node2", "store1", "db1"])
def test_a_limit_asks_the_hosts_it_names(limit: str, check: t.Callable[..., Run]) -> None:
    run = check({"clock_wait": -1}, "--limit", limit)
    assert run.status != 0
    assert f"clock_wait=-1 must be at least 0 seconds. ({limit})" in run.words


def test_a_host_that_is_node_and_database_is_asked_about_both(check: t.Callable[..., Run], tmp_path: Path) -> None:
    more = {"workbench_storage": {"hosts": {"node1": None}}}
    run = check({"nfs_server_options": "rw", "keys_adopt_from": "x"}, *inventory(tmp_path, more), "--limit", "node1")
    assert "nfs_server_options=rw lacks no_root_squash" in run.words
    assert "keys_adopt_from=x is none of node1, node2, node3" in run.words


def test_a_certificate_that_is_checked_otherwise_is_said(check: t.Callable[..., Run]) -> None:
    uri = "postgres://u@h/d?sslcert=/c&sslkey=/k&sslrootcert=/r&sslmode=verify-full"
    run = check({"server_database_conf": {"connection-uri": uri}})
    assert run.status == 0, run.text
    assert run.words.count("asks for sslmode=verify-full") == 1
    assert "always with sslmode=verify-ca" in run.words


def inventory(folder: Path, groups: dict[str, t.Any]) -> tuple[str, str]:
    """More of an inventory, as arguments."""
    (folder / "more.yml").write_text(json.dumps(groups))
    return "-i", str(folder / "more.yml")


def test_a_cluster_the_inventory_does_not_know(check: t.Callable[..., Run]) -> None:
    run = check({"workbench_cluster": "prodd"})
    assert run.status != 0
    for words in ("workbench_cluster=prodd", "prodd_nodes", "workbench_nodes"):
        assert words in run.words


def test_a_cluster_that_is_a_variable_of_hosts(check: t.Callable[..., Run], tmp_path: Path) -> None:
    """Playbooks choose hosts before they read it: they would take others, or none and be a success."""
    prod = {"prod_nodes": {"hosts": {"node1": None}}, "all": {"vars": {"workbench_cluster": "prod"}}}
    run = check({}, *inventory(tmp_path, prod))
    assert run.status != 0
    assert "workbench_cluster=prod is a variable of" in run.words
    assert "-e workbench_cluster=prod" in run.words
    assert check({"workbench_cluster": "workbench"}, "-i", str(tmp_path / "more.yml")).status == 0


def test_a_group_that_merely_ends_like_a_clusters(check: t.Callable[..., Run], tmp_path: Path) -> None:
    others = {"backup_storage": {"hosts": {"store1": None}}, "customer_database": {"hosts": {"db1": None}}}
    run = check({}, *inventory(tmp_path, others))
    assert run.status == 0, run.text[-3000:]


def test_two_hosts_where_one_belongs_are_named_together(check: t.Callable[..., Run], tmp_path: Path) -> None:
    more = {"workbench_database": {"hosts": {"db2": None}}, "workbench_storage": {"hosts": {"store2": None}}}
    run = check({}, *inventory(tmp_path, more))
    assert run.status != 0
    assert "workbench_database has db1, db2" in run.words
    assert "workbench_storage has store1, store2" in run.words


def test_hosts_that_do_not_wait_for_each_other(check: t.Callable[..., Run]) -> None:
    run = check({}, ANSIBLE_STRATEGY="free")
    assert run.status != 0
    assert "strategy=free (DEFAULT_STRATEGY of ansible.cfg" in run.words


@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_hosts_of_a_play_of_ones_own_wait_for_each_other(strategy: str, tmp_path: Path) -> None:
    names = ("accounts", "keys", "server")
    known = [
        {"ansible.builtin.import_role": {"name": f"workbench.cluster.{role}", "tasks_from": "variables"}}
        for role in names
    ]
    asked = [{"workbench.cluster.check_variables": {"roles": [role]}, "ignore_errors": True} for role in names]
    play = {"hosts": "workbench_nodes", "strategy": strategy, "gather_facts": False, "tasks": [*known, *asked]}
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    run = playbook("-i", DEMO, tmp_path / "play.yml")
    assert run.text.count("this play has strategy=free") >= (9 if strategy == "free" else 0), run.text
    assert ("this play has strategy=free" in run.words) == (strategy == "free"), run.text


# Of each role, with a value that Ansible's own validation of arguments takes.
ALONE: dict[str, dict[str, t.Any]] = {
    "accounts": {"accounts_home_mode": "rwx"},
    "clock": {"clock_wait": -1},
    "database": {"database_user": "public"},
    "keys": {"keys_adopt_from": "node9"},
    "nfs_server": {"nfs_server_options": "rw"},
    "operate": {"operate_wait": 0},
    "server": {"server_version": "latest"},
    "storage": {"storage_move_existing": ["/x"]},
    "verify": {"verify_paths": ["/"]},
    "proxy": {"proxy_timeout": 30},
    "tls": {"tls_renew_days": 0},
    "firewall": {"firewall_confirm_wait": 1},
}
# Roles that end before their rules where nobody asks for them.
ON = {"tls": {"tls_source": "authority"}, "firewall": {"firewall_state": "present"}}


def test_a_role_used_alone_refuses_wrong_variables_itself(tmp_path: Path) -> None:
    assert set(ALONE) == {path.name for path in (ROOT / "roles").iterdir()}
    tasks = [
        {
            "block": [
                {
                    "ansible.builtin.include_role": {"name": f"workbench.cluster.{name}"},
                    "vars": {**ON.get(name, {}), **wrong},
                }
            ],
            "rescue": [{"ansible.builtin.debug": {"msg": f"refused {name} by {{{{ ansible_failed_task.name }}}}"}}],
        }
        for name, wrong in ALONE.items()
    ]
    (tmp_path / "play.yml").write_text(json.dumps([{"hosts": "node1", "gather_facts": False, "tasks": tasks}]))
    run = playbook("-i", DEMO, tmp_path / "play.yml")
    assert run.status == 0, run.text
    for name, wrong in ALONE.items():
        assert f"refused {name} by Refuse wrong variables" in run.words
        assert all(f"{variable}={value}" in run.words for variable, value in wrong.items())


@pytest.mark.parametrize("name", ["site", "check"])
def test_the_rules_come_first(name: str) -> None:
    first = yaml.safe_load((ROOT / "playbooks" / f"{name}.yml").read_text())[0]
    assert first["ansible.builtin.import_playbook"] == "check_inventory.yml"
