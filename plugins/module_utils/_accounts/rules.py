# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the fields of an account may be. Pure."""

from __future__ import annotations

import re
import typing as t

# What useradd of both families takes; a trailing $ (Samba machine accounts) has no use here.
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}\Z")
SYSUSERS_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,30}\Z")
HASH = re.compile(r"\$[a-z0-9]+\$[^:\s]+\Z")


def field_problems(user: t.Mapping[str, t.Any]) -> list[str]:
    """What passwd and shadow cannot hold of a user's comment, home, shell and password; without the password's text."""
    problems = [
        f"user {user['name']}: {field} must not hold ':' or control characters."
        for field in ("comment", "home", "shell")
        if re.search(r"[:\x00-\x1f]", str(user.get(field) or ""))
    ]
    password = user.get("password")
    if password is not None and not HASH.match(str(password)):
        problems.append(
            f"user {user['name']}: password is not a crypt(3) hash such as $6$… or $y$…; "
            "leave it out for a locked account."
        )
    return problems
