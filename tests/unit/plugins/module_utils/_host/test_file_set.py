# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a set of files changes, from what is there. The module's own tests write real files."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host.file_set import Changes, Found, Wanted, plan
from ansible_collections.workbench.cluster.plugins.module_utils._host.files import Attributes, File, Present

OWN = Attributes(0, 0, 0o644)
A = File("/etc/rstudio/rserver.conf", "/srv/rserver.conf", b"a=1\nb=2\n", OWN)


def planned(present: Present | None, **there: t.Any) -> Changes:
    return plan(
        Wanted([A], [], []), Found(files={A.path: present}, directories={}, present=[], kept=set())._replace(**there)
    )


@pytest.mark.parametrize(
    ("present", "changed", "reworded", "kept"),
    [
        (None, True, False, False),
        (Present(A.content, OWN, 7), False, False, False),
        (Present(b"b=2\na=1\n", OWN, 7), True, True, True),
        (Present(b"b=2\na=1\n", OWN._replace(mode=0o600), 7), True, False, True),
        (Present(A.content, OWN._replace(uid=1), 7), True, False, False),
        (Present(b"# Managed by Ansible, workbench.cluster\na=2\n", OWN, 7), True, False, False),
    ],
    ids=["missing", "the same", "other words", "other words and mode", "another owner", "ours, another value"],
)
def test_what_a_file_that_is_there_makes_of_a_wanted_one(
    present: Present | None, changed: bool, reworded: bool, kept: bool
) -> None:
    changes = planned(present)
    assert changes.changed_files == ([A.path] if changed else [])
    assert [file.written for file in changes.files] == ([7 if reworded else None] if changed else [])
    assert changes.unread(check_mode=True) == ([A.path] if changed and not reworded else [])
    assert changes.copies == ({A.place: f"{A.place}.before-workbench-cluster"} if kept else {})


def test_a_copy_that_was_kept_stays_the_only_one() -> None:
    assert planned(Present(b"a=2\n", OWN, 7), kept={A.place}).copies == {}


@pytest.mark.parametrize(
    ("were", "asked", "now"),
    [
        (None, {}, Attributes(0, 0, 0o755)),
        (None, {"mode": 0o700}, Attributes(0, 0, 0o700)),
        (Attributes(5, 6, 0o777), {}, None),
        (Attributes(5, 6, 0o777), {"uid": 5, "mode": 0o777}, None),
        (Attributes(5, 6, 0o777), {"uid": 7}, Attributes(7, 6, 0o777)),
        (Attributes(5, 6, 0o777), {"gid": None}, Attributes(5, None, 0o777)),
    ],
)
def test_a_directory_keeps_what_is_not_asked_for(
    were: Attributes | None, asked: dict[str, t.Any], now: Attributes | None
) -> None:
    found = Found(files={}, directories={"/srv": were}, present=[], kept=set())
    changes = plan(Wanted([], [("/srv", asked)], []), found)
    assert changes.directories == ([("/srv", were, now)] if now else [])
    assert len(changes.diff()) == len(changes.directories)
