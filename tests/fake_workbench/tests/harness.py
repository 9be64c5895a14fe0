# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of running nodes have in common."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import typing as t

import psycopg2

HERE = pathlib.Path(__file__).resolve().parent
PASSWORD = "correct horse battery staple"
USER = "daemon"  # every Debian has it, with a home directory
KEY = "0123456789abcdef0123456789abcdef\n"
DEADLINE = 20
# Runs beside each other keep to loopback networks of their own.
NET = f"127.{os.getpid() >> 8 & 127 | 64}.{os.getpid() & 255}"


class Postgres(t.NamedTuple):
    port: int

    def run(self, sql: str, database: str = "postgres") -> list[t.Any]:
        connection = psycopg2.connect(host="127.0.0.1", port=self.port, user="postgres", dbname=database)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()


def make_launcher_pair(directory: pathlib.Path) -> tuple[str, str]:
    private, public = directory / "launcher.pem", directory / "launcher.pub"
    subprocess.run(["openssl", "genrsa", "-out", private, "2048"], check=True, capture_output=True)
    subprocess.run(["openssl", "rsa", "-in", private, "-pubout", "-out", public], check=True, capture_output=True)
    return private.read_text(), public.read_text()


class Node:
    """One node: its own /etc, /var and /run below `root`, its own loopback address, everybody's port numbers."""

    def __init__(self, root: pathlib.Path, install: pathlib.Path, number: int, shared: pathlib.Path) -> None:
        self.root = root
        self.install = install
        self.address = f"{NET}.{number}"
        self.config = root / "etc/rstudio"
        self.shared = shared
        self.processes: dict[str, subprocess.Popen[str]] = {}
        self.options: dict[str, str] = {}
        self.environment: dict[str, str] = {}
        for directory in ("etc/rstudio", "etc/default", "var/lib/rstudio-server", "run"):
            (root / directory).mkdir(parents=True)
        self.plant_r("usr/bin/R")

    def plant_r(self, path: str) -> pathlib.Path:
        program = self.root / path
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        return program

    def write(self, name: str, text: str, mode: int = 0o644) -> pathlib.Path:
        path = self.config / name
        path.write_text(text)
        path.chmod(mode)
        return path

    def configure(self, postgres_port: int, launcher: tuple[str, str] | None, key: str | None = KEY) -> None:
        self.options = {
            "server-user": "root",
            "server-daemonize": "0",
            "server-pid-file": f"{self.root}/run/rstudio-server.pid",
            "server-data-dir": f"{self.root}/run/rstudio-server",
            "server-shared-storage-path": str(self.shared),
            "www-address": self.address,
            "load-balancing-enabled": "1",
            "launcher-sessions-enabled": "1",
            "launcher-address": self.address,
        }
        self.write_options()
        self.write("load-balancer", f"balancer=sessions\nwww-host-name={self.address}\ntimeout=3\n")
        self.write(
            "database.conf",
            f"provider=postgresql\nhost=127.0.0.1\nport={postgres_port}\ndatabase=workbench\nusername=workbench\n"
            f"password={PASSWORD}\n",
            0o600,
        )
        self.write_launcher(self.address)
        if key is not None:
            self.write("secure-cookie-key", key, 0o600)
        if launcher is not None:
            self.write("launcher.pem", launcher[0], 0o600)
            self.write("launcher.pub", launcher[1])

    def write_options(self, **changes: str) -> None:
        self.options.update({name.replace("_", "-"): value for name, value in changes.items()})
        self.write("rserver.conf", "".join(f"{key}={value}\n" for key, value in self.options.items()))

    def write_launcher(self, address: str) -> None:
        self.write(
            "launcher.conf", f"[server]\naddress={address}\nserver-user=root\n[cluster]\nname=Local\ntype=Local\n"
        )

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "TZ": "UTC",
            "FAKE_WORKBENCH_ROOT": str(self.root),
            "RSTUDIO_DATA_HOME": f"{self.shared}/data",
            **self.environment,
        }

    def run(self, program: str, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """A program of the package. Python ones run under the tests' Python, which has the drivers."""
        path = self.install / "bin" / program
        command = [str(path), *arguments]
        if path.read_text().startswith("#!/usr/bin/python3"):
            command.insert(0, sys.executable)
        # One that ought to refuse and goes on fails here, and hangs nobody.
        return subprocess.run(
            command, env=self._environment(), input=given, capture_output=True, text=True, check=False, timeout=DEADLINE
        )

    def admin(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return self.run("rserver-admin", *arguments, given=given)

    def start(self, program: str = "rserver") -> None:
        with self.words(program).open("a") as words:
            self.processes[program] = subprocess.Popen(
                [sys.executable, str(self.install / "bin" / program)], env=self._environment(), stderr=words, text=True
            )

    def words(self, program: str) -> pathlib.Path:
        """What a program says on stderr: a file, for a pipe would end only with the last session."""
        return self.root / f"{program}.stderr"

    def wait_online(self) -> Node:
        return self.wait_status("Online")

    def wait_status(self, status: str) -> Node:
        def shows() -> bool:
            process = self.processes["rserver"]
            assert process.poll() is None, self.log()
            rows = [row for row in self.rows() if row["Host"] == self.address]
            return bool(rows) and rows[0]["Status"] == status and (self.root / "run/rstudio-server.pid").exists()

        wait_until(shows, lambda: f"{self.address} is not {status}: {self.rows()} {self.log()}")
        return self

    def wait_running(self) -> None:
        wait_until((self.root / "run/rstudio-server.pid").exists, self.log)

    def wait_launcher(self) -> Node:
        wait_until(lambda: is_open(self.address, 5559), lambda: f"no launcher on {self.address}")
        return self

    def refusal(self, program: str = "rserver") -> str:
        """Start what must refuse to start; its words."""
        done = self.run(program)
        assert done.returncode == 1, done.stderr
        return done.stderr

    def stop(self, program: str = "rserver", how: signal.Signals = signal.SIGTERM) -> str:
        process = self.processes[program]
        process.send_signal(how)
        process.wait(timeout=DEADLINE)
        del self.processes[program]
        words = self.words(program).read_text()
        if how == signal.SIGTERM:
            assert process.returncode == 0, words
        return words

    def log(self) -> str:
        path = self.root / "var/log/rstudio/rstudio-server/rserver.log"
        return path.read_text() if path.exists() else ""

    def rows(self) -> list[dict[str, str]]:
        """The table of list-nodes."""
        text = self.admin("list-nodes").stdout
        lines = text.partition("-----\n")[2].partition("-----\n")[2].splitlines()
        if not lines:
            return []
        names = ("ID", "Host", "IPv4", "Port", "Status", "Last Seen")
        starts = [lines[0].index(name) for name in names] + [None]
        return [
            {name: line[start:end].strip() for name, start, end in zip(names, starts, starts[1:])} for line in lines[1:]
        ]

    def session(self, verb: str, *arguments: str) -> dict[str, t.Any]:
        done = self.run("fake-session", verb, USER, "--node", f"http://{self.address}:8787", *arguments)
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    def get(self, path: str, headers: str = "", port: int = 8787) -> tuple[int, str, str]:
        """Status, head and body of a GET from the node's own address."""
        with socket.create_connection((self.address, port), timeout=10) as link:
            link.sendall(f"GET {path} HTTP/1.1\r\nHost: {self.address}\r\n{headers}\r\n".encode())
            head, __, body = link.makefile("rb").read().decode().partition("\r\n\r\n")
        return int(head.split()[1]), head, body


def is_open(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def wait_until(holds: t.Callable[[], bool], complaint: t.Callable[[], str]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < deadline, complaint()
        time.sleep(0.05)
