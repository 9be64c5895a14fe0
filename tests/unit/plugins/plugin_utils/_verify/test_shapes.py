# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What machines have reported has the shapes that are written down, and so have the samples that tests change."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Measured, Report
from ansible_collections.workbench.cluster.tests.unit.plugins.differences import differences
from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._verify import samples

RECORDED = Path(__file__).parent / "recorded"


def recorded(name: str) -> t.Any:
    return json.loads((RECORDED / name).read_text())


@pytest.mark.parametrize("name", ["healthy", "broken"])
def test_what_machines_reported_has_the_shapes(name: str) -> None:
    assert list(differences(recorded(f"{name}.measured.json"), Measured)) == []


@pytest.mark.parametrize("name", ["healthy", "broken"])
def test_a_report_has_its_shape(name: str) -> None:
    assert list(differences(recorded(f"{name}.report.json"), Report)) == []


def test_samples_have_the_shapes() -> None:
    assert list(differences(json.loads(json.dumps(samples.healthy())), Measured)) == []


def changed(*path: t.Any) -> list[str]:
    """The differences of what was recorded once a value, the last of `path`, is set; `...` removes it."""
    *steps, last, value = path
    place = measured = recorded("healthy.measured.json")
    for step in steps:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return list(differences(measured, Measured))


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        pytest.param(("clock", ...), "clock: missing", id="report"),
        pytest.param(("clock", "node1", "bound", ...), "clock.node1.bound: missing", id="field"),
        pytest.param(("clock", "node1", "bond", 0.1), "clock.node1.bond: not a field of Clock", id="unknown_field"),
        pytest.param(("clock", "node1", "bound", "wide"), "clock.node1.bound: 'wide' is no float", id="type"),
        pytest.param(("clock", "node1", "daemon", None), "clock.node1.daemon: None is no Daemon", id="none"),
        pytest.param(
            ("clock", "node1", "reference", "sun"),
            "clock.node1.reference: 'sun' is none of storage, controller, none",
            id="word",
        ),
        pytest.param(
            ("clock", "node1", "samples", 0, "offset", True),
            "clock.node1.samples[0].offset: True is no float",
            id="list",
        ),
        pytest.param(
            ("node", "node1", "key_files", "cookie_key", "managed", 1),
            "node.node1.key_files.cookie_key.managed: 1 is no bool",
            id="inherited_field",
        ),
        pytest.param(
            ("node", "node1", "config", "rserver.conf", "www-port", [8787]),
            "node.node1.config.rserver.conf.www-port[0]: 8787 is no str",
            id="values_by_key",
        ),
        pytest.param(("locks", 0, "holder", "pid", "1"), "locks[0].holder.pid: '1' is no int", id="optional"),
    ],
)
def test_another_shape_is_named(change: tuple[t.Any, ...], difference: str) -> None:
    assert changed(*change) == [difference]
