# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

import yaml

from lablib import hosts, image, limits, network, texts
from lablib.declaration import Declaration, Host, LabError, load
from lablib.system import LAB, STATE, run, say, write

PATIENCE = 180  # seconds until a host that has not answered counts as failed


class Lab:
    """All declared hosts, and what can be done with them."""

    def __init__(self) -> None:
        self.declarations = load(LAB / "declarations")
        self.hosts = {host.name: host for declaration in self.declarations.values() for host in declaration.hosts}

    def declaration(self, name: str) -> Declaration:
        if name not in self.declarations:
            raise LabError(f"there is no declaration {name}; there are {', '.join(self.declarations)}")
        return self.declarations[name]

    def select(self, names: Iterable[str]) -> list[Host]:
        if unknown := [name for name in names if name not in self.hosts]:
            raise LabError(f"no declaration has a host {unknown[0]}")
        return [self.hosts[name] for name in names]

    def existing(self) -> list[Host]:
        """The hosts that have a disk, running or not."""
        return [host for host in self.hosts.values() if hosts.disk_version(host)]

    def up(self, name: str) -> None:
        declaration = self.declaration(name)
        running = hosts.running()
        missing = [host for host in declaration.hosts if host.name not in running]
        if not missing:
            say(f"{name}: all {len(declaration.hosts)} hosts are running")
            return
        version = image.build()
        image.prune({version} | {used for host in self.existing() if (used := hosts.disk_version(host))})
        network.up()
        self.write_access()
        limits.make_room(sum(host.kind == "container" for host in {*missing, *self.existing()}))
        for host in missing:
            if hosts.disk_version(host):
                say(f"{host.name}: starting with the disk it has")
                hosts.kind(host).start(host, list(self.hosts.values()))
            else:
                say(f"{host.name}: starting a {host.kind} at {host.address}")
                hosts.start_clean(host, version, list(self.hosts.values()))
        self.wait(missing)
        say(f"{name}: {len(declaration.hosts)} hosts are up")

    def write_access(self) -> None:
        """Keys, known_hosts and ssh_config for every declared host: they change only when a declaration does."""
        (texts.RUN / "ssh").mkdir(parents=True, exist_ok=True, mode=0o700)
        hosts.make_key(STATE / "id_ed25519", "workbench-lab")
        everyone = self.hosts.values()
        write(STATE / "known_hosts", texts.known_hosts({host: hosts.key(host)[1] for host in everyone}))
        write(STATE / "ssh_config", texts.ssh_config(everyone, STATE))

    def wait(self, expected: Iterable[Host]) -> None:
        """Poll until every host lets us log in; LabError with the last words of one that died or takes too long."""
        waiting = list(expected)
        deadline = time.monotonic() + PATIENCE
        while waiting:
            for host in list(waiting):
                if answers(host):
                    waiting.remove(host)
                    say(f"{host.name}: up")
            running = hosts.running()
            for host in waiting:
                if host.name not in running or time.monotonic() > deadline:
                    cause = f"did not answer within {PATIENCE} s" if host.name in running else "ended while starting"
                    raise LabError(f"{host.name} {cause}. Its last words:\n{hosts.kind(host).last_words(host)}")
            time.sleep(0.1)

    def down(self, name: str | None) -> None:
        """Stop the hosts of a declaration, or all; with the last host the network goes as well."""
        chosen = self.declaration(name).hosts if name else tuple(self.hosts.values())
        for host in chosen:
            hosts.remove(host)
            network.unplug(host)
        # A shared folder goes with the last host that has it.
        for share in hosts.Container.shares() - {texts.volume(host) for host in self.existing()}:
            run("podman", "volume", "rm", share)
        if name and (hosts.running() or self.existing()):
            say(f"{name}: down")
            return
        for host_name in hosts.Container.all():
            run("podman", "rm", "--force", "--time=0", f"{texts.NAMESPACE}-{host_name}")
        hosts.end([pid for pids in hosts.machines().values() for pid in pids])
        network.down()
        limits.put_back()
        shutil.rmtree(texts.RUN, ignore_errors=True)
        shutil.rmtree(STATE / "hosts", ignore_errors=True)
        if left := leftovers():
            raise LabError("still there after down:\n" + "\n".join(left))
        say("The lab is down; nothing is left of it")

    def reset(self, names: list[str]) -> None:
        chosen = self.select(names) if names else self.existing()
        version = image.build()
        for host in chosen:
            say(f"{host.name}: back to the clean disk")
            hosts.start_clean(host, version, list(self.hosts.values()))
        self.wait(chosen)

    def kill(self, name: str) -> None:
        (host,) = self.select([name])
        hosts.kind(host).kill(host)
        hosts.forget_connection(host)
        say(f"{name}: killed")

    def start(self, name: str) -> None:
        (host,) = self.select([name])
        if not hosts.disk_version(host):
            raise LabError(f"{name} has no disk to start from; use 'up'")
        if name not in hosts.running():
            hosts.kind(host).start(host, list(self.hosts.values()))
        self.wait([host])

    def status(self) -> None:
        running = hosts.running()
        for declaration in self.declarations.values():
            for host in declaration.hosts:
                state = "running" if host.name in running else "stopped" if hosts.disk_version(host) else "-"
                print(f"{declaration.name:12} {host.name:12} {host.kind:10} {host.address:15} {state}")

    def inventory(self, as_list: bool) -> None:
        running = hosts.running()
        present = [host for host in self.hosts.values() if host.name in running]
        if as_list:
            print(json.dumps(texts.inventory_list(present, STATE), indent=2))
        else:
            print(yaml.safe_dump(texts.inventory(present, STATE), sort_keys=False), end="")


def answers(host: Host) -> bool:
    """Whether root can log in. The port is tried first: it costs nothing."""
    try:
        with socket.create_connection((host.address, 22), timeout=0.5) as connection:
            connection.settimeout(2)
            if not connection.recv(4).startswith(b"SSH-"):
                return False
    except OSError:
        return False
    command = [
        "ssh",
        "-F",
        str(STATE / "ssh_config"),
        "-o",
        "BatchMode=yes",
        "-o",
        "ControlPath=none",
        host.name,
        "true",
    ]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


def leftovers() -> list[str]:
    """What a lab that is down must not leave behind."""
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    return [
        *(f"network namespace {name}" for name in network.namespaces()),
        *(f"network device {name}" for name in network.links() if name == network.UPLINK),
        *(f"container of {name}" for name in hosts.Container.all()),
        *(f"shared folder {name}" for name in hosts.Container.shares()),
        *(f"mount {path}" for path in mounts if path.startswith((f"/run/netns/{texts.NAMESPACE}", str(STATE)))),
        *(f"process {pid} of {name}" for name, pids in hosts.machines().items() for pid in pids),
    ]


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(
        prog="lab", description="Start, reset and stop the hosts that scenarios and the demo run on."
    )
    verbs = root.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("build", help="build the image unless it is there")
    verbs.add_parser("up", help="start the hosts of a declaration that are not running").add_argument("declaration")
    verbs.add_parser("down", help="stop and delete everything, or one declaration").add_argument(
        "declaration", nargs="?"
    )
    verbs.add_parser("reset", help="start hosts from the clean disk; all that are up without a name").add_argument(
        "host", nargs="*"
    )
    verbs.add_parser("kill", help="end a host as a power cut would").add_argument("host")
    verbs.add_parser("start", help="start a host with the disk it has").add_argument("host")
    verbs.add_parser("status", help="list the declared hosts")
    ssh = verbs.add_parser("ssh", help="log in to a host, or run a command there")
    ssh.add_argument("host")
    ssh.add_argument("command", nargs=argparse.REMAINDER)
    verbs.add_parser("inventory", help="print an inventory of the running hosts").add_argument(
        "--list", action="store_true", help="as JSON, the way an inventory script does"
    )
    return root


def check_controller() -> None:
    """LabError when this machine lacks what the lab needs."""
    if os.geteuid() != 0:
        raise LabError("the lab needs root: it makes network namespaces and devices")
    programs = (
        "ip",
        "linux.uml",
        "mmdebstrap",
        "podman",
        "runc",
        "mke2fs",
        "dpkg-scanpackages",
        "gcc",
        "ssh",
        "ssh-keygen",
    )
    if missing := [program for program in programs if not shutil.which(program)]:
        raise LabError(
            f"{missing[0]} is not installed: xargs apt-get install --yes --no-install-recommends < {LAB}/packages.txt"
        )


def take(lock: IO[str]) -> None:
    """One lab program at a time. A build inherits the lock, so that it keeps others out even when its parent is killed."""
    os.set_inheritable(lock.fileno(), True)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("Waiting for another lab program to finish")
        fcntl.flock(lock, fcntl.LOCK_EX)


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; 0 or, with a message, 1."""
    args = parser().parse_args(arguments)
    try:
        check_controller()
        if args.verb != "build":
            network.refuse_another_owner()
        lab = Lab()
        if args.verb == "ssh":
            lab.select([args.host])
            os.execvp("ssh", ["ssh", "-F", str(STATE / "ssh_config"), args.host, *args.command])
        if args.verb in ("status", "inventory"):
            lab.status() if args.verb == "status" else lab.inventory(args.list)
            return 0
        changing: dict[str, Callable[[], object]] = {
            "build": image.build,
            "up": lambda: lab.up(args.declaration),
            "down": lambda: lab.down(args.declaration),
            "reset": lambda: lab.reset(args.host),
            "kill": lambda: lab.kill(args.host),
            "start": lambda: lab.start(args.host),
        }
        STATE.mkdir(exist_ok=True)
        with open(STATE / "lock", "w", encoding="utf-8") as lock:
            take(lock)
            changing[args.verb]()
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return 0
