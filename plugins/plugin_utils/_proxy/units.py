# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How systemd runs the front end: an instance of its own, beside whatever else the web server does on the host. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._proxy import apache, haproxy, nginx
from ansible_collections.workbench.cluster.plugins.plugin_utils._proxy.settings import (
    FOLDER,
    HEAD,
    UNIT,
    FrontEnd,
    lines,
)

Family = t.Literal["Debian", "RedHat"]


class Server(t.NamedTuple):
    """What is particular about a web server."""

    file: str
    configuration: t.Callable[[FrontEnd], str]
    packages: t.Mapping[Family, tuple[str, ...]]
    program: t.Mapping[Family, str]
    start: tuple[str, ...]  # lines of the unit; @ is the program, % its file
    judge: str  # the same, as a command: of a candidate

    @property
    def path(self) -> str:
        return f"{FOLDER}/{self.file}"


SERVERS: t.Mapping[str, Server] = {
    "nginx": Server(
        "nginx.conf",
        nginx.configuration,
        {"Debian": ("nginx",), "RedHat": ("nginx",)},
        {"Debian": "/usr/sbin/nginx", "RedHat": "/usr/sbin/nginx"},
        (
            "Type=forking",
            f"PIDFile=/run/{UNIT}.pid",
            "ExecStart=@ -c %",
            "ExecReload=@ -t -q -c %",
            "ExecReload=/bin/kill -HUP $MAINPID",
        ),
        "@ -t -q -c %",
    ),
    "haproxy": Server(
        "haproxy.cfg",
        haproxy.configuration,
        {"Debian": ("haproxy",), "RedHat": ("haproxy",)},
        {"Debian": "/usr/sbin/haproxy", "RedHat": "/usr/sbin/haproxy"},
        (
            "Type=notify",
            f"ExecStart=@ -Ws -f % -p /run/{UNIT}.pid",
            "ExecReload=@ -c -q -f %",
            "ExecReload=/bin/kill -USR2 $MAINPID",
            "SuccessExitStatus=143",
        ),
        "@ -c -q -f %",
    ),
    "apache": Server(
        "apache.conf",
        apache.configuration,
        {"Debian": ("apache2-bin",), "RedHat": ("httpd", "mod_ssl")},
        {"Debian": "/usr/sbin/apache2", "RedHat": "/usr/sbin/httpd"},
        (
            "Type=forking",
            f"PIDFile=/run/{UNIT}.pid",
            "ExecStart=@ -f % -k start",
            "ExecReload=@ -t -f %",
            "ExecReload=/bin/kill -USR1 $MAINPID",
        ),
        "@ -t -f %",
    ),
}
# Their packages' own services, which would take the port with a welcome page as soon as they are installed.
STOCK = {"nginx": "nginx", "haproxy": "haproxy", "keepalived": "keepalived"}
ADDRESS_UNIT = "workbench-address"
ADDRESS_FILE = f"{FOLDER}/keepalived.conf"


class Address(t.NamedTuple):
    """A virtual address, of which keepalived gives one host at a time the charge."""

    address: str
    interface: str
    router: int  # 1 to 255, the same on all its hosts and nobody else's on the network
    own: str
    others: tuple[str, ...]
    rank: int  # of this host among them: 0 has it first


def path_of(unit: str) -> str:
    return f"/etc/systemd/system/{unit}.service"


def proxy_unit(server: str, family: Family) -> str:
    """The unit file. Another web server is another unit file, so that systemd stops the one and starts the other."""
    made = SERVERS[server]
    return lines(
        HEAD,
        "[Unit]",
        f"Description=Front end of Workbench ({server})",
        "Wants=network-online.target",
        "After=network-online.target",
        "[Service]",
        *(_filled(line, made.program[family], made.path) for line in made.start),
        f"RuntimeDirectory={UNIT}",
        "TimeoutStartSec=20",
        "TimeoutStopSec=20",
        "KillMode=mixed",
        "Restart=on-failure",
        "RestartSec=2",
        "LimitNOFILE=65536",
        "[Install]",
        "WantedBy=multi-user.target",
    )


def judging(server: str, family: Family) -> list[str]:
    """What the server says of a candidate, as the module config_files asks it."""
    made = SERVERS[server]
    return ["/bin/sh", "-c", _filled(made.judge, made.program[family], f'"$RSTUDIO_CONFIG_DIR/{made.file}"')]


def _filled(text: str, program: str, path: str) -> str:
    return text.replace("@", program).replace("%", path)


def address_unit() -> str:
    return lines(
        HEAD,
        "[Unit]",
        "Description=Virtual address of Workbench (keepalived)",
        "Wants=network-online.target",
        f"After=network-online.target {UNIT}.service",
        "[Service]",
        "Type=forking",
        f"PIDFile=/run/{ADDRESS_UNIT}.pid",
        f"ExecStart=/usr/sbin/keepalived --vrrp -f {ADDRESS_FILE} -p /run/{ADDRESS_UNIT}.pid -r /run/{ADDRESS_UNIT}-vrrp.pid",
        "ExecReload=/bin/kill -HUP $MAINPID",
        "KillMode=process",
        "Restart=on-failure",
        "[Install]",
        "WantedBy=multi-user.target",
    )


def address_configuration(address: Address) -> str:
    """keepalived's file. A host that comes back does not take the address again: that would cut who uses it."""
    return lines(
        HEAD,
        "global_defs {",
        "  script_user root",
        "  enable_script_security",
        "}",
        "vrrp_script workbench {",
        f'  script "/bin/systemctl is-active --quiet {UNIT}.service"',
        "  interval 2",
        "  fall 2",
        "  rise 2",
        "}",
        "vrrp_instance workbench {",
        "  state BACKUP",
        "  nopreempt",
        f"  interface {address.interface}",
        f"  virtual_router_id {address.router}",
        f"  priority {150 - address.rank}",
        "  advert_int 1",
        f"  unicast_src_ip {address.own}",
        "  unicast_peer {",
        *(f"    {other}" for other in address.others),
        "  }",
        "  virtual_ipaddress {",
        f"    {address.address} dev {address.interface}",
        "  }",
        "  track_script {",
        "    workbench",
        "  }",
        "}",
    )
