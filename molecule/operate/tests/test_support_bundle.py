# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One archive for those who help: no secret of the cluster is in it or in the output, and a dead node is named."""

from __future__ import annotations

import base64
import gzip
import re
import stat
import tarfile
import typing as t
import urllib.parse
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product.password import decrypt, stored_password

if t.TYPE_CHECKING:
    from conftest import Lab, Run

NODES = ["opt1", "opt2"]
LOG = "/var/log/rstudio/rstudio-server/rserver.log"
# Secrets of others, each in a file of its own beside those that the cluster has.
PLANTED = {
    "/etc/rstudio/openid-client-secret": "client-id=wb\nclient-secret=planted/open+id=1\n",
    "/etc/rstudio/ours-token": "planted-token-2\n",
    "/etc/rstudio/launcher.ours.conf": "# password=planted-comment-3\nservice-credential=planted-slurm-4\n",
    "/etc/systemd/system/rstudio-server.service.d/planted.conf": "[Service]\nEnvironment=OURS_PASSWORD=planted-unit-5\n",
}
SAID = re.compile(r"planted[^\s]*-?\d")


@pytest.fixture(scope="module")
def secrets(lab: Lab) -> t.Iterator[list[str]]:
    """All secrets that the cluster has, and some more, each of which the log of a node repeats in several forms."""
    key = lab.sh("opt1", "cat /etc/rstudio/secure-cookie-key")
    password = decrypt(stored_password(lab.sh("opt1", "cat /etc/rstudio/database.conf")), key.encode())
    private = [line for line in lab.sh("opt1", "cat /etc/rstudio/launcher.pem").splitlines() if "-----" not in line]
    found = [key.strip(), password, *private, *(one for text in PLANTED.values() for one in SAID.findall(text))]
    lab.sh("opt1", f"cp -p {LOG} /root/kept.log")
    for path, text in PLANTED.items():
        lab.sh("opt1", f"mkdir -p $(dirname {path}); cat > {path}; chmod 0600 {path}", stdin=text)
    lab.sh(
        "opt1",
        f"cat >> {LOG}",
        stdin="".join(f"ERROR nobody foresaw {form}.\n" for one in found for form in forms(one)),
    )
    yield found
    lab.sh("opt1", f"cat /root/kept.log > {LOG}; rm /root/kept.log {' '.join(PLANTED)}")
    lab.sh(
        "opt1", "rmdir --ignore-fail-on-non-empty /etc/systemd/system/rstudio-server.service.d; systemctl daemon-reload"
    )


def forms(secret: str) -> list[str]:
    raw = secret.encode()
    return [
        secret,
        urllib.parse.quote(secret, safe=""),
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(b"u:" + raw).decode(),
        raw.hex(),
    ]


def bundle(lab: Lab, root: Path, folder: Path, *argv: str, rc: int = 0, **extra: t.Any) -> Run:
    inventory = root / "molecule" / "operate" / "inventory" / "hosts.yml"
    extra = {"operate_bundle_dir": str(folder), **extra}
    done = lab.playbook(root / "playbooks" / "support_bundle.yml", *argv, inventory=inventory, extra=extra)
    assert (done.rc == 0) is (rc == 0), done.output[-6000:]
    return done


def read(folder: Path) -> dict[str, str]:
    """The texts of the one archive there, by their paths in it."""
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with tarfile.open(path) as tar:
        files = ((entry.name.partition("/")[2], tar.extractfile(entry)) for entry in tar)
        return {name: file.read().decode() for name, file in files if file}


def test_check_ends_with_the_plan(lab: Lab, root: Path, tmp_path: Path) -> None:
    run = bundle(lab, root, tmp_path, "--check")
    assert "PLAN workbench, support_bundle: 3 hosts" in run.output
    assert list(tmp_path.iterdir()) == []


def test_no_secret_is_in_the_archive_nor_in_the_output(
    lab: Lab, root: Path, secrets: list[str], tmp_path: Path
) -> None:
    run = bundle(lab, root, tmp_path, "-vvvv")
    texts = read(tmp_path)
    (path,) = tmp_path.iterdir()
    whole = gzip.decompress(path.read_bytes())
    for secret in secrets:
        assert len(secret) > 6
        for form in forms(secret):
            part = form.rstrip("=")[:-1].encode()  # its last letter in base64 says something of what stands behind
            assert part not in whole, texts
            assert part not in run.output.encode()
    log = texts[f"opt1{LOG}"]
    assert log.count("ERROR nobody foresaw") == len(secrets) * len(forms(""))
    for node in NODES:
        assert texts[f"{node}/etc/rstudio/rserver.conf"]
        assert "Online" in texts[f"{node}/state/list-nodes.txt"]
        assert "rstudio-server" in texts[f"{node}/journal/units.log"]
    assert "optdb/state/packages.json" in texts
    assert "opt1" in texts["status.txt"]


def test_the_archive_has_no_more_than_it_may(lab: Lab, root: Path, secrets: list[str], tmp_path: Path) -> None:
    lab.sh("opt2", f"cp -p {LOG} /root/kept.log; seq 1 2000000 >> {LOG}")
    bundle(lab, root, tmp_path, operate_bundle_megabytes=3)
    lab.sh("opt2", f"cat /root/kept.log > {LOG}; rm /root/kept.log")
    texts = read(tmp_path)
    assert sum(len(text.encode()) for text in texts.values()) < 3_100_000
    assert texts[f"opt2{LOG}"].endswith("\n2000000\n")
    assert f"only the end of {LOG[1:]}" in texts["MANIFEST.txt"]


def test_a_cluster_that_is_broken_is_read_as_far_as_can_be(lab: Lab, root: Path, tmp_path: Path) -> None:
    lab.control("kill", "opt2")
    try:
        run = bundle(lab, root, tmp_path)
    finally:
        lab.control("start", "opt2")
        lab.sh(
            "opt2",
            "for i in $(seq 120); do rstudio-server list-nodes | grep -c Online | grep -qx 2 && exit; sleep 0.5; done; exit 1",
        )
    assert "Nothing of opt2" in " ".join(run.output.split())
    texts = read(tmp_path)
    assert "opt2: nothing." in texts["MANIFEST.txt"]
    assert "opt1/etc/rstudio/rserver.conf" in texts
