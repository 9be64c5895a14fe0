# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An archive for those who help: planned in check mode, written whole, readable by its owner alone, and without secrets."""

from __future__ import annotations

import stat
import tarfile
import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.workbench.cluster.plugins.action import support_bundle
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._operate.test_bundle import gathered

OPTIONS = {"cluster": "workbench", "megabytes": 10, "hours": 24}


def run(hostvars: dict[str, t.Any], *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    task: t.Any = SimpleNamespace(
        args={**OPTIONS, **options}, async_val=0, check_mode=check, environment=None, diff=False
    )
    connection: t.Any = SimpleNamespace(_shell=SimpleNamespace(tmpdir="unused"))
    unused: t.Any = None
    action = support_bundle.ActionModule(task, connection, unused, unused, unused, unused)
    return action.run(task_vars={"hostvars": hostvars, "ansible_play_hosts_all": list(hostvars)})


def test_a_check_reads_nobody(tmp_path: Path) -> None:
    found = run({"n1": {}, "db": {}}, check=True, state="planned", folder=str(tmp_path))
    assert found["hosts"] == {"support_bundle": []}
    assert "PLAN workbench, support_bundle: 2 hosts" in found["lines"]
    assert run({"n1": {}, "db": {}}, state="planned", folder=str(tmp_path))["hosts"] == {"support_bundle": ["n1", "db"]}


def test_an_archive_is_its_owners_alone_and_has_state_and_report(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "report.json").write_text('{"seen": "sha256:0123456789ab"}')
    hostvars = {
        "n1": {"__support": {"support": gathered({"log": "all"})}, "__verify_verdict": {"lines": ["well"]}},
        "n2": {"__support": {"unreachable": True, "msg": "refused", "exception": object()}},
    }
    found = run(hostvars, state="present", folder=str(tmp_path), report_dir=str(tmp_path / "report"))
    path = Path(found["path"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (path.stat().st_size, found["silent"]) == (found["size"], ["n2"])
    with tarfile.open(path) as tar:
        texts = {entry.name.partition("/")[2]: t.cast("t.IO[bytes]", tar.extractfile(entry)).read() for entry in tar}
    assert texts["n1/log"] == b"all"
    assert texts["status.txt"] == b"well\n"
    assert texts["verify/report.json"].startswith(b'{"seen": "hidden-')
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([path.name, "report"])


def test_of_nobody_there_is_no_archive(tmp_path: Path) -> None:
    with pytest.raises(AnsibleActionFail, match="n1: refused"):
        run({"n1": {"__support": {"msg": "refused"}}}, state="present", folder=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AnsibleActionFail, match=r"none.*cannot be written"):
        run({"n1": {"__support": {"support": gathered({})}}}, state="present", folder=str(tmp_path / "none"))
