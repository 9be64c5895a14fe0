# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a diff shows of a secret."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host import files as host_files


@pytest.mark.parametrize(
    "text",
    [
        "abc=def",
        "abcdefghijklmnop=\n",
        "-----BEGIN PRIVATE KEY-----\nMIIE=\n-----END PRIVATE KEY-----\n",
        "one\ntwo=2\n",
    ],
)
def test_key_file_is_one_fingerprint(text: str) -> None:
    assert host_files.shown(text.encode(), secret=True).count("\n") == 1
    assert "=" not in host_files.shown(text.encode(), secret=True)
