# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a node that takes its users from a directory."""

from __future__ import annotations

import base64
import shutil
import subprocess
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.sssd import parse
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.sssd_files import MAKE_HOME, sssd_files

GIVEN: dict[str, t.Any] = {
    **{"domain": "LDAP", "uris": ["ldaps://a"], "search_base": "dc=a", "bind_dn": "cn=b", "bind_password": "geheim"},
    **{"authority": "/etc/sssd/a.crt", "authority_text": "-----BEGIN", "access_filter": "", "offline_days": 0},
    **{"home": "/nfs/workbench/home/%u", "options": {}, "sections": {}, "profiles": ["rstudio", "rstudio-session"]},
    **{"home_root": "/elsewhere", "home_mode": "0700", "shared": True, "make_homes": True, "family": "Debian"},
}
SESSION = f"""\
# Managed by Ansible, workbench.cluster: change accounts_pam_profiles in the inventory.
auth     sufficient pam_rootok.so
account  sufficient pam_rootok.so
@include common-auth
@include common-account
session  required   pam_limits.so
session  required   pam_exec.so seteuid quiet /bin/sh {MAKE_HOME}
@include common-session
"""


def written(**changed: t.Any) -> dict[str, dict[str, str]]:
    return {file["path"]: file for file in sssd_files({**GIVEN, **changed})}


def test_only_the_file_with_the_password_is_a_secret() -> None:
    files = written()
    assert {path: file["mode"] for path, file in files.items()} == {
        "/etc/sssd/sssd.conf": "0600",
        "/etc/sssd/a.crt": "0644",
        MAKE_HOME: "0644",
        "/etc/pam.d/rstudio": "0644",
        "/etc/pam.d/rstudio-session": "0644",
    }
    secret = base64.b64decode(files["/etc/sssd/sssd.conf"]["secret_base64"]).decode()
    assert parse(secret)["domain/LDAP"]["ldap_default_authtok"] == "geheim"
    assert [path for path, file in files.items() if "geheim" in file.get("content", "")] == []


def test_a_session_needs_no_password_of_roots_and_signing_in_does() -> None:
    assert written()["/etc/pam.d/rstudio-session"]["content"] == SESSION
    assert "pam_rootok" not in written()["/etc/pam.d/rstudio"]["content"]
    assert "auth     include    system-auth" in written(family="RedHat")["/etc/pam.d/rstudio"]["content"]


def test_no_home_is_made_where_that_is_not_wanted() -> None:
    files = written(make_homes=False)
    assert MAKE_HOME not in files
    assert "pam_exec" not in files["/etc/pam.d/rstudio-session"]["content"]


@pytest.mark.parametrize(
    ("changed", "root"),
    [
        ({}, "/nfs/workbench/home"),
        ({"home": "/srv/homes/%d/%u"}, "/srv/homes"),
        ({"home": ""}, "/elsewhere"),
    ],
)
def test_homes_are_made_below_what_is_the_same_of_all(changed: dict[str, t.Any], root: str) -> None:
    assert f"\nroot={root}\n" in written(**changed)[MAKE_HOME]["content"]


def test_the_program_is_one_that_a_shell_reads_and_ours_by_its_first_line() -> None:
    text = written()[MAKE_HOME]["content"]
    assert text.startswith("# Managed by Ansible, workbench.cluster")
    shell = shutil.which("sh")
    assert shell
    subprocess.run([shell, "-n"], input=text, text=True, check=True)
