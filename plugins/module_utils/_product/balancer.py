# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that chooses a node where `balancer=custom`: whether it is there, and whether it answers with a node.

Admin Guide, Load Balancing / Balancing methods. As which account the product runs it nobody says: it is taken to be the server's.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess  # as the account of the server  # nosec B404
import tempfile
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.child import as_user

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Balancer, Trial

# What a trial is asked with: the account of the server, a sample of whom it places, and the nodes, `host:port` each.
SAMPLE: dict[str, dict[str, t.Any]] = {
    "account": {"type": "str", "default": "rstudio-server"},
    "user": {"type": "str", "required": True},
    "nodes": {"type": "list", "elements": "str", "required": True},
    "resolve": {"type": "bool", "default": False},
}
OPTIONS: dict[str, dict[str, t.Any]] = {
    "program": {"type": "path", "required": True},
    "script": {"type": "str", "default": ""},
    **SAMPLE,
}
# Seconds for an answer: somebody waits for a session.
PATIENCE = 10.0
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Where a program may be tried, the first that lets programs run.
PLACES = ("/var/tmp", "/tmp", "/usr/local", "/")
WORDS = 200


def read_balancer(options: t.Mapping[str, t.Any]) -> Balancer:
    """What `OPTIONS` ask for."""
    program = options["program"]
    trial = try_script(options["script"], options) if options["script"] else None
    return {"program": program, "executable": os.path.isfile(program) and os.access(program, os.X_OK), "trial": trial}


def try_script(script: str, sample: t.Mapping[str, t.Any]) -> Trial:
    """Run `script` as the server would. Nothing is concluded where the node cannot run it yet."""
    try:
        pwd.getpwnam(sample["account"])
        nodes = [_resolved(node) for node in sample["nodes"]] if sample["resolve"] else list(sample["nodes"])
    except KeyError:
        return {"passed": None, "said": f"there is no account {sample['account']}"}
    except OSError as error:
        return {"passed": None, "said": f"the nodes cannot be resolved: {error}"}
    folder = tempfile.mkdtemp(prefix="workbench-cluster-", dir=_place())
    try:
        os.chmod(folder, 0o755)  # of the server's account  # nosec B103
        program = os.path.join(folder, "rserver-balancer")
        with open(program, "w", encoding="utf-8") as file:
            file.write(script)
        os.chmod(program, 0o755)  # nosec B103
        said = _asked(
            program, sample["account"], {"RSTUDIO_USERNAME": sample["user"], "RSTUDIO_NODES": ",".join(nodes)}
        )
    finally:
        shutil.rmtree(folder)
    answer = said.get("answer")
    if answer in nodes:
        return {"passed": True, "said": ""}
    wrong = (
        f"it answered '{_short(answer)}', which is none of {', '.join(nodes)}" if answer is not None else said["error"]
    )
    return {"passed": False, "said": wrong}


def _asked(program: str, account: str, variables: dict[str, str]) -> dict[str, str]:
    """`{answer: …}`, or `{error: …}` as the rest of a sentence."""

    def work() -> dict[str, str]:
        try:
            done = subprocess.run(  # the program of the admin, without a shell  # nosec B603
                [program],
                env={"PATH": PATH, **variables},
                cwd="/",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"error": f"it did not answer within {PATIENCE:g} seconds"}
        except OSError as error:
            return {
                "error": f"it cannot be executed: {error.strerror}; its first line must name a program, such as #!/bin/sh"
            }
        if done.returncode != 0:
            words = done.stderr.decode("utf-8", "replace")
            return {"error": f"it ended with {done.returncode}: {_short(' '.join(words.split()))}"}
        return {"answer": done.stdout.decode("utf-8", "replace").strip()}

    try:
        return as_user(account, work, PATIENCE + 2)
    except Failure as failure:
        return {"error": f"it did not answer: {failure}"}


def _resolved(node: str) -> str:
    host, colon, port = node.rpartition(":")
    return f"{socket.gethostbyname(host)}{colon}{port}"


def _place() -> str | None:
    usable = (place for place in PLACES if not os.statvfs(place).f_flag & os.ST_NOEXEC)
    return next(usable, None)


def _short(text: str | None) -> str:
    return (text or "")[:WORDS]
