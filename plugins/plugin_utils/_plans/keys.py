# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide which keys a cluster has and who lacks them. Pure.

All nodes share one secure-cookie-key and one launcher key pair (Admin Guide, Load Balancing / Configuration). Both are
adopted before they are made, and whatever is not certain stops. Fingerprints, the first 12 digits of SHA-256, say who
has what.
"""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.password import MINIMUM_KEY
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import KeyFile, KeyFiles, ReplacedKeys
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Answer

# Where the product looks without being told.
PLACES = ("/etc/rstudio/secure-cookie-key", "/var/lib/rstudio-server/secure-cookie-key")
# Who replaces all keys: nobody, the verb rotate_keys before it stops the nodes, or when it has stopped them.
Rotation = t.Literal["", "planned", "stopped"]
DIGITS = 12  # of a fingerprint
FINISH = "finish it with the playbook rotate_keys"
States = t.Mapping[str, Answer]
Reports = t.Mapping[str, KeyFiles]


class Planned(t.TypedDict):
    """A `Decision`, as roles read it."""

    action: str | None
    source: str | None
    sha256: str | None
    write_to: list[str]


class PlannedPair(Planned):
    pair: str | None  # `launcher_pair` of the source


class PasswordSource(t.TypedDict):
    source: str | None  # the member whose database password can be read
    key_source: str | None  # the one whose cookie key decrypts it; None for plain text without a key
    write_to: list[str]  # members that lose the key to a password which no variable gives back


class KeysPlan(t.TypedDict):
    cookie_key: Planned
    launcher: PlannedPair
    database_conf: PasswordSource
    sources: list[str]  # the members whose values are needed
    begun: bool  # a replacement was, and is not finished
    replaced: ReplacedKeys  # those that a replacement takes away
    errors: list[str]


class Undecided(Exception):
    """Why there is no decision: a sentence for people."""


class Decision(t.NamedTuple):
    """What becomes of one of the two secrets.

    `action` is `keep`, `adopt`, `supplied` or `generate`, and `None` where nothing was decided. `source` is the member
    whose key it is, `sha256` the key's where there is one already, `write_to` are the members that do not have it in place.
    """

    action: str | None
    source: str | None
    sha256: str | None
    write_to: list[str]


class _Topic(t.NamedTuple):
    """One of the two secrets: how it is called, which reported file counts, which variable supplies it."""

    words: str
    file: t.Literal["cookie_key", "launcher_private"]
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
    given: bool = False,
    rotation: Rotation = "",
) -> KeysPlan:
    """What becomes of the two keys, and where the database password is found.

    `states`: the answers of keys_info. `supplied`: SHA-256 of the cookie key and of the private launcher key that the
    user gave. `policy`: `never`, `fail`, `adopt` or `rotate`. `present`: the hosts of the run, the only ones that can be
    written to (`None`: all). `password`: what it means that no member has a database password: `known`, nothing, for it is
    given or not needed; `make`, that one is made; `find`, that one is missing. `given`: the inventory has the database password.
    With `rotation` all keys go, unless `policy` leaves them to others, and what an earlier run began is finished: a key that is
    not one of those that go is a new one, which all get.
    """
    errors: list[str] = []
    decided: dict[str, Decision] = {}
    begun, replaced = _replaced(_reachable(states))
    for name, topic in TOPICS.items():
        gone = replaced["cookie_key"] if name == "cookie_key" else replaced["launcher"]
        wish = _Wish((supplied or {}).get(name), policy, adopt_from or None, present, rotation, gone if begun else None)
        try:
            decided[name] = _decide(wish, _found(topic, states))
        except Undecided as reason:
            errors.append(str(reason))
            decided[name] = Decision(None, None, None, [])
    source = decided["launcher"].source
    errors.extend(_lost(_reachable(states)) if rotation else [])
    if rotation and policy == "never":
        errors.append(
            "keys_policy=never leaves the keys to others, who replace them, too. Set keys_policy=adopt to do it."
        )
    holder, key_holder = _password_holder(states)
    # In the role server's place, where that one does not come after.
    kept = (holder is None and not given) or (given and not rotation)
    if holder is None:
        errors.extend(_no_password(states, password))
    sources = [*(decision.source for decision in decided.values()), holder, key_holder]
    return {
        "cookie_key": _planned(decided["cookie_key"]),
        "launcher": {
            **_planned(decided["launcher"]),
            "pair": states[source]["key_files"]["launcher_pair"] if source else None,
        },
        "database_conf": {
            "source": holder,
            "key_source": key_holder,
            "write_to": [] if kept else _losing(states, decided["cookie_key"], mixed=bool(rotation)),
        },
        "sources": list(dict.fromkeys(host for host in sources if host)),
        "begun": begun,
        "replaced": replaced,
        "errors": errors,
    }


def _planned(decision: Decision) -> Planned:
    return {
        "action": decision.action,
        "source": decision.source,
        "sha256": decision.sha256,
        "write_to": decision.write_to,
    }


class _Wish(t.NamedTuple):
    """What the inventory says: SHA-256 of a given key, the policy, the member to adopt from, and the hosts of the run.

    And of a replacement that was begun, which keys go, by the first digits; `None` where there is none.
    """

    supplied: str | None
    policy: str
    adopt_from: str | None
    present: t.Sequence[str] | None
    rotation: Rotation
    gone: list[str] | None


class _Found(t.NamedTuple):
    """What the members say of a topic: `reports` of those that answer, `silent` the rest, `held` SHA-256 by holder."""

    topic: _Topic
    reports: Reports
    silent: list[str]
    held: dict[str, str]

    def file(self, host: str) -> KeyFile:
        """What a member reports of the file that counts."""
        return self.reports[host][self.topic.file]


def _reachable(states: States) -> Reports:
    """What those that answer report of their keys."""
    return {host: state["key_files"] for host, state in states.items() if state.get("state") == "reachable"}


def _found(topic: _Topic, states: States) -> _Found:
    reports = _reachable(states)
    return _Found(topic, reports, silent=[host for host in states if host not in reports], held=_held(topic, reports))


def _held(topic: _Topic, reports: Reports) -> dict[str, str]:
    """SHA-256 by holder."""
    files = {host: keys[topic.file] for host, keys in reports.items()}
    return {host: str(file["sha256"]) for host, file in files.items() if file["state"] == "present"}


def _decide(wish: _Wish, found: _Found) -> Decision:
    """Raises `Undecided` where what is there, and what the inventory says, leave more than one answer or none."""
    if wish.policy == "rotate" or wish.rotation:
        return _rotated(wish, found)
    _refuse_unusable(found)
    decision = _adopted(wish, found) or _made(wish, found)
    if wish.policy == "never" and decision.write_to:
        raise Undecided(
            f"The {found.topic.words} {str(decision.sha256)[:12]} is missing or differs on {listed(decision.write_to)}, and "
            f"keys_policy=never writes nothing. Set keys_policy=adopt to write it there."
        )
    return decision


def _rotated(wish: _Wish, found: _Found) -> Decision:
    """A key for all in place of those they have: nobody may go on with an old one."""
    words = found.topic.words
    if found.silent:
        out = "leave it out with operate_without" if wish.rotation else "take it out of keys_members"
        raise Undecided(
            f"The {words} cannot be rotated while {listed(found.silent)} cannot be reached and would keep the old one. "
            f"Bring up what is down, or {out}."
        )
    if wish.gone is not None and not wish.rotation:
        raise Undecided(f"The {words} cannot be rotated while another replacement is not finished: {FINISH}.")
    running = [] if wish.rotation == "planned" else _not_stopped(found.reports)
    if running:
        raise Undecided(
            f"The {words} cannot be rotated while Workbench runs: {'; '.join(running)}. A server goes on with the key "
            f"it read and refuses the others. End the sessions (rstudio-server suspend-all), stop both services on all "
            f"nodes (systemctl stop rstudio-server rstudio-launcher), and run again."
        )
    decision = _new(wish, found)
    outside = [host for host in decision.write_to if wish.present is not None and host not in wish.present]
    if outside:
        raise Undecided(
            f"The {words} cannot be rotated while {listed(outside)} is outside this run and would keep the old "
            f"one. Run without --limit."
        )
    return decision


def _new(wish: _Wish, found: _Found) -> Decision:
    """The key that is given, the one that an earlier run began with, or one that is made."""
    topic = found.topic
    gone = wish.gone if wish.gone is not None else [sha256[:DIGITS] for sha256 in found.held.values()]
    if wish.supplied:
        if wish.rotation and wish.supplied[:DIGITS] in gone:
            raise Undecided(
                f"The {topic.words} of {topic.variable} is {wish.supplied[:DIGITS]}, which is the one that is to go. "
                f"Put the new one there, or leave {topic.variable} empty to have one made."
            )
        return _shared(found, "supplied", None, wish.supplied)
    fresh = {host: sha256 for host, sha256 in found.held.items() if sha256[:DIGITS] not in gone}
    # Which member is right is no question where there is one new key.
    wish = wish if len(set(fresh.values())) > 1 else wish._replace(adopt_from=None)
    return _adopted(wish, found._replace(held=fresh)) or _generated(found)


def _refuse_unusable(found: _Found) -> None:
    words = found.topic.words
    unreadable = [host for host in found.reports if found.file(host)["state"] == "unreadable"]
    if unreadable:
        raise Undecided(
            f"The {words} on {listed(unreadable)} is there but cannot be read. "
            f"Repair the file, or replace it everywhere with keys_policy=rotate."
        )
    cookies = found.held if found.topic.file == "cookie_key" else {}
    short = [host for host in cookies if (found.file(host)["size"] or 0) < MINIMUM_KEY]
    if short:
        raise Undecided(
            f"The {words} on {listed(short)} has fewer than {MINIMUM_KEY} bytes, which Workbench refuses. "
            f"Remove the file, or replace it everywhere with keys_policy=rotate."
        )


def _adopted(wish: _Wish, found: _Found) -> Decision | None:
    """A key that is given or that a member has; `None` where none is."""
    topic, held = found.topic, found.held
    if wish.supplied:
        other = {host: sha256 for host, sha256 in held.items() if sha256 != wish.supplied}
        if other:
            raise Undecided(
                f"The {topic.words} of {topic.variable} is {wish.supplied[:12]}, but there is {_holders(other)}. "
                f"Leave {topic.variable} empty to keep that one, or replace it everywhere with keys_policy=rotate."
            )
        return _shared(found, "supplied", None, wish.supplied)
    if wish.adopt_from:
        if wish.adopt_from not in held:
            raise Undecided(
                f"The {topic.words} is to come from {wish.adopt_from}, which {_why_none(wish.adopt_from, found)}. "
                f"Set keys_adopt_from to one of the members that have one: {listed(held) or 'none'}."
            )
        return _shared(found, "adopt", wish.adopt_from, held[wish.adopt_from])
    if len(set(held.values())) > 1:
        if wish.gone is not None and not wish.rotation:
            raise Undecided(f"A replacement of the {topic.words} was cut off, {_holders(held)}: {FINISH}.")
        raise Undecided(
            f"The members have different {topic.words}s: {_holders(held)}. "
            f"Set keys_adopt_from to the node whose key is right, or replace all of them with keys_policy=rotate."
        )
    if held:
        source = _best_holder(found.reports, held)
        return _shared(found, "adopt", source, held[source])
    return None


def _why_none(host: str, found: _Found) -> str:
    if host in found.silent:
        return "cannot be reached"
    return "has none" if host in found.reports else "is no member"


def _made(wish: _Wish, found: _Found) -> Decision:
    """A new key, where it is certain that nobody has one."""
    topic = found.topic
    if found.silent:
        raise Undecided(
            f"No {topic.words} was found, but {listed(found.silent)} cannot be reached and may have one. "
            f"Bring up what is down, take it out of keys_members, or supply the key with {topic.variable}."
        )
    if wish.policy != "adopt":
        raise Undecided(
            f"No member has a {topic.words}, and keys_policy={wish.policy} makes none. "
            f"Set keys_policy=adopt to make one, or supply it with {topic.variable}."
        )
    return _generated(found)


def _not_stopped(reports: Reports) -> list[str]:
    """What runs on each member that is not known to be stopped."""
    units = {host: keys["running"] for host, keys in reports.items()}
    unknown = [f"{host}: systemd does not say what runs" for host, names in units.items() if names is None]
    return [f"{host}: {listed(names)}" for host, names in units.items() if names] + unknown


def _generated(found: _Found) -> Decision:
    return Decision("generate", None, None, write_to=list(found.reports))


def _shared(found: _Found, action: str, source: str | None, sha256: str) -> Decision:
    """All members get the key with this fingerprint; `keep` where they have it."""
    write_to = [host for host, keys in found.reports.items() if not _in_place(found.topic, keys, sha256)]
    return Decision("keep" if action == "adopt" and not write_to else action, source, sha256, write_to)


def _in_place(topic: _Topic, keys: KeyFiles, sha256: str) -> bool:
    """Whether a member has this key in the configuration directory, and a private key has its public half."""
    if keys[topic.file]["sha256"] != sha256:
        return False
    if topic.file == "cookie_key":
        return keys["cookie_key"]["managed"] is False
    unproven = keys["launcher_pair"] == "unknown" and keys["launcher_public"]["state"] == "present"
    return keys["launcher_pair"] == "matches" or bool(unproven)


def _best_holder(reports: Reports, held: t.Mapping[str, str]) -> str:
    """A member with the key, one whose launcher pair is whole if there is one."""
    return next((host for host in held if reports[host]["launcher_pair"] == "matches"), next(iter(held)))


def _holders(held: t.Mapping[str, str]) -> str:
    """`4f2a90bc11ee on node1, node2; 90bc4f2a11ee on node3`"""
    return spread(held, lambda sha256: sha256[:DIGITS])


def _replaced(reports: Reports) -> tuple[bool, ReplacedKeys]:
    """Whether a replacement was begun, and the keys that it takes away: those there are, where none was."""
    told = [keys["replaced"] for keys in reports.values() if keys["replaced"] is not None]
    if told:
        cookies, launchers = (one["cookie_key"] for one in told), (one["launcher"] for one in told)
        return True, {
            "cookie_key": sorted(set(itertools.chain(*cookies))),
            "launcher": sorted(set(itertools.chain(*launchers))),
        }
    held = {name: _held(topic, reports).values() for name, topic in TOPICS.items()}
    short = {name: sorted({sha256[:DIGITS] for sha256 in found}) for name, found in held.items()}
    return False, {"cookie_key": short["cookie_key"], "launcher": short["launcher"]}


def _lost(reports: Reports) -> t.Iterator[str]:
    """What a new cookie key would not reach, or would make unreadable."""
    for host, keys in reports.items():
        path = keys["cookie_key"]["path"]
        if path not in PLACES:
            yield (
                f"{host} reads its secure-cookie-key from {path} (secure-cookie-key-file), where no new one would go. Run site "
                "first, which puts it in its place."
            )
        if keys["encrypted"]:
            yield (
                f"{listed(keys['encrypted'])} on {host} has a value that is encrypted with the secure-cookie-key, and nobody "
                "could read it with a new one. Put it there in plain text first, and encrypt it again afterwards."
            )


def _password_holder(states: States) -> tuple[str | None, str | None]:
    """The first member with a database password that can be read, and the member with the cookie key for it.

    Readable is one in plain text, under the member's own cookie key, or under another member's. Text without a
    fingerprint counts as plain, but may be encrypted by an old release: it goes with the member's own key, if there is one.
    """
    reports = _reachable(states)
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


def _losing(states: States, cookie_key: Decision, *, mixed: bool) -> list[str]:
    """Members whose database password is encrypted with a cookie key that is replaced; and with `mixed` one that was.

    That is what a run leaves that is killed between the two files.
    """
    stored = {host: (keys["database_password"], keys["cookie_key"]) for host, keys in _reachable(states).items()}
    return [
        host
        for host, (password, key) in stored.items()
        if password["state"] == "encrypted"
        and (host in cookie_key.write_to or (mixed and password["key_crc32"] != key["crc32"]))
    ]


def _key_holders(host: str, found: KeyFiles, keys: t.Mapping[str, str | None]) -> list[str]:
    """Members whose cookie key encrypted the password in `host`'s database.conf, `host` itself first."""
    crc32 = found["database_password"]["key_crc32"]
    holders = [name for name, crc in keys.items() if crc32 is not None and crc == crc32]
    return sorted(holders, key=lambda name: name != host)


def _no_password(states: States, password: str) -> list[str]:
    """Why no password can be made where no member has one that can be read; nothing where that is no trouble."""
    if password == "known":
        return []
    passwords = {host: keys["database_password"] for host, keys in _reachable(states).items()}
    lost = {host: stored["key_crc32"] for host, stored in passwords.items() if stored["state"] == "encrypted"}
    if lost:
        crcs = ", ".join(sorted({str(crc) for crc in lost.values()}))
        return [
            f"The database password in database.conf on {listed(lost)} is encrypted with a secure-cookie-key that "
            f"no reachable member has (CRC-32 {crcs}). Set database_password, or put that key back on a node and name "
            f"the node in keys_adopt_from."
        ]
    if password == "make":
        return []
    return [
        "No reachable member has a database password, and with database_manage=false none is made: the server "
        "knows only its own. Set database_password, or name another way to log in with connection-uri in server_database_conf."
    ]
