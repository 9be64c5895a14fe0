"""What a run does when something is wrong: it stops with the name and the cause, and running again completes it."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

NODES = ["node1", "node2", "node3"]


@pytest.fixture
def site(lab: t.Any, root: Path) -> t.Callable[..., t.Any]:
    """Run the site playbook on the lab."""

    def run(*argv: str, **extra: t.Any) -> t.Any:
        return lab.playbook(
            root / "playbooks" / "site.yml", *argv, inventory=root / "examples" / "demo" / "hosts.yml", extra=extra
        )

    return run


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
    "adopt from a stranger": ({"keys_adopt_from": "node9"}, ["keys_adopt_from=node9", "node1"]),
    "the superuser as owner": ({"database_user": "postgres"}, ["database_user=postgres"]),
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
    "a version that is none": ({"server_version": "latest"}, ["server_version=latest"]),
    "a value the product cannot read": ({"server_rserver_conf": {"www-address": "a\nb=c"}}, ["www-address"]),
}


@pytest.mark.parametrize(("extra", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_variable_fails_before_the_first_change(site: t.Any, extra: dict[str, t.Any], words: list[str]) -> None:
    run = site(**extra)
    assert run.rc != 0
    assert run.changed == 0
    assert "Know the systems" not in run.output, "no host was touched"
    flat = " ".join(run.output.split())
    assert [word for word in words if word not in flat] == [], flat[-3000:]
    assert "too-short-to-be-a-key" not in run.output.replace('"keys_cookie_key": "too-short-to-be-a-key"', "")


def test_an_option_the_product_refuses_replaces_nothing(lab: t.Any, site: t.Any) -> None:
    before = lab.each(NODES, "sha256sum /etc/rstudio/*")
    run = site("--limit", "workbench_nodes", server_rserver_conf={"no-such-option": 1})
    assert run.rc != 0
    assert "no-such-option" in run.output
    assert lab.each(NODES, "sha256sum /etc/rstudio/*") == before


def test_a_package_that_does_not_install_and_then_does(lab: t.Any, site: t.Any, root: Path, tmp_path: Path) -> None:
    """node3 anew: also the proof that --limit adds one node to a cluster that exists."""
    lab.control("reset", "node3")
    broken = tmp_path / "rstudio-server_2026.04.0+526.pro2_amd64.deb"
    broken.write_bytes((root / ".cache" / "packages" / broken.name).read_bytes()[:2000])
    keys = lab.sh("node1", "sha256sum /etc/rstudio/launcher.pem /etc/rstudio/secure-cookie-key")
    run = site("--limit", "node3", server_package=str(broken))
    assert run.rc != 0
    assert "fatal: [node3]" in run.output
    assert lab.sh("node3", "rstudio-server version", check=False) == ""
    again = site("--limit", "node3")
    assert again.rc == 0, again.output[-4000:]
    assert set(again.recap) == {"node3"}
    assert lab.sh("node1", "rstudio-server list-nodes").count("  Online  ") == 3
    assert lab.sh("node3", "sha256sum /etc/rstudio/launcher.pem /etc/rstudio/secure-cookie-key") == keys
    assert lab.sh("node3", "id john") == lab.sh("node1", "id john")


def test_a_package_that_is_unpacked_only_is_completed(lab: t.Any, site: t.Any) -> None:
    """What a script of the package that fails, or a run that is cut off, leaves behind."""
    lab.sh("node3", "systemctl stop rstudio-server rstudio-launcher")
    lab.sh("node3", "systemctl mask rstudio-server.service rstudio-launcher.service")
    status = "/var/lib/dpkg/status"
    lab.sh(
        "node3", f"sed -i '/^Package: rstudio-server$/,/^$/s/^Status: .*/Status: install ok half-configured/' {status}"
    )
    assert site("--limit", "workbench_nodes").rc == 0
    shown = lab.sh("node3", "dpkg-query -W -f '${db:Status-Abbrev}' rstudio-server")
    assert shown.strip() == "ii"
    assert lab.sh("node1", "rstudio-server list-nodes").count("  Online  ") == 3
    assert site("--limit", "workbench_nodes").changed == 0


def test_a_launcher_that_outlived_its_server_is_restarted_with_it(lab: t.Any, site: t.Any) -> None:
    started = "systemctl show -P ExecMainStartTimestampMonotonic rstudio-launcher"
    before = lab.sh("node3", started)
    lab.sh("node3", "systemctl stop rstudio-server && touch /etc/rstudio/launcher.conf")
    assert site("--limit", "workbench_nodes").rc == 0
    assert lab.sh("node3", started) != before
    assert site("--limit", "workbench_nodes").changed == 0


def test_a_full_disk_leaves_nothing_half_written(lab: t.Any, site: t.Any) -> None:
    before = lab.sh("node2", "sha256sum /etc/rstudio/*; ls -A /etc/rstudio")
    change = {"server_file_locks": {"timeout-interval": 40}}
    full = "mount -t tmpfs -o size=64k tmpfs /mnt && cp -a /etc/rstudio/. /mnt/ && mount --bind /mnt /etc/rstudio"
    lab.sh("node2", f"{full} && dd if=/dev/zero of=/etc/rstudio/.filler bs=1k 2>/dev/null; true")
    try:
        run = site("--limit", "workbench_nodes", **change)
    finally:
        lab.sh("node2", "umount /etc/rstudio && umount /mnt")
    assert run.rc != 0
    assert "fatal: [node2]" in run.output
    assert "No space left on device" in run.output
    assert lab.sh("node2", "sha256sum /etc/rstudio/*; ls -A /etc/rstudio") == before
    assert site("--limit", "workbench_nodes", **change).rc == 0
    assert "timeout-interval=40" in lab.sh("node2", "cat /etc/rstudio/file-locks")


def test_a_database_that_refuses_the_password(lab: t.Any, site: t.Any) -> None:
    alter = 'runuser -u postgres -- psql -qc "ALTER ROLE rstudio {}LOGIN"'
    lab.sh("node3", "systemctl stop rstudio-server")
    lab.sh("db1", alter.format("NO"))
    try:
        run = site("--limit", "workbench_nodes", server_start_wait=30)
    finally:
        lab.sh("db1", alter.format(""))
    assert run.rc != 0
    assert "fatal: [node3]" in run.output
    assert "not permitted to log in" in run.output
    assert site("--limit", "workbench_nodes").rc == 0
    assert lab.sh("node1", "rstudio-server list-nodes").count("  Online  ") == 3


def test_an_unreachable_member_stops_the_run(lab: t.Any, site: t.Any) -> None:
    lab.control("kill", "node2")
    run = site()
    assert run.rc != 0
    assert "node2" in run.output
    assert "unreachable" in run.output.lower()
    assert run.changed == 0
    lab.control("start", "node2")
    again = site()
    assert again.rc == 0, again.output[-4000:]
    assert lab.sh("node1", "rstudio-server list-nodes").count("  Online  ") == 3


def test_only_nodes_whose_files_changed_are_restarted_one_after_the_other(lab: t.Any, site: t.Any) -> None:
    times = "systemctl show --timestamp=unix -P InactiveEnterTimestamp -P ActiveEnterTimestamp rstudio-server"
    before = lab.each(NODES, times)
    changed = "{{ {} if inventory_hostname == 'node3' else {'auth-timeout-minutes': 45} }}"
    run = site("--limit", "workbench_nodes", server_rserver_conf=changed)
    assert run.rc == 0, run.output[-4000:]
    after = lab.each(NODES, times)
    assert [node for node in NODES if before[node] != after[node]] == ["node1", "node2"]
    (_, up), (down, _) = ([int(time.lstrip("@")) for time in after[node].split()] for node in NODES[:2])
    assert down >= up, "node2 was stopped before node1 was up again"
    assert site("--limit", "workbench_nodes").rc == 0
    assert site("--limit", "workbench_nodes").changed == 0
