# SPDX-FileCopyrightText: The workbench.cluster founders
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.
"""Members of a cluster as the controller sees them: their addresses, and what each of them reported."""

from __future__ import annotations

import typing as t


def member_addresses(members: t.Iterable[str], hostvars: t.Mapping[str, t.Mapping[str, t.Any]]) -> list[str]:
    """The address Ansible uses for each member: its ``ansible_host``, else its inventory name."""
    return [str(hostvars[name].get("ansible_host", name)) for name in members]


def shared_addresses(
    members: t.Iterable[str], hostvars: t.Mapping[str, t.Mapping[str, t.Any]], variable: str
) -> dict[str, list[str]]:
    """Addresses of more than one member, ``{address: [members]}``; names are equal in any case.

    A member's address is its `variable`, else what Ansible uses: the default of the role, which `hostvars` lacks.
    """
    names = list(members)
    users: dict[str, list[str]] = {}
    for name, otherwise in zip(names, member_addresses(names, hostvars)):
        users.setdefault(str(hostvars[name].get(variable, otherwise)).lower(), []).append(str(name))
    return {address: found for address, found in users.items() if len(found) > 1}


def member_versions(reports: t.Mapping[str, t.Mapping[str, t.Any]]) -> dict[str, list[str]]:
    """Members by the version they have, ``{version: [members]}``, of what `member_reports` gives for `cluster_info`.

    A member without the product, and one that was not asked, has none.
    """
    versions: dict[str, list[str]] = {}
    for name, report in reports.items():
        version = (report.get("cluster") or {}).get("version")
        if version:
            versions.setdefault(str(version), []).append(str(name))
    return versions


def member_reports(
    members: t.Iterable[str], hostvars: t.Mapping[str, t.Mapping[str, t.Any]], register: str, key: str
) -> dict[str, dict[str, t.Any]]:
    """What every member reported: ``{member: {"state": "reachable", key: report}}``.

    A host of the run has its report in the variable `register`. The others were asked by delegation, in loops over
    members registered as `register` + ``_absent`` on whichever host asked. A member that was not asked or did not
    answer is ``{"state": "unreachable"}``: nothing may be concluded about it.
    """
    answers: dict[str, t.Mapping[str, t.Any]] = {}
    for asker in hostvars:
        for answer in (hostvars[asker].get(register + "_absent") or {}).get("results") or []:
            answers[str(answer["item"])] = answer
    reports: dict[str, dict[str, t.Any]] = {}
    for name in members:
        answer = hostvars[name].get(register) or answers.get(name) or {}
        reached = key in answer and not answer.get("failed") and not answer.get("unreachable")
        reports[str(name)] = {"state": "reachable", key: answer[key]} if reached else {"state": "unreachable"}
    return reports
