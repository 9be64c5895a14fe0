# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One archive of what the hosts told: nothing of it lies elsewhere, and who told nothing is named."""

from __future__ import annotations

import base64
import io
import json
import tarfile
import typing as t
import zlib

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Support
from ansible_collections.workbench.cluster.plugins.plugin_utils._operate.bundle import (
    Bundle,
    Told,
    packed,
    plan_lines,
    result_line,
    share,
    told,
)

TOP = "workbench-support-20261122T091500Z"


def gathered(texts: t.Mapping[str, str], *cut: str, errors: t.Sequence[str] = ()) -> Support:
    content = base64.b64encode(zlib.compress(json.dumps(texts).encode())).decode()
    return {
        "content": content,
        "sizes": {name: len(text) for name, text in texts.items()},
        "cut": list(cut),
        "errors": list(errors),
    }


def bundle(**answers: Told) -> Bundle:
    return Bundle("workbench", "2026-11-22T09:15:00Z", answers, {"status.txt": "well\n"})


def files(content: bytes) -> dict[str, str]:
    found = {}
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        for entry in tar.getmembers():
            file = tar.extractfile(entry)
            assert file is not None
            assert entry.mode == 0o600
            found[entry.name] = file.read().decode()
    return found


def test_each_host_has_a_folder() -> None:
    answers = {"n1": Told(gathered({"etc/a": "1", "b": "ä"}), ""), "db": Told(gathered({"b": "2"}), "")}
    content, _read = packed(bundle(**answers), 1_795_000_000)
    found = files(content)
    assert found.pop(f"{TOP}/MANIFEST.txt")
    texts = {"n1/etc/a": "1", "n1/b": "ä", "db/b": "2", "status.txt": "well\n"}
    assert found == {f"{TOP}/{path}": text for path, text in texts.items()}


def test_what_is_missing_is_named() -> None:
    answers = {
        "n1": Told(gathered({"log": "end"}, "log", errors=["keys: gone"]), ""),
        "n2": Told(None, "Connection refused"),
    }
    content, read = packed(bundle(**answers), 0)
    lines = files(content)[f"{TOP}/MANIFEST.txt"].splitlines()
    assert lines[-4:] == [
        "n1: 1 text, 3 bytes",
        "  only the end of log",
        "  could not be had: keys: gone",
        "n2: nothing. Connection refused",
    ]
    said = result_line("/a.tar.gz", 10, read)
    assert (
        said
        == "/a.tar.gz, 10 bytes, of 1 host. Nothing of n2 (Connection refused). Look through it before you send it."
    )


@pytest.mark.parametrize("path", ["../n2/etc/a", "/etc/a", "a/../../b", "", "a\0b"])
def test_no_path_of_a_host_leads_out_of_its_folder(path: str) -> None:
    content, _read = packed(bundle(n1=Told(gathered({path: "planted", "good": "kept"}), "")), 0)
    assert "planted" not in files(content).values()
    assert "kept" in files(content).values()


@pytest.mark.parametrize("host", ["../up", "a/b", "..", "."])
def test_no_name_of_a_host_is_a_path(host: str) -> None:
    content, _read = packed(bundle(**{host: Told(gathered({"a": "1"}), "")}), 0)
    path = next(path for path, text in files(content).items() if text == "1")
    assert path.count("/") == 2
    assert "/../" not in path


@pytest.mark.parametrize(
    "content", ["no base64!", "AAAA", base64.b64encode(zlib.compress(b"[1]")).decode(), base64.b64encode(b"x").decode()]
)
def test_what_is_no_answer_is_named(content: str) -> None:
    _content, read = packed(bundle(n1=Told({**gathered({}), "content": content}, "")), 0)
    assert read["n1"] == Told(None, "what it told cannot be read")


def test_no_more_is_unpacked_than_a_host_says_there_is() -> None:
    bomb = {**gathered({"a": "0" * 50_000_000}), "sizes": {"a": 10}}
    _content, read = packed(bundle(n1=Told(t.cast("Support", bomb), "")), 0)
    assert read["n1"].support is None


def test_what_was_registered_is_an_answer_or_a_reason() -> None:
    support = gathered({"a": "1"})
    assert told({"support": support, "changed": False}) == Told(support, "")
    assert told({"unreachable": True, "msg": " refused\n"}) == Told(None, "refused")
    assert told(None) == Told(None, "it was not asked")


def test_hosts_share_the_limit() -> None:
    assert share(100, 4) == 25_000_000
    assert share(1, 0) == 1_000_000


def test_the_plan_says_who_is_read_and_that_nobody_is_disturbed() -> None:
    lines = plan_lines("workbench", ["n1", "db"], 100, 6, "/home/admin")
    assert lines[0] == "PLAN workbench, support_bundle: 2 hosts"
    assert "no session is touched" in lines[1]
    assert "at most 100 MB" in lines[2]
