# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role clock would change on a host. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import HostReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences import host
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import Change, Differences


def differences(wanted: t.Mapping[str, t.Any], report: HostReport) -> Differences:
    """Chrony and its file, and the wait for a clock that is not in step: `__clock_wanted`."""
    found = host.differences(wanted, report)
    why = _not_in_step(wanted["max_correction"], report)
    # Where chrony changes the role runs and waits anyway.
    if wanted["wait"] > 0 and why and not found.changes:
        found.changes.append(Change("the clock", why, f"waits for it, {wanted['wait']} s at most", waits=True))
    return found


def _not_in_step(most: float, report: HostReport) -> str:
    """In the sense of `chronyc waitsync`; empty where it is."""
    step = report.get("step")
    if step is None or step["synchronized"] is None:
        return host.untold(report, "step")
    if step["synchronized"] and step["offset"] is not None and abs(step["offset"]) <= most:
        return ""
    return "is not in step"
