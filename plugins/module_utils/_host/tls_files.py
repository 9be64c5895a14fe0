# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates and keys on a host, as far as who uses them needs to know; no key leaves it."""

from __future__ import annotations

import datetime
import hashlib
import os
import pwd
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._host.file_states import owned
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, file_content
from ansible_collections.workbench.cluster.plugins.module_utils._product.certificates import (
    parse_certificate,
    show_certificate,
)
from ansible_collections.workbench.cluster.plugins.module_utils._product.secrets import fingerprint

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import TlsFile


def read_tls_files(run: Run, paths: t.Iterable[str], reader: str) -> dict[str, TlsFile | None]:
    """By path; `None` where nothing is. `reader` is the account that is to read them."""
    return {path: _read(run, path, reader) for path in dict.fromkeys(paths)}


def _read(run: Run, path: str, reader: str) -> TlsFile | None:
    content = file_content(path)
    if content is None:
        return None
    status = os.stat(path)
    answer: TlsFile = {
        **owned(status),
        "readable": _readable(run, path, reader),
        "fingerprint": fingerprint(content),
        "public_key": None,
        "subject": None,
        "names": [],
        "not_after": None,
        "expired": False,
    }
    if b"PRIVATE KEY-----" in content:
        return {**answer, "public_key": public_key(run(["openssl", "pkey", "-in", path, "-pubout"]))}
    asked = run(show_certificate(path, "-pubkey"))
    if asked[0] != 0:
        return answer
    told = parse_certificate(asked[1])
    return {
        **answer,
        "public_key": public_key(asked),
        "subject": told["subject"],
        "names": told["names"],
        "not_after": told["not_after"],
        "expired": _past(told["not_after"]),
    }


def _readable(run: Run, path: str, reader: str) -> bool | None:
    try:
        pwd.getpwnam(reader)
    except KeyError:
        return None
    return run(["runuser", "-u", reader, "--", "test", "-r", path])[0] == 0


def public_key(answer: tuple[int, str, str]) -> str | None:
    """A fingerprint of the public key in what openssl prints."""
    _begin, mark, rest = answer[1].partition("-----BEGIN PUBLIC KEY-----")
    if answer[0] != 0 or not mark:
        return None
    return hashlib.sha256("".join(rest.partition("-----END")[0].split()).encode()).hexdigest()[:12]


def _past(moment: str | None) -> bool:
    return moment is not None and datetime.datetime.fromisoformat(moment) < datetime.datetime.now(datetime.timezone.utc)
