# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._locks.rules import read_lock_settings
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import read_settings, to_conf
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.known_options import TABLE, types_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.options import FILES, option_problems


def test_known_options_have_one_type_and_a_source() -> None:
    for file in {file for file, _source, _kind, _names in TABLE}:
        names = [name for name_, _source, _kind, names in TABLE if name_ == file for name in names.split()]
        assert len(names) == len(set(names)) == len(types_of(file)), file
    kinds = {kind for _file, _source, kind, _names in TABLE if "|" not in kind}
    assert kinds == {"bool", "int", "number", "string", "path", "mode", "list", "lock"}
    assert all(source for _file, source, _kind, _names in TABLE)
    assert types_of("rserver.conf")["www-port"] == "string"


@pytest.mark.parametrize(
    "options",
    [
        {"ssl-enabled": value}
        for value in (True, False, 1, 0, "1", "0", "Yes", "no", "ON", "off", "true", "False", "", None)
    ]
    + [{"www-thread-pool-size": value} for value in (5, "5", "+5", "-5", "007", 2147483647, None)]
    + [
        {"www-allow-origin": ["a", "b"], "server-add-header": "X:1"},
        {"www-port": 8787, "www-address": ["0.0.0.0"]},
        {"an-option-nobody-knows": "maybe", "another": [1, 2]},
    ],
)
def test_what_the_product_takes_passes(options: dict[str, t.Any]) -> None:
    assert option_problems({"server_rserver_conf": options}) == []


@pytest.mark.parametrize(
    ("variable", "options", "words"),
    [
        ("server_rserver_conf", {"ssl-enabled": "maybe"}, "ssl-enabled=maybe in server_rserver_conf: .*true or false"),
        ("server_rserver_conf", {"ssl-enabled": 2}, "ssl-enabled=2 in"),
        ("server_rserver_conf", {"www-thread-pool-size": "5x"}, "www-thread-pool-size=5x in .* whole number"),
        ("server_rserver_conf", {"www-thread-pool-size": ""}, "www-thread-pool-size= in .* whole number"),
        ("server_rserver_conf", {"www-thread-pool-size": "\u0665"}, "whole number"),
        ("server_rserver_conf", {"www-thread-pool-size": 2147483648}, "at most ten digits"),
        ("server_rserver_conf", {"www-thread-pool-size": 5.5}, "www-thread-pool-size=5.5 in .* whole number"),
        ("server_rserver_conf", {"metrics-port": True}, "metrics-port=true in .* whole number"),
        ("server_rserver_conf", {"audit-r-console": False}, "audit-r-console=false in .* in quotes"),
        ("server_rserver_conf", {"www-port": [1, 2]}, "www-port in .* one value"),
        ("server_rserver_conf", {"www-allow-origin": ["a", True]}, "www-allow-origin in .* in quotes"),
        ("server_load_balancer", {"timeout": "soon"}, "timeout=soon in server_load_balancer"),
        ("server_load_balancer", {"delete-node-on-exit": "yes"}, "delete-node-on-exit=yes in .* its default"),
        ("server_database_conf", {"pool-size": "many"}, "pool-size=many in server_database_conf"),
        ("server_database_conf", {"auto-create": "true"}, "auto-create=true in .* \\(1 or 0\\)"),
        ("server_launcher_conf", {"port": "x"}, "port=x in server_launcher_conf"),
        ("server_launcher_local_conf", {"unprivileged": "x"}, "unprivileged=x in server_launcher_local_conf"),
        ("server_file_locks", {"log-file": "a#b"}, "server_file_locks: the value of log-file has a '#'"),
        ("server_file_locks", {"lock-type": "flock"}, "lock-type=flock in server_file_locks: .* linkbased or advisory"),
        ("server_file_locks", {"use-symlinks": "true"}, "use-symlinks=true in .* \\(1 or 0\\)"),
        ("server_file_locks", {"use-symlinks": 2}, "use-symlinks=2 in"),
        ("server_file_locks", {"refresh-rate": 2.5}, "refresh-rate=2.5 in .* whole seconds"),
        ("server_file_locks", {"refresh-rate": 0}, "refresh-rate=0 in .* 1 or more"),
        ("server_file_locks", {"timeout-interval": "40s"}, "timeout-interval=40s in"),
        ("server_file_locks", {"timeout-interval": True}, "timeout-interval=true in .* whole seconds"),
        ("server_file_locks", {"lock-type": ["advisory", "linkbased"]}, "lock-type in .* first of several"),
        ("server_launcher_sections", [{"name": "a]", "options": {}}], "server_launcher_sections: .* not a name"),
        (
            "server_launcher_sections",
            [{"name": "cluster", "options": {"name": True}}],
            "name=true in server_launcher_sections: .* in quotes",
        ),
    ],
)
def test_wrong_type_is_refused_with_the_name_of_the_option(variable: str, options: t.Any, words: str) -> None:
    problems = option_problems({variable: options})
    assert len(problems) == 1
    assert re.search(words, problems[0]), problems[0]


@pytest.mark.parametrize(
    "options",
    [
        {"lock-type": "Advisory", "use-symlinks": False, "log-file": "/var/log/locks"},
        {"use-symlinks": True, "enable-logging": "1", "refresh-rate": 5, "timeout-interval": "9"},
        {"refresh-rate": None},
    ],
)
def test_file_locks_say_what_was_asked_when_they_are_read_back(options: dict[str, t.Any]) -> None:
    assert option_problems({"server_file_locks": options}) == []
    read = read_lock_settings(read_settings(to_conf(options)))
    asked = {
        "lock-type": read.lock_type,
        "use-symlinks": read.use_symlinks,
        "refresh-rate": read.refresh,
        "timeout-interval": read.timeout,
    }
    given = {name: value for name, value in options.items() if name in asked and value is not None}
    assert {name: str(asked[name]).lower() for name in given} == {
        name: str(value).lower() for name, value in given.items()
    }


@pytest.mark.parametrize("value", [["geheim", "geheim"], "geheim#", "geheim\n"])
def test_a_secret_is_not_named(value: t.Any) -> None:
    problems = option_problems({"server_database_conf": {"password": value}})
    assert ["password" in problem for problem in problems] == [True]
    assert "geheim" not in str(problems)


def test_every_variable_of_a_file_is_judged() -> None:
    wrong = {variable: {"a b": 1} for variable in FILES}
    assert len(option_problems({**wrong, "server_launcher_sections": [{"name": "x", "options": {"a b": 1}}]})) == 7


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"connection-uri": "postgres://u:geheim@h/d"}, [], id="right"),
        pytest.param(
            {"connection-uri": "postgres://u:geheim@[fd00::1]/d"}, ["connection-uri", "brackets"], id="brackets"
        ),
        pytest.param({"connection-uri": "mysql://u:geheim@h/d"}, ["connection-uri", "postgresql://"], id="no URI"),
        pytest.param(
            {"password": "geheim'"}, ["password in server_database_conf", "' or a \\"], id="a password that breaks"
        ),
    ],
)
def test_how_the_database_is_reached(options: dict[str, t.Any], words: list[str]) -> None:
    problems = option_problems({"server_database_conf": options})
    assert len(problems) == bool(words)
    assert [word for word in words if word not in " ".join(problems)] == []
    assert "geheim" not in " ".join(problems)
