# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parsers, row by row: rserver.conf, load-balancer, database.conf and launcher.conf."""

from __future__ import annotations

import pytest
from fake_workbench import config
from fake_workbench.config import ConfigError


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("# a comment\nwww-port=80 # and another\n", {"www-port": ["80"]}),
        ("\n   \n  www-port  =  80  \n", {"www-port": ["80"]}),
        ('www-frame-origin="same"\n', {"www-frame-origin": ['"same"']}),
        ("ssl-protocols=TLSv1.2 TLSv1.3\n", {"ssl-protocols": ["TLSv1.2 TLSv1.3"]}),
        ("www-address=\n", {"www-address": [""]}),
        ("www-allow-origin=a\nwww-allow-origin=b\n", {"www-allow-origin": ["a", "b"]}),
        ("server-add-header=A:1\nserver-add-header=B:2\n", {"server-add-header": ["A:1", "B:2"]}),
        ("server-add-header=A:b=c\n", {"server-add-header": ["A:b=c"]}),
        ("auth-timeout-minutes=-5\n", {"auth-timeout-minutes": ["-5"]}),
        ("auth-timeout-minutes=+5\n", {"auth-timeout-minutes": ["+5"]}),
        ("admin-group=a\u00a0\u2028\n", {"admin-group": ["a\u00a0\u2028"]}),
        ("rsession-which-r=/opt/R/bin/R\n", {"rsession-which-r": ["/opt/R/bin/R"]}),
        (
            "rsession-path=rsession\nrldpath-path=r-ldpath\n",
            {"rsession-path": ["rsession"], "rldpath-path": ["r-ldpath"]},
        ),
        ("www-proxy-localhost-verify-port-owner=1\n", {"www-proxy-localhost-verify-port-owner": ["1"]}),
        ("session-use-file-storage=0\n", {"session-use-file-storage": ["0"]}),
    ],
)
def test_rserver_conf_accepts(text: str, values: dict[str, list[str]]) -> None:
    assert config.parse_strict(text) == values


@pytest.mark.parametrize("value", ["1", "true", "TRUE", "yes", "Yes", "on", "ON", ""])
def test_rserver_conf_reads_true(value: str) -> None:
    assert config.ServerConfig(config.parse_strict(f"ssl-enabled={value}")).flag("ssl-enabled")


@pytest.mark.parametrize("value", ["0", "false", "False", "no", "off"])
def test_rserver_conf_reads_false(value: str) -> None:
    assert not config.ServerConfig(config.parse_strict(f"server-project-sharing={value}")).flag(
        "server-project-sharing"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("www-port=1\nwww-port=2\n", "option 'www-port' cannot be specified more than once"),
        ("www-prot=1\n", "unrecognised option 'www-prot'"),
        ("WWW-port=1\n", "unrecognised option 'WWW-port'"),
        ("www-host-name=node1\n", "unrecognised option 'www-host-name'"),
        ("www-port\n", "the options configuration file contains an invalid line 'www-port'"),
        ("[server]\nwww-port=1\n", "unrecognised option 'server.www-port'"),
        ("www-thread-pool-size=5x\n", "the argument ('5x') for option 'www-thread-pool-size' is invalid"),
        ("www-thread-pool-size=\u0665\n", "the argument ('\u0665') for option 'www-thread-pool-size' is invalid"),
        (
            "www-thread-pool-size=2147483648\n",
            "the argument ('2147483648') for option 'www-thread-pool-size' is invalid",
        ),
        ("www-thread-pool-size=\n", "the argument ('') for option 'www-thread-pool-size' is invalid"),
        (
            "ssl-enabled=maybe\n",
            "the argument ('maybe') for option 'ssl-enabled' is invalid. "
            "Valid choices are 'on|off', 'yes|no', '1|0' and 'true|false'",
        ),
        ("www-prot=1\nwww-port\n", "unrecognised option 'www-prot'"),
    ],
)
def test_rserver_conf_refuses(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        config.parse_strict(text)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("text", "file", "on"),
    [
        ("", False, False),
        ("", True, True),
        ("load-balancing-enabled=0", True, False),
        ("load-balancing-enabled=1", False, True),
    ],
)
def test_load_balancing_is_on_by_its_key_or_for_want_of_it_by_the_file(text: str, file: bool, on: bool) -> None:
    assert config.ServerConfig(config.parse_strict(text), file).load_balancing is on


@pytest.mark.parametrize(("text", "port"), [("", 8787), ("ssl-enabled=1", 443), ("ssl-enabled=1\nwww-port=8443", 8443)])
def test_port(text: str, port: int) -> None:
    assert config.ServerConfig(config.parse_strict(text)).port == port


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("host=a\nhost=b\n", "a"),
        ("  host  =  a b  \n\n", "a b"),
        ('host="a"\n', "a"),
        ('host="a\\"b"\n', 'a"b'),
        ("host=a # b\n", "a # b"),
        ("#host=a\nhost=b\n", "b"),
        ("host\nhost=a\n", "a"),
        ("host=a=b\n", "a=b"),
        ("host=a\u2028b\n", "a\u2028b"),
        ("host=a\u00a0\n", "a\u00a0"),
        ('host="\\u00e9\\t"\n', "\u00e9\t"),
        ("nonsense=1\nhost=a\n", "a"),
        ("", "default"),
    ],
)
def test_settings_text(text: str, value: str) -> None:
    assert config.Settings(text).text("host", "default") == value


@pytest.mark.parametrize(("text", "number"), [("n=5", 5), ("n=-5", -5), ("n=5x", 7), ("n=", 7), ("", 7)])
def test_settings_number_falls_back(text: str, number: int) -> None:
    assert config.Settings(text).number("n", 7) == number


@pytest.mark.parametrize(("text", "flag"), [("f=1", True), ("f=0", False), ("f=perhaps", True), ("", True)])
def test_settings_flag_falls_back(text: str, flag: bool) -> None:
    assert config.Settings(text).flag("f", True) is flag


@pytest.mark.parametrize(
    "text",
    [
        "balancer=user-hash\nwww-host-name=node1:8788\ntimeout=5\n",
        "# first\n[config]\nbalancer = user-hash\nwww-host-name = node1:8788\ntimeout = 5 # seconds\n[nodes]\nnode1\nnode2\n",
    ],
)
def test_load_balancer_with_and_without_sections(text: str) -> None:
    read = config.parse_load_balancer(text)
    assert (read.balancer, read.host_name, read.timeout, read.verify_ssl_certs) == (
        "user-hash",
        "node1:8788",
        5.0,
        True,
    )


def test_an_empty_load_balancer_file_means_defaults() -> None:
    assert config.parse_load_balancer("") == config.LoadBalancer("", "sessions", 10.0, True, False, True)


@pytest.mark.parametrize("text", ["balancer=fastest", "timeout=soon"])
def test_load_balancer_refuses(text: str) -> None:
    with pytest.raises(ConfigError, match=text.partition("=")[2]):
        config.parse_load_balancer(text)


def test_launcher_conf() -> None:
    tls = "enable-ssl=1\ncertificate-file=/c\ncertificate-key-file=/k\n"
    read = config.parse_launcher(f"[server]\naddress=0.0.0.0\n{tls}[cluster]\nname=Local\ntype=Local\n")
    assert (read.address, read.port, read.ssl, len(read.clusters)) == ("0.0.0.0", 5559, True, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "exactly one .server. section, not 0"),
        ("[server]\n[server]\n[cluster]\nname=a\ntype=Local\n", "exactly one .server. section, not 2"),
        ("[server]\n", "at least one .cluster. section"),
        ("[server]\n[cluster]\nname=a\ntype=Remote\n", "needs a name and a type"),
        ("[server]\nport=x\n[cluster]\nname=a\ntype=Local\n", "invalid port 'x'"),
        ("[server]\nwww-port=1\n", "The following options were unrecognized in launcher.conf: www-port"),
        ("address=localhost\n", "invalid line"),
        ("[local]\n", "invalid line"),
    ],
)
def test_launcher_conf_refuses(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        config.parse_launcher(text)


def test_launcher_plugin_names_every_unknown_option() -> None:
    with pytest.raises(ConfigError, match=r"The following options were unrecognized in l\.conf: a, b$"):
        config.check_launcher_plugin("a=1\nscratch-path=/x\n# c=1\nb=2\n", "l.conf")


@pytest.fixture
def no_directories(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("RSTUDIO_CONFIG_DIR", "XDG_CONFIG_DIRS"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_configuration_directories(
    no_directories: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from fake_workbench import paths

    empty, full = tmp_path_factory.mktemp("empty"), tmp_path_factory.mktemp("full")
    (full / "rstudio").mkdir()
    (full / "rstudio/file-locks").touch()
    assert paths.config_file("file-locks") == "/etc/rstudio/file-locks"
    no_directories.setenv("XDG_CONFIG_DIRS", f"{empty}:{full}")
    assert paths.config_file("file-locks") == f"{full}/rstudio/file-locks"
    assert paths.config_file("database.conf") == "/etc/rstudio/database.conf"
    no_directories.setenv("RSTUDIO_CONFIG_DIR", str(empty))
    assert paths.config_file("file-locks") == f"{empty}/file-locks"
