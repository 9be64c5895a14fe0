# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a front end is to do, whichever web server does it. Pure."""

from __future__ import annotations

import typing as t

UNIT = "workbench-proxy"
FOLDER = "/etc/workbench.cluster/proxy"
HEAD = "# Managed by Ansible, workbench.cluster: change the variables proxy_* in the inventory."
# Seconds within which a node takes a connection, and between two questions whether it is well.
CONNECT, PATIENCE = 4, 2
# What a browser keeps to come back to the same node.
COOKIE = "workbench_node"
# Ways to sign in that lead over another site, and the version since which any node can end what another began.
SIGN_INS = {"auth-saml": "", "auth-openid": "2023.09"}


class Node(t.NamedTuple):
    """A node as the front end reaches it."""

    name: str  # of the inventory
    address: str
    port: int

    @property
    def place(self) -> str:
        return f"{bracketed(self.address)}:{self.port}"

    @property
    def redirect(self) -> str:
        """A regular expression for the begin of a redirect of this node to itself, in the grammar of all three servers."""
        literal = "".join(f"[{char}]" if char in ".[" else char for char in bracketed(self.address))
        return f"^https?://{literal}(:[0-9]+)?/"


class Tls(t.NamedTuple):
    """Files on the front end."""

    certificate: str  # with its intermediates
    key: str


class Upstream(t.NamedTuple):
    """How the nodes' own certificates are judged."""

    authority: str  # a file on the front end
    name: str  # that all of them have


class FrontEnd(t.NamedTuple):
    nodes: tuple[Node, ...]  # without those that are drained
    active: t.Literal["all", "first"]
    sticky: bool
    addresses: tuple[str, ...]  # of this host; * is all IPv4
    port: int
    redirect_port: int  # which sends to https; 0: none
    tls: Tls | None
    upstream: Upstream | None  # None: plain HTTP to the nodes
    path: str  # below which users find Workbench, without / at its end; empty: all of it
    check: str  # the URL that tells whether a node is well
    timeout: int  # seconds for an answer
    websocket_timeout: int  # seconds without a word
    family: t.Literal["Debian", "RedHat"]

    @property
    def scheme(self) -> str:
        return "https" if self.tls else "http"

    @property
    def cookie_flags(self) -> str:
        """An identity provider sends people back from another site, for which SameSite=None is asked; that needs TLS."""
        return "Path=/; HttpOnly; Secure; SameSite=None" if self.tls else "Path=/; HttpOnly"

    def listens(self, port: int) -> list[str]:
        """Addresses and port, as all three servers write them."""
        return [f"{bracketed(address)}:{port}" for address in self.addresses]


def binds(way: str, version: str) -> bool:
    """Whether a sign-in of this way, of `SIGN_INS`, is bound to the node where it began."""
    since = SIGN_INS[way]
    return not since or (version[:4].isdecimal() and version < since)


def bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def lines(*parts: str | t.Iterable[str]) -> str:
    """A file of these lines; the empty ones are no part of it."""
    every = (line for part in parts for line in ([part] if isinstance(part, str) else part))
    return "".join(f"{line}\n" for line in every if line)
