# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mount options of NFS by name and type, laid over a line that has a name. Pure.

Sources: nfs(5); "Multi-server Installation" (vendor) and "Project Sharing" (safe) of the product's documents; Amazon's
"Recommended NFS mount options" (efs).
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.mount_options import CACHE, SAME, meaning

PRESETS = {
    "safe": "rw,hard,tcp,noatime,vers=4.1,actimeo=2,_netdev,nofail",
    "vendor": "auto,noac,nofail,noatime,nolock,intr,tcp,actimeo=1800",
    "efs": "rw,hard,noatime,vers=4.1,rsize=1048576,wsize=1048576,timeo=600,retrans=2,noresvport,_netdev,nofail",
}
# How a switch is written, on and off; without a word for it, off is what it is anyway.
SWITCHES = {"hard": ("hard", "soft"), "lock": ("lock", "nolock"), "acl": ("acl", "noacl"), "noac": ("noac", "ac")}


def nfs_options(preset: str, named: t.Mapping[str, t.Any]) -> str:
    """The line of a preset with what is named in place of what it says of the same; empty for a preset there is not.

    `named` are options of nfs(5) with their values; switches are true or false.
    """
    if preset not in PRESETS:
        return ""
    words = [_word(name, value) for name, value in named.items()]
    about = {name for word in words for name in _about(word)}
    return ",".join([option for option in PRESETS[preset].split(",") if not about & _about(option)] + words)


def _word(name: str, value: t.Any) -> str:
    if name in SWITCHES:
        return SWITCHES[name][0 if value else 1]
    return f"{name}={value}"


def _about(option: str) -> set[str]:
    """What an option says something of. One that caches nothing, and one that says how long, contradict each other."""
    name = option.partition("=")[0]
    about = {SAME[option][0]} if option in SAME else set(meaning(option)) or {name}
    return {"cache"} if name == "actimeo" or about & {"ac", *CACHE} else about
