# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge the keys. Pure.

Source: Admin Guide, Load Balancing / Configuration (Synchronize keys).
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.password import MINIMUM_KEY
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, odd, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    GUIDE,
    NOTE,
    PASS,
    UNKNOWN,
    Finding,
    Requirement,
    finding,
)

REQUIREMENT = Requirement(
    id="keys",
    title="One secure-cookie-key, one launcher key pair",
    source=f"{GUIDE}, Synchronize keys",
    needs=("nodes",),
)


def judge(e: Evidence) -> list[Finding]:
    found: list[Finding] = []
    wanted = e.nodes
    cookies = {host: node["key_files"]["cookie_key"] for host, node in e.nodes.items()}
    privates = {host: node["key_files"]["launcher_private"] for host, node in e.nodes.items()}
    found += _one_key("secure-cookie-key", cookies, ("root",))
    launcher_used = any(map(e.uses_launcher, e.nodes))
    if launcher_used or any(file["state"] != "absent" for file in privates.values()):
        services = tuple(sorted({str(node["service_user"]) for node in e.nodes.values()}))
        found += _one_key("launcher.pem", privates, ("root", *services))
        found += _pairs(e)
    short = {
        host: f"{file['size']} bytes" for host, file in cookies.items() if (file["size"] or MINIMUM_KEY) < MINIMUM_KEY
    }
    if short:
        found.append(
            finding(
                FAIL,
                "secure-cookie-key is too short",
                short,
                measured=spread(short),
                wanted=f"at least {MINIMUM_KEY} bytes",
                remedy="Make a new one for all nodes: keys_policy=rotate, with all services and sessions stopped.",
            )
        )
    older = {host: listed(reasons.values()) for host, reasons in e.older("key_files").items()}
    if older:
        found.append(
            finding(
                FAIL,
                "Services run with an older key than that on disk",
                older,
                measured=spread(older),
                wanted="the key on disk in use",
                remedy="Restart rstudio-launcher and rstudio-server of these nodes, or put the old key back; a key that "
                "changed for all needs all of them stopped first.",
            )
        )
    found += _database_password(e)
    for host, node in e.nodes.items():
        for copy in node["key_files"]["stray"]:
            if not copy["agrees"]:
                found.append(
                    finding(
                        NOTE,
                        f"{copy['path']} is another key than the one in use",
                        [host],
                        measured=f"{str(copy['sha256'])[:12]}, in use {str(cookies[host]['sha256'])[:12]}",
                        wanted="no second copy",
                        remedy=f"Remove {copy['path']}: it takes over as soon as the one in /etc/rstudio is missing.",
                    )
                )
    if not any(item["verdict"] in (FAIL, UNKNOWN) for item in found) and wanted:
        for words, files in (("secure-cookie-key", cookies), ("launcher.pem", privates)):
            fingerprint = next((file["sha256"][:12] for file in files.values() if file["sha256"]), None)
            if fingerprint:
                found.append(finding(PASS, f"{words} {fingerprint}", files, measured="mode 0600 on all nodes"))
    return found


def _one_key(words: str, files: t.Mapping[str, t.Any], owners: tuple[str, ...]) -> list[Finding]:
    """There, readable, the same, 0600, and its owner's."""
    found = []
    variable = "keys_adopt_from"
    absent = [host for host, file in files.items() if file["state"] == "absent"]
    unreadable = [host for host, file in files.items() if file["state"] == "unreadable"]
    present = {host: file for host, file in files.items() if file["state"] == "present"}
    if absent:
        found.append(
            finding(
                FAIL,
                f"{words} is missing",
                absent,
                measured="no file",
                wanted="the same file on all nodes",
                remedy="Run the playbook site: it copies the key that is there; or copy it by hand, byte "
                "for byte, mode 0600.",
            )
        )
    if unreadable:
        found.append(
            finding(
                UNKNOWN,
                f"{words} cannot be read",
                unreadable,
                wanted="a file that root can read",
                remedy="Repair the file; verify needs become.",
            )
        )
    prints = {host: file["sha256"][:12] for host, file in present.items()}
    if len(set(prints.values())) > 1:
        sizes = {host: f"{prints[host]} ({file['size']} bytes)" for host, file in present.items()}
        lengths = sorted({file["size"] for file in present.values()})
        newline = (
            " One byte more is often a final newline, which makes another key." if lengths[-1] - lengths[0] == 1 else ""
        )
        found.append(
            finding(
                FAIL,
                f"{words} differs",
                odd(prints),
                measured=spread(sizes),
                wanted=f"one key, byte for byte.{newline}",
                remedy=f"Name the node whose key is right with {variable} and run the playbook site; restart "
                "the nodes that had another.",
            )
        )
    modes = {host: file["mode"] for host, file in present.items() if file["mode"] != "0600"}
    if modes:
        found.append(
            finding(
                FAIL,
                f"{words} may be read by others",
                modes,
                measured=f"mode {spread(modes)}",
                wanted="mode 0600: Workbench refuses any other",
                remedy=f"chmod 0600 /etc/rstudio/{words}, and restart rstudio-server.",
            )
        )
    strangers = {host: file["owner"] for host, file in present.items() if file["owner"] not in owners}
    if strangers:
        found.append(
            finding(
                FAIL,
                f"{words} belongs to another account",
                strangers,
                measured=spread(strangers),
                wanted=f"owner {' or '.join(owners)}",
                remedy=f"chown {owners[-1]} /etc/rstudio/{words}",
            )
        )
    return found


def _pairs(e: Evidence) -> list[Finding]:
    pairs = {host: node["key_files"]["launcher_pair"] for host, node in e.nodes.items()}
    publics = {host: node["key_files"]["launcher_public"] for host, node in e.nodes.items()}
    remedy = "Derive it again: openssl pkey -in launcher.pem -pubout -out launcher.pub, or run the playbook site."
    found = []
    differs = [host for host, pair in pairs.items() if pair == "differs"]
    if differs:
        prints = {host: str(publics[host]["sha256"])[:12] for host in publics}
        found.append(
            finding(
                FAIL,
                "launcher.pub does not belong to launcher.pem",
                differs,
                measured=f"launcher.pub {spread(prints)}",
                wanted="the public half of launcher.pem",
                remedy=remedy,
            )
        )
    absent = [host for host, file in publics.items() if file["state"] == "absent"]
    if absent:
        found.append(
            finding(FAIL, "launcher.pub is missing", absent, wanted="the public half of launcher.pem", remedy=remedy)
        )
    unknown = [host for host, pair in pairs.items() if pair == "unknown"]
    if unknown:
        found.append(
            finding(
                UNKNOWN,
                "Whether launcher.pub belongs to launcher.pem could not be told",
                unknown,
                remedy="openssl on the node must be able to read launcher.pem.",
            )
        )
    return found


def _database_password(e: Evidence) -> list[Finding]:
    found = []
    other = {host: key for host in e.nodes if (key := e.foreign_key(host)) is not None}
    if other:
        found.append(
            finding(
                FAIL,
                "The password in database.conf was encrypted with another key",
                other,
                measured=f"with key {spread(other)}",
                wanted=f"with this node's secure-cookie-key, "
                f"{spread({host: e.nodes[host]['key_files']['cookie_key']['crc32'] for host in other})}",
                remedy="Run the playbook site, or rstudio-server encrypt-password on the node and put the "
                "answer into database.conf.",
            )
        )
    plain = [host for host, node in e.nodes.items() if node["key_files"]["database_password"]["state"] == "plain"]
    if plain:
        found.append(
            finding(
                NOTE,
                "database.conf holds its password in plain text",
                plain,
                wanted="encrypted with the secure-cookie-key",
                remedy="rstudio-server encrypt-password, or run the playbook site.",
            )
        )
    return found
