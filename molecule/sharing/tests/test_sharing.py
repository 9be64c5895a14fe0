# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user grants on one node is granted on the others, and `verify` tells where it would not be."""

from __future__ import annotations

import contextlib
import json
import typing as t
from pathlib import Path

import pytest

if t.TYPE_CHECKING:
    from conftest import Lab

NODES = ["node1", "node2", "node3"]
HOME = "/nfs/workbench/home"
QUICK = {"verify_lock_refresh": 1, "verify_lock_timeout": 8}
SERVICES = "rstudio-server rstudio-launcher"


def test_the_mounts_have_version_3_and_its_lists(lab: Lab) -> None:
    options = lab.each(NODES, f"findmnt --noheadings --output OPTIONS {HOME}")
    assert all("vers=3," in line and "noacl" not in line for line in options.values()), options


def test_a_project_is_shared_with_whom_its_owner_names_on_every_node(lab: Lab) -> None:
    lab.sh("node1", f"install -d -o ada -g ada -m 0700 {HOME}/ada/project; chmod 0711 {HOME}/ada")
    lab.sh("node1", f"sudo -u ada setfacl -m u:john:rwx {HOME}/ada/project")
    entries = lab.sh("node2", f"getfacl --omit-header --absolute-names {HOME}/ada/project").splitlines()
    assert "user:john:rwx" in entries
    lab.sh("node3", f"sudo -u john touch {HOME}/ada/project/from-john")
    refused = lab.sh("node3", f"sudo -u nobody ls {HOME}/ada/project && echo in || true")
    assert "in" not in refused.split()
    lab.sh("node1", f"rm -r {HOME}/ada/project; chmod 0700 {HOME}/ada")


def test_the_folder_of_shared_projects_is_open_to_all_and_sticky(lab: Lab) -> None:
    assert set(lab.each(NODES, "stat -c %a /nfs/workbench/shared-storage").values()) == {"1777\n"}


@pytest.fixture
def without_lists(lab: Lab) -> t.Iterator[None]:
    """The homes of node2 are mounted without access control lists, by hand."""

    @contextlib.contextmanager
    def stopped() -> t.Iterator[None]:
        lab.sh("node2", f"systemctl stop {SERVICES}")
        yield
        lab.sh("node2", "systemctl start rstudio-launcher rstudio-server")

    with stopped():
        lab.sh("node2", f"umount {HOME} && mount -o noacl {HOME}")
    yield
    with stopped():
        lab.sh("node2", f"umount {HOME} && mount {HOME}")


def test_verify_names_the_node_that_keeps_no_lists(lab: Lab, root: Path, tmp_path: Path, without_lists: None) -> None:
    inventory, more = (
        root / "examples" / "demo" / "hosts.yml",
        root / "molecule" / "sharing" / "inventory" / "sharing.yml",
    )
    extra = {**QUICK, "verify_report_dir": str(tmp_path)}
    done = lab.playbook(root / "playbooks" / "verify.yml", "-i", str(more), inventory=inventory, extra=extra)
    (sharing,) = (
        found
        for found in json.loads((tmp_path / "report.json").read_text())["requirements"]
        if found["id"] == "sharing"
    )
    failed = [finding for finding in sharing["findings"] if finding["verdict"] == "fail"]
    assert [finding["hosts"] for finding in failed] == [["node2"]], done.output[-6000:]
    assert "noacl" in failed[0]["measured"]
    assert "server-project-sharing" in failed[0]["remedy"]
