# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seats of licences, as the vendor's server and the floating one count them."""

from __future__ import annotations

import typing as t

from fake_workbench.licence_server import Seats

if t.TYPE_CHECKING:
    from harness import Node


def test_an_activation_takes_a_seat_each_time_and_a_lease_is_of_its_host() -> None:
    keys, leases = Seats(2), Seats(1)
    assert [keys.act("activate", "n1")[0] for __ in range(3)] == [200, 200, 403]
    assert keys.act("deactivate", "n1")[0] == 200
    assert keys.act("activate", "n2")[0] == 200
    assert [leases.act("lease", host)[0] for host in ("n1", "n1", "n2")] == [200, 200, 403]
    assert leases.act("release", "n1")[0] == 200
    assert leases.act("lease", "n2")[0] == 200


def test_an_answer_is_of_the_system_that_asked(make_node: t.Callable[[int], Node]) -> None:
    node = make_node(1)
    request = node.run("license-manager", "activate-offline-request", "KEY1").stdout.split()[1]
    answer = node.root / "answer"
    for text, rc, said in (("ANSWER other KEY1", 1, "Evaluation"), (f"ANSWER {request} KEY1", 0, "Activated")):
        answer.write_text(text)
        assert node.run("license-manager", "activate-offline", str(answer)).returncode == rc
        assert f"Status: {said}\n" in node.run("license-manager", "status-offline").stdout
    assert node.run("license-manager", "deactivate-offline").stdout.startswith("DEACTIVATION ")


def test_a_licence_file_goes_before_all_else_and_ends(make_node: t.Callable[[int], Node]) -> None:
    node = make_node(1)
    (node.root / "var/lib/rstudio-server/x.lic").write_text("KEY2-days-0")
    assert "Status: Expired\nDays-Left: 0\n" in node.run("license-manager", "status").stdout
