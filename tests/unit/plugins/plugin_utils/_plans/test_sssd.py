# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSSD's file as the inventory wants it, and options of others that would be gone."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.sssd import parse
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.sssd import paste, text, unnamed

GIVEN: dict[str, t.Any] = {
    "domain": "LDAP",
    "uris": ["ldaps://ldap1.example.org", "ldaps://ldap2.example.org"],
    "search_base": "dc=example,dc=org",
    "bind_dn": "cn=workbench,dc=example,dc=org",
    "bind_password": "geheim #=;[x]",
    "authority": "/etc/sssd/ca.crt",
    "access_filter": "(objectClass=posixAccount)",
    "home": "/nfs/workbench/home/%u",
    "offline_days": 3,
    "options": {},
    "sections": {},
}
GOLDEN = """\
# Managed by Ansible, workbench.cluster: change the variables accounts_sssd_* in the inventory.
[sssd]
services = nss, pam
domains = LDAP

[nss]

[pam]
offline_credentials_expiration = 3

[domain/LDAP]
id_provider = ldap
auth_provider = ldap
chpass_provider = ldap
access_provider = ldap
ldap_access_order = filter
ldap_access_filter = (objectClass=posixAccount)
ldap_uri = ldaps://ldap1.example.org, ldaps://ldap2.example.org
ldap_search_base = dc=example,dc=org
ldap_default_bind_dn = cn=workbench,dc=example,dc=org
ldap_default_authtok = geheim #=;[x]
ldap_tls_reqcert = demand
ldap_tls_cacert = /etc/sssd/ca.crt
default_shell = /bin/bash
override_homedir = /nfs/workbench/home/%u
cache_credentials = true
"""
# The documents' own example, "Load Balancing / Configuration", with the lines that the page's layout lost.
DOCUMENTS = """\
[sssd]
config_file_version = 2
services = nss, pam
domains = LDAP

[nss]
filter_users = root,named,avahi,haldaemon,dbus,radiusd,news,nscd
filter_groups =

[pam]

[domain/LDAP]
default_shell = /bin/bash
override_homedir = /nfs/workbench/home/%u
id_provider = ldap
auth_provider = ldap
chpass_provider = ldap
enumerate = true
cache_credentials = false
ldap_schema = rfc2307
ldap_uri = ldap://ldap
ldap_search_base = dc=example,dc=org
ldap_id_use_start_tls = false
ldap_tls_reqcert = never
ldap_default_bind_dn = cn=admin,dc=example,dc=org
ldap_default_authtok = admin
access_provider = ldap
ldap_access_filter = (objectClass=posixAccount)
min_id = 1
ldap_auth_disable_tls_never_use_in_production = true
ldap_access_order = filter
"""


def test_the_file_of_the_documents_made_safe() -> None:
    assert text(GIVEN) == GOLDEN


def test_nobody_signs_in_without_the_directory_unless_days_are_given() -> None:
    written = parse(text({**GIVEN, "offline_days": 0}))
    assert written["domain/LDAP"]["cache_credentials"] == "false"
    assert written["pam"] == {}


def test_a_connection_that_begins_in_the_clear_is_encrypted_first() -> None:
    written = parse(text({**GIVEN, "uris": ["ldap://ldap.example.org"]}))["domain/LDAP"]
    assert (written["ldap_id_use_start_tls"], written["ldap_tls_reqcert"]) == ("true", "demand")


def test_options_of_an_active_directory_pass_and_nothing_of_ldap_is_added() -> None:
    options = {
        "id_provider": "ad",
        "access_provider": "ad",
        "ad_domain": "example.org",
        "ldap_id_mapping": True,
        "new": 1,
    }
    written = parse(text({**GIVEN, "domain": "example.org", "options": options}))
    assert written["domain/example.org"] == {
        "id_provider": "ad",
        "access_provider": "ad",
        "ad_domain": "example.org",
        "ldap_id_mapping": "true",
        "new": "1",
        "override_homedir": "/nfs/workbench/home/%u",
        "cache_credentials": "true",
    }


def test_options_of_the_inventory_win_and_nothing_leaves_one_out() -> None:
    changed = {
        **GIVEN,
        "options": {"default_shell": None, "ldap_search_base": "dc=a"},
        "sections": {"nss": {"filter_users": ["root", "postgres"]}, "domain/OTHER": {"id_provider": "proxy"}},
    }
    written = parse(text(changed))
    assert written["domain/LDAP"]["ldap_search_base"] == "dc=a"
    assert "default_shell" not in written["domain/LDAP"]
    assert written["nss"] == {"filter_users": "root, postgres"}
    assert written["domain/OTHER"] == {"id_provider": "proxy"}


@pytest.mark.parametrize("password", ["geheim\n[sssd]", " geheim", "geheim\x07"])
def test_what_would_not_be_read_back_is_refused_without_its_value(password: str) -> None:
    with pytest.raises(Failure) as failure:
        text({**GIVEN, "bind_password": password})
    assert "ldap_default_authtok" in str(failure.value)
    assert "geheim" not in str(failure.value)


def test_options_that_the_inventory_does_not_name_are_named_to_be_pasted() -> None:
    """What is wanted the same, in other words or not, asks nothing, nor does a secret that is wanted too."""
    rest = unnamed(parse(DOCUMENTS), GIVEN)
    assert set(rest["domain/LDAP"]) == {
        *("enumerate", "cache_credentials", "ldap_schema", "ldap_uri", "ldap_id_use_start_tls", "ldap_tls_reqcert"),
        *("ldap_default_bind_dn", "min_id", "ldap_auth_disable_tls_never_use_in_production"),
    }
    assert set(rest["nss"]) == {"filter_users", "filter_groups"}
    assert set(rest) == {"domain/LDAP", "nss"}
    lines = paste(rest, GIVEN)
    assert lines[0].startswith("accounts_sssd_options: {enumerate: 'true'")
    assert lines[1].startswith("accounts_sssd_sections: {nss: {filter_users: 'root,named")


def test_what_was_pasted_asks_nothing_more() -> None:
    rest = unnamed(parse(DOCUMENTS), GIVEN)
    named = {**GIVEN, "options": rest["domain/LDAP"], "sections": {"nss": rest["nss"]}}
    assert unnamed(parse(DOCUMENTS), named) == {}


def test_a_secret_is_told_by_its_name_only() -> None:
    rest = unnamed({"domain/LDAP": {"ldap_default_authtok": ""}}, {**GIVEN, "bind_password": ""})
    assert rest == {"domain/LDAP": {"ldap_default_authtok": ""}}
    assert paste(rest, GIVEN) == [
        "# domain/LDAP ldap_default_authtok is a secret that stays on the node; take it from a vault"
    ]


def test_the_only_domain_of_a_file_is_ours_whatever_it_was_called() -> None:
    found = {"sssd": {"domains": "corp"}, "domain/corp": {"id_provider": "ldap", "min_id": "500"}}
    assert unnamed(found, GIVEN) == {"domain/LDAP": {"min_id": "500"}}
    two = {**found, "domain/other": {"id_provider": "files"}}
    assert unnamed(two, GIVEN)["domain/other"] == {"id_provider": "files"}
    assert unnamed(two, GIVEN)["sssd"] == {"domains": "corp"}
