# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hosts of a run registered, gathered; and the short form."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import columns
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.measured import (
    ASKED,
    REGISTERED,
    variable,
    verify_measured,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.status import verify_status
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.targets import peers
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples

ROLE = Path(__file__).resolve().parents[5] / "roles" / "verify"


def registered(entries: list[dict[str, t.Any]]) -> t.Iterator[str]:
    for entry in entries:
        if "register" in entry:
            yield entry["register"]
        for part in ("block", "rescue", "always"):
            yield from registered(entry.get(part, []))


def test_what_the_role_registers_is_what_its_verdict_reads() -> None:
    """A name misspelt on either side would be a measurement that nobody misses."""
    tasks = (ROLE / "tasks").glob("*.yml")
    names = {name for path in tasks for name in registered(yaml.safe_load(path.read_text()) or [])}
    assert names == {"__verify_verdict", *(variable(name) for name in REGISTERED)}


def look(**report: t.Any) -> dict[str, t.Any]:
    return {"report": json.dumps({"errors": {}, **report})}


def hostvars() -> dict[str, dict[str, t.Any]]:
    registered: dict[str, dict[str, t.Any]] = {}
    for host, address in samples.HOSTS.items():
        node = samples.node(host)
        report = {key: value for key, value in node.items() if key not in ("seen", "peers")}
        registered[host] = {
            "ansible_host": address,
            "__verify_node": {"node": report},
            "__verify_peers": look(seen=node["seen"], peers=node["peers"], locks=[]),
            "__verify_clock": {"clock": samples.clock(0.001)},
            "__verify_cluster": {"cluster": samples.cluster(host)},
        }
        registered[host]["__verify_targets"] = {"holder": "n1", "others": ["n2", "n3"]}
        registered[host]["__verify_lock_hold"] = {"locks": [{"step": "hold", "outcome": "held"}]}
    return registered


def test_both_looks_are_one_report() -> None:
    measured = verify_measured(list(samples.HOSTS), hostvars(), {"paths": []})
    assert measured["node"]["n1"] == samples.node("n1")
    assert [*map(dict, measured["locks"])] == [{"step": "hold", "outcome": "held", "host": "n1"}]
    assert (measured["unreachable"], measured["outside"], measured["failures"]) == ([], [], {})


@pytest.mark.parametrize(
    ("step", "host"), [*((step, "n1") for step in ("hold", "release", "again", "crash", "clean")), ("takeover", "n2")]
)
def test_what_one_node_does_is_told_of_that_node_alone(step: str, host: str) -> None:
    """Ansible registers the result of a task that runs once on all hosts."""
    answers = hostvars()
    for variables in answers.values():
        del variables["__verify_lock_hold"]
        variables[f"__verify_lock_{step}"] = {"locks": [{"step": step, "outcome": "error"}]}
    assert [(lock["step"], lock["host"]) for lock in verify_measured(list(answers), answers)["locks"]] == [(step, host)]


def test_step_of_one_node_that_failed_is_no_failure_of_the_others() -> None:
    answers = hostvars()
    for variables in answers.values():
        variables["__verify_lock_crash"] = {"msg": "no such process"}
    assert verify_measured(list(answers), answers)["failures"] == {"n1": "no such process"}


def test_second_hold_is_no_first_one() -> None:
    answers = hostvars()
    answers["n1"]["__verify_lock_again"] = {"locks": [{"step": "hold", "outcome": "refused"}]}
    answers["n1"]["__verify_lock_crash"] = {"locks": [{"step": "crash", "outcome": "error"}]}
    measured = verify_measured(list(samples.HOSTS), answers, {"paths": []})
    assert [(lock["step"], lock["outcome"]) for lock in measured["locks"]] == [
        ("hold", "held"),
        ("again", "refused"),
        ("crash", "error"),
    ]


@pytest.mark.parametrize(
    ("given", "version", "times"),
    [
        ({}, "2026.07.0+1", (20, 30)),
        ({"refresh-rate": ["2.9"], "timeout-interval": ["+40"]}, "2026.07.0+1", (2, 40)),
        ({"refresh-rate": ["0.5"]}, "2026.07.0+1", (0, 30)),
        ({"refresh-rate": ["0.5"]}, "2026.10.0+1", (20, 30)),
    ],
)
def test_times_of_locks_are_those_of_the_first_that_answered(
    given: dict[str, list[str]], version: str, times: tuple[int, int]
) -> None:
    answers = hostvars()
    answers["n1"]["__verify_node"]["node"]["config"]["file-locks"] = given
    answers["n1"]["__verify_cluster"]["cluster"]["version"] = version
    measured = verify_measured(list(samples.HOSTS), answers, {"paths": []})
    assert measured["lock_times"] == {"refresh": times[0], "timeout": times[1]}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, ([], ["n2"], {})),
        ({"__verify_node": {"unreachable": True, "msg": "no route"}}, (["n2"], [], {})),
        ({"__verify_node": {"msg": "no python"}}, ([], [], {"n2": "no python"})),
    ],
)
def test_why_there_is_no_answer(variables: dict[str, t.Any], expected: t.Any) -> None:
    measured = verify_measured(list(samples.HOSTS), {**hostvars(), "n2": variables})
    assert (measured["unreachable"], measured["outside"], measured["failures"]) == expected
    assert "n2" not in measured["node"]


def test_one_look_has_what_three_modules_report() -> None:
    answers = hostvars()
    expected = verify_measured(list(answers), answers)
    for variables in answers.values():
        kinds = {kind: variables.pop(f"__verify_{kind}")[kind] for kind in ("node", "clock", "cluster")}
        variables["__look"] = look(**kinds, files={}, errors={"exports": "no such program"})
    assert verify_measured(list(answers), answers, asked=ASKED["verify"]) == expected


def test_part_of_a_look_that_failed_leaves_the_others() -> None:
    answers = {"n1": {"__look": look(cluster=samples.cluster("n1"), errors={"node": "timed out"})}}
    measured = verify_measured(["n1"], answers)
    assert (measured["node"], measured["cluster"]) == ({}, {"n1": samples.cluster("n1")})
    assert measured["failures"] == {"n1": "the part node of the look at it could not be had: timed out"}


@pytest.mark.parametrize(
    ("look", "expected"),
    [
        ({"unreachable": True, "msg": "no route"}, (["n2"], [], {})),
        ({"msg": "no python", "error": "no python", "failed_when_result": False}, ([], [], {"n2": "no python"})),
        # One that was not for verify: of site, in the same run.
        (look(files={}), ([], ["n2"], {})),
    ],
)
def test_why_a_look_brought_nothing(look: dict[str, t.Any], expected: t.Any) -> None:
    measured = verify_measured(["n2"], {"n2": {"__look": look}})
    assert (measured["unreachable"], measured["outside"], measured["failures"]) == expected


TRIED = [("try", "refused"), ("stale", "live"), ("stale", "stale")]
CHANGE = {
    "host": "n1",
    "role": "server",
    "what": "rserver.conf",
    "why": "new",
    "interrupts": "",
    "restarts": [],
    "waits": False,
}


def test_what_site_would_do_is_gathered_without_what_it_only_waits_for() -> None:
    answers = hostvars()
    told = {"changes": [CHANGE, {**CHANGE, "what": "the clock", "waits": True}], "problems": ["No."], "notes": ["So."]}
    for variables in answers.values():
        variables["__verify_differences"] = told
    answers["n3"].update(__verify_node={"unreachable": True}, __verify_cluster={"unreachable": True})
    change = {"role": "server", "what": "rserver.conf", "why": "new", "interrupts": ""}
    expected = {"changes": [change], "problems": ["No."], "notes": ["So."]}
    assert verify_measured(list(answers), answers)["compared"] == {"n1": expected, "n2": expected}


@pytest.mark.parametrize("answer", [None, {"skipped": True}])
def test_where_nothing_is_ours_nothing_is_compared(answer: t.Any) -> None:
    answers = {host: {**variables, "__verify_differences": answer} for host, variables in hostvars().items()}
    assert "compared" not in verify_measured(list(answers), answers)


def test_comparison_that_broke_off_is_no_answer() -> None:
    answers = hostvars()
    answers["n1"]["__verify_differences"] = {"msg": "boom", "failed_when_result": False}
    measured = verify_measured(list(answers), answers)
    assert (measured["compared"], measured["failures"]) == ({}, {"n1": "boom"})


def test_step_of_the_locks_that_failed_says_why() -> None:
    answers = hostvars()
    answers["n3"]["__verify_lock_rest"] = {"msg": "no space left", "failed_when_result": False}
    measured = verify_measured(list(samples.HOSTS), answers, {"paths": []})
    assert measured["failures"] == {"n3": "no space left"}


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (
            look(seen=None, errors={"locks": "timed out"}),
            "the part locks of the look at it could not be had: timed out",
        ),
        ({"msg": "no python", "error": "no python", "failed_when_result": False}, "no python"),
        ({"unreachable": True, "msg": "no route"}, None),
        ({"skipped": True}, None),
    ],
)
def test_look_at_the_others_that_failed_says_why(answer: dict[str, t.Any], failure: str | None) -> None:
    answers = hostvars()
    answers["n3"]["__verify_peers"] = answer
    assert verify_measured(list(answers), answers)["failures"].get("n3") == failure


def test_each_node_is_asked_about_the_dead_ones_lock_at_once_before_it_is_asked_at_the_end() -> None:
    """The last answer counts, wherever it was registered; a look at the others has those of two steps."""
    answers = hostvars()
    tried, live, stale = ({"step": step, "outcome": outcome} for step, outcome in TRIED)
    answers["n2"]["__verify_peers"] = look(locks=[tried, stale])
    answers["n2"]["__verify_lock_fresh"] = {"locks": [live]}
    answers["n2"]["__verify_lock_takeover"] = {"locks": [{"step": "takeover", "outcome": "acquired"}]}
    locks = [lock for lock in verify_measured(list(answers), answers)["locks"] if lock["host"] == "n2"]
    assert [(lock["step"], lock["outcome"]) for lock in locks] == [TRIED[0], ("takeover", "acquired"), *TRIED[1:]]


@pytest.mark.parametrize(
    ("config", "host", "ports"),
    [
        ({}, "n1", [5559, 8787]),
        ({"load-balancer": {"www-host-name": ["wb1.example.com:8080"]}}, "wb1.example.com", [5559, 8080]),
        ({"load-balancer": {"www-host-name": ["[fd00::1]:8080"]}}, "fd00::1", [5559, 8080]),
        ({"load-balancer": {"www-host-name": ["fd00::1"]}}, "fd00::1", [5559, 8787]),
        ({"rserver.conf": {"www-address": ["10.1.1.1"], "www-port": ["8788"]}}, "10.1.1.1", [5559, 8788]),
        ({"rserver.conf": {"www-address": ["0.0.0.0"], "ssl-enabled": ["1"]}}, "n1", [443, 5559]),
        ({"rserver.conf": {"www-port": [""]}, "launcher.conf": {"server.port": [""]}}, "n1", [5559, 8787]),
        ({"rserver.conf": {"www-port": [""], "ssl-enabled": [""]}}, "n1", [443, 5559]),
        ({"rserver.conf": {"www-port": ["87x"]}}, "n1", [5559]),
        ({"rserver.conf": {"www-port": ["65536"]}, "launcher.conf": {"server.port": ["0"]}}, "n1", []),
        ({"launcher.conf": {"server.port": ["5560"]}}, "n1", [5560, 8787]),
        ({"rserver.conf": {"launcher-sessions-enabled": ["0"]}}, "n1", [8787]),
    ],
)
def test_address_and_ports_are_those_of_the_configuration(config: t.Any, host: str, ports: list[int]) -> None:
    measured = samples.healthy()
    rserver = {"launcher-sessions-enabled": ["1"], **config.get("rserver.conf", {})}
    measured["node"]["n1"]["config"] = {**config, "rserver.conf": rserver}
    assert peers(measured)[0] == {"name": "n1", "host": host, "ports": ports}


@pytest.mark.parametrize(
    ("answer", "gathered"),
    [
        ({"rc": 0, "stdout": "State"}, {"n1": "State"}),
        ({"rc": 127, "stdout": ""}, {}),
        ({"unreachable": True, "msg": "no route"}, {}),
        (None, {}),
    ],
)
def test_listeners_of_the_preflight(answer: t.Any, gathered: dict[str, str]) -> None:
    answers = hostvars()
    answers["n1"]["__verify_listeners"] = answer
    assert verify_measured(list(samples.HOSTS), answers)["listeners"] == gathered


def test_launcher_that_nobody_turned_on_is_not_looked_for() -> None:
    measured = samples.healthy()
    del measured["node"]["n1"]["config"]["rserver.conf"]["launcher-sessions-enabled"]
    assert [peer["ports"] for peer in peers(measured)] == [[8787], [5559, 8787], [5559, 8787]]


@pytest.mark.parametrize(
    ("variables", "ports"),
    [
        ({}, [5559, 8787]),
        ({"server_rserver_conf": {"www-port": 8080}}, [5559, 8080]),
        ({"server_rserver_conf": {"ssl-enabled": True}}, [443, 5559]),
        ({"server_rserver_conf": {"launcher-sessions-enabled": False}}, [8787]),
        ({"server_rserver_conf": {"launcher-port": 5560}, "server_launcher_conf": {"port": 5560}}, [5560, 8787]),
        ({"server_rserver_conf": {"www-port": None}, "server_launcher_conf": None}, [5559, 8787]),
        ({"server_rserver_conf": {"www-port": "87x"}}, [5559]),
    ],
)
def test_before_there_is_a_configuration_the_inventory_names_the_ports(
    variables: dict[str, t.Any], ports: list[int]
) -> None:
    hosts = {host: {"ansible_host": address} for host, address in samples.HOSTS.items()}
    hosts["n2"].update(variables)
    planned = peers(verify_measured(list(hosts), hosts))
    assert planned[1] == {"name": "n2", "host": "10.0.0.12", "ports": ports}
    assert planned[0]["ports"] == [5559, 8787]


def test_silent_member_is_looked_for_at_its_inventory_address() -> None:
    assert peers(samples.without(samples.healthy(), "n1"))[0]["host"] == "10.0.0.11"


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert columns([("A", "B"), ("long", "x")]) == ["A     B", "long  x"]


def clusters_only() -> t.Any:
    measured = samples.healthy()
    del measured["compared"]
    return {**measured, "node": {}, "clock": {}, "locks": []}


def test_status_of_a_healthy_cluster_is_a_table() -> None:
    status = verify_status(clusters_only())
    assert status["verdict"] == "pass"
    assert len(status["lines"]) == 4
    assert status["lines"][1].split() == [
        *(
            "1",
            "n1",
            "10.0.0.11:8787",
            "Online",
            "2026-Nov-21",
            "10:00:00",
            "active",
            "healthy",
            "1",
            "0.1",
            "0.2",
            "0.3",
        )
    ]


@pytest.mark.parametrize(
    ("wanted", "lines"),
    [
        ("", []),
        (samples.VERSION, [f"As the inventory says: version {samples.VERSION} (verify tells what site would change)"]),
        (
            "2026.07.0+1",
            [
                f"Not as the inventory says: server_version is 2026.07.0+1, and it is {samples.VERSION} on n1, n2, n3 "
                "(verify tells what site would change)"
            ],
        ),
    ],
)
def test_status_has_a_line_of_the_version_that_decides_nothing(wanted: str, lines: list[str]) -> None:
    measured = clusters_only()
    measured["policy"] = {"version": wanted}
    status = verify_status(measured)
    assert (status["verdict"], status["lines"][5:]) == ("pass", lines)


def test_status_says_what_is_wrong_and_what_to_do() -> None:
    measured = clusters_only()
    del measured["cluster"]["n3"]
    for cluster in measured["cluster"].values():
        cluster["status"][2]["flag"] = "unreachable"
    status = verify_status(measured)
    assert status["verdict"] == "fail"
    assert any("n3 is not healthy" in line for line in status["lines"])
    assert any("rstudio-server delete-node" in line for line in status["lines"])


def by_other_names(measured: t.Any, shown: dict[str, t.Any]) -> t.Any:
    """The cluster n1…n3 of an inventory that knows it by names of its own, through a bastion; `shown` is what each node says."""
    names = {host: f"wb{host[1]}.example.com" for host in samples.HOSTS}
    clusters = {}
    for host, cluster in measured["cluster"].items():
        for row in (*cluster["nodes"], *cluster["status"]):
            row["host"] = next(f"wb{name[1]}" for name, address in samples.HOSTS.items() if address == row["ipv4"])
        own = {"hostname": f"wb{host[1]}", "www_host_name": None, "addresses": [samples.HOSTS[host], "172.17.0.1"]}
        clusters[names[host]] = {**cluster, **own, **shown}
    return {
        **measured,
        "members": list(names.values()),
        "addresses": dict.fromkeys(names.values(), "127.0.0.1"),
        "cluster": clusters,
    }


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param({}, id="everything"),
        pytest.param({"addresses": []}, id="hostname_only"),
        pytest.param({"hostname": "localhost"}, id="addresses_only"),
        pytest.param({"hostname": "localhost", "addresses": ["172.17.0.1"]}, id="inventory_name_up_to_its_dot"),
    ],
)
def test_members_are_known_by_their_own_names(shown: dict[str, t.Any]) -> None:
    status = verify_status(by_other_names(clusters_only(), shown))
    assert status["verdict"] == "pass", status["lines"]
    assert status["lines"][1].split()[:2] == ["1", "wb1.example.com"]


def test_what_all_members_go_by_tells_none_of_them() -> None:
    measured = by_other_names(clusters_only(), {"hostname": "localhost"})
    for cluster in measured["cluster"].values():
        for row in (*cluster["nodes"], *cluster["status"]):
            row["host"] = "localhost"
    status = verify_status(measured)
    assert [line.split()[:2] for line in status["lines"][1:4]] == [[f"{n}", f"wb{n}.example.com"] for n in (1, 2, 3)]
    assert status["verdict"] == "pass"


@pytest.mark.parametrize("name", ["wb1.public.example.com", "wb1.public.example.com:8080"])
def test_member_is_known_by_its_www_host_name(name: str) -> None:
    measured = by_other_names(clusters_only(), {})
    measured["cluster"]["wb1.example.com"].update(hostname="ip-1", addresses=["192.168.7.1"], www_host_name=name)
    for cluster in measured["cluster"].values():
        for row in (cluster["nodes"][0], cluster["status"][0]):
            row.update(host="wb1.public.example.com", ipv4="203.0.113.1")
    assert verify_status(measured)["verdict"] == "pass"


def test_silent_member_is_not_taken_for_a_stranger() -> None:
    measured = by_other_names(clusters_only(), {})
    del measured["cluster"]["wb3.example.com"]
    for cluster in measured["cluster"].values():
        for row in (cluster["nodes"][2], cluster["status"][2]):
            row["host"] = "ip-10-0-0-13"
    status = verify_status(measured)
    assert status["verdict"] == "unknown"
    assert any("ip-10-0-0-13 is listed, and may be wb3.example.com" in line for line in status["lines"])
    assert not any("delete-node" in line for line in status["lines"])


def test_status_of_a_cluster_without_launcher_sessions() -> None:
    measured = clusters_only()
    for cluster in measured["cluster"].values():
        cluster["services"] = {"rstudio-server": "active"}
    assert verify_status(measured)["verdict"] == "pass"


def test_status_shows_who_does_not_see_a_member() -> None:
    measured = clusters_only()
    del measured["cluster"]["n1"]["status"][2]
    status = verify_status(measured)
    assert status["verdict"] == "fail"
    assert "missing (n1)" in status["lines"][3]


def test_status_without_an_answer_is_unknown() -> None:
    measured = clusters_only()
    del measured["cluster"]["n3"]
    status = verify_status(measured)
    assert status["verdict"] == "unknown"
    assert status["lines"][-2:] == [
        "n3 did not answer",
        "  Bring it up and run status again, or take it out of the inventory.",
    ]


def test_an_old_python_is_named() -> None:
    """What ansible-core brings from Python 3.6 or 3.7: its own words are about JSON."""
    answer = {
        "failed": True,
        "msg": "Module result deserialization failed: No start of json char found",
        "module_stderr": 'Traceback\n  File "x", line 3\nSyntaxError: future feature annotations is not defined\n',
    }
    measured = verify_measured(["n1"], {"n1": {"__verify_node": answer}})
    assert "its Python is too old" in measured["failures"]["n1"]
    assert "(SyntaxError: future feature annotations is not defined)" in measured["failures"]["n1"]
    assert "JSON" not in measured["failures"]["n1"]


def test_facts_of_a_module_that_failed_are_no_report() -> None:
    """Ansible adds the Python it found to the result of whatever ran first, and of what failed too: sudo that refuses."""
    refused = {
        "msg": "Module result deserialization failed: No start of json char found",
        "ansible_facts": {"discovered_interpreter_python": "/usr/bin/python3.13"},
    }
    measured = verify_measured(["n1"], {"n1": {"__verify_facts": refused}})
    assert measured["facts"] == {}
    assert measured["failures"] == {"n1": refused["msg"]}


SERVED = samples.front_end()


@pytest.mark.parametrize(
    ("answer", "report", "why"),
    [
        pytest.param(look(served=SERVED), SERVED, "", id="answered"),
        pytest.param(None, None, "is not in this run (--limit)", id="outside"),
        pytest.param({"unreachable": True, "msg": "no route"}, None, "did not answer", id="unreachable"),
        pytest.param({"failed": True, "msg": "boom"}, None, "boom", id="failed"),
        pytest.param(
            {"report": json.dumps({"errors": {"served": "no openssl"}})},
            None,
            "the part served of the look at it could not be had: no openssl",
            id="part_failed",
        ),
    ],
)
def test_a_front_end_is_gathered_or_why_it_is_not(answer: t.Any, report: t.Any, why: str) -> None:
    answers: t.Any = {"front1": {"cluster_address": "10.0.0.8", "__verify_front_end": answer}}
    found = verify_measured([], answers, fronts=["front1"])["fronts"]
    assert found == {"front1": {"address": "10.0.0.8", "report": report, "why": why}}


def test_a_front_end_of_others_is_not_asked() -> None:
    answers: t.Any = {"front1": {"__verify_front_end": {"skipped": True, "changed": False}}}
    assert "fronts" not in verify_measured([], answers, fronts=["front1"])


def registered_by(*files: str) -> set[str]:
    read = (yaml.safe_load((ROLE / "tasks" / f"{file}.yml").read_text()) for file in files)
    return {name.lstrip("_").removeprefix("verify_") for tasks in read for name in registered(tasks)}


@pytest.mark.parametrize(
    ("kind", "files"),
    [
        ("verify", ("main", "measure", "hold", "inventory", "locks", "clean", "front_end")),
        ("preflight", ("preflight",)),
        ("status", ("status",)),
    ],
)
def test_each_kind_of_run_reads_what_it_asked(kind: str, files: tuple[str, ...]) -> None:
    assert set(ASKED[kind]) == registered_by(*files)
