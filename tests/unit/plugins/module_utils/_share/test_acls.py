# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access control lists as the kernel and file servers have them; the bytes of NFSv4 were recorded on Linux 6.1."""

from __future__ import annotations

import errno
import os
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._share import acls

BEFORE = bytes.fromhex(
    "00000003"
    "00000000000000000016018700000006" + b"OWNER@".hex() + "0000"
    "00000000000000000012008000000006" + b"GROUP@".hex() + "0000"
    "00000000000000000012008000000009" + b"EVERYONE@".hex() + "000000"
)


class Server:
    """The attributes of one file on a file server that knows one kind of list."""

    def __init__(self, name: str, value: bytes = b"", refuses: int = 0) -> None:
        self.name, self.value, self.refuses = name, value, refuses

    def get(self, _descriptor: int, name: str) -> bytes:
        if name != self.name:
            raise OSError(errno.ENOTSUP, "Operation not supported")
        return self.value

    def set(self, _descriptor: int, name: str, value: bytes) -> None:
        if name != self.name:
            raise OSError(errno.ENOTSUP, "Operation not supported")
        if self.refuses:
            raise OSError(self.refuses, os.strerror(self.refuses))
        self.value = value


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> t.Callable[[Server], Server]:
    def serve(server: Server) -> Server:
        monkeypatch.setattr(os, "getxattr", server.get)
        monkeypatch.setattr(os, "setxattr", server.set)
        return server

    return serve


def test_an_entry_of_nfsv4_is_laid_before_the_others(served: t.Callable[[Server], Server]) -> None:
    server = served(Server(acls.NFS4, BEFORE))
    assert acls.granted(3) == []
    assert acls.grant(3) == (["nfs4"], None)
    assert server.value[:4] == b"\0\0\0\4"
    assert server.value.endswith(BEFORE[4:])
    assert server.value[4:24] == bytes.fromhex("00000000 00000000 00120081 00000001 31000000".replace(" ", ""))


def test_a_name_of_the_servers_counts_as_well(served: t.Callable[[Server], Server]) -> None:
    named = bytes.fromhex("000000010000000000000000001200810000000b") + b"daemon@here\0"
    served(Server(acls.NFS4, named))
    assert acls.granted(3) == ["nfs4"]


def test_a_server_that_takes_no_such_name_is_told(served: t.Callable[[Server], Server]) -> None:
    served(Server(acls.NFS4, BEFORE, errno.EINVAL))
    assert acls.grant(3) == ([], "system.nfs4_acl: Invalid argument")


def test_no_lists_are_no_error(served: t.Callable[[Server], Server]) -> None:
    served(Server("user.other"))
    assert acls.grant(3) == ([], None)


@pytest.mark.parametrize("content", [b"", b"\0", b"\2\0\0\0\1", b"\0\0\0\x09\0\0"])
@pytest.mark.parametrize("name", [acls.POSIX, acls.NFS4])
def test_what_is_no_list_names_nobody(served: t.Callable[[Server], Server], name: str, content: bytes) -> None:
    served(Server(name, content))
    assert acls.granted(3) == []


def test_the_kernel_takes_a_posix_list(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch(mode=0o600)
    descriptor = os.open(file, os.O_RDONLY)
    try:
        if acls.grant(descriptor) == ([], None):
            pytest.skip("the file system of temporary files keeps no lists")
        assert acls.granted(descriptor) == ["posix"]
        assert os.fstat(descriptor).st_mode & 0o777 == 0o640, "the mask shows as the group's rights"
    finally:
        os.close(descriptor)
