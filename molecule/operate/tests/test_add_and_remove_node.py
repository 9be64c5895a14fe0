# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A third node joins the cluster and leaves it, alive and dead, while people have sessions and ask the front end all the time."""

from __future__ import annotations

import socket
import threading
import typing as t

import pytest
from operated import (
    ALL_USERS,
    NODES,
    PLACES,
    STARTED,
    Sessions,
    Verb,
    answers,
    end_all,
    none_is_lost,
    start,
    until,
)

if t.TYPE_CHECKING:
    from pathlib import Path

    from conftest import Lab, Run

# A node that joins, and a front end: those of wider/hosts.yml.
NEW, NEW_PLACE, FRONT = "opt3", "10.203.0.73", "10.203.0.75"
NO_FRONT = "systemctl disable --now workbench-proxy; rm -rf /etc/workbench.cluster"
LIST = "rstudio-server list-nodes"
SERVED = "cat /etc/workbench.cluster/proxy/nginx.conf 2>/dev/null || true"
RULES = "su postgres -c \"psql -qAt -c 'select address from pg_hba_file_rules'\""
KEYS = "sha256sum /etc/rstudio/secure-cookie-key /etc/rstudio/launcher.pem | cut -c1-12"


@pytest.fixture(scope="module", autouse=True)
def narrow(lab: Lab) -> t.Iterator[None]:
    """What others find after these tests is what these found: two nodes, and nothing in front."""
    lab.sh("front1", NO_FRONT, check=False)
    yield
    lab.sh(NEW, "systemctl disable --now rstudio-server rstudio-launcher", check=False)
    lab.sh("front1", NO_FRONT, check=False)
    end_all(lab)
    assert lab.sh("opt1", LIST).count("Online") == len(NODES)


@pytest.fixture(scope="module")
def verb(lab: Lab, root: Path) -> Verb:
    """Run the playbook of a verb on the cluster with a third node and a front end.

    The folder that containers share is no share, which verify says of every node: where `proven`, it is asked of none.
    """

    def run(name: str, *argv: str, rc: int = 0, proven: bool = True, **extra: t.Any) -> Run:
        inventory = root / "molecule" / "operate" / "wider" / "hosts.yml"
        given = {"verify_report_dir": "", **({"__verify_about": []} if proven else {}), **extra}
        done = lab.playbook(root / "playbooks" / f"{name}.yml", *argv, inventory=inventory, extra=given)
        assert (done.rc == 0) is (rc == 0), done.output[-8000:]
        return done

    return run


@pytest.fixture
def sessions(lab: Lab) -> Sessions:
    """Of as many people as there are nodes."""
    return start(lab, *ALL_USERS)


@pytest.fixture
def asked() -> t.Iterator[list[str]]:
    """What people got of the front end but a page; somebody asks all the time."""
    wrong: list[str] = []
    done = threading.Event()

    def ask() -> None:
        while not done.wait(0.1):
            said = answer()
            if " 200 " not in said:
                wrong.append(said)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    yield wrong
    done.set()
    thread.join()


def answer() -> str:
    try:
        with socket.create_connection((FRONT, 80), timeout=20) as connection:
            connection.sendall(
                b"GET /auth-sign-in HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
            )
            return connection.recv(64).decode("ascii", "replace")
    except OSError as error:
        return str(error)


def test_check_ends_with_the_plan(lab: Lab, verb: Verb) -> None:
    run = verb("add_node", "--check")
    words = " ".join(run.output.split())
    assert "opt3 add_node joins the cluster" in words
    assert f"pg_hba: {NEW_PLACE}" in words
    assert lab.sh("opt1", LIST).count("Online") == len(NODES)


def test_a_node_that_is_not_proven_is_sent_nobody(lab: Lab, verb: Verb) -> None:
    run = verb("add_node", rc=2, proven=False)
    assert "Not proven: " in run.output
    assert lab.sh("opt1", LIST).count("Online") == len(NODES) + 1
    assert lab.sh("front1", SERVED) == ""


def test_the_run_that_completes_it_touches_nobody_else(lab: Lab, verb: Verb, sessions: Sessions) -> None:
    before = lab.each(NODES, STARTED)
    run = verb("add_node", operate_nodes=[NEW])
    assert [run.recap[host]["changed"] for host in NODES] == [0, 0]
    assert f"server {NEW_PLACE}:8787" in lab.sh("front1", SERVED)
    assert len({*lab.each([*NODES, NEW], KEYS).values()}) == 1
    assert lab.each(NODES, STARTED) == before
    assert " 200 " in answer()
    none_is_lost(lab, sessions)
    assert verb("add_node", operate_nodes=[NEW]).changed == 0


def test_a_node_leaves_and_nobody_notices(lab: Lab, verb: Verb, sessions: Sessions, asked: list[str]) -> None:
    words = " ".join(verb("remove_node", rc=2, operate_nodes=[NEW]).output.split())
    assert "-e operate_confirmed=remove_node" in words
    assert lab.sh("opt1", LIST).count("Online") == len(NODES) + 1
    before = lab.each(NODES, STARTED)
    run = verb("remove_node", operate_nodes=[NEW], operate_confirmed="remove_node")
    assert "Take opt3 out of workbench_nodes" in " ".join(run.output.split())
    assert NEW_PLACE not in lab.sh("opt1", LIST)
    assert NEW_PLACE not in lab.sh("front1", SERVED)
    assert NEW_PLACE not in lab.sh("optdb", RULES)
    assert lab.sh(
        NEW, "systemctl is-active rstudio-server; systemctl is-enabled rstudio-server", check=False
    ).split() == [
        "inactive",
        "disabled",
    ]
    assert lab.each(NODES, STARTED) == before
    none_is_lost(lab, sessions)
    assert asked == []
    assert verb("remove_node", operate_nodes=[NEW], operate_confirmed="remove_node").changed == 0


def test_a_node_joins_again_while_another_is_down(lab: Lab, verb: Verb) -> None:
    lab.control("kill", "opt2")
    words = " ".join(verb("add_node", rc=2).output.split())
    assert "The state of opt2 cannot be read" in words
    run = verb("add_node", operate_without=["opt2"])
    assert run.recap["opt1"]["changed"] == 0
    assert f"server {NEW_PLACE}:8787" in lab.sh("front1", SERVED)
    lab.control("start", "opt2")
    until(lambda: answers(PLACES["opt2"]))


def test_a_dead_node_leaves(lab: Lab, verb: Verb, asked: list[str]) -> None:
    lab.control("kill", NEW)
    given = {"operate_nodes": [NEW], "operate_confirmed": "remove_node", "operate_sessions": "product"}
    assert "The state of opt3 cannot be read" in " ".join(verb("remove_node", rc=2, **given).output.split())
    words = " ".join(verb("remove_node", operate_without=[NEW], **given).output.split())
    assert "opt3 was not touched" in words
    assert NEW_PLACE not in lab.sh("opt1", LIST)
    assert NEW_PLACE not in lab.sh("front1", SERVED)
    assert NEW_PLACE not in lab.sh("optdb", RULES)
    assert asked == []
    lab.control("start", NEW)
