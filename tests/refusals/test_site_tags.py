# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `site` does with a role's tag, what it leaves to others, and which hosts it cannot drive. No host is touched."""

from __future__ import annotations

import json
import re
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.tests.refusals.runs import DEMO, Run, playbook

ROLES = {"clock", "nfs_server", "storage", "accounts", "keys", "tls", "database", "server", "proxy", "firewall"}
# The password that database and server need is resolved by keys, and the certificates of both and of front ends are made by tls.
RUNS = {
    **{role: {role} for role in ROLES},
    "database": {"keys", "tls", "database"},
    "server": {"keys", "tls", "server"},
    "proxy": {"tls", "proxy"},
}


# A task of `--list-tasks`: the role it belongs to, its name, its tags.
TASK = re.compile(r"^ +(?:workbench\.cluster\.(\w+) : )?(.*?)\tTAGS: \[(.*)\]$", re.MULTILINE)


def demo(*arguments: str | Path, **variables: t.Any) -> Run:
    return playbook("-i", DEMO, *arguments, extra=variables)


@pytest.fixture(scope="module")
def tasks() -> list[tuple[str, str, set[str]]]:
    run = demo("playbooks/site.yml", "--list-tasks")
    assert run.status == 0, run.text
    return listed(run)


def listed(run: Run) -> list[tuple[str, str, set[str]]]:
    found = [(role, name, set(tags.split(", "))) for role, name, tags in TASK.findall(run.output)]
    return [task for task in found if not task[1].startswith("play #")]


@pytest.mark.parametrize(("tag", "roles"), RUNS.items(), ids=RUNS)
def test_a_tag_runs_its_role_and_what_it_needs(
    tag: str, roles: set[str], tasks: list[tuple[str, str, set[str]]]
) -> None:
    selected = [(role, name) for role, name, tags in tasks if tags & {tag, "always"}]
    # Ansible validates a role's arguments whatever the tag.
    assert {role for role, name in selected if role and not name.startswith("Validating arguments")} == roles
    names = {name for _role, name in selected}
    assert any(name.startswith("The cluster has nodes") for name in names)
    assert "Look" in names
    assert {"Restart", "Ask the product"} & names == ({"Restart", "Ask the product"} if "server" in roles else set())


def test_a_tag_is_what_ansible_takes_it_for(tasks: list[tuple[str, str, set[str]]]) -> None:
    run = demo("playbooks/site.yml", "--tags", "database", "--list-tasks")
    assert listed(run) == [task for task in tasks if task[2] & {"database", "always"}]


def test_a_tag_skips_no_rule() -> None:
    run = demo("playbooks/site.yml", "--tags", "keys", clock_servers=[], clock_local_stratum=0)
    assert run.status != 0
    assert "clock_local_stratum is 0" in run.words


MANAGED = ("clock", "nfs_server", "storage", "accounts")
OTHERS = {f"{role}_manage": False for role in MANAGED}


def test_what_others_manage_has_no_rules() -> None:
    """Each of these values is refused where the role does its work."""
    wrong = {
        "clock_servers": [],
        "nfs_server_exports": [],
        "storage_mounts": [],
        "accounts_users": [{"name": "No Body"}],
    }
    run = demo("playbooks/check_inventory.yml", **OTHERS, **wrong)
    assert run.status == 0, run.text[-3000:]
    assert "storage_mounts" in demo("playbooks/check_inventory.yml", **{**OTHERS, **wrong, "storage_manage": True}).text


def test_roles_that_others_do_do_nothing(tmp_path: Path) -> None:
    host = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    hosts = {"all": {"hosts": {"here": host}, "vars": {**OTHERS, "storage_server": "files1"}}}
    (tmp_path / "hosts.yml").write_text(json.dumps(hosts))
    roles = [{"name": f"workbench.cluster.{role}"} for role in MANAGED]
    play = {"hosts": "here", "gather_facts": False, "tasks": [{"ansible.builtin.include_role": role} for role in roles]}
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    run = demo("-i", tmp_path / "hosts.yml", tmp_path / "play.yml")
    assert run.status == 0, run.text
    done = re.findall(r"^TASK \[(.*)\]", run.output, re.MULTILINE)
    assert [task for task in done if not re.search("include_role|Validating arguments", task)] == []


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """What Python 3.6 (RHEL 8) answers to a module of ansible-core 2.19; and an inventory where every host has it."""
    python = tmp_path / "python3.6"
    python.write_text("#!/bin/sh\necho 'SyntaxError: future feature annotations is not defined' >&2\nexit 1\n")
    python.chmod(0o755)
    variables = {"ansible_connection": "local", "ansible_become": False, "ansible_python_interpreter": str(python)}
    (tmp_path / "more.yml").write_text(json.dumps({"all": {"vars": variables}}))
    return python


def test_a_python_that_is_too_old_is_named(old: Path) -> None:
    run = demo("-i", old.parent / "more.yml", "playbooks/site.yml", "--limit", "node2")
    assert run.status != 0
    assert re.search(rf"node2: ansible-core [0-9.]+ cannot run its modules with {old}, which is too old", run.words), (
        run.text
    )
    assert "ansible_python_interpreter" in run.words
    assert "Traceback" not in run.text
    assert "node1:" not in run.words, "--limit asks the hosts it names"


@pytest.mark.parametrize("name", ["status", "check"])
def test_a_python_that_is_too_old_is_no_riddle_elsewhere(name: str, old: Path) -> None:
    run = demo("-i", old.parent / "more.yml", f"playbooks/{name}.yml")
    assert run.status != 0
    assert re.search(
        "Python is too old for this ansible-core|ansible-core [0-9.]+ cannot run its modules with", run.words
    )
    assert "json char" not in run.text
