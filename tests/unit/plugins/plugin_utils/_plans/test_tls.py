# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the cluster's authority lives, and which certificates are due."""

from __future__ import annotations

import base64
import datetime
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import CertificateFile, TlsReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.tls import Wanted, due, plan_authority
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Answer

NOW = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
PRESENT = ["n1", "n2"]
PATHS = {"certificate": "/t/host.crt", "key": "/t/host.key", "authority": "/t/authority.crt", "issuer": "/t/a/a.crt"}


def file(key: str, days: float = 300, *names: str, subject: str = "CN=n1") -> CertificateFile:
    ends = (NOW + datetime.timedelta(days=days)).isoformat()
    return {
        "subject": subject,
        "names": list(names),
        "not_after": ends,
        "sha256": "0" * 64,
        "public_key": key,
        "text": key,
    }


def report(**parts: t.Any) -> TlsReport:
    """A host with all it needs, of the authority A, which lives elsewhere."""
    authority = file("A", 3000, subject="CN=workbench.cluster authority of workbench")
    good = {"certificate": file("K", 300, "10.0.0.1", "n1"), "key": "K", "authority": authority, "issuer": None}
    return t.cast("TlsReport", {**good, "signed": True, "trusted": True, **parts})


def reports(**hosts: TlsReport | None) -> dict[str, Answer]:
    """`None` is a member that does not answer."""
    return {
        host: {"state": "reachable", "tls": found} if found else {"state": "unreachable"}
        for host, found in hosts.items()
    }


EMPTY = report(certificate=None, key=None, authority=None, signed=None, trusted=None)
HOLDER = report(issuer=file("A", 3000))


@pytest.mark.parametrize(
    ("members", "host", "action"),
    [
        ({"n1": EMPTY, "n2": EMPTY}, "n1", "create"),
        ({"n1": EMPTY, "n2": HOLDER}, "n2", "keep"),
        ({"n1": HOLDER, "n2": HOLDER}, "n1", "keep"),
        # Outside the run it signs, and is not renewed.
        ({"n1": EMPTY, "n2": EMPTY, "n3": HOLDER}, "n3", "keep"),
        ({"n1": EMPTY, "n2": report(issuer=file("A", 396))}, "n2", "renew"),
        ({"n1": EMPTY, "n2": EMPTY, "n3": report(issuer=file("A", 396))}, "n3", "keep"),
        # Somebody else's authority is none that was lost.
        ({"n1": report(authority=file("X", subject="CN=Example Root")), "n2": EMPTY}, "n1", "create"),
    ],
)
def test_an_authority_is_adopted_before_one_is_made(members: dict[str, TlsReport], host: str, action: str) -> None:
    plan = plan_authority(reports(**members), PRESENT, 397, NOW)
    assert (plan["host"], plan["action"], plan["errors"], plan["unknown"]) == (host, action, [], [])


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"n1": EMPTY, "n2": None}, "n2 could not be asked"),
        ({"n1": EMPTY, "n2": report()}, "its authority (A on n2) has its key on no member any more"),
    ],
)
def test_none_is_made_where_one_may_be(members: dict[str, TlsReport | None], said: str) -> None:
    plan = plan_authority(reports(**members), PRESENT, 397, NOW)
    assert plan["host"] is None
    assert said in plan["unknown"][0]


def test_two_authorities_stop_the_run() -> None:
    plan = plan_authority(reports(n1=HOLDER, n2=report(issuer=file("B"))), PRESENT, 397, NOW)
    assert "There are two authorities: A on n1; B on n2" in plan["errors"][0]


def wanted(**parts: t.Any) -> Wanted:
    authority = {"host": "n9", "action": "keep", "text": "A", "public_key": "A", "unknown": [], "errors": []}
    good: dict[str, t.Any] = {
        "host": "n1",
        "source": "authority",
        "addresses": ["10.0.0.1:8787", "", "n1"],
        "names": [],
    }
    good.update(paths=PATHS, anchor="/anchor", renew_days=30, authority=authority, made="")
    return {**good, **parts}


@pytest.mark.parametrize(
    ("wish", "found", "reasons"),
    [
        ({}, report(), []),
        ({}, EMPTY, ["new"]),
        ({}, report(key="other"), ["is of another key"]),
        ({}, report(key=None), ["is of another key"]),
        ({}, report(signed=False), ["is of another authority"]),
        ({}, report(authority=file("B")), ["is of another authority"]),
        ({}, report(authority=None, signed=None), ["is of another authority"]),
        ({"names": ["www.example.com"]}, report(), ["does not name www.example.com"]),
        ({}, report(certificate=file("K", 29, "10.0.0.1", "n1")), ["ends on 2026-12-21"]),
        ({}, report(certificate=file("K", -1, "10.0.0.1", "n1")), ["ended on 2026-11-21"]),
        # One that names more, and one that ends later, are good.
        ({}, report(certificate=file("K", 31, "10.0.0.1", "n1", "old.example.com")), []),
    ],
)
def test_a_certificate_is_due_for_a_reason(wish: dict[str, t.Any], found: TlsReport, reasons: list[str]) -> None:
    planned = due(wanted(**wish), found, NOW)
    assert (planned["reasons"], planned["errors"]) == (reasons, [])


def test_a_certificate_names_addresses_as_such() -> None:
    found = due(wanted(addresses=["[fd00::1]:8787", "fd00::1", "n1.example.com:443", "10.0.0.1"]), report(), NOW)
    assert found["names"] == ["IP:fd00::1", "DNS:n1.example.com", "IP:10.0.0.1"]


def test_an_authority_that_cannot_be_found_matters_only_where_something_is_due() -> None:
    unknown = {**wanted()["authority"], "host": None, "action": None, "public_key": None, "unknown": ["nobody has it."]}
    assert due(wanted(authority=unknown), report(), NOW)["errors"] == []
    assert due(wanted(authority=unknown), EMPTY, NOW)["errors"] == ["n1 needs a certificate, but nobody has it."]


def test_what_trusts_a_new_authority_is_written_when_it_is_there() -> None:
    authority = {**wanted()["authority"], "action": "create", "text": "", "public_key": None}
    assert due(wanted(authority=authority), EMPTY, NOW)["files"] == []
    made = due(wanted(authority=authority, made="NEW"), EMPTY, NOW)["files"]
    assert [(entry["path"], base64.b64decode(entry["secret_base64"])) for entry in made] == [
        ("/t/authority.crt", b"NEW\n"),
        ("/anchor", b"NEW\n"),
    ]


def given(**texts: str) -> Wanted:
    return wanted(source="files", given={"certificate": "C", "key": "K", "authority": "", **texts})


def test_files_of_the_admin_are_written_or_copied() -> None:
    written = due(given(), EMPTY, NOW)
    assert [entry["path"] for entry in written["files"]] == ["/t/host.crt", "/t/host.key"]
    assert ([entry["mode"] for entry in written["files"]], written["copies"]) == (["0644", "0600"], [])
    assert all("content" not in entry for entry in written["files"]), "a copy would be kept of what is replaced"
    copied = due(given(certificate="/c", key="/k", authority="/a"), report(), NOW)
    places = [("/c", "/t/host.crt"), ("/k", "/t/host.key"), ("/a", "/t/authority.crt"), ("/a", "/anchor")]
    assert [(copy["src"], copy["path"]) for copy in copied["copies"]] == places
    assert [copy["mode"] for copy in copied["copies"]] == ["0644", "0600", "0644", "0644"]
    assert copied["files"] == []


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (report(certificate=None), "tls_certificate=/c is no certificate"),
        (report(key="other"), "tls_key is not the private key of tls_certificate=/c"),
        (report(certificate=file("K", -1, "10.0.0.1")), "tls_certificate=/c ended on 2026-11-21"),
        (report(certificate=file("K", 300, "n1")), "tls_certificate=/c does not name 10.0.0.1"),
    ],
)
def test_files_on_the_host_are_judged_there(found: TlsReport, said: str) -> None:
    (error,) = due(given(certificate="/c", key="/k"), found, NOW)["errors"]
    assert said in error
    assert due(given(certificate="/c", key="/k"), report(), NOW)["errors"] == []
