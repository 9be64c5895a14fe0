# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes that run and could not start again: several faults that do not hide each other in one run of `verify`."""

from __future__ import annotations

import json
import typing as t
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

if t.TYPE_CHECKING:
    from conftest import Lab

NODES = ["node1", "node2", "node3"]
SHARED = "/nfs/workbench/shared-storage"
CONF = "/etc/rstudio/rserver.conf"
# Locks of eight seconds: the same algorithm, without half a minute of waiting for a dead holder.
QUICK = {"verify_lock_refresh": 1, "verify_lock_timeout": 8, "verify_lock_types": ["linkbased"]}
Findings = t.Dict[t.Tuple[str, str], t.List[t.Dict[str, t.Any]]]


class Verified(t.NamedTuple):
    """A run of `verify`: its exit code, what it printed, verdicts by requirement, findings by requirement and verdict."""

    rc: int
    output: str
    verdicts: dict[str, str]
    findings: Findings

    def named(self, requirement: str, verdict: str, words: str) -> set[str]:
        """The hosts of the findings that say `words`, in any of their parts."""
        said = [item for item in self.findings.get((requirement, verdict), []) if words in json.dumps(item)]
        return {host for item in said for host in item["hosts"]}

    def failed(self) -> set[str]:
        return {name for name, verdict in self.verdicts.items() if verdict == "fail"}


@pytest.fixture
def verify(lab: Lab, root: Path, tmp_path: Path) -> t.Callable[[], Verified]:
    def run() -> Verified:
        inventory, extra = root / "examples" / "demo" / "hosts.yml", {**QUICK, "verify_report_dir": str(tmp_path)}
        done = lab.playbook(root / "playbooks" / "verify.yml", inventory=inventory, extra=extra)
        report = json.loads((tmp_path / "report.json").read_text())
        findings: Findings = {}
        for requirement in report["requirements"]:
            for item in requirement["findings"]:
                findings.setdefault((requirement["id"], item["verdict"]), []).append(item)
        verdicts = {requirement["id"]: requirement["verdict"] for requirement in report["requirements"]}
        return Verified(done.rc, done.output, verdicts, findings)

    return run


def test_nodes_that_run_and_would_not_start_again(verify: t.Callable[[], Verified], lab: Lab, tmp_path: Path) -> None:
    """One option twice and a closed share, on all nodes; beside them what is worth a note, and what is nothing."""
    try:
        lab.each(NODES, f"cp -p {CONF} /root/kept.conf && printf 'auth-timeout-minutes=45\\n%.0s' 1 2 >> {CONF}")
        lab.sh("node1", f"chmod 0755 {SHARED}")
        lab.sh("node1", "systemctl disable --quiet rstudio-server")
        lab.sh("node2", "cp /etc/rstudio/launcher.conf /etc/rstudio/.ansible_tmpz3x9k1qplauncher.conf")
        lab.sh("node3", "systemctl stop chrony")
        found = verify()
    finally:
        lab.each(NODES, f"cp -p /root/kept.conf {CONF}; rm -f /etc/rstudio/.ansible_tmp*")
        lab.sh("node1", f"chmod 1777 {SHARED}; systemctl enable --quiet rstudio-server")
        lab.sh("node3", "systemctl start chrony")
    assert found.rc != 0
    assert found.failed() == {"configuration", "shared-storage", "inventory"}, found.output[-6000:]
    assert found.named("configuration", "fail", "cannot be specified more than once") == set(NODES)
    assert found.named("shared-storage", "fail", "mode 0755") == set(NODES)
    assert found.named("clocks", "note", "No time daemon") == {"node3"}
    assert found.named("status", "note", "does not start with its host") == {"node1"}
    assert "ansible_tmp" not in json.dumps(found.findings.get(("configuration", "fail")))
    assert found.verdicts["status"] == "unknown"  # list-nodes reads the same file
    suites = {suite.get("name"): suite for suite in ET.parse(tmp_path / "report.xml").getroot()}
    assert int(suites["status"].get("errors") or 0) > 0


CERTIFICATE = (
    "openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj /CN={0} -addext subjectAltName=IP:{0},DNS:localhost "
    "-keyout /etc/ssl/wb.key -out /etc/ssl/wb.pem 2>/dev/null && "
)
TLS = r"printf 'ssl-enabled=\nssl-certificate=/etc/ssl/wb.pem\nssl-certificate-key=/etc/ssl/wb.key\n' >> " + CONF
ADMIN = "/usr/lib/rstudio-server/bin/rserver-admin"


def test_tls_without_a_restart_and_nodes_that_list_nothing(verify: t.Callable[[], Verified], lab: Lab) -> None:
    """Each is one cause with one failure, and nobody speaks of firewalls. `ssl-enabled=` is on."""
    try:
        for number, node in enumerate(NODES, 11):
            lab.sh(node, f"cp -p {CONF} /root/kept.conf && " + CERTIFICATE.format(f"10.203.0.{number}") + TLS)
        lab.each(NODES[:2], f"mv {ADMIN} {ADMIN}.kept")
        found = verify()
    finally:
        lab.each(NODES, f"cp -p /root/kept.conf {CONF}; rm -f /etc/ssl/wb.*")
        lab.each(NODES[:2], f"mv {ADMIN}.kept {ADMIN}")
    assert found.failed() == {"configuration", "status", "inventory"}, found.output[-6000:]
    assert found.named("configuration", "fail", "take the change back") == set(NODES)
    assert found.named("status", "fail", "does not show the cluster") == {"node1", "node2"}
    assert "firewall" not in json.dumps(
        [items for (_name, verdict), items in found.findings.items() if verdict != "pass"]
    )
    assert found.verdicts["tls"] == "pass"
