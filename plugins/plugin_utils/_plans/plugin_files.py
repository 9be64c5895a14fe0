# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of the launcher's further clusters: options of their plugins, and profiles. Pure."""

from __future__ import annotations

import base64
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import to_conf, to_sectioned_conf

Options = t.Mapping[str, t.Any]


def plugin_files(
    plugins: t.Mapping[str, Options], profiles: t.Mapping[str, t.Sequence[Options]], account: str
) -> list[dict[str, str]]:
    """Entries for config_files. Options may be secrets, such as `auth-token`, and plugins run as `account`."""
    files = []
    for name, options in plugins.items():
        text = to_conf({"server-user": account, **options}, "server_launcher_plugins")
        secret = base64.b64encode(text.encode()).decode()
        place = f"/etc/rstudio/launcher.{name}.conf"
        files.append({"path": place, "secret_base64": secret, "owner": account, "mode": "0600"})
    for name, sections in profiles.items():
        text = to_sectioned_conf(sections, "server_launcher_profiles")
        files.append({"path": f"/etc/rstudio/launcher.{name}.profiles.conf", "content": text})
    return files
