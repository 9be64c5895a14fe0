# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL server of our own, the unpacked package, and nodes on loopback addresses."""

from __future__ import annotations

import glob
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import typing as t

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from harness import KEY, PASSWORD, USER, Node, Postgres, make_launcher_pair  # noqa: E402


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    output = tmp_path_factory.mktemp("packages")
    subprocess.run([HERE.parent / "build", "--output", output], check=True, stdout=subprocess.DEVNULL)
    return output


@pytest.fixture(scope="session")
def installs(packages: pathlib.Path) -> t.Iterator[dict[str, pathlib.Path]]:
    """All releases unpacked, by version, where every user may read them."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        found = {}
        for package in packages.glob("rstudio-server_*.deb"):
            version = package.name.split("_")[1]
            subprocess.run(["dpkg-deb", "-x", package, f"{name}/{version}"], check=True)
            found[version] = pathlib.Path(name, version, "usr/lib/rstudio-server")
        yield found


@pytest.fixture(scope="session")
def install(installs: dict[str, pathlib.Path]) -> pathlib.Path:
    return installs["2026.07.0+139.pro9"]


@pytest.fixture(scope="session")
def server() -> t.Iterator[Postgres]:
    programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
    account = pwd.getpwnam("postgres")
    directory = tempfile.mkdtemp()
    os.chown(directory, account.pw_uid, account.pw_gid)
    data = f"{directory}/data"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def as_postgres(*command: str) -> None:
        subprocess.run(
            command,
            check=True,
            user="postgres",
            group=account.pw_gid,
            extra_groups=[],
            cwd="/",
            stdout=subprocess.DEVNULL,
        )

    as_postgres(f"{programs}/initdb", "-D", data, "--auth=trust", "--no-sync")
    # The product's role needs its password; the tests themselves come in as postgres.
    pathlib.Path(data, "pg_hba.conf").write_text(
        "host all postgres 127.0.0.0/8 trust\nhost all all 127.0.0.0/8 scram-sha-256\n"
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    as_postgres(f"{programs}/pg_ctl", "-D", data, "-w", "-o", options, "-l", f"{directory}/log", "start")
    postgres = Postgres(port)
    postgres.run(f"CREATE ROLE workbench LOGIN PASSWORD '{PASSWORD}'")
    yield postgres
    as_postgres(f"{programs}/pg_ctl", "-D", data, "-m", "immediate", "stop")
    shutil.rmtree(directory)


@pytest.fixture
def database(server: Postgres) -> t.Iterator[Postgres]:
    server.run("CREATE DATABASE workbench OWNER workbench")
    yield server
    server.run("DROP DATABASE workbench WITH (FORCE)")


@pytest.fixture(scope="session")
def launcher_pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return make_launcher_pair(tmp_path_factory.mktemp("launcher"))


@pytest.fixture
def make_node(
    database: Postgres, install: pathlib.Path, launcher_pair: tuple[str, str]
) -> t.Iterator[t.Callable[..., Node]]:
    """A configured node of the cluster by number; what still runs is killed afterwards."""
    made: list[Node] = []
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        shared = pathlib.Path(name, "shared")
        shared.mkdir()
        shared.chmod(0o1777)
        (shared / "data").mkdir()
        shutil.chown(shared / "data", USER)

        def make(number: int, key: str | None = KEY, pair: tuple[str, str] | None = launcher_pair) -> Node:
            node = Node(pathlib.Path(name, str(number)), install, number, shared)
            node.configure(database.port, pair, key)
            made.append(node)
            return node

        yield make
        for node in made:
            for process in node.processes.values():
                process.kill()
                process.wait()
            for entry in (node.root / "run/rstudio-server/sessions").glob("*"):
                os.kill(int(entry.read_text().split()[0]), signal.SIGKILL)
