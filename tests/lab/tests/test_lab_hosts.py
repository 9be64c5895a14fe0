# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's promises, on two real containers and a real machine."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from lablib import hosts, network, texts
from lablib.declaration import LabError, load
from lablib.system import LAB

Verb = Callable[..., "subprocess.CompletedProcess[str]"]

CONTAINER, NEIGHBOUR, MACHINE = "test1", "test2", "test3"


def said(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def boot_id(lab: Verb, host: str) -> str:
    """What changes with every start: a machine's boot id, a container's start of process 1. Empty while it is away."""
    return lab("ssh", host, "cat /proc/sys/kernel/random/boot_id; cut -d' ' -f22 /proc/1/stat").stdout


@pytest.mark.parametrize("host", [CONTAINER, MACHINE])
def test_a_host_runs_systemd_without_a_failed_unit(lab: Verb, host: str) -> None:
    assert said(lab("ssh", host, "systemctl is-system-running --wait")) == "running"


@pytest.mark.parametrize("host", [CONTAINER, MACHINE])
def test_a_host_knows_its_name_and_reaches_the_others_by_theirs(lab: Verb, host: str) -> None:
    assert said(lab("ssh", host, "hostname")) == host
    assert "10.203.0.242" in said(lab("ssh", host, f"ping -c 1 -W 5 {NEIGHBOUR}"))


@pytest.mark.parametrize("host", [CONTAINER, MACHINE])
def test_a_host_has_no_way_out_and_no_source_but_the_package_folder(lab: Verb, host: str) -> None:
    assert said(lab("ssh", host, "ip route show default")) == ""
    assert said(lab("ssh", host, "grep -rhE '^(deb|URIs)' /etc/apt/")) == "deb [trusted=yes] file:/srv/packages ./"


@pytest.mark.parametrize("host", [CONTAINER, MACHINE])
def test_the_package_folder_installs_what_the_roles_install(lab: Verb, host: str) -> None:
    packages = "chrony nfs-common nfs-kernel-server postgresql python3-psycopg2"
    assert (
        said(lab("ssh", host, f"dpkg-query --show --showformat='${{db:Status-Status}} ' {packages} || true"))
        .split()
        .count("installed")
        == 0
    )
    said(lab("ssh", host, f"apt-get install --simulate --quiet {packages} nginx-light psmisc"))


def test_a_container_cannot_set_the_clock(lab: Verb) -> None:
    refused = lab("ssh", CONTAINER, "date --set='+1 hour'")
    assert refused.returncode != 0
    assert "Operation not permitted" in refused.stderr


def test_a_machine_has_a_clock_of_its_own(lab: Verb) -> None:
    said(lab("ssh", MACHINE, "date --set='+1 hour'"))
    assert int(said(lab("ssh", MACHINE, "date +%s"))) - time.time() > 3000
    assert abs(int(said(lab("ssh", CONTAINER, "date +%s"))) - time.time()) < 60
    said(lab("ssh", MACHINE, "date --set='-1 hour'"))


@pytest.mark.parametrize("host", [CONTAINER, MACHINE])
def test_a_killed_host_comes_back_with_its_disk_and_a_reset_one_without(lab: Verb, host: str) -> None:
    said(lab("ssh", host, "touch /root/mark && sync"))
    said(lab("kill", host))
    assert "stopped" in next(line for line in said(lab("status")).splitlines() if f" {host} " in line)
    said(lab("start", host))
    said(lab("ssh", host, "test -e /root/mark"))
    said(lab("reset", host))
    said(lab("ssh", host, "test ! -e /root/mark"))


@pytest.mark.parametrize("host", [CONTAINER, MACHINE])
def test_a_host_comes_back_from_a_reboot_from_inside(lab: Verb, host: str) -> None:
    before = boot_id(lab, host)
    lab("ssh", host, "systemctl reboot")
    for __ in range(300):
        if (now := boot_id(lab, host)) and now != before:
            break
        time.sleep(0.1)
    assert now
    assert now != before


def test_containers_share_a_folder_that_outlives_a_reset(lab: Verb) -> None:
    said(lab("ssh", CONTAINER, "echo here > /srv/share/mark"))
    said(lab("reset", CONTAINER))
    assert {said(lab("ssh", host, "cat /srv/share/mark")) for host in (CONTAINER, NEIGHBOUR)} == {"here"}


def test_up_again_changes_nothing(lab: Verb) -> None:
    before = boot_id(lab, CONTAINER)
    assert "all 3 hosts are running" in said(lab("up", "selftest"))
    assert boot_id(lab, CONTAINER) == before


def test_ansible_reaches_the_hosts_with_the_inventory_alone(lab: Verb, tmp_path: Path) -> None:
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(said(lab("inventory")))
    command = ["ansible", "selftest", "-i", str(inventory), "-m", "ansible.builtin.ping"]
    bare = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=tmp_path, env=bare, check=False
    )
    assert done.stdout.count('"ping": "pong"') == 3, done.stdout + done.stderr
    assert json.loads(said(lab("inventory", "--list")))["selftest"]["hosts"] == ["test1", "test2", "test3"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("up", "nothing"), "there is no declaration nothing; there are bench, bench10, bench50, cluster"),
        (("kill", "nobody"), "no declaration has a host nobody"),
    ],
)
def test_a_wrong_name_is_refused(lab: Verb, words: tuple[str, ...], message: str) -> None:
    refused = lab(*words)
    assert refused.returncode == 1
    assert message in refused.stderr


def test_a_lab_of_another_checkout_is_not_touched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(network, "links", lambda: {network.UPLINK: str(tmp_path)})
    with pytest.raises(LabError, match=f"the lab of another checkout is up; stop it first: {tmp_path}"):
        network.refuse_another_owner()


def test_down_leaves_nothing_of_a_declaration(lab: Verb) -> None:
    said(lab("down", "selftest"))
    assert "wblab-selftest" not in hosts.Container.shares()
    mounts = Path("/proc/mounts").read_text()
    containers = subprocess.check_output(["podman", "ps", "--all", "--format={{.Names}}"], text=True)
    namespaces = network.namespaces()
    devices = network.links(texts.NAMESPACE) if texts.NAMESPACE in namespaces else {}
    machines = hosts.machines()
    for host in load(LAB / "declarations")["selftest"].hosts:
        assert texts.container(host) not in mounts + containers + " ".join(namespaces)
        assert texts.tap(host) not in devices
        assert host.name not in machines
        assert not hosts.folder(host).exists()
    said(lab("up", "selftest"))
