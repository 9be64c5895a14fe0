# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Data of SQLite on their way to PostgreSQL: kept before anything changes, and known to be on their way until they are there."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product import migration, options


class Server:
    """A single server that runs or not, whose migrate-db answers."""

    def __init__(self, root: Path) -> None:
        self.active, self.answer = "inactive", (0, "Migrated 3 rows of licensed_users\n", "")
        self.asked: list[str] = []
        self.folder = str(root / "ours" / "migration")
        self.sqlite = root / "rstudio.sqlite"
        self.sqlite.write_bytes(b"rows")
        self.sqlite.with_suffix(".sqlite-wal").write_bytes(b"more rows")

    def run(self, argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        if argv[0] == "systemctl":
            return 0, f"ActiveState={self.active}\n", ""
        self.asked.append(argv[1])
        return self.answer

    def begin(self) -> None:
        migration.begin(self.run, str(self.sqlite), folder=self.folder, configuration=[])


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


def test_the_database_is_kept_with_what_is_not_in_it_yet(server: Server) -> None:
    server.begin()
    with tarfile.open(Path(server.folder, "underway", "sqlite.tar.gz")) as archive:
        assert sorted(Path(name).name for name in archive.getnames()) == ["rstudio.sqlite", "rstudio.sqlite-wal"]
    assert migration.underway(server.folder) == str(server.sqlite)


@pytest.mark.parametrize("active", ["active", "activating"])
def test_a_server_that_runs_is_neither_copied_nor_migrated(server: Server, active: str) -> None:
    server.active = active
    with pytest.raises(Failure, match="must be stopped"):
        server.begin()
    assert migration.underway(server.folder) == ""
    server.active = "inactive"
    server.begin()
    server.active = active
    with pytest.raises(Failure, match="must be stopped"):
        migration.migrate(server.run, server.folder)
    assert server.asked == []


def test_they_are_on_their_way_until_the_product_has_moved_them(server: Server) -> None:
    server.begin()
    server.answer = (1, "", "could not connect to server")
    with pytest.raises(
        Failure, match="migrate-db failed: could not connect to server The SQLite database is as it was"
    ):
        migration.migrate(server.run, server.folder)
    assert migration.underway(server.folder)
    server.answer = (0, "Migrated 3 rows of licensed_users\n", "")
    assert migration.migrate(server.run, server.folder) == "Migrated 3 rows of licensed_users"
    assert migration.underway(server.folder) == ""
    (kept,) = Path(server.folder).iterdir()
    assert (kept / "sqlite.tar.gz").exists()
    assert server.sqlite.read_bytes() == b"rows"


@pytest.mark.parametrize("text", ["", "[]", "{}"])
def test_a_record_that_cannot_be_read_is_still_one(server: Server, text: str) -> None:
    server.begin()
    Path(server.folder, "underway", "record.json").write_text(text)
    assert migration.underway(server.folder) == "unknown"


def test_what_is_on_its_way_is_told_whatever_the_configuration_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "database.conf").write_text("provider=postgresql\n")
    assert options.read_options(str(tmp_path), str(tmp_path))["sqlite"]["state"] == "absent"
    monkeypatch.setattr(migration, "underway", lambda: "/var/lib/rstudio-server/rstudio.sqlite")
    found = options.read_options(str(tmp_path), str(tmp_path))["sqlite"]
    assert found == {"path": "/var/lib/rstudio-server/rstudio.sqlite", "state": "moving"}
