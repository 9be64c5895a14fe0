# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role proxy asks and wants of a host, and the files of the three web servers."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host.served import OPTIONS, parse_places
from ansible_collections.workbench.cluster.plugins.plugin_utils._proxy.made import ask, asked, wanted
from ansible_collections.workbench.cluster.plugins.plugin_utils._proxy.units import SERVERS
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.specs import DEFAULTS

NODES = {"wb1": "10.0.0.1", "wb2": "10.0.0.2", "wb3": "2001:db8::3"}
FRONTS = {"front1": "10.0.0.8", "front2": "10.0.0.9"}
MADE = {
    **DEFAULTS["proxy"],
    **dict.fromkeys(("proxy_tls_certificate", "proxy_tls_key", "proxy_node_authority", "proxy_node_name"), ""),
    "tls_source": "none",
    "tls_directory": "/etc/workbench.cluster/tls",
    "inventory_hostname": "front2",
    "proxy_members": list(NODES),
    "proxy_hosts": list(FRONTS),
    "proxy_port": 80,
}
TLS: dict[str, t.Any] = {
    "proxy_tls_certificate": "/etc/ssl/wb.crt",
    "proxy_tls_key": "/etc/ssl/wb.key",
    "proxy_port": 443,
}
VIRTUAL: dict[str, t.Any] = {"proxy_virtual_address": "10.0.0.7", "proxy_interface": "eth0"}


def made(rserver: dict[str, t.Any] | None = None, family: t.Any = "Debian", **given: t.Any) -> dict[str, t.Any]:
    hostvars = {name: {"ansible_host": address} for name, address in {**NODES, **FRONTS}.items()}
    for node in NODES:
        hostvars[node]["server_rserver_conf"] = t.cast(t.Any, rserver or {})
    return wanted({**MADE, **given}, hostvars, family)


def text(server: str, **given: t.Any) -> str:
    """The web server's file."""
    files = {entry["path"]: entry["content"] for entry in made(proxy_server=server, **given)["files"]}
    return t.cast(str, files[SERVERS[server].path])


HOSTVARS = {name: {"ansible_host": address} for name, address in {**NODES, **FRONTS}.items()}
EVERY = pytest.mark.parametrize("server", SERVERS)


@EVERY
def test_every_server_says_whose_its_file_is_and_gives_requests_to_all_nodes(server: str) -> None:
    said = text(server)
    assert said.startswith("# Managed by Ansible, workbench.cluster")
    assert [place for place in ("10.0.0.1:8787", "10.0.0.2:8787", "[2001:db8::3]:8787") if place not in said] == []


@EVERY
@pytest.mark.parametrize(
    "name",
    [
        "X-RStudio-Request",
        "X-RStudio-Root-Path",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Port",
        "Forwarded",
    ],
)
def test_no_browser_says_what_the_front_end_is_to_say(server: str, name: str) -> None:
    """Each header is set or taken away, whatever came."""
    told = r"(proxy_set_header|http-request (set|del)-header|RequestHeader (set|unset))"
    assert re.search(rf"^ *{told} {name}( |$)", text(server), re.MULTILINE)


@EVERY
def test_the_port_of_the_nodes_is_that_of_their_configuration(server: str) -> None:
    assert "10.0.0.1:8080" in text(server, rserver={"www-port": 8080})
    assert "10.0.0.1:9000" in text(server, rserver={"www-port": 8080}, proxy_node_port=9000)


@EVERY
def test_a_drained_node_is_none_of_those_that_get_requests(server: str) -> None:
    said = text(server, proxy_drained=["wb2"])
    assert "10.0.0.2" not in said
    assert "10.0.0.1:8787" in said


@pytest.mark.parametrize(
    ("server", "words", "first"),
    [
        ("nginx", " backup;", "server 10.0.0.1:8787 max_fails=1 fail_timeout=5s;"),
        ("haproxy", " backup", "server wb1 10.0.0.1:8787 cookie wb1\n"),
        ("apache", " status=+H", "BalancerMember http://10.0.0.1:8787 "),
    ],
)
def test_all_but_the_first_wait_where_one_node_is_active(server: str, words: str, first: str) -> None:
    said = text(server, proxy_mode="active_passive")
    assert first in said
    waiting = [line for line in said.splitlines() if words in line]
    assert waiting
    assert [line for line in waiting if "10.0.0.1:" in line] == []
    assert words not in text(server)


@EVERY
def test_a_cookie_brings_a_browser_back_unless_it_shall_not(server: str) -> None:
    assert "workbench_node" in text(server)
    assert "workbench_node" not in text(server, proxy_sticky=False)


@EVERY
def test_a_cookie_goes_over_tls_only_and_comes_back_from_an_identity_provider(server: str) -> None:
    assert "SameSite=None" in text(server, **TLS)
    assert "ecure" in text(server, **TLS)
    assert "SameSite" not in text(server)


@EVERY
def test_tls_has_its_files_its_port_and_a_port_that_leads_to_it(server: str) -> None:
    said = text(server, **TLS)
    assert "/etc/ssl/wb.crt" in said
    assert "*:443" in said
    assert "*:80" in said
    assert "*:80" not in text(server, **TLS, proxy_redirect_port=0)


@EVERY
def test_a_path_is_taken_off_and_told_to_the_node(server: str) -> None:
    said = text(server, proxy_path="/rstudio/")
    assert "X-RStudio-Root-Path /rstudio" in said
    assert "/rstudio//" not in said


@EVERY
def test_a_node_that_serves_tls_is_judged(server: str) -> None:
    given = {"proxy_node_authority": "/etc/ssl/ca.crt", "proxy_node_name": "wb.example.com"}
    said = text(server, rserver={"ssl-enabled": 1}, **given)
    assert "10.0.0.1:443" in said
    assert "/etc/ssl/ca.crt" in said


@pytest.mark.parametrize("server", ["haproxy", "apache"])
def test_a_server_that_asks_nodes_asks_the_page_that_an_offline_one_does_not_give(server: str) -> None:
    assert "/auth-sign-in" in text(server)
    assert "/health-check" in text(server, rserver={"server-health-check-enabled": True})
    assert "/ready" in text(server, proxy_check_path="/ready")


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ("nginx", ["proxy_next_upstream error timeout http_503;"]),
        (
            "haproxy",
            ["retry-on conn-failure empty-response 503", "disable-l7-retry unless { method GET HEAD OPTIONS }"],
        ),
        # Overriding an error ends Apache's own way to the next node: its page for the error asks it, whose answer stands.
        (
            "apache",
            [
                "failonstatus=503",
                "ErrorDocument 503 /.workbench-again",
                "<Location /.workbench-again>\n    ProxyErrorOverride Off",
                '"^(GET|HEAD) /rstudio/([^ ?]*)[?]?([^ ]*)"\n  RewriteRule ^/[.]workbench-again$ balancer://workbench/%2?%3',
                "RewriteRule ^/[.]workbench-again$ balancer://workbench_websocket/%2?%3",
            ],
        ),
    ],
)
def test_for_an_offline_node_the_next_one_is_asked_for_what_can_be_asked_twice(server: str, words: list[str]) -> None:
    said = text(server, proxy_path="/rstudio")
    assert [word for word in words if word not in said] == []


@pytest.mark.parametrize(
    ("server", "answer", "websocket"),
    [
        ("nginx", "proxy_read_timeout 90s;", "proxy_read_timeout 1728000s;"),
        ("haproxy", "timeout server 90s", "timeout tunnel 1728000s"),
        ("apache", "timeout=90 ", "timeout=1728000 "),
    ],
)
def test_a_websocket_may_be_silent_for_longer_than_an_answer_may_take(server: str, answer: str, websocket: str) -> None:
    said = text(server, proxy_timeout=90)
    assert answer in said
    assert websocket in said


@EVERY
def test_the_files_of_other_servers_go_and_one_unit_runs(server: str) -> None:
    wish = made(proxy_server=server)
    assert set(wish["remove"]) >= {made.path for name, made in SERVERS.items() if name != server}
    assert SERVERS[server].path not in wish["remove"]
    assert wish["units"] == ["workbench-proxy.service"]


@EVERY
@pytest.mark.parametrize("family", ["Debian", "RedHat"])
def test_the_server_judges_the_candidate_and_not_what_is_there(server: str, family: str) -> None:
    wish = made(proxy_server=server, family=family)
    *shell, said = wish["check"]["command"]
    assert shell == ["/bin/sh", "-c"]
    assert f'"$RSTUDIO_CONFIG_DIR/{SERVERS[server].file}"' in said
    assert wish["check"]["directory"] == "/etc/workbench.cluster/proxy"


@EVERY
def test_a_certificate_that_is_renewed_is_read_without_a_restart(server: str) -> None:
    service = made(proxy_server=server, **TLS)["services"][0]
    assert service["files"] == ["/etc/systemd/system/workbench-proxy.service"]
    assert service["reload"] == [SERVERS[server].path, "/etc/ssl/wb.crt"]


def test_a_virtual_address_is_kept_by_all_front_ends_and_first_by_the_first() -> None:
    wish = made(**VIRTUAL)
    said = {entry["path"]: entry["content"] for entry in wish["files"]}["/etc/workbench.cluster/proxy/keepalived.conf"]
    assert "unicast_src_ip 10.0.0.9" in said
    assert "    10.0.0.8\n" in said
    assert "10.0.0.7 dev eth0" in said
    assert "priority 149" in said
    assert "keepalived" in wish["packages"]
    assert wish["units"] == ["workbench-proxy.service", "workbench-address.service"]


def test_without_one_its_files_go() -> None:
    assert "/etc/workbench.cluster/proxy/keepalived.conf" in made()["remove"]
    assert "keepalived" not in made()["packages"]


def test_a_look_tells_of_all_that_one_of_the_servers_wants() -> None:
    asked = ask({**MADE, **TLS})
    for server in SERVERS:
        wish = made(proxy_server=server, **TLS, **VIRTUAL)
        assert set(wish["packages"]) <= set(asked["packages"])
        assert {entry["path"] for entry in wish["files"]} | set(wish["remove"]) <= set(asked["files"])
        assert set(wish["units"]) <= set(asked["units"])
    assert asked["front_end"] == {"ports": [443, 80], "certificate": "/etc/ssl/wb.crt"}


@EVERY
def test_verify_reads_of_the_file_who_gets_requests(server: str) -> None:
    places = parse_places(text(server, **TLS, proxy_mode="active_passive", proxy_drained=["wb2"]))
    assert {place: told["standby"] for place, told in places.items()} == {
        "10.0.0.1:8787": False,
        "[2001:db8::3]:8787": True,
    }


@EVERY
def test_verify_asks_as_browsers_do(server: str) -> None:
    more = {"proxy_names": ["wb.example.com"], "proxy_path": "/rstudio", "proxy_addresses": ["::", "10.0.0.9"]}
    question = asked({**MADE, **TLS, **VIRTUAL, **more, "proxy_server": server}, HOSTVARS)
    assert set(question) == set(OPTIONS)
    assert SERVERS[server].path in question["files"]
    assert (question["page"], question["check"]) == ("/rstudio/auth-sign-in", "/auth-sign-in")
    assert (question["addresses"], question["virtual"], question["port"]) == (["::1"], "10.0.0.7", 443)
    assert (question["tls"], question["nodes_tls"], question["names"]) == (True, False, ["wb.example.com"])
