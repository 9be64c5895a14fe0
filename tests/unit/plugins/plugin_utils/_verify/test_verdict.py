# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each fault fails the requirement it breaks, that one only, and names the node it is on."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.verdict import REQUIREMENTS, verify_verdict
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify.cases import (
    Change,
    Measured,
    assign,
    blocked,
    both,
    certificate,
    fails_alone,
    findings,
    gives,
    judged,
    list_nodes_fails,
    missing_newline,
    told,
    verdicts,
)

HOME, SHARED = samples.HOME, samples.SHARED


def without_r(measured: Measured) -> None:
    for node in measured["node"].values():
        node["versions"]["r"] = []


def elsewhere(measured: Measured) -> None:
    for node in measured["node"].values():
        node["config"]["launcher.conf"]["cluster.type"] = ["Kubernetes", "Slurm"]


def advisory_without_server(measured: Measured) -> None:
    for entry in measured["node"].values():
        entry["config"]["file-locks"]["lock-type"] = ["advisory"]
        for mount in entry["mounts"].values():
            mount["options"] = ["rw", "nolock", "vers=3"]
    for event in measured["locks"]:
        if event["type"] == "advisory" and event["step"] == "try":
            event["outcome"] = "acquired"


def without_hard_links(measured: Measured) -> None:
    measured["locks"] = [event for event in measured["locks"] if event["type"] != "linkbased"]
    measured["locks"] += [
        samples.lock("hold", "n1", "unsupported", "linkbased", path, error="hard links are not supported")
        for path in (HOME, SHARED)
    ]


def unshared(measured: Measured) -> None:
    """What all parts of verify see when n3 has not mounted the homes."""
    measured["node"]["n3"]["mounts"][HOME] = None
    not_there = {"delay": None, "mode": None, "uid": None, "error": "not there"}
    measured["node"]["n3"]["seen"][HOME] = {"n1": dict(not_there), "n2": dict(not_there)}
    for host in ("n1", "n2"):
        measured["node"][host]["seen"][HOME]["n3"] = dict(not_there)
    for event in measured["locks"]:
        if (event["host"], event["step"], event["path"]) == ("n3", "try", f"{HOME}/ada"):
            event["outcome"] = "acquired"


def another_export(measured: Measured) -> None:
    unshared(measured)
    measured["node"]["n3"]["mounts"][HOME] = samples.mount(HOME, "files:/old")


def killed(measured: Measured) -> None:
    """n3 is gone; its row still says Online, and the others cannot connect to it."""
    samples.without(measured, "n3")
    for host in ("n1", "n2"):
        measured["node"][host]["peers"]["n3"]["ports"] = {"8787": "timeout", "5559": "timeout"}
        del measured["node"][host]["seen"][HOME]["n3"], measured["node"][host]["seen"][SHARED]["n3"]
        measured["cluster"][host]["status"][2]["flag"] = "unreachable"


def stranger(measured: Measured) -> None:
    for cluster in measured["cluster"].values():
        row = {
            "id": 9,
            "host": "old",
            "ipv4": "10.0.0.99",
            "port": 8787,
            "status": "Missed check-in",
            "last_seen": "2025",
        }
        cluster["nodes"].append(row)


def public_of_another_pair(measured: Measured) -> None:
    measured["node"]["n3"]["key_files"]["launcher_pair"] = "differs"
    measured["node"]["n3"]["key_files"]["launcher_public"]["sha256"] = "f" * 64


def option_given_twice(measured: Measured) -> None:
    """On every node: each still runs, refuses to start, and lists nothing."""
    for host, node in measured["node"].items():
        node["config"]["rserver.conf"]["auth-timeout-minutes"] = ["30", "60"]
        node["start"]["check"] = {
            "passed": False,
            "said": "option 'auth-timeout-minutes' cannot be specified more than once",
        }
        node["start"]["units"] = {"rstudio-server": samples.unit_state(), "rstudio-launcher": samples.unit_state()}
        measured["cluster"][host].update(
            nodes=[], errors=["rstudio-server list-nodes failed: cannot be specified twice"]
        )


def tls_without_restart(measured: Measured) -> None:
    """Everywhere TLS was switched on in rserver.conf; what runs answers without it, on the port of before."""
    why = "/etc/rstudio/rserver.conf was written after rstudio-server started"
    for host, node in measured["node"].items():
        node["config"]["rserver.conf"]["ssl-enabled"] = ["1"]
        node["start"]["units"]["rstudio-server"] = samples.unit_state(configuration=why)
        node["tls"] = [certificate(names=[samples.HOSTS[host]])]
        measured["cluster"][host].update(
            status=[], errors=["https://localhost:443/load-balancer/status cannot be read"]
        )
        for peer in node["peers"].values():
            peer["ports"] = {"443": "refused", "5559": "open"}


# Nodes that run and could not start again, or do not run what is on disk.
COULD_NOT_START = [
    pytest.param(
        option_given_twice,
        "configuration",
        ["n1", "n2", "n3"],
        "refuses its configuration",
        id="one_option_twice_on_all_nodes",
    ),
    pytest.param(
        told("*", "shared_storage", "mode", "0755"),
        "shared-storage",
        ["n1", "n2", "n3"],
        "closed to users",
        id="shared_storage_0755_everywhere",
    ),
    pytest.param(
        told("*", "shared_storage", "mode", "0777"),
        "shared-storage",
        ["n1", "n2", "n3"],
        "closed to users",
        id="shared_storage_without_its_sticky_bit",
    ),
    pytest.param(
        told("n2", "shared_storage", {"path": SHARED, "directory": False, "mode": None, "error": None}),
        "shared-storage",
        ["n2"],
        "is missing",
        id="shared_storage_missing",
    ),
    pytest.param(
        list_nodes_fails("n1", "n2"), "status", ["n1", "n2"], "does not show the cluster", id="list_nodes_fails_on_two"
    ),
    pytest.param(
        both(missing_newline, list_nodes_fails("n3")),
        "keys",
        ["n3"],
        "secure-cookie-key differs",
        id="a_node_that_lists_nothing_for_it_cannot_read_its_password",
    ),
    pytest.param(
        tls_without_restart,
        "configuration",
        ["n1", "n2", "n3"],
        "older configuration than that on disk",
        id="tls_switched_on_without_restart",
    ),
    pytest.param(
        told(
            "n3", "units", "rstudio-server", samples.unit_state(key_files="launcher.pem was written after it started")
        ),
        "keys",
        ["n3"],
        "older key than that on disk",
        id="key_changed_without_restart",
    ),
    pytest.param(
        told("n3", "units", "rstudio-server", samples.unit_state(program="the program was replaced")),
        "version",
        ["n3"],
        "no longer installed",
        id="upgraded_without_restart",
    ),
    pytest.param(
        told("n1", "units", "rstudio-launcher", "enabled", "masked"), "status", ["n1"], "is masked", id="masked_unit"
    ),
]


# The faults of issue 3, "Done means": what is measured, what must fail, on which nodes.
PLANTED = [
    pytest.param(
        assign("clock", "n3", "offset", 3.0),
        "clocks",
        ["n3"],
        "3.002 s ahead of n1, n2, file server",
        id="clock_3_s_off",
    ),
    pytest.param(
        advisory_without_server, "locks", ["n2", "n3"], "all nodes acquire it", id="nolock_with_advisory_locks"
    ),
    pytest.param(without_hard_links, "locks", ["n1"], "no node can acquire it", id="no_hard_links"),
    pytest.param(
        both(
            assign("node", "n3", "accounts", "users", "ada", "uid", 20009),
            assign("node", "n3", "accounts", "uids", {"20009": ["ada"], "989": ["rstudio-server"]}),
        ),
        "accounts",
        ["n3"],
        "ada has different uids",
        id="another_uid",
    ),
    pytest.param(missing_newline, "keys", ["n3"], "secure-cookie-key differs", id="key_without_its_last_newline"),
    pytest.param(
        assign("node", "n3", "key_files", "cookie_key", "mode", "0640"),
        "keys",
        ["n3"],
        "read by others",
        id="key_with_mode_0640",
    ),
    pytest.param(
        public_of_another_pair, "keys", ["n3"], "does not belong to launcher.pem", id="public_key_of_another_pair"
    ),
    pytest.param(
        assign("node", "n3", "config", "rserver.conf", "auth-timeout-minutes", ["60"]),
        "configuration",
        ["n3"],
        "auth-timeout-minutes in rserver.conf differs",
        id="one_option_changed",
    ),
    pytest.param(
        assign("node", "n3", "versions", "workbench", "2026.07.0"),
        "version",
        ["n3"],
        "different versions",
        id="version",
    ),
    pytest.param(unshared, "homes", ["n3"], "is not shared storage", id="unshared_mount"),
    pytest.param(another_export, "homes", ["n3"], "is another export", id="another_export"),
    pytest.param(blocked, "ports", ["n3"], "Port 5559 of n3 does not answer to n1, n2", id="blocked_launcher_port"),
    pytest.param(killed, "status", ["n3"], "n3 is not healthy", id="node_killed_hard"),
    pytest.param(stranger, "status", ["old"], "old is listed, but is no member", id="stranger_in_the_database"),
]


def test_healthy_cluster_passes_everything() -> None:
    answer = judged()
    assert {key: verdict for key, verdict in verdicts(answer).items() if verdict != "pass"} == {}
    assert answer["verdict"] == "pass"
    assert list(verdicts(answer)) == [file.REQUIREMENT.id for file in REQUIREMENTS]


@pytest.mark.parametrize(("change", "requirement", "hosts", "words"), [*PLANTED, *COULD_NOT_START])
def test_planted_fault_fails_its_requirement_and_names_the_node(
    change: Change, requirement: str, hosts: list[str], words: str
) -> None:
    fails_alone(change, requirement, hosts, words)


def test_what_the_product_says_is_passed_on() -> None:
    answer = judged(option_given_twice)
    (said,) = findings(answer, "configuration", "fail")
    assert "option 'auth-timeout-minutes' cannot be specified more than once on n1, n2, n3" in said["measured"]
    assert "test-config" in said["remedy"]


def test_restart_or_take_the_change_back_is_the_only_advice() -> None:
    answer = judged(tls_without_restart)
    (said,) = findings(answer, "configuration", "fail")
    assert "take the change back" in said["remedy"]
    advice = " ".join(item["remedy"] for entry in answer["requirements"] for item in entry["findings"])
    assert "firewall" not in advice
    assert {name for name, verdict in verdicts(answer).items() if verdict == "unknown"} == {
        "database",
        "ports",
        "status",
    }


def test_a_node_that_did_not_look_at_the_others_leaves_names_and_ports_unknown() -> None:
    answer = judged(lambda measured: measured["node"]["n2"].pop("peers"))
    for requirement in ("names", "ports"):
        assert verdicts(answer)[requirement] == "unknown", requirement
        assert findings(answer, requirement, "unknown")[0]["hosts"] == ["n2"]


@pytest.mark.parametrize(
    ("change", "requirement"),
    [
        pytest.param(
            told("n2", "check", {"passed": None, "said": "no answer"}), "configuration", id="no_own_judgement"
        ),
        pytest.param(
            told("n2", "shared_storage", {"path": SHARED, "directory": None, "mode": None, "error": "no answer"}),
            "shared-storage",
            id="shared_storage_does_not_answer",
        ),
        pytest.param(
            assign("cluster", "n2", "services", {"rstudio-server": None, "rstudio-launcher": None}),
            "status",
            id="units_not_read",
        ),
        pytest.param(
            both(list_nodes_fails("n2"), assign("cluster", "n2", "installed", False)),
            "status",
            id="explained_elsewhere",
        ),
    ],
)
def test_what_could_not_be_read_is_unknown(change: Change, requirement: str) -> None:
    answer = judged(change)
    assert verdicts(answer)[requirement] == "unknown"
    assert findings(answer, requirement, "unknown")[0]["hosts"] == ["n2"]


@pytest.mark.parametrize(
    ("change", "requirement", "words"),
    [
        pytest.param(
            both(
                assign(
                    "clock", "n2", "daemon", {"name": None, "synchronized": False, "error": "None of chrony … runs"}
                ),
                assign("clock", "n2", "kernel", {"synchronized": True, "max_error": 0.02}),
            ),
            "clocks",
            "No time daemon keeps the clock in step",
            id="stopped_daemon_whose_clock_is_right",
        ),
        pytest.param(
            told("n2", "units", "rstudio-server", "enabled", "disabled"),
            "status",
            "does not start with its host",
            id="unit_that_is_not_enabled",
        ),
    ],
)
def test_a_note_decides_nothing_and_names_the_node(change: Change, requirement: str, words: str) -> None:
    answer = judged(change)
    (note,) = findings(answer, requirement, "note")
    assert (answer["verdict"], note["hosts"]) == ("pass", ["n2"])
    assert words in note["what"]
    assert note["remedy"]


def test_without_project_sharing_the_directory_need_not_be_open() -> None:
    closed = told("*", "shared_storage", "mode", "0755")
    off = assign("node", "*", "config", "rserver.conf", "server-project-sharing", ["0"])
    assert judged(both(closed, off))["verdict"] == "pass"


@pytest.mark.parametrize("on", ["", "1", "on", "YES"])
def test_every_switch_that_the_product_takes_for_on_is_on(on: str) -> None:
    """`ssl-enabled=` alone switches TLS on, in rserver.conf and for the launcher alike."""

    def change(measured: Measured) -> None:
        for host, node in measured["node"].items():
            node["config"]["rserver.conf"].update(
                {"ssl-enabled": [on], "launcher-use-ssl": [on], "launcher-sessions-enabled": [on]}
            )
            node["config"]["rserver.conf"]["load-balancing-enabled"] = [on]
            node["config"]["load-balancer"]["verify-ssl-certs"] = [on]
            node["config"]["launcher.conf"]["server.enable-ssl"] = ["true"]
            node["tls"] = [certificate(names=[samples.HOSTS[host]])]
            measured["cluster"][host]["protocol"] = "Https"

    answer = judged(change)
    assert {key: verdict for key, verdict in verdicts(answer).items() if verdict != "pass"} == {}


def test_clock_off_by_less_than_the_limit_passes_with_its_figure() -> None:
    answer = judged(assign("clock", "n3", "offset", 0.3))
    assert answer["verdict"] == "pass"
    assert findings(answer, "clocks", "pass")[0]["measured"] == "0.302 s ± 0.008 s"


def test_member_that_does_not_answer_is_never_a_pass() -> None:
    answer = judged(lambda measured: samples.without(measured, "n2"))
    named = {requirement["id"]: requirement for requirement in answer["requirements"]}
    assert answer["verdict"] == "unknown"
    for name in (
        "version",
        "configuration",
        "accounts",
        "clocks",
        "homes",
        "keys",
        "ports",
        "locks",
        "visibility",
        "status",
    ):
        assert named[name]["verdict"] == "unknown", name
        assert any(item["hosts"] == ["n2"] for item in named[name]["findings"]), name


def test_member_outside_the_run_is_said_to_be() -> None:
    answer = judged(both(lambda measured: samples.without(measured, "n2"), assign("outside", ["n2"])))
    assert findings(answer, "version", "unknown")[0]["measured"] == "n2 is not in this run (--limit)"


def test_fail_beats_unknown() -> None:
    answer = judged(both(lambda measured: samples.without(measured, "n2"), missing_newline))
    assert verdicts(answer)["keys"] == "fail"


def test_nothing_measured_is_unknown_everywhere() -> None:
    answer = verify_verdict({"members": ["n1"], "policy": {"now": "2026-11-21"}})
    assert set(verdicts(answer).values()) == {"unknown"}


def test_one_node_has_nobody_to_differ_from() -> None:
    def change(measured: Measured) -> None:
        for host in ("n2", "n3"):
            samples.without(measured, host)
            measured["members"].remove(host)
        measured["node"]["n1"]["peers"] = {}
        measured["cluster"]["n1"].update({key: measured["cluster"]["n1"][key][:1] for key in ("nodes", "status")})

    assert judged(change)["verdict"] == "pass"


def test_no_members_is_unknown() -> None:
    assert verify_verdict({"members": [], "policy": {"now": "2026-11-21"}})["verdict"] == "unknown"


@pytest.mark.parametrize(
    ("change", "requirement", "verdict", "words"),
    [
        pytest.param(assign("clock", "n3", "bound", 2.0), "clocks", "unknown", "too wide to tell", id="wide_bound"),
        pytest.param(
            assign("clock", "n3", samples.clock(None, None)),
            "clocks",
            "unknown",
            "could not be measured",
            id="no_offset",
        ),
        pytest.param(
            both(*(assign("clock", host, "offset", -5.0) for host in samples.HOSTS)),
            "clocks",
            "fail",
            "The clock of the file server is 5.000 s ahead of n1, n2, n3",
            id="the_file_server_is_off",
        ),
        pytest.param(
            assign("node", "n2", "versions", "launcher", "2.19.0"),
            "version",
            "fail",
            "launcher has different",
            id="launcher",
        ),
        pytest.param(
            assign("node", "n2", "versions", "workbench", None), "version", "fail", "not installed", id="not_installed"
        ),
        pytest.param(
            assign("node", "n2", "versions", "r", ["4.3.0"]), "runtimes", "fail", "different R", id="r_versions"
        ),
        pytest.param(without_r, "runtimes", "fail", "There is no R", id="no_r_where_sessions_run"),
        pytest.param(
            both(
                without_r,
                elsewhere,
            ),
            "runtimes",
            "pass",
            "R: none",
            id="no_r_where_none_run",
        ),
        pytest.param(
            both(assign("node", "n2", "config", {}), assign("node", "n2", "unparsed", {})),
            "configuration",
            "fail",
            "There is no configuration",
            id="one_node_without_configuration",
        ),
        pytest.param(
            both(assign("node", "*", "config", {}), assign("node", "*", "unparsed", {})),
            "configuration",
            "unknown",
            "There is no configuration",
            id="no_configuration_at_all",
        ),
        pytest.param(
            assign("node", "n2", "unparsed", {}),
            "configuration",
            "fail",
            "rsession-profile differs",
            id="file_missing_on_one_node",
        ),
        pytest.param(
            assign("node", "n2", "accounts", "uids", {"20001": ["ada", "bob"], "989": ["rstudio-server"]}),
            "accounts",
            "fail",
            "uid 20001 of ada belongs to others too",
            id="number_has_two_names",
        ),
        pytest.param(
            assign("node", "n2", "accounts", "groups", {}),
            "accounts",
            "fail",
            "analysts does not exist",
            id="group_missing",
        ),
        pytest.param(
            assign("node", "n2", "service_user", "www"), "accounts", "fail", "different accounts", id="service_users"
        ),
        pytest.param(
            assign("node", "n2", "accounts", "users", "ada", "home", "/home/ada"),
            "homes",
            "fail",
            "home of ada",
            id="local_home",
        ),
        pytest.param(
            assign(
                "node", "n2", "share", HOME, {"written": True, "chmod_kept": True, "root_squashed": True, "error": None}
            ),
            "homes",
            "fail",
            "Root is squashed",
            id="root_squash",
        ),
        pytest.param(
            assign(
                "node",
                "n2",
                "share",
                HOME,
                {"written": True, "chmod_kept": False, "root_squashed": False, "error": None},
            ),
            "homes",
            "fail",
            "does not keep file modes",
            id="modes_not_kept",
        ),
        pytest.param(
            assign(
                "node",
                "n2",
                "share",
                HOME,
                {"written": False, "chmod_kept": None, "root_squashed": None, "error": "EROFS"},
            ),
            "homes",
            "fail",
            "cannot be written",
            id="read_only",
        ),
        pytest.param(
            assign(
                "node",
                "n2",
                "share",
                HOME,
                {"written": None, "chmod_kept": None, "root_squashed": None, "error": "check mode"},
            ),
            "homes",
            "unknown",
            "was not tried",
            id="not_written",
        ),
        pytest.param(
            assign("node", "*", "config", "rserver.conf", "server-shared-storage-path", ["/var/lib/shared"]),
            "shared-storage",
            "fail",
            "not on shared storage",
            id="storage_path_is_local",
        ),
        pytest.param(
            assign("node", "*", "config", "rserver.conf", "server-shared-storage-path", []),
            "shared-storage",
            "fail",
            "is not set",
            id="storage_path_is_not_set",
        ),
        pytest.param(
            assign("node", "*", "config", "database.conf", "provider", ["sqlite"]),
            "database",
            "fail",
            "does not use PostgreSQL",
            id="sqlite",
        ),
        pytest.param(
            assign(
                "node",
                "n2",
                "database",
                {"host": "db", "port": 5432, "reachable": False, "server_version": None, "error": "refused"},
            ),
            "database",
            "fail",
            "cannot be reached",
            id="database_down",
        ),
        pytest.param(
            assign(
                "node",
                "*",
                "database",
                {"host": "db", "port": 5432, "reachable": True, "server_version": "10.23", "error": None},
            ),
            "database",
            "fail",
            "too old",
            id="old_postgresql",
        ),
        pytest.param(
            assign("cluster", "*", "protocol", "Https"), "database", "fail", "protocol in the database", id="protocol"
        ),
        pytest.param(
            assign("node", "*", "config", "launcher.conf", "server.address", ["localhost"]),
            "launcher",
            "fail",
            "answers its own node only",
            id="launcher_on_localhost",
        ),
        pytest.param(assign("node", "n2", "hostname", "n1"), "launcher", "fail", "not unique", id="hostnames"),
        pytest.param(
            assign("node", "*", "config", "rserver.conf", "launcher-port", ["5560"]),
            "launcher",
            "fail",
            "configured differently",
            id="port",
        ),
        pytest.param(
            assign(
                "node",
                "n1",
                "peers",
                {
                    peer: {"address": [samples.HOSTS[peer]], "ports": {"8787": "open", "5559": "timeout"}}
                    for peer in ("n2", "n3")
                },
            ),
            "ports",
            "fail",
            "n1 reaches none of n2, n3 on port 5559",
            id="cut_off_node",
        ),
        pytest.param(
            assign("node", "n3", "config", "rserver.conf", "www-port", ["87x"]),
            "ports",
            "fail",
            "A port is no number",
            id="no_port",
        ),
        pytest.param(
            assign("node", "*", "config", "launcher.conf", "server.port", ["65536"]),
            "ports",
            "fail",
            "A port is no number",
            id="no_port_of_the_launcher",
        ),
        pytest.param(
            assign("node", "n3", "config", "load-balancer", "www-host-name", ["10.0.0.13:http"]),
            "ports",
            "fail",
            "A port is no number",
            id="no_port_behind_the_name",
        ),
        pytest.param(
            both(blocked, assign("cluster", "n3", "services", "rstudio-launcher", "inactive")),
            "ports",
            "unknown",
            "could not be tried",
            id="closed_because_not_running",
        ),
        pytest.param(
            assign("node", "n2", "key_files", "cookie_key", {**samples.key(size=16), "managed": False}),
            "keys",
            "fail",
            "too short",
            id="short_key",
        ),
        pytest.param(
            assign("node", "n2", "key_files", "database_password", {"state": "encrypted", "key_crc32": "00000000"}),
            "keys",
            "fail",
            "encrypted with another key",
            id="password_of_another_key",
        ),
        pytest.param(
            assign("node", "n2", "key_files", "launcher_private", "owner", "ada"),
            "keys",
            "fail",
            "another account",
            id="key_owner",
        ),
        pytest.param(
            assign("node", "n2", "key_files", "launcher_pair", "unknown"),
            "keys",
            "unknown",
            "could not be told",
            id="pair_unknown",
        ),
        pytest.param(
            assign(
                "node",
                "n2",
                "key_files",
                "cookie_key",
                {"state": "absent", "sha256": None, "size": None, "mode": None, "owner": None, "crc32": None},
            ),
            "keys",
            "fail",
            "secure-cookie-key is missing",
            id="key_missing",
        ),
        pytest.param(
            assign(
                "node",
                "n2",
                "seen",
                HOME,
                "n1",
                {"delay": None, "mode": None, "uid": None, "error": "not there after 10 s"},
            ),
            "visibility",
            "fail",
            f"A file of n1 in {HOME} is not seen",
            id="not_seen",
        ),
        pytest.param(
            assign("node", "n2", "seen", HOME, "n1", {"delay": 0.1, "mode": "0600", "uid": 65534, "error": None}),
            "visibility",
            "fail",
            "different owners or modes",
            id="id_mapping",
        ),
        pytest.param(
            assign("node", "n2", "seen", HOME, {}), "visibility", "unknown", "was not looked for", id="not_looked_for"
        ),
        pytest.param(
            both(blocked, assign("cluster", "n3", "services", {})),
            "ports",
            "unknown",
            "could not be tried",
            id="unit_unknown",
        ),
        pytest.param(
            assign("node", "n2", "peers", "n1", "address", []), "names", "fail", "is not resolved", id="name_unknown"
        ),
        pytest.param(
            assign("node", "n2", "peers", "n1", "address", ["127.0.1.1"]),
            "names",
            "fail",
            "is the node itself",
            id="loopback",
        ),
        pytest.param(
            assign("node", "n2", "peers", "n1", "address", ["10.9.9.9"]),
            "names",
            "fail",
            "different addresses",
            id="two_addresses",
        ),
        pytest.param(
            assign("cluster", "n2", "services", "rstudio-server", "failed"),
            "status",
            "fail",
            "n2 is not healthy",
            id="stopped",
        ),
        pytest.param(
            lambda measured: [
                cluster["nodes"][1].update(status="Missed check-in") for cluster in measured["cluster"].values()
            ],
            "status",
            "fail",
            "n2 is not healthy",
            id="missed_check_in",
        ),
        pytest.param(
            lambda measured: [cluster["nodes"].pop(1) for cluster in measured["cluster"].values()],
            "status",
            "fail",
            "n2 is not healthy",
            id="not_listed",
        ),
        pytest.param(
            lambda measured: [cluster["status"][1].update(flag="offline") for cluster in measured["cluster"].values()],
            "status",
            "fail",
            "n2 is not healthy",
            id="offline",
        ),
        pytest.param(
            lambda measured: measured["cluster"]["n3"].update(nodes=measured["cluster"]["n3"]["nodes"][2:]),
            "status",
            "fail",
            "not in one cluster",
            id="two_databases",
        ),
        pytest.param(
            assign("node", "*", "config", "rserver.conf", "load-balancing-enabled", ["0"]),
            "status",
            "fail",
            "Load balancing is off",
            id="off",
        ),
        pytest.param(
            lambda measured: [
                cluster.update(nodes=[], status=[], errors=["no"]) for cluster in measured["cluster"].values()
            ],
            "status",
            "unknown",
            "No node lists the cluster",
            id="no_list",
        ),
    ],
)
def test_one_change_gives_one_verdict(change: Change, requirement: str, verdict: str, words: str) -> None:
    gives(change, requirement, verdict, words)


@pytest.mark.parametrize(
    ("change", "requirement"),
    [
        pytest.param(
            assign(
                "node",
                "n2",
                "config",
                "load-balancer",
                {"config.www-host-name": ["n2"], "config.balancer": ["sessions"]},
            ),
            "configuration",
            id="section_and_own_name",
        ),
        pytest.param(
            assign("node", "n2", "config", "rserver.conf", "www-port", ["8788"]), "configuration", id="www_port"
        ),
        pytest.param(
            assign("node", "n2", "config", "rserver.conf", "www-address", ["10.0.0.12"]),
            "configuration",
            id="www_address",
        ),
        pytest.param(assign("node", "n2", "unparsed", "secure-cookie-key", "sha256:1"), "configuration", id="key_file"),
        pytest.param(
            assign("node", "n2", "mounts", HOME, samples.mount(HOME, "10.0.0.21:/srv")), "homes", id="export_by_address"
        ),
        pytest.param(
            assign(
                "node",
                "*",
                "database",
                {"host": "db", "port": 5432, "reachable": True, "server_version": None, "error": None},
            ),
            "database",
            id="version_untold",
        ),
        pytest.param(
            assign("node", "n2", "key_files", "stray", [{"path": "/var/lib/x", "sha256": "f" * 64, "agrees": False}]),
            "keys",
            id="stray",
        ),
        pytest.param(
            assign("node", "n2", "key_files", "database_password", {"state": "plain", "key_crc32": None}),
            "keys",
            id="plain_password",
        ),
        pytest.param(
            assign("clock", "n2", "daemon", {"name": None, "synchronized": False}), "clocks", id="no_daemon_but_kernel"
        ),
        pytest.param(assign("cluster", "*", "services", {}), "status", id="services_unknown"),
    ],
)
def test_what_is_allowed_does_not_fail(change: Change, requirement: str) -> None:
    assert verdicts(judged(change))[requirement] == "pass"


def test_wrong_port_is_named_with_its_node_and_file() -> None:
    answer = judged(assign("node", "n3", "config", "rserver.conf", "www-port", ["87x"]))
    (found,) = findings(answer, "ports", "fail")
    assert (found["hosts"], found["measured"]) == (["n3"], "87x for www-port in rserver.conf on n3")
    assert "server_rserver_conf" in found["remedy"]


def without_launcher(value: list[str] | None) -> Change:
    """The answers of a cluster on which launcher sessions are off."""

    def change(measured: Measured) -> None:
        for host in samples.HOSTS:
            rserver = measured["node"][host]["config"]["rserver.conf"]
            del rserver["launcher-sessions-enabled"]
            if value:
                rserver["launcher-sessions-enabled"] = value
            for seen in measured["node"][host]["peers"].values():
                del seen["ports"]["5559"]
            del measured["cluster"][host]["services"]["rstudio-launcher"]

    return change


@pytest.mark.parametrize("value", [["0"], None])
def test_cluster_without_launcher_sessions_passes(value: list[str] | None) -> None:
    assert {
        key: verdict for key, verdict in verdicts(judged(without_launcher(value))).items() if verdict != "pass"
    } == {}


def row(host: str, address: str, number: int = 9) -> dict[str, t.Any]:
    listed = {"id": number, "status": "Online", "last_seen": "2026-Nov-21 10:00:00"}
    return {"host": host, "ipv4": address, "port": 8787, "flag": None, "load": [0, 0, 0], "sessions": [], **listed}


def unseen(member: str, *askers: str) -> Change:
    """`/load-balancer/status` of `askers` does not show a member."""

    def change(measured: Measured) -> None:
        for asker in askers:
            shown = measured["cluster"][asker]["status"]
            measured["cluster"][asker]["status"] = [row for row in shown if row["host"] != samples.HOSTS[member]]

    return change


def added(kind: str, *askers: str) -> Change:
    return lambda measured: [measured["cluster"][asker][kind].append(row("old", "10.0.0.99")) for asker in askers]


HOSTS = tuple(samples.HOSTS)


@pytest.mark.parametrize(
    ("change", "hosts", "what", "measured", "remedy"),
    [
        pytest.param(
            unseen("n3", "n1", "n2"),
            ["n3"],
            "n3 is not healthy",
            "/load-balancer/status of n1, n2 does not show it",
            "Right for seconds after n3 has started",
            id="peers_do_not_see_it",
        ),
        pytest.param(
            unseen("n3", *HOSTS),
            ["n3"],
            "n3 is not healthy",
            "/load-balancer/status of n1, n2, n3 does not show it",
            "restart rstudio-server on n1, n2, n3",
            id="nobody_sees_it",
        ),
        pytest.param(
            both(unseen("n2", "n1"), unseen("n3", "n1")),
            ["n1"],
            "n1 does not know the others",
            "does not show n2, n3",
            "systemctl restart rstudio-server",
            id="it_sees_nobody",
        ),
        pytest.param(
            added("status", "n1", "n2"),
            ["old"],
            "old is in /load-balancer/status, but is no member",
            "n1, n2 show it, list-nodes does not",
            "restart rstudio-server on n1, n2",
            id="ghost_in_the_endpoint_only",
        ),
        pytest.param(
            both(added("nodes", *HOSTS), added("status", *HOSTS)),
            ["old"],
            "old is listed, but is no member",
            "ID 9, Online",
            "It runs: add it to the inventory. Or stop rstudio-server there, and then",
            id="living_stranger",
        ),
    ],
)
def test_list_endpoint_and_inventory_are_held_against_each_other(
    change: Change, hosts: list[str], what: str, measured: str, remedy: str
) -> None:
    (found,) = findings(judged(change), "status", "fail")
    assert (found["hosts"], found["what"]) == (hosts, what)
    assert measured in found["measured"]
    assert remedy in found["remedy"]


def test_member_that_has_left_need_not_be_in_the_endpoint() -> None:
    def change(measured: Measured) -> None:
        unseen("n3", *HOSTS)(measured)
        for cluster in measured["cluster"].values():
            cluster["nodes"][2]["status"] = "Offline"

    (found,) = findings(judged(change), "status", "fail")
    assert found["measured"] == "list-nodes shows Offline"


@pytest.mark.parametrize(
    ("options", "verdict"),
    [
        ({}, "pass"),
        ({"database": ["rstudio"]}, "pass"),
        ({"database": ["postgres"]}, "fail"),
        ({"database": ["template1"]}, "fail"),
        ({"connection-uri": ["postgresql://rstudio:sha256:0123456789ab@db:5432/rstudio?sslmode=require"]}, "pass"),
        ({"connection-uri": ["postgresql://rstudio:sha256:0123456789ab@db/postgres"]}, "fail"),
        ({"connection-uri": ["postgresql://postgres@db"]}, "fail"),
        ({"connection-uri": ["postgresql://[db/rstudio"]}, "pass"),
    ],
)
def test_database_of_its_own(options: dict[str, list[str]], verdict: str) -> None:
    answer = judged(lambda m: [node["config"]["database.conf"].update(options) for node in m["node"].values()])
    assert verdicts(answer)["database"] == verdict
    assert [item["what"] for item in findings(answer, "database", "fail")] == (
        ["Workbench has no database of its own"] if verdict == "fail" else []
    )


@pytest.mark.parametrize(
    ("uri", "password", "said"),
    [
        (
            "postgresql://u@db/w?sslcert=/c&sslkey=/k&sslrootcert=/r&sslmode=verify-full",
            [],
            "sslmode=verify-full on n1, n2, n3",
        ),
        ("postgresql://u@db/w?sslcert=/c&sslkey=/k&sslrootcert=/r&sslmode=verify-ca", [], ""),
        ("postgresql://u@db/w?sslcert=/c&sslkey=/k&sslrootcert=/r&sslmode=verify-full", ["sha256:0123456789ab"], ""),
        ("postgresql://u:sha256:0123456789ab@db/w?sslmode=verify-full", [], ""),
    ],
)
def test_a_certificate_that_is_checked_otherwise_than_asked_is_noted(uri: str, password: list[str], said: str) -> None:
    options = {"connection-uri": [uri], "password": password}
    answer = judged(lambda m: [node["config"]["database.conf"].update(options) for node in m["node"].values()])
    assert verdicts(answer)["database"] == "pass"
    notes = [item["measured"] for item in findings(answer, "database", "note") if "certificate" in item["what"]]
    assert notes == ([said] if said else [])


@pytest.mark.parametrize("option", ["host", "port", "database", "connection-uri"])
def test_nodes_that_name_different_databases_differ_in_configuration(option: str) -> None:
    answer = judged(assign("node", "n3", "config", "database.conf", option, ["1234"]))
    (found,) = findings(answer, "configuration", "fail")
    assert (found["hosts"], found["what"]) == (["n3"], f"{option} in database.conf differs")


def test_version_that_could_not_be_read_says_how() -> None:
    def change(measured: Measured) -> None:
        for node in measured["node"].values():
            node["database"].update(server_version=None, error="PostgreSQL refuses the login of database.conf: no")

    (found,) = findings(judged(change), "database", "note")
    assert "python3-psycopg2" in found["remedy"]
    assert "refuses the login" in found["measured"]


def test_drift_shows_who_has_which_value() -> None:
    rows = judged(assign("node", "n3", "config", "rserver.conf", "auth-timeout-minutes", ["60"]))["tables"]["drift"]
    assert rows == [
        {"file": "rserver.conf", "option": "auth-timeout-minutes", "values": {"30": ["n1", "n2"], "60": ["n3"]}}
    ]


def test_plain_passwords_are_compared() -> None:
    plain = assign("node", "*", "key_files", "database_password", {"state": "plain", "key_crc32": None})
    assert [row["option"] for row in judged(plain)["tables"]["drift"]] == ["password"]


def test_two_nodes_off_from_each_other_are_both_named_without_a_third_clock() -> None:
    def change(measured: Measured) -> None:
        samples.without(measured, "n3")
        measured["members"].remove("n3")
        for host, offset in (("n1", 0.0), ("n2", 4.0)):
            measured["clock"][host].update(offset=offset, reference="controller")

    named = [item["hosts"] for item in findings(judged(change), "clocks", "fail")]
    assert named == [["n1"], ["n2"]]


def measured_against(**references: str) -> Change:
    def change(measured: Measured) -> None:
        for host, reference in references.items():
            measured["clock"][host].update(reference=reference, offset=5.0 if reference == "storage" else 0.0)

    return change


@pytest.mark.parametrize(
    ("references", "verdict", "hosts", "compared"),
    [
        pytest.param(
            {"n1": "controller", "n2": "controller", "n3": "controller"},
            "pass",
            [],
            [["n1", "n2"], ["n1", "n3"], ["n2", "n3"]],
            id="all against the controller",
        ),
        pytest.param(
            {"n2": "controller", "n3": "controller"},
            "unknown",
            ["n1"],
            [["n1", "file server"], ["n2", "n3"]],
            id="one against storage",
        ),
        pytest.param(
            {"n3": "controller"},
            "unknown",
            ["n3"],
            [["n1", "n2"], ["n1", "file server"], ["n2", "file server"]],
            id="one against the controller",
        ),
    ],
)
def test_clocks_with_different_references_are_not_compared(
    references: dict[str, str], verdict: str, hosts: list[str], compared: list[list[str]]
) -> None:
    answer = judged(measured_against(**references))
    assert verdicts(answer)["clocks"] == verdict
    assert [item["hosts"] for item in findings(answer, "clocks", "unknown")] == ([hosts] if hosts else [])
    assert [row["hosts"] for row in answer["tables"]["pairs"]] == compared
    assert {row["host"] for row in answer["tables"]["clocks"]} == {host for pair in compared[:3] for host in pair} - (
        {"n2", "n3"} if len(references) == 2 else set()
    )


def test_clock_that_is_off_among_those_of_one_reference() -> None:
    def change(measured: Measured) -> None:
        measured_against(n1="controller", n2="controller", n3="controller")(measured)
        measured["clock"]["n2"].update(offset=3.0, bound=0.1)

    (found,) = findings(judged(change), "clocks", "fail")
    assert (found["hosts"], found["what"], found["measured"]) == (
        ["n2"],
        "The clock of n2 is 3.000 s ahead of n1, n3",
        "± 0.104 s",
    )


@pytest.mark.parametrize(
    ("file", "one", "other", "drifts"),
    [
        ("rserver.conf", ["a", "b"], ["b", "a"], False),
        ("rserver.conf", ["a", "b"], ["a", "c"], True),
        ("load-balancer", ["n1", "n2"], ["n2", "n1"], False),
        ("launcher.conf", ["Local", "Slurm"], ["Slurm", "Local"], True),
        ("env-vars", ["1", "2"], ["2", "1"], True),
    ],
)
def test_order_of_values_counts_where_it_means_something(
    file: str, one: list[str], other: list[str], drifts: bool
) -> None:
    def change(measured: Measured) -> None:
        for host, entry in measured["node"].items():
            entry["config"].setdefault(file, {})["repeated"] = other if host == "n2" else one

    assert [row["option"] for row in judged(change)["tables"]["drift"]] == (["repeated"] if drifts else [])


@pytest.mark.parametrize(("third", "drifts"), [("https://10.0.0.13:443", False), ("https://10.0.0.11:443", True)])
def test_sessions_that_call_back_at_the_nodes_own_address_are_no_drift(third: str, drifts: bool) -> None:
    def change(measured: Measured) -> None:
        for number, entry in enumerate(measured["node"].values(), 11):
            entry["config"]["rserver.conf"].update(
                {
                    "www-address": [f"10.0.0.{number}"],
                    "launcher-sessions-callback-address": [third if number == 13 else f"https://10.0.0.{number}:443"],
                }
            )

    assert [row["option"] for row in judged(change)["tables"]["drift"]] == (
        ["launcher-sessions-callback-address"] if drifts else []
    )


def test_drift_shows_values_in_their_order() -> None:
    def change(measured: Measured) -> None:
        for host, values in (("n1", ["b", "a"]), ("n2", ["a", "b"]), ("n3", ["c"])):
            measured["node"][host]["config"]["rserver.conf"]["www-allow-origin"] = values

    answer = judged(change)
    assert [row["values"] for row in answer["tables"]["drift"]] == [{"b, a": ["n1", "n2"], "c": ["n3"]}]
    assert findings(answer, "configuration", "fail")[0]["hosts"] == ["n3"]


@pytest.mark.parametrize(
    ("events", "verdict", "words"),
    [
        pytest.param("hold n1 refused", "fail", "no node can acquire it", id="none_acquires"),
        pytest.param(
            "hold n1 held, try n2 acquired, try n3 acquired", "fail", "all nodes acquire it", id="all_acquire"
        ),
        pytest.param("hold n1 held, try n2 refused, try n3 acquired", "fail", "n3 acquired it", id="one_acquires"),
        pytest.param("hold n1 held, try n2 unsupported", "fail", "cannot acquire it at all", id="unsupported_there"),
        pytest.param("hold n1 held, try n2 gone", "unknown", "trying it failed", id="holder_died"),
        pytest.param("hold n1 held", "unknown", "no other node tried it", id="nobody_tried"),
        pytest.param("try n2 acquired", "unknown", "no node held it", id="nobody_held"),
        pytest.param(
            "hold n1 held, try n2 refused, release n1 live", "fail", "n1 does not release it", id="no_release"
        ),
        pytest.param(
            "hold n1 held, try n2 refused, takeover n2 refused", "fail", "n2 cannot take it over", id="no_takeover"
        ),
        pytest.param(
            "hold n1 held, try n2 refused, again n1 held, crash n1 gone, stale n2 live 2, stale n2 live 31",
            "fail",
            "never take over",
            id="never_stale",
        ),
        pytest.param(
            "hold n1 held, try n2 refused, again n1 held, crash n1 gone, stale n2 live 2",
            "unknown",
            "could not be asked again",
            id="asked_once",
        ),
        pytest.param(
            "hold n1 held, try n2 refused, stale n1 stale 3", "fail", "would steal it 3 s after", id="too_early"
        ),
        pytest.param(
            "hold n1 held, try n2 refused, again n1 held, crash n1 gone, stale n2 live 2, stale n2 stale 31",
            "pass",
            "n1 held it, 1 other node refused",
            id="works",
        ),
        pytest.param(
            "hold n1 held, try n2 refused, crash n1 gone, stale n2 stale 31",
            "unknown",
            "not held a second time",
            id="never_held_again",
        ),
        pytest.param(
            "hold n1 held, try n2 refused, again n1 error, crash n1 error, stale n2 gone",
            "unknown",
            "n1 cannot acquire it again: error",
            id="again_in_error",
        ),
        pytest.param(
            "hold n1 held, try n2 refused, again n1 refused, crash n1 error, stale n2 gone",
            "fail",
            "n1 cannot acquire it again: refused",
            id="not_acquired_again",
        ),
        pytest.param(
            "hold n1 held, try n2 refused, again n1 held, stale n2 stale 31",
            "unknown",
            "its holder could not be killed: not tried",
            id="never_killed",
        ),
        pytest.param(
            "hold n1 held, try n2 refused, again n1 held, crash n1 error, stale n2 gone",
            "unknown",
            "its holder could not be killed: error",
            id="kill_in_error",
        ),
        pytest.param(
            "hold n1 held, try n2 refused, again n1 held, crash n1 gone",
            "unknown",
            "nobody saw what becomes of the lock",
            id="nobody_asked_after_the_death",
        ),
        pytest.param(
            "hold n1 held, try n2 refused, again n1 held, crash n1 gone, stale n2 error",
            "unknown",
            "nobody saw what becomes of the lock",
            id="asked_in_error",
        ),
    ],
)
def test_lock(events: str, verdict: str, words: str) -> None:
    def change(measured: Measured) -> None:
        measured["locks"] = []
        for event in events.split(", "):
            step, host, outcome, *seconds = event.split()
            measured["locks"].append(samples.lock(step, host, outcome, seconds=float(seconds[0]) if seconds else None))

    row = judged(change)["tables"]["locks"][0]
    assert (row["verdict"], row["configured"]) == (verdict, True)
    assert words in row["says"]


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"lock-type": ["advisory"]}, "advisory"),
        ({"lock-type": ["linkbased"], "use-symlinks": ["1"]}, "symlink"),
        ({"lock-type": ["linkbased"], "use-symlinks": ["true"]}, "linkbased"),
        ({"lock-type": ["linkbased"], "use-symlinks": ["+1"]}, "symlink"),
        ({"lock-type": ["flock"], "use-symlinks": ["01"]}, "symlink"),
        ({}, "linkbased"),
    ],
)
def test_verdict_is_for_the_configured_lock(options: dict[str, list[str]], kind: str) -> None:
    def change(measured: Measured) -> None:
        for entry in measured["node"].values():
            entry["config"]["file-locks"] = options
        for event in measured["locks"]:
            if event["type"] == kind and event["step"] == "try":
                event["outcome"] = "acquired"

    answer = judged(change)
    assert verdicts(answer)["locks"] == "fail"
    assert {row["type"] for row in answer["tables"]["locks"] if row["configured"]} == {kind}


def test_other_lock_type_is_a_note() -> None:
    def change(measured: Measured) -> None:
        for event in measured["locks"]:
            if event["type"] == "advisory" and event["step"] == "try":
                event["outcome"] = "acquired"

    assert verdicts(judged(change))["locks"] == "pass"


def locktester(tried: str, hold: str = "held") -> Change:
    def change(measured: Measured) -> None:
        measured["locks"] += [
            samples.lock("hold", "n1", hold, "locktester"),
            samples.lock("try", "n2", "refused", "locktester"),
            samples.lock("try", "n3", tried, "locktester"),
            samples.lock("release", "n1", "released", "locktester"),
        ]

    return change


def all_acquire(measured: Measured) -> None:
    locktester("refused")(measured)
    for event in measured["locks"]:
        if event["type"] == "linkbased" and event["step"] == "try":
            event["outcome"] = "acquired"


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        pytest.param(locktester("refused"), "note", "agrees: n1 held it, 2 other nodes refused", id="agrees"),
        pytest.param(locktester("acquired"), "fail", "disagrees: n3 acquired it while n1 holds it", id="sees a fault"),
        pytest.param(locktester("refused", "unsupported"), None, "", id="not installed"),
        pytest.param(
            locktester("unsupported"), "note", "agrees: n1 held it, 1 other node refused", id="not everywhere"
        ),
        pytest.param(locktester("error"), "note", "cannot be compared: trying it failed", id="does not tell"),
        pytest.param(locktester("refused", "refused"), "fail", "disagrees: no node can acquire it", id="none acquires"),
        pytest.param(all_acquire, "note", "disagrees: n1 held it", id="misses a fault"),
    ],
)
def test_the_product_s_own_locktester(change: Change, verdict: str | None, words: str) -> None:
    answer = judged(change)
    said = [finding for finding in findings(answer, "locks") if "own locktester" in finding["what"]]
    assert [finding["verdict"] for finding in said] == ([verdict] if verdict else [])
    assert all(words in finding["what"] for finding in said)
    assert verdicts(answer)["locks"] == ("fail" if verdict == "fail" or change is all_acquire else "pass")


def mounted_with(*options: str) -> Change:
    def change(measured: Measured) -> None:
        measured["node"]["n2"]["mounts"][samples.HOME]["options"] = ["rw", *options]

    return change


def advisory_with(*options: str) -> Change:
    def change(measured: Measured) -> None:
        mounted_with(*options)(measured)
        for entry in measured["node"].values():
            entry["config"]["file-locks"]["lock-type"] = ["advisory"]

    return change


@pytest.mark.parametrize(
    ("change", "measured"),
    [
        pytest.param(mounted_with("acregmin=1800", "acregmax=1800"), "attributes cached for 1800 s on n2", id="cached"),
        pytest.param(mounted_with("acregmin=2", "acregmax=2"), None, id="cached for a moment"),
        pytest.param(mounted_with("actimeo=1800", "noac"), None, id="noac"),
        pytest.param(mounted_with("nolock"), None, id="link-based locks need no lock service"),
        pytest.param(advisory_with("nolock"), "nolock on n2", id="nolock"),
        pytest.param(advisory_with("actimeo=1800"), None, id="advisory locks have no time"),
    ],
)
def test_mount_options_agree_with_the_lock(change: Change, measured: str | None) -> None:
    found = findings(judged(change), "locks", "fail")
    assert [(item["hosts"], item["measured"]) for item in found] == ([(["n2"], measured)] if measured else [])


def test_holder_that_ended_too_early_proves_nothing() -> None:
    def change(measured: Measured) -> None:
        for event in measured["locks"]:
            if event["step"] == "try" and event["host"] == "n3":
                event["outcome"] = "acquired"
            if event["step"] == "release":
                event["outcome"] = "gone"

    answer = judged(change)
    assert verdicts(answer)["locks"] == "unknown"
    assert "did not hold it until all others had tried" in findings(answer, "locks", "unknown")[0]["what"]


def test_advisory_word_of_the_product_s_own_test_is_a_note() -> None:
    def change(measured: Measured) -> None:
        locktester("acquired")(measured)
        advisory_with()(measured)

    answer = judged(change)
    assert verdicts(answer)["locks"] == "pass"
    assert any("disagrees: n3 acquired it" in item["what"] for item in findings(answer, "locks", "note"))


def no_such_path(measured: Measured) -> None:
    for entry in measured["node"].values():
        entry["mounts"][samples.SHARED] = None
        entry["share"][samples.SHARED] = {
            "written": False,
            "chmod_kept": None,
            "root_squashed": None,
            "error": f"{samples.SHARED}/x: No such file or directory",
        }


def on_demand(measured: Measured) -> None:
    for entry in measured["node"].values():
        entry["mounts"][samples.HOME].update(fstype="autofs", source="auto.home")
        entry["share"][samples.HOME] = {"written": False, "chmod_kept": None, "root_squashed": True, "error": "denied"}


@pytest.mark.parametrize(
    ("change", "requirement", "words"),
    [
        pytest.param(on_demand, "homes", "mounted on demand", id="autofs"),
        pytest.param(no_such_path, "visibility", "is not the shared directory here", id="no such directory"),
        pytest.param(on_demand, "visibility", "No file was made in", id="nothing was written"),
    ],
)
def test_what_cannot_be_told_is_no_pass_and_no_fail(change: Change, requirement: str, words: str) -> None:
    answer = judged(change)
    assert verdicts(answer)[requirement] == "unknown"
    assert any(words in item["what"] for item in findings(answer, requirement, "unknown"))


def test_directory_that_is_nowhere_is_a_wrong_name() -> None:
    def change(measured: Measured) -> None:
        measured["policy"]["paths"] = [samples.HOME]
        for entry in measured["node"].values():
            entry["mounts"][samples.HOME] = None
            entry["share"][samples.HOME] = {"written": False, "error": "x: No such file or directory"}

    (found,) = findings(judged(change), "homes", "unknown")
    assert (found["what"], "verify_paths" in found["remedy"]) == (f"There is no {samples.HOME}", True)


def test_members_of_the_groups_are_compared() -> None:
    def change(measured: Measured) -> None:
        for host, entry in measured["node"].items():
            entry["accounts"]["users"]["eve"] = {"uid": 20009 if host == "n2" else 20008, "gid": 30001, "home": "/x"}
        del measured["node"]["n3"]["accounts"]["users"]["eve"]

    said = {item["what"]: item["hosts"] for item in findings(judged(change), "accounts", "fail")}
    assert said["eve does not exist, or is in none of analysts"] == ["n3"]
    assert said["eve has different uids"] == ["n1", "n2"]


def test_nobody_named_is_no_pass() -> None:
    def change(measured: Measured) -> None:
        measured["policy"].update(users=[], groups=[])

    assert verdicts(judged(change))["accounts"] == "unknown"


def test_why_locks_were_not_tried() -> None:
    def change(measured: Measured) -> None:
        measured["locks"] = [event for event in measured["locks"] if event["host"] != "n3"]
        measured["failures"] = {"n3": "no space left"}

    (found,) = findings(judged(change), "locks", "unknown")
    assert (found["hosts"], found["measured"]) == (["n3"], "no space left on n3")


def test_locks_that_are_stale_before_they_are_refreshed() -> None:
    def change(measured: Measured) -> None:
        measured["node"]["n2"]["config"]["file-locks"].update({"refresh-rate": ["60"]})

    (found,) = findings(judged(change), "locks", "fail")
    assert (found["hosts"], found["measured"]) == (["n2"], "refresh-rate 60 s, timeout-interval 30 s on n2")


@pytest.mark.parametrize(
    ("change", "advice"),
    [(without_hard_links, "use-symlinks=1"), (advisory_without_server, "without nolock on n1, n2, n3")],
)
def test_lock_remedy_is_a_setting_that_works_here(change: Change, advice: str) -> None:
    assert advice in findings(judged(change), "locks", "fail")[0]["remedy"]


@pytest.mark.parametrize(
    ("tls", "name", "verdict", "words"),
    [
        (certificate(), "n1.example.com", "pass", "names n1.example.com"),
        (certificate(), "other.example.com", "pass", "names other.example.com"),
        (certificate(), "N1.Example.Com", "pass", "names N1.Example.Com"),
        (certificate(), "10.0.0.12", "pass", "names 10.0.0.12"),
        (certificate(), "10.0.0.11", "fail", "does not name 10.0.0.11"),
        (certificate(), "fd00::11", "pass", "names fd00::11"),
        (certificate(), "[fd00:0::11]:8787", "pass", "names fd00:0::11"),
        (certificate(), "fd00::12", "fail", "does not name fd00::12"),
        (certificate(not_after="2026-11-20T00:00:00"), "n1.example.com", "fail", "has expired"),
        (certificate(not_before="2026-11-22T00:00:00"), "n1.example.com", "fail", "not valid yet"),
        (certificate(not_after="2026-12-01T00:00:00"), "n1.example.com", "note", "expires soon"),
        (certificate(error="no file"), "n1.example.com", "unknown", "could not be read"),
        (None, "n1.example.com", "unknown", "no certificate was reported"),
    ],
)
def test_certificate(tls: t.Any, name: str, verdict: str, words: str) -> None:
    def change(measured: Measured) -> None:
        for entry in measured["node"].values():
            entry["config"]["rserver.conf"]["ssl-enabled"] = ["1"]
            entry["config"]["load-balancer"]["www-host-name"] = [name]
            entry["tls"] = [tls] if tls else []

    assert words in findings(judged(change), "tls", verdict)[0]["what"]


@pytest.mark.parametrize("file", ["rserver.conf", "launcher.conf"])
@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"not_after": "2026-11-20T00:00:00"}, "has expired"),
        ({"names": ["other.example.org"]}, "does not name n2.example.com"),
    ],
)
def test_each_certificate_of_a_node_is_judged(file: str, broken: dict[str, t.Any], words: str) -> None:
    def change(measured: Measured) -> None:
        for host, entry in measured["node"].items():
            entry["config"]["load-balancer"]["www-host-name"] = [f"{host}.example.com"]
            entry["tls"] = [certificate(), certificate(file="launcher.conf")]
        bad = next(entry for entry in measured["node"]["n2"]["tls"] if entry["file"] == file)
        bad.update(broken)

    answer = judged(change)
    failed = [(item["hosts"], item["what"]) for item in findings(answer, "tls", "fail")]
    assert failed == [(["n2"], f"The certificate of {file} {words}")]
    assert len(findings(answer, "tls", "pass")) == 5


def test_node_table_says_where_to_look() -> None:
    rows = {row["host"]: row for row in judged(blocked)["tables"]["nodes"]}
    assert rows["n3"]["fails"] == ["ports"]
    assert rows["n1"]["fails"] == []
    assert rows["n1"]["sessions"] == 1
    assert rows["n1"]["cookie_key"] == "c" * 12


def test_times_are_read_as_the_product_reads_them() -> None:
    """As text both look fine; the product takes 30 for what is no number, and cuts."""

    def change(measured: Measured) -> None:
        measured["node"]["n2"]["config"]["file-locks"].update({"refresh-rate": ["3e1"], "timeout-interval": ["x9"]})

    (found,) = findings(judged(change), "locks", "fail")
    assert (found["hosts"], found["measured"]) == (["n2"], "refresh-rate 30 s, timeout-interval 30 s on n2")


def test_values_of_file_locks_that_are_not_taken_are_a_note() -> None:
    def change(measured: Measured) -> None:
        for entry in measured["node"].values():
            entry["config"]["file-locks"].update({"refresh-rate": ["-1"]})

    answer = judged(change)
    (found,) = [item for item in findings(answer, "locks", "note") if "does not take all" in item["what"]]
    assert (verdicts(answer)["locks"], "refresh-rate=-1 is not taken" in found["measured"]) == ("pass", True)


def test_a_home_that_could_not_be_cleaned_is_no_stranger_s() -> None:
    def change(measured: Measured) -> None:
        measured["locks"].append(samples.lock("clean", "n2", "error", error="/home/x could not be cleaned: no answer"))

    answer = judged(change)
    assert [item for item in findings(answer, "locks", "note") if "Test files lie" in item["what"]] == []


def test_what_a_stranger_planted_is_a_note() -> None:
    def change(measured: Measured) -> None:
        words = "could not be removed: /nfs/home/.workbench-verify-x (of user 1001)"
        measured["locks"].append(samples.lock("clean", "n2", "error", error=words))
        measured["locks"].append(samples.lock("clean", "n2", "gone", path=samples.SHARED))

    answer = judged(change)
    (found,) = [item for item in findings(answer, "locks", "note") if "Test files lie" in item["what"]]
    assert (verdicts(answer)["locks"], found["hosts"], "of user 1001" in found["measured"]) == ("pass", ["n2"], True)
    assert all("clean" not in row["outcomes"] for row in answer["tables"]["locks"])
