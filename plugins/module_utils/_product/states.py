# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a node into a state: what the module `node` does, by its options."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product import presence, rows, services, sessions
from ansible_collections.workbench.cluster.plugins.module_utils._product.presence import Presence
from ansible_collections.workbench.cluster.plugins.module_utils._product.units import SERVER

Options = t.Mapping[str, t.Any]
Result = t.Dict[str, t.Any]


def bring(node: Presence, options: Options, *, check: bool) -> Result:
    """The module's result. Raises `Failure`; what was touched by then is in `node`."""
    if options["state"] == "deleted":
        return _deleted(node, options, check)
    if options["state"] == "offline":
        return _offline(node, options, check)
    if options["state"] == "online":
        return _online(node, options, check)
    return _services(node, options, check)


def _ending(options: Options) -> sessions.Ending:
    return sessions.Ending(options["sessions"], options["grace"], options["suspend_wait"])


def _offline(node: Presence, options: Options, check: bool) -> Result:
    before = presence.is_offline(node)
    if not before and node.is_running and not options["last"]:
        node.require_another()
    node.look_at_sessions()
    ends = bool(node.touched) and options["sessions"] != "product"
    found = [*node.touched.values()]
    if not check:
        presence.go_offline(node, _ending(options), options["wait"])
    return {"changed": not before or ends, "diff": _diff(before, True, found, [] if ends else found)}


def _online(node: Presence, options: Options, check: bool) -> Result:
    before = node.is_marked or (node.is_running and node.is_closed())
    if before:
        node.look_at_sessions()
    calls = services.pending(node.tools.run, "started")
    result: Result = {"changed": before or bool(calls), "diff": _diff(before, False, [], [])}
    if not check:
        result["node"] = presence.go_online(node, options["wait"])
    return result


def _services(node: Presence, options: Options, check: bool) -> Result:
    run, state, clock, pause = node.tools.run, options["state"], node.tools.clock, node.tools.pause
    calls = services.pending(run, state, options["units"])
    if calls and state in ("restarted", "stopped") and SERVER in options["units"]:
        _before_it_stops(node, options, check)
    result: Result = {"changed": bool(calls)}
    if not check:
        services.apply(run, calls)
        if state != "stopped":
            result["node"] = services.wait_online(
                run, node.host, options["wait"], answers=node.tools.answers, clock=clock, pause=pause
            )
            result["forgotten"] = services.forget_older_rows(run, result["node"], node.host) if calls else []
    return result


def _before_it_stops(node: Presence, options: Options, check: bool) -> None:
    asked = options["sessions"] != "product"
    if not node.host and (asked or not options["last"]):
        raise Failure("host is required with sessions or last: by it this node is known among the others.")
    if not options["last"] and node.is_running and not presence.is_offline(node):
        node.require_another()
    if asked:
        node.look_at_sessions()
    if asked and not check:
        tools = node.tools
        # Whoever comes meanwhile is suspended by the stop, as the product does it.
        sessions.end(tools.run, node.touched, _ending(options), newcomers=False, clock=tools.clock, pause=tools.pause)


def _deleted(node: Presence, options: Options, check: bool) -> Result:
    run = node.tools.run
    ids = rows.present(run, options["rows"], node.tools.answers)
    listed = [f"{row['id']} {row['host']}:{row['port']}" for row in options["rows"] if row["id"] in ids]
    if not check:
        rows.delete(run, ids)
    return {"changed": bool(ids), "deleted": ids, "diff": {"before": {"rows": listed}, "after": {"rows": []}}}


def _diff(was: bool, is_: bool, before: t.Sequence[t.Any], after: t.Sequence[t.Any]) -> Result:
    sides = ((was, before), (is_, after))
    said = [
        {"people": "kept out" if closed else "let in", "sessions": sorted(one["user"] for one in found)}
        for closed, found in sides
    ]
    return {"before": said[0], "after": said[1]}
