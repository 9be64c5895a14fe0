# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things are. `FAKE_WORKBENCH_ROOT` (ours) stands before all fixed paths: tests run several nodes on a host."""

from __future__ import annotations

import os

ROOT = os.environ.get("FAKE_WORKBENCH_ROOT", "")
INSTALL = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STATE = ROOT + "/var/lib/rstudio-server"
LOG = ROOT + "/var/log/rstudio/rstudio-server/rserver.log"
LAUNCHER_LOG = ROOT + "/var/log/rstudio/launcher/rstudio-launcher.log"
SESSIONS = ROOT + "/run/rstudio-server/sessions"
OFFLINE = STATE + "/offline"
MANAGED_COOKIE_KEY = STATE + "/secure-cookie-key"
DEFAULTS = ROOT + "/etc/default/rstudio-server"


def config_file(name: str) -> str:
    """The path of a configuration file, whether it exists or not (rstudio/rstudio, core/system/Xdg.cpp)."""
    directory = os.environ.get("RSTUDIO_CONFIG_DIR")
    if directory:
        return os.path.join(directory, name)
    for entry in os.environ.get("XDG_CONFIG_DIRS", "").split(":"):
        candidate = os.path.join(entry, "rstudio", name)
        if entry and os.path.exists(candidate):
            return candidate
    return os.path.join(ROOT + "/etc/rstudio", name)


def read_text(path: str) -> str:
    """The text of a configuration file; an absent one is an empty one."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""
