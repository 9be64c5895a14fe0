# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do something as another user, or after the module has returned.

Everything that touches the share runs in a child: a file server that does not answer stops the child, not the module.
What runs in a child must not import anything: the module's archive is deleted when the module returns.
"""

from __future__ import annotations

import ctypes
import json
import os
import pwd
import select
import signal
import time
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure, sentence

T = t.TypeVar("T")
# Said to the one who waits for a detached process; anything JSON can say, once.
Report = t.Callable[[T], None]
# What ps shows of a process that outlives its module.
NAME = b"wb-verify"
PR_SET_NAME = 15


def as_user(user: str | None, work: t.Callable[[], T], timeout: float) -> T:
    """What `work` returns when a child does it as `user`, `None` for the present one.

    Anything JSON can say; of tuples, named or not, lists arrive. Raises `Failure`: what `work` raised, a user that does
    not exist, or no answer within `timeout` seconds.
    """
    account = _account(user)
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(readable)
        _work(writable, account, work)
    os.close(writable)
    try:
        return t.cast("T", _answer(readable, timeout))
    finally:
        os.close(readable)
        _reap(child)


def detach(work: t.Callable[[Report[T]], None], timeout: float, name: bytes = NAME) -> T:
    """Start `work` in a process of its own, which ps shows as `name` and outlives this one, and return what it reports first.

    Raises `Failure` when it raises or ends before it reports, or does not report within `timeout` seconds.
    """
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        if os.fork() == 0:
            _work_detached(writable, work, name)
        os._exit(0)
    os.close(writable)
    os.waitpid(child, 0)
    try:
        return t.cast("T", _answer(readable, timeout))
    finally:
        os.close(readable)


def _work_detached(writable: int, work: t.Callable[[Report[T]], None], name: bytes) -> t.NoReturn:
    reported = False

    def report(value: T) -> None:
        nonlocal reported
        reported = True
        _say(writable, {"result": value})
        os.close(writable)

    try:
        os.chdir("/")
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        # Whoever waits for this module waits for its pipes to close, so none may be kept.
        for descriptor in os.listdir("/proc/self/fd"):
            if int(descriptor) > 2 and int(descriptor) != writable:
                try:
                    os.close(int(descriptor))
                except OSError:  # the descriptor that listed them
                    continue
        ctypes.CDLL(None).prctl(PR_SET_NAME, name)
        work(report)
    except BaseException as error:
        if not reported:  # later nobody listens
            _say(writable, {"failure": sentence(error)})
    finally:
        os._exit(0)


def _work(writable: int, account: pwd.struct_passwd | None, work: t.Callable[[], object]) -> t.NoReturn:
    try:
        _become(account)
        _say(writable, {"result": work()})
    except BaseException as error:
        _say(writable, {"failure": sentence(error)})
    finally:
        os._exit(0)


def _say(writable: int, answer: dict[str, object]) -> None:
    data = json.dumps(answer).encode()
    while data:
        data = data[os.write(writable, data) :]


def _answer(readable: int, timeout: float) -> object:
    until = time.monotonic() + timeout
    data = b""
    while True:
        if not select.select([readable], [], [], max(0.0, until - time.monotonic()))[0]:
            raise Failure(f"no answer within {timeout:g} seconds")
        part = os.read(readable, 65536)
        data += part
        if not part:
            break
    if not data:
        raise Failure("the child process was killed before it answered")
    answer = json.loads(data)
    if "failure" in answer:
        raise Failure(answer["failure"])
    return answer["result"]


def _reap(child: int) -> None:
    """Remove a child. One that waits for a file server may not even die; it is then left to itself."""
    for _attempt in range(20):
        if os.waitpid(child, os.WNOHANG)[0]:
            return
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    time.sleep(0.05)
    os.waitpid(child, os.WNOHANG)


def _account(user: str | None) -> pwd.struct_passwd | None:
    if user is None:
        return None
    try:
        account = pwd.getpwnam(user)
    except KeyError as error:
        raise Failure(f"there is no user {user} on this node") from error
    if os.geteuid() not in (0, account.pw_uid):
        raise Failure(f"only root can act as {user}")
    return account


def _become(account: pwd.struct_passwd | None) -> None:
    # Modes are those that are asked for, whatever the caller's umask.
    os.umask(0)
    if account is not None and account.pw_uid != os.geteuid():
        os.initgroups(account.pw_name, account.pw_gid)
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
