# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller gathers from the nodes, and what it makes of it. What nodes report is in `module_utils/_shapes.py`."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
    AccountsReport,
    Clock,
    Cluster,
    KeyFiles,
    LockStep,
    Node,
    Options,
    OptionsReport,
    ServedReport,
    TlsReport,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import Finding


class Answer(t.TypedDict, total=False):
    """What a member answered to one module, of whose reports it has one. Without an answer it has the state alone."""

    state: t.Literal["reachable", "unreachable"]
    accounts: AccountsReport
    cluster: Cluster
    key_files: KeyFiles
    options: OptionsReport
    tls: TlsReport


# --- what is measured ----------------------------------------------------------------------------------------------------


class HostLock(LockStep):
    host: str  # who took the step


class FactsMount(t.TypedDict, total=False):
    mount: str
    size_available: int  # bytes


class Facts(t.TypedDict, total=False):
    """Ansible's own facts, as far as a preflight reads them."""

    ansible_distribution: str
    ansible_distribution_version: str
    ansible_os_family: str
    ansible_architecture: str
    ansible_memtotal_mb: int
    ansible_mounts: list[FactsMount]


class HostChange(t.TypedDict):
    """A `Change`, and the role that would make it."""

    role: str
    what: str
    why: str
    interrupts: str


class Compared(t.TypedDict):
    """What the playbook site would do on a host."""

    changes: list[HostChange]
    problems: list[str]  # for which it would refuse to run
    notes: list[str]


class Policy(t.TypedDict, total=False):
    """What the user asks for: variables of the role verify. Those of a preflight are the last three."""

    users: list[str]
    groups: list[str]
    paths: list[str]  # the shared directories
    lock_refresh: float  # seconds between two refreshes of a lock that is held
    allow_unknown: list[str]  # ids of requirements
    now: str  # ISO 8601, UTC
    clock_max_offset: float  # seconds between two nodes
    min_memory: int  # MB
    min_disk: int  # MB on /
    version: str  # of Workbench, as the inventory pins it; empty where it does not (status)
    managed: list[str]  # servers that the playbook site builds: "database server", "file server"


class LockTimes(t.TypedDict):
    """Those in `file-locks` of the first member that answered."""

    refresh: int  # seconds
    timeout: int  # seconds


class FrontAnswer(t.TypedDict):
    """What a front end said of what it serves; without a report why there is none."""

    address: str
    report: ServedReport | None
    why: str


class Sometimes(t.TypedDict, total=False):
    """What is left out where nobody asked."""

    compared: dict[str, Compared]
    fronts: dict[str, FrontAnswer]
    processors: dict[str, int | None]  # as of HostReport


class Gathered(Sometimes):
    """Reports by host. A member without one is in none of the maps: it is outside, unreachable, or in failures."""

    members: list[str]
    unreachable: list[str]
    outside: list[str]  # of the run (--limit)
    failures: dict[str, str]  # why a module brought nothing, by host
    addresses: dict[str, str]  # `cluster_address`, else what Ansible connects to
    node: dict[str, Node]
    clock: dict[str, Clock]
    cluster: dict[str, Cluster]
    facts: dict[str, Facts]
    listeners: dict[str, str]  # output of `ss -ltnp` and `systemctl show` (preflight)
    planned: dict[str, dict[str, Options]]  # `config` as the inventory has it, of hosts that have none yet
    locks: list[HostLock]
    policy: Policy


class Measured(Gathered):
    lock_times: LockTimes


# --- what is judged ------------------------------------------------------------------------------------------------------


class JudgedPart(t.TypedDict):
    """A line of the preflight: `verdict` is pass, fail or unknown, as of its worst finding."""

    id: str
    verdict: str
    findings: list[Finding]


class Judged(JudgedPart):
    """A requirement."""

    title: str
    source: str  # where the vendor asks for it


class SeenNode(t.TypedDict):
    """A member, or a stranger that the product lists."""

    host: str
    member: bool
    id: int | None  # of list-nodes; None: not listed
    listed: str | None  # host:port of list-nodes
    status: str | None
    last_seen: str | None
    flags: dict[str, str | None]  # of the status endpoint, by who was asked; None: healthy
    unseen_by: list[str]
    services: dict[str, str | None]
    sessions: int | None  # None: no endpoint shows the node
    load: list[float] | None  # of 1, 5 and 15 minutes, as a fraction of all processors


class NodeRow(SeenNode):
    address: str | None
    reached: bool
    version: str | None
    cookie_key: str | None  # first 12 digits of its SHA-256
    daemon: str | None  # who steers the clock
    fails: list[str]  # ids of requirements
    unknown: list[str]
    errors: list[str]


class ClockRow(t.TypedDict):
    """Seconds, against the reference that all rows share."""

    host: str
    offset: float
    bound: float


class Pair(t.TypedDict):
    """Two clocks with one reference: how far the first is ahead, in seconds, give or take the bound."""

    hosts: list[str]
    difference: float
    bound: float
    verdict: str


class LockRow(t.TypedDict):
    """One type of lock in one directory."""

    path: str
    type: str
    configured: bool  # it is the lock-type of file-locks
    verdict: str
    says: str
    hosts: list[str]
    outcomes: dict[str, dict[str, str]]  # by step and host


class DriftRow(t.TypedDict):
    file: str
    option: str
    values: dict[str, list[str]]  # hosts by value


class Tables(t.TypedDict):
    nodes: list[NodeRow]
    clocks: list[ClockRow]
    pairs: list[Pair]
    locks: list[LockRow]
    drift: list[DriftRow]


class Verdict(t.TypedDict):
    """An unknown is no pass: it fails the run, unless the policy allows it."""

    verdict: str
    requirements: list[Judged]  # the vendor's nine in their order, then ours
    tables: Tables


class PastRun(t.TypedDict):
    at: str
    verdict: str
    counts: dict[str, int]
    verdicts: dict[str, str]  # by id


class Conclusion(t.TypedDict):
    """What a run comes to."""

    cluster: str
    verdict: str
    unproven: list[str]  # ids that let no run succeed
    counts: dict[str, int]  # by verdict
    policy: Policy


class Preflight(Conclusion):
    requirements: list[JudgedPart]


class Report(Conclusion):
    """report.json, which others read: a change of its shape is a new `schema`."""

    schema: str
    at: str  # ISO 8601, UTC
    requirements: list[Judged]
    tables: Tables
    members: list[str]
    unreachable: list[str]
    outside: list[str]
    history: list[PastRun]  # the latest first
