# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access control lists of a file, by which project sharing lets others in: POSIX ones, and those of NFSv4.

Both are extended attributes, so neither setfacl nor nfs4_setfacl has to be installed. Sources: Linux
include/uapi/linux/posix_acl_xattr.h; RFC 8881, section 6.2.1, as nfs4_acl(5) has it in XDR.
"""

from __future__ import annotations

import errno
import os
import struct
import typing as t

POSIX, NFS4 = "system.posix_acl_access", "system.nfs4_acl"
KINDS = {"posix": POSIX, "nfs4": NFS4}
# Whom the entry names: `daemon`, an account of every Linux, for a server that maps ids takes only those it knows.
GUEST = 1
POSIX_VERSION, NOBODY = 2, 0xFFFFFFFF
OWNER, USER, GROUP, MASK, OTHER = 1, 2, 4, 16, 32
READ = 4
# Read data, attributes and the list itself, synchronously.
NFS4_READ = 0x1 | 0x80 | 0x20000 | 0x100000
# A file system that has no such attribute, and one that was told to do without.
UNSUPPORTED = (errno.ENOTSUP, errno.ENODATA, errno.ENOSYS)


def grant(descriptor: int) -> tuple[list[str], str | None]:
    """Let one more account read a file of ours; the kinds of lists that the file server keeps, and what kept from telling."""
    error = None
    for kind, name in KINDS.items():
        try:
            os.setxattr(descriptor, name, _posix() if kind == "posix" else _nfs4(os.getxattr(descriptor, NFS4)))
        except OSError as problem:
            if problem.errno not in UNSUPPORTED:
                error = f"{name}: {problem.strerror}"
    return granted(descriptor), error


def granted(descriptor: int) -> list[str]:
    """The kinds of lists in which an account besides the owner is named."""
    return [kind for kind in KINDS if _names_somebody(descriptor, kind)]


def _names_somebody(descriptor: int, kind: str) -> bool:
    try:
        return NAMED[kind](os.getxattr(descriptor, KINDS[kind]))
    except (OSError, struct.error):  # none, or none that we understand
        return False


def _posix() -> bytes:
    """rw- for the owner, r-- for one account."""
    entries = [
        (OWNER, READ | 2, NOBODY),
        (USER, READ, GUEST),
        (GROUP, 0, NOBODY),
        (MASK, READ, NOBODY),
        (OTHER, 0, NOBODY),
    ]
    return struct.pack("<I", POSIX_VERSION) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def _posix_names(content: bytes) -> bool:
    return any(tag == USER for tag, _rights, _uid in struct.iter_unpack("<HHI", content[4:]))


def _nfs4(content: bytes) -> bytes:
    """The list with an entry before the others: type ALLOW, no flags."""
    who = str(GUEST).encode()
    entry = struct.pack(">IIII", 0, 0, NFS4_READ, len(who)) + who + b"\0" * (-len(who) % 4)
    return struct.pack(">I", struct.unpack_from(">I", content)[0] + 1) + entry + content[4:]


def _nfs4_names(content: bytes) -> bool:
    """Those that are no account end with an @ and nothing: OWNER@, GROUP@, EVERYONE@."""
    place, count = 4, struct.unpack_from(">I", content)[0] if content else 0
    for _entry in range(count):
        _type, _flags, _mask, length = struct.unpack_from(">IIII", content, place)
        who = content[place + 16 : place + 16 + length]
        if not who.endswith(b"@"):
            return True
        place += 16 + length + -length % 4
    return False


NAMED: dict[str, t.Callable[[bytes], bool]] = {"posix": _posix_names, "nfs4": _nfs4_names}
