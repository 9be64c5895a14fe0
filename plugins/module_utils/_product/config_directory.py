# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read all of a configuration directory as far as it may be shown, so that nodes can be held against each other."""

from __future__ import annotations

import fnmatch
import os
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._host.files import DRAFT, FOUND, SAVED
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import file_text
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import (
    grammar,
    parse_boost,
    parse_sections,
)
from ansible_collections.workbench.cluster.plugins.module_utils._product.secrets import fingerprint, without_secrets

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Options

# Where the product has its configuration and its data, as modules are told.
DIRECTORIES: dict[str, dict[str, t.Any]] = {
    "config_dir": {"type": "path", "default": "/etc/rstudio"},
    "data_dir": {"type": "path", "default": "/var/lib/rstudio-server"},
}
# keys_info reports them.
KEYS = ("secure-cookie-key", "launcher.pem", "launcher.pub")
# What editors, package managers, Ansible's interrupted copies and config_files leave; no part of the product reads it.
COPIES = (
    *(f"*{FOUND}", f".*{DRAFT}", f".*{SAVED}", ".ansible_tmp*"),
    *("*.bak", "*~", "*.dpkg-old", "*.dpkg-dist", "*.rpmsave", "*.rpmnew", "*.orig", ".*.swp"),
)
# Options that name files which may lie in the configuration directory, and are no configuration (or another file's).
NAMED = (
    ("rserver.conf", "ssl-certificate"),
    ("rserver.conf", "ssl-certificate-key"),
    ("rserver.conf", "secure-cookie-key-file"),
    ("rserver.conf", "database-config-file"),
    ("launcher.conf", "server.certificate-file"),
    ("launcher.conf", "server.certificate-key-file"),
)


def read_config(config_dir: str) -> tuple[dict[str, Options], dict[str, str], list[str]]:
    """Files that can be parsed, fingerprints of the others by relative path, and sentences on what cannot be read.

    Left out is what lies there without being configuration: copies of editors and package managers, keys, and the
    certificates of the node.
    """
    config: dict[str, Options] = {}
    unparsed: dict[str, str] = {}
    errors: list[str] = []

    def unlisted(error: OSError) -> None:
        errors.append(f"{error.filename} cannot be read: {error.strerror}")

    for name in configuration_files(config_dir, unlisted):
        try:
            options = read_file(os.path.join(config_dir, name), name)
        except OSError as error:
            unlisted(error)
            continue
        if isinstance(options, str):
            unparsed[name] = options
        else:
            config[name] = options
    _without_named(config_dir, config, unparsed)
    if config.get("rserver.conf", {}).get("database-config-file", [""])[0]:
        config.pop("database.conf", None)
        try:
            found = read_file(named_file(config_dir, "database-config-file", "database.conf"), "database.conf")
            config["database.conf"] = t.cast("Options", found)
        except OSError as error:
            unlisted(error)
    return config, unparsed, errors


def configuration_files(config_dir: str, unlisted: t.Callable[[OSError], None] | None = None) -> t.Iterator[str]:
    """Relative paths of what is neither a key nor a copy that nobody reads; folders that cannot be read go to `unlisted`."""
    for folder, _folders, files in os.walk(config_dir, onerror=unlisted):
        for file in files:
            path = os.path.join(folder, file)
            name = os.path.relpath(path, config_dir)
            is_copy = any(fnmatch.fnmatchcase(file, copy) for copy in COPIES)
            if name not in KEYS and not is_copy and os.path.isfile(path):
                yield name


def read_file(path: str, name: str) -> Options | str:
    """The options of a file as they may be shown, or its fingerprint where it has none. `OSError` when it cannot be read."""
    with open(path, "rb") as opened:
        content = opened.read()
    text, parse = content.decode("utf-8", "replace"), grammar(name)
    options = parse(text) if parse else parse_sections(text) if name.endswith(".conf") else None
    return fingerprint(_essence(content)) if options is None else without_secrets(name, options)


def _essence(content: bytes) -> bytes:
    """Text without carriage returns and blanks at the ends of its lines and of itself."""
    return content if b"\0" in content else b"\n".join(map(bytes.rstrip, content.splitlines())).rstrip()


def _without_named(config_dir: str, config: dict[str, Options], unparsed: dict[str, str]) -> None:
    """Drop what the options of `NAMED` name: it is judged by itself, and a certificate belongs to one node."""
    named = {
        os.path.realpath(os.path.join(config_dir, value))
        for file, option in NAMED
        for value in config.get(file, {}).get(option, [])
        if value
    }
    for name in [*config, *unparsed]:
        if os.path.realpath(os.path.join(config_dir, name)) in named:
            config.pop(name, None)
            unparsed.pop(name, None)


def named_file(config_dir: str, option: str, default: str) -> str:
    """The file that an option of `rserver.conf` names, else the `default` one of the configuration directory."""
    # Without the file the product does not start either.
    named = parse_boost(file_text(os.path.join(config_dir, "rserver.conf"))).get(option, [""])[0]
    return os.path.normpath(named or os.path.join(config_dir, default))
