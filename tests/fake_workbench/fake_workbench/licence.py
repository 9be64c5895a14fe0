# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""license-manager: a file in place of the vendor's servers.

A key that ends in `-nodes-N` (ours) allows N nodes online; any other allows all.
"""

from __future__ import annotations

import json
import os
import re
import sys
import typing as t

from fake_workbench import keys, paths

FILE = paths.STATE + "/license.json"
USAGE = """usage: license-manager [--output=text|json] COMMAND

status, status-offline, verify, activate KEY, activate-file FILE, deactivate, initialize"""
EVALUATION = {"Trial-Type": "Verified", "Status": "Evaluation", "Days-Left": "45", "License-Scope": "System"}


def status() -> dict[str, str]:
    """What `status` shows. `Seats-Used` (ours) counts this node's activations: each costs a seat."""
    text = paths.read_text(FILE)
    return dict(json.loads(text)) if text else dict(EVALUATION)


def licensed_nodes() -> int | None:
    nodes = status().get("Nodes")
    return int(nodes) if nodes else None


def main(arguments: t.Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    words = [word for word in given if not word.startswith("--")]
    command, value = ([*words, "", ""])[:2]
    if command in ("status", "status-offline", "verify"):
        _show(status(), "--output=json" in given)
    elif command == "activate" and value:
        _activate(value)
    elif command == "activate-file" and value:
        _activate(paths.read_text(value).strip())
    elif command == "deactivate":
        if os.path.exists(FILE):
            os.unlink(FILE)
    elif command == "initialize":
        _write(status())
    else:
        print(USAGE, file=sys.stderr)
        return 2
    return 0


def _activate(key: str) -> None:
    used = int(status().get("Seats-Used", "0")) + 1
    licence = {"Status": "Activated", "License-Scope": "System", "Seats-Used": str(used)}
    limit = re.search(r"-nodes-([0-9]+)$", key)
    if limit:
        licence["Nodes"] = limit.group(1)
    _write(licence)


def _write(licence: dict[str, str]) -> None:
    keys.write_private(FILE, json.dumps(licence).encode())


def _show(licence: dict[str, str], as_json: bool) -> None:
    print(json.dumps(licence) if as_json else "\n".join(f"{key}: {value}" for key, value in licence.items()))


if __name__ == "__main__":
    sys.exit(main())
