# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes of a backup is the same cluster, or nothing is done; and who gets which file."""

from __future__ import annotations

import base64
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Backup, BackupFile
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup.archive import Archive, archived, read_archive
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup.restored import (
    Asked,
    Found,
    files,
    plan_lines,
    problems,
)
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._backup.test_backup import DUMP

PRODUCT = "2026.04.0+526.pro2"
IDS = {"rstudio-server": {"uid": 998, "gid": 998}, "ada": {"uid": 20001, "gid": 20001}}


def file(name: str, text: str, owner: str = "root") -> BackupFile:
    content = base64.b64encode(text.encode()).decode()
    return {"path": f"/etc/rstudio/{name}", "mode": "0600", "owner": owner, "group": owner, "content": content}


def kept(host: str) -> Backup:
    mine = [
        file("secure-cookie-key", "k" * 40),
        file("launcher.pem", "pem", "rstudio-server"),
        file("load-balancer", f"www-host-name={host}"),
        file("profiles", f"of {host}"),
    ]
    return t.cast("Backup", {"files": mine, "ids": IDS, "product": PRODUCT, "database": None})


def archive() -> Archive:
    return read_archive(archived("workbench", "2026-11-22T09:15:00Z", 0, {"n1": kept("n1"), "n2": kept("n2")}, DUMP))


def found(ids: t.Mapping[str, t.Any] = IDS, product: str | None = PRODUCT, running: t.Sequence[str] = ()) -> Found:
    return Found(t.cast("Backup", {"files": [], "ids": ids, "product": product, "database": None}), running)


ASKED = Asked("workbench", ["n1", "n2"], "db", PRODUCT, {"ada": 20001, "rstudio-server": 998})
NEW = {"n1": found({}, None), "n2": found({}, None)}


def text(given: dict[str, str]) -> str:
    return base64.b64decode(given["secret_base64"]).decode()


def test_a_node_gets_its_own_files() -> None:
    given = {one["path"].rpartition("/")[2]: one for one in files(archive(), "n2", {"root", "rstudio-server"})}
    assert sorted(given) == ["launcher.pem", "load-balancer", "profiles", "secure-cookie-key"]
    assert text(given["profiles"]) == "of n2"
    assert (given["launcher.pem"]["owner"], given["launcher.pem"]["mode"]) == ("rstudio-server", "0600")


def test_a_new_host_gets_those_of_the_first_but_for_what_names_it() -> None:
    given = {one["path"].rpartition("/")[2]: one for one in files(archive(), "n7", {"root"})}
    assert sorted(given) == ["launcher.pem", "profiles", "secure-cookie-key"]
    assert text(given["profiles"]) == "of n1"
    assert given["launcher.pem"]["owner"] == "root"


@pytest.mark.parametrize(
    "nodes", [NEW, {"n1": found(), "n2": found(running=["rstudio-server"])}, {"n1": found(), "n2": NEW["n2"]}]
)
def test_new_hosts_and_its_own_are_fit(nodes: dict[str, Found]) -> None:
    assert problems(archive().manifest, ASKED, nodes) == []


@pytest.mark.parametrize(
    ("asked", "nodes", "words"),
    [
        (ASKED._replace(cluster="other"), NEW, "a backup of the cluster workbench, and not of other"),
        (ASKED, {**NEW, "n2": Found(None, [], "refused")}, "n2 cannot be read: refused"),
        (ASKED._replace(database_host=""), NEW, "no host of workbench_database"),
        (ASKED._replace(version="2026.07.0"), NEW, "set server_version and server_package"),
        (ASKED, {"n1": found(), "n2": found(product="2026.07.0")}, "are to have 2026.07.0"),
        (ASKED._replace(ids={"ada": None, "rstudio-server": 998}), NEW, "ada had the uid 20001"),
        (ASKED._replace(ids={"rstudio-server": 998}), NEW, "ada had the uid 20001"),
        (ASKED._replace(ids={"ada": 20001, "rstudio-server": None}), NEW, "accounts_service_uid: 998"),
        (ASKED, {"n1": found({**IDS, "ada": {"uid": 7, "gid": 7}}), "n2": found()}, "ada had the uid 20001"),
    ],
)
def test_what_would_be_another_cluster_is_refused(asked: Asked, nodes: dict[str, Found], words: str) -> None:
    (problem,) = problems(archive().manifest, asked, nodes)
    assert words in problem


def test_ids_that_all_nodes_have_need_no_word_in_the_inventory() -> None:
    assert problems(archive().manifest, ASKED._replace(ids={}), {"n1": found(), "n2": found()}) == []


def test_the_plan_says_what_is_replaced_and_who_stops() -> None:
    asked = ASKED._replace(members=["n1", "n7"])
    lines = plan_lines(archive().manifest, asked, {"n1": found(running=["rstudio-server"]), "n7": found({}, None)})
    assert lines[0] == "PLAN workbench, restore: 2 nodes"
    assert "  n1: Workbench stops; sessions are suspended by the product" in lines
    assert "  n1: configuration and keys are replaced by those of the backup" in lines
    assert "  n7: configuration and keys are replaced by those of n1" in lines
    assert lines[-1] == "  db: what database rstudio has is replaced, while all nodes are stopped"
