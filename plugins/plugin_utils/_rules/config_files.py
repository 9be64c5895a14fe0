# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the files of /etc/rstudio need that are written where the inventory names something for them. Pure."""

from __future__ import annotations

import functools
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._locks.rules import read_lock_settings
from ansible_collections.workbench.cluster.plugins.module_utils._product.secrets import shown
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.files import (
    DIRECTORY,
    OPTIONAL,
    PARTED,
    SECTIONS,
    TEXT,
    File,
    file_of,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.write import flat, text, value_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.known_options import types_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Member, Rule
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.options import said, wrong_type

# Options that lead the product to another file than the variable writes.
ELSEWHERE = (
    ("server_rserver_conf", "rsession-config-file", "rsession.conf"),
    ("server_rserver_conf", "server-nginx-http-directives-path", "nginx.http.conf"),
    ("server_rserver_conf", "server-nginx-server-directives-path", "nginx.server.conf"),
    ("server_rserver_conf", "server-nginx-site-directives-path", "nginx.site.conf"),
    ("server_rsession_conf", "r-cran-repos-file", "repos.conf"),
)
# Admin Guide, Core Administrative Tasks, Configuration files: they say where env-vars itself is.
OF_THE_UNIT = ("RSTUDIO_CONFIG_DIR", "XDG_CONFIG_DIRS")
URL = re.compile(r"(https?|file)://[^\s,]+\Z")
# Its options are those of a section.
LAUNCHER = {"launcher.conf": "launcher.conf server"}


def _readable(file: File, m: Member) -> t.Iterator[str]:
    """What is not of the type the product takes, or no parser reads back."""
    value = value_of(file, _variables(m, file))
    if not value:
        return
    if file.grammar == SECTIONS and not all(isinstance(options, t.Mapping) for options in value.values()):
        yield f'{file.variable} must have options for each section, such as {{"*": {{log-level: info}}}}.'
        return
    try:
        text(file, value)
    except Failure as failure:
        yield f"{file.variable}: {failure}."
        return
    if file not in PARTED:
        return
    kinds = types_of(file.name)
    for place, item in flat(file, value).items():
        key = _key(file, place)
        wrong = wrong_type(file.name, kinds[key], item) if key in kinds else ""
        if wrong:
            yield f"{place}{said(item)} in {file.variable}: {wrong}."


def _once(m: Member) -> t.Iterator[str]:
    """server_files may have any file that no other variable writes."""
    paths = {re.sub("/+", "/", str(entry["path"])) for entry in m["server_files"]}
    for file in OPTIONAL:
        if DIRECTORY + file.name in paths and m[file.variable]:
            yield f"{file.variable} and server_files both write {DIRECTORY}{file.name}. Use one of them."


def _lock_times(m: Member) -> t.Iterator[str]:
    locks = read_lock_settings({key: str(value) for key, value in m["server_file_locks"].items()})
    if locks.timeout <= locks.refresh:
        yield (
            f"refresh-rate={locks.refresh} and timeout-interval={locks.timeout} in server_file_locks: a lock is taken for left "
            "before its holder refreshes it. timeout-interval must be above refresh-rate; the product's own are 30 and 20."
        )


def _elsewhere(m: Member) -> t.Iterator[str]:
    for variable, key, name in ELSEWHERE:
        value, writer = m[variable].get(key), file_of(DIRECTORY + name).variable
        if value and m[writer] and value != DIRECTORY + name:
            yield (
                f"{key}={value} in {variable}: the product would not read {DIRECTORY}{name}, which {writer} writes. "
                "Leave one of them out."
            )


def _env_vars(m: Member) -> t.Iterator[str]:
    misplaced = [name for name in m["server_env_vars"] if name in OF_THE_UNIT]
    if misplaced:
        yield (
            f"{', '.join(misplaced)} in server_env_vars: the product looks for its files before it reads env-vars. Set it "
            "for the unit (Administration Guide, Core Administrative Tasks, Configuration files)."
        )
    secret = [name for name, value in m["server_env_vars"].items() if shown(str(name), str(value)) != str(value)]
    if secret:
        yield (
            f"{', '.join(secret)} in server_env_vars: a secret, by its name or as part of a URL, and the product writes what is "
            "in env-vars to its log. Give all of the file by server_files with secret_base64 if that is meant."
        )


def _repositories(m: Member) -> t.Iterator[str]:
    repositories = m["server_repos_conf"]
    wrong = [str(name) for name, url in repositories.items() if not URL.match(str(url))]
    if wrong:
        yield f"server_repos_conf has no URL for {', '.join(wrong)}: http, https or file, without blanks and commas."
    if repositories and "CRAN" not in repositories:
        yield "server_repos_conf has no CRAN: the default repository goes by this name (Package Manager, Configuring Workbench)."
    if repositories and m["server_rsession_conf"].get("r-cran-repos"):
        yield (
            "server_repos_conf and r-cran-repos in server_rsession_conf both name the default repository: leave r-cran-repos "
            "out (Package Manager, Configuring Workbench)."
        )


def notes(m: Member) -> t.Iterator[str]:
    """Options that pass although nobody told us of them."""
    for file in PARTED:
        known = types_of(LAUNCHER.get(file.name, file.name))
        options = flat(file, m[file.variable])
        unknown = [place for place in options if known and _key(file, place) not in known]
        if unknown:
            yield (
                f"{', '.join(unknown)} in {file.variable}: not among the options this collection knows of {file.name}. Releases "
                "differ, so it is written as it is, and of a type nobody checked."
            )


def _variables(m: Member, file: File) -> dict[str, t.Any]:
    names = [file.variable, *(["server_r_paths"] if file.name == "r-versions" else [])]
    return {name: m[name] for name in names}


def _key(file: File, place: str) -> str:
    return place.partition(".")[2] if file.grammar == SECTIONS else place


_ask = functools.partial
RULES: tuple[Rule, ...] = (
    *(_ask(_readable, file) for file in OPTIONAL if file.grammar != TEXT),
    *(_lock_times, _elsewhere, _once, _env_vars, _repositories),
)
