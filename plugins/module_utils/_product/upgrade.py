# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node keeps of its upgrade: a copy of its configuration, and a record by which a run that was cut off is completed.

Both are in a folder that appears whole, as `underway`, and gets another name when the upgrade is done.
"""

from __future__ import annotations

import json
import os
import time
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.kept import UNDERWAY, underway
from ansible_collections.workbench.cluster.plugins.module_utils._host.packages import read_packages
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run
from ansible_collections.workbench.cluster.plugins.module_utils._product.presence import MARK
from ansible_collections.workbench.cluster.plugins.module_utils._product.schema import read_schema
from ansible_collections.workbench.cluster.plugins.module_utils._product.versions import read_workbench
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import UpgradeRecord, UpgradeReport

FOLDER = "/var/lib/workbench.cluster/upgrade"
PACKAGE = "rstudio-server"
# What an admin would want back after a release did not do.
KEPT = (
    *("/etc/rstudio", "/var/lib/rstudio-server/secure-cookie-key"),
    *("/etc/default/rstudio-server", "/etc/default/rstudio-launcher"),
    *("/etc/systemd/system/rstudio-server.service.d", "/etc/systemd/system/rstudio-launcher.service.d"),
)
TIMEOUT = 15.0


def look(run: Run, config_dir: str, folder: str = FOLDER) -> UpgradeReport:
    schema, error = None, None
    try:
        schema = read_schema(config_dir, TIMEOUT)
    except Failure as failure:
        error = str(failure)
    record = read_record(folder)
    seconds = max(0.0, time.time() - record["began"]) if record else 0.0
    package = read_packages(run, [PACKAGE])[PACKAGE]
    return {"package": package, "schema": schema, "error": error, "record": record, "seconds": seconds}


def read_record(folder: str = FOLDER) -> UpgradeRecord | None:
    """Raises `Failure` for one that cannot be read: what it says is not known then."""
    path = os.path.join(folder, UNDERWAY, "record.json")
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
            return t.cast("UpgradeRecord", {name: found[name] for name in UpgradeRecord.__annotations__})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Failure(f"{path} cannot be read: {error!r}.") from error


def begin(run: Run, target: str, config_dir: str, *, folder: str = FOLDER, kept: t.Sequence[str] = KEPT) -> None:
    """Keep the configuration, and note that an upgrade is under way. Raises `Failure` where a node does not tell its version."""
    found = read_workbench(run)
    if not found.version:
        raise Failure(found.error or "Workbench is not installed.")
    record: UpgradeRecord = {
        "former": found.version,
        "target": target,
        "began": time.time(),
        "drained": os.path.exists(MARK),
        "schema": look(run, config_dir, folder)["schema"],
    }
    underway(folder, "configuration.tar.gz", kept, ("record.json", json.dumps(record, indent=1)))


def end(run: Run, version: str, folder: str = FOLDER) -> None:
    """Put the record away, and keep the copy. Raises `Failure` where the node has another version than it should."""
    found = read_workbench(run)
    if found.version != version:
        raise Failure(f"The node has version {found.version}, and not {version}. {found.error or ''}".strip())
    record = read_record(folder)
    if record:
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(record["began"]))
        os.rename(os.path.join(folder, UNDERWAY), os.path.join(folder, f"{record['former']}_{moment}"))
