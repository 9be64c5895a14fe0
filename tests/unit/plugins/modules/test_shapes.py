# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules report on this host, which has nothing of the product, has the shapes that are written down."""

from __future__ import annotations

import json
import sys
import types
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils import _shapes
from ansible_collections.workbench.cluster.plugins.modules import (
    accounts_info,
    clock_info,
    cluster_info,
    database_info,
    host_info,
    keys_info,
    lock_test,
    mounts_info,
    node_info,
    options_info,
)
from ansible_collections.workbench.cluster.tests.unit.plugins.differences import differences

pytestmark = pytest.mark.skipif(sys.version_info < (3, 10), reason="reads the types that later Pythons can")
TOKEN = "0123456789abcdef"
CONFIG = {"config_dir": "FOLDER", "data_dir": "FOLDER"}
SHARE = {"token": TOKEN, "paths": ["FOLDER"]}
PEER = {"name": "n1", "host": "localhost", "ports": [1]}
RANGE = {"name": "people", "first": 20000, "last": 20005}

ASKED: _shapes.AccountsAsked = {
    "users": ["root", "no-such-user"],
    "groups": ["root"],
    "numbers": [0],
    "members": [("root", "root")],
    "passwords": ["root"],
    "ranges": {"people": (20000, 20005)},
    "spare": 2,
    "homes": {"root": "/root", "no-such-user": "/home/no-such-user"},
    "fixed_homes": [],
}
PARTS = {
    "system": {},
    "packages": ["bash", "no-such-package"],
    "units": ["no-such-unit.service"],
    "files": ["FOLDER/file", "FOLDER/nothing", "FOLDER"],
    "secret_files": ["FOLDER/secret"],
    "directories": ["FOLDER", "FOLDER/nothing"],
    "exports": {"paths": ["FOLDER"]},
    "accounts": {"asked": json.dumps(ASKED)},
    "sssd": {"users": ["root"], "groups": ["root"], "profiles": ["/etc/pam.d/su"], "homes": True},
    "keys": CONFIG,
    "options": CONFIG,
    "mounts": {"mounts": {"FOLDER": "files:/home"}},
    "cluster": {"config_dir": "FOLDER"},
    "database": {"database": "d", "role": "r", "names": ["localhost"]},
    "step": {},
    "seen": {**SHARE, "members": ["n1"], "timeout": 0},
    "locks": [{**SHARE, "step": "try"}, {**SHARE, "step": "stale", "name": "dead"}],
    "peers": {"peers": [PEER]},
}


@pytest.mark.parametrize(
    ("asked", "result", "shape"),
    [
        ((accounts_info, {"users": ["root"], "ranges": [RANGE], "count": 2}), "accounts", _shapes.AccountsReport),
        ((clock_info, {}), "clock", _shapes.Clock),
        ((cluster_info, {"config_dir": "FOLDER"}), "cluster", _shapes.Cluster),
        ((database_info, {"database": "d", "role": "r", "names": ["localhost"]}), "server", _shapes.DatabaseServer),
        ((keys_info, CONFIG), "key_files", _shapes.KeyFiles),
        ((lock_test, {**SHARE, "step": "hold", "ttl": 0.1}), "locks", t.List[_shapes.LockStep]),
        ((lock_test, {**SHARE, "step": "clean"}), "locks", t.List[_shapes.LockStep]),
        ((mounts_info, {"mounts": {"FOLDER": "files:/home", "/proc": "proc"}}), "report", _shapes.MountsReport),
        ((node_info, {**CONFIG, **SHARE, "name": "n1", "users": ["root"]}), "node", _shapes.NodeReport),
        ((node_info, {**SHARE, "phase": "peers", "name": "n1", "peers": [PEER]}), "node", _shapes.NodePeers),
        ((options_info, CONFIG), "options", _shapes.OptionsReport),
    ],
)
def test_what_a_module_reports_has_its_shape(
    asked: tuple[types.ModuleType, dict[str, t.Any]],
    result: str,
    shape: t.Any,
    run_module: t.Callable[..., dict[str, t.Any]],
    tmp_path: Path,
) -> None:
    module, options = asked
    answer = run_module(module.main, **_here(options, str(tmp_path)))
    assert list(differences(answer[result], shape)) == []


def test_what_host_info_reports_has_its_shape(run_module: t.Callable[..., dict[str, t.Any]], tmp_path: Path) -> None:
    """Each of its parts, of a host without systemd as well: then units are among the errors."""
    (tmp_path / "file").write_text("text")
    parts = _here(PARTS, str(tmp_path))
    report = json.loads(run_module(host_info.main, parts=parts, key=TOKEN, contents=True)["report"])
    assert list(differences(report, _shapes.HostReport)) == []
    assert {*report["errors"]} <= {"units"}
    asked = {"files" if part == "secret_files" else part for part in parts}
    assert {*report} - {"units"} == {*asked, "errors"} - {"units"}


def _here(options: t.Any, folder: str) -> t.Any:
    """`options` with a folder of this test in the place of its name."""
    if isinstance(options, dict):
        return {_here(key, folder): _here(value, folder) for key, value in options.items()}
    if isinstance(options, list):
        return [_here(item, folder) for item in options]
    return folder if options == "FOLDER" else options
