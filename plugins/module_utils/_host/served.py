# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a front end serves: asked on its own host, as browsers ask it, and as it asks its nodes."""

from __future__ import annotations

import http.client
import re
import socket
import threading
import time
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._host.network import unchecked_tls
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, file_text
from ansible_collections.workbench.cluster.plugins.module_utils._product.certificates import read_served_certificate

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Place, Served, ServedReport

NAMES: dict[str, t.Any] = {"type": "list", "elements": "str", "default": []}
OPTIONS: dict[str, dict[str, t.Any]] = {
    "files": {**NAMES, "required": True, "default": None},
    "unit": {"type": "str", "required": True},
    "addresses": {**NAMES, "required": True, "default": None},
    "virtual": {"type": "str", "default": ""},
    "port": {"type": "int", "required": True},
    "tls": {"type": "bool", "default": False},
    "names": NAMES,
    "page": {"type": "str", "required": True},
    "cookie": {"type": "str", "required": True},
    "check": {"type": "str", "required": True},
    "nodes_tls": {"type": "bool", "default": False},
}
# Browsers that come for the first time: more than there are nodes, so that each gets some, where there are not many.
FEWEST, MOST = 4, 20
# Seconds for an answer, and for all of an address: one that hangs is asked no further.
PATIENCE, ENOUGH = 5.0, 15.0
# How all three web servers name a node, and what they add where it only stands by.
PLACE = re.compile(r"^\s*(?:server (?:[^\s:]+ )?|BalancerMember https?://)(\S+:\d+)(.*)$", re.MULTILINE)
STANDBY = re.compile(r" backup\b| status=\+H\b")


def read_served(run: Run, asked: dict[str, t.Any]) -> ServedReport:
    places = parse_places("".join(map(file_text, asked["files"])))
    _ask_nodes(places, asked["check"], asked["nodes_tls"])
    number = max(FEWEST, min(MOST, 2 * len(places)))
    addresses = [*asked["addresses"], *filter(None, [asked["virtual"]])]
    _rc, state, _err = run(["systemctl", "show", "--property", "ActiveState", "--value", asked["unit"]])
    _rc, networks, _err = run(["ip", "-oneline", "addr", "show"])
    return {
        "state": state.strip(),
        "port": asked["port"],
        "names": asked["names"],
        "virtual": asked["virtual"],
        "holds": bool(asked["virtual"]) and f" {asked['virtual']}/" in networks,
        "check": asked["check"],
        "places": places,
        "served": {address: _served(run, address, number, asked) for address in addresses},
    }


def parse_places(text: str) -> dict[str, Place]:
    """Nodes by `address:port`, of a web server's file."""
    return {place: {"standby": bool(STANDBY.search(rest)), "answer": ""} for place, rest in PLACE.findall(text)}


class _Question(t.NamedTuple):
    page: str
    tls: bool
    accept: str
    name: str = ""  # of the host that is asked; empty: its address
    cookie: str = ""


class _Answer(t.NamedTuple):
    said: str  # a status, or why there is none
    cookies: dict[str, str] = {}
    certificate: bytes = b""  # DER


def _ask_nodes(places: dict[str, Place], page: str, tls: bool) -> None:
    """All at once, whether they are well."""

    def ask(name: str, place: Place) -> None:
        host, _colon, port = name.rpartition(":")
        place["answer"] = _asked(host.strip("[]"), int(port), _Question(page, tls, "*/*")).said

    threads = [threading.Thread(target=ask, args=entry, daemon=True) for entry in places.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _served(run: Run, address: str, number: int, asked: dict[str, t.Any]) -> Served:
    """As so many browsers see it, of which the first comes back."""
    question = _Question(asked["page"], asked["tls"], "text/html", next(iter(asked["names"]), ""))
    until = time.monotonic() + ENOUGH
    answers = [_asked(address, asked["port"], question)]
    while len(answers) < number and time.monotonic() < until:
        answers.append(_asked(address, asked["port"], question))
    first, name = answers[0], asked["cookie"]
    kept = None
    if name in first.cookies:
        back = _asked(address, asked["port"], question._replace(cookie=f"{name}={first.cookies[name]}"))
        kept = name not in back.cookies
    return {
        "answers": [answer.said for answer in answers],
        "kept": kept,
        "certificate": read_served_certificate(run, first.certificate, address) if first.certificate else None,
    }


def _asked(address: str, port: int, question: _Question) -> _Answer:
    """One request, on a connection of its own. Certificates are judged by others."""
    name = question.name or address
    headers = {"Host": f"[{name}]" if ":" in name else name, "Accept": question.accept, "Connection": "close"}
    if question.cookie:
        headers["Cookie"] = question.cookie
    connection = http.client.HTTPConnection(address, port, timeout=PATIENCE)
    try:
        connection.connect()
        certificate = b""
        if question.tls:
            secured = unchecked_tls().wrap_socket(connection.sock, server_hostname=name)
            connection.sock, certificate = secured, secured.getpeercert(True) or b""
        connection.request("GET", question.page, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return _Answer(str(answer.status), _cookies(answer.headers.get_all("Set-Cookie") or []), certificate)
    except ConnectionRefusedError:
        return _Answer("refused")
    except socket.timeout:
        return _Answer("timeout")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return _Answer(str(error) or type(error).__name__)
    finally:
        connection.close()


def _cookies(lines: t.Iterable[str]) -> dict[str, str]:
    pairs = (line.partition(";")[0].partition("=") for line in lines)
    return {name.strip(): value for name, _sign, value in pairs}
