# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How nodes reach their database: encrypted, by certificate, on a server of others. The tests go on from each other."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

if t.TYPE_CHECKING:
    from conftest import Lab

NODES = ["opt1", "opt2"]
BY_CERTIFICATE = {
    "database_tls": "verify-ca",
    "database_authentication": "certificate",
    "database_client_certificate": "/etc/ssl/database/rstudio.crt",
    "database_client_key": "/etc/ssl/database/rstudio.key",
}
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
    password = "password=not-secret-in-a-lab"
    return str(lab.sh("opt1", read, stdin=f"{uri} {password}")).strip()


def lines(run: t.Any, what: str) -> list[str]:
    return [line for line in run.output.splitlines() if what in line]


def test_the_nodes_are_connected_by_tls_and_check_the_servers_name(lab: Lab) -> None:
    assert online(lab) == 2
    assert "SSL enabled (protocol=TLSv1.3" in connected(lab)
    for node in NODES:
        conf = lab.sh(node, "cat /etc/rstudio/database.conf")
        assert "connection-uri=postgresql://rstudio@optdb:5432/rstudio?sslmode=verify-full" in conf
        assert "pool-size=4" in conf
        assert "not-secret-in-a-lab" not in conf
    assert sql(lab, "SELECT count(*) FROM workbench.node", "rstudio") == "2"


def test_without_tls_nobody_is_let_in(lab: Lab) -> None:
    """Whatever rules of others say further below."""
    hba = "/etc/postgresql/15/main/pg_hba.conf"
    lab.sh("optdb", f"echo 'host all all 10.203.0.0/24 scram-sha-256' >> {hba} && systemctl reload postgresql")
    assert "rejects connection" in login(lab, "sslmode=disable")
    assert login(lab, "sslmode=require") == "in"


def test_a_second_run_changes_nothing(run: t.Any) -> None:
    done = run("site")
    assert (done.rc, done.changed) == (0, 0), done.output[-6000:]


def test_a_renewed_certificate_is_put_in_force_by_a_reload(lab: Lab, run: t.Any) -> None:
    started = sql(lab, "SELECT pg_postmaster_start_time()")
    new = "req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 30 -CA authority.crt -CAkey authority.key"
    names = "-keyout optdb.key -out optdb.crt -subj /CN=optdb -addext subjectAltName=DNS:optdb"
    renewal = f"cd /etc/ssl/database && openssl {new} {names} 2>/dev/null"
    lab.sh("opt1", renewal)
    for name in ("optdb.crt", "optdb.key"):
        lab.sh("optdb", f"cat > /etc/ssl/database/{name}", stdin=lab.sh("opt1", f"cat /etc/ssl/database/{name}"))
    check = run("site", "--check", "--diff")
    assert check.rc == 0, check.output[-6000:]
    assert lines(check, "server.key sha256:")
    assert "PRIVATE KEY" not in check.output
    done = run("site")
    assert done.rc == 0, done.output[-6000:]
    served = (
        "openssl s_client -connect optdb:5432 -starttls postgres </dev/null 2>/dev/null | openssl x509 -noout -serial"
    )
    assert lab.sh("opt1", served) == lab.sh("opt1", "openssl x509 -noout -serial -in /etc/ssl/database/optdb.crt")
    assert sql(lab, "SELECT pg_postmaster_start_time()") == started
    assert run("site").changed == 0


def test_a_certificate_for_another_name_is_refused_before_anything_changes(lab: Lab, run: t.Any) -> None:
    before = lab.each(NODES, "sha256sum /etc/rstudio/database.conf")
    done = run("site", database_host="10.203.0.74")
    assert done.rc != 0
    assert "is for optdb, not for database_host=10.203.0.74" in " ".join(done.output.split())
    done = run("site", **{**BY_CERTIFICATE, "database_client_certificate": "/etc/ssl/database/stranger.crt"})
    assert done.rc != 0
    for words in ("has the common name stranger", "is not the key of /etc/ssl/database/stranger.crt"):
        assert words in " ".join(done.output.split())
    assert done.changed == 0
    assert lab.each(NODES, "sha256sum /etc/rstudio/database.conf") == before


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
    again = run("site", **BY_CERTIFICATE)
    assert (again.rc, again.changed) == (0, 0), again.output[-6000:]


def test_verify_proves_it(lab: Lab, run: t.Any, tmp_path: Path) -> None:
    """And sees a server that asks for nothing: here the rule of others, put first by hand."""
    extra = {**BY_CERTIFICATE, "verify_report_dir": str(tmp_path), "verify_lock_types": ["linkbased"]}
    run("verify", **extra)
    assert "by TLSv1.3 and its certificate" in finding(tmp_path, "pass")


def finding(folder: Path, verdict: str) -> str:
    report = json.loads(next(folder.rglob("report.json")).read_text())
    (found,) = (item for item in report["requirements"] if item["id"] == "database")
    assert found["verdict"] == verdict, found
    return " ".join(f"{one['what']} {one['measured']}" for one in found["findings"])


def test_a_server_of_others_is_looked_at_before_the_first_change(lab: Lab, run: t.Any) -> None:
    """The same server, as if its admins had made it: what it lacks is said at once, and nothing is changed."""
    sql(lab, "CREATE DATABASE shop OWNER rstudio")
    sql(lab, "SET ROLE rstudio; CREATE TABLE apps (); CREATE TABLE schema_version (version text)", "shop")
    sql(lab, "CREATE DATABASE others; GRANT CONNECT ON DATABASE others TO rstudio")
    hba = "/etc/postgresql/15/main/pg_hba.conf"
    lab.sh(
        "optdb",
        f"sed -i '1i hostssl shop,others,rstudio rstudio 10.203.0.0/24 scram-sha-256' {hba} && systemctl reload postgresql",
    )
    before = lab.each(NODES, "sha256sum /etc/rstudio/*; sha256sum /etc/workbench.cluster/database/*")
    theirs: dict[str, t.Any] = {"database_manage": False, "database_schema": ""}
    for extra, words in (
        ({"database_name": "shop"}, "holds apps, schema_version, and not Workbench's schema_version"),
        ({"database_name": "others"}, "is postgres's, and Workbench logs in as rstudio"),
        ({"database_name": "nowhere"}, "as rstudio: PostgreSQL refuses the login"),
        ({"database_schema": "elsewhere"}, "The schema elsewhere is not in the database"),
        ({"database_password": "another"}, "password authentication failed"),
        ({"database_port": 5499}, "cannot reach the database server at optdb:5499"),
        ({"database_tls_authority": "/etc/ssl/database/stranger.crt"}, "the server's certificate does not do"),
    ):
        done = run("site", "--tags=server", **{**theirs, **extra})
        assert done.rc != 0, extra
        assert words in " ".join(done.output.split()), (extra, done.output[-3000:])
        assert done.changed == 0
    assert lab.each(NODES, "sha256sum /etc/rstudio/*; sha256sum /etc/workbench.cluster/database/*") == before


def test_another_products_database_is_never_built_into(lab: Lab, run: t.Any) -> None:
    tables = "SELECT string_agg(relname || relowner, ',' ORDER BY relname) FROM pg_class WHERE relkind = 'r'"
    before = sql(lab, tables, "shop")
    done = run("site", database_name="shop")
    assert done.rc != 0
    assert "it is another product's" in " ".join(done.output.split())
    assert (done.changed, sql(lab, tables, "shop")) == (0, before)


def test_a_server_of_others_is_used_when_it_fits(lab: Lab, run: t.Any) -> None:
    """Back to a password, which the role never lost, by TLS."""
    done = run("site", database_manage=False)
    assert done.rc == 0, done.output[-6000:]
    assert online(lab) == 2
    assert "SSL enabled (protocol=TLSv1.3" in connected(lab)
