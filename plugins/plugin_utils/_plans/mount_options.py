# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mount options compared by what they mean. Pure.

Source: nfs(5), mount(8), systemd.mount(5); what the kernel shows: Linux fs/nfs/super.c, nfs_show_mount_options.
"""

from __future__ import annotations

import hashlib
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Mount

# An option's meaning: `{name: value}`; what is as if it were not written is not in it.
Meaning = dict[str, str]

CACHE = {"acregmin": "3", "acregmax": "60", "acdirmin": "30", "acdirmax": "60"}
# What an option says in other words.
SAME: dict[str, tuple[str, str]] = {
    **{word: ("access", word) for word in ("ro", "rw")},
    **{word: ("recovery", word) for word in ("hard", "soft", "softerr")},
    **{word: ("atime", word) for word in ("noatime", "relatime", "strictatime")},
    **{word: ("proto", word) for word in ("tcp", "udp", "rdma")},
    **{word: ("retry", word) for word in ("fg", "bg")},
    **{word: ("boot", word) for word in ("auto", "noauto")},
    "ac": ("ac", "on"),
    "noac": ("ac", "off"),
    "lock": ("lock", "on"),
    "nolock": ("lock", "off"),
    "acl": ("acl", "on"),
    "noacl": ("acl", "off"),
    "atime": ("atime", "relatime"),
    "sync": ("sync", "on"),
    "async": ("sync", "off"),
    **{word: (word, "on") for word in ("suid", "dev", "exec")},
    **{f"no{word}": (word, "off") for word in ("suid", "dev", "exec")},
}
DEFAULT: Meaning = {
    **CACHE,
    "access": "rw",
    "recovery": "hard",
    "proto": "tcp",
    "retry": "fg",
    "boot": "auto",
    "ac": "on",
    "lock": "on",
    "acl": "on",
    "atime": "relatime",
    "sync": "off",
    "suid": "on",
    "dev": "on",
    "exec": "on",
}
# How an option is written that is said without a value.
WORDS: dict[tuple[str, str | None], str] = {pair: word for word, pair in reversed(SAME.items())}
ORDER = [name for name in DEFAULT if name not in CACHE] + sorted(CACHE)
# Of CIFS and CephFS.
SECRET = {"password", "password2", "pass", "secret"}
SAYS_NOTHING = {"defaults", "intr", "nointr", ""}
# What the kernel shows and keeps for a mount of its own. The rest it negotiates, shares between mounts, or never sees.
SHOWN = ("access", "atime", "suid", "dev", "exec")
SHOWN_NFS = (*SHOWN, "recovery", "vers", "sec", "ac", "lock", "acl", *CACHE)


def meaning(options: str | t.Iterable[str]) -> Meaning:
    """What options mean, whatever words they use; the last one counts."""
    found: Meaning = {}
    minor = ""
    for option in options.split(",") if isinstance(options, str) else options:
        name, _equal, value = option.partition("=")
        if name in SAYS_NOTHING:
            continue
        if option in SAME:
            name, value = SAME[option]
            found[name] = value
        elif name == "actimeo":
            found.update(dict.fromkeys(CACHE, value))
        elif name in ("vers", "nfsvers"):
            found["vers"] = value
        elif name == "minorversion":
            minor = value
        elif name.startswith("v") and name[1:].replace(".", "").isdigit():
            found["vers"] = name[1:]
        elif name == "proto":
            found["proto"] = value[:-1] if value.endswith("6") else value
        else:
            found[name] = value
    if minor and found.get("vers") == "4":
        found["vers"] = f"4.{minor}"
    if found.get("ac") == "off":  # caches nothing, however long
        found = {name: value for name, value in found.items() if name not in CACHE}
    return {name: value for name, value in found.items() if DEFAULT.get(name) != value}


def same_options(one: str, other: str) -> bool:
    return meaning(one) == meaning(other)


def option_changes(before: str, after: str, names: t.Container[str] | None = None) -> str:
    """`actimeo 2 → 1, _netdev added`: in what `after` means something else, of the options called `names` if given."""
    have, want = meaning(before), meaning(after)
    changed = [name for name in _ordered({**have, **want}) if have.get(name) != want.get(name)]
    return ", ".join(_told(have, want, [name for name in changed if names is None or name in names]))


def _ordered(found: Meaning) -> list[str]:
    """Names of options, those with a default first."""
    return [name for name in ORDER if name in found] + sorted(name for name in found if name not in ORDER)


def _told(have: Meaning, want: Meaning, names: list[str]) -> t.Iterator[str]:
    cache = {(have.get(name, CACHE[name]), want.get(name, CACHE[name])) for name in CACHE}
    if len(cache) == 1 and set(CACHE) <= set(names):
        names = [name for name in names if name not in CACHE]
        yield "actimeo {} → {}".format(*cache.pop())
    for name in names:
        was, now = (found.get(name, DEFAULT.get(name)) for found in (have, want))
        if (name, was) in WORDS and (name, now) in WORDS:
            yield f"{WORDS[name, was]} → {WORDS[name, now]}"
        elif was is None or now is None:
            yield f"{_written(name, now if was is None else was)} {'added' if was is None else 'removed'}"
        else:
            yield f"{name} {_shown(name, was)} → {_shown(name, now)}"


def _written(name: str, value: str | None) -> str:
    return f"{name}={_shown(name, value)}" if value else name


def _shown(name: str, value: str) -> str:
    return f"sha256:{hashlib.sha256(value.encode()).hexdigest()[:12]}" if name in SECRET else value


def hidden_secrets(options: str) -> str:
    """Options as they are written, with fingerprints of passwords."""
    pairs = [option.partition("=") for option in options.split(",")]
    return ",".join(name + equal + (_shown(name, value) if equal else "") for name, equal, value in pairs)


# What an admin calls them.
NAMES = {
    "access": "ro",
    "recovery": "soft",
    "ac": "noac",
    "lock": "nolock",
    "acl": "noacl",
    "atime": "noatime",
    "suid": "nosuid",
    "dev": "nodev",
}
NAMES["exec"] = "noexec"


def differing(wanted: str, mount: Mount) -> list[str]:
    """Names of options in which what the kernel shows of a mount is not what is wanted, of those it shows."""
    return [NAMES.get(name, name) for name in _differing(wanted, mount)]


def _differing(wanted: str, mount: Mount) -> list[str]:
    want, have = meaning(wanted), meaning(mount["options"])
    nfs = str(mount["fstype"]).startswith("nfs")
    names = list(SHOWN_NFS if nfs else SHOWN)
    if not have.get("vers", "").startswith(("2", "3")):
        # A mount of NFSv4 always locks through its server, and its lists are of another kind.
        names = [name for name in names if name not in ("lock", "acl")]
    if "user" in want or "users" in want:  # which mean noexec, nosuid and nodev as well
        names = [name for name in names if name not in ("suid", "dev", "exec")]
    if "off" in (want.get("ac"), have.get("ac")):
        names = [name for name in names if name not in CACHE]
    if "bind" in want or "rbind" in want:  # which take the rest from what they show
        names = [name for name in names if name in want]
    return [name for name in names if not _agrees(name, want, have)]


def mount_changes(wanted: str, mount: Mount) -> str:
    """In what the kernel would show something else of a mount with the options that are wanted, as `option_changes`."""
    return option_changes(",".join(mount["options"]), wanted, _differing(wanted, mount))


def _agrees(name: str, want: Meaning, have: Meaning) -> bool:
    default = DEFAULT.get(name)
    wanted, found = want.get(name, default), have.get(name, default)
    if wanted is None or wanted == found:
        return True
    # vers=4 takes the highest minor version there is.
    return name == "vers" and wanted == "4" and str(found).startswith("4")
