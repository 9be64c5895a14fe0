# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A single server with SQLite that has users: refused, migrated by hand as documented, then the first node of a cluster."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

if t.TYPE_CHECKING:
    from conftest import Lab

NODES = ["fault1", "fault2", "fault3"]
SQLITE = "/var/lib/rstudio-server/rstudio.sqlite"
# The inventory's cluster under other names: the server's own users and a database beside the first cluster's.
OURS: dict[str, t.Any] = {"accounts_users": [{"name": "dora"}], "database_name": "single", "database_user": "single"}


@pytest.fixture(scope="module")
def site(lab: Lab, root: Path) -> t.Callable[..., t.Any]:
    def run(*argv: str) -> t.Any:
        inventory = root / "molecule" / "faults" / "inventory" / "hosts.yml"
        return lab.playbook(root / "playbooks" / "site.yml", *argv, inventory=inventory, extra=OURS)

    return run


def test_site_refuses_a_server_with_data_in_sqlite(lab: Lab, site: t.Any, single: dict[str, str]) -> None:
    found = "sha256sum /etc/rstudio/* /etc/passwd; sqlite=$(stat -c %i " + SQLITE + "); echo $sqlite; pgrep -l rsession"
    before = lab.sh("fault1", found)
    run = site()
    assert run.rc != 0
    assert "migrate-db" in run.output
    assert run.changed == 0, run.output[-6000:]
    assert lab.sh("fault1", found) == before


def migrate_by_hand(lab: Lab) -> str:
    """Admin Guide, Database / Migration: an empty database, stop, database.conf, migrate-db, start. Returns what it said."""
    psql = 'cd / && runuser -u postgres -- psql -q -c "{}"'
    lab.sh("faultdb", psql.format("CREATE ROLE single LOGIN PASSWORD 'by-hand'"))
    lab.sh("faultdb", psql.format("CREATE DATABASE single OWNER single"))
    rule = "host single single 10.203.0.51/32 scram-sha-256"
    lab.sh("faultdb", f"echo '{rule}' >> /etc/postgresql/15/main/pg_hba.conf && systemctl reload postgresql")
    lab.sh("fault1", "rstudio-server stop")
    settings = "provider=postgresql\nhost=10.203.0.54\ndatabase=single\nusername=single\n"
    lab.sh("fault1", "cat >> /etc/rstudio/database.conf", stdin=settings)
    lab.sh(
        "fault1",
        "echo password=$(echo by-hand | rstudio-server encrypt-password) >> /etc/rstudio/database.conf && "
        "chown root:root /etc/rstudio/database.conf && chmod 600 /etc/rstudio/database.conf",
    )
    said = lab.sh("fault1", "rstudio-server migrate-db")
    lab.sh("fault1", "rstudio-server start")
    return str(said)


def test_after_the_migration_it_becomes_the_first_node_of_a_cluster(
    lab: Lab, site: t.Any, single: dict[str, str]
) -> None:
    assert "Migrated 1 rows of licensed_users" in migrate_by_hand(lab)
    run = site()
    assert run.rc == 0, run.output[-6000:]
    assert lab.sh("fault3", "rstudio-server list-nodes").count("  Online  ") == 3
    keys = lab.each(NODES, "sha256sum < /etc/rstudio/secure-cookie-key")
    assert set(keys.values()) == {single["key"]}, "the key it had is the cluster's"
    assert lab.sh("fault2", "id -u dora").strip() == "1701"
    assert "dora" in lab.sh("fault3", "rstudio-server list-users")
    joined = json.loads(lab.sh("fault2", "/usr/lib/rstudio-server/bin/fake-session join dora"))
    assert joined["id"] == single["session"]
    assert site().changed == 0
