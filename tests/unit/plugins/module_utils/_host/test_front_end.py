# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a front end finds on its host."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.front_end import (
    parse_networks,
    read_front_end,
    taken,
)

ADDRESSES = """\
1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever
2: eth0    inet 10.203.0.75/24 scope global eth0\\       valid_lft forever preferred_lft forever
"""
HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
LISTENS = "   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1\n"
TALKS = "   1: 0100007F:0050 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4712 1\n"
LISTENS_6 = "   0: 00000000000000000000000000000000:01BB 00:0000 0A 0:0 00:0 0     0        0 4713 1\n"


def test_addresses_by_interface() -> None:
    assert parse_networks(ADDRESSES) == {"lo": ["127.0.0.1/8", "::1/128"], "eth0": ["10.203.0.75/24"]}


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    (tmp_path / "proc" / "net").mkdir(parents=True)
    (tmp_path / "proc" / "net" / "tcp").write_text(HEAD + LISTENS + TALKS)
    (tmp_path / "proc" / "net" / "tcp6").write_text(HEAD + LISTENS_6)
    for pid, name, inode, unit in (
        ("17", "nginx", 4711, "nginx.service"),
        ("18", "haproxy", 4713, "workbench-proxy.service"),
        ("19", "curl", 4712, "user.slice"),
    ):
        folder = tmp_path / "proc" / pid / "fd"
        folder.mkdir(parents=True)
        os.symlink(f"socket:[{inode}]", folder / "7")
        (folder.parent / "comm").write_text(f"{name}\n")
        (folder.parent / "cgroup").write_text(f"0::/system.slice/{unit}\n")
    return tmp_path


def test_ports_of_others_are_taken_and_ours_are_not(proc: Path) -> None:
    assert taken([80, 443, 8080], str(proc)) == {"80": "nginx"}


def test_a_port_that_nobody_asked_for_is_not_told(proc: Path) -> None:
    assert taken([8080], str(proc)) == {}


def test_what_cannot_be_told_is_no_answer() -> None:
    with pytest.raises(Failure, match="ip -oneline addr show failed: no such program"):
        read_front_end(lambda *_argv, **_more: (127, "", "no such program"), [], "")
