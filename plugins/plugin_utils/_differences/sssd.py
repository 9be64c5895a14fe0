# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role accounts would change on a node that takes its users from a directory. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._accounts.sssd import FILE
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import HostReport, SssdReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences import host
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import Change, Differences
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.sssd import paste, unnamed

Wanted = t.Mapping[str, t.Any]
# Profiles of authselect that nobody has to have chosen.
SHIPPED = ("", "local", "minimal", "sssd")


def differences(wanted: Wanted, report: HostReport) -> Differences:
    """`wanted`: packages, files, services and units; `given`, as `_plans/sssd.py` takes it; `users` and `groups`, names;
    `homes`, whether those of `users` are made here; `found`, what becomes of options of others; and `family`.
    """
    found = host.differences(wanted, report)
    sssd = report.get("sssd")
    if sssd is None:
        found.changes.append(Change("SSSD", host.untold(report, "sssd")))
        return found
    found.problems += [*_foreign(wanted, sssd), *_switches(wanted, sssd, report), *_names(wanted, sssd)]
    found.notes += [f"{path} stays, and SSSD reads it after {FILE}." for path in sssd["snippets"]]
    if not (sssd["nss"] and sssd["pam"]):
        found.changes.append(Change("NSS and PAM", "ask SSSD as well"))
    new = _new_homes(wanted, sssd, bool(found.changes))
    found.problems += _unknown(wanted, sssd) if not found.changes else []
    found.changes += new
    return found


def _foreign(wanted: Wanted, sssd: SssdReport) -> list[str]:
    """What others wrote, and would be gone."""
    problems = [
        f"{path} is there, and this collection did not write it. Leave its name out of accounts_pam_profiles, or move it away."
        for path in sssd["foreign_profiles"]
    ]
    rest = unnamed(sssd["sections"] or {}, wanted["given"]) if wanted["found"] == "refuse" else {}
    if rest:
        lines = [
            f"{FILE} has options that the inventory does not name. Add them to the inventory:",
            *paste(rest, wanted["given"]),
            "or set accounts_sssd_found_options=drop (they go).",
        ]
        problems.append("\n".join(lines))
    return problems


def _switches(wanted: Wanted, sssd: SssdReport, report: HostReport) -> list[str]:
    """Where the distribution's tool would undo what somebody chose, or there is none."""
    if wanted["family"] == "RedHat" and not sssd["pam"] and sssd["authselect"] not in SHIPPED:
        return [
            f"authselect has the profile {sssd['authselect']}, which somebody chose and which does not ask SSSD. "
            "Choose one that does: authselect select sssd."
        ]
    package = report.get("packages", {}).get("libnss-sss")
    if wanted["family"] == "Debian" and not sssd["nss"] and package is not None and package["state"] == "installed":
        return [
            "/etc/nsswitch.conf does not name sss for passwd and group, though libnss-sss added it once. Add it again."
        ]
    return []


def _names(wanted: Wanted, sssd: SssdReport) -> list[str]:
    """Local accounts hide those of the directory."""
    told = []
    for kind, local in (("users", sssd["local_users"]), ("groups", sssd["local_groups"])):
        both = [name for name in wanted[kind] if name in local]
        told += [
            f"{kind[:-1]} {name} is in accounts_sssd_{kind}, but the node has a local one of that name, which hides the "
            f"directory's. Remove it there, or name it in accounts_{kind}."
            for name in both
        ]
    return told


def _unknown(wanted: Wanted, sssd: SssdReport) -> list[str]:
    """Where SSSD is as it is to be, and does not give a name all the same."""
    lacking = [f"user {name}" for name in wanted["users"] if name not in sssd["users"]]
    lacking += [f"group {name}" for name in wanted["groups"] if name not in sssd["groups"]]
    return [
        f"{name} is not given by SSSD. It is not in the directory, or hidden by min_id, max_id or a search base, or the "
        "directory does not answer."
        for name in lacking
    ]


def _new_homes(wanted: Wanted, sssd: SssdReport, changing: bool) -> list[Change]:
    """Homes of named users; before SSSD runs nobody knows where they are."""
    if not wanted["homes"]:
        return []
    missing = [home["path"] for home in sssd["homes"].values() if not home["there"]]
    told = [Change(f"home {path}", "new") for path in missing[:6]]
    told += [Change(f"{len(missing) - 6:,} more homes", "new")] if len(missing) > 6 else []
    unknown = len(wanted["users"]) - len(sssd["homes"])
    if unknown and changing:
        told.append(Change(f"homes of {unknown:,} users of the directory", "new, where there is none"))
    return told
