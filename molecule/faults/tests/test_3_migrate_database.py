# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A single server with SQLite that has users becomes the first node of a cluster by one playbook, also where that was cut off."""

from __future__ import annotations

import json
import typing as t

import pytest

if t.TYPE_CHECKING:
    from pathlib import Path

    from conftest import Lab

NODES = ["fault1", "fault2", "fault3"]
SQLITE = "/var/lib/rstudio-server/rstudio.sqlite"
KEPT = "/var/lib/workbench.cluster/migration"
PROGRAM = "/usr/lib/rstudio-server/bin/rserver-admin"
OURS: dict[str, t.Any] = {"accounts_users": [{"name": "dora"}], "database_name": "moved", "database_user": "moved"}


@pytest.fixture(scope="module")
def run(lab: Lab, root: Path) -> t.Callable[..., t.Any]:
    def playbook(name: str, *argv: str) -> t.Any:
        inventory = root / "molecule" / "faults" / "inventory" / "hosts.yml"
        return lab.playbook(root / "playbooks" / f"{name}.yml", *argv, inventory=inventory, extra=OURS)

    return playbook


def test_the_plan_says_what_moves_and_changes_nothing(lab: Lab, run: t.Any, single: dict[str, str]) -> None:
    before = lab.sh("fault1", f"sha256sum /etc/rstudio/* {SQLITE}; pgrep -x rsession")
    words = " ".join(run("migrate_database", "--check").output.split())
    assert f"data in {SQLITE} → PostgreSQL, a copy is kept stops rstudio-server, its sessions are suspended" in words
    assert lab.sh("fault1", f"sha256sum /etc/rstudio/* {SQLITE}; pgrep -x rsession") == before


def test_a_migration_that_fails_starts_no_server_without_its_data(lab: Lab, run: t.Any, single: dict[str, str]) -> None:
    refuses = '#!/bin/sh\ncase $1 in migrate-db) echo the disk is full >&2; exit 1 ;; esac\nexec $0.kept "$@"\n'
    lab.sh("fault1", f"mv {PROGRAM} {PROGRAM}.kept && cat > {PROGRAM} && chmod 755 {PROGRAM}", stdin=refuses)
    failed = run("migrate_database")
    lab.sh("fault1", f"mv {PROGRAM}.kept {PROGRAM}")
    assert failed.rc != 0
    assert "migrate-db failed: the disk is full" in " ".join(failed.output.split())
    assert lab.sh("fault1", "systemctl is-active rstudio-server", check=False).strip() == "inactive"
    site = run("site")
    assert site.rc != 0
    assert "Run the playbook migrate_database again" in " ".join(site.output.split())
    assert lab.sh("fault1", "systemctl is-active rstudio-server", check=False).strip() == "inactive"


def test_run_again_it_becomes_the_first_node_of_a_cluster(lab: Lab, run: t.Any, single: dict[str, str]) -> None:
    done = run("migrate_database")
    assert done.rc == 0, done.output[-6000:]
    assert "Migrated 1 rows of licensed_users" in done.output
    assert lab.sh("fault3", "rstudio-server list-nodes").count("  Online  ") == 3
    keys = lab.each(NODES, "sha256sum < /etc/rstudio/secure-cookie-key")
    assert set(keys.values()) == {single["key"]}, "the key it had is the cluster's"
    assert "dora" in lab.sh("fault3", "rstudio-server list-users")
    joined = json.loads(lab.sh("fault2", "/usr/lib/rstudio-server/bin/fake-session join dora"))
    assert joined["id"] == single["session"]
    (kept,) = lab.sh("fault1", f"ls {KEPT}").split()
    assert SQLITE.lstrip("/") in lab.sh("fault1", f"tar tzf {KEPT}/{kept}/sqlite.tar.gz").split()
    assert lab.sh("fault1", f"stat -c %a%U {KEPT} {KEPT}/{kept} {KEPT}/{kept}/sqlite.tar.gz").split() == [
        "700root",
        "700root",
        "600root",
    ]
    assert run("migrate_database").changed == 0
    assert run("site").changed == 0
