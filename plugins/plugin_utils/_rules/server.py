# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role server needs of its variables. What stands in its files is in options.py. Pure."""

from __future__ import annotations

import functools
import os
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import to_conf
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import parse_boost, switched_on
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.files import FILES as FILES_OF_ALL
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import shared_addresses
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules import balancing, config_files, launcher
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.kinds import mode_problem
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Member, Rule, is_on
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.options import FILES, SECTIONS, option_problems

# Options of other files, and names that look like one of rserver.conf.
MISPLACED = ("www-host-name", "balancer", "timeout", "delete-node-on-exit", "load-balancer-enabled", "enable-ssl")
# What the roles keys and server write, by the options that could lead the product elsewhere.
PLACES = (
    ("server_rserver_conf", "secure-cookie-key-file", "/etc/rstudio/secure-cookie-key"),
    ("server_launcher_conf", "secure-cookie-key-file", "/etc/rstudio/secure-cookie-key"),
    ("server_rserver_conf", "database-config-file", "/etc/rstudio/database.conf"),
)
# Ways to sign in, of which one is on, and what each needs besides: Administration Guide, Authenticating Users.
SIGN_IN: dict[str, tuple[str, ...]] = {
    "auth-saml": ("auth-saml-metadata-url", "auth-saml-metadata-path"),
    "auth-openid": ("auth-openid-issuer",),
    "auth-proxy": (),
    "auth-none": (),
}
# What rserver.conf and launcher.conf say alike, and what the role writes for both.
ALIKE = (("launcher-port", "port", 5559), ("server-user", "server-user", "rstudio-server"))
# Files of /etc/rstudio that have variables of their own.
OWN = tuple(file.name for file in FILES_OF_ALL if file.always)
# Of a program that no service reads.
BALANCER = "rserver-balancer"
# Releases before 2021.09 have numbers such as 1.4.1717-3.
VERSION = re.compile(r"(([0-9]{4}\.[0-9]{2}|1\.[0-9])\.[0-9]+[+~.a-z0-9-]*)?\Z")
RUNTIME = re.compile(r"([0-9]+[.][0-9]+[.][0-9]+|devel|next)\Z")
PATH = re.compile(r"/[^ ]*\Z")


def _address(m: Member) -> t.Iterator[str]:
    name = str(m["server_www_host_name"] or "")
    if not name or re.search(r'[ =#"]', name) or re.match(r"localhost|127\.|0\.0\.0\.0", name):
        yield (
            f"server_www_host_name={name} must be a name or address at which the other nodes reach this one "
            "(host or host:port; not localhost)."
        )


def _members(m: Member) -> t.Iterator[str]:
    members = m["server_members"]
    unknown = [str(name) for name in members if name not in m.cluster.groups.get("all", ())]
    if unknown or m.host not in members:
        which = f"; it does not know {', '.join(unknown)}" if unknown else ""
        yield f"server_members={members} must be a list of hosts of the inventory with this host among them{which}."


def _misplaced(m: Member) -> t.Iterator[str]:
    found = [key for key in m["server_rserver_conf"] if key in MISPLACED]
    if found:
        yield (
            f"{', '.join(found)} in server_rserver_conf: rserver.conf does not know it and the server would not start. "
            "balancer, timeout and delete-node-on-exit belong to server_load_balancer, www-host-name is the variable "
            "server_www_host_name; the switch is load-balancing-enabled; enable-ssl belongs to server_launcher_conf."
        )


def _address_in_file(m: Member) -> t.Iterator[str]:
    if "www-host-name" in m["server_load_balancer"]:
        yield (
            f"www-host-name={m['server_load_balancer']['www-host-name']} in server_load_balancer: the address of a node is the "
            "variable server_www_host_name, which differs from node to node and by which the run waits for it."
        )


def _place(variable: str, key: str, place: str, m: Member) -> t.Iterator[str]:
    value = m[variable].get(key)
    if value and value != place:
        yield (
            f"{key}={value} in {variable}: the roles keys and server write {place}, the only value allowed. "
            "Leave this option out."
        )


def _provider(m: Member) -> t.Iterator[str]:
    provider = m["server_database_conf"].get("provider", "postgresql")
    if str(provider).lower() != "postgresql":
        yield f"provider={provider} in server_database_conf: a cluster needs provider=postgresql."


def _balancing(m: Member) -> t.Iterator[str]:
    value = m["server_rserver_conf"].get("load-balancing-enabled", True)
    if not is_on(value):
        yield f"load-balancing-enabled={value} in server_rserver_conf: a cluster needs load-balancing-enabled=1."


def _sign_in(m: Member) -> t.Iterator[str]:
    """One way, and all that it needs."""
    try:
        options = parse_boost(to_conf(m["server_rserver_conf"]))
    except Failure:  # which is told
        return
    on = [way for way in SIGN_IN if switched_on(options, way)]
    if len(on) > 1:
        yield (
            f"{' and '.join(on)} in server_rserver_conf exclude each other: users sign in one way "
            "(Administration Guide, Authenticating Users). Leave one on."
        )
    for way in on:
        needs = SIGN_IN[way]
        if needs and not any(options.get(need, [""])[0] for need in needs):
            yield f"{way} in server_rserver_conf needs {' or '.join(needs)} (Administration Guide, Authenticating Users)."


def _alike(m: Member) -> t.Iterator[str]:
    for key, launchers, ours in ALIKE:
        value = m["server_rserver_conf"].get(key, ours)
        other = m["server_launcher_conf"].get(launchers, ours)
        if str(value) != str(other):
            yield (
                f"{key}={value} in server_rserver_conf, {launchers}={other} in server_launcher_conf: the server and its "
                "launcher must be told the same (Administration Guide, Job Launcher, Configuration). Set both."
            )


def _one_share(m: Member) -> t.Iterator[str]:
    value, wanted = m["server_rserver_conf"].get("server-shared-storage-path"), m["server_shared_storage_path"]
    if value and wanted and value != wanted:
        yield (
            f"server-shared-storage-path={value} in server_rserver_conf, and server_shared_storage_path={wanted}, which is the "
            "one that is mounted and verified: set the variable, and leave the option out."
        )


def _options(variable: str, m: Member) -> t.Iterator[str]:
    yield from option_problems({variable: m[variable]})


def _sections(m: Member) -> t.Iterator[str]:
    if not any(section.get("name") == "cluster" for section in m["server_launcher_sections"]):
        names = [str(section.get("name")) for section in m["server_launcher_sections"]]
        yield (
            f"server_launcher_sections has {', '.join(names) or 'none'}: at least one section named cluster, "
            "with the options name and type."
        )


def _own_files(m: Member) -> t.Iterator[str]:
    found = [path for path in _paths(m) if path.rpartition("/")[2] in (*OWN, BALANCER)]
    if found:
        yield f"server_files names {', '.join(found)}; these have variables of their own: {', '.join((*OWN, BALANCER))}."


def _paths_once(m: Member) -> t.Iterator[str]:
    paths = _paths(m)
    if not all(path.startswith("/") for path in paths) or len({re.sub("/+", "/", path) for path in paths}) < len(paths):
        yield f"server_files names {', '.join(paths)}: each path must be absolute, and be there once."


def _contents(m: Member) -> t.Iterator[str]:
    wrong = [
        str(file["path"])
        for file in m["server_files"]
        if (file.get("content") is None) == (file.get("secret_base64") is None)
    ]
    if wrong:
        yield f"server_files: {', '.join(wrong)} must have either content or, for a file with secrets, secret_base64."


def _modes(m: Member) -> t.Iterator[str]:
    for file in m["server_files"]:
        problem = "" if file.get("mode") is None else mode_problem(file["mode"])
        if problem:
            yield f"server_files: mode={file['mode']} of {file['path']} {problem}."


def _version(m: Member) -> t.Iterator[str]:
    if not VERSION.match(str(m["server_version"])):
        yield (
            f"server_version={m['server_version']} must look like 2026.04.0+526.pro2, or be empty for what the package holds."
        )


def _runtimes(language: str, m: Member) -> t.Iterator[str]:
    versions = m[f"server_{language}_versions"]
    wrong = [str(version) for version in versions if not RUNTIME.match(str(version))]
    if wrong:
        yield f"server_{language}_versions has {', '.join(wrong)}: each version must have three numbers, such as 4.4.1."
    package = str(m[f"server_{language}_package"])
    if versions and "{version}" not in package:
        yield (
            f"server_{language}_versions={versions} with server_{language}_package={package}: the package must be a URL or "
            "a file on the controller with {version} in it."
        )


def _r_versions(m: Member) -> t.Iterator[str]:
    if m["server_r_paths"] and "/etc/rstudio/r-versions" in _paths(m):
        yield (
            f"server_r_paths={m['server_r_paths']} and server_files both write /etc/rstudio/r-versions. Use one of them."
        )


def _definitions(m: Member) -> t.Iterator[str]:
    paths = [str(home["path"]).rstrip("/") for home in m["server_r_definitions"]]
    every = [*paths, *(str(path).rstrip("/") for path in m["server_r_paths"])]
    wrong = [path for path in paths if not PATH.match(path) or every.count(path) > 1]
    if wrong:
        yield (
            f"server_r_definitions has {', '.join(dict.fromkeys(wrong))}: absolute paths without blanks, each once, and not in "
            "server_r_paths as well."
        )


def _blanks(name: str, reader: str, m: Member) -> t.Iterator[str]:
    wrong = [str(path) for path in m[name] if not PATH.match(str(path))]
    if wrong:
        yield f"{name} has {', '.join(wrong)}: absolute paths without blanks, which {reader} does not read back."


def _shared(m: Member) -> t.Iterator[str]:
    """Asked once for all members, whose variables it reads."""
    members = [name for name in m["server_members"] if name in m.cluster.hostvars]
    shared = shared_addresses(members, m.cluster.hostvars, "server_www_host_name")
    for address, names in shared.items():
        yield (
            f"server_www_host_name is the same for {' and '.join(names)} ({address}): it must lead to one node, not to the proxy "
            "before them or an address they share. Set it for each host, or leave it out for cluster_address, else "
            "ansible_host, else the inventory name."
        )


def _paths(m: Member) -> list[str]:
    return [str(file["path"]) for file in m["server_files"]]


_ask = functools.partial


def _licence(m: Member) -> t.Iterator[str]:
    """What the source of licences needs, and that it is there."""
    source, file = m["server_license_source"], str(m["server_license_file"] or "")
    needs = {
        "file": ("server_license_file",),
        "key": ("server_license_key",),
        "offline": ("server_license_key", "server_license_file"),
        "server": ("server_license_server",),
    }
    lacking = [name for name in needs.get(source, ()) if not m[name]]
    if lacking:
        yield f"server_license_source={source} needs {' and '.join(lacking)}."
    if source in ("file", "offline") and file and not os.path.isfile(file):
        how = (
            " Get it at the vendor's page, with what the role's tasks_from: request shows."
            if source == "offline"
            else ""
        )
        yield f"server_license_file={file} is no file on the controller.{how}"
    if source == "server" and re.search(r"\s", str(m["server_license_server"] or "")):
        yield f"server_license_server={m['server_license_server']} must be a host or a URL, without blanks."


RULES: tuple[Rule, ...] = (
    *(_address, _members, _misplaced, _address_in_file),
    *balancing.RULES,
    *launcher.RULES,
    *(_ask(_place, *place) for place in PLACES),
    *(_provider, _balancing, _licence, _sign_in, _one_share, _alike),
    *(_ask(_options, variable) for variable in (*FILES, SECTIONS)),
    *(_sections, _own_files, _paths_once, _contents, _modes, _version),
    *(_ask(_runtimes, language) for language in ("r", "python")),
    *(
        _r_versions,
        _definitions,
        _ask(_blanks, "server_r_paths", "r-versions"),
        _ask(_blanks, "server_required_mounts", "systemd"),
    ),
    *config_files.RULES,
)
TOGETHER = (_shared,)
