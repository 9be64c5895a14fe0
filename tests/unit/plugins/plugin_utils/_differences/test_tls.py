# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role tls would change on a host."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import CertificateFile, HostReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.tls import Wanted, differences
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._differences.wanted import role_variable

DIRECTORY = "/etc/workbench.cluster/tls"
ANCHOR = "/usr/local/share/ca-certificates/workbench-cluster.crt"
INVENTORY = {
    "inventory_hostname": "n1",
    "ansible_host": "10.0.0.1",
    "ansible_facts": {"os_family": "Debian"},
    # Lookups of the inventory's groups and of another role's variable.
    "__tls_is_node": True,
    "__tls_node_addresses": ["n1.example.com", "localhost", "127.0.0.1"],
}
KEEP = {"host": "n1", "action": "keep", "text": "A", "public_key": "A", "unknown": [], "errors": []}


def wanted(**inventory: t.Any) -> Wanted:
    inventory = {**INVENTORY, "tls_source": "authority", "__tls_plan": KEEP, **inventory}
    return t.cast("Wanted", role_variable("tls", "__tls_wanted", **inventory))


def state(mode: str, digest: str = "d") -> dict[str, t.Any]:
    owned = {"owner": "root", "group": "root", "uid": 0, "gid": 0, "mode": mode}
    return {**owned, "digest": digest, "sense": None, "age": 9.0, "ours": False, "kept": False, "content": None}


def certificate(*names: str) -> CertificateFile:
    ends = "2999-01-01T00:00:00+00:00"
    return {"subject": "CN=n1", "names": list(names), "not_after": ends, "sha256": "s", "public_key": "K", "text": "A"}


def host(**parts: t.Any) -> HostReport:
    """A host whose certificate is good; of the authority's file the digest is not known here."""
    names = ["n1.example.com", "localhost", "127.0.0.1", "10.0.0.1", "n1"]
    installed = {"state": "installed", "version": "1"}
    authority = {**certificate(), "public_key": "A"}
    tls = {"certificate": certificate(*names), "key": "K", "authority": authority, "issuer": None, "signed": True}
    found: dict[str, t.Any] = {
        "packages": dict.fromkeys(["openssl", "ca-certificates", "python3-cryptography"], installed),
        "directories": {DIRECTORY: {"owner": "root", "group": "root", "uid": 0, "gid": 0, "mode": "0755"}},
        "files": {
            f"{DIRECTORY}/host.crt": state("0644"),
            f"{DIRECTORY}/host.key": state("0600"),
            f"{DIRECTORY}/rstudio-server.key": state("0600"),
        },
        "tls": {**tls, "trusted": True, **parts.pop("tls", {})},
    }
    found["files"].update(parts.pop("files", {}))
    return t.cast("HostReport", {**found, **parts})


def changes(wish: Wanted, report: HostReport) -> dict[str, str]:
    """But for the authority's file and the system's, of which this report knows nothing."""
    known = (f"{DIRECTORY}/authority.crt", ANCHOR)
    return {change.what: change.why for change in differences(wish, report).changes if change.what not in known}


def test_a_host_as_it_should_be_has_nothing_to_do() -> None:
    assert changes(wanted(), host()) == {}


@pytest.mark.parametrize(
    ("inventory", "report", "expected"),
    [
        ({"tls_names": ["w.example.com"]}, host(), {f"{DIRECTORY}/host.crt": "does not name w.example.com"}),
        (
            {},
            host(files={f"{DIRECTORY}/host.key": state("0644")}),
            {f"{DIRECTORY}/host.key": "owner root, mode 0644 → owner root, mode 0600"},
        ),
        (
            {"tls_key_readers": ["postgres"]},
            host(files={f"{DIRECTORY}/postgres.key": None}),
            {f"{DIRECTORY}/postgres.key": "new"},
        ),
        (
            {"tls_key_readers": ["postgres"]},
            host(files={f"{DIRECTORY}/postgres.key": state("0600", "other")}),
            {f"{DIRECTORY}/postgres.key": f"is not as {DIRECTORY}/host.key"},
        ),
        (
            {"__tls_plan": {**KEEP, "action": "renew", "text": ""}},
            host(),
            {"the cluster's authority": "ends before a new certificate would, renewed with the same key"},
        ),
    ],
)
def test_each_difference_is_told(inventory: dict[str, t.Any], report: HostReport, expected: dict[str, str]) -> None:
    assert changes(wanted(**inventory), report) == expected


def test_a_system_that_does_not_trust_a_file_it_has_is_told_again() -> None:
    """A run that was cut off wrote the file and no more."""
    wish = {**wanted(), "authority": {**KEEP, "text": ""}}
    assert changes(wish, host()) == {}
    found = changes(wish, host(tls={"trusted": False}))
    assert found == {"the system's authorities": f"without {DIRECTORY}/authority.crt"}


def test_a_first_run_says_what_it_makes_and_where() -> None:
    wish = wanted(__tls_plan={**KEEP, "action": "create", "text": "", "public_key": None})
    empty: dict[str, t.Any] = dict.fromkeys(("certificate", "key", "authority", "signed", "trusted"))
    there = host(
        tls=empty, files={f"{DIRECTORY}/{name}": None for name in ("host.crt", "host.key", "rstudio-server.key")}
    )
    told = [(change.what, change.path) for change in differences(wish, there).changes]
    assert told == [
        ("the cluster's authority", f"{DIRECTORY}/authority/authority.crt"),
        (f"{DIRECTORY}/authority.crt", f"{DIRECTORY}/authority.crt"),
        (ANCHOR, ANCHOR),
        (f"{DIRECTORY}/host.crt", f"{DIRECTORY}/host.crt"),
        (f"{DIRECTORY}/host.key", f"{DIRECTORY}/host.key"),
        (f"{DIRECTORY}/rstudio-server.key", f"{DIRECTORY}/rstudio-server.key"),
    ]


def test_what_stops_a_run_is_a_problem() -> None:
    wish = wanted(__tls_plan={**KEEP, "host": None, "action": None, "errors": ["There are two authorities."]})
    assert differences(wish, host()).problems == ["There are two authorities."]


def test_a_copy_is_compared_with_its_source() -> None:
    given = {"tls_certificate": "/c", "tls_key": "/k", "tls_source": "files"}
    wish = wanted(**given)
    same = host(files={"/c": state("0644"), "/k": state("0640")})  # as the admin has them
    assert changes(wish, same) == {}
    assert changes(wish, host(files={"/c": state("0644", "x"), "/k": state("0640")})) == {
        f"{DIRECTORY}/host.crt": "is not as /c"
    }
