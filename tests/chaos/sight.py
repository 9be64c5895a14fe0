# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a run can leave, to the time of each file: where it is as before a task, the task has left nothing.

Not what hosts write by themselves: logs, PostgreSQL's own files, when a node was last seen.
"""

from __future__ import annotations

import shlex

from ansible_collections.workbench.cluster.tests.chaos.cluster import DATABASE, NODES, OF_DATABASE, ROOT, SSH

OWN_FILES = ["base", "global", "pg_*"]
ASIDE = " -o ".join(
    f"-path '{path}'" for path in ["/var/log", *(f"/var/lib/postgresql/*/main/{name}" for name in OWN_FILES)]
)
PLACES_OF_A_RUN = "/ /tmp /run/systemd/system $(ls -d /run/rstudio* /nfs/workbench 2>/dev/null)"
ENTRIES = r"\( -type d -printf '%p %m %U %G\n' -o -printf '%p %m %U %G %s %T@ %l\n' \)"
EXACTLY = [
    f"find {PLACES_OF_A_RUN} -xdev \\( {ASIDE} \\) -prune -o {ENTRIES} | sort",
    "systemctl show '*' -p Id -p ActiveState -p UnitFileState -p InvocationID",
    "findmnt -rn; pgrep -ax rsession || true",
]
OWN_WORDS = r"/^\\(un)?restrict /d; s/[0-9]{4}-[A-Z][a-z]{2}-[0-9 :]{11}//"
EXACTLY_OF_DATABASE = [
    f"cd /; ! id -u postgres >/dev/null 2>&1 || su postgres -c pg_dumpall | sed -E '{OWN_WORDS}'",
    "su postgres -c 'psql -Atc \"select pg_conf_load_time(), pg_postmaster_start_time()\"' 2>/dev/null || true",
    OF_DATABASE["seats"],
]
# Backups and bundles.
OF_CONTROLLER = f"find {shlex.quote(str(ROOT / '.cache' / 'chaos'))} {ENTRIES} | sort"


def look() -> list[str]:
    """A command that prints it."""
    asks = {DATABASE: EXACTLY + EXACTLY_OF_DATABASE, **dict.fromkeys(NODES, EXACTLY)}
    hosts = [shlex.join([*SSH, host, "\n".join(commands)]) for host, commands in asks.items()]
    return ["sh", "-ec", "\n".join([OF_CONTROLLER, *hosts])]
