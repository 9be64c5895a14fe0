# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real nodes, each a process of its own, on a real PostgreSQL: who comes online, and who does not and why."""

from __future__ import annotations

import base64
import pathlib
import re
import signal
import typing as t

import pytest
from harness import KEY, NET, PASSWORD, Node, Postgres, make_launcher_pair, wait_until

Make = t.Callable[..., Node]
OTHER_KEY = KEY.replace("0", "f")
PIDS = "SELECT pid FROM pg_stat_activity WHERE usename = 'workbench'"
CONNECTIONS = f"SELECT count(*) FROM ({PIDS}) AS ours"


def statuses(node: Node) -> dict[str, str]:
    return {row["Host"]: row["Status"] for row in node.rows()}


def test_a_node_comes_online_and_leaves(make_node: Make) -> None:
    node = make_node(1)
    node.start()
    node.wait_online()
    assert [row["ID"] for row in node.rows()] == ["1"]
    node.stop()
    assert statuses(node) == {f"{NET}.1": "Offline"}


def test_three_nodes_started_at_once_get_three_ids_and_one_cluster(make_node: Make, database: Postgres) -> None:
    nodes = [make_node(number) for number in (1, 2, 3)]
    for node in nodes:
        node.start()
    for node in nodes:
        node.wait_online()
    assert sorted(row["ID"] for row in nodes[0].rows()) == ["1", "2", "3"]
    assert database.run("SELECT count(*) FROM cluster", "workbench") == [(1,)]
    assert database.run("SELECT current_version FROM schema_version", "workbench") == [("20260512090000000000000",)]


def test_nodes_without_keys_get_the_clusters(make_node: Make) -> None:
    nodes = [make_node(number, key=None, pair=None) for number in (1, 2)]
    for node in nodes:
        node.start()
    for node in nodes:
        node.wait_online()
    found = [node.root / "var/lib/rstudio-server/secure-cookie-key" for node in nodes]
    assert found[0].read_bytes() == found[1].read_bytes()
    assert len(found[0].read_bytes()) == 32
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in found)
    private = [node.config / "launcher.pem" for node in nodes]
    assert private[0].read_bytes() == private[1].read_bytes()


def test_the_stored_key_is_the_files_bytes(make_node: Make, database: Postgres) -> None:
    node = make_node(1)
    node.start()
    node.wait_online()
    ((stored,),) = database.run("SELECT secure_cookie_key FROM cluster", "workbench")
    assert base64.b64decode(stored) == KEY.encode()


@pytest.mark.parametrize("key", [OTHER_KEY, KEY.strip()])
def test_another_key_keeps_a_node_off(make_node: Make, key: str) -> None:
    first, second = make_node(1), make_node(2, key=key)
    first.start()
    first.wait_online()
    second.start()
    second.wait_status("Invalid secure cookie key")
    assert second.get("/auth-sign-in")[0] == 503
    assert "does not come online: invalid secure cookie key" in second.log()


def test_a_key_others_may_read_keeps_a_node_off(make_node: Make) -> None:
    node = make_node(1)
    (node.config / "secure-cookie-key").chmod(0o640)
    node.start()
    node.wait_status("Invalid permissions on secure cookie key")


def test_a_launcher_key_the_group_may_read_keeps_a_node_off(make_node: Make) -> None:
    node = make_node(1)
    (node.config / "launcher.pem").chmod(0o640)
    node.start()
    node.wait_status("Error reading launcher key")


def test_what_is_no_rsa_key_keeps_a_node_off(make_node: Make) -> None:
    node = make_node(1)
    node.write("launcher.pem", "not a key\n", 0o600)
    node.start()
    node.wait_status("Error reading launcher key")


def test_launcher_files_that_are_no_pair_keep_a_node_off(make_node: Make, tmp_path: pathlib.Path) -> None:
    node = make_node(1)
    node.write("launcher.pub", make_launcher_pair(tmp_path)[1])
    node.start()
    node.wait_status("Invalid launcher key")


def test_another_launcher_pair_than_the_clusters_keeps_a_node_off(make_node: Make, tmp_path: pathlib.Path) -> None:
    first, second = make_node(1), make_node(2, pair=make_launcher_pair(tmp_path))
    first.start()
    first.wait_online()
    second.start()
    second.wait_status("Invalid launcher key")


def test_a_name_that_does_not_resolve_keeps_a_node_off(make_node: Make) -> None:
    node = make_node(1)
    node.write("load-balancer", "www-host-name=no-such-host.invalid\n")
    node.start()
    wait_until(lambda: statuses(node) == {"no-such-host.invalid": "Failed to resolve"}, node.log)
    assert node.rows()[0]["IPv4"] == ""


def test_the_licence_caps_the_nodes(make_node: Make) -> None:
    first, second = make_node(1), make_node(2)
    for node in (first, second):
        assert node.run("license-manager", "activate", "AAAA-BBBB-nodes-1").returncode == 0
    first.start()
    first.wait_online()
    second.start()
    second.wait_status("Invalid license")


def test_another_protocol_than_the_clusters_refuses_to_start(make_node: Make, tmp_path: pathlib.Path) -> None:
    first, second = make_node(1), make_node(2)
    first.start()
    first.wait_online()
    second.write_options(ssl_enabled="1")
    assert "The cluster's protocol is http, this node's is https" in second.refusal()


def test_after_all_left_the_next_starter_defines_the_keys(make_node: Make) -> None:
    first, second = make_node(1), make_node(2, key=OTHER_KEY)
    first.start()
    first.wait_online()
    first.stop()
    second.start()
    second.wait_online()
    first.start()
    first.wait_status("Invalid secure cookie key")


def test_a_killed_node_stays_online_and_blocks_new_keys(make_node: Make) -> None:
    first, second = make_node(1), make_node(2, key=OTHER_KEY)
    first.start()
    first.wait_online()
    first.stop(how=signal.SIGKILL)
    second.start()
    second.wait_status("Invalid secure cookie key")
    assert statuses(second)[f"{NET}.1"] == "Online"


def test_reset_cluster_lets_a_running_cluster_take_new_keys(make_node: Make) -> None:
    first, second = make_node(1), make_node(2)
    for node in (first, second):
        node.start()
        node.wait_online()
    assert first.admin("reset-cluster").returncode == 0
    first.write("secure-cookie-key", OTHER_KEY, 0o600)
    first.stop()
    first.start()
    first.wait_online()
    second.stop()
    second.start()
    second.wait_status("Invalid secure cookie key")


def test_a_node_that_does_not_check_in_is_shown_as_such(make_node: Make, database: Postgres) -> None:
    node = make_node(1)
    node.start()
    node.wait_online()
    node.stop(how=signal.SIGKILL)
    database.run("UPDATE node SET last_seen = '2024-Jan-05 16:49:17'", "workbench")
    assert statuses(node) == {f"{NET}.1": "Missed check-in"}


def test_nodes_check_in_as_often_as_the_environment_file_says(make_node: Make, database: Postgres) -> None:
    node = make_node(1)
    (node.root / "etc/default/rstudio-server").write_text("FAKE_WORKBENCH_HEARTBEAT_SECONDS=1\n")
    node.start()
    node.wait_online()
    database.run("UPDATE node SET last_seen = '2024-Jan-05 16:49:17'", "workbench")
    node.wait_online()


def test_a_server_keeps_as_many_connections_as_database_conf_says(make_node: Make, database: Postgres) -> None:
    node = make_node(1)
    node.write("database.conf", (node.config / "database.conf").read_text() + "pool-size=3\n", 0o600)
    node.start()
    node.wait_online()
    assert database.run(CONNECTIONS) == [(3,)]


def test_connections_that_the_database_ended_are_made_anew(make_node: Make, database: Postgres) -> None:
    node = make_node(1)
    node.start()
    node.wait_online()
    database.run(f"SELECT pg_terminate_backend(pid) FROM ({PIDS}) AS ours")
    node.stop()
    assert statuses(node) == {f"{NET}.1": "Offline"}


def test_delete_node_on_exit_removes_the_row(make_node: Make) -> None:
    first, second = make_node(1), make_node(2)
    second.write("load-balancer", f"www-host-name={NET}.2\ndelete-node-on-exit=1\n")
    for node in (first, second):
        node.start()
        node.wait_online()
    second.stop()
    assert list(statuses(first)) == [f"{NET}.1"]


def test_delete_node(make_node: Make) -> None:
    first, second = make_node(1), make_node(2)
    assert "must be run from an active node" in first.admin("delete-node", "1").stderr
    for node in (first, second):
        node.start()
        node.wait_online()
    second.stop()
    done = first.admin("delete-node", "2")
    assert (done.returncode, done.stdout) == (0, "Node 2 deleted.\n")
    assert list(statuses(first)) == [f"{NET}.1"]
    assert first.admin("delete-node", "2").returncode == 1


def test_the_documents_last_resort_sql_is_survived(make_node: Make, database: Postgres) -> None:
    node = make_node(1)
    node.start()
    node.wait_online()
    node.stop(how=signal.SIGKILL)
    database.run("DELETE FROM node; DELETE FROM cluster;", "workbench")
    node.start()
    node.wait_online()


def test_the_later_release_updates_the_schema_and_the_earlier_leaves_it(
    make_node: Make, database: Postgres, installs: dict[str, pathlib.Path]
) -> None:
    node = make_node(1)
    new = node.install
    seen = []
    for install in (installs["2026.04.0+526.pro2"], new, installs["2026.04.0+526.pro2"]):
        node.install = install
        node.start()
        node.wait_online()
        node.stop()
        seen += database.run("SELECT current_version, release_name FROM schema_version", "workbench")
    assert seen == [
        ("20260210090000000000000", "Globemaster Allium"),
        ("20260512090000000000000", "Pacific Dogwood"),
        ("20260512090000000000000", "Pacific Dogwood"),
    ]


def test_encrypted_password(make_node: Make) -> None:
    node = make_node(1)
    sealed = node.admin("encrypt-password", given=PASSWORD + "\n").stdout.strip()
    conf = node.config / "database.conf"
    conf.write_text(conf.read_text().replace(PASSWORD, sealed))
    node.start()
    node.wait_online()
    assert "plain text" not in node.log()


def test_the_mode_of_database_conf_is_repaired_with_a_warning(make_node: Make) -> None:
    node = make_node(1)
    (node.config / "database.conf").chmod(0o644)
    node.start()
    node.wait_online()
    assert (node.config / "database.conf").stat().st_mode & 0o777 == 0o600
    assert "its mode is set to 0600" in node.log()


def test_sqlite_alone_needs_no_cluster(make_node: Make) -> None:
    node = make_node(1, key=None, pair=None)
    node.write_options(load_balancing_enabled="0")
    node.write("database.conf", f"directory={node.root}/sqlite\n", 0o600)
    node.start()
    node.wait_running()
    assert len((node.root / "var/lib/rstudio-server/secure-cookie-key").read_bytes()) == 32
    assert (node.config / "launcher.pem").stat().st_mode & 0o777 == 0o600
    assert node.admin("list-nodes").returncode == 1
    assert node.admin("add-user", "alice", "1").returncode == 0
    assert node.admin("list-users").stdout == "alice  active  admin\n"


def launcher_off_without_r(node: Node) -> None:
    """The server then starts sessions itself."""
    (node.root / "usr/bin/R").unlink()
    node.write_options(launcher_sessions_enabled="0")


REFUSALS: dict[str, tuple[t.Callable[[Node], object], str]] = {
    "unknown key": (lambda node: node.write_options(www_prot="1"), "rserver.conf: unrecognised option 'www-prot'"),
    "SQLite": (lambda node: node.write("database.conf", ""), "Load balancing requires a PostgreSQL database"),
    "wrong password": (
        lambda node: node.write(
            "database.conf", (node.config / "database.conf").read_text().replace(PASSWORD, "wrong")
        ),
        'password authentication failed for user "workbench"',
    ),
    "no server": (
        lambda node: node.write("database.conf", "provider=postgresql\nhost=127.0.0.1\nport=1\npassword=x\n"),
        "Unable to connect to the database: .*refused",
    ),
    "no connection left for all of its pool": (
        lambda node: node.write(
            "database.conf", (node.config / "database.conf").read_text() + "pool-size=200\n", 0o600
        ),
        "Error allocating database connection: [0-9]+ with pool-size: 200: .*(too many clients|reserved)",
    ),
    "bad provider": (
        lambda node: node.write("database.conf", "provider=oracle\n"),
        "Invalid database provider specified",
    ),
    "short key": (
        lambda node: node.write("secure-cookie-key", "short", 0o600),
        "secure-cookie-key specified is not strong",
    ),
    "empty key": (lambda node: node.write("secure-cookie-key", "", 0o600), "secure-cookie-key is empty"),
    "no storage": (lambda node: node.write_options(server_shared_storage_path="/nonexistent"), "does not exist"),
    "closed storage": (lambda node: node.shared.chmod(0o755), r"must be writable by all and sticky \(1777\), not 755"),
    "no service user": (lambda node: node.write_options(server_user="nobody-here"), "'nobody-here' does not exist"),
    "no launcher address": (lambda node: node.write_options(launcher_address=""), "launcher-address must be set"),
    "no R": (
        lambda node: (node.root / "usr/bin/R").unlink(),
        r"Unable to find an installation of R on the system .*; Unable to locate R binary by scanning",
    ),
    "no R where it is named": (
        lambda node: node.write_options(rsession_which_r="/nonexistent/bin/R"),
        r"R binary does not exist \(/nonexistent/bin/R\)",
    ),
    "no R, and the launcher is off": (launcher_off_without_r, "Unable to find an installation of R"),
    "unknown balancer": (lambda node: node.write("load-balancer", "balancer=best\n"), "invalid balancer 'best'"),
    "no certificate": (
        lambda node: node.write_options(ssl_enabled="1", ssl_certificate="/nonexistent", www_port="8787"),
        "Unable to use the certificate /nonexistent",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refuses_to_start(make_node: Make, case: str) -> None:
    node = make_node(1)
    spoil, words = REFUSALS[case]
    spoil(node)
    refusal = node.refusal()
    assert re.search(words, refusal)
    assert PASSWORD not in refusal + node.log()


PLACES = {
    "the vendor's build": lambda node: node.plant_r("opt/R/4.4.1/bin/R"),
    "below lib64": lambda node: node.plant_r("usr/lib64/R/bin/R"),
    "named": lambda node: node.write_options(rsession_which_r=str(node.plant_r("apps/R/bin/R"))),
    "in r-versions": lambda node: node.write("r-versions", f"{node.plant_r('apps/R/bin/R').parents[1]}\n"),
    "in r-versions, with a label": lambda node: node.write(
        "r-versions", f"Path: {node.plant_r('apps/R/bin/R').parents[1]}\nLabel: Ours\n"
    ),
    "nowhere, but sessions run elsewhere": lambda node: node.write(
        "launcher.conf", f"[server]\naddress={node.address}\nserver-user=root\n[cluster]\nname=K\ntype=Kubernetes\n"
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_starts_with_an_r(make_node: Make, place: str) -> None:
    node = make_node(1)
    (node.root / "usr/bin/R").unlink()
    PLACES[place](node)
    node.start()
    node.wait_online()


def test_launcher_settings_that_differ_are_logged_as_errors(make_node: Make) -> None:
    node = make_node(1)
    node.write_options(launcher_use_ssl="1", launcher_port="5560")
    node.start()
    node.wait_online()
    assert "launcher-port is 5560, but launcher.conf has port=5559" in node.log()
    assert "launcher-use-ssl of rserver.conf and enable-ssl of launcher.conf differ" in node.log()


def test_no_secret_is_logged(make_node: Make, launcher_pair: tuple[str, str]) -> None:
    node = make_node(1)
    node.start()
    node.start("rstudio-launcher")
    node.wait_online()
    node.wait_launcher()
    node.session("start")
    words = node.stop() + node.stop("rstudio-launcher") + node.log()
    for secret in (KEY.strip(), PASSWORD, launcher_pair[0].splitlines()[1]):
        assert secret not in words
