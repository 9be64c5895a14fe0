# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node is asked about the accounts that are wanted. Pure.

It is made for every node, so of a thousand users only the fields are read that count, and templates only where one stands:
a thousand passwords are not decrypted for each of fifty nodes.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import AccountsAsked
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.accounts import RANGES, SERVICE

Entry = t.Mapping[str, t.Any]
Template = t.Callable[[t.Any], t.Any]
NUMBER = re.compile(r"[0-9]{1,10}\Z")
# Free numbers beside those that are needed: what is free on one node may not be on the next.
SPARE = 50


def accounts_ask(variables: Entry, template: Template, makes_homes: bool) -> AccountsAsked:
    """What is asked of a node, of its variables, which may be templates. `makes_homes`: it is the one that makes homes."""

    def value(name: str) -> t.Any:
        return template(variables[name])

    users = _entries(variables["accounts_users"], template)
    groups = _entries(variables["accounts_groups"], template)
    reader = _Reader(template)
    ids = [value("accounts_service_uid"), value("accounts_service_gid")]
    ids += [*reader.fields(users, "uid"), *reader.fields(groups, "gid")]
    named = [(reader.text(user, "name"), user) for user in users]
    members = [(name, group) for name, user in named for group in reader.names(user, "groups")]
    primary = [reader.text(user, "group") for user in users if user.get("group")]
    people, system = value("accounts_id_range"), value("accounts_system_id_range")
    wanted = [SERVICE, *reader.fields(groups, "name"), *primary, *(group for _name, group in members)]
    homes = {name: _home(reader, user, name, str(value("accounts_home_root"))) for name, user in named if makes_homes}
    return {
        "users": [SERVICE, *(name for name, _user in named)],
        "groups": list(dict.fromkeys(map(str, wanted))),
        "numbers": [int(number) for number in ids if NUMBER.match(str(number))],
        "members": members,
        "passwords": [name for name, user in named if not user.keys().isdisjoint({"password", "locked"})],
        "ranges": {
            RANGES["uid_range"]: (int(people[0]), int(people[1])),
            RANGES["system_range"]: (int(system[1]), int(system[0])),
        },
        "spare": SPARE,
        "homes": homes if makes_homes else None,
        "fixed_homes": [name for name, user in named if user.get("home")] if makes_homes else [],
    }


def _entries(value: t.Any, template: Template) -> list[Entry]:
    """A list of users or groups; what is none is refused elsewhere."""
    entries = value if isinstance(value, list) else template(value)
    return [
        entry
        for entry in (item if isinstance(item, t.Mapping) else template(item) for item in entries or ())
        if isinstance(entry, t.Mapping)
    ]


def _home(reader: _Reader, user: Entry, name: str, root: str) -> str:
    return reader.text(user, "home") if user.get("home") else f"{root.rstrip('/')}/{name}"


class _Reader(t.NamedTuple):
    """Fields of accounts, templated where they are templates."""

    template: Template

    def value(self, entry: Entry, field: str) -> t.Any:
        value = entry.get(field)
        parts = value if isinstance(value, list) else [value]
        return self.template(value) if any("{" in str(part) for part in parts) else value

    def text(self, entry: Entry, field: str) -> str:
        return str(self.value(entry, field))

    def fields(self, entries: t.Iterable[Entry], field: str) -> list[t.Any]:
        return [self.value(entry, field) for entry in entries]

    def names(self, entry: Entry, field: str) -> list[str]:
        return [str(name) for name in self.value(entry, field) or ()]
