# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Members of a cluster as the controller sees them: their addresses, and what each of them reported."""

from __future__ import annotations

import ipaddress
import json
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import HostReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._filters import plain
from ansible_collections.workbench.cluster.plugins.plugin_utils._hostvars import HostVars, once
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import grouped
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Answer

# The cluster of an inventory that names none.
CLUSTER = "workbench"
# Of groups: a cluster has nodes, and the others where it needs them.
KINDS = ("nodes", "storage", "database", "proxy")
# The pattern of no host; of a group that is not there Ansible would warn.
NOBODY = "all:!all"
# Where every host keeps what the plan of a verb comes to, which `site`'s completes: who leaves, who is built, who is left out.
VERB = "__verb"
# Where the playbooks register what the action `look` brought back, and in which part what a single module reports.
LOOK = "__look"
PARTS: t.Mapping[str, t.Literal["accounts", "cluster", "keys", "options", "tls"]] = {
    "accounts": "accounts",
    "cluster": "cluster",
    "key_files": "keys",
    "options": "options",
    "tls": "tls",
}
# A name as resolvers take it; /etc/hosts and Windows also know underscores.
HOST_NAME = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?\Z"
)
DIGITS = re.compile(r"[0-9.]+\Z")


def cluster_of(variables: t.Mapping[str, t.Any], template: t.Callable[[t.Any], t.Any]) -> str:
    """The cluster these variables, not templated yet, speak of."""
    return str(template(variables.get("workbench_cluster", CLUSTER)))


def group(cluster: str, kind: str) -> str:
    """The group of this kind, one of `KINDS`, of a cluster."""
    return f"{cluster}_{kind}"


def hosts_of(cluster: str, kinds: t.Iterable[str], groups: t.Mapping[str, t.Sequence[str]]) -> list[str]:
    """The hosts of these groups of a cluster, each once; a group that is not there has none."""
    return list(dict.fromkeys(str(host) for kind in kinds for host in groups.get(group(cluster, kind), ())))


def asked_by(host: str, members: t.Iterable[str], present: t.Sequence[str], everybody: t.Collection[str]) -> list[str]:
    """Those of `members` outside the run that `host` asks: the hosts still `present` share them out among themselves.

    `everybody`: the hosts the play began with, and those that the run looked at before. One that dropped out since is no
    stranger, and is not asked again.
    """
    absent = [name for name in dict.fromkeys(members) if name not in everybody]
    return absent[list(present).index(host) :: len(present)]


def member_addresses(members: t.Iterable[str], hostvars: HostVars) -> list[str]:
    """Each member's address in the cluster: its `cluster_address`, else what Ansible uses: `ansible_host`, its name."""
    return [str(hostvars[name].get("cluster_address") or _connected(name, hostvars)) for name in members]


def own_addresses(members: t.Any, hostvars: HostVars) -> list[str]:
    """`member_addresses`, after a look at what the admin gave: defaults of roles are made with it, before any check."""
    if isinstance(members, str):
        raise Failure(
            f"{members} must be a list of inventory names, such as [{members}], in nfs_server_members, "
            "database_members or wherever it is given"
        )
    unknown = [str(name) for name in members if name not in hostvars]
    if unknown:
        raise Failure(
            f"{', '.join(unknown)} in nfs_server_members, database_members or the like is not in the inventory"
        )
    problems = address_problems(members, hostvars)
    if problems:
        raise Failure(" ".join(problems))
    return member_addresses(members, hostvars)


def address_problems(members: t.Iterable[str], hostvars: HostVars) -> list[str]:
    """A sentence for each `cluster_address` of `members` that others cannot use, or that two hosts have.

    Two names of one host, by what Ansible connects to, may have one address.
    """
    problems: list[str] = []
    owners: dict[str, str] = {}
    for name in members:
        address = hostvars[name].get("cluster_address")
        if address is None or address == "":
            continue
        if not isinstance(address, str) or not _is_host(address):
            problems.append(
                f"cluster_address={address} of {name} must be an address or a name, without port or brackets."
            )
        elif _is_local(address):
            problems.append(
                f"cluster_address={address} of {name} leads the others to themselves. Set one they reach it at."
            )
        else:
            owners[str(name)] = address.lower()
    for address, names in grouped(owners).items():
        if len({_connected(name, hostvars) for name in names}) > 1:
            problems.append(f"cluster_address={address} is that of {' and '.join(names)}. Set it for each host.")
    return problems


def _connected(name: str, hostvars: HostVars) -> str:
    return str(hostvars[name].get("ansible_host", name))


def _is_host(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return bool(HOST_NAME.match(text)) and not DIGITS.match(text)
    return "%" not in text


def _is_local(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text.lower().rstrip(".") in ("localhost", "localhost.localdomain")
    return address.is_loopback or address.is_unspecified


def shared_addresses(members: t.Iterable[str], hostvars: HostVars, variable: str) -> dict[str, list[str]]:
    """Addresses of more than one member, `{address: [members]}`; names are equal in any case.

    A member's address is its `variable`, else what Ansible uses: the default of the role, which `hostvars` lacks.
    """
    names = list(members)
    addresses = {
        str(name): str(hostvars[name].get(variable, otherwise)).lower()
        for name, otherwise in zip(names, member_addresses(names, hostvars))
    }
    return {address: found for address, found in grouped(addresses).items() if len(found) > 1}


def member_versions(members: t.Iterable[str], hostvars: HostVars, register: str) -> dict[str, list[str]]:
    """Members by the version they have, `{version: [members]}`, of reports of `cluster_info` as `member_reports` finds them.

    A member without the product, and one that was not asked, has none.
    """
    reports = member_reports(members, hostvars, register, "cluster")
    versions = {name: report["cluster"]["version"] for name, report in reports.items() if "cluster" in report}
    return grouped({name: version for name, version in versions.items() if version})


def member_reports(
    members: t.Iterable[str],
    hostvars: HostVars,
    register: str,
    key: t.Literal["accounts", "cluster", "key_files", "options", "tls"],
) -> dict[str, Answer]:
    """What every member reported.

    A host of the run has its report in the variable `register`. The others were asked by delegation, in loops over
    members registered as `register` + `_absent` on whichever host asked. Where a role asked nobody, the look of the run
    counts. An answer is that of one module, or a look (`look_report`). A member that was not asked or did not answer is
    unreachable: nothing may be concluded about it.
    """
    hosts, names = once(hostvars), [*members]
    answers, looks = _answers(names, hosts, register), _answers(names, hosts, LOOK)
    reports: dict[str, Answer] = {}
    for name in names:
        answer = answers[name] or looks[name]
        if "report" in answer:
            report = look_report(answer)
            answer = {key: report[part]} if (part := PARTS[key]) in report else {}
        reached = key in answer and not answer.get("failed") and not answer.get("unreachable")
        # Of one that could not be reached Ansible keeps what is no plain value.
        told = {"state": "reachable", key: plain(answer[key])} if reached else {"state": "unreachable"}
        reports[str(name)] = t.cast("Answer", told)
    return reports


def member_looks(members: t.Iterable[str], hostvars: HostVars) -> dict[str, HostReport]:
    """What the look of the run brought back of every member; empty where it did not."""
    return {str(name): look_report(look) for name, look in _answers(members, once(hostvars), LOOK).items()}


def look_report(look: t.Mapping[str, t.Any]) -> HostReport:
    """What a look at a host brought back; empty where it did not."""
    text = look.get("report")
    return t.cast("HostReport", json.loads(text)) if text else {}


def _answers(members: t.Iterable[str], hosts: HostVars, register: str) -> dict[str, t.Mapping[str, t.Any]]:
    """What each member told, or what hosts of the run were told of it; empty where it was not asked."""
    delegated = _by_delegation(hosts, f"{register}_absent")
    return {name: hosts[name].get(register) or delegated.get(name) or {} for name in members}


def _by_delegation(hostvars: HostVars, register: str) -> dict[str, t.Mapping[str, t.Any]]:
    """Answers of members that hosts of the run asked, by member."""
    loops = ((hostvars[asker].get(register) or {}).get("results") or [] for asker in hostvars)
    return {str(answer["item"]): answer for answers in loops for answer in answers}
