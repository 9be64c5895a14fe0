# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role nfs_server would change."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host.digests import digest
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import HostReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import RUN_KEY, Change
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.nfs_server import differences
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._differences.wanted import role_variable

FILE = "/etc/exports.d/workbench.exports"
HOME, SHARED = "/var/nfs/workbench/home", "/var/nfs/workbench/shared-storage"
CLIENTS = ["10.0.0.1", "10.0.1.0/24", "node3.example.com", "*.example.org"]
OPTIONS = "rw,sync,no_subtree_check,no_root_squash"
INVENTORY = {
    "ansible_facts": {"os_family": "Debian"},
    "inventory_hostname": "store1",
    "nfs_server_clients": CLIENTS,
}
# As exportfs writes it: names as they resolve, in an order of its own.
TABLE = [
    f"{path} {client}(rw,sync,wdelay,hide,nocrossmnt,secure,no_root_squash)"
    for client in ("n3.example.com", "10.0.0.1", "10.0.1.0/24", "*.example.org")
    for path in (HOME, SHARED)
]


def wanted(**inventory: t.Any) -> t.Any:
    return role_variable("nfs_server", "__nfs_server_wanted", **{**INVENTORY, **inventory})


def exports(**other: t.Any) -> dict[str, t.Any]:
    return {"others": [], "table": TABLE, "places": {path: path for path in (HOME, SHARED)}, "age": 900.0, **other}


def report(wish: t.Any, age: float = 1000.0, **parts: t.Any) -> HostReport:
    """A file server that is as it should be, whose exports file is so old."""
    root = {"owner": "root", "group": "root", "uid": 0, "gid": 0}
    made = digest(RUN_KEY, wish["files"][0]["content"].encode())
    state = {"digest": made, "sense": None, "ours": True, "kept": False, "content": None}
    unit = {"load": "loaded", "enabled": "enabled", "active": "active", "uptime": 5000.0, "read": 5000.0}
    found = {
        "packages": {"nfs-kernel-server": {"state": "installed", "version": "2.6"}},
        "directories": {path: {**root, "mode": "1777"} for path in ("/etc/exports.d", HOME, SHARED)},
        "files": {FILE: {**state, **root, "mode": "0644", "age": age}},
        "units": {"nfs-server.service": {**unit, "replaced": False, "unread": False}},
        "exports": exports(),
        **parts,
    }
    return t.cast(HostReport, found)


@pytest.mark.parametrize(
    ("inventory", "expected"),
    [
        (
            {"nfs_server_clients": ["10.0.0.1", "10.0.0.2"]},
            f"{HOME} 10.0.0.1({OPTIONS}) 10.0.0.2({OPTIONS})\n{SHARED} 10.0.0.1({OPTIONS}) 10.0.0.2({OPTIONS})\n",
        ),
        (
            {
                "nfs_server_clients": ["*"],
                "nfs_server_exports": [{"path": "/srv/a", "options": "ro"}, {"path": "/srv/b"}],
                "nfs_server_options": "rw,no_root_squash",
            },
            "/srv/a *(ro)\n/srv/b *(rw,no_root_squash)\n",
        ),
    ],
    ids=["addresses", "options of its own"],
)
def test_the_file_of_exports(inventory: dict[str, t.Any], expected: str) -> None:
    head = "# Managed by Ansible, workbench.cluster: change nfs_server_exports in the inventory.\n"
    assert wanted(**inventory)["files"][0]["content"] == head + expected


def test_what_is_asked_of_a_host_needs_no_facts_and_is_all_that_may_be_wanted() -> None:
    ask = role_variable("nfs_server", "__nfs_server_ask")
    assert ask["exports"] == {"paths": [HOME, SHARED]}
    for family in ("Debian", "RedHat"):
        wish = wanted(ansible_facts={"os_family": family})
        assert set(wish["packages"]) <= set(ask["packages"])
        assert {file["path"] for file in wish["files"]} <= set(ask["files"])
        assert {entry["path"] for entry in wish["directories"]} <= set(ask["directories"])
        assert set(wish["units"]) <= set(ask["units"])


def test_a_server_that_is_as_it_should_be_has_no_change() -> None:
    wish = wanted()
    found = differences(wish, report(wish))
    assert (found.changes, found.problems, found.notes) == ([], [], [])


def test_a_bare_host_gets_all() -> None:
    wish = wanted()
    unit = {"load": "not-found", "enabled": "", "active": "inactive", "uptime": None, "read": None}
    bare = report(
        wish,
        packages={"nfs-kernel-server": {"state": "absent", "version": None}},
        directories=dict.fromkeys(("/etc/exports.d", HOME, SHARED)),
        files={FILE: None},
        units={"nfs-server.service": {**unit, "replaced": False, "unread": False}},
        exports=exports(table=[], age=None),
    )
    assert differences(wish, bare).changes == [
        Change("package nfs-kernel-server", "new"),
        *(Change(path, "new", path=path) for path in ("/etc/exports.d", HOME, SHARED)),
        Change(FILE, "new", path=FILE),
        Change("nfs-server.service", "new"),
    ]


OLD = f"{FILE} was written after they were last read"


@pytest.mark.parametrize(
    ("age", "table_age", "read", "why"),
    [
        (1000.0, 900.0, 5000.0, None),
        (1000.0, 5000.0, 900.0, None),
        (1000.0, None, 900.0, None),
        (1000.0, 900.0, None, None),
        (800.0, 900.0, 5000.0, OLD),
        (800.0, 5000.0, 900.0, OLD),
        (800.0, None, None, OLD),
    ],
    ids=["a new table", "told", "told, no table", "no server", "an older table", "told before", "never"],
)
def test_exports_that_are_older_than_their_file_are_a_change(
    age: float, table_age: float | None, read: float | None, why: str | None
) -> None:
    wish = wanted()
    now = report(wish, age, exports=exports(age=table_age))
    now["units"]["nfs-server.service"]["read"] = read
    assert differences(wish, now).changes == ([Change("exports", why)] if why else [])


@pytest.mark.parametrize(
    ("gone", "why"),
    [
        (f"{HOME} 10.0.0.1(", f"the server lacks {HOME} for 10.0.0.1"),
        (f"{SHARED} 10.0.1.0/24(", f"the server lacks {SHARED} for 10.0.1.0/24"),
        (f"{SHARED} *.example.org(", f"the server lacks {SHARED} for *.example.org"),
        (f"{HOME} ", f"the server lacks {HOME}"),
        (f"{HOME} n3.example.com(", None),
    ],
    ids=["an address", "a network", "a wildcard", "a directory", "a name cannot be told"],
)
def test_exports_that_the_server_lacks_are_a_change(gone: str, why: str | None) -> None:
    wish = wanted()
    table = [row for row in TABLE if not row.startswith(gone)]
    assert len(table) < len(TABLE)
    now = report(wish, exports=exports(table=table))
    assert differences(wish, now).changes == ([Change("exports", why)] if why else [])


def test_a_directory_behind_a_link_is_in_the_table_where_it_really_is() -> None:
    wish = wanted(nfs_server_exports=[{"path": "/srv/home"}, {"path": f"{SHARED}/"}])
    now = report(wish, exports=exports(places={"/srv/home": HOME, f"{SHARED}/": SHARED}))
    now["directories"].update(dict.fromkeys(("/srv/home", f"{SHARED}/"), now["directories"][HOME]))
    assert differences(wish, now).changes == []


def test_exports_that_nobody_could_read_are_a_change() -> None:
    wish = wanted()
    now = report(wish, errors={"exports": "no"})
    del now["exports"]
    assert differences(wish, now).changes == [Change("exports", "cannot be told: no")]


def test_lines_of_others_for_our_directories_stop_the_run() -> None:
    wish = wanted()
    others = [f"/etc/exports:{HOME} *(ro)", f"/etc/exports.d/b.exports:{SHARED} *"]
    found = differences(wish, report(wish, exports=exports(others=others)))
    assert found.problems == [
        f"store1 exports already what nfs_server_exports names: {others[0]}; {others[1]}. Take these lines out, or the "
        "directories out of nfs_server_exports and see to the clients and options there."
    ]
