# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The licence of a node: what the product says of it, and what is to be done about it.

Admin Guide, License Management. An activation takes a seat each time it is made, and the product does not say by which key
it is activated: so what we did is kept beside, with the key's fingerprint.
"""

from __future__ import annotations

import os
import tempfile
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, file_text, words

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Licence, LicenceReport

PROGRAM = "license-manager"
MARK = "/etc/workbench.cluster/license"
# What of `status` is read; nothing else of it is passed on, for it may name the key.
FIELDS = ("Status", "Days-Left")
VALID = "Activated"
OPTIONS: dict[str, dict[str, t.Any]] = {"asked": {"type": "bool", "default": True}}


class Step(t.NamedTuple):
    """What is done, and why; `note` is all there is to say where nothing is done."""

    release: str  # the source whose licence is given back first
    activate: bool
    why: str
    note: str = ""


NOTHING = Step("", False, "")


def shown(source: str, what: str) -> str:
    """A source with the server, or with what stands for the key."""
    return f"{source} {what if source == 'server' else what[:12]}".strip()


def read_state(run: Run) -> Licence:
    """What the product says, without a question to the vendor's server."""
    rc, out, err = run([PROGRAM, "status-offline"])
    rows = dict(line.split(": ", 1) for line in out.splitlines() if ": " in line)
    status, days = (rows.get(name, "").strip() for name in FIELDS)
    error = "" if rc == 0 and status else f"{PROGRAM} does not say its status: {words('', err) or f'exit {rc}'}"
    return {"status": status or None, "days_left": int(days) if days.isdigit() else None, "error": error or None}


def read_report(run: Run) -> LicenceReport:
    """The state, and what we did about it."""
    source, _blank, what = file_text(MARK).strip().partition(" ")
    return {**read_state(run), "source": source, "what": what}


def step(wanted: t.Mapping[str, t.Any], found: LicenceReport) -> Step:
    """For a licence from a `key`, `offline` or a `server`; `what` is a fingerprint or the server. Raises `Failure`. Pure."""
    source, what = wanted["source"], wanted["what"]
    if found["error"]:
        raise Failure(found["error"])
    same = (found["source"], found["what"]) == (source, what)
    if source == "server":
        changed = f"{found['what'] or 'no server'} → {what}" if found["source"] in ("", "server") else "from a server"
        return NOTHING if same else Step(found["source"], True, changed)
    # A licence that has ended is none: but for who set another licence by hand.
    if found["status"] == VALID and found["days_left"] != 0:
        if same:
            return NOTHING
        if not found["source"]:
            return Step(
                "", False, "", "is activated, and not by this collection: with which key is not known, so it stays"
            )
        return Step(found["source"], True, f"{shown(found['source'], found['what'])} → {shown(source, what)}")
    return Step("" if same else found["source"], True, f"{found['status']} → {VALID} ({shown(source, what)})")


def activate(run: Run, wanted: t.Mapping[str, t.Any]) -> None:
    """Take a seat, once: what is done is written down before, so that a run that is cut off does not take another."""
    os.makedirs(os.path.dirname(MARK), exist_ok=True)
    with open(f"{MARK}.new", "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(f"{wanted['source']} {wanted['what']}\n")
    os.replace(f"{MARK}.new", MARK)
    if wanted["source"] == "key":
        _told(run, ["activate", wanted["key"]], wanted["key"])
    elif wanted["source"] == "server":
        _told(run, ["license-server", wanted["what"]])
    else:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="licence.") as file:
            file.write(wanted["answer"])
            file.flush()
            _told(run, ["activate-offline", file.name])
    if wanted["source"] != "server" and read_state(run)["status"] != VALID:
        raise Failure(f"{PROGRAM} took the licence, and does not say {VALID} now")


def release(run: Run, source: str) -> str:
    """Give the seat back. What an offline licence leaves is to be taken to the vendor's page."""
    commands = {"key": "deactivate", "offline": "deactivate-offline", "server": "clear-license-server"}
    said = _told(run, [commands[source]])
    if os.path.exists(MARK):
        os.unlink(MARK)
    return said if source == "offline" else ""


def request(run: Run, key: str) -> str:
    """What the vendor's page wants to know of this node before it gives an offline licence."""
    return _told(run, ["activate-offline-request", key], key)


def _told(run: Run, argv: list[str], secret: str = "") -> str:
    rc, out, err = run([PROGRAM, *argv])
    if rc != 0:
        said = words(out, err)
        raise Failure(f"{PROGRAM} {argv[0]} failed: {said.replace(secret, '***') if secret else said}")
    return out.strip()
