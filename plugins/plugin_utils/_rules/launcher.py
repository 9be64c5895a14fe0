# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The launcher's files: its clusters and their plugins, TLS, and where launchers of Local plugins meet. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import to_conf, to_sectioned_conf
from ansible_collections.workbench.cluster.plugins.plugin_utils._paths import under
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.known_options import types_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Member, Rule, is_on

TYPES = ("Local", "Kubernetes", "Slurm")
HA = "Configuring High Availability with Local Launcher, step 3"
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")


def clusters(m: Member) -> list[tuple[str, str]]:
    """Name and type of each cluster of the launcher."""
    return [
        (str(section["options"].get("name", "")), str(section["options"].get("type", "")))
        for section in m["server_launcher_sections"]
        if section["name"] == "cluster"
    ]


def _types(m: Member) -> t.Iterator[str]:
    for name, kind in clusters(m):
        if not NAME.match(name) or kind not in TYPES:
            yield (
                f"server_launcher_sections has the cluster name={name}, type={kind}: each cluster needs a name of letters, "
                f"digits, '-' and '_', and a type, {', '.join(TYPES)}."
            )
    files = [name.lower() for name, _kind in clusters(m)]
    twice = sorted({name for name in files if files.count(name) > 1})
    if twice:
        yield f"server_launcher_sections has {', '.join(twice)} twice: the files of a cluster are named after it."


def _default_cluster(m: Member) -> t.Iterator[str]:
    named, known = m["server_rserver_conf"].get("launcher-default-cluster"), [name for name, _kind in clusters(m)]
    if named is not None and named not in known:
        yield (
            f"launcher-default-cluster={named} in server_rserver_conf is none of server_launcher_sections: {', '.join(known)}."
        )


def _callback(m: Member) -> t.Iterator[str]:
    """Sessions of other hosts than the nodes do not reach a node's loopback."""
    options = m["server_rserver_conf"]
    for name, kind in clusters(m):
        used = str(options.get("launcher-sessions-clusters") or name).split(",")
        if kind in ("Kubernetes", "Slurm") and name in used and "launcher-sessions-callback-address" not in options:
            yield (
                f"server_launcher_sections has {name} of type {kind}, whose sessions do not reach a node by 127.0.0.1: set "
                "launcher-sessions-callback-address in server_rserver_conf to an address they reach, such as that of the proxy; "
                "or name in launcher-sessions-clusters the clusters with sessions."
            )


def _plugins(m: Member) -> t.Iterator[str]:
    kinds = {name.lower(): kind for name, kind in clusters(m)}
    for variable in ("server_launcher_plugins", "server_launcher_profiles"):
        for name in m[variable]:
            if kinds.get(name, "Local") == "Local":
                known = [name for name, kind in kinds.items() if kind != "Local"]
                yield (
                    f"{variable} has {name}: it must be the name, in small letters, of a cluster of another type than Local in "
                    f"server_launcher_sections ({', '.join(known) or 'there is none'}). Options of Local plugins are "
                    "server_launcher_local_conf."
                )
    for name, options in m["server_launcher_plugins"].items():
        yield from _plugin(name, options, kinds.get(name, ""))
    for name, sections in m["server_launcher_profiles"].items():
        try:
            to_sectioned_conf(sections)
        except (Failure, KeyError, TypeError, AttributeError) as wrong:
            why = wrong if isinstance(wrong, Failure) else "a list of sections is wanted, each with name and options"
            yield f"server_launcher_profiles of {name}: {why}."


def _plugin(name: str, options: t.Any, kind: str) -> t.Iterator[str]:
    if not isinstance(options, t.Mapping):
        yield f"server_launcher_plugins must have a dictionary of options for {name}."
        return
    try:
        to_conf(options)
    except Failure as failure:
        yield f"server_launcher_plugins of {name}: {failure}."
    known = types_of(f"launcher.{kind.lower()}.conf")
    unknown = [str(key) for key in options if known and key not in known]
    if unknown:
        yield (
            f"server_launcher_plugins has {', '.join(unknown)} for {name}: the launcher would not start with an option that its "
            f"plugin of type {kind} does not know."
        )


def _agreement(m: Member) -> t.Iterator[str]:
    """Since 2024.12.1 the server says so in its log; before, sessions failed."""
    server, launcher = m["server_rserver_conf"], m["server_launcher_conf"]
    tls = has_certificates(m) and is_on(server.get("ssl-enabled", True))
    asked_tls = server.get("launcher-use-ssl", tls)
    # With certificates the launcher's is what Workbench asks for.
    own_tls = launcher.get("enable-ssl", asked_tls if has_certificates(m) else False)
    if is_on(own_tls) != is_on(asked_tls):
        yield (
            f"enable-ssl={own_tls} in server_launcher_conf and launcher-use-ssl={asked_tls} in server_rserver_conf: Workbench "
            "would not reach its launcher. Set both alike."
        )


def has_certificates(m: Member) -> bool:
    """Whether the role tls gives this node certificates, which launchers use then."""
    return m["tls_source"] not in (None, "none")


def _certificate(m: Member) -> t.Iterator[str]:
    options = m["server_launcher_conf"]
    missing = [key for key in ("certificate-file", "certificate-key-file") if not options.get(key)]
    if is_on(options.get("enable-ssl", False)) and missing and not has_certificates(m):
        yield (
            f"enable-ssl in server_launcher_conf without {' and '.join(missing)}: the launcher would not start. Its certificate "
            "must hold each address of the node (Load Balancing / Configuration, Local Launcher plugin)."
        )


def _scratch(m: Member) -> t.Iterator[str]:
    path, own = str(m["server_launcher_scratch_path"] or ""), m["server_launcher_local_conf"].get("scratch-path")
    told = m["server_load_balancer"].get("launcher-balancing-enabled")
    if path and own:
        yield f"server_launcher_scratch_path={path} and scratch-path={own} in server_launcher_local_conf: leave one out."
    if path and told is not None and is_on(told):
        yield (
            f"server_launcher_scratch_path={path} with launcher-balancing-enabled in server_load_balancer: launchers either meet "
            "in a scratch path or are told of each other by Workbench. Leave one of them out."
        )
    is_old = told is not None and not is_on(told)
    if is_old and not (path or own):
        yield (
            "launcher-balancing-enabled=0 in server_load_balancer: launchers then meet in a scratch path on the share. Name one "
            f"in server_launcher_scratch_path ({HA})."
        )
    if path or (is_old and own):
        yield from _shared(m, str(path or own))


def _shared(m: Member, path: str) -> t.Iterator[str]:
    variable = "server_launcher_scratch_path" if m["server_launcher_scratch_path"] else "scratch-path"
    shared = [str(mount["path"]) for mount in m["storage_mounts"] or []]
    shared += [str(root) for root in (m["verify_paths"] or [] if "verify_paths" in m.named else [])]
    if not any(under(path, root) and path != root for root in shared):
        yield (
            f"{variable}={path} is not shared: it must be a directory below one of storage_mounts ({', '.join(shared)}), or of "
            f"verify_paths where somebody else mounts it ({HA})."
        )
    open_to_all = str(m["server_shared_storage_path"] or "")
    if open_to_all and under(path, open_to_all):
        yield (
            f"{variable}={path} lies in server_shared_storage_path={open_to_all}, where every user may make files in the "
            "launchers' name. Choose a directory outside."
        )


RULES: tuple[Rule, ...] = (
    *(_types, _default_cluster, _callback, _plugins),
    *(_agreement, _certificate, _scratch),
)
