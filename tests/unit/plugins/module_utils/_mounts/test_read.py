# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which file system a path of this host lies on."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.workbench.cluster.plugins.module_utils._mounts.read import read_mounts


def test_mounts_of_this_host(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/proc")
    link = str(tmp_path / "link")
    mounts, errors = read_mounts(["/proc/self", link, "/nonexistent/path"])
    assert [mount and mount["fstype"] for mount in (mounts["/proc/self"], mounts[link])] == ["proc", "proc"]
    assert mounts["/nonexistent/path"] is None
    assert len(errors) == 1
    assert errors[0].startswith("/nonexistent/path cannot be read")
