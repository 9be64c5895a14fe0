# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster of 1.4: every node has the list of all, reads it again when one is added, and launchers meet on the share."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

if t.TYPE_CHECKING:
    from conftest import Lab

NODES = ["opt1", "opt2"]
PAGE = "/usr/bin/python3 -c 'import urllib.request as u; print(u.urlopen(\"http://localhost:8787/load-balancer/status\").read().decode())'"
STARTED = "systemctl show -P ExecMainStartTimestampMonotonic rstudio-server"


@pytest.fixture
def site(lab: Lab, root: Path) -> t.Callable[..., t.Any]:
    """Run the site playbook with one of the inventories."""

    def run(inventory: str, *argv: str, **extra: t.Any) -> t.Any:
        place = root / "molecule" / "legacy" / "inventory" / f"{inventory}.yml"
        return lab.playbook(root / "playbooks" / "site.yml", *argv, inventory=place, extra=extra)

    return run


def session(lab: Lab, node: str, user: str) -> dict[str, t.Any]:
    return dict(json.loads(lab.sh(node, f"/usr/lib/rstudio-server/bin/fake-session start {user}")))


def test_the_files_have_the_layout_of_the_release(lab: Lab) -> None:
    files = lab.each(NODES, "tail -n +2 /etc/rstudio/load-balancer")
    assert set(files.values()) == {"[config]\nbalancer=sessions\n\n[nodes]\n10.203.0.71\n10.203.0.72\n"}
    assert "load-balancing-enabled" not in lab.sh("opt1", "cat /etc/rstudio/rserver.conf")
    assert lab.sh("opt2", "stat -c '%U %a' /nfs/workbench/Local").split() == ["rstudio-server", "755"]


def test_sessions_start_on_both_nodes(lab: Lab) -> None:
    assert {session(lab, "opt1", "ada")["node"] for __ in range(2)} == {"10.203.0.71:8787", "10.203.0.72:8787"}


def test_status_shows_the_nodes_of_the_page(lab: Lab, root: Path) -> None:
    inventory = root / "molecule" / "legacy" / "inventory" / "two.yml"
    run = lab.playbook(root / "playbooks" / "status.yml", inventory=inventory)
    assert run.rc == 0, run.output[-4000:]
    assert run.output.count("Online") >= 2


def test_an_option_of_a_later_release_is_refused_before_a_host_is_touched(site: t.Any) -> None:
    run = site("two", server_load_balancer={"delete-node-on-exit": True})
    assert (run.rc != 0, run.changed) == (True, 0)
    assert "delete-node-on-exit in server_load_balancer: Workbench 1.4.1717-3 does not know it" in " ".join(
        run.output.split()
    )
    assert "Look at every host" not in run.output


def test_a_node_that_is_added_is_read_by_the_others_without_a_restart(lab: Lab, site: t.Any) -> None:
    """First with --limit, which says whose lists stay as they are."""
    started = lab.each(NODES, STARTED)
    alone = site("three", "--limit", "opt3:workbench_database")
    assert alone.rc == 0, alone.output[-6000:]
    assert "load-balancer of opt1, opt2 stays as it is" in " ".join(alone.output.split())
    assert "/nfs/workbench/Local" not in [change["path"] for change in alone.plans], (
        "the server's since the first build"
    )
    assert "10.203.0.73" not in lab.sh("opt1", PAGE)

    run = site("three")
    assert run.rc == 0, run.output[-6000:]
    said = " ".join(run.output.split())
    assert "nodes 10.203.0.71, 10.203.0.72 → 10.203.0.71, 10.203.0.72, 10.203.0.73" in said
    assert "reloads rstudio-server" in said
    assert lab.each(NODES, STARTED) == started
    pages = lab.each([*NODES, "opt3"], PAGE)
    assert all("10.203.0.73:8787  Load" in page for page in pages.values()), pages
    assert session(lab, "opt1", "ada")["node"] == "10.203.0.73:8787"


def test_a_second_run_changes_nothing(site: t.Any) -> None:
    done = site("three")
    assert (done.rc, done.changed) == (0, 0), done.output[-6000:]
