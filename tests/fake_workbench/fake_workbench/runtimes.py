# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an R is looked for: rsession-which-r, the PATH, the places that are scanned, r-versions."""

from __future__ import annotations

import glob
import os
import shutil

from fake_workbench import paths
from fake_workbench.config import ConfigError, ServerConfig, read_launcher

SCANNED = [f"/{prefix}/{lib}/R" for prefix in ("usr", "usr/local", "opt/local") for lib in ("lib", "lib64")]


def require_r(settings: ServerConfig) -> None:
    """As the product, refuse to start without an R where sessions run on this node."""
    if _sessions_are_elsewhere(settings):
        return
    named = settings.text("rsession-which-r")
    if named:
        if not os.access(named, os.X_OK):
            raise ConfigError(f"R binary does not exist ({named})")
    elif not _found():
        raise ConfigError(
            "Unable to find an installation of R on the system (which R didn't return valid output); "
            "Unable to locate R binary by scanning standard locations"
        )


def _sessions_are_elsewhere(settings: ServerConfig) -> bool:
    if not settings.flag("launcher-sessions-enabled"):
        return False
    try:
        types = {cluster["type"].lower() for cluster in read_launcher().clusters}
    except ConfigError:
        return False
    return bool(types) and "local" not in types


def _found() -> bool:
    programs = [f"{paths.ROOT}{path}" for path in ("/usr/local/bin/R", "/usr/bin/R")]
    homes = [f"{paths.ROOT}{path}" for path in SCANNED]
    homes += [home for place in ("/opt/R/*", "/opt/local/R/*") for home in glob.glob(paths.ROOT + place)]
    for line in paths.read_text(paths.config_file("r-versions")).splitlines():
        home = line.partition("Path:")[2].strip() or line.strip()
        homes += [home] if home.startswith("/") else []
    programs += [f"{home}/bin/R" for home in homes]
    return bool(not paths.ROOT and shutil.which("R")) or any(os.access(program, os.X_OK) for program in programs)
