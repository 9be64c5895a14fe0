# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a node that takes its users from a directory. Pure, but for the text of the program that makes homes."""

from __future__ import annotations

import base64
import shlex
import typing as t
from pathlib import Path

from ansible_collections.workbench.cluster.plugins.module_utils._accounts.sssd import FILE
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import managed
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.sssd import text

MAKE_HOME = "/usr/local/libexec/workbench.cluster/make-home"
SCRIPT = Path(__file__).with_name("make-home.sh").read_text(encoding="utf-8")
# How a profile includes the stacks of the distribution that all programs share.
COMMON = {"Debian": "@include common-{kind}", "RedHat": "{kind:<9}include    system-auth"}
# The product opens sessions as root, and asks nobody for a password then (Admin Guide, PAM Sessions).
ROOT = ["auth     sufficient pam_rootok.so", "account  sufficient pam_rootok.so"]
# Through the shell, so that the first line says who wrote the program.
HOME = f"session  required   pam_exec.so seteuid quiet /bin/sh {MAKE_HOME}"


def sssd_files(given: t.Mapping[str, t.Any]) -> list[dict[str, str]]:
    """As options of config_files. `given` as of `text`, and `authority_text, profiles, home_root, home_mode, shared, make_homes,
    family`.
    """
    files = [{"path": FILE, "secret_base64": base64.b64encode(text(given).encode()).decode(), "mode": "0600"}]
    if given["authority"]:
        files.append({"path": given["authority"], "content": f"{given['authority_text'].strip()}\n", "mode": "0644"})
    if given["make_homes"]:
        files.append({"path": MAKE_HOME, "content": _script(given), "mode": "0644"})
    files += [
        {"path": f"/etc/pam.d/{name}", "content": _profile(name, given), "mode": "0644"} for name in given["profiles"]
    ]
    return files


def _script(given: t.Mapping[str, t.Any]) -> str:
    above = str(given["home"]).partition("%")[0].rpartition("/")[0]
    settings = {
        "root": above or str(given["home_root"]).rstrip("/"),
        "mode": str(given["home_mode"]),
        "skeleton": "/etc/skel",
        "shared": str(int(bool(given["shared"]))),
    }
    head = "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())
    return managed("the variables accounts_home_*") + SCRIPT.replace("set -u\n", f"set -u\n{head}", 1)


def _profile(name: str, given: t.Mapping[str, t.Any]) -> str:
    """Sessions (`rstudio-session` or another) need no password of root's, unlike `rstudio`, by which people sign in."""
    common = COMMON[given["family"]]
    kinds = ["auth", "account", "password"] if name == "rstudio" else ["auth", "account"]
    lines = [] if name == "rstudio" else list(ROOT)
    lines += [common.format(kind=kind) for kind in kinds]
    lines += ["session  required   pam_limits.so"]
    lines += [HOME] if given["make_homes"] else []
    lines += [common.format(kind="session")]
    return managed("accounts_pam_profiles") + "".join(f"{line}\n" for line in lines)
