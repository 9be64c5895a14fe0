# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One cluster through the verbs of every day, with sessions running and somebody asking all the time."""

from __future__ import annotations

import typing as t

from operated import NODES, PLACES, STARTED, Sessions, Verb, answers, none_is_lost, of, until

if t.TYPE_CHECKING:
    from conftest import Lab

BUSY = "/nfs/workbench/home/{0}/.local/share/rstudio/busy"
LIST = "rstudio-server list-nodes"
DROP_IN = "/etc/systemd/system/rstudio-server.service.d"


def test_check_ends_with_the_plan(lab: Lab, verb: Verb, sessions: Sessions) -> None:
    before = lab.each(NODES, STARTED)
    run = verb("restart", "--check", operate_grace=30)
    words = " ".join(run.output.split())
    assert "PLAN workbench, restart: 2 nodes" in words
    for node in NODES:
        assert f"1 session ({of(sessions, node)}): suspended after 30 s" in words
    assert (run.changed, lab.each(NODES, STARTED)) == (0, before)
    none_is_lost(lab, sessions)


def test_a_node_is_drained_and_comes_back(lab: Lab, verb: Verb, sessions: Sessions, asked: list[float]) -> None:
    run = verb("drain_node", "--limit", "opt2")
    assert f"1 session ({of(sessions, 'opt2')}): suspended" in " ".join(run.output.split())
    assert not answers(PLACES["opt2"])
    assert "(offline)" in lab.sh("opt1", "curl -s http://localhost:8787/load-balancer/status")
    assert verb("drain_node", "--limit", "opt2").changed == 0
    none_is_lost(lab, sessions)
    assert verb("undrain_node", "--limit", "opt2").changed == 1
    assert answers(PLACES["opt2"])
    none_is_lost(lab, sessions)
    assert asked == []


def test_a_session_that_computes_keeps_its_node(lab: Lab, verb: Verb, sessions: Sessions, asked: list[float]) -> None:
    user = of(sessions, "opt2")
    lab.sh("opt1", f"touch {BUSY.format(user)}")
    run = verb("drain_node", "--limit", "opt2", rc=2, operate_suspend_wait=2)
    words = " ".join(run.output.split())
    assert f"{user} (pid {sessions[user]['pid']}, rsession)" in words
    assert "is online again" in words
    assert answers(PLACES["opt2"])
    assert lab.sh("opt2", "pgrep -x rsession").split() == [str(sessions[user]["pid"])]
    verb("drain_node", "--limit", "opt2", operate_suspend_wait=2, operate_sessions="interrupt")
    lab.sh("opt1", f"rm {BUSY.format(user)}")
    assert not answers(PLACES["opt2"])
    none_is_lost(lab, sessions)
    verb("undrain_node", "--limit", "opt2")
    assert asked == []


def test_nodes_restart_one_after_the_other_up_to_one_that_does_not_return(
    lab: Lab, verb: Verb, sessions: Sessions, asked: list[float]
) -> None:
    before = lab.each(NODES, STARTED)
    lab.sh("opt1", f"mkdir -p {DROP_IN} && printf '[Service]\\nExecStartPre=/bin/false\\n' > {DROP_IN}/broken.conf")
    words = " ".join(verb("restart", rc=2, operate_wait=10).output.split())
    assert "systemctl start rstudio-launcher rstudio-server failed" in words
    assert not answers(PLACES["opt1"])
    assert lab.sh("opt2", STARTED) == before["opt2"]
    none_is_lost(lab, sessions, "opt2")
    lab.sh("opt1", f"rm {DROP_IN}/broken.conf; rmdir --ignore-fail-on-non-empty {DROP_IN}")
    verb("restart")
    again = lab.each(NODES, STARTED)
    assert all(before[node] != again[node] for node in NODES)
    assert asked == []
    none_is_lost(lab, sessions)


def test_nodes_restart_all_together(lab: Lab, verb: Verb, sessions: Sessions) -> None:
    before = lab.each(NODES, STARTED)
    verb("restart", operate_restart="at_once")
    after = lab.each(NODES, STARTED)
    assert all(before[node] != after[node] for node in NODES)
    none_is_lost(lab, sessions)


def test_nothing_is_done_while_a_node_cannot_be_read(lab: Lab, verb: Verb) -> None:
    lab.control("kill", "opt2")
    before = lab.sh("opt1", STARTED)
    words = " ".join(verb("restart", "--limit", "opt1", rc=2).output.split())
    assert "The state of opt2 cannot be read: it did not answer" in words
    words = " ".join(verb("drain_node", "--limit", "opt1", rc=2, operate_without=["opt2"]).output.split())
    assert "No node would be left that people reach: opt1 goes, opt2 lets nobody in" in words
    assert lab.sh("opt1", STARTED) == before
    verb("restart", "--limit", "opt1", operate_without=["opt2"], operate_last=True)
    assert answers(PLACES["opt1"])
    assert lab.sh("opt1", STARTED) != before
    lab.control("start", "opt2")
    until(lambda: answers(PLACES["opt2"]))


def test_rows_without_a_machine_are_shown_and_forgotten(lab: Lab, verb: Verb) -> None:
    row = "INSERT INTO node (id, host, ipv4, port, status, last_seen) VALUES ('9', 'gone9', '10.203.0.99', '8787', 'offline', '')"
    lab.sh("optdb", f'su postgres -c "psql -q rstudio -c \\"{row}\\""')
    words = " ".join(verb("forget_stale_nodes", rc=2).output.split())
    assert "row 9, gone9:8787, is deleted" in words
    assert "Confirm what is planned: -e operate_confirmed=forget_stale_nodes." in words
    assert "gone9" in lab.sh("opt1", LIST)
    assert verb("forget_stale_nodes", operate_confirmed="forget_stale_nodes").changed == 1
    listed = lab.sh("opt1", LIST)
    assert "gone9" not in listed
    assert listed.count("Online") == len(NODES)
    assert verb("forget_stale_nodes", operate_confirmed="forget_stale_nodes").changed == 0
