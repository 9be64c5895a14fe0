# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster in the database: its row, its nodes, their statuses and `list-nodes`."""

from __future__ import annotations

import base64
import datetime
import time
import typing as t

from fake_workbench.config import ConfigError
from fake_workbench.keys import LauncherPair

LOCK = 0x5253545544494F  # one advisory lock serialises the starts of all nodes
TIME = "%Y-%b-%d %H:%M:%S"
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
LIVE = ("online", "starting")

Connection = t.Any


class Identity(t.NamedTuple):
    """A node as it presents itself: `problem` is the status its own checks gave, None if it may come online."""

    host: str
    port: int
    ipv4: str
    protocol: str
    cookie_key: bytes
    launcher: LauncherPair | None
    problem: str | None
    licensed_nodes: int | None = None


class Node(t.NamedTuple):
    """A row of table `node`; `last_seen` is UTC."""

    id: int
    host: str
    ipv4: str
    port: int
    status: str
    last_seen: str


class Keys(t.NamedTuple):
    cookie_key: bytes | None
    launcher: LauncherPair | None


class starting:
    """Holds the lock that lets nodes that start at the same moment come one after the other."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def __enter__(self) -> None:
        self._run("SELECT pg_advisory_lock(%s)")

    def __exit__(self, *_exception: object) -> None:
        self._run("SELECT pg_advisory_unlock(%s)")

    def _run(self, sql: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, (LOCK,))


def stored_keys(connection: Connection) -> Keys:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secure_cookie_key, launcher_private_key, launcher_public_key FROM cluster")
        row = cursor.fetchone() or (None, None, None)
    pair = LauncherPair(row[1].encode(), row[2].encode()) if row[1] and row[2] else None
    return Keys(base64.b64decode(row[0]) if row[0] else None, pair)


def register(connection: Connection, me: Identity) -> tuple[int, str]:
    """Enter this node as starting, or as what keeps it from coming online. Call under `starting`.

    Returns its id and status. Raises ConfigError when the cluster speaks another protocol.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM node WHERE host = %s AND port = %s", (me.host, str(me.port)))
        row = cursor.fetchone()
        if row is None:
            cursor.execute("SELECT coalesce(max(id::integer), 0) + 1 FROM node")
            row = cursor.fetchone()
            cursor.execute(
                "INSERT INTO node (id, host, port, status) VALUES (%s, %s, %s, 'offline')",
                (str(row[0]), me.host, str(me.port)),
            )
        node_id = int(row[0])
        cursor.execute("SELECT count(*) FROM node WHERE id <> %s AND status IN %s", (str(node_id), LIVE))
        others = cursor.fetchone()[0]
        status = me.problem or _agree(cursor, me, others) or "starting"
        if status == "starting" and me.licensed_nodes is not None and others >= me.licensed_nodes:
            status = "invalid license"
        cursor.execute(
            "UPDATE node SET status = %s, ipv4 = %s, last_seen = %s, cluster_id = (SELECT id FROM cluster)"
            " WHERE id = %s",
            (status, me.ipv4, _now(), str(node_id)),
        )
    return node_id, status


def _agree(cursor: t.Any, me: Identity, others: int) -> str | None:
    """Define the cluster if it is ours to define, else the status our differences from it give."""
    cursor.execute("SELECT protocol, secure_cookie_key, launcher_private_key, launcher_public_key FROM cluster")
    row = cursor.fetchone()
    private, public = (part.decode("ascii", "replace") for part in me.launcher or (b"", b""))
    mine = (me.protocol, base64.b64encode(me.cookie_key).decode(), private, public)
    if row is None:
        import uuid

        cursor.execute("INSERT INTO cluster VALUES (%s, %s, %s, %s, %s)", (str(uuid.uuid4()), *mine))
    elif others == 0 or row[1] is None:
        cursor.execute(
            "UPDATE cluster SET protocol = %s, secure_cookie_key = %s,"
            " launcher_private_key = %s, launcher_public_key = %s",
            mine,
        )
    elif row[0] != me.protocol:
        raise ConfigError(f"The cluster's protocol is {row[0]}, this node's is {me.protocol}")
    elif row[1] != mine[1]:
        return "invalid secure cookie key"
    elif me.launcher and row[2:] != mine[2:]:
        return "invalid launcher key"
    return None


def set_status(connection: Connection, node_id: int, status: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE node SET status = %s, last_seen = %s WHERE id = %s", (status, _now(), str(node_id)))


def check_in(connection: Connection, node_id: int) -> bool:
    """Say that this node lives. False if its row was deleted."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE node SET last_seen = %s WHERE id = %s", (_now(), str(node_id)))
        return bool(cursor.rowcount)


def delete_node(connection: Connection, node_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE node SET status = 'deleting' WHERE id = %s", (str(node_id),))
        cursor.execute("DELETE FROM node WHERE id = %s", (str(node_id),))
        return bool(cursor.rowcount)


def reset(connection: Connection) -> None:
    """Forget keys and protocol: the next node that starts defines them, whoever is online."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cluster SET protocol = NULL, secure_cookie_key = NULL,"
            " launcher_private_key = NULL, launcher_public_key = NULL"
        )


def protocol(connection: Connection) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT protocol FROM cluster")
        row = cursor.fetchone()
    return str(row[0] or "") if row else ""


def nodes(connection: Connection) -> list[Node]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, host, ipv4, port, status, last_seen FROM node")
        rows = cursor.fetchall()
    return sorted(
        Node(int(row[0]), row[1] or "", row[2] or "", int(row[3]), row[4] or "", row[5] or "") for row in rows
    )


def format_nodes(protocol_: str, rows: t.Iterable[Node], now: float, missed_after: int) -> str:
    """The output of `list-nodes`; `now` is seconds since the epoch, times are shown in the local zone."""
    table = [("ID", "Host", "IPv4", "Port", "Status", "Last Seen")]
    for node in sorted(rows, key=lambda row: (row.status != "online", row.id)):
        seen = _seconds(node.last_seen) if node.last_seen else None
        late = node.status == "online" and (seen is None or now - seen > missed_after)
        status = "Missed check-in" if late else _capital(node.status)
        local = time.strftime(TIME, time.localtime(seen)) if seen is not None else ""
        table.append((str(node.id), node.host, node.ipv4, str(node.port), status, local))
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in table]
    return "\n".join(["Cluster", "-------", "Protocol", _capital(protocol_), "", "Nodes", "-----", *lines, ""])


def _seconds(moment: str) -> float:
    """Since the epoch, of a UTC time as `TIME` has it. `strptime` takes longer to load than `list-nodes` to read its rows."""
    day, clock = moment.split()
    year, month, number = day.split("-")
    hour, minute, second = clock.split(":")
    parts = int(year), MONTHS.index(month) + 1, int(number), int(hour), int(minute), int(second)
    return datetime.datetime(*parts, tzinfo=datetime.timezone.utc).timestamp()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _now() -> str:
    return time.strftime(TIME, time.gmtime())
