# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of storage that contradict each other or others. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._locks.rules import read_lock_settings
from ansible_collections.workbench.cluster.plugins.module_utils._mounts.table import parse_source
from ansible_collections.workbench.cluster.plugins.module_utils._product import grammar
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import hosts_of, member_addresses
from ansible_collections.workbench.cluster.plugins.plugin_utils._paths import under
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mount_options import meaning
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.kinds import mode_problem
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Hostvars, Member, is_on, value_of

# Mount options that keep advisory locks on each node.
PRIVATE = {"nolock", "local_lock=all", "local_lock=posix"}
# Directories of the system, which a mount would hide; of SYSTEM_TREES all that lies below as well.
SYSTEM = {
    "/",
    "/bin",
    "/lib",
    "/lib64",
    "/mnt",
    "/opt",
    "/root",
    "/sbin",
    "/srv",
    "/tmp",
    "/var",
    "/var/lib",
    "/var/log",
    "/var/nfs",
    "/var/tmp",
}
# Of options of NFS: the least, the most, and what they are a multiple of.
RANGES = {
    "actimeo": (0, 86400, 1),
    "timeo": (1, 6000, 1),
    "retrans": (0, 100, 1),
    "rsize": (1024, 1048576, 1024),
    "wsize": (1024, 1048576, 1024),
    "nconnect": (1, 16, 1),
}
# The file system's id, alone or in the name of its server.
EFS = re.compile(r"(^|\.)fs-[0-9a-f]+([.:]|$)")
SYSTEM_TREES = ("/boot", "/dev", "/etc", "/proc", "/run", "/sys", "/usr", "/var/lib/rstudio-server")


def storage_problems(
    mounts: t.Sequence[t.Mapping[str, t.Any]],
    others: t.Mapping[str, t.Any],
    servers: t.Sequence[str],
    hostvars: Hostvars,
) -> list[str]:
    """Sentences. `mounts` is `storage_mounts`, `servers` are the hosts of `<cluster>_storage`.

    `others`: `{home_root, shared_path, verify_paths}`, the last one empty where the inventory does not name it.
    """
    paths = [str(mount["path"]).rstrip("/") or "/" for mount in mounts]
    return [*_options(mounts), *_places(paths), *_uses(paths, others), *_exports(mounts, servers, hostvars)]


def _options(mounts: t.Sequence[t.Mapping[str, t.Any]]) -> t.Iterator[str]:
    for mount in mounts:
        if " " in str(mount.get("opts", "")):
            yield f"storage_mounts has the options {mount['opts']} for {mount['path']}: commas part them, without blanks."


def _places(paths: t.Sequence[str]) -> t.Iterator[str]:
    for number, path in enumerate(paths):
        if path in SYSTEM or any(under(path, tree) for tree in SYSTEM_TREES):
            yield f"storage_mounts has {path}, a directory of the system: mount below it, or elsewhere."
        for inner in paths[:number]:
            if inner != path and under(inner, path):
                yield f"storage_mounts has {inner} before {path}, which would hide it: give {path} first."


def _uses(paths: t.Sequence[str], others: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    """Homes and shared storage lie on what is mounted, or on what `verify_paths` says somebody else shares."""
    named = [str(path) for path in others["verify_paths"]]
    uses = {"accounts_home_root": str(others["home_root"]), "server_shared_storage_path": str(others["shared_path"])}
    for variable, path in uses.items():
        if not any(under(path, root) for root in [*paths, *named]):
            yield (
                f"{variable}={path} lies on none of storage_mounts ({', '.join(paths)}): set {variable} to a directory there; "
                "or, where somebody else mounts it, name it in verify_paths."
            )
        elif named and not any(under(path, root) for root in named):
            yield f"{variable}={path} lies in none of verify_paths={named}: name it there, or it would never be proved."


def _exports(
    mounts: t.Sequence[t.Mapping[str, t.Any]], servers: t.Sequence[str], hostvars: Hostvars
) -> t.Iterator[str]:
    """What the nodes mount from a file server that we build is what it exports."""
    for server in servers:
        if not is_on(value_of(hostvars, server, "nfs_server_manage")):
            continue
        names = {str(server), *member_addresses([server], hostvars)}
        exports = [str(export["path"]) for export in value_of(hostvars, server, "nfs_server_exports")]
        for mount in mounts:
            source = parse_source(str(mount["src"]))
            if names.intersection(source.servers) and not any(under(source.path, export) for export in exports):
                yield (
                    f"storage_mounts has {mount['src']} on {mount['path']} (storage_home_export, storage_shared_export), but "
                    f"{server} exports {', '.join(exports)} (nfs_server_exports): set both alike."
                )


def _modes(m: Member) -> t.Iterator[str]:
    for mount in m["storage_mounts"]:
        problem = "" if mount.get("mode") is None else mode_problem(mount["mode"])
        if problem:
            yield f"storage_mounts has the mode {mount['mode']} for {mount['path']}: it {problem}."


def _something(m: Member) -> t.Iterator[str]:
    mounts = [(str(mount["src"]), str(mount["path"])) for mount in m["storage_mounts"]]
    paths = {path for _source, path in mounts}
    wrong = any(re.match(r":|\Z", source) or not re.match(r"/[^ ]+\Z", path) for source, path in mounts)
    if not mounts or wrong or len(paths) < len(mounts):
        yield (
            f"storage_mounts={[f'{source} on {path}' for source, path in mounts]}: each entry needs a source with its server "
            "(set storage_server) and an absolute path of its own without blanks."
        )


def _moves(m: Member) -> t.Iterator[str]:
    value, paths = m["storage_move_existing"], [mount["path"] for mount in m["storage_mounts"]]
    whole = isinstance(value, (list, tuple)) and all(path in paths for path in value)
    if not isinstance(value, bool) and not whole:
        yield (
            f"storage_move_existing={value} must be true, false, or a list of paths of storage_mounts, "
            f"such as [{', '.join(map(str, paths[:1]))}]."
        )


def _locks(m: Member) -> t.Iterator[str]:
    """The file system keeps the kind of lock that file-locks asks for (Admin Guide, Load Balancing, Lock configuration)."""
    locks = read_lock_settings({key: _text(value) for key, value in m["server_file_locks"].items()})
    options = meaning(str(m["storage_options"]))
    private = sorted(PRIVATE & set(str(m["storage_options"]).split(",")))
    if locks.kind == "advisory" and private:
        yield (
            f"storage_options={m['storage_options']} has {', '.join(private)}, which keeps advisory locks on one node (nfs(5)), "
            "while server_file_locks wants lock-type=advisory. Use storage_preset=safe, or lock-type=linkbased."
        )
    by_name = m["server_file_locks_preset"] == "efs" and "use-symlinks" not in m["server_file_locks"]
    if _is_efs(m) and locks.kind == "linkbased" and not by_name:
        yield (
            "server_file_locks wants link-based locks, which do not work on Amazon EFS by default (Administration Guide, Load "
            "Balancing, Lock configuration). Set server_file_locks_preset=efs, or lock-type=advisory in server_file_locks."
        )
    cached = options.get("acregmin", "0")
    if locks.kind != "advisory" and cached.isdigit() and int(cached) >= locks.timeout - locks.refresh > 0:
        yield (
            f"storage_options={m['storage_options']} caches attributes for {cached} s: a node sees a lock refreshed too late, "
            f"with refresh-rate={locks.refresh} and timeout-interval={locks.timeout} (server_file_locks), and takes one that is "
            "held. Use actimeo=2 (Administration Guide, Project Sharing)."
        )


def _is_efs(m: Member) -> bool:
    return m["storage_preset"] == "efs" or any(EFS.search(str(mount["src"])) for mount in m["storage_mounts"])


def _text(value: t.Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _nfs(m: Member) -> t.Iterator[str]:
    named = m["storage_nfs_options"]
    if not named:
        return
    if "storage_options" in m.named:
        yield f"storage_nfs_options={named} is given beside storage_options={m['storage_options']}: give one of them."
    if not str(m["storage_fstype"]).startswith("nfs"):
        yield f"storage_nfs_options={named} is given with storage_fstype={m['storage_fstype']}: use storage_options."
    if named.get("noac") and named.get("actimeo") is not None:
        yield (
            f"storage_nfs_options={named} has noac beside actimeo, which means nothing then: give one of them "
            '("Project Sharing": actimeo 0 to 2, without noac).'
        )
    for name, (least, most, step) in RANGES.items():
        value = named.get(name)
        if value is not None and (not least <= int(value) <= most or int(value) % step):
            yield (
                f"storage_nfs_options has {name}={value}: it must be {least} to {most}"
                f"{f', a multiple of {step}' if step > 1 else ''} (nfs(5))."
            )


def _lists(m: Member) -> t.Iterator[str]:
    """Project sharing lets others in by access control lists."""
    value = m["server_rserver_conf"].get("server-project-sharing", True)
    if not grammar.is_on(str(value)):
        return
    off = "server_rserver_conf: {server-project-sharing: 0}"
    options = meaning(str(m["storage_options"]))
    if options.get("acl") == "off" and options.get("vers", "").startswith("3"):
        yield (
            f"storage_options={m['storage_options']} has noacl, and project sharing, which is on unless it is turned off, "
            f'needs access control lists ("Project Sharing"): mount with them, or set {off}.'
        )
    if _is_efs(m):
        named = [str(mount["src"]) for mount in m["storage_mounts"] if EFS.search(str(mount["src"]))]
        yield (
            f"storage_preset={m['storage_preset']} with {', '.join(named) or m['storage_server']}: Amazon EFS has no access "
            f'control lists, which project sharing, on unless it is turned off, needs ("Project Sharing"): set {off}.'
        )


def _together(m: Member) -> t.Iterator[str]:
    """What others make of the mounts; where they say nothing, their defaults are made of ours."""
    others = {
        "home_root": m["accounts_home_root"] or m["storage_home_dir"],
        "shared_path": m["server_shared_storage_path"] or m["storage_shared_dir"],
        "verify_paths": m["verify_paths"] if "verify_paths" in m.named else [],
    }
    servers = hosts_of(m.cluster.name, ["storage"], m.cluster.groups)
    yield from storage_problems(m["storage_mounts"], others, servers, m.cluster.hostvars)


RULES = (_modes, _something, _moves, _locks, _nfs, _lists, _together)
