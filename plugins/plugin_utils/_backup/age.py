# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes that only the holders of keys can read, by the program `age` of this host (https://age-encryption.org)."""

from __future__ import annotations

import shutil
import subprocess  # nosec B404
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure

HEAD = b"age-encryption.org/"
SECONDS = 600


def encrypt(content: bytes, recipients: t.Iterable[str]) -> bytes:
    """For recipients as `age-keygen` and `ssh-keygen` show them. Raises `Failure`."""
    return _age([word for recipient in recipients for word in ("--recipient", recipient)], content)


def decrypt(content: bytes, identity: str) -> bytes:
    """With the key in the file `identity`. Raises `Failure` for another key, and what was changed or cut."""
    return _age(["--decrypt", "--identity", identity], content)


def _age(options: list[str], content: bytes) -> bytes:
    program = shutil.which("age")
    if not program:
        raise Failure("the program age is not installed on the controller")
    try:
        # In a session of its own: it would ask at the terminal for the passphrase of a key.
        done = subprocess.run(  # no shell, and each value stands behind its option  # nosec B603
            [program, *options],
            input=content,
            capture_output=True,
            timeout=SECONDS,
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Failure(f"age did not end within {SECONDS} seconds") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").splitlines()
        raise Failure(next((line for line in said if "error" in line), f"age: exit {done.returncode}"))
    return done.stdout
