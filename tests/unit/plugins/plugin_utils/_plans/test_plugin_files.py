# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of further clusters."""

from __future__ import annotations

import base64

from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.plugin_files import plugin_files


def test_options_are_a_secret_of_the_account_and_profiles_are_not() -> None:
    options, profiles = plugin_files(
        {"slurm": {"auth-token": "geheim"}},
        {"slurm": [{"name": "*", "options": {"max-cpus": 2}}, {"name": "@analysts", "options": {"max-cpus": 8}}]},
        "rstudio-server",
    )
    assert (options["path"], options["owner"], options["mode"]) == (
        *("/etc/rstudio/launcher.slurm.conf", "rstudio-server"),
        "0600",
    )
    text = base64.b64decode(options["secret_base64"]).decode()
    assert text.splitlines()[1:] == ["server-user=rstudio-server", "auth-token=geheim"]
    assert profiles["path"] == "/etc/rstudio/launcher.slurm.profiles.conf"
    assert profiles["content"].splitlines()[1:] == ["[*]", "max-cpus=2", "", "[@analysts]", "max-cpus=8"]
