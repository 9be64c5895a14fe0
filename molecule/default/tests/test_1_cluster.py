# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `site` promises of the cluster it built."""

from __future__ import annotations

import json
import re
import typing as t
import uuid
from pathlib import Path

import pytest
from announced import apart

if t.TYPE_CHECKING:
    from conftest import Lab

NODES = ["node1", "node2", "node3"]
MEMBERS = [*NODES, "store1", "db1"]
KEYS = ["secure-cookie-key", "launcher.pem", "launcher.pub"]


@pytest.mark.parametrize("host", MEMBERS)
def test_a_run_that_changes_nothing_executes_two_modules_a_host_at_most(root: Path, host: str) -> None:
    """Molecule's step `idempotence` wrote the file last: molecule.yml."""
    counts = json.loads((root / ".cache" / "results" / "default.executions.json").read_text())
    executed = [number for modules in counts[host].values() for number in modules.values()]
    assert 1 <= sum(executed) <= 2, counts[host]


def test_the_run_did_what_the_check_on_bare_hosts_announced(root: Path) -> None:
    """The plan is that of molecule's step `check`, which converge.yml keeps; `idempotence` changes nothing."""
    results = root / ".cache" / "results"
    plan = json.loads((results / "default.plan.json").read_text())["changes"]
    assert apart(plan, json.loads((results / "default.deeds.json").read_text())) == []


@pytest.mark.parametrize("node", NODES)
def test_list_nodes_shows_three_online(lab: Lab, node: str) -> None:
    lines = [line for line in lab.sh(node, "rstudio-server list-nodes").splitlines() if re.match(r"^\d+ ", line)]
    assert len(lines) == 3
    assert all("  Online  " in line for line in lines)
    assert sorted(re.split(r" {2,}", line)[1] for line in lines) == ["10.203.0.11", "10.203.0.12", "10.203.0.13"]


@pytest.mark.parametrize("user", ["ada", "grace", "john", "rstudio-server"])
def test_ids_are_equal_everywhere(lab: Lab, user: str) -> None:
    assert len(set(lab.each(NODES, f"id {user}").values())) == 1


def test_given_ids_are_kept(lab: Lab) -> None:
    assert lab.sh("node2", "id -u ada; id -nG ada").split() == ["20001", "ada", "analysts"]


@pytest.mark.parametrize("path", ["/nfs/workbench/home", "/nfs/workbench/shared-storage"])
def test_directories_are_nfs_mounts(lab: Lab, path: str) -> None:
    for node, printed in lab.each(NODES, f"findmnt -no FSTYPE,SOURCE {path}").items():
        assert printed.split()[0] == "nfs4", node
        assert printed.split()[1].startswith("10.203.0.21:"), node


def test_owners_and_modes_are_the_documents(lab: Lab) -> None:
    assert lab.sh(
        "node3", "stat -c '%U:%G %a' /nfs/workbench/home /nfs/workbench/shared-storage /nfs/workbench/home/ada"
    ).split("\n")[:3] == [
        "root:root 755",
        "nobody:nogroup 1777",
        "ada:ada 700",
    ]


def test_a_file_written_on_one_node_is_read_on_another(lab: Lab) -> None:
    word = uuid.uuid4().hex
    lab.sh("node1", f"runuser -u ada -- sh -c 'echo {word} > ~/seen-everywhere'")
    assert lab.sh("node3", "runuser -u ada -- sh -c 'cat ~/seen-everywhere; rm ~/seen-everywhere'").strip() == word


@pytest.mark.parametrize("key", KEYS)
def test_keys_are_one_and_private(lab: Lab, key: str) -> None:
    assert len(set(lab.each(NODES, f"sha256sum /etc/rstudio/{key}").values())) == 1
    owner = "root:root" if key == "secure-cookie-key" else "rstudio-server:rstudio-server"
    for node, printed in lab.each(NODES, f"stat -c '%U:%G %a' /etc/rstudio/{key}").items():
        assert printed.strip() == f"{owner} 600", node


def test_configuration_differs_by_the_address_only(lab: Lab) -> None:
    listing = "cd /etc/rstudio && for f in *; do sed 's/^www-host-name=.*/www-host-name=/' $f | sha256sum | sed \"s/-/$f/\"; done"
    assert len(set(lab.each(NODES, listing).values())) == 1
    assert lab.sh("node2", "grep www-host-name /etc/rstudio/load-balancer").strip() == "www-host-name=10.203.0.12"


@pytest.mark.parametrize("host", MEMBERS)
def test_clocks_are_in_step(lab: Lab, host: str) -> None:
    tracking = lab.sh(host, "chronyc -c tracking").strip().split(",")
    assert abs(float(tracking[4])) < 0.1
    assert tracking[13] == "Normal"


def test_nodes_follow_the_file_server(lab: Lab) -> None:
    assert {line.split(",")[2] for line in lab.each(NODES, "chronyc -c sources").values()} == {"10.203.0.21"}


def test_database_takes_scram_passwords_from_the_nodes_only(lab: Lab) -> None:
    stored = lab.sh(
        "db1",
        "runuser -u postgres -- psql -Atc \"SELECT left(rolpassword, 13) FROM pg_authid WHERE rolname = 'rstudio'\"",
    )
    assert stored.strip() == "SCRAM-SHA-256"
    rules = lab.sh(
        "db1",
        "runuser -u postgres -- psql -Atc \"SELECT address FROM pg_hba_file_rules WHERE 'rstudio' = ANY(database)\"",
    )
    assert sorted(rules.split()) == ["10.203.0.11", "10.203.0.12", "10.203.0.13"]
    owner = lab.sh(
        "db1",
        "runuser -u postgres -- psql -Atc \"SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'rstudio'\"",
    )
    assert owner.strip() == "rstudio"


def test_a_session_started_through_one_node_shows_on_another(lab: Lab) -> None:
    lab.sh("node2", "/usr/lib/rstudio-server/bin/fake-session start ada")
    try:
        assert re.search(
            r"^   \d+ - ada rsession$", lab.sh("node3", "curl -sf http://localhost:8787/load-balancer/status"), re.M
        )
    finally:
        lab.each(NODES, "rstudio-server force-suspend-all")


def test_the_package_started_only_when_configured(lab: Lab) -> None:
    """A fresh package that starts itself would have made a key of its own here."""
    assert set(lab.each(NODES, "ls /var/lib/rstudio-server/secure-cookie-key 2>/dev/null || echo none").values()) == {
        "none\n"
    }
