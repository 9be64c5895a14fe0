# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults planted one by one on a cluster that works, and what `verify` says of them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import time
import typing as t
from pathlib import Path

import pytest

if t.TYPE_CHECKING:
    from conftest import Lab, Run

NODES = ["node1", "node2", "node3"]
HOME, SHARED = "/nfs/workbench/home", "/nfs/workbench/shared-storage"
# Locks of eight seconds: the same algorithm, without half a minute of waiting for a dead holder.
QUICK = {"verify_lock_refresh": 1, "verify_lock_timeout": 8}


class Report:
    """A run of `verify`: its exit code, what it printed, and report.json."""

    def __init__(self, run: Run, folder: Path) -> None:
        self.run, self.rc, self.output, self.folder = run, run.rc, run.output, folder
        written = folder / "report.json"
        assert written.exists(), run.output[-4000:]
        self.json: dict[str, t.Any] = json.loads(written.read_text())

    def verdicts(self) -> dict[str, str]:
        return {requirement["id"]: requirement["verdict"] for requirement in self.json["requirements"]}

    def failed(self) -> list[str]:
        return [name for name, verdict in self.verdicts().items() if verdict == "fail"]

    def findings(self, name: str) -> list[dict[str, t.Any]]:
        (requirement,) = (r for r in self.json["requirements"] if r["id"] == name)
        return [finding for finding in requirement["findings"] if finding["verdict"] == "fail"]

    def hosts(self, name: str) -> set[str]:
        return {host for finding in self.findings(name) for host in finding["hosts"]}

    def offset(self, host: str) -> float:
        (clock,) = (clock for clock in self.json["tables"]["clocks"] if clock["host"] == host)
        return float(clock["offset"])


@pytest.fixture(scope="module")
def verify(lab: Lab, root: Path, tmp_path_factory: pytest.TempPathFactory) -> t.Callable[..., Report]:
    def run(**extra: t.Any) -> Report:
        folder = tmp_path_factory.mktemp("report")
        variables = {**QUICK, "verify_report_dir": str(folder), **extra}
        inventory = root / "examples" / "demo" / "hosts.yml"
        done = lab.playbook(root / "playbooks" / "verify.yml", inventory=inventory, extra=variables)
        return Report(done, folder)

    return run


@pytest.fixture(scope="module")
def healthy(verify: t.Callable[..., Report]) -> Report:
    """The cluster as it was built, with locks as slow as the product's own."""
    return verify(verify_lock_refresh=20, verify_lock_timeout=30)


@pytest.fixture
def planted(lab: Lab) -> t.Callable[..., t.ContextManager[None]]:
    """A fault for as long as the block lasts."""

    @contextlib.contextmanager
    def plant(host: str, fault: str, repair: str) -> t.Iterator[None]:
        try:
            lab.sh(host, fault)
            yield
        finally:
            lab.sh(host, repair)

    return plant


def assert_fails(report: Report, expected: dict[str, set[str]]) -> None:
    """Exactly these requirements fail, each naming these hosts, with a remedy; `inventory` those that site would change."""
    assert set(report.failed()) == set(expected), report.output[-6000:]
    assert {name: report.hosts(name) for name in expected} == expected, report.output[-6000:]
    assert all(finding["remedy"] for name in expected for finding in report.findings(name))
    assert report.rc != 0


def test_a_healthy_cluster_passes_everything(healthy: Report, lab: Lab) -> None:
    assert set(healthy.verdicts().values()) == {"pass"}, healthy.output[-6000:]
    assert healthy.rc == 0
    assert re.findall(r"changed=([1-9]\d*)", healthy.output) == []
    assert {path.name for path in healthy.folder.iterdir()} >= {"report.json", "report.xml", "report.html"}
    assert leftovers(lab) == {""}


def test_what_one_node_grants_by_lists_of_nfsv4_is_granted_on_the_others(healthy: Report) -> None:
    (sharing,) = (found for found in healthy.json["requirements"] if found["id"] == "sharing")
    (kept,) = (finding for finding in sharing["findings"] if finding["verdict"] == "pass")
    assert (set(kept["hosts"]), "NFSv4" in kept["measured"]) == (set(NODES), True), sharing


@pytest.mark.parametrize("node", NODES)
def test_a_node_is_asked_six_times_at_most_besides_the_steps_of_the_lock_test(healthy: Report, node: str) -> None:
    """Whatever the number of users, files and nodes."""
    assert 1 <= healthy.run.executed(node, but="workbench.cluster.lock_test") <= 6, healthy.run.executions[node]


def leftovers(lab: Lab) -> set[str]:
    """What nodes still hold of a run: files on the share, processes; one empty text when nothing."""
    find = (
        f"find {HOME} {SHARED} -xdev \\( -name '.workbench-verify-*' -o -name '.rstudio-lock-41c29*' \\) 2>/dev/null; "
    )
    processes = "pgrep -l 'wb-verify|locktester' || true"
    return set(lab.each(NODES, find + processes).values())


def shift(seconds: float) -> str:
    step = f"import time; time.clock_settime(time.CLOCK_REALTIME, time.clock_gettime(time.CLOCK_REALTIME) + {seconds})"
    return f"systemctl stop chrony && python3 -c '{step}'"


RESYNC = "systemctl start chrony && chronyc waitsync 60 0.05 0 1 >/dev/null"


def advisory_without_locks(lab: Lab) -> None:
    """Advisory locks on a mount that keeps them on each node."""
    conf = "/etc/rstudio/file-locks"
    keep = f"cp -p {conf} /root/ && sed -i s/linkbased/advisory/ {conf} && touch -r /root/file-locks {conf} &&"
    mount = "mount -t nfs -o rw,hard,tcp,noatime,vers=3,nolock,actimeo=2 10.203.0.21:/var/nfs/workbench/home"
    lab.each(NODES, f"{keep} umount -l {HOME} && {mount} {HOME}")


def as_they_were(lab: Lab) -> None:
    lab.each(NODES, f"cp -p /root/file-locks /etc/rstudio/file-locks && umount -l {HOME} && mount {HOME}")


KEEP = "cp -p /etc/rstudio/{0} /root/{0} && "
BACK = "cp -p /root/{0} /etc/rstudio/{0}"
# What is planted at the same time, each fault the cause of one finding: host, file, what is done to it.
FILES = [
    ("node1", "rserver.conf", "echo auth-timeout-minutes=99 >> /etc/rstudio/rserver.conf"),
    ("node1", "secure-cookie-key", "chmod 0640 /etc/rstudio/secure-cookie-key"),
    ("node2", "secure-cookie-key", "truncate -s -1 /etc/rstudio/secure-cookie-key"),
    (
        "node3",
        "launcher.pub",
        "openssl genpkey -algorithm RSA 2>/dev/null | openssl pkey -pubout > /etc/rstudio/launcher.pub",
    ),
]
STRANGER = (
    "INSERT INTO node (id, cluster_id, host, port, ipv4, last_seen, status) "
    "SELECT '99', cluster_id, 'old-node', port, '10.203.0.99', last_seen, 'offline' FROM node LIMIT 1"
)


def test_faults_of_seven_requirements_at_once_are_told_apart(
    verify: t.Callable[..., Report], planted: t.Any, lab: Lab
) -> None:
    """A clock 3 s off, another id, an option, keys of three kinds, a closed port, a stranger in the database, `nolock`."""
    sql = 'cd / && runuser -u postgres -- psql -q rstudio -c "{}"'
    rule = "INPUT -p tcp --dport 5559 ! -i lo -j DROP"
    another, back = "s/^john:x:[0-9]*:/john:x:20999:/", "s/^john:x:20999:/john:x:20000:/"
    with contextlib.ExitStack() as faults:
        faults.enter_context(planted("node2", shift(3), RESYNC))
        faults.enter_context(planted("node3", f"sed -i '{another}' /etc/passwd", f"sed -i '{back}' /etc/passwd"))
        for host, name, fault in FILES:
            faults.enter_context(planted(host, KEEP.format(name) + fault, BACK.format(name)))
        faults.enter_context(planted("node3", f"iptables-legacy -I {rule}", f"iptables-legacy -D {rule}"))
        faults.enter_context(planted("db1", sql.format(STRANGER), sql.format("DELETE FROM node WHERE id = '99'")))
        faults.callback(as_they_were, lab)
        advisory_without_locks(lab)
        report = verify(verify_lock_user="ada", verify_lock_types=["advisory"])
    expected = {
        "configuration": {"node1"},
        "accounts": {"node3"},
        "clocks": {"node2"},
        "ports": {"node3"},
        "keys": {"node1", "node2", "node3"},
        "locks": {"node2", "node3"},
        "status": {"old-node"},
        "inventory": set(NODES),  # keys that differ are refused for all of them
    }
    assert_fails(report, expected)
    assert abs(report.offset("node2") - 3) < 0.1
    assert "20999" in json.dumps(report.findings("accounts"))
    assert "nolock" in json.dumps(report.findings("locks"))
    assert "old-node" in json.dumps(report.findings("status"))
    assert {(finding["what"], *finding["hosts"]) for finding in report.findings("keys")} >= {
        ("secure-cookie-key may be read by others", "node1"),
        ("secure-cookie-key differs", "node2"),
        ("launcher.pub does not belong to launcher.pem", "node3"),
    }


def test_an_unmounted_share_and_a_clock_0_3_s_off_that_passes_with_the_right_figure(
    verify: t.Callable[..., Report], planted: t.Any, healthy: Report
) -> None:
    with planted("node3", f"umount -l {HOME}", f"mount {HOME}"), planted("node2", shift(0.3), RESYNC):
        report = verify()
    assert_fails(report, {"homes": {"node3"}, "inventory": {"node2", "node3"}})  # chrony is stopped on node2
    assert report.verdicts()["clocks"] == "pass"
    assert abs(report.offset("node2") - healthy.offset("node2") - 0.3) < 0.02


def test_a_file_system_without_hard_links(verify: t.Callable[..., Report], lab: Lab) -> None:
    server = (
        "modprobe loop; modprobe vfat; truncate -s 40M /srv/fat.img && mkfs.vfat /srv/fat.img >/dev/null && "
        "mkdir -p /srv/fat && mount -o loop,umask=000 /srv/fat.img /srv/fat && "
        "exportfs -o rw,sync,no_subtree_check,no_root_squash,fsid=77 '*:/srv/fat'"
    )
    try:
        lab.sh("store1", server)
        lab.each(NODES, "mkdir -p /mnt/fat && mount -t nfs -o vers=3,nolock,actimeo=2 10.203.0.21:/srv/fat /mnt/fat")
        report = verify(verify_paths=[HOME, SHARED, "/mnt/fat"], verify_lock_user="", verify_lock_types=["linkbased"])
    finally:
        lab.each(NODES, "umount -l /mnt/fat")
        lab.sh("store1", "exportfs -u '*:/srv/fat'; umount -l /srv/fat; rm /srv/fat.img")
    # Without them Workbench creates its lock exclusively, and so do we.
    (row,) = (row for row in report.json["tables"]["locks"] if (row["path"], row["type"]) == ("/mnt/fat", "linkbased"))
    assert (row["verdict"], report.findings("locks")) == ("pass", []), report.output[-6000:]


def test_status_and_check_in_short(lab: Lab, root: Path) -> None:
    inventory = root / "examples" / "demo" / "hosts.yml"
    status, check = root / "playbooks" / "status.yml", root / "playbooks" / "check.yml"
    shown = lab.playbook(status, inventory=inventory)
    assert (shown.rc, len(re.findall(r"10\.203\.0\.1\d:8787 +Online .* healthy ", shown.output))) == (0, 3), (
        shown.output
    )
    assert lab.playbook(check, inventory=inventory).rc == 0
    refused = lab.playbook(check, inventory=inventory, extra={"verify_min_memory": 100_000})
    assert refused.rc != 0
    assert "not fit yet: memory" in refused.output


def test_a_node_killed_hard(verify: t.Callable[..., Report], lab: Lab, root: Path) -> None:
    lab.control("kill", "node3")
    try:
        report = verify()
        status = lab.playbook(root / "playbooks" / "status.yml", inventory=root / "examples" / "demo" / "hosts.yml")
    finally:
        lab.control("start", "node3")
    assert status.rc != 0
    assert "The cluster is not healthy" in status.output
    assert_fails(report, {"status": {"node3"}})


def test_an_interrupted_run_leaves_nothing(lab: Lab, root: Path, tmp_path: Path) -> None:
    """Killed while nodes measure, and while one holds the locks: what they left ends and goes by itself."""
    for point in ("Measure | Have each node look at the others", "Locks | The holder releases"):
        kill_at(point, root, tmp_path)
        assert leftovers(lab) != {""}  # what is looked for is there
    wait_for(lambda: leftovers(lab) == {""})


def kill_at(point: str, root: Path, folder: Path) -> None:
    """Start a verify run and kill it hard when it comes to a task."""
    inventory = root / "examples" / "demo" / "hosts.yml"
    extra = json.dumps({**QUICK, "__verify_ttl": 30, "verify_report_dir": str(folder)})
    command = ["ansible-playbook", "-i", str(inventory), str(root / "playbooks" / "verify.yml"), "-e", extra]
    log = folder / "log"
    with log.open("w") as out:
        run = subprocess.Popen(command, cwd=root, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        wait_for(lambda: point in log.read_text() or run.poll() is not None)
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()


def wait_for(condition: t.Callable[[], bool], seconds: int = 240) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.5)


def upgrade(lab: Lab, root: Path, node: str) -> None:
    package = next((root / ".cache" / "packages").glob("rstudio-server_2026.07*.deb"))
    lab.sh(node, "systemctl stop rstudio-server")
    subprocess.run(
        ["scp", "-q", "-F", str(root / ".lab" / "ssh_config"), str(package), f"{node}:/root/newer.deb"], check=True
    )
    lab.sh(node, "DEBIAN_FRONTEND=noninteractive dpkg -i /root/newer.deb >/dev/null && systemctl start rstudio-server")


def test_a_newer_package_another_newline_another_export_and_a_locktester_that_disagrees(
    verify: t.Callable[..., Report], lab: Lab, root: Path
) -> None:
    """Last, for the newer release changes the database's schema on its first start; nothing is repaired.

    The locktester is a program that always gets its lock: our locks work, and the product's word counts.
    """
    upgrade(lab, root, "node1")
    lab.sh("node2", "echo >> /etc/rstudio/secure-cookie-key")
    program = "/usr/lib/rstudio-server/bin/locktester"
    always = "#!/bin/sh\\necho Lock type: Link-based\\necho '* Acquired link-based lock'\\nsleep 60\\n"
    lab.sh("node2", f'mv {program} {program}.kept && printf "{always}" > {program} && chmod 755 {program}')
    lab.sh("store1", "mkdir -p /var/nfs/other && chmod 1777 /var/nfs/other")
    lab.sh("store1", "exportfs -o rw,sync,no_subtree_check,no_root_squash '*:/var/nfs/other'")
    mount = "mount -t nfs -o rw,hard,vers=4.1,actimeo=2 10.203.0.21:/var/nfs/other"
    lab.sh("node3", f"umount -l {SHARED} && {mount} {SHARED}")
    report = verify()
    expected = {"version": {"node1"}, "keys": {"node2"}, "shared-storage": {"node3"}, "locks": {"node2"}}
    assert_fails(report, {**expected, "inventory": set(NODES)})  # keys that differ are refused for all of them
    assert "final newline" in json.dumps(report.findings("keys"))
    assert all("disagrees" in finding["what"] for finding in report.findings("locks"))
    assert leftovers(lab) == {""}
