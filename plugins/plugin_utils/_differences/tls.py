# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role tls would change on a host. Pure."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import HostReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences import host
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import Change, Differences
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.tls import Due, due
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed

Wanted = t.Mapping[str, t.Any]  # `__tls_wanted`
MADE = {"create": "made in this run", "renew": "ends before a new certificate would, renewed with the same key"}


def differences(wanted: Wanted, report: HostReport) -> Differences:
    """`wanted` is `__tls_wanted`. The role server says what restarts for it."""
    planned = due(wanted, report.get("tls"), datetime.datetime.now(datetime.UTC))
    found = host.differences({**wanted, "files": planned["files"]}, report)
    found.changes += [*_signed(wanted, planned, report), *_copies(planned["copies"], report)]
    found.changes += [*_readers(wanted, planned, report), *_trust(wanted, found.changes, report)]
    found.problems += planned["errors"]
    return found


def changing(wanted: Wanted, report: HostReport) -> list[str]:
    """Files of this role that services have to read again."""
    return [change.path for change in differences(wanted, report).changes if change.path]


def _signed(wanted: Wanted, planned: Due, report: HostReport) -> list[Change]:
    """The authority, and what it signs."""
    if wanted["source"] != "authority":
        return []
    authority, paths, changes = wanted["authority"], wanted["paths"], []
    new = MADE.get(authority["action"] or "")
    if new and authority["host"] == wanted["host"]:
        changes.append(Change("the cluster's authority", new, path=paths["issuer"]))
    if new and not wanted["made"]:
        trusting = [path for path in (paths["authority"], wanted["anchor"]) if path]
        changes += [Change(path, "of the authority that is made in this run", path=path) for path in trusting]
    if planned["reasons"]:
        changes.append(Change(paths["certificate"], ", ".join(planned["reasons"]), path=paths["certificate"]))
    return changes + _key(paths["key"], planned, report)


def _key(path: str, planned: Due, report: HostReport) -> list[Change]:
    """A key that is not there is made with its certificate; one that others may read is closed."""
    state = report.get("files", {}).get(path)
    if state is None:
        return [Change(path, "new", path=path)] if planned["reasons"] else []
    if (state["uid"], state["mode"]) == (0, "0600"):
        return []
    return [Change(path, f"owner {state['owner']}, mode {state['mode']} → owner root, mode 0600", path=path)]


def _copies(copies: t.Sequence[t.Mapping[str, str]], report: HostReport) -> list[Change]:
    changes = []
    for copy in copies:
        if not _same(copy["src"], copy["path"], copy["mode"], report):
            changes.append(Change(copy["path"], f"is not as {copy['src']}", path=copy["path"]))
    return changes


def _same(source: str, path: str, mode: str, report: HostReport) -> bool:
    """Whether a file holds what another does, is root's and has this mode."""
    files = report.get("files", {})
    one, other = files.get(source), files.get(path)
    if one is None or other is None:
        return False
    return bool(one["digest"]) and one["digest"] == other["digest"] and (other["uid"], other["mode"]) == (0, mode)


def _readers(wanted: Wanted, planned: Due, report: HostReport) -> list[Change]:
    """Copies of the key; of one that is made in this run they are other ones."""
    key, files = wanted["paths"]["key"], report.get("files", {})
    one, changes = files.get(key), []
    for path in wanted["readers"]:
        other = files.get(path)
        same = one is not None and other is not None and one["digest"] == other["digest"] and other["mode"] == "0600"
        if not same:
            changes.append(Change(path, "new" if other is None else f"is not as {key}", path=path))
    return changes


def _trust(wanted: Wanted, changes: t.Sequence[Change], report: HostReport) -> list[Change]:
    """A file is written, and what all programs read is made of it; a run cut off in between has done the first only."""
    tls = report.get("tls")
    written = [change for change in changes if change.path == wanted["anchor"]]
    if not wanted["anchor"] or written or tls is None or tls["authority"] is None or tls["trusted"]:
        return []
    return [Change("the system's authorities", f"without {listed([wanted['paths']['authority']])}")]
