# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role verify needs of its variables. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._members import group
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Member

BELOW_ROOT = re.compile(r"/[^/ ]+")


def _members(m: Member) -> t.Iterator[str]:
    if not m["verify_members"]:
        yield f"verify_members is empty: put the nodes into the group {group(m.cluster.name, 'nodes')}."


def _paths(m: Member) -> t.Iterator[str]:
    paths = [str(path) for path in m["verify_paths"]]
    if not paths or not all(BELOW_ROOT.match(path) for path in paths):
        yield f"verify_paths={paths}: at least one absolute path without blanks, and not /."


def _offset(m: Member) -> t.Iterator[str]:
    if not m["verify_clock_max_offset"] > 0:
        yield f"verify_clock_max_offset={m['verify_clock_max_offset']} must be above 0 seconds."


def _refresh(m: Member) -> t.Iterator[str]:
    if not m["verify_lock_refresh"] > 0:
        yield f"verify_lock_refresh={m['verify_lock_refresh']} must be above 0 seconds."


def _timeout(m: Member) -> t.Iterator[str]:
    if not m["verify_lock_timeout"] > m["verify_lock_refresh"]:
        yield (
            f"verify_lock_timeout={m['verify_lock_timeout']} must be above "
            f"verify_lock_refresh={m['verify_lock_refresh']} seconds."
        )


def _report(m: Member) -> t.Iterator[str]:
    folder = str(m["verify_report_dir"])
    if folder and not folder.startswith("/"):
        yield f"verify_report_dir={folder} must be an absolute path on the controller, or empty for no report."


RULES = (_members, _paths, _offset, _refresh, _timeout, _report)
