# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role operate needs of its variables. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._members import group
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Member
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed

# Of a passphrase that somebody may try offline.
SHORTEST = 12
# As age-keygen and ssh-keygen show them.
RECIPIENTS = ("age1", "ssh-")


def _members(m: Member) -> t.Iterator[str]:
    if not m["operate_members"]:
        yield f"operate_members is empty: put the nodes into the group {group(m.cluster.name, 'nodes')}."


def _seconds(m: Member) -> t.Iterator[str]:
    least = {"operate_wait": 1, "operate_suspend_wait": 1, "operate_grace": 0}
    for name, lowest in least.items():
        if m[name] < lowest:
            yield f"{name}={m[name]} must be at least {lowest} seconds."


def _named(m: Member) -> t.Iterator[str]:
    for variable in ("operate_without", "operate_nodes"):
        strangers = [name for name in m[variable] if name not in m["operate_members"]]
        if strangers:
            yield f"{variable} names {listed(strangers)}: none of {listed(m['operate_members'])}."


def _bundle(m: Member) -> t.Iterator[str]:
    for name in ("operate_bundle_megabytes", "operate_bundle_hours"):
        if m[name] < 1:
            yield f"{name}={m[name]} must be at least 1."


def _backup(m: Member) -> t.Iterator[str]:
    """The value is a secret, its length is none."""
    given = m["operate_backup_passphrase"]
    if given and len(given) < SHORTEST:
        yield f"operate_backup_passphrase has {len(given)} characters: at least {SHORTEST}, for it is all that protects a backup."

    for number, recipient in enumerate(m["operate_backup_recipients"]):
        if not recipient.startswith(RECIPIENTS):
            yield (
                f"operate_backup_recipients[{number}] is no public key of age: it begins with {' or '.join(RECIPIENTS)}. "
                "It is not shown, for it may be a private one."
            )


RULES = (_members, _seconds, _named, _bundle, _backup)
