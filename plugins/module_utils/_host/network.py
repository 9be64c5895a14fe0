# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether names resolve, and ports answer."""

from __future__ import annotations

import socket
import threading
import time
import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Peer, PortState, Target


if t.TYPE_CHECKING:
    import ssl


def probe(peers: t.Sequence[Target], timeout: float) -> dict[str, Peer]:
    """Ask for the addresses and ports of all peers at once; the answers by their names."""
    answers: dict[str, Peer] = {
        peer["name"]: {"address": [], "ports": {str(port): "timeout" for port in peer["ports"]}} for peer in peers
    }

    def ask(peer: Target, port: int | None) -> None:
        answer = answers[peer["name"]]
        if port is None:
            answer["address"] = resolve(peer["host"])
        else:
            answer["ports"][str(port)] = knock(peer["host"], port, timeout)

    # A resolver knows no timeout, so nobody waits for these threads longer than for an answer.
    questions = [(peer, port) for peer in peers for port in (None, *peer["ports"])]
    threads = [threading.Thread(target=ask, args=question, daemon=True) for question in questions]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 2 * timeout
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return {
        name: {"address": list(answer["address"]), "ports": dict(answer["ports"])} for name, answer in answers.items()
    }


def unchecked_tls() -> ssl.SSLContext:
    """For questions without a secret, mostly to an address that no certificate names; `verify` judges certificates."""
    import ssl  # takes longer than a module that asks nobody by TLS

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def resolve(host: str) -> list[str]:
    """The addresses of a name, as this node's resolver has them; empty when there are none."""
    try:
        return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)})
    except (OSError, UnicodeError):  # of a label that is empty or too long
        return []


def knock(host: str, port: int, timeout: float) -> PortState:
    """Connect to a port and close."""
    try:
        socket.create_connection((host, port), timeout).close()
    except ConnectionRefusedError:
        return "refused"
    except socket.timeout:
        return "timeout"
    except (socket.gaierror, UnicodeError):
        return "unresolved"
    except OSError:
        return "unreachable"
    return "open"


def port_answers(host: str, port: int) -> bool:
    return knock(host, port, 5) == "open"
