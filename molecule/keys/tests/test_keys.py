# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys role in every state a cluster can be found in."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product.password import (
    decrypt,
    encrypt,
    stored_password,
)

if t.TYPE_CHECKING:
    from conftest import Lab

NODES = ["key1", "key2", "key3", "key4"]
COOKIE = "/etc/rstudio/secure-cookie-key"
PEM = "/etc/rstudio/launcher.pem"
PUB = "/etc/rstudio/launcher.pub"
MINE = "d3161166-e89b-4158-af3b-5980e3056cc6\n"
OTHER = "11111111-2222-3333-4444-555555555555\n"


class Nodes:
    """The four nodes and the role."""

    def __init__(self, lab: Lab, root: Path) -> None:
        self.lab, self.root = lab, root
        self.pem = self.private_key()

    def private_key(self) -> str:
        return subprocess.run(
            ["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def clear(self) -> None:
        self.lab.each(NODES, "rm -rf /etc/rstudio /var/lib/rstudio-server")

    def give(self, *nodes: str, cookie: str = MINE) -> None:
        """Lay a cookie key and a launcher pair down by hand."""
        for node in nodes:
            self.lab.sh(node, f"mkdir -p /etc/rstudio && umask 077 && cat > {COOKIE}", stdin=cookie)
            self.lab.sh(node, f"umask 077 && cat > {PEM} && openssl pkey -in {PEM} -pubout -out {PUB}", stdin=self.pem)

    def cookies(self) -> dict[str, str]:
        """SHA-256 of every node's cookie key, empty where there is none."""
        return {
            node: printed.split(" ")[0]
            for node, printed in self.lab.each(NODES, f"sha256sum {COOKIE} 2>/dev/null || true").items()
        }

    def launchers(self) -> set[str]:
        return set(self.lab.each(NODES, f"cat {PEM} {PUB} | sha256sum").values())

    def run(self, *argv: str, **extra: t.Any) -> t.Any:
        here = self.root / "molecule" / "keys"
        return self.lab.playbook(here / "converge.yml", *argv, inventory=here / "inventory" / "hosts.yml", extra=extra)


@pytest.fixture(scope="module")
def module_nodes(lab: Lab, root: Path) -> Nodes:
    return Nodes(lab, root)


@pytest.fixture
def nodes(module_nodes: Nodes) -> Nodes:
    module_nodes.clear()
    return module_nodes


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_existing_on_all(nodes: Nodes) -> None:
    nodes.give(*NODES)
    nodes.lab.each(NODES, f"chown rstudio-server:rstudio-server {PEM} {PUB}")
    run = nodes.run()
    assert run.rc == 0, run.output
    assert run.changed == 0
    assert set(nodes.cookies().values()) == {sha(MINE)}


def test_existing_on_one(nodes: Nodes) -> None:
    nodes.give("key3")
    assert nodes.run().rc == 0
    assert set(nodes.cookies().values()) == {sha(MINE)}
    assert len(nodes.launchers()) == 1
    assert nodes.lab.sh("key1", f"cat {PEM}") == nodes.pem


def test_none(nodes: Nodes) -> None:
    assert nodes.run().rc == 0
    (cookie,) = set(nodes.cookies().values())
    assert len(cookie) == 64
    assert int(nodes.lab.sh("key1", f"stat -c %s {COOKIE}")) >= 32
    assert len(nodes.launchers()) == 1
    assert "2048 bit" in nodes.lab.sh("key2", f"openssl pkey -in {PEM} -noout -text")
    assert nodes.lab.sh("key2", f"head -1 {PEM}") == "-----BEGIN PRIVATE KEY-----\n"
    assert nodes.lab.sh("key2", f"openssl pkey -in {PEM} -pubout") == nodes.lab.sh("key4", f"cat {PUB}")
    assert nodes.run().changed == 0


def test_two_different(nodes: Nodes) -> None:
    nodes.give("key1", "key2")
    nodes.give("key3", cookie=OTHER)
    before = nodes.cookies()
    run = nodes.run()
    assert run.rc != 0
    for words in ("key1", "key2", "key3", sha(MINE)[:12], sha(OTHER)[:12], "keys_adopt_from"):
        assert words in run.output
    assert nodes.cookies() == before
    assert nodes.run(keys_adopt_from="key3").rc == 0
    assert set(nodes.cookies().values()) == {sha(OTHER)}


def test_two_that_differ_by_the_last_newline(nodes: Nodes) -> None:
    nodes.give("key1")
    nodes.give("key2", cookie=MINE.rstrip("\n"))
    assert nodes.run().rc != 0


def test_supplied_matches(nodes: Nodes) -> None:
    nodes.give("key2")
    assert nodes.run(keys_cookie_key=MINE).rc == 0
    assert set(nodes.cookies().values()) == {sha(MINE)}


def test_supplied_differs(nodes: Nodes) -> None:
    nodes.give("key2")
    before = nodes.cookies()
    run = nodes.run(keys_cookie_key=OTHER)
    assert run.rc != 0
    assert "keys_cookie_key" in run.output
    assert "key2" in run.output
    assert nodes.cookies() == before


def test_limit_new_node(nodes: Nodes) -> None:
    nodes.give("key1", "key2", "key3")
    run = nodes.run("--limit", "key4")
    assert run.rc == 0, run.output
    assert nodes.cookies()["key4"] == sha(MINE)
    assert set(run.recap) == {"key4"}


def test_unreachable_member(nodes: Nodes) -> None:
    """A member outside the run that cannot be asked: nothing proves that it has no key."""
    run = nodes.run("--limit", "key1,key2", keys_members=["key1", "key2", "gone"])
    assert run.rc != 0
    assert "gone" in run.output
    assert set(nodes.cookies().values()) == {""}


def test_check_mode_first_run(nodes: Nodes) -> None:
    run = nodes.run("--check", "--diff")
    assert run.rc == 0, run.output
    assert all(counts["changed"] for host, counts in run.recap.items() if host in NODES)
    assert set(nodes.cookies().values()) == {""}


def test_rotate(nodes: Nodes) -> None:
    nodes.give(*NODES)
    launchers = nodes.launchers()
    assert nodes.run(keys_policy="rotate").rc == 0
    (cookie,) = set(nodes.cookies().values())
    assert cookie != sha(MINE)
    assert nodes.launchers() != launchers


def test_rotate_under_a_running_server(nodes: Nodes) -> None:
    """Also of a member outside the run: it would go on with the old key."""
    nodes.give(*NODES)
    before = nodes.cookies()
    nodes.lab.sh("key3", "systemd-run --quiet --unit=rstudio-launcher sleep 600")
    try:
        run = nodes.run(keys_policy="rotate")
        assert run.rc != 0
        assert "key3: rstudio-launcher" in run.output
        assert nodes.cookies() == before
        assert nodes.run("--limit", "key1", keys_policy="rotate", keys_members=["key1", "key3"]).rc != 0
    finally:
        nodes.lab.sh("key3", "systemctl stop rstudio-launcher")
    assert nodes.run(keys_policy="rotate").rc == 0
    assert nodes.cookies() != before


def test_rotate_on_some_nodes_only(nodes: Nodes) -> None:
    nodes.give(*NODES)
    run = nodes.run("--limit", "key1,key2", keys_policy="rotate")
    assert run.rc != 0
    assert "key3, key4 is outside this run" in run.output
    assert set(nodes.cookies().values()) == {sha(MINE)}


def test_rotate_keeps_the_database_password(nodes: Nodes) -> None:
    """Key and database.conf change together: no moment at which a run cut off has lost the password."""
    nodes.give(*NODES)
    conf = "/etc/rstudio/database.conf"
    for node in NODES:
        nodes.lab.sh(node, f"umask 077 && cat > {conf}", stdin=f"password={encrypt('in use', MINE.encode())}\n")
    assert nodes.run(keys_policy="rotate").rc == 0
    for node in NODES:
        key = base64.b64decode(nodes.lab.sh(node, f"base64 -w0 {COOKIE}"))
        assert key.decode() != MINE
        assert decrypt(stored_password(nodes.lab.sh(node, f"cat {conf}")), key) == "in use"
    assert nodes.run().changed == 0


def test_a_password_whose_key_is_gone(nodes: Nodes) -> None:
    nodes.give(*NODES)
    lost = f"password={encrypt('in use', OTHER.encode())}\n"
    nodes.lab.sh("key2", "cat > /etc/rstudio/database.conf", stdin=lost)
    run = nodes.run()
    assert run.rc != 0
    assert "database.conf on key2" in run.output
    assert "database_password" in run.output
    assert nodes.run(database_password="given").rc == 0


def test_interrupted_after_generate(nodes: Nodes) -> None:
    """The first write is to one node alone, so a run cut off there leaves one holder, which the next run adopts."""
    nodes.lab.each(NODES[1:], "mkdir -p /etc/rstudio && mount -t tmpfs -o ro tmpfs /etc/rstudio")
    try:
        assert nodes.run().rc != 0
        held = nodes.cookies()["key1"]
        assert held
    finally:
        nodes.lab.each(NODES[1:], "umount /etc/rstudio")
    assert nodes.run().rc == 0
    assert set(nodes.cookies().values()) == {held}


def test_no_value_in_the_output(nodes: Nodes) -> None:
    run = nodes.run("-vvvv", "--diff")
    assert run.rc == 0
    assert "sha256" in run.output
    cookie = base64.b64decode(nodes.lab.sh("key1", f"base64 -w0 {COOKIE}"))
    pem = base64.b64decode(nodes.lab.sh("key1", f"base64 -w0 {PEM}"))
    for secret in (
        cookie.decode().strip(),
        base64.b64encode(cookie).decode()[:40],
        pem.decode().splitlines()[9],
        base64.b64encode(pem).decode()[300:360],
    ):
        assert secret not in run.output
