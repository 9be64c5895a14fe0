# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which packages a host has, as its package manager says it."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.packages import read_packages


class Manager:
    def __init__(self, rc: int, out: str, err: str = "") -> None:
        self.answer = rc, out, err
        self.asked: list[list[str]] = []

    def run(self, argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        self.asked.append(argv)
        return self.answer


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("ii ", "installed"),
        ("hi ", "installed"),
        ("iW ", "installed"),
        ("it ", "installed"),
        ("iU ", "unpacked"),
        ("iF ", "unpacked"),
        ("iH ", "broken"),
        ("iHR", "broken"),
        ("iFR", "broken"),
        ("rc ", "absent"),
        ("un ", "absent"),
        ("pn ", "absent"),
    ],
)
def test_states_of_dpkg(status: str, state: str) -> None:
    dpkg = Manager(0, f"chrony\t{status}\t4.3-2\n")
    version = None if state == "absent" else "4.3-2"
    assert read_packages(dpkg.run, ["chrony"], debian=True) == {"chrony": {"state": state, "version": version}}


def test_all_packages_in_one_question() -> None:
    """One that dpkg has never heard of is on stderr, and then its return code is 1."""
    dpkg = Manager(1, "chrony\tii \t4.3-2\n", "dpkg-query: no packages found matching nosuch\n")
    found = read_packages(dpkg.run, ["chrony", "nosuch"], debian=True)
    assert found == {
        "chrony": {"state": "installed", "version": "4.3-2"},
        "nosuch": {"state": "absent", "version": None},
    }
    assert [argv[-3:] for argv in dpkg.asked] == [["--", "chrony", "nosuch"]]


@pytest.mark.parametrize("lines", ["a\tii \t1\na\trc \t1\n", "a\trc \t1\na\tii \t1\n"])
def test_of_several_architectures_the_one_that_is_there_counts(lines: str) -> None:
    assert read_packages(Manager(0, lines).run, ["a"], debian=True)["a"]["state"] == "installed"


def test_rpm() -> None:
    rpm = Manager(1, "chrony\t4.6.1-1.el9\npackage nosuch is not installed\n")
    found = read_packages(rpm.run, ["chrony", "nosuch"], debian=False)
    assert found["chrony"] == {"state": "installed", "version": "4.6.1-1.el9"}
    assert found["nosuch"] == {"state": "absent", "version": None}
    assert rpm.asked[0][0] == "rpm"


@pytest.mark.parametrize(
    ("debian", "manager"),
    [
        (True, Manager(2, "", "dpkg-query: error: failed to open package info file")),
        (True, Manager(127, "", "dpkg-query: command not found")),
        (False, Manager(1, "", "error: rpmdb open failed")),
        (False, Manager(127, "", "rpm: command not found")),
    ],
)
def test_a_package_manager_that_cannot_tell_says_nothing_of_packages(debian: bool, manager: Manager) -> None:
    with pytest.raises(Failure, match=r"failed|not found"):
        read_packages(manager.run, ["chrony"], debian)


def test_no_package_is_no_question() -> None:
    dpkg = Manager(0, "")
    assert (read_packages(dpkg.run, [], debian=True), dpkg.asked) == ({}, [])
