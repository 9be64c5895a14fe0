# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster of the scenario walk: its nodes, the last of which joins later, its front end and its users."""

from __future__ import annotations

from operated import answers

PLACES = {"node1": "10.203.0.11", "node2": "10.203.0.12", "node3": "10.203.0.13"}
NODES, NEW = ["node1", "node2"], "node3"
FRONT, NAME = "10.203.0.31", "workbench.example.com"
USERS = ["ada", "grace", "john"]
# The release that the upgrade ends with, and that later tests find.
LATER = "2026.07.0+139.pro9"


def all_answer() -> bool:
    return all(answers(PLACES[node]) for node in NODES)
