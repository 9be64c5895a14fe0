# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host is before the first build: its system, its memory, its disk. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Facts, FactsMount
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    NOTE,
    PASS,
    UNKNOWN,
    Fault,
    Finding,
)

# The systems the roles know, and of them the releases that the vendor's Platform Support names.
FAMILIES = ("Debian", "RedHat")
ARCHITECTURES = ("x86_64", "aarch64")
RELEASES: dict[str, tuple[tuple[int, ...], ...]] = {"Ubuntu": ((22, 4), (24, 4)), "RedHat": ((8,), (9,), (10,))}
# It says nothing of these: the oldest with systemd-sysusers and a Python of 3.8 or later, which the roles need.
OLDEST = {"Debian": 11, "AlmaLinux": 8, "CentOS": 8, "OracleLinux": 8, "Rocky": 8}


def _numbers(release: tuple[int, ...]) -> str:
    """`22.04`, `9`"""
    return ".".join([str(release[0]), *(f"{number:02}" for number in release[1:])])


VENDORS = listed(f"{name} {_numbers(release)}" for name, releases in RELEASES.items() for release in releases)
OURS = listed(f"{name} from {oldest}" for name, oldest in OLDEST.items())
KNOWN = f"{VENDORS} (vendor); {OURS} (roles only); {' or '.join(ARCHITECTURES)}"
UNSUPPORTED = Fault("The system is not supported", wanted=KNOWN, remedy="Use one of those.")
UNTOLD = Fault(
    "Whether the system is supported is not known",
    wanted=KNOWN,
    remedy="See the vendor's Platform Support, or use one of those.",
    verdict=UNKNOWN,
)
NOT_THE_VENDORS = Fault(
    "The roles know the system, the vendor does not name it",
    wanted=KNOWN,
    remedy="See the vendor's Platform Support.",
    verdict=NOTE,
)
SUPPORTED = Fault("Supported systems", verdict=PASS)
LITTLE_MEMORY = Fault(
    "Too little memory",
    wanted="at least {least} MB (verify_min_memory)",
    remedy="Give the host more memory, or lower verify_min_memory.",
)
UNTOLD_MEMORY = Fault(
    "The memory is not known",
    measured="no memory in the facts of Ansible",
    wanted=LITTLE_MEMORY.wanted,
    remedy="See free -m on the host. Where nothing tells, allow it: verify_allow_unknown: [memory].",
    verdict=UNKNOWN,
)
ENOUGH_MEMORY = Fault("Enough memory", measured="{least} MB at least", verdict=PASS)
LITTLE_SPACE = Fault(
    "Too little space on /",
    wanted="at least {least} MB (verify_min_disk)",
    remedy="Make room, or lower verify_min_disk.",
)
UNTOLD_SPACE = Fault(
    "The space on / is not known",
    measured="no size of / in the facts of Ansible",
    wanted="at least {least} MB (verify_min_disk)",
    remedy="See df / on the host. Where nothing tells, as in some containers, allow it: verify_allow_unknown: [disk].",
    verdict=UNKNOWN,
)
ENOUGH_SPACE = Fault("Enough space on /", measured="{least} MB at least", verdict=PASS)


def system(e: Evidence) -> t.Iterator[Finding]:
    systems = {host: _system(facts) for host, facts in e.facts.items()}
    verdicts = {host: _release(facts) for host, facts in e.facts.items()}
    wrong, untold, ours = (
        {host: name for host, name in systems.items() if verdicts[host] == verdict} for verdict in (FAIL, UNKNOWN, NOTE)
    )
    if wrong:
        yield UNSUPPORTED(wrong, measured=spread(wrong))
    if untold:
        yield UNTOLD(untold, measured=spread(untold))
    if ours:
        yield NOT_THE_VENDORS(ours, measured=spread(ours))
    if systems and not wrong and not untold:
        yield SUPPORTED(systems, measured=spread(systems))


def _system(facts: Facts) -> str:
    name, version = facts.get("ansible_distribution"), facts.get("ansible_distribution_version")
    return " ".join(filter(None, [name, version, facts.get("ansible_architecture")])) or "no system"


def _release(facts: Facts) -> str:
    """`pass` where the vendor names the release, `note` where only the roles know it; `unknown` without a fact to tell by."""
    name, family = facts.get("ansible_distribution", ""), facts.get("ansible_os_family")
    architecture = facts.get("ansible_architecture")
    if family not in (*FAMILIES, None) or architecture not in (*ARCHITECTURES, None):
        return FAIL
    if family is None or architecture is None:
        return UNKNOWN
    release = tuple(map(int, re.findall(r"\d+", str(facts.get("ansible_distribution_version", "")))))
    if not release or name not in (*RELEASES, *OLDEST):
        return UNKNOWN
    if name in OLDEST:
        return NOTE if release[0] >= OLDEST[name] else FAIL
    known = RELEASES[name]
    release = release[: len(known[0])]
    return PASS if release in known else FAIL if release < min(known) else UNKNOWN


def memory(e: Evidence) -> t.Iterator[Finding]:
    sizes = {
        host: int(facts["ansible_memtotal_mb"]) for host, facts in e.facts.items() if "ansible_memtotal_mb" in facts
    }
    untold = [host for host in e.facts if host not in sizes]
    least = int(e.policy["min_memory"])
    short = _short(sizes, least)
    if short:
        yield LITTLE_MEMORY(short, measured=spread(short), least=least)
    elif sizes:
        yield ENOUGH_MEMORY(sizes, least=min(sizes.values()))
    if untold:
        yield UNTOLD_MEMORY(untold, least=least)


def disk(e: Evidence) -> t.Iterator[Finding]:
    sizes = {
        host: [int(mount["size_available"]) for mount in facts.get("ansible_mounts", []) if _root_with_size(mount)]
        for host, facts in e.facts.items()
    }
    free = {host: min(bytes_free) // 1_000_000 for host, bytes_free in sizes.items() if bytes_free}
    untold = [host for host in sizes if host not in free]
    least = int(e.policy["min_disk"])
    short = _short(free, least)
    if short:
        yield LITTLE_SPACE(short, measured=spread(short), least=least)
    elif free:
        yield ENOUGH_SPACE(free, least=min(free.values()))
    if untold:
        yield UNTOLD_SPACE(untold, least=least)


def _root_with_size(mount: FactsMount) -> bool:
    return mount["mount"] == "/" and "size_available" in mount


def _short(sizes: t.Mapping[str, int], least: int) -> dict[str, str]:
    return {host: f"{size} MB" for host, size in sizes.items() if size < least}
