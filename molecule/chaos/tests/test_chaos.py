# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Five points of all that `make chaos` does; and two controllers at once."""

from __future__ import annotations

import signal
import subprocess
import time
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host.hold import READING
from ansible_collections.workbench.cluster.tests.chaos.cluster import HOSTS, NODES, ROOT, State, playbook, sh, state
from ansible_collections.workbench.cluster.tests.chaos.points import die, reference
from ansible_collections.workbench.cluster.tests.chaos.verbs import CHANGE, NEW, VERBS, online

# Where the most is half done: accounts without their files, files without their restart, one node of two.
POINTS = [
    ("site, a repair", "workbench.cluster.accounts : Make users and groups"),
    ("site, a repair", "workbench.cluster.server : Configure | Write /etc/rstudio"),
    ("drain_node", "workbench.cluster.operate : Bring the node into its state"),
    ("undrain_node", "Hold the cluster"),
    ("restart", "workbench.cluster.operate : Bring the node into its state"),
]
STARTED = "systemctl show -P ExecMainStartTimestampMonotonic rstudio-server"
HOLDER = "pgrep -x wb-hold || true"


@pytest.fixture(scope="module")
def built() -> t.Iterator[State]:
    """The cluster as it was found, and as it is left."""
    online()
    yield state()
    online()


@pytest.mark.parametrize(("verb", "task"), POINTS)
def test_running_again_completes_what_a_dead_controller_left(verb: str, task: str, built: State) -> None:
    """A verb ends in the cluster as it was found, but for one: a drained node."""
    wanted = reference(VERBS[verb])[1] if verb == "drain_node" else built
    assert die(VERBS[verb], task, wanted) == ""


def two(verb: str, *argv: str) -> subprocess.Popen[str]:
    command = ["ansible-playbook", "-i", str(HOSTS), str(ROOT / "playbooks" / f"{verb}.yml"), *argv]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def until_held() -> None:
    until = time.monotonic() + 60
    while not sh(NODES[0], HOLDER):
        assert time.monotonic() < until
        time.sleep(0.1)


def test_of_two_controllers_one_is_refused_by_name_and_nothing_is_done_twice() -> None:
    before = {node: sh(node, STARTED) for node in NODES}
    with two("restart", "--limit", NODES[0]) as one:
        until_held()
        other = playbook("playbooks/site.yml", "--tags", "accounts", extra=CHANGE)
        said = one.communicate()[0]
    assert one.returncode == 0, said
    words = " ".join(other.output.split())
    assert other.rc == 2, other.output
    assert "restart on this cluster since" in words or "restart on this cluster until" in words
    assert other.changed == 0
    assert sh(NODES[0], f"getent passwd {NEW} || true") == ""
    after = {node: sh(node, STARTED) for node in NODES}
    assert (before[NODES[0]] == after[NODES[0]], before[NODES[1]] == after[NODES[1]]) == (False, True)


def test_a_check_holds_nothing_and_is_not_refused() -> None:
    with two("restart") as one:
        until_held()
        check = playbook("playbooks/site.yml", "--check")
        said = one.communicate()[0]
    assert one.returncode == 0, said
    assert check.rc == 0, check.output
    assert "Hold the cluster" not in [task.name for task in check.tasks]


def test_the_cluster_is_free_when_its_controller_is_dead() -> None:
    """It dies in the moment in which it was to begin to read what the holder says, which the holder waits for."""
    dead = playbook("playbooks/restart.yml", after="Hold the cluster")
    begun = time.monotonic()
    assert (dead.rc, dead.tasks[-1].name) == (-signal.SIGKILL, "Hold the cluster")
    while sh(NODES[0], HOLDER):
        assert time.monotonic() < begun + READING + 5
        time.sleep(0.1)
