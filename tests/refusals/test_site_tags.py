# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `site` does with a role's tag, what it leaves to others, and which hosts it cannot drive. No host is touched."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROLES = {"clock", "nfs_server", "storage", "accounts", "keys", "database", "server"}
# The password that database and server need is resolved by keys.
RUNS = {**{role: {role} for role in ROLES}, "database": {"keys", "database"}, "server": {"keys", "server"}}


def playbook(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        ["ansible-playbook", "-i", "examples/demo/hosts.yml", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "ANSIBLE_CONFIG": "examples/demo/ansible.cfg"},
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize(("tag", "roles"), RUNS.items(), ids=RUNS)
def test_a_tag_runs_its_role_and_what_it_needs(tag: str, roles: set[str]) -> None:
    status, listed = playbook("playbooks/site.yml", "--tags", tag, "--list-tasks")
    assert status == 0, listed
    # Ansible validates a role's arguments whatever the tag.
    assert set(re.findall(r"^ +workbench\.cluster\.(\w+) : (?!Validating arguments)", listed, re.MULTILINE)) == roles
    assert "The cluster has nodes" in listed
    assert "Ask every host what it is" in listed
    last = [re.search(rf"^ +{task}\s+TAGS", listed, re.MULTILINE) for task in ("Restart", "Ask the product")]
    assert [found is not None for found in last] == ["server" in roles] * 2


def test_a_tag_skips_no_rule() -> None:
    """Rules stand in files that are included while the run goes on: their own tags decide."""
    wrong = json.dumps({"clock_servers": [], "clock_local_stratum": 0})
    status, said = playbook("playbooks/site.yml", "--tags", "keys", "-e", wrong)
    assert status != 0
    assert "clock_local_stratum is 0" in " ".join(said.split())


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
    status, said = playbook("playbooks/check_inventory.yml", "-e", json.dumps({**OTHERS, **wrong}))
    assert status == 0, said[-3000:]
    said = playbook("playbooks/check_inventory.yml", "-e", json.dumps({**OTHERS, **wrong, "storage_manage": True}))[1]
    assert "storage_mounts" in said


def test_roles_that_others_do_do_nothing(tmp_path: Path) -> None:
    host = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    hosts = {"all": {"hosts": {"here": host}, "vars": {**OTHERS, "storage_server": "files1"}}}
    (tmp_path / "hosts.yml").write_text(json.dumps(hosts))
    parts = [*((role, "main") for role in MANAGED), ("storage", "look"), ("nfs_server", "look")]
    roles = [{"name": f"workbench.cluster.{role}", "tasks_from": part} for role, part in parts]
    play = {"hosts": "here", "gather_facts": False, "tasks": [{"ansible.builtin.include_role": role} for role in roles]}
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    status, said = playbook("-i", str(tmp_path / "hosts.yml"), str(tmp_path / "play.yml"))
    assert status == 0, said
    done = re.findall(r"^TASK \[(.*)\]", said, re.MULTILINE)
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
    status, said = playbook("-i", str(old.parent / "more.yml"), "playbooks/site.yml", "--limit", "node2")
    said = " ".join(said.split())
    assert status != 0
    assert re.search(rf"node2: ansible-core [0-9.]+ cannot run its modules with {old}, which is too old", said), said
    assert "ansible_python_interpreter" in said
    assert "Traceback" not in said
    assert "node1:" not in said, "--limit asks the hosts it names"


@pytest.mark.parametrize("name", ["status", "check"])
def test_a_python_that_is_too_old_is_no_riddle_elsewhere(name: str, old: Path) -> None:
    status, said = playbook("-i", str(old.parent / "more.yml"), f"playbooks/{name}.yml")
    assert status != 0
    assert "its Python is too old for this ansible-core" in " ".join(said.split())
    assert "json char" not in said
