# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module as Ansible does, in this process."""

from __future__ import annotations

import functools
import json
import typing as t
from pathlib import Path

import pytest
from ansible.module_utils.testing import patch_module_args

Result = t.Dict[str, t.Any]
RunModule = t.Callable[..., Result]


@pytest.fixture
def run_module(capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory) -> RunModule:
    """`run_module(main, check_mode=False, **options)` returns the module's result, `failed` included."""
    remote_tmp = tmp_path_factory.mktemp("remote_tmp")

    def run(main: t.Callable[[], t.NoReturn], *, check_mode: bool = False, **options: t.Any) -> Result:
        internal = {"_ansible_check_mode": check_mode, "_ansible_diff": True, "_ansible_remote_tmp": str(remote_tmp)}
        with patch_module_args({**options, **internal}), pytest.raises(SystemExit):
            main()
        result: Result = json.loads(capsys.readouterr().out)
        leftovers = [path for path in Path(remote_tmp).rglob("*") if path.is_file()]
        assert leftovers == [], "the module left files in its temporary directory"
        return result

    return run


@pytest.fixture
def config_dir(tmp_path: Path) -> Path:
    """An empty configuration directory of the product."""
    path = tmp_path / "etc"
    path.mkdir()
    return path


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An empty data directory of the product."""
    path = tmp_path / "var"
    path.mkdir()
    return path


@pytest.fixture
def run_on_node(run_module: RunModule, config_dir: Path, data_dir: Path) -> RunModule:
    """`run_module` for a module that reads the product's two directories."""
    return functools.partial(run_module, config_dir=str(config_dir), data_dir=str(data_dir))
