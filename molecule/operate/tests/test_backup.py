# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster is backed up while it runs, and what the backup has makes the same cluster of empty hosts."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product.password import decrypt, stored_password
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup.archive import read_archive
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup.sealed import unseal
from operated import STARTED, Verb

if t.TYPE_CHECKING:
    from conftest import Lab

ROOT = Path(__file__).resolve().parents[3]
NODES = ["opt1", "opt2"]
PASSPHRASE = "correct horse battery staple"
KEYS = "cat /etc/rstudio/secure-cookie-key /etc/rstudio/launcher.pem /etc/rstudio/ours"
MARKED = "SELECT said FROM kept"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backups") / "ours"


@pytest.fixture(scope="module")
def given(lab: Lab, folder: Path) -> dict[str, t.Any]:
    """What backups need of the inventory, and new hosts to have the ids of the old ones."""
    return {
        "operate_backup_dir": str(folder),
        "operate_backup_passphrase": PASSPHRASE,
        "accounts_service_uid": int(lab.sh("opt1", "id -u rstudio-server")),
        "accounts_service_gid": int(lab.sh("opt1", "id -g rstudio-server")),
    }


def database(lab: Lab, sql: str) -> str:
    return lab.sh("optdb", f'su postgres -c "psql -XAtq rstudio -c \\"{sql}\\""')


@pytest.fixture(scope="module")
def marked(lab: Lab) -> t.Iterator[None]:
    """Something of others on a node, and in the database."""
    lab.each(NODES, "echo of others > /etc/rstudio/ours")
    database(
        lab, "CREATE TABLE kept (said text); ALTER TABLE kept OWNER TO rstudio; INSERT INTO kept VALUES ('as it was')"
    )
    yield
    lab.each(NODES, "rm -f /etc/rstudio/ours")
    database(lab, "DROP TABLE IF EXISTS kept")


def secrets(lab: Lab) -> list[str]:
    key = lab.sh("opt1", "cat /etc/rstudio/secure-cookie-key")
    password = decrypt(stored_password(lab.sh("opt1", "cat /etc/rstudio/database.conf")), key.encode())
    private = [line for line in lab.sh("opt1", "cat /etc/rstudio/launcher.pem").splitlines() if "-----" not in line]
    return [key.strip(), password, *private, PASSPHRASE]


def kept(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_a_backup_is_made_while_the_cluster_runs_and_tells_nothing(
    lab: Lab, verb: Verb, given: dict[str, t.Any], folder: Path, marked: None
) -> None:
    assert "PLAN workbench, backup: 3 hosts" in verb("backup", "--check", **given).output
    assert not folder.exists()
    started = lab.each(NODES, STARTED)
    run = verb("backup", "-vvvv", **given)
    assert lab.each(NODES, STARTED) == started
    assert stat.S_IMODE(kept(folder).stat().st_mode) == 0o600
    for secret in secrets(lab):
        assert secret.encode() not in kept(folder).read_bytes()
        assert secret not in run.output.replace(
            f'"operate_backup_passphrase": "{PASSPHRASE}"', ""
        )  # as it was given here
    found = read_archive(unseal(kept(folder).read_bytes(), PASSPHRASE))
    assert found.contents["nodes/opt2/etc/rstudio/ours"] == b"of others\n"
    assert found.manifest["database"]
    assert found.manifest["database"]["tables"] > 3
    assert "Last backup: 0 h old" in " ".join(verb("status", **given).output.split())
    assert lab.sh("optdb", "ls /var/tmp | grep -c workbench-dump || true").strip() == "0"


def test_half_a_backup_is_none(verb: Verb, given: dict[str, t.Any], folder: Path) -> None:
    before = sorted(folder.iterdir())
    words = " ".join(verb("backup", rc=2, **given, database_name="nobody_has_it").output.split())
    assert "optdb" in words
    assert "half a backup is none" in words
    assert sorted(folder.iterdir()) == before


def test_a_restore_asks_before_it_replaces_anything(
    lab: Lab, verb: Verb, given: dict[str, t.Any], folder: Path
) -> None:
    before = lab.each(NODES, f"{KEYS} | sha256sum")
    words = " ".join(verb("restore", rc=2, **given, operate_restore_from=str(kept(folder))).output.split())
    assert "opt1, opt2: Workbench stops" in words
    assert "Confirm what is planned: -e operate_confirmed=restore" in words
    words = " ".join(
        verb(
            "restore", rc=2, **{**given, "operate_backup_passphrase": "x" * 20}, operate_restore_from=str(kept(folder))
        ).output.split()
    )
    assert "another passphrase, or it is damaged" in words
    assert lab.each(NODES, f"{KEYS} | sha256sum") == before
    assert lab.sh("opt1", "rstudio-server list-nodes").count("Online") == len(NODES)


def test_empty_hosts_become_the_same_cluster(
    lab: Lab, verb: Verb, given: dict[str, t.Any], folder: Path, marked: None
) -> None:
    before = lab.each(NODES, f"{KEYS} | sha256sum")
    values = secrets(lab)
    lab.each(NODES, "apt-get purge -qq -y rstudio-server >/dev/null 2>&1; rm -rf /etc/rstudio /var/lib/rstudio-server")
    lab.sh("optdb", 'su postgres -c "dropdb --force rstudio && dropuser rstudio"')
    run = verb("restore", "-vvvv", **given, operate_restore_from=str(kept(folder)), operate_confirmed="restore")
    for secret in values[:-1]:
        assert secret not in run.output
    assert lab.each(NODES, f"{KEYS} | sha256sum") == before
    assert database(lab, MARKED).strip() == "as it was"
    listed = lab.sh("opt1", "rstudio-server list-nodes")
    assert listed.count("Online") == len(NODES)
    assert secrets(lab) == values


def test_what_was_changed_since_goes_back_by_the_key_that_it_was_encrypted_for(
    lab: Lab, verb: Verb, given: dict[str, t.Any], marked: None, tmp_path: Path
) -> None:
    identity, folder = tmp_path / "key.txt", tmp_path / "by age"
    subprocess.run(["age-keygen", "--output", identity], check=True, capture_output=True)
    public = subprocess.run(["age-keygen", "-y", identity], check=True, capture_output=True, text=True).stdout.strip()
    by_age = {name: value for name, value in given.items() if name != "operate_backup_passphrase"}
    by_age["operate_backup_dir"] = str(folder)
    made = verb("backup", **by_age, operate_backup_recipients=[public])
    assert "not opened, for operate_backup_identity is not set" in " ".join(made.output.split())
    database(lab, "UPDATE kept SET said = 'lost'")
    lab.sh("opt2", "rm /etc/rstudio/ours")
    back = {"operate_restore_from": str(kept(folder)), "operate_confirmed": "restore"}
    verb("restore", **by_age, **back, operate_backup_identity=str(identity))
    assert database(lab, MARKED).strip() == "as it was"
    assert lab.sh("opt2", "cat /etc/rstudio/ours") == "of others\n"
    assert lab.sh("opt1", "rstudio-server list-nodes").count("Online") == len(NODES)


@pytest.mark.usefixtures("marked")
@pytest.mark.parametrize("task", ["Write the files", "Configure | Write /etc/rstudio", "Replace what it has", "Start"])
def test_a_restore_that_was_cut_off_is_finished_by_the_next(
    lab: Lab, verb: Verb, given: dict[str, t.Any], folder: Path, task: str
) -> None:
    before = lab.each(NODES, f"{KEYS} | sha256sum")
    extra = {**given, "operate_restore_from": str(kept(folder)), "operate_confirmed": "restore"}
    database(lab, "UPDATE kept SET said = 'lost'")
    assert killed_at(task, extra), f"there was no task {task}"
    verb("restore", **extra)
    assert lab.each(NODES, f"{KEYS} | sha256sum") == before
    assert database(lab, MARKED).strip() == "as it was"
    assert lab.sh("opt1", "rstudio-server list-nodes").count("Online") == len(NODES)
    assert lab.sh("optdb", "ls /var/tmp | grep -c workbench-dump || true").strip() == "0"


def killed_at(task: str, extra: dict[str, t.Any]) -> bool:
    """Run a restore, and kill the controller once it began a task; whether it did."""
    inventory = ROOT / "molecule" / "operate" / "inventory" / "hosts.yml"
    command = [
        "ansible-playbook",
        "-i",
        str(inventory),
        str(ROOT / "playbooks" / "restore.yml"),
        "-e",
        json.dumps(extra),
    ]
    env = {**os.environ, "ANSIBLE_FORCE_COLOR": "0", "PYTHONUNBUFFERED": "1"}
    run = subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    assert run.stdout
    with run:
        for line in run.stdout:
            if f"TASK [{task}]" in line or f": {task}]" in line:
                os.killpg(run.pid, signal.SIGKILL)
                return True
    return False
