# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between two texts, in words."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.texts import differences


@pytest.mark.parametrize(
    ("name", "before", "after", "said"),
    [
        ("rserver.conf", "auth-timeout-minutes=30\n", "auth-timeout-minutes=45\n", "auth-timeout-minutes 30 → 45"),
        ("rserver.conf", "a=1\n", "b=\n", "with b, without a"),
        ("rserver.conf", "a=1\n", "a=1\nb=x y\n", "with b x y"),
        ("rserver.conf", "", "a=1\nb=1\nc=1\nd=1\ne=1\n", "with a 1, with b 1, with c 1, 2 more"),
        ("launcher.conf", "[server]\nport=1\n", "[server]\nport=2\n", "server.port 1 → 2"),
        ("rserver.conf", "# one\na=1\n", "# two\na=1\n", "differs"),
        ("chrony.conf", "a\nb\nc\n", "a\nx\ny\n", "differs"),
        ("chrony.conf", "a\n", "a", "differs"),
    ],
)
def test_texts_differ_in_words(name: str, before: str, after: str, said: str) -> None:
    assert differences(name, before, after) == said


@pytest.mark.parametrize(
    ("name", "option"),
    [("rserver.conf", "auth-openid-client-secret"), ("env-vars", "ANYTHING"), ("database.conf", "password")],
)
def test_a_secret_is_told_by_its_fingerprint(name: str, option: str) -> None:
    said = differences(name, f"{option}=geheim1\n", f"{option}=geheim2\n")
    assert said.startswith(f"{option} sha256:")
    assert "geheim" not in said
