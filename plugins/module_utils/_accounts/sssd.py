# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node has of SSSD: its file without secrets, who asks it, and which names it gives."""

from __future__ import annotations

import glob
import os
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._accounts import nss
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, file_text
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import MANAGED

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import DirectoryHome, SssdReport

FILE = "/etc/sssd/sssd.conf"
SWITCH = "/etc/nsswitch.conf"
SNIPPETS = "/etc/sssd/conf.d/*.conf"
# The distributions' common stacks: Debian's, and Red Hat's.
STACKS = ("/etc/pam.d/common-auth", "/etc/pam.d/system-auth")
SECRET = re.compile(r"authtok\Z|passw|secret|pin\Z")
# Options of a domain that say which number, or which home, a name has: nodes that differ in one differ in their users.
SAME = re.compile(
    r"(id_provider|min_id|max_id|override_gid|override_homedir|fallback_homedir|homedir_substring|default_domain_suffix"
    r"|ldap_(id_mapping|idmap_\w+|schema|\w*search_base|user_(name|uid_number|gid_number|object_class|objectsid|primary_group)"
    r"|group_(name|gid_number|object_class|objectsid|member))|ad_domain|use_fully_qualified_names|full_name_format)\Z"
)
OPTIONS: dict[str, dict[str, t.Any]] = {
    "users": {"type": "list", "elements": "str", "default": []},
    "groups": {"type": "list", "elements": "str", "default": []},
    "profiles": {"type": "list", "elements": "path", "default": []},
    "homes": {"type": "bool", "default": False},
}


def parse(text: str) -> dict[str, dict[str, str]]:
    """Options by section, as libini reads them: a comment begins a line, a line that begins with a blank continues the last."""
    sections: dict[str, dict[str, str]] = {}
    section, key = "", ""
    for line in text.split("\n"):
        head = re.match(r"\[(.*)\]\s*\Z", line)
        if not line.strip() or line[0] in "#;":
            continue
        if head:
            section, key = head[1].strip(), ""
            sections.setdefault(section, {})
        elif line[0] in " \t" and key:
            sections[section][key] += " " + line.strip()
        elif "=" in line:
            key, _is, value = (part.strip() for part in line.partition("="))
            sections.setdefault(section, {})[key] = value
    return sections


def is_secret(option: str) -> bool:
    """Whether the value of an option may not be shown."""
    return bool(SECRET.search(option))


def id_rules() -> dict[str, str]:
    """By which rules SSSD numbers users on this node, `domain/X option` and its value; nothing where NSS does not ask it."""
    if not asked_by_nss():
        return {}
    return {
        f"{section} {option}": value
        for section, options in parse(file_text(FILE)).items()
        for option, value in options.items()
        if section.startswith("domain/") and SAME.match(option)
    }


def asked_by_nss() -> bool:
    """Whether the node asks SSSD for users and groups."""
    lines = re.findall(r"(?m)^(?:passwd|group):(.*)$", file_text(SWITCH))
    return len(lines) > 1 and all("sss" in line.split() for line in lines)


def read_sssd(run: Run, asked: t.Mapping[str, t.Any]) -> SssdReport:
    """What is to be known of `OPTIONS`; each name is asked for, and none enumerated."""
    text = file_text(FILE)
    local_users, local_groups = nss.read_local(run, "passwd"), nss.read_local(run, "group")
    given = nss.accounts(
        nss.given_by_sssd(run, "passwd", asked["users"]), nss.given_by_sssd(run, "group", asked["groups"])
    )
    return {
        "sections": None
        if not text or text.startswith(MANAGED)
        else {
            section: {option: "" if is_secret(option) else value for option, value in options.items()}
            for section, options in parse(text).items()
        },
        "snippets": sorted(glob.glob(SNIPPETS)),
        "nss": asked_by_nss(),
        "pam": any("pam_sss.so" in file_text(path) for path in STACKS),
        "authselect": file_text("/etc/authselect/authselect.conf").split("\n")[0].strip(),
        "foreign_profiles": [path for path in asked["profiles"] if _is_foreign(path)],
        "users": {name: user["uid"] for name, user in given["users"].items()},
        "groups": {name: group["gid"] for name, group in given["groups"].items()},
        "local_users": sorted(local_users.intersection(asked["users"])),
        "local_groups": sorted(local_groups.intersection(asked["groups"])),
        "homes": {name: _home(given["users"][name]["home"]) for name in asked["users"] if name in given["users"]}
        if asked["homes"]
        else {},
    }


def _home(path: str) -> DirectoryHome:
    return {"path": path, "there": os.path.isdir(path)}


def _is_foreign(path: str) -> bool:
    return os.path.lexists(path) and not file_text(path).startswith(MANAGED)
