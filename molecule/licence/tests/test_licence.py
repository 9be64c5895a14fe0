# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two nodes that are activated by key, a licence server, a file and offline, one after the other; optdb counts seats."""

from __future__ import annotations

import hashlib
import json
import re
import typing as t
from pathlib import Path

import pytest

if t.TYPE_CHECKING:
    from conftest import Lab, Run

NODES = ["opt1", "opt2"]
KEY = "S3CR-ETKE-YOFT-WORK-BENC-days-200"
OTHER = "0THE-RKEY-OFTH-EWOR-KBEN-days-200"
STATE = "/var/lib/rstudio-server"
# Where a key could be left: in logs of the host, of the product, and on disk.
TRACES = "journalctl --no-pager | grep -c {0}; grep -rl {0} /var/log /etc /var/lib/rstudio-server /run /tmp 2>/dev/null"


@pytest.fixture(scope="module")
def inventory(root: Path) -> Path:
    return root / "molecule" / "licence" / "inventory" / "hosts.yml"


@pytest.fixture(scope="module", autouse=True)
def vendor(lab: Lab, root: Path) -> None:
    """The vendor's server for two seats on optdb, and a floating one for one seat."""
    program = (root / "tests" / "fake_workbench" / "fake_workbench" / "licence_server.py").read_text()
    lab.sh("optdb", "cat > /root/licence_server.py", stdin=program)
    for port, seats in ((8080, 2), (8989, 1)):
        lab.sh("optdb", f"systemd-run --unit=seats-{port} python3 /root/licence_server.py {port} {seats}")
        lab.sh("optdb", f"for i in $(seq 100); do ss -Hltn | grep -q :{port} && exit 0; sleep 0.1; done; exit 1")
    lab.each(NODES, f"echo http://10.203.0.74:8080 > {STATE}/licence-vendor")


@pytest.fixture(scope="module")
def site(lab: Lab, root: Path, inventory: Path) -> t.Callable[..., Run]:
    def run(*argv: str, **how: t.Any) -> Run:
        return lab.playbook(root / "playbooks" / "site.yml", *argv, inventory=inventory, extra=how)

    return run


def seats(lab: Lab, port: int = 8080) -> dict[str, int]:
    asked = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{port}/seats').read().decode())"
    return t.cast("t.Dict[str, int]", json.loads(lab.sh("optdb", f'python3 -c "{asked}"')))


def status(lab: Lab) -> dict[str, str]:
    shown = lab.each(NODES, "/usr/lib/rstudio-server/bin/license-manager status")
    return {host: text.split("Status: ")[1].split("\n")[0] for host, text in shown.items()}


def test_each_node_takes_one_seat_and_the_plan_has_no_key(lab: Lab, site: t.Callable[..., Run]) -> None:
    run = site("-vvv", "--diff", server_license_source="key", server_license_key=KEY)
    assert run.rc == 0, run.output[-6000:]
    digest = hashlib.sha256(KEY.encode()).hexdigest()[:12]
    told = [change["why"] for change in run.plans if change["what"] == "licence"]
    assert told == [f"Evaluation → Activated (key {digest})"] * 2
    assert seats(lab) == {"opt1": 1, "opt2": 1}
    assert KEY not in run.output
    for host, found in lab.each(NODES, f"({TRACES.format(KEY)}) || true").items():
        assert found.split() == ["0"], host


def test_nothing_is_activated_twice(lab: Lab, site: t.Callable[..., Run]) -> None:
    run = site(server_license_source="key", server_license_key=KEY)
    assert run.rc == 0, run.output[-6000:]
    assert run.changed == 0
    assert seats(lab) == {"opt1": 1, "opt2": 1}


def test_another_key_gives_the_seat_of_the_first_one_back(lab: Lab, site: t.Callable[..., Run]) -> None:
    run = site(server_license_source="key", server_license_key=OTHER)
    assert run.rc == 0, run.output[-6000:]
    assert seats(lab) == {"opt1": 1, "opt2": 1}
    assert set(status(lab).values()) == {"Activated"}


def test_status_tells_state_and_days_left(lab: Lab, root: Path, inventory: Path) -> None:
    run = lab.playbook(root / "playbooks" / "status.yml", inventory=inventory)
    assert run.rc == 0, run.output[-6000:]
    assert "The licence is Activated, 200 days left (opt1, opt2)" in run.output


def give_back(lab: Lab, root: Path, inventory: Path, **how: t.Any) -> Run:
    run = lab.playbook(root / "molecule" / "licence" / "deactivate.yml", inventory=inventory, extra=how)
    assert run.rc == 0, run.output[-6000:]
    return run


def test_seats_are_given_back_and_those_that_are_taken_are_refused_by_name(
    lab: Lab, root: Path, inventory: Path, site: t.Callable[..., Run]
) -> None:
    give_back(lab, root, inventory, server_license_source="key", server_license_key=OTHER)
    assert seats(lab) == {}
    assert set(status(lab).values()) == {"Evaluation"}
    for __ in range(2):
        lab.sh(
            "optdb",
            "python3 -c \"import urllib.request as u; u.urlopen('http://127.0.0.1:8080/activate', b'host=other&key=x')\"",
        )
    full = site(server_license_source="key", server_license_key=KEY)
    assert full.rc != 0
    assert "license-manager activate failed: Error: all 2 seats are taken" in full.output
    assert KEY not in full.output


def test_a_licence_server_leases_a_seat_while_a_node_runs(
    lab: Lab, root: Path, inventory: Path, site: t.Callable[..., Run]
) -> None:
    how = {"server_license_source": "server", "server_license_server": "10.203.0.74"}
    run = site("--limit", "opt1,optdb", **how)
    assert run.rc == 0, run.output[-6000:]
    assert seats(lab, 8989) == {"opt1": 1}
    assert "Online" in lab.sh("opt1", "rstudio-server list-nodes")
    lab.sh("opt1", "systemctl stop rstudio-server")
    assert seats(lab, 8989) == {}
    give_back(lab, root, inventory, **how)


def test_an_offline_licence_is_of_one_node(
    lab: Lab, root: Path, inventory: Path, site: t.Callable[..., Run], tmp_path: Path
) -> None:
    asked = lab.playbook(
        root / "molecule" / "licence" / "request.yml", inventory=inventory, extra={"server_license_key": KEY}
    )
    requests = dict(re.findall(r"ok: \[(opt\d)\] =>\s+__server_licence\.request: REQUEST (\w+)", asked.output))
    assert sorted(requests) == NODES, asked.output
    for host, request in requests.items():
        (tmp_path / f"{host}.txt").write_text(f"ANSWER {request} {KEY}\n")
    file = str(tmp_path) + "/{{ inventory_hostname }}.txt"
    how = {"server_license_source": "offline", "server_license_key": KEY, "server_license_file": file}
    run = site("-vvv", **how)
    assert run.rc == 0, run.output[-6000:]
    assert set(status(lab).values()) == {"Activated"}
    assert KEY not in run.output
    back = give_back(lab, root, inventory, **how)
    assert back.output.count("DEACTIVATION") == 2, "what the vendor's page has to be told"


def test_a_licence_file_is_laid_down_and_taken_away(
    lab: Lab, root: Path, inventory: Path, site: t.Callable[..., Run], tmp_path: Path
) -> None:
    file = tmp_path / f"2027-01-01_workbench_{KEY}.lic"
    file.write_text(f"{KEY}\n")
    how = {"server_license_source": "file", "server_license_file": str(file)}
    run = site(**how)
    assert run.rc == 0, run.output[-6000:]
    shown = lab.sh("opt1", f"stat -c '%U %a' {STATE}/workbench-cluster.lic")
    assert shown.split() == ["rstudio-server", "600"]
    assert set(status(lab).values()) == {"Activated"}
    give_back(lab, root, inventory, **how)
    assert set(status(lab).values()) == {"Evaluation"}
