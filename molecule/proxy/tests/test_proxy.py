# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people notice of work on a front end or a drained node: nothing. Of a node that dies: what was in flight."""

from __future__ import annotations

import contextlib
import re
import time
import typing as t
from pathlib import Path

import pytest
from people import People, Place

if t.TYPE_CHECKING:
    from conftest import Lab, Run

INVENTORY = "molecule/proxy/inventory/hosts.yml"
FRONTS = ["front1", "front2"]
ADDRESS, NAME = "10.203.0.79", "workbench.example.com"
SERVERS = {"haproxy": "haproxy", "nginx": "nginx", "apache": "apache2"}
NUMBER = 20
LIVING, DYING = "10.203.0.71:8787", "10.203.0.72:8787"
# What `rstudio-server offline` makes before it restarts the server.
OFFLINE = "/var/lib/rstudio-server/offline"
STARTED = "systemctl show -P ExecMainStartTimestampMonotonic workbench-proxy"
Site = t.Callable[..., "Run"]


@pytest.fixture(scope="module")
def site(lab: Lab, root: Path) -> Site:
    """Run what the page says for the front ends, which looks at nobody else."""

    def run(**extra: t.Any) -> Run:
        only = ("--tags", "proxy", "--limit", "workbench_proxy")
        done = lab.playbook(root / "playbooks" / "site.yml", *only, inventory=root / INVENTORY, extra=extra)
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
    only = {front: {SERVERS[server]} for front in FRONTS}
    if running(lab) != only:
        site(proxy_server=server)
    assert site(proxy_server=server).changed == 0
    assert running(lab) == only
    started = lab.each(FRONTS, STARTED)
    with everywhere(place) as people:
        moved = [person.number for person in people.all for _when, node in person.nodes if node != person.node]
        assert moved == [], "a browser did not come back to its node"
        asked = people.all[3].headers["X-RStudio-Request"]
        assert asked == f"https://{NAME}:443/fake/echo?of=3"

        run = site(proxy_server=server, proxy_timeout=400, proxy_drained=["opt2"])
        assert "reloads workbench-proxy" in " ".join(run.output.split())
        drained = time.monotonic()
        people.settled()
        assert people.failed == [], "a reload, or a node that was drained, was noticed"
        people.reopen()
        assert people.nodes(drained + 1) == {LIVING}, "a drained node has people"
        lab.sh("opt2", f"systemctl stop rstudio-server && touch {OFFLINE} && systemctl start rstudio-server")
        people.settled()
        assert people.failed == [], "a drained node that stopped was noticed"

        back = time.monotonic()
        site(proxy_server=server)
        people.settled()
        assert people.failed == [], "a reload, with a node that is offline, was noticed"
        with People(NUMBER, place) as more:
            more.settled()
            assert more.failed == [], "a node that is offline was noticed"
            assert more.nodes() | people.nodes(back) == {LIVING}, "an offline node has people"
        assert people.failed == [], "others were noticed"
    assert lab.each(FRONTS, STARTED) == started, "it was restarted"

    lab.sh("opt2", f"rm {OFFLINE} && systemctl restart rstudio-server")
    with everywhere(place) as people:
        theirs = {person.number for person in people.all if person.node == DYING}
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


def running(lab: Lab) -> dict[str, set[str]]:
    """The web servers that run on each front end."""
    every = lab.each(FRONTS, "cat /proc/[0-9]*/comm 2>/dev/null || true")
    return {front: set(names.split()) & set(SERVERS.values()) for front, names in every.items()}


@contextlib.contextmanager
def everywhere(place: Place) -> t.Iterator[People]:
    """People on all nodes: a front end needs a moment to find one again that was away."""
    until = time.monotonic() + 40
    while True:
        with People(NUMBER, place) as people:
            if people.nodes() == {LIVING, DYING} or time.monotonic() > until:
                assert people.nodes() == {LIVING, DYING}, "not all nodes have people"
                yield people
                return
        time.sleep(1)


def test_the_role_alone_refuses_before_its_first_change_what_the_plan_would(lab: Lab, root: Path) -> None:
    """The port is sshd's, and the certificate is for another name."""
    wrong = {"proxy_server": "apache", "proxy_redirect_port": 22, "proxy_names": ["other.example.com"]}
    run = lab.playbook(root / "molecule" / "proxy" / "alone.yml", inventory=root / INVENTORY, extra=wrong)
    said = " ".join(run.output.split())
    assert "Port 22 is taken by sshd" in said, run.output[-3000:]
    assert "and not for other.example.com of proxy_names" in said
    assert (run.rc != 0, run.deeds) == (True, [])


def test_the_address_goes_to_the_other_front_end_and_verify_tells_why(lab: Lab, root: Path, place: Place) -> None:
    def having() -> list[str]:
        has = f"ip -oneline addr show | grep -c {ADDRESS}/ || true"
        return [front for front, number in lab.each(FRONTS, has).items() if int(number)]

    def verdict() -> str:
        """That on front ends, of a run that writes no test files and so tells little else."""
        inventory = root / INVENTORY
        run = lab.playbook(
            root / "playbooks" / "verify.yml", "--check", inventory=inventory, extra={"verify_lock_types": []}
        )
        return " ".join(re.findall(r"\w+ +front-end .*", run.output)) or run.output[-3000:]

    assert verdict().startswith("pass ")
    (first,) = having()
    lab.sh(first, "systemctl stop workbench-proxy")
    until = time.monotonic() + 30
    # For a moment nobody has it, or so it is seen, since one is asked after the other.
    while having() != [front for front in FRONTS if front != first] and time.monotonic() < until:
        time.sleep(0.5)
    (second,) = having()
    assert second != first
    with People(2, place) as people:
        people.settled()
    assert people.failed == []
    assert f"{first} does not answer at 127.0.0.1" in verdict()
    lab.sh(first, "systemctl start workbench-proxy")
