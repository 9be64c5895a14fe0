"""The keys rserver.conf knows, by type: the collection's list of them, for what the product takes is one fact."""

from __future__ import annotations

from fake_workbench import known_options

TYPES = known_options.types_of("rserver.conf")
REPEATABLE = frozenset(name for name, kind in TYPES.items() if kind == "list")

DEFAULTS = {
    "server-data-dir": "/var/run/rstudio-server",
    "server-pid-file": "/var/run/rstudio-server.pid",
    "server-user": "rstudio-server",
    "server-balancer-path": "bin/rserver-balancer",
    "server-daemonize": "1",
    "server-project-sharing": "1",
    "www-address": "0.0.0.0",
    "www-root-path": "/",
    "launcher-port": "5559",
}
