# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the packages, directories, files and services of a host is not as it is to be, by one look at it. Pure.

The entries are those of config_files, and so are the answers. Where the look cannot tell there is a change: the role runs.
"""

from __future__ import annotations

import base64
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._host import files as host_files
from ansible_collections.workbench.cluster.plugins.module_utils._host.digests import digest, sense
from ansible_collections.workbench.cluster.plugins.module_utils._host.units import RUNS, Files, Need, Running, need
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
    DirectoryState,
    FileState,
    HostReport,
    UnitReport,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences import texts
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import (
    CANNOT_BE_TOLD,
    RUN_KEY,
    Change,
    Diff,
    Differences,
)

Entry = t.Mapping[str, t.Any]
CONFIGURATION = "/etc/rstudio/"
UNPACKED = {"absent": "new", "unpacked": "unpacked, but not configured", "broken": "is broken"}
REWORDED = "in other words"


class Write(t.NamedTuple):
    """A file that is not as it is to be; `state` is `None` where nothing is, or where nobody can tell (`untold`)."""

    entry: Entry
    content: bytes
    state: FileState | None
    untold: str
    reworded: bool
    copied: bool  # as it was found

    @property
    def path(self) -> str:
        return str(self.entry["path"])

    @property
    def secret(self) -> bool:
        return self.entry.get("content") is None


def differences(wanted: Entry, report: HostReport) -> Differences:
    """What all the generic parts of what a role wants come to, in the order of a role."""
    entries, remove = wanted.get("files", []), wanted.get("remove", [])
    told = services(wanted.get("services", []), report, changing(entries, remove, report))
    return Differences(
        changes=[
            *packages(wanted.get("packages", []), report),
            *directories(wanted.get("directories", []), report),
            *joined(files(entries, remove, report), told),
            *units(wanted.get("units", []), report),
        ],
        diff=diff(entries, remove, report),
    )


def copied(reasons: t.Mapping[str, str]) -> list[Change]:
    """Copies of certificates and keys, by path and why they are made."""
    return [Change(path.rpartition("/")[2], why, path=path) for path, why in reasons.items()]


def packages(names: t.Sequence[str], report: HostReport) -> list[Change]:
    """Packages that are to be installed, and are not."""
    found = report.get("packages", {})
    changes = []
    for name in names:
        state = found[name]["state"] if name in found else None
        if state != "installed":
            changes.append(Change(f"package {name}", UNPACKED[state] if state else untold(report, "packages")))
    return changes


def units(names: t.Sequence[str], report: HostReport) -> list[Change]:
    """Units that are to be enabled and active, and are not."""
    changes = []
    for name in names:
        unit = _unit(name, report)
        if unit is None:
            changes.append(Change(name, untold(report, "units")))
            continue
        said = [] if unit["enabled"] == "enabled" else [f"{unit['enabled'] or unit['load']} → enabled"]
        said += [] if unit["active"] in RUNS else [f"{unit['active']} → active"]
        if said:
            changes.append(Change(name, "new" if unit["load"] == "not-found" else ", ".join(said)))
    return changes


def directories(entries: t.Sequence[Entry], report: HostReport) -> list[Change]:
    """Directories that are not there, or are not as they are asked to be."""
    found = report.get("directories", {})
    changes = []
    for entry in entries:
        path = entry["path"]
        state = found.get(path)
        why = ", ".join(_attributes(entry, state)) if state else "new"
        if path not in found:
            why = untold(report, "directories")
        if why:
            changes.append(Change(path, why, path=path))
    return changes


def files(entries: t.Sequence[Entry], remove: t.Sequence[str], report: HostReport) -> list[Change]:
    """Files that are written, and those that go."""
    changes = [Change(_name(write.path), _why(write), path=write.path) for write in writes(entries, report)]
    for path in _removals(remove, report):
        why = "goes" if path in report.get("files", {}) else untold(report, "files")
        changes.append(Change(_name(path), why, path=path))
    return changes


def changing(entries: t.Sequence[Entry], remove: t.Sequence[str], report: HostReport) -> list[str]:
    """Files that a service has to read again: those that are written, other than in other words, and those that go."""
    return [write.path for write in writes(entries, report) if not write.reworded] + _removals(remove, report)


def services(entries: t.Sequence[Entry], report: HostReport, changed: t.Container[str]) -> list[Change]:
    """Restarts and reloads of services that run, with what is to be written as `changed`.

    A change has the path of the file that is its reason where that is to be written (`joined`).
    """
    changes = []
    for entry in entries:
        name = entry["name"]
        found = _need(entry, report, changed)
        if found is not None:
            short = name.removesuffix(".service")
            restarts = (name,) if found.verb == "restart" else ()
            changes.append(Change(short, found.reason, f"{found.verb}s {short}", restarts, found.path or ""))
    return changes


def joined(written: t.Sequence[Change], told: t.Sequence[Change]) -> list[Change]:
    """Files with what they interrupt, and then the services that another reason interrupts."""
    changes = []
    for change in written:
        theirs = [other for other in told if other.path == change.path]
        changes.append(
            change._replace(
                interrupts=", ".join(filter(None, [change.interrupts, *(other.interrupts for other in theirs)])),
                restarts=(*change.restarts, *(unit for other in theirs for unit in other.restarts)),
            )
        )
    paths = {change.path for change in written}
    return changes + [other for other in told if other.path not in paths]


def diff(entries: t.Sequence[Entry], remove: t.Sequence[str], report: HostReport) -> list[Diff]:
    """What changes in each file, as config_files shows it: of secrets fingerprints."""
    shown = []
    for write in writes(entries, report):
        state = write.state
        before = (state["content"] or "(not read)\n") if state else ""
        if state is None or state["digest"] != digest(RUN_KEY, write.content):
            shown.append(_entry(write.path, before, host_files.shown(write.content, write.secret)))
        if state is None or _attributes(_complete(write.entry), state):
            were = _owned(t.cast(Entry, state)) if state else ""
            shown.append(_entry(write.path, were, _owned(_complete(write.entry))))
        if write.copied:
            shown.append(_entry(f"{write.path}{host_files.FOUND}", "", f"{write.path} as it was found\n"))
    return shown + [_entry(path, "present\n", "") for path in _removals(remove, report)]


def writes(entries: t.Sequence[Entry], report: HostReport) -> list[Write]:
    """The files that are not as they are to be."""
    return [write for entry in entries if (write := _write(entry, report)) is not None]


def untold(report: HostReport, part: str) -> str:
    """That a part of the report cannot tell, and why."""
    error = report.get("errors", {}).get(part)
    return f"{CANNOT_BE_TOLD}: {error}" if error else CANNOT_BE_TOLD


def _write(entry: Entry, report: HostReport) -> Write | None:
    path, found = entry["path"], report.get("files", {})
    secret = entry.get("content") is None
    content = base64.b64decode(entry["secret_base64"]) if secret else entry["content"].encode()
    state = found.get(path)
    if state is None:
        return Write(entry, content, None, "" if path in found else untold(report, "files"), False, False)
    same = state["digest"] == digest(RUN_KEY, content)
    owned = not _attributes(_complete(entry), state)
    if same and owned:
        return None
    meant = sense(RUN_KEY, path.rpartition("/")[2], content)
    return Write(
        entry,
        content,
        state,
        "",
        reworded=owned and meant is not None and meant == state["sense"],
        copied=not (same or state["ours"] or state["kept"] or not state["digest"])
        and host_files.keepable(content, secret),
    )


def _why(write: Write) -> str:
    state = write.state
    if state is None:
        return write.untold or "new"
    said = _attributes(_complete(write.entry), state)
    if write.reworded:
        said.append(REWORDED)
    elif state["digest"] != digest(RUN_KEY, write.content):
        said.append(_differs(write, state))
    if write.copied:
        said.append(f"the one that was found is kept as {write.path.rpartition('/')[2]}{host_files.FOUND}")
    return ", ".join(said)


def _differs(write: Write, state: FileState) -> str:
    if not state["digest"]:
        return "is no file"
    # In the same words with and without `--diff`, which has the text of other files as well.
    if write.secret or state["content"] is None or state["sense"] is None:
        return "differs"
    return texts.differences(write.path.rpartition("/")[2], state["content"], write.content.decode("utf-8", "replace"))


def _removals(remove: t.Sequence[str], report: HostReport) -> list[str]:
    found = report.get("files", {})
    return [path for path in remove if path not in found or found[path] is not None]


def _complete(entry: Entry) -> dict[str, str]:
    """Owner, group and mode of a file, as config_files has them where nothing is said."""
    mode = "0600" if entry.get("content") is None else "0644"
    default = {"owner": "root", "group": "root", "mode": mode}
    return {key: entry.get(key) or value for key, value in default.items()}


def _attributes(asked: Entry, state: FileState | DirectoryState) -> list[str]:
    """Which of those that are asked for are others."""
    said = []
    if asked.get("owner") is not None and asked["owner"] not in (state["owner"], str(state["uid"])):
        said.append(f"owner {state['owner']} → {asked['owner']}")
    if asked.get("group") is not None and asked["group"] not in (state["group"], str(state["gid"])):
        said.append(f"group {state['group']} → {asked['group']}")
    if asked.get("mode") is not None and int(asked["mode"], 8) != int(state["mode"], 8):
        said.append(f"mode {state['mode']} → {asked['mode']}")
    return said


def _need(entry: Entry, report: HostReport, changed: t.Container[str]) -> Need | None:
    unit, found = _unit(entry["name"], report), report.get("files", {})
    if unit is None:
        return Need("restart", untold(report, "units"), None)
    if unit["active"] not in RUNS:
        return None
    reload = entry.get("reload", [])
    untold_files = [path for path in [*entry["files"], *reload] if path not in found and path not in changed]
    if unit["uptime"] is None or unit["read"] is None or untold_files:
        return Need("restart", untold(report, "files" if untold_files else "units"), None)
    ages = {path: state["age"] for path, state in found.items() if state is not None}
    since = Running(unit["uptime"], unit["read"], unit["replaced"])
    return need(entry["name"], since, Files(entry["files"], ages, changed), reload)


def _unit(name: str, report: HostReport) -> UnitReport | None:
    found = report.get("units", {})
    return found.get(name) or found.get(f"{name}.service") or found.get(name.removesuffix(".service"))


def _name(path: str) -> str:
    """A file of the product by its name, any other by its path."""
    return path.removeprefix(CONFIGURATION)


def _owned(attributes: Entry) -> str:
    return f"owner {attributes['owner']}, group {attributes['group']}, mode {attributes['mode']}\n"


def _entry(path: str, before: str, after: str) -> Diff:
    return {"before_header": path, "after_header": path, "before": before, "after": after}
