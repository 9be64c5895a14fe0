# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is encrypted for a key of age is opened by that key alone, and what cannot be used is told before anything is read."""

from __future__ import annotations

import shutil
import subprocess
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.plugin_utils._backup.means import Means

pytestmark = pytest.mark.skipif(not shutil.which("age"), reason="needs the program age")

SECRET = b"0b5c9d2e-cookie-key-of-this-cluster-4f6a"


class Key(t.NamedTuple):
    file: str
    public: str


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    return made(tmp_path_factory.mktemp("age") / "key.txt")


def made(file: Path) -> Key:
    subprocess.run(["age-keygen", "--output", file], check=True, capture_output=True)
    shown = subprocess.run(["age-keygen", "-y", file], check=True, capture_output=True, text=True)
    return Key(str(file), shown.stdout.strip())


def test_its_key_opens_it(key: Key) -> None:
    means = Means(recipients=[key.public], identity=key.file)
    sealed = means.sealed(SECRET)
    assert means.problems() == []
    assert (means.suffix, means.can_open) == ("age", True)
    assert SECRET not in sealed
    assert means.opened(sealed) == SECRET


def test_each_recipient_opens_it(key: Key, tmp_path: Path) -> None:
    other = made(tmp_path / "other.txt")
    sealed = Means(recipients=[key.public, other.public]).sealed(SECRET)
    assert {Means(identity=one.file).opened(sealed) for one in (key, other)} == {SECRET}


def test_a_key_of_ssh_is_one_of_age(tmp_path: Path) -> None:
    file = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file], check=True)
    means = Means(recipients=[file.with_suffix(".pub").read_text().strip()], identity=str(file))
    assert means.opened(means.sealed(SECRET)) == SECRET


def test_who_makes_it_need_not_be_able_to_open_it(key: Key) -> None:
    means = Means(recipients=[key.public])
    assert means.problems() == []
    assert not means.can_open
    with pytest.raises(Failure, match="name the file of a key that opens it in operate_backup_identity"):
        means.opened(means.sealed(SECRET))


def test_another_key_opens_nothing(key: Key, tmp_path: Path) -> None:
    other = made(tmp_path / "other.txt")
    with pytest.raises(Failure, match="no identity matched"):
        Means(identity=other.file).opened(Means(recipients=[key.public]).sealed(SECRET))
    (problem,) = Means(recipients=[key.public], identity=other.file).problems()
    assert "operate_backup_recipients: age: error: no identity matched" in problem


@pytest.mark.parametrize("change", [lambda sealed: sealed[:-1], lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1])])
def test_what_was_changed_is_refused(change: t.Callable[[bytes], bytes], key: Key) -> None:
    with pytest.raises(Failure, match="age: error"):
        Means(identity=key.file).opened(change(Means(recipients=[key.public]).sealed(SECRET)))


@pytest.mark.parametrize(
    ("means", "words"),
    [
        (Means(), "Neither operate_backup_passphrase nor operate_backup_recipients is set"),
        (Means("correct horse", ["age1x"]), "operate_backup_passphrase and operate_backup_recipients are both set"),
        (Means(recipients=["age1nonsense"]), "malformed recipient"),
        (Means(recipients=["ssh-dss AAAA"]), "age: error"),
    ],
)
def test_what_encrypts_nothing_is_told_before(means: Means, words: str) -> None:
    (problem,) = means.problems()
    assert words in problem


def test_a_key_that_is_not_there_is_told_before(key: Key) -> None:
    (problem,) = Means(recipients=[key.public], identity="/none").problems()
    assert "/none" in problem


def test_a_key_that_wants_a_passphrase_asks_nobody(tmp_path: Path) -> None:
    file = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "geheim", "-f", file], check=True)
    (problem,) = Means(recipients=[file.with_suffix(".pub").read_text().strip()], identity=str(file)).problems()
    assert "age: error" in problem


def test_a_program_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch, key: Key) -> None:
    monkeypatch.setenv("PATH", "/none")
    (problem,) = Means(recipients=[key.public]).problems()
    assert "the program age is not installed on the controller" in problem
