# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a plan: who acts by it, what a check keeps, and what is refused."""

from __future__ import annotations

import json
import re
import stat
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.workbench.cluster.tests.refusals.runs import DEMO, ROOT, Run, playbook

HOSTS = ["n1", "n2", "s1"]
# The plays of `plan` and `site` behind the comparison, with its answers given.
PLAYBOOK: list[dict[str, t.Any]] = [
    {
        "hosts": "all",
        "gather_facts": False,
        "tags": ["always"],
        "tasks": [
            {"set_fact": {"__differences": "{{ answers[inventory_hostname] }}"}},
            {"set_fact": {"__server_written": "{{ written[inventory_hostname] }}"}, "when": "written is defined"},
            {
                "workbench.cluster.plan": {"cluster": "workbench", "file": "{{ plan_file | default(omit, true) }}"},
                "register": "__plan",
                "run_once": True,
            },
            {"debug": {"msg": "{{ __plan.shown }}"}, "run_once": True},
        ],
    },
    *(
        {
            "hosts": f"{{{{ lookup('workbench.cluster._planned', {asked}) }}}}",
            "gather_facts": False,
            **({"serial": 1} if name == "restart" else {}),
            "tasks": [{"name": "Act", "debug": {"msg": f"{name} acts on {{{{ inventory_hostname }}}}"}}],
        }
        for name, asked in {
            "server": "'server', 'nodes'",
            "clock": "'clock', 'nodes', 'storage'",
            "late clock": "'clock', 'nodes', '!storage'",
            "database": "'database', 'database'",
            "restart": "'server', 'nodes', waiting=true",
        }.items()
    ),
]


def change(host: str, role: str, **more: t.Any) -> dict[str, t.Any]:
    return {
        "host": host,
        "role": role,
        "what": "w",
        "why": "y",
        "interrupts": "",
        "restarts": [],
        "opens": False,
        **more,
    }


def answers(*changes: dict[str, t.Any], problems: t.Mapping[str, list[str]] | None = None) -> dict[str, t.Any]:
    return {
        host: {
            "changes": [one for one in changes if one["host"] == host],
            "problems": (problems or {}).get(host, []),
            "notes": [],
        }
        for host in HOSTS
    }


Site = t.Callable[..., Run]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    inventory: dict[str, t.Any] = {
        "workbench_nodes": {"hosts": {"n1": {}, "n2": {}}},
        "workbench_storage": {"hosts": {"s1": {}}},
    }
    (tmp_path / "hosts.json").write_text(json.dumps(inventory))

    def run(given: dict[str, t.Any], *arguments: str, plays: t.Any = PLAYBOOK, **extra: t.Any) -> Run:
        hosts, file = tmp_path / "hosts.json", tmp_path / "site.json"
        file.write_text(json.dumps(plays))
        return playbook("-i", hosts, file, "-c", "local", *arguments, extra={"answers": given, **extra})

    return run


def acted(run: Run) -> set[str]:
    return {found.strip() for found in re.findall(r"(?<=msg: )[a-z ]+ acts on [a-z0-9]+", run.output)}


CHANGES = [change("n2", "server"), change("s1", "clock"), change("n2", "clock")]


def test_a_role_runs_where_the_plan_names_it_and_nowhere_else(site: Site) -> None:
    run = site(answers(*CHANGES))
    assert run.status == 0, run.text
    assert acted(run) == {"server acts on n2", "clock acts on n2", "clock acts on s1", "late clock acts on n2"}
    assert "Could not match" not in run.text  # a play that nobody is in is not worth a warning


@pytest.mark.parametrize(
    "given", [pytest.param(answers(), id="nothing to do"), pytest.param(answers(*CHANGES), id="a check")]
)
def test_nobody_acts_where_nothing_differs_and_in_a_check(site: Site, given: dict[str, t.Any]) -> None:
    run = site(given, *(["--check"] if given["n2"]["changes"] else []))
    assert (run.status, acted(run)) == (0, set())


def test_problems_of_all_hosts_come_as_one_list_before_any_change(site: Site) -> None:
    run = site(answers(*CHANGES, problems={"n1": ["No R.", "No disk."], "n2": ["No R."]}))
    assert (run.status, acted(run)) == (2, set())
    assert "No R. (n1, n2)" in run.text
    assert "No disk. (n1)" in run.text


def test_a_plan_that_was_kept_is_applied(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    assert acted(site(answers(*CHANGES), "--check", plan_file=str(file))) == set()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["changes"] == [CHANGES[0], CHANGES[2], CHANGES[1]]
    run = site(answers(*CHANGES), plan_file=str(file))
    assert "server acts on n2" in acted(run)


def test_a_plan_that_was_kept_is_refused_when_something_changed_since(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    site(answers(*CHANGES), "--check", plan_file=str(file))
    run = site(answers(*CHANGES, change("n1", "server", what="rserver.conf", why="differs")), plan_file=str(file))
    assert (run.status, acted(run)) == (2, set())
    assert "n1 server rserver.conf differs: not planned" in run.words
    assert "Nothing was changed" in run.words


def test_a_plan_that_is_not_there_is_not_made_by_the_way(site: Site, tmp_path: Path) -> None:
    run = site(answers(*CHANGES), plan_file=str(tmp_path / "none.json"))
    assert (run.status, acted(run)) == (2, set())
    assert "none.json cannot be read: No such file or directory. A run with --check makes it." in run.words


def test_a_run_that_begins_behind_its_plan_does_nothing(site: Site) -> None:
    run = site(answers(*CHANGES), "--start-at-task", "Act")
    assert (run.status != 0, acted(run)) == (True, set())
    assert "this run has no plan" in run.words


LOOKUP = """
from ansible.plugins.lookup import LookupBase
from ansible_collections.workbench.cluster.plugins.plugin_utils import _hold

class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        _hold._file().touch()
        return [_hold.state()]
"""


def test_a_run_that_no_longer_holds_the_cluster_does_nothing_more(site: Site, tmp_path: Path) -> None:
    """What says that it does is a file that a process beside Ansible has locked: here nobody has."""
    (tmp_path / "lookup_plugins").mkdir()
    (tmp_path / "lookup_plugins" / "let_go.py").write_text(LOOKUP)
    told = {"ansible.builtin.debug": {"msg": "it is {{ lookup('let_go') }}"}}
    lost = {"hosts": "n1", "gather_facts": False, "tasks": [told]}
    run = site(answers(*CHANGES), plays=[*PLAYBOOK[:2], lost, *PLAYBOOK[2:]])
    assert run.status != 0, run.text
    assert "it is lost" in run.output
    assert acted(run) == {"server acts on n2"}
    assert "This run no longer holds the cluster" in run.words
    idle = site(answers(), plays=[PLAYBOOK[0], lost, *PLAYBOOK[1:]])
    assert (idle.status, acted(idle)) == (0, set())


def test_a_site_that_is_imported_on_a_condition_is_skipped_whole(tmp_path: Path) -> None:
    """As in a playbook of one's own that builds only where nothing is there."""
    site = Path(__file__).resolve().parents[2] / "playbooks" / "site.yml"
    (tmp_path / "own.json").write_text(json.dumps([{"ansible.builtin.import_playbook": str(site), "when": "false"}]))
    run = playbook("-i", DEMO, tmp_path / "own.json")
    assert run.status == 0, run.text
    assert "ok:" not in run.output


def test_a_host_that_cannot_be_reached_ends_the_run_with_that_and_no_riddle(tmp_path: Path) -> None:
    nobody = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
    (tmp_path / "more.json").write_text(json.dumps({"all": {"vars": nobody}}))
    run = playbook("-i", DEMO, "-i", tmp_path / "more.json", "playbooks/site.yml")
    assert run.status == 2, run.text  # as where a task fails: no later play begins
    assert "UNREACHABLE" in run.text
    assert "no plan" not in run.text


def test_a_member_outside_the_run_that_is_dead_does_not_end_it(tmp_path: Path) -> None:
    """The task of `plan` itself, in a play like its own: run once, and where any error is fatal."""
    plays = yaml.safe_load((ROOT / "playbooks" / "plan.yml").read_text())
    look = next(task for play in plays for task in play["tasks"] if task["name"] == "Look at members outside this run")
    told = "{{ __look_absent.results | map(attribute='item') }}, and {{ __look_absent.results[0].report is defined }}"
    play = {
        "hosts": "n1",
        "gather_facts": False,
        "any_errors_fatal": True,
        "tasks": [{**look, "loop": ["n2"]}, {"ansible.builtin.debug": {"msg": f"asked {told}"}}],
    }
    dead = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
    hosts = {"workbench_nodes": {"hosts": {"n1": {"ansible_connection": "local"}, "n2": dead}}}
    (tmp_path / "hosts.json").write_text(json.dumps(hosts))
    (tmp_path / "play.json").write_text(json.dumps([play]))
    run = playbook("-i", tmp_path / "hosts.json", tmp_path / "play.json")
    assert run.status == 0, run.text
    assert "asked ['n2'], and False" in run.words
    assert "n2 is outside this run and does not answer" in run.words


def test_what_a_look_brings_is_not_shown_as_it_comes_over_the_wire(tmp_path: Path) -> None:
    """At -vvv Ansible shows all that ssh says. Here the program in ssh's place runs the command on this host."""
    ssh = tmp_path / "ssh"
    ssh.write_text('#!/bin/sh\nfor command; do :; done\nexec sh -c "$command"\n')
    ssh.chmod(0o755)
    host = {
        "ansible_connection": "ssh",
        "ansible_ssh_executable": str(ssh),
        "ansible_python_interpreter": sys.executable,
    }
    (tmp_path / "hosts.json").write_text(json.dumps({"workbench_nodes": {"hosts": {"n1": host}}}))
    look = {"workbench.cluster.look": {"roles": []}, "register": "__look"}
    told = {"ansible.builtin.debug": {"msg": "{{ (__look.report | from_json).system.keys() | length }} facts"}}
    (tmp_path / "play.json").write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": [look, told]}]))
    run = playbook("-i", tmp_path / "hosts.json", tmp_path / "play.json", "-vvv")
    assert run.status == 0, run.text
    assert "2 facts" in run.output
    assert "os_family" not in run.text


OLDER: dict[str, t.Any] = {"restart": {"rstudio-server": "/etc/rstudio/rserver.conf changed"}}


@pytest.mark.parametrize(
    ("how", "written", "acting"),
    [
        pytest.param({}, {"n1": OLDER, "n2": OLDER, "s1": {}}, ["n1", "n2"], id="all"),
        pytest.param({}, {"n1": {"restart": {}}, "n2": OLDER, "s1": {}}, ["n2"], id="one with older files"),
        pytest.param({"server_restart": "rolling"}, {"n1": OLDER, "n2": OLDER, "s1": {}}, ["n1", "n2"], id="said"),
        pytest.param({"server_restart": "never"}, {"n1": OLDER, "n2": OLDER, "s1": {}}, [], id="never"),
        pytest.param({"server_restart": "at_once"}, {"n1": OLDER, "n2": OLDER, "s1": {}}, [], id="at once"),
    ],
)
def test_a_play_for_one_node_after_the_other_has_those_that_wait_for_it(
    how: dict[str, str], written: dict[str, t.Any], acting: list[str], site: Site
) -> None:
    """Each of its nodes costs a play of its own, though nothing restarts."""
    run = site(answers(change("n1", "server"), change("n2", "server")), written=written, **how)
    assert re.findall("restart acts on ([a-z0-9]+)", run.output) == acting
    assert sorted(set(re.findall("server acts on ([a-z0-9]+)", run.output))) == ["n1", "n2"]
