# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what a node says about its cluster.

Output of `rstudio-server list-nodes` and `/load-balancer/status`: Admin Guide, Load Balancing / Configuration, and
recordings of real clusters.
"""

from __future__ import annotations

import functools
import http.client
import json
import os
import re
import socket
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.network import unchecked_tls
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, file_text, words
from ansible_collections.workbench.cluster.plugins.module_utils._host.units import show_all
from ansible_collections.workbench.cluster.plugins.module_utils._product import releases
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import (
    parse_boost,
    parse_load_balancer,
    port_number,
    switched_on,
)
from ansible_collections.workbench.cluster.plugins.module_utils._product.licence import read_state
from ansible_collections.workbench.cluster.plugins.module_utils._product.runtimes import find_python, find_r
from ansible_collections.workbench.cluster.plugins.module_utils._product.units import SERVER, used_units
from ansible_collections.workbench.cluster.plugins.module_utils._product.versions import read_workbench

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
        Cluster,
        ListedNode,
        Options,
        Session,
        StatusNode,
    )

T = t.TypeVar("T")
# The protocol between the nodes, and their rows.
Listing = t.Tuple[t.Optional[str], "t.List[ListedNode]"]
# A URL in, the body out; raises OSError, HTTPException or ValueError.
Fetch = t.Callable[[str], str]
# What cluster_info may be asked for.
OPTIONS: dict[str, dict[str, t.Any]] = {
    "url": {"type": "str"},
    "config_dir": {"type": "path", "default": "/etc/rstudio"},
    "r_programs": {"type": "list", "elements": "path", "default": []},
    "timeout": {"type": "int", "default": 15},
    "node_status": {"type": "bool", "default": True},
}


def report(run: Run, options: t.Mapping[str, t.Any], *, nodes: bool = True) -> Cluster:
    """What `OPTIONS` ask for; `nodes` as `read_cluster` has it."""
    fetch = functools.partial(fetched, timeout=options["timeout"])
    where = options["url"], options["config_dir"], options["r_programs"]
    return read_cluster(run, fetch, *where, nodes=nodes, node_status=options["node_status"])


def fetched(url: str, timeout: float) -> str:
    """What a node answers itself. It asks without a secret, and mostly as localhost, which no certificate names."""
    # Python's own, for Ansible's open_url has to be compiled each time, which takes longer than the answer.
    import urllib.request

    handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=unchecked_tls())
    with urllib.request.build_opener(*handlers).open(url, timeout=timeout) as answer:
        return str(answer.read().decode("utf-8", "replace"))


# Since 2023.12 a node has ` - <ipv4>` and a session its process; a flag stands behind the address.
STATUS_NODE = re.compile(
    r"(?P<host>\S+):(?P<port>\d+)(?: - (?P<ipv4>[^\s(]\S*))?(?: \((?P<flag>unreachable|offline)\))?"
    r"\s+Load: (?P<load>[\d.e-]+, [\d.e-]+, [\d.e-]+)$"
)
STATUS_SESSION = re.compile(r"\s+(?P<pid>\d+) - (?P<user>\S+)(?: (?P<process>\S+))?$")


def parse_nodes(text: str) -> Listing:
    """Protocol and nodes of `list-nodes`.

    Cells are found by where the header's words begin: an address may be empty and a status holds blanks.
    """
    lines = text.splitlines()
    protocol = next((lines[i + 1].strip() for i, line in enumerate(lines[:-1]) if line.strip() == "Protocol"), None)
    at = next((i for i, line in enumerate(lines) if re.match(r"ID\s+Host\b", line)), None)
    if at is None:
        raise Failure(f"rstudio-server list-nodes answered without a table of nodes: {words(text, '')}")
    heads = [
        (match.group().lower().replace(" ", "_"), match.start()) for match in re.finditer(r"\S+(?: \S+)*", lines[at])
    ]
    missing = sorted({"host", "port", "status"} - dict(heads).keys())
    if missing:
        raise Failure(f"rstudio-server list-nodes answered without {', '.join(missing)}: {words(text, '')}")
    ends = [start for _name, start in heads[1:]]
    nodes: list[ListedNode] = []
    for line in lines[at + 1 :]:
        cells = {name: line[start:end].strip() for (name, start), end in zip(heads, [*ends, None])}
        if cells["id"].isdigit():
            if not cells["port"].isdigit():
                raise Failure(f"rstudio-server list-nodes has a row nobody knows: {line.strip()}")
            row = {"ipv4": "", "last_seen": "", **cells, "id": int(cells["id"]), "port": int(cells["port"])}
            nodes.append(t.cast("ListedNode", row))
    return protocol, nodes


def parse_status(text: str) -> list[StatusNode]:
    """Nodes and their sessions of `/load-balancer/status`."""
    nodes: list[StatusNode] = []
    for line in filter(str.strip, text.splitlines()):
        node, session = STATUS_NODE.match(line), STATUS_SESSION.match(line)
        if node:
            nodes.append(
                {
                    "host": node["host"],
                    "port": int(node["port"]),
                    "ipv4": node["ipv4"],
                    "flag": node["flag"],
                    "load": [float(number) for number in node["load"].split(", ")],
                    "sessions": [],
                }
            )
        elif session and nodes:
            one: Session = {"pid": int(session["pid"]), "user": session["user"], "process": session["process"]}
            nodes[-1]["sessions"].append(one)
        else:
            raise Failure(f"/load-balancer/status has a line nobody knows: {line.strip()}")
    return nodes


def list_nodes(run: Run) -> Listing:
    rc, out, err = run(["rstudio-server", "list-nodes"])
    if rc != 0:
        raise Failure(f"rstudio-server list-nodes failed: {words(out, err)}")
    return parse_nodes(out)


def split_name(host: str) -> tuple[str, str]:
    """Name and port of a node, as it is named among the others; an IPv6 address has no port."""
    name, _colon, port = host.partition(":") if host.count(":") == 1 else (host, "", "")
    return name, port


def is_row_of(host: str, row: ListedNode) -> bool:
    """Whether `list-nodes` means the node that is named so."""
    name, port = split_name(host)
    return row["host"] == name and port in ("", str(row["port"]))


def own_listing(run: Run) -> t.Callable[[], Listing]:
    """What lists the nodes as this one sees them: `list-nodes`, or of a release that has none the status page."""
    if releases.nodes_in_database(read_workbench(run).version):
        return functools.partial(list_nodes, run)
    options = parse_boost(file_text("/etc/rstudio/rserver.conf"))
    fetch = functools.partial(fetched, timeout=OPTIONS["timeout"]["default"])
    return lambda: (None, shown_nodes(parse_status(_get(fetch, own_url(options)))))


def shown_nodes(status: t.Iterable[StatusNode]) -> list[ListedNode]:
    """Rows as of `list-nodes` for a release before 2021.09, whose nodes have neither numbers nor a status of their own."""
    shown = sorted(status, key=lambda node: (node["host"], node["port"]))
    return [
        {
            "id": number,
            "host": node["host"],
            "ipv4": node["ipv4"] or "",
            "port": node["port"],
            "status": (node["flag"] or "online").capitalize(),
            "last_seen": "",
        }
        for number, node in enumerate(shown, start=1)
    ]


def own_url(options: Options) -> str:
    """Where a node answers itself, by its rserver.conf: localhost, unless www-address binds it to one address."""
    secure = switched_on(options, "ssl-enabled")
    port = _first(options, "www-port") or ("443" if secure else "8787")
    if port_number(port) is None:
        raise Failure(f"/load-balancer/status was not asked: www-port={port} in rserver.conf is no port")
    address = _first(options, "www-address")
    host = "localhost" if address in ("", "0.0.0.0", "::") else address
    return f"{'https' if secure else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def _first(options: Options, name: str) -> str:
    return options.get(name, [""])[0]


def own_addresses(run: Run) -> list[str]:
    """IPv4 and IPv6 addresses of this host, without loopback and link-local; empty where no tool tells them."""
    rc, out, _err = run(["ip", "-json", "address", "show"])
    if rc == 0:
        try:
            links = json.loads(out or "[]")
        except ValueError:  # an `ip` that knows no JSON
            links = []
        found = [info for link in links for info in link.get("addr_info") or []]
        addresses = [str(info["local"]) for info in found if info.get("scope") not in ("host", "link")]
        if addresses:
            return addresses
    rc, out, _err = run(["hostname", "-I"])
    return out.split() if rc == 0 else []


def read_cluster(
    run: Run,
    fetch: Fetch,
    url: str | None,
    config_dir: str = "/etc/rstudio",
    r_programs: t.Sequence[str] = (),
    *,
    nodes: bool = True,
    node_status: bool = True,
) -> Cluster:
    """The cluster as this node tells it; what it cannot tell is a sentence in `errors`.

    Without `url` the node's own rserver.conf says where it answers. `r_programs` are looked at besides those it finds.
    Where the `nodes` are not asked for, all that is of them but the status page stays empty: each question starts a program.
    The protocol is told where that page does not answer as the files say.
    Without `node_status` that is not asked: the product asks all other nodes for it, as it does for the status page.
    """
    errors: list[str] = []
    options = parse_boost(file_text(os.path.join(config_dir, "rserver.conf")))
    balancer = parse_load_balancer(file_text(os.path.join(config_dir, "load-balancer")))

    def attempt(read: t.Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except Failure as failure:
            errors.append(str(failure))
            return otherwise

    workbench = read_workbench(run)
    units = used_units(options)
    nothing: dict[str, dict[str, str]] = {}
    states = attempt(lambda: show_all(run, units, "ActiveState"), nothing)
    services = {unit: states.get(unit, {}).get("ActiveState") for unit in units}
    listing: Listing = (None, [])
    status: list[StatusNode] = []
    answer: object = None
    if workbench.error:
        errors.append(workbench.error)
    if workbench.installed:
        listed = releases.nodes_in_database(workbench.version)
        if nodes and listed:
            listing = attempt(lambda: list_nodes(run), listing)
        if services[SERVER] == "active":
            before = len(errors)
            status = attempt(lambda: parse_status(_get(fetch, url or own_url(options))), status)
            if listed and not nodes and len(errors) > before:
                # Its files may have another protocol than it runs with, as a run that was cut off leaves them.
                listing = (attempt(lambda: list_nodes(run), listing)[0], [])
            if nodes and not listed:
                listing = (None, shown_nodes(status))
            if nodes and listed and node_status:
                answer = attempt(lambda: _node_status(run), answer)
    return {
        "installed": workbench.installed,
        "hostname": socket.gethostname(),
        "www_host_name": _first(balancer, "www-host-name") or None,
        "addresses": own_addresses(run) if nodes else [],
        "version": workbench.version,
        "services": services,
        "protocol": listing[0],
        "nodes": listing[1],
        "status": status,
        "node_status": answer,
        "licence": read_state(run) if nodes and workbench.installed else None,
        "runtimes": {"r": find_r(config_dir, besides=r_programs), "python": find_python()},
        "errors": errors,
    }


def _get(fetch: Fetch, base: str) -> str:
    url = f"{base.rstrip('/')}/load-balancer/status"
    try:
        return fetch(url)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Failure(f"{url} cannot be read: {error}") from error


def _node_status(run: Run) -> object:
    rc, out, err = run(["rstudio-server", "node-status"])
    if rc != 0:
        raise Failure(f"rstudio-server node-status failed: {words(out, err)}")
    try:
        return json.loads(out)
    except ValueError as error:
        raise Failure(f"rstudio-server node-status answered no JSON: {error}") from error
