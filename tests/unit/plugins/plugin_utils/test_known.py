# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of a host, and defaults of roles, each made once."""

from __future__ import annotations

import collections
import typing as t

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.workbench.cluster.plugins.plugin_utils._known import Known


def known(**variables: t.Any) -> Known:
    loader = DataLoader()
    given = {"hostvars": {}, **variables}
    return Known(Templar(loader, given), given, loader.load_from_file)


def test_a_variable_of_the_host_comes_before_the_default_of_a_role() -> None:
    node = known(database_port=5433, database_name=trust_as_template("{{ 'a' ~ 'b' }}"))
    assert (node["database_port"], node["database_name"], node["database_user"]) == (5433, "ab", "rstudio")


def test_a_variable_is_made_once() -> None:
    node = known(made=trust_as_template("{{ [1] }}"))
    assert node["made"] is node["made"]


def test_what_nobody_has_is_told_by_its_name() -> None:
    with pytest.raises(AnsibleError, match="'__server_adopted' is undefined"):
        known()["__server_adopted"]
    assert known().get("__server_before", {}) == {}


def test_variables_of_other_hosts_are_not_read_before_they_are_asked_for() -> None:
    class Hosts(collections.UserDict[str, t.Any]):
        def __getitem__(self, host: str) -> t.Any:
            raise AssertionError(f"all variables of {host}")

    assert "n1" in known(hostvars=Hosts(n1=1))["hostvars"]
