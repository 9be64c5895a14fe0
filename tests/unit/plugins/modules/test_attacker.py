# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stranger with an account on the share races the test files of a run: nothing outside them is touched, nor what he planted."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._clock import storage as clock_storage
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._share.markers import Marker, look_for, write_marker
from ansible_collections.workbench.cluster.plugins.modules import lock_test

ATTACK = Path(__file__).resolve().parents[3] / "attacker" / "attack.py"
STRANGER, OTHER = "nobody", "daemon"
SECONDS = 4.0
# Ours may lie where a stranger cannot read.
PYTHON = shutil.which("python3", path=os.defpath) or sys.executable
UNDISTURBED = {
    "hold": {"held"},
    "try": {"refused"},
    "release": {"released"},
    "takeover": {"acquired"},
    "crash": {"gone"},
    "stale": {"live", "stale", "gone"},
}

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="acts as several users")


class Victims:
    """What the stranger may not touch: a file of root's, one of a private home, one that is not there, a process."""

    def __init__(self, root: Path) -> None:
        self.home = root / "home"
        self.folder = root / "etc"
        self.files = [self.folder / "shadow", self.home / "private"]
        self.absent = self.folder / "made"
        for folder, user in ((self.folder, "root"), (self.home, OTHER)):
            folder.mkdir(mode=0o700)
            account = pwd.getpwnam(user)
            os.chown(folder, account.pw_uid, account.pw_gid)
        for path in self.files:
            path.write_text("kept")
            path.chmod(0o600)
            os.chown(path, path.parent.stat().st_uid, -1)
            os.utime(path, (1_000_000_000, 1_000_000_000))  # a lock so old is stale
        self.process = subprocess.Popen(["sleep", "300"])
        self.before = self.state()

    def state(self) -> list[tuple[str, int, int, int]]:
        """Content, inode, time and owner of each file."""
        stats = [(path, path.stat()) for path in self.files]
        return [(path.read_text(), found.st_ino, found.st_mtime_ns, found.st_uid) for path, found in stats]


@pytest.fixture
def root() -> t.Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


@pytest.fixture
def victims(root: Path) -> t.Iterator[Victims]:
    found = Victims(root)
    yield found
    found.process.kill()
    found.process.wait()


def attack(victims: Victims, *directories: Path) -> subprocess.Popen[str]:
    baits = [str(path) for path in (*victims.files, victims.absent)]
    command = ["setpriv", f"--reuid={STRANGER}", "--regid=65534", "--clear-groups", PYTHON, str(ATTACK)]
    command += ["--seconds", str(SECONDS), "--pid", str(victims.process.pid)]
    command += [word for bait in baits for word in ("--bait", bait)]
    return subprocess.Popen([*command, *map(str, directories)], stdout=subprocess.PIPE, text=True, cwd="/")


class Verify:
    """The steps of a run that write to the share, as two nodes take them."""

    def __init__(self, run_module: t.Callable[..., dict[str, t.Any]], user: str | None) -> None:
        self.run_module, self.user = run_module, user
        self.number = 0

    def lock(self, step: str, paths: list[str], **options: t.Any) -> list[dict[str, t.Any]]:
        given = {
            "token": self.token,
            "user": self.user,
            "ttl": 5,
            "refresh_rate": 0.2,
            "timeout_interval": 2,
            **options,
        }
        locks: list[dict[str, t.Any]] = self.run_module(lock_test.main, step=step, paths=paths, **given)["locks"]
        return locks

    def run(self, *paths: Path) -> list[dict[str, t.Any]]:
        """All that the lock test says in a run."""
        self.number += 1
        self.token = f"attacked-{os.getpid()}-{self.number}"
        names = [str(path) for path in paths]
        markers = [Marker(self.token, name) for name in ("n1", "n2")]
        for path in names:
            for marker in markers:
                write_marker(path, marker, None, 5)
            look_for(path, markers, None, 0.2)
            with contextlib.suppress(Failure):
                clock_storage.against_storage(path, self.token, None, 3, 5)
        held = self.lock("hold", names)
        said = [*held, *self.lock("try", names), *self.lock("release", names, holders=held)]
        said += self.lock("takeover", names)
        held = self.lock("hold", names)
        said += [*held, *self.lock("crash", names, holders=held), *self.lock("stale", names, wait=10)]
        self.lock("clean", names)
        return said


@pytest.mark.parametrize("sticky", [True, False], ids=["1777", "0777"])
@pytest.mark.parametrize("user", [None, OTHER])
def test_nothing_that_a_stranger_planted_is_obeyed(
    root: Path, victims: Victims, run_module: t.Callable[..., dict[str, t.Any]], user: str | None, sticky: bool
) -> None:
    shares = [root / "one", root / "two"]
    for share in shares:
        share.mkdir()
        share.chmod(0o1777 if sticky else 0o777)
    stranger = attack(victims, *shares)
    verify = Verify(run_module, user)
    said = []
    while stranger.poll() is None:
        said += verify.run(*shares)
    report = json.loads(stranger.communicate()[0])
    assert report["seen"], "the stranger saw nothing to attack"
    assert report["planted"] > 0
    assert victims.process.poll() is None
    assert not victims.absent.exists()
    assert victims.state() == victims.before
    assert report["touched"] == []
    if sticky:  # there he cannot even disturb
        outcomes: dict[str, set[str]] = {lock["step"]: set() for lock in said}
        for lock in said:
            outcomes[lock["step"]].add(lock["outcome"])
        assert outcomes == UNDISTURBED, [lock for lock in said if lock["error"]]
