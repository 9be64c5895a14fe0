# Copyright: (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node says about itself. **PRIVATE** to the collection."""

from __future__ import annotations

import datetime
import grp
import os
import pwd
import re
import ssl
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._accounts import Accounts
from ansible_collections.workbench.cluster.plugins.module_utils._node_config import Options, fingerprint, switched_on
from ansible_collections.workbench.cluster.plugins.module_utils._run import Run, words
from ansible_collections.workbench.cluster.plugins.module_utils._runtimes import find_python, find_r

# An id in, its name out; None where it has none.
Name = t.Callable[[int], t.Optional[str]]
LAUNCHER = "usr/lib/rstudio-server/bin/rstudio-launcher"


def user_name(uid: int) -> str | None:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def group_name(gid: int) -> str | None:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return None


def account_view(
    found: Accounts, users: t.Iterable[str], groups: t.Iterable[str], named: tuple[Name, Name] = (user_name, group_name)
) -> dict[str, t.Any]:
    """`{users: {name: {uid, gid, home}}, groups: {name: {gid}}, uids: {number: [names]}, gids: {number: [names]}}`.

    Of `users`, `groups`, all their members and primary groups, as far as they exist. The first name of a number is NSS's
    own answer.
    """
    known = {name: found["groups"][name] for name in groups if name in found["groups"]}
    members = {member for group in known.values() for member in group["members"]}
    primary = {group["gid"] for group in known.values()}
    wanted = {*users, *members}
    people = {name: user for name, user in found["users"].items() if name in wanted or user["gid"] in primary}
    return {
        "users": {
            name: {"uid": user["uid"], "gid": user["gid"], "home": user["home"]} for name, user in people.items()
        },
        "groups": {name: {"gid": group["gid"]} for name, group in known.items()},
        "uids": _names(
            {user["uid"] for user in people.values()},
            {name: user["uid"] for name, user in found["users"].items()},
            named[0],
        ),
        "gids": _names(
            primary | {user["gid"] for user in people.values()},
            {name: group["gid"] for name, group in found["groups"].items()},
            named[1],
        ),
    }


def _names(numbers: t.Iterable[int], all_names: t.Mapping[str, int], named: Name) -> dict[str, list[str]]:
    names = {}
    for number in sorted(numbers):
        first = named(number)
        others = sorted(name for name, its in all_names.items() if its == number and name != first)
        names[str(number)] = ([first] if first is not None else []) + others
    return names


def read_versions(run: Run, config_dir: str, root: str = "/") -> tuple[dict[str, t.Any], list[str]]:
    """`{workbench, launcher, r, python}` and sentences.

    The launcher has no documented way to say its version, and a daemon is not to be started to find out: the fingerprint
    of its program stands in.
    """
    errors = []
    rc, out, err = run(["rstudio-server", "version"])
    workbench = out.split()[0] if rc == 0 and out.strip() else None
    if workbench is None and rc != 127:
        errors.append(f"rstudio-server version failed: {words(out, err)}")
    python = []
    for program in find_python(root):
        rc, out, err = run([program, "--version"])
        if rc == 0 and out.startswith("Python "):
            python.append(out.split()[1])
        else:
            errors.append(f"{program} does not run: {words(out, err)}")
    launcher = _program(os.path.join(root, LAUNCHER))
    r = sorted(set(find_r(config_dir, root).values()))
    return {"workbench": workbench, "launcher": launcher, "r": r, "python": sorted(set(python))}, errors


def _program(path: str) -> str | None:
    try:
        with open(path, "rb") as file:
            return fingerprint(file.read())
    except OSError:
        return None


def certificate_files(config: t.Mapping[str, Options]) -> list[tuple[str, str]]:
    """`(file, certificate)` for each file that switches TLS on; the certificate is empty where the file names none."""
    found = []
    for file, switch, option in (
        ("rserver.conf", "ssl-enabled", "ssl-certificate"),
        ("launcher.conf", "server.enable-ssl", "server.certificate-file"),
    ):
        options = config.get(file, {})
        if switched_on(options, switch):
            found.append((file, options.get(option, [""])[0]))
    return found


def read_certificate(run: Run, file: str, path: str) -> dict[str, t.Any]:
    """`{file, path, subject, names, not_before, not_after, error}`: the first of `path`, which `file` names.

    The first is the node's own, intermediates follow it. Dates are ISO, UTC.
    """
    answer: dict[str, t.Any] = {
        "file": file,
        "path": path,
        "subject": None,
        "names": [],
        "not_before": None,
        "not_after": None,
        "error": None,
    }
    if not path:
        return {**answer, "error": f"{file} switches TLS on and names no certificate"}
    what = ["-subject", "-nameopt", "RFC2253", "-dates", "-ext", "subjectAltName"]
    rc, out, err = run(["openssl", "x509", "-in", path, "-noout", *what])
    if rc != 0:
        return {**answer, "error": f"openssl cannot read {path}: {words('', err)}"}
    return {**answer, **parse_certificate(out)}


def parse_certificate(text: str) -> dict[str, t.Any]:
    """Output of `openssl x509`. Without alternative names the common name is the one name."""
    said = dict(re.findall(r"^(subject|notBefore|notAfter)= *(.*)$", text, re.MULTILINE))
    names = re.findall(r"(?:DNS|IP Address):([^,\s]+)", text)
    common = re.search(r"(?:^|,)CN=([^,]+)", said["subject"])
    return {
        "subject": said["subject"],
        "names": names or ([common.group(1)] if common else []),
        "not_before": _iso(said["notBefore"]),
        "not_after": _iso(said["notAfter"]),
    }


def _iso(text: str) -> str:
    return datetime.datetime.fromtimestamp(ssl.cert_time_to_seconds(text), datetime.timezone.utc).isoformat()
