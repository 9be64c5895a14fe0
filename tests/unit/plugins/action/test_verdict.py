# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last step of `verify`, `check` and `status`: judged, written, handed on."""

from __future__ import annotations

import json
import os
import stat
import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail
from ansible.template import trust_as_template
from ansible_collections.workbench.cluster.plugins.action.verdict import ActionModule
from ansible_collections.workbench.cluster.tests.unit.plugins.filter.tags import tagged
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples

Result = dict[str, t.Any]
POLICY = {name: value for name, value in samples.healthy()["policy"].items() if name not in ("now", "managed")}
FILES = {"report.html", "report.json", "report.xml"}


def hostvars(**silent: t.Any) -> Result:
    """What healthy nodes registered, locks aside: of a look, and of a preflight; `silent` those that have no report."""
    healthy = samples.healthy()
    kinds: tuple[t.Literal["node", "clock", "cluster"], ...] = ("node", "clock", "cluster")
    return {
        host: silent.get(host)
        or {
            "ansible_host": samples.HOSTS[host],
            "__look": {"report": json.dumps({kind: healthy[kind][host] for kind in kinds})},
            **{f"__verify_{kind}": {kind: healthy[kind][host]} for kind in kinds},
        }
        for host in samples.HOSTS
    }


def verdict(variables: Result | None = None, *, check: bool = False, **options: t.Any) -> Result:
    variables = variables or hostvars()
    given = {"kind": "verify", "members": list(samples.HOSTS), "policy": POLICY, **options}
    task: t.Any = SimpleNamespace(args=tagged(given), async_val=0, check_mode=check, environment=None)
    unused: t.Any = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
    action: t.Any = ActionModule(task, unused, unused, unused, unused, unused)
    run = action.run(task_vars={"hostvars": tagged(variables), "groups": {"workbench_database": ["db1"]}})
    return t.cast(Result, run)


def test_a_report_is_written_and_handed_on(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "report"
    result = verdict(report_dir=str(folder), cluster="research")
    assert {path.name for path in folder.iterdir()} == FILES
    assert sorted(result["written"]) == sorted(str(folder / name) for name in FILES)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder.parent, folder, *folder.iterdir())] == [
        0o755,
        0o755,
        *[0o644] * 3,
    ]
    assert result["changed"] is False
    report = json.loads((folder / "report.json").read_text())
    assert (report["cluster"], report["verdict"], report["unproven"]) == ("research", "unknown", ["locks"])
    assert set(report["policy"]) == {*POLICY, "now"}
    handed = {"verdict": "unknown", "counts": {"fail": 0, "unknown": 1, "pass": 16}, "unproven": ["locks"]}
    assert result["ansible_stats"] == {"data": {"research": handed}, "aggregate": False, "per_host": False}
    assert result["problems"] == ["Not proven: locks.", f"See {folder}/report.html."]
    assert result["lines"][-1] == "research: unknown  (16 pass  1 unknown  0 fail)"


def test_what_is_proven_has_no_problems() -> None:
    assert verdict(policy={**POLICY, "allow_unknown": ["locks"]})["problems"] == []


LOOKED_AT_NOBODY: Result = {"node": {"seen": None, "peers": {}, "errors": []}}
LOOKED_AT_OTHERS: Result = {"node": {"seen": None, "peers": samples.node("n1")["peers"], "errors": ["slow"]}}


@pytest.mark.parametrize(
    ("kind", "asked", "earlier"),
    [
        pytest.param("status", {"__verify_node": None}, {"__verify_node": LOOKED_AT_OTHERS}, id="check_then_status"),
        pytest.param(
            "preflight",
            {"__verify_node": LOOKED_AT_NOBODY},
            {"__verify_peers": LOOKED_AT_OTHERS, "__verify_lock_hold": {"msg": "no space left"}},
            id="verify_then_check",
        ),
    ],
)
def test_what_another_kind_of_run_registered_is_not_judged(kind: str, asked: Result, earlier: Result) -> None:
    """`ansible-playbook check.yml site.yml status.yml` is one process, in which hosts keep what they registered."""
    alone = {host: {**variables, **asked} for host, variables in hostvars().items()}
    after = {host: {**variables, **earlier} for host, variables in alone.items()}
    assert verdict(after, kind=kind, policy={}) == verdict(alone, kind=kind, policy={})


def test_history_is_that_of_the_folder_and_nothing_else_in_it_is_touched(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    tmp_path.chmod(0o750)
    for runs in range(3):
        verdict(report_dir=str(tmp_path))
        assert len(json.loads((tmp_path / "report.json").read_text())["history"]) == runs
    assert {path.name for path in tmp_path.iterdir()} == {*FILES, "notes.txt"}
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750


@pytest.mark.parametrize("left_out", [{"report_dir": ""}, {"check": True}, {"kind": "preflight"}, {"kind": "status"}])
def test_where_no_report_is_wanted_none_is_written(left_out: Result, tmp_path: Path) -> None:
    result = verdict(**{"report_dir": str(tmp_path / "report"), **left_out})
    assert (result["written"], list(tmp_path.iterdir())) == ([], [])
    assert not any("report" in problem for problem in result["problems"])


def test_an_earlier_report_is_whole_when_a_new_one_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict(report_dir=str(tmp_path))
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = verdict(report_dir=str(tmp_path))
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert result["problems"] == [
        "Not proven: locks.",
        "The report could not be written: [Errno 28] No space left on device.",
    ]
    assert result["lines"][-1].startswith("workbench: unknown")


def test_an_earlier_report_that_cannot_be_read_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    verdict(report_dir=str(tmp_path))

    def refused(path: Path, *_args: t.Any) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_text", refused)
    result = verdict(report_dir=str(tmp_path))
    assert result["problems"][-1] == f"The report could not be written: {tmp_path}/report.json: Permission denied."
    assert result["written"] == []


def test_a_link_in_the_folder_is_replaced_and_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("mine")
    folder = tmp_path / "report"
    folder.mkdir()
    for name in FILES:
        (folder / name).symlink_to(other)
    verdict(report_dir=str(folder))
    assert other.read_text() == "mine"
    assert not any(path.is_symlink() for path in folder.iterdir())


def test_nodes_that_did_not_answer_and_those_outside_are_part_of_the_verdict(tmp_path: Path) -> None:
    unreachable = {"__look": {"unreachable": True, "msg": "no route"}}
    result = verdict(hostvars(n2=unreachable, n3={"ansible_host": "10.0.0.13"}), report_dir=str(tmp_path))
    words = (tmp_path / "report.json").read_text()
    assert result["verdict"] == "unknown"
    assert "n2 did not answer" in words
    assert "n3 is not in this run (--limit)" in words


def test_one_node_alone_is_judged() -> None:
    result = verdict({"n1": hostvars()["n1"]}, members=["n1"], policy=POLICY)
    assert "locks" not in result["unproven"]


@pytest.mark.parametrize(
    ("server", "part", "unproven"), [("database server", "database", False), ("file server", "storage", True)]
)
def test_preflight_wants_an_answer_of_servers_that_are_not_built_here(server: str, part: str, unproven: bool) -> None:
    """The inventory has a host for the database, which need not run yet, and none for the files."""
    variables = hostvars()
    for registered in variables.values():
        registered["__verify_node"]["node"]["peers"][server] = {"address": ["10.0.0.9"], "ports": {"1": "refused"}}
    result = verdict(variables, kind="preflight")
    assert result["problems"][0].startswith("The hosts are not fit yet: ")
    assert (part in result["unproven"]) == unproven


def test_status_is_a_table_and_unknown_is_no_pass() -> None:
    healthy = verdict(kind="status", policy={})
    assert (healthy["verdict"], healthy["problems"], healthy["unproven"]) == ("pass", [], [])
    assert healthy["lines"][0].startswith("ID  NODE")
    dead = verdict(
        hostvars(n3={"__verify_cluster": {"unreachable": True, "msg": "no route"}}), kind="status", policy={}
    )
    assert (dead["verdict"], dead["unproven"]) == ("unknown", ["status"])
    assert dead["problems"] == ["The cluster is not healthy; the table above says where."]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"members": ["n1", "n9"]}, "not in the inventory: n9"),
        ({"kind": "guess"}, "value of kind must be one of: verify, preflight, status, got: guess"),
        ({"policy": {"clock_max_offset": "much"}}, "clock_max_offset"),
        ({"report": "x"}, "report"),
    ],
)
def test_what_cannot_be_judged_is_refused(wrong: Result, words: str) -> None:
    with pytest.raises(AnsibleActionFail, match=words):
        verdict(**wrong)


def test_texts_of_the_inventory_come_out_plain() -> None:
    result = verdict(cluster="research")
    assert not any(type(name) is type(trust_as_template("x")) for name in result["ansible_stats"]["data"])


@pytest.mark.parametrize(
    ("about", "problems"),
    [
        pytest.param({}, ["Not proven: keys, locks."], id="all"),
        pytest.param({"about": ["n2"]}, ["Not proven: keys, locks."], id="whom it is about"),
        pytest.param({"about": ["n1"]}, ["Not proven: locks."], id="others"),
    ],
)
def test_a_run_about_some_hosts_fails_by_their_faults(about: Result, problems: list[str]) -> None:
    """A node that joins is not kept out by what an older one has wrong; what is unknown of nobody in particular counts."""
    variables = hostvars()
    look = json.loads(variables["n2"]["__look"]["report"])
    look["node"]["key_files"]["cookie_key"]["mode"] = "0644"
    variables["n2"]["__look"]["report"] = json.dumps(look)
    assert verdict(variables, **about)["problems"] == problems
