# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide which keys a cluster has and who lacks them. Pure.

All nodes share one secure-cookie-key and one launcher key pair (Admin Guide, Load Balancing / Configuration). Both are
adopted before they are made, and whatever is not certain stops. Fingerprints, the first 12 digits of SHA-256, say who
has what.
"""

from __future__ import annotations

import typing as t

MINIMUM_KEY = 32

States = t.Mapping[str, t.Mapping[str, t.Any]]


class _Topic(t.NamedTuple):
    """One of the two secrets: how it is called, which reported file counts, which variable supplies it."""

    words: str
    file: str
    variable: str


TOPICS = {
    "cookie_key": _Topic("secure-cookie-key", "cookie_key", "keys_cookie_key"),
    "launcher": _Topic("launcher key", "launcher_private", "keys_launcher_private_key"),
}


def plan_keys(
    states: States,
    supplied: t.Mapping[str, str] | None = None,
    policy: str = "adopt",
    adopt_from: str | None = None,
    *,
    present: t.Sequence[str] | None = None,
    password: str = "known",
) -> dict[str, t.Any]:
    """`{cookie_key, launcher, database_conf, sources, errors}`.

    `states`: `{member: {state: reachable|unreachable, key_files: <report of keys_info>}}`; `supplied`: SHA-256 of the cookie
    key and of the private launcher key the user gave; `policy`: `never`, `fail`, `adopt` or `rotate`; `present`: the hosts
    of the run, the only ones that can be written to (`None`: all). `password`: what a database password that no member
    has means: `known` nothing, it is given or not needed; `make` that one is made; `find` that one is missing.

    The two keys are `{action: keep|adopt|supplied|generate, source, sha256, write_to}`: `source` is the member whose key
    it is, and `action` is `None` with an error. `database_conf.source` is the member whose database password can be
    read, `key_source` the one whose cookie key decrypts it (`None` for plain text without a key), and `sources` are the
    members whose values are needed.
    """
    errors: list[str] = []
    answer: dict[str, t.Any] = {}
    for name, topic in TOPICS.items():
        decision = _decide(topic, states, (supplied or {}).get(name), policy, adopt_from or None, present=present)
        if isinstance(decision, str):
            errors.append(decision)
            decision = {"action": None, "source": None, "sha256": None, "write_to": []}
        answer[name] = decision
    source = answer["launcher"]["source"]
    answer["launcher"]["pair"] = states[source]["key_files"]["launcher_pair"] if source else None
    holder, key_holder = _password_holder(states)
    answer["database_conf"] = {"source": holder, "key_source": key_holder}
    if holder is None:
        errors.extend(_no_password(states, password))
    sources = [*(answer[name]["source"] for name in TOPICS), holder, key_holder]
    answer["sources"] = list(dict.fromkeys(host for host in sources if host))
    answer["errors"] = errors
    return answer


def _decide(
    topic: _Topic,
    states: States,
    supplied: str | None,
    policy: str,
    adopt_from: str | None,
    *,
    present: t.Sequence[str] | None,
) -> dict[str, t.Any] | str:
    """The decision, or the sentence that says why there is none."""
    reports = {host: state["key_files"] for host, state in states.items() if state.get("state") == "reachable"}
    silent = [host for host in states if host not in reports]
    files = {host: keys[topic.file] for host, keys in reports.items()}
    held = {host: file["sha256"] for host, file in files.items() if file["state"] == "present"}
    unreadable = [host for host, file in files.items() if file["state"] == "unreadable"]

    if policy == "rotate":
        if silent:
            return (
                f"The {topic.words} cannot be rotated while {_list(silent)} cannot be reached and would keep the old one. "
                f"Bring up what is down, or take it out of keys_members."
            )
        running = _not_stopped(reports)
        if running:
            return (
                f"The {topic.words} cannot be rotated while Workbench runs: {'; '.join(running)}. A server goes on with the key "
                f"it read and refuses the others. End the sessions (rstudio-server suspend-all), stop both services on all "
                f"nodes (systemctl stop rstudio-server rstudio-launcher), and run again."
            )
        decision = _decision(topic, reports, "supplied", None, supplied) if supplied else _generate(reports)
        outside = [host for host in decision["write_to"] if present is not None and host not in present]
        if outside:
            return (
                f"The {topic.words} cannot be rotated while {_list(outside)} is outside this run and would keep the old "
                f"one. Run without --limit."
            )
        return decision
    if unreadable:
        return (
            f"The {topic.words} on {_list(unreadable)} is there but cannot be read. "
            f"Repair the file, or replace it everywhere with keys_policy=rotate."
        )
    short = [host for host in held if topic.file == "cookie_key" and files[host]["size"] < MINIMUM_KEY]
    if short:
        return (
            f"The {topic.words} on {_list(short)} has fewer than {MINIMUM_KEY} bytes, which Workbench refuses. "
            f"Remove the file, or replace it everywhere with keys_policy=rotate."
        )
    if supplied:
        other = {host: sha256 for host, sha256 in held.items() if sha256 != supplied}
        if other:
            return (
                f"The {topic.words} of {topic.variable} is {supplied[:12]}, but there is {_holders(other)}. "
                f"Leave {topic.variable} empty to keep that one, or replace it everywhere with keys_policy=rotate."
            )
        return _unless_never(topic, policy, _decision(topic, reports, "supplied", None, supplied))
    if adopt_from:
        if adopt_from not in held:
            why = "cannot be reached" if adopt_from in silent else "has none" if adopt_from in files else "is no member"
            return (
                f"The {topic.words} is to come from {adopt_from}, which {why}. "
                f"Set keys_adopt_from to one of the members that have one: {_list(list(held)) or 'none'}."
            )
        return _unless_never(topic, policy, _decision(topic, reports, "adopt", adopt_from, held[adopt_from]))
    if len(set(held.values())) > 1:
        return (
            f"The members have different {topic.words}s: {_holders(held)}. "
            f"Set keys_adopt_from to the node whose key is right, or replace all of them with keys_policy=rotate."
        )
    if held:
        source = _best_holder(reports, held)
        return _unless_never(topic, policy, _decision(topic, reports, "adopt", source, held[source]))
    if silent:
        return (
            f"No {topic.words} was found, but {_list(silent)} cannot be reached and may have one. "
            f"Bring up what is down, take it out of keys_members, or supply the key with {topic.variable}."
        )
    if policy != "adopt":
        return (
            f"No member has a {topic.words}, and keys_policy={policy} makes none. "
            f"Set keys_policy=adopt to make one, or supply it with {topic.variable}."
        )
    return _generate(reports)


def _not_stopped(reports: States) -> list[str]:
    """What runs on each member that is not known to be stopped."""
    units = {host: keys["running"] for host, keys in reports.items()}
    unknown = [f"{host}: systemd does not say what runs" for host, names in units.items() if names is None]
    return [f"{host}: {_list(names)}" for host, names in units.items() if names] + unknown


def _generate(reports: States) -> dict[str, t.Any]:
    return {"action": "generate", "source": None, "sha256": None, "write_to": list(reports)}


def _decision(topic: _Topic, reports: States, action: str, source: str | None, sha256: str) -> dict[str, t.Any]:
    write_to = [host for host, keys in reports.items() if not _in_place(topic, keys, sha256)]
    return {
        "action": "keep" if action == "adopt" and not write_to else action,
        "source": source,
        "sha256": sha256,
        "write_to": write_to,
    }


def _in_place(topic: _Topic, keys: t.Mapping[str, t.Any], sha256: str) -> bool:
    """Whether a member has this key in the configuration directory, and a private key has its public half."""
    if keys[topic.file]["sha256"] != sha256:
        return False
    if topic.file == "cookie_key":
        return keys["cookie_key"]["managed"] is False
    unproven = keys["launcher_pair"] == "unknown" and keys["launcher_public"]["state"] == "present"
    return keys["launcher_pair"] == "matches" or bool(unproven)


def _unless_never(topic: _Topic, policy: str, decision: dict[str, t.Any]) -> dict[str, t.Any] | str:
    if policy == "never" and decision["write_to"]:
        return (
            f"The {topic.words} {decision['sha256'][:12]} is missing or differs on {_list(decision['write_to'])}, and "
            f"keys_policy=never writes nothing. Set keys_policy=adopt to write it there."
        )
    return decision


def _best_holder(reports: States, held: t.Mapping[str, str]) -> str:
    """A member with the key, one whose launcher pair is whole if there is one."""
    return next((host for host in held if reports[host]["launcher_pair"] == "matches"), next(iter(held)))


def _password_holder(states: States) -> tuple[str | None, str | None]:
    """The first member with a database password that can be read, and the member with the cookie key for it.

    Readable is one in plain text, under the member's own cookie key, or under another member's. Text without a
    fingerprint counts as plain, but may be that of old releases: it goes with the member's own key, if there is one.
    """
    reports = {host: state["key_files"] for host, state in states.items() if state.get("state") == "reachable"}
    keys = {host: found["cookie_key"]["crc32"] for host, found in reports.items()}
    for host, found in reports.items():
        if found["database_password"]["state"] == "plain":
            return host, host if keys[host] else None
        holders = _key_holders(host, found, keys)
        if holders[:1] == [host]:
            return host, host
    for host, found in reports.items():
        holders = _key_holders(host, found, keys)
        if holders:
            return host, holders[0]
    return None, None


def _key_holders(host: str, found: t.Mapping[str, t.Any], keys: t.Mapping[str, str | None]) -> list[str]:
    """Members whose cookie key encrypted the password in `host`'s database.conf, `host` itself first."""
    crc32 = found["database_password"]["key_crc32"]
    holders = [name for name, crc in keys.items() if crc32 is not None and crc == crc32]
    return sorted(holders, key=lambda name: name != host)


def _no_password(states: States, password: str) -> list[str]:
    """Why no password can be made where no member has one that can be read; nothing where that is no trouble."""
    if password == "known":
        return []
    lost = {
        host: state["key_files"]["database_password"]["key_crc32"]
        for host, state in states.items()
        if state.get("state") == "reachable" and state["key_files"]["database_password"]["state"] == "encrypted"
    }
    if lost:
        crcs = ", ".join(sorted({str(crc) for crc in lost.values()}))
        return [
            f"The database password in database.conf on {_list(list(lost))} is encrypted with a secure-cookie-key that "
            f"no reachable member has (CRC-32 {crcs}). Set database_password, or put that key back on a node and name "
            f"the node in keys_adopt_from."
        ]
    if password == "make":
        return []
    return [
        "No reachable member has a database password, and with database_manage=false none is made: the server "
        "knows only its own. Set database_password, or name another way to log in with connection-uri in server_database_conf."
    ]


def _holders(held: t.Mapping[str, str]) -> str:
    """`4f2a… on node1, node2; 90bc… on node3`, fingerprints whole"""
    hosts: dict[str, list[str]] = {}
    for host, sha256 in held.items():
        hosts.setdefault(sha256, []).append(host)
    return "; ".join(f"{sha256[:12]} on {_list(names)}" for sha256, names in hosts.items())


def _list(names: t.Sequence[str]) -> str:
    return ", ".join(names)
