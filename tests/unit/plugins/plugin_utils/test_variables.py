# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which variables of a host another one tells of."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.specs import DEFAULTS
from ansible_collections.workbench.cluster.plugins.plugin_utils._variables import told_by

ADA, BOB = [{"name": "ada"}], [{"name": "bob"}]
NOBODY: dict[str, t.Any] = {"accounts_groups": [], "accounts_users": []}
MADE = {name: DEFAULTS["verify"][name] for name in ("verify_users", "verify_groups", "verify_lock_user")}


@pytest.mark.parametrize(
    ("first", "mine", "told"),
    [
        ({"accounts_users": ADA}, {"accounts_users": ADA}, {"accounts_users"}),
        ({"accounts_users": ADA}, {"accounts_users": BOB}, set()),
        ({"accounts_users": ADA}, {"accounts_users": "ada"}, set()),
        ({}, {"accounts_users": ADA}, set()),
        ({"accounts_users": ADA}, {"accounts_users": []}, set()),
        ({}, {"accounts_users": []}, {"accounts_users"}),
        ({"accounts_users": ADA}, {}, set()),
        ({"accounts_users": "{{ a }}"}, {"accounts_users": "{{ a }}"}, {"accounts_users"}),
        ({}, {**NOBODY, **MADE}, {*NOBODY, *MADE}),
        ({"accounts_users": ADA}, {**NOBODY, **MADE}, {"accounts_groups"}),
        ({}, {**NOBODY, **MADE, "verify_users": ["ada"]}, {*NOBODY}),
        ({"keys_policy": "adopt"}, {"keys_policy": "adopt"}, set()),
    ],
)
def test_what_is_decided_once_is_told_once_if_it_is_the_same(
    first: dict[str, t.Any], mine: dict[str, t.Any], told: set[str]
) -> None:
    assert told_by(first, mine) == told
