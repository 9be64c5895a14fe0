# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one look at a host makes of what is wanted: the same as config_files makes of the host itself."""

from __future__ import annotations

import base64
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host import file_set
from ansible_collections.workbench.cluster.plugins.module_utils._host.digests import digest, sense
from ansible_collections.workbench.cluster.plugins.module_utils._host.files import Attributes, File, Present, shown
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import FileState, HostReport, UnitReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences import host
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import RUN_KEY, Change

CONF = "/etc/rstudio/rserver.conf"
KEY = "/etc/rstudio/secure-cookie-key"
OTHER = "/etc/chrony/chrony.conf"
OURS = b"# Managed by Ansible, workbench.cluster\n"
RUNS: UnitReport = {
    "load": "loaded",
    "enabled": "enabled",
    "active": "active",
    "uptime": 100.0,
    "read": 100.0,
    "replaced": False,
    "unread": False,
}


def state(path: str, text: bytes, mode: str = "0644", **other: t.Any) -> FileState:
    found: FileState = {
        "digest": digest(RUN_KEY, text),
        "sense": sense(RUN_KEY, path.rpartition("/")[2], text),
        "owner": "root",
        "group": "root",
        "uid": 0,
        "gid": 0,
        "mode": mode,
        "age": 1000.0,
        "ours": text.startswith(OURS.strip()),
        "kept": False,
        "content": None,
    }
    return t.cast(FileState, {**found, **other})


def plain(content: str, path: str = CONF, **other: t.Any) -> dict[str, t.Any]:
    return {"path": path, "content": content, **other}


def secret(content: bytes, path: str = KEY, **other: t.Any) -> dict[str, t.Any]:
    return {"path": path, "secret_base64": base64.b64encode(content).decode(), **other}


@pytest.mark.parametrize("report", [{}, {"errors": {"files": "it hangs"}}], ids=["nothing", "an error"])
def test_a_look_that_cannot_tell_is_a_change_of_everything(report: HostReport) -> None:
    wanted = {
        "packages": ["chrony"],
        "directories": [{"path": "/srv"}],
        "files": [plain("a=1\n")],
        "remove": ["/etc/rstudio/old"],
        "units": ["chrony.service"],
        "services": [{"name": "rstudio-server", "files": []}],
    }
    found = host.differences(wanted, report).changes
    assert [change.what for change in found] == [
        "package chrony",
        "/srv",
        "rserver.conf",
        "old",
        "rstudio-server",
        "chrony.service",
    ]
    assert all(change.why.startswith("cannot be told") for change in found)
    if report:
        assert found[2].why == "cannot be told: it hangs"


@pytest.mark.parametrize(
    ("packages", "why"),
    [
        ({"chrony": {"state": "installed", "version": "4"}}, []),
        ({"chrony": {"state": "absent", "version": None}}, ["new"]),
        ({"chrony": {"state": "unpacked", "version": "4"}}, ["unpacked, but not configured"]),
        ({"chrony": {"state": "broken", "version": "4"}}, ["is broken"]),
        ({}, ["cannot be told"]),
    ],
)
def test_a_package_that_is_not_installed_is_a_change(packages: t.Any, why: list[str]) -> None:
    assert host.packages(["chrony"], {"packages": packages}) == [Change("package chrony", said) for said in why]


@pytest.mark.parametrize(
    ("unit", "why"),
    [
        ({}, []),
        ({"active": "reloading"}, []),
        ({"active": "failed"}, ["failed → active"]),
        ({"active": "activating"}, ["activating → active"]),
        ({"enabled": "disabled", "active": "inactive"}, ["disabled → enabled, inactive → active"]),
        ({"enabled": "", "load": "masked", "active": "inactive"}, ["masked → enabled, inactive → active"]),
        ({"enabled": "", "load": "not-found", "active": "inactive"}, ["new"]),
    ],
)
def test_a_unit_that_is_not_enabled_and_active_is_a_change(unit: t.Any, why: list[str]) -> None:
    report = t.cast(HostReport, {"units": {"chrony.service": {**RUNS, **unit}}})
    assert host.units(["chrony.service"], report) == [Change("chrony.service", said) for said in why]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({}, []),
        ({"owner": None, "group": None, "mode": None}, []),
        ({"owner": "ada", "group": "100", "mode": "755"}, []),
        ({"owner": "20001"}, []),
        ({"owner": "root"}, ["owner ada → root"]),
        ({"group": "staff", "mode": "1777"}, ["group users → staff, mode 0755 → 1777"]),
    ],
)
def test_a_directory_is_compared_in_what_is_asked_of_it(asked: t.Any, why: list[str]) -> None:
    there = {"owner": "ada", "group": "users", "uid": 20001, "gid": 100, "mode": "0755"}
    report = t.cast(HostReport, {"directories": {"/srv": there, "/new": None}})
    assert host.directories([{"path": "/srv", **asked}], report) == [Change("/srv", said, path="/srv") for said in why]
    assert host.directories([{"path": "/new", **asked}], report) == [Change("/new", "new", path="/new")]


PRESENT = [b"a=1\nb=2\n", b"b=2\na=1\n", b"a=2\nb=2\n", OURS + b"a=2\n", b"0123456789abcdef", b"\xff"]


@pytest.mark.parametrize("content", [None, *PRESENT])
@pytest.mark.parametrize("wish", [PRESENT[0], PRESENT[4]], ids=["options", "a key"])
@pytest.mark.parametrize("hidden", [False, True], ids=["plain", "secret"])
@pytest.mark.parametrize(("mode", "kept"), [(0o644, False), (0o644, True), (0o600, False), (0o600, True)])
@pytest.mark.parametrize("path", [CONF, OTHER])
def test_the_plan_of_a_file_is_what_config_files_does(
    content: bytes | None, wish: bytes, *, hidden: bool, mode: int, path: str, kept: bool
) -> None:
    default = Attributes(0, 0, 0o600 if hidden else 0o644)
    there = None if content is None else Present(content, Attributes(0, 0, mode), 7)
    deed = file_set.plan(
        file_set.Wanted([File(path, path, wish, default, hidden)], [], []),
        file_set.Found({path: there}, {}, [], {path} if kept else set()),
    )
    entry = secret(wish, path) if hidden else plain(wish.decode(), path)
    found = None if content is None else state(path, content, f"{mode:04o}", kept=kept)
    written = host.writes([entry], {"files": {path: found}})
    assert [write.path for write in written] == deed.changed_files
    assert [write.path for write in written if write.reworded] == deed.reworded
    assert [write.path for write in written if write.copied] == list(deed.copies)
    assert host.changing([entry], [], {"files": {path: found}}) == deed.unread(check_mode=True)
    shown = host.diff([entry], [], {"files": {path: found}})
    assert [(one["before_header"], bool(one["before"])) for one in shown] == [
        (one["before_header"], bool(one["before"])) for one in deed.diff()
    ]


@pytest.mark.parametrize(
    ("entry", "there", "why"),
    [
        (plain("a=1\n"), None, "new"),
        (plain("a=1\n"), {"text": b"a=0\n", "ours": True}, "differs"),
        (plain("a=1\n"), {"text": b"a=1\n", "mode": "0600"}, "mode 0600 → 0644"),
        (plain("a=1\n", owner="ada"), {"text": b"a=1\n"}, "owner root → ada"),
        (plain("a=1\nb=2\n"), {"text": b"b=2\na=1\n", "kept": True}, "in other words"),
        (
            plain("a=1\n"),
            {"text": b"a=0\n"},
            "differs, the one that was found is kept as rserver.conf.before-workbench-cluster",
        ),
        (secret(b"0123"), {"text": b"4567", "mode": "0640"}, "mode 0640 → 0600, differs"),
        (plain("a=1\n"), {"text": b"", "digest": ""}, "is no file"),
        (plain("a=1\n"), {"text": b"a=0\n", "content": "a=0\n", "ours": True}, "a 0 → 1"),
    ],
)
def test_why_a_file_is_written(entry: dict[str, t.Any], there: t.Any, why: str) -> None:
    path, found = entry["path"], None
    if there is not None:
        other = {key: value for key, value in there.items() if key != "text"}
        found = state(path, there["text"], **other)
    (change,) = host.files([entry], [], {"files": {path: found}})
    assert (change.what, change.why, change.path) == (path.rpartition("/")[2], why, path)


@pytest.mark.parametrize("path", [OTHER, "/etc/rstudio/rsession.conf", "/etc/rstudio/env-vars"])
def test_a_plan_with_diff_and_one_without_are_one(path: str) -> None:
    """A plan that was kept by a check with `--diff` is applied by a run without."""
    there = state(path, b"a=0\n", ours=True)
    with_text: HostReport = {"files": {path: {**there, "content": "a=0\n"}}}
    entry = plain("a=1\n", path)
    assert host.files([entry], [], with_text) == host.files([entry], [], {"files": {path: there}})


def test_a_file_that_is_to_be_gone_goes_once() -> None:
    report: HostReport = {"files": {"/etc/rstudio/old": state("old", b""), "/etc/gone": None}}
    remove = ["/etc/rstudio/old", "/etc/gone"]
    assert host.files([], remove, report) == [Change("old", "goes", path="/etc/rstudio/old")]
    assert host.changing([], remove, report) == ["/etc/rstudio/old"]
    assert [entry["after_header"] for entry in host.diff([], remove, report)] == ["/etc/rstudio/old"]


SERVER = {"name": "rstudio-server", "files": [CONF], "reload": ["/etc/rstudio/r-versions"]}


@pytest.mark.parametrize(
    ("unit", "age", "read_age", "changed", "expected"),
    [
        ({}, 1000.0, 1000.0, [], None),
        ({}, 99.0, 1000.0, [], f"restarts rstudio-server: {CONF} was written after rstudio-server started"),
        ({}, None, 1000.0, [], None),
        ({}, 1000.0, 1000.0, [CONF], f"restarts rstudio-server: {CONF} changed"),
        (
            {},
            1000.0,
            99.0,
            [],
            "reloads rstudio-server: /etc/rstudio/r-versions was written after rstudio-server last read it",
        ),
        ({"read": 50.0}, 1000.0, 99.0, [], None),
        ({"read": 50.0}, 60.0, 99.0, [], f"restarts rstudio-server: {CONF} was written after rstudio-server started"),
        (
            {"replaced": True},
            1000.0,
            1000.0,
            [],
            "restarts rstudio-server: the program of rstudio-server was replaced after it started",
        ),
        ({"active": "inactive", "uptime": None, "read": None}, 1.0, 1.0, [CONF], None),
        ({"uptime": None}, 1000.0, 1000.0, [], "restarts rstudio-server: cannot be told"),
    ],
)
def test_a_service_that_runs_older_files_is_told(
    unit: t.Any, age: float | None, read_age: float, changed: list[str], expected: str | None
) -> None:
    report = t.cast(
        HostReport,
        {
            "units": {"rstudio-server.service": {**RUNS, **unit}},
            "files": {
                CONF: state(CONF, b"", age=age) if age is not None else None,
                "/etc/rstudio/r-versions": state("r-versions", b"", age=read_age),
            },
        },
    )
    found = host.services([SERVER], report, changed)
    assert [f"{change.interrupts}: {change.why}" for change in found] == ([expected] if expected else [])


def test_a_service_that_reads_what_nobody_looked_at_is_told() -> None:
    report: HostReport = {"units": {"rstudio-server": RUNS}, "files": {}}
    assert [change.why for change in host.services([SERVER], report, [])] == ["cannot be told"]


def test_a_file_that_is_written_says_what_that_restarts() -> None:
    report: HostReport = {
        "files": {CONF: state(CONF, b"", kept=True), OTHER: None},
        "units": {"rstudio-server": RUNS, "chronyd.service": {**RUNS, "replaced": True}},
    }
    wanted = {
        "files": [plain("a=1\n"), plain("x", OTHER)],
        "services": [{"name": "rstudio-server", "files": [CONF]}, {"name": "chronyd.service", "files": []}],
    }
    assert host.differences(wanted, report).changes == [
        Change("rserver.conf", "differs", "restarts rstudio-server", ("rstudio-server",), CONF),
        Change(OTHER, "new", path=OTHER),
        Change(
            "chronyd",
            "the program of chronyd.service was replaced after it started",
            "restarts chronyd",
            ("chronyd.service",),
        ),
    ]


def test_a_file_in_other_words_restarts_nothing() -> None:
    report: HostReport = {
        "files": {CONF: state(CONF, b"b=2\na=1\n", kept=True)},
        "units": {"rstudio-server": RUNS},
    }
    wanted = {"files": [plain("a=1\nb=2\n")], "services": [{"name": "rstudio-server", "files": [CONF]}]}
    assert host.differences(wanted, report).changes == [Change("rserver.conf", "in other words", path=CONF)]


def test_no_secret_is_in_what_is_shown() -> None:
    entry = secret(b"password=geheim1\nusername=me\n", "/etc/rstudio/database.conf")
    before = b"password=geheim2\nusername=me\n"
    found = host.differences(
        {"files": [entry]},
        {"files": {entry["path"]: state(entry["path"], before, "0600", kept=True, content=shown(before, True))}},
    )
    assert [change.why for change in found.changes] == ["differs"]
    (diff,) = found.diff
    assert diff["before"] == shown(before, True)
    assert diff["after"] == shown(b"password=geheim1\nusername=me\n", True)
    assert "geheim" not in repr(found)
