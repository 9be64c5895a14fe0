# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The product's tables, byte for byte."""

from __future__ import annotations

import calendar
import time
import typing as t

import pytest
from fake_workbench import address, balancing, cluster, node, schema, sessions, web
from fake_workbench.cluster import Node

NOW = calendar.timegm((2024, 1, 5, 16, 51, 0))
ONE = Node(1, "ip-10-2-1-113", "10.2.1.113", 8787, "online", "2024-Jan-05 16:49:17")
TWO = Node(2, "ip-10-2-2-105", "10.2.2.105", 8787, "online", "2024-Jan-05 16:50:58")


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[t.Callable[[str], None]]:
    def change(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    change("UTC")
    yield change
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("zone")
def test_list_nodes() -> None:
    assert cluster.format_nodes("http", [TWO, ONE], NOW, 600) == (
        "Cluster\n"
        "-------\n"
        "Protocol\n"
        "Http\n"
        "\n"
        "Nodes\n"
        "-----\n"
        "ID  Host           IPv4        Port  Status  Last Seen\n"
        "1   ip-10-2-1-113  10.2.1.113  8787  Online  2024-Jan-05 16:49:17\n"
        "2   ip-10-2-2-105  10.2.2.105  8787  Online  2024-Jan-05 16:50:58\n"
    )


@pytest.mark.usefixtures("zone")
def test_list_nodes_puts_online_nodes_first_and_pads_to_the_longest_cell() -> None:
    lost = Node(1, "nowhere", "", 443, "failed to resolve", "2024-Jan-05 16:49:17")
    lines = cluster.format_nodes("https no verify", [lost, TWO], NOW, 600).splitlines()
    assert lines[3] == "Https no verify"
    assert lines[7:] == [
        "ID  Host           IPv4        Port  Status             Last Seen",
        "2   ip-10-2-2-105  10.2.2.105  8787  Online             2024-Jan-05 16:50:58",
        "1   nowhere                    443   Failed to resolve  2024-Jan-05 16:49:17",
    ]


@pytest.mark.parametrize(
    ("status", "late", "shown"),
    [
        ("online", 600, "Online"),
        ("online", 601, "Missed check-in"),
        ("offline", 601, "Offline"),
        ("starting", 0, "Starting"),
        ("deleting", 0, "Deleting"),
        ("invalid secure cookie key", 0, "Invalid secure cookie key"),
        ("invalid permissions on secure cookie key", 0, "Invalid permissions on secure cookie key"),
        ("error reading launcher key", 0, "Error reading launcher key"),
        ("invalid launcher key", 0, "Invalid launcher key"),
        ("invalid license", 0, "Invalid license"),
    ],
)
def test_statuses(status: str, late: int, shown: str) -> None:
    row = ONE._replace(status=status, last_seen=time.strftime(cluster.TIME, time.gmtime(NOW - late)))
    assert f"  {shown}  " in cluster.format_nodes("http", [row], NOW, 600).splitlines()[-1]


def test_times_are_stored_in_utc_and_shown_in_the_local_zone(zone: t.Callable[[str], None]) -> None:
    zone("EST5")
    assert cluster.format_nodes("http", [ONE], NOW, 600).endswith("2024-Jan-05 11:49:17\n")


def test_status_page() -> None:
    running = [sessions.Session("a", 1553, "user1", "rworkspaces"), sessions.Session("b", 1568, "user1", "rsession")]
    states = [
        node.State(TWO, "", (0.0723, 0.0241, 0.00341), running),
        node.State(ONE, "", (0, 1, 0.5), ()),
        node.State(ONE._replace(host="gone"), "unreachable", (0, 0, 0), ()),
        node.State(ONE._replace(host="resting"), "offline", (0.25, 0, 0), ()),
    ]
    assert web.format_status(states) == (
        "ip-10-2-2-105:8787 - 10.2.2.105  Load: 0.072, 0.024, 0.0034\n"
        "   1553 - user1 rworkspaces\n"
        "   1568 - user1 rsession\n"
        "\n"
        "ip-10-2-1-113:8787 - 10.2.1.113  Load: 0, 1, 0.5\n"
        "\n"
        "gone:8787 - 10.2.1.113 (unreachable)  Load: 0, 0, 0\n"
        "\n"
        "resting:8787 - 10.2.1.113 (offline)  Load: 0.25, 0, 0\n"
    )


A = balancing.Candidate("127.0.0.1", 8787, 0.5, 2)
B = balancing.Candidate("127.0.0.2", 8787, 0.9, 1)


@pytest.mark.parametrize(
    ("balancer", "user", "chosen"),
    [("sessions", "x", B), ("system-load", "x", A), ("user-hash", "alice", B), ("user-hash", "bob", A)],
)
def test_balancers(balancer: str, user: str, chosen: balancing.Candidate) -> None:
    assert balancing.choose(balancer, user, [A, B], "/nonexistent", resolve=False) == chosen


def test_no_candidates() -> None:
    with pytest.raises(balancing.BalanceError, match="no node of the cluster is online"):
        balancing.choose("sessions", "x", [], "", resolve=False)


@pytest.mark.parametrize(
    ("host_name", "www_address", "found"),
    [
        ("127.0.0.9", "0.0.0.0", ("127.0.0.9", 8787, "127.0.0.9")),
        ("localhost:9", "0.0.0.0", ("localhost", 9, "127.0.0.1")),
        ("no-such-host.invalid", "0.0.0.0", ("no-such-host.invalid", 8787, "")),
        ("", "127.0.0.3", ("127.0.0.3", 8787, "127.0.0.3")),
    ],
)
def test_own_address(host_name: str, www_address: str, found: tuple[str, int, str]) -> None:
    assert address.own_address(host_name, www_address, 8787) == found


def test_schema_steps_lead_from_any_version_to_the_wanted_one() -> None:
    old, new = schema.STEPS[0][0], schema.STEPS[1][0]
    fresh = schema.statements("", new, postgresql=True)
    assert [sql for sql in fresh if "CREATE TABLE cluster" in sql]
    assert schema.statements(old, new, postgresql=True) == fresh[-2:]
    assert schema.statements(new, new, postgresql=True) == []
    assert schema.statements(new, old, postgresql=True) == []
    assert not [sql for sql in schema.statements("", new, postgresql=False) if "CREATE TABLE cluster" in sql]


@pytest.mark.parametrize(
    ("client", "allowed"),
    [("127.0.0.1", True), ("10.2.1.113", True), ("10.2.2.105", True), ("10.2.1.11", False), ("", False)],
)
def test_the_status_page_is_for_the_nodes_and_localhost(client: str, allowed: bool) -> None:
    assert web.may_see_status(client, [ONE, TWO, ONE._replace(ipv4="")]) is allowed
