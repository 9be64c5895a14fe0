# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a configuration directory is compared between nodes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product.config_directory import read_config


def sha(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:12]}"


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("PGPASSWORD=hunter2", "PGPASSWORD", "hunter2"),
        ("GITHUB_PAT = ghp_hunter2", "GITHUB_PAT", "ghp_hunter2"),
        ("RSTUDIO_LICENSE=hunter2-1234", "RSTUDIO_LICENSE", "hunter2-1234"),
        ("export NETRC_FILE=/hunter2", "export NETRC_FILE", "/hunter2"),
        ("SWITCH=1", "SWITCH", "1"),
        ("-----BEGIN KEY----- hunter2", "", "-----BEGIN KEY----- hunter2"),
        ("hunter2+x/y==", "", "hunter2+x/y=="),
    ],
)
def test_no_value_of_env_vars_is_shown(tmp_path: Path, line: str, key: str, value: str) -> None:
    (tmp_path / "env-vars").write_text(f"{line}\n")
    config = read_config(str(tmp_path))[0]
    assert config == {"env-vars": {key: [sha(value)]}}
    assert "hunter2" not in str(config)


def test_directory(tmp_path: Path) -> None:
    (tmp_path / "rserver.conf").write_text("www-port=8787\n")
    (tmp_path / "database.conf").write_text("#password=old-one\npassword=hunter2\n")
    (tmp_path / "logging.conf").write_text("[*]\nlog-level=warn\n")
    (tmp_path / "nginx.http.conf").write_text("keepalive_timeout 60s;\n")
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "a").write_text("profile")
    for name in ("secure-cookie-key", "launcher.pem", "launcher.pub"):
        (tmp_path / name).write_text("keys_info reports it")
    config, unparsed, errors = read_config(str(tmp_path))
    assert config == {
        "rserver.conf": {"www-port": ["8787"]},
        "database.conf": {"password": [sha("hunter2")]},
        "logging.conf": {"*.log-level": ["warn"]},
    }
    assert unparsed == {"nginx.http.conf": sha("keepalive_timeout 60s;"), "profiles/a": sha("profile")}
    assert errors == []


@pytest.mark.parametrize(
    ("name", "one", "other", "agree"),
    [
        ("logging.conf", "[*]\nlog-level=warn\n", "# ours\r\n\r\n[*]\r\n log-level = warn", True),
        ("logging.conf", "[*]\na=1\n[r]\na=2\n", "; ours\n[r]\na=2\n[*]\na=1\n", True),
        ("logging.conf", "[*]\na=1\n", "[r]\na=1\n", False),
        ("theme.conf", "color=#fff\n", "color=#000\n", False),
        ("nginx.http.conf", "a 1;\n", "a 1;  \r\n\r\n", True),
        ("nginx.http.conf", "a 1;\n", "a 2;\n", False),
        ("nginx.http.conf", "a 1;\n", "# ours\na 1;\n", False),
        ("rsession-profile", "export A=1\n", "export A=1", True),
        ("rsession-profile", "export A=1\n", "export A=1\r\n", True),
        ("rsession-profile", "a\nb\n", "b\na\n", False),
        ("image", "\0a \n", "\0a\n", False),
    ],
)
def test_what_makes_no_difference(tmp_path: Path, name: str, one: str, other: str, agree: bool) -> None:
    reports = []
    for text in (one, other):
        (tmp_path / name).write_bytes(text.encode())
        reports.append(read_config(str(tmp_path)))
    assert (reports[0] == reports[1]) is agree


def test_secrets_of_files_without_a_known_grammar(tmp_path: Path) -> None:
    (tmp_path / "cloud.conf").write_text("[aws]\nclient-secret=hunter2\nregion=eu\n")
    (tmp_path / "other.conf").write_text("client-secret: hunter2\n")
    assert read_config(str(tmp_path))[:2] == (
        {"cloud.conf": {"aws.client-secret": [sha("hunter2")], "aws.region": ["eu"]}},
        {"other.conf": sha("client-secret: hunter2")},
    )


@pytest.mark.parametrize(
    "copy",
    [
        *(".bak", "~", ".dpkg-old", ".dpkg-dist", ".rpmsave", ".rpmnew", ".orig", ".swp", ".before-workbench-cluster"),
        *(".workbench-new", ".workbench-old"),
    ],
)
def test_copies_are_no_configuration(tmp_path: Path, copy: str) -> None:
    (tmp_path / "rserver.conf").write_text("www-port=8787\n")
    (tmp_path / f".rserver.conf{copy}").write_text("www-port=8788\n")
    assert read_config(str(tmp_path)) == ({"rserver.conf": {"www-port": ["8787"]}}, {}, [])


@pytest.mark.parametrize("left", [".ansible_tmpz3x9k1qprserver.conf", ".ansible_tmpab12cd34launcher.pem"])
def test_what_an_interrupted_copy_of_ansible_left_is_no_configuration(tmp_path: Path, left: str) -> None:
    (tmp_path / left).write_text("www-port=8788\n")
    assert read_config(str(tmp_path)) == ({}, {}, [])


@pytest.mark.parametrize(
    ("file", "option", "name"),
    [
        ("rserver.conf", "ssl-certificate={}", "node.pem"),
        ("rserver.conf", "ssl-certificate-key={}", "ssl/node.key"),
        ("rserver.conf", "secure-cookie-key-file={}", "cluster-key"),
        ("launcher.conf", "[server]\ncertificate-file={}", "node.conf"),
        ("launcher.conf", "[server]\ncertificate-key-file={}", "ssl/../node.key"),
    ],
)
def test_certificates_and_keys_that_are_named_are_no_configuration(
    tmp_path: Path, file: str, option: str, name: str
) -> None:
    (tmp_path / "ssl").mkdir()
    (tmp_path / name).write_text("a=certificate\n")
    (tmp_path / file).write_text(option.format(tmp_path / name))
    config, unparsed, errors = read_config(str(tmp_path))
    assert (set(config), unparsed, errors) == ({file}, {}, [])


@pytest.mark.parametrize("place", ["database.conf", "db.conf", "elsewhere/db"])
def test_database_conf_is_the_one_that_rserver_conf_names(tmp_path: Path, place: str) -> None:
    config_dir = tmp_path / "etc"
    (config_dir / "elsewhere").mkdir(parents=True)
    (config_dir / "rserver.conf").write_text(f"database-config-file={config_dir / place}\n")
    (config_dir / "database.conf").write_text("host=unused\n")
    (config_dir / place).write_text("host=db1\n")
    config, unparsed, errors = read_config(str(config_dir))
    assert (config["database.conf"], set(config), unparsed) == (
        {"host": ["db1"]},
        {"rserver.conf", "database.conf"},
        {},
    )
    assert errors == []


def test_named_database_conf_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "rserver.conf").write_text("database-config-file=/nonexistent/db\n")
    config, _unparsed, errors = read_config(str(tmp_path))
    assert (set(config), errors) == ({"rserver.conf"}, ["/nonexistent/db cannot be read: No such file or directory"])


def test_missing_directory(tmp_path: Path) -> None:
    config, unparsed, errors = read_config(str(tmp_path / "rstudio"))
    assert (config, unparsed) == ({}, {})
    assert errors == [f"{tmp_path}/rstudio cannot be read: No such file or directory"]
