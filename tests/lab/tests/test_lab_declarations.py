# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a declaration may say, and what its author is told otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lablib.declaration import Declaration, Host, LabError, check_unique, load, parse
from lablib.system import LAB

GOOD: dict[str, Any] = {
    "name": "node1",
    "kind": "machine",
    "address": "10.203.0.11",
    "memory": 512,
    "groups": ["workbench_nodes"],
}


def test_a_host_is_read_as_declared() -> None:
    wanted = Declaration("one", (Host("node1", "machine", "10.203.0.11", 512, ("workbench_nodes",)),))
    assert parse({"name": "one", "hosts": [GOOD]}, "one.yml") == wanted


def test_groups_may_be_left_out() -> None:
    host = {key: value for key, value in GOOD.items() if key != "groups"}
    assert parse({"name": "one", "hosts": [host]}, "one.yml").hosts[0].groups == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "vm"}, "one.yml: host node1: kind 'vm' must be one of machine, container"),
        ({"address": "10.0.0.1"}, "address 10.0.0.1 must be a free one in 10.203.0.0/24"),
        ({"address": "10.203.0.1"}, "10.203.0.1 is the controller"),
        ({"address": "10.203.0.255"}, "must be a free one"),
        ({"address": "node1"}, "address 'node1' is not an IPv4 address"),
        ({"memory": 64}, "memory 64 must be a number of MiB from 128 to 8192"),
        ({"memory": True}, "memory True must be a number"),
        ({"memory": "512M"}, "memory '512M' must be a number"),
        ({"name": "Node_1"}, "name 'Node_1' must be 1 to 13 of a-z"),
        ({"name": "a-name-too-long"}, "must be 1 to 13"),
        ({"groups": "workbench_nodes"}, "groups 'workbench_nodes' must be a list"),
        ({"groups": ["no-dash"]}, "groups ['no-dash'] must be a list of inventory group names"),
        ({"disk": 4}, "unknown key 'disk'"),
        ({"share": "homes:/home"}, "share 'homes:/home' must be a container's"),
        ({"kind": "container", "share": "/home"}, "share '/home' must be a container's, as NAME:/PATH"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(change: dict[str, Any], words: str) -> None:
    with pytest.raises(LabError) as error:
        parse({"name": "one", "hosts": [GOOD | change]}, "one.yml")
    assert words in str(error.value)


@pytest.mark.parametrize("key", ["kind", "address", "memory"])
def test_a_missing_key_is_named(key: str) -> None:
    with pytest.raises(LabError, match=f"host node1: {key} is missing"):
        parse({"name": "one", "hosts": [{k: v for k, v in GOOD.items() if k != key}]}, "one.yml")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "exactly the keys name and hosts"),
        ({"name": "one", "hosts": [GOOD], "network": "x"}, "exactly the keys name and hosts"),
        ({"name": "one", "hosts": []}, "at least one host"),
        ({"name": 1, "hosts": [GOOD]}, "name 1 must be"),
        ({"name": "one", "hosts": ["node1"]}, "a host is a mapping, not 'node1'"),
    ],
)
def test_a_wrong_file_is_refused(data: Any, words: str) -> None:
    with pytest.raises(LabError, match="one.yml: .*" + words):
        parse(data, "one.yml")


@pytest.mark.parametrize("twice", [{"name": "node1"}, {"address": "10.203.0.11"}])
def test_names_and_addresses_occur_once_in_all_declarations(twice: dict[str, str]) -> None:
    other = GOOD | {"name": "node2", "address": "10.203.0.12"} | twice
    with pytest.raises(LabError, match=f"{next(iter(twice.values()))} is declared twice: in one and in two"):
        check_unique([parse({"name": name, "hosts": [host]}, name) for name, host in (("one", GOOD), ("two", other))])


def test_a_declaration_is_called_like_its_file(tmp_path: Path) -> None:
    (tmp_path / "two.yml").write_text(
        "name: one\nhosts: [{name: a, kind: machine, address: 10.203.0.9, memory: 512}]\n"
    )
    with pytest.raises(LabError, match="name 'one' must be the file's name, 'two'"):
        load(tmp_path)


def test_broken_yaml_is_reported_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text("name: [\n")
    with pytest.raises(LabError, match=r"one\.yml: not YAML"):
        load(tmp_path)


def test_our_own_declarations_are_good() -> None:
    declarations = load(LAB / "declarations")
    assert [host.name for host in declarations["cluster"].hosts] == ["node1", "node2", "node3", "store1", "db1"]
    assert {host.kind for host in declarations["keys"].hosts} == {"container"}
