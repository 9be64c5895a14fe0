# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of options a server was told by hand: the role's tasks over a real /etc/rstudio of this test's own."""

from __future__ import annotations

import json
import os
import shutil
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.workbench.cluster.tests.refusals.runs import ROOT, playbook

PLAY: list[dict[str, t.Any]] = [
    {
        "hosts": "workbench_nodes",
        "gather_facts": False,
        "vars": {"keys_values": {"database_ciphertext": "geheim"}},
        "tasks": [
            *(
                {
                    "ansible.builtin.include_role": {
                        "name": "workbench.cluster.server",
                        "tasks_from": part,
                        "public": True,
                    }
                }
                for part in ("found", "decide")
            ),
            {
                "name": "Write",
                "workbench.cluster.config_files": {"files": "{{ (__server_wanted | to_json | from_json).files }}"},
            },
        ],
    }
]
HOST = {
    "ansible_connection": "local",
    "ansible_host": "10.0.0.1",
    "ansible_python_interpreter": "{{ ansible_playbook_python }}",
}
BY_HAND = {
    "rserver.conf": "auth-required-user-group=analysts # only they\nssl-enabled=1\nwww-allow-origin=a\nwww-allow-origin=b\n",
    "launcher.conf": "[cluster]\nname=Slurm\ntype=Slurm\n",
    "load-balancer": "[config]\nbalancer = user-hash\n",
    "database.conf": "provider=postgresql\nhost=10.0.0.31\nusername=rstudio\npassword=geheim\npool-size=9\n",
}
WANTED = {
    "server_rserver_conf": {
        "auth-required-user-group": "analysts",
        "ssl-enabled": 1,
        "www-allow-origin": ["a", "b"],
    },
    "server_load_balancer": {"balancer": "user-hash"},
    "server_database_conf": {"pool-size": 9},
    "server_launcher_sections": [
        {"name": "cluster", "options": {"name": "Local", "type": "Local"}},
        {"name": "cluster", "options": {"name": "Slurm", "type": "Slurm"}},
    ],
}

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="a mount namespace needs root")


class Server:
    """A server that an admin set up from the package's files; /etc is a copy that only its runs see."""

    def __init__(self, tmp_path: Path) -> None:
        self.etc, self.tmp_path = tmp_path / "etc", tmp_path
        shutil.copytree("/etc", self.etc, symlinks=True)
        shutil.rmtree(self.etc / "rstudio", ignore_errors=True)
        shutil.copytree(ROOT / "tests" / "fake_workbench" / "package" / "conf", self.etc / "rstudio")
        for name, text in BY_HAND.items():
            with (self.etc / "rstudio" / name).open("a") as file:
                file.write(text)
        (self.etc / "rstudio" / "launcher.slurm.conf").write_text("slurm-service-user=slurm\n")
        (tmp_path / "play.yml").write_text(json.dumps(PLAY))
        inventory = {
            "workbench_nodes": {"hosts": {"n1": HOST}},
            "workbench_database": {"hosts": {"db1": {"ansible_host": "10.0.0.31"}}},
        }
        (tmp_path / "hosts.yml").write_text(json.dumps(inventory))

    def files(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in (self.etc / "rstudio").iterdir()}

    def run(self, **extra: t.Any) -> tuple[int, str]:
        mounted = ["unshare", "-m", "sh", "-c", f'mount --bind {self.etc} /etc; exec "$@"', "sh"]
        run = playbook("-i", self.tmp_path / "hosts.yml", self.tmp_path / "play.yml", extra=extra, before=mounted)
        assert "geheim" not in run.text
        return run.status, run.text

    def listed(self, output: str) -> dict[str, t.Any]:
        lines = output.partition("Add them to the inventory:\n")[2].partition("\nor set server_unknown_options")[0]
        variables: dict[str, t.Any] = yaml.safe_load(lines)
        return variables


def test_options_told_by_hand_are_listed_kept_or_pasted_and_never_lost(tmp_path: Path) -> None:
    server = Server(tmp_path)
    found = server.files()
    status, output = server.run()
    assert (status != 0, server.listed(output), server.files()) == (True, WANTED, found), output

    status, output = server.run(server_unknown_options="keep")
    assert status == 0, output
    kept = server.files()
    assert "https://127.0.0.1:443" in kept["rserver.conf"], "where sessions call back follows what was kept"
    for name in ("rserver.conf", "launcher.conf", "load-balancer", "database.conf", "launcher.local.conf"):
        assert kept[f"{name}.before-workbench-cluster"] == found[name]
        assert kept[name].startswith("# Managed by Ansible, workbench.cluster: change server_")
    assert kept["launcher.slurm.conf"] == found["launcher.slurm.conf"]
    status, output = server.run(server_unknown_options="keep")
    assert "changed=0" in output
    status, output = server.run()
    assert (status != 0, server.listed(output), server.files()) == (True, WANTED, kept), "kept once, asked about again"

    status, output = server.run(**WANTED)
    assert status == 0, output
    pasted = server.files()
    for name in BY_HAND:
        assert "Found on a node" not in pasted[name]
        options = {line for line in kept[name].splitlines() if not line.startswith("#")}
        assert {line for line in pasted[name].splitlines() if not line.startswith("#")} == options, name
    status, output = server.run(**WANTED)
    assert "changed=0" in output

    status, output = server.run(server_rserver_conf={"auth-saml": True})
    assert status == 0, "a file of ours has no options of others"
    assert "auth-required-user-group" not in server.files()["rserver.conf"]
