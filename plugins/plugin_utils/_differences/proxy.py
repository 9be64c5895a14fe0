# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role proxy would change on a host. Pure."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import FrontEndReport, HostReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._certificates import uncovered
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences import host
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import Differences


def differences(wanted: t.Mapping[str, t.Any], report: HostReport) -> Differences:
    """Packages, files and services, and what of the host contradicts them: `__proxy_wanted`."""
    found = host.differences(wanted, report)
    seen = report.get("front_end")
    if seen is None:
        found.problems.append(f"The front end {host.untold(report, 'front_end')}.")
        return found
    found.problems += [*_ports(seen), *_network(wanted["network"], seen), *_certificate(wanted, seen)]
    return found


def _ports(seen: FrontEndReport) -> t.Iterator[str]:
    for port, program in seen["taken"].items():
        yield (
            f"Port {port} is taken by {program}, which is not ours: stop it, give the front end another port (proxy_port, "
            "proxy_redirect_port) or, with proxy_addresses, another address."
        )


def _network(asked: t.Mapping[str, str], seen: FrontEndReport) -> t.Iterator[str]:
    """The address of keepalived is one of a network that the interface is in: nobody would find it elsewhere."""
    if not asked:
        return
    name, address = asked["interface"], ipaddress.ip_address(asked["address"])
    networks = [ipaddress.ip_interface(text).network for text in seen["networks"].get(name, [])]
    if name not in seen["networks"]:
        yield f"proxy_interface={name} is none of {', '.join(seen['networks'])}."
    elif not any(address in network for network in networks):
        yield (
            f"proxy_virtual_address={address} is in no network of proxy_interface={name}: "
            f"{', '.join(map(str, networks))}."
        )


def _certificate(wanted: t.Mapping[str, t.Any], seen: FrontEndReport) -> t.Iterator[str]:
    found = seen["certificate"]
    if not wanted["certificate"] or found is None:
        return
    if found["error"]:
        yield f"proxy_tls_certificate={found['path']}: {found['error']}."
        return
    lacking = uncovered(found["names"], wanted["names"])
    if lacking:
        yield (
            f"proxy_tls_certificate={found['path']} is for {', '.join(found['names']) or 'no name'}, and not for "
            f"{', '.join(lacking)} of proxy_names: browsers would refuse it."
        )
