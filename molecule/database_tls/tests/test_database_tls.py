# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How nodes reach their database: encrypted, by certificate, on a server of others. The tests go on from each other."""

from __future__ import annotations

import json
import subprocess
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product.login import read_login
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_conf import login_question
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_login import login_problems

if t.TYPE_CHECKING:
    from conftest import Lab

NODES = ["opt1", "opt2"]
BY_CERTIFICATE = {
    "database_tls": "verify-ca",
    "database_authentication": "certificate",
    "database_client_certificate": "/etc/ssl/database/rstudio.crt",
    "database_client_key": "/etc/ssl/database/rstudio.key",
}
PASSWORD = "not-secret-in-a-lab"
LOG = "/var/log/postgresql/postgresql-15-main.log"


@pytest.fixture(scope="module")
def run(lab: Lab, root: Path) -> t.Callable[..., t.Any]:
    """Run a playbook on the cluster of the scenario."""

    def play(name: str, *argv: str, **extra: t.Any) -> t.Any:
        inventory = root / "molecule" / "database_tls" / "inventory" / "hosts.yml"
        return lab.playbook(root / "playbooks" / f"{name}.yml", *argv, inventory=inventory, extra=extra)

    return play


def sql(lab: Lab, statement: str, database: str = "postgres") -> str:
    return str(
        lab.sh("optdb", f"runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -d {database}", stdin=statement)
    ).strip()


def connected(lab: Lab) -> str:
    """How Workbench of a node last logged in, in PostgreSQL's words."""
    sql(lab, "ALTER SYSTEM SET log_connections = on")
    sql(lab, "SELECT pg_reload_conf(), pg_sleep(1)")
    lab.sh("opt2", "rstudio-server list-nodes")
    return str(
        lab.sh("optdb", f"grep -E 'connection (authenticated|authorized)' {LOG} | grep -v user=postgres | tail -2")
    )


def online(lab: Lab) -> int:
    return int(lab.sh("opt1", "rstudio-server list-nodes").count("  Online  "))


def login(lab: Lab, parameters: str) -> str:
    """`in`, or PostgreSQL's words, for a login of the role from a node with its password."""
    uri = f"host=optdb user=rstudio dbname=rstudio connect_timeout=5 {parameters}"
    read = "/usr/bin/python3 -c \"import psycopg2, sys; psycopg2.connect(sys.stdin.read()); print('in')\" 2>&1 || true"
    return str(lab.sh("opt1", read, stdin=f"{uri} password={PASSWORD}")).strip()


def words(run: t.Any) -> str:
    return " ".join(run.output.split())


def here(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    """A command on the controller, for code that a node has."""
    done = subprocess.run(argv, input=data, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_the_nodes_are_connected_by_tls_and_check_the_servers_name(lab: Lab) -> None:
    assert online(lab) == 2
    assert "SSL enabled (protocol=TLSv1.3" in connected(lab)
    for node in NODES:
        conf = lab.sh(node, "cat /etc/rstudio/database.conf")
        assert "connection-uri=postgresql://rstudio@optdb:5432/rstudio?sslmode=verify-full" in conf
        assert "pool-size=4" in conf
        assert PASSWORD not in conf
    assert sql(lab, "SELECT count(*) FROM workbench.node", "rstudio") == "2"


def test_without_tls_nobody_is_let_in(lab: Lab) -> None:
    """Whatever rules of others say further below."""
    hba = "/etc/postgresql/15/main/pg_hba.conf"
    lab.sh("optdb", f"echo 'host all all 10.203.0.0/24 scram-sha-256' >> {hba} && systemctl reload postgresql")
    assert "rejects connection" in login(lab, "sslmode=disable")
    assert login(lab, "sslmode=require") == "in"


def test_a_renewed_certificate_is_put_in_force_by_a_reload(lab: Lab, run: t.Any) -> None:
    started = sql(lab, "SELECT pg_postmaster_start_time()")
    new = "req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 30 -CA authority.crt -CAkey authority.key"
    names = "-keyout optdb.key -out optdb.crt -subj /CN=optdb -addext subjectAltName=DNS:optdb"
    renewal = f"cd /etc/ssl/database && openssl {new} {names} 2>/dev/null"
    lab.sh("opt1", renewal)
    for name in ("optdb.crt", "optdb.key"):
        lab.sh("optdb", f"cat > /etc/ssl/database/{name}", stdin=lab.sh("opt1", f"cat /etc/ssl/database/{name}"))
    done = run("site", "--diff")
    assert done.rc == 0, done.output[-6000:]
    assert "optdb database server.key sha256:" in words(done)
    assert "PRIVATE KEY" not in done.output
    served = (
        "openssl s_client -connect optdb:5432 -starttls postgres </dev/null 2>/dev/null | openssl x509 -noout -serial"
    )
    assert lab.sh("opt1", served) == lab.sh("opt1", "openssl x509 -noout -serial -in /etc/ssl/database/optdb.crt")
    assert sql(lab, "SELECT pg_postmaster_start_time()") == started
    again = run("site")
    assert (again.rc, again.changed) == (0, 0), again.output[-6000:]


def test_what_cannot_do_is_refused_at_once_before_anything_changes(lab: Lab, run: t.Any) -> None:
    """A certificate for another name, one of a stranger with another's key, and a database of another product."""
    sql(lab, "CREATE DATABASE shop OWNER rstudio")
    sql(lab, "SET ROLE rstudio; CREATE TABLE apps (); CREATE TABLE schema_version (version text)", "shop")
    tables = "SELECT string_agg(relname || relowner, ',' ORDER BY relname) FROM pg_class WHERE relkind = 'r'"
    before = (lab.each(NODES, "sha256sum /etc/rstudio/database.conf"), sql(lab, tables, "shop"))
    full = {**BY_CERTIFICATE, "database_tls": "verify-full", "database_authentication": "both"}
    stranger = {"database_client_certificate": "/etc/ssl/database/stranger.crt", "database_name": "shop"}
    done = run("site", **{**full, **stranger, "database_host": "10.203.0.74"})
    assert done.rc != 0
    for said in (
        "is for optdb, not for database_host=10.203.0.74",
        "has the common name stranger",
        "is not the key of /etc/ssl/database/stranger.crt",
        "holds apps, schema_version, and not Workbench's schema_version: it is another product's",
    ):
        assert said in words(done), done.output[-3000:]
    assert done.changed == 0
    assert (lab.each(NODES, "sha256sum /etc/rstudio/database.conf"), sql(lab, tables, "shop")) == before


def test_by_certificate_no_password_is_left_on_the_nodes(lab: Lab, run: t.Any) -> None:
    done = run("site", **BY_CERTIFICATE)
    assert done.rc == 0, done.output[-6000:]
    assert online(lab) == 2
    said = connected(lab)
    assert 'identity="CN=rstudio" method=cert' in said
    assert "SSL enabled (protocol=TLSv1.3" in said
    for node in NODES:
        assert "password=" not in lab.sh(node, "cat /etc/rstudio/database.conf")
        key = lab.sh(node, "stat -c '%U:%G %a' /etc/workbench.cluster/database/client.key").strip()
        assert key == "rstudio-server:rstudio-server 600"
    assert "certificate" in login(lab, "sslmode=require")


def test_verify_proves_it_and_sees_nothing_left_to_do(run: t.Any, tmp_path: Path) -> None:
    """Of locks, the subject of other scenarios, only the kind that no dead holder is waited for."""
    run("verify", **BY_CERTIFICATE, verify_report_dir=str(tmp_path), verify_lock_types=["advisory"])
    assert "by TLSv1.3 and its certificate" in finding(tmp_path, "database", "pass")
    finding(tmp_path, "inventory", "pass")


def finding(folder: Path, requirement: str, verdict: str) -> str:
    report = json.loads(next(folder.rglob("report.json")).read_text())
    (found,) = (item for item in report["requirements"] if item["id"] == requirement)
    assert found["verdict"] == verdict, found
    return " ".join(f"{one['what']} {one['measured']}" for one in found["findings"])


def test_a_server_of_others_is_looked_at_before_the_first_change(lab: Lab, run: t.Any) -> None:
    """The same server, as if its admins had made it, of whom the nodes trust another authority."""
    before = lab.each(NODES, "sha256sum /etc/rstudio/*; sha256sum /etc/workbench.cluster/database/*")
    stranger = "/etc/ssl/database/stranger.crt"
    done = run("site", "--tags=server", database_manage=False, database_tls_authority=stranger)
    assert done.rc != 0
    assert "the server's certificate does not do" in words(done), done.output[-3000:]
    assert done.changed == 0
    assert lab.each(NODES, "sha256sum /etc/rstudio/*; sha256sum /etc/workbench.cluster/database/*") == before


def test_what_a_server_of_others_lacks_is_said(lab: Lab, tmp_path: Path) -> None:
    """As a node asks it, and the plan judges what it hears; from the controller, for each run would take as long as all."""
    sql(lab, "CREATE DATABASE others; GRANT CONNECT ON DATABASE others TO rstudio")
    hba = "/etc/postgresql/15/main/pg_hba.conf"
    lab.sh(
        "optdb",
        f"sed -i '1i hostssl shop,others,rstudio rstudio 10.203.0.0/24 scram-sha-256' {hba} && systemctl reload postgresql",
    )
    authority = tmp_path / "authority.crt"
    authority.write_text(lab.sh("opt1", "cat /etc/ssl/database/authority.crt"))
    few = "lets 97 connections in (max_connections=100, of which 3 are reserved), and the pools of 2 nodes need 98"
    for variables, password, said in (
        ({}, PASSWORD, ""),
        ({"name": "shop"}, PASSWORD, "holds apps, schema_version, and not Workbench's schema_version"),
        ({"name": "others"}, PASSWORD, "is postgres's, and Workbench logs in as rstudio"),
        ({"name": "nowhere"}, PASSWORD, "as rstudio: PostgreSQL refuses the login"),
        ({"schema": "elsewhere"}, PASSWORD, "The schema elsewhere is not in the database"),
        ({"connections": {"least": 98, "beside": 2}}, PASSWORD, few),
        ({}, "another", "password authentication failed"),
        ({"port": 5499}, PASSWORD, "cannot reach the database server at 10.203.0.74:5499"),
    ):
        asked: t.Any = {
            **{"host": "10.203.0.74", "port": 5432, "name": "rstudio", "user": "rstudio", "schema": ""},
            **{"tls": "verify-ca", "authentication": "password", "tls_authority": str(authority)},
            **{"client_certificate": "", "client_key": "", "connections": {"least": 97, "beside": 2}},
            **variables,
        }
        question = login_question(asked, {}, password, manage=False)
        report: t.Any = {"login": read_login(here, {**question, "reader": "root", "timeout": 5})}
        problems = login_problems(t.cast(t.Any, {**asked, "node": "opt1", "coming": False}), report)
        assert len(problems) == bool(said), problems
        assert said in "".join(problems)


def test_a_server_of_others_is_used_when_it_fits(lab: Lab, run: t.Any) -> None:
    """Back to a password, which the role never lost, by TLS."""
    done = run("site", database_manage=False)
    assert done.rc == 0, done.output[-6000:]
    assert online(lab) == 2
    assert "SSL enabled (protocol=TLSv1.3" in connected(lab)
