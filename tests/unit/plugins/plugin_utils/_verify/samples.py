# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What verify measures on a healthy cluster of three nodes, for tests that each change one thing of it."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
    Certificate,
    Clock,
    Cluster,
    KeyFile,
    Mount,
    Node,
    Older,
    Outcome,
    PortState,
    SeenMarker,
    Served,
    ServedReport,
    UnitState,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Compared, HostLock, Measured

HOME, SHARED = "/nfs/home", "/nfs/shared"
COOKIE, OTHER = "c" * 64, "d" * 64
CRC = "BFA25145"
VERSION = "2026.04.0+526.pro2"
OPEN: dict[str, PortState] = {"8787": "open", "5559": "open"}
FRONTS = {"front1": "10.0.0.8"}
HOSTS = {"n1": "10.0.0.11", "n2": "10.0.0.12", "n3": "10.0.0.13"}


def key(sha256: str = COOKIE, size: int = 37, owner: str = "root", mode: str = "0600") -> KeyFile:
    return {
        "path": "/etc/rstudio/key",
        "state": "present",
        "sha256": sha256,
        "size": size,
        "mode": mode,
        "owner": owner,
        "group": owner,
        "crc32": CRC,
    }


def mount(path: str, source: str = "files:/srv") -> Mount:
    return {
        "source": source + path,
        "fstype": "nfs4",
        "options": ["rw", "hard", "noatime", "vers=4.1", "actimeo=2"],
        "device": "0:45",
        "root": "/",
        "target": path,
    }


def unit_state(configuration: str | None = None, key_files: str | None = None, program: str | None = None) -> UnitState:
    older: Older = {"configuration": configuration, "key_files": key_files, "program": program}
    return {"active": "active", "enabled": "enabled", "older": older}


def node(host: str) -> Node:
    """Answer of node_info, both phases, of one of `HOSTS`."""
    others = [name for name in HOSTS if name != host]
    marker: SeenMarker = {"delay": 0.2, "mode": "0600", "uid": 0, "error": None, "acls": ["nfs4"]}
    return {
        "hostname": host,
        "machine_id": host * 8,
        "service_user": "rstudio-server",
        "accounts": {
            "users": {
                "ada": {"uid": 20001, "gid": 20001, "home": f"{HOME}/ada"},
                "rstudio-server": {"uid": 989, "gid": 989, "home": "/home/rstudio-server"},
            },
            "groups": {"analysts": {"gid": 30001}},
            "uids": {"20001": ["ada"], "989": ["rstudio-server"]},
            "gids": {"20001": ["ada"], "989": ["rstudio-server"], "30001": ["analysts"]},
        },
        "id_rules": {"domain/LDAP ldap_id_mapping": "false"},
        "key_files": {
            "cookie_key": {**key(), "managed": False},
            "launcher_private": key(OTHER, 1704, "rstudio-server"),
            "launcher_public": key("e" * 64, 451, "rstudio-server"),
            "launcher_pair": "matches",
            "stray": [],
            "database_password": {"state": "encrypted", "key_crc32": CRC},
            "encrypted": [],
            "running": ["rstudio-server", "rstudio-launcher"],
            "replaced": None,
        },
        "config": {
            "rserver.conf": {
                "load-balancing-enabled": ["1"],
                "server-shared-storage-path": [SHARED],
                "launcher-sessions-enabled": ["1"],
                "launcher-address": ["127.0.0.1"],
                "launcher-port": ["5559"],
                "auth-timeout-minutes": ["30"],
            },
            "load-balancer": {"www-host-name": [HOSTS[host]], "balancer": ["sessions"]},
            "database.conf": {"provider": ["postgresql"], "host": ["10.0.0.31"], "password": [f"sha256:{host * 6}"]},
            "file-locks": {"lock-type": ["linkbased"]},
            "rsession.conf": {"nfs-acl-version": ["nfsv4"]},
            "launcher.conf": {"server.address": ["0.0.0.0"], "server.port": ["5559"], "cluster.name": ["Local"]},
        },
        "unparsed": {"rsession-profile": "sha256:0123456789ab"},
        "versions": {"workbench": VERSION, "launcher": "2.20.0", "r": ["4.4.2"], "python": ["3.12.4"]},
        "mounts": {HOME: mount(HOME), SHARED: mount(SHARED)},
        "share": {
            path: {"written": True, "chmod_kept": True, "root_squashed": False, "error": None, "acls": ["nfs4"]}
            for path in (HOME, SHARED)
        },
        "seen": {path: {peer: marker.copy() for peer in others} for path in (HOME, SHARED)},
        "peers": {peer: {"address": [HOSTS[peer]], "ports": dict(OPEN)} for peer in others},
        "start": {
            "check": {"passed": True, "said": ""},
            "units": {unit: unit_state() for unit in ("rstudio-server", "rstudio-launcher")},
            "shared_storage": {"path": SHARED, "directory": True, "mode": "1777", "error": None},
        },
        "database": {"host": "10.0.0.31", "port": 5432, "reachable": True, "server_version": "15.8", "error": None},
        "tls": [],
        "errors": [],
    }


def clock(offset: float | None, bound: float | None = 0.004) -> Clock:
    return {
        "reference": "storage" if offset is not None else "none",
        "path": SHARED,
        "fstype": "nfs4",
        "offset": offset,
        "bound": bound,
        "samples": [],
        "daemon": {
            "name": "chrony",
            "synchronized": True,
            "offset": 0.0001,
            "bound": 0.01,
            "source": "files",
            "error": None,
        },
        "kernel": {"synchronized": True, "max_error": 0.02},
        "errors": [],
    }


def cluster(host: str) -> Cluster:
    """Answer of cluster_info on one of `HOSTS`."""
    hosts = list(HOSTS.values())
    return {
        "installed": True,
        "hostname": host,
        "www_host_name": HOSTS[host],
        "addresses": [HOSTS[host]],
        "version": VERSION,
        "runtimes": {"r": {"/opt/R/4.4.2/bin/R": "4.4.2"}, "python": []},
        "services": {"rstudio-server": "active", "rstudio-launcher": "active"},
        "protocol": "Http",
        "nodes": [
            {
                "id": number,
                "host": host,
                "ipv4": host,
                "port": 8787,
                "status": "Online",
                "last_seen": "2026-Nov-21 10:00:00",
            }
            for number, host in enumerate(hosts, 1)
        ],
        "status": [
            {
                "host": host,
                "port": 8787,
                "ipv4": host,
                "flag": None,
                "load": [0.1, 0.2, 0.3],
                "sessions": [{"pid": 1568, "user": "ada", "process": "rsession"}],
            }
            for host in hosts
        ],
        "node_status": None,
        "errors": [],
    }


def lock(
    step: str,
    host: str,
    outcome: Outcome,
    kind: str = "linkbased",
    path: str = f"{HOME}/ada",
    *,
    seconds: float | None = None,
    error: str | None = None,
) -> HostLock:
    return {
        "step": step,
        "type": kind,
        "path": path,
        "outcome": outcome,
        "holder": None,
        "seconds": seconds,
        "error": error,
        "host": host,
    }


def locked(kind: str = "linkbased", path: str = f"{HOME}/ada") -> list[HostLock]:
    """The steps of a lock that works."""
    return [
        lock("hold", "n1", "held", kind, path),
        lock("try", "n2", "refused", kind, path),
        lock("try", "n3", "refused", kind, path),
        lock("release", "n1", "released", kind, path),
        lock("takeover", "n2", "acquired", kind, path),
        lock("again", "n1", "held", kind, path),
        lock("crash", "n1", "gone", kind, path),
        lock("stale", "n2", "live", kind, path, seconds=1.0),
        lock("stale", "n2", "stale", kind, path, seconds=31.0),
    ]


def nothing(*members: str) -> Measured:
    """What is known of members of whom nobody has asked anything."""
    return {
        "members": list(members),
        "unreachable": [],
        "outside": [],
        "failures": {},
        "addresses": {},
        "node": {},
        "clock": {},
        "cluster": {},
        "facts": {},
        "processors": {},
        "listeners": {},
        "planned": {},
        "locks": [],
        "policy": {"now": "2026-11-21T10:00:00+00:00"},
        "lock_times": {"refresh": 20, "timeout": 30},
    }


def healthy() -> Measured:
    return {
        **nothing(*HOSTS),
        "addresses": dict(HOSTS),
        "node": {host: node(host) for host in HOSTS},
        "clock": {host: clock(offset) for host, offset in zip(HOSTS, (0.001, -0.002, 0.003))},
        "cluster": {host: cluster(host) for host in HOSTS},
        "processors": dict.fromkeys(HOSTS, 8),
        "locks": [
            event
            for kind in ("linkbased", "symlink", "advisory")
            for path in (f"{HOME}/ada", SHARED)
            for event in locked(kind, path)
        ],
        "policy": {
            "users": ["ada"],
            "groups": ["analysts"],
            "paths": [HOME, SHARED],
            "clock_max_offset": 1.0,
            "lock_refresh": 20,
            "allow_unknown": [],
            "now": "2026-11-21T10:00:00+00:00",
        },
        "compared": {host: compared() for host in HOSTS},
        "fronts": {host: {"address": address, "report": front_end(), "why": ""} for host, address in FRONTS.items()},
    }


def front_end(**told: t.Any) -> ServedReport:
    """What a front end serves that gives requests to all nodes."""
    report: ServedReport = {
        "state": "active",
        "port": 443,
        "names": ["workbench.example.com"],
        "virtual": "",
        "holds": False,
        "check": "/health-check",
        "places": {f"{address}:8787": {"standby": False, "answer": "200"} for address in HOSTS.values()},
        "served": {"127.0.0.1": served()},
    }
    return t.cast("ServedReport", {**report, **told})


def served(**told: t.Any) -> Served:
    certificate: Certificate = {
        "file": "127.0.0.1",
        "path": "127.0.0.1",
        "subject": "CN=workbench.example.com",
        "names": ["workbench.example.com", "10.0.0.8"],
        "not_before": "2026-01-01T00:00:00+00:00",
        "not_after": "2027-06-01T00:00:00+00:00",
        "error": None,
    }
    return t.cast("Served", {"answers": ["200"] * 6, "kept": True, "certificate": certificate, **told})


def compared(**told: t.Any) -> Compared:
    nothing: Compared = {"changes": [], "problems": [], "notes": []}
    return t.cast("Compared", {**nothing, **told})


def without(measured: t.Any, host: str) -> t.Any:
    """`measured`, had the host not answered."""
    for kind in ("node", "clock", "cluster", "compared"):
        measured[kind].pop(host, None)
    measured["unreachable"].append(host)
    measured["locks"] = [event for event in measured["locks"] if event["host"] != host]
    return measured
