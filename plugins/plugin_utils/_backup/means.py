# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With what backups are encrypted and opened: a passphrase, or keys of `age`."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup import age
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup.sealed import seal, unseal

SUFFIXES = SEALED, AGE = "sealed", "age"
# Of the action plugins.
ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "passphrase": {"type": "str", "default": "", "no_log": True},
    "recipients": {"type": "list", "elements": "str", "default": []},
    "identity": {"type": "path", "default": ""},
}


class Means(t.NamedTuple):
    """`recipients` are public keys, `identity` is a file on the controller with a private one."""

    passphrase: str = ""
    recipients: t.Sequence[str] = ()
    identity: str = ""

    @property
    def suffix(self) -> str:
        """Of a file that is encrypted with them."""
        return AGE if self.recipients else SEALED

    @property
    def can_open(self) -> bool:
        """Whether what is encrypted with them can be read again here."""
        return bool(self.identity) if self.recipients else True

    def problems(self) -> list[str]:
        """Why there would be no backup, as sentences."""
        if self.passphrase and self.recipients:
            return [
                "operate_backup_passphrase and operate_backup_recipients are both set: a backup is opened by one of them."
            ]
        if not self.passphrase and not self.recipients:
            return [
                "Neither operate_backup_passphrase nor operate_backup_recipients is set: a backup has every secret of the "
                "cluster, and is encrypted."
            ]
        if not self.recipients:
            return []
        try:
            nothing = self.sealed(b"")
            if self.can_open:
                self.opened(nothing)
        except Failure as failure:
            return [f"operate_backup_recipients: {failure}."]
        return []

    def sealed(self, content: bytes) -> bytes:
        return age.encrypt(content, self.recipients) if self.recipients else seal(content, self.passphrase)

    def opened(self, content: bytes) -> bytes:
        """Raises `Failure` for other bytes, another key or passphrase, and what was changed or cut."""
        if not content.startswith(age.HEAD):
            return unseal(content, self.passphrase)
        if not self.identity:
            raise Failure("is encrypted by age: name the file of a key that opens it in operate_backup_identity")
        return age.decrypt(content, self.identity)
