# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts before the first build: one thing wrong fails one line."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.console import verify_summary
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.preflight import (
    DATABASE,
    FILES,
    verify_preflight,
)
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples

Measured = t.Dict[str, t.Any]


def listening(*listeners: str, active: tuple[str, ...] = ()) -> str:
    """Output of `ss -ltnp` with a line for each `process:address:port`, and of `systemctl show` behind it."""
    lines = ["State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess"]
    for listener in listeners:
        process, _colon, place = listener.partition(":")
        users = f'users:(("{process}",pid=7,fd=3),("{process}",pid=9,fd=3))' if process else ""
        lines.append(f"LISTEN 0      128    {place}      0.0.0.0:*    {users}")
    units = [
        f"Id={unit}.service\nActiveState={'active' if unit in active else 'inactive'}\n"
        for unit in ("rstudio-server", "rstudio-launcher")
    ]
    return "\n".join([*lines, "\n".join(units)])


def fit() -> t.Any:
    """Three hosts with nothing on them; the database is to be built, the storage exists."""
    measured: t.Any = samples.healthy()
    measured["policy"] = {
        "min_memory": 2000,
        "min_disk": 5000,
        "managed": [DATABASE],
        "clock_max_offset": 1.0,
        "now": measured["policy"]["now"],
    }
    measured["facts"] = {
        host: {
            "ansible_distribution": "Ubuntu",
            "ansible_distribution_version": "24.04",
            "ansible_architecture": "x86_64",
            "ansible_os_family": "Debian",
            "ansible_memtotal_mb": 4000,
            "ansible_mounts": [{"mount": "/", "size_available": 9_000_000_000}],
        }
        for host in samples.HOSTS
    }
    measured["listeners"] = dict.fromkeys(samples.HOSTS, listening("sshd:0.0.0.0:22"))
    for host in samples.HOSTS:
        peers = {
            peer: {"address": [address], "ports": {"8787": "refused", "5559": "refused"}}
            for peer, address in samples.HOSTS.items()
            if peer != host
        }
        peers[DATABASE] = {"address": ["10.0.0.31"], "ports": {"5432": "refused"}}
        peers[FILES] = {"address": ["10.0.0.21"], "ports": {"2049": "open"}}
        measured["node"][host] = {"peers": peers, "seen": {}, "errors": []}
        measured["clock"][host]["reference"] = "controller"
    return measured


def test_hosts_that_are_fit_pass() -> None:
    answer = verify_preflight(fit())
    assert {entry["id"]: entry["verdict"] for entry in answer["requirements"] if entry["verdict"] != "pass"} == {}
    assert verify_summary(answer)[-1] == "workbench: pass  (9 pass  0 unknown  0 fail)"


@pytest.mark.parametrize(
    ("change", "requirement"),
    [
        pytest.param(lambda m: m["facts"]["n2"].update(ansible_os_family="Suse"), "system", id="system"),
        pytest.param(lambda m: m["facts"]["n2"].update(ansible_architecture="armv7l"), "system", id="architecture"),
        pytest.param(lambda m: m["facts"]["n2"].update(ansible_memtotal_mb=512), "memory", id="memory"),
        pytest.param(lambda m: m["facts"]["n2"]["ansible_mounts"][0].update(size_available=10), "disk", id="disk"),
        pytest.param(lambda m: m["node"]["n1"]["peers"]["n2"].update(address=[]), "names", id="name"),
        pytest.param(
            lambda m: m["node"]["n1"]["peers"]["n2"]["ports"].update({"5559": "timeout"}), "ports", id="firewall"
        ),
        pytest.param(
            lambda m: m["node"]["n2"]["peers"][DATABASE]["ports"].update({"5432": "timeout"}), "database", id="no_way"
        ),
        pytest.param(
            lambda m: m["node"]["n2"]["peers"][FILES]["ports"].update({"2049": "refused"}), "storage", id="not_running"
        ),
        pytest.param(lambda m: m["clock"]["n2"].update(offset=5.0), "clocks", id="clock"),
        pytest.param(lambda m: m["cluster"]["n2"]["runtimes"].update(r={}), "runtimes", id="no_r"),
    ],
)
def test_one_thing_wrong_fails_one_line_and_names_the_host(
    change: t.Callable[[Measured], object], requirement: str
) -> None:
    measured = fit()
    change(measured)
    answer = verify_preflight(measured)
    failed = {entry["id"]: entry["findings"] for entry in answer["requirements"] if entry["verdict"] == "fail"}
    assert list(failed) == [requirement]
    named = {host for item in failed[requirement] if item["verdict"] == "fail" for host in item["hosts"]}
    assert named <= {"n1", "n2"}
    assert named


def sizeless(*others: dict[str, t.Any]) -> t.Callable[[Measured], object]:
    """n2 says nothing of the size of `/`, but what these say."""
    return lambda measured: measured["facts"]["n2"].update(ansible_mounts=[{"mount": "/"}, *others])


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        pytest.param(sizeless(), "unknown", id="no_size"),
        pytest.param(lambda measured: measured["facts"]["n2"].update(ansible_mounts=[]), "unknown", id="no_mount"),
        pytest.param(sizeless({"mount": "/", "size_available": 9_000_000_000}), "pass", id="one_of_two_has_a_size"),
    ],
)
def test_space_that_nobody_told_is_unknown(change: t.Callable[[Measured], object], verdict: str) -> None:
    measured = fit()
    change(measured)
    disk = next(entry for entry in verify_preflight(measured)["requirements"] if entry["id"] == "disk")
    assert disk["verdict"] == verdict
    untold = [item for item in disk["findings"] if item["verdict"] == "unknown"]
    assert [(item["hosts"], bool(item["remedy"])) for item in untold] == (
        [(["n2"], True)] if verdict == "unknown" else []
    )


@pytest.mark.parametrize(
    ("fact", "requirement"),
    [
        pytest.param("ansible_distribution", "system", id="system"),
        pytest.param("ansible_distribution_version", "system", id="release"),
        pytest.param("ansible_os_family", "system", id="family"),
        pytest.param("ansible_architecture", "system", id="architecture"),
        pytest.param("ansible_memtotal_mb", "memory", id="memory"),
        pytest.param("ansible_mounts", "disk", id="a_mount_that_hangs"),
    ],
)
def test_fact_that_could_not_be_gathered_is_unknown(fact: str, requirement: str) -> None:
    """Ansible leaves out what it could not read, or not in time, and goes on."""
    measured = fit()
    del measured["facts"]["n2"][fact]
    answer = verify_preflight(measured)
    assert {entry["id"]: entry["verdict"] for entry in answer["requirements"] if entry["verdict"] != "pass"} == {
        requirement: "unknown"
    }
    (found,) = (item for entry in answer["requirements"] for item in entry["findings"] if item["verdict"] == "unknown")
    assert (found["hosts"], bool(found["measured"]), bool(found["remedy"])) == (["n2"], True, True)


@pytest.mark.parametrize(
    "planned",
    [
        pytest.param({"runtimes": {"r": ["4.4.1"]}}, id="it_comes"),
        pytest.param(
            {"rserver.conf": {"launcher-sessions-enabled": ["1"]}, "launcher.conf": {"cluster.type": ["Kubernetes"]}},
            id="sessions_run_elsewhere",
        ),
    ],
)
def test_host_that_needs_no_r_yet(planned: dict[str, t.Any]) -> None:
    measured = fit()
    measured["cluster"]["n2"]["runtimes"]["r"] = {}
    measured["planned"] = {"n2": planned}
    requirements = {entry["id"]: entry["verdict"] for entry in verify_preflight(measured)["requirements"]}
    assert requirements["runtimes"] == "pass"


def test_no_host_needs_an_r_where_all_sessions_run_elsewhere() -> None:
    measured = fit()
    elsewhere = {"rserver.conf": {"launcher-sessions-enabled": ["1"]}, "launcher.conf": {"cluster.type": ["Slurm"]}}
    measured["planned"] = dict.fromkeys(samples.HOSTS, elsewhere)
    (found,) = next(
        entry["findings"] for entry in verify_preflight(measured)["requirements"] if entry["id"] == "runtimes"
    )
    assert (found["verdict"], found["what"]) == ("pass", "No sessions run on the nodes")


def system(distribution: str, version: str, family: str = "RedHat") -> t.Callable[[Measured], object]:
    return lambda measured: measured["facts"]["n2"].update(
        ansible_distribution=distribution, ansible_distribution_version=version, ansible_os_family=family
    )


@pytest.mark.parametrize(
    ("change", "verdict", "note"),
    [
        (system("Ubuntu", "22.04", "Debian"), "pass", False),
        (system("Ubuntu", "20.04", "Debian"), "fail", False),
        (system("Ubuntu", "23.10", "Debian"), "unknown", False),
        (system("Ubuntu", "26.04", "Debian"), "unknown", False),
        (system("RedHat", "10.1"), "pass", False),
        (system("RedHat", "8"), "pass", False),
        (system("RedHat", "7.9"), "fail", False),
        (system("RedHat", "11.0"), "unknown", False),
        (system("Rocky", "9.4"), "pass", True),
        (system("CentOS", "7.9"), "fail", False),
        (system("Debian", "12.8", "Debian"), "pass", True),
        (system("Debian", "9.13", "Debian"), "fail", False),
        (system("Debian", "n/a", "Debian"), "unknown", False),
        (system("Fedora", "41"), "unknown", False),
        (system("Amazon", "2023"), "unknown", False),
        (system("SLES", "15.6", "Suse"), "fail", False),
    ],
)
def test_system_is_judged_by_its_release(change: t.Callable[[Measured], object], verdict: str, note: bool) -> None:
    measured = fit()
    change(measured)
    found = next(entry for entry in verify_preflight(measured)["requirements"] if entry["id"] == "system")
    assert found["verdict"] == verdict
    named = [item["hosts"] for item in found["findings"] if item["verdict"] == ("note" if note else verdict)]
    assert named == ([list(samples.HOSTS)] if verdict == "pass" and not note else [["n2"]])


@pytest.mark.parametrize(
    ("text", "planned", "verdict", "words", "measured"),
    [
        pytest.param(listening("nginx:127.0.0.1:8787"), {}, "fail", "Another program", "8787 (nginx)", id="loopback"),
        pytest.param(listening("java:[::]:5559"), {}, "fail", "Another program", "5559 (java)", id="launcher"),
        pytest.param(listening("java:*:8080"), {}, None, "", "", id="port_of_nobody"),
        pytest.param(
            listening("java:*:8080"), {"www-port": ["8080"]}, "fail", "Another program", "8080 (java)", id="own_choice"
        ),
        pytest.param(listening("java:*:8787"), {"www-port": ["8080"]}, None, "", "", id="default_is_not_ours"),
        pytest.param(
            listening("java:*:5559"), {"launcher-sessions-enabled": ["0"]}, None, "", "", id="launcher_is_not_used"
        ),
        pytest.param(listening("rserver:*:8787"), {}, "note", "runs already", "8787 (rserver)", id="server"),
        pytest.param(
            listening("rstudio-launche:*:5559"),
            {},
            "note",
            "runs already",
            "5559 (rstudio-launche)",
            id="launcher_ours",
        ),
        pytest.param(
            listening("nginx:*:8787", active=("rstudio-server",)), {}, "note", "runs already", "8787 (nginx)", id="unit"
        ),
        pytest.param(
            listening("nginx:*:8787", active=("rstudio-launcher",)), {}, "fail", "Another", "8787", id="other_unit"
        ),
        pytest.param(listening(":*:8787"), {}, "fail", "Another", "8787 (a process that cannot be seen)", id="unseen"),
        pytest.param("", {"www-port": ["87x"]}, "fail", "A port is no number", "87x for www-port", id="no_port"),
    ],
)
def test_who_listens_on_the_host_itself(
    text: str, planned: dict[str, list[str]], verdict: str | None, words: str, measured: str
) -> None:
    answers = fit()
    answers["listeners"]["n2"] = text
    rserver = {"launcher-sessions-enabled": ["1"], **planned}
    answers["planned"] = {"n2": {"rserver.conf": rserver, "launcher.conf": {}}}
    ports = next(entry for entry in verify_preflight(answers)["requirements"] if entry["id"] == "ports")
    found = [item for item in ports["findings"] if item["verdict"] != "pass"]
    assert [(item["verdict"], item["hosts"]) for item in found] == ([(verdict, ["n2"])] if verdict else [])
    assert all(words in item["what"] and measured in item["measured"] and item["remedy"] for item in found)


def test_every_port_whose_packets_get_lost_is_named_with_all_who_tried() -> None:
    measured = fit()
    for host in ("n1", "n3"):
        measured["node"][host]["peers"]["n2"]["ports"]["5559"] = "timeout"
    measured["node"]["n1"]["peers"]["n2"]["ports"]["8787"] = "unreachable"
    ports = next(entry for entry in verify_preflight(measured)["requirements"] if entry["id"] == "ports")
    (lost,) = [item for item in ports["findings"] if item["verdict"] == "fail"]
    assert (lost["hosts"], lost["measured"]) == (["n2"], "8787 from n1 and 5559 from n1, n3 on n2")


def test_host_without_ss_is_unknown() -> None:
    measured = fit()
    del measured["listeners"]["n2"]
    ports = next(entry for entry in verify_preflight(measured)["requirements"] if entry["id"] == "ports")
    assert ports["verdict"] == "unknown"
    assert [item["hosts"] for item in ports["findings"] if item["verdict"] == "unknown"] == [["n2"]]


def test_port_in_use_is_a_note_where_nobody_could_look() -> None:
    measured = fit()
    del measured["listeners"]["n2"]
    measured["node"]["n1"]["peers"]["n2"]["ports"]["8787"] = "open"
    answer = verify_preflight(measured)
    assert answer["verdict"] == "unknown"
    ports = next(entry for entry in answer["requirements"] if entry["id"] == "ports")
    assert [item["hosts"] for item in ports["findings"] if item["verdict"] == "note"] == [["n2"]]


def test_ports_behind_names_that_do_not_resolve_are_unknown() -> None:
    measured = fit()
    for node in measured["node"].values():
        for name in set(node["peers"]) & set(samples.HOSTS):
            node["peers"][name] = {"address": [], "ports": {"8787": "unresolved", "5559": "unresolved"}}
    requirements = {entry["id"]: entry for entry in verify_preflight(measured)["requirements"]}
    assert (requirements["names"]["verdict"], requirements["ports"]["verdict"]) == ("fail", "unknown")
    assert [bool(item["remedy"]) for item in requirements["ports"]["findings"]] == [True]


def test_silent_host_is_unknown() -> None:
    measured = fit()
    for kind in ("facts", "node", "clock"):
        del measured[kind]["n3"]
    assert verify_preflight(measured)["verdict"] == "unknown"


def test_server_that_nobody_named_is_unknown() -> None:
    measured = fit()
    for node in measured["node"].values():
        del node["peers"][DATABASE]
    answer = verify_preflight(measured)
    assert next(entry["verdict"] for entry in answer["requirements"] if entry["id"] == "database") == "unknown"


def test_unknown_is_unproven_until_it_is_allowed() -> None:
    measured = fit()
    del measured["listeners"]["n3"]
    assert verify_preflight(measured)["unproven"] == ["ports"]
    measured["policy"]["allow_unknown"] = ["ports"]
    assert verify_preflight(measured)["unproven"] == []


@pytest.mark.parametrize(("name", "requirement"), [(DATABASE, "database"), (FILES, "storage")])
def test_server_that_nobody_named_may_be_allowed_by_its_own_line(name: str, requirement: str) -> None:
    measured = fit()
    for node in measured["node"].values():
        del node["peers"][name]
    (found,) = next(
        part["findings"] for part in verify_preflight(measured)["requirements"] if part["id"] == requirement
    )
    assert (found["verdict"], found["what"]) == ("unknown", f"No {name} is named")
    assert f"verify_allow_unknown: [{requirement}]" in found["remedy"]


def test_where_nobody_was_asked_no_server_is_said_to_be_unnamed() -> None:
    measured = fit()
    measured["node"] = {}
    answer = verify_preflight(measured)
    said = {item["what"] for part in answer["requirements"] for item in part["findings"]}
    assert not any("is named" in what for what in said), said
    assert {part["verdict"] for part in answer["requirements"] if part["id"] in ("database", "storage")} == {"unknown"}
