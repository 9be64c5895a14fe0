# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host dies in the middle of a verb: the run names it and ends, and running again, when it is back, completes the verb."""

from __future__ import annotations

import functools

import pytest
from ansible_collections.workbench.cluster.tests.chaos.cluster import DATABASE, Death, State
from ansible_collections.workbench.cluster.tests.chaos.points import fall, reference
from ansible_collections.workbench.cluster.tests.chaos.verbs import BACKUPS, KEPT, VERBS

ONE, OTHER = "opt1", "opt2"
OPERATE, SERVER, STORAGE = (f"workbench.cluster.{role} : " for role in ("operate", "server", "storage"))
INSTALLS, POSTINST = SERVER + "Release | Install it", "rstudio-server.postinst"

# The verbs of one cluster first; for each point of the last two one is built.
DEATHS = [
    ("forget_stale_nodes", Death(ONE, "Delete")),
    ("reset_storage", Death(OTHER, STORAGE + "Reset | Unmount")),
    ("remove_node", Death(OTHER, "Stop")),
    ("remove_node", Death(ONE, "Delete")),
    ("add_node, a new host", Death(OTHER, SERVER + "Install | Install the package", amid=POSTINST, down=True)),
    ("restore", Death(DATABASE, "Replace what it has", amid="pg_restore")),
    ("teardown", Death(OTHER, "See what is ours, or take it away", time=2)),
    ("upgrade", Death(OTHER, OPERATE + "Offline | Let nobody in, and have sessions end")),
    ("upgrade", Death(OTHER, INSTALLS, amid=POSTINST, down=True)),
    ("upgrade", Death(ONE, OPERATE + "Start | Let people in")),
    ("upgrade, rolling", Death(ONE, INSTALLS, amid=POSTINST, down=True)),
    ("upgrade, rolling", Death(OTHER, INSTALLS, time=2, amid=POSTINST, down=True)),
    ("migrate_database", Death(ONE, SERVER + "Migrate | Have the product move its data", amid="migrate-db", down=True)),
]
# One reads what it can, and to the other what an older node has wrong keeps no new one out.
GO_ON = [
    ("support_bundle", Death(OTHER, "Read every host")),
    ("add_node", Death(ONE, SERVER + "Configure | Write /etc/rstudio")),
]


@pytest.fixture(scope="module", autouse=True)
def kept() -> None:
    """A folder for what is kept, and no backup of a cluster that is gone."""
    BACKUPS.mkdir(parents=True, exist_ok=True)
    KEPT.unlink(missing_ok=True)


@functools.cache
def undisturbed(verb: str) -> State:
    return reference(VERBS[verb])[1]


def of(deaths: list[tuple[str, Death]]) -> list[str]:
    return [f"{verb}-{death.host}-{death.task.rpartition(': ')[2]}" for verb, death in deaths]


@pytest.mark.parametrize(("verb", "death"), DEATHS, ids=of(DEATHS))
def test_a_host_that_dies_is_named_and_running_again_completes_the_verb(verb: str, death: Death) -> None:
    assert fall(VERBS[verb], death, undisturbed(verb)) == ""


@pytest.mark.parametrize(("verb", "death"), GO_ON, ids=of(GO_ON))
def test_some_verbs_name_the_host_that_dies_and_go_on(verb: str, death: Death) -> None:
    assert fall(VERBS[verb], death, undisturbed(verb), goes_on=True) == ""
