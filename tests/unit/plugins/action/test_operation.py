# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On whom a verb acts: on nobody in check mode, nor without the confirmation that it needs; and whom it asks about."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.workbench.cluster.plugins.action import operation
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._operate.samples import (
    ADDRESSES,
    NODES,
    OPTIONS,
    SCHEMA,
    VERSION,
    Running,
)

TARGET = "2026.07.0+139.pro9"


def run(
    verb: str,
    cluster: Running,
    *play: str,
    check: bool = False,
    confirmed: str = "",
    goes: t.Sequence[str] = (),
    **options: t.Any,
) -> dict[str, t.Any]:
    """The action in a play on the hosts `play`, which asked the others by delegation; on those of `goes` a file is ours."""
    given = {"verb": verb, "cluster": "workbench", "members": NODES, "named": True, "confirmed": confirmed}
    arguments = {**given, "options": {**OPTIONS, **options}}
    task: t.Any = SimpleNamespace(args=arguments, async_val=0, check_mode=check, environment=None, diff=False)
    connection: t.Any = SimpleNamespace(_shell=SimpleNamespace(tmpdir="unused"))
    unused: t.Any = None
    hosts = [*(play or NODES)]
    told = {
        host: {"cluster": answer["cluster"]} if "cluster" in answer else {"unreachable": True, "exception": object()}
        for host, answer in cluster.answers().items()
    }
    hostvars: dict[str, t.Any] = {host: {"ansible_host": address} for host, address in ADDRESSES.items()}
    for host in hosts:
        hostvars[host]["__operate_report"] = told[host]
        hostvars[host]["__operate_upgrade"] = (
            {"upgrade": cluster.upgrades()[host]} if host in cluster.upgrades() else {}
        )
    absent = [{"item": host, **told[host]} for host in NODES if host not in hosts]
    hostvars[hosts[0]]["__operate_report_absent"] = {"results": absent}
    for host in [*hosts, "f1"]:
        files = ["/etc/rstudio/file-locks"] if host in goes else []
        made = {"goes": files, "back": [], "left": {}, "disabled": [], "told": []}
        look = {"made": made, "homes": [], "homes_left": {}, "accounts": []}
        known = {"database": "rstudio", "role": "rstudio", "seat": False, "users": ["ada"]}
        hostvars.setdefault(host, {}).update(__teardown_made=look, __teardown=known)
    hostvars["f2"] = {}
    groups = {"workbench_nodes": NODES, "workbench_storage": ["f1", "f2"], "others_nodes": ["x1"]}
    action = operation.ActionModule(task, connection, unused, unused, unused, unused)
    teardown = hostvars[hosts[0]]["__teardown"]
    return action.run(
        task_vars={"hostvars": hostvars, "ansible_play_hosts_all": hosts, "groups": groups, "__teardown": teardown}
    )


def test_a_verb_acts_on_the_nodes_of_its_plan_under_the_products_names() -> None:
    found = run("drain_node", Running(), "n2")
    assert found["hosts"] == {"drain_node": ["n2"], "drain_node_together": [], "hold": ["n2"]}
    assert found["names"]["n2"] == "n2:8787"
    assert found["changed"] is False


def test_a_check_acts_on_nobody() -> None:
    found = run("drain_node", Running(), "n2", check=True)
    assert found["hosts"] == {"drain_node": [], "drain_node_together": [], "hold": []}
    assert "goes offline" in found["lines"][1]


def test_all_together_is_another_list() -> None:
    hosts = run("restart", Running(), restart="at_once")["hosts"]
    assert hosts == {"restart": [], "restart_together": NODES, "hold": ["n1"]}


@pytest.mark.parametrize(
    ("how", "acting", "refused"),
    [({}, [], True), ({"confirmed": "forget_stale_nodes"}, ["n1"], False), ({"check": True}, [], False)],
)
def test_what_cannot_be_undone_waits_for_its_confirmation(
    how: dict[str, t.Any], acting: list[str], refused: bool
) -> None:
    found = run("forget_stale_nodes", Running().stranger("Offline", on_page=False), **how)
    assert found["hosts"]["forget_stale_nodes"] == acting
    assert bool(found["unconfirmed"]) is refused
    assert found["rows"] == [{"id": 4, "host": "n9", "port": 8787}]


def test_an_upgrade_goes_by_what_nodes_keep_of_it() -> None:
    cluster = Running()
    found = run("upgrade", cluster, confirmed="upgrade", version=TARGET)
    assert found["hosts"] == {"upgrade": [], "upgrade_together": NODES, "upgrade_first": ["n1"], "hold": ["n1"]}
    assert found["upgrade"] == {"target": TARGET, "former": VERSION, "hosts": NODES, "drained": []}
    cluster.records["n1"] = {"former": VERSION, "target": "2027.01.0", "began": 1.0, "drained": False, "schema": SCHEMA}
    with pytest.raises(AnsibleActionFail, match=r"n1 is on its way from .* to 2027\.01\.0"):
        run("upgrade", cluster, confirmed="upgrade", version=TARGET)


def test_a_teardown_goes_by_what_every_host_of_the_cluster_told_and_leaves_the_others() -> None:
    found = run("teardown", Running(), confirmed="teardown", goes=["n1", "f1"])
    assert found["hosts"]["teardown_files"] == [*NODES, "f1", "f2"]
    assert "  f2: is outside this run, and stays as it is" in found["lines"]
    assert found["taken"]["n1"]["unmount"] == []
    checked = run("teardown", Running(), check=True, goes=["n1", "f1"])
    assert [hosts for hosts in checked["hosts"].values() if hosts] == []


def test_a_node_has_the_cluster_held_also_where_only_other_hosts_have_something_to_do() -> None:
    cluster = Running().stopped("n1").stopped("n2").stopped("n3")
    found = run("teardown", cluster, confirmed="teardown", goes=["f1"])
    assert found["hosts"]["teardown_together"] == ["f1"]
    assert found["hosts"]["hold"] == ["n1"]


def test_a_member_that_does_not_answer_is_a_reason_whoever_asked_it() -> None:
    with pytest.raises(AnsibleActionFail, match="The state of n3 cannot be read: it did not answer"):
        run("drain_node", Running().gone("n3"), "n1")


def test_nodes_that_do_not_answer_are_not_asked_for_the_cluster() -> None:
    assert run("drain_node", Running(), "n2")["holders"] == ["n1", "n2", "n3"]
    assert run("undrain_node", Running().gone("n1"), "n2", without=["n1"])["holders"] == ["n2", "n3"]
