# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of NFS by name, laid over a preset."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mount_options import meaning
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.nfs_options import PRESETS, nfs_options


@pytest.mark.parametrize("preset", PRESETS)
def test_without_names_a_preset_is_its_line(preset: str) -> None:
    assert nfs_options(preset, {}) == PRESETS[preset]


@pytest.mark.parametrize(
    ("preset", "named", "line"),
    [
        ("safe", {"vers": "3", "actimeo": 1}, "rw,hard,tcp,noatime,_netdev,nofail,vers=3,actimeo=1"),
        ("safe", {"noac": True}, "rw,hard,tcp,noatime,vers=4.1,_netdev,nofail,noac"),
        ("safe", {"hard": False, "acl": False}, "rw,tcp,noatime,vers=4.1,actimeo=2,_netdev,nofail,soft,noacl"),
        ("safe", {"proto": "rdma"}, "rw,hard,noatime,vers=4.1,actimeo=2,_netdev,nofail,proto=rdma"),
        ("vendor", {"lock": True}, "auto,noac,nofail,noatime,intr,tcp,actimeo=1800,lock"),
        ("vendor", {"noac": False, "actimeo": 0}, "auto,nofail,noatime,nolock,intr,tcp,ac,actimeo=0"),
        (
            "efs",
            {"timeo": 300, "rsize": 65536},
            "rw,hard,noatime,vers=4.1,wsize=1048576,retrans=2,noresvport,_netdev,nofail,timeo=300,rsize=65536",
        ),
        ("fast", {"vers": "3"}, ""),
    ],
)
def test_what_is_named_takes_the_place_of_what_the_preset_says_of_it(
    preset: str, named: dict[str, t.Any], line: str
) -> None:
    assert nfs_options(preset, named) == line


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("named", [{"vers": "4.2"}, {"hard": True}, {"acl": False}, {"timeo": 600}, {"actimeo": 1}])
def test_nothing_is_said_twice(preset: str, named: dict[str, t.Any]) -> None:
    line = nfs_options(preset, named).split(",")
    names = [name for option in line for name in (meaning(option) or {option: ""})]
    assert len(names) == len(set(names)), line
