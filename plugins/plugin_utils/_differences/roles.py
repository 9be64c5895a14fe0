# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which roles are planned on a host: those that build, that concern it, and that the run's tags let through. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._members import cluster_of, group
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import is_on

# In the order of a run, by the kind of a host's group.
BUILD = {
    "storage": ("clock", "nfs_server", "firewall"),
    "nodes": ("clock", "storage", "accounts", "keys", "tls", "server", "firewall"),
    "database": ("clock", "tls", "database", "firewall"),
    "proxy": ("clock", "tls", "proxy", "firewall"),
}
ROLES = ("clock", "nfs_server", "storage", "accounts", "keys", "tls", "database", "server", "proxy", "firewall")
# The database has the password that the role keys finds, and the server is configured with it.
ALSO_TAGGED = {"keys": ("database", "server"), "tls": ("database", "server", "proxy")}
# Roles that do nothing unless a variable has another value than this; the others end where `<role>_manage` is off.
UNUSED = {"tls": ("tls_source", "none"), "firewall": ("firewall_state", "ignored")}


def roles_here(variables: t.Mapping[str, t.Any], template: t.Callable[[t.Any], t.Any]) -> list[str]:
    """Those of the host with these variables, not templated yet."""
    cluster, tags = cluster_of(variables, template), (variables["ansible_run_tags"], variables["ansible_skip_tags"])
    roles = planned_roles(str(variables["inventory_hostname"]), cluster, variables["groups"], *tags)
    return [role for role in roles if _is_used(role, variables, template)]


def _is_used(role: str, variables: t.Mapping[str, t.Any], template: t.Callable[[t.Any], t.Any]) -> bool:
    name, unused = UNUSED.get(role, (f"{role}_manage", None))
    if name not in variables:
        return unused is None
    value = template(variables[name])
    return is_on(value) if unused is None else bool(value != unused)


def planned_roles(
    host: str, cluster: str, groups: t.Mapping[str, t.Sequence[str]], run: t.Sequence[str], skip: t.Sequence[str]
) -> list[str]:
    """The roles of a host, in the order of a run. `run` and `skip` are Ansible's own lists of tags."""
    kinds = [kind for kind in BUILD if host in groups.get(group(cluster, kind), ())]
    concerned = {role for kind in kinds for role in BUILD[kind]}
    return [role for role in ROLES if role in concerned and is_selected(role, run, skip)]


def is_selected(role: str, run: t.Sequence[str], skip: t.Sequence[str]) -> bool:
    """Whether a run with these tags acts by a role, as Ansible decides it of the role's own tags."""
    tags = {role, *ALSO_TAGGED.get(role, ())}
    wanted = {"all", "tagged"} & set(run) or tags & set(run)
    unwanted = {"all", "tagged"} & set(skip) or tags & set(skip)
    return bool(wanted) and not unwanted
