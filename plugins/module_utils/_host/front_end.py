# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a front end finds on its host: who has its ports, which networks there are, and for whom its certificate is."""

from __future__ import annotations

import os
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, file_text, words
from ansible_collections.workbench.cluster.plugins.module_utils._product.certificates import read_certificate

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import FrontEndReport

OPTIONS: dict[str, dict[str, t.Any]] = {
    "ports": {"type": "list", "elements": "int", "default": []},
    "certificate": {"type": "str", "default": ""},
}
OURS = "workbench-proxy.service"
LISTENS = "0A"


def read_front_end(run: Run, ports: t.Sequence[int], certificate: str) -> FrontEndReport:
    """All of it; the certificate is that of the file, which may not be there."""
    return {
        "taken": taken(ports),
        "networks": parse_networks(_said(run, ["ip", "-oneline", "addr", "show"])),
        "certificate": read_certificate(run, certificate, certificate) if certificate else None,
    }


def _said(run: Run, argv: list[str]) -> str:
    rc, out, err = run(argv)
    if rc != 0:
        raise Failure(f"{' '.join(argv)} failed: {words(out, err)}")
    return out


def parse_networks(text: str) -> dict[str, list[str]]:
    """Addresses with their prefix by interface, of `ip -oneline addr`."""
    found: dict[str, list[str]] = {}
    for name, address in re.findall(r"^\d+: (\S+)\s+inet6? (\S+)", text, re.MULTILINE):
        found.setdefault(name, []).append(address)
    return found


def taken(ports: t.Sequence[int], root: str = "/") -> dict[str, str]:
    """Those of the ports on which a process listens that is not ours, with the name of its program."""
    sockets = {}
    for table in ("tcp", "tcp6"):
        for line in file_text(os.path.join(root, "proc/net", table)).splitlines()[1:]:
            fields = line.split()
            port = int(fields[1].rpartition(":")[2], 16)
            if fields[3] == LISTENS and port in ports:
                sockets[f"socket:[{fields[9]}]"] = port
    found: dict[str, str] = {}
    for pid in _processes(root) if sockets else []:
        folder = os.path.join(root, "proc", pid)
        held = {sockets[link] for link in _links(os.path.join(folder, "fd")) if link in sockets}
        if held and OURS not in file_text(os.path.join(folder, "cgroup")):
            found.update({str(port): file_text(os.path.join(folder, "comm")).strip() for port in held})
    return found


def _processes(root: str) -> list[str]:
    return [name for name in os.listdir(os.path.join(root, "proc")) if name.isdigit()]


def _links(folder: str) -> t.Iterator[str]:
    """Where the links of a folder lead; a process may end meanwhile."""
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        try:
            yield os.readlink(os.path.join(folder, name))
        except OSError:
            continue
