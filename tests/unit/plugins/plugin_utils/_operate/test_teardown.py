# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What teardown plans for three nodes, a file server and a database, by what is told to be ours on each."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Made
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.decision import Decision, Options, Told
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.made import NO_MOUNTS, HostMade, host_made
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.teardown import EXPORTS
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.verbs import decide
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.words import plan_lines, unconfirmed
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mounts_taken import MountsTaken
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._operate.samples import (
    NODES,
    OPTIONS,
    Running,
)

RSERVER, LOCKS = "/etc/rstudio/rserver.conf", "/etc/rstudio/file-locks"
ACCESS = "/etc/postgresql/15/main/pg_hba.conf"
ALL = ["keys", "packages", "database"]
HOME: MountsTaken = {
    **NO_MOUNTS,
    "unmount": ["/home"],
    "lines": [{"path": "/home", "src": "files:/home"}],
}


def files(*goes: str, back: t.Sequence[str] = (), **changes: t.Any) -> Made:
    made = {"goes": [*goes], "back": [*back], "left": {}, "disabled": [], "told": [], **changes}
    return t.cast("Made", made)


def hosts(**changes: HostMade) -> dict[str, HostMade]:
    node = HostMade(files(LOCKS, back=[RSERVER], disabled=["rstudio-server"]), mounts=HOME)
    others = {"files": HostMade(files(EXPORTS)), "db": HostMade(access_file=ACCESS, database="database rstudio")}
    return {**dict.fromkeys(NODES, node), **others, **changes}


def asked(cluster: Running, made: t.Mapping[str, HostMade] | None = None, **options: t.Any) -> Decision:
    known = t.cast("Options", {**OPTIONS, **options})
    told_of = hosts() if made is None else made
    chosen = [host for host in NODES if not told_of[host].outside]
    return decide("teardown", cluster.state(), Told(chosen, False, known, made=told_of, users=["ada", "bob"]))


def of(decision: Decision, host: str) -> list[str]:
    assert decision.problems == []
    return [f"{change['what']}: {change['why']}" for change in decision.changes if change["host"] == host]


def test_what_is_ours_goes_on_every_host_and_what_was_found_comes_back() -> None:
    decision, state = asked(Running()), Running().state()
    assert of(decision, "n2") == [
        "stops, for good: Online",
        "/home: unmounted, its line of /etc/fstab goes: files:/home",
        f"{RSERVER}: as it was found",
        f"{LOCKS}: goes",
        "rstudio-server: starts with the host no more",
    ]
    assert of(decision, "files") == [f"{EXPORTS}: goes"]
    assert of(decision, "db") == ["pg_hba.conf: rules of ours go"]
    assert "-e operate_confirmed=teardown" in unconfirmed("teardown", decision, "")
    assert plan_lines("workbench", "teardown", state, decision)[-1].startswith("  18 steps on 5 hosts, all together,")


def test_homes_database_keys_accounts_and_packages_stay_until_they_are_asked_for() -> None:
    decision = asked(Running())
    assert "What stays, for it was not asked for by name: homes, the database, keys, accounts, packages, backups." in (
        decision.warning
    )
    assert {name: decision.plays[name] for name in ("homes", "database", "packages")} == {
        "homes": [],
        "database": [],
        "packages": [],
    }


def test_what_is_asked_for_by_name_goes_too() -> None:
    node = HostMade(files(), homes=["/nfs/home/ada"], accounts=["ada"])
    made = hosts(n1=node, n2=node, n3=node)
    decision = asked(Running(), made=made, teardown=ALL, teardown_homes=["ada"], teardown_accounts=["ada"])
    assert of(decision, "n1")[1:] == [
        "/nfs/home/ada: goes with all that is in it, as asked",
        "account ada: goes, as asked",
        "package rstudio-server: goes, as asked",
    ]
    assert of(decision, "n2")[1:] == ["account ada: goes, as asked", "package rstudio-server: goes, as asked"]
    assert "database rstudio: goes with all that is in it, as asked" in of(decision, "db")
    assert (decision.plays["homes"], decision.plays["database"], decision.plays["packages"]) == (["n1"], ["db"], NODES)
    assert "backups" in decision.warning


@pytest.mark.parametrize("variable", ["teardown_homes", "teardown_accounts"])
def test_accounts_that_are_none_of_the_inventorys_are_refused(variable: str) -> None:
    named: t.Any = {variable: ["ada", "postgres"]}
    (found,) = asked(Running(), **named).problems
    assert found == f"operate_{variable} names postgres: none of accounts_users."


def test_rows_of_nodes_that_stopped_are_deleted_by_the_one_that_stops_last() -> None:
    decision = asked(Running())
    assert (decision.plays["stop"], decision.plays["forget"]) == (["n2", "n3"], ["n1"])
    assert [row["id"] for row in decision.rows] == [2, 3]
    assert "The row of n1, which stops last, stays in the database." in decision.warning


def test_of_a_database_that_goes_no_row_is_deleted_first() -> None:
    decision = asked(Running(), teardown=["database"])
    assert (decision.rows, decision.plays["stop"], decision.plays["forget"]) == ([], NODES, [])


def test_a_run_that_was_cut_off_is_finished_where_no_node_lists_the_cluster_any_more() -> None:
    cluster = Running().stopped("n1").stopped("n2").stopped("n3")
    cluster.rows = []
    decision = asked(cluster)
    assert decision.problems == []
    assert (decision.plays["stop"], decision.plays["forget"], decision.rows) == ([], [], [])
    assert decision.plays["mounts"] == NODES


def test_after_all_of_it_nothing_is_left_to_do() -> None:
    cluster = Running().stopped("n1").stopped("n2").stopped("n3")
    cluster.rows = []
    made = {host: HostMade(files(left={"/etc/rstudio/launcher.pem": "whose it was is not told"})) for host in NODES}
    decision = asked(cluster, made={**made, "db": HostMade(database="database rstudio")})
    assert (decision.problems, decision.changes, decision.plays["files"]) == ([], [], [])


def test_what_stays_is_named_with_the_reason() -> None:
    left = {"/etc/rstudio/launcher.pem": "whose it was is not told"}
    mounts: MountsTaken = {**NO_MOUNTS, "left": {"/home": "may be another's"}, "stays": True}
    decision = asked(Running(), made=hosts(n1=HostMade(files(left=left), mounts=mounts)))
    assert decision.notes["n1"] == ["/home: may be another's", "/etc/rstudio/launcher.pem: whose it was is not told"]


def test_an_export_that_a_node_goes_on_mounting_stays() -> None:
    mounts: MountsTaken = {**NO_MOUNTS, "left": {"/home": "may be another's"}, "stays": True}
    decision = asked(Running(), made=hosts(n1=HostMade(files(), mounts=mounts)))
    assert (of(decision, "files"), decision.plays["exports"]) == ([], ["files"])
    assert decision.notes["files"] == [f"{EXPORTS}: n1 still mounts what it exports"]


def test_a_dead_node_is_left_out_by_name_and_what_it_may_use_stays() -> None:
    cluster = Running().gone("n3")
    (found,) = asked(cluster, made=hosts(n3=HostMade(problem="it did not answer"))).problems
    assert "The state of n3 cannot be read" in found
    decision = asked(cluster, made=hosts(n3=HostMade(outside=True)), without=["n3"])
    assert decision.problems == []
    assert "is not touched, for it did not answer" in decision.notes["n3"][0]
    assert decision.plays["exports"] == ["files"]


def test_a_node_outside_the_run_would_lose_its_share_under_its_people() -> None:
    (found,) = asked(Running(), made=hosts(n3=HostMade(outside=True))).problems
    assert found.startswith("n3 is outside this run, and would lose its share")
    decision = asked(Running(), made=hosts(db=HostMade(outside=True)))
    assert decision.notes["db"] == ["is outside this run, and stays as it is"]


def test_a_host_that_does_not_tell_stops_it_before_the_first_change() -> None:
    (found,) = asked(Running(), made=hosts(files=HostMade(problem="it did not answer"))).problems
    assert found == (
        "What was made on files is not told: it did not answer. Mend it, or leave it out: --limit 'all:!files'."
    )


def test_a_database_server_that_does_not_answer_keeps_what_it_has_unless_that_was_to_go() -> None:
    made = hosts(db=HostMade(silence="no socket"))
    assert asked(Running(), made=made).notes["db"] == [
        "PostgreSQL does not answer (no socket): rules of ours and the database stay"
    ]
    (found,) = asked(Running(), made=made, teardown=["database"]).problems
    assert found == "PostgreSQL on db does not answer, and is to drop a database: no socket"
    assert told({"state": "silent", "error": "no socket"}).silence == "no socket"
    absent = told({"state": "absent", "error": None})
    assert (absent.silence, absent.access_file, absent.database) == ("", "", "")


def test_sessions_that_no_page_shows_are_not_none_until_that_is_said() -> None:
    cluster = Running()
    cluster.page = cluster.page[1:]
    (found,) = asked(cluster).problems
    assert "-e operate_sessions=product" in found
    assert asked(cluster, sessions="product").problems == []


def test_who_else_uses_a_mount_is_named_before() -> None:
    mounts: MountsTaken = {**HOME, "busy": ["/home: bob: bash (pid 813, works in it)"]}
    warning = asked(Running(), made=hosts(n2=HostMade(files(), mounts=mounts))).warning
    assert "In use besides on n2, and to be ended before: /home: bob: bash (pid 813, works in it)." in warning


SERVER = {
    "state": "running",
    "error": None,
    "access_file": ACCESS,
    "access_kept": False,
    "access_loaded": True,
    "role": {"verifier": None},
    "access_block": {"rules": [], "marks": [1, 2], "whole": True, "first": True},
    "database": {"owner": "rstudio"},
}


def told(
    server: t.Mapping[str, t.Any], schema: str = "", seat: bool = False, made: Made | None = None, **looks: t.Any
) -> HostMade:
    names = {"database": "rstudio", "role": "rstudio", "schema": schema, "mounts": [], "defaults": {}, "seat": seat}
    return host_made(
        {
            "__teardown_made": {"made": made or files(), "homes": [], "homes_left": {}, "accounts": []},
            "__teardown_database": {"server": {**SERVER, **server}},
            "__teardown": {**names, "users": []},
            **{f"__teardown_{name}": look for name, look in looks.items()},
        }
    )


def test_a_database_is_ours_by_its_owner_and_one_that_others_share_is_its_schema() -> None:
    assert told({}).database == "database rstudio"
    other = told({"database": {"owner": "postgres"}})
    assert (other.database, other.notes) == ("", ["database rstudio belongs to postgres, and stays"])
    shared = {"owner": "postgres", "schema_owner": "rstudio"}
    assert told({"database": shared}, schema="wb").database == "schema wb"
    assert told({"database": {**shared, "schema_owner": None}}, schema="wb").database == ""
    other = told({"database": {**shared, "schema_owner": "postgres"}}, schema="wb")
    assert (other.database, other.notes) == ("", ["schema wb belongs to postgres, and stays"])


def test_of_a_database_that_went_before_a_run_was_cut_off_the_role_goes_too() -> None:
    assert told({"database": None}).database == "role rstudio"
    assert told({"database": None, "role": None}).database == ""


def test_rules_are_ours_by_their_marks_and_stay_where_these_are_no_pair() -> None:
    assert (told({}).access_file, told({"access_block": None}).access_file) == (ACCESS, "")
    assert "role rstudio in database rstudio" in told({}).mark
    found = told({"access_block": {"rules": [], "marks": [1], "whole": False, "first": True}})
    assert found.access_file == ""
    assert "the marks around our rules are no pair" in found.notes[0]


def test_rules_that_went_before_a_run_was_cut_off_are_put_in_force() -> None:
    cut_off = {"access_block": None, "access_kept": True, "access_loaded": False}
    assert told(cut_off).access_file == ACCESS
    assert told({**cut_off, "access_kept": False}).access_file == ""


def test_a_host_outside_the_run_and_one_that_does_not_answer_are_told_apart() -> None:
    assert host_made({}) == HostMade(outside=True)
    assert host_made({"__teardown_made": {"unreachable": True}}).problem == "it did not answer"


@pytest.mark.parametrize("name", ["mounts", "database", "firewall"])
def test_a_look_that_failed_is_a_reason_and_one_that_was_not_asked_for_is_none(name: str) -> None:
    failed: t.Any = {name: {"msg": "no such program", "failed": False}}
    skipped: t.Any = {name: {"skipped": True, "skip_reason": "no"}}
    assert told({}, **failed).problem == "no such program"
    assert told({}, **skipped).problem == ""


def test_rules_of_a_firewall_are_ours_where_it_has_some() -> None:
    assert told({}, firewall={"rules": [], "diff": {"before": "allow 8787/tcp\n", "after": ""}}).firewall is True
    assert told({}, firewall={"rules": [], "diff": {"before": "", "after": ""}}).firewall is False


def test_a_seat_is_given_back_where_a_licence_was_activated_and_is_still_in_the_inventory() -> None:
    made = files(left={"/etc/workbench.cluster/license": "says for which licence the node has a seat"})
    assert (told({}, made=made, seat=True).seat, told({}, made=made).seat, told({}, seat=True).seat) == (
        True,
        False,
        False,
    )
