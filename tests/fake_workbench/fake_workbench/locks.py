"""The lock dance on real files (facts §6)."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
import stat
import threading
import time
import typing as t

from fake_workbench import paths
from fake_workbench.config import Settings

PROXY = ".rstudio-lock-41c29"


class LockConfig(t.NamedTuple):
    """file-locks; times are seconds. `load_balanced` makes staleness a matter of time alone."""

    lock_type: str = "linkbased"
    use_symlinks: bool = False
    refresh_rate: int = 20
    timeout_interval: int = 30
    load_balanced: bool = False


class LockUnavailable(OSError):
    def __init__(self, path: str) -> None:
        super().__init__(errno.ENOLCK, os.strerror(errno.ENOLCK), path)


class Lock(t.Protocol):
    path: str

    def acquire(self) -> None: ...

    def refresh(self) -> None: ...

    def release(self) -> None: ...


def read_lock_config(warn: t.Callable[[str], None], load_balanced: bool = False) -> LockConfig:
    settings = Settings(paths.read_text(paths.config_file("file-locks")))
    default = LockConfig()
    lock_type = settings.text("lock-type", default.lock_type).lower()
    if lock_type not in ("linkbased", "advisory"):
        warn(f"unrecognized lock type '{settings.text('lock-type')}'")
        lock_type = default.lock_type
    seconds = {}
    for name, fallback in (("refresh-rate", default.refresh_rate), ("timeout-interval", default.timeout_interval)):
        seconds[name] = settings.number(name, fallback)
        if seconds[name] < 0:
            warn(f"{name} must not be negative")
            seconds[name] = fallback
    routed = bool(os.environ.get("RSTUDIO_SESSION_ROUTE"))
    return LockConfig(
        lock_type,
        settings.flag("use-symlinks", default.use_symlinks),
        seconds["refresh-rate"],
        seconds["timeout-interval"],
        load_balanced or routed or os.environ.get("RSTUDIO_DISTRIBUTED_LOCKING_ENABLED") == "1",
    )


def make_lock(path: str, config: LockConfig) -> Lock:
    return AdvisoryLock(path) if config.lock_type == "advisory" else LinkLock(path, config)


class LinkLock:
    """The steps and their order are §6.2's."""

    def __init__(self, path: str, config: LockConfig) -> None:
        self.path = path
        self.config = config
        self._proxy = os.path.join(
            os.path.dirname(path), f"{PROXY}-{socket.gethostname()}-{os.getpid()}-{threading.get_ident()}"
        )

    def acquire(self) -> None:
        """Raises LockUnavailable."""
        try:
            if os.path.lexists(self.path):
                if not self._is_stale():
                    raise LockUnavailable(self.path)
                self._remove()
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            _remove_if_there(self._proxy)
            _write_pid(self._proxy, os.O_TRUNC)
            self._take()
        except LockUnavailable:
            raise
        except OSError as error:
            raise LockUnavailable(self.path) from error
        self._clean_up()

    def _take(self) -> None:
        try:
            (os.symlink if self.config.use_symlinks else os.link)(self._proxy, self.path)
        except OSError:
            _write_pid(self.path, os.O_EXCL, 0o755)
            return
        if self.config.use_symlinks:
            taken = os.path.realpath(self.path) == os.path.realpath(self._proxy)
        else:
            taken = os.stat(self._proxy).st_nlink == 2
            os.unlink(self._proxy)
        if not taken:
            raise LockUnavailable(self.path)

    def refresh(self) -> None:
        now = time.time()
        os.utime(self.path, (now, now))

    def release(self) -> None:
        self._remove()

    def _is_stale(self) -> bool:
        if not os.path.exists(self.path):
            return True
        if not self.config.load_balanced:
            with open(self.path, encoding="ascii", errors="replace") as file:
                pid = file.read().strip()
            if not pid.isdigit() or not os.path.exists(f"/proc/{pid}"):
                return True
        return self._age(self.path) >= self.config.timeout_interval

    def _age(self, path: str) -> float:
        """Seconds, by this host's clock against the file's time: clocks that differ make a live lock look stale."""
        return time.time() - os.stat(path).st_mtime

    def _remove(self) -> None:
        if os.path.islink(self.path):
            _remove_if_there(os.path.realpath(self.path))
        _remove_if_there(self.path)

    def _clean_up(self) -> None:
        directory = os.path.dirname(self.path)
        for name in os.listdir(directory):
            path = os.path.join(directory, name)
            if not name.startswith(PROXY) or path == self._proxy:
                continue
            try:
                if stat.S_ISREG(os.lstat(path).st_mode) and self._age(path) >= self.config.timeout_interval:
                    _remove_if_there(path)
            except FileNotFoundError:
                continue


class AdvisoryLock:
    """fcntl on the whole file, held by the process; the file goes with the lock (§6.4)."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._descriptor = -1

    def acquire(self) -> None:
        """Raises LockUnavailable."""
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            raise LockUnavailable(self.path) from error

    def refresh(self) -> None:
        """Nothing to do: the kernel knows who holds it."""

    def release(self) -> None:
        _remove_if_there(self.path)
        os.close(self._descriptor)


def _write_pid(path: str, flag: int, mode: int = 0o644) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | flag, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(str(os.getpid()))


def _remove_if_there(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
