"""Real nodes, each a process of its own, on a real PostgreSQL."""

from __future__ import annotations

import typing as t

from harness import Node

Make = t.Callable[..., Node]


def test_a_node_comes_online_and_leaves(make_node: Make) -> None:
    node = make_node(1)
    node.start()
    node.wait_online()
    assert [row["ID"] for row in node.rows()] == ["1"]
    node.stop()
    assert [row["Status"] for row in node.rows()] == ["Offline"]
