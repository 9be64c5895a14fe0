# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file of a node, as the role's own variables make it for each release, byte for byte; and what the product reads in it.

Where other bytes are meant, `GOLDEN=write pytest tests/unit -k golden` writes them, to be read before they are committed.
"""

from __future__ import annotations

import base64
import functools
import importlib
import os
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.files import FILES, VARIABLES, file_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.write import flat
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.options import plan_options
from ansible_collections.workbench.cluster.plugins.plugin_utils._server.files import files as node_files

from .._differences.wanted import Role, role_variable

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "fake_workbench"))
config, further_files, lock_rules, release = (
    importlib.import_module(f"fake_workbench.{name}") for name in ("config", "further_files", "lock_rules", "release")
)
RELEASES = release.RELEASES

GOLDEN = Path(__file__).with_name("golden")
# Something for each file that a variable writes, as the pages of docs/how-to have it.
INVENTORY: dict[str, t.Any] = {
    "inventory_hostname": "node1",
    "server_www_host_name": "node1.example.com",
    "server_members": ["node1", "node2"],
    "hostvars": {name: {"server_www_host_name": f"{name}.example.com"} for name in ("node1", "node2")},
    "database_host": "db.example.com",
    "accounts_home_root": "/nfs/workbench/home",
    "keys_values": {
        "database_ciphertext": "BFA25145OoPWwVZMdN/K7eDJUD5gLg916yildo6m+XG0+Sld7r+SuKXS3Rsi/TC0qbVZ5uCMBFA25145"
    },
    "server_rserver_conf": {
        "admin-enabled": True,
        "auth-timeout-minutes": 30,
        "www-allow-origin": ["a.example", "b.example"],
    },
    "server_load_balancer": {"balancer": "user-hash", "timeout": 5},
    "server_database_conf": {"pool-size": 10},
    "server_file_locks_preset": "efs",
    "server_file_locks": {
        **{"refresh-rate": 15, "timeout-interval": 45},
        **{"enable-logging": True, "log-file": "/var/log/rstudio/file-locks.log"},
    },
    "server_launcher_conf": {"thread-pool-size": 16},
    "server_launcher_sections": [
        {"name": "cluster", "options": {"name": "Local", "type": "Local"}},
        {"name": "cluster", "options": {"name": "Slurm", "type": "Slurm", "allowed-groups": "hpc"}},
    ],
    "server_launcher_local_conf": {"job-expiry-hours": 48},
    "server_rsession_conf": {
        "session-timeout-minutes": 120,
        "allow-shell": False,
        "r-cran-repos-file": "/etc/rstudio/repos.conf",
    },
    "server_logging_conf": {
        "*": {"log-level": "info", "logger-type": "syslog"},
        "@rserver": {"log-level": "debug", "logger-type": "file", "max-size-mb": 10, "rotate": True},
        "file-locking": {"log-dir": "/var/log/file-locking", "log-file-mode": "600"},
    },
    "server_env_vars": {
        "HTTPS_PROXY": "http://proxy.example.com:3128",
        "LANG": "C.UTF-8",
        "GREETING": 'say "hello" # here',
    },
    "server_repos_conf": {
        "CRAN": "https://p.example.com/cran/latest",
        "Internal": "https://p.example.com/internal/latest",
    },
    "server_nginx_http_conf": "proxy_headers_hash_max_size 1024;",
    "server_nginx_server_conf": "client_max_body_size 2g;",
    "server_nginx_site_conf": "allow 10.0.0.0/8;\ndeny all;\n",
    "server_crash_handler_conf": {"crash-handling-enabled": True, "uploads-enabled": False},
    "server_health_check": "sessions: #active-sessions#\nload: #load-average#\n",
    "server_r_versions": ["4.4.1"],
    "server_r_package": "r-{version}_1_amd64.deb",
    "server_r_paths": ["/apps/R/4.2.3"],
    "server_r_definitions": [{"path": "/apps/R/4.3.1", "label": "R with MKL", "module": "r/4.3.1"}],
    "server_files": [{"path": "/etc/rstudio/notifications.conf", "content": "Message: Maintenance on Sunday.\n"}],
}


@functools.lru_cache(maxsize=None)
def files(version: str) -> list[dict[str, str]]:
    """What config_files writes on a node of this release that has nothing yet."""
    inventory = {**INVENTORY, "server_version": version}
    ours = role_variable("server", "__server_ours", **inventory)
    adopted = plan_options({}, {"node1": ours["asked"]}, ours, "refuse", ["node1"])
    return node_files(Role("server", {**inventory, "__server_adopted": adopted}))


def text(file: dict[str, str]) -> str:
    return file["content"] if "content" in file else base64.b64decode(file["secret_base64"]).decode()


def page(version: str) -> str:
    """All files on one page, in the order of their paths."""
    parts = []
    for file in sorted(files(version), key=lambda entry: entry["path"]):
        mode = file.get("mode") or ("0600" if "secret_base64" in file else "0644")
        parts.append(f"==> {file['path']} {mode} {file.get('owner', 'root')}:{file.get('group', 'root')}\n{text(file)}")
    return "\n".join(parts)


@pytest.mark.parametrize("version", RELEASES)
def test_files_are_byte_for_byte_as_they_were(version: str) -> None:
    golden, made = GOLDEN / f"{version}.txt", page(version)
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(made, encoding="utf-8")
    assert made == golden.read_text(encoding="utf-8")


def test_no_release_is_forgotten_and_none_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(RELEASES)


def test_something_is_named_for_every_file_that_has_a_variable() -> None:
    there = {file["path"] for file in files(next(iter(RELEASES)))}
    assert {f"/etc/rstudio/{file.name}" for file in FILES if file.variable} <= there


def written(value: t.Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def settings(content: str) -> dict[str, str]:
    found: dict[str, str] = further_files.parse_settings(content)
    return found


def launcher(content: str) -> dict[str, str]:
    found = config.parse_launcher(content)
    assert [cluster["name"] for cluster in found.clusters] == ["Local", "Slurm"]
    server: dict[str, str] = found.server
    return server


def launcher_plugin(content: str) -> dict[str, str]:
    config.check_launcher_plugin(content, "launcher.local.conf")
    return settings(content)


def load_balancer(content: str) -> dict[str, str]:
    found = config.parse_load_balancer(content)
    # Before 2021.09 all nodes are listed; from then on each says where it is itself.
    assert (found.host_name, found.nodes) in (
        (INVENTORY["server_www_host_name"], ()),
        ("", ("node1.example.com", "node2.example.com")),
    )
    return {"balancer": found.balancer, "timeout": str(int(found.timeout))}


def log(content: str) -> dict[str, str]:
    found = further_files.parse_logging(content)
    assert further_files.misread_logging(found) == []
    return {f"{section}.{key}": value for section, options in found.items() for key, value in options.items()}


def first_of(parse: t.Callable[[str], dict[str, list[str]]]) -> t.Callable[[str], dict[str, str]]:
    return lambda content: {key: ",".join(values) for key, values in parse(content).items()}


READERS: dict[str, t.Callable[[str], dict[str, str]]] = {
    "rserver.conf": first_of(config.parse_strict),
    "load-balancer": load_balancer,
    "file-locks": settings,
    "database.conf": settings,
    "launcher.conf": launcher,
    "launcher.local.conf": launcher_plugin,
    "rsession.conf": first_of(further_files.parse_session),
    "logging.conf": log,
    "env-vars": further_files.parse_env_vars,
    "crash-handler.conf": settings,
    "repos.conf": settings,
}


@pytest.mark.parametrize("version", RELEASES)
@pytest.mark.parametrize("name", READERS)
def test_the_product_reads_what_the_inventory_says(name: str, version: str) -> None:
    file = file_of(f"/etc/rstudio/{name}")
    (made,) = (entry for entry in files(version) if entry["path"] == f"/etc/rstudio/{name}")
    read = READERS[name](text(made))
    asked = {
        key: ",".join(map(written, value)) if isinstance(value, list) else written(value)
        for key, value in flat(file, INVENTORY[file.variable]).items()
    }
    assert {key: read[key] for key in asked} == asked
    if file.grammar == VARIABLES:
        assert read == asked


@pytest.mark.parametrize("version", RELEASES)
def test_the_product_reads_locks_homes_of_r_and_text_as_they_are_meant(version: str) -> None:
    made = {file["path"].rpartition("/")[2]: text(file) for file in files(version)}
    locks = lock_rules.read_lock_settings(config.Settings(made["file-locks"]).values, RELEASES[version].lock_protocol)
    assert (locks.kind, locks.refresh, locks.timeout, locks.warnings) == ("symlink", 15, 45, ())
    assert further_files.parse_r_versions(made["r-versions"]) == [
        {"Path": "/apps/R/4.2.3"},
        {"Path": "/apps/R/4.3.1", "Label": "R with MKL", "Module": "r/4.3.1"},
    ]
    assert made["health-check"] == INVENTORY["server_health_check"]
    assert config.parse_strict(made["rserver.conf"])["rsession-which-r"] == ["/opt/R/4.4.1/bin/R"]
    for part in ("http", "server", "site"):
        comment, __, lines = made[f"nginx.{part}.conf"].partition("\n")
        assert comment.startswith("# Managed by Ansible")
        assert lines == INVENTORY[f"server_nginx_{part}_conf"].rstrip("\n") + "\n"
