# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""rstudio-launcher: its port, and the sessions it starts."""

from __future__ import annotations

import json
import os
import pwd
import signal
import socket
import subprocess
import sys
import threading
import typing as t

from fake_workbench import address, config, endpoint, keys, log, paths, peers, release, sessions

LOG = log.Log("rstudio-launcher", paths.LAUNCHER_LOG)


class SpawnError(Exception):
    """A session that did not start, in its own words."""


class Launcher(endpoint.Handler):
    key = b""
    ipv4 = ""
    settings: config.LauncherConfig

    def do_GET(self) -> None:
        if self.path == "/status":
            self.answer_json({"status": "Green"})
        else:
            self.answer(401, "Unauthorized\n")

    def do_POST(self) -> None:
        self.read_body()
        if not self.is_signed(self.key):
            LOG("ERROR", f"A request from {self.client_address[0]} is not signed with this node's secure-cookie-key")
            self.answer(401, "the request is not signed with this node's secure-cookie-key\n")
        elif self.path != "/sessions":
            self.answer(404, "Not Found\n")
        else:
            wanted = self.content()
            try:
                self.answer_json(self._start(wanted))
            except (SpawnError, peers.PeerError) as error:
                LOG("ERROR", str(error))
                self.answer(500, f"{error}\n")

    def _start(self, wanted: dict[str, t.Any]) -> t.Any:
        """Here, or on the node of this address, which is found in the scratch path only."""
        ipv4 = wanted.pop("ipv4", self.ipv4)
        if ipv4 == self.ipv4:
            return spawn(wanted["user"], wanted["resume"], wanted["route"])._asdict()
        places = config.scratch_paths(self.settings)
        for node in (node for place in places for node in known_nodes(place)):
            if node["ipv4"] == ipv4:
                protocol = "http" if not self.settings.ssl else "https"
                transport = peers.Transport(protocol, 10, self.key)
                return peers.request(transport, (ipv4, node["port"]), "POST", "/sessions", wanted)
        raise SpawnError(f"the launcher of {ipv4} is not in {', '.join(places)}: the scratch-path is not shared")


def known_nodes(scratch: str) -> list[dict[str, t.Any]]:
    """What launchers have written of themselves into a scratch path."""
    folder = os.path.join(scratch, "nodes")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return [json.loads(paths.read_text(os.path.join(folder, name))) for name in names]


def enter(scratch: str, account: pwd.struct_passwd, name: str, ipv4: str, port: int) -> None:
    """Write this launcher into a scratch path, as the account it runs under. Raises ConfigError."""
    folder = os.path.join(scratch, "nodes")
    uid, gid = os.geteuid(), os.getegid()
    os.setegid(account.pw_gid)
    os.seteuid(account.pw_uid)
    try:
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump({"ipv4": ipv4, "port": port}, file)
    except OSError as error:
        raise config.ConfigError(
            f"scratch-path {scratch} cannot be written by {account.pw_name}: {error.strerror}"
        ) from error
    finally:
        os.seteuid(uid)
        os.setegid(gid)


def spawn(user: str, resume: bool, route: str) -> sessions.Session:
    """Start a session as that user; `route` (`host:port`, empty on a single node) tells it to lock for a cluster."""
    try:
        account = pwd.getpwnam(user)
    except KeyError as error:
        raise SpawnError(f"user {user} does not exist on this node") from error
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "LANG", "XDG_CONFIG_DIRS", "FAKE_WORKBENCH_ROOT") or name.startswith("RSTUDIO_")
    }
    environment = {**kept, "HOME": account.pw_dir, "USER": user, "RSTUDIO_SESSION_ROUTE": route}
    try:
        process = subprocess.Popen(
            [os.path.join(paths.INSTALL, "bin/rsession"), user, *(["resume"] if resume else [])],
            user=account.pw_uid,
            group=account.pw_gid,
            extra_groups=os.getgrouplist(user, account.pw_gid),
            cwd=account.pw_dir,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    except OSError as error:
        raise SpawnError(f"session of {user}: {error.strerror}: {error.filename}") from error
    assert process.stdout
    words = process.stdout.readline().split()
    if words[:1] != ["ready"]:
        process.wait()
        raise SpawnError(f"session of {user} did not start: {' '.join(words)}")
    session = sessions.Session(words[1], process.pid, user, "rsession")
    sessions.record(session)
    threading.Thread(target=_bury, args=(process, session.id), daemon=True).start()
    return session


def _bury(process: subprocess.Popen[str], session_id: str) -> None:
    process.wait()
    sessions.forget(session_id)


def main() -> int:
    signals = endpoint.Signals()
    try:
        settings = config.read_launcher()
        override = settings.server.get("secure-cookie-key-file", "")
        Launcher.key = keys.read_cookie_key(keys.cookie_key_path(override))
        account = pwd.getpwnam(settings.server.get("server-user", "rstudio-server"))
        Launcher.settings = settings
        bound = settings.address not in ("", "0.0.0.0", "::", "localhost")
        Launcher.ipv4 = settings.address if bound else address.own_address("", "", 0).ipv4
        name = socket.gethostname() + (f"-{settings.address}" if bound else "")
        for place in config.scratch_paths(settings):
            try:
                enter(place, account, name, Launcher.ipv4, settings.port)
            except config.ConfigError as error:
                if not release.current().launchers_told:
                    raise
                LOG("WARNING", str(error))
        files = (settings.server.get(name, "") for name in ("certificate-file", "certificate-key-file"))
        tls = endpoint.Tls(*files) if settings.ssl else None
        server = endpoint.listen(settings.address, settings.port, Launcher, tls)
    except (config.ConfigError, OSError, KeyError) as error:
        LOG("ERROR", str(error))
        return 1
    LOG("INFO", f"Listening on {settings.address}:{settings.port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while signals.wait() == signal.SIGHUP:
        LOG("INFO", "Configuration reloaded")
    server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
