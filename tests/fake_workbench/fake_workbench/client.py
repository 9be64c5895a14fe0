# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fake-session` (ours): what a signed-in browser does to a session, for tests.

fake-session start USER [--node URL]    a new session, where the balancer says
fake-session join USER [--node URL]     the user's running session, else the suspended one started again
"""

from __future__ import annotations

import json
import sys
import urllib.parse

from fake_workbench import config, keys, peers


def main() -> int:
    words = sys.argv[1:]
    url = ""
    if "--node" in words[:-1]:
        place = words.index("--node")
        url = words[place + 1]
        del words[place : place + 2]
    if len(words) != 2 or words[0] not in ("start", "join"):
        print(__doc__, file=sys.stderr)
        return 2
    settings = config.read_server_config()
    protocol = config.protocol(settings, config.read_load_balancer())
    target = urllib.parse.urlsplit(url or f"{protocol.split()[0]}://localhost:{settings.port}")
    wanted = {"user": words[1], "resume": words[0] == "join"}
    try:
        transport = peers.Transport(protocol, 60, keys.load_cookie_key(settings))
        peer = (target.hostname or "", target.port or settings.port)
        answer = peers.request(transport, peer, "POST", "/fake/sessions", wanted)
    except (peers.PeerError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
