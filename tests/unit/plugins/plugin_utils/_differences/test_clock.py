# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role clock would change."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host.digests import digest
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import HostReport, Step
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import RUN_KEY, Change
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.clock import differences
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._differences.wanted import role_variable

FILE = "/etc/chrony/chrony.conf"
DEBIAN = {"ansible_facts": {"os_family": "Debian"}}
CONF = """\
# Managed by Ansible, workbench.cluster: change the variables clock_* in the inventory.
server ntp1.example.com iburst minpoll 4 maxpoll 6
server ntp2.example.com iburst minpoll 4 maxpoll 6
allow 10.0.0.0/24
local stratum 10
makestep 1.0 -1
rtcsync
driftfile /var/lib/chrony/drift
keyfile /etc/chrony/chrony.keys
logdir /var/log/chrony
"""


def wanted(**inventory: t.Any) -> t.Any:
    inventory = {"clock_servers": ["ntp1.example.com"], **DEBIAN, **inventory}
    return role_variable("clock", "__clock_wanted", **inventory)


def report(wish: t.Any, **parts: t.Any) -> HostReport:
    """A host that is as it should be."""
    (file,) = wish["files"]
    state: dict[str, t.Any] = {"digest": digest(RUN_KEY, file["content"].encode()), "sense": None}
    state.update(owner="root", group="root", uid=0, gid=0, mode="0644", age=1000.0, ours=True, kept=False, content=None)
    unit = {"load": "loaded", "enabled": "enabled", "active": "active", "uptime": 500.0, "read": 500.0}
    found = {
        "packages": {"chrony": {"state": "installed", "version": "4.3"}},
        "files": {FILE: state, "/etc/chrony.conf": None},
        "units": {"chrony.service": {**unit, "replaced": False, "unread": False}},
        "step": {"synchronized": True, "offset": -0.01},
        **parts,
    }
    return t.cast(HostReport, found)


@pytest.mark.parametrize(
    ("inventory", "expected"),
    [
        (
            {
                "clock_servers": ["ntp1.example.com", "ntp2.example.com"],
                "clock_serve_networks": ["10.0.0.0/24"],
                "clock_local_stratum": 10,
            },
            CONF,
        ),
        (
            {"clock_servers": [], "clock_step_threshold": 0.5},
            f"{CONF.splitlines()[0]}\nmakestep 0.5 -1\n" + "".join(CONF.splitlines(keepends=True)[-4:]),
        ),
        (
            {"clock_servers": [], "ansible_facts": {"os_family": "RedHat"}},
            CONF.splitlines()[0]
            + "\n"
            + "".join(CONF.splitlines(keepends=True)[-5:]).replace("/etc/chrony/chrony.keys", "/etc/chrony.keys"),
        ),
    ],
    ids=["all", "little", "Red Hat"],
)
def test_the_file_of_chrony(inventory: dict[str, t.Any], expected: str) -> None:
    assert wanted(**inventory)["files"][0]["content"] == expected


def test_what_is_asked_of_a_host_needs_no_facts_and_is_all_that_may_be_wanted() -> None:
    ask = role_variable("clock", "__clock_ask")
    assert ask["step"] == {}
    for family in ("Debian", "RedHat"):
        wish = wanted(ansible_facts={"os_family": family})
        assert set(wish["packages"]) <= set(ask["packages"])
        assert {file["path"] for file in wish["files"]} <= set(ask["files"])
        assert {*wish["units"], *(service["name"] for service in wish["services"])} <= set(ask["units"])


def test_a_host_that_is_as_it_should_be_has_no_change() -> None:
    wish = wanted()
    found = differences(wish, report(wish))
    assert (found.changes, found.problems, found.notes) == ([], [], [])


def test_a_bare_host_gets_all_and_nobody_is_told_that_its_clock_is_not_in_step_yet() -> None:
    wish = wanted()
    unit = {"load": "not-found", "enabled": "", "active": "inactive", "uptime": None, "read": None}
    bare = report(
        wish,
        packages={"chrony": {"state": "absent", "version": None}},
        files={FILE: None},
        units={"chrony.service": {**unit, "replaced": False, "unread": False}},
        step={"synchronized": False, "offset": None},
    )
    assert differences(wish, bare).changes == [
        Change("package chrony", "new"),
        Change(FILE, "new", path=FILE),
        Change("chrony.service", "new"),
    ]


def test_a_daemon_that_started_before_its_file_was_written_restarts() -> None:
    wish = wanted()
    before = report(wish)
    before["units"]["chrony.service"]["uptime"] = 2000.0
    (change,) = differences(wish, before).changes
    assert (change.what, change.interrupts, change.restarts) == ("chrony", "restarts chrony", ("chrony.service",))


@pytest.mark.parametrize(
    ("inventory", "step", "why"),
    [
        ({}, {"synchronized": True, "offset": 0.1}, None),
        ({}, {"synchronized": True, "offset": -0.11}, "is not in step"),
        ({"clock_max_correction": "0.2"}, {"synchronized": True, "offset": -0.11}, None),
        ({}, {"synchronized": True, "offset": None}, "is not in step"),
        ({}, {"synchronized": False, "offset": None}, "is not in step"),
        ({}, {"synchronized": None, "offset": None}, "cannot be told"),
        ({}, None, "cannot be told: chronyc hangs"),
        ({"clock_wait": 0}, {"synchronized": False, "offset": None}, None),
        ({"clock_wait": "0"}, None, None),
        ({"clock_servers": [], "clock_local_stratum": 10}, {"synchronized": False, "offset": None}, None),
    ],
)
def test_a_clock_that_is_not_in_step_is_waited_for(
    inventory: dict[str, t.Any], step: Step | None, why: str | None
) -> None:
    wish = wanted(**inventory)
    now = report(wish, step=step) if step else report(wish, errors={"step": "chronyc hangs"})
    if step is None:
        del now["step"]
    waits = [Change("the clock", why, "waits for it, 120 s at most", waits=True)] if why else []
    assert differences(wish, now).changes == waits
