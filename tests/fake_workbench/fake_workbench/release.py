# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The releases this stand-in comes in, and what differs between them."""

from __future__ import annotations

import os
import typing as t

from fake_workbench import lock_rules, paths, releases


class Release(t.NamedTuple):
    version: str
    name: str
    schema_version: str
    check_config: bool  # check-config exists, and test-config is its deprecated alias

    @property
    def lock_protocol(self) -> str:
        return lock_rules.lock_protocol(self.version)

    @property
    def nodes_in_database(self) -> bool:
        return releases.nodes_in_database(self.version)

    @property
    def largest_pool(self) -> int:
        return releases.largest_pool(self.version)

    @property
    def launchers_told(self) -> bool:
        return releases.launchers_told(self.version)


RELEASES = {
    release.version: release
    for release in (
        # Nodes in load-balancer, sessions balanced by a scratch path on the share. The schema's number is ours.
        Release("1.4.1717-3", "Juliet Rose", "20210115000000000000000", False),
        Release("2026.04.0+526.pro2", "Globemaster Allium", "20260210090000000000000", False),
        # A later one of the same line; its number is ours.
        Release("2026.04.1+600.pro1", "Globemaster Allium", "20260210090000000000000", False),
        Release("2026.07.0+139.pro9", "Pacific Dogwood", "20260512090000000000000", True),
        # Not released by the vendor: its number, its name and its schema are ours.
        Release("2026.10.0+1.pro1", "Unreleased October", "20260512090000000000000", True),
    )
}


def current() -> Release:
    with open(os.path.join(paths.INSTALL, "VERSION"), encoding="utf-8") as file:
        return RELEASES[file.read().split()[0]]


def lock_protocol() -> str:
    """That of the installed release; that of the first ones where this runs from its sources."""
    return lock_rules.lock_protocol(_version())


def knows(file: str, option: str) -> bool:
    """Whether the installed release is not too old for an option."""
    return releases.knows(_version(), file, option)


def _version() -> str | None:
    try:
        return current().version
    except FileNotFoundError:
        return None
