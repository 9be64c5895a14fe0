# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One secure-cookie-key and one launcher key pair, in use on all nodes and open to nobody else. Pure.

Source: Admin Guide, Load Balancing / Configuration (Synchronize keys).
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._product.password import MINIMUM_KEY
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import KeyFile, StrayKey
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed, odd, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    GUIDE,
    NOTE,
    PASS,
    UNKNOWN,
    Fault,
    Finding,
    Requirement,
)

REQUIREMENT = Requirement(
    id="keys",
    title="One secure-cookie-key, one launcher key pair",
    source=f"{GUIDE}, Synchronize keys",
    needs=("nodes",),
)

# Of secure-cookie-key and launcher.pem alike.
MISSING = Fault(
    "{key} is missing",
    measured="no file",
    wanted="the same file on all nodes",
    remedy="Run the playbook site: it copies the key that is there; or copy it by hand, byte for byte, mode 0600.",
)
UNREADABLE = Fault(
    "{key} cannot be read",
    wanted="a file that root can read",
    remedy="Repair the file; verify needs become.",
    verdict=UNKNOWN,
)
DIFFERENT = Fault(
    "{key} differs",
    wanted="one key, byte for byte.{newline}",
    remedy="Name the node whose key is right with keys_adopt_from and run the playbook site; restart the nodes that had another.",
)
NEWLINE = " One byte more is often a final newline, which makes another key."
OPEN_TO_OTHERS = Fault(
    "{key} may be read by others",
    measured="mode {modes}",
    wanted="mode 0600: Workbench refuses any other",
    remedy="chmod 0600 /etc/rstudio/{key}, and restart rstudio-server.",
)
OTHER_OWNER = Fault(
    "{key} belongs to another account", wanted="owner {owners}", remedy="chown {owner} /etc/rstudio/{key}"
)
GOOD = Fault("{key} {fingerprint}", measured="mode 0600 on all nodes", verdict=PASS)

SHORT = Fault(
    "secure-cookie-key is too short",
    wanted=f"at least {MINIMUM_KEY} bytes",
    remedy="Make a new one for all nodes: the playbook rotate_keys, for which all of them stop.",
)
OLDER = Fault(
    "Services run with an older key than that on disk",
    wanted="the key on disk in use",
    remedy="Restart rstudio-launcher and rstudio-server of these nodes, or put the old key back; a key that changed for all "
    "needs all of them stopped first.",
)
STRAY = Fault(
    "{path} is another key than the one in use",
    measured="{stray}, in use {used}",
    wanted="no second copy",
    remedy="Remove {path}: it takes over as soon as the one in /etc/rstudio is missing.",
    verdict=NOTE,
)

UNFINISHED = Fault(
    "A replacement of the keys is not finished",
    measured="{keys} go",
    wanted="new keys on all nodes, and all of them Online",
    remedy="Finish it: the playbook rotate_keys.",
    verdict=NOTE,
)

PUBLIC_HALF = "the public half of launcher.pem"
DERIVE = "Derive it again: openssl pkey -in launcher.pem -pubout -out launcher.pub, or run the playbook site."
OTHER_PAIR = Fault(
    "launcher.pub does not belong to launcher.pem",
    measured="launcher.pub {fingerprints}",
    wanted=PUBLIC_HALF,
    remedy=DERIVE,
)
NO_PUBLIC = Fault("launcher.pub is missing", wanted=PUBLIC_HALF, remedy=DERIVE)
PAIR_UNTOLD = Fault(
    "Whether launcher.pub belongs to launcher.pem could not be told",
    remedy="openssl on the node must be able to read launcher.pem.",
    verdict=UNKNOWN,
)

FOREIGN_PASSWORD = Fault(
    "The password in database.conf was encrypted with another key",
    measured="with key {keys}",
    wanted="with this node's secure-cookie-key, {own}",
    remedy="Run the playbook site, or rstudio-server encrypt-password on the node and put the answer into database.conf.",
)
PLAIN_PASSWORD = Fault(
    "database.conf holds its password in plain text",
    wanted="encrypted with the secure-cookie-key",
    remedy="rstudio-server encrypt-password, or run the playbook site.",
    verdict=NOTE,
)

# What each node says of one file.
Files = t.Mapping[str, KeyFile]


def judge(e: Evidence) -> t.Iterator[Finding]:
    cookies: Files = {host: node["key_files"]["cookie_key"] for host, node in e.nodes.items()}
    privates: Files = {host: node["key_files"]["launcher_private"] for host, node in e.nodes.items()}
    found = [*_file("secure-cookie-key", cookies, ["root"])]
    if any(map(e.uses_launcher, e.nodes)) or any(file["state"] != "absent" for file in privates.values()):
        services = sorted({node["service_user"] for node in e.nodes.values()})
        found += [*_file("launcher.pem", privates, ["root", *services]), *_pair(e)]
    found += [*_short(cookies), *_older(e), *_database_password(e), *_strays(e), *_unfinished(e)]
    yield from found
    if any(item["verdict"] in (FAIL, UNKNOWN) for item in found):
        return
    for key, files in (("secure-cookie-key", cookies), ("launcher.pem", privates)):
        fingerprints = [_fingerprint(file) for file in files.values() if file["sha256"]]
        if fingerprints:
            yield GOOD(files, key=key, fingerprint=fingerprints[0])


def _fingerprint(file: KeyFile | StrayKey) -> str:
    return str(file["sha256"])[:12]


def _file(key: str, files: Files, owners: list[str]) -> t.Iterator[Finding]:
    """There, readable, the same, 0600, and its owner's."""
    absent = [host for host, file in files.items() if file["state"] == "absent"]
    unreadable = [host for host, file in files.items() if file["state"] == "unreadable"]
    present = {host: file for host, file in files.items() if file["state"] == "present"}
    if absent:
        yield MISSING(absent, key=key)
    if unreadable:
        yield UNREADABLE(unreadable, key=key)
    yield from _different(key, present)
    modes = {host: file["mode"] for host, file in present.items() if file["mode"] != "0600"}
    if modes:
        yield OPEN_TO_OTHERS(modes, key=key, modes=spread(modes))
    others = {host: file["owner"] for host, file in present.items() if file["owner"] not in owners}
    if others:
        yield OTHER_OWNER(others, measured=spread(others), key=key, owners=" or ".join(owners), owner=owners[-1])


def _different(key: str, present: Files) -> t.Iterator[Finding]:
    fingerprints = {host: _fingerprint(file) for host, file in present.items()}
    if len(set(fingerprints.values())) > 1:
        sizes = sorted({file["size"] or 0 for file in present.values()})
        newline = NEWLINE if sizes[-1] - sizes[0] == 1 else ""
        shown = {host: f"{fingerprints[host]} ({file['size']} bytes)" for host, file in present.items()}
        yield DIFFERENT(odd(fingerprints), measured=spread(shown), key=key, newline=newline)


def _pair(e: Evidence) -> t.Iterator[Finding]:
    pairs = {host: node["key_files"]["launcher_pair"] for host, node in e.nodes.items()}
    publics: Files = {host: node["key_files"]["launcher_public"] for host, node in e.nodes.items()}
    different = [host for host, pair in pairs.items() if pair == "differs"]
    if different:
        fingerprints = spread({host: _fingerprint(file) for host, file in publics.items()})
        yield OTHER_PAIR(different, fingerprints=fingerprints)
    absent = [host for host, file in publics.items() if file["state"] == "absent"]
    if absent:
        yield NO_PUBLIC(absent)
    untold = [host for host, pair in pairs.items() if pair == "unknown"]
    if untold:
        yield PAIR_UNTOLD(untold)


def _short(cookies: Files) -> t.Iterator[Finding]:
    sizes = {host: file["size"] for host, file in cookies.items() if file["size"] is not None}
    short = {host: f"{size} bytes" for host, size in sizes.items() if size < MINIMUM_KEY}
    if short:
        yield SHORT(short, measured=spread(short))


def _older(e: Evidence) -> t.Iterator[Finding]:
    older = {host: listed(reasons.values()) for host, reasons in e.older("key_files").items()}
    if older:
        yield OLDER(older, measured=spread(older))


def _database_password(e: Evidence) -> t.Iterator[Finding]:
    foreign = {host: key for host in e.nodes if (key := e.foreign_key(host)) is not None}
    if foreign:
        own = spread({host: e.nodes[host]["key_files"]["cookie_key"]["crc32"] for host in foreign})
        yield FOREIGN_PASSWORD(foreign, keys=spread(foreign), own=own)
    plain = [host for host, node in e.nodes.items() if node["key_files"]["database_password"]["state"] == "plain"]
    if plain:
        yield PLAIN_PASSWORD(plain)


def _strays(e: Evidence) -> t.Iterator[Finding]:
    for host, node in e.nodes.items():
        for copy in node["key_files"]["stray"]:
            if not copy["agrees"]:
                used = _fingerprint(node["key_files"]["cookie_key"])
                yield STRAY([host], path=copy["path"], stray=_fingerprint(copy), used=used)


def _unfinished(e: Evidence) -> t.Iterator[Finding]:
    marks = {host: node["key_files"]["replaced"] for host, node in e.nodes.items()}
    keys = [key for mark in marks.values() if mark for key in (*mark["cookie_key"], *mark["launcher"])]
    if keys:
        yield UNFINISHED([host for host, mark in marks.items() if mark], keys=listed(dict.fromkeys(keys)))
