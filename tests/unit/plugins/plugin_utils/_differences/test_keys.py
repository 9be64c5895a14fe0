# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which keys the plan says that the role keys writes."""

from __future__ import annotations

import base64
import hashlib
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host.digests import digest
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import HostReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import RUN_KEY, Change
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.keys import differences

COOKIE, LAUNCHER, PUBLIC = (f"/etc/rstudio/{name}" for name in ("secure-cookie-key", "launcher.pem", "launcher.pub"))
VALUES = {COOKIE: b"the cookie key", LAUNCHER: b"the private key", PUBLIC: b"the public key"}
REPORTED = {COOKIE: "cookie_key", LAUNCHER: "launcher_private", PUBLIC: "launcher_public"}
OWNER = {COOKIE: "root", LAUNCHER: "rstudio-server", PUBLIC: "rstudio-server"}


def fingerprint(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def wanted(reencrypt: bool = False, cookie_key: bool = False) -> dict[str, t.Any]:
    attributes = {path: {"owner": owner, "group": owner, "mode": "0600"} for path, owner in OWNER.items()}
    return {
        "directories": [{"path": "/etc/rstudio", "owner": "root", "group": "root", "mode": "0755"}],
        "files": [
            {"path": path, "secret_base64": base64.b64encode(value).decode(), **attributes[path]}
            for path, value in VALUES.items()
        ],
        "reencrypt": reencrypt,
        "made": {"cookie_key": cookie_key, "launcher": False},
    }


def report(mode: str = "0600", **contents: bytes | None) -> HostReport:
    """A host with all keys, but for those given by the names of their reports."""
    values = {path: contents.get(REPORTED[path], value) for path, value in VALUES.items()}
    files = {
        path: None
        if value is None
        else {
            "digest": digest(RUN_KEY, value),
            "sense": None,
            "owner": OWNER[path],
            "group": OWNER[path],
            "uid": 0,
            "gid": 0,
            "mode": mode,
            "age": 1.0,
            "ours": False,
            "kept": False,
            "content": None,
        }
        for path, value in values.items()
    }
    keys = {
        REPORTED[path]: {"path": path, "sha256": value and hashlib.sha256(value).hexdigest()}
        for path, value in values.items()
    }
    root = {"owner": "root", "group": "root", "uid": 0, "gid": 0, "mode": "0755"}
    return t.cast(HostReport, {"files": files, "keys": keys, "directories": {"/etc/rstudio": root}})


COOKIE_SHA, LAUNCHER_SHA = fingerprint(VALUES[COOKIE]), fingerprint(VALUES[LAUNCHER])


@pytest.mark.parametrize(
    ("wish", "there", "expected"),
    [
        pytest.param({}, {}, [], id="as they are to be"),
        pytest.param(
            {}, {"cookie_key": None}, [Change("secure-cookie-key", f"new, {COOKIE_SHA}", path=COOKIE)], id="new"
        ),
        pytest.param(
            {"cookie_key": True},
            {"cookie_key": None},
            [Change("secure-cookie-key", "new, made in this run", path=COOKIE)],
            id="made in this run",
        ),
        pytest.param(
            {},
            {"launcher_private": b"another"},
            [Change("launcher.pem", f"differs, {fingerprint(b'another')} → {LAUNCHER_SHA}", path=LAUNCHER)],
            id="another key",
        ),
        pytest.param(
            {},
            {"mode": "0640"},
            [Change(path.rpartition("/")[2], "mode 0640 → 0600", path=path) for path in VALUES],
            id="the mode alone",
        ),
        pytest.param(
            {"reencrypt": True},
            {},
            [
                Change(
                    "database.conf",
                    "its password is encrypted with the other key",
                    path="/etc/rstudio/database.conf",
                )
            ],
            id="the password of a key that goes",
        ),
    ],
)
def test_a_key_is_announced_by_its_fingerprint(
    wish: dict[str, t.Any], there: dict[str, t.Any], expected: list[Change]
) -> None:
    assert differences(wanted(**wish), report(**there)).changes == expected


def test_no_key_is_in_the_words_or_the_diff() -> None:
    found = differences(wanted(), report(cookie_key=b"the old key", launcher_private=None))
    assert len(found.changes) == 2
    text = f"{found.changes} {found.diff}"
    assert [value for value in (*VALUES.values(), b"the old key") if value.decode() in text] == []
    assert [value for value in VALUES.values() if base64.b64encode(value).decode() in text] == []


def test_a_look_that_cannot_tell_is_a_change() -> None:
    found = differences(wanted(), {"errors": {"files": "it hangs"}}).changes
    assert [change.path for change in found] == ["/etc/rstudio", *VALUES]
    assert found[1].why.startswith("cannot be told: it hangs")


def test_where_nothing_is_written_nothing_is_announced() -> None:
    """As with keys_policy=never."""
    assert differences({**wanted(), "files": [], "directories": []}, {}).changes == []
