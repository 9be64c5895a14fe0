# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people notice of work on a front end or a drained node: nothing. Of a node that dies: what was in flight."""

from __future__ import annotations

import re
import time
import typing as t
from pathlib import Path

import pytest
from people import People, Place

if t.TYPE_CHECKING:
    from conftest import Lab

FRONTS = ["front1", "front2"]
ADDRESS, NAME = "10.203.0.79", "workbench.example.com"
SERVERS = {"haproxy": "haproxy", "nginx": "nginx", "apache": "apache2"}
NUMBER = 20
DYING = "10.203.0.72:8787"
STARTED = "systemctl show -P ExecMainStartTimestampMonotonic workbench-proxy"
Site = t.Callable[..., t.Any]


@pytest.fixture(scope="module")
def site(lab: Lab, root: Path) -> Site:
    """Run the site playbook on the front ends."""

    def run(**extra: t.Any) -> t.Any:
        inventory = root / "molecule" / "proxy" / "inventory" / "hosts.yml"
        done = lab.playbook(
            root / "playbooks" / "site.yml", "--limit", "workbench_proxy", inventory=inventory, extra=extra
        )
        assert done.rc == 0, done.output[-6000:]
        return done

    return run


@pytest.fixture(scope="module")
def place(lab: Lab) -> Place:
    authorities = "".join(lab.each(FRONTS, "cat /etc/ssl/workbench/front.crt").values())
    return Place(ADDRESS, 443, NAME, authorities)


def test_the_example_of_the_page_is_what_runs_here(root: Path) -> None:
    page = (root / "docs" / "how-to" / "front-end.md").read_text()
    here = (root / "molecule" / "proxy" / "inventory" / "group_vars" / "all.yml").read_text()
    assert here.removeprefix("---\n") in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)


@pytest.mark.parametrize("server", SERVERS)
def test_sessions_are_kept_while_front_ends_and_nodes_change(lab: Lab, site: Site, place: Place, server: str) -> None:
    """The one before stops and ours of this name runs; then nothing that is done costs a session, but for a death."""
    site(proxy_server=server)
    assert site(proxy_server=server).changed == 0
    for front in FRONTS:
        running = set(lab.sh(front, "cat /proc/[0-9]*/comm 2>/dev/null || true").split())
        assert running & set(SERVERS.values()) == {SERVERS[server]}
    with People(NUMBER, place) as people:
        every = {person.node for person in people.all}
        assert every == {"10.203.0.71:8787", DYING}, "not all nodes have people"
        moved = [person.number for person in people.all for _when, node in person.nodes if node != person.node]
        assert moved == [], "a browser did not come back to its node"
        asked = people.all[3].headers["X-RStudio-Request"]
        assert asked == f"https://{NAME}:443/fake/echo?of=3"

        started = lab.each(FRONTS, STARTED)
        run = site(proxy_server=server, proxy_timeout=400)
        assert "reloads workbench-proxy" in " ".join(run.output.split())
        people.settled()
        assert lab.each(FRONTS, STARTED) == started, "it was restarted"
        assert people.failed == [], "a reload was noticed"

        site(proxy_server=server, proxy_timeout=400, proxy_drained=["opt2"])
        drained = time.monotonic()
        people.settled()
        assert people.failed == [], "a node that was drained was noticed"
        people.reopen()
        lab.sh("opt2", "systemctl stop rstudio-server")
        people.settled()
        assert {node for person in people.all for when, node in person.nodes if when > drained + 1} == {
            "10.203.0.71:8787"
        }
        assert people.failed == [], "a drained node that stopped was noticed"
        lab.sh("opt2", "systemctl start rstudio-server")
    assert lab.each(FRONTS, STARTED) == started, "it was restarted"

    site(proxy_server=server)
    time.sleep(5)
    with People(NUMBER, place) as people:
        theirs = {person.number for person in people.all if person.node == DYING}
        assert theirs
        assert len(theirs) < NUMBER
        died = time.monotonic()
        lab.control("kill", "opt2")
        gone = time.monotonic()
        people.settled()
        people.settled()
        failed = people.failed
    lab.control("start", "opt2")
    assert {one.person for one in failed} <= theirs, failed
    assert [one for one in failed if one.what == "request" and not died - 1 < one.begun < gone] == [], failed
    sockets = [one.person for one in failed if one.what == "websocket"]
    assert sorted(sockets) == sorted(set(sockets)), "somebody could not come back"


def test_the_address_goes_to_the_other_front_end(lab: Lab, place: Place) -> None:
    has = f"ip -oneline addr show | grep -c {ADDRESS}/ || true"
    (first,) = [front for front, number in lab.each(FRONTS, has).items() if int(number)]
    lab.sh(first, "systemctl stop workbench-proxy")
    until = time.monotonic() + 30
    while int(lab.sh(first, has)) and time.monotonic() < until:
        time.sleep(0.5)
    (second,) = [front for front, number in lab.each(FRONTS, has).items() if int(number)]
    assert second != first
    with People(2, place) as people:
        people.settled()
    lab.sh(first, "systemctl start workbench-proxy")
