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
from ansible_collections.workbench.cluster.plugins.module_utils._files import DRAFT, FOUND, SAVED
from ansible_collections.workbench.cluster.plugins.module_utils._run import file_text

Options = t.Dict[str, t.List[str]]

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
SECRETS = ("pass", "pwd", "secret", "token", "credential", "apikey")
SWITCHES = {"", "0", "1", "true", "false", "yes", "no", "on", "off"}
BOOST_BLANKS = " \t\r\n"
OPTION = re.compile(r"([A-Za-z][\w.-]*)\s*=\s*(.*)\Z")
VARIABLE = re.compile(r"((?:export\s+)?[A-Za-z_]\w*)\s*=\s*(.*)\Z")
USER_INFO = re.compile(r"://([^:/@\s]*):(\S*)@")
QUERY = re.compile(r"([?&](?:ssl)?password=)([^&\s]*)")


def fingerprint(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()[:12]}"


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

    for folder, _folders, files in os.walk(config_dir, onerror=unlisted):
        for file in files:
            path = os.path.join(folder, file)
            name = os.path.relpath(path, config_dir)
            if name in KEYS or any(fnmatch.fnmatchcase(file, copy) for copy in COPIES) or not os.path.isfile(path):
                continue
            try:
                options = read_file(path, name)
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
            config["database.conf"] = t.cast(Options, found)
        except OSError as error:
            unlisted(error)
    return config, unparsed, errors


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


def switched_on(options: t.Mapping[str, t.Sequence[str]], name: str, default: bool = False) -> bool:
    """A switch as the product reads it: `name=` alone is on (Boost's parser)."""
    values = options.get(name)
    return values[0].lower() in ("", "1", "true", "yes", "on") if values else default


def port_number(text: str) -> int | None:
    number = int(text) if text.isascii() and text.isdigit() else 0
    return number if 1 <= number <= 65535 else None


def grammar(name: str) -> t.Callable[[str], Options] | None:
    for pattern, parse in GRAMMARS:
        if fnmatch.fnmatchcase(name, pattern):
            return parse
    return None


def parse_boost(text: str) -> Options:
    """`key=value`, `#` begins a comment anywhere, quotes are part of the value, `[section]` prefixes what follows."""
    options: Options = {}
    section = ""
    for raw in text.split("\n"):
        line = raw.partition("#")[0].strip(BOOST_BLANKS)
        if line.startswith("[") and line.endswith("]"):
            section = f"{line[1:-1].strip(BOOST_BLANKS)}."
        elif line:
            key, _equals, value = line.partition("=")
            options.setdefault(section + key.strip(BOOST_BLANKS), []).append(value.strip(BOOST_BLANKS))
    return options


def sections(text: str) -> list[tuple[str, str]]:
    """Name and text of each `[section]` in its order; what stands before the first has no name."""
    found = []
    for part in re.split(r"(?m)^(?=[ \t]*\[)", text):
        header, _end, body = part.partition("\n")
        line = header.partition("#")[0].strip(BOOST_BLANKS)
        named = line.startswith("[") and line.endswith("]")
        found.append((line[1:-1].strip(BOOST_BLANKS), body) if named else ("", part))
    return found


def says_the_same(name: str, before: bytes, after: bytes) -> bool:
    """Whether the product reads the same from both texts of a file; `False` for a file whose grammar is not sure."""
    was, will = before.decode("utf-8", "surrogateescape"), after.decode("utf-8", "surrogateescape")
    if fnmatch.fnmatchcase(name, "launcher.*conf"):
        return _sectioned(was) == _sectioned(will)
    parse = grammar(name) if name in ("rserver.conf", "load-balancer", "database.conf", "file-locks") else None
    return parse is not None and parse(was) == parse(will)


def _sectioned(text: str) -> list[tuple[str, Options]]:
    read = [(name, parse_boost(body)) for name, body in sections(text)]
    return [(name, options) for name, options in read if name or options]


def parse_settings(text: str) -> Options:
    """The first of two values counts; a leading `#` makes a key that nobody asks for."""
    return {key: [value] for key, value in read_settings(text).items() if not key.startswith("#")}


def parse_sections(text: str) -> Options | None:
    """A file whose grammar is not known, as one of sections and options; `None` where it is plainly something else.

    Only whole lines are comments: whether a `#` within a line begins one nobody can tell.
    """
    options: Options = {}
    section = ""
    for line in map(str.strip, text.splitlines()):
        if not line or line[0] in "#;":
            continue
        if line.startswith("[") and line.endswith("]"):
            section = f"{line[1:-1].strip()}."
            continue
        found = OPTION.match(line)
        if not found:
            return None
        key, value = found.groups()
        options.setdefault(section + key, []).append(value)
    return options


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
