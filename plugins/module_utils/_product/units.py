# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The product's units of systemd."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import switched_on

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Options

SERVER, LAUNCHER = "rstudio-server", "rstudio-launcher"
# In the order in which they start: the server asks the launcher when it does.
UNITS = (LAUNCHER, SERVER)


def used_units(options: Options) -> list[str]:
    """Those that a node with these options of `rserver.conf` needs.

    The launcher is off by default, and then nobody misses it: Admin Guide, Job Launcher / Configuration.
    """
    return [SERVER, *([LAUNCHER] if switched_on(options, "launcher-sessions-enabled") else [])]
