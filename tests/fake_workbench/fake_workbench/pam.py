# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""rserver-pam: who signs in, and the session that is opened for a user, by the profiles of PAM in /etc/pam.d.

rserver-pam USER                     sign in by the profile `rstudio` with the password on stdin
rserver-pam --session PROFILE USER   open a session as root, without a password
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
import typing as t

from fake_workbench import paths

ECHO_OFF = 1  # a prompt for a password
ESTABLISH = 0x2  # PAM_ESTABLISH_CRED


class PamError(Exception):
    """What PAM says against it."""


class Message(ctypes.Structure):
    _fields_: t.ClassVar = [("style", ctypes.c_int), ("text", ctypes.c_char_p)]


class Response(ctypes.Structure):
    _fields_: t.ClassVar = [("text", ctypes.c_void_p), ("code", ctypes.c_int)]


TALK = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_int,
    ctypes.POINTER(ctypes.POINTER(Message)),
    ctypes.POINTER(ctypes.POINTER(Response)),
    ctypes.c_void_p,
)


class Conversation(ctypes.Structure):
    _fields_: t.ClassVar = [("talk", TALK), ("data", ctypes.c_void_p)]


def open_session(profile: str, user: str) -> None:
    """In a process of its own, for PAM changes limits and environment of the one that asks it."""
    helper = [f"{paths.INSTALL}/bin/rserver-pam", "--session", profile, user]
    done = subprocess.run(helper, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PamError(f"PAM session of {user} by {profile}: {done.stderr.strip()}")


def ask(profile: str, user: str, password: str, steps: t.Sequence[str]) -> None:
    """Let a profile take these steps (`authenticate`, `acct_mgmt`, `setcred`, `open_session`). Raises `PamError`."""
    pam, libc = ctypes.CDLL("libpam.so.0"), ctypes.CDLL(None)
    libc.calloc.restype = libc.strdup.restype = ctypes.c_void_p
    pam.pam_strerror.restype = ctypes.c_char_p

    def talk(number: int, messages: t.Any, responses: t.Any, _data: t.Any) -> int:
        answers = ctypes.cast(libc.calloc(number, ctypes.sizeof(Response)), ctypes.POINTER(Response))
        for index in range(number):
            if messages[index].contents.style == ECHO_OFF:
                answers[index].text = libc.strdup(password.encode())
        responses[0] = answers
        return 0

    handle = ctypes.c_void_p()
    conversation = Conversation(TALK(talk), None)
    status = pam.pam_start(profile.encode(), user.encode(), ctypes.byref(conversation), ctypes.byref(handle))
    for step in steps:
        if status == 0:
            status = getattr(pam, f"pam_{step}")(handle, ESTABLISH if step == "setcred" else 0)
    said = pam.pam_strerror(handle, status).decode()
    pam.pam_end(handle, status)
    if status != 0:
        raise PamError(said)


def main() -> int:
    words = sys.argv[1:]
    try:
        if len(words) == 3 and words[0] == "--session":
            ask(words[1], words[2], "", ["authenticate", "acct_mgmt", "setcred", "open_session"])
        elif len(words) == 1:
            ask("rstudio", words[0], sys.stdin.readline().rstrip("\n"), ["authenticate", "acct_mgmt"])
        else:
            print(__doc__, file=sys.stderr)
            return 2
    except PamError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
