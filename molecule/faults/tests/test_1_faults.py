# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run does when something is wrong: it stops with the name and the cause, and running again completes it.

A run costs half a minute, so faults that do not hide each other are planted together, and one run repairs them.
"""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

if t.TYPE_CHECKING:
    from conftest import Lab

NODES = ["fault1", "fault2", "fault3"]
MINUTES = "{{ {} if inventory_hostname == 'fault3' else {'auth-timeout-minutes': 45} }}"


@pytest.fixture
def site(lab: Lab, root: Path) -> t.Callable[..., t.Any]:
    """Run the site playbook on the lab."""

    def run(*argv: str, **extra: t.Any) -> t.Any:
        inventory = root / "molecule" / "faults" / "inventory" / "hosts.yml"
        return lab.playbook(root / "playbooks" / "site.yml", *argv, inventory=inventory, extra=extra)

    return run


def online(lab: Lab) -> int:
    return int(lab.sh("fault1", "rstudio-server list-nodes").count("  Online  "))


def test_a_wrong_variable_stops_the_run_before_the_hosts(site: t.Any) -> None:
    """Which ones do, tests/refusals says."""
    run = site(database_port=0)
    assert (run.rc != 0, run.changed) == (True, 0)
    assert "database_port" in run.output
    assert "Look at every host" not in run.output, "no host was touched"
    assert {host for host, plays in run.executions.items() if plays} == set(), "no module was run"


def test_an_option_the_product_refuses_replaces_nothing(lab: Lab, site: t.Any) -> None:
    before = lab.each(NODES, "sha256sum /etc/rstudio/*")
    run = site("--limit", "workbench_nodes", server_rserver_conf={"no-such-option": 1})
    assert run.rc != 0
    assert "no-such-option" in run.output
    assert lab.each(NODES, "sha256sum /etc/rstudio/*") == before


def test_a_package_that_does_not_install_and_then_does(lab: Lab, site: t.Any, root: Path, tmp_path: Path) -> None:
    """fault3 anew: also the proof that --limit adds one node to a cluster that exists."""
    lab.control("reset", "fault3")
    broken = tmp_path / "rstudio-server_2026.04.0+526.pro2_amd64.deb"
    broken.write_bytes((root / ".cache" / "packages" / broken.name).read_bytes()[:2000])
    keys = lab.sh("fault1", "sha256sum /etc/rstudio/launcher.pem /etc/rstudio/secure-cookie-key")
    # Another account made the file first, where the package used to be brought.
    planted = f"/var/tmp/{broken.name}"
    left = "find /var/tmp -name '*workbench*' -o -name '*.deb' -size +0"
    lab.sh("fault3", f"install -o nobody -m 0666 /dev/null {planted} && rm -rf /var/lib/apt/lists/*")
    run = site("--limit", "fault3", server_package=str(broken))
    assert run.rc != 0
    assert "fatal: [fault3]" in run.output
    assert lab.sh("fault3", "rstudio-server version", check=False) == ""
    assert lab.sh("fault3", left) == "", "the package was left"
    again = site("--limit", "fault3")
    assert again.rc == 0, again.output[-4000:]
    assert set(again.recap) == {"fault3"}
    assert online(lab) == 3
    assert lab.sh("fault3", "sha256sum /etc/rstudio/launcher.pem /etc/rstudio/secure-cookie-key") == keys
    assert lab.sh("fault3", "id john") == lab.sh("fault1", "id john")
    assert lab.sh("fault3", left) == "", "the package was left"
    assert lab.sh("fault3", f"stat -c '%U %s' {planted}").split() == ["nobody", "0"], "another account's file was used"


def half_configured(lab: Lab, node: str) -> None:
    """What a script of the package that fails, or a run that is cut off, leaves behind: unpacked only, services masked."""
    lab.sh(node, "systemctl stop rstudio-server rstudio-launcher")
    lab.sh(node, "systemctl mask rstudio-server.service rstudio-launcher.service")
    record = "/^Package: rstudio-server$/,/^$/s/^Status: .*/Status: install ok half-configured/"
    lab.sh(node, f"sed -i '{record}' /var/lib/dpkg/status")


def test_what_an_interrupted_run_left_is_completed_once_the_database_answers(lab: Lab, site: t.Any) -> None:
    """fault1 is unpacked only, fault2's launcher outlived its server, and the database refuses the password."""
    alter = 'cd / && runuser -u postgres -- psql -qc "ALTER ROLE rstudio {}LOGIN"'
    started = "systemctl show -P ExecMainStartTimestampMonotonic rstudio-launcher"
    before = lab.sh("fault2", started)
    half_configured(lab, "fault1")
    lab.sh("fault2", "systemctl stop rstudio-server && touch /etc/rstudio/launcher.conf")
    lab.sh("fault3", "systemctl stop rstudio-server")  # none runs, so the first node is started alone
    lab.sh("faultdb", alter.format("NO"))
    try:
        run = site("--limit", "workbench_nodes", server_start_wait=30)
    finally:
        lab.sh("faultdb", alter.format(""))
    assert run.rc != 0
    assert "fatal: [fault1]" in run.output
    assert "fatal: [fault2]" not in run.output
    assert "not permitted to log in" in run.output

    again = site("--limit", "workbench_nodes")
    assert again.rc == 0, again.output[-4000:]
    assert lab.sh("fault1", "dpkg-query -W -f '${db:Status-Abbrev}' rstudio-server").strip() == "ii"
    assert lab.sh("fault2", started) != before, "the launcher was restarted with its server"
    assert online(lab) == 3
    same = site("--limit", "workbench_nodes")
    assert same.changed == 0
    assert all(1 <= same.executed(node) <= 2 for node in NODES), same.executions


def test_the_launcher_alone_restarts_for_its_own_files_and_what_can_be_read_again_restarts_nothing(
    lab: Lab, site: t.Any
) -> None:
    """First with server_restart=never, which leaves both to the next run."""

    def started(unit: str) -> dict[str, str]:
        return dict(lab.each(NODES, f"systemctl show -P ExecMainStartTimestampMonotonic {unit}"))

    def reloads() -> dict[str, int]:
        count = "grep -c 'Configuration reloaded' /var/log/rstudio/rstudio-server/rserver.log || true"
        return {node: int(printed) for node, printed in lab.each(NODES, count).items()}

    files = [{"path": "/etc/rstudio/rsession.conf", "content": "session-timeout-minutes=120\n"}]
    change: dict[str, t.Any] = {"server_files": files, "server_launcher_local_conf": {"job-expiry-hours": 48}}
    server, launcher, told = started("rstudio-server"), started("rstudio-launcher"), reloads()
    left = site("--limit", "workbench_nodes", server_restart="never", **change)
    assert "until a run with server_restart=rolling" in " ".join(left.output.split())
    assert (started("rstudio-server"), started("rstudio-launcher"), reloads()) == (server, launcher, told)

    run = site("--limit", "workbench_nodes", **change)
    assert run.rc == 0, run.output[-4000:]
    assert "/etc/rstudio/launcher.local.conf was written after rstudio-launcher started" in " ".join(run.output.split())
    assert started("rstudio-server") == server
    assert not set(started("rstudio-launcher").items()) & set(launcher.items())
    assert reloads() == {node: told[node] + 1 for node in NODES}
    assert site("--limit", "workbench_nodes", **change).changed == 0


def test_a_full_disk_leaves_nothing_half_written_and_only_changed_nodes_restart_in_turn(lab: Lab, site: t.Any) -> None:
    """The disk of fault2 is full while an option of fault1 and fault2 changes; then there is room, and both get it."""
    times = "systemctl show --timestamp=unix -P InactiveEnterTimestamp -P ActiveEnterTimestamp rstudio-server"
    started = lab.each(NODES, times)
    before = lab.sh("fault2", "sha256sum /etc/rstudio/*; ls -A /etc/rstudio")
    full = "mount -t tmpfs -o size=64k tmpfs /mnt && cp -a /etc/rstudio/. /mnt/ && mount --bind /mnt /etc/rstudio"
    lab.sh("fault2", f"{full} && dd if=/dev/zero of=/etc/rstudio/.filler bs=1k 2>/dev/null; true")
    try:
        run = site("--limit", "workbench_nodes", server_rserver_conf=MINUTES)
    finally:
        lab.sh("fault2", "umount /etc/rstudio && umount /mnt")
    assert run.rc != 0
    assert "fatal: [fault2]" in run.output
    assert "No space left on device" in run.output
    assert lab.sh("fault2", "sha256sum /etc/rstudio/*; ls -A /etc/rstudio") == before
    assert lab.each(NODES, times) == started, "nothing was restarted"

    again = site("--limit", "workbench_nodes", server_rserver_conf=MINUTES)
    assert again.rc == 0, again.output[-4000:]
    assert "auth-timeout-minutes=45" in lab.sh("fault2", "cat /etc/rstudio/rserver.conf")
    after = lab.each(NODES, times)
    assert [node for node in NODES if started[node] != after[node]] == ["fault1", "fault2"]
    (__, up), (down, __) = ([int(time.lstrip("@")) for time in after[node].split()] for node in NODES[:2])
    assert down >= up, "fault2 was stopped before fault1 was up again"


def test_an_unreachable_member_stops_the_run(lab: Lab, site: t.Any) -> None:
    """The run after it also takes the option of the last test back."""
    lab.control("kill", "fault2")
    run = site()
    assert run.rc != 0
    assert "fault2" in run.output
    assert "unreachable" in run.output.lower()
    assert run.changed == 0
    lab.control("start", "fault2")
    again = site()
    assert again.rc == 0, again.output[-4000:]
    assert online(lab) == 3
    assert "auth-timeout-minutes" not in lab.sh("fault1", "cat /etc/rstudio/rserver.conf")
    assert site().changed == 0
