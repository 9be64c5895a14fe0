# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies in the directory of the role tls, by openssl's own certificates."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host.certificates import read_tls


def run(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def authority(folder: Path, name: str) -> tuple[Path, Path]:
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    subject = ("-subj", "/CN=workbench.cluster authority of w")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *curve, "-keyout", key, "-out", certificate, "-days", "9", *subject)
    return certificate, key


@pytest.fixture
def paths(tmp_path: Path) -> dict[str, str]:
    """A host with a certificate of the authority that lives on it."""
    issuer, issuer_key = authority(tmp_path, "issuer")
    key, request, certificate = (tmp_path / f"host.{end}" for end in ("key", "csr", "crt"))
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", *curve, "-keyout", key, "-out", request, "-subj", "/CN=n1")
    names = tmp_path / "names"
    names.write_text("subjectAltName=DNS:n1,IP:10.0.0.1\n")
    signing = ("-CA", issuer, "-CAkey", issuer_key, "-CAcreateserial", "-extfile", names, "-days", "3")
    openssl("x509", "-req", "-in", request, *signing, "-out", certificate)
    return {
        "certificate": str(certificate),
        "key": str(key),
        "authority": str(issuer),
        "issuer": str(issuer),
        "issuer_key": str(issuer_key),
    }


def test_what_belongs_together_is_told_so(paths: dict[str, str]) -> None:
    found = read_tls(run, paths)
    certificate, issuer = found["certificate"], found["issuer"]
    assert certificate
    assert issuer
    assert found["authority"]
    assert certificate["names"] == ["n1", "10.0.0.1"]
    assert found["key"] == certificate["public_key"]
    assert (found["signed"], found["trusted"]) == (True, False)
    assert issuer["public_key"] == found["authority"]["public_key"] != certificate["public_key"]
    assert "workbench.cluster authority" in issuer["subject"]
    assert issuer["text"].startswith("-----BEGIN CERTIFICATE-----")
    assert len(certificate["sha256"]) == 64


def test_what_does_not_belong_together_is_told_so(paths: dict[str, str], tmp_path: Path) -> None:
    other, other_key = authority(tmp_path, "other")
    assert read_tls(run, {**paths, "authority": str(other)})["signed"] is False
    found = read_tls(run, {**paths, "key": str(other_key)})
    assert found["certificate"]
    assert found["key"] not in (None, found["certificate"]["public_key"])


def test_an_authority_lives_where_its_key_is(paths: dict[str, str]) -> None:
    assert read_tls(run, {**paths, "issuer_key": "/nonexistent"})["issuer"] is None


def test_nothing_there_is_nothing_told(paths: dict[str, str], tmp_path: Path) -> None:
    empty = dict.fromkeys(("certificate", "key", "authority", "issuer", "signed", "trusted"))
    assert read_tls(run, dict.fromkeys(paths, "/nonexistent")) == empty
    (tmp_path / "bad").write_text("geheim")
    found = read_tls(run, dict.fromkeys(paths, str(tmp_path / "bad")))
    assert (found["certificate"], found["key"], found["signed"]) == (None, None, False)
