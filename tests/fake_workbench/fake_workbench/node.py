# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node of the cluster while it runs: what it knows, and what it asks of the others."""

from __future__ import annotations

import contextlib
import os
import threading
import typing as t

from fake_workbench import address, balancing, cluster, config, database, paths, peers, sessions
from fake_workbench.config import LoadBalancer, ServerConfig


class State(t.NamedTuple):
    """A node seen over HTTP: `flag` is '', 'offline' or 'unreachable', `load` are fractions of all processors."""

    node: cluster.Node
    flag: str
    load: t.Sequence[float]
    sessions: t.Sequence[sessions.Session]


class RunningNode:
    def __init__(self, settings: ServerConfig, balancer: LoadBalancer, data: database.Database) -> None:
        self.config = settings
        self.balancer = balancer
        self.data = data
        place = address.own_address(balancer.host_name, settings.text("www-address"), settings.port)
        self.host, self.port, self.ipv4 = place
        self.offline = os.path.exists(paths.OFFLINE)
        self.key = b""
        self.id = 0
        self.status = "online"

    @property
    def transport(self) -> peers.Transport:
        return peers.Transport(config.protocol(self.config, self.balancer), self.balancer.timeout, self.key)

    @contextlib.contextmanager
    def connection(self) -> t.Iterator[t.Any]:
        connection = database.connect(self.data)
        try:
            yield connection
        finally:
            connection.close()

    def nodes(self) -> list[cluster.Node]:
        """The nodes that have not left, this one last."""
        if not self.config.load_balancing:
            return [cluster.Node(0, self.host, "", self.port, "online", "")]
        with self.connection() as connection:
            rows = cluster.nodes(connection)
        return sorted((row for row in rows if row.status != "offline"), key=lambda row: (row.id == self.id, row.id))

    def ask(self, node: cluster.Node, method: str, path: str, content: t.Any = None) -> t.Any:
        return peers.request(self.transport, (node.host, node.port), method, path, content)

    def own_state(self) -> dict[str, t.Any]:
        processors = os.cpu_count() or 1
        return {
            "offline": self.offline,
            "load": [value / processors for value in os.getloadavg()],
            "sessions": [session._asdict() for session in sessions.running()],
        }

    def states(self) -> list[State]:
        """All nodes as they answer now, asked at the same time."""
        nodes = self.nodes()
        found: dict[int, State] = {}

        def look(node: cluster.Node) -> None:
            try:
                said = self.own_state() if node.id == self.id else self.ask(node, "GET", "/load-balancer/node")
            except peers.PeerError:
                found[node.id] = State(node, "unreachable", (0, 0, 0), ())
                return
            flag = "offline" if said["offline"] else ""
            found[node.id] = State(node, flag, said["load"], [sessions.Session(**one) for one in said["sessions"]])

        threads = [threading.Thread(target=look, args=(node,)) for node in nodes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [found[node.id] for node in nodes]

    def start_session(self, user: str, resume: bool) -> dict[str, t.Any]:
        """Start a session (or, to resume, find the one that runs) where the balancer says.

        Raises BalanceError, and PeerError when the launcher there cannot be reached or refuses.
        """
        states = self.states()
        for state in states:
            for session in state.sessions:
                if resume and session.user == user:
                    return {**session._asdict(), "node": f"{state.node.host}:{state.node.port}"}
        usable = [state for state in states if not state.flag and state.node.status == "online"]
        candidates = [
            balancing.Candidate(state.node.host, state.node.port, state.load[1], len(state.sessions))
            for state in sorted(usable, key=lambda state: state.node.id)
        ]
        chosen = balancing.choose(
            self.balancer.balancer,
            user,
            candidates,
            self.config.balancer_program,
            self.config.flag("resolve-load-balancer-nodes"),
        )
        is_here = (chosen.host, chosen.port) == (self.host, self.port)
        route = f"{chosen.host}:{chosen.port}"
        started = peers.request(
            peers.Transport(config.launcher_protocol(self.config), self.balancer.timeout, self.key),
            (self.config.text("launcher-address") if is_here else chosen.host, self.config.launcher_port),
            "POST",
            "/sessions",
            {"user": user, "resume": resume, "route": route if self.config.load_balancing else ""},
        )
        return {**started, "node": route}

    def announce(self, event: str) -> list[str]:
        """Tell the others that this node came or went; what went wrong is returned."""
        problems = []
        for node in self.nodes():
            if node.id == self.id:
                continue
            try:
                self.ask(node, "POST", "/load-balancer/event", {"event": event, "node": f"{self.host}:{self.port}"})
            except peers.PeerError as error:
                problems.append(str(error))
        return problems
