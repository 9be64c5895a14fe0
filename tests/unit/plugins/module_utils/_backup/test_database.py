# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A dump goes back whole, as its owner's, and leaves nothing on the host."""

from __future__ import annotations

import base64
import os
import pwd
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._backup import scratch
from ansible_collections.workbench.cluster.plugins.module_utils._backup.database import restore_database
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure

OPTIONS = {"content": base64.b64encode(b"PGDMP\0").decode(), "database": "rs", "role": "owner", "port": 5433}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(scratch, "PLACE", str(tmp_path))
    monkeypatch.setattr(scratch, "ACCOUNT", pwd.getpwuid(os.getuid()).pw_name)
    return tmp_path


def test_it_goes_back_in_one_transaction_as_its_owners(place: Path) -> None:
    seen: list[list[str]] = []

    def run(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        assert Path(argv[-1]).read_bytes() == b"PGDMP\0"
        assert Path(argv[-1]).stat().st_mode & 0o077 == 0
        seen.append(argv)
        return 0, "", ""

    restore_database(run, OPTIONS)
    (argv,) = seen
    assert {"--single-transaction", "--exit-on-error", "--clean", "--role=owner", "--dbname=rs", "--port=5433"} <= {
        *argv
    }
    assert list(place.iterdir()) == []


def test_where_it_fails_the_words_of_the_program_say_why(place: Path) -> None:
    def run(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        return 1, "", "canceling statement due to lock timeout"

    with pytest.raises(Failure, match=r"The database rs is as it was: .* lock timeout"):
        restore_database(run, t.cast("dict[str, t.Any]", OPTIONS))
    assert list(place.iterdir()) == []
