# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from lablib import limits, texts


@pytest.mark.parametrize(
    ("name", "containers", "values"),
    [
        ("INSTANCES", 50, (128, 378)),
        ("INSTANCES", 0, (128, 128)),
        ("INSTANCES", 50, (1024, 1024)),
        ("NEIGHBOURS", 52, (1024, 3320)),
        ("NEIGHBOURS", 5, (1024, 1024)),
    ],
)
def test_room_is_made_for_containers_and_put_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, containers: int, values: tuple[int, int]
) -> None:
    present, raised = values
    for other in ("INSTANCES", "NEIGHBOURS"):
        monkeypatch.setattr(limits, other, tmp_path / other)
        (tmp_path / other).write_text("65536\n")
    limit = tmp_path / name
    limit.write_text(f"{present}\n")
    monkeypatch.setattr(texts, "RUN", tmp_path / "run")
    limits.make_room(containers)
    limits.make_room(containers)
    assert int(limit.read_text()) == raised
    limits.put_back()
    assert int(limit.read_text()) == present


def test_a_limit_that_is_not_to_be_seen_stops_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in a network namespace other than the first."""
    monkeypatch.setattr(limits, "NEIGHBOURS", tmp_path / "none")
    monkeypatch.setattr(limits, "INSTANCES", tmp_path / "instances")
    (tmp_path / "instances").write_text("65536\n")
    limits.make_room(50)
    limits.put_back()
    assert not (tmp_path / "none").exists()
