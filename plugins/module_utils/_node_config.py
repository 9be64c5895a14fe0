# Copyright: (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of a node, so that nodes can be held against each other. **PRIVATE** to the collection.

Each file by its own grammar, `{option: [values]}`; what is secret is a fingerprint. Grammars: rstudio/rstudio,
core/ProgramOptions.cpp (Boost's parser) and core/Settings.cpp; Admin Guide for the others.
"""

from __future__ import annotations

import fnmatch
import hashlib
import os
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._conf import read_settings

Options = t.Dict[str, t.List[str]]

# keys_info reports them.
KEYS = ("secure-cookie-key", "launcher.pem", "launcher.pub")
SECRETS = ("pass", "pwd", "secret", "token", "credential", "apikey")
SWITCHES = {"", "0", "1", "true", "false", "yes", "no", "on", "off"}
VARIABLE = re.compile(r"((?:export\s+)?[A-Za-z_]\w*)\s*=\s*(.*)\Z")
USER_INFO = re.compile(r"://([^:/@\s]*):(\S*)@")
QUERY = re.compile(r"([?&](?:ssl)?password=)([^&\s]*)")


def fingerprint(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()[:12]}"


def read_config(config_dir: str) -> tuple[dict[str, Options], dict[str, str], list[str]]:
    """Files with a known grammar, fingerprints of the others by relative path, and sentences on what cannot be read."""
    config, unparsed, errors = {}, {}, []

    def unlisted(error: OSError) -> None:
        errors.append(f"{error.filename} cannot be read: {error.strerror}")

    for folder, _folders, files in os.walk(config_dir, onerror=unlisted):
        for file in files:
            path = os.path.join(folder, file)
            name = os.path.relpath(path, config_dir)
            if name in KEYS or not os.path.isfile(path):
                continue
            try:
                with open(path, "rb") as opened:
                    content = opened.read()
            except OSError as error:
                unlisted(error)
                continue
            parse = grammar(name)
            if parse is None:
                unparsed[name] = fingerprint(content)
            else:
                config[name] = without_secrets(name, parse(content.decode("utf-8", "replace")))
    return config, unparsed, errors


def named_file(config_dir: str, option: str, default: str) -> str:
    """The file that an option of `rserver.conf` names, else the `default` one of the configuration directory."""
    try:
        with open(os.path.join(config_dir, "rserver.conf"), encoding="utf-8", errors="replace") as file:
            named = parse_boost(file.read()).get(option, [""])[0]
    except OSError:
        named = ""  # then the product does not start either
    return os.path.normpath(named or os.path.join(config_dir, default))


def grammar(name: str) -> t.Callable[[str], Options] | None:
    for pattern, parse in GRAMMARS:
        if fnmatch.fnmatchcase(name, pattern):
            return parse
    return None


def parse_boost(text: str) -> Options:
    """`key=value`, `#` begins a comment anywhere, quotes are part of the value, `[section]` prefixes what follows."""
    options: Options = {}
    section = ""
    for raw in text.splitlines():
        line = raw.partition("#")[0].strip()
        if line.startswith("[") and line.endswith("]"):
            section = f"{line[1:-1].strip()}."
        elif line:
            key, _equals, value = line.partition("=")
            options.setdefault(section + key.strip(), []).append(value.strip())
    return options


def parse_settings(text: str) -> Options:
    """The first of two values counts; a leading `#` makes a key that nobody asks for."""
    return {key: [value] for key, value in read_settings(text).items() if not key.startswith("#")}


def parse_load_balancer(text: str) -> Options:
    """`[config]` may stand above the options; `[nodes]`, up to 1.4, has a node a line."""
    options: Options = {}
    for key, values in parse_boost(text).items():
        if key.startswith("nodes."):
            options.setdefault("nodes", []).append(key[len("nodes.") :])
        else:
            options.setdefault(key[len("config.") :] if key.startswith("config.") else key, []).extend(values)
    return options


def parse_variables(text: str) -> Options:
    """`KEY=VALUE` lines; a `#` begins a comment at the beginning of a line only.

    A line without a name may be the rest of a value; all such lines are values of the empty name.
    """
    options: Options = {}
    for line in map(str.strip, text.splitlines()):
        if line and not line.startswith("#"):
            found = VARIABLE.match(line)
            key, value = found.groups() if found else ("", line)
            options.setdefault(key, []).append(value)
    return options


GRAMMARS: tuple[tuple[str, t.Callable[[str], Options]], ...] = (
    ("rserver.conf", parse_boost),
    ("rsession.conf", parse_boost),
    ("launcher.conf", parse_boost),
    ("launcher.*.conf", parse_boost),
    ("load-balancer", parse_load_balancer),
    ("database.conf", parse_settings),
    ("audit-database.conf", parse_settings),
    ("file-locks", parse_settings),
    ("env-vars", parse_variables),
)


def without_secrets(name: str, options: Options) -> Options:
    """The options of a file as they may be shown. What a variable of `env-vars` holds nobody can tell by its name."""
    if name == "env-vars":
        return {key: [fingerprint(value.encode()) for value in values] for key, values in options.items()}
    return {key: [shown(key, value) for value in values] for key, values in options.items()}


def shown(key: str, value: str) -> str:
    """A value as it may be shown: secrets, and passwords in URIs, by their fingerprint."""
    if _secret(key, value):
        return fingerprint(value.encode())
    masked = USER_INFO.sub(lambda found: f"://{found.group(1)}:{fingerprint(found.group(2).encode())}@", value)
    return QUERY.sub(lambda found: found.group(1) + fingerprint(found.group(2).encode()), masked)


def _secret(key: str, value: str) -> bool:
    words = re.split(r"[-_.]", key.lower())
    if words == ["password"]:
        return bool(value)
    if value.lower() in SWITCHES:  # auth-encrypt-password=1
        return False
    if words[-1] in ("file", "path"):  # where the secret is
        return False
    return any(word in key.lower() for word in SECRETS) or (words[-1] == "key" and not value.startswith("/"))
