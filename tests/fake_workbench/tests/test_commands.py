# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line and the package itself."""

from __future__ import annotations

import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import typing as t

import pytest
from fake_workbench import passwords
from harness import HERE, KEY, Node, Postgres

Make = t.Callable[..., Node]
OLD, NEW = "2026.04.0+526.pro2", "2026.07.0+139.pro9"
PATCHED, NEXT = "2026.04.1+600.pro1", "2026.10.0+1.pro1"
FIRST = "1.4.1717-3"


def wrapper(
    install: pathlib.Path, *arguments: str, directory: pathlib.Path | str = "/nonexistent"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [install / "bin/rstudio-server", *arguments],
        env={"PATH": os.environ["PATH"], "RSTUDIO_CONFIG_DIR": str(directory)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("arguments", [(), ("frobnicate",), ("--help",)])
def test_anything_else_is_a_usage_line_and_2(install: pathlib.Path, arguments: tuple[str, ...]) -> None:
    done = wrapper(install, *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("Usage: rstudio-server {start|stop|")


@pytest.mark.parametrize("version", [OLD, PATCHED, NEW, NEXT])
def test_version(installs: dict[str, pathlib.Path], version: str) -> None:
    done = wrapper(installs[version], "version")
    assert re.fullmatch(re.escape(version) + r" Workbench \([A-Z][A-Za-z ]+\) for Debian 12\n", done.stdout)


@pytest.mark.parametrize("command", ["suspend-session", "force-suspend-session", "kill-session"])
def test_session_commands_want_a_pid(install: pathlib.Path, command: str) -> None:
    done = wrapper(install, command)
    assert done.returncode == 1
    assert done.stderr == f"Must specify PID of session to {command.partition('-session')[0]}\n"


@pytest.fixture
def candidate(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "rserver.conf").write_text("www-port=80\n")
    return tmp_path


def test_old_test_config_judges_rserver_conf_of_the_candidate(
    installs: dict[str, pathlib.Path], candidate: pathlib.Path
) -> None:
    path = candidate / "rserver.conf"
    good = wrapper(installs[OLD], "test-config", directory=candidate)
    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")
    path.write_text("www-port=80\nwww-port=81\n")
    bad = wrapper(installs[OLD], "test-config", directory=candidate)
    assert (bad.returncode, bad.stdout) == (1, "")
    assert bad.stderr == f"Error reading {path}: option 'www-port' cannot be specified more than once\n"
    assert wrapper(installs[OLD], "check-config", directory=candidate).returncode == 2


def test_check_config_lists_every_unknown_key(install: pathlib.Path, candidate: pathlib.Path) -> None:
    path = candidate / "rserver.conf"
    path.write_text("a=1\nwww-port=80\nb=2\n")
    done = wrapper(install, "check-config", directory=candidate)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == f"[FAIL] Config file {path}: unrecognized option(s):\n  - a\n  - b\n"


def test_check_config_passes_without_a_database(install: pathlib.Path, candidate: pathlib.Path) -> None:
    (candidate / "database.conf").write_text("provider=postgresql\nhost=nowhere.invalid\npassword=x\n")
    done = wrapper(install, "check-config", directory=candidate)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        f"[PASS] Config file {candidate}/rserver.conf: no unrecognized options found",
        "[PASS] Secure cookie key: generated at the first start",
        f"[PASS] Session configuration: {candidate}/rsession.conf",
        f"[PASS] Database configuration: postgresql ({candidate}/database.conf)",
    ]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("secure-cookie-key", "short", "[FAIL] Secure cookie key: secure-cookie-key specified is not strong enough!"),
        ("rsession.conf", "www-port=1\nsession-timeout=1\n", "unrecognised option 'www-port'"),
        ("database.conf", "provider=x", "[FAIL] Database configuration: Invalid database provider specified: x"),
        (
            "database.conf",
            "provider=postgresql\nconnection-uri=x",
            "[FAIL] Database configuration: connection-uri specified is not a valid PostgreSQL connection URI",
        ),
    ],
)
def test_check_config_judges_more_than_rserver_conf(
    install: pathlib.Path, candidate: pathlib.Path, name: str, text: str, line: str
) -> None:
    (candidate / name).write_text(text)
    done = wrapper(install, "check-config", directory=candidate)
    assert done.returncode == 1
    assert line in done.stdout


def test_check_config_gives_bad_values_as_a_start_does(install: pathlib.Path, candidate: pathlib.Path) -> None:
    (candidate / "rserver.conf").write_text("www-thread-pool-size=5x\n")
    done = wrapper(install, "check-config", directory=candidate)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error reading {candidate}/rserver.conf: the argument ('5x') for option")


def test_check_config_wants_a_file_and_test_config_is_its_old_name(
    install: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    done = wrapper(install, "test-config", directory=tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith("[FAIL] No configuration file found to validate")
    assert "deprecated" in done.stderr


def test_start_judges_the_configuration_first(install: pathlib.Path, candidate: pathlib.Path) -> None:
    (candidate / "rserver.conf").write_text("a=1\n")
    for command in ("start", "restart"):
        done = wrapper(install, command, directory=candidate)
        assert done.returncode == 1
        assert "unrecognized option(s)" in done.stdout


def test_encrypt_password_says_nothing_but_the_ciphertext(make_node: Make) -> None:
    node = make_node(1)
    outputs = [node.admin("encrypt-password", given=given) for given in ("secret\n", "secret")]
    assert [done.stderr for done in outputs] == ["", ""]
    assert [passwords.decrypt(done.stdout[:-1], KEY.encode()) for done in outputs] == ["secret", "secret"]
    assert outputs[0].stdout != outputs[1].stdout


def test_encrypt_password_needs_a_password_and_a_key(make_node: Make) -> None:
    node = make_node(1, key=None)
    for given in ("", "secret"):
        done = node.admin("encrypt-password", given=given)
        assert (done.returncode, done.stdout) == (1, "")


def test_on_a_terminal_stderr_begins_with_the_notice_and_stdout_stays_clean(make_node: Make) -> None:
    node = make_node(1)
    node.start()
    node.wait_online()
    terminal, end = os.openpty()
    command = [sys.executable, str(node.install / "bin/rserver-admin"), "list-nodes"]
    done = subprocess.run(command, env=node._environment(), stdout=subprocess.PIPE, stderr=end, text=True, check=True)
    os.close(end)
    assert os.read(terminal, 4096).startswith(
        b"TTY detected. Printing informational message about logging configuration."
    )
    os.close(terminal)
    assert done.stdout == node.admin("list-nodes").stdout
    assert done.stdout.startswith("Cluster\n-------\nProtocol\nHttp\n\nNodes\n-----\nID  Host")


def test_migrate_db_moves_users_from_sqlite_to_postgresql(make_node: Make, database: Postgres) -> None:
    node = make_node(1)
    postgresql = (node.config / "database.conf").read_text()
    state = node.root / "var/lib/rstudio-server"
    node.write_options(load_balancing_enabled="0")
    node.write("database.conf", f"directory={state}\n", 0o600)
    node.start()
    node.wait_running()
    for name, admin in (("alice", "1"), ("bob", "0")):
        assert node.admin("add-user", name, admin).returncode == 0
    assert node.admin("migrate-db").stdout == "Server is running and must be stopped before running migrate-db\n"
    node.stop()
    node.write("database.conf", postgresql + f"directory={state}\n", 0o600)
    done = node.admin("migrate-db")
    assert done.returncode == 0, done.stderr
    assert "Migrated 2 rows of licensed_users\n" in done.stdout
    assert node.admin("list-users").stdout == "alice  active  admin\nbob  active  user\n"
    assert sqlite3.connect(state / "rstudio.sqlite").execute("SELECT count(*) FROM licensed_users").fetchone() == (2,)
    again = node.admin("migrate-db")
    assert again.returncode == 1
    assert "is not empty" in again.stderr


def test_users(make_node: Make) -> None:
    node = make_node(1)
    node.start()
    node.wait_online()
    for command in (("add-user", "alice"), ("lock-user", "alice"), ("set-admin", "alice", "1")):
        assert node.admin(*command).returncode == 0
    assert node.admin("list-users").stdout == "alice  locked  admin\n"
    assert "User alice exists" in node.admin("add-user", "alice").stderr
    assert "User bob does not exist" in node.admin("unlock-user", "bob").stderr
    assert node.admin("lock-user").returncode == 1


def test_verify_installation(make_node: Make) -> None:
    node = make_node(1)
    assert node.admin("verify-installation", "--verify-user=daemon").returncode == 0
    assert node.admin("verify-installation", "--verify-user=nobody-here").returncode == 1
    node.start()
    node.wait_online()
    done = node.admin("verify-installation")
    assert done.returncode == 1
    assert done.stdout == "Server is running and must be stopped before running verify-installation\n"


def test_license_manager(make_node: Make) -> None:
    node = make_node(1)
    assert "Status: Evaluation\n" in node.run("license-manager", "status").stdout
    for __ in range(2):
        assert node.run("license-manager", "activate", "AAAA-BBBB-CCCC").returncode == 0
    shown = node.run("license-manager", "status").stdout
    assert "Status: Activated\n" in shown
    assert "Seats-Used: 2\n" in shown
    assert "AAAA" not in shown + (node.root / "var/lib/rstudio-server/license.json").read_text()
    assert node.run("license-manager", "deactivate").returncode == 0
    assert '"Status": "Evaluation"' in node.run("license-manager", "status", "--output=json").stdout
    assert node.run("license-manager", "activate").returncode == 2


def test_run_diagnostics_names_files_and_shows_no_content(make_node: Make) -> None:
    node = make_node(1)
    target = node.root / "diagnostics"
    assert node.admin("run-diagnostics", f"--output-file={target}").returncode == 0
    text = target.read_text()
    assert "0600 0:0 33 secure-cookie-key\n" in text
    assert KEY.strip() not in text


def test_the_default_balancer_script_takes_the_first_node(install: pathlib.Path) -> None:
    environment = {"RSTUDIO_NODES": "node1:8787,node2:8787", "RSTUDIO_USERNAME": "x"}
    assert subprocess.check_output([install / "bin/rserver-balancer"], env=environment) == b"node1:8787\n"


def test_the_same_sources_give_the_same_packages(packages: pathlib.Path, tmp_path: pathlib.Path) -> None:
    subprocess.run([HERE.parent / "build", "--output", tmp_path], check=True, stdout=subprocess.DEVNULL)
    names = sorted(path.name for path in packages.iterdir())
    assert names == [
        "r-4.4.1_1_amd64.deb",
        *(f"rstudio-server_{version}_amd64.deb" for version in (FIRST, OLD, PATCHED, NEW, NEXT)),
    ]
    assert all((packages / name).read_bytes() == (tmp_path / name).read_bytes() for name in names)
