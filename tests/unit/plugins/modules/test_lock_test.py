# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole tests of locks, with holders that are real processes, against the product's own algorithm as well."""

from __future__ import annotations

import errno
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import types
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._locks import locktester as locks_locktester
from ansible_collections.workbench.cluster.plugins.module_utils._locks.rules import lock_protocol
from ansible_collections.workbench.cluster.plugins.module_utils._share import folder as share
from ansible_collections.workbench.cluster.plugins.modules import lock_test

Result = t.Dict[str, t.Any]
KINDS = ["linkbased", "symlink", "advisory"]
LINKS = KINDS[:2]
TOKEN = "5f3c970b-unit"
# Whoever runs the tests; another user where that is possible.
USER = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
# The stand-in has the locks written a second time.
STAND_IN = Path(__file__).resolve().parents[3] / "fake_workbench"
PRODUCT = """
import sys
from fake_workbench.locks import LockConfig, LockUnavailable, make_lock
kind, path, protocol = sys.argv[1:]
lock_type = "advisory" if kind == "advisory" else "linkbased"
config = LockConfig(lock_type, kind == "symlink", load_balanced=True, protocol=protocol)
lock = make_lock(path, config)
try:
    lock.acquire()
except LockUnavailable:
    print("refused", flush=True)
else:
    print("acquired", flush=True)
    sys.stdin.readline()
    lock.release()
"""


class Share:
    """A directory everybody may write to, and the steps on it."""

    def __init__(self, path: Path, run_module: t.Callable[..., Result]) -> None:
        self.path = path
        self.holders: list[Result] = []
        self._run_module = run_module

    def result(self, step: str, **options: t.Any) -> Result:
        defaults = {"paths": [str(self.path)], "token": TOKEN, "user": USER, "holders": self.holders}
        return self._run_module(lock_test.main, step=step, **{**defaults, **options})

    def folder_of(self, user: str | None) -> Path:
        return Path(share.folder(str(self.path), TOKEN, user, "locks"))

    @property
    def folder(self) -> Path:
        return self.folder_of(USER)

    def locks(self, step: str, **options: t.Any) -> list[Result]:
        result = self.result(step, **options)
        assert result["changed"] is False
        locks: list[Result] = result["locks"]
        if step == "hold":
            self.holders = locks
        return locks

    def outcomes(self, step: str, **options: t.Any) -> dict[str, str]:
        return {lock["type"]: lock["outcome"] for lock in self.locks(step, **options)}

    def lock(self, kind: str, user: str | None = USER) -> Path:
        return self.folder_of(user) / kind / "lock"

    def age(self, kind: str, seconds: float, user: str | None = USER) -> None:
        then = time.time() - seconds
        os.utime(self.lock(kind, user), (then, then))


def every(outcome: str) -> dict[str, str]:
    return dict.fromkeys(KINDS, outcome)


def wait_until(done: t.Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not done():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def directory(run_module: t.Callable[..., Result]) -> t.Iterator[Share]:
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o1777)
        shared = Share(Path(name), run_module)
        yield shared
        pids = [lock["holder"]["pid"] for lock in shared.holders if lock["holder"]]
        shared.locks("clean")
        wait_until(lambda: not any(_runs(pid) for pid in pids))
        assert os.listdir(name) == []


def _runs(pid: int) -> bool:
    try:
        return "(zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_held_refused_released_taken_over(directory: Share) -> None:
    assert directory.outcomes("hold") == every("held")
    assert directory.outcomes("try") == every("refused")
    assert directory.outcomes("try") == every("refused")
    assert directory.outcomes("release") == every("released")
    assert directory.outcomes("takeover") == every("acquired")
    assert directory.outcomes("try") == every("acquired")


def test_holder_is_the_user_s_process(directory: Share) -> None:
    for lock in directory.locks("hold"):
        status = Path(f"/proc/{lock['holder']['pid']}/status").read_text()
        uids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
        assert set(uids) == {str(pwd.getpwnam(USER).pw_uid)}
        assert directory.lock(lock["type"]).owner() == USER


def test_killed_holder_leaves_locks_that_become_stale(directory: Share) -> None:
    assert directory.outcomes("hold") == every("held")
    assert directory.outcomes("crash") == every("gone")
    assert directory.outcomes("stale") == {"linkbased": "live", "symlink": "live", "advisory": "gone"}
    assert directory.outcomes("takeover") == {"linkbased": "refused", "symlink": "refused", "advisory": "acquired"}
    for kind in LINKS:
        directory.age(kind, 40)
    looks = directory.locks("stale", types=LINKS)
    assert [look["outcome"] for look in looks] == ["stale", "stale"]
    assert all(39 < look["seconds"] < 70 for look in looks)
    assert directory.outcomes("try", types=LINKS) == dict.fromkeys(LINKS, "stale")
    assert directory.outcomes("takeover", types=LINKS) == dict.fromkeys(LINKS, "acquired")


def test_what_is_not_alive_at_once_is_not_waited_for(directory: Share) -> None:
    directory.locks("hold")
    directory.locks("crash")
    directory.age("symlink", 40)
    looks = directory.locks("stale", timeout_interval=2, wait=20)
    assert [(look["type"], look["outcome"]) for look in looks] == [
        ("linkbased", "live"),
        ("symlink", "stale"),
        ("advisory", "gone"),
        ("linkbased", "stale"),
    ]


def test_waiting_until_stale_tells_the_age(directory: Share) -> None:
    directory.locks("hold", types=LINKS)
    directory.locks("crash", types=LINKS)
    looks = directory.locks("stale", types=LINKS, timeout_interval=2, wait=20)
    assert [(look["type"], look["outcome"]) for look in looks[:2]] == [(kind, "live") for kind in LINKS]
    for look in looks[2:]:
        # Whole seconds decide, and file times are cut to the kernel's tick.
        assert (look["outcome"], look["seconds"] > 0.95) == ("stale", True)


def test_takeover_waits_for_the_release(directory: Share) -> None:
    (held,) = directory.locks("hold", types=["linkbased"])
    child = os.fork()
    if child == 0:
        time.sleep(0.3)
        os.kill(held["holder"]["pid"], signal.SIGTERM)
        os._exit(0)
    (taken,) = directory.locks("takeover", types=["linkbased"], wait=20)
    os.waitpid(child, 0)
    assert taken["outcome"] == "acquired"


def test_takeover_does_not_wait_forever(directory: Share) -> None:
    directory.locks("hold")
    assert directory.outcomes("takeover", wait=0.2) == every("refused")


def test_holder_refreshes(directory: Share) -> None:
    directory.locks("hold", types=LINKS, refresh_rate=0.1)
    for kind in LINKS:
        directory.age(kind, 25)
        lock = directory.lock(kind)
        wait_until(lambda lock=lock: time.time() - lock.stat().st_mtime < 20)  # type: ignore[misc]


def test_holder_ends_by_itself_and_removes_what_it_has(directory: Share) -> None:
    directory.locks("hold", ttl=0.5)
    wait_until(lambda: not directory.folder.exists())


def test_killed_holder_s_files_are_removed_by_the_guard(directory: Share) -> None:
    directory.locks("hold", ttl=2)
    assert directory.outcomes("crash") == every("gone")
    assert directory.lock("linkbased").exists()
    wait_until(lambda: not directory.folder.exists())


def test_holder_ends_when_its_folder_is_gone(directory: Share) -> None:
    pids = [lock["holder"]["pid"] for lock in directory.locks("hold")]
    directory.locks("clean")
    wait_until(lambda: not any(_runs(pid) for pid in pids))


def test_holder_that_died_is_no_holder_that_let_go(directory: Share) -> None:
    for lock in directory.locks("hold"):
        os.kill(lock["holder"]["pid"], signal.SIGKILL)
        wait_until(lambda pid=lock["holder"]["pid"]: not _runs(pid))  # type: ignore[misc]
    assert directory.outcomes("release") == every("gone")
    assert directory.outcomes("crash") == every("error")


@pytest.mark.parametrize("step", ["crash", "release"])
def test_reused_process_number_is_not_ended(directory: Share, step: str) -> None:
    (held,) = directory.locks("hold", types=["linkbased"])
    directory.locks("crash", types=["linkbased"])
    bystander = subprocess.Popen(["sleep", "60"])
    directory.holders = [{**held, "holder": {**held["holder"], "pid": bystander.pid}}]
    (lock,) = directory.locks(step, types=["linkbased"])
    assert (lock["outcome"], lock["error"]) == (
        "error" if step == "crash" else "gone",
        "the holder has ended before",
    )
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_release_and_crash_belong_to_the_holder_s_node(directory: Share) -> None:
    (held,) = directory.locks("hold", types=["linkbased"])
    elsewhere = [{**held, "holder": {**held["holder"], "host": "elsewhere"}}]
    for step in ("release", "crash"):
        (lock,) = directory.locks(step, types=["linkbased"], holders=elsewhere)
        assert (lock["outcome"], "elsewhere" in lock["error"]) == ("error", True)


@pytest.mark.parametrize("holder", [{"pid": "no number"}, {"pid": 1}, {"host": "n1", "started": "1"}])
def test_holders_that_no_step_has_returned_are_refused(directory: Share, holder: Result) -> None:
    result = directory.result("crash", holders=[{"path": "/p", "type": "linkbased", "holder": holder}])
    assert (result["failed"], "holders is not what step hold has returned" in result["msg"]) == (True, True)


def test_no_file_on_the_share_names_a_process_to_end(directory: Share) -> None:
    directory.locks("hold")
    assert {path.name for path in directory.folder.glob("*/*") if "41c29" not in path.name} == {"lock"}


def test_clock_that_is_ahead_steals_and_leaves_the_lock(directory: Share, monkeypatch: pytest.MonkeyPatch) -> None:
    """Staleness is judged by this node's clock, the age by the file server's."""
    directory.locks("hold", types=LINKS)
    now = time.time
    monkeypatch.setattr("time.time", lambda: now() + 100)
    tried, looks = directory.locks("try", types=LINKS), directory.locks("stale", types=LINKS)
    monkeypatch.undo()
    assert [lock["outcome"] for lock in tried] == ["acquired", "acquired"]
    assert all("this node's clock" in lock["error"] for lock in tried)
    assert [(look["outcome"], look["seconds"] < 20) for look in looks] == [("stale", True)] * 2
    assert directory.outcomes("try", types=LINKS) == dict.fromkeys(LINKS, "refused")


def test_two_paths_in_one_call(directory: Share) -> None:
    paths = [directory.path / "home", directory.path / "shared"]
    for path in paths:
        path.mkdir()
        path.chmod(0o1777)
    names = [str(path) for path in paths]
    held = directory.locks("hold", paths=names)
    assert [(lock["path"], lock["type"]) for lock in held] == [(path, kind) for path in names for kind in KINDS]
    assert {lock["outcome"] for lock in directory.locks("try", paths=names)} == {"refused"}
    assert [lock["outcome"] for lock in directory.locks("clean", paths=names)] == ["gone", "gone"]
    for path in paths:
        path.rmdir()


def test_clean_removes_what_interrupted_runs_left_but_no_run_in_use(directory: Share) -> None:
    for token, seconds in (("left-over", 100), ("in-use-now", 10)):
        folder = directory.path / f".workbench-verify-{token}"
        (folder / "linkbased").mkdir(parents=True)
        folder.chmod(0o700)
        (folder / "linkbased" / "lock").touch()
        for path in (folder, folder / "linkbased"):
            shutil.chown(path, USER)
        os.utime(folder, (time.time() - seconds,) * 2)
    (directory.path / "of-the-user").mkdir()
    assert [lock["outcome"] for lock in directory.locks("clean")] == ["gone"]
    assert sorted(os.listdir(directory.path)) == [".workbench-verify-in-use-now", "of-the-user"]
    (directory.path / "of-the-user").rmdir()
    directory.locks("clean", ttl=5)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a second account")
def test_clean_waits_for_no_folder_that_is_closed_to_an_account(
    directory: Share, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user cannot remove what each node has there as root, however often it tries."""

    def wait(_seconds: float) -> None:
        raise RuntimeError("it waits")

    names = [directory.path / f"{directory.folder_of(None).name[:-16]}{number:016d}" for number in range(3)]
    for path in names:
        path.mkdir(0o700)
    monkeypatch.setattr(share, "time", types.SimpleNamespace(sleep=wait))
    assert [(lock["outcome"], lock["error"]) for lock in directory.locks("clean")] == [("gone", None)]


def test_clean_follows_no_symbolic_link(directory: Share) -> None:
    """In a directory of all users anybody may have planted one."""
    precious = directory.path / "precious"
    precious.mkdir()
    (precious / "file").write_text("")
    directory.folder.symlink_to(precious)
    (lock,) = directory.locks("clean")
    assert (lock["outcome"], (precious / "file").exists()) == ("error", True)
    directory.folder.unlink()
    (precious / "file").unlink()
    precious.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a second account")
@pytest.mark.parametrize("plant", [Path.mkdir, Path.touch, lambda path: path.symlink_to("/etc")])
def test_what_a_stranger_planted_is_neither_used_nor_removed_but_named(
    directory: Share, plant: t.Callable[[Path], None]
) -> None:
    names = [directory.folder, directory.folder_of(None), directory.path / ".workbench-verify-of-another-run"]
    for path in names:
        plant(path)
        os.chown(path, 1, 1, follow_symlinks=False)
        os.utime(path, (1, 1), follow_symlinks=False)
    before = [path.lstat() for path in names]
    for user in (USER, None):
        assert directory.outcomes("hold", user=user) == every("error")
        assert directory.outcomes("try", user=user) == every("error")
    (lock,) = directory.locks("clean")
    assert lock["outcome"] == "error"
    assert all(f"{path} (of user 1)" in lock["error"] for path in names)
    assert [path.lstat().st_mtime for path in names] == [found.st_mtime for found in before]
    assert not any(list(path.iterdir()) for path in names if path.is_dir() and not path.is_symlink())
    for path in names:
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def test_folders_are_open_to_their_account_only(directory: Share) -> None:
    directory.locks("hold")
    assert directory.folder.stat().st_mode & 0o7777 == 0o700
    assert directory.folder.owner() == USER


def test_locks_of_another_name_are_others(directory: Share) -> None:
    """Those of a holder that is dead beside those of one that lives, and one call cleans both."""
    directory.locks("hold", name="dead")
    dead = directory.holders
    assert directory.outcomes("hold") == every("held")
    assert directory.outcomes("crash", name="dead", holders=dead) == every("gone")
    assert directory.outcomes("stale", name="dead") == {**dict.fromkeys(LINKS, "live"), "advisory": "gone"}
    assert directory.outcomes("try") == every("refused")
    assert directory.outcomes("takeover", name="dead", timeout_interval=0.1, wait=5) == every("acquired")
    assert directory.outcomes("release") == every("released")
    assert [lock["outcome"] for lock in directory.locks("clean")] == ["gone"]
    assert os.listdir(directory.path) == []


def test_nobody_holds(directory: Share) -> None:
    directory.locks("takeover")
    assert set(directory.outcomes("release").values()) == {"error"}


def test_directory_that_may_not_be_written(directory: Share, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, *_arguments: t.Any, **_more: t.Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)

    monkeypatch.setattr("os.mkdir", refuse)
    held = directory.locks("hold")
    assert {lock["outcome"] for lock in held} == {"error"}
    assert all("Read-only file system" in lock["error"] for lock in held)


def test_missing_directory(directory: Share) -> None:
    assert directory.outcomes("hold", paths=["/nonexistent/home"]) == every("error")
    assert directory.outcomes("try", paths=["/nonexistent/home"]) == every("error")
    assert [lock["outcome"] for lock in directory.locks("clean", paths=["/nonexistent/home"])] == ["error"]


def test_links_that_are_not_counted_are_no_lock(directory: Share, monkeypatch: pytest.MonkeyPatch) -> None:
    def copy(_source: str, target: str, *, dst_dir_fd: int, **_more: t.Any) -> None:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=dst_dir_fd))

    monkeypatch.setattr("os.link", copy)
    (lock,) = directory.locks("hold", types=["linkbased"])
    assert (lock["outcome"], lock["holder"]) == ("unsupported", None)
    assert "1 names instead of 2" in lock["error"]


def test_without_hard_links_exclusive_creation_serves(directory: Share, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: str, **_more: t.Any) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr("os.link", refuse)
    linkbased = {"types": ["linkbased"]}
    assert directory.outcomes("hold", **linkbased) == {"linkbased": "held"}
    assert directory.outcomes("try", **linkbased) == {"linkbased": "refused"}
    assert directory.outcomes("release", **linkbased) == {"linkbased": "released"}
    assert directory.outcomes("takeover", **linkbased) == {"linkbased": "acquired"}


def test_unknown_user(directory: Share) -> None:
    held = directory.locks("hold", user="no-such-user")
    assert {lock["error"] for lock in held} == {"there is no user no-such-user on this node"}


@pytest.mark.parametrize("token", ["../../etc", "short", "", "a" * 65, ".hidden-token", "with/slash"])
@pytest.mark.parametrize("step", ["hold", "clean"])
def test_token_cannot_name_another_directory(directory: Share, token: str, step: str) -> None:
    assert directory.result(step, token=token)["failed"] is True


def test_check_mode_skips(directory: Share) -> None:
    result = directory.result("hold", check_mode=True)
    assert (result["skipped"], os.listdir(directory.path)) == (True, [])
    assert "locks" not in result


@pytest.mark.parametrize("theirs", ["2026.07.0+139.pro9", "2026.10.0+1.pro1"])
@pytest.mark.parametrize("ours", ["2026.07.0+139.pro9", "2026.10.0+1.pro1"])
@pytest.mark.parametrize("kind", KINDS)
class TestProduct:
    """Each keeps the other out, and in again, in the locks of both lines."""

    def start(self, kind: str, path: Path, version: str) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, "-c", PRODUCT, kind, str(path), lock_protocol(version)],
            env={**os.environ, "PYTHONPATH": str(STAND_IN)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    def test_our_lock_keeps_the_product_out(self, directory: Share, kind: str, ours: str, theirs: str) -> None:
        how = {"types": [kind], "user": None, "version": ours}
        directory.locks("hold", **how)
        process, said = self.start(kind, directory.lock(kind, None), theirs)
        process.communicate("\n")
        assert said == "refused"
        assert directory.outcomes("release", **how) == {kind: "released"}
        process, said = self.start(kind, directory.lock(kind, None), theirs)
        process.communicate("\n")
        assert said == "acquired"

    def test_the_product_s_lock_keeps_us_out(self, directory: Share, kind: str, ours: str, theirs: str) -> None:
        how = {"types": [kind], "user": None, "version": ours}
        directory.folder_of(None).mkdir(0o700)
        process, said = self.start(kind, directory.lock(kind, None), theirs)
        assert said == "acquired"
        for step in ("hold", "try", "takeover"):
            assert directory.outcomes(step, **how) == {kind: "refused"}
        process.communicate("\n")
        assert directory.outcomes("takeover", **how) == {kind: "acquired"}

    def test_the_product_takes_our_stale_lock(self, directory: Share, kind: str, ours: str, theirs: str) -> None:
        how = {"types": [kind], "user": None, "version": ours}
        directory.locks("hold", **how)
        directory.locks("crash", **how)
        directory.age(kind, 31, None)
        process, said = self.start(kind, directory.lock(kind, None), theirs)
        process.communicate("\n")
        assert said == "acquired"


@pytest.mark.parametrize("ours", ["2026.07.0+139.pro9", "2026.10.0+1.pro1"])
def test_every_step_in_the_locks_of_a_version(directory: Share, ours: str) -> None:
    how = {"version": ours}
    assert directory.outcomes("hold", **how) == every("held")
    assert directory.outcomes("try", **how) == every("refused")
    assert directory.outcomes("release", **how) == every("released")
    assert directory.outcomes("takeover", **how) == every("acquired")
    assert directory.outcomes("hold", **how) == every("held")
    assert directory.outcomes("crash", **how) == every("gone")
    for kind in LINKS:
        directory.age(kind, 40)
    assert directory.outcomes("stale", **how) == {"linkbased": "stale", "symlink": "stale", "advisory": "gone"}
    assert directory.outcomes("takeover", **how) == every("acquired")
    owners = list(directory.folder.glob("*/.rstudio-lock-claims-41c29"))
    assert len(owners) == (2 if ours.startswith("2026.10") else 0)


@pytest.fixture
def locktester(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Path]:
    """A program in the place of Workbench's own, by default the stand-in's."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        program = Path(folder) / "locktester"
        lines = f"import sys; sys.path.insert(0, {str(STAND_IN)!r})\nfrom fake_workbench import locktester\n"
        program.write_text(f"#!{sys.executable}\n{lines}sys.exit(locktester.main())\n")
        program.chmod(0o755)
        monkeypatch.setattr(f"{locks_locktester.__name__}.PROGRAM", str(program))
        yield program


TESTER = {"types": ["locktester"], "user": None}  # this Python is not everybody's


def test_the_product_s_own_test_holds_and_refuses(directory: Share, locktester: Path) -> None:
    assert directory.outcomes("try", **TESTER) == {"locktester": "error"}  # nothing was prepared
    (held,) = directory.locks("hold", **TESTER)
    assert (held["outcome"], held["error"]) == ("held", None)
    assert directory.outcomes("try", **TESTER) == {"locktester": "refused"}
    assert directory.outcomes("release", **TESTER) == {"locktester": "released"}
    assert directory.outcomes("try", **TESTER) == {"locktester": "acquired"}
    assert os.listdir(directory.folder_of(None) / "locktester") == []


def test_the_product_s_own_test_ends_with_its_holder(directory: Share, locktester: Path) -> None:
    (held,) = directory.locks("hold", **TESTER)
    pid = held["holder"]["pid"]
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not _runs(int(child)))


def test_what_the_product_s_own_test_says_is_passed_on(directory: Share, locktester: Path) -> None:
    locktester.write_text("#!/bin/sh\necho locktester: no license\n")
    (held,) = directory.locks("hold", **TESTER)
    assert (held["outcome"], "no license" in held["error"]) == ("error", True)


def test_the_product_s_own_test_is_not_installed(directory: Share, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{locks_locktester.__name__}.PROGRAM", "/nonexistent/locktester")
    (held,) = directory.locks("hold", **TESTER)
    assert (held["outcome"], held["error"]) == ("unsupported", "/nonexistent/locktester is not installed")


@pytest.mark.parametrize("step", ["takeover", "crash", "stale"])
def test_steps_the_product_s_own_test_does_not_have(directory: Share, step: str) -> None:
    directory.locks("hold")
    assert set(directory.outcomes(step, types=["linkbased", "locktester"])) == {"linkbased"}
