# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from lablib import limits, texts


@pytest.mark.parametrize(("present", "containers", "raised"), [(128, 50, 378), (128, 0, 128), (1024, 50, 1024)])
def test_room_is_made_for_containers_and_put_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, present: int, containers: int, raised: int
) -> None:
    limit = tmp_path / "max_user_instances"
    limit.write_text(f"{present}\n")
    monkeypatch.setattr(limits, "INSTANCES", limit)
    monkeypatch.setattr(texts, "RUN", tmp_path / "run")
    limits.make_room(containers)
    limits.make_room(containers)
    assert int(limit.read_text()) == raised
    limits.put_back()
    assert int(limit.read_text()) == present
