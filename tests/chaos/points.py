# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One death, of the controller or of a host, and what became of the cluster."""

from __future__ import annotations

import itertools
import signal
import typing as t

from ansible_collections.workbench.cluster.tests.chaos.cluster import (
    PLACES,
    Death,
    Run,
    State,
    Task,
    keys,
    keys_of_nodes,
    lab,
    playbook,
    session,
    sh,
    state,
    without,
)
from ansible_collections.workbench.cluster.tests.chaos.sight import look
from ansible_collections.workbench.cluster.tests.chaos.verbs import Verb

# A run may be refused while what a dead one left at work ends.
TIMES = 5
HELD = "Nothing was changed: run again"


class Point(t.TypedDict):
    """`number` is that of the task in a run of `tasks`, after which hosts were in one of `states`.

    `wrong` says what ended otherwise, empty where nothing did.
    """

    number: int
    tasks: int
    states: int
    task: str
    wrong: str
    seconds: float


def reference(verb: Verb, looks: bool = False) -> tuple[list[Task], State]:
    """The tasks of a run that nothing ends, and the cluster after it."""
    verb.before()
    run = playbook(verb.playbook, *verb.arguments, extra=verb.extra, look=look() if looks else ())
    assert run.rc == 0, run.output[-6000:]
    return run.tasks, state()


def states(tasks: t.Sequence[Task]) -> list[list[int]]:
    """The numbers of tasks, from 1, after which all hosts are exactly the same: a controller that dies leaves the same."""
    assert all(task.sight for task in tasks), [task.name for task in tasks if not task.sight]
    numbered = enumerate(tasks, 1)
    return [
        [number for number, _task in same] for _sight, same in itertools.groupby(numbered, lambda one: one[1].sight)
    ]


def die(verb: Verb, after: str, wanted: State) -> str:
    """Run a verb, kill the controller after a task, run it again; in what the end differs from `wanted`."""
    verb.before()
    former = keys_of_nodes() if verb.replaces else set()
    killed = playbook(verb.playbook, *verb.arguments, extra=verb.extra, after=after)
    if killed.rc != -signal.SIGKILL:
        return f"the controller did not die (exit {killed.rc}): {_last(killed)}"
    return "; ".join(_completed(verb, former, wanted))


def fall(verb: Verb, death: Death, wanted: State, goes_on: bool = False) -> str:
    """Run a verb, a host dies in it and comes back, run it again; in what the end differs from `wanted`.

    A run that does not go on has failed, and its last words name the host; one that goes on names it after that.
    """
    verb.before()
    former = keys_of_nodes() if verb.replaces else set()
    begun = session("start") if verb.serves else {}
    fallen = playbook(verb.playbook, *verb.arguments, extra=verb.extra, death=death)
    lab("start", death.host)
    sh(death.host, "systemctl is-system-running --wait || true")
    wrong = []
    if [task.name for task in fallen.tasks].count(death.task) < death.time:
        wrong.append(f"{death.host} did not die")
    if (fallen.rc == 0) is not goes_on:
        wrong.append(f"the run ended with {fallen.rc}: {_last(fallen)}")
    if not _names(fallen, death.host, f"TASK [{death.task}]" if goes_on else "TASK ["):
        wrong.append(f"{death.host} is not named: {_last(fallen)}")
    if death.down and sh(death.host, "systemctl is-active rstudio-server || true") == "active\n":
        wrong.append(f"the server of {death.host} started with it")
    wrong += _completed(verb, former, wanted)
    # One that runs where the power goes is gone.
    if (
        verb.serves
        and not begun["node"].startswith(f"{PLACES.get(death.host)}:")
        and session("join")["id"] != begun["id"]
    ):
        wrong.append("a session is lost")
    return "; ".join(wrong)


def _completed(verb: Verb, former: set[str], wanted: State) -> list[str]:
    """Run it again: in what the end differs from `wanted`."""
    had = keys_of_nodes()
    again = _again(verb)
    if again.rc != 0:
        return [f"running again failed: {_last(again)}"]
    found = state()
    wrong = _differences(without(found, *verb.apart), without(wanted, *verb.apart))
    if len(keys(found)) != len(keys(wanted)):
        wrong.append("nodes have different keys")
    if not verb.replaces and not had <= keys(found):
        wrong.append("a key that was there is another")
    if former & keys(found):
        wrong.append("a key that was to be replaced is there")
    if verb.anew and (once_more := _again(verb)).changed:
        wrong.append(f"a third run changes something: {_last(once_more)}")
    return wrong


def _again(verb: Verb) -> Run:
    run = playbook(verb.playbook, *verb.arguments, extra=verb.extra)
    for _time in range(TIMES):
        if HELD not in " ".join(run.output.split()):
            break
        run = playbook(verb.playbook, *verb.arguments, extra=verb.extra)
    return run


def _differences(found: State, wanted: State) -> list[str]:
    return [
        f"{host}, {name}: {said.strip()!r} and not {wanted[host][name].strip()!r}"
        for host, of in found.items()
        for name, said in of.items()
        if said != wanted[host][name]
    ]


def _names(run: Run, host: str, since: str) -> bool:
    """Whether it says more of a host than that a task ended there, after the last task of a name."""
    said = run.output.partition("PLAY RECAP")[0].rpartition(since)[2]
    return any(host in line for line in said.splitlines() if not line.startswith(("ok: ", "changed: ", "skipping: ")))


def _last(run: Run) -> str:
    return " ".join(run.output.split())[-600:]
