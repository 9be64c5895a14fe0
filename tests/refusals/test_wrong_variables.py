# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong variables of the demo's inventory: each is refused with its name, value and what is allowed, and no host is touched."""

from __future__ import annotations

import json
import os
import subprocess
import typing as t
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]

WRONG = {
    "clock without a source": (
        {"clock_servers": [], "clock_local_stratum": 0},
        ["clock_servers", "clock_local_stratum"],
    ),
    "stratum out of range": ({"clock_local_stratum": 99}, ["clock_local_stratum=99", "0 to 15"]),
    "text for a list of servers": ({"clock_servers": "ntp.example.com"}, ["clock_servers=ntp.example.com", "list"]),
    "a network that is none": ({"clock_serve_networks": ["10.0.0.0/33"]}, ["clock_serve_networks", "10.0.0.0/33"]),
    "text for a list of clients": ({"nfs_server_clients": "10.0.0.0/24"}, ["nfs_server_clients=10.0.0.0/24", "list"]),
    "text for a list of members": ({"nfs_server_members": "node1"}, ["nfs_server_members", "list", "[node1]"]),
    "root squashed": ({"nfs_server_options": "rw,sync"}, ["nfs_server_options=rw,sync", "no_root_squash"]),
    "unknown preset": ({"storage_preset": "fast"}, ["storage_preset", "fast", "safe", "vendor"]),
    "a mode without quotes": (
        {"storage_mounts": [{"path": "/x", "src": "y:/z", "mode": 0o755}]},
        ["storage_mounts", "493", '"0755"'],
    ),
    "a mode of homes without quotes": ({"accounts_home_mode": 0o700}, ["accounts_home_mode=448", '"0700"']),
    "a mount over the system": (
        {"storage_home_dir": "/etc"},
        ["storage_mounts has /etc, a directory of the system"],
    ),
    "homes the file server does not export": (
        {"storage_home_export": "/export/home"},
        [
            "10.203.0.21:/export/home",
            "storage_home_export",
            "store1 exports /var/nfs/workbench/home",
            "nfs_server_exports",
        ],
    ),
    "homes that nobody mounts": (
        {"accounts_home_root": "/home"},
        ["accounts_home_root=/home", "storage_mounts", "/nfs/workbench/home", "verify_paths"],
    ),
    "shared storage that nobody mounts": (
        {"server_shared_storage_path": "/srv/shared"},
        ["server_shared_storage_path=/srv/shared", "storage_mounts", "verify_paths"],
    ),
    "homes that nobody would prove": (
        {"verify_paths": ["/nfs/workbench/shared-storage"]},
        ["accounts_home_root=/nfs/workbench/home", "verify_paths"],
    ),
    "a mount that hides another": (
        {"storage_home_dir": "/nfs/workbench/all/home", "storage_shared_dir": "/nfs/workbench/all"},
        ["/nfs/workbench/all/home before /nfs/workbench/all", "hide"],
    ),
    "a move of what is not mounted": (
        {"storage_move_existing": ["/home"]},
        ["storage_move_existing=['/home']", "/nfs/workbench/home"],
    ),
    "text for a list of moves": ({"storage_move_existing": "/home"}, ["storage_move_existing=/home", "list"]),
    "no file server": ({"storage_server": ""}, ["storage_server"]),
    "advisory locks that stay on a node": (
        {"storage_options": "rw,nolock", "server_file_locks": {"lock-type": "advisory"}},
        ["storage_options=rw,nolock", "advisory"],
    ),
    "two users with one uid": (
        {"accounts_users": [{"name": "a", "uid": 20001}, {"name": "b", "uid": 20001}]},
        ["accounts_users", "20001", "a", "b"],
    ),
    "a user name useradd refuses": ({"accounts_users": [{"name": "No Body"}]}, ["accounts_users", "No Body"]),
    "text for a list of groups": (
        {"accounts_users": [{"name": "ada", "groups": "analysts"}]},
        ["accounts_users", "user ada", "groups is analysts", "[analysts]"],
    ),
    "a password in the clear": (
        {"accounts_users": [{"name": "ada", "password": "geheim"}]},
        ["accounts_users", "user ada", "password", "crypt(3)"],
    ),
    "a home passwd cannot hold": ({"accounts_users": [{"name": "ada", "home": "/a:b"}]}, ["accounts_users", "home"]),
    "a range of one": ({"accounts_id_range": [5]}, ["accounts_id_range is [5]", "[first, last]"]),
    "a short cookie key": ({"keys_cookie_key": "too-short-to-be-a-key"}, ["keys_cookie_key", "21 bytes", "32"]),
    "a launcher key that is none": (
        {"keys_launcher_private_key": "ssh-rsa AAAA"},
        ["keys_launcher_private_key", "PEM"],
    ),
    "a launcher key folded into one line": (
        {"keys_launcher_private_key": "-----BEGIN PRIVATE KEY----- MIIEvQ -----END PRIVATE KEY-----"},
        ["keys_launcher_private_key", "line breaks"],
    ),
    "a launcher key that is damaged": (
        {"keys_launcher_private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----\n"},
        ["keys_launcher_private_key", "does not load"],
    ),
    "a password that is a number": ({"database_password": 12345678}, ["database_password", "quotes"]),
    "a password only the database host knows": (
        {"database_password": "{{ 'one-for-the-host' if inventory_hostname == 'db1' else '' }}"},
        ["database_password is set for db1; empty for node1, node2, node3", "group_vars/all.yml"],
    ),
    "another database on the nodes": (
        {"database_name": "{{ 'one' if inventory_hostname == 'db1' else 'two' }}"},
        ["database_name is one for db1; two for node1"],
    ),
    "a password that breaks the connection": ({"database_password": "geheim'"}, ["database_password has a ' or a"]),
    "a connection URI the product would not take": (
        {"server_database_conf": {"connection-uri": "mysql://h/d"}},
        ["connection-uri in server_database_conf", "postgresql://"],
    ),
    "a client that is none": ({"database_clients": ["10.0.0.0/33"]}, ["database_clients", "not 10.0.0.0/33"]),
    "text for a list of database clients": (
        {"database_clients": "node1"},
        ["database_clients=node1", "must be a list"],
    ),
    "adopt from a stranger": ({"keys_adopt_from": "node9"}, ["keys_adopt_from=node9", "node1"]),
    "the superuser as owner": ({"database_user": "postgres"}, ["database_user=postgres"]),
    "a role that PostgreSQL keeps for itself": ({"database_user": "public"}, ["database_user=public"]),
    "a database that PostgreSQL keeps for itself": ({"database_name": "template1"}, ["database_name=template1"]),
    "a port that is none": ({"database_port": 99999}, ["database_port=99999", "65535"]),
    "an option in the wrong file": (
        {"server_rserver_conf": {"www-host-name": "x"}},
        ["www-host-name", "server_rserver_conf", "server_load_balancer"],
    ),
    "a cookie key in another place": (
        {"server_rserver_conf": {"secure-cookie-key-file": "/mnt/key"}},
        ["secure-cookie-key-file=/mnt/key", "server_rserver_conf", "/etc/rstudio/secure-cookie-key"],
    ),
    "a cluster on SQLite": ({"server_database_conf": {"provider": "sqlite"}}, ["provider=sqlite", "postgresql"]),
    "an address nobody else reaches": ({"server_www_host_name": "localhost"}, ["server_www_host_name=localhost"]),
    "an address of all nodes": (
        {"server_www_host_name": "wb.example.com"},
        ["server_www_host_name", "node1 and node2 and node3", "wb.example.com"],
    ),
    "one address in the private network for all": (
        {"cluster_address": "10.0.0.5"},
        ["cluster_address=10.0.0.5", "node1 and node2 and node3 and store1 and db1"],
    ),
    "an address in the private network that is none": (
        {"cluster_address": "{{ '10.0.0.5:8787' if inventory_hostname == 'store1' else '' }}"},
        ["cluster_address=10.0.0.5:8787 of store1", "an address or a name"],
    ),
    "an address in a file": (
        {"server_load_balancer": {"www-host-name": "x"}},
        ["www-host-name=x", "server_load_balancer", "server_www_host_name"],
    ),
    "a balancer that is none": (
        {"server_load_balancer": {"balancer": "roundrobin"}},
        ["balancer=roundrobin", "server_load_balancer", "user-hash"],
    ),
    "a provider that is none": (
        {"server_database_conf": {"provider": "postgres"}},
        ["provider=postgres ", "server_database_conf", "postgresql"],
    ),
    "a member nobody knows": (
        {"server_members": ["node1", "node2", "node3", "node9"]},
        ["server_members", "node9", "inventory"],
    ),
    "a file somewhere": (
        {"server_files": [{"path": "rsession.conf", "content": ""}]},
        ["server_files", "rsession.conf", "absolute"],
    ),
    "a file twice": (
        {"server_files": [{"path": "/etc/rstudio/x", "content": ""}] * 2},
        ["server_files", "/etc/rstudio/x", "once"],
    ),
    "a file with two contents": (
        {"server_files": [{"path": "/etc/rstudio/x", "content": "", "secret_base64": "eA=="}]},
        ["server_files", "/etc/rstudio/x", "either content or"],
    ),
    "a file without content": (
        {"server_files": [{"path": "/etc/rstudio/x"}]},
        ["server_files", "/etc/rstudio/x", "either content or"],
    ),
    "a mode of a file without quotes": (
        {"server_files": [{"path": "/etc/rstudio/x", "content": "", "mode": 0o600}]},
        ["server_files", "mode=384", "/etc/rstudio/x", "in quotes"],
    ),
    "a cluster the inventory does not know": (
        {"workbench_cluster": "prodd"},
        ["workbench_cluster=prodd", "prodd_nodes", "workbench_nodes"],
    ),
    "a way to restart that is none": ({"server_restart": "now"}, ["server_restart", "now", "rolling, at_once, never"]),
    "a misspelt variable": (
        {"server_rserver_cnof": {}},
        ["server_rserver_cnof", "server_rserver_conf is", "workbench_other_variables"],
    ),
    "somebody else's database": (
        {"database_host": "10.203.0.21"},
        ["database_host=10.203.0.21 of node1, node2, node3", "workbench_database", "database_manage=false"],
    ),
    "a version that is none": ({"server_version": "latest"}, ["server_version=latest"]),
    "a way with options that is none": (
        {"server_unknown_options": "ask"},
        ["server_unknown_options", "ask", "refuse, keep, drop"],
    ),
    "a number that is none": (
        {"server_rserver_conf": {"www-thread-pool-size": "5x"}},
        ["www-thread-pool-size=5x", "server_rserver_conf", "whole number"],
    ),
    "a switch that is none": (
        {"server_rserver_conf": {"ssl-enabled": "maybe"}},
        ["ssl-enabled=maybe", "server_rserver_conf", "true or false"],
    ),
    "a value the product cannot read": ({"server_rserver_conf": {"www-address": "a\nb=c"}}, ["www-address"]),
}


def check(extra: dict[str, t.Any], *more: str, **environment: str) -> tuple[int, str]:
    """Exit status and words, on one line, of the rules over the demo's inventory and `more`."""
    command = ["ansible-playbook", "-i", "examples/demo/hosts.yml", "playbooks/check_inventory.yml", *more]
    done = subprocess.run(
        [*command, "-e", json.dumps(extra)],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, " ".join(done.stdout.split())


def test_a_certificate_that_is_checked_otherwise_is_said() -> None:
    files = "sslcert=/c&sslkey=/k&sslrootcert=/r"
    status, said = check({"server_database_conf": {"connection-uri": f"postgres://u@h/d?{files}&sslmode=verify-full"}})
    assert status == 0, said
    assert "asks for sslmode=verify-full" in said
    assert "always with sslmode=verify-ca" in said
    assert "asks for" not in check({"server_database_conf": {"connection-uri": f"postgres://u@h/d?{files}"}})[1]


def test_the_inventory_as_it_is() -> None:
    assert check({})[0] == 0


@pytest.mark.parametrize(("extra", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_variable(extra: dict[str, t.Any], words: list[str]) -> None:
    # One host of each kind: every rule is asked, and no host twice.
    status, said = check(extra, "--limit", "node1:store1:db1")
    assert status != 0
    assert [word for word in words if word not in said] == [], said[-3000:]
    assert "too-short-to-be-a-key" not in said


def inventory(folder: Path, groups: dict[str, t.Any]) -> tuple[str, str]:
    """More of an inventory, as arguments."""
    (folder / "more.yml").write_text(json.dumps(groups))
    return "-i", str(folder / "more.yml")


def test_a_cluster_that_is_a_variable_of_hosts(tmp_path: Path) -> None:
    """Playbooks choose hosts before they read it: they would take others, or none and be a success."""
    prod = {"prod_nodes": {"hosts": {"node1": None}}, "all": {"vars": {"workbench_cluster": "prod"}}}
    status, said = check({}, *inventory(tmp_path, prod))
    assert status != 0
    assert "workbench_cluster=prod is a variable of" in said
    assert "-e workbench_cluster=prod" in said
    assert check({"workbench_cluster": "workbench"}, "-i", str(tmp_path / "more.yml"))[0] == 0


def test_a_group_that_merely_ends_like_a_clusters(tmp_path: Path) -> None:
    others = {"backup_storage": {"hosts": {"store1": None}}, "customer_database": {"hosts": {"db1": None}}}
    status, said = check({}, *inventory(tmp_path, others))
    assert status == 0, said[-3000:]


def test_two_hosts_where_one_belongs_are_named_together(tmp_path: Path) -> None:
    more = {"workbench_database": {"hosts": {"db2": None}}, "workbench_storage": {"hosts": {"store2": None}}}
    status, said = check({}, *inventory(tmp_path, more))
    assert status != 0
    assert "workbench_database has db1, db2" in said
    assert "workbench_storage has store1, store2" in said


def test_hosts_that_do_not_wait_for_each_other() -> None:
    status, said = check({}, ANSIBLE_STRATEGY="free")
    assert status != 0
    assert "strategy=free (DEFAULT_STRATEGY of ansible.cfg" in said


@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_hosts_of_a_play_of_ones_own_wait_for_each_other(strategy: str, tmp_path: Path) -> None:
    rules = [{"name": f"workbench.cluster.{role}", "tasks_from": "check"} for role in ("accounts", "keys", "server")]
    tasks = [{"ansible.builtin.include_role": role, "ignore_errors": True} for role in rules]
    play = {"hosts": "workbench_nodes", "strategy": strategy, "gather_facts": False, "tasks": tasks}
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    done = subprocess.run(
        ["ansible-playbook", "-i", "examples/demo/hosts.yml", tmp_path / "play.yml"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    said = " ".join(done.stdout.split())
    assert ("this play has strategy=free" in said) == (strategy == "free"), done.stdout
    assert (done.returncode == 0) == (strategy == "linear")


@pytest.mark.parametrize("playbook", ["site", "check"])
def test_the_rules_come_first(playbook: str) -> None:
    first = yaml.safe_load((ROOT / "playbooks" / f"{playbook}.yml").read_text())[0]
    assert first["ansible.builtin.import_playbook"] == "check_inventory.yml"
