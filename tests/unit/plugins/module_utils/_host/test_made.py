# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is ours on a host, how it goes, and that nothing else does."""

from __future__ import annotations

import os
import types
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host import made as host_made
from ansible_collections.workbench.cluster.plugins.module_utils._host.files import FOUND
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import managed
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Made

OURS = managed("server_rserver_conf") + "www-port=8787\n"
THEIRS = "# Managed by somebody else\nwww-port=80\n"
RSERVER, PROFILES = "/etc/rstudio/rserver.conf", "/etc/rstudio/profiles"
EXPORTS, CHRONY = "/etc/exports.d/workbench.exports", "/etc/chrony/chrony.conf"
PROXY = "/etc/systemd/system/workbench-proxy.service"


class Host:
    """Files under a folder, and what is run; a command of `fails` does so."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ran: list[list[str]] = []
        self.enabled: set[str] = set()
        self.fails = ""

    def run(self, argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        if argv[:2] == ["systemctl", "is-enabled"]:
            return (0, "enabled\n", "") if argv[2] in self.enabled else (1, "disabled\n", "")
        self.ran.append(argv)
        return (1, "", "no") if argv[0] == self.fails else (0, "", "")

    def has(self, path: str, text: str = OURS) -> Host:
        place = self.root / path[1:]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        return self

    def text(self, path: str) -> str | None:
        place = self.root / path[1:]
        return place.read_text() if place.exists() else None

    def look(self, *paths: str, **asked: t.Any) -> Made:
        return host_made.look(self.run, host_made.Asked(paths, **asked), str(self.root))

    def take(self, *paths: str) -> Made:
        made = self.look(*paths)
        host_made.take(self.run, made, str(self.root))
        return made


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_a_file_that_says_it_is_ours_goes_and_no_other(host: Host) -> None:
    host.has(RSERVER).has(PROFILES, THEIRS).has("/etc/rstudio/fine/deep.conf").has("/etc/other/rserver.conf")
    assert host.take()["goes"] == [RSERVER, "/etc/rstudio/fine/deep.conf"]
    assert (host.text(RSERVER), host.text(PROFILES), host.text("/etc/other/rserver.conf")) == (None, THEIRS, OURS)


def test_the_file_that_was_found_takes_its_place_again(host: Host) -> None:
    host.has(RSERVER).has(f"{RSERVER}{FOUND}", THEIRS)
    assert host.take()["back"] == [RSERVER]
    assert (host.text(RSERVER), host.text(f"{RSERVER}{FOUND}")) == (THEIRS, None)
    assert host.look()["back"] == host.look()["goes"] == []


def test_a_file_that_somebody_wrote_in_place_of_ours_stays_and_so_does_the_copy(host: Host) -> None:
    host.has(RSERVER, THEIRS).has(f"{RSERVER}{FOUND}", "www-port=1\n")
    host.take()
    assert (host.text(RSERVER), host.text(f"{RSERVER}{FOUND}")) == (THEIRS, "www-port=1\n")


@pytest.mark.parametrize("link", [RSERVER, "/etc/rstudio"])
def test_what_a_link_leads_to_stays(host: Host, link: str) -> None:
    place = "/srv/rserver.conf" if link == RSERVER else "/srv/rstudio/rserver.conf"
    host.has(place)
    (host.root / "etc" / "rstudio").parent.mkdir(parents=True, exist_ok=True)
    if link == RSERVER:
        (host.root / "etc" / "rstudio").mkdir()
    (host.root / link[1:]).symlink_to(host.root / (place if link == RSERVER else "/srv/rstudio")[1:])
    made = host.take()
    assert (made["goes"], host.text(place)) == ([], OURS)
    assert "leads to" in made["left"][RSERVER]


def test_keys_stay_until_they_are_asked_for(host: Host) -> None:
    host.has("/etc/rstudio/launcher.pem", "PEM")
    assert "whose it was is not told" in host.look()["left"]["/etc/rstudio/launcher.pem"]
    asked = host.look(keys=True)
    assert (asked["goes"], asked["left"]) == (["/etc/rstudio/launcher.pem"], {})


def test_the_password_stays_as_long_as_its_database(host: Host) -> None:
    """It cannot be made again: keys may have been replaced since it was made of one."""
    path = "/etc/rstudio/database.conf"
    host.has(path)
    assert host.look(database=True)["goes"] == [path]
    host.has(f"{path}{FOUND}", THEIRS)  # the vendor's package brings one
    stays = host.take()
    assert (stays["goes"], stays["back"], list(stays["left"])) == ([], [], [path])
    assert host.look(database=True)["back"] == [path]


def test_a_file_of_the_inventorys_own_words_is_named_and_stays(host: Host) -> None:
    host.has(PROFILES, "[*]\n").has(RSERVER)
    asked = {"suspects": [PROFILES, RSERVER, "/etc/rstudio/absent"]}
    assert host.look(**asked)["left"] == {PROFILES: "does not say whose it is"}


def test_what_is_ours_by_its_name_goes_and_what_others_put_beside_it_stays(host: Host) -> None:
    certificate, other = "/etc/workbench.cluster/tls/host.crt", "/etc/workbench.cluster/tls/admins.crt"
    host.has(certificate, "PEM").has(other, "PEM").has("/etc/workbench.cluster/database/server.key", "PEM")
    made = host.take(certificate, "/etc/workbench.cluster/tls/host.key")
    assert made["goes"] == [certificate]
    assert made["left"] == {
        "/etc/workbench.cluster/database/server.key": "PostgreSQL serves it",
        other: "by this inventory no role writes it",
    }
    assert host.text(other) == "PEM"


def test_folders_of_ours_go_with_the_last_file_and_those_of_others_never(host: Host) -> None:
    drop_in = "/etc/systemd/system/rstudio-server.service.d/workbench-cluster.conf"
    host.has(drop_in).has("/etc/workbench.cluster/proxy/nginx.conf").has(RSERVER).has(EXPORTS)
    host.take()
    assert not (host.root / "etc/workbench.cluster").exists()
    assert not (host.root / "etc/systemd/system/rstudio-server.service.d").exists()
    assert (host.root / "etc/rstudio").exists()
    assert (host.root / "etc/exports.d").exists()


def test_files_of_the_firewall_are_left_to_its_role(host: Host) -> None:
    rules, unit = (
        "/etc/workbench.cluster/firewall-prod.nft",
        "/etc/systemd/system/workbench-cluster-firewall-prod.service",
    )
    host.has(rules).has(unit)
    made = host.take()
    assert (made["goes"], made["left"]) == ([], {})
    assert (host.text(rules), host.text(unit)) == (OURS, OURS)


def test_services_of_ours_stop_before_their_files_go_and_workbench_starts_no_more(host: Host) -> None:
    host.enabled = {"rstudio-server"}
    host.has(PROXY)
    wants = host.root / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir()
    (wants / "workbench-proxy.service").symlink_to(host.root / PROXY[1:])
    made = host.take()
    assert (made["goes"], made["disabled"]) == ([PROXY], ["rstudio-server"])
    assert host.ran == [
        ["systemctl", "disable", "--now", "rstudio-server"],
        ["systemctl", "disable", "--now", "workbench-proxy.service"],
        ["systemctl", "daemon-reload"],
    ]


def test_the_time_service_gets_its_file_from_before_and_keeps_ours_without_one(host: Host) -> None:
    host.has(CHRONY)
    assert "cannot be without" in host.take()["left"][CHRONY]
    assert (host.text(CHRONY), host.ran) == (OURS, [])
    host.has(f"{CHRONY}{FOUND}", "pool pool.ntp.org\n")
    assert host.take()["back"] == [CHRONY]
    assert host.ran == [["systemctl", "try-restart", "chrony.service"]]


def test_a_run_that_was_cut_off_before_it_told_anybody_is_finished(host: Host) -> None:
    host.has(EXPORTS)
    host.fails = "exportfs"
    with pytest.raises(Failure, match="exportfs -ra: no"):
        host.take()
    host.fails, host.ran = "", []
    assert host.look()["told"] == ["/etc/exports.d/"]
    host.take()
    assert host.ran == [["exportfs", "-ra"]]
    assert host.look()["told"] == []


def test_nothing_but_a_known_place_is_told_whatever_stands_in_the_mark(host: Host) -> None:
    host.has(host_made.UNDERWAY, "/etc/shadow\n/etc/exports.d/\n")
    assert host.look()["told"] == ["/etc/exports.d/"]


def test_exports_that_somebody_still_mounts_are_kept(host: Host) -> None:
    made = host.has(EXPORTS).look(keep=["/etc/exports.d/"])
    assert (made["goes"], [*made["left"]]) == ([], [EXPORTS])


def test_a_masked_unit_is_named_and_stays(host: Host) -> None:
    link = "/etc/systemd/system/nginx.service"
    host.has("/etc/systemd/system/other.service", THEIRS)
    (host.root / link[1:]).symlink_to(os.devnull)
    assert host.take()["left"] == {link: "masked, and by whom is not told"}


def test_copies_from_before_upgrades_and_migrations_are_named_and_stay(host: Host) -> None:
    upgrade, migration = "/var/lib/workbench.cluster/upgrade", "/var/lib/workbench.cluster/migration"
    package = "/var/lib/workbench.cluster/packages/2026.04.0.deb"
    host.has(f"{upgrade}/copy", "").has(f"{migration}/copy", "").has(package, "")
    made = host.take()
    assert (made["goes"], [*made["left"]]) == ([package], [upgrade, migration])
    assert (host.text(f"{upgrade}/copy"), host.text(f"{migration}/copy"), host.text(package)) == ("", "", None)


def test_a_host_without_anything_of_ours_is_left(host: Host) -> None:
    assert host.take() == {"goes": [], "back": [], "left": {}, "disabled": [], "told": []}
    assert host.ran == []
    assert list(host.root.iterdir()) == []


def users(**homes: tuple[Path | str, int]) -> t.Callable[[str], t.Any]:
    accounts = {name: types.SimpleNamespace(pw_dir=str(home), pw_uid=uid) for name, (home, uid) in homes.items()}
    return lambda name: accounts[name]


def test_a_home_is_its_users_or_stays(tmp_path: Path) -> None:
    ada, uid = tmp_path / "ada", os.getuid() or 1000
    ada.mkdir()
    os.chown(ada, uid, -1)
    (tmp_path / "bob").symlink_to(ada)
    known = users(ada=(ada, uid), bob=(tmp_path / "bob", uid), eve=(ada, uid + 1), root=("/", 0), gone=("/no/home", 1))
    homes, left = host_made.homes_of(["ada", "bob", "eve", "root", "gone", "nobody"], known)
    assert homes == [str(ada)]
    assert {name: why.rpartition("/")[2] for name, why in left.items()} == {
        "bob": "bob is no directory of its own",
        "eve": f"ada belongs to the number {uid}, and not to the user",
        "root": " is no directory of its own",
        "nobody": "has no account, so that whose home it was is not told",
    }


def test_accounts_of_a_directory_are_not_deleted(tmp_path: Path) -> None:
    (tmp_path / "passwd").write_text("ada:x:1001:1001::/home/ada:/bin/bash\n")
    assert host_made.local_accounts(["ada", "carol"], str(tmp_path / "passwd")) == ["ada"]
