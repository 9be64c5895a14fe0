# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret appears anywhere but in its file."""

from __future__ import annotations

import base64
import os
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product.password import decrypt, stored_password

if t.TYPE_CHECKING:
    from conftest import Lab

MEMBERS = ["node1", "node2", "node3", "store1", "db1"]


@pytest.fixture(scope="module")
def secrets(lab: Lab) -> dict[str, str]:
    """Every secret of the cluster, and the forms it travels in; each long enough to be found only where it is leaked."""

    def content(name: str) -> bytes:
        return base64.b64decode(lab.sh("node1", f"base64 -w0 /etc/rstudio/{name}"))

    key = content("secure-cookie-key")
    pem = content("launcher.pem")
    ciphertext = stored_password(content("database.conf").decode())
    return {
        "cookie key": key.decode().strip(),
        "cookie key, base64": base64.b64encode(key).decode()[:40],
        "launcher key": pem.decode().splitlines()[10],
        "launcher key, base64": base64.b64encode(pem).decode()[400:460],
        "database password": decrypt(ciphertext, key),
        "database password, encrypted": ciphertext,
    }


def test_the_run_was_recorded_at_the_highest_verbosity(root: Path) -> None:
    log = (root / ".cache" / "results" / "default.ansible.log").read_text()
    assert "ESTABLISH SSH CONNECTION" in log, "-vvvv shows connections"
    assert "+++ after" in log, "--diff shows diffs"


def test_not_in_the_output_of_the_run(root: Path, secrets: dict[str, str]) -> None:
    log = (root / ".cache" / "results" / "default.ansible.log").read_text()
    assert [name for name, secret in secrets.items() if secret in log] == []


@pytest.mark.parametrize("host", MEMBERS)
def test_not_on_a_host_but_in_its_file(lab: Lab, secrets: dict[str, str], host: str) -> None:
    """Journal, logs, temporary files, root's home, systemd and the process list."""
    patterns = "\n".join(secrets.values())
    command = (
        "cat > /dev/shm/patterns; "
        "{ journalctl --no-pager -o verbose | grep -qFf /dev/shm/patterns && echo journal; "
        "ps -ewwo args | grep -qFf /dev/shm/patterns && echo processes; "
        "grep -rlFf /dev/shm/patterns /var/log /tmp /var/tmp /root /run /etc/systemd; "
        "grep -rlFf /dev/shm/patterns /etc --exclude-dir=rstudio; }; rm /dev/shm/patterns"
    )
    assert lab.sh(host, command, check=False, stdin=patterns).split() == []


def test_not_on_the_controllers_disk(root: Path, secrets: dict[str, str]) -> None:
    wanted = {name: secret.encode() for name, secret in secrets.items()}
    found = []
    for folder in (Path.home() / ".ansible", root / ".lab", root / ".cache" / "results", Path("/tmp")):
        for path in (Path(inside, name) for inside, _folders, names in os.walk(folder) for name in names):
            try:
                skipped = path.is_symlink() or not path.is_file() or path.stat().st_size > 50_000_000
                data = b"" if skipped or path.suffix == ".cow" else path.read_bytes()
            except FileNotFoundError:  # other tests run side by side
                continue
            found += [f"{name} in {path}" for name, secret in wanted.items() if secret in data]
    assert found == []
