# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters with values as ansible-core tags them. What they decide is tested with the functions behind them."""

from __future__ import annotations

import base64
import builtins
import hashlib
import inspect
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.workbench.cluster.plugins.filter import (
    conf,
    db_password,
    members,
    plans,
    verify,
)
from ansible_collections.workbench.cluster.tests.unit.plugins.filter.tags import load_filters, tagged

FOLDER = Path(conf.__file__).parent
KEY = base64.b64encode(b"d3161166-e89b-4158-af3b-5980e3056cc6\n").decode()
SUCCESS = "BFA25145OoPWwVZMdN/K7eDJUD5gLg916yildo6m+XG0+Sld7r+SuKXS3Rsi/TC0qbVZ5uCMBFA25145"
RANGES = {"uid_range": [20000, 29999], "system_range": [900, 989]}
# A host that was not asked.
HOSTS: dict[str, dict[str, t.Any]] = {"n1": {"ansible_host": "10.0.0.11"}}

NO_R = {"versions": [], "system": "", "programs": []}
OLD = {"version": "1", "runtimes": {"r": {}}}
FILTERS = load_filters(conf, db_password, members, plans, verify)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("to_conf", [{"a": True, "b": [1, "x"], "c": None}], "a=1\nb=1\nb=x\n"),
        ("to_sectioned_conf", [[{"name": "s", "options": {"a": 1}}]], "[s]\na=1\n"),
        ("decrypt_db_password", [SUCCESS, KEY], "success"),
        ("encrypt_db_password", ["success", KEY, SUCCESS], SUCCESS),
        (
            "_replace_db_password",
            [base64.b64encode(b"password=a\n").decode(), "b"],
            base64.b64encode(b"password=b\n").decode(),
        ),
        ("_member_addresses", [["n1"], HOSTS], ["10.0.0.11"]),
        ("_member_versions", [["n1"], {"n1": {"r": {"cluster": {"version": "1"}}}}, "r"], {"1": ["n1"]}),
        (
            "_plan_accounts",
            [["n1"], HOSTS, "r", RANGES, ["n1"]],
            {"accounts": '{"users": [], "groups": []}', "errors": [], "maker": "n1"},
        ),
        (
            "_plan_options",
            [["n1"], {"n1": {"r": {"options": {"files": {}, "sqlite": {"path": "/x", "state": "absent"}}}}}, "r", {}],
            {"errors": [], "kept": {}, "sections": {}, "connections": {"least": 1, "most": 6, "beside": 1}},
        ),
        (
            "_misfits",
            [{"host": "n1", "version": "2", "r": NO_R, "launcher": True, "sections": []}, {"cluster": OLD}],
            [
                "n1 has version 1, server_version=2. All nodes must run one version and an upgrade suspends sessions: it is an "
                "act of its own. Set server_version to what is installed, or run the playbook upgrade first."
            ],
        ),
        (
            "_preflight_targets",
            [["n1"], HOSTS, {"workbench_nodes": ["n1"]}, "workbench", {}],
            [{"name": "n1", "host": "10.0.0.11", "ports": [5559, 8787]}],
        ),
        (
            "_verify_targets",
            [["n1"], HOSTS, ["/srv/"], "ada"],
            {
                "peers": [{"name": "n1", "host": "10.0.0.11", "ports": [5559, 8787]}],
                "holder": "",
                "others": [],
                "answered": [],
                "versions": {},
                "built": False,
                "seen": False,
                "lock_paths": ["/srv"],
                "lock_times": {"refresh": 20, "timeout": 30},
            },
        ),
    ],
)
def test_tagged_values_come_out_plain(name: str, arguments: list[t.Any], expected: t.Any) -> None:
    result = FILTERS[name](*tagged(arguments))
    assert result == expected
    assert type(result) is type(expected)


def test_plan_keys_takes_what_the_role_gives() -> None:
    given = {"cookie_key": "k" * 64, "launcher": "", "database_password": "geheim"}
    answer = FILTERS["_plan_keys"](
        tagged(["n1"]), HOSTS, "r", tagged(given), policy=tagged("adopt"), adopt_from=tagged(""), present=tagged(["n1"])
    )
    assert answer["cookie_key"]["action"] == "supplied"
    assert answer["cookie_key"]["sha256"] == hashlib.sha256(b"k" * 64).hexdigest()
    assert len(answer["errors"]) == 1
    assert "geheim" not in str(answer)


def test_a_plan_reads_members_outside_the_run() -> None:
    report = {"item": "n2", "cluster": {"version": "2"}}
    hosts = {"n1": {"r": {"cluster": {"version": "1"}}, "r_absent": {"results": [report]}}, "n2": {}}
    assert FILTERS["_member_versions"](["n1", "n2"], hosts, "r") == {"1": ["n1"], "2": ["n2"]}


def test_variables_of_hosts_that_are_not_asked_for_are_not_read() -> None:
    class Host(dict[str, t.Any]):
        def __getitem__(self, name: str) -> t.Any:
            assert name != "undefined"
            return super().__getitem__(name)

    hosts = {"n1": Host(undefined=None, ansible_host="h")}
    assert FILTERS["_member_addresses"](["n1"], hosts) == ["h"]


@pytest.mark.parametrize(
    ("members", "words"),
    [("node1", r"node1 must be a list .* such as \[node1\]"), (["node1", "n9"], "n9 in .* is not in the inventory")],
)
def test_members_that_are_none(members: t.Any, words: str) -> None:
    with pytest.raises(AnsibleFilterError, match=words):
        FILTERS["_member_addresses"](tagged(members), {"node1": {}})


def test_failure_is_a_filter_error() -> None:
    with pytest.raises(AnsibleFilterError, match="the value of password has a '#'"):
        FILTERS["to_conf"]({"password": "geheim#1"})


def test_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    find = builtins.__import__

    def without_cryptography(name: str, *args: t.Any, **kwargs: t.Any) -> t.Any:
        if name.startswith("cryptography"):
            raise ModuleNotFoundError("No module named 'cryptography'", name="cryptography")
        return find(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_cryptography)
    with pytest.raises(AnsibleFilterError, match="Python library \\(cryptography\\)"):
        FILTERS["encrypt_db_password"]("x", KEY)


def test_few_filters_are_public_and_each_has_a_page() -> None:
    """A public filter is a promise: another one needs people who use it."""
    pages = {path.stem: yaml.safe_load(path.read_text())["DOCUMENTATION"] for path in FOLDER.glob("*.yml")}
    names = {name for module in (conf, db_password, members, plans, verify) for name in load_filters(module)}
    assert names == set(pages)
    assert {name: page["name"] for name, page in pages.items()} == {name: name for name in pages}
    public = {name for name, page in pages.items() if not page["short_description"].startswith("[INTERNAL] ")}
    assert public == {"to_conf", "to_sectioned_conf", "encrypt_db_password", "decrypt_db_password"}
    assert public == {name for name in pages if not name.startswith("_")}


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_a_page_names_the_arguments(name: str) -> None:
    page = FOLDER / f"{name}.yml"
    if page.exists():
        options = yaml.safe_load(page.read_text())["DOCUMENTATION"]["options"]
        function = inspect.unwrap(FILTERS[name])
        assert [*inspect.signature(function).parameters][1:] == [*options][1:]
