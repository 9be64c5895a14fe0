# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel says of its own clock."""

from __future__ import annotations

from ansible_collections.workbench.cluster.plugins.module_utils._clock import kernel as clock_kernel


def test_kernel_is_only_asked() -> None:
    state = clock_kernel.read_kernel()
    assert state["synchronized"] in (True, False)
    assert state["max_error"] is not None
    assert state["max_error"] >= 0
