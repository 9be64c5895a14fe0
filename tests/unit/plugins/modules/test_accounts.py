# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module with the real tools of this system on a copy of its /etc, in a mount namespace of their own. Needs root."""

from __future__ import annotations

import json
import shutil
import subprocess
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._accounts import apply as accounts_apply
from ansible_collections.workbench.cluster.plugins.module_utils._accounts import nss
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.look import read_look
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Accounts, AccountsAsked
from ansible_collections.workbench.cluster.plugins.modules import accounts, accounts_info
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.accounts import differences
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import RUN_KEY, Differences
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.accounts import as_options
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.accounts_ask import accounts_ask

HASH = "$6$saltsalt$" + "x" * 40
OTHER_HASH = "$6$saltsalt$" + "y" * 40
SETTINGS = (
    "passwd",
    "group",
    "shadow",
    "gshadow",
    "login.defs",
    "nsswitch.conf",
    "pam.d",
    "default",
    "security",
    "skel",
)


class System:
    """A copy of /etc whose accounts the real tools read and write."""

    def __init__(self, root: Path) -> None:
        self.etc, self.home = root / "etc", root / "home"
        self.etc.mkdir()
        self.home.mkdir()
        for name in SETTINGS:
            source = Path("/etc", name)
            if source.is_dir():
                shutil.copytree(source, self.etc / name, symlinks=True)
            elif source.exists():
                shutil.copy2(source, self.etc / name)
        self.calls: list[list[str]] = []

    def run(self, argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        self.calls.append(argv)
        inside = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc && exec "$@"', str(self.etc), *argv]
        done = subprocess.run(inside, input=data, capture_output=True, text=True, errors="replace", check=False)
        return done.returncode, done.stdout, done.stderr

    def read(self) -> Accounts:
        return nss.read(self.run)

    def passwords(self, *names: str) -> dict[str, str]:
        return nss.read_passwords(self.run, names)

    def tools(self) -> list[str]:
        """The programs that were asked to change something, since the last call."""
        called = [argv[0] for argv in self.calls if argv[0] != "getent"]
        self.calls.clear()
        return called


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> System:
    made = System(tmp_path)
    monkeypatch.setattr(accounts, "runner", lambda module: made.run)
    monkeypatch.setattr(accounts_info, "runner", lambda module: made.run)
    return made


Make = t.Callable[..., t.Dict[str, t.Any]]


@pytest.fixture
def make(system: System, run_module: t.Callable[..., dict[str, t.Any]]) -> Make:
    def call(**options: t.Any) -> dict[str, t.Any]:
        return run_module(accounts.main, skeleton=str(system.etc / "skel"), **options)

    return call


def ada(system: System, **other: t.Any) -> dict[str, t.Any]:
    return {"name": "ada", "uid": 21001, "home": str(system.home / "ada"), **other}


GROUPS = [{"name": "ada", "gid": 21001}, {"name": "team", "gid": 31001}]


def test_makes_users_groups_and_memberships(system: System, make: Make) -> None:
    comment = 'Ada "the first" \\ 100% Lovelace, é'
    users = [ada(system, groups=["team"], comment=comment, shell="/bin/sh", password=HASH)]
    predicted = make(users=users, groups=GROUPS, check_mode=True)
    assert system.tools() == []
    result = make(users=users, groups=GROUPS)
    assert result == predicted
    assert (result["created_users"], result["created_groups"]) == (["ada"], ["ada", "team"])
    found = system.read()
    home = str(system.home / "ada")
    assert found["users"]["ada"] == {"uid": 21001, "gid": 21001, "comment": comment, "home": home, "shell": "/bin/sh"}
    assert found["groups"]["team"] == {"gid": 31001, "members": ["ada"]}
    assert system.passwords("ada") == {"ada": HASH}
    assert not Path(home).exists()


def test_second_run_changes_nothing(system: System, make: Make) -> None:
    users = [ada(system, groups=["team"], password=HASH), {"name": "jane.doe", "uid": 21002, "groups": ["team"]}]
    groups = [*GROUPS, {"name": "jane.doe", "gid": 21002}]
    assert make(users=users, groups=groups, create_homes=False)["changed"] is True
    system.tools()
    again = make(users=users, groups=groups)
    assert (again["changed"], again["diff"]["after"], system.tools()) == (False, "", [])


def test_name_that_sysusers_refuses(system: System, make: Make) -> None:
    users = [{"name": "jane.doe", "uid": 21002, "groups": ["team"], "comment": "Jane"}]
    make(users=users, groups=[{"name": "jane.doe", "gid": 21002}, {"name": "team", "gid": 31001}])
    found = system.read()
    assert (found["users"]["jane.doe"]["uid"], found["groups"]["jane.doe"]["gid"]) == (21002, 21002)
    assert found["groups"]["team"]["members"] == ["jane.doe"]


def test_account_without_password_is_locked(system: System, make: Make) -> None:
    make(users=[ada(system)], groups=GROUPS)
    assert system.passwords("ada")["ada"][0] in "!*"


def test_system_account_is_as_the_package_makes_it(system: System, make: Make) -> None:
    service = {"name": "rstudio-server", "uid": 989, "system": True}
    result = make(users=[service], groups=[{"name": "rstudio-server", "gid": 989}], create_homes=True)
    user = system.read()["users"]["rstudio-server"]
    assert (user["uid"], user["home"], user["shell"]) == (989, "/home/rstudio-server", "/bin/sh")
    assert result["created_homes"] == []


def test_changes_of_an_existing_user(system: System, make: Make) -> None:
    make(users=[ada(system, comment="Ada", password=HASH)], groups=GROUPS)
    system.tools()
    result = make(users=[ada(system, comment="Ada L.", groups=["team"], password=OTHER_HASH)], groups=GROUPS)
    assert (result["changed_users"], result["changed_groups"], result["created_users"]) == (["ada"], ["team"], [])
    assert system.tools() == ["systemd-sysusers", "usermod", "chpasswd"]
    found = system.read()
    assert (found["users"]["ada"]["comment"], found["groups"]["team"]["members"]) == ("Ada L.", ["ada"])
    assert system.passwords("ada") == {"ada": OTHER_HASH}


def test_what_is_unset_is_left_alone(system: System, make: Make) -> None:
    make(users=[ada(system, comment="Ada", shell="/bin/sh", groups=["team"], password=HASH)], groups=GROUPS)
    assert make(users=[{"name": "ada", "uid": 21001}], groups=[])["changed"] is False


@pytest.mark.parametrize(
    ("user", "groups", "words"),
    [
        ({"name": "ada", "uid": 5}, GROUPS, ["user ada has uid 21001", "wanted 5"]),
        ({"name": "ada", "uid": 21001, "group": "team"}, GROUPS, ["user ada has primary gid 21001", "31001 (team)"]),
        ({"name": "eve", "uid": 21001, "group": "team"}, GROUPS, ["uid 21001", "user eve", "belongs to user ada"]),
        ({"name": "eve", "uid": 5}, [{"name": "team", "gid": 5}], ["group team has gid 31001", "wanted 5"]),
        (
            {"name": "eve", "uid": 5},
            [{"name": "eve", "gid": 31001}],
            ["gid 31001", "group eve", "belongs to group team"],
        ),
        ({"name": "-R/tmp", "uid": 5, "group": "team"}, [], ["'-R/tmp' is not a valid name"]),
        ({"name": "eve\nm eve root", "uid": 5, "group": "team"}, [], ["is not a valid name"]),
        ({"name": "eve", "uid": 5}, [{"name": "eve", "gid": 5, "system": True}], ["Unsupported", "system"]),
        ({"name": "eve", "uid": 5, "group": "nosuch"}, [], ["user eve", "group nosuch"]),
        ({"name": "ada", "uid": 21001, "comment": "a:b"}, [], ["user ada", "comment"]),
        ({"name": "ada", "uid": 21001, "home": "/home/a\nroot"}, [], ["user ada", "home"]),
        ({"name": "ada", "uid": 21001, "password": "clear text"}, [], ["user ada", "crypt(3)"]),
    ],
)
def test_conflict_stops_before_any_change(
    system: System, make: Make, user: dict[str, t.Any], groups: list[dict[str, t.Any]], words: list[str]
) -> None:
    make(users=[ada(system)], groups=GROUPS)
    before = {path.name: path.read_bytes() for path in system.etc.iterdir() if path.is_file()}
    result = make(users=[{"name": "new", "uid": 29999, "group": "team"}, user], groups=groups)
    assert result["failed"] is True
    assert [word for word in words if word not in result["msg"]] == []
    assert "clear text" not in result["msg"]
    assert {path.name: path.read_bytes() for path in system.etc.iterdir() if path.is_file()} == before


def test_homes_are_made_whole(system: System, make: Make) -> None:
    (system.etc / "skel" / ".profile").write_text("# mine\n")
    (system.home / ".ada.new").mkdir()  # left by an interrupted run
    users = [ada(system)]
    predicted = make(users=users, groups=GROUPS, create_homes=True, home_mode="0750", check_mode=True)
    assert not (system.home / "ada").exists()
    result = make(users=users, groups=GROUPS, create_homes=True, home_mode="0750")
    assert result["created_homes"] == predicted["created_homes"] == [str(system.home / "ada")]
    profile = system.home / "ada" / ".profile"
    assert [(p.stat().st_uid, p.stat().st_gid) for p in (profile, profile.parent)] == [(21001, 21001)] * 2
    assert (profile.parent.stat().st_mode & 0o7777, profile.read_text()) == (0o750, "# mine\n")
    assert [path.name for path in system.home.iterdir()] == ["ada"]


@pytest.mark.parametrize("mode", ["0988", "-700", "0o700", " 700"])
@pytest.mark.parametrize("check_mode", [False, True])
def test_a_mode_that_is_none_stops_before_any_change(system: System, make: Make, check_mode: bool, mode: str) -> None:
    result = make(users=[ada(system)], groups=GROUPS, create_homes=True, home_mode=mode, check_mode=check_mode)
    assert result["failed"] is True
    assert f"home_mode {mode}" in result["msg"]
    assert system.tools() == []


def test_home_of_another_is_an_error(system: System, make: Make) -> None:
    (system.home / "ada").mkdir()
    result = make(users=[ada(system)], groups=GROUPS, create_homes=True)
    assert result["failed"] is True
    assert "user ada (21001) belongs to uid 0" in result["msg"]
    assert "ada" not in system.read()["users"]


def test_existing_home_is_left_as_it_is(system: System, make: Make) -> None:
    home = system.home / "ada"
    home.mkdir(mode=0o711)
    shutil.chown(home, 21001, 0)
    assert make(users=[ada(system)], groups=GROUPS, create_homes=True)["created_homes"] == []
    assert (home.stat().st_gid, home.stat().st_mode & 0o777, list(home.iterdir())) == (0, 0o711, [])


def test_interrupted_run_is_completed(system: System, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(run: t.Any, hashes: dict[str, str]) -> None:
        raise KeyboardInterrupt

    users = [ada(system, groups=["team"], password=HASH)]
    with monkeypatch.context() as patch:
        patch.setattr(accounts_apply, "set_passwords", interrupted)
        with pytest.raises(KeyboardInterrupt):
            make(users=users, groups=GROUPS)
    assert make(users=users, groups=GROUPS)["changed_users"] == ["ada"]
    assert system.passwords("ada") == {"ada": HASH}
    assert make(users=users, groups=GROUPS)["changed"] is False


def test_a_thousand_users_need_no_more_calls_than_one(system: System, make: Make) -> None:
    names = [f"u{i}" for i in range(1000)]
    users = [{"name": name, "uid": 40000 + i, "groups": ["team"], "password": HASH} for i, name in enumerate(names)]
    groups = [{"name": "team", "gid": 31001}, *({"name": name, "gid": 40000 + i} for i, name in enumerate(names))]
    assert len(make(users=users, groups=groups)["created_users"]) == 1000
    assert system.tools() == ["systemd-sysusers", "chpasswd"]
    assert make(users=users, groups=groups)["changed"] is False


def test_passwords_are_in_no_argument(system: System, make: Make) -> None:
    make(users=[ada(system, password=HASH)], groups=GROUPS)
    assert [argv for argv in system.calls if any(HASH in word for word in argv)] == []


def test_info_reports_what_was_asked_for(
    system: System, make: Make, run_module: t.Callable[..., dict[str, t.Any]]
) -> None:
    make(users=[ada(system, groups=["team"])], groups=GROUPS)
    result = run_module(accounts_info.main, users=["ada", "nosuch"], groups=["team"])
    assert result["changed"] is False
    found = result["accounts"]
    assert {name: user["uid"] for name, user in found["users"].items()} == {"ada": 21001}
    assert found["groups"] == {"team": {"gid": 31001, "members": ["ada"]}}
    assert (found["uids"]["0"], found["uids"]["21001"], found["gids"]["31001"]) == (["root"], ["ada"], ["team"])
    assert ["getent", "passwd", "--", "nosuch"] in system.calls


def test_info_counts_two_accounts_whose_names_are_no_text(
    system: System, run_module: t.Callable[..., dict[str, t.Any]]
) -> None:
    """They look alike where their bytes are replaced; each has an id of its own."""
    with (system.etc / "passwd").open("ab") as file:
        file.write(
            b"m\xfcller:x:22001:100:M\xfcller:/home/x:/bin/sh\nm\xf6ller:x:22002:100:M\xf6ller:/home/y:/bin/sh\n"
        )
    found = run_module(accounts_info.main, users=["root"])["accounts"]
    assert (found["uids"]["22001"], found["uids"]["22002"]) == (["m\ufffdller"], ["m\ufffdller"])
    assert list(found["users"]) == ["root"]


class Directory:
    """What SSSD does without enumeration: it answers by name and by number, and names no members of its groups."""

    def __init__(self, system: System) -> None:
        self.system, self.asked = system, 0
        self.passwd = {"eve": ["eve", "x", "20000", "24000", "Eve", "/home/eve", "/bin/sh"]}
        self.group = {"research": ["research", "x", "24000", ""], "guests": ["guests", "x", "20002", ""]}
        self.members = {"eve": {24000}}

    def run(self, argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        rc, out, err = self.system.run(argv, data, env)
        if argv[:2] == ["getent", "initgroups"]:
            gids = {name: " ".join(map(str, self.members.get(name, ()))) for name in argv[3:]}
            out = "".join(f"{line} {gids[line.split()[0]]}\n" for line in out.splitlines())
        elif argv[0] == "getent" and "--" in argv and argv[1] in ("passwd", "group"):
            keys = argv[argv.index("--") + 1 :]
            self.asked += len(keys)
            rows = self.passwd if argv[1] == "passwd" else self.group
            out += "".join(":".join(row) + "\n" for row in rows.values() if row[0] in keys or row[2] in keys)
        return rc, out, err


@pytest.fixture
def directory(system: System, monkeypatch: pytest.MonkeyPatch) -> Directory:
    made = Directory(system)
    monkeypatch.setattr(accounts, "runner", lambda module: made.run)
    monkeypatch.setattr(accounts_info, "runner", lambda module: made.run)
    return made


RANGES = [{"name": "people", "first": 20000, "last": 29999}, {"name": "system", "first": 989, "last": 900}]


def test_info_asks_whose_a_number_is(directory: Directory, run_module: t.Callable[..., dict[str, t.Any]]) -> None:
    found = run_module(accounts_info.main, users=["eve"], numbers=["", None, "20002"])["accounts"]
    assert found["uids"]["20000"] == ["eve"]
    assert (found["gids"]["20002"], found["gids"]["24000"]) == (["guests"], ["research"])
    found = run_module(accounts_info.main)["accounts"]
    assert not {"20000", "20002"} & {*found["uids"], *found["gids"]}


def test_info_looks_for_free_numbers(directory: Directory, run_module: t.Callable[..., dict[str, t.Any]]) -> None:
    """Two of the first are a user's and a group's of the directory; no more is asked than is needed."""
    found = run_module(accounts_info.main, ranges=RANGES, count=4)["accounts"]
    assert (found["uids"]["20000"], found["gids"]["20002"]) == (["eve"], ["guests"])
    assert 20005 <= found["reached"]["people"] < 20020
    assert 900 < found["reached"]["system"] <= 986
    assert directory.asked < 100


def test_a_range_that_is_full_is_asked_to_its_end(
    directory: Directory, run_module: t.Callable[..., dict[str, t.Any]]
) -> None:
    ranges = [{"name": "people", "first": 20000, "last": 20002}]
    assert run_module(accounts_info.main, ranges=ranges, count=50)["accounts"]["reached"] == {"people": 20002}
    assert run_module(accounts_info.main, ranges=ranges)["accounts"]["reached"] == {"people": None}


def refused(system: System, make: Make, words: list[str], **options: t.Any) -> None:
    """Said before any change, and in a check as well."""
    before = {path.name: path.read_bytes() for path in system.etc.iterdir() if path.is_file()}
    for check_mode in (True, False):
        result = make(check_mode=check_mode, **options)
        assert result["failed"] is True
        assert [word for word in words if word not in result["msg"]] == [], result["msg"]
    assert {path.name: path.read_bytes() for path in system.etc.iterdir() if path.is_file()} == before


def test_a_hidden_owner_of_an_id_is_found(system: System, directory: Directory, make: Make) -> None:
    user = {"name": "bob", "uid": 20000}
    refused(system, make, ["uid 20000", "belongs to user eve"], users=[user], groups=[{"name": "bob", "gid": 20001}])
    user = {"name": "bob", "uid": 20002}
    refused(
        system, make, ["gid 20002", "belongs to group guests"], users=[user], groups=[{"name": "bob", "gid": 20002}]
    )


def test_a_membership_the_node_cannot_make_is_an_error(system: System, directory: Directory, make: Make) -> None:
    """groupmems and systemd-sysusers would write it where nobody looks, and the next run would again."""
    user = ada(system, groups=["guests"])
    words = ["user ada is not in group guests", "directory service"]
    make(users=[ada(system)], groups=GROUPS)
    refused(system, make, words, users=[user], groups=GROUPS)


def test_a_membership_a_directory_has_is_one(system: System, directory: Directory, make: Make) -> None:
    """Its group names no members; the groups of a session tell."""
    eve = {"name": "eve", "uid": 20000, "group": "research", "groups": ["guests"]}
    directory.members["eve"].add(20002)
    assert make(users=[eve])["changed"] is False


def test_a_user_of_a_directory_joins_a_local_group(system: System, directory: Directory, make: Make) -> None:
    eve = {"name": "eve", "uid": 20000, "group": "research", "groups": ["team"]}
    make(groups=GROUPS)
    assert make(users=[eve], check_mode=True)["changed_groups"] == ["team"]


@pytest.mark.parametrize(("field", "value"), [("comment", "Eve L."), ("shell", "/bin/bash"), ("password", HASH)])
def test_a_user_of_a_directory_is_not_changed(
    system: System, directory: Directory, make: Make, field: str, value: str
) -> None:
    eve = {"name": "eve", "uid": 20000, "group": "research", field: value}
    refused(system, make, ["user eve", "directory service", f"its {field}"], users=[eve])


def test_a_membership_that_was_not_made_is_an_error(
    system: System, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(users=[ada(system)], groups=GROUPS)
    monkeypatch.setattr(accounts_apply, "create", lambda *__: None)
    result = make(users=[ada(system, groups=["team"])], groups=GROUPS)
    assert result["failed"] is True
    assert "user ada was added to group team, but is not in it" in result["msg"]


def lock(system: System) -> None:
    """As an administrator does."""
    assert system.run(["usermod", "--lock", "ada"])[0] == 0
    system.tools()


@pytest.mark.parametrize("password", [HASH, OTHER_HASH])
def test_a_locked_account_stays_locked(system: System, make: Make, password: str) -> None:
    make(users=[ada(system, password=HASH)], groups=GROUPS)
    lock(system)
    make(users=[ada(system, password=password)], groups=GROUPS)
    assert system.passwords("ada") == {"ada": f"!{password}"}
    assert make(users=[ada(system, password=password)], groups=GROUPS)["changed"] is False
    assert make(users=[ada(system)], groups=GROUPS)["changed"] is False


@pytest.mark.parametrize("password", [None, HASH, OTHER_HASH])
def test_an_account_is_unlocked_by_name(system: System, make: Make, password: str | None) -> None:
    make(users=[ada(system, password=HASH)], groups=GROUPS)
    lock(system)
    assert make(users=[ada(system, password=password, locked=False)], groups=GROUPS)["changed_users"] == ["ada"]
    assert system.passwords("ada") == {"ada": password or HASH}


def test_an_account_is_locked_by_name(system: System, make: Make) -> None:
    make(users=[ada(system, password=HASH, locked=True)], groups=GROUPS)
    assert system.passwords("ada") == {"ada": f"!{HASH}"}
    make(users=[ada(system, locked=False)], groups=GROUPS)
    make(users=[ada(system, locked=True)], groups=GROUPS)
    assert system.passwords("ada") == {"ada": f"!{HASH}"}


def test_no_account_is_unlocked_into_having_no_password(system: System, make: Make) -> None:
    make(users=[ada(system, locked=False)], groups=GROUPS)
    assert system.passwords("ada")["ada"][0] in "!*"
    assert make(users=[ada(system, locked=False)], groups=GROUPS)["changed"] is False


class Case(t.NamedTuple):
    """What is wanted beside what is there, and what the plan then tells of."""

    users: dict[str, dict[str, t.Any]]
    groups: dict[str, int] = {}
    told: t.Sequence[str] = ()
    told_if_locked: t.Sequence[str] | None = None  # if that differs


PLANNED = {
    "nothing": Case({}),
    "a user who is missing": Case({"eve": {"uid": 21009, "password": HASH}}, {"eve": 21009}, ["eve (21009)"]),
    "a group that is missing": Case({}, {"crew": 31009}, ["crew (31009)"]),
    "both": Case({"eve": {"uid": 21009}}, {"crew": 31009, "eve": 21009}, ["eve (21009), crew (31009)"]),
    "a group to join": Case({"ada": {"groups": ["team", "crew"]}}, {"crew": 31009}, ["crew (31009)", "ada"]),
    "a comment": Case({"ada": {"comment": "Ada L."}}, told=["ada"]),
    "no comment": Case({"ada": {"comment": ""}}, told=["ada"]),
    "a shell": Case({"ada": {"shell": "/bin/bash"}}, told=["ada"]),
    "another password": Case({"ada": {"password": OTHER_HASH}}, told=["ada"]),
    "a lock": Case({"ada": {"locked": True}}, told=["ada"], told_if_locked=[]),
    "no lock": Case({"ada": {"locked": False}}, told=[], told_if_locked=["ada"]),
    "a password for who has none": Case({"bob": {"password": HASH}}, told=["bob"]),
    "a lock for who has no password": Case({"bob": {"locked": True}}),
    "a home": Case({"cyd": {"uid": 21003, "group": "team"}}, told=["home {cyd}"]),
}
THERE: dict[str, dict[str, t.Any]] = {
    "ada": {"uid": 21001, "comment": "Ada", "shell": "/bin/sh", "groups": ["team"], "password": HASH},
    "bob": {"uid": 21002, "group": "team"},
    "cyd": {"uid": 21003, "group": "team"},
}


@pytest.mark.parametrize("case", PLANNED.values(), ids=PLANNED.keys())
@pytest.mark.parametrize("locked", [False, True], ids=["open", "locked"])
def test_what_a_plan_tells_of_a_look_is_what_the_module_does(
    system: System, make: Make, case: Case, locked: bool
) -> None:
    """`cyd` has no home, and is asked for in one case only."""
    homes = {name: str(system.home / name) for name in (*THERE, "eve")}
    ids = {"ada": 21001, "team": 31001}
    make(
        users=[{"name": name, "home": homes[name], **user} for name, user in THERE.items()],
        groups=[{"name": name, "gid": gid} for name, gid in ids.items()],
    )
    for name, uid in (("ada", 21001), ("bob", 21002), ("eve", 21009)):
        Path(homes[name]).mkdir()
        shutil.chown(homes[name], uid, 0)
    if locked:
        lock(system)
    names = dict.fromkeys(["ada", "bob", *case.users])
    users = [{"name": name, "home": homes[name], **THERE.get(name, {}), **case.users.get(name, {})} for name in names]
    groups = [{"name": name, "gid": gid} for name, gid in {**ids, **case.groups}.items()]
    found = planned(system, users, groups)
    done = make(users=users, groups=groups, create_homes=True)
    told = case.told_if_locked if locked and case.told_if_locked is not None else case.told
    assert found.problems == []
    assert [change.what for change in found.changes] == [what.format(**homes) for what in told]
    assert bool(found.changes) == done["changed"]
    assert [entry["after"] for entry in found.diff] == ([done["diff"]["after"]] if done["changed"] else [])
    assert planned(system, users, groups).changes == []


def planned(host: System | Directory, users: list[t.Any], groups: list[t.Any], homes: bool = True) -> Differences:
    """What a plan makes of a look at the host, which tells no password."""
    look = read_look(host.run, RUN_KEY, json.dumps(ask(users, groups)))
    assert HASH not in json.dumps(look)
    wanted = {
        "accounts": json.dumps({"users": [as_options(user) for user in users], "groups": groups}),
        "homes": homes,
        "sssd": {},
    }
    return differences(wanted, {"accounts": look})


def ask(users: list[dict[str, t.Any]], groups: list[dict[str, t.Any]]) -> AccountsAsked:
    variables = {
        "accounts_users": users,
        "accounts_groups": groups,
        "accounts_service_uid": None,
        "accounts_service_gid": None,
        "accounts_id_range": [20000, 29999],
        "accounts_system_id_range": [900, 989],
        "accounts_home_root": "/home",
    }
    return accounts_ask(variables, lambda value: value, True)


def test_what_the_module_refuses_is_a_problem_of_the_plan(system: System, directory: Directory, make: Make) -> None:
    """In its own words, and also where a directory service hides who has a number."""
    make(users=[ada(system)], groups=GROUPS)
    for user, group in (
        ({"name": "ada", "uid": 5}, None),
        ({"name": "new", "uid": 21001, "group": "team"}, None),
        ({"name": "bob", "uid": 20000, "group": "team"}, None),
        ({"name": "ada", "uid": 21001, "groups": ["guests"]}, None),
        ({"name": "eve", "uid": 20000, "group": "research", "shell": "/bin/bash"}, None),
        ({"name": "ada", "uid": 21001}, {"name": "crew", "gid": 20002}),
    ):
        users, groups = [user], [*GROUPS, *([group] if group else [])]
        found = planned(directory, users, groups, homes=False)
        refused = make(users=users, groups=groups, check_mode=True)
        assert (found.problems, found.changes) == (refused["msg"].splitlines(), [])


def test_a_membership_a_directory_has_is_none_to_make(system: System, directory: Directory, make: Make) -> None:
    eve = {"name": "eve", "uid": 20000, "group": "research", "groups": ["guests"]}
    directory.members["eve"].add(20002)
    assert planned(directory, [eve], [], homes=False).changes == []
    assert make(users=[eve])["changed"] is False


def test_a_look_asks_a_directory_only_for_what_nobody_else_tells(system: System, directory: Directory) -> None:
    """A thousand users who are there cost a few calls, and no free number is looked for."""
    with (system.etc / "passwd").open("a") as file:
        file.writelines(f"u{i}:x:{40000 + i}:{40000 + i}::/home/u{i}:/bin/sh\n" for i in range(1000))
    with (system.etc / "group").open("a") as file:
        names = ",".join(f"u{i}" for i in range(1000))
        file.writelines(f"u{i}:x:{40000 + i}:\n" for i in range(1000))
        file.write(f"analysts:x:31009:{names}\nrstudio-server:x:989:\n")
    with (system.etc / "passwd").open("a") as file:
        file.write("rstudio-server:x:989:989::/home/rstudio-server:/bin/sh\n")
    users = [{"name": f"u{i}", "uid": 40000 + i, "groups": ["analysts"], "password": HASH} for i in range(1000)]
    asked = json.dumps({**ask(users, [{"name": "analysts"}]), "homes": None})
    system.calls.clear()
    look = read_look(directory.run, RUN_KEY, asked)
    assert (len(look["users"]), directory.asked, len(system.calls)) == (1001, 0, 5)
    assert look["reached"] == {"people": None, "system": None}
    (system.etc / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    assert (read_look(directory.run, RUN_KEY, asked)["reached"]["people"] or 0) > 20000 + 1000
