# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of all hosts, each host's put together once for a task."""

from __future__ import annotations

import multiprocessing
import typing as t

HostVars = t.Mapping[str, t.Mapping[str, t.Any]]


class Once(t.Mapping[str, t.Mapping[str, t.Any]]):
    """`hostvars`, of which Ansible puts a host's variables together anew each time it is asked: a millisecond for each host."""

    def __init__(self, hostvars: HostVars) -> None:
        self.asked = hostvars
        self._hosts: dict[str, t.Mapping[str, t.Any]] = {}

    def __getitem__(self, host: str) -> t.Mapping[str, t.Any]:
        if host not in self._hosts:
            self._hosts[host] = self.asked[host]
        return self._hosts[host]

    def __contains__(self, host: object) -> bool:
        return host in self._hosts or host in self.asked

    def __iter__(self) -> t.Iterator[str]:
        return iter(self.asked)

    def __len__(self) -> int:
        return len(self.asked)


_of_task: list[Once] = []


def once(hostvars: HostVars) -> Once:
    """Shared by all that ask in a process of Ansible's own for one task on one host, for nothing changes there meanwhile.

    Elsewhere, as where Ansible makes the name of a play, variables may have changed since: there it is a new one.
    """
    if isinstance(hostvars, Once):
        return hostvars
    if multiprocessing.parent_process() is None:
        return Once(hostvars)
    if not _of_task or _of_task[0].asked is not hostvars:
        _of_task[:] = [Once(hostvars)]
    return _of_task[0]


def first_known(hosts: t.Iterable[str], hostvars: HostVars, name: str) -> t.Any:
    """What the first of `hosts` that knows it has as its fact `name`; an empty mapping where none does."""
    host = who_knows(hosts, hostvars, name)
    return {} if host is None else hostvars[host][name]


def who_knows(hosts: t.Iterable[str], hostvars: HostVars, name: str) -> str | None:
    """The first of `hosts` that has a fact `name`."""
    return next((host for host in hosts if name in hostvars[host]), None)
