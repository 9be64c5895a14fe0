# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How sessions are balanced: the options of `load-balancer`, the admin's own program, and what the release can do. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Member, Rule, is_on
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.options import INTEGER
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.releases import VARIABLES, release_problems

# Admin Guide, Load Balancing / Configuration, balancing methods.
BALANCERS = ("sessions", "system-load", "user-hash", "custom")
DIAGNOSTICS = ("tmp", "stderr")
METHODS = "Load Balancing / Balancing methods"


def _balancer(m: Member) -> t.Iterator[str]:
    balancer = m["server_load_balancer"].get("balancer", "sessions")
    if balancer not in BALANCERS:
        yield f"balancer={balancer} in server_load_balancer must be one of {', '.join(BALANCERS)}."


def _timeout(m: Member) -> t.Iterator[str]:
    timeout = m["server_load_balancer"].get("timeout", 10)
    if INTEGER.match(str(timeout)) and int(timeout) < 0:
        yield f"timeout={timeout} in server_load_balancer must be 0 (the system's own) or more seconds."


def _diagnostics(m: Member) -> t.Iterator[str]:
    value = m["server_load_balancer"].get("diagnostics")
    if value is not None and value not in DIAGNOSTICS:
        yield f"diagnostics={value} in server_load_balancer must be {' or '.join(DIAGNOSTICS)}, or be left out."


def _script(m: Member) -> t.Iterator[str]:
    script, balancer = str(m["server_balancer_script"] or ""), m["server_load_balancer"].get("balancer", "custom")
    if script and not script.startswith("#!"):
        yield (
            "server_balancer_script cannot be executed: it is the text of a program, whose first line must name what runs it, "
            "such as #!/bin/sh."
        )
    if script and balancer in BALANCERS and balancer != "custom":
        yield (
            f"server_balancer_script with balancer={balancer} in server_load_balancer: nobody would ask the script. Leave "
            f"balancer out, or set it to custom ({METHODS})."
        )
    if script and "server-balancer-path" in m["server_rserver_conf"]:
        yield (
            f"server-balancer-path={m['server_rserver_conf']['server-balancer-path']} in server_rserver_conf and "
            "server_balancer_script both say where the balancer is. Leave one of them out."
        )


def _resolved(m: Member) -> t.Iterator[str]:
    """Certificates of the admin's mostly hold names; those of the cluster's own authority hold addresses as well."""
    resolve, tls = (m["server_rserver_conf"].get(key, False) for key in ("resolve-load-balancer-nodes", "ssl-enabled"))
    checked = is_on(m["server_load_balancer"].get("verify-ssl-certs", True))
    address = str(m["server_www_host_name"] or "").partition(":")[0]
    named = m["tls_source"] != "authority"
    if is_on(resolve) and is_on(tls) and checked and named and not address.replace(".", "").isdigit():
        yield (
            f"resolve-load-balancer-nodes and ssl-enabled in server_rserver_conf: nodes would be asked by address, and the "
            f"certificate of {address} is one of a name ({METHODS}). Give the nodes addresses in server_www_host_name that "
            "their certificates hold, or leave resolve-load-balancer-nodes out."
        )


def _launcher_cluster(m: Member) -> t.Iterator[str]:
    named = m["server_load_balancer"].get("launcher-balancing-cluster")
    local = [
        str(section["options"].get("name"))
        for section in m["server_launcher_sections"]
        if section["options"].get("type") == "Local"
    ]
    if named is not None and named not in local:
        yield (
            f"launcher-balancing-cluster={named} in server_load_balancer must be the name of a cluster of type Local in "
            f"server_launcher_sections: {', '.join(local) or 'there is none'}."
        )


def _release(m: Member) -> t.Iterator[str]:
    """Of a version that is asked for; what an installed one cannot do is told when the node is looked at."""
    if m["server_version"]:
        yield from release_problems(str(m["server_version"]), {name: m[name] for name in VARIABLES})


RULES: tuple[Rule, ...] = (_balancer, _timeout, _diagnostics, _script, _resolved, _launcher_cluster, _release)
