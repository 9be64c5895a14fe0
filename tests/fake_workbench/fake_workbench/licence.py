# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""license-manager: a file in place of the vendor's servers, or `licence_server.py` where `licence-vendor` names one (ours).

A key that ends in `-nodes-N` (ours) allows N nodes online; any other allows all. One with `-days-N` lasts N days.
What `status` does not need is imported where it is used: each look at a node asks for it, and each start of the server.
"""

from __future__ import annotations

import os
import sys

from fake_workbench import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    import typing as t

FILE = paths.STATE + "/license.json"
SERVER = paths.STATE + "/license-server"
# Where the vendor's server is, for tests that count seats.
VENDOR = paths.STATE + "/licence-vendor"
USAGE = """usage: license-manager [--output=text|json] COMMAND

status, status-offline, verify, activate KEY, activate-file FILE, activate-offline-request KEY, activate-offline FILE,
deactivate, deactivate-offline, license-server HOST, clear-license-server, initialize"""
EVALUATION = {"Trial-Type": "Verified", "Status": "Evaluation", "Days-Left": "45", "License-Scope": "System"}


class Refused(Exception):
    """The sentence the tool ends with."""


def status() -> dict[str, str]:
    """What `status` shows; a licence file goes before all else. `Seats-Used` (ours) counts this node's activations."""
    there = sorted(os.listdir(paths.STATE)) if os.path.isdir(paths.STATE) else []
    files = [name for name in there if name.endswith(".lic")]
    if files:
        return _activated(paths.read_text(os.path.join(paths.STATE, files[0])).strip())
    text = paths.read_text(FILE)
    if not text:
        return dict(EVALUATION)
    import json

    return dict(json.loads(text))


def licensed_nodes() -> int | None:
    nodes = status().get("Nodes")
    return int(nodes) if nodes else None


def lease() -> bool:
    """A seat of the licence server, as a server that starts with `server-license-type=remote` takes it."""
    server = paths.read_text(SERVER).strip()
    if not server:
        return False
    try:
        _ask(server, "lease", "")
    except Refused:
        return False
    _write({"Status": "Activated", "License-Scope": "System", "Days-Left": "365"})
    return True


def end_lease() -> None:
    server = paths.read_text(SERVER).strip()
    if server:
        _ask(server, "release", "")
        _forget()


def main(arguments: t.Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    words = [word for word in given if not word.startswith("--")]
    command, value = ([*words, "", ""])[:2]
    if command in ("status", "status-offline", "verify"):
        _show(status(), "--output=json" in given)
        return 0
    if command not in COMMANDS or bool(value) != (command in VALUED):
        print(USAGE, file=sys.stderr)
        return 2
    try:
        COMMANDS[command](value)
    except Refused as refused:
        print(f"Error: {refused}", file=sys.stderr)
        return 1
    return 0


def _activate(key: str) -> None:
    used = int(status().get("Seats-Used", "0")) + 1
    vendor = paths.read_text(VENDOR).strip()
    if vendor:
        _ask(vendor, "activate", key)
    _write({**_activated(key), "Seats-Used": str(used)})


def _deactivate(_value: str) -> None:
    vendor = paths.read_text(VENDOR).strip()
    if vendor and os.path.exists(FILE):
        _ask(vendor, "deactivate", "")
    _forget()


def _request(key: str = "") -> str:
    import hashlib
    import socket

    return hashlib.sha256(f"{socket.gethostname()} {key}".encode()).hexdigest()[:24]


def _activate_offline(file: str) -> None:
    """The answer of the vendor's page is `ANSWER request key` (ours)."""
    word, request, key = (*paths.read_text(file).split(), "", "", "")[:3]
    if word != "ANSWER" or request != _request(key):
        raise Refused("this activation is not for this system")
    _write(_activated(key))


def _deactivate_offline(_value: str) -> None:
    _forget()
    print(f"DEACTIVATION {_request()}")


def _set_server(server: str) -> None:
    from fake_workbench import keys

    keys.write_private(SERVER, server.encode())


def _clear_server(_value: str) -> None:
    if os.path.exists(SERVER):
        end_lease()
        os.unlink(SERVER)


COMMANDS: dict[str, t.Callable[[str], object]] = {
    "activate": _activate,
    "activate-file": lambda file: _activate(paths.read_text(file).strip()),
    "activate-offline-request": lambda key: print(f"REQUEST {_request(key)}"),
    "activate-offline": _activate_offline,
    "deactivate": _deactivate,
    "deactivate-offline": _deactivate_offline,
    "license-server": _set_server,
    "clear-license-server": _clear_server,
    "initialize": lambda _value: _write(status()),
}
VALUED = ("activate", "activate-file", "activate-offline-request", "activate-offline", "license-server")


def _activated(key: str) -> dict[str, str]:
    import re

    days = re.search(r"-days-([0-9]+)", key)
    left = days[1] if days else "365"
    limit = re.search(r"-nodes-([0-9]+)", key)
    state = "Expired" if left == "0" else "Activated"
    nodes = {"Nodes": limit[1]} if limit else {}
    return {"Status": state, "Days-Left": left, "License-Scope": "System", **nodes}


def _ask(server: str, verb: str, key: str) -> None:
    import socket
    import urllib.error
    import urllib.parse
    import urllib.request

    url = server if "://" in server else f"http://{server}:8989"
    data = urllib.parse.urlencode({"host": socket.gethostname(), "key": key}).encode()
    try:
        urllib.request.urlopen(f"{url}/{verb}", data, timeout=10).close()
    except urllib.error.HTTPError as error:
        raise Refused(error.read().decode()) from None
    except OSError as error:
        raise Refused(f"the licence server does not answer: {error}") from None


def _forget() -> None:
    if os.path.exists(FILE):
        os.unlink(FILE)


def _write(licence: dict[str, str]) -> None:
    import json

    from fake_workbench import keys

    keys.write_private(FILE, json.dumps(licence).encode())


def _show(licence: dict[str, str], as_json: bool) -> None:
    if not as_json:
        print("\n".join(f"{key}: {value}" for key, value in licence.items()))
        return
    import json

    print(json.dumps(licence))


if __name__ == "__main__":
    sys.exit(main())
