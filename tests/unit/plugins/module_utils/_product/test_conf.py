# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import (
    read_settings,
    to_conf,
    to_sectioned_conf,
)
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import parse_boost


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, ""),
        ({"www-port": 8787, "admin-group": "a,b"}, "www-port=8787\nadmin-group=a,b\n"),
        ({"z": 1, "a": 2}, "z=1\na=2\n"),
        ({"on": True, "off": False}, "on=1\noff=0\n"),
        ({"server-add-header": ["A:1", "B:2"]}, "server-add-header=A:1\nserver-add-header=B:2\n"),
        ({"none": []}, ""),
        ({"unset": None, "empty": ""}, "empty=\n"),
        ({"ssl-protocols": "TLSv1.2 TLSv1.3"}, "ssl-protocols=TLSv1.2 TLSv1.3\n"),
        ({"timeout": 0.5}, "timeout=0.5\n"),
        ({"connection-uri": "postgresql://h/db?sslmode=require"}, "connection-uri=postgresql://h/db?sslmode=require\n"),
    ],
)
def test_options(options: dict[str, t.Any], text: str) -> None:
    assert to_conf(options) == text


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"password": "geheim\nx=1"}, "line break"),
        ({"password": "geheim\r"}, "line break"),
        ({"password": "geheim#1"}, "'#'"),
        ({"password": '"geheim"'}, "double quote"),
        ({"password": " geheim"}, "blank"),
        ({"password": {"geheim": 1}}, "dict"),
        ({"password": [["geheim"]]}, "list"),
    ],
)
def test_value_that_could_not_be_read_back_is_refused_with_its_key(options: dict[str, t.Any], words: str) -> None:
    with pytest.raises(Failure, match=words) as failure:
        to_conf(options)
    assert "password" in str(failure.value)
    assert "geheim" not in str(failure.value)


@pytest.mark.parametrize("key", ["", "a b", "a=b", "[server]", "#a", "1a", "a\n"])
def test_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(Failure, match="not a key"):
        to_conf({key: 1})


def test_sections() -> None:
    sections = [
        {"name": "server", "options": {"port": 5559}},
        {"name": "cluster", "options": {"name": "Local"}},
        {"name": "cluster", "options": {"name": "K8s"}},
    ]
    assert to_sectioned_conf(sections) == "[server]\nport=5559\n\n[cluster]\nname=Local\n\n[cluster]\nname=K8s\n"


@pytest.mark.parametrize("name", ["", "a]", "a b"])
def test_name_of_a_section_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(Failure, match="not a name of a section"):
        to_sectioned_conf([{"name": name, "options": {}}])


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("password=first\npassword=second\n", {"password": "first"}),
        (' host = "db 1" \n', {"host": "db 1"}),
        ("password=a=b#c\n", {"password": "a=b#c"}),
        ("# password=x\n\nno setting\n", {"# password": "x"}),
        ('quote="\n', {"quote": '"'}),
        ("key=a\u2028b\u0085c\x1cd\n", {"key": "a\u2028b\u0085c\x1cd"}),
        ("key=\u00a0a\u3000\n", {"key": "\u00a0a\u3000"}),
        ("key=\t a\v\f\r\n", {"key": "a"}),
        ('key="a\\"b\\\\c\\u00e9\\n"\n', {"key": 'a"b\\c\u00e9\n'}),
        ('key="a\\qb"\n', {"key": '"a\\qb"'}),
        ('key="a\tb"\n', {"key": '"a\tb"'}),
        ('key="a"b"\n', {"key": '"a"b"'}),
        ('key="\\ud800"\n', {"key": '"\\ud800"'}),
        ('key=""\n', {"key": ""}),
    ],
)
def test_settings_as_the_product_reads_them(text: str, settings: dict[str, str]) -> None:
    assert read_settings(text) == settings


@pytest.mark.parametrize(
    "value",
    [
        "a\\b",
        "\\",
        "a\tb",
        "\u00a0a\u3000",
        "a\u2028b\u0085c",
        "'a'",
        "a=b",
        "=",
        ";x",
        "[x]",
        "$HOME",
        "a\\u0062",
        "",
        "\x1c",
    ],
)
def test_what_is_written_both_parsers_read_back(value: str) -> None:
    text = to_conf({"first": "1", "key": value, "last": "2"})
    assert read_settings(text) == {"first": "1", "key": value, "last": "2"}
    assert parse_boost(text) == {"first": ["1"], "key": [value], "last": ["2"]}


@pytest.mark.parametrize("value", ["\va", "a\f", "\ta", "a "])
def test_blank_that_either_parser_would_drop_is_refused(value: str) -> None:
    with pytest.raises(Failure, match="blank"):
        to_conf({"key": value})


LINE = "# Managed by Ansible, workbench.cluster: change server_rserver_conf in the inventory."


def test_first_line_says_who_manages_the_file_and_is_no_setting() -> None:
    text = to_conf({"a": 1}, variable="server_rserver_conf")
    assert text == f"{LINE}\na=1\n"
    assert read_settings(text) == {"a": "1"}
    assert parse_boost(text) == {"a": ["1"]}


def test_kept_options_stand_below_a_line_that_says_so_in_place_of_their_like() -> None:
    text = to_conf({"a": 1, "b": 2}, variable="server_rserver_conf", kept={"b": "x", "c": ["y", "z"]})
    assert text == f"{LINE}\na=1\n# Found on a node and kept: server_unknown_options\nb=x\nc=y\nc=z\n"
    assert read_settings(text) == {"a": "1", "b": "x", "c": "y"}


def test_sections_may_have_kept_options() -> None:
    sections = [
        {"name": "cluster", "options": {"name": "Local"}, "kept": {"allowed-groups": "x"}},
        {"name": "cluster", "options": {}, "kept": {"name": "Slurm"}},
    ]
    assert to_sectioned_conf(sections, variable="server_rserver_conf") == (
        f"{LINE}\n[cluster]\nname=Local\n# Found on a node and kept: server_unknown_options\nallowed-groups=x\n"
        "\n[cluster]\n# Found on a node and kept: server_unknown_options\nname=Slurm\n"
    )
