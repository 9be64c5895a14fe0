# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node without R is refused where sessions run on it and none is to be installed."""

from __future__ import annotations

import json
import subprocess
import typing as t
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLAY = [
    {
        "hosts": "all",
        "gather_facts": False,
        "connection": "local",
        "tasks": [
            {"ansible.builtin.set_fact": {"__server_before": {"cluster": {"runtimes": {"r": "{{ found }}"}}}}},
            {"ansible.builtin.include_role": {"name": "workbench.cluster.server", "tasks_from": "fit_r"}},
        ],
    }
]
HERE = {"/usr/bin/R": "4.2.2"}
KUBERNETES = [{"name": "cluster", "options": {"name": "K", "type": "Kubernetes"}}]
# What is found, the variables, and words of the refusal, none where the node will do.
CASES: dict[str, tuple[dict[str, str], dict[str, t.Any], str]] = {
    "none": ({}, {}, "has no R where Workbench looks for it"),
    "one that is there": (HERE, {}, ""),
    "the vendor's to come": ({}, {"server_r_versions": ["4.4.1"]}, ""),
    "the system's to come": ({}, {"server_r_system": "r-base"}, ""),
    "sessions elsewhere": ({}, {"server_launcher_sections": KUBERNETES}, ""),
    "sessions elsewhere, but the launcher is off": (
        {},
        {"server_launcher_sections": KUBERNETES, "server_rserver_conf": {"launcher-sessions-enabled": False}},
        "has no R where Workbench looks for it",
    ),
    "one that is named and not there": (HERE, {"server_r_paths": ["/apps/R/"]}, "has no /apps/R/bin/R"),
    "one that is named and to come": (
        {},
        {"server_r_versions": ["4.4.1"], "server_rserver_conf": {"rsession-which-r": "/opt/R/4.4.1/bin/R"}},
        "",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_node_without_r(tmp_path: Path, name: str) -> None:
    found, variables, words = CASES[name]
    (tmp_path / "play.json").write_text(json.dumps(PLAY))
    done = subprocess.run(
        ["ansible-playbook", "-i", "n1,", tmp_path / "play.json", "-e", json.dumps({"found": found, **variables})],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    said = " ".join(done.stdout.split())
    assert (done.returncode != 0) == bool(words), said
    assert words in said
