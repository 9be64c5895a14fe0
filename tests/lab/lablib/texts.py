# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is handed to other programs: command lines and files. Pure."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lablib.declaration import CONTROLLER, NETWORK, Host

NAMESPACE = "wblab"
RUN = Path("/run/wblab")
CLOCK_CAPABILITY = 25  # CAP_SYS_TIME, include/uapi/linux/capability.h
# Containers get what systemd and a test need, and nothing that reaches this machine's clock, kernel or hardware.
WITHHELD = ("SYS_TIME", "WAKE_ALARM", "SYS_MODULE", "SYS_RAWIO", "SYS_RESOURCE", "MAC_ADMIN", "MAC_OVERRIDE")


def mac(address: str) -> str:
    """A locally administered MAC made from the IPv4 address."""
    return ":".join(f"{byte:02x}" for byte in (2, 0, *map(int, address.split("."))))


def machine_id(name: str, checkout: Path) -> str:
    """The same host of the same checkout keeps its machine id over resets; 32 hex digits."""
    return hashlib.md5(f"{checkout}/{name}".encode(), usedforsecurity=False).hexdigest()


def processor(host: Host, everyone: Iterable[Host], processors: Iterable[int]) -> int:
    """The processor a machine keeps to: the declared machines are dealt out in turn."""
    machines = [other.name for other in everyone if other.kind == "machine"]
    dealt = sorted(processors)
    return dealt[machines.index(host.name) % len(dealt)]


def machine_command(host: Host, *, disk: Path, base: Path, seed: Path, identity: str, cpu: int) -> list[str]:
    """User-Mode Linux as a process of the lab's network namespace, on one processor.

    Each system call of a machine is a hand-over between two processes. On one processor that costs a ninth of what it
    costs between two (measured: 100,000 calls 0.6 s against 5.4 s, a Python start 0.08 s against 0.3 s).
    """
    return [
        *("taskset", "--cpu-list", str(cpu), "ip", "netns", "exec", NAMESPACE, "/usr/bin/linux.uml"),
        f"mem={host.memory}M",
        f"ubd0={disk},{base}",
        f"ubd1r={seed}",
        *("root=/dev/ubda", "rw"),
        f"eth0=tuntap,{tap(host)},{mac(host.address)}",
        *("con=null", "con0=null,fd:1", "quiet"),
        # A machine's root could otherwise mount the controller's files.
        f"hostfs={RUN}/empty",
        # Security modules and auditing would make every system call dearer, and they are dear enough.
        *("audit=0", "lsm="),
        *(f"umid={host.name}", f"uml_dir={RUN}"),
        *(f"systemd.hostname={host.name}", f"systemd.machine_id={identity}", "systemd.condition-first-boot=0"),
    ]


def container_command(host: Host, image: str) -> list[str]:
    """`podman create` for a container with systemd as process 1, in a network namespace made beforehand."""
    return [
        *("podman", "--runtime", "runc", "create", "--quiet"),
        *(f"--name={container(host)}", f"--hostname={host.name}", f"--label={NAMESPACE}={host.name}"),
        *(f"--network=ns:/run/netns/{container(host)}", "--no-hosts", "--dns=none", "--systemd=always"),
        *("--cap-add=all", *(f"--cap-drop={name}" for name in WITHHELD), "--security-opt=apparmor=unconfined"),
        # Without CAP_SYS_RESOURCE the limits cannot be raised above the caller's.
        *("--ulimit=nofile=4096:20000", "--ulimit=nproc=20000:20000"),
        # A reboot from inside ends process 1 with a signal; `podman stop` and `rm` do not count as failures.
        *(f"--memory={host.memory}m", "--restart=on-failure"),
        *([f"--volume={NAMESPACE}-{host.share}"] if host.share else []),
        *(image, "/sbin/init"),
    ]


def tap(host: Host) -> str:
    return f"t-{host.name}"


def container(host: Host) -> str:
    """The name of a container and of its network namespace."""
    return f"{NAMESPACE}-{host.name}"


def volume(host: Host) -> str:
    """The name in podman of the folder that a container shares with others; empty without one."""
    return f"{NAMESPACE}-{host.share.partition(':')[0]}" if host.share else ""


def has_capability(status: str, number: int) -> bool:
    """Whether the bounding set in the text of /proc/PID/status holds a capability."""
    line = next(line for line in status.splitlines() if line.startswith("CapBnd:"))
    return bool(int(line.split()[1], 16) >> number & 1)


def hosts_file(hosts: Iterable[Host]) -> str:
    lines = ["127.0.0.1 localhost", f"{CONTROLLER} controller", *(f"{host.address} {host.name}" for host in hosts)]
    return "\n".join(lines) + "\n"


def seed(files: Mapping[str, tuple[str, int]]) -> bytes:
    """A tar archive of `{path: (content, mode)}`, owned by root, with the folders on the way."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, (content, mode) in files.items():
            if path.startswith("root/.ssh/"):
                folder = tarfile.TarInfo("root/.ssh")
                folder.type, folder.mode = tarfile.DIRTYPE, 0o700
                archive.addfile(folder)
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content.encode()), mode
            archive.addfile(entry, io.BytesIO(content.encode()))
    return buffer.getvalue()


def host_files(
    host: Host, everyone: Iterable[Host], key: tuple[str, str], authorized: str, identity: str
) -> dict[str, tuple[str, int]]:
    """What tells one host from another. `key` is the host's SSH key: private, public."""
    return {
        "etc/hostname": (f"{host.name}\n", 0o644),
        "etc/hosts": (hosts_file(everyone), 0o644),
        "etc/machine-id": (f"{identity}\n", 0o444),
        "etc/lab-address": (f"{host.address}/{NETWORK.prefixlen}\n", 0o644),
        "etc/ssh/ssh_host_ed25519_key": (key[0], 0o600),
        "etc/ssh/ssh_host_ed25519_key.pub": (key[1], 0o644),
        "root/.ssh/authorized_keys": (authorized, 0o600),
    }


def known_hosts(keys: Mapping[Host, str]) -> str:
    return "".join(f"{host.name},{host.address} {' '.join(key.split()[:2])}\n" for host, key in keys.items())


def ssh_config(hosts: Iterable[Host], state: Path) -> str:
    """One Host entry a host, then what holds for all of them. Quoted paths may have spaces."""
    hosts = list(hosts)
    lines = []
    for host in hosts:
        lines += [f"Host {host.name} {host.address}", f"  HostName {host.address}", f"  HostKeyAlias {host.name}", ""]
    lines += [
        f"Host {' '.join(f'{host.name} {host.address}' for host in hosts)}",
        "  User root",
        f'  IdentityFile "{state}/id_ed25519"',
        "  IdentitiesOnly yes",
        f'  UserKnownHostsFile "{state}/known_hosts"',
        "  GlobalKnownHostsFile none",
        "  StrictHostKeyChecking yes",
        "  PreferredAuthentications publickey",
        "  ConnectTimeout 10",
        "  ServerAliveInterval 5",
        "  ServerAliveCountMax 6",
        "  ControlMaster auto",
        f"  ControlPath {RUN}/ssh/%h-%p-%r",
        "  ControlPersist 120",
    ]
    return "\n".join(lines) + "\n"


def inventory(hosts: Iterable[Host], state: Path) -> dict[str, Any]:
    """An inventory in Ansible's YAML layout that needs no other setting to reach the hosts."""
    hosts = list(hosts)
    groups: dict[str, Any] = {}
    for host in hosts:
        for group in host.groups:
            groups.setdefault(group, {"hosts": {}})["hosts"][host.name] = {}
    variables = {
        "ansible_python_interpreter": "/usr/bin/python3",
        "ansible_ssh_common_args": f"-F '{state}/ssh_config'",
    }
    return {"all": {"vars": variables, "hosts": {host.name: {} for host in hosts}, "children": groups}}


def inventory_list(hosts: Iterable[Host], state: Path) -> dict[str, Any]:
    """The same as an inventory script's `--list` answers."""
    everything = inventory(hosts, state)["all"]
    groups = {name: {"hosts": list(group["hosts"])} for name, group in everything["children"].items()}
    return {
        "_meta": {"hostvars": {}},
        "all": {"hosts": list(everything["hosts"]), "vars": everything["vars"]},
        **groups,
    }
