# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the product reads `file-locks`, and which lock protocol a version has. Pure.

rstudio/rstudio, core/file_lock/FileLock.cpp and core/Settings.cpp; rstudio#18747 for the protocol of 2026.10. The stand-in
of the tests reads its `file-locks` with this file too.
"""

from __future__ import annotations

import re
import typing as t

# Until 2026.09 a lock is a link to a file of its holder's name and goes with its release. From then on it is a link to an
# owner file, and a release leaves it behind, marked as free.
LINKS, OWNERS = "links", "owners"
OWNERS_SINCE = (2026, 10)

TYPES = ("linkbased", "advisory")
REFRESH, TIMEOUT = 20, 30
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\Z", re.ASCII)


class LockSettings(t.NamedTuple):
    """What is in force; times in whole seconds. `warnings` is what the product says of values that it does not take."""

    lock_type: str = "linkbased"
    use_symlinks: bool = False
    refresh: int = REFRESH
    timeout: int = TIMEOUT
    warnings: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """`linkbased`, `symlink` or `advisory`, the kinds of locks a node can take."""
        return "advisory" if self.lock_type == "advisory" else "symlink" if self.use_symlinks else "linkbased"


def lock_protocol(version: str | None) -> str:
    """`links` or `owners` by a version such as `2026.10.0+1`; `links` where none is known."""
    found = re.match(r"(\d{4})\.(\d{1,2})(?!\d)", version or "")
    return OWNERS if found and (int(found[1]), int(found[2])) >= OWNERS_SINCE else LINKS


def read_lock_settings(values: t.Mapping[str, str], protocol: str = LINKS) -> LockSettings:
    """The options of `file-locks`, each the first of its name and unquoted, as a product of this protocol takes them."""
    warnings: list[str] = []
    lock_type = values.get("lock-type", "linkbased")
    if lock_type.lower() not in TYPES:
        warnings.append(f"unrecognized lock type '{lock_type}'")
        lock_type = "linkbased"
    least = 1 if protocol == OWNERS else 0

    def seconds(name: str, default: int) -> int:
        value = values.get(name)
        if value is None or not NUMBER.match(value) or abs(float(value)) > 2**31:
            return default
        if float(value) < least:
            warnings.append(f"{name}={value} is not taken: it must be at least {least}")
            return default
        return int(float(value))

    return LockSettings(
        lock_type.lower(),
        _switch(values.get("use-symlinks", "")),
        seconds("refresh-rate", REFRESH),
        seconds("timeout-interval", TIMEOUT),
        tuple(warnings),
    )


def lock_option_problem(name: str, value: str) -> str:
    """What the value of an option of `file-locks` has to be, empty where the product takes it for what it says."""
    if name == "lock-type" and value.lower() not in TYPES:
        return f"the product takes {' or '.join(TYPES)}, and would read its default"
    if name in ("use-symlinks", "enable-logging") and value not in ("0", "1"):
        return "the product takes true or false (1 or 0), and would read its default"
    if name in ("refresh-rate", "timeout-interval") and not re.match(r"[1-9][0-9]{0,8}\Z", value):
        return "the product takes whole seconds, 1 or more, and would cut it or read its default"
    return ""


def _switch(value: str) -> bool:
    """Only the number one is on: `true` and `yes` are off, which is the default."""
    return bool(re.match(r"\+?0*1\Z", value))
