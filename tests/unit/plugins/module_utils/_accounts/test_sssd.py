# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSSD on a node: its file as it reads it itself, and names that are asked for and never enumerated."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._accounts import sssd
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.nss import given_by_sssd

ASKED: dict[str, t.Any] = {"users": ["ada", "grace"], "groups": ["analysts"], "profiles": [], "homes": True}


def test_a_file_is_read_as_sssd_reads_it() -> None:
    text = """\
# a comment = none
; another
[sssd]
domains=LDAP
[domain/LDAP]
ldap_access_filter = (&(a=b)
  (c=d))
ldap_default_authtok = geheim #=;[x]
[domain/LDAP]
min_id=1
"""
    assert sssd.parse(text) == {
        "sssd": {"domains": "LDAP"},
        "domain/LDAP": {"ldap_access_filter": "(&(a=b) (c=d))", "ldap_default_authtok": "geheim #=;[x]", "min_id": "1"},
    }


@pytest.mark.parametrize(
    ("option", "secret"),
    [
        ("ldap_default_authtok", True),
        ("ldap_default_authtok_type", False),
        ("ldap_pwd_policy", False),
        ("pwd_expiration_warning", False),
        ("krb5_keytab", False),
    ],
)
def test_secrets_are_known_by_their_names(option: str, secret: bool) -> None:
    assert sssd.is_secret(option) is secret


class Node:
    """Answers getent, and counts what is asked."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def run(self, argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        self.calls.append(argv)
        files = {"passwd": "ada:x:20001:20001::/home/ada:/bin/sh\n", "group": "ada:x:20001:\n"}
        given = {
            "passwd": "grace:*:40001:40000:Grace:/nfs/grace:/bin/sh\nada:*:40002:40000::/nfs/ada:/bin/sh\n",
            "group": "analysts:*:40000:\n",
        }
        return 0, (files if argv[2] == "files" else given)[argv[3]], ""


@pytest.fixture
def etc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that are read, in a folder."""
    monkeypatch.setattr(sssd, "FILE", str(tmp_path / "sssd.conf"))
    monkeypatch.setattr(sssd, "SNIPPETS", str(tmp_path / "conf.d/*.conf"))
    monkeypatch.setattr(sssd, "SWITCH", str(tmp_path / "nsswitch.conf"))
    monkeypatch.setattr(sssd, "STACKS", (str(tmp_path / "common-auth"),))
    return tmp_path


def test_names_are_asked_for_and_nothing_is_enumerated(etc: Path) -> None:
    """However many a directory has: one question for users, one for groups."""
    node = Node()
    found = sssd.read_sssd(node.run, ASKED)
    assert (found["users"], found["groups"]) == ({"ada": 40002, "grace": 40001}, {"analysts": 40000})
    assert (found["local_users"], found["local_groups"]) == (["ada"], [])
    of_directory = [call for call in node.calls if "sss" in call]
    assert of_directory == [
        ["getent", "-s", "sss", "passwd", "--", "ada", "grace"],
        ["getent", "-s", "sss", "group", "--", "analysts"],
    ]
    assert all("files" in call for call in node.calls if call not in of_directory)


def test_nobody_is_asked_for_nobody() -> None:
    node = Node()
    assert given_by_sssd(node.run, "passwd", []) == []
    assert node.calls == []


def test_a_file_of_others_comes_without_its_secrets_and_ours_not_at_all(etc: Path) -> None:
    (etc / "sssd.conf").write_text("[domain/a]\nldap_default_authtok = geheim\nmin_id = 1\n")
    assert sssd.read_sssd(Node().run, ASKED)["sections"] == {"domain/a": {"ldap_default_authtok": "", "min_id": "1"}}
    (etc / "sssd.conf").write_text("# Managed by Ansible, workbench.cluster: change x.\n[domain/a]\nmin_id = 1\n")
    assert sssd.read_sssd(Node().run, ASKED)["sections"] is None


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("passwd: files sss\ngroup: sss files\n", True),
        ("passwd: files systemd\ngroup: files\n", False),
        ("passwd: files sss\ngroup: files\n", False),
        ("# passwd: sss\n", False),
    ],
)
def test_nss_asks_sssd_where_both_lines_name_it(etc: Path, text: str, asked: bool) -> None:
    (etc / "nsswitch.conf").write_text(text)
    assert sssd.asked_by_nss() is asked


def test_rules_of_numbers_are_those_of_domains_where_nss_asks(etc: Path) -> None:
    (etc / "sssd.conf").write_text("[domain/a]\nldap_id_mapping = true\nldap_network_timeout = 5\n[nss]\nmin_id = 1\n")
    assert sssd.id_rules() == {}
    (etc / "nsswitch.conf").write_text("passwd: files sss\ngroup: files sss\n")
    assert sssd.id_rules() == {"domain/a ldap_id_mapping": "true"}


def test_a_profile_is_ours_by_its_first_line(etc: Path) -> None:
    ours, theirs = etc / "rstudio-session", etc / "rstudio"
    ours.write_text("# Managed by Ansible, workbench.cluster: change accounts_pam_profiles in the inventory.\n")
    theirs.write_text("#%PAM-1.0\n")
    profiles = [str(ours), str(theirs), str(etc / "none")]
    assert sssd.read_sssd(Node().run, {**ASKED, "profiles": profiles})["foreign_profiles"] == [str(theirs)]
