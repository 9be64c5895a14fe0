# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether people reach a node: online, or offline, and back.

Admin Guide, Server Management / Core Administrative Tasks (Taking the server offline): `rstudio-server offline` leaves a mark
that the server reads when it starts, and restarts it. An offline server answers 503, perhaps its own status page too, so that
the pages of the others are asked as well.
"""

from __future__ import annotations

import http.client
import os
import time
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, file_text, words
from ansible_collections.workbench.cluster.plugins.module_utils._host.units import show
from ansible_collections.workbench.cluster.plugins.module_utils._product import services, sessions
from ansible_collections.workbench.cluster.plugins.module_utils._product.cluster import (
    Fetch,
    is_row_of,
    list_nodes,
    own_url,
    parse_status,
    split_name,
)
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import parse_boost
from ansible_collections.workbench.cluster.plugins.module_utils._product.units import SERVER

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import ListedNode, Session, StatusNode

MARK = "/var/lib/rstudio-server/offline"
CONFIG = "/etc/rstudio/rserver.conf"
PAGE = "/load-balancer/status"


class Tools(t.NamedTuple):
    """What touches the system; tests give their own."""

    run: Run
    fetch: Fetch
    answers: t.Callable[[str, int], bool]
    clock: t.Callable[[], float] = time.monotonic
    pause: t.Callable[[float], None] = time.sleep


class Presence:
    """This node, listed as `host` (`name` or `name:port`), and the sessions that were `touched`, by process."""

    def __init__(self, tools: Tools, host: str) -> None:
        self.tools = tools
        self.host = host
        self.touched: dict[int, Session] = {}
        self._listed: tuple[str | None, list[ListedNode]] | None = None

    @property
    def is_marked(self) -> bool:
        """Whether the server starts offline."""
        return os.path.exists(MARK)

    @property
    def is_running(self) -> bool:
        return show(self.tools.run, SERVER, "ActiveState").get("ActiveState") == "active"

    def page(self) -> list[StatusNode]:
        """The nodes as the first status page shows them that has this one; none where no page can be had."""
        protocol, rows = self._listing()
        scheme = "https" if (protocol or "").lower().startswith("https") else "http"
        others = [row for row in rows if not is_row_of(self.host, row) and row["status"] == "Online"]
        urls = [own_url(parse_boost(file_text(CONFIG))), *(f"{scheme}://{_place(row)}" for row in others)]
        for url in urls:
            try:
                shown = parse_status(self.tools.fetch(url + PAGE))
            except (OSError, http.client.HTTPException, ValueError, Failure):
                continue
            if any(self._is_own(entry, rows) for entry in shown):
                return shown
        return []

    def own(self, page: t.Iterable[StatusNode]) -> StatusNode | None:
        _protocol, rows = self._listing()
        return next((entry for entry in page if self._is_own(entry, rows)), None)

    def is_closed(self) -> bool:
        """Whether the server that runs is offline, as a page says, or where none does, its own answer."""
        shown = self.own(self.page())
        if shown is not None:
            return shown["flag"] == "offline"
        try:
            self.tools.fetch(own_url(parse_boost(file_text(CONFIG))) + "/")
        except (OSError, http.client.HTTPException, ValueError) as error:
            return getattr(error, "code", None) == 503
        return False

    def look_at_sessions(self) -> None:
        """Enter into `touched` what runs here. Raises `Failure` where a server that serves people does not tell."""
        shown = self.own(self.page()) if self.is_running else None
        if shown is None and self.is_running and not self.is_closed():
            raise Failure(
                f"Which sessions {self.host} has is not told: {PAGE} does not show it, here or on another node."
            )
        for session in (*(shown["sessions"] if shown else ()), *sessions.running(self.tools.run)):
            if session["process"] != sessions.HOME_PAGE:
                self.touched.setdefault(session["pid"], session)

    def require_another(self) -> None:
        """Raise `Failure` unless people reach another node, too."""
        page = self.page()
        own = self.own(page)
        closed = []
        for entry in page:
            if entry is own:
                continue
            if entry["flag"] is None and self.tools.answers(entry["host"], entry["port"]):
                return
            state = f"is {entry['flag']}" if entry["flag"] else "does not answer"
            closed.append(f"{entry['host']}:{entry['port']} {state}")
        why = ", ".join(closed) or ("there is no other" if page else f"no status page shows {self.host}")
        raise Failure(f"{self.host} may be the last node that people reach: {why}. Nothing was changed.")

    def _listing(self) -> tuple[str | None, list[ListedNode]]:
        """Under which names nodes go, which stay as they are meanwhile."""
        if self._listed is None:
            try:
                self._listed = list_nodes(self.tools.run)
            except Failure:  # before 2021.09, or without its database
                return None, []
        return self._listed

    def _is_own(self, entry: StatusNode, rows: t.Iterable[ListedNode]) -> bool:
        """The page may call a node by its address, where the list has a name."""
        own, port = split_name(self.host)
        names = {(own, port or str(entry["port"]))}
        for row in rows:
            if is_row_of(self.host, row):
                names |= {(name, str(row["port"])) for name in (row["host"], row["ipv4"]) if name}
        return not names.isdisjoint((name, str(entry["port"])) for name in (entry["host"], entry["ipv4"]) if name)


def _place(row: ListedNode) -> str:
    host = row["host"] or row["ipv4"]
    return f"{f'[{host}]' if ':' in host else host}:{row['port']}"


def is_offline(node: Presence) -> bool:
    """Whether nobody reaches the server, now and after its next start."""
    return node.is_marked and (not node.is_running or node.is_closed())


def go_offline(node: Presence, ending: sessions.Ending, wait: int) -> None:
    """Take the node offline, and have its sessions end. What fails leaves it online, where it was."""
    was_online = not node.is_marked
    try:
        if node.is_running:
            if not is_offline(node):
                _command(node, "offline")
            _await(node, wait, "offline", node.is_closed)
        elif was_online:
            with open(MARK, "x", encoding="ascii"):
                pass
        tools = node.tools
        sessions.end(tools.run, node.touched, ending, newcomers=True, clock=tools.clock, pause=tools.pause)
    except Failure as failure:
        if not was_online:
            raise
        raise Failure(f"{failure} {_back(node, wait)}") from failure


def go_online(node: Presence, wait: int) -> ListedNode:
    """Let people in again, and start what does not run; the row of the node once it is Online and not offline."""
    if node.is_running and (node.is_marked or node.is_closed()):
        _command(node, "online")
    elif node.is_marked:
        os.unlink(MARK)
    services.apply(node.tools.run, services.pending(node.tools.run, "started"))
    until = node.tools.clock() + wait
    answers, clock, pause = node.tools.answers, node.tools.clock, node.tools.pause
    row = services.wait_online(node.tools.run, node.host, wait, answers=answers, clock=clock, pause=pause)
    _await(node, max(0, int(until - clock())), "online", lambda: not node.is_closed())
    return row


def _back(node: Presence, wait: int) -> str:
    """Undo what was begun, and say how it went."""
    try:
        if node.is_marked and node.is_running and not node.is_closed():
            os.unlink(MARK)
        elif node.is_running:
            go_online(node, wait)
        else:
            return f"{node.host} does not run: see what rstudio-server test-config says, then rstudio-server online."
    except (Failure, OSError) as error:
        return f"{node.host} could not be brought back online: {error}"
    return f"{node.host} is online again."


def _await(node: Presence, wait: int, what: str, is_so: t.Callable[[], bool]) -> None:
    until = node.tools.clock() + wait
    while not (node.is_running and is_so()):
        if node.tools.clock() >= until:
            raise Failure(
                f"{node.host} was not {what} after {wait} seconds. {services.last_words(node.tools.run)}".strip()
            )
        node.tools.pause(1)


def _command(node: Presence, name: str) -> None:
    rc, out, err = node.tools.run(["rstudio-server", name])
    if rc != 0:
        raise Failure(f"rstudio-server {name} failed: {words(out, err)} {services.last_words(node.tools.run)}".strip())
