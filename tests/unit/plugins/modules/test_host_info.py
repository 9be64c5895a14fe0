# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at a host: its parts, and what a part that fails leaves of the others."""

from __future__ import annotations

import hashlib
import json
import os
import time
import typing as t
from pathlib import Path

import pytest
from ansible.modules import setup
from ansible_collections.workbench.cluster.plugins.module_utils._host import file_states, system
from ansible_collections.workbench.cluster.plugins.module_utils._host.digests import digest, sense
from ansible_collections.workbench.cluster.plugins.module_utils._host.report import remembering
from ansible_collections.workbench.cluster.plugins.modules import host_info

KEY = "0123456789abcdef"
RunModule = t.Callable[..., t.Dict[str, t.Any]]


@pytest.fixture
def look(run_module: RunModule) -> t.Callable[..., t.Any]:
    """`look(contents=False, **parts)` is the report."""

    def look(contents: bool = False, **parts: t.Any) -> t.Any:
        return json.loads(run_module(host_info.main, parts=parts, key=KEY, contents=contents)["report"])

    return look


@pytest.mark.parametrize("known", [True, False])
def test_the_system_is_what_setup_says_it_is(
    known: bool, look: t.Callable[..., t.Any], run_module: RunModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not known:
        monkeypatch.setattr(system, "known_system", lambda: None)
    facts = run_module(setup.main, gather_subset=["!all", "!min", "distribution", "pkg_mgr"])["ansible_facts"]
    assert look(system={})["system"] == {name: facts[f"ansible_{name}"] for name in ("os_family", "pkg_mgr")}


def test_the_processors_are_those_that_the_product_counts(look: t.Callable[..., t.Any]) -> None:
    """`boost::thread::hardware_concurrency` asks for the same."""
    assert look(processors={})["processors"] == os.sysconf("SC_NPROCESSORS_ONLN")


@pytest.mark.parametrize(
    ("part", "given", "error"),
    [
        ("moonphase", {}, "there is no such part. Known are accounts, "),
        ("accounts", {"asked": "{}", "user": ["ada"]}, "user. Supported parameters include: asked"),
        ("accounts", {}, "missing required arguments: asked"),
        ("cluster", {"r_programs": {"a": 1}}, "argument 'r_programs' is of type"),
        ("accounts", ["ada"], "its options are no dictionary: ['ada']"),
        ("packages", {"chrony": 1}, "argument 'names' is of type"),
        ("mounts", {}, "missing required arguments: mounts"),
    ],
)
def test_a_part_that_fails_takes_no_other_with_it(
    part: str, given: t.Any, error: str, look: t.Callable[..., t.Any], tmp_path: Path
) -> None:
    report = look(**{part: given, "directories": [str(tmp_path)]})
    assert report["directories"][str(tmp_path)]["mode"] == "0700"
    assert part not in report
    assert [*report["errors"]] == [part]
    assert error in report["errors"][part]


def test_files_are_told_by_digests(look: t.Callable[..., t.Any], tmp_path: Path) -> None:
    text = b"# Managed by Ansible, workbench.cluster: change server_rserver_conf in the inventory.\na=1\n"
    file = tmp_path / "rserver.conf"
    file.write_bytes(text)
    file.chmod(0o640)
    (tmp_path / "rserver.conf.before-workbench-cluster").touch()
    state = look(files=[str(file)])["files"][str(file)]
    assert (state["digest"], state["sense"]) == (digest(KEY, text), sense(KEY, "rserver.conf", text))
    assert (state["ours"], state["kept"], state["mode"]) == (True, True, "0640")
    assert (state["uid"], state["gid"]) == (file.stat().st_uid, file.stat().st_gid)
    assert 0 <= state["age"] < 60


def test_a_plan_can_name_options_but_of_secrets_unasked(look: t.Callable[..., t.Any], tmp_path: Path) -> None:
    plain, other, secret = (tmp_path / name for name in ("rserver.conf", "chrony.conf", "database.conf"))
    for file in (plain, other, secret):
        file.write_text("a=1\nb=2\n")
    files = look(files=[str(plain), str(other)], secret_files=[str(secret)])["files"]
    assert [files[str(file)]["content"] for file in (plain, other, secret)] == ["a=1\nb=2\n", None, None]


def test_only_files_that_are_no_secrets_come_with_their_text(look: t.Callable[..., t.Any], tmp_path: Path) -> None:
    plain, secret = tmp_path / "plain", tmp_path / "secret"
    plain.write_text("plain")
    secret.write_text("hidden")
    files = look(contents=True, files=[str(plain), str(secret)], secret_files=[str(secret)])["files"]
    assert files[str(plain)]["content"] == "plain"
    fingerprint = hashlib.sha256(b"hidden").hexdigest()[:12]
    assert files[str(secret)]["content"] == f"(sha256 {fingerprint})\n"
    assert files[str(secret)]["digest"] == digest(KEY, b"hidden")


def test_a_file_is_looked_at_where_its_link_leads(look: t.Callable[..., t.Any], tmp_path: Path) -> None:
    """As config_files writes it: there its copy lies, by the name of the link it is read."""
    place, link = tmp_path / "elsewhere", tmp_path / "rserver.conf"
    place.write_text("a=1")
    place.chmod(0o600)
    (tmp_path / "elsewhere.before-workbench-cluster").touch()
    link.symlink_to(place)
    state = look(files=[str(link)])["files"][str(link)]
    assert (state["digest"], state["sense"]) == (digest(KEY, b"a=1"), sense(KEY, "rserver.conf", b"a=1"))
    assert (state["kept"], state["mode"]) == (True, "0600")


def test_what_is_no_file_has_no_digest(look: t.Callable[..., t.Any], tmp_path: Path) -> None:
    """Least of all may it be waited for, as a pipe is."""
    paths = {name: str(tmp_path / name) for name in ("nothing", "directory", "dangling", "pipe")}
    Path(paths["directory"]).mkdir()
    Path(paths["dangling"]).symlink_to(tmp_path / "nowhere")
    os.mkfifo(paths["pipe"])
    files = look(files=[*paths.values()])["files"]
    assert files.pop(paths["nothing"]) is None
    assert [state["digest"] for state in files.values()] == ["", "", ""]


def test_a_file_server_that_is_silent_is_not_waited_for(
    look: t.Callable[..., t.Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_states, "PATIENCE", 0.1)
    monkeypatch.setattr(file_states, "_file", lambda *__: time.sleep(1))
    report = look(files=["/nothing"], directories=[str(tmp_path)])
    assert report["errors"] == {"files": "no answer within 0.1 seconds: a file server may be silent"}
    assert [*report["directories"]] == [str(tmp_path)]


def test_a_long_file_is_no_more_than_a_digest(look: t.Callable[..., t.Any], tmp_path: Path) -> None:
    file = tmp_path / "rserver.conf"
    for size, known in ((1 << 20, True), ((1 << 20) + 1, False)):
        file.write_bytes(b"#" * size)
        state = look(contents=True, files=[str(file)])["files"][str(file)]
        assert state["digest"] == digest(KEY, b"#" * size)
        assert (state["content"] is not None, state["sense"] is not None) == (known, known)


def test_names_that_are_no_text_are_told(look: t.Callable[..., t.Any], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"caf\xe9")
    assert look(contents=True, files=[str(file)])["files"][str(file)]["content"] == "caf\ufffd"


def test_a_look_asks_for_the_same_once() -> None:
    asked = []

    def run(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        asked.append((argv, data, env))
        return 0, str(len(asked)), ""

    ask = remembering(run)
    assert [ask(["a"])[1], ask(["a"])[1], ask(["b"])[1], ask(["a"], "text")[1], ask(["a"], env={})[1]] == [*"11234"]
