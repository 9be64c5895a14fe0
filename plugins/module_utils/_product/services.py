# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start, restart, reload and stop the services of a node."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, words
from ansible_collections.workbench.cluster.plugins.module_utils._host.units import mark_reloaded, show, unread
from ansible_collections.workbench.cluster.plugins.module_utils._product.cluster import (
    is_row_of,
    list_nodes,
    own_listing,
    split_name,
)
from ansible_collections.workbench.cluster.plugins.module_utils._product.units import UNITS

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import ListedNode

# Where the product writes besides the journal.
LOGS = ("/var/log/rstudio/rstudio-server/rserver.log", "/var/log/rstudio/launcher/rstudio-launcher.log")


def pending(run: Run, state: str, chosen: t.Sequence[str] = UNITS) -> list[list[str]]:
    """The systemctl calls that bring the units of this node into `state`, none when they are in it.

    `chosen` are those that are stopped, restarted or reloaded; a node that is not stopped runs all of them.
    """
    properties = ("LoadState", "UnitFileState", "ActiveState", "NeedDaemonReload", "DropInPaths")
    units = {unit: show(run, unit, *properties) for unit in UNITS}
    active = [unit for unit in UNITS if units[unit].get("ActiveState") in ("active", "activating", "reloading")]
    if state == "stopped":
        stopping = [unit for unit in reversed(active) if unit in chosen]
        return [["systemctl", "stop", *stopping]] if stopping else []
    masked = [unit for unit in UNITS if units[unit].get("LoadState") == "masked"]
    disabled = [unit for unit in UNITS if units[unit].get("UnitFileState") != "enabled"]
    calls = [["systemctl", "unmask", *masked]] if masked else []
    calls += [["systemctl", "enable", *disabled]] if disabled else []
    # The two above have systemd read all units anew.
    if not calls and any(unread(unit, units[unit]) for unit in UNITS):
        calls = [["systemctl", "daemon-reload"]]
    if state == "restarted":
        calls.append(["systemctl", "stop", *(unit for unit in reversed(UNITS) if unit in chosen)])
    down = [unit for unit in UNITS if unit not in active or (state == "restarted" and unit in chosen)]
    calls += [["systemctl", "start", *down]] if down else []
    # Just started, it has read everything.
    told = [unit for unit in active if state == "reloaded" and unit in chosen]
    return [*calls, ["systemctl", "reload", *told]] if told else calls


def apply(run: Run, calls: list[list[str]]) -> None:
    """Run the calls in their order. Raises `Failure` at the first that fails, with the end of the services' logs."""
    for argv in calls:
        moment = time.time()
        rc, out, err = run(argv)
        if rc != 0:
            raise Failure(f"{' '.join(argv)} failed: {words(out, err)} {last_words(run)}".strip())
        for unit in argv[2:] if argv[1] == "reload" else []:
            mark_reloaded(unit, moment)


def wait_online(
    run: Run,
    host: str,
    wait: int,
    *,
    answers: t.Callable[[str, int], bool],
    clock: t.Callable[[], float],
    pause: t.Callable[[float], None],
) -> ListedNode:
    """The row of this node once it is Online and its port answers; a service that fails ends the wait.

    The database keeps the row of a node that was killed as Online, so the server's port has to answer as well. `host` is the
    node's name in the table, with a port where that has one; `answers`, `clock` and `pause` stand in for a test's own.
    """
    until = clock() + wait
    listing = own_listing(run)
    said = "nothing yet"
    while True:
        try:
            _protocol, nodes = listing()
        except Failure as failure:
            said = str(failure)
        else:
            rows = [row for row in nodes if is_row_of(host, row)]
            said = f"list-nodes shows {rows[0]['status']}" if rows else f"list-nodes does not show {host}"
            for row in rows:
                if row["status"] == "Online":
                    if answers(row["host"], row["port"]):
                        return row
                    said = f"list-nodes shows Online, but port {row['port']} of {row['host']} does not answer"
        failed = [unit for unit in UNITS if show(run, unit, "ActiveState").get("ActiveState") == "failed"]
        if failed:
            raise Failure(f"{', '.join(failed)} failed; {said}. {last_words(run)}")
        if clock() >= until:
            raise Failure(f"{host} was not Online after {wait} seconds; {said}. {last_words(run)}")
        pause(1)


def forget_older_rows(run: Run, row: ListedNode, host: str) -> list[int]:
    """Delete rows that a node left at other ports, as its change to https does; the ids of those that went.

    Not where `host` has a port: several nodes may stand behind one name then.
    """
    if split_name(host)[0] != host:
        return []
    try:
        _protocol, nodes = list_nodes(run)
    except Failure:
        return []
    older = [node["id"] for node in nodes if node["host"] == row["host"] and node["port"] != row["port"]]
    offline = {node["id"] for node in nodes if node["status"] == "Offline"}
    gone = [number for number in older if number in offline]
    for number in gone:
        run(["rstudio-server", "delete-node", str(number)])
    return gone


def last_words(run: Run, lines: int = 10) -> str:
    """The end of the services' logs, as sentences for an error message; the product logs no secrets."""
    said = []
    for unit in UNITS:
        rc, out, _err = run(["journalctl", "--unit", unit, "--lines", str(lines), "--output", "cat", "--no-pager"])
        if rc == 0 and out.strip():
            said.append(f"Journal of {unit}:\n{out.strip()}")
    for path in LOGS:
        rc, out, _err = run(["tail", "-n", str(lines), path])
        if rc == 0 and out.strip():
            said.append(f"{path}:\n{out.strip()}")
    return "\n".join(said)
