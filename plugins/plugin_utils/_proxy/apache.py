# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The front end as Apache's file. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._proxy.settings import (
    CONNECT,
    COOKIE,
    FOLDER,
    HEAD,
    PATIENCE,
    UNIT,
    FrontEnd,
    lines,
)

# Some are part of the program on one system, and files on another.
MODULES = (
    *("mpm_event", "unixd", "watchdog", "log_config", "authz_core", "headers", "rewrite", "slotmem_shm"),
    *(
        "proxy",
        "proxy_http",
        "proxy_wstunnel",
        "proxy_balancer",
        "lbmethod_byrequests",
        "lbmethod_bybusyness",
        "proxy_hcheck",
    ),
)
TLS_MODULES = ("socache_shmcb", "ssl")
FOLDERS = {"Debian": "/usr/lib/apache2/modules", "RedHat": "/usr/lib64/httpd/modules"}
# A WebSocket keeps a thread, and after a reload old processes stay until theirs are closed.
THREADS = (
    "ServerLimit 96",
    "ThreadLimit 64",
    "ThreadsPerChild 64",
    "MaxRequestWorkers 3072",
    "StartServers 2",
)

# The page for an error of a node, and as a rule names it.
AGAIN, PAGE = "/.workbench-again", "^/[.]workbench-again$"


def configuration(front: FrontEnd) -> str:
    """The whole of a file of Apache, for an instance of its own."""
    account = "www-data" if front.family == "Debian" else "apache"
    return lines(
        HEAD,
        f"ServerRoot {FOLDER}",
        "ServerName workbench",
        f"DefaultRuntimeDir /run/{UNIT}",
        f"PidFile /run/{UNIT}.pid",
        _modules(front),
        f"User {account}",
        f"Group {account}",
        *THREADS,
        "ServerTokens Prod",
        f"ErrorLog syslog:daemon:{UNIT}",
        f'CustomLog "|/usr/bin/logger -t {UNIT}" "%h %u \\"%r\\" %>s %b %{{BALANCER_WORKER_NAME}}e"',
        *(f"Listen {place}" for place in front.listens(front.port)),
        _redirect(front),
        "<Directory />",
        "  Require all denied",
        "</Directory>",
        "ProxyHCExpr workbench_well {%{REQUEST_STATUS} =~ /^[23]/}",
        _balancer(front, "workbench", "http", front.timeout),
        _balancer(front, "workbench_websocket", "ws", front.websocket_timeout),
        f"<VirtualHost {' '.join(front.listens(front.port))}>",
        _tls(front),
        "  ProxyRequests Off",
        "  ProxyPreserveHost On",
        # An offline node answers 503. Its page has the next one asked, whose answer stands as it is.
        "  ProxyErrorOverride On 503",
        f"  ErrorDocument 503 {AGAIN}",
        f"  <Location {AGAIN}>",
        "    ProxyErrorOverride Off",
        "  </Location>",
        "  ProxyAddHeaders Off",
        _headers(front),
        _rules(front),
        "</VirtualHost>",
    )


def _modules(front: FrontEnd) -> t.Iterator[str]:
    for name in (*MODULES, *(TLS_MODULES if front.tls or front.upstream else ())):
        yield f"<IfModule !{name}_module>"
        yield f"  LoadModule {name}_module {FOLDERS[front.family]}/mod_{name}.so"
        yield "</IfModule>"


def _redirect(front: FrontEnd) -> t.Iterator[str]:
    if front.tls and front.redirect_port:
        places = front.listens(front.redirect_port)
        port = "" if front.port == 443 else f":{front.port}"
        yield from (f"Listen {place}" for place in places)
        yield f"<VirtualHost {' '.join(places)}>"
        yield "  RewriteEngine On"
        yield "  RewriteCond %{HTTP_HOST} ^([^:]+)"
        yield f"  RewriteRule ^ https://%1{port}%{{REQUEST_URI}} [R=301,L,NE]"
        yield "</VirtualHost>"


def _balancer(front: FrontEnd, name: str, scheme: str, timeout: int) -> t.Iterator[str]:
    scheme += "s" if front.upstream else ""
    yield f"<Proxy balancer://{name}>"
    for number, node in enumerate(front.nodes):
        standby = f" status=+H lbset={number}" if number and front.active == "first" else ""
        yield (
            f"  BalancerMember {scheme}://{node.place} route={node.name} connectiontimeout={CONNECT} timeout={timeout} "
            f"retry={PATIENCE} keepalive=On hcmethod=GET hcexpr=workbench_well hcuri={front.check} "
            f"hcinterval={PATIENCE} hcpasses=1 hcfails=2{standby}"
        )
    sticky = f" stickysession={COOKIE}" if front.sticky else ""
    yield f"  ProxySet lbmethod=bybusyness maxattempts={len(front.nodes)} failonstatus=503{sticky}"
    yield "</Proxy>"


def _tls(front: FrontEnd) -> t.Iterator[str]:
    if front.tls:
        yield "  SSLEngine On"
        yield "  SSLProtocol -all +TLSv1.2 +TLSv1.3"
        yield f"  SSLCertificateFile {front.tls.certificate}"
        yield f"  SSLCertificateKeyFile {front.tls.key}"
    if front.upstream:
        yield "  SSLProxyEngine On"
        yield "  SSLProxyVerify require"
        yield f"  SSLProxyCACertificateFile {front.upstream.authority}"


def _headers(front: FrontEnd) -> t.Iterator[str]:
    """What the node is told, whatever the browser said."""
    yield "  UseCanonicalName Off"
    request = f"{front.scheme}://%{{SERVER_NAME}}:%{{SERVER_PORT}}%{{reqenv:workbench_uri}}"
    yield f'  RequestHeader set X-RStudio-Request "expr={request}"'
    yield f"  RequestHeader set X-RStudio-Root-Path {front.path}" if front.path else ""
    yield "" if front.path else "  RequestHeader unset X-RStudio-Root-Path"
    yield '  RequestHeader set X-Forwarded-Host "expr=%{HTTP_HOST}"'
    yield '  RequestHeader set X-Forwarded-Port "expr=%{SERVER_PORT}"'
    yield f"  RequestHeader set X-Forwarded-Proto {front.scheme}"
    yield '  RequestHeader set X-Forwarded-For "expr=%{REMOTE_ADDR}"'
    yield "  RequestHeader unset Forwarded"
    if front.sticky:
        yield (
            f'  Header add Set-Cookie "{COOKIE}=.%{{BALANCER_WORKER_ROUTE}}e; {front.cookie_flags}" '
            "env=BALANCER_ROUTE_CHANGED"
        )
    yield from (f'  Header edit Location "{node.redirect}(.*)" "{front.path}/$2"' for node in front.nodes)


def _rules(front: FrontEnd) -> t.Iterator[str]:
    """As it was asked for goes to the node, encoded as it is; a rewritten one would be decoded."""
    yield "  AllowEncodedSlashes NoDecode"
    yield "  RewriteEngine On"
    yield r'  RewriteCond %{THE_REQUEST} "^\S+ (\S+)"'
    yield "  RewriteRule ^ - [E=workbench_uri:%1]"
    yield f"  RewriteRule ^{front.path}$ {front.path}/ [R=301,L]" if front.path else ""
    yield from _again(front, "workbench_websocket", "  RewriteCond %{HTTP:Upgrade} =websocket [NC]")
    yield from _again(front, "workbench")
    yield "  RewriteCond %{ENV:REDIRECT_STATUS} =503"
    yield f"  RewriteRule {PAGE} - [R=503,L]"
    yield "  RewriteCond %{HTTP:Upgrade} =websocket [NC]"
    yield f"  RewriteRule ^{front.path}/(.*) balancer://workbench_websocket/$1 [P,L]"
    yield f"  ProxyPass {front.path}/ balancer://workbench/ nocanon"


def _again(front: FrontEnd, balancer: str, *conditions: str) -> t.Iterator[str]:
    """As the browser asked for it; what may have had an effect already, such as a POST, is not sent twice."""
    yield "  RewriteCond %{ENV:REDIRECT_STATUS} =503"
    yield from conditions
    yield f'  RewriteCond %{{THE_REQUEST}} "^(GET|HEAD) {front.path}/([^ ?]*)[?]?([^ ]*)"'
    yield f"  RewriteRule {PAGE} balancer://{balancer}/%2?%3 [P,L,NE]"
