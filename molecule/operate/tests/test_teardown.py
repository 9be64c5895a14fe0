# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster is taken down: what is ours goes, what is not stays, and site builds the same cluster again."""

from __future__ import annotations

import typing as t

import pytest
from operated import NODES, Sessions, Verb, none_is_lost

if t.TYPE_CHECKING:
    from conftest import Lab

KEYS = "sha256sum /etc/rstudio/secure-cookie-key /etc/rstudio/launcher.pem"
MARK = "^# Managed by Ansible, workbench.cluster"
OURS = f"grep -Rl '{MARK}' /etc/rstudio /etc/systemd/system || true"
THEIRS = "sha256sum /etc/rstudio/theirs /etc/fstab /etc/passwd /etc/group"
TABLES = 'su postgres -c "psql -XAtq rstudio -c \\"SELECT count(*) FROM pg_tables WHERE tableowner = \'rstudio\'\\""'
RULES = 'su postgres -c "psql -XAtq -c \\"SELECT count(*) FROM pg_hba_file_rules WHERE \'rstudio\' = ANY(database)\\""'
CONFIRMED = {"operate_confirmed": "teardown"}


@pytest.fixture(scope="module", autouse=True)
def built(lab: Lab, verb: Verb) -> t.Iterator[None]:
    """A file of others in the folder of the product; in the end the cluster is there again."""
    lab.each(NODES, "echo of others > /etc/rstudio/theirs")
    yield
    verb("site")
    lab.each(NODES, "rm /etc/rstudio/theirs")


def test_nothing_goes_before_it_is_confirmed(lab: Lab, verb: Verb) -> None:
    before = lab.each(NODES, OURS)
    assert all("/etc/rstudio/rserver.conf" in found for found in before.values())
    planned = verb("teardown", "--check").output
    assert "/etc/rstudio/rserver.conf" in planned
    assert "homes, the database, keys, accounts, packages, backups" in " ".join(planned.split())
    assert "-e operate_confirmed=teardown" in verb("teardown", rc=2).output
    assert lab.each(NODES, OURS) == before
    assert lab.sh("opt1", "rstudio-server list-nodes").count("Online") == len(NODES)


def test_accounts_of_others_are_refused_by_name(verb: Verb) -> None:
    output = verb("teardown", rc=2, operate_teardown_accounts=["postgres"], **CONFIRMED).output
    assert "operate_teardown_accounts names postgres: none of accounts_users." in " ".join(output.split())


def test_what_is_ours_goes_what_is_not_stays_and_site_builds_the_same_cluster_again(
    lab: Lab, verb: Verb, sessions: Sessions
) -> None:
    keys, theirs = lab.each(NODES, KEYS), lab.each(NODES, THEIRS)
    tables = lab.sh("optdb", TABLES)
    assert "0" not in (tables.strip(), lab.sh("optdb", RULES).strip())
    verb("teardown", **CONFIRMED)
    assert {*lab.each(NODES, OURS).values()} == {"/etc/rstudio/database.conf\n"}
    assert (lab.each(NODES, KEYS), lab.each(NODES, THEIRS)) == (keys, theirs)
    active = lab.each(NODES, "systemctl is-active rstudio-server; systemctl is-enabled rstudio-server; true")
    assert "active" not in {text.split()[0] for text in active.values()}
    assert {text.split()[1] for text in active.values()} == {"disabled"}
    assert (lab.sh("optdb", TABLES), lab.sh("optdb", RULES).strip()) == (tables, "0")
    assert verb("teardown", **CONFIRMED).changed == 0
    verb("site")
    assert lab.each(NODES, KEYS) == keys
    assert lab.sh("opt1", "rstudio-server list-nodes").count("Online") == len(NODES)
    none_is_lost(lab, sessions)
