# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster to a later release and back: no session is lost, and what fails leaves one release on all nodes."""

from __future__ import annotations

import re
import subprocess
import typing as t

import pytest
from operated import NODES, PLACES, STARTED, Sessions, Verb, answers, none_is_lost, of, until

if t.TYPE_CHECKING:
    from pathlib import Path

    from conftest import Lab

FORMER, PATCH, TARGET = "2026.04.0+526.pro2", "2026.04.1+600.pro1", "2026.07.0+139.pro9"
SCHEMAS = {FORMER: "20260210090000000000000", TARGET: "20260512090000000000000"}
KEPT = "/var/lib/workbench.cluster/upgrade"
DROP_IN = "/etc/systemd/system/rstudio-server.service.d"
# That of the release to come fails, before or after it has met the database.
IS_NEW = f"grep -q ^{re.escape(TARGET[:7])} /usr/lib/rstudio-server/VERSION"
BEFORE = f'ExecStartPre=/bin/sh -c "! {IS_NEW}"'
AFTER = f'ExecStartPost=/bin/sh -c "! {IS_NEW}"'
DUMP = "/var/lib/postgresql/before-upgrade.dump"


@pytest.fixture(scope="module", autouse=True)
def whole(lab: Lab, root: Path) -> t.Iterator[None]:
    """The release and the database that others find are those that these tests found."""
    database(lab, f"pg_dump --format=custom --file={DUMP} rstudio")
    yield
    stop(lab)
    restore(lab)
    package = root / ".cache" / "packages" / f"rstudio-server_{FORMER}_amd64.deb"
    for node in NODES:
        copy = ["scp", "-q", "-F", str(root / ".lab" / "ssh_config"), str(package), f"{node}:/root/former.deb"]
        subprocess.run(copy, check=True)
        lab.sh(node, f"rm -rf {KEPT} {DROP_IN}/broken.conf; systemctl unmask rstudio-server rstudio-launcher")
        lab.sh(node, "DEBIAN_FRONTEND=noninteractive dpkg --install /root/former.deb >/dev/null; rm /root/former.deb")
        lab.sh(node, "rm -f /var/lib/rstudio-server/offline; systemctl start rstudio-server rstudio-launcher")
    lab.sh("optdb", f"rm {DUMP}")
    until(lambda: all(map(answers, PLACES.values())))


def database(lab: Lab, command: str) -> str:
    return lab.sh("optdb", f"su postgres -c '{command}'").strip()


def stop(lab: Lab) -> None:
    lab.each(NODES, "systemctl stop rstudio-server rstudio-launcher")


def restore(lab: Lab) -> None:
    database(lab, f"pg_restore --clean --if-exists --dbname=rstudio {DUMP}")


def schema(lab: Lab) -> str:
    return database(lab, 'psql -tA rstudio -c "SELECT current_version FROM schema_version"')


def versions(lab: Lab) -> dict[str, str]:
    return {node: said.split()[0] for node, said in lab.each(NODES, "rstudio-server version").items()}


def on_all(version: str) -> dict[str, str]:
    return dict.fromkeys(NODES, version)


def break_first(lab: Lab, line: str) -> None:
    lab.sh("opt1", f"mkdir -p {DROP_IN}; cat > {DROP_IN}/broken.conf", stdin=f"[Service]\nRestart=no\n{line}\n")
    lab.sh("opt1", "systemctl daemon-reload")


def mend_first(lab: Lab) -> None:
    lab.sh("opt1", f"rm {DROP_IN}/broken.conf; systemctl daemon-reload")


def test_an_upgrade_is_planned_first_and_waits_for_its_confirmation(lab: Lab, verb: Verb, sessions: Sessions) -> None:
    before = lab.each(NODES, STARTED)
    words = " ".join(verb("upgrade", "--check", server_version=TARGET).output.split())
    assert f"{FORMER} → {TARGET}, starts first, alone Online 1 session ({of(sessions, 'opt1')}): suspended" in words
    words = " ".join(verb("upgrade", rc=2, server_version=TARGET).output.split())
    assert "Confirm what is planned: -e operate_confirmed=upgrade." in words
    assert lab.each(NODES, STARTED) == before
    assert lab.each(NODES, f"ls -A {KEPT} 2>/dev/null || true") == dict.fromkeys(NODES, "")


def test_a_package_of_another_release_is_refused_while_all_work(lab: Lab, verb: Verb, root: Path) -> None:
    before = lab.each(NODES, STARTED)
    wrong = str(root / ".cache" / "packages" / f"rstudio-server_{PATCH}_amd64.deb")
    extra = {"server_package": wrong, "operate_former_package": wrong, "operate_confirmed": "upgrade"}
    words = " ".join(verb("upgrade", rc=2, server_version=TARGET, **extra).output.split())
    assert f"holds rstudio-server {PATCH}, and not rstudio-server {TARGET}" in words
    assert (lab.each(NODES, STARTED), versions(lab)) == (before, on_all(FORMER))


def test_a_session_that_computes_keeps_all_nodes_at_their_release(lab: Lab, verb: Verb, sessions: Sessions) -> None:
    user = of(sessions, "opt2")
    busy = f"/nfs/workbench/home/{user}/.local/share/rstudio/busy"
    lab.sh("opt1", f"touch {busy}")
    extra = {"operate_confirmed": "upgrade", "operate_suspend_wait": 2}
    words = " ".join(verb("upgrade", rc=2, server_version=TARGET, **extra).output.split())
    lab.sh("opt1", f"rm {busy}")
    assert "Not all nodes went offline" in words
    assert all(map(answers, PLACES.values()))
    assert versions(lab) == on_all(FORMER)
    none_is_lost(lab, sessions)


def test_a_first_node_that_does_not_start_leads_all_back(lab: Lab, verb: Verb, sessions: Sessions) -> None:
    break_first(lab, BEFORE)
    words = " ".join(verb("upgrade", rc=2, server_version=TARGET, operate_confirmed="upgrade").output.split())
    mend_first(lab)
    assert f"The upgrade to {TARGET} failed, and opt1 has {FORMER} again, on the same schema" in words
    assert "systemctl start rstudio-launcher rstudio-server failed" in words
    assert (versions(lab), schema(lab)) == (on_all(FORMER), SCHEMAS[FORMER])
    assert all(map(answers, PLACES.values()))
    none_is_lost(lab, sessions)


def test_where_the_schema_moved_all_stop_and_go_back_with_the_database(
    lab: Lab, verb: Verb, sessions: Sessions
) -> None:
    break_first(lab, AFTER)
    words = " ".join(verb("upgrade", rc=2, server_version=TARGET, operate_confirmed="upgrade").output.split())
    assert f"Schema of the database: {SCHEMAS[FORMER]}, now {SCHEMAS[TARGET]}." in words
    assert (versions(lab), schema(lab)) == (on_all(TARGET), SCHEMAS[TARGET])
    assert not any(map(answers, PLACES.values()))
    words = " ".join(verb("upgrade", rc=2, server_version=FORMER, operate_confirmed="upgrade").output.split())
    assert f"opt2 cannot go back to {FORMER}: the database's schema was {SCHEMAS[FORMER]}" in words
    stop(lab)
    restore(lab)
    verb("upgrade", server_version=FORMER, operate_confirmed="upgrade")
    mend_first(lab)
    assert (versions(lab), schema(lab)) == (on_all(FORMER), SCHEMAS[FORMER])
    assert all(map(answers, PLACES.values()))
    none_is_lost(lab, sessions)


def test_within_a_line_nodes_are_upgraded_while_people_work(
    lab: Lab, verb: Verb, sessions: Sessions, asked: list[float]
) -> None:
    extra = {"operate_upgrade": "rolling", "operate_confirmed": "upgrade"}
    words = " ".join(verb("upgrade", rc=2, server_version=TARGET, **extra).output.split())
    assert f"{FORMER} and {TARGET} are of different lines" in words
    verb("upgrade", server_version=PATCH, **extra)
    assert versions(lab) == on_all(PATCH)
    assert asked == []
    none_is_lost(lab, sessions)


def test_all_nodes_are_upgraded_together_and_the_downtime_is_told(
    lab: Lab, verb: Verb, sessions: Sessions, asked: list[float]
) -> None:
    """With a drained node, which stays so."""
    verb("drain_node", "--limit", "opt2")
    words = " ".join(verb("upgrade", server_version=TARGET, operate_confirmed="upgrade").output.split())
    said = re.search(r"opt1 is back (\d+) s after the upgrade began. Schema of the database: (\d+), now (\d+)\.", words)
    assert said, words[-6000:]
    assert said.groups()[1:] == (SCHEMAS[FORMER], SCHEMAS[TARGET])
    assert 0 < asked[-1] - asked[0] <= int(said[1]) + 1
    assert versions(lab) == on_all(TARGET)
    assert (answers(PLACES["opt1"]), answers(PLACES["opt2"])) == (True, False)
    none_is_lost(lab, sessions)
    for node in NODES:
        names = lab.sh(node, f"ls {KEPT}; ls -A /var/lib/workbench.cluster").split()
        assert [one for one in names if one.startswith(PATCH)], names
        assert "packages" not in names
    verb("undrain_node", "--limit", "opt2", server_version=TARGET)
    assert verb("upgrade", server_version=TARGET, operate_confirmed="upgrade").changed == 0
