# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a node could start again, from answers of the product and of systemd, and from files of known ages."""

from __future__ import annotations

import os
import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product import start

USAGE = (2, "", "Usage: rstudio-server {status|start|…}")
UNKNOWN_OPTIONS = """[FAIL] Config file /etc/rstudio/rserver.conf: unrecognized option(s):
  - load-balancing-enable
  - www-prot
[PASS] Data directory: /var/lib/rstudio-server
[FAIL] Database configuration: provider 'postgre' is not known
"""
DUPLICATE = "Error reading /etc/rstudio/rserver.conf: option 'x' cannot be specified more than once"
URI = "Error reading database.conf: postgresql://rstudio:hunter2@db/rstudio is no URI"


class Product:
    """`rstudio-server` with an answer for each command; keeps what it was asked, and in which directory."""

    def __init__(self, **answers: tuple[int, str, str]) -> None:
        self.answers = {name.replace("_", "-"): answer for name, answer in answers.items()}
        self.asked: list[tuple[list[str], dict[str, str] | None]] = []

    def __call__(
        self, argv: list[str], data: str | None = None, env: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        self.asked.append((argv, env))
        return self.answers.get(argv[-1], USAGE)


@pytest.mark.parametrize(
    ("product", "passed", "said"),
    [
        pytest.param(Product(check_config=(0, "[PASS] …", "")), True, "", id="passes"),
        pytest.param(Product(test_config=(0, "", "")), True, "", id="older_release_passes"),
        pytest.param(Product(test_config=(1, "", DUPLICATE)), False, DUPLICATE, id="older_release_refuses"),
        pytest.param(
            Product(check_config=(1, UNKNOWN_OPTIONS, "")),
            False,
            "Config file /etc/rstudio/rserver.conf: unrecognized option(s): - load-balancing-enable - www-prot "
            "Database configuration: provider 'postgre' is not known",
            id="all_that_is_wrong_and_nothing_else",
        ),
        pytest.param(Product(check_config=(1, "", DUPLICATE)), False, DUPLICATE, id="one_error_stops_the_check"),
        pytest.param(Product(), None, USAGE[2], id="knows_neither"),
        pytest.param(Product(check_config=(127, "", "not found")), None, "not found", id="not_installed"),
        pytest.param(Product(check_config=(-9, "", "")), None, "", id="killed"),
    ],
)
def test_the_product_s_own_check(product: Product, passed: bool | None, said: str) -> None:
    assert start.own_check(product, "/srv/rstudio") == {"passed": passed, "said": said}
    assert {(env or {}).get("RSTUDIO_CONFIG_DIR") for _argv, env in product.asked} == {"/srv/rstudio"}


def test_a_password_in_the_product_s_words_is_not_passed_on() -> None:
    said = start.own_check(Product(test_config=(1, "", URI)), "/etc/rstudio")["said"]
    assert "is no URI" in said
    assert "hunter2" not in said


def unit(seconds: float = 1000.0, **more: str) -> dict[str, str]:
    """A unit that started so many seconds ago."""
    began = int((time.clock_gettime(time.CLOCK_MONOTONIC) - seconds) * 1e6)
    state = {"LoadState": "loaded", "UnitFileState": "enabled", "ActiveState": "active", "MainPID": str(os.getpid())}
    return {**state, "ExecMainStartTimestampMonotonic": str(began), **more}


def aged(path: Path, seconds: float) -> str:
    path.write_text("x")
    os.utime(path, (time.time() - seconds,) * 2)
    return str(path)


@pytest.mark.parametrize(
    ("config", "key", "older"),
    [
        pytest.param(2000, 2000, set(), id="all_older_than_the_start"),
        pytest.param(10, 2000, {"configuration"}, id="configuration_written_since"),
        pytest.param(2000, 10, {"key_files"}, id="key_written_since"),
        pytest.param(2000, 990, set(), id="key_that_the_server_made_at_its_start"),
        pytest.param(990, 2000, {"configuration"}, id="configuration_written_right_after_the_start"),
        pytest.param(10, 10, {"configuration", "key_files"}, id="both"),
    ],
)
def test_what_a_service_runs_with(tmp_path: Path, config: float, key: float, older: set[str]) -> None:
    files = [aged(tmp_path / "rserver.conf", config), str(tmp_path / "absent")]
    answer = start.read_unit("rstudio-server", unit(), files, [aged(tmp_path / "key", key)])
    assert {what for what, reason in answer["older"].items() if reason} == older
    assert (answer["active"], answer["enabled"]) == ("active", "enabled")


@pytest.mark.parametrize(
    ("state", "enabled"),
    [
        (unit(UnitFileState="disabled"), "disabled"),
        (unit(LoadState="masked", UnitFileState="masked-runtime"), "masked"),
        (unit(UnitFileState=""), None),
    ],
)
def test_whether_a_service_comes_back(state: dict[str, str], enabled: str | None) -> None:
    assert start.read_unit("rstudio-server", state, [], [])["enabled"] == enabled


def test_a_service_that_does_not_run_is_older_than_nothing(tmp_path: Path) -> None:
    stopped = unit(ActiveState="inactive", MainPID="0", ExecMainStartTimestampMonotonic="0")
    answer = start.read_unit("rstudio-server", stopped, [aged(tmp_path / "rserver.conf", 10)], [])
    assert set(answer["older"].values()) == {None}


@pytest.mark.parametrize("mode", ["1777", "0755", "3777"])
def test_the_shared_directory(tmp_path: Path, mode: str) -> None:
    tmp_path.chmod(int(mode, 8))
    answer = start.read_directory(str(tmp_path))
    assert answer == {"path": str(tmp_path), "directory": True, "mode": mode, "error": None}


def test_a_shared_directory_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert start.read_directory(str(tmp_path / "absent"))["directory"] is False
    assert start.read_directory(str(tmp_path / "file"))["directory"] is False


def test_a_shared_directory_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(_path: str) -> t.NoReturn:
        raise OSError(116, "Stale file handle")

    monkeypatch.setattr(os, "stat", silent)
    answer = start.read_directory("/nfs")
    assert (answer["directory"], answer["mode"]) == (None, None)
    assert "Stale file handle" in str(answer["error"])
