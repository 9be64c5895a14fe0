# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one look asks for all that is decided by it: of what it does not tell, a role would be run every time."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from ansible_collections.workbench.cluster.tests.refusals.runs import DEMO, playbook

# What is decided for the cluster before a node's files are made.
NAMES = ("rserver.conf", "load-balancer", "file-locks", "database.conf", "launcher.conf", "launcher.local.conf")
DECIDED = {
    "__server_adopted": {
        "kept": {"node1": {name: {} for name in NAMES}},
        "sections": {"node1": []},
        "connections": {"least": 2, "most": 6, "beside": 1},
    },
    "keys_values": {"database_ciphertext": "x"},
}
PLAY: list[dict[str, t.Any]] = [
    {
        "hosts": "workbench_nodes",
        "gather_facts": False,
        "vars": DECIDED,
        "tasks": [
            {"ansible.builtin.import_role": {"name": "workbench.cluster.server", "tasks_from": "variables"}},
            {
                "ansible.builtin.debug": {
                    "msg": {
                        "read": "{{ __server_wanted.services | map(attribute='files') | sum(start=[])"
                        " + __server_wanted.services[0].reload }}",
                        "asked": "{{ __server_ask.files + __server_ask.secret_files }}",
                    }
                },
                "run_once": True,
            },
        ],
    }
]


def test_every_file_that_a_service_reads_is_looked_at(tmp_path: Path) -> None:
    """Whether it restarts, or reads its files again, is told by when they were written."""
    (tmp_path / "play.yml").write_text(json.dumps(PLAY))
    files = [{"path": f"/etc/rstudio/{name}", "content": "x\n"} for name in ("rsession.conf", "launcher.slurm.conf")]
    done = playbook(
        *("-i", DEMO, tmp_path / "play.yml"),
        extra={"server_files": files},
        ANSIBLE_STDOUT_CALLBACK="ansible.builtin.default",
        ANSIBLE_CALLBACK_RESULT_FORMAT="json",
    )
    assert done.status == 0, done.text
    told = json.loads(
        done.output[done.output.index("=> {") + 3 : done.output.rindex("}", 0, done.output.index("PLAY RECAP")) + 1]
    )
    read, asked = set(told["msg"]["read"]), set(told["msg"]["asked"])
    assert "/etc/rstudio/env-vars" in read
    assert read - asked == set()
