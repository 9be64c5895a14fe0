# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which keys the role keys would write on a host. Pure.

Fingerprints, the first 12 digits of SHA-256, say which. The role server says what restarts for them.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import HostReport, KeyFile
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences import host
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import Change, Differences

DATABASE_CONF = "/etc/rstudio/database.conf"
# The key that a file belongs to, and the reported file.
FILES: t.Mapping[str, tuple[str, t.Literal["cookie_key", "launcher_private", "launcher_public"]]] = {
    "/etc/rstudio/secure-cookie-key": ("cookie_key", "cookie_key"),
    "/etc/rstudio/launcher.pem": ("launcher", "launcher_private"),
    "/etc/rstudio/launcher.pub": ("launcher", "launcher_public"),
}


def differences(wanted: t.Mapping[str, t.Any], report: HostReport) -> Differences:
    """What the role would write: `files` and `directories` of config_files, and the password that `reencrypt` is about.

    `made`, of `cookie_key` and `launcher`: it is a new key, which has no fingerprint before it is written.
    """
    found = host.differences(wanted, report)
    contents = {entry["path"]: base64.b64decode(entry["secret_base64"]) for entry in wanted["files"]}
    changes = [_told(change, contents, wanted["made"], report) for change in found.changes]
    if wanted["reencrypt"]:
        why = "its password is encrypted with the other key"
        changes.append(Change("database.conf", why, path=DATABASE_CONF))
    return dataclasses.replace(found, changes=changes)


def _told(change: Change, contents: t.Mapping[str, bytes], made: t.Mapping[str, bool], report: HostReport) -> Change:
    """A change with the fingerprints of the key that comes, and of the one that goes."""
    if change.path not in FILES:
        return change
    key, reported = FILES[change.path]
    there: KeyFile | None = report["keys"][reported] if "keys" in report else None
    before = there["sha256"] if there and there["path"] == change.path else None
    after = hashlib.sha256(contents[change.path]).hexdigest()
    if before == after:  # another owner or mode
        return change
    now = "made in this run" if made[key] else after[:12]
    return change._replace(why=f"{change.why}, {f'{before[:12]} → ' if before else ''}{now}")
