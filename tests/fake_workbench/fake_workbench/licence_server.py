# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's licence server, and its floating one, as far as seats go: a program for itself, with nothing but Python.

    licence_server.py PORT SEATS

`/activate` and `/deactivate` are those of keys, `/lease` and `/release` those of a floating licence; each takes or gives
back a seat. An activation takes one each time, as the vendor's does; a lease is a host's own. `/seats` tells who has how many.
"""

from __future__ import annotations

import collections
import http.server
import json
import sys
import urllib.parse


class Seats:
    def __init__(self, number: int) -> None:
        self.number = number
        self.taken: collections.Counter[str] = collections.Counter()

    def act(self, verb: str, host: str) -> tuple[int, str]:
        """Status and sentence of the answer."""
        if verb in ("deactivate", "release"):
            self.taken[host] = max(0, self.taken[host] - 1)
        elif verb == "activate" or (verb == "lease" and not self.taken[host]):
            if self.taken.total() >= self.number:
                return 403, f"all {self.number} seats are taken"
            self.taken[host] += 1
        return 200, "done"


def handler(seats: Seats) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(*seats.act(self.path.strip("/"), urllib.parse.parse_qs(text)["host"][0]))

        def do_GET(self) -> None:
            self._answer(200, json.dumps(+seats.taken))

        def _answer(self, status: int, text: str) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

    return Handler


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("", int(sys.argv[1])), handler(Seats(int(sys.argv[2])))).serve_forever()
