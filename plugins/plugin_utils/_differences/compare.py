# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each role would change on a host: a file a role. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import HostReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences import (
    accounts,
    clock,
    database,
    firewall,
    keys,
    nfs_server,
    proxy,
    server,
    storage,
    tls,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import Differences

Wanted = t.Mapping[str, t.Any]


COMPARED: t.Mapping[str, t.Callable[[Wanted, HostReport], Differences]] = {
    "accounts": accounts.differences,
    "clock": clock.differences,
    "database": database.differences,
    "firewall": firewall.differences,
    "keys": keys.differences,
    "nfs_server": nfs_server.differences,
    "proxy": proxy.differences,
    "server": server.differences,
    "storage": storage.differences,
    "tls": tls.differences,
}
