# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One death of the controller, and what became of the cluster."""

from __future__ import annotations

import signal
import typing as t

from ansible_collections.workbench.cluster.tests.chaos.cluster import (
    Run,
    State,
    Task,
    keys,
    keys_of_nodes,
    playbook,
    state,
    without,
)
from ansible_collections.workbench.cluster.tests.chaos.verbs import Verb

# A run may be refused while what a dead one left at work ends.
TIMES = 5
HELD = "Nothing was changed: run again"


class Point(t.TypedDict):
    """`number` is that of the task in a run of `tasks`; `wrong` says what ended otherwise, empty where nothing did."""

    number: int
    tasks: int
    task: str
    wrong: str
    seconds: float


def reference(verb: Verb) -> tuple[list[Task], State]:
    """The tasks of a run that nothing ends, and the cluster after it."""
    verb.before()
    run = playbook(verb.playbook, *verb.arguments, extra=verb.extra)
    assert run.rc == 0, run.output[-6000:]
    return run.tasks, state()


def die(verb: Verb, after: str, wanted: State) -> str:
    """Run a verb, kill the controller after a task, run it again; in what the end differs from `wanted`."""
    verb.before()
    former = keys_of_nodes() if verb.replaces else set()
    killed = playbook(verb.playbook, *verb.arguments, extra=verb.extra, after=after)
    if killed.rc != -signal.SIGKILL:
        return f"the controller did not die (exit {killed.rc}): {_last(killed)}"
    had = keys_of_nodes()
    again = _again(verb)
    if again.rc != 0:
        return f"running again failed: {_last(again)}"
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
    return "; ".join(wrong)


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


def _last(run: Run) -> str:
    return " ".join(run.output.split())[-600:]
