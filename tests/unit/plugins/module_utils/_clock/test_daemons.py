# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Outputs in the form of the real tools, and which daemon is asked."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._clock.daemons import (
    parse_chrony,
    parse_ntpd,
    parse_timesyncd,
    read_daemon,
    span,
)

CHRONY = (
    "0ACB0001,10.203.0.1,9,1794230912.123456789,0.000023200,-0.000011700,0.000104500,"
    "-12.345,0.001,0.052,0.000512000,0.000204000,64.3,Normal\n"
)
CHRONY_LOST = (
    "00000000,,0,0.000000000,0.000000000,0.0,0.0,0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised\n"
)
NO_CHRONYD = "506 Cannot talk to daemon\n"

TIMESYNCD = """\
       Server: 80.249.145.122 (0.debian.pool.ntp.org)
Poll interval: 8min 32s (min: 32s; max 34min 8s)
         Leap: normal
      Version: 4
      Stratum: 2
    Reference: 596DFB18
    Precision: 1us (-23)
Root distance: 38.803ms (max: 5s)
       Offset: -5.086ms
        Delay: 273.384ms
       Jitter: 2.012ms
 Packet count: 17
    Frequency: -0.870ppm
"""
TIMESYNCD_SILENT = """\
       Server: n/a (0.debian.pool.ntp.org)
Poll interval: 0 (min: 32s; max 34min 8s)
 Packet count: 0
"""

NTPD = """\
associd=0 status=0615 leap_none, sync_ntp, 1 event, clock_sync,
version="ntpd 4.2.8p15@1.3728-o Wed Sep 23 11:46:38 UTC 2020 (1)",
processor="x86_64", system="Linux/5.10.0", leap=00, stratum=3,
precision=-23, rootdelay=11.514, rootdisp=24.318, refid=193.79.237.14,
reftime=e5b1f3c7.5d6b1b2b  Tue, Feb 15 2022 10:01:43.364,
clock=e5b1f5a1.8d8f2b6e  Tue, Feb 15 2022 10:09:37.552, peer=17812, tc=10,
mintc=3, offset=-0.484000, frequency=-12.051, sys_jitter=0.367000,
clk_jitter=0.221, clk_wander=0.006
"""
NTPD_LOST = NTPD.replace("status=0615 leap_none, sync_ntp", "status=c016 leap_alarm, sync_unspec").replace(
    "stratum=3", "stratum=16"
)


def test_chrony() -> None:
    """23.2 us slow: the text form of the same answer says so."""
    assert parse_chrony(CHRONY) == {
        "name": "chrony",
        "synchronized": True,
        "offset": -0.0000232,
        "bound": 0.00046,
        "source": "10.203.0.1",
        "error": None,
    }


def test_chrony_without_a_source() -> None:
    said = parse_chrony(CHRONY_LOST)
    assert (said["synchronized"], said["offset"], said["source"]) == (False, None, None)


@pytest.mark.parametrize("text", ["", "200 OK\n", "a,b,c,d,e,f,g,h,i,j,k,l,m,Normal\n"])
def test_chrony_in_unknown_words(text: str) -> None:
    said = parse_chrony(text)
    assert (said["synchronized"], said["offset"]) == (None, None)
    assert "not understood" in str(said["error"])


def test_timesyncd() -> None:
    said = parse_timesyncd("yes\n", TIMESYNCD)
    assert (said["name"], said["synchronized"], said["error"]) == ("timesyncd", True, None)
    assert said["offset"] == 0.005086
    assert said["bound"] == pytest.approx(0.038803 + 0.273384 / 2)
    assert said["source"] == "80.249.145.122 (0.debian.pool.ntp.org)"


def test_timesyncd_before_its_first_answer() -> None:
    said = parse_timesyncd("yes\n", TIMESYNCD_SILENT)
    assert (said["synchronized"], said["offset"]) == (True, None)


def test_timesyncd_not_synchronized() -> None:
    assert parse_timesyncd("no\n", TIMESYNCD_SILENT)["synchronized"] is False


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("45us", 45e-6),
        ("-1.234ms", -0.001234),
        ("+7.493693s", 7.493693),
        ("34min 8s", 2048),
        ("-1h 2min", -3720),
        ("2w 1d 13h", 1342800),
        ("1month", 2629800),
    ],
)
def test_spans_of_systemd(text: str, seconds: float) -> None:
    assert span(text) == pytest.approx(seconds)


def test_ntpd() -> None:
    said = parse_ntpd(NTPD)
    assert (said["name"], said["synchronized"], said["source"]) == ("ntpd", True, "193.79.237.14")
    assert said["offset"] == 0.000484
    assert said["bound"] == pytest.approx(0.024318 + 0.011514 / 2)


def test_ntpd_not_synchronized() -> None:
    said = parse_ntpd(NTPD_LOST)
    assert (said["synchronized"], said["offset"]) == (False, None)


def test_ntpd_in_unknown_words() -> None:
    assert "not understood" in str(parse_ntpd("offset=fast\n")["error"])


class Host:
    """What runs on a host, as its commands answer."""

    def __init__(self, chrony: str | None = None, timesyncd: bool = False, ntpd: str | None = None) -> None:
        self.answers = {
            "chronyc": (127, "", "chronyc: command not found")
            if chrony is None
            else (chrony == NO_CHRONYD, chrony, ""),
            "systemctl": (0, f"ActiveState={'active' if timesyncd else 'inactive'}\n", ""),
            "ntpq": (127, "", "ntpq: command not found") if ntpd is None else (0, ntpd, ""),
        }
        self.asked: list[str] = []

    def run(self, argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        self.asked.append(" ".join(argv))
        if argv[0] == "timedatectl":
            return 0, TIMESYNCD if "timesync-status" in argv else "yes\n", ""
        return self.answers[argv[0]]


@pytest.mark.parametrize(
    ("host", "name"),
    [
        (Host(chrony=CHRONY), "chrony"),
        (Host(chrony=CHRONY, timesyncd=True), "chrony"),
        (Host(chrony=NO_CHRONYD, timesyncd=True), "timesyncd"),
        (Host(timesyncd=True, ntpd=NTPD), "timesyncd"),
        (Host(ntpd=NTPD), "ntpd"),
        (Host(chrony=NO_CHRONYD, ntpd=NTPD), "ntpd"),
        (Host(), None),
    ],
)
def test_the_daemon_that_runs_is_asked(host: Host, name: str | None) -> None:
    assert read_daemon(host.run)["name"] == name


def test_asking_starts_no_daemon() -> None:
    """timedatectl would have timesyncd started through its bus name."""
    host = Host()
    read_daemon(host.run)
    assert not any(command.startswith("timedatectl") for command in host.asked)


def test_no_daemon_says_why() -> None:
    said = read_daemon(Host(chrony=NO_CHRONYD, ntpd="ntpq: read: Connection refused\n").run)
    assert said["synchronized"] is False
    assert "506 Cannot talk to daemon; ntpq: read: Connection refused" in str(said["error"])
