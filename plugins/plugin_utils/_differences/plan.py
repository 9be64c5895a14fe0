# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a run: what every host said of itself, as one. Pure."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import PROTOCOL, Change
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.roles import ROLES
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import by_sentence, columns, counted, listed

# What a group of hosts is called.
KINDS = {"nodes": "node", "storage": "file server", "database": "database", "proxy": "front end"}
HOW = {"rolling": "one after the other", "at_once": "all together"}
FORMAT = 1
# Firewalls that only open ports, which comes before those that are let in.
OPENS = "firewall_first"
# Roles by which hosts let nodes in, and people into nodes.
LET_IN = ("nfs_server", "database", "proxy", "firewall")
FIRST = f"The {PROTOCOL} changes, for which all of them stop: run site first."
# The service whose restart people notice.
UNIT = "rstudio-server"
# Names of hosts that stand in one line, and letters of a cell that others are lined up behind.
MOST, WIDEST = 3, 60


class PlannedChange(t.TypedDict):
    """A `Change`, with the host and the role it is about."""

    host: str
    role: str
    what: str
    why: str
    interrupts: str
    restarts: list[str]
    waits: bool  # the role changes nothing, but has to run
    path: str  # of the file or directory, where it is one
    opens: bool  # a port, to more hosts and closing it to nobody


class Compared(t.TypedDict):
    """What the action `differences` said of a host."""

    changes: list[PlannedChange]
    problems: list[str]
    notes: list[str]


class PlanFile(t.TypedDict):
    """A plan as it is kept on the controller."""

    format: int
    cluster: str
    made: str  # ISO 8601, UTC
    changes: list[PlannedChange]


def planned_change(host: str, role: str, change: Change) -> PlannedChange:
    return {
        "host": host,
        "role": role,
        "what": change.what,
        "why": change.why,
        "interrupts": change.interrupts,
        "restarts": list(change.restarts),
        "waits": change.waits,
        "path": change.path,
        "opens": change.opens,
    }


def hosts_by_role(changes: t.Sequence[PlannedChange]) -> dict[str, list[str]]:
    """Whom each role has something to do on; of the firewalls those under `firewall_first` that only open what newcomers need."""
    found: dict[str, list[str]] = {role: [] for role in (*ROLES, OPENS)}
    closing = {change["host"] for change in changes if change["role"] == "firewall" and not change["opens"]}
    for change in changes:
        role = OPENS if change["opens"] and change["host"] not in closing else change["role"]
        if change["host"] not in found[role]:
            found[role].append(change["host"])
    return found


def narrowed(compared: t.Mapping[str, Compared], building: t.Collection[str]) -> dict[str, Compared]:
    """The plan where only the hosts `building` are built, and the others let people and nodes in; what else they lack is a note.

    A verb touches no more than it has to. Nodes speak one protocol, so that a change of it comes before.
    """
    kept: dict[str, Compared] = {}
    for host, answer in compared.items():
        left = [one for one in answer["changes"] if host not in building and one["role"] not in LET_IN]
        roles = list(dict.fromkeys(one["role"] for one in left if not one["waits"]))
        kept[host] = {
            "changes": [one for one in answer["changes"] if one not in left],
            "problems": [*answer["problems"], *(FIRST for one in left if one["what"] == PROTOCOL)],
            "notes": [*answer["notes"], *([f"site would change more: {listed(roles)}"] if roles else [])],
        }
    return kept


def plan_lines(
    cluster: str, members: t.Mapping[str, t.Sequence[str]], compared: t.Mapping[str, Compared], restart: str
) -> list[str]:
    """The plan as people read it. `members` are the hosts of the run by kind of group, `restart` how servers restart."""
    counts = [counted(len(members[kind]), word) for kind, word in KINDS.items() if members.get(kind)]
    changes = [change for answer in compared.values() for change in answer["changes"]]
    return [
        f"PLAN {cluster}: {listed(counts)}",
        *table(in_order(changes), members, list(compared)),
        *left_alone({host: answer["notes"] for host, answer in compared.items()}),
        f"  {_sum(changes, compared, restart)}",
    ]


def left_alone(notes: t.Mapping[str, t.Sequence[str]]) -> list[str]:
    """Why hosts are left as they are; no line where none is."""
    left = [f"  {listed(hosts)}: {note}" for note, hosts in by_sentence(notes).items()]
    return ["  Left as it is:", *left] if left else []


def in_order(changes: t.Iterable[PlannedChange]) -> list[PlannedChange]:
    """In the order in which roles run."""
    return sorted(changes, key=lambda change: ROLES.index(change["role"]))


def table(
    changes: t.Sequence[PlannedChange], members: t.Mapping[str, t.Sequence[str]], everybody: t.Sequence[str]
) -> list[str]:
    """A line for what is the same on several hosts."""
    same: dict[tuple[str, str, str, str], list[str]] = {}
    for change in changes:
        same.setdefault((change["role"], change["what"], change["why"], change["interrupts"]), []).append(
            change["host"]
        )
    known = {"nodes": members.get("nodes", ()), "hosts": everybody}
    return columns([[f"  {_hosts(hosts, known)}", *cells] for cells, hosts in same.items()], WIDEST) if same else []


def _hosts(names: t.Sequence[str], known: t.Mapping[str, t.Sequence[str]]) -> str:
    """Names, or of many hosts how many they are; of all nodes and of all hosts that."""
    if len(names) <= MOST:
        return listed(names)
    return next(
        (f"all {len(names)} {word}" for word, all_ in known.items() if set(all_) == set(names)),
        f"{len(names)} hosts: {listed(names[:MOST])} …",
    )


def _sum(changes: t.Sequence[PlannedChange], compared: t.Mapping[str, Compared], restart: str) -> str:
    if not changes:
        return f"Nothing to change: {counted(len(compared), 'host')} as the inventory says."
    hosts = list(dict.fromkeys(change["host"] for change in changes))
    rest = len(compared) - len(hosts)
    words = f"{counted(len(changes), 'change')} on {len(hosts)} of {counted(len(compared), 'host')}"
    words += (
        f", {counted(rest, 'host')} as they should be." if rest > 1 else ", 1 host as it should be." if rest else "."
    )
    restarts = list(dict.fromkeys(change["host"] for change in changes if UNIT in change["restarts"]))
    how = "at_once" if any(change["what"] == PROTOCOL for change in changes) else restart
    if restarts and how in HOW:
        words += f" Restarts, {HOW[how]}: {_hosts(restarts, {'hosts': list(compared)})}."
    return words


def plan_text(cluster: str, made: str, changes: t.Sequence[PlannedChange]) -> str:
    kept: PlanFile = {"format": FORMAT, "cluster": cluster, "made": made, "changes": list(changes)}
    return json.dumps(kept, indent=1, ensure_ascii=False) + "\n"


def unlike(text: str, cluster: str, changes: t.Sequence[PlannedChange]) -> list[str]:
    """Where a plan that was kept, as `text`, is another than that of now. Raises `Failure` where it is none of this cluster.

    Of what is interrupted the plan spoke as it was then: sessions come and go.
    """
    try:
        kept: PlanFile = json.loads(text)
        was = {_key(change): change for change in kept["changes"]}
        known, of = kept["format"], kept["cluster"]
    except (ValueError, KeyError, TypeError):
        raise Failure("is no plan: it is made by a run with --check") from None
    if known != FORMAT or of != cluster:
        raise Failure(f"is a plan of the cluster {of} in format {known}, and not of {cluster} in format {FORMAT}")
    now = {_key(change): change for change in changes}
    gone = [f"{_words(change)}: planned, and not to be done any more" for key, change in was.items() if key not in now]
    return gone + [f"{_words(change)}: not planned" for key, change in now.items() if key not in was]


def _key(change: PlannedChange) -> tuple[str, ...]:
    return (change["host"], change["role"], change["what"], change["why"])


def _words(change: PlannedChange) -> str:
    return " ".join(word for word in _key(change) if word)
