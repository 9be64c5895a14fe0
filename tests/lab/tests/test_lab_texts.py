# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other programs are handed."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from lablib import texts
from lablib.declaration import Host
from lablib.image import recipe_hash

NODE = Host("node1", "machine", "10.203.0.11", 512, ("workbench_nodes",))
OTHER = Host("node2", "machine", "10.203.0.12", 512, ("workbench_nodes",))
KEY = Host("key1", "container", "10.203.0.41", 256)


def machine_command() -> list[str]:
    disk, base, seed = Path("/s/disk.cow"), Path("/c/base.ext4"), Path("/s/seed.tar")
    return texts.machine_command(NODE, disk=disk, base=base, seed=seed, identity="0" * 32, cpu=1)


def test_a_mac_is_local_and_made_from_the_address() -> None:
    assert texts.mac("10.203.0.11") == "02:00:0a:cb:00:0b"


def test_a_machine_runs_in_the_lab_namespace_on_one_processor_with_its_own_disk() -> None:
    command = machine_command()
    assert command[:7] == ["taskset", "--cpu-list", "1", "ip", "netns", "exec", "wblab"]
    for word in ("mem=512M", "ubd0=/s/disk.cow,/c/base.ext4", "eth0=tuntap,t-node1,02:00:0a:cb:00:0b", "umid=node1"):
        assert word in command


def test_a_machine_cannot_mount_the_controllers_files() -> None:
    command = machine_command()
    assert "hostfs=/run/wblab/empty" in command


def test_machines_are_dealt_out_over_the_processors() -> None:
    everyone = [NODE, KEY, OTHER]
    assert [texts.processor(host, everyone, {3, 2}) for host in (NODE, OTHER)] == [2, 3]
    assert [texts.processor(host, everyone, {0}) for host in (NODE, OTHER)] == [0, 0]


def test_a_container_gets_no_clock_and_no_network_but_its_own() -> None:
    command = texts.container_command(KEY, "image:1")
    assert "--cap-drop=SYS_TIME" in command
    assert "--privileged" not in command
    assert "--network=ns:/run/netns/wblab-key1" in command
    assert command[-2:] == ["image:1", "/sbin/init"]
    assert not any("--volume" in word for word in command)


def test_containers_share_a_folder_under_the_labs_name() -> None:
    host = Host("f1", "container", "10.203.0.51", 256, share="homes:/nfs")
    assert "--volume=wblab-homes:/nfs" in texts.container_command(host, "image:1")
    assert (texts.volume(host), texts.volume(KEY)) == ("wblab-homes", "")


@pytest.mark.parametrize(("mask", "held"), [("000001ffffffffff", True), ("000001fffdffffff", False)])
def test_the_clock_capability_is_read_from_the_bounding_set(mask: str, held: bool) -> None:
    status = f"Name:\tsystemd\nCapEff:\t000001ffffffffff\nCapBnd:\t{mask}\n"
    assert texts.has_capability(status, texts.CLOCK_CAPABILITY) is held


def test_the_seed_holds_the_hosts_identity_with_tight_modes() -> None:
    files = texts.host_files(NODE, [NODE, OTHER], ("private\n", "public\n"), "ssh-ed25519 A lab\n", "f" * 32)
    with tarfile.open(fileobj=io.BytesIO(texts.seed(files))) as archive:
        modes = {entry.name: entry.mode for entry in archive}
        hosts = archive.extractfile("etc/hosts")
        assert hosts is not None
        assert b"10.203.0.12 node2\n" in hosts.read()
    assert modes["etc/ssh/ssh_host_ed25519_key"] == 0o600
    assert (modes["root/.ssh"], modes["root/.ssh/authorized_keys"]) == (0o700, 0o600)


def test_a_seed_fills_whole_sectors() -> None:
    assert len(texts.seed({"etc/hostname": ("node1\n", 0o644)})) % 512 == 0


def test_ssh_checks_host_keys_and_shares_connections() -> None:
    config = texts.ssh_config([NODE, OTHER], Path("/a checkout/.lab"))
    assert "Host node1 10.203.0.11\n  HostName 10.203.0.11\n" in config
    assert 'UserKnownHostsFile "/a checkout/.lab/known_hosts"' in config
    assert "StrictHostKeyChecking yes" in config
    assert "ControlPersist" in config


def test_known_hosts_name_each_host_and_address_without_the_comment() -> None:
    assert texts.known_hosts({NODE: "ssh-ed25519 AAAA node1\n"}) == "node1,10.203.0.11 ssh-ed25519 AAAA\n"


def test_the_inventory_has_the_declared_groups() -> None:
    inventory = texts.inventory([NODE, OTHER, KEY], Path("/l"))["all"]
    assert inventory["children"] == {"workbench_nodes": {"hosts": {"node1": {}, "node2": {}}}}
    assert list(inventory["hosts"]) == ["node1", "node2", "key1"]
    assert inventory["vars"]["ansible_ssh_common_args"] == "-F '/l/ssh_config'"


def test_the_inventory_list_says_the_same_the_way_scripts_do() -> None:
    listed = texts.inventory_list([NODE, KEY], Path("/l"))
    assert listed["workbench_nodes"] == {"hosts": ["node1"]}
    assert listed["all"]["hosts"] == ["node1", "key1"]
    assert listed["_meta"] == {"hostvars": {}}


def test_the_image_is_named_after_all_it_is_made_from(tmp_path: Path) -> None:
    (tmp_path / "build").write_text("one")
    first = recipe_hash(tmp_path, "kernel 1")
    assert recipe_hash(tmp_path, "kernel 1") == first
    assert recipe_hash(tmp_path, "kernel 2") != first
    (tmp_path / "build").chmod(0o755)
    executable = recipe_hash(tmp_path, "kernel 1")
    assert executable != first
    (tmp_path / "build").write_text("two")
    assert recipe_hash(tmp_path, "kernel 1") not in (first, executable)
