"""The releases this stand-in comes in, and what differs between them."""

from __future__ import annotations

import os
import typing as t

from fake_workbench import paths


class Release(t.NamedTuple):
    version: str
    name: str
    schema_version: str
    check_config: bool  # check-config exists, and test-config is its deprecated alias


RELEASES = {
    release.version: release
    for release in (
        Release("2026.04.0+526.pro2", "Globemaster Allium", "20260210090000000000000", False),
        Release("2026.07.0+139.pro9", "Pacific Dogwood", "20260512090000000000000", True),
    )
}


def current() -> Release:
    with open(os.path.join(paths.INSTALL, "VERSION"), encoding="utf-8") as file:
        return RELEASES[file.read().split()[0]]
