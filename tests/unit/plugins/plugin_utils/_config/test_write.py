# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import KEPT
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.files import file_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.write import entries, flat, nested, text

LOGGING, ENV, HOMES = (file_of(f"/etc/rstudio/{name}") for name in ("logging.conf", "env-vars", "r-versions"))
LOG: dict[str, t.Any] = {"*": {"log-level": "info"}, "@rserver": {"max-size-mb": 1.5, "rotate": True}}


def lines(written: str) -> list[str]:
    first, *rest = written.splitlines()
    assert first.startswith("# Managed by Ansible, workbench.cluster: change server_")
    return rest


def test_a_file_of_which_nothing_is_named_is_not_written() -> None:
    assert entries({"server_rsession_conf": {}, "server_health_check": "", "server_r_paths": []}, {}) == []


def test_files_have_their_mode_and_env_vars_shows_no_diff() -> None:
    made = entries({"server_env_vars": {"A": 1}, "server_rsession_conf": {"allow-shell": False}}, {})
    session, variables = made
    assert session == {
        "path": "/etc/rstudio/rsession.conf",
        "mode": "0644",
        "content": "# Managed by Ansible, workbench.cluster: change server_rsession_conf in the inventory.\nallow-shell=0\n",
    }
    assert set(variables) == {"path", "mode", "secret_base64"}
    assert lines(base64.b64decode(variables["secret_base64"]).decode()) == ["A=1"]


def test_sections_and_what_was_kept_in_each() -> None:
    kept = {"*.logger-type": "file", "other.log-level": "debug"}
    assert lines(text(LOGGING, LOG, kept)) == [
        *("[*]", "log-level=info", KEPT, "logger-type=file", ""),
        *("[@rserver]", "max-size-mb=1.5", "rotate=1", ""),
        *("[other]", KEPT, "log-level=debug"),
    ]


def test_options_by_place_and_back() -> None:
    assert flat(LOGGING, LOG) == {"*.log-level": "info", "@rserver.max-size-mb": 1.5, "@rserver.rotate": True}
    assert nested(LOGGING, flat(LOGGING, LOG)) == LOG
    assert nested(ENV, flat(ENV, {"A.B": 1})) == {"A.B": 1}


def test_variables_keep_what_a_comment_would_be_elsewhere() -> None:
    value = {"A": 'x "y" # z', "B": 1}
    assert lines(text(ENV, value)) == ['A=x "y" # z', "B=1"]
    assert lines(text(ENV, value, {"B": "2"})) == ['A=x "y" # z', KEPT, "B=2"]


@pytest.mark.parametrize(
    "value", [{"A-B": 1}, {"1A": 1}, {"A": True}, {"A": None}, {"A": ["x"]}, {"A": "x\nB=1"}, {"A": "x "}]
)
def test_variables_nobody_would_read_back(value: dict[str, t.Any]) -> None:
    with pytest.raises(Failure):
        text(ENV, value)


def test_homes_of_r_as_lines_and_as_blocks() -> None:
    assert text(HOMES, [{"path": "/a"}, {"path": "/b"}]) == "/a\n/b\n"
    definition = {"path": "/b", "label": "R: MKL", "script": None, "library": "/lib"}
    assert lines(text(HOMES, [{"path": "/a"}, definition])) == [
        *("Path: /a", ""),
        *("Path: /b", "Label: R: MKL", "Library: /lib"),
    ]


@pytest.mark.parametrize("name", ["", "a b", "*x", "@", "a]", "a.b"])
def test_a_section_of_the_log_that_is_none(name: str) -> None:
    with pytest.raises(Failure, match="is not a section"):
        text(LOGGING, {name: {}})


def test_nginx_says_who_manages_it_and_a_health_check_does_not() -> None:
    given = {"server_nginx_site_conf": "allow all;", "server_health_check": "{}\n\n"}
    contents = [entry["content"] for entry in entries(given, {})]
    assert (lines(contents[0]), contents[1]) == (["allow all;"], "{}\n")
