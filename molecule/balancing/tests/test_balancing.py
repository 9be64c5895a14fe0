# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each way of balancing on one cluster, one after the other. A run costs a quarter of a minute, so options come together."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml

if t.TYPE_CHECKING:
    from conftest import Lab

NODES = ["opt1", "opt2"]
ONE, TWO = "10.203.0.71:8787", "10.203.0.72:8787"
LIVE = "/etc/rstudio/rserver-balancer"
FILES = Path(__file__).resolve().parents[1] / "files"  # shown in docs/how-to


@pytest.fixture(scope="module")
def site(lab: Lab, root: Path) -> t.Callable[..., t.Any]:
    def run(*argv: str, **extra: t.Any) -> t.Any:
        inventory = root / "molecule" / "balancing" / "inventory" / "hosts.yml"
        return lab.playbook(root / "playbooks" / "site.yml", *argv, inventory=inventory, extra=extra)

    return run


def start(lab: Lab, user: str, node: str = "opt1") -> str:
    """Where a new session goes."""
    answer = json.loads(lab.sh(node, f"/usr/lib/rstudio-server/bin/fake-session start {user}"))
    return str(answer["node"])


def kill_sessions(lab: Lab) -> None:
    lab.each(NODES, "rstudio-server kill-all; sleep 0.2; rm -rf /nfs/workbench/home/*/.local")


@pytest.fixture(scope="module")
def script() -> str:
    return str(yaml.safe_load((FILES / "custom.yml").read_text())["server_balancer_script"])


@pytest.fixture(scope="module")
def together(script: str) -> dict[str, t.Any]:
    """A script, what stands beside it in its file, and launchers that meet on the share."""
    beside = yaml.safe_load((FILES / "system-load.yml").read_text())["server_load_balancer"]
    return {
        **yaml.safe_load((FILES / "clusters.yml").read_text()),
        "server_launcher_scratch_path": "/nfs/workbench/Local",
        "server_balancer_script": script,
        "server_load_balancer": {name: value for name, value in beside.items() if name != "balancer"},
    }


@pytest.fixture(scope="module")
def built(site: t.Any, together: dict[str, t.Any]) -> t.Any:
    """The run that makes all of it."""
    run = site("-vvv", **together)
    assert run.rc == 0, run.output[-6000:]
    return run


def test_sessions_go_to_the_node_with_the_fewest(lab: Lab) -> None:
    assert [start(lab, user) for user in ("ada", "grace", "john", "ada")] == [ONE, TWO] * 2
    kill_sessions(lab)


def test_system_load_with_diagnostics(lab: Lab, site: t.Any) -> None:
    options = yaml.safe_load((FILES / "system-load.yml").read_text())
    run = site(**options)
    assert run.rc == 0, run.output[-6000:]
    assert "balancer sessions → system-load" in " ".join(run.output.split())
    for loads, expected in ((("0.1", "0.9"), ONE), (("0.9", "0.1"), TWO)):
        for node, load in zip(NODES, loads):
            lab.sh(node, f"echo 'FAKE_WORKBENCH_LOAD=0.5 {load} 0.5' > /etc/default/rstudio-server")
        assert {start(lab, user) for user in ("ada", "grace")} == {expected}
    assert "by system-load" in lab.sh("opt1", "cat /tmp/rstudio-load-balancer-diagnostics")
    kill_sessions(lab)


def test_user_hash_keeps_a_user_on_a_node_and_a_stopped_node_leaves_the_list(lab: Lab, site: t.Any) -> None:
    run = site(server_load_balancer={"balancer": "user-hash", "delete-node-on-exit": True})
    assert run.rc == 0, run.output[-6000:]
    places = {user: {start(lab, user, node) for node in NODES} for user in ("ada", "grace", "john")}
    assert {len(place) for place in places.values()} == {1}
    assert len(set().union(*places.values())) == 2
    kill_sessions(lab)
    lab.sh("opt2", "systemctl stop rstudio-server")
    assert "10.203.0.72" not in lab.sh("opt1", "rstudio-server list-nodes")
    lab.sh("opt2", "systemctl start rstudio-server")


@pytest.mark.usefixtures("built")
def test_a_script_of_the_admins_says_where_sessions_go(lab: Lab) -> None:
    assert lab.each(NODES, f"stat -c '%U %a' {LIVE}") == dict.fromkeys(NODES, "root 755\n")
    assert [start(lab, user) for user in ("ada", "grace", "john", "ada")] == [TWO, ONE, ONE, TWO]
    kill_sessions(lab)


def test_launchers_that_meet_on_the_share_and_further_clusters(lab: Lab, built: t.Any) -> None:
    assert "geheim" not in built.output
    assert lab.sh("opt1", "stat -c '%U' /nfs/workbench/Local").strip() == "rstudio-server"
    assert len(lab.sh("opt2", "ls /nfs/workbench/Local/nodes").split()) == 2
    plugin = "/etc/rstudio/launcher.kubernetes.conf"
    assert lab.sh("opt1", f"stat -c '%U %a' {plugin}").split() == ["rstudio-server", "600"]
    assert "[@analysts]\nmax-cpus=16" in lab.sh("opt2", "cat /etc/rstudio/launcher.kubernetes.profiles.conf")


def test_a_script_that_answers_with_no_node_never_goes_live(lab: Lab, site: t.Any, together: dict[str, t.Any]) -> None:
    """The one that did stays. What else is refused: tests/unit/plugins/module_utils/_product/test_balancer.py."""
    live = lab.each(NODES, f"sha256sum {LIVE}")
    again = site(**{**together, "server_balancer_script": "#!/bin/sh\necho elsewhere\n"})
    assert again.rc != 0
    assert "server_balancer_script is refused" in " ".join(again.output.split())
    assert "PLAY [Workbench]" not in again.output
    assert lab.each(NODES, f"sha256sum {LIVE}") == live


def test_a_second_run_changes_nothing(site: t.Any, together: dict[str, t.Any]) -> None:
    done = site(**together)
    assert (done.rc, done.changed) == (0, 0), done.output[-6000:]
