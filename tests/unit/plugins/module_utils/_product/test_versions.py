# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The versions of a node, from planted installations."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product import versions as product_versions
from ansible_collections.workbench.cluster.plugins.module_utils._product.secrets import fingerprint
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Versions


class Host:
    """A planted root, and the answers of its programs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.answers: dict[str, tuple[int, str, str]] = {}
        (root / "etc").mkdir()

    def plant(self, path: str, content: str = "") -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        return file

    def plant_r(self, home: str, version: str = "", lib: str = "") -> Path:
        """An R, as a package or `make install` lays it out; its home."""
        program = self.plant(f"{home}/bin/R", "#!/bin/sh\n")
        program.chmod(0o755)
        if version:
            self.plant(f"{home}/{lib}library/base/DESCRIPTION", f"Package: base\nVersion: {version}\n")
        return program.parents[1]

    def run(self, argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        return self.answers.get(argv[0], (127, "", f"{argv[0]}: command not found"))

    def versions(self) -> tuple[Versions, list[str]]:
        return product_versions.read_versions(self.run, str(self.root / "etc"), str(self.root))


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_versions_of_a_bare_node(host: Host) -> None:
    assert host.versions() == ({"workbench": None, "launcher": None, "r": [], "python": []}, [])


def test_versions(host: Host) -> None:
    host.answers["rstudio-server"] = (0, "2026.04.0+526.pro2 Workbench (Name) for Ubuntu\n", "TTY detected.")
    host.plant("usr/lib/rstudio-server/bin/rstudio-launcher", "program")
    host.plant_r("opt/R/4.3.1", "4.3.1", "lib/R/")
    host.plant_r("opt/R/default", "4.4.2", "lib64/R/")
    host.plant_r("usr/lib/R", "4.3.1")
    host.plant("opt/R/empty/README")
    host.plant("opt/R/removed/lib/R/library/base/DESCRIPTION", "Version: 3.6.0\n")  # what a removed package left
    elsewhere = host.plant_r("apps/r45", "4.5.0", "lib/R/")
    host.plant("etc/r-versions", f"# ours\n{elsewhere}\n\nPath: /nonexistent/R\n")
    for name, minor in (("3.12.4", "3.12.4"), ("again", "3.12.4"), ("3.9.1", "3.9.1")):
        program = host.plant(f"opt/python/{name}/bin/python3")
        host.answers[str(program)] = (0, f"Python {minor}\n", "")
    versions, errors = host.versions()
    assert versions == {
        "workbench": "2026.04.0+526.pro2",
        "launcher": fingerprint(b"program"),
        "r": ["4.3.1", "4.4.2", "4.5.0"],
        "python": ["3.12.4", "3.9.1"],
    }
    assert errors == []


def test_r_that_is_on_the_path_only(host: Host) -> None:
    home = host.plant_r("apps/r44", "4.4.1", "lib/R/")
    (host.root / "usr/bin").mkdir(parents=True)
    (host.root / "usr/bin/R").symlink_to(home / "bin/R")
    assert host.versions()[0]["r"] == ["4.4.1"]


def test_r_that_the_configuration_names(host: Host) -> None:
    home = host.plant_r("apps/own")
    host.plant("etc/rserver.conf", f"rsession-which-r={home}/bin/R\n")
    assert host.versions()[0]["r"] == ["(version unknown)"]


def test_programs_that_fail_are_named(host: Host) -> None:
    host.answers["rstudio-server"] = (1, "", "no licence\n")
    program = host.plant("opt/python/broken/bin/python3")
    host.answers[str(program)] = (1, "", "libpython3.so: not found")
    versions, errors = host.versions()
    assert (versions["workbench"], versions["python"]) == (None, [])
    assert errors == ["rstudio-server version failed: no licence", f"{program} does not run: libpython3.so: not found"]
