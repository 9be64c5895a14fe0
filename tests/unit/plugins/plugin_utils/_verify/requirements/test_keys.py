# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify.cases import (
    Change,
    Measured,
    assign,
    both,
    fails_alone,
    findings,
    gives,
    judged,
    list_nodes_fails,
    missing_newline,
    told,
    verdicts,
)

GOES = {"cookie_key": ["4f2a90bc11ee"], "launcher": ["90bc4f2a11ee"]}


def public_of_another_pair(measured: Measured) -> None:
    measured["node"]["n3"]["key_files"]["launcher_pair"] = "differs"
    measured["node"]["n3"]["key_files"]["launcher_public"]["sha256"] = "f" * 64


@pytest.mark.parametrize(
    ("change", "hosts", "words"),
    [
        pytest.param(missing_newline, ["n3"], "secure-cookie-key differs", id="key_without_its_last_newline"),
        pytest.param(
            assign("node", "n3", "key_files", "cookie_key", "mode", "0640"),
            ["n3"],
            "read by others",
            id="key_with_mode_0640",
        ),
        pytest.param(
            public_of_another_pair, ["n3"], "does not belong to launcher.pem", id="public_key_of_another_pair"
        ),
        pytest.param(
            both(missing_newline, list_nodes_fails("n3")),
            ["n3"],
            "secure-cookie-key differs",
            id="a_node_that_lists_nothing_for_it_cannot_read_its_password",
        ),
        pytest.param(
            told(
                "n3",
                "units",
                "rstudio-server",
                samples.unit_state(key_files="launcher.pem was written after it started"),
            ),
            ["n3"],
            "older key than that on disk",
            id="key_changed_without_restart",
        ),
    ],
)
def test_planted_fault_fails_this_requirement_alone_and_names_the_node(
    change: Change, hosts: list[str], words: str
) -> None:
    fails_alone(change, "keys", hosts, words)


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        pytest.param(
            assign("node", "n2", "key_files", "cookie_key", {**samples.key(size=16), "managed": False}),
            "fail",
            "too short",
            id="short_key",
        ),
        pytest.param(assign("node", "*", "key_files", "cookie_key", "size", 0), "fail", "too short", id="empty_key"),
        pytest.param(
            assign("node", "n2", "key_files", "database_password", {"state": "encrypted", "key_crc32": "00000000"}),
            "fail",
            "encrypted with another key",
            id="password_of_another_key",
        ),
        pytest.param(
            assign("node", "n2", "key_files", "launcher_private", "owner", "ada"),
            "fail",
            "another account",
            id="key_owner",
        ),
        pytest.param(
            assign("node", "n2", "key_files", "launcher_pair", "unknown"),
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
            "fail",
            "secure-cookie-key is missing",
            id="key_missing",
        ),
    ],
)
def test_one_change_gives_one_verdict(change: Change, verdict: str, words: str) -> None:
    gives(change, "keys", verdict, words)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            assign("node", "n2", "key_files", "stray", [{"path": "/var/lib/x", "sha256": "f" * 64, "agrees": False}]),
            id="stray",
        ),
        pytest.param(assign("node", "n2", "key_files", "replaced", GOES), id="a_replacement_that_was_cut_off"),
        pytest.param(
            assign("node", "n2", "key_files", "database_password", {"state": "plain", "key_crc32": None}),
            id="plain_password",
        ),
        pytest.param(
            assign("node", "n2", "key_files", "cookie_key", "crc32", None), id="password_of_a_key_without_a_checksum"
        ),
    ],
)
def test_what_is_allowed_does_not_fail(change: Change) -> None:
    assert verdicts(judged(change))["keys"] == "pass"


def test_a_replacement_that_was_cut_off_is_noted_with_the_way_to_finish_it() -> None:
    answer = judged(assign("node", "n2", "key_files", "replaced", GOES))
    (note,) = findings(answer, "keys", "note")
    assert (note["hosts"], note["measured"]) == (["n2"], "4f2a90bc11ee, 90bc4f2a11ee go")
    assert "rotate_keys" in note["remedy"]
