# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys and the password that every node gets, of a plan and what was read, given or made. All of it is secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product.password import (
    decrypt,
    encrypt,
    encrypted_with,
    stored_password,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.keys import KeysPlan, PasswordSource, PlannedPair
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.keys import BREAKING, BREAKS, public_half

# Stands for a key in check mode, where none is made: as long as a real one, so that all that follows can be predicted.
PLACEHOLDER = b"predicted: made when this is not a check\n"


def supplied_fingerprints(given: t.Mapping[str, str]) -> dict[str, str]:
    """SHA-256 (hex) of each key the user gave; those not given (empty) are left out, and so is a password."""
    keys = {name: given.get(name) or "" for name in ("cookie_key", "launcher")}
    return {name: hashlib.sha256(value.encode()).hexdigest() for name, value in keys.items() if value}


class Revealed(t.TypedDict):
    """What a node revealed: base64 by name."""

    item: str
    revealed: dict[str, str]


class KeyValues(t.TypedDict, total=False):
    """The keys in base64, the rest as text. With `errors` there is nothing else."""

    cookie_key: str
    launcher_private: str
    launcher_public: str
    database_password: str
    database_password_found: str  # what a member has, empty where none can be read
    database_password_given: bool  # by the inventory
    database_password_made: str  # the one to have where none is given or found
    database_ciphertext: str
    errors: list[str]


def key_values(
    plan: KeysPlan, read: t.Sequence[Revealed], given: t.Mapping[str, str], made: t.Mapping[str, str]
) -> KeyValues:
    """What `plan_keys` decided, with the keys and the password themselves.

    `given` and `made` hold text by name (`cookie_key`, `launcher` = private key, and given only `database_password`, and
    `stored_password` as server_database_conf has it), empty
    where there is none. `database_password_made` is made of the cookie key, so that a run that was cut off between the role
    in PostgreSQL and the first database.conf makes the same again. The ciphertext in use is kept as long as it says the
    right password under the right key (every encryption gives another text, and another text would be another
    configuration).

    `errors` are sentences without a value: what cannot be used is said where it may be read, and not by an exception,
    which the log censors with the values.
    """
    try:
        return {**_key_values(plan, read, given, made), "errors": []}
    except Failure as failure:
        return {"errors": [str(failure)]}


def _key_values(
    plan: KeysPlan, read: t.Sequence[Revealed], given: t.Mapping[str, str], made: t.Mapping[str, str]
) -> KeyValues:
    nodes = _Nodes({str(node["item"]): node["revealed"] for node in read})

    def chosen(topic: t.Literal["cookie_key", "launcher"], name: str) -> bytes:
        action = plan[topic]["action"]
        if action == "supplied":
            return given[topic].encode()
        if action == "generate":
            return made[topic].encode() or PLACEHOLDER
        return nodes.value(plan[topic]["source"], name)

    cookie_key, private = chosen("cookie_key", "cookie_key"), chosen("launcher", "launcher_private")
    _refuse_another_keys(given.get("stored_password", ""), cookie_key)
    public = _launcher_public(plan["launcher"], nodes, private)
    source = plan["database_conf"]["source"]
    stored = stored_password(nodes.value(source, "database_conf").decode("utf-8", "replace")) if source else ""
    found = _found_password(plan["database_conf"], nodes, stored, given["database_password"])
    made_password = hmac.new(cookie_key, b"workbench.cluster: database password", hashlib.sha256).hexdigest()[:32]
    password = given["database_password"] or found
    if BREAKING.search(password):
        raise Failure(
            f"The database password of {source} {BREAKS}. Set database_password to another; the role gets it in PostgreSQL "
            f"where the database is built here, else give it that before."
        )
    password = password or made_password
    return {
        "cookie_key": base64.b64encode(cookie_key).decode(),
        "launcher_private": base64.b64encode(private).decode(),
        "launcher_public": base64.b64encode(public).decode(),
        "database_password": password,
        "database_password_found": found,
        "database_password_given": bool(given["database_password"]),
        "database_password_made": made_password,
        "database_ciphertext": encrypt(password, cookie_key, current=stored or None),
    }


def _refuse_another_keys(stored: str, cookie_key: bytes) -> None:
    """A password that the inventory has encrypted can be read with the cluster's key only."""
    try:
        if encrypted_with(stored):
            decrypt(stored, cookie_key)
    except Failure as failure:
        raise Failure(
            f"password in server_database_conf cannot be read by the nodes: {failure}. Give the key it was encrypted with in "
            f"keys_cookie_key, or the password itself in database_password, which is encrypted here."
        ) from None


class _Nodes(t.NamedTuple):
    """What the nodes revealed: `{node: {name: base64}}`."""

    values: t.Mapping[str, t.Mapping[str, str]]

    def value(self, node: str | None, name: str) -> bytes:
        if node is None or name not in self.values.get(node, {}):
            raise Failure(f"The {name.replace('_', ' ')} of {node} could not be read. Run again.")
        return base64.b64decode(self.values[node][name])


def _launcher_public(decision: PlannedPair, nodes: _Nodes, private: bytes) -> bytes:
    """As it is where it is right; else made of the private key."""
    if decision["action"] in ("keep", "adopt") and decision["pair"] == "matches":
        return nodes.value(decision["source"], "launcher_public")
    if private == PLACEHOLDER:
        return PLACEHOLDER
    try:
        return public_half(private)
    except Failure as failure:
        raise Failure(
            f"The launcher key of {decision['source'] or 'keys_launcher_private_key'} {failure}. "
            f"Repair it, or replace it everywhere with keys_policy=rotate."
        ) from None


def _found_password(decision: PasswordSource, nodes: _Nodes, stored: str, given: str) -> str:
    """The password behind the stored one, empty where there is none; unreadable it does no harm where one is given."""
    if not stored:
        return ""
    holder = decision["key_source"]
    try:
        return decrypt(stored, nodes.value(holder, "cookie_key") if holder else b"")
    except Failure as failure:
        if not given:
            raise Failure(f"In database.conf of {decision['source']} {failure}. Set database_password.") from None
    return ""
