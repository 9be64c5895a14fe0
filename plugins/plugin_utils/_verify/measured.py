# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gather what the role verify registered on its hosts."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import HostReport, LockStep, Node, Options
from ansible_collections.workbench.cluster.plugins.plugin_utils._hostvars import HostVars
from ansible_collections.workbench.cluster.plugins.plugin_utils._members import LOOK, look_report, member_addresses
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import (
    Facts,
    FrontAnswer,
    Gathered,
    HostChange,
    Measured,
    Policy,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.lock_trials import lock_settings

# What brings a report of its own, and the key of the result that holds it.
KINDS: dict[t.Literal["node", "clock", "cluster", "facts", "processors"], str] = {
    "node": "node",
    "clock": "clock",
    "cluster": "cluster",
    "facts": "ansible_facts",
    "processors": "processors",
}
# `again` is the second hold, whose holder is killed; `fresh` and `stale` ask the others after that. `rest` cleans where `clean`,
# which one node does for all, does not reach.
LOCK_STEPS = ("hold", "try", "release", "takeover", "again", "crash", "fresh", "stale", "clean", "rest")
# Those that a node takes while it looks at the others.
LOOKED = ("try", "stale")
# What each kind of run registers in variables `__verify_<name>` of its hosts, which keep those of earlier runs: the only place
# that reads them. Tests hold it against the tasks. A `look` has the reports of the node, its clock and its cluster; that at the
# `peers` what it sees of the others.
ASKED: dict[str, tuple[str, ...]] = {
    "verify": (
        "look",
        "peers",
        "front_end",
        *(f"lock_{step}" for step in LOCK_STEPS if step not in LOOKED),
        "differences",
    ),
    "preflight": ("node", "clock", "cluster", "facts", "listeners"),
    "status": ("cluster",),
}
REGISTERED = tuple({name: None for names in ASKED.values() for name in names})
# Steps that one host takes, whose results are registered on all.
HOLDERS = ("hold", "release", "again", "crash", "clean")
UNTOLD = "the part {part} of the look at it could not be had: {error}"
Result = t.Mapping[str, t.Any]


def nothing_of(members: t.Iterable[object]) -> Gathered:
    """What is known before anybody has told."""
    return {
        "members": [str(member) for member in members],
        "unreachable": [],
        "outside": [],
        "failures": {},
        "addresses": {},
        "node": {},
        "clock": {},
        "cluster": {},
        "facts": {},
        "processors": {},
        "listeners": {},
        "planned": {},
        "locks": [],
        "policy": {},
    }


def verify_measured(
    members: t.Iterable[str],
    hostvars: HostVars,
    policy: Policy | None = None,
    asked: t.Container[str] = REGISTERED,
    fronts: t.Iterable[str] = (),
) -> Measured:
    """`asked` is what this run registered (see `ASKED`); the rest is an earlier one's. `fronts` are the front ends."""
    measured: Gathered = {**nothing_of(members), "policy": policy.copy() if policy else {}}
    for host in measured["members"]:
        variables = hostvars[host]
        measured["addresses"][host] = member_addresses([host], hostvars)[0]
        results = {name: variables.get(variable(name)) if name in asked else None for name in REGISTERED}
        results.update(_looked(results.pop("look") or {}))
        _add_reports(measured, host, results)
        met = _add_peers(measured, host, results["peers"] or {})
        _add_differences(measured, host, results["differences"] or {})
        taken = {step: results[f"lock_{step}"] for step in _taken(host, variables)}
        taken.update({step: {"locks": [lock for lock in met if lock["step"] == step]} for step in LOOKED})
        _add_locks(measured, host, {step: taken[step] for step in LOCK_STEPS if step in taken})
        if "config" not in (measured["node"].get(host) or {}):
            measured["planned"][host] = _planned(variables)
        listeners = results["listeners"] or {}
        if listeners.get("rc") == 0:
            measured["listeners"][host] = str(listeners["stdout"])
    answers = {host: _front(host, hostvars) for host in fronts}
    told = {host: answer for host, answer in answers.items() if answer}
    if told:
        measured["fronts"] = told
    e = Evidence(measured)
    times = lock_settings(e, next(iter(e.nodes), ""))
    return {**measured, "lock_times": {"refresh": times.refresh, "timeout": times.timeout}}


def _front(host: str, hostvars: HostVars) -> FrontAnswer | None:
    """`None` where somebody else sees to the front end, so that nothing was asked."""
    answer = hostvars[host].get(variable("front_end"))
    if answer and answer.get("skipped"):
        return None
    report = look_report(answer or {})
    why = "is not in this run (--limit)" if answer is None else _unanswered(answer, report)
    return {"address": member_addresses([host], hostvars)[0], "report": report.get("served"), "why": why}


def _unanswered(answer: Result, report: HostReport) -> str:
    if answer.get("unreachable") or not (report or answer.get("msg")):
        return "did not answer"
    error = report.get("errors", {}).get("served")
    return UNTOLD.format(part="served", error=error) if error else "" if report else _reason(answer)


def variable(name: str) -> str:
    """In which a host has what was registered under a name."""
    return LOOK if name == "look" else f"__verify_{name}"


def _looked(look: Result) -> dict[str, Result]:
    """The answer of a look as those of the modules that report the same; what it was not asked for is left out."""
    if "report" not in look:
        return {"node": look} if look else {}
    report: Result = look_report(look)
    errors = report.get("errors", {})
    kinds = {name: key for name, key in KINDS.items() if name in report or name in errors}
    return {
        name: {key: report[name]} if name in report else {"msg": UNTOLD.format(part=name, error=errors[name])}
        for name, key in kinds.items()
    }


def _add_reports(measured: Gathered, host: str, results: Result) -> None:
    asked = [results.get(name) for name in KINDS]
    if all(answer is None for answer in asked):
        measured["outside"].append(host)
    for (name, key), answer in zip(KINDS.items(), asked):
        if answer and _is_report(answer, key):
            measured[name][host] = answer[key]
        elif answer and answer.get("msg") and not answer.get("unreachable"):
            measured["failures"].setdefault(host, _reason(answer))
    if any(answer and answer.get("unreachable") for answer in asked) and not measured["node"].get(host):
        measured["unreachable"].append(host)


def _is_report(answer: Result, key: str) -> bool:
    """Facts alone may be there though the module failed: Ansible adds the Python that it found."""
    return key in answer and (key != KINDS["facts"] or not Facts.__optional_keys__.isdisjoint(answer[key]))


def _add_peers(measured: Gathered, host: str, answer: Result) -> list[LockStep]:
    """What a node saw of the others belongs to its own report; what it met of their locks."""
    report = look_report(answer)
    for part, error in report.get("errors", {}).items():
        measured["failures"].setdefault(host, UNTOLD.format(part=part, error=error))
    if not report and answer.get("msg") and not (answer.get("skipped") or answer.get("unreachable")):
        measured["failures"].setdefault(host, _reason(answer))
    if host in measured["node"]:
        seen = {name: report[name] for name in ("seen", "peers") if name in report}
        whole: Node = t.cast(t.Any, {**measured["node"][host], **seen})
        measured["node"][host] = whole
    return report.get("locks", [])


def _taken(host: str, variables: Result) -> t.Iterator[str]:
    """The steps of the lock test that are tasks of their own, and that a host has taken, or was asked to."""
    targets = variables.get("__verify_targets") or {}
    alone = dict.fromkeys(HOLDERS, targets.get("holder")) | {"takeover": next(iter(targets.get("others", [])), None)}
    return (step for step in LOCK_STEPS if step not in LOOKED and alone.get(step, host) == host)


def _add_differences(measured: Gathered, host: str, answer: Result) -> None:
    if answer.get("skipped"):
        return
    every = measured.setdefault("compared", {}) if answer else {}
    if "changes" in answer and host in measured["node"]:
        changes = [change for change in answer["changes"] if not change["waits"]]
        every[host] = {
            "changes": [
                t.cast("HostChange", {name: change[name] for name in HostChange.__annotations__}) for change in changes
            ],
            "problems": [*answer["problems"]],
            "notes": [*answer["notes"]],
        }
    elif answer.get("msg"):
        measured["failures"].setdefault(host, _reason(answer))


def _add_locks(measured: Gathered, host: str, results: Result) -> None:
    for step, result in results.items():
        answer = result or {}
        locks: list[LockStep] = answer.get("locks") or []
        for lock in locks:
            measured["locks"].append({**lock, "step": step if step == "again" else lock["step"], "host": host})
        if "locks" not in answer and answer.get("msg") and not (answer.get("skipped") or answer.get("unreachable")):
            measured["failures"].setdefault(host, _reason(answer))


def _reason(answer: Result) -> str:
    """Why a module brought nothing. An old Python does not understand a module's first line, which says little."""
    syntax = re.search("SyntaxError:.*", str(answer.get("module_stderr") or ""))
    if syntax:
        words = syntax[0].strip()
        return f"its Python is too old for this ansible-core ({words}): name a newer one in ansible_python_interpreter"
    return str(answer["msg"])


def _planned(variables: Result) -> dict[str, Options]:
    """What decides ports, as the inventory has it for the role server, in the shape of node_info's `config`."""

    def options(variable: str) -> Result:
        given = variables.get(variable)
        return given if isinstance(given, t.Mapping) else {}

    rserver = {"launcher-sessions-enabled": True, **options("server_rserver_conf")}  # the role's own default
    launcher = {f"server.{name}": value for name, value in options("server_launcher_conf").items()}
    return {
        "rserver.conf": _written(rserver, ("www-port", "ssl-enabled", "launcher-sessions-enabled")),
        "launcher.conf": {
            **_written(launcher, ("server.port",)),
            **_clusters(variables.get("server_launcher_sections")),
        },
        # What the role installs.
        "runtimes": {
            "r": [*(variables.get("server_r_versions") or []), *filter(None, [variables.get("server_r_system")])]
        },
    }


def _clusters(sections: t.Any) -> Options:
    """The types of the launcher's clusters, where the inventory has sections of its own."""
    options = [section.get("options") or {} for section in sections or [] if section.get("name") == "cluster"]
    types = [_text(its["type"]) for its in options if its.get("type") is not None]
    return {"cluster.type": types} if types else {}


def _written(options: Result, names: t.Iterable[str]) -> Options:
    """As the role writes them: it leaves out what is `None`."""
    return {name: [_text(options[name])] for name in names if options.get(name) is not None}


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
