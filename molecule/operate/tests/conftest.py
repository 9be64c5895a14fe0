# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the verbs share: a run of a playbook, people who have sessions, and somebody who asks all the time."""

from __future__ import annotations

import threading
import time
import typing as t

import pytest
from operated import PLACES, USERS, Sessions, Verb, answers, end_all, start

if t.TYPE_CHECKING:
    from pathlib import Path

    from conftest import At, Lab, Run


@pytest.fixture(scope="module")
def verb(lab: Lab, root: Path) -> Verb:
    """Run the playbook of a verb; `rc` is how it has to end, if that is known."""

    def run(name: str, *argv: str, rc: int | None = 0, at: At | None = None, **extra: t.Any) -> Run:
        inventory = root / "molecule" / "operate" / "inventory" / "hosts.yml"
        done = lab.playbook(root / "playbooks" / f"{name}.yml", *argv, inventory=inventory, extra=extra, at=at)
        assert rc is None or (done.rc == 0) is (rc == 0), done.output[-6000:]
        return done

    return run


@pytest.fixture(scope="module", autouse=True)
def found(lab: Lab) -> t.Iterator[None]:
    """What others find after these tests is what these found."""
    yield
    end_all(lab)


@pytest.fixture
def sessions(lab: Lab) -> Sessions:
    """A session of each user, on a node each; those of before are over."""
    found = start(lab, *USERS)
    assert {one["node"].partition(":")[0] for one in found.values()} == {*PLACES.values()}
    return found


@pytest.fixture
def asked() -> t.Iterator[list[float]]:
    """When nobody answered people; somebody asks every node all the time."""
    nobody: list[float] = []
    done = threading.Event()

    def ask() -> None:
        while not done.wait(0.1):
            if not any(map(answers, PLACES.values())):
                nobody.append(time.monotonic())

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    yield nobody
    done.set()
    thread.join()
