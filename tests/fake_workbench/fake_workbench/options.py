# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys rserver.conf knows, by type: the collection's list of them, for what the product takes is one fact."""

from __future__ import annotations

from fake_workbench import known_options, release


def types_of(file: str) -> dict[str, str]:
    """The keys of a file that the installed release knows, by type."""
    return {name: kind for name, kind in known_options.types_of(file).items() if release.knows(file, name)}


TYPES = types_of("rserver.conf")
REPEATABLE = frozenset(name for name, kind in TYPES.items() if kind == "list")

DEFAULTS = {
    "ssl-redirect-http": "1",
    "ssl-hsts": "1",
    "ssl-hsts-max-age": "86400",
    "server-data-dir": "/var/run/rstudio-server",
    "server-pid-file": "/var/run/rstudio-server.pid",
    "server-user": "rstudio-server",
    "server-balancer-path": "bin/rserver-balancer",
    "server-daemonize": "1",
    "server-project-sharing": "1",
    "www-address": "0.0.0.0",
    "www-root-path": "/",
    "launcher-port": "5559",
    "launcher-verify-ssl-certs": "1",
}
