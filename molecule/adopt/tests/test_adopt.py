# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster built by hand (tests/byhand/): `verify` proves it, and `site` takes it over without harm to what others made."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest
from announced import apart

if t.TYPE_CHECKING:
    from conftest import Lab

NODES = ["node1", "node2", "node3"]
EVERYONE = [*NODES, "store1", "db1"]
KEYS = ["secure-cookie-key", "launcher.pem", "launcher.pub"]
# Every option the admin set, with its file: none may be lost, whatever else a file gets.
OPTIONS = {
    "rserver.conf": [
        "server-shared-storage-path=/srv/workbench-shared",
        "auth-required-user-group=statistics",
        "auth-timeout-minutes=45",
        "admin-enabled=1",
        "launcher-sessions-clusters=Local",
        "admin-group=statistics",
    ],
    "load-balancer": ["balancer=user-hash", "timeout=5"],
    "file-locks": ["lock-type=linkbased", "refresh-rate=5", "timeout-interval=12"],
    "launcher.conf": ["thread-pool-size=6", "name=Local", "name=Slurm", "type=Slurm", "allowed-groups=statistics"],
    "launcher.local.conf": ["job-expiry-hours=48"],
    "database.conf": ["provider=postgresql", "database=workbench", "username=wb_owner"],
}
# Files of /etc/rstudio and of the hosts that this collection has no business in, with these variables.
OTHERS_FILES = {
    "nodes": [
        "/etc/rstudio/rsession.conf",
        "/etc/rstudio/repos.conf",
        "/etc/rstudio/launcher.slurm.conf",
        "/etc/systemd/system/rstudio-server.service.d/limits.conf",
        "/etc/chrony/chrony.conf",
        "/etc/fstab",
        "/etc/passwd",
        "/etc/group",
        "/etc/shadow",
    ],
    "store1": ["/etc/exports", "/etc/chrony/chrony.conf"],
    "db1": [
        "/etc/chrony/chrony.conf",
        "/etc/postgresql/15/main/conf.d/site.conf",
        "/etc/postgresql/15/main/postgresql.conf",
    ],
}
HBA = "/etc/postgresql/15/main/pg_hba.conf"
PSQL = 'cd / && runuser -u postgres -- psql -At {} -c "{}"'


class Byhand:
    """The machines, and the playbooks against an inventory of this scenario."""

    def __init__(self, lab: Lab, root: Path) -> None:
        self.lab, self.root = lab, root

    def run(self, playbook: str, inventory: str, *argv: str, **extra: t.Any) -> t.Any:
        path = self.root / "molecule" / "adopt" / "inventory" / f"{inventory}.yml"
        return self.lab.playbook(self.root / "playbooks" / f"{playbook}.yml", *argv, inventory=path, extra=extra)

    def keys(self) -> dict[str, str]:
        return dict(self.lab.each(NODES, f"cd /etc/rstudio && sha256sum {' '.join(KEYS)}"))

    def others(self) -> dict[str, str]:
        """Fingerprints of what belongs to others: their files, homes, roles, databases, rows."""
        found = dict(self.lab.each(NODES, f"sha256sum {' '.join(OTHERS_FILES['nodes'])}"))
        found |= {host: self.lab.sh(host, f"sha256sum {' '.join(OTHERS_FILES[host])}") for host in ("store1", "db1")}
        found["homes"] = self.lab.sh("store1", "find /home -not -path '*/.local/*' -printf '%p %U:%G %m\\n' | sort")
        roles = "SELECT rolname, rolsuper, rolcanlogin, rolpassword FROM pg_authid WHERE rolname !~ '^pg_' ORDER BY 1"
        databases = "SELECT datname, pg_get_userbyid(datdba), datacl FROM pg_database ORDER BY 1"
        for name, sql in {"roles": roles, "databases": databases}.items():
            found[name] = self.lab.sh("db1", PSQL.format("", sql))
        found["rows"] = self.lab.sh("db1", PSQL.format("payroll", "SELECT * FROM salary ORDER BY 1"))
        return found

    def configuration(self) -> dict[str, str]:
        return dict(self.lab.each(NODES, "cd /etc/rstudio && sha256sum $(ls -A | grep -v before-workbench-cluster)"))

    def hba(self) -> list[str]:
        return str(self.lab.sh("db1", f"cat {HBA}")).splitlines()

    def session(self, verb: str, user: str) -> dict[str, t.Any]:
        """Start a session, or join the one that runs or was suspended; its id, node and process id."""
        printed = self.lab.sh("node1", f"/usr/lib/rstudio-server/bin/fake-session {verb} {user}")
        return dict(json.loads(printed))

    def sessions(self) -> dict[str, tuple[str, int]]:
        """Node and process id of every session that runs, by its user."""
        found = {}
        for node, printed in self.lab.each(NODES, "ps -C rsession -o user=,pid= || true").items():
            found.update({line.split()[0]: (node, int(line.split()[1])) for line in printed.splitlines()})
        return found


@pytest.fixture(scope="module")
def byhand(lab: Lab, root: Path) -> Byhand:
    return Byhand(lab, root)


@pytest.fixture(scope="module")
def before(byhand: Byhand) -> dict[str, t.Any]:
    """The state in which the cluster is found: users are at work."""
    started = {user: byhand.session("start", user) for user in ("amelie", "chiara")}
    return {
        "started": {user: session["id"] for user, session in started.items()},
        "keys": byhand.keys(),
        "others": byhand.others(),
        "configuration": byhand.configuration(),
        "hba": byhand.hba(),
        "sessions": byhand.sessions(),
    }


def untouched(byhand: Byhand, before: dict[str, t.Any]) -> None:
    assert {
        "keys": byhand.keys(),
        "others": byhand.others(),
        "configuration": byhand.configuration(),
        "hba": byhand.hba(),
        "sessions": byhand.sessions(),
    } == {name: value for name, value in before.items() if name != "started"}


def test_the_sessions_of_the_users_run(before: dict[str, t.Any]) -> None:
    assert set(before["sessions"]) == {"amelie", "chiara"}


def test_verify_proves_a_cluster_built_by_hand(byhand: Byhand, before: dict[str, t.Any], tmp_path: Path) -> None:
    """With the three variables of docs/verify.md."""
    run = byhand.run("verify", "found", verify_report_dir=str(tmp_path))
    report = json.loads((tmp_path / "report.json").read_text())
    assert {r["id"]: r["verdict"] for r in report["requirements"] if r["verdict"] != "pass"} == {}, run.output[-6000:]
    assert run.rc == 0
    untouched(byhand, before)


def test_site_refuses_to_drop_options_it_was_not_told_of(byhand: Byhand, before: dict[str, t.Any]) -> None:
    """The refusal names every one of them, ready to be pasted."""
    run = byhand.run("site", "first")
    assert run.rc != 0
    assert run.changed == 0, run.output[-6000:]
    for option in ("auth-required-user-group", "admin-enabled", "admin-group", "launcher-sessions-clusters"):
        assert option in run.output
    for words in ("server_rserver_conf", "server_load_balancer", "server_file_locks", "Slurm", "job-expiry-hours"):
        assert words in run.output
    untouched(byhand, before)


@pytest.fixture(scope="module")
def shown(byhand: Byhand, before: dict[str, t.Any]) -> t.Any:
    """The run of `site --check` before it."""
    return byhand.run("site", "adopted", "--check", "--diff")


def test_check_says_what_site_would_do(byhand: Byhand, before: dict[str, t.Any], shown: t.Any) -> None:
    told = byhand.run("check", "adopted")
    assert told.rc == 0, told.output[-6000:]
    assert shown.rc == 0, shown.output[-6000:]
    assert "rserver.conf" in shown.output
    untouched(byhand, before)


@pytest.fixture(scope="module")
def taken(byhand: Byhand, before: dict[str, t.Any], shown: t.Any) -> t.Any:
    """The run of `site` that takes the cluster over."""
    return byhand.run("site", "adopted", "--diff")


def test_site_takes_it_over(byhand: Byhand, taken: t.Any) -> None:
    assert taken.rc == 0, taken.output[-8000:]
    assert byhand.lab.sh("node3", "rstudio-server list-nodes").count("  Online  ") == 3


def test_it_did_what_the_check_announced(shown: t.Any, taken: t.Any) -> None:
    assert apart(shown.plans, taken.deeds) == []


def test_no_key_changed(byhand: Byhand, before: dict[str, t.Any], taken: t.Any) -> None:
    assert byhand.keys() == before["keys"]


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_no_option_was_dropped(byhand: Byhand, taken: t.Any, name: str) -> None:
    for node, text in byhand.lab.each(NODES, f"cat /etc/rstudio/{name}").items():
        lines = [line.strip() for line in text.splitlines()]
        assert [option for option in OPTIONS[name] if option not in lines] == [], node


def test_a_replaced_file_is_kept_beside_with_its_comments(byhand: Byhand, taken: t.Any) -> None:
    kept = byhand.lab.sh("node2", "cat /etc/rstudio/rserver.conf.before-workbench-cluster")
    assert "# only the department may sign in (ticket 2201)" in kept


def test_what_others_made_is_as_it_was(byhand: Byhand, before: dict[str, t.Any], taken: t.Any) -> None:
    """Files, homes and their ids, a locked account, roles and their passwords, databases, rows."""
    assert byhand.others() == before["others"]


def test_the_rules_of_others_stand_byte_for_byte_in_their_order(
    byhand: Byhand, before: dict[str, t.Any], taken: t.Any
) -> None:
    now = byhand.hba()
    assert [line for line in now if line in before["hba"]] == before["hba"]
    refused = byhand.lab.sh(
        "node1",
        "PGPASSWORD=x /usr/bin/python3 -c \"import psycopg2; psycopg2.connect('host=db1 dbname=payroll user=payroll')\" 2>&1",
        check=False,
    )
    assert "reject" in refused, refused


def test_no_session_was_lost(byhand: Byhand, before: dict[str, t.Any], taken: t.Any) -> None:
    """A user who joins comes back to the same session, be it that it ran on or that a restart suspended it to the home."""
    assert {user: byhand.session("join", user)["id"] for user in before["started"]} == before["started"]


def test_a_second_run_changes_nothing(byhand: Byhand, taken: t.Any) -> None:
    again = byhand.run("site", "adopted")
    assert again.rc == 0, again.output[-6000:]
    assert again.changed == 0, re.findall(r"(?m)^(?:TASK|changed).*", again.output)


def test_verify_proves_the_taken_over_cluster(byhand: Byhand, taken: t.Any, tmp_path: Path) -> None:
    run = byhand.run("verify", "adopted", verify_report_dir=str(tmp_path))
    report = json.loads((tmp_path / "report.json").read_text())
    assert {r["id"]: r["verdict"] for r in report["requirements"] if r["verdict"] != "pass"} == {}, run.output[-6000:]
    assert run.rc == 0
