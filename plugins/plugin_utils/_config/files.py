# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of /etc/rstudio: which variable writes each, how, and what has to happen when it changes. Pure.

Source: Admin Guide, Core Administrative Tasks, column "Takes Effect".
"""

from __future__ import annotations

import fnmatch
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.units import LAUNCHER, SERVER

DIRECTORY = "/etc/rstudio/"
# When what is written counts: after a restart, after a reload (SIGHUP), or for each new session.
RESTART, RELOAD, SESSION = "restart", "reload", "session"
# How a file is written: options, sections of options, variables of the environment, R homes, or as it is given. Those of
# the first three have an owner of each line, so that what was found there by hand is not lost.
OPTIONS, SECTIONS, VARIABLES, HOMES, TEXT = "options", "sections", "variables", "homes", "text"
BOTH = (SERVER, LAUNCHER)


class File(t.NamedTuple):
    """A file of /etc/rstudio; owner and group are root.

    `name` may be a pattern. `variable`: what the inventory sets it by, empty where server_files alone does, or another role
    writes it. `units` are those that read it. `always`: it is written whatever the inventory says. `hidden`: its lines may be
    secrets of others, so a diff shows fingerprints.
    """

    name: str
    effect: str
    variable: str = ""
    grammar: str = ""
    units: tuple[str, ...] = (SERVER,)
    always: bool = False
    hidden: bool = False
    mode: str = "0644"


# The first that fits counts.
FILES: tuple[File, ...] = (
    File("rserver.conf", RESTART, "server_rserver_conf", OPTIONS, always=True),
    # A reload was unsafe until 2024.12.1, and never changes a node's address.
    File("load-balancer", RESTART, "server_load_balancer", OPTIONS, always=True),
    File("file-locks", RESTART, "server_file_locks", OPTIONS, always=True),
    File("database.conf", RESTART, "server_database_conf", OPTIONS, always=True, hidden=True, mode="0600"),
    File("secure-cookie-key", RESTART, units=BOTH, always=True, hidden=True, mode="0600"),
    File("launcher.pem", RESTART, always=True, hidden=True, mode="0600"),
    File("launcher.pub", RESTART, units=BOTH, always=True),
    File("launcher.conf", RESTART, "server_launcher_conf", OPTIONS, (LAUNCHER,), always=True),
    File("launcher.local.conf", RESTART, "server_launcher_local_conf", OPTIONS, (LAUNCHER,), always=True),
    File("launcher.?*", RESTART, units=(LAUNCHER,)),
    File("rsession.conf", RELOAD, "server_rsession_conf", OPTIONS),
    File("logging.conf", RELOAD, "server_logging_conf", SECTIONS),
    File("env-vars", RELOAD, "server_env_vars", VARIABLES, hidden=True),
    File("nginx.http.conf", RELOAD, "server_nginx_http_conf", TEXT),
    File("nginx.server.conf", RELOAD, "server_nginx_server_conf", TEXT),
    File("nginx.site.conf", RELOAD, "server_nginx_site_conf", TEXT),
    File("r-versions", RELOAD, "server_r_definitions", HOMES),
    File("crash-handler.conf", RESTART, "server_crash_handler_conf", OPTIONS),
    File("health-check", RESTART, "server_health_check", TEXT),
    File("repos.conf", SESSION, "server_repos_conf", OPTIONS),
    *(File(name, SESSION) for name in ("profiles", "rstudio-prefs.json")),
    *(
        File(f"{name}/*", SESSION)
        for name in ("themes", "fonts", "keybindings", "snippets", "templates", "dictionaries")
    ),
)
# Ansible loads this once, and then forks for each host.
PATTERNS = tuple((re.compile(fnmatch.translate(file.name)), file) for file in FILES)
# Any other, known or not, the server reads at its start.
OTHER = File("*", RESTART)
# Those that are written where the inventory names something for them.
OPTIONAL = tuple(file for file in FILES if file.variable and not file.always)
# Those with lines that have an owner each.
PARTED = tuple(file for file in FILES if file.grammar in (OPTIONS, SECTIONS, VARIABLES))


def file_of(path: str) -> File:
    """What is known of the file at an absolute path."""
    name = path.removeprefix(DIRECTORY)
    return next((file for pattern, file in PATTERNS if pattern.match(name)), OTHER) if name != path else OTHER


def services(
    paths: t.Iterable[str], besides: t.Mapping[str, t.Sequence[str]] | None = None, reread: t.Container[str] = ()
) -> list[dict[str, t.Any]]:
    """`[{name, files, reload}]` as config_files takes them: what each unit reads at its start only, and what again.

    Of the files that every node has, those that a reload reads whoever wrote them, and of `paths`, which this run writes.
    `besides`: files elsewhere that others write and a unit reads at its start, by unit. `reread`: those that this release
    reads again, which others do not.
    """
    known = [DIRECTORY + file.name for file in FILES if file.always or file.effect == RELOAD]
    found = [(path, file_of(path)) for path in dict.fromkeys([*known, *paths])]
    when = {path: RELOAD if path in reread else file.effect for path, file in found}
    return [
        {
            "name": unit,
            "files": [path for path, file in found if unit in file.units and when[path] == RESTART]
            + list((besides or {}).get(unit, ())),
            "reload": [path for path, file in found if unit in file.units and when[path] == RELOAD],
        }
        for unit in BOTH
    ]
