# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this collection made on a host, and how it goes again.

A file is ours by its first line, or by a name that nobody else has a use for. One that we replaced has the file as it was found
beside it, which takes its place again. Nothing else is ours: what cannot be told stays, with the reason.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import stat
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host import files as host_files
from ansible_collections.workbench.cluster.plugins.module_utils._host.files import DRAFT, FOUND, SAVED
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, words
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import MANAGED
from ansible_collections.workbench.cluster.plugins.module_utils._product.keys import REPLACED
from ansible_collections.workbench.cluster.plugins.module_utils._product.licence import MARK
from ansible_collections.workbench.cluster.plugins.module_utils._product.units import LAUNCHER, SERVER

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Made

OURS, STATE, UNITS = "/etc/workbench.cluster", "/var/lib/workbench.cluster", "/etc/systemd/system"
# Where files are that roles write; SSSD's and PAM's are not looked for, for accounts stay.
SEARCHED = ("/etc/rstudio", OURS, "/etc/exports.d", "/etc/chrony", "/etc/chrony.conf", UNITS)
# The role firewall takes its own away.
FIREWALLS = (f"{OURS}/firewall-", f"{UNITS}/workbench-cluster-firewall-")
# Without a line that says so, for they hold keys and certificates.
NAMED = (REPLACED, f"{OURS}/database/client.crt", f"{OURS}/database/client.key")
PACKAGES = f"{STATE}/packages"
KEYS = ("/etc/rstudio/secure-cookie-key", "/etc/rstudio/launcher.pem", "/etc/rstudio/launcher.pub")
# Services that cannot be without their file.
NEEDED = {"/etc/chrony/chrony.conf": "chrony.service", "/etc/chrony.conf": "chronyd.service"}
# What has to be told when a file below is another, or gone.
TELL: t.Mapping[str, t.Sequence[str]] = {
    "/etc/exports.d/": ("exportfs", "-ra"),
    f"{UNITS}/": ("systemctl", "daemon-reload"),
    "/usr/local/share/ca-certificates/": ("update-ca-certificates", "--fresh"),
    "/etc/pki/ca-trust/": ("update-ca-trust", "extract"),
    **{file: ("systemctl", "try-restart", unit) for file, unit in NEEDED.items()},
}
# Whom a run that was cut off has not told yet.
UNDERWAY = f"{OURS}/teardown"
# Who masked a unit nobody can tell: a link to /dev/null says nothing.
MASKED = (SERVER, LAUNCHER, "nginx", "haproxy", "keepalived", "httpd")
LEFT = {
    f"{OURS}/database/server.crt": "PostgreSQL serves it",
    f"{OURS}/database/server.key": "PostgreSQL serves it",
    MARK: "says for which licence the node has a seat",
    f"{STATE}/upgrade": "copies of the configuration from before upgrades",
    f"{STATE}/migration": "copies of the single server from before it became a node",
}
KEPT = "is still used, or left to others by the inventory"
SILENT = "does not say whose it is"
PASSWORD, PASSWORD_STAYS = "/etc/rstudio/database.conf", "has the password of a database that stays"
UNKNOWN_KEY = "whose it was is not told: operate_teardown with keys takes it"


class Asked(t.NamedTuple):
    """`paths` are ours by their names as well; what begins with one of `keep` stays all the same.

    `suspects`: files that may be ours, and say nothing; `keys`, `database`: whether those go.
    """

    paths: t.Sequence[str] = ()
    keep: t.Sequence[str] = ()
    suspects: t.Sequence[str] = ()
    keys: bool = False
    database: bool = False


def look(run: Run, asked: Asked, root: str = "") -> Made:
    """`root` is for tests."""
    made: Made = {"goes": [], "back": [], "left": {}, "disabled": _enabled(run), "told": _underway(root)}
    for path in _found(root):
        leads = os.path.realpath(f"{root}{path}")
        if path.startswith(tuple(asked.keep)):
            made["left"][path] = KEPT
        elif leads != f"{root}{path}":
            made["left"][path] = f"leads to {leads}, where others may write"
        elif path == PASSWORD and not asked.database:
            made["left"][path] = PASSWORD_STAYS
        elif os.path.lexists(f"{root}{path}{FOUND}"):
            made["back"].append(path)
        elif path in NEEDED:
            made["left"][path] = f"{NEEDED[path]} cannot be without one, and there is none from before"
        else:
            made["goes"].append(path)
    named = dict.fromkeys([*NAMED, *asked.paths, *(KEYS if asked.keys else ()), *_packages(root)])
    made["goes"] += [path for path in named if os.path.isfile(f"{root}{path}") and path not in made["goes"]]
    _leave(made, root, asked)
    return made


def _leave(made: Made, root: str, asked: Asked) -> None:
    taken = {*made["goes"], *made["back"]}
    left = {**LEFT, **dict.fromkeys(KEYS, UNKNOWN_KEY), **dict.fromkeys(asked.suspects, SILENT)}
    made["left"].update(
        {path: why for path, why in left.items() if path not in taken and os.path.lexists(f"{root}{path}")}
    )
    for path in _walk(f"{root}{OURS}"):
        name = path[len(root) :]
        known = name in (*taken, *made["left"], UNDERWAY) or name.startswith(FIREWALLS)
        if not known and not name.endswith(FOUND):
            made["left"][name] = "by this inventory no role writes it"
    for unit in MASKED:
        link = f"{UNITS}/{unit}.service"
        if os.path.realpath(f"{root}{link}") == os.path.devnull:
            made["left"][link] = "masked, and by whom is not told"


def take(run: Run, made: Made, root: str = "") -> None:
    """Whatever is cut off is done by the next run, for the files that are left say what is left. Raises `Failure`, `OSError`."""
    changing = [*made["back"], *made["goes"]]
    telling = [place for place in TELL if place in made["told"] or any(path.startswith(place) for path in changing)]
    if telling:
        _write_underway(root, telling)
    services = [os.path.basename(path) for path in made["goes"] if _is_unit(path)]
    for unit in [*made["disabled"], *services]:
        _do(run, ["systemctl", "disable", "--now", unit])
    host_files.clean(f"{root}{path}" for path in changing)
    for path in made["back"]:
        os.rename(f"{root}{path}{FOUND}", f"{root}{path}")
    for path in made["goes"]:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{root}{path}")
    for place in telling:
        _do(run, list(TELL[place]))
    with contextlib.suppress(FileNotFoundError):
        os.unlink(f"{root}{UNDERWAY}")
    _tidy(root, changing)


Lookup = t.Callable[[str], t.Any]


def homes_of(names: t.Iterable[str], lookup: Lookup = pwd.getpwnam) -> tuple[list[str], dict[str, str]]:
    """Homes that are surely their users' own, and why others are not, by user; one that is gone is neither."""
    homes, left = [], {}
    for name in names:
        try:
            account = lookup(name)
            why = _no_home(account.pw_dir, account.pw_uid)
        except KeyError:
            why = "has no account, so that whose home it was is not told"
        except FileNotFoundError:
            continue
        if why:
            left[name] = why
        else:
            homes.append(account.pw_dir)
    return homes, left


def _no_home(path: str, uid: int) -> str:
    status = os.lstat(path)
    if not stat.S_ISDIR(status.st_mode) or os.path.normpath(path).count("/") < 2:
        return f"{path} is no directory of its own"
    if status.st_uid != uid or uid == 0:
        return f"{path} belongs to the number {status.st_uid}, and not to the user"
    if os.path.ismount(path):
        return f"{path} is a mount"
    return ""


def local_accounts(names: t.Iterable[str], passwd: str = "/etc/passwd") -> list[str]:
    """Those that this host has by itself: a directory's are not ours to delete."""
    with open(passwd, encoding="utf-8", errors="replace") as file:
        known = {line.partition(":")[0] for line in file}
    return [name for name in names if name in known]


def delete_accounts(run: Run, names: t.Iterable[str]) -> None:
    for name in names:
        _do(run, ["userdel", name])


def _found(root: str) -> list[str]:
    """Files whose first line says so, by the names that they have without `root`. systemd's own links are none."""
    places = [path for place in SEARCHED for path in _walk(f"{root}{place}")]
    found = [path[len(root) :] for path in places if _says_so(path)]
    found = [path for path in found if not path.startswith(UNITS) or not os.path.islink(f"{root}{path}")]
    return [path for path in found if not path.startswith(FIREWALLS) and not path.endswith((FOUND, DRAFT, SAVED))]


def _walk(place: str) -> t.Iterator[str]:
    """Files, and links to files; a link to a directory leads to somebody else's."""
    if os.path.isfile(place):
        yield place
    for folder, folders, names in os.walk(place):
        folders.sort()
        yield from (path for path in (os.path.join(folder, name) for name in sorted(names)) if os.path.isfile(path))


def _says_so(path: str) -> bool:
    with open(path, "rb") as file:
        return file.read(len(MANAGED)) == MANAGED.encode()


def _is_unit(path: str) -> bool:
    return os.path.dirname(path) == UNITS and path.endswith(".service")


def _packages(root: str) -> list[str]:
    return [path[len(root) :] for path in _walk(f"{root}{PACKAGES}")]


def _enabled(run: Run) -> list[str]:
    return [unit for unit in (SERVER, LAUNCHER) if run(["systemctl", "is-enabled", unit])[1].strip() == "enabled"]


def _underway(root: str) -> list[str]:
    try:
        with open(f"{root}{UNDERWAY}", encoding="utf-8") as file:
            return [line for line in file.read().splitlines() if line in TELL]
    except FileNotFoundError:
        return []


def _write_underway(root: str, telling: t.Iterable[str]) -> None:
    os.makedirs(f"{root}{OURS}", exist_ok=True)
    with open(f"{root}{UNDERWAY}.new", "w", encoding="utf-8") as file:
        file.write("".join(f"{place}\n" for place in telling))
    os.replace(f"{root}{UNDERWAY}.new", f"{root}{UNDERWAY}")


def _tidy(root: str, changed: t.Iterable[str]) -> None:
    """Folders that only we have a use for, where they are empty."""
    above = {os.path.dirname(path) for path in changed}
    dropped = {folder for folder in above if folder.startswith(UNITS) and folder.endswith(".service.d")}
    folders = [f"{root}{name}" for name in dropped]
    for place in (OURS, STATE):
        folders += [folder for folder, _folders, _files in os.walk(f"{root}{place}", topdown=False)]
    for folder in folders:
        with contextlib.suppress(OSError):
            os.rmdir(folder)


def _do(run: Run, argv: list[str]) -> None:
    rc, out, err = run(argv)
    if rc not in (0, 127):
        raise Failure(f"{' '.join(argv)}: {words(out, err)}")
