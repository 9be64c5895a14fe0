# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to hosts in the middle of a verb: the run says whom it met and ends, and running again completes it.

What needs an NFS server or a clock is in the scenario walk.
"""

from __future__ import annotations

import typing as t

import pytest
from operated import NODES, PLACES, STARTED, USERS, Sessions, Verb, answers, none_is_lost, start, until

if t.TYPE_CHECKING:
    from pathlib import Path

    from conftest import Lab

HOLD, BRING = "Hold the cluster", "Bring the node into its state"
PATCH = "2026.04.1+600.pro1"
TOGETHER = {"operate_restart": "at_once"}
ROTATE = {"operate_confirmed": "rotate_keys"}


class Death(t.NamedTuple):
    """opt2 dies in a verb, as a task begins."""

    verb: str
    extra: dict[str, t.Any]
    task: str
    limit: str = "all"


# Before the verb changes anything, while it does, and while another node does.
DEATHS = [
    Death("drain_node", {"operate_grace": 5}, BRING, "opt2"),
    Death("undrain_node", {}, HOLD, "opt2"),
    Death("restart", {}, BRING),
    Death("restart", TOGETHER, "Start"),
    Death("rotate_keys", ROTATE, "Reset the cluster"),
    Death("rotate_keys", ROTATE, "Keep which keys go, for a run that finishes this one"),
    Death("rotate_keys", ROTATE, "Start"),
    Death("backup", {"operate_backup_passphrase": "correct horse battery staple"}, HOLD),
]


def all_are_online(lab: Lab) -> bool:
    return lab.sh("opt1", "rstudio-server list-nodes").count("Online") == len(NODES)


@pytest.mark.parametrize("death", DEATHS, ids=[f"{one.verb}-{one.task.split()[0]}" for one in DEATHS])
def test_a_node_that_dies_is_named_and_running_again_completes_the_verb(
    lab: Lab, verb: Verb, tmp_path: Path, death: Death
) -> None:
    given = {"operate_backup_dir": str(tmp_path), **death.extra}
    verb("undrain_node" if death.verb != "undrain_node" else "drain_node", "--limit", "opt2")
    start(lab, *USERS)
    at = (death.task, lambda: lab.control("kill", "opt2"))
    run = verb(death.verb, "--limit", death.limit, rc=2, at=at, **given)
    lab.control("start", "opt2")
    # By the product's name, where another node says why it stays.
    assert "opt2" in run.last or PLACES["opt2"] in run.last
    verb(death.verb, "--limit", death.limit, **given)
    verb("undrain_node", "--limit", "opt2")
    assert len(set(lab.each(NODES, "sha256sum < /etc/rstudio/secure-cookie-key").values())) == 1
    until(lambda: all_are_online(lab))
    assert all(map(answers, PLACES.values()))


@pytest.mark.parametrize("name", ["restart", "drain_node"])
def test_a_database_that_is_away_for_half_a_minute_loses_nobody(
    lab: Lab, verb: Verb, sessions: Sessions, name: str
) -> None:
    """The verb waits for it, or ends; what it ends in, running again completes."""

    def away() -> None:
        lab.sh("optdb", "systemctl stop postgresql; systemd-run --quiet --on-active=30 systemctl start postgresql")

    limit = ["--limit", "opt2"] if name == "drain_node" else []
    done = verb(name, *limit, rc=None, at=(BRING, away))
    if done.rc != 0:
        assert "opt" in done.last
        until(lambda: lab.sh("optdb", "systemctl is-active postgresql", check=False).strip() == "active")
        verb(name, *limit)
    none_is_lost(lab, sessions)
    verb("undrain_node", "--limit", "opt2")
    until(lambda: all_are_online(lab))
    none_is_lost(lab, sessions)


def test_a_full_disk_stops_an_upgrade_while_all_work(lab: Lab, verb: Verb, sessions: Sessions) -> None:
    folder = "/var/lib/workbench.cluster"
    before = lab.each(NODES, STARTED)
    lab.sh("opt2", f"mkdir -p {folder} && mount -t tmpfs -o size=64k tmpfs {folder}")
    run = verb("upgrade", rc=2, server_version=PATCH, operate_confirmed="upgrade")
    lab.sh("opt2", f"umount {folder}")
    assert "No space left" in run.output, run.output[-3000:]
    assert lab.each(NODES, STARTED) == before
    assert all(map(answers, PLACES.values()))
    none_is_lost(lab, sessions)
