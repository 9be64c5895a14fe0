# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences about hosts, and tables lined up. Pure."""

from __future__ import annotations

import typing as t

T = t.TypeVar("T")


def columns(rows: t.Sequence[t.Sequence[str]], widest: int | None = None) -> list[str]:
    """Rows as lines, every column as wide as its widest cell; cells of more than `widest` letters stand out."""
    cells = [[cell for cell in column if widest is None or len(cell) <= widest] for column in zip(*rows)]
    widths = [max(map(len, column), default=0) for column in cells]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


def grouped(values: t.Mapping[str, T]) -> dict[T, list[str]]:
    """Hosts by value, in the order of the hosts."""
    groups: dict[T, list[str]] = {}
    for host, value in values.items():
        groups.setdefault(value, []).append(host)
    return groups


def by_sentence(said: t.Mapping[str, t.Iterable[str]]) -> dict[str, list[str]]:
    """Each sentence once, with the hosts of which it was said."""
    hosts: dict[str, list[str]] = {}
    for host, sentences in said.items():
        for sentence in sentences:
            hosts.setdefault(sentence, []).append(host)
    return hosts


def odd(values: t.Mapping[str, object]) -> list[str]:
    """The hosts that differ from the majority; all of them where there is none."""
    for hosts in grouped(values).values():
        if len(hosts) * 2 > len(values):
            return [host for host in values if host not in hosts]
    return list(values)


def spread(values: t.Mapping[str, T], shown: t.Callable[[T], str] = str) -> str:
    """`30 on n1, n2; 60 on n3`; hosts stand together that have the same value, whatever is `shown` of it."""
    return "; ".join(f"{shown(value)} on {listed(hosts)}" for value, hosts in grouped(values).items())


def listed(names: t.Iterable[object]) -> str:
    return ", ".join(str(name) for name in names)


def counted(number: int, word: str) -> str:
    """`1 user`, `2 users`"""
    return f"{number} {word}{'' if number == 1 else 's'}"
