# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Declarations: which hosts there are. Pure, but for reading the files."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

NETWORK = ipaddress.IPv4Network("10.203.0.0/24")
CONTROLLER = ipaddress.IPv4Address("10.203.0.1")
KINDS = ("machine", "container")
# A tap device is called t-<name>, and Linux allows 15 characters.
NAME = re.compile(r"[a-z][a-z0-9-]{0,12}")
GROUP = re.compile(r"[a-z][a-z0-9_]*")
SHARE = re.compile(r"[a-z][a-z0-9-]*:/[a-z0-9/-]+")
REQUIRED = ("name", "kind", "address", "memory")
OPTIONAL = ("groups", "share")


class LabError(Exception):
    """What the user can do something about; printed without a traceback."""


@dataclass(frozen=True)
class Host:
    """One host. `memory` is in MiB; `address` lies in NETWORK; `share` is NAME:/PATH, a folder that containers have in common."""

    name: str
    kind: str
    address: str
    memory: int
    groups: tuple[str, ...] = ()
    share: str = ""


@dataclass(frozen=True)
class Declaration:
    name: str
    hosts: tuple[Host, ...]


def parse_host(data: Any, where: str) -> Host:
    """Check one entry of `hosts`; LabError names the entry, the key, the value and what is allowed."""
    if not isinstance(data, dict):
        raise LabError(f"{where}: a host is a mapping, not {data!r}")
    where = f"{where}: host {data.get('name', '(without a name)')}"
    if unknown := sorted(set(data) - {*REQUIRED, *OPTIONAL}):
        raise LabError(f"{where}: unknown key {unknown[0]!r} (known: {', '.join(REQUIRED + OPTIONAL)})")
    if missing := [key for key in REQUIRED if key not in data]:
        raise LabError(f"{where}: {missing[0]} is missing")
    name, kind, address, memory = (data[key] for key in REQUIRED)
    groups, share = data.get("groups", []), data.get("share", "")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise LabError(f"{where}: name {name!r} must be 1 to 13 of a-z, 0-9 and '-', a letter first")
    if kind not in KINDS:
        raise LabError(f"{where}: kind {kind!r} must be one of {', '.join(KINDS)}")
    try:
        parsed = ipaddress.IPv4Address(address)
    except ValueError:
        raise LabError(f"{where}: address {address!r} is not an IPv4 address") from None
    if parsed not in NETWORK or parsed in (CONTROLLER, NETWORK.network_address, NETWORK.broadcast_address):
        raise LabError(f"{where}: address {address} must be a free one in {NETWORK} ({CONTROLLER} is the controller)")
    if isinstance(memory, bool) or not isinstance(memory, int) or not 128 <= memory <= 8192:
        raise LabError(f"{where}: memory {memory!r} must be a number of MiB from 128 to 8192")
    if not isinstance(groups, list) or not all(isinstance(group, str) and GROUP.fullmatch(group) for group in groups):
        raise LabError(f"{where}: groups {groups!r} must be a list of inventory group names")
    if share and (kind != "container" or not isinstance(share, str) or not SHARE.fullmatch(share)):
        raise LabError(f"{where}: share {share!r} must be a container's, as NAME:/PATH; machines have NFS")
    return Host(name, kind, str(parsed), memory, tuple(groups), share)


def parse(data: Any, where: str) -> Declaration:
    """Check one declaration; `where` (the file) begins every error."""
    if not isinstance(data, dict) or set(data) != {"name", "hosts"}:
        raise LabError(f"{where}: a declaration has exactly the keys name and hosts")
    if not isinstance(data["name"], str) or not NAME.fullmatch(data["name"]):
        raise LabError(f"{where}: name {data['name']!r} must be 1 to 13 of a-z, 0-9 and '-', a letter first")
    if not isinstance(data["hosts"], list) or not data["hosts"]:
        raise LabError(f"{where}: hosts must be a list with at least one host")
    return Declaration(data["name"], tuple(parse_host(host, where) for host in data["hosts"]))


def check_unique(declarations: Iterable[Declaration]) -> None:
    """All declarations share one network and may be up together, so no name and no address may occur twice."""
    seen: dict[str, str] = {}
    for declaration in declarations:
        for host in declaration.hosts:
            for value in (host.name, host.address):
                if value in seen:
                    raise LabError(f"{value} is declared twice: in {seen[value]} and in {declaration.name}")
                seen[value] = declaration.name


def load(folder: Path) -> dict[str, Declaration]:
    """All declarations of a folder by name, which is the file's name as well."""
    declarations = {}
    for path in sorted(folder.glob("*.yml")):
        try:
            declaration = parse(yaml.safe_load(path.read_text(encoding="utf-8")), path.name)
        except yaml.YAMLError as error:
            raise LabError(f"{path.name}: not YAML: {error}") from error
        if declaration.name != path.stem:
            raise LabError(f"{path.name}: name {declaration.name!r} must be the file's name, {path.stem!r}")
        declarations[declaration.name] = declaration
    check_unique(declarations.values())
    return declarations
