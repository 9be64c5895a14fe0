# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Homes on shared storage."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify.cases import (
    Change,
    Measured,
    assign,
    fails_alone,
    findings,
    gives,
    judged,
    on_demand,
    verdicts,
)

HOME = samples.HOME


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


@pytest.mark.parametrize(
    ("change", "hosts", "words"),
    [
        pytest.param(unshared, ["n3"], "is not shared storage", id="unshared_mount"),
        pytest.param(another_export, ["n3"], "is another export", id="another_export"),
    ],
)
def test_planted_fault_fails_this_requirement_alone_and_names_the_node(
    change: Change, hosts: list[str], words: str
) -> None:
    fails_alone(change, "homes", hosts, words)


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        pytest.param(
            assign("node", "n2", "accounts", "users", "ada", "home", "/home/ada"),
            "fail",
            "home of ada",
            id="local_home",
        ),
        pytest.param(
            assign("node", "n2", "accounts", "users", "ada", "home", f"{HOME}/ada.old"),
            "fail",
            "ada has different homes",
            id="two_homes",
        ),
        pytest.param(
            assign(
                "node", "n2", "share", HOME, {"written": True, "chmod_kept": True, "root_squashed": True, "error": None}
            ),
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
            "unknown",
            "was not tried",
            id="not_written",
        ),
        pytest.param(assign("node", "n2", "share", None), "unknown", "was not tried", id="check_mode"),
    ],
)
def test_one_change_gives_one_verdict(change: Change, verdict: str, words: str) -> None:
    gives(change, "homes", verdict, words)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            assign("node", "n2", "mounts", HOME, samples.mount(HOME, "10.0.0.21:/srv")), id="export_by_address"
        ),
    ],
)
def test_what_is_allowed_does_not_fail(change: Change) -> None:
    assert verdicts(judged(change))["homes"] == "pass"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(on_demand, "mounted on demand", id="autofs"),
    ],
)
def test_what_cannot_be_told_is_no_pass_and_no_fail(change: Change, words: str) -> None:
    gives(change, "homes", "unknown", words)


def test_directory_that_is_nowhere_is_a_wrong_name() -> None:
    def change(measured: Measured) -> None:
        measured["policy"]["paths"] = [samples.HOME]
        for entry in measured["node"].values():
            entry["mounts"][samples.HOME] = None
            entry["share"][samples.HOME] = {"written": False, "error": "x: No such file or directory"}

    (found,) = findings(judged(change), "homes", "unknown")
    assert (found["what"], "verify_paths" in found["remedy"]) == (f"There is no {samples.HOME}", True)
