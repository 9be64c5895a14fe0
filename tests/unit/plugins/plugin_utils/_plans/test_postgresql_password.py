# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a password is that of a role, told by its verifier."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.postgresql_password import fits, is_md5
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._plans.database_samples import (
    MD5_OF_OLD,
    PLAIN,
)


@pytest.mark.parametrize(
    ("password", "role", "verifier", "expected"),
    [
        pytest.param("plain", "bob", PLAIN, True, id="scram"),
        pytest.param("Plain", "bob", PLAIN, False, id="scram, another"),
        pytest.param("plain", "old", MD5_OF_OLD, True, id="md5"),
        pytest.param("plain", "bob", MD5_OF_OLD, False, id="md5 of another role"),
        pytest.param("", "bob", PLAIN, False, id="no password"),
        pytest.param("plain", "bob", None, False, id="a role without one"),
        pytest.param("plain", "bob", "plain", False, id="a form nobody knows"),
        pytest.param("plain", "bob", "SCRAM-SHA-256$4096:%$%:%", False, id="damaged"),
        pytest.param("plain", "bob", PLAIN.replace("$CU", "$A"), False, id="a key cut short"),
    ],
)
def test_whether_a_password_is_the_roles(password: str, role: str, verifier: str | None, expected: bool) -> None:
    assert fits(password, role, verifier) is expected


def test_the_old_form_is_known() -> None:
    assert [is_md5(MD5_OF_OLD), is_md5(PLAIN), is_md5(None)] == [True, False, False]
