# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file server exports, by its files and its table."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host.exports import read_exports
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Exports


def files(root: Path, **content: str) -> None:
    """Files below `root`, by their paths with `__` for a slash."""
    for name, text in content.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("/srv/home *(rw)", True),
        ("  /srv/home", True),
        ('"/srv/home" *(rw)', True),
        ("/srv/home/\t*(rw)", True),
        ("/srv/home2 *(rw)", False),
        ("/srv/home/ada *(rw)", False),
        ("/srvxhome *(rw)", False),
        ("# /srv/home *(rw)", False),
        ("/srv *(rw)", False),
    ],
)
def test_which_line_of_others_exports_one_of_our_directories(tmp_path: Path, line: str, counts: bool) -> None:
    files(tmp_path, etc__exports=f"# others\n{line}\n")
    found = read_exports(["/srv/home", "/srvx.home"], str(tmp_path))
    assert found["others"] == ([f"/etc/exports:{line}"] if counts else [])


def test_which_files_have_exports_of_others(tmp_path: Path) -> None:
    folder = tmp_path / "etc/exports.d"
    files(folder, **dict.fromkeys(("a.exports", "workbench.exports", "b.conf", ".c.exports"), "/srv/home *\n"))
    assert read_exports(["/srv/home"], str(tmp_path))["others"] == ["/etc/exports.d/a.exports:/srv/home *"]
    assert read_exports([], str(tmp_path))["others"] == []


def test_a_host_that_exports_nothing_has_no_table(tmp_path: Path) -> None:
    expected: Exports = {"others": [], "table": [], "places": {"/srv/home": "/srv/home"}, "age": None}
    assert read_exports(["/srv/home"], str(tmp_path)) == expected


def test_the_table_has_directories_as_they_really_are(tmp_path: Path) -> None:
    files(tmp_path, var__lib__nfs__etab="/srv/home\t10.0.0.1(rw,sync)\n")
    (tmp_path / "link").symlink_to("/srv/home")
    found = read_exports([f"{tmp_path}/link"], str(tmp_path))
    assert found["table"] == ["/srv/home 10.0.0.1(rw,sync)"]
    assert found["places"] == {f"{tmp_path}/link": "/srv/home"}
    assert found["age"] == pytest.approx(0, abs=60)
