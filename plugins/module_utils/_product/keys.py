# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the keys of a node.

Workbench takes the file that `secure-cookie-key-file` of rserver.conf names, else the secure-cookie-key of its
configuration directory, else the one it manages itself in its data directory (Admin Guide, Load Balancing /
Configuration; rstudio/rstudio, SecureKeyFile.cpp). `database-config-file` stands in for database.conf in the same way.
"""

from __future__ import annotations

import base64
import grp
import hashlib
import json
import os
import pwd
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, file_content
from ansible_collections.workbench.cluster.plugins.module_utils._host.units import show_all
from ansible_collections.workbench.cluster.plugins.module_utils._product.config_directory import (
    configuration_files,
    named_file,
)
from ansible_collections.workbench.cluster.plugins.module_utils._product.password import (
    encrypted_with,
    key_crc32,
    stored_password,
)
from ansible_collections.workbench.cluster.plugins.module_utils._product.units import UNITS

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
        KeyFile,
        KeyFiles,
        ReplacedKeys,
        StoredPassword,
        StrayKey,
    )

# Here while the keys are replaced: which ones go. Where a run was cut off, the next one knows by it which ones are new.
REPLACED = "/etc/workbench.cluster/replaced-keys"
REVEALABLE = ("cookie_key", "launcher_private", "launcher_public", "database_conf")


def read_keys(
    run: Run, config_dir: str, data_dir: str, reveal: t.Container[str] = ()
) -> tuple[KeyFiles, dict[str, str]]:
    """Which key files a node has, by fingerprints; and the values of those in `reveal`, base64 by name, where there are any."""
    ours, managed = os.path.join(config_dir, "secure-cookie-key"), os.path.join(data_dir, "secure-cookie-key")
    configured = named_file(config_dir, "secure-cookie-key-file", "secure-cookie-key")
    private, public = os.path.join(config_dir, "launcher.pem"), os.path.join(config_dir, "launcher.pub")
    database_conf = file_content(named_file(config_dir, "database-config-file", "database.conf"))
    files = {path: key_file(path) for path in (ours, managed, configured)}
    there = [path for path in (ours, managed) if files[path]["state"] != "absent"]
    used = managed if there == [managed] and configured == ours else configured
    cookie_key = files[used]
    stray = [_copy(files[path], cookie_key) for path in there if path != used]
    # A key that is named elsewhere is in place when a copy of it lies where the product looks without being told.
    placed = used == ours or any(copy["path"] == ours and copy["agrees"] for copy in stray)
    keys: KeyFiles = {
        "cookie_key": {**cookie_key, "managed": cookie_key["state"] != "absent" and not placed},
        "launcher_private": key_file(private),
        "launcher_public": key_file(public),
        "launcher_pair": pair(run, private, public),
        "stray": stray,
        "database_password": _database_password(database_conf),
        "encrypted": _encrypted(config_dir, cookie_key["crc32"]),
        "running": running_units(run),
        "replaced": read_replaced(REPLACED),
    }
    values = {
        "cookie_key": lambda: file_content(cookie_key["path"]),
        "launcher_private": lambda: file_content(private),
        "launcher_public": lambda: public_half(run, private),
        "database_conf": lambda: database_conf,
    }
    revealed = {name: read() for name, read in values.items() if name in reveal}
    return keys, {
        name: base64.b64encode(value).decode("ascii") for name, value in revealed.items() if value is not None
    }


def read_replaced(path: str) -> ReplacedKeys | None:
    """Which keys go. Raises `Failure` where a replacement is under way, and of what is not told."""
    try:
        with open(path, encoding="ascii") as file:
            found = json.load(file)
        return {"cookie_key": [*map(str, found["cookie_key"])], "launcher": [*map(str, found["launcher"])]}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise Failure(
            f"{path} does not say which keys are replaced. Remove it: the next replacement begins anew."
        ) from None


def _encrypted(config_dir: str, crc32: str | None) -> list[str]:
    """Files but database.conf with text that `rstudio-server encrypt-password` made with this key, as of an OpenID secret."""
    if crc32 is None:
        return []
    made = re.compile(rb"%b[A-Za-z0-9+/]{32,}={0,2}%b" % (crc32.encode(), crc32.encode()))
    return sorted(
        name
        for name in configuration_files(config_dir)
        if name != "database.conf" and made.search(file_content(os.path.join(config_dir, name)) or b"")
    )


def running_units(run: Run) -> list[str] | None:
    """Workbench's units that are not stopped, those on their way up or down included; `None` when systemd does not say."""
    try:
        shown = show_all(run, UNITS[::-1], "ActiveState")
    except Failure:
        return None
    states = {unit: state.get("ActiveState") for unit, state in shown.items()}
    if None in states.values():
        return None
    return [unit for unit, state in states.items() if state not in ("inactive", "failed")]


def key_file(path: str) -> KeyFile:
    answer: KeyFile = {
        "path": path,
        "state": "present",
        "sha256": None,
        "size": None,
        "mode": None,
        "owner": None,
        "group": None,
        "crc32": None,
    }
    try:
        with open(path, "rb") as file:
            raw, status = file.read(), os.fstat(file.fileno())
    except FileNotFoundError:
        return {**answer, "state": "absent"}
    except OSError:
        return {**answer, "state": "unreadable"}
    return {
        **answer,
        "sha256": hashlib.sha256(raw).hexdigest(),
        "size": len(raw),
        "mode": f"{status.st_mode & 0o7777:04o}",
        "owner": _name(pwd.getpwuid, status.st_uid),
        "group": _name(grp.getgrgid, status.st_gid),
        "crc32": key_crc32(raw),
    }


def _copy(file: KeyFile, used: KeyFile) -> StrayKey:
    """A file beside the key in use; it `agrees` when it holds the same key."""
    agrees = file["sha256"] is not None and file["sha256"] == used["sha256"]
    return {"path": file["path"], "sha256": file["sha256"], "agrees": agrees}


def public_half(run: Run, private: str) -> bytes | None:
    """The PEM public key that belongs to a private key file; `None` where openssl makes none of it."""
    return _openssl(run, ["-in", private, "-passin", "pass:"])


def pair(run: Run, private: str, public: str) -> t.Literal["matches", "differs", "absent", "unknown"]:
    """Whether the public file belongs to the private one: `matches`, `differs`, `absent` (one is), `unknown`."""
    if not (os.path.exists(private) and os.path.exists(public)):
        return "absent"
    derived = public_half(run, private)
    if derived is None:
        return "unknown"
    return "matches" if _openssl(run, ["-pubin", "-in", public]) == derived else "differs"


def _openssl(run: Run, arguments: list[str]) -> bytes | None:
    rc, out, _err = run(["openssl", "pkey", *arguments, "-pubout"])
    return out.encode() if rc == 0 and out else None


def _database_password(database_conf: bytes | None) -> StoredPassword:
    if database_conf is None:
        return {"state": "absent", "key_crc32": None}
    stored = stored_password(database_conf.decode("utf-8", "replace"))
    crc = encrypted_with(stored)
    return {"state": "encrypted" if crc else "plain" if stored else "none", "key_crc32": crc}


def _name(lookup: t.Callable[[int], t.Sequence[object]], number: int) -> str:
    """Name of an owner, its number where it has none."""
    try:
        return str(lookup(number)[0])
    except KeyError:
        return str(number)
