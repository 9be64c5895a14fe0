# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a system without Ansible's collectors is what they would say."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest
from ansible.module_utils.facts.system.distribution import Distribution
from ansible.module_utils.facts.system.pkg_mgr import PkgMgrFactCollector
from ansible_collections.workbench.cluster.plugins.module_utils._host.system import DEBIAN, REDHAT, known_system

# As Ansible calls them.
NAMES = {
    "almalinux": "AlmaLinux",
    "amzn": "Amazon",
    "centos": "CentOS",
    "debian": "Debian",
    "fedora": "Fedora",
    "ol": "OracleLinux",
    "rhel": "RedHat",
    "rocky": "Rocky",
    "ubuntu": "Ubuntu",
}


def made(root: Path, name: str, *programs: str) -> str:
    """A system with these programs; `a>b` is a link."""
    for program in programs:
        path, __, target = program.partition(">")
        file = root / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        if target:
            file.symlink_to(target)
        else:
            file.touch()
    (root / "etc").mkdir()
    (root / "etc" / "os-release").write_text(f'NAME="Some {name}"\nVERSION_ID="9"\nID={name}\nID_LIKE="rhel debian"\n')
    return str(root)


def test_families_are_ansibles() -> None:
    assert {Distribution.OS_FAMILY[NAMES[name]] for name in DEBIAN} == {"Debian"}
    assert {Distribution.OS_FAMILY[NAMES[name]] for name in REDHAT} == {"RedHat"}


@pytest.mark.parametrize(
    ("name", "programs", "family"),
    [
        ("debian", ["/usr/bin/apt-get"], "Debian"),
        ("ubuntu", ["/usr/bin/apt-get", "/usr/bin/dnf"], "Debian"),
        ("rocky", ["/usr/bin/dnf>dnf-3", "/usr/bin/dnf-3", "/usr/bin/yum>dnf-3"], "RedHat"),
        ("fedora", ["/usr/bin/dnf>dnf5", "/usr/bin/dnf5"], "RedHat"),
        ('"rhel"', ["/usr/bin/dnf", "/usr/bin/apt-get"], "RedHat"),
    ],
)
def test_package_managers_are_ansibles(
    name: str, programs: list[str], family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = made(tmp_path, name, *programs)
    exists, realpath = os.path.exists, os.path.realpath
    known = known_system(root)
    monkeypatch.setattr(os.path, "exists", lambda path: exists(f"{root}{path}"))
    monkeypatch.setattr(os.path, "realpath", lambda path: realpath(f"{root}{path}")[len(root) :])
    said = PkgMgrFactCollector().collect(None, {"ansible_os_family": family})
    assert known == {"os_family": family, **said}


@pytest.mark.parametrize(
    ("name", "programs"),
    [
        ("linuxmint", ["/usr/bin/apt-get"]),
        ("debian", []),
        ("debian", ["/usr/bin/apt-get", "/usr/bin/rpm"]),
        ("amzn", ["/usr/bin/yum"]),
        ("fedora", ["/usr/bin/dnf", "/run/ostree-booted"]),
        ("sles", ["/usr/bin/zypper", "/usr/bin/dnf"]),
    ],
)
def test_of_others_the_collectors_are_asked(name: str, programs: list[str], tmp_path: Path) -> None:
    assert known_system(made(tmp_path, name, *programs)) is None


def test_without_os_release_the_collectors_are_asked(tmp_path: Path) -> None:
    assert known_system(str(tmp_path)) is None


def test_every_system_is_one_that_everybody_has(tmp_path: Path) -> None:
    found: dict[str, t.Any] = {}
    for name in NAMES:
        root = tmp_path / name
        root.mkdir()
        found[name] = known_system(made(root, name, "/usr/bin/dnf" if name in REDHAT else "/usr/bin/apt-get"))
    assert None not in found.values()
