# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module on real files. The full disk and the busy file need root, for their mounts."""

from __future__ import annotations

import base64
import os
import pwd
import subprocess
import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host import files as host_files
from ansible_collections.workbench.cluster.plugins.module_utils._host import units as host_units
from ansible_collections.workbench.cluster.plugins.modules import config_files

Result = t.Dict[str, t.Any]
SECRET = "geheim-geheim-geheim"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


REFUSES_BAD = (
    "sh",
    "-c",
    'echo "Error reading $RSTUDIO_CONFIG_DIR/rserver.conf" >&2; ! grep -q bad "$RSTUDIO_CONFIG_DIR"/*',
)


class Config:
    """A configuration directory and the module working on it as its owner."""

    def __init__(self, directory: Path, run_module: t.Callable[..., Result]) -> None:
        self.directory = directory
        directory.mkdir()
        directory.chmod(0o755)
        self._run_module = run_module

    def __call__(self, *files: dict[str, t.Any], **options: t.Any) -> Result:
        return self._run_module(config_files.main, files=[self.file(**file) for file in files], **options)

    def file(self, name: str, **options: t.Any) -> dict[str, t.Any]:
        return {"path": str(self.directory / name), "owner": str(os.getuid()), "group": str(os.getgid()), **options}

    def text(self, name: str) -> str:
        return (self.directory / name).read_text()

    def mode(self, name: str) -> int:
        return (self.directory / name).stat().st_mode & 0o7777

    def names(self) -> list[str]:
        return sorted(path.name for path in self.directory.iterdir())


@pytest.fixture
def config(tmp_path: Path, run_module: t.Callable[..., Result]) -> Config:
    return Config(tmp_path / "rstudio", run_module)


A: dict[str, t.Any] = {"name": "a", "content": "a=1\n"}
B: dict[str, t.Any] = {"name": "b", "secret_base64": encoded(f"host=db\npassword={SECRET}\n")}


def test_writes_predicts_and_repeats(config: Config) -> None:
    predicted = config(A, B, check_mode=True)
    assert config.names() == []
    result = config(A, B)
    assert result == predicted
    assert (config.text("a"), config.text("b")) == ("a=1\n", f"host=db\npassword={SECRET}\n")
    assert (config.mode("a"), config.mode("b")) == (0o644, 0o600)
    assert config.names() == ["a", "b"]
    again = config(A, B)
    assert (again["changed"], again["changed_files"], again["diff"]) == (False, [], [])


def test_bytes_that_are_no_text(config: Config) -> None:
    key = bytes(range(256))
    result = config({"name": "key", "secret_base64": base64.b64encode(key).decode()})
    assert (config.directory / "key").read_bytes() == key
    assert result["diff"][0]["after"] == "(sha256 40aff2e9d2d8)\n"


def test_owner_and_mode_are_repaired(config: Config) -> None:
    config(A)
    os.chmod(config.directory / "a", 0o666)
    result = config(A)
    assert result["changed_files"] == [str(config.directory / "a")]
    assert [(d["before"].split()[-1], d["after"].split()[-1]) for d in result["diff"]] == [("0666", "0644")]
    assert config.mode("a") == 0o644


def test_diff_of_a_secret_shows_fingerprints(config: Config) -> None:
    config(B)
    result = config({**B, "secret_base64": encoded("host=db\npassword=anderes-geheimnis\n")})
    before, after = result["diff"][0]["before"], result["diff"][0]["after"]
    assert before.splitlines()[0] == after.splitlines()[0]
    assert before.splitlines()[1].startswith("password=(sha256 ")
    assert before != after
    assert SECRET not in str(result)
    assert "anderes-geheimnis" not in str(result)


def test_secret_is_never_readable_by_others(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    chmod = os.fchmod

    def spy(handle: int, mode: int) -> None:
        seen.append(os.fstat(handle).st_mode & 0o777)
        assert os.fstat(handle).st_size == 0
        chmod(handle, mode)

    monkeypatch.setattr(os, "fchmod", spy)
    before = os.umask(0)
    try:
        config(B)
    finally:
        os.umask(before)
    assert seen == [0o600]


def test_removes(config: Config) -> None:
    config(A)
    gone = [str(config.directory / "a"), str(config.directory / "never")]
    assert config(remove=gone, check_mode=True)["changed_files"] == gone[:1]
    assert config.names() == ["a"]
    assert config(remove=gone)["changed_files"] == gone[:1]
    assert config.names() == []
    assert config(remove=gone)["changed"] is False


def test_link_stays_a_link(config: Config, tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old\n")
    (config.directory / "a").symlink_to(tmp_path / "real")
    config(A)
    assert (config.directory / "a").is_symlink()
    assert (tmp_path / "real").read_text() == "a=1\n"


def test_directories(config: Config) -> None:
    wanted = {"path": str(config.directory / "x" / "y"), "owner": str(os.getuid()), "group": "0", "mode": "0750"}
    assert config(directories=[wanted], check_mode=True)["changed"] is True
    assert config.names() == []
    assert config(directories=[wanted])["changed"] is True
    assert ((config.directory / "x").stat().st_mode & 0o777, config.mode("x/y")) == (0o755, 0o750)
    assert config(directories=[wanted])["changed"] is False


def test_directory_keeps_what_is_not_asked_for(config: Config) -> None:
    os.chmod(config.directory, 0o711)
    assert config(directories=[{"path": str(config.directory)}])["changed"] is False
    assert config(directories=[{"path": str(config.directory), "owner": "1"}])["changed"] is True
    status = config.directory.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (1, os.getgid(), 0o711)


@pytest.mark.parametrize("installed", [True, False])
def test_missing_parents_are_made_for_all(config: Config, installed: bool) -> None:
    mask = os.umask(0o077)
    try:
        config(
            {**A, "name": "x/y/a"}, check={"command": ["true" if installed else "nosuchprogram"], "directory": "/etc/x"}
        )
    finally:
        os.umask(mask)
    assert ((config.directory / "x/y").stat().st_mode & 0o777, config.text("x/y/a")) == (0o755, "a=1\n")


class TestCheck:
    """The product's own judgement."""

    def judged(
        self, config: Config, *files: dict[str, t.Any], command: t.Sequence[str] = REFUSES_BAD, **options: t.Any
    ) -> Result:
        return config(*files, check={"command": list(command), "directory": str(config.directory)}, **options)

    def test_refusal_replaces_nothing(self, config: Config) -> None:
        config(A, B)
        result = self.judged(config, {**A, "content": "bad=1\n"}, {**B, "secret_base64": encoded("host=other\n")})
        assert result["failed"] is True
        assert f"Error reading {config.directory}/rserver.conf" in result["msg"]
        assert (config.text("a"), config.text("b")) == ("a=1\n", f"host=db\npassword={SECRET}\n")
        assert config.names() == ["a", "b"]

    def test_refusal_is_predicted(self, config: Config) -> None:
        assert self.judged(config, {**A, "content": "bad=1\n"}, check_mode=True)["failed"] is True

    def test_sees_the_directory_as_it_would_be(self, config: Config, tmp_path: Path) -> None:
        (config.directory / "kept").write_text("kept\n")
        (config.directory / "gone").write_text("bad\n")
        seen = tmp_path / "seen"
        command = [
            "sh",
            "-c",
            f'cd "$RSTUDIO_CONFIG_DIR" && grep -r . . > {seen} && stat -c %a .. >> {seen}; ! grep bad *',
        ]
        result = self.judged(config, A, command=command, remove=[str(config.directory / "gone")])
        assert (result["checked"], result["changed"]) == (True, True)
        assert sorted(seen.read_text().split()) == ["./a:a=1", "./kept:kept", "700"]
        assert config.names() == ["a", "kept"]

    def test_sees_owner_and_mode(self, config: Config) -> None:
        (config.directory / "key").write_text("key\n")
        os.chmod(config.directory / "key", 0o600)
        command = ["sh", "-c", 'test "$(cd $RSTUDIO_CONFIG_DIR; stat -c %a key b a | tr "\\n" " ")" = "600 600 644 "']
        assert self.judged(config, A, B, command=command)["checked"] is True

    def test_without_the_product_there_is_none(self, config: Config) -> None:
        result = self.judged(config, A, command=["nosuchprogram"])
        assert (result["checked"], config.text("a")) == (False, "a=1\n")

    def test_without_a_change_there_is_none(self, config: Config) -> None:
        config(A)
        result = self.judged(config, A, command=["false"])
        assert (result["checked"], result["changed"]) == (False, False)


class TestFound:
    """Files that were there before the collection wrote them."""

    OURS = "# Managed by Ansible, workbench.cluster: change x in the inventory.\n"
    COPY = f"a{host_files.FOUND}"

    def test_a_file_that_is_replaced_for_the_first_time_is_kept_with_owner_and_mode(self, config: Config) -> None:
        (config.directory / "a").write_text("of=theirs\n")
        os.chmod(config.directory / "a", 0o640)
        os.chown(config.directory / "a", 1, 2)
        result = config({**A, "content": f"{self.OURS}a=1\n"})
        assert result["kept"] == [str(config.directory / self.COPY)]
        assert (config.text(self.COPY), config.mode(self.COPY)) == ("of=theirs\n", 0o640)
        status = (config.directory / self.COPY).stat()
        assert (status.st_uid, status.st_gid, status.st_nlink) == (1, 2, 1)
        assert [entry["after_header"] for entry in result["diff"]] == [
            str(config.directory / "a"),
            str(config.directory / "a"),
            str(config.directory / self.COPY),
        ]

    def test_it_is_never_overwritten(self, config: Config) -> None:
        (config.directory / self.COPY).write_text("first\n")
        (config.directory / "a").write_text("second\n")
        assert config(A)["kept"] == []
        assert config.text(self.COPY) == "first\n"

    def test_nor_through_a_link(self, config: Config, tmp_path: Path) -> None:
        (config.directory / self.COPY).symlink_to(tmp_path / "elsewhere")
        (config.directory / "a").write_text("second\n")
        assert config(A)["kept"] == []
        assert not (tmp_path / "elsewhere").exists()

    @pytest.mark.parametrize("content", [f"{OURS}a=2\n", "a=1\n"])
    def test_what_is_ours_or_stays_is_not_kept(self, config: Config, content: str) -> None:
        (config.directory / "a").write_text(content)
        os.chmod(config.directory / "a", 0o600)
        assert config(A)["kept"] == []
        assert config.names() == ["a"]

    def test_predicted(self, config: Config) -> None:
        (config.directory / "a").write_text("of=theirs\n")
        assert config(A, check_mode=True)["kept"] == [str(config.directory / self.COPY)]
        assert config.names() == ["a"]

    @pytest.mark.parametrize(
        ("content", "kept"),
        [
            (f"{OURS}host=db\npassword={SECRET}\n", True),
            (f"# theirs\n\nhost = db\npassword = {SECRET}\n\n# end", True),
            (f"{SECRET}=\n", False),
            ("-----BEGIN PRIVATE KEY-----\nMIIE=\n-----END PRIVATE KEY-----\n", False),
        ],
    )
    def test_secrets_are_kept_where_they_are_options_and_a_replaced_key_is_gone(
        self, config: Config, content: str, kept: bool
    ) -> None:
        (config.directory / "b").write_text(f"host=old\npassword={SECRET}\n")
        os.chmod(config.directory / "b", 0o600)
        result = config({**B, "secret_base64": encoded(content)})
        assert result["kept"] == ([str(config.directory / f"b{host_files.FOUND}")] if kept else [])
        assert not kept or config.mode(f"b{host_files.FOUND}") == 0o600
        assert SECRET not in str(result)

    def test_a_failure_leaves_no_copy(self, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
        (config.directory / "a").write_text("of=theirs\n")
        rename = os.rename

        def interrupted(source: str, target: str) -> None:
            if source.endswith(host_files.DRAFT):
                raise OSError(5, "Input/output error", source)
            rename(source, target)

        monkeypatch.setattr(os, "rename", interrupted)
        assert config(A)["failed"] is True
        assert (config.names(), config.text("a")) == (["a"], "of=theirs\n")

    def test_the_product_does_not_see_them(self, config: Config) -> None:
        (config.directory / self.COPY).write_text("bad\n")
        check = {"command": list(REFUSES_BAD), "directory": str(config.directory)}
        assert config(A, check=check)["checked"] is True

    def test_the_line_that_says_so_shows_in_a_diff_of_secrets(self, config: Config) -> None:
        result = config({**B, "secret_base64": encoded(f"{self.OURS}host=db\npassword={SECRET}\n")})
        assert result["diff"][0]["after"].startswith(f"{self.OURS}host=(sha256 ")


class TestAllOrNothing:
    """What is in the way leaves everything as it was."""

    def test_full_disk(self, config: Config, tmp_path: Path) -> None:
        config(A)
        small = config.directory / "small"
        small.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(small)], check=True)
        try:
            (small / "old").write_text("old\n")
            files = [{**A, "content": "a=2\n"}, {"name": "small/old", "content": "x" * 100_000}]
            result = config(*files)
            assert result["failed"] is True
            assert "No space left on device" in result["msg"]
            assert "small/.old" in result["msg"]
            assert (config.text("a"), config.text("small/old")) == ("a=1\n", "old\n")
            assert (config.names(), os.listdir(small)) == (["a", "small"], ["old"])
            files[1]["content"] = "new\n"
            assert config(*files)["changed_files"] == [str(config.directory / "a"), str(small / "old")]
        finally:
            subprocess.run(["umount", str(small)], check=True)

    def test_file_that_cannot_be_replaced(self, config: Config) -> None:
        config(A, B)
        busy = config.directory / "busy"
        busy.write_text("old\n")
        (config.directory / "gone").write_text("gone\n")
        subprocess.run(["mount", "--bind", str(busy), str(busy)], check=True)
        try:
            changed = [{**A, "content": "a=2\n"}, {"name": "new", "content": "n\n"}, {"name": "busy", "content": "b\n"}]
            result = config(*changed, remove=[str(config.directory / "gone")])
        finally:
            subprocess.run(["umount", str(busy)], check=True)
        assert result["failed"] is True
        assert "nothing was replaced" in result["msg"]
        assert (config.text("a"), config.text("busy"), config.text("gone")) == ("a=1\n", "old\n", "gone\n")
        assert config.names() == ["a", "b", "busy", "gone"]

    def test_interruption_between_two_files(self, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
        config(A, B)
        rename = os.rename

        def interrupted(source: str, target: str) -> None:
            if target.endswith("/b") and source.endswith(host_files.DRAFT):
                raise KeyboardInterrupt
            rename(source, target)

        monkeypatch.setattr(os, "rename", interrupted)
        with pytest.raises(KeyboardInterrupt):
            config({**A, "content": "a=2\n"}, {**B, "secret_base64": encoded("x=1\n")})
        assert (config.text("a"), config.text("b"), config.names()) == (
            "a=1\n",
            f"host=db\npassword={SECRET}\n",
            ["a", "b"],
        )

    def test_leftovers_of_a_killed_run_are_removed(self, config: Config) -> None:
        config(A)
        for suffix in (host_files.DRAFT, host_files.SAVED):
            (config.directory / f".a{suffix}").write_text("old secret\n")
        assert config(A)["changed"] is False
        assert config.names() == ["a"]


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ({"owner": "nosuchuser"}, ["nosuchuser", "does not exist"]),
        ({"group": "nosuchgroup"}, ["nosuchgroup", "does not exist"]),
        ({"mode": "rw"}, ["mode rw"]),
        ({"path": "relative"}, ["relative", "absolute"]),
        ({"name": "."}, ["is a directory"]),
        ({"mode": "-644"}, ["-644", "octal"]),
        ({"content": None, "secret_base64": "???"}, ["secret_base64 is not base64"]),
        ({"content": None}, ["one of the following is required", "secret_base64"]),
        ({"secret_base64": encoded(SECRET)}, ["mutually exclusive"]),
    ],
)
def test_bad_input_stops_before_any_change(config: Config, file: dict[str, t.Any], words: list[str]) -> None:
    given = {key: value for key, value in {**A, **file}.items() if value is not None}
    result = config({"name": "first", "content": "1\n"}, given)
    assert result["failed"] is True
    assert [word for word in words if word not in result["msg"]] == []
    assert SECRET not in str(result)
    assert config.names() == []


@pytest.mark.parametrize(
    ("directory", "words"),
    [({"mode": "rwx"}, "mode rwx"), ({"mode": "-755"}, "mode -755"), ({"owner": "nosuchuser"}, "nosuchuser")],
)
def test_a_wrong_directory_stops_before_a_right_one_is_made(
    config: Config, directory: dict[str, t.Any], words: str
) -> None:
    right = {"path": str(config.directory / "right"), "owner": str(os.getuid()), "group": str(os.getgid())}
    result = config(A, directories=[right, {"path": str(config.directory / "wrong"), **directory}])
    assert words in result["msg"]
    assert config.names() == []


def test_file_listed_twice(config: Config) -> None:
    assert f"listed more than once: {config.directory}/a" in config(A, A)["msg"]


def test_owner_to_come_is_predicted(config: Config) -> None:
    assert config({**A, "owner": "nosuchuser"}, check_mode=True)["changed"] is True


class TestRestart:
    """Running services and the files they read; systemctl is a table."""

    @pytest.fixture
    def unit(self, config: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
        started = int((time.clock_gettime(time.CLOCK_MONOTONIC) - 60) * 1e6)
        state = {"ActiveState": "active", "MainPID": str(os.getpid()), "ExecMainStartTimestampMonotonic": str(started)}

        def run(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
            assert argv[:2] == ["systemctl", "show"]
            return 0, "".join(f"{key}={value}\n" for key, value in state.items()), ""

        monkeypatch.setattr(config_files, "runner", lambda module: run)
        monkeypatch.setattr(host_units, "RELOADED", str(tmp_path / "reloaded"))
        return state

    def restart(self, config: Config, **options: t.Any) -> dict[str, str]:
        service = {"name": "rstudio-server", "files": [str(config.directory / "a")]}
        reasons: dict[str, str] = config(A, services=[service], **options)["restart"]
        return reasons

    def test_file_written_after_the_start(self, config: Config, unit: dict[str, str]) -> None:
        assert list(self.restart(config)) == ["rstudio-server"]
        # An interrupted run did not restart: the next one, which changes nothing, still says so.
        assert self.restart(config) == {
            "rstudio-server": f"{config.directory}/a was written after rstudio-server started"
        }

    @pytest.mark.parametrize(
        ("before", "after", "restarts"),
        [
            ("# by hand\n\nb = 2 # two\na=1\n", "# Managed\na=1\nb=2\n", False),
            ("a=1\n", "a=2\n", True),
            ("a=1\na=2\n", "a=2\na=1\n", True),
            ("a=1\n", "a=1\nb=2\n", True),
        ],
    )
    def test_a_file_that_says_the_same_in_other_words_restarts_nothing(
        self, config: Config, unit: dict[str, str], before: str, after: str, restarts: bool
    ) -> None:
        path = config.directory / "rserver.conf"
        path.write_text(before)
        path.chmod(0o644)
        os.utime(path, (time.time() - 120, time.time() - 120))
        file = {"name": "rserver.conf", "content": after}
        service = {"name": "rstudio-server", "files": [str(path)]}
        for check_mode in (True, False, True):
            result = config(file, services=[service], check_mode=check_mode)
            assert list(result["restart"]) == (["rstudio-server"] if restarts else [])
        assert path.read_text() == after

    def test_another_mode_restarts_whatever_the_file_says(self, config: Config, unit: dict[str, str]) -> None:
        path = config.directory / "rserver.conf"
        path.write_text("a=1\n")
        path.chmod(0o600)
        os.utime(path, (time.time() - 120, time.time() - 120))
        service = {"name": "rstudio-server", "files": [str(path)]}
        result = config({"name": "rserver.conf", "content": "a=1\n"}, services=[service])
        assert list(result["restart"]) == ["rstudio-server"]

    def test_file_older_than_the_start(self, config: Config, unit: dict[str, str]) -> None:
        config(A)
        os.utime(config.directory / "a", (time.time() - 120, time.time() - 120))
        assert self.restart(config) == {}

    def test_owner_set_by_the_product_at_its_start_is_no_change(self, config: Config, unit: dict[str, str]) -> None:
        config(A)
        os.utime(config.directory / "a", (time.time() - 120, time.time() - 120))
        os.chown(config.directory / "a", os.getuid(), os.getgid())
        assert self.restart(config) == {}

    def test_predicted(self, config: Config, unit: dict[str, str]) -> None:
        assert self.restart(config, check_mode=True) == {"rstudio-server": f"{config.directory}/a changed"}

    @pytest.mark.parametrize("state", ["inactive", "failed", "activating"])
    def test_service_that_does_not_run(self, config: Config, unit: dict[str, str], state: str) -> None:
        unit["ActiveState"] = state
        assert self.restart(config) == {}

    def test_removed_file(self, config: Config, unit: dict[str, str]) -> None:
        config(A)
        path = str(config.directory / "a")
        service = {"name": "rstudio-server", "files": [path]}
        assert config(remove=[path], services=[service])["restart"] == {"rstudio-server": f"{path} changed"}

    def reload(self, config: Config, **options: t.Any) -> tuple[dict[str, str], dict[str, str]]:
        service = {"name": "rstudio-server", "files": [], "reload": [str(config.directory / "a")]}
        result = config(A, services=[service], **options)
        return result["restart"], result["reload"]

    def test_file_that_a_reload_reads(self, config: Config, unit: dict[str, str]) -> None:
        reason = f"{config.directory}/a was written after rstudio-server last read it"
        assert self.reload(config, check_mode=True) == ({}, {"rstudio-server": f"{config.directory}/a changed"})
        assert self.reload(config) == ({}, {"rstudio-server": reason})
        # An interrupted run did not reload: the next one, which changes nothing, still says so.
        assert self.reload(config) == ({}, {"rstudio-server": reason})
        host_units.mark_reloaded("rstudio-server", time.time())
        assert self.reload(config) == ({}, {})
        # Written while the signal was on its way: it counts as unread.
        host_units.mark_reloaded("rstudio-server", time.time() - 30)
        assert self.reload(config) == ({}, {"rstudio-server": reason})

    def test_reload_of_a_process_before_this_one(self, config: Config, unit: dict[str, str]) -> None:
        self.reload(config)
        os.utime(config.directory / "a", (time.time() - 120, time.time() - 120))
        host_units.mark_reloaded("rstudio-server", time.time() - 3600)
        assert self.reload(config) == ({}, {})

    def test_restart_makes_a_reload_needless(self, config: Config, unit: dict[str, str]) -> None:
        path = str(config.directory / "a")
        result = config(A, services=[{"name": "rstudio-server", "files": [path], "reload": [path]}])
        assert (list(result["restart"]), result["reload"]) == (["rstudio-server"], {})

    def test_replaced_program(self, config: Config, unit: dict[str, str], tmp_path: Path) -> None:
        config(A)
        os.utime(config.directory / "a", (0, 0))
        program = tmp_path / "sleep"
        program.write_bytes(Path("/bin/sleep").read_bytes())
        program.chmod(0o755)
        with subprocess.Popen([str(program), "60"]) as process:
            unit["MainPID"] = str(process.pid)
            assert self.restart(config) == {}
            program.unlink()
            assert "program of rstudio-server was replaced" in self.restart(config)["rstudio-server"]
            process.terminate()


def test_without_systemctl_nothing_is_written(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        return 1, "", "Failed to connect to bus"

    monkeypatch.setattr(config_files, "runner", lambda module: run)
    result = config(A, services=[{"name": "rstudio-server", "files": []}])
    assert "systemctl show rstudio-server failed: Failed to connect to bus" in result["msg"]
    assert config.names() == []


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_program_that_is_refused_replaces_nothing(tmp_path: Path, check_mode: bool, run_module: t.Any) -> None:
    """Neither it nor what else was to be written, in check mode too."""
    live, other = tmp_path / "rserver-balancer", tmp_path / "other"
    live.write_text("#!/bin/sh\necho n1:8787\n")
    account = pwd.getpwuid(os.getuid()).pw_name
    trial = {"path": str(live), "account": account, "user": "ada", "nodes": ["n1:8787"]}

    def call(script: str) -> t.Any:
        owner = {"owner": account, "group": str(os.getgid())}
        files = [{"path": str(live), "content": script, "mode": "0755", **owner}]
        files.append({"path": str(other), "content": "x\n", **owner})
        return run_module(config_files.main, files=files, trials=[trial], check_mode=check_mode)

    refused = call("#!/bin/sh\necho elsewhere:8787\n")
    assert refused["failed"] is True
    assert f"{live} is refused as a balancer: it answered 'elsewhere:8787'" in refused["msg"]
    assert (live.read_text(), other.exists()) == ("#!/bin/sh\necho n1:8787\n", False)
    assert call('#!/bin/sh\necho "$RSTUDIO_NODES"\n')["changed"] is True
