# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the product takes `file-locks` for, and which lock protocol a version has."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._locks.rules import (
    LINKS,
    OWNERS,
    LockSettings,
    lock_protocol,
    read_lock_settings,
)


@pytest.mark.parametrize(
    ("value", "on"),
    [
        ("1", True),
        ("+1", True),
        ("01", True),
        ("0", False),
        ("true", False),
        ("yes", False),
        ("-1", False),
        ("", False),
    ],
)
def test_only_the_number_one_is_on(value: str, on: bool) -> None:
    assert read_lock_settings({"use-symlinks": value}).use_symlinks is on


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("40", 40),
        ("2.9", 2),
        ("40.0", 40),
        ("1e1", 10),
        ("+40", 40),
        ("0.5", 0),
        (".5", 0),
        ("5.", 5),
        ("", 30),
        ("40s", 30),
        ("4_0", 30),
        (" 40", 30),
        ("0x10", 30),
        ("nan", 30),
        ("inf", 30),
        ("1e300", 30),
        ("\u0663", 30),
    ],
)
def test_times_are_cut_to_whole_seconds(value: str, seconds: int) -> None:
    read = read_lock_settings({"timeout-interval": value})
    assert (read.timeout, read.warnings) == (seconds, ())


@pytest.mark.parametrize(
    ("value", "protocol", "seconds", "warned"),
    [("-1", LINKS, 20, True), ("0.5", LINKS, 0, False), ("0.5", OWNERS, 20, True), ("1", OWNERS, 1, False)],
)
def test_times_that_are_too_small(value: str, protocol: str, seconds: int, warned: bool) -> None:
    read = read_lock_settings({"refresh-rate": value}, protocol)
    assert (read.refresh, bool(read.warnings)) == (seconds, warned)


@pytest.mark.parametrize(
    ("values", "kind", "warnings"),
    [
        ({}, "linkbased", ()),
        ({"lock-type": "LinkBased"}, "linkbased", ()),
        ({"lock-type": "Advisory", "use-symlinks": "1"}, "advisory", ()),
        ({"use-symlinks": "1"}, "symlink", ()),
        ({"lock-type": "flock"}, "linkbased", ("unrecognized lock type 'flock'",)),
    ],
)
def test_kind(values: dict[str, str], kind: str, warnings: tuple[str, ...]) -> None:
    read = read_lock_settings(values)
    assert (read.kind, read.warnings) == (kind, warnings)


def test_defaults() -> None:
    assert read_lock_settings({}) == LockSettings("linkbased", False, 20, 30)


@pytest.mark.parametrize(
    ("version", "protocol"),
    [
        ("2026.09.1+403.pro7", LINKS),
        ("2026.10.0+1.pro1", OWNERS),
        ("2027.01.0", OWNERS),
        ("2025.12.0", LINKS),
        ("1.4.1717-3", LINKS),
        ("", LINKS),
        (None, LINKS),
    ],
)
def test_protocol_of_a_version(version: str | None, protocol: str) -> None:
    assert lock_protocol(version) == protocol
