# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product import options as found
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.files import (
    FILES,
    OPTIONAL,
    PARTED,
    RELOAD,
    RESTART,
    SESSION,
    file_of,
    services,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.specs import OPTIONS

# A file of each kind, what has to happen when it changes, and who reads it.
EFFECTS = {
    "/etc/rstudio/rserver.conf": (RESTART, "rstudio-server"),
    "/etc/rstudio/load-balancer": (RESTART, "rstudio-server"),
    "/etc/rstudio/crash-handler.conf": (RESTART, "rstudio-server"),
    "/etc/rstudio/health-check": (RESTART, "rstudio-server"),
    "/etc/rstudio/openid-client-secret": (RESTART, "rstudio-server"),
    "/etc/rstudio/notifications.conf": (RESTART, "rstudio-server"),
    "/etc/pam.d/rstudio": (RESTART, "rstudio-server"),
    "/srv/rsession.conf": (RESTART, "rstudio-server"),
    "/etc/rstudio/rsession.conf": (RELOAD, "rstudio-server"),
    "/etc/rstudio/logging.conf": (RELOAD, "rstudio-server"),
    "/etc/rstudio/env-vars": (RELOAD, "rstudio-server"),
    "/etc/rstudio/r-versions": (RELOAD, "rstudio-server"),
    "/etc/rstudio/nginx.site.conf": (RELOAD, "rstudio-server"),
    "/etc/rstudio/repos.conf": (SESSION, "rstudio-server"),
    "/etc/rstudio/profiles": (SESSION, "rstudio-server"),
    "/etc/rstudio/themes/dark.rstheme": (SESSION, "rstudio-server"),
    "/etc/rstudio/launcher.conf": (RESTART, "rstudio-launcher"),
    "/etc/rstudio/launcher.slurm.conf": (RESTART, "rstudio-launcher"),
    "/etc/rstudio/launcher.kubernetes.profiles.conf": (RESTART, "rstudio-launcher"),
}


@pytest.mark.parametrize(("path", "wanted"), EFFECTS.items())
def test_a_change_asks_for_a_restart_a_reload_or_nothing(path: str, wanted: tuple[str, str]) -> None:
    effect, unit = wanted
    assert (file_of(path).effect, file_of(path).units) == (effect, (unit,))
    for service in services([path]):
        there = {RESTART: path in service["files"], RELOAD: path in service["reload"]}
        assert there == {kind: service["name"] == unit and kind == effect for kind in there}


def test_both_units_read_the_key_they_share() -> None:
    assert [unit["name"] for unit in services([]) if "/etc/rstudio/secure-cookie-key" in unit["files"]] == [
        "rstudio-server",
        "rstudio-launcher",
    ]


def test_a_file_that_others_write_is_watched_for_a_reload_only() -> None:
    server, launcher = services([])
    assert "/etc/rstudio/env-vars" in server["reload"]
    assert "/etc/rstudio/health-check" not in server["files"]
    assert launcher["reload"] == []


def test_each_file_stands_once_with_a_variable_of_the_role() -> None:
    assert len({file.name for file in FILES}) == len(FILES)
    assert {file.variable for file in FILES if file.variable} <= set(OPTIONS["server"])
    assert len({file.variable for file in OPTIONAL}) == len(OPTIONAL)
    assert {file.mode for file in FILES} == {"0644", "0600"}


def test_a_node_tells_of_the_files_whose_lines_have_owners() -> None:
    assert set(found.FILES) == {file.name for file in PARTED}
