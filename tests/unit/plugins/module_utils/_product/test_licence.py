# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A licence is activated once, given back when another is wanted, and a stranger's activation stays."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product import licence
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import LicenceReport

KEY = "a" * 64


def found(status: str = "Activated", source: str = "key", what: str = KEY, days: int | None = 300) -> LicenceReport:
    return {"status": status, "days_left": days, "error": None, "source": source, "what": what}


@pytest.mark.parametrize(
    ("report", "release", "activate", "words"),
    [
        pytest.param(found(), "", False, "", id="the same"),
        pytest.param(found("Evaluation", "", "", 45), "", True, "Evaluation → Activated (key aaaaaaaaaaaa)", id="new"),
        pytest.param(found("Expired", days=0), "", True, "Expired → Activated", id="ended"),
        pytest.param(found(what="b" * 64), "key", True, "key bbbbbbbbbbbb → key aaaaaaaaaaaa", id="another key"),
        pytest.param(
            found(source="offline", what="b" * 64), "offline", True, "offline bbbbbbbbbbbb →", id="offline before"
        ),
        pytest.param(found(source="", what=""), "", False, "", id="somebody else's"),
        pytest.param(
            found("Evaluation"), "", True, "Evaluation → Activated", id="a run that was cut off before it activated"
        ),
    ],
)
def test_a_key_is_activated_once(report: LicenceReport, release: str, activate: bool, words: str) -> None:
    todo = licence.step({"source": "key", "what": KEY}, report)
    assert (todo.release, todo.activate) == (release, activate)
    assert words in todo.why
    assert KEY not in todo.why


def test_an_activation_of_somebody_else_is_spoken_of() -> None:
    assert "so it stays" in licence.step({"source": "key", "what": KEY}, found(source="", what="")).note


@pytest.mark.parametrize(
    ("report", "activate"),
    [
        pytest.param(found("Evaluation", "", ""), True, id="none"),
        pytest.param(found("Evaluation", "server", "lic.example.com"), False, id="the same, and no lease yet"),
        pytest.param(found("Activated", "server", "old.example.com"), True, id="another server"),
    ],
)
def test_a_node_is_told_its_licence_server_once(report: LicenceReport, activate: bool) -> None:
    assert licence.step({"source": "server", "what": "lic.example.com"}, report).activate is activate


def test_a_licence_that_cannot_be_told_is_not_activated() -> None:
    silent = t.cast("LicenceReport", {**found(), "status": None, "error": "license-manager does not say its status: x"})
    with pytest.raises(Failure, match="does not say its status"):
        licence.step({"source": "key", "what": KEY}, silent)


def test_the_state_is_read_without_the_key() -> None:
    def run(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        assert argv == ["license-manager", "status-offline"]
        return 0, "Trial-Type: Verified\nStatus: Activated\nProduct-Key: AAAA-BBBB\nDays-Left: 12\n", ""

    assert licence.read_state(run) == {"status": "Activated", "days_left": 12, "error": None}


def test_what_the_product_says_of_a_failure_is_told_without_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(licence, "MARK", str(tmp_path / "license"))

    def run(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        return 1, "", "AAAA-BBBB: no seat is left"

    with pytest.raises(Failure, match=r"license-manager activate failed: \*\*\*: no seat is left"):
        licence.activate(run, {"source": "key", "what": KEY, "key": "AAAA-BBBB"})
    assert (tmp_path / "license").stat().st_mode & 0o777 == 0o600
    assert "AAAA" not in (tmp_path / "license").read_text()
