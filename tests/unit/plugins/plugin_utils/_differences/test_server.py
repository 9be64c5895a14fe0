# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role server would change on a node, and what that interrupts."""

from __future__ import annotations

import base64
import json
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host.digests import digest, sense
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import FileState, HostReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import PROTOCOL, RUN_KEY, Change
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.server import differences
from ansible_collections.workbench.cluster.plugins.plugin_utils._server.ask import ask
from ansible_collections.workbench.cluster.plugins.plugin_utils._server.facts import r_default
from ansible_collections.workbench.cluster.plugins.plugin_utils._server.files import services
from ansible_collections.workbench.cluster.plugins.plugin_utils._server.wanted import absent
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._differences.wanted import Role

CONF, LAUNCHER, DATABASE = (f"/etc/rstudio/{name}" for name in ("rserver.conf", "launcher.conf", "database.conf"))
KEY, SESSION = "/etc/rstudio/secure-cookie-key", "/etc/rstudio/rsession.conf"
DROP_IN = "/etc/systemd/system/rstudio-server.service.d/workbench-cluster.conf"
TEXTS = {CONF: "www-port=8787\n", LAUNCHER: "[server]\nport=5559\n", SESSION: "a=1\n", DROP_IN: "[Unit]\n"}
SECRETS = {DATABASE: b"password=x\n", KEY: b"key"}
NODE = {
    "inventory_hostname": "n1",
    "server_www_host_name": "n1.example.com",
    "database_host": "db1",
    "database_password": "",
}
LOCAL = [{"name": "cluster", "options": {"name": "Local", "type": "Local"}}]
SESSIONS = [{"pid": number, "user": user, "process": "rsession"} for number, user in enumerate(["ada", "grace", "ada"])]


def plain(path: str, content: str) -> dict[str, str]:
    return {"path": path, "content": content}


def secret(path: str, content: bytes) -> dict[str, str]:
    return {"path": path, "secret_base64": base64.b64encode(content).decode()}


def fit(**other: t.Any) -> dict[str, t.Any]:
    r = {"versions": [], "system": "", "programs": []}
    options = {
        "server_rserver_conf": {},
        "server_load_balancer": {},
        "server_launcher_local_conf": {},
        "server_launcher_sections": LOCAL,
        "server_launcher_scratch_path": "",
    }
    return {"host": "n1", "version": "", "r": r, "launcher": True, "sections": LOCAL, "options": options, **other}


def login(**other: t.Any) -> dict[str, t.Any]:
    place = {"host": "db1", "port": 5432, "name": "rstudio", "user": "rstudio", "schema": "", "tls": "none"}
    files = {"tls_authority": "/a", "client_certificate": "/c", "client_key": "/k", "authentication": "password"}
    return {**place, **files, "node": "n1", "coming": False, "connections": {}, **other}


def wanted(**other: t.Any) -> dict[str, t.Any]:
    return {
        "fit": fit(),
        "licence": {"source": "none", "what": ""},
        "login": login(),
        "www_host_name": "n1.example.com:8787",
        "pythons": [],
        "files": [*(plain(*item) for item in TEXTS.items()), secret(DATABASE, SECRETS[DATABASE])],
        "keys": [secret(KEY, SECRETS[KEY])],
        "remove": [],
        "directories": [],
        "accounts": "",
        "trials": [],
        "lists": False,
        "services": [
            {"name": "rstudio-server", "files": [CONF, DATABASE, KEY], "reload": [SESSION]},
            {"name": "rstudio-launcher", "files": [LAUNCHER, KEY]},
        ],
        "restart": "rolling",
        "tls": {},
        "absent": [],
        "migrates": False,
        **other,
    }


def file(path: str, data: bytes, **other: t.Any) -> dict[str, t.Any]:
    return {
        "digest": digest(RUN_KEY, data),
        "sense": sense(RUN_KEY, path.rpartition("/")[2], data),
        **{"owner": "root", "group": "root", "uid": 0, "gid": 0, "mode": "0600" if path in SECRETS else "0644"},
        **{"age": 1000.0, "ours": True, "kept": False, "content": None},
        **other,
    }


def unit(**other: t.Any) -> dict[str, t.Any]:
    runs = {"load": "loaded", "enabled": "enabled", "active": "active", "uptime": 100.0, "read": 100.0}
    return {**runs, "replaced": False, "unread": False, **other}


def cluster(**other: t.Any) -> dict[str, t.Any]:
    return {
        "installed": True,
        "version": "2026.04.0",
        "www_host_name": "n1.example.com:8787",
        "services": {"rstudio-server": "active", "rstudio-launcher": "active"},
        "protocol": None,
        "status": [{"host": "n1.example.com", "sessions": SESSIONS}, {"host": "n2", "sessions": []}],
        "runtimes": {"r": {"/usr/bin/R": "4.2.2"}, "python": []},
        **other,
    }


def report(
    files: dict[str, t.Any] | None = None,
    server: dict[str, t.Any] | None = None,
    launcher: dict[str, t.Any] | None = None,
    **other: t.Any,
) -> HostReport:
    """A node as it is wanted, but for what is given."""
    contents = {**{path: text.encode() for path, text in TEXTS.items()}, **SECRETS}
    found = {
        "packages": {"rstudio-server": {"state": "installed", "version": "2026.04.0"}},
        "files": {**{path: file(path, content) for path, content in contents.items()}, **(files or {})},
        "units": {"rstudio-server.service": unit(**server or {}), "rstudio-launcher.service": unit(**launcher or {})},
        "cluster": cluster(),
        "errors": {},
        **other,
    }
    return t.cast(HostReport, found)


BARE = report(
    dict.fromkeys([*TEXTS, *SECRETS]),
    *[{"load": "not-found", "enabled": "", "active": "inactive", "uptime": None, "read": None}] * 2,
    packages={"rstudio-server": {"state": "absent", "version": None}},
    cluster=cluster(installed=False, version=None, www_host_name=None, services={}, status=[]),
)
SUSPENDED = "restarts rstudio-server, 3 sessions are suspended (ada, grace)"
SERVER, BOTH = ("rstudio-server",), ("rstudio-server", "rstudio-launcher")


def changes(asked: dict[str, t.Any], found: HostReport) -> list[tuple[str, ...]]:
    """What, why and interrupts of each change; the latter where there is one."""
    told = differences(asked, found)
    assert told.problems == []
    return [tuple(filter(None, (change.what, change.why, change.interrupts))) for change in told.changes]


def test_a_licence_is_named_without_its_key() -> None:
    asked = wanted(licence={"source": "key", "what": "ab" * 32})
    state = {"status": "Evaluation", "days_left": 3, "error": None, "source": "", "what": ""}
    assert changes(asked, report(licence=state)) == [("licence", "Evaluation → Activated (key abababababab)")]
    assert ("licence", "new (key abababababab)") in changes(asked, BARE)
    theirs = differences(asked, report(licence={**state, "status": "Activated"}))
    assert theirs.changes == []
    assert "so it stays" in theirs.notes[0]


@pytest.mark.parametrize(
    ("migrates", "state", "active", "found"),
    [
        (
            True,
            "data",
            "active",
            [("→ PostgreSQL, a copy is kept", "stops rstudio-server, its sessions are suspended")],
        ),
        (True, "moving", "inactive", [("→ PostgreSQL, a copy is kept, a run was cut off", "")]),
        (True, "empty", "active", []),
        (True, "absent", "active", []),
        (False, "data", "active", []),
    ],
)
def test_what_is_in_sqlite_moves_where_that_is_asked_for(
    migrates: bool, state: str, active: str, found: list[tuple[str, str]]
) -> None:
    options = {"files": {}, "sqlite": {"path": "/x/rstudio.sqlite", "state": state}}
    services = {"rstudio-server": active, "rstudio-launcher": active}
    told = differences(wanted(migrates=migrates), report(options=options, cluster=cluster(services=services))).changes
    moves = [change for change in told if change.what == "data in /x/rstudio.sqlite"]
    assert [(change.why, change.interrupts) for change in moves] == found


def test_a_node_as_it_is_wanted_has_no_change() -> None:
    told = differences(wanted(), report())
    assert (told.changes, told.problems, told.notes, told.diff) == ([], [], [], [])


def test_a_file_that_restarts_says_whose_sessions_that_suspends() -> None:
    (found,) = differences(wanted(), report({CONF: file(CONF, b"www-port=80\n")})).changes
    assert found == Change("rserver.conf", "differs", SUSPENDED, SERVER, CONF)


CASES: dict[str, tuple[dict[str, t.Any], HostReport, list[tuple[str, ...]]]] = {
    "a bare host": (
        {"fit": fit(version="2026.04.0")},
        BARE,
        [
            ("package rstudio-server", "new, 2026.04.0"),
            ("rserver.conf", "new"),
            ("launcher.conf", "new"),
            ("rsession.conf", "new"),
            (DROP_IN, "new"),
            ("database.conf", "new"),
            ("rstudio-launcher", "new"),
            ("rstudio-server", "new"),
        ],
    ),
    "a package that is to be completed": (
        {},
        report(packages={"rstudio-server": {"state": "unpacked", "version": "1"}}),
        [("package rstudio-server", "unpacked, but not configured")],
    ),
    "a package nobody can tell": (
        {},
        report(packages={}, errors={"packages": "dpkg hangs"}),
        [("package rstudio-server", "cannot be told: dpkg hangs")],
    ),
    "a program that no package of that name brought": (
        {},
        report(packages={"rstudio-server": {"state": "absent", "version": None}}),
        [],
    ),
    "runtimes": (
        {
            "fit": fit(r={"versions": ["4.4.1", "4.3.3"], "system": "r-base", "programs": []}),
            "pythons": ["3.12.4", "3.11.9"],
        },
        report(
            packages={
                "rstudio-server": {"state": "installed", "version": "1"},
                "r-base": {"state": "absent", "version": None},
            },
            cluster=cluster(
                runtimes={"r": {"/opt/R/4.3.3/bin/R": "4.3.3"}, "python": ["/opt/python/3.11.9/bin/python3"]}
            ),
        ),
        [("package r-base", "new"), ("R 4.4.1", "new"), ("Python 3.12.4", "new")],
    ),
    "an option of the launcher": (
        {},
        report({LAUNCHER: file(LAUNCHER, b"[server]\nport=1\n")}),
        [("launcher.conf", "differs", "restarts rstudio-launcher")],
    ),
    "what is read again": (
        {},
        report({SESSION: file(SESSION, b"a=2\n")}),
        [("rsession.conf", "differs", "reloads rstudio-server")],
    ),
    "other words": (
        {},
        report({CONF: file(CONF, b"# Ours\nwww-port = 8787\n")}),
        [("rserver.conf", "in other words")],
    ),
    "a key that the role keys writes": (
        {},
        report({KEY: file(KEY, b"other")}),
        [
            ("rstudio-server", f"{KEY} changed", SUSPENDED),
            ("rstudio-launcher", f"{KEY} changed", "restarts rstudio-launcher"),
        ],
    ),
    "a run that was cut off before the restart": (
        {},
        report({CONF: file(CONF, TEXTS[CONF].encode(), age=50.0)}),
        [("rstudio-server", f"{CONF} was written after rstudio-server started", SUSPENDED)],
    ),
    "and before it was told to read again": (
        {},
        report({SESSION: file(SESSION, TEXTS[SESSION].encode(), age=50.0)}),
        [("rstudio-server", f"{SESSION} was written after rstudio-server last read it", "reloads rstudio-server")],
    ),
    "a program that was replaced": (
        {},
        report(server={"replaced": True}),
        [("rstudio-server", "the program of rstudio-server was replaced after it started", SUSPENDED)],
    ),
    "masked by an installation that was cut off": (
        {},
        report(
            server={"load": "masked", "enabled": "masked", "active": "inactive", "uptime": None, "read": None},
            cluster=cluster(services={"rstudio-server": "inactive"}),
        ),
        [("rstudio-server", "masked → enabled, inactive → active")],
    ),
    "a drop-in that systemd has not read": (
        {},
        report(server={"unread": True}),
        [("rstudio-server", "systemd has not read its files as they are")],
    ),
    "a drop-in that is written, and read as a part of that": (
        {},
        report({DROP_IN: None}, {"unread": True}),
        [(DROP_IN, "new")],
    ),
    "a drop-in that goes": (
        {"files": [], "remove": [DROP_IN]},
        report(),
        [(DROP_IN, "goes")],
    ),
    "a launcher that runs on with older files, its server down": (
        {"restart": "never"},
        report(
            {LAUNCHER: file(LAUNCHER, TEXTS[LAUNCHER].encode(), age=50.0)},
            {"active": "inactive", "uptime": None, "read": None},
            cluster=cluster(services={"rstudio-server": "inactive"}),
        ),
        [
            (
                "rstudio-launcher",
                f"{LAUNCHER} was written after rstudio-launcher started",
                "restarts rstudio-launcher",
            ),
            ("rstudio-server", "inactive → active"),
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_changes(name: str) -> None:
    asked, found, said = CASES[name]
    assert changes(wanted(**asked), found) == said


def test_where_nothing_may_restart_it_is_said_what_waits_for_it() -> None:
    older = {CONF: file(CONF, TEXTS[CONF].encode(), age=50.0), SESSION: file(SESSION, b"a=2\n")}
    told = differences(wanted(restart="never"), report(older))
    assert [(change.what, change.interrupts, change.restarts) for change in told.changes] == [("rsession.conf", "", ())]
    assert told.notes == [
        "rstudio-server goes on as it is until a run with server_restart=rolling: "
        f"{CONF} was written after rstudio-server started"
    ]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ([], "how many sessions are suspended is not known"),
        ([{"host": "n2", "sessions": SESSIONS}], "how many sessions are suspended is not known"),
        ([{"host": "n1.example.com", "sessions": []}], "no session is suspended"),
        ([{"host": "n1.example.com", "sessions": SESSIONS[:1]}], "1 session is suspended (ada)"),
        (
            [{"host": "n1.example.com", "sessions": [{"user": user} for user in "abcde"]}],
            "5 sessions are suspended (a, b, c and 2 more)",
        ),
    ],
)
def test_whose_sessions_a_restart_suspends(status: t.Any, words: str) -> None:
    (found,) = differences(wanted(), report(server={"replaced": True}, cluster=cluster(status=status))).changes
    assert found.interrupts == f"restarts rstudio-server, {words}"


def test_all_that_is_compared_is_asked_for_and_of_secrets_no_text() -> None:
    given = [plain(SESSION, "a=1\n"), secret("/etc/rstudio/openid-client-secret", b"x"), plain("/etc/rstudio/own", "x")]
    node = Role("server", {**NODE, "server_files": given, "tls_source": "authority"})
    asked, read_by = ask(node), services(node)
    files, hidden = set(asked["files"]), set(asked["secret_files"])
    read = {path for service in read_by for path in [*service["files"], *service.get("reload", [])]}
    assert read | {entry["path"] for entry in given} <= files | hidden
    assert {SESSION, "/etc/rstudio/own", CONF, DROP_IN} <= files
    assert "/etc/workbench.cluster/tls/host.crt" in files
    assert "/etc/workbench.cluster/tls/host.key" in hidden
    assert {DATABASE, KEY, "/etc/rstudio/openid-client-secret", "/etc/rstudio/env-vars"} <= hidden
    assert not files & hidden


def test_a_look_that_cannot_tell_lets_the_role_run() -> None:
    blind = report(errors={"cluster": "it hangs"})
    del blind["cluster"]
    assert changes(wanted(), blind) == [("Workbench", "cannot be told: it hangs")]
    for part in ("packages", "files", "units"):
        found = report()
        del t.cast("dict[str, t.Any]", found)[part]
        assert changes(wanted(), found), part


NO_R: dict[str, t.Any] = {"r": {}, "python": []}
NAMED = {"versions": [], "system": "", "programs": ["/apps/R/bin/R"]}
KUBERNETES = [{"name": "cluster", "options": {"name": "K", "type": "Kubernetes"}}]
# What is asked, what the node has, and words of the refusal; none where the node will do.
REFUSALS: dict[str, tuple[dict[str, t.Any], dict[str, t.Any], str]] = {
    "no R": ({}, {"runtimes": NO_R}, "n1 has no R where Workbench looks for it"),
    "an R": ({}, {}, ""),
    "the vendor's to come": ({"r": {"versions": ["4.4.1"], "system": "", "programs": []}}, {"runtimes": NO_R}, ""),
    "the system's to come": ({"r": {"versions": [], "system": "r-base", "programs": []}}, {"runtimes": NO_R}, ""),
    "sessions elsewhere": ({"sections": KUBERNETES}, {"runtimes": NO_R}, ""),
    "sessions elsewhere, but the launcher is off": (
        {"sections": KUBERNETES, "launcher": False},
        {"runtimes": NO_R},
        "n1 has no R where Workbench looks for it",
    ),
    "one that is named and not there": ({"r": NAMED}, {}, "n1 has no /apps/R/bin/R"),
    "one that is named and there": ({"r": NAMED}, {"runtimes": {"r": {"/apps/R/bin/R": "4"}, "python": []}}, ""),
    "one that is named and may come with the system's": ({"r": {**NAMED, "system": "R"}}, {}, ""),
    "one that is named and to come": (
        {"r": {"versions": ["4.4.1"], "system": "", "programs": ["/opt/R/4.4.1/bin/R"]}},
        {"runtimes": NO_R},
        "",
    ),
    "another version": (
        {"version": "2026.07.0"},
        {},
        "n1 has version 2026.04.0, server_version=2026.07.0.",
    ),
    "this version": ({"version": "2026.04.0"}, {}, ""),
    "no version yet": (
        {"version": "2026.07.0"},
        {"version": None, "installed": False},
        "",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_refused_before_the_first_change(name: str) -> None:
    asked, found, words = REFUSALS[name]
    problems = differences(wanted(fit=fit(**asked)), report(cluster=cluster(**found))).problems
    assert (len(problems), words in "".join(problems)) == (1 if words else 0, True)


def test_a_package_of_which_only_a_part_was_unpacked_is_refused() -> None:
    broken = report(packages={"rstudio-server": {"state": "broken", "version": "1"}})
    (said,) = differences(wanted(), broken).problems
    assert said.startswith("n1: dpkg was cut off while it unpacked rstudio-server. Remove what is left of it by")


HTTPS = {CONF: "www-port=8787\nssl-enabled=1\n"}
CHANGE = "stops all nodes together, for all speak one protocol: every session is suspended"


def entries(**options: str) -> list[dict[str, str]]:
    texts = {
        **TEXTS,
        CONF: "ssl-enabled=1\n",
        **{f"/etc/rstudio/{name.replace('_', '-')}": text for name, text in options.items()},
    }
    return [plain(*item) for item in texts.items()]


def protocols(wish: dict[str, t.Any], found: HostReport) -> list[str]:
    return [change.why for change in differences(wish, found).changes if change.what == PROTOCOL]


def told(texts: dict[str, str], **other: t.Any) -> HostReport:
    """A host whose files come with their texts."""
    found = report(**other)
    for path, text in texts.items():
        told: FileState = t.cast(t.Any, {**file(path, text.encode()), "content": text})
        found["files"][path] = told
    return found


def test_nodes_that_run_change_their_protocol_together() -> None:
    (change,) = [c for c in differences(wanted(files=entries()), told(TEXTS)).changes if c.what == PROTOCOL]
    assert change == Change(PROTOCOL, "http → https", CHANGE, ("rstudio-server",))
    assert protocols(wanted(), told(HTTPS)) == ["https → http"]


@pytest.mark.parametrize(
    ("wish", "found", "expected"),
    [
        (wanted(), told(TEXTS), []),
        (wanted(files=entries(load_balancer="verify-ssl-certs=0\n")), told(HTTPS), ["https → https no verify"]),
        # A node that does not run begins with what it finds.
        (wanted(files=entries()), told(TEXTS, cluster=cluster(**{"services": {"rstudio-server": "inactive"}})), []),
        # A run was cut off after it wrote the files: the database tells.
        (wanted(files=entries()), told(HTTPS, cluster=cluster(**{"protocol": "Http"})), ["http → https"]),
        (wanted(files=entries()), told(HTTPS, cluster=cluster(**{"protocol": "Https"})), []),
    ],
)
def test_the_protocol_is_that_of_the_files_or_what_the_cluster_tells(
    wish: dict[str, t.Any], found: HostReport, expected: list[str]
) -> None:
    assert protocols(wish, found) == expected


@pytest.mark.parametrize(
    ("wish", "said"), [({"restart": "never"}, "server_restart=never"), ({"absent": ["n3"]}, "n3 would go on")]
)
def test_half_a_cluster_does_not_change_its_protocol(wish: dict[str, t.Any], said: str) -> None:
    (problem,) = differences(wanted(files=entries(), **wish), told(TEXTS)).problems
    assert said in problem
    assert differences(wanted(**wish), told(TEXTS)).problems == []


BALANCER, LOAD_BALANCER = "/etc/rstudio/rserver-balancer", "/etc/rstudio/load-balancer"


def balanced(passed: bool | None = None, said: str = "", **other: t.Any) -> dict[str, t.Any]:
    """What a node says of a script that is to be its balancer."""
    return {"program": BALANCER, "executable": False, "trial": {"passed": passed, "said": said}, **other}


def with_script(found: HostReport | dict[str, t.Any], **other: t.Any) -> t.Any:
    entry = {**plain(BALANCER, "#!/bin/sh\n"), "mode": "0755"}
    asked = wanted(files=[*wanted()["files"], entry], trials=[{"path": BALANCER}])
    return differences(asked, t.cast(HostReport, {**report({BALANCER: None}), "balancer": found, **other}))


def test_a_script_that_answers_becomes_the_balancer() -> None:
    told = with_script(balanced(True))
    assert (told.problems, told.notes) == ([], [])
    assert [(change.what, change.interrupts) for change in told.changes] == [("rserver-balancer", "")]


def test_a_script_that_is_refused_stops_the_run() -> None:
    assert with_script(balanced(False, "it answered 'x'")).problems == [
        "n1: server_balancer_script is refused: it answered 'x'."
    ]


def test_a_script_that_is_there_already_does_not() -> None:
    there = file(BALANCER, b"#!/bin/sh\n", mode="0755")
    told = with_script(balanced(False, "it answered 'x'"), files={**report()["files"], BALANCER: there})
    assert (told.problems, told.changes) == ([], [])
    assert told.notes == ["server_balancer_script is there, and would be refused now: it answered 'x'"]


def test_a_script_that_cannot_be_tried_yet_is_noted() -> None:
    assert with_script(balanced(None, "there is no account rstudio-server")).notes == [
        "server_balancer_script is tried when the run comes to it: there is no account rstudio-server"
    ]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (balanced(trial=None), ["is no program there that can be executed"]),
        (balanced(trial=None, executable=True), []),
        (None, []),
    ],
)
def test_a_custom_balancer_that_nobody_brings_must_be_there(found: t.Any, words: list[str]) -> None:
    told = differences(wanted(), report(**({"balancer": found} if found else {})))
    assert [word for word in words if word not in " ".join(told.problems)] == []
    assert len(told.problems) == len(words)


def test_an_installed_release_that_is_too_old_is_refused() -> None:
    told = differences(wanted(), report(cluster=cluster(version="1.4.1717-3")))
    assert [problem[:24] for problem in told.problems] == ["n1: Workbench 1.4.1717-3"]


def test_lists_of_nodes_outside_the_run_are_noted_where_this_one_changes() -> None:
    lists = {"files": [plain(LOAD_BALANCER, "[nodes]\nn1\nn2\n")], "lists": True, "absent": ["n2"]}
    text = {"content": "[nodes]\nn1\n"}
    found = report({LOAD_BALANCER: file(LOAD_BALANCER, b"[nodes]\nn1\n", **text)})
    told = differences(wanted(**lists), found)
    assert [(change.what, change.why) for change in told.changes] == [("load-balancer", "nodes n1 → n1, n2")]
    assert "load-balancer of n2 stays as it is" in told.notes[0]
    same = report({LOAD_BALANCER: file(LOAD_BALANCER, b"[nodes]\nn1\nn2\n")})
    assert differences(wanted(**lists), same).notes == []


def test_members_outside_the_run_are_named_in_their_order() -> None:
    """Ansible's filter `difference` gives back those of a set, in another order each time."""
    for members in (["n1", "n2", "n3"], ["n3", "n2", "n1"]):
        found = absent({"server_members": members, "ansible_play_hosts_all": ["n2"]})
        assert found == [member for member in members if member != "n2"]


@pytest.mark.parametrize("paths", [["/opt/a", "/opt/b"], ["/opt/b", "/opt/a"]])
def test_the_first_r_is_the_one_of_sessions_each_time(paths: list[str]) -> None:
    assert r_default(Role("server", {"server_r_paths": paths})) == f"{paths[0]}/bin/R"


def test_the_place_where_launchers_meet_is_made() -> None:
    asked = wanted(directories=[{"path": "/nfs/Local", "owner": "rstudio-server"}])
    assert changes(asked, report(directories={"/nfs/Local": None})) == [("/nfs/Local", "new")]


@pytest.mark.parametrize(
    ("number", "why"),
    [("989", []), ("990", [("/nfs/Local", "owner 990 → rstudio-server")])],
    ids=["its own", "another's"],
)
def test_on_a_new_node_an_account_is_known_on_the_share_by_its_number(number: str, why: list[tuple[str, str]]) -> None:
    accounts = json.dumps({"users": [{"name": "rstudio-server", "uid": 989}], "groups": []})
    asked = wanted(directories=[{"path": "/nfs/Local", "owner": "rstudio-server"}], accounts=accounts)
    there = {"owner": number, "group": number, "uid": int(number), "gid": int(number), "mode": "0755"}
    assert changes(asked, report(directories={"/nfs/Local": there})) == why


@pytest.mark.parametrize(
    ("lists", "options", "reload"),
    [(True, {}, True), (True, {"diagnostics": "tmp"}, False), (False, {}, False)],
)
def test_load_balancer_is_read_again_only_where_it_lists_nodes(
    lists: bool, options: dict[str, str], reload: bool
) -> None:
    version = "2021.08.0+1" if lists else "2021.09.0+1"
    server = services(Role("server", {**NODE, "server_version": version, "server_load_balancer": options}))[0]
    assert (LOAD_BALANCER in server["reload"], LOAD_BALANCER in server["files"]) == (reload, not reload)
