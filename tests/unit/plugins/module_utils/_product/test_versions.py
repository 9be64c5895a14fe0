# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node says of itself, from recorded tables, planted installations and real certificates."""

from __future__ import annotations

import subprocess
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._accounts import view as accounts_view
from ansible_collections.workbench.cluster.plugins.module_utils._product import certificates as product_certificates
from ansible_collections.workbench.cluster.plugins.module_utils._product import versions as product_versions
from ansible_collections.workbench.cluster.plugins.module_utils._product.secrets import fingerprint
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Accounts, NodeAccounts, Versions


def user(uid: int, gid: int, name: str) -> dict[str, t.Any]:
    return {"uid": uid, "gid": gid, "comment": "", "home": f"/home/{name}", "shell": "/bin/sh"}


ACCOUNTS = t.cast(
    Accounts,
    {
        "users": {
            "ada": user(20001, 30001, "ada"),
            "grace": user(20002, 30002, "grace"),
            "alias": user(20001, 30001, "alias"),
            "other": user(20009, 20009, "other"),
            "member": user(20010, 20010, "member"),
        },
        "groups": {
            "research": {"gid": 30001, "members": ["member"]},
            "staff": {"gid": 30002, "members": []},
            "twin": {"gid": 30001, "members": []},
        },
    },
)


def view(users: list[str], groups: list[str], names: dict[int, str]) -> NodeAccounts:
    return accounts_view.account_view(ACCOUNTS, users, groups, (names.get, names.get))


def test_accounts_by_name_and_by_number() -> None:
    found = view(["grace"], [], {20002: "grace", 30002: "staff"})
    assert found == {
        "users": {"grace": {"uid": 20002, "gid": 30002, "home": "/home/grace"}},
        "groups": {},
        "uids": {"20002": ["grace"]},
        "gids": {"30002": ["staff"]},
    }


def test_number_with_two_names_has_nss_s_own_first() -> None:
    found = view(["ada"], ["research"], {20001: "alias", 30001: "twin"})
    assert (found["uids"]["20001"], found["gids"]["30001"]) == (["alias", "ada"], ["twin", "research"])


def test_members_of_a_group_are_reported() -> None:
    found = view([], ["research"], {})
    assert set(found["users"]) == {"ada", "alias", "member"}
    assert found["groups"] == {"research": {"gid": 30001}}


def test_number_that_has_no_name() -> None:
    assert view(["other"], [], {})["uids"] == {"20009": ["other"]}
    assert view(["other"], [], {})["gids"] == {"20009": []}


def test_who_does_not_exist_is_absent() -> None:
    assert view(["nobody-of-ours"], ["none"], {}) == {"users": {}, "groups": {}, "uids": {}, "gids": {}}


class Host:
    """A planted root, and the answers of its programs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.answers: dict[str, tuple[int, str, str]] = {}
        (root / "etc").mkdir()

    def plant(self, path: str, content: str = "") -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        return file

    def plant_r(self, home: str, version: str = "", lib: str = "") -> Path:
        """An R, as a package or `make install` lays it out; its home."""
        program = self.plant(f"{home}/bin/R", "#!/bin/sh\n")
        program.chmod(0o755)
        if version:
            self.plant(f"{home}/{lib}library/base/DESCRIPTION", f"Package: base\nVersion: {version}\n")
        return program.parents[1]

    def run(self, argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        return self.answers.get(argv[0], (127, "", f"{argv[0]}: command not found"))

    def versions(self) -> tuple[Versions, list[str]]:
        return product_versions.read_versions(self.run, str(self.root / "etc"), str(self.root))


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_versions_of_a_bare_node(host: Host) -> None:
    assert host.versions() == ({"workbench": None, "launcher": None, "r": [], "python": []}, [])


def test_versions(host: Host) -> None:
    host.answers["rstudio-server"] = (0, "2026.04.0+526.pro2 Workbench (Name) for Ubuntu\n", "TTY detected.")
    host.plant("usr/lib/rstudio-server/bin/rstudio-launcher", "program")
    host.plant_r("opt/R/4.3.1", "4.3.1", "lib/R/")
    host.plant_r("opt/R/default", "4.4.2", "lib64/R/")
    host.plant_r("usr/lib/R", "4.3.1")
    host.plant("opt/R/empty/README")
    host.plant("opt/R/removed/lib/R/library/base/DESCRIPTION", "Version: 3.6.0\n")  # what a removed package left
    elsewhere = host.plant_r("apps/r45", "4.5.0", "lib/R/")
    host.plant("etc/r-versions", f"# ours\n{elsewhere}\n\nPath: /nonexistent/R\n")
    for name, minor in (("3.12.4", "3.12.4"), ("again", "3.12.4"), ("3.9.1", "3.9.1")):
        program = host.plant(f"opt/python/{name}/bin/python3")
        host.answers[str(program)] = (0, f"Python {minor}\n", "")
    versions, errors = host.versions()
    assert versions == {
        "workbench": "2026.04.0+526.pro2",
        "launcher": fingerprint(b"program"),
        "r": ["4.3.1", "4.4.2", "4.5.0"],
        "python": ["3.12.4", "3.9.1"],
    }
    assert errors == []


def test_r_that_is_on_the_path_only(host: Host) -> None:
    home = host.plant_r("apps/r44", "4.4.1", "lib/R/")
    (host.root / "usr/bin").mkdir(parents=True)
    (host.root / "usr/bin/R").symlink_to(home / "bin/R")
    assert host.versions()[0]["r"] == ["4.4.1"]


def test_r_that_the_configuration_names(host: Host) -> None:
    home = host.plant_r("apps/own")
    host.plant("etc/rserver.conf", f"rsession-which-r={home}/bin/R\n")
    assert host.versions()[0]["r"] == ["(version unknown)"]


def test_programs_that_fail_are_named(host: Host) -> None:
    host.answers["rstudio-server"] = (1, "", "no licence\n")
    program = host.plant("opt/python/broken/bin/python3")
    host.answers[str(program)] = (1, "", "libpython3.so: not found")
    versions, errors = host.versions()
    assert (versions["workbench"], versions["python"]) == (None, [])
    assert errors == ["rstudio-server version failed: no licence", f"{program} does not run: libpython3.so: not found"]


SERVER_TLS = {"rserver.conf": {"ssl-enabled": ["1"], "ssl-certificate": ["/a.pem"]}}
LAUNCHER_TLS = {"launcher.conf": {"server.enable-ssl": ["1"], "server.certificate-file": ["/b.pem"]}}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, []),
        (SERVER_TLS, [("rserver.conf", "/a.pem")]),
        ({"rserver.conf": {"ssl-enabled": ["0"], "ssl-certificate": ["/a.pem"]}}, []),
        ({"rserver.conf": {"ssl-certificate": ["/a.pem"]}}, []),
        (LAUNCHER_TLS, [("launcher.conf", "/b.pem")]),
        ({**SERVER_TLS, **LAUNCHER_TLS}, [("rserver.conf", "/a.pem"), ("launcher.conf", "/b.pem")]),
        (
            {**SERVER_TLS, "launcher.conf": {"server.enable-ssl": ["1"]}},
            [("rserver.conf", "/a.pem"), ("launcher.conf", "")],
        ),
    ],
)
def test_which_certificates(config: dict[str, dict[str, list[str]]], expected: list[tuple[str, str]]) -> None:
    assert product_certificates.certificate_files(config) == expected


def test_no_certificate_is_named() -> None:
    found = product_certificates.read_certificate(openssl, "launcher.conf", "")
    assert found["error"] == "launcher.conf switches TLS on and names no certificate"


def openssl(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def certificate(tmp_path: Path) -> t.Callable[..., str]:
    def make(*more: str) -> str:
        path = str(tmp_path / "node.pem")
        new = ["-newkey", "rsa:2048", "-nodes", "-keyout", str(tmp_path / "key"), "-days", "30"]
        subprocess.run(
            ["openssl", "req", "-x509", *new, "-out", path, "-subj", "/O=Us/CN=node1.example.com", *more],
            check=True,
            capture_output=True,
        )
        return path

    return make


def test_certificate(certificate: t.Callable[..., str]) -> None:
    path = certificate("-addext", "subjectAltName=DNS:node1.example.com,DNS:*.example.com,IP:10.0.0.1")
    found = product_certificates.read_certificate(openssl, "rserver.conf", path)
    assert found["names"] == ["node1.example.com", "*.example.com", "10.0.0.1"]
    assert (found["subject"], found["error"]) == ("CN=node1.example.com,O=Us", None)
    assert str(found["not_before"]) < str(found["not_after"])
    assert str(found["not_after"]).endswith("+00:00")


def test_certificate_without_alternative_names(certificate: t.Callable[..., str]) -> None:
    assert product_certificates.read_certificate(openssl, "rserver.conf", certificate())["names"] == [
        "node1.example.com"
    ]


def test_certificate_that_cannot_be_read(tmp_path: Path) -> None:
    found = product_certificates.read_certificate(openssl, "rserver.conf", str(tmp_path / "none.pem"))
    assert found["subject"] is None
    assert "openssl cannot read" in str(found["error"])
