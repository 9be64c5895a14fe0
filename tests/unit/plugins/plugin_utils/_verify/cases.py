# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One change of a healthy cluster, and what `verify` says of it; with the changes that several requirements are tried with."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Verdict
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import Finding
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.verdict import verify_verdict
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples

Measured = t.Dict[str, t.Any]
Change = t.Callable[[Measured], object]


def judged(change: Change | None = None) -> Verdict:
    measured: t.Any = samples.healthy()
    if change:
        change(measured)
    return verify_verdict(measured)


def verdicts(answer: Verdict) -> dict[str, str]:
    return {requirement["id"]: requirement["verdict"] for requirement in answer["requirements"]}


def findings(answer: Verdict, requirement: str, *verdicts: str) -> list[Finding]:
    """Those of the given verdicts, without any all of them."""
    chosen = next(entry for entry in answer["requirements"] if entry["id"] == requirement)
    return [item for item in chosen["findings"] if item["verdict"] in verdicts or not verdicts]


def fails_alone(change: Change, requirement: str, hosts: list[str], words: str) -> None:
    """The fault fails its requirement and no other one, names these hosts, and says what to do."""
    answer = judged(change)
    assert [key for key, verdict in verdicts(answer).items() if verdict == "fail"] == [requirement]
    assert answer["verdict"] == "fail"
    failed = findings(answer, requirement, "fail")
    assert any(words in item["what"] for item in failed), failed
    assert {host for item in failed for host in item["hosts"]} == set(hosts)
    assert all(item["remedy"] and item["wanted"] for item in failed), failed


def gives(change: Change, requirement: str, verdict: str, words: str) -> None:
    """The requirement gets the verdict, in a finding with these words; what is no pass says what to do."""
    answer = judged(change)
    assert verdicts(answer)[requirement] == verdict
    found = findings(answer, requirement, verdict)
    assert any(words in item["what"] for item in found), found
    assert [item["what"] for item in found if verdict != "pass" and not item["remedy"]] == []


def assign(*path: t.Any) -> Change:
    """Set `measured[a][b]… = value`, the last argument; on every node where the second is `*`."""
    *steps, last, value = path

    def change(measured: Measured) -> None:
        hosts = list(samples.HOSTS) if len(steps) > 1 and steps[1] == "*" else [None]
        for host in hosts:
            place: t.Any = measured
            for step in steps:
                place = place[host if step == "*" else step]
            place[last] = value

    return change


def both(*changes: Change) -> Change:
    return lambda measured: [change(measured) for change in changes]


def told(host: str, *path: t.Any) -> Change:
    """Change what `host` says on whether it could start again."""
    return assign("node", host, "start", *path)


def list_nodes_fails(*hosts: str) -> Change:
    words = "rstudio-server list-nodes failed: password authentication failed"
    return both(
        *(assign("cluster", host, key, value) for host in hosts for key, value in (("nodes", []), ("errors", [words])))
    )


def missing_newline(measured: Measured) -> None:
    keys = measured["node"]["n3"]["key_files"]
    keys["cookie_key"].update(sha256="f" * 64, size=36, crc32="00000000")


def blocked(measured: Measured) -> None:
    for host in ("n1", "n2"):
        measured["node"][host]["peers"]["n3"]["ports"]["5559"] = "timeout"


def certificate(**more: t.Any) -> dict[str, t.Any]:
    names = ["n1.example.com", "*.example.com", "10.0.0.12", "FD00:0:0:0:0:0:0:11"]
    return {
        "file": "rserver.conf",
        "path": "/etc/ssl/node.pem",
        "subject": "n1",
        "names": names,
        "not_before": "2026-01-01T00:00:00",
        "not_after": "2027-06-01T00:00:00Z",
        "error": None,
        **more,
    }


def no_such_path(measured: Measured) -> None:
    for entry in measured["node"].values():
        entry["mounts"][samples.SHARED] = None
        entry["share"][samples.SHARED] = {
            "written": False,
            "chmod_kept": None,
            "root_squashed": None,
            "error": f"{samples.SHARED}/x: No such file or directory",
        }


def on_demand(measured: Measured) -> None:
    for entry in measured["node"].values():
        entry["mounts"][samples.HOME].update(fstype="autofs", source="auto.home")
        entry["share"][samples.HOME] = {"written": False, "chmod_kept": None, "root_squashed": True, "error": "denied"}
