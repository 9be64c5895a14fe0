# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two kinds of host. What runs is found by looking (processes, containers), never remembered."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from lablib import image, network, texts
from lablib.declaration import Host, LabError
from lablib.system import CHECKOUT, STATE, ask, run, tail


def folder(host: Host) -> Path:
    """Disk, seed and console of one host."""
    return STATE / "hosts" / host.name


def key(host: Host) -> tuple[str, str]:
    """The host's own SSH key, made once a checkout: a reset host is still the one that is known."""
    path = STATE / "keys" / host.name
    make_key(path, host.name)
    return path.read_text(), path.with_suffix(".pub").read_text()


def make_key(path: Path, comment: str) -> None:
    if not path.with_suffix(".pub").exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path)


def disk_version(host: Host) -> str | None:
    """The hash of the image a host's disk stands on; None without a disk."""
    base = folder(host) / "image"
    return os.readlink(base).rsplit("/", 1)[-1] if base.is_symlink() else None


def machines() -> dict[str, list[int]]:
    """The process ids of every machine by name, in whatever namespace they are."""
    found: dict[str, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace").split("\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if f"uml_dir={texts.RUN}" in words:
            name = next(word.removeprefix("umid=") for word in words if word.startswith("umid="))
            found.setdefault(name, []).append(int(path.parent.name))
    return found


def end(pids: list[int]) -> None:
    """kill -9, and wait until they are gone (a zombie is its parent's business)."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    deadline = time.monotonic() + 10
    while alive := [pid for pid in pids if _alive(pid)]:
        if time.monotonic() > deadline:
            raise LabError(f"these processes survive kill -9: {alive}")
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Machine:
    """User-Mode Linux: a kernel as a process, a copy-on-write disk over the base image."""

    @staticmethod
    def running() -> set[str]:
        return set(machines())

    @staticmethod
    def create(host: Host, version: str, seed: bytes) -> None:
        network.plug_machine(host)
        (folder(host) / "seed.tar").write_bytes(seed)
        os.chmod(folder(host) / "seed.tar", 0o600)

    @staticmethod
    def start(host: Host, everyone: list[Host]) -> None:
        (texts.RUN / "empty").mkdir(parents=True, exist_ok=True)
        shutil.rmtree(texts.RUN / host.name, ignore_errors=True)
        base = image.folder(disk_version(host) or "")
        command = texts.machine_command(
            host,
            disk=folder(host) / "disk.cow",
            base=base / "base.ext4",
            seed=folder(host) / "seed.tar",
            identity=texts.machine_id(host.name, CHECKOUT),
            cpu=texts.processor(host, everyone, os.sched_getaffinity(0)),
        )
        with open(folder(host) / "console.log", "ab") as console:
            # The machine's memory is a deleted file in TMPDIR.
            environment = {
                "PATH": os.environ["PATH"],
                "TMPDIR": "/dev/shm",
                "LD_PRELOAD": str(base / "ptrace_xstate.so"),
            }
            subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                env=environment,
                start_new_session=True,
            )

    @staticmethod
    def kill(host: Host) -> None:
        end(machines().get(host.name, []))

    @staticmethod
    def remove(host: Host) -> None:
        Machine.kill(host)
        shutil.rmtree(texts.RUN / host.name, ignore_errors=True)

    @staticmethod
    def last_words(host: Host) -> str:
        return tail(folder(host) / "console.log")


class Container:
    """podman with systemd as process 1: fast, but it shares the kernel and the clock, which it must not touch."""

    @staticmethod
    def running() -> set[str]:
        return {name for name, state in Container.all().items() if state == "running"}

    @staticmethod
    def all() -> dict[str, str]:
        """The state of every container of the lab by its host's name."""
        found = ask("podman", "ps", "--all", "--format=json", f"--filter=label={texts.NAMESPACE}")
        return {entry["Labels"][texts.NAMESPACE]: entry["State"] for entry in found}

    @staticmethod
    def shares() -> set[str]:
        """The folders containers share, in podman's names."""
        found = ask("podman", "volume", "ls", "--format=json")
        return {entry["Name"] for entry in found if entry["Name"].startswith(f"{texts.NAMESPACE}-")}

    @staticmethod
    def create(host: Host, version: str, seed: bytes) -> None:
        network.plug_container(host)
        run(*texts.container_command(host, image.name(version)))
        run("podman", "cp", "-", f"{texts.container(host)}:/", stdin=seed)

    @staticmethod
    def start(host: Host, everyone: list[Host]) -> None:
        run("podman", "--runtime", "runc", "start", texts.container(host))
        pid = run("podman", "inspect", "--format={{.State.Pid}}", texts.container(host)).strip()
        if pid == "0":
            raise LabError(f"{host.name} ended while starting. Its last words:\n{Container.last_words(host)}")
        if texts.has_capability(Path(f"/proc/{pid}/status").read_text(), texts.CLOCK_CAPABILITY):
            Container.remove(host)
            raise LabError(
                f"{host.name}: stopped, because it could have set this machine's clock (CAP_SYS_TIME was not dropped)"
            )

    @staticmethod
    def kill(host: Host) -> None:
        run("podman", "stop", "--time=0", texts.container(host))

    @staticmethod
    def remove(host: Host) -> None:
        run("podman", "rm", "--force", "--time=0", "--ignore", texts.container(host))

    @staticmethod
    def last_words(host: Host) -> str:
        done = subprocess.run(
            ["podman", "exec", texts.container(host), "journalctl", "--no-pager", "--lines=15"],
            capture_output=True,
            check=False,
        )
        return (done.stdout or done.stderr).decode(errors="replace")


Kind = type[Machine] | type[Container]


def kind(host: Host) -> Kind:
    return Machine if host.kind == "machine" else Container


def running() -> set[str]:
    return Machine.running() | Container.running()


def start_clean(host: Host, version: str, everyone: list[Host]) -> None:
    """Give a host a clean disk and start it."""
    remove(host)
    authorized = (STATE / "id_ed25519.pub").read_text()
    seed = texts.seed(texts.host_files(host, everyone, key(host), authorized, texts.machine_id(host.name, CHECKOUT)))
    folder(host).mkdir(parents=True)
    kind(host).create(host, version, seed)
    # Last, because it is what says that the host has a disk.
    (folder(host) / "image").symlink_to(image.folder(version))
    kind(host).start(host, everyone)


def remove(host: Host) -> None:
    """Stop a host and delete its disk; its SSH key stays."""
    forget_connection(host)
    kind(host).remove(host)
    shutil.rmtree(folder(host), ignore_errors=True)


def forget_connection(host: Host) -> None:
    """Close the shared SSH connection: to a host that was killed it would hang."""
    for socket in (texts.RUN / "ssh").glob(f"{host.address}-*"):
        subprocess.run(["ssh", "-S", socket, "-O", "exit", host.name], capture_output=True, check=False)
        socket.unlink(missing_ok=True)
