# Copyright: (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge what a cluster has in common: versions, configuration, accounts, keys. Pure. **PRIVATE** to the collection.

Sources: Admin Guide, Load Balancing / Configuration (requirements 1 to 3, Synchronize keys).
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._keys_plan import MINIMUM_KEY
from ansible_collections.workbench.cluster.plugins.module_utils._verify_evidence import (
    FAIL,
    NOTE,
    PASS,
    UNKNOWN,
    Evidence,
    Finding,
    counted,
    finding,
    grouped,
    listed,
    odd,
    spread,
    true,
)

# The options that name a node (requirement 2), and files that have a requirement of their own.
PER_NODE = {"load-balancer": {"www-host-name"}, "rserver.conf": {"www-address", "www-port"}}
KEY_FILES = {"secure-cookie-key", "launcher.pem", "launcher.pub"}
# What repeats in these is a list, for a single value twice stops the server. Elsewhere the first or the last value counts,
# or the values of two options belong together.
UNORDERED = {"load-balancer", "rserver.conf", "rsession.conf"}
UNSET = "(not set)"


def version(e: Evidence) -> list[Finding]:
    found: list[Finding] = []
    for part, words in (("workbench", "Workbench"), ("launcher", "the launcher")):
        values = {host: node["versions"].get(part) for host, node in e.nodes.items()}
        absent = [host for host, value in values.items() if value is None]
        known = {host: value for host, value in values.items() if value is not None}
        if part == "workbench" and absent:
            found.append(
                finding(
                    FAIL,
                    "Workbench is not installed",
                    absent,
                    measured="no version",
                    wanted="one version on all nodes",
                    remedy="Install it with the playbook site, or take the host out of verify_members.",
                )
            )
        if len(set(known.values())) > 1:
            found.append(
                finding(
                    FAIL,
                    f"{words[0].upper()}{words[1:]} has different versions",
                    odd(known),
                    measured=spread(known),
                    wanted="one version on all nodes",
                    remedy="Bring all nodes to one version (vendor: Upgrading; stop all nodes first), and "
                    "pin it with server_version.",
                )
            )
        elif known:
            found.append(finding(PASS, f"{words[0].upper()}{words[1:]} {next(iter(known.values()))}", known))
    return found


def runtimes(e: Evidence) -> list[Finding]:
    found = []
    for part, words in (("r", "R"), ("python", "Python")):
        values = {host: listed(node["versions"].get(part) or []) or "none" for host, node in e.nodes.items()}
        if len(set(values.values())) > 1:
            found.append(
                finding(
                    FAIL,
                    f"The nodes have different {words} installations",
                    odd(values),
                    measured=spread(values),
                    wanted="the same on all nodes: a session may move to any of them",
                    remedy=f"Install the missing versions of {words} in the same places.",
                )
            )
        elif values:
            found.append(finding(PASS, f"{words}: {next(iter(values.values()))}", values))
    return found


def drift(e: Evidence) -> list[dict[str, t.Any]]:
    """`{file, option, values: {value: [hosts]}}` for each option, and each file without known grammar, that differs."""
    nodes = {host: node for host, node in e.nodes.items() if _configured(node)}
    rows = []
    for file in sorted({name for node in nodes.values() for name in node["config"]}):
        options = {host: e.options(host, file) for host in nodes}
        for name in sorted({name for host in options for name in options[host]}):
            if name in PER_NODE.get(file, ()) or ((file, name) == ("database.conf", "password") and _encrypted(e)):
                continue
            values = _values(file, {host: options[host].get(name) for host in options})
            if len(set(values.values())) > 1:
                rows.append({"file": file, "option": name, "values": grouped(values)})
    for file in sorted({name for node in nodes.values() for name in node["unparsed"]} - KEY_FILES):
        values = {host: node["unparsed"].get(file, "(no such file)") for host, node in nodes.items()}
        if len(set(values.values())) > 1:
            rows.append({"file": file, "option": "", "values": grouped(values)})
    return rows


def _values(file: str, values: t.Mapping[str, list[str] | None]) -> dict[str, str]:
    """The values of an option as they are shown; values that mean the same are shown the same."""
    shown: dict[tuple[str, ...], str] = {}
    answer = {}
    for host, its in values.items():
        if its is None:
            answer[host] = UNSET
        else:
            meaning = tuple(sorted(its) if file in UNORDERED else its)
            answer[host] = shown.setdefault(meaning, listed(its))
    return answer


def _configured(node: t.Mapping[str, t.Any]) -> bool:
    return bool(node["config"] or node["unparsed"])


def _encrypted(e: Evidence) -> bool:
    """Ciphertexts differ for one password, so they say nothing."""
    return any(node["keys"]["database_password"]["state"] == "encrypted" for node in e.nodes.values())


def configuration(e: Evidence) -> list[Finding]:
    found = []
    bare = [host for host, node in e.nodes.items() if not _configured(node)]
    if bare:
        found.append(
            finding(
                FAIL if len(bare) < len(e.nodes) else UNKNOWN,
                "There is no configuration",
                bare,
                measured="nothing to read in /etc/rstudio",
                wanted="the same on all nodes",
                remedy="Run the playbook site, or copy /etc/rstudio from another node.",
            )
        )
    for row in drift(e):
        values = {host: value for value, hosts in row["values"].items() for host in hosts}
        place = f"{row['option']} in {row['file']}" if row["option"] else row["file"]
        found.append(
            finding(
                FAIL,
                f"{place} differs",
                odd({host: values[host] for host in e.nodes if host in values}),
                measured=spread(values),
                wanted="the same on all nodes",
                remedy=f"Set it for all nodes ({_variable(row['file'])}) and run the playbook site; or make "
                f"/etc/rstudio/{row['file']} "
                f"equal by hand and restart the node.",
            )
        )
    if not found and e.nodes:
        count = len(
            {(file, name) for node in e.nodes.values() for file in node["config"] for name in node["config"][file]}
        )
        files = len({file for node in e.nodes.values() for file in [*node["config"], *node["unparsed"]]} - KEY_FILES)
        found.append(
            finding(PASS, f"{counted(count, 'option')} in {counted(files, 'file')} of /etc/rstudio agree", e.nodes)
        )
    return found


def _variable(file: str) -> str:
    known = ("rserver.conf", "load-balancer", "database.conf", "file-locks", "launcher.conf", "launcher.local.conf")
    return f"server_{file.replace('.', '_').replace('-', '_')}" if file in known else "server_files"


def accounts(e: Evidence) -> list[Finding]:
    services = {host: node["service_user"] for host, node in e.nodes.items()}
    found = []
    if len(set(services.values())) > 1:
        found.append(
            finding(
                FAIL,
                "Workbench runs as different accounts",
                odd(services),
                measured=spread(services),
                wanted="one service account",
                remedy="Set server-user to the same account in rserver.conf and launcher.conf of all nodes.",
            )
        )
    groups = sorted({*(e.policy.get("groups") or [])})
    named = {*(e.policy.get("users") or []), *services.values()}
    # A node reports the members of the groups too.
    users = sorted(named.union(*(node["accounts"]["users"] for node in e.nodes.values())))
    for name in users:
        words = "does not exist" if name in named else f"does not exist, or is in none of {listed(groups)}"
        found += _account(e, "users", name, words)
        gids = {host: user["gid"] for host, user in _known(e, "users", name).items()}
        if len(set(gids.values())) > 1:
            found.append(_ids_differ(name, "gid", gids))
    for name in groups:
        found += _account(e, "groups", name, "does not exist")
    if not found and e.nodes:
        words = f"{counted(len(users), 'user')} and {counted(len(groups), 'group')} with the same ids on all nodes"
        found.append(finding(PASS, words, e.nodes, measured=listed([*users, *groups])))
    if not e.policy.get("users") and not groups:
        found.append(
            finding(
                UNKNOWN,
                "No users were named, so only the service account was compared",
                e.nodes,
                remedy="Name the users of Workbench in verify_users (default: the names in accounts_users), or their groups "
                "in verify_groups.",
            )
        )
    return found


def _known(e: Evidence, kind: str, name: str) -> dict[str, t.Any]:
    return {host: node["accounts"][kind][name] for host, node in e.nodes.items() if name in node["accounts"][kind]}


def _account(e: Evidence, kind: str, name: str, missing: str) -> list[Finding]:
    """One of the `users` or `groups`: there everywhere, one number, and the number is nobody else's."""
    field = "uid" if kind == "users" else "gid"
    known = _known(e, kind, name)
    numbers = {host: entry[field] for host, entry in known.items()}
    absent = [host for host in e.nodes if host not in known]
    found = []
    if absent:
        found.append(
            finding(
                FAIL,
                f"{name} {missing}",
                absent,
                measured=spread({host: f"{field} {number}" for host, number in numbers.items()}) or "nowhere",
                wanted="on all nodes",
                remedy=f"Run the playbook site with {name} in accounts_{kind} (the service account it makes by itself), or "
                "repair the directory service (SSSD) of the node.",
            )
        )
    if len(set(numbers.values())) > 1:
        found.append(_ids_differ(name, field, numbers))
    for number in sorted(set(numbers.values())):
        others = {
            host: listed(sorted(set(node["accounts"][f"{field}s"].get(str(number), [])) - {name}))
            for host, node in e.nodes.items()
        }
        others = {host: names for host, names in others.items() if names}
        if others:
            found.append(
                finding(
                    FAIL,
                    f"{field} {number} of {name} belongs to others too",
                    others,
                    measured=spread(others),
                    wanted=f"{field} {number} is {name} and nobody else",
                    remedy=f"Give the other account another {field} and its files to it (usermod or groupmod, chown).",
                )
            )
    return found


def _ids_differ(name: str, field: str, numbers: t.Mapping[str, int]) -> Finding:
    hosts = odd(numbers)
    return finding(
        FAIL,
        f"{name} has different {field}s",
        hosts,
        measured=spread(numbers),
        wanted=f"one {field} on all nodes",
        remedy=f"Change it on {listed(hosts)} with all sessions of {name} stopped (usermod or groupmod), "
        "then the owner of its local files.",
    )


def keys(e: Evidence) -> list[Finding]:
    found: list[Finding] = []
    wanted = e.nodes
    cookies = {host: node["keys"]["cookie_key"] for host, node in e.nodes.items()}
    privates = {host: node["keys"]["launcher_private"] for host, node in e.nodes.items()}
    found += _one_key("secure-cookie-key", cookies, ("root",))
    launcher_used = any(true(e.option(host, "rserver.conf", "launcher-sessions-enabled", "0")) for host in e.nodes)
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
    found += _database_password(e)
    for host, node in e.nodes.items():
        for copy in node["keys"]["stray"]:
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
    pairs = {host: node["keys"]["launcher_pair"] for host, node in e.nodes.items()}
    publics = {host: node["keys"]["launcher_public"] for host, node in e.nodes.items()}
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
    passwords = {host: node["keys"]["database_password"] for host, node in e.nodes.items()}
    other = {
        host: str(password["key_crc32"])
        for host, password in passwords.items()
        if password["state"] == "encrypted"
        and e.nodes[host]["keys"]["cookie_key"]["crc32"] not in (None, password["key_crc32"])
    }
    if other:
        found.append(
            finding(
                FAIL,
                "The password in database.conf was encrypted with another key",
                other,
                measured=f"with key {spread(other)}",
                wanted=f"with this node's secure-cookie-key, "
                f"{spread({host: e.nodes[host]['keys']['cookie_key']['crc32'] for host in other})}",
                remedy="Run the playbook site, or rstudio-server encrypt-password on the node and put the "
                "answer into database.conf.",
            )
        )
    plain = [host for host, password in passwords.items() if password["state"] == "plain"]
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
