# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the steps of a run know of the steps before: whom a node looks at, and where locks are tried."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.lock_paths import lock_paths
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.servers import managed, servers
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.targets import (
    preflight_targets,
    verify_targets,
)
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples

DATABASE = {"name": "database server", "host": "10.0.0.4", "ports": [5432]}
FILES = {"name": "file server", "host": "10.0.0.3", "ports": [2049]}


@pytest.mark.parametrize(
    ("home", "paths", "expected"),
    [
        pytest.param("/home/ada", ["/home", "/srv/shared"], ["/home/ada", "/srv/shared"], id="above the home"),
        pytest.param("/home/ada", ["/home/", "/srv/shared//"], ["/home/ada", "/srv/shared"], id="slashes at the end"),
        pytest.param("/home/ada/", ["/home/ada"], ["/home/ada/"], id="the home itself"),
        pytest.param(
            "/home/ada", ["/ho", "/home/a"], ["/home/ada", "/ho", "/home/a"], id="names that only begin alike"
        ),
        pytest.param("/nfs/home/ada", ["/home"], ["/nfs/home/ada", "/home"], id="in the middle of the home's path"),
        pytest.param("/home/ada", ["/home/ada/shared"], ["/home/ada", "/home/ada/shared"], id="below the home"),
        pytest.param("", ["/home/", "/srv"], ["/home", "/srv"], id="no user"),
        pytest.param("/home/ada", ["/"], ["/home/ada"], id="the root"),
        pytest.param("", ["/"], ["/"], id="the root, no user"),
    ],
)
def test_locks_are_tried_in_the_home_and_in_what_is_not_above_it(home: str, paths: list[str], expected: t.Any) -> None:
    assert lock_paths(home, paths) == expected


def hostvars(*silent: str) -> dict[str, dict[str, t.Any]]:
    return {
        host: {"ansible_host": address, **({} if host in silent else {"__verify_node": {"node": samples.node(host)}})}
        for host, address in samples.HOSTS.items()
    }


@pytest.mark.parametrize(
    ("silent", "holder", "others"),
    [((), "n1", ["n2", "n3"]), (("n1",), "n2", ["n3"]), (("n1", "n3"), "n2", []), (("n1", "n2", "n3"), "", [])],
)
def test_the_first_that_answered_holds_and_the_others_try(silent: t.Any, holder: str, others: list[str]) -> None:
    found = verify_targets(list(samples.HOSTS), hostvars(*silent), ["/srv/shared"])
    assert (found["holder"], found["others"]) == (holder, others)
    assert [peer["name"] for peer in found["peers"]] == list(samples.HOSTS)


def marker(delay: float | None) -> dict[str, t.Any]:
    return {"delay": delay, "mode": None, "uid": None, "error": None}


@pytest.mark.parametrize(
    ("silent", "seen", "expected"),
    [
        pytest.param((), {"n2": marker(0.1), "n3": marker(0.2)}, True, id="all"),
        pytest.param((), {"n2": marker(0.1), "n3": marker(None)}, False, id="looked in vain"),
        pytest.param((), {"n2": marker(0.1)}, False, id="not looked for"),
        pytest.param((), None, False, id="nothing was written"),
        pytest.param(("n3",), {"n2": marker(0.1)}, True, id="of one that did not answer nothing is known"),
        pytest.param(("n2", "n3"), {}, True, id="nobody else"),
        pytest.param(("n1", "n2", "n3"), {}, False, id="nobody"),
    ],
)
def test_one_node_can_remove_what_it_sees_of_all_others(silent: t.Any, seen: t.Any, expected: bool) -> None:
    answers = hostvars(*silent)
    report = {"seen": None if seen is None else dict.fromkeys(("/home", "/srv"), seen)}
    for variables in answers.values():
        if "__verify_node" in variables:
            variables["__verify_node"]["node"].pop("seen", None)
            variables["__verify_peers"] = {"report": json.dumps(report)}
    assert verify_targets(list(samples.HOSTS), answers, ["/home", "/srv"])["seen"] is expected


def test_one_path_that_is_not_shared_is_cleaned_by_each() -> None:
    answers = hostvars()
    seen = {"/home": {"n2": marker(0.1), "n3": marker(0.1)}, "/srv": {"n2": marker(0.1), "n3": marker(None)}}
    answers["n1"]["__verify_peers"] = {"report": json.dumps({"seen": seen})}
    assert verify_targets(list(samples.HOSTS), answers, ["/home"])["seen"] is True
    assert verify_targets(list(samples.HOSTS), answers, ["/home", "/srv"])["seen"] is False


def test_version_of_each_node_is_known_to_who_asks_for_it() -> None:
    answers = hostvars()
    answers["n2"]["__verify_cluster"] = {"cluster": samples.cluster("n2")}
    assert verify_targets(list(samples.HOSTS), answers, ["/srv"])["versions"] == {"n2": samples.VERSION}


@pytest.mark.parametrize(
    ("file", "built"),
    [({"ours": True}, True), ({"ours": False}, False), (None, False)],
)
def test_one_file_of_ours_tells_that_this_collection_built_it(file: t.Any, built: bool) -> None:
    answers = hostvars("n3")
    assert verify_targets(list(samples.HOSTS), answers, ["/srv"])["built"] is False
    # As `status` looks at it, which asks for no report of the node.
    answers["n3"]["__look"] = {"report": json.dumps({"files": {"/etc/a": file}})}
    assert verify_targets(list(samples.HOSTS), answers, ["/srv"])["built"] is built


@pytest.mark.parametrize(("user", "found"), [("ada", True), ("", False), ("nobody-here", False)])
def test_locks_are_tried_in_the_home_that_the_holder_knows(user: str, found: bool) -> None:
    home = samples.node("n1")["accounts"]["users"]["ada"]["home"]
    assert (home in verify_targets(list(samples.HOSTS), hostvars(), ["/srv"], user)["lock_paths"]) == found


HOSTS = {"store1": {"ansible_host": "10.0.0.3"}, "db1": {"cluster_address": "10.0.0.4"}, "db2": {}}
GROUPS = {"workbench_storage": ["store1"], "workbench_database": ["db1", "db2"], "other_database": ["db2"]}


@pytest.mark.parametrize(
    ("cluster", "given", "expected"),
    [
        pytest.param("workbench", {}, [DATABASE, FILES], id="those of the groups"),
        pytest.param(
            "workbench",
            {"storage_server": None, "database_host": None, "database_port": None},
            [DATABASE, FILES],
            id="none is not given",
        ),
        pytest.param("third", {}, [], id="no groups"),
        pytest.param("other", {}, [{**DATABASE, "host": "db2"}], id="of another cluster"),
        pytest.param(
            "third",
            {"storage_server": "files.example.com", "database_host": "db.example.com", "database_port": "5433"},
            [{**DATABASE, "host": "db.example.com", "ports": [5433]}, {**FILES, "host": "files.example.com"}],
            id="named",
        ),
        pytest.param("workbench", {"database_host": "db"}, [{**DATABASE, "host": "db"}, FILES], id="named beats group"),
        pytest.param("workbench", {"database_host": "", "storage_server": ""}, [], id="named as none"),
    ],
)
def test_servers_are_those_that_are_named_else_those_of_the_groups(
    cluster: str, given: dict[str, t.Any], expected: t.Any
) -> None:
    assert servers(cluster, GROUPS, HOSTS, given) == expected


def test_a_port_that_is_no_number_is_named() -> None:
    with pytest.raises(Failure, match="database_port=54x2"):
        servers("workbench", GROUPS, HOSTS, {"database_port": "54x2"})


@pytest.mark.parametrize(
    ("cluster", "expected"),
    [("workbench", ["database server", "file server"]), ("other", ["database server"]), ("third", [])],
)
def test_what_the_inventory_has_a_host_for_is_built_here(cluster: str, expected: list[str]) -> None:
    assert managed(GROUPS, cluster) == expected
    assert managed({f"{cluster}_storage": []}, cluster) == []


def test_before_the_first_build_a_host_looks_for_servers_and_members() -> None:
    found = preflight_targets(["n1"], {**HOSTS, **hostvars("n1")}, GROUPS, "workbench", {})
    assert found == [DATABASE, FILES, {"name": "n1", "host": "10.0.0.11", "ports": [5559, 8787]}]
