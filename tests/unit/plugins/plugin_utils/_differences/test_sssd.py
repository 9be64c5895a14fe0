# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan says of a directory, by the look at a node."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import HostReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import Change
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.sssd import differences
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._differences.wanted import role_variable

GIVEN: dict[str, t.Any] = {
    **{"domain": "LDAP", "uris": ["ldaps://a"], "search_base": "dc=a", "bind_dn": "", "bind_password": ""},
    **{"authority": "", "access_filter": "", "home": "/nfs/home/%u", "offline_days": 0, "options": {}, "sections": {}},
}
WANTED: dict[str, t.Any] = {
    **{"packages": ["libnss-sss"], "files": [], "services": [], "units": [], "given": GIVEN},
    **{"users": ["grace"], "groups": ["analysts"], "homes": True, "found": "refuse", "family": "Debian"},
}
SETTLED: dict[str, t.Any] = {
    **{"sections": None, "snippets": [], "nss": True, "pam": True, "authselect": "", "foreign_profiles": []},
    **{"users": {"grace": 40001}, "groups": {"analysts": 40000}, "local_users": [], "local_groups": []},
    "homes": {"grace": {"path": "/nfs/home/grace", "there": True}},
}


def report(**sssd: t.Any) -> HostReport:
    package = {"state": "installed", "version": "2.8.2"}
    return t.cast(HostReport, {"sssd": {**SETTLED, **sssd}, "packages": {"libnss-sss": package}, "errors": {}})


def test_what_is_as_it_is_to_be_says_nothing() -> None:
    found = differences(WANTED, report())
    assert (found.changes, found.problems, found.notes) == ([], [], [])


@pytest.mark.parametrize(
    ("wanted", "sssd", "words"),
    [
        pytest.param({}, {"foreign_profiles": ["/etc/pam.d/rstudio"]}, ["/etc/pam.d/rstudio", "move it"], id="profile"),
        pytest.param(
            {},
            {"sections": {"domain/LDAP": {"enumerate": "true"}}},
            ["accounts_sssd_options: {enumerate: 'true'}", "accounts_sssd_found_options=drop"],
            id="an option of others",
        ),
        pytest.param({}, {"local_users": ["grace"]}, ["user grace is in accounts_sssd_users", "hides"], id="local too"),
        pytest.param({}, {"local_groups": ["analysts"]}, ["group analysts", "accounts_groups"], id="a local group"),
        pytest.param({}, {"users": {}, "homes": {}}, ["user grace is not given by SSSD", "min_id"], id="unknown"),
        pytest.param({}, {"nss": False}, ["/etc/nsswitch.conf", "Add it again"], id="taken out of NSS"),
        pytest.param(
            {"family": "RedHat"},
            {"pam": False, "authselect": "winbind"},
            ["authselect has the profile winbind"],
            id="another profile of authselect",
        ),
    ],
)
def test_what_others_made_is_a_problem_and_no_change(wanted: t.Any, sssd: t.Any, words: list[str]) -> None:
    said = "\n".join(differences({**WANTED, **wanted}, report(**sssd)).problems)
    assert [word for word in words if word not in said] == [], said


def test_options_of_others_go_where_that_was_asked_for() -> None:
    found = differences({**WANTED, "found": "drop"}, report(sections={"domain/LDAP": {"enumerate": "true"}}))
    assert found.problems == []


@pytest.mark.parametrize(
    ("wanted", "sssd", "changes"),
    [
        ({}, {"pam": False}, [Change("NSS and PAM", "ask SSSD as well")]),
        ({}, {"homes": {"grace": {"path": "/h/grace", "there": False}}}, [Change("home /h/grace", "new")]),
        ({"homes": False}, {"homes": {}}, []),
        (
            {},
            {"pam": False, "users": {}, "homes": {}},
            [
                Change("NSS and PAM", "ask SSSD as well"),
                Change("homes of 1 users of the directory", "new, where there is none"),
            ],
        ),
    ],
    ids=["not asked yet", "a home", "homes elsewhere", "homes nobody knows yet"],
)
def test_a_change_is_told(wanted: t.Any, sssd: t.Any, changes: list[Change]) -> None:
    found = differences({**WANTED, **wanted}, report(**sssd))
    assert (found.changes, found.problems) == (changes, [])


@pytest.mark.parametrize("members", [["n1", "n2"], ["n2", "n1"]])
def test_homes_are_made_by_the_first_member_each_time(members: list[str]) -> None:
    run = {"accounts_members": members, "ansible_play_hosts": ["n1", "n2"], "inventory_hostname": members[0]}
    assert role_variable("accounts", "__accounts_sssd_maker", **run) is True


def test_of_many_homes_a_few_are_told() -> None:
    homes = {f"u{i}": {"path": f"/h/u{i}", "there": False} for i in range(1000)}
    users = dict.fromkeys(homes, 1)
    found = differences({**WANTED, "users": list(homes)}, report(homes=homes, users=users))
    assert [change.what for change in found.changes][-2:] == ["home /h/u5", "994 more homes"]


def test_a_snippet_of_others_stays_and_is_told() -> None:
    assert differences(WANTED, report(snippets=["/etc/sssd/conf.d/x.conf"])).notes == [
        "/etc/sssd/conf.d/x.conf stays, and SSSD reads it after /etc/sssd/sssd.conf."
    ]


def test_a_look_that_cannot_tell_is_a_change() -> None:
    blind = t.cast(HostReport, {"packages": report()["packages"], "errors": {"sssd": "no"}})
    assert differences(WANTED, blind).changes == [Change("SSSD", "cannot be told: no")]
