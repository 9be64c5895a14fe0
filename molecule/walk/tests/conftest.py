# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster on machines, the people in front of it for as long as the scenario lasts, and the picture of it all."""

from __future__ import annotations

import json
import typing as t

import pytest
from operated import SESSION, Sessions, Verb, answers
from people import People, Place
from timeline import Timeline
from walked import FRONT, NAME, PLACES, USERS

if t.TYPE_CHECKING:
    from pathlib import Path

    from conftest import Lab, Run


@pytest.fixture(scope="session")
def timeline(lab: Lab, root: Path) -> t.Iterator[Timeline]:
    authority = lab.sh("db1", "cat /etc/ssl/workbench/front.crt")
    with People(8, Place(FRONT, 443, NAME, authority)) as people:
        with Timeline(people, PLACES, answers) as line:
            yield line
        line.draw(root / ".cache" / "results" / "walk.svg")


@pytest.fixture(scope="session")
def sessions(lab: Lab, timeline: Timeline) -> Sessions:
    return {user: json.loads(lab.sh("node1", f"{SESSION} start {user}")) for user in USERS}


@pytest.fixture(scope="session")
def verb(lab: Lab, root: Path, timeline: Timeline, tmp_path_factory: pytest.TempPathFactory) -> Verb:
    """Run the playbook of a verb; `rc` is how it has to end, `joining` whether the inventory has the third node."""
    here = root / "molecule" / "walk"
    folder = str(tmp_path_factory.mktemp("made"))

    def run(
        name: str,
        *argv: str,
        rc: int = 0,
        joining: bool = False,
        at: tuple[str, t.Callable[[], None]] | None = None,
        **extra: t.Any,
    ) -> Run:
        folders = {"operate_backup_dir": folder, "operate_bundle_dir": folder, "verify_report_dir": ""}
        more = ["-i", str(here / "joining" / "hosts.yml")] if joining else []
        inventory = here / "inventory" / "hosts.yml"
        with timeline.verb(name):
            done = lab.playbook(
                root / "playbooks" / f"{name}.yml", *more, *argv, inventory=inventory, extra={**folders, **extra}, at=at
            )
        assert (done.rc == 0) is (rc == 0), done.output[-8000:]
        return done

    return run
