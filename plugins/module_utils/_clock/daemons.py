# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the time daemon says of the clock.

`{name, synchronized, offset, bound, source, error}`: seconds, node minus source. All three daemons say it the other way
round, as the correction to make. `bound` is root dispersion and half the root delay, that of ClockBound.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, words
from ansible_collections.workbench.cluster.plugins.module_utils._host.units import show

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Daemon

UNITS = {
    "us": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "min": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 604800.0,
    "month": 2629800.0,
    "y": 31557600.0,
}
SPAN = re.compile(r"([\d.]+) ?(month|min|us|ms|s|h|d|w|y)?")


def read_daemon(run: Run) -> Daemon:
    """The daemon that runs: chrony, timesyncd or ntpd. None of them is started by asking."""
    said = []
    rc, out, err = run(["chronyc", "-c", "tracking"])
    if rc == 0:
        return parse_chrony(out)
    said += [words(out, err)] if rc != 127 else []
    try:
        timesyncd = show(run, "systemd-timesyncd", "ActiveState").get("ActiveState") == "active"
    except Failure:  # no systemd, so no timesyncd
        timesyncd = False
    if timesyncd:
        _rc, synchronized, _err = run(["timedatectl", "show", "--property", "NTPSynchronized", "--value"])
        _rc, status, _err = run(["timedatectl", "timesync-status", "--no-pager"])
        return parse_timesyncd(synchronized, status)
    rc, out, err = run(["ntpq", "-c", "rv"])
    if rc == 0 and "=" in out:
        return parse_ntpd(out)
    said += [words(out, err)] if rc != 127 else []
    reason = f": {'; '.join(said)}" if said else ""
    return _daemon(None, synchronized=False, error=f"None of chrony, systemd-timesyncd and ntpd runs{reason}")


def parse_chrony(text: str) -> Daemon:
    """`chronyc -c tracking`: 14 fields, client.c of chrony. The system time is positive when it is slow."""
    fields = text.strip().split(",")
    try:
        correction, delay, dispersion = (float(fields[number]) for number in (4, 10, 11))
        synchronized = fields[13] != "Not synchronised"
    except (IndexError, ValueError):
        return _daemon("chrony", synchronized=None, error=f"chronyc tracking is not understood: {words(text, '')}")
    if not synchronized:
        return _daemon("chrony", synchronized=False, error="chrony is not synchronised")
    return _daemon("chrony", synchronized=True, offset=-correction, bound=dispersion + delay / 2, source=fields[1])


def parse_timesyncd(synchronized: str, status: str) -> Daemon:
    """`NTPSynchronized` and `timedatectl timesync-status`. The offset is that of the last answer, corrected since."""
    said = dict(re.findall(r"^ *([A-Z][A-Za-z ]*): (.*)$", status, re.MULTILINE))
    if synchronized.strip() != "yes":
        return _daemon(
            "timesyncd", synchronized=False, source=said.get("Server"), error="timesyncd is not synchronised"
        )
    if not {"Offset", "Delay", "Root distance"} <= said.keys():
        error = "timesyncd has not had an answer since it started"
        return _daemon("timesyncd", synchronized=True, source=said.get("Server"), error=error)
    bound = span(said["Root distance"].partition(" (")[0]) + span(said["Delay"]) / 2
    return _daemon("timesyncd", synchronized=True, offset=-span(said["Offset"]), bound=bound, source=said["Server"])


def span(text: str) -> float:
    """Seconds of systemd's `-1min 2.5s`."""
    total = sum(float(number) * UNITS[unit or "s"] for number, unit in SPAN.findall(text))
    return -total if text.startswith("-") else total


def parse_ntpd(text: str) -> Daemon:
    """`ntpq -c rv`: system variables, in milliseconds."""
    said = dict(re.findall(r"(\w+)=\"?([^,\"\n]*)", text))
    try:
        offset, delay, dispersion = (float(said[name]) / 1000 for name in ("offset", "rootdelay", "rootdisp"))
    except (KeyError, ValueError):
        return _daemon("ntpd", synchronized=None, error=f"ntpq -c rv is not understood: {words(text, '')}")
    if "leap_alarm" in text or said.get("stratum") == "16":
        return _daemon("ntpd", synchronized=False, error="ntpd is not synchronised")
    return _daemon("ntpd", synchronized=True, offset=-offset, bound=dispersion + delay / 2, source=said.get("refid"))


def _daemon(
    name: t.Literal["chrony", "timesyncd", "ntpd"] | None,
    *,
    synchronized: bool | None,
    offset: float | None = None,
    bound: float | None = None,
    source: str | None = None,
    error: str | None = None,
) -> Daemon:
    return {
        "name": name,
        "synchronized": synchronized,
        "offset": None if offset is None else round(offset, 9),
        "bound": None if bound is None else round(bound, 9),
        "source": source or None,
        "error": error,
    }
