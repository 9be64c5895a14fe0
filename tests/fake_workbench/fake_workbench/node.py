# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node of the cluster while it runs: what it knows, and what it asks of the others."""

from __future__ import annotations

import os
import threading
import typing as t

from fake_workbench import address, balancing, cluster, config, database, log, paths, peers, release, sessions
from fake_workbench.config import ConfigError, LoadBalancer, ServerConfig
from fake_workbench.pool import Pool

LOG = log.Log("rserver")
DIAGNOSTICS = paths.ROOT + "/tmp/rstudio-load-balancer-diagnostics"


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
        self.pool = Pool(data) if data.is_postgresql else None
        self.host, self.port, self.ipv4 = _own_place(settings, balancer)
        self.diagnostics = balancer.diagnostics  # until the next start
        self.offline = os.path.exists(paths.OFFLINE)
        self.key = b""
        self.id = 0
        self.status = "online"

    @property
    def transport(self) -> peers.Transport:
        return peers.Transport(config.protocol(self.config, self.balancer), self.balancer.timeout, self.key)

    def connection(self) -> t.ContextManager[database.Connection]:
        assert self.pool
        return self.pool.connection()

    def nodes(self) -> list[cluster.Node]:
        """The nodes that have not left, this one last."""
        if not self.config.load_balancing:
            return [cluster.Node(0, self.host, "", self.port, "online", "")]
        if not release.current().nodes_in_database:
            places = address.listed(self.balancer.nodes, self.config.port)
            return [
                cluster.Node(number, place.host, place.ipv4, place.port, "online", "")
                for number, place in enumerate(places, start=1)
            ]
        with self.connection() as connection:
            rows = cluster.nodes(connection)
        return sorted((row for row in rows if row.status != "offline"), key=lambda row: (row.id == self.id, row.id))

    def ask(self, node: cluster.Node, method: str, path: str, content: t.Any = None) -> t.Any:
        return peers.request(self.transport, (node.host, node.port), method, path, content)

    def own_state(self) -> dict[str, t.Any]:
        processors = os.cpu_count() or 1
        return {
            "offline": self.offline,
            "load": config.planted_load() or [value / processors for value in os.getloadavg()],
            "sessions": [session._asdict() for session in sessions.running()],
        }

    def states(self, nodes: list[cluster.Node] | None = None) -> list[State]:
        """All nodes, or those that were just read, as they answer now, asked at the same time."""
        nodes = self.nodes() if nodes is None else nodes
        found: dict[int, State] = {}

        def look(node: cluster.Node) -> None:
            try:
                is_own = (node.host, node.port) == (self.host, self.port)
                said = self.own_state() if is_own else self.ask(node, "GET", "/load-balancer/node")
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
            account=self.config.text("server-user"),
        )
        is_here = (chosen.host, chosen.port) == (self.host, self.port)
        route = f"{chosen.host}:{chosen.port}"
        self._diagnose(f"{user}: {route} by {self.balancer.balancer} of {candidates}")
        wanted = {"user": user, "resume": resume, "route": route if self.config.load_balancing else ""}
        told = release.current().launchers_told and self.balancer.launcher_balancing
        if not told:
            # The launchers know each other by their scratch path, and by the addresses they wrote there.
            wanted["ipv4"] = next(state.node.ipv4 for state in states if state.node.host == chosen.host)
        started = peers.request(
            peers.Transport(config.launcher_protocol(self.config), self.balancer.timeout, self.key),
            (chosen.host if told and not is_here else self.config.text("launcher-address"), self.config.launcher_port),
            "POST",
            "/sessions",
            wanted,
        )
        return {**started, "node": route}

    def _diagnose(self, words: str) -> None:
        """Admin Guide, Load Balancing / Configuration (Diagnostics); the words are ours."""
        if self.diagnostics == "tmp":
            os.makedirs(os.path.dirname(DIAGNOSTICS), exist_ok=True)
            with open(DIAGNOSTICS, "a", encoding="utf-8") as file:
                file.write(f"{words}\n")
        elif self.diagnostics == "stderr":
            LOG("DEBUG", words)

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


def _own_place(settings: ServerConfig, balancer: LoadBalancer) -> address.Address:
    """A list of nodes goes on to work in releases that need none; those that need one find themselves in it."""
    own = address.own_entry(balancer.nodes, settings.text("www-address"), settings.port) if balancer.nodes else None
    if own and not balancer.host_name:
        return own
    if settings.load_balancing and not release.current().nodes_in_database:
        raise ConfigError(f"none of the [nodes] in {paths.config_file('load-balancer')} is this node")
    return address.own_address(balancer.host_name, settings.text("www-address"), settings.port)
