# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that others use: what is added there, what stays, and what is refused. The tests go on from each other."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

if t.TYPE_CHECKING:
    from conftest import Lab

NODES = ["dbn1", "dbn2"]
STRANGER = "dbn3"
DIRECTORY = "/etc/postgresql/15/main"
HBA = f"{DIRECTORY}/pg_hba.conf"
# What sorting would break: a reject above a broad rule, comments, blank lines, a line of Windows', none at the end.
FOREIGN = (
    "# Rules of the ERP team. Do not touch.\n"
    "local   all   postgres   peer\n"
    "\n"
    "local   all   all        peer\n"
    "  host  erp   erp        10.203.0.62/32  reject   # dbn1 had its chance\n"
    "host    all   all        10.203.0.0/24   md5\r\n"
    "\t\n"
    "# the end, without a newline: host all all all reject"
)
PASSWORD = "erp-secret"


# What the role does to the server, and how a plan begins to tell of it.
DEEDS = {
    "Packages | Install what is missing": "package",
    "PostgreSQL | Run it": "unit",
    "Set up | Set what a restart puts in force": "settings",
    "Set up | Make the role": "role",
    "Set up | Make the database": "database",
    "Access | Keep the rules as they were found": "copy",
    "Access | Write rules of our own": "rules",
    "Set up | Put the rules in force": "reload",
    "Set up | Restart": "restart",
}
PROMISES = {
    "pg_hba.conf.before-workbench-cluster": "copy",
    "pg_hba:": "rules",
    "pg_hba": "rules",
    "postgresql.service": "unit",
    "PostgreSQL": "unit",
    "listen_addresses": "settings",
    "max_connections": "settings",
}


def deeds(done: list[dict[str, t.Any]]) -> set[tuple[str, str]]:
    """What the roles changed, by host: on the database server by task."""
    by_role = ((deed["host"], deed["role"], deed["task"]) for deed in done if deed["role"])
    return {(host, DEEDS[task] if role == "database" else role) for host, role, task in by_role}


def promises(announced: list[dict[str, t.Any]]) -> set[tuple[str, str]]:
    """What a plan announced, in the same words."""
    return {(change["host"], topic) for change in announced for topic in topics(change)}


def topics(change: dict[str, t.Any]) -> list[str]:
    if change["role"] != "database":
        return [change["role"]]
    word = change["what"].split()[0]
    found = [] if change["why"] == "not in force" else [PROMISES.get(word, word)]
    return found + ["reload"] * (change["interrupts"] == "reload") + ["restart"] * bool(change["restarts"])


class Server:
    """The database server, its other users, and a cluster."""

    def __init__(self, lab: Lab, root: Path) -> None:
        self.lab, self.here = lab, root / "molecule" / "database"

    def sh(self, command: str, **options: t.Any) -> str:
        return str(self.lab.sh("dba1", command, **options))

    def sql(self, sql: str, database: str = "postgres") -> str:
        command = f"runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -d {database}"
        return self.sh(command, stdin=sql).strip()

    def rules(self, path: str = HBA) -> str:
        """The file as it is, byte for byte (ASCII)."""
        return bytes.fromhex(self.sh(f"od -An -v -tx1 {path}")).decode("ascii")

    def state(self) -> tuple[str, ...]:
        """All that a refused run leaves as it is."""
        return (
            self.rules(),
            self.sql("SELECT rolname, rolpassword FROM pg_authid ORDER BY 1"),
            self.sql("SELECT datname, datdba FROM pg_database ORDER BY 1"),
            self.sh(f"cat /var/lib/postgresql/15/main/postgresql.auto.conf; ls -A {DIRECTORY}"),
            self.sql("SELECT pg_postmaster_start_time()"),
        )

    def login(self, node: str, user: str, password: str, database: str) -> str:
        """`in`, or PostgreSQL's words."""
        uri = f"host=dba1 user={user} dbname={database} connect_timeout=5"
        return str(
            self.lab.sh(node, f'PGPASSWORD=$(cat) psql -XAtc "SELECT \'in\'" "{uri}" 2>&1 || true', stdin=password)
        ).strip()

    def run(self, *argv: str, **extra: t.Any) -> t.Any:
        """Plan, then act. What was announced is what was then done."""
        inventory = self.here / "inventory" / "hosts.yml"
        run = self.lab.playbook(self.here / "planned.yml", "--tags=database", *argv, inventory=inventory, extra=extra)
        if run.rc == 0:
            assert deeds(run.deeds) == promises(run.plans), (run.plans, run.output)
        return run


@pytest.fixture(scope="module")
def server(lab: Lab, root: Path) -> Server:
    """A server with another team's database, which listens to itself only, lets two in and was told to use MD5."""
    made = Server(lab, root)
    for node in (*NODES, STRANGER):
        lab.sh(node, "apt-get install -qqy postgresql-client >/dev/null 2>&1")
        lab.sh(node, "rm -rf /etc/rstudio")
    # A fresh server was built by the scenario's converge; now it is one that we never saw.
    for sql in ("DROP DATABASE rstudio", "DROP ROLE rstudio", "ALTER SYSTEM RESET ALL"):
        made.sql(sql)
    made.sql("ALTER SYSTEM SET password_encryption = md5")
    made.sql("ALTER SYSTEM SET max_connections = 5")
    made.sh(f"rm {HBA}.before-workbench-cluster && systemctl restart postgresql@15-main")
    made.sql(f"SET password_encryption = 'scram-sha-256'; CREATE ROLE erp LOGIN PASSWORD '{PASSWORD}'")
    made.sql("CREATE DATABASE erp OWNER erp")
    made.sh(f"cat > {HBA}", stdin=FOREIGN)
    made.sql("SELECT pg_reload_conf()")
    return made


def test_a_restart_under_others_is_asked_for_by_name(server: Server) -> None:
    before = server.state()
    run = server.run()
    assert run.rc != 0
    refused = " ".join(run.output.split())
    for words in (
        "listens on localhost",
        "lets 2 connections in (max_connections=5, of which 3 are reserved), and 2 nodes need",
        "the database erp and the role erp",
        "database_restart=true (listen_addresses becomes *)",
        "database_restart=true (max_connections becomes 100)",
    ):
        assert words in refused
    assert server.state() == before
    assert "secure-cookie-key" not in server.lab.sh("dbn1", "ls /etc/rstudio 2>/dev/null || true")


def test_rules_of_others_stay_byte_for_byte(server: Server) -> None:
    run = server.run(database_restart=True, database_password="workbench-secret")
    assert run.rc == 0, run.output
    block, rest = server.rules()[: -len(FOREIGN)], server.rules()[-len(FOREIGN) :]
    assert rest == FOREIGN
    assert [line.split() for line in block.splitlines() if not line.startswith("#")] == [
        ["host", '"rstudio"', '"rstudio"', f"10.203.0.{last}/32", "scram-sha-256"] for last in (62, 63)
    ]
    assert server.rules(f"{HBA}.before-workbench-cluster") == FOREIGN
    owner = server.sh(f"stat -c '%U:%G %a' {HBA} {HBA}.before-workbench-cluster").splitlines()
    assert owner == ["postgres:postgres 640"] * 2
    assert server.sh(f"ls {DIRECTORY} | grep -c pg_hba").strip() == "2"


def test_each_gets_what_the_rules_say(server: Server) -> None:
    for node in NODES:
        assert server.login(node, "rstudio", "workbench-secret", "rstudio") == "in"
        assert "password authentication failed" in server.login(node, "rstudio", "wrong", "rstudio")
    assert "pg_hba.conf rejects" in server.login("dbn1", "erp", PASSWORD, "erp")
    assert server.login("dbn2", "erp", PASSWORD, "erp") == "in"
    assert server.login(STRANGER, "erp", PASSWORD, "erp") == "in"


def test_settings_of_others_stay(server: Server) -> None:
    assert server.sql("SHOW password_encryption") == "md5"
    assert server.sql("SELECT left(rolpassword, 13) FROM pg_authid WHERE rolname = 'rstudio'") == "SCRAM-SHA-256"
    assert (server.sql("SHOW listen_addresses"), server.sql("SHOW max_connections")) == ("*", "100")


def test_a_second_run_changes_nothing(server: Server) -> None:
    before = server.state()
    run = server.run(database_password="workbench-secret")
    assert run.rc == 0, run.output
    assert run.changed == 0
    assert server.state() == before


def test_another_cluster_with_the_same_names_is_refused(server: Server) -> None:
    """With a password of its own, and without one: the role is the first cluster's."""
    server.sql("SET ROLE rstudio; CREATE TABLE schema_version (current_version text)", "rstudio")
    before = server.state()
    for extra in ({}, {"database_password": "of-the-other"}):
        run = server.run(workbench_cluster="other", **extra)
        assert run.rc != 0
        for words in ("The role rstudio is on dba1 already", "database_user", "database_password"):
            assert words in run.output
        assert server.state() == before
        assert server.lab.sh(STRANGER, "ls /etc/rstudio 2>/dev/null || true") == ""


def test_another_cluster_with_names_of_its_own_has_rules_of_its_own(server: Server) -> None:
    run = server.run(workbench_cluster="other", database_name="staging", database_user="staging")
    assert run.rc == 0, run.output
    assert server.rules().endswith(FOREIGN)
    assert server.rules().count("BEGIN Ansible (workbench.cluster)") == 2
    assert server.login("dbn1", "rstudio", "workbench-secret", "rstudio") == "in"
    # The password was made of the cookie key, and no database.conf was written yet: the run was cut off here.
    again = server.run(workbench_cluster="other", database_name="staging", database_user="staging")
    assert (again.rc, again.changed) == (0, 0), again.output


def test_a_database_of_others_is_refused(server: Server) -> None:
    server.sql("CREATE TABLE orders ();", "erp")
    before = server.state()
    run = server.run(workbench_cluster="other", database_name="erp", database_user="another")
    assert run.rc != 0
    assert "The database erp on dba1 holds orders, and not Workbench's schema_version" in " ".join(run.output.split())
    assert server.state() == before


def test_a_node_that_left_is_let_in_no_more(server: Server) -> None:
    run = server.run(database_password="workbench-secret", database_clients=["10.203.0.62"])
    assert run.rc == 0, run.output
    assert server.rules().endswith(FOREIGN)
    assert server.login("dbn1", "rstudio", "workbench-secret", "rstudio") == "in"
    # The broad rule of the others lets it in with MD5's method, as anybody: ours would be SCRAM.
    assert "10.203.0.63/32" not in server.rules()


def test_rules_postgresql_would_refuse_do_not_stay(server: Server) -> None:
    """Neither ours (the rules that catch them before are left out), nor are others' put in force."""
    before = server.state()
    run = server.run(
        database_password="workbench-secret", database_clients=["10.203.0.0/255.255.255.0"], database_entry="postgresql"
    )
    assert run.rc != 0
    assert "is as it was" in run.output
    assert server.state() == before
    server.sh(f"cp -p {HBA} /root/hba && printf '\\nhost all all nonsense\\n' >> {HBA}")
    before = server.state()
    run = server.run(database_password="workbench-secret")
    assert run.rc != 0
    assert f"{HBA}, line" in run.output
    assert server.state() == before
    server.sh(f"cp -p /root/hba {HBA}")


def test_what_others_changed_comes_in_force_by_a_run_and_not_by_a_check(server: Server) -> None:
    loaded = server.sql("SELECT pg_conf_load_time()")
    server.sh(f"touch {HBA}")
    run = server.run("--check", database_password="workbench-secret", database_clients=["10.203.0.62"])
    assert run.rc == 0, run.output
    assert "not in force" in run.output
    assert server.sql("SELECT pg_conf_load_time()") == loaded
    run = server.run(database_password="workbench-secret", database_clients=["10.203.0.62"])
    assert (run.rc, run.changed) == (0, 1), run.output
    assert server.sql("SELECT pg_conf_load_time()") != loaded


def test_a_stopped_server_is_announced_and_started(server: Server) -> None:
    server.sh("systemctl stop postgresql")
    run = server.run("--check", database_password="workbench-secret", database_clients=["10.203.0.62"])
    assert run.rc == 0, run.output
    assert "does not run" in run.output
    assert server.sh("systemctl is-active postgresql || true").strip() == "inactive"
    server.sh("systemctl start postgresql")


def test_marks_that_are_no_pair_are_refused(server: Server) -> None:
    """Between a mark that is left and that of a new block the rules of others would go."""
    server.sh(f"cp -p {HBA} /root/hba && sed -i '/# END Ansible.*role rstudio/d' {HBA}")
    before = server.state()
    run = server.run(database_password="workbench-secret", database_clients=["10.203.0.62"])
    assert run.rc != 0
    assert "are not one pair" in run.output
    assert server.state() == before
    server.sh(f"cp -p /root/hba {HBA}")


def test_no_secret_is_shown(server: Server) -> None:
    run = server.run("-vvv", "--diff", database_password="workbench-secret", database_clients=["dbn1", "dbn2"])
    assert run.rc == 0, run.output
    assert "workbench-secret" not in run.output.replace('"database_password": "workbench-secret"', "")
    assert "SCRAM-SHA-256$" not in run.output
