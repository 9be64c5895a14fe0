# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of the reports on the controller."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path

from ansible_collections.workbench.cluster.plugins.plugin_utils._report.data import history
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.html import verify_report_html
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.junit import verify_report_junit
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Report

DATA, JUNIT, PAGE = "report.json", "report.xml", "report.html"


def write_report(folder: Path, report: Report) -> list[str]:
    """Write a report in its three forms, with the history of the one that is there, and return their paths.

    Nothing else in the folder is touched. All three are on disk before the first takes its name, so a full disk leaves
    the earlier ones as they were. Raises `OSError`, also where the earlier report cannot be read: its history would be lost.
    """
    earlier = folder / DATA
    report = {**report, "history": history(earlier.read_text("utf-8", "replace") if earlier.is_file() else "")}
    texts = {
        DATA: json.dumps(report, indent=1, ensure_ascii=False) + "\n",
        JUNIT: verify_report_junit(report),
        PAGE: verify_report_html(report),
    }
    _make(folder)
    with contextlib.ExitStack() as undo:
        drafts = {name: _draft(folder, text.encode("utf-8", "replace"), undo) for name, text in texts.items()}
        for name, draft in drafts.items():
            os.replace(draft, folder / name)
    return [str(folder / name) for name in texts]


def write_private(file: Path, content: bytes) -> None:
    """Write a file of its owner's alone, whole or not at all. Raises `OSError`."""
    with contextlib.ExitStack() as undo:
        os.replace(_draft(file.absolute().parent, content, undo, mode=0o600), file)


def _make(folder: Path) -> None:
    """The folder and what is missing above it, 0755 whatever the umask."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir()
        folder.chmod(0o755)


def _draft(folder: Path, content: bytes, undo: contextlib.ExitStack, mode: int = 0o644) -> Path:
    """A file of its own name, which goes with `undo` unless it was renamed."""
    handle, name = tempfile.mkstemp(prefix=".report-", dir=folder)
    draft = Path(name)
    undo.callback(draft.unlink, missing_ok=True)
    with open(handle, "wb") as file:
        os.fchmod(handle, mode)
        file.write(content)
        file.flush()
        os.fsync(handle)
    return draft
