# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an NFS server exports, and who else exports our directories."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host.exports import read_exports


def made(root: Path, **files: str) -> str:
    for name, text in files.items():
        file = root / "etc" / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return str(root)


@pytest.mark.parametrize(
    "line",
    [
        "/export/home 10.0.0.0/8(rw)",
        "  /export/home\t*(ro)",
        '"/export/home" node1',
        "/export/home/ node1",
        "/export/home",
        "/srv/a+b node1",
    ],
)
def test_lines_of_others_for_our_directories(line: str, tmp_path: Path) -> None:
    root = made(tmp_path, exports=f"# {line}\n{line}\n", exports_d__more_exports=f"{line}\n")
    found = read_exports(["/export/home", "/srv/a+b"], root)["others"]
    assert found == [f"/etc/exports:{line}", f"/etc/exports.d/more.exports:{line}"]


@pytest.mark.parametrize(
    "line", ["/export/homes *", "/export/home/ada *", "/export *", "#/export/home *", "/srv/aab *", "* /export/home"]
)
def test_lines_for_other_directories(line: str, tmp_path: Path) -> None:
    assert read_exports(["/export/home", "/srv/a+b"], made(tmp_path, exports=f"{line}\n"))["others"] == []


def test_what_exportfs_does_not_read_and_what_is_ours(tmp_path: Path) -> None:
    line = "/export/home *\n"
    root = made(tmp_path, exports_d__workbench_exports=line, exports_d__old=line, exports_d___hidden_exports=line)
    assert sorted(os.listdir(tmp_path / "etc" / "exports.d")) == [".hidden.exports", "old", "workbench.exports"]
    assert read_exports(["/export/home"], root)["others"] == []


def test_a_host_without_exports(tmp_path: Path) -> None:
    found = read_exports(["/export/home"], str(tmp_path))
    assert (found["others"], found["table"], found["age"]) == ([], [], None)
    assert read_exports([], made(tmp_path, exports="/export/home *\n"))["others"] == []


def test_the_table(tmp_path: Path) -> None:
    table = tmp_path / "var" / "lib" / "nfs" / "etab"
    table.parent.mkdir(parents=True)
    table.write_text("/export/home\t10.0.0.1(rw,sync)\n/export/a\\040b\t*(ro)\n")
    os.utime(table, (time.time() - 60,) * 2)
    found = read_exports([], str(tmp_path))
    assert found["table"] == ["/export/home 10.0.0.1(rw,sync)", "/export/a\\040b *(ro)"]
    assert found["age"] == pytest.approx(60, abs=5)
