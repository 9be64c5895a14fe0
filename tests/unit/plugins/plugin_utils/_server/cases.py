# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventories, of which the role server makes what it asks of a node and what it wants of it."""

from __future__ import annotations

import typing as t
from pathlib import Path

LICENCE = Path(__file__).with_name("licence.txt")
FILES = ("rserver.conf", "load-balancer", "file-locks", "database.conf", "launcher.conf", "launcher.local.conf")
LOCAL = {"name": "cluster", "options": {"name": "Local", "type": "Local"}, "kept": {}}
# A node of two, as `site` knows it.
PLAIN: dict[str, t.Any] = {
    "inventory_hostname": "node1",
    "ansible_play_hosts": ["node1", "node2"],
    "ansible_play_hosts_all": ["node1", "node2"],
    "hostvars": {"node1": {}, "node2": {"server_www_host_name": "node2.example.com:8788"}},
    "server_members": ["node1", "node2"],
    "server_www_host_name": "node1.example.com",
    "database_host": "db.example.com",
    "database_password": "geheim",
    "keys_values": {"database_ciphertext": "BFA25145OoPWwVZM"},
    "__server_adopted": {
        "kept": {"node1": {name: {} for name in FILES}},
        "sections": {"node1": [LOCAL]},
        "connections": {"least": 8, "most": 12, "beside": 2},
    },
    "__keys_wanted": {"files": [{"path": "/etc/rstudio/launcher.pub", "content": "PUBLIC\n"}], "remove": []},
    "__accounts_plan": {"accounts": '{"users": [], "groups": []}'},
    "__tls_wanted": {"directory": "/etc/workbench.cluster/tls"},
}
KEPT: dict[str, t.Any] = {
    **PLAIN["__server_adopted"],
    "kept": {
        "node1": {
            **{name: {} for name in FILES},
            "rserver.conf": {"www-port": "8989", "auth-required-user-group": "analysts"},
            "load-balancer": {"timeout": "5"},
            "launcher.conf": {"thread-pool-size": "16"},
            "rsession.conf": {"session-timeout-minutes": "30"},
            "env-vars": {"LANG": "C.UTF-8"},
        }
    },
    "sections": {
        "node1": [{**LOCAL, "kept": {"allowed-groups": "hpc"}}, {"name": "cluster", "options": {}, "kept": {}}]
    },
}
SCRIPT = "#!/bin/sh\nhead -n 1\n"
USERS = [{"name": "ada", "uid": 20001}, {"name": "grace", "uid": 20002}]
LISTS = {"server_version": "2021.08.0+1"}
PLUGINS: dict[str, t.Any] = {
    "server_launcher_sections": [
        {"name": "cluster", "options": {"name": "Slurm", "type": "Slurm"}},
        {"name": "cluster", "options": {"name": "Kubernetes", "type": "Kubernetes"}},
        {"name": "other", "options": {"a": 1}},
    ],
    "server_launcher_plugins": {"kubernetes": {"auth-token": "geheim"}, "slurm": {"user-storage-path": "/nfs/slurm"}},
    "server_launcher_profiles": {"kubernetes": [{"name": "*", "options": {"max-cpus": 4}}]},
    "__server_adopted": {
        **PLAIN["__server_adopted"],
        "sections": {"node1": [{"name": "cluster", "options": {"name": "Slurm", "type": "Slurm"}, "kept": {}}]},
    },
}
CERTIFICATE = {
    "database_manage": False,
    "database_tls": "verify-full",
    "database_authentication": "certificate",
    "database_tls_authority": "/etc/pki/db.crt",
    "database_client_certificate": "/etc/pki/node.crt",
    "database_client_key": "/etc/pki/node.key",
    "database_schema": "workbench",
}
RUNTIMES: dict[str, t.Any] = {
    "server_r_paths": ["/apps/R/4.2.3//", "/apps/R/4.1.0"],
    "server_r_definitions": [{"path": "/apps/R/4.3.1", "label": "R with MKL", "module": "r/4.3.1"}],
}
FURTHER: dict[str, t.Any] = {
    "server_rsession_conf": {"session-timeout-minutes": 120},
    "server_logging_conf": {"*": {"log-level": "info"}, "@rserver": {"rotate": True}},
    "server_env_vars": {"HTTPS_PROXY": "http://proxy.example.com:3128"},
    "server_health_check": "load: #load-average#\n",
    "server_files": [
        {"path": "/etc/rstudio/notifications.conf", "content": "Message: Maintenance.\n"},
        {"path": "/etc/rstudio/openid-client-secret", "secret_base64": "Z2VoZWlt", "mode": "0600"},
        {"path": "/etc/rstudio/launcher.slurm.conf", "content": "slurm-service-user=slurm\n"},
    ],
}
# What each has besides, which counts before the plain one.
CASES: dict[str, dict[str, t.Any]] = {
    "plain": {},
    "files": FURTHER,
    "options": {
        "server_rserver_conf": {"www-port": 8888, "server-user": "workbench", "launcher-sessions-enabled": False},
        "server_load_balancer": {"balancer": "user-hash", "www-host-name": "other.example.com"},
        "server_database_conf": {"pool-size": 10, "password": "another"},
        "server_file_locks_preset": "efs",
        "server_file_locks": {"refresh-rate": 15},
        "server_launcher_conf": {"thread-pool-size": 16, "port": 5560},
        "server_launcher_local_conf": {"job-expiry-hours": 48},
        "server_restart": "at_once",
    },
    "tls-authority": {"tls_source": "authority"},
    "tls-files": {
        "tls_source": "files",
        "tls_directory": "/srv/tls",
        "server_www_host_name": "node1.example.com:8443",
        "server_rserver_conf": {"www-port": "8443"},
    },
    "tls-server-only": {"tls_source": "authority", "server_rserver_conf": {"launcher-use-ssl": "no"}},
    "tls-launcher-only": {"tls_source": "files", "server_rserver_conf": {"ssl-enabled": 0, "launcher-use-ssl": "Yes"}},
    "tls-not-here": {"tls_source": "authority", "server_rserver_conf": {"ssl-enabled": False}},
    "balancer-script": {"server_balancer_script": SCRIPT, "accounts_users": USERS},
    "balancer-script-tls": {
        "server_balancer_script": SCRIPT,
        "tls_source": "authority",
        "server_rserver_conf": {"server-user": "workbench", "resolve-load-balancer-nodes": True, "www-port": 9000},
    },
    "scratch": {
        "server_launcher_scratch_path": "/nfs/workbench/Local",
        "server_launcher_local_conf": {"server-user": "launcher"},
    },
    "scratch-other-node": {
        "server_launcher_scratch_path": "/nfs/workbench/Local",
        "ansible_play_hosts": ["node2", "node1"],
        "__accounts_plan": {},
    },
    "licence-file": {"server_license_source": "file", "server_license_file": str(LICENCE)},
    "licence-server": {"server_license_source": "server", "server_license_server": "licences.example.com"},
    "licence-key": {"server_license_source": "key", "server_license_key": "AAAA-BBBB"},
    "licence-offline": {"server_license_source": "offline", "server_license_key": "AAAA-BBBB"},
    "connection-uri": {
        "server_database_conf": {"connection-uri": "postgresql://u:p@db2.example.com:5433/wb?sslmode=require"},
        "database_manage": "no",
    },
    "database-of-others": {"database_manage": False, "database_port": 5433, "database_tls": "require"},
    "database-certificate": CERTIFICATE,
    "r-versions": {"server_r_versions": ["4.4.1", "4.3.3"], "server_python_versions": ["3.12.4"], **RUNTIMES},
    "r-elsewhere": RUNTIMES,
    "r-named": {**RUNTIMES, "server_rserver_conf": {"rsession-which-r": "/apps/R/4.2.3/bin/R"}},
    "r-system": {"server_r_system": "r-base"},
    "lists": LISTS,
    "lists-diagnostics": {**LISTS, "server_load_balancer": {"diagnostics": "tmp", "www-host-name": "x"}},
    "lists-limit": {
        "__server_found_release": "1.4.1717-3",
        "ansible_play_hosts": ["node1"],
        "ansible_play_hosts_all": ["node1"],
        "tls_source": "authority",
    },
    "release-found": {
        "__server_before": {"cluster": {"version": "2022.07.1+554.pro3"}},
        "__server_found_release": "2024.04.0+1",
    },
    "release-not-found": {"__server_before": {"cluster": {"version": None}}, "__server_found_release": "2023.03.0+1"},
    "plugins": PLUGINS,
    "kept": {"__server_adopted": KEPT, "server_rsession_conf": {"a": 1}, "server_env_vars": {"B": "c"}},
    "kept-tls-files": {"__server_adopted": KEPT, "tls_source": "files"},
    "mounts-none": {"server_required_mounts": []},
    "mounts": {"server_required_mounts": ["/home", "/srv/a%b"]},
    "migrates": {"__migrate_database": True},
    "without-keys": {"__keys_wanted": {}, "server_version": "2026.04.0+526.pro2"},
}
