# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The front end as HAProxy's file. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._proxy.settings import (
    CONNECT,
    COOKIE,
    HEAD,
    PATIENCE,
    FrontEnd,
    Node,
    lines,
)


def configuration(front: FrontEnd) -> str:
    """The whole of haproxy.cfg, for an instance of its own."""
    return lines(
        HEAD,
        "global",
        "  log /dev/log local0",
        "  user haproxy",
        "  group haproxy",
        "  ssl-default-bind-options ssl-min-ver TLSv1.2",
        # host.key beside host.crt
        "  ssl-load-extra-del-ext" if front.tls and front.tls.key.endswith(".key") else "",
        "defaults",
        "  mode http",
        "  log global",
        "  option httplog",
        "  option dontlognull",
        f"  timeout connect {CONNECT}s",
        f"  timeout client {front.timeout}s",
        f"  timeout server {front.timeout}s",
        f"  timeout tunnel {front.websocket_timeout}s",
        _redirect(front),
        "frontend workbench",
        *(f"  bind {place}{_tls(front)}" for place in front.listens(front.port)),
        _outside(front),
        "  default_backend workbench",
        "backend workbench",
        "  balance leastconn",
        _cookie(front),
        f"  option httpchk GET {front.check}",
        "  http-check expect status 200-399",
        "  option srvtcpka",
        "  retries 3",
        "  option redispatch 1",
        # An offline node answers 503. What may have had an effect already, such as a POST, is not sent twice.
        "  retry-on conn-failure empty-response 503",
        "  http-request disable-l7-retry unless { method GET HEAD OPTIONS }",
        _headers(front),
        f"  default-server check inter {PATIENCE}s fall 2 rise 2{_verified(front)}",
        *(_node(front, number, node) for number, node in enumerate(front.nodes)),
    )


def _redirect(front: FrontEnd) -> t.Iterator[str]:
    if front.tls and front.redirect_port:
        yield "frontend workbench_redirect"
        yield from (f"  bind {place}" for place in front.listens(front.redirect_port))
        port = "" if front.port == 443 else f":{front.port}"
        yield f"  http-request redirect location https://%[req.hdr(host),field(1,:)]{port}%[pathq] code 301"


def _tls(front: FrontEnd) -> str:
    return f" ssl crt {front.tls.certificate} alpn http/1.1" if front.tls else ""


def _outside(front: FrontEnd) -> t.Iterator[str]:
    """What the node is told, whatever the browser said."""
    place = f"{front.scheme}://%[req.hdr(host),field(1,:)]:%[dst_port]%[pathq]"
    yield f"  http-request set-header X-RStudio-Request {place}"
    yield "  http-request set-header X-Forwarded-Host %[req.hdr(host)]"
    yield "  http-request set-header X-Forwarded-Port %[dst_port]"
    yield f"  http-request set-header X-Forwarded-Proto {front.scheme}"
    yield "  http-request set-header X-Forwarded-For %[src]"
    yield "  http-request del-header Forwarded"
    if front.path:
        yield f"  http-request redirect location {front.path}/ code 301 if {{ path {front.path} }}"
        yield f"  http-request return status 404 unless {{ path_beg {front.path}/ }}"


def _headers(front: FrontEnd) -> t.Iterator[str]:
    if front.path:
        yield f"  http-request set-header X-RStudio-Root-Path {front.path}"
        yield f"  http-request replace-path ^{front.path}(/.*) \\1"
    else:
        yield "  http-request del-header X-RStudio-Root-Path"
    for node in front.nodes:
        yield f"  http-response replace-header Location {node.redirect}(.*) {front.path}/\\2"


def _cookie(front: FrontEnd) -> str:
    if not front.sticky:
        return ""
    flags = " secure attr SameSite=None" if front.tls else ""
    return f"  cookie {COOKIE} insert indirect nocache httponly{flags}"


def _verified(front: FrontEnd) -> str:
    if front.upstream is None:
        return ""
    name = front.upstream.name
    return f" ssl verify required ca-file {front.upstream.authority} sni str({name}) verifyhost {name} check-sni {name}"


def _node(front: FrontEnd, number: int, node: Node) -> str:
    cookie = f" cookie {node.name}" if front.sticky else ""
    backup = " backup" if number and front.active == "first" else ""
    return f"  server {node.name} {node.place}{cookie}{backup}"
