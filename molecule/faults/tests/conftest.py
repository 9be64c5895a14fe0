# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What both ways from a single server to a cluster begin with."""

from __future__ import annotations

import base64
import json
import typing as t

import pytest

if t.TYPE_CHECKING:
    from pathlib import Path

    from conftest import Lab


@pytest.fixture(scope="module")
def single(lab: Lab, root: Path) -> dict[str, str]:
    """fault1 anew, as the vendor's package leaves it, with a user at work: what must not be lost."""
    lab.control("reset", "fault1", "fault2", "fault3")
    for name in ("rstudio-server_2026.04.0+526.pro2_amd64.deb", "r-4.4.1_1_amd64.deb"):
        content = base64.b64encode((root / ".cache" / "packages" / name).read_bytes()).decode()
        lab.sh("fault1", f"base64 -d > /root/{name}", stdin=content)
    lab.sh("fault1", "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qqy install /root/*.deb")
    lab.sh("fault1", "useradd --uid 1701 --create-home --home-dir /nfs/workbench/home/dora --shell /bin/bash dora")
    lab.sh("fault1", "rstudio-server add-user dora")
    session = json.loads(lab.sh("fault1", "/usr/lib/rstudio-server/bin/fake-session start dora"))
    return {"session": session["id"], "key": lab.sh("fault1", "sha256sum < /var/lib/rstudio-server/secure-cookie-key")}
