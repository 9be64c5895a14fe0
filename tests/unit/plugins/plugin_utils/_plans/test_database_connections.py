# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many connections to the database the nodes open, and when the server is to let more in."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.filter.plans import connections
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import DatabaseLimits
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.database_connections import (
    UNTOUCHED,
    Needed,
    Pool,
    needed,
    pool_size,
    raised,
)


@pytest.mark.parametrize(
    ("size", "processors", "version", "expected"),
    [
        pytest.param(None, 2, None, 2, id="one a processor"),
        pytest.param(None, 8, None, 6, id="no more than six"),
        pytest.param(None, 8, "2024.04.0+1", 6, id="no more than six, as long ago"),
        pytest.param(None, 8, "2023.09.1+494.pro2", 8, id="a former release"),
        pytest.param(None, 64, "2023.09.1+494.pro2", 20, id="no more than twenty of a former release"),
        pytest.param(None, None, None, 6, id="nobody knows the processors"),
        pytest.param(None, None, "1.4.1717-3", 20, id="nobody knows the processors, of a former release"),
        pytest.param(10, 2, None, 10, id="named"),
        pytest.param("3", 8, None, 3, id="found in the file"),
        pytest.param(0, 2, None, 2, id="named as the default"),
        pytest.param("", 2, None, 2, id="empty"),
        pytest.param("ten", 2, None, 2, id="no number"),
    ],
)
def test_the_pool_of_a_node(size: object, processors: int | None, version: str | None, expected: int) -> None:
    assert pool_size(Pool(size, processors, version)) == expected


@pytest.mark.parametrize(
    ("pools", "expected"),
    [
        ([], (0, 0, 0)),
        ([Pool(None, 2, None), Pool(4, 8, None)], (6, 6, 2)),
        ([Pool(None, 8, None)] * 17, (102, 102, 17)),
        ([Pool(None, 2, None), Pool(None, None, None), Pool(3, None, None)], (6, 11, 3)),
    ],
)
def test_what_all_nodes_need(pools: list[Pool], expected: tuple[int, int, int]) -> None:
    assert tuple(needed(pools).values()) == expected


def nodes(pools: int, beside: int) -> Needed:
    return {"least": pools, "most": pools, "beside": beside}


@pytest.mark.parametrize(
    ("server", "wanted", "expected"),
    [
        pytest.param(UNTOUCHED, nodes(84, 13), None, id="just enough"),
        pytest.param(UNTOUCHED, nodes(84, 14), 200, id="one too few"),
        pytest.param(UNTOUCHED, nodes(180, 17), 200, id="reserved ones are not for the nodes, and fit"),
        pytest.param(UNTOUCHED, nodes(180, 18), 300, id="reserved ones are not for the nodes"),
        pytest.param({"max_connections": 20, "reserved_connections": 10}, nodes(9, 2), 100, id="many are reserved"),
        pytest.param({"max_connections": 900, "reserved_connections": 3}, nodes(9, 2), None, id="never lowered"),
        pytest.param(UNTOUCHED, {"least": 17, "most": 102, "beside": 17}, 200, id="what nobody knows counts most"),
    ],
)
def test_to_what_a_server_is_raised(server: DatabaseLimits, wanted: Needed, expected: int | None) -> None:
    assert raised(server, wanted) == expected


def look(**parts: t.Any) -> dict[str, t.Any]:
    return {"report": json.dumps(parts)}


def found(*size: str) -> dict[str, t.Any]:
    return {"files": {"database.conf": {"options": {"pool-size": [*size]} if size else {}}}}


@pytest.mark.parametrize(
    ("hostvars", "expected"),
    [
        pytest.param({"n1": {}}, (1, 6), id="nobody looked"),
        pytest.param({"n1": {"__look": look(processors=4)}}, (4, 4), id="its processors"),
        pytest.param({"n1": {"__look": look(processors=None)}}, (1, 6), id="it does not know them itself"),
        pytest.param(
            {"n1": {"__look": look(processors=9, cluster={"version": "2022.07.1"})}}, (9, 9), id="its release"
        ),
        pytest.param(
            {"n1": {"__look": look(processors=9, cluster={"version": "2022.07.1"}), "server_version": "2026.04.0"}},
            (6, 6),
            id="the release it gets",
        ),
        pytest.param({"n1": {"__look": look(processors=4, options=found("7"))}}, (7, 7), id="what its file says"),
        pytest.param({"n1": {"__look": look(processors=4, options=found())}}, (4, 4), id="its file does not say"),
        pytest.param(
            {"n1": {"__look": look(options=found("7")), "server_database_conf": {"pool-size": 3}}},
            (3, 3),
            id="what the inventory names",
        ),
        pytest.param(
            {"n1": {}, "other": {"__look_absent": {"results": [{"item": "n1", **look(processors=2)}]}}},
            (2, 2),
            id="outside the run",
        ),
    ],
)
def test_what_is_known_of_a_node(hostvars: dict[str, t.Any], expected: tuple[int, int]) -> None:
    answer = connections(["n1"], hostvars)
    assert (answer["least"], answer["most"], answer["beside"]) == (*expected, 1)
