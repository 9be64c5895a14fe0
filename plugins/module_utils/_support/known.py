# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values of the secrets that a host has, so that they can be found in what leaves it."""

from __future__ import annotations

import os
import re
import stat
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import file_content, file_text
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import read_settings
from ansible_collections.workbench.cluster.plugins.module_utils._product.config_directory import named_file
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import SWITCHES, grammar
from ansible_collections.workbench.cluster.plugins.module_utils._product.password import decrypt
from ansible_collections.workbench.cluster.plugins.module_utils._product.secrets import QUERY, USER_INFO, is_secret
from ansible_collections.workbench.cluster.plugins.module_utils._support.scrub import said_secrets

# A file this long is no secret of ours, and nobody reads it whole.
LARGEST = 1 << 20
LINE = re.compile(r"[\s#;]*(?:export\s+)?[\"']?([A-Za-z_][\w.-]*)[\"']?\s*[=:]\s*(.*?)\s*\Z")
# Shorter lines of a file that nobody else may read are words of its grammar.
SHORTEST_LINE = 8


def known_secrets(config_dir: str, data_dir: str, others: t.Iterable[str]) -> set[str]:
    """Keys, passwords and what else the product's files and those at the paths `others` hold."""
    used = (
        ("secure-cookie-key-file", "secure-cookie-key"),
        ("database-config-file", "database.conf"),
    )
    named = [named_file(config_dir, option, default) for option, default in used]
    keys = {os.path.join(data_dir, "secure-cookie-key"), os.path.join(config_dir, "secure-cookie-key"), named[0]}
    found = {line for path in keys for line in _lines(file_text(path))}
    for path in {*_below(config_dir), *named, *others}:
        found |= _secrets_of(path)
    return {*found, *_database_password(*named)} - {""}


def _database_password(key: str, database_conf: str) -> list[str]:
    """As it is behind what `encrypt-password` made of it; nothing where this node cannot tell."""
    stored = read_settings(file_text(database_conf)).get("password", "")
    try:
        return [decrypt(stored, file_content(key) or b"")] if stored else []
    except (Failure, ImportError):
        return []


def _below(folder: str) -> t.Iterator[str]:
    for place, _folders, files in os.walk(folder):
        yield from (os.path.join(place, file) for file in files)


def _secrets_of(path: str) -> set[str]:
    try:
        status = os.stat(path)
    except OSError:
        return set()
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
        return set()
    text, name = file_text(path), os.path.basename(path)
    if name == "env-vars":
        return {value for _key, value in _settings(text) if _may_be_secret(value)}
    found = {secret for key, value in _settings(text) for secret in secrets_in(key, value)}
    # Nobody knows what it says, and not everybody may read it.
    closed = grammar(name) is None and not name.endswith(".conf") and not status.st_mode & stat.S_IROTH
    return found | said_secrets(text) | (set(_lines(text)) if closed else set())


def secrets_in(key: str, value: str) -> list[str]:
    """What of an option is secret: its value, or the password in a URI."""
    if is_secret(key, value):
        return [value]
    return [part for pattern in (USER_INFO, QUERY) for _before, part in pattern.findall(value)]


def _settings(text: str) -> t.Iterator[tuple[str, str]]:
    """Name and value of each line, of comments as well; a value in quotes both with and without them."""
    for line in text.splitlines():
        found = LINE.match(line)
        if found:
            key, value = found.groups()
            bare = value.rstrip(",").strip("\"'")
            yield from ((key, one) for one in dict.fromkeys((value, bare)) if one)


def _lines(text: str) -> list[str]:
    """Lines of a file that is a secret as a whole; frames of PEM are none."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if len(line) >= SHORTEST_LINE and not line.startswith("-----")]


def _may_be_secret(value: str) -> bool:
    """Of variables of the environment all may be, but for switches, numbers and lists of paths."""
    paths = value.startswith("/") and all(os.path.exists(part) for part in value.split(":") if part)
    return not (paths or value.lower() in SWITCHES or value.isdigit())
