# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The front end as nginx's file. Pure.

Open-source nginx asks no node how it is: it finds out by a request that fails, and takes it to the next node.
It knows no sticky sessions either: a cookie with a random number says which node, by a hash that moves as few as can be.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._proxy.settings import (
    CONNECT,
    COOKIE,
    HEAD,
    FrontEnd,
    lines,
)

# After one request that failed a node is left alone for so long.
REST = "max_fails=1 fail_timeout=5s"


def configuration(front: FrontEnd) -> str:
    """The whole of nginx.conf, for an instance of its own."""
    return lines(
        HEAD,
        f"user {'www-data' if front.family == 'Debian' else 'nginx'};",
        "worker_processes auto;",
        "pid /run/workbench-proxy.pid;",
        "error_log syslog:server=unix:/dev/log,tag=workbench_proxy;",
        "events {",
        "  worker_connections 8192;",
        "}",
        "http {",
        "  access_log syslog:server=unix:/dev/log,tag=workbench_proxy;",
        "  server_tokens off;",
        "  map $http_upgrade $workbench_connection {",
        "    default upgrade;",
        "    '' close;",
        "  }",
        _sticky(front),
        _nodes(front),
        _redirect(front),
        "  server {",
        *(f"    listen {place}{' ssl' if front.tls else ''};" for place in front.listens(front.port)),
        _tls(front),
        # Workbench has a limit of its own.
        "    client_max_body_size 0;",
        _headers(front),
        _locations(front),
        "  }",
        "}",
    )


def _sticky(front: FrontEnd) -> t.Iterator[str]:
    if _hashes(front):
        yield f"  map $cookie_{COOKIE} $workbench_client {{"
        yield "    '' $request_id;"
        yield f"    default $cookie_{COOKIE};"
        yield "  }"
        yield f"  map $cookie_{COOKIE} $workbench_cookie {{"
        yield f"    '' \"{COOKIE}=$request_id; {front.cookie_flags}\";"
        yield "    default '';"
        yield "  }"


def _hashes(front: FrontEnd) -> bool:
    return front.sticky and front.active == "all"


def _nodes(front: FrontEnd) -> t.Iterator[str]:
    yield "  upstream workbench {"
    yield "    zone workbench 128k;"
    yield "    hash $workbench_client consistent;" if _hashes(front) else ""
    for number, node in enumerate(front.nodes):
        backup = " backup" if number and front.active == "first" else ""
        yield f"    server {node.place} {REST}{backup};"
    yield "  }"


def _redirect(front: FrontEnd) -> t.Iterator[str]:
    if front.tls and front.redirect_port:
        yield "  server {"
        yield from (f"    listen {place};" for place in front.listens(front.redirect_port))
        yield f"    return 301 https://$host{_shown(front.port, 443)}$request_uri;"
        yield "  }"


def _shown(port: int, usual: int) -> str:
    return "" if port == usual else f":{port}"


def _tls(front: FrontEnd) -> t.Iterator[str]:
    if front.tls:
        yield f"    ssl_certificate {front.tls.certificate};"
        yield f"    ssl_certificate_key {front.tls.key};"
        yield "    ssl_protocols TLSv1.2 TLSv1.3;"
        yield "    ssl_session_cache shared:workbench_tls:10m;"


def _headers(front: FrontEnd) -> t.Iterator[str]:
    """What the node is told, whatever the browser said; and how it is told."""
    for name, value in {
        "Host": "$http_host",
        "Upgrade": "$http_upgrade",
        "Connection": "$workbench_connection",
        "X-RStudio-Request": "$scheme://$host:$server_port$request_uri",
        "X-RStudio-Root-Path": front.path or "''",
        "X-Forwarded-Host": "$http_host",
        "X-Forwarded-Port": "$server_port",
        "X-Forwarded-Proto": "$scheme",
        "X-Forwarded-For": "$remote_addr",
        "Forwarded": "''",
    }.items():
        yield f"    proxy_set_header {name} {value};"
    yield "    proxy_http_version 1.1;"
    yield "    proxy_buffering off;"
    yield "    proxy_socket_keepalive on;"
    yield f"    proxy_connect_timeout {CONNECT}s;"
    # An offline node answers 503. What may have had an effect already, such as a POST, is not sent twice.
    yield "    proxy_next_upstream error timeout http_503;"
    yield from (f"    proxy_redirect ~{node.redirect}(.*)$ {front.path}/$2;" for node in front.nodes)
    yield "    add_header Set-Cookie $workbench_cookie;" if _hashes(front) else ""
    if front.upstream:
        yield "    proxy_ssl_verify on;"
        yield "    proxy_ssl_server_name on;"
        yield f"    proxy_ssl_name {front.upstream.name};"
        yield f"    proxy_ssl_trusted_certificate {front.upstream.authority};"


def _locations(front: FrontEnd) -> t.Iterator[str]:
    """A WebSocket may be silent for longer than an answer may take, and a time-out is that of a location."""
    passes = [
        f"      rewrite ^{front.path}(/.*)$ $1 break;" if front.path else "",
        f"      proxy_pass {'https' if front.upstream else 'http'}://workbench;",
    ]
    if front.path:
        yield f"    location = {front.path} {{"
        yield f"      return 301 $scheme://$http_host{front.path}/;"
        yield "    }"
    yield f"    location {front.path}/ {{"
    yield "      error_page 418 = @websocket;"
    yield "      if ($http_upgrade ~* ^websocket$) {"
    yield "        return 418;"
    yield "      }"
    yield from passes
    yield f"      proxy_read_timeout {front.timeout}s;"
    yield f"      proxy_send_timeout {front.timeout}s;"
    yield "    }"
    yield "    location @websocket {"
    yield from passes
    yield f"      proxy_read_timeout {front.websocket_timeout}s;"
    yield f"      proxy_send_timeout {front.websocket_timeout}s;"
    yield "    }"
