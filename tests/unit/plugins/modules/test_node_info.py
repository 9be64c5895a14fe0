# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both phases on real directories; several nodes are several names on one host."""

from __future__ import annotations

import errno
import os
import pwd
import shutil
import socket
import stat
import tempfile
import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product import database as product_database
from ansible_collections.workbench.cluster.plugins.module_utils._share import folder as share
from ansible_collections.workbench.cluster.plugins.module_utils._share.markers import Marker
from ansible_collections.workbench.cluster.plugins.modules import node_info

Result = t.Dict[str, t.Any]
TOKEN = "5f3c970b-unit"
ME = pwd.getpwuid(os.geteuid()).pw_name
ROOT = os.geteuid() == 0
# Whoever runs the tests; another user where that is possible.
USER = "nobody" if ROOT else ME
UID = pwd.getpwnam(USER).pw_uid


class Cluster:
    """A share and a configuration directory, and nodes that report on them."""

    def __init__(self, root: Path, run_module: t.Callable[..., Result]) -> None:
        self.share, self.config = root / "share", root / "etc"
        for path in (self.share, self.config):
            path.mkdir()
            path.chmod(0o1777)
        self._run_module = run_module

    def folder(self, member: str = "n1", user: str | None = None) -> Path:
        return Path(Marker(TOKEN, member).folder(str(self.share), user))

    def folders(self) -> list[Path]:
        return list(self.share.glob(".workbench-verify-*"))

    def result(self, **options: t.Any) -> Result:
        defaults = {
            "name": "n1",
            "token": TOKEN,
            "paths": [str(self.share)],
            "config_dir": str(self.config),
            "data_dir": str(self.config),
            "timeout": 0.3,
            "database": {"host": "127.0.0.1", "port": 9},
        }
        return self._run_module(node_info.main, **{**defaults, **options})

    def node(self, **options: t.Any) -> Result:
        result = self.result(**options)
        assert result["changed"] is False
        node: Result = result["node"]
        return node

    def test(self, **options: t.Any) -> Result:
        test: Result = self.node(**options)["share"][str(self.share)]
        return test

    def seen(self, *names: str, **options: t.Any) -> Result:
        peers = [{"name": name, "host": "127.0.0.1", "ports": [9]} for name in names]
        seen: Result = self.node(phase="peers", peers=peers, **options)["seen"][str(self.share)]
        return seen


@pytest.fixture
def cluster(run_module: t.Callable[..., Result]) -> t.Iterator[Cluster]:
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        found = Cluster(Path(name), run_module)
        yield found
        for folder in found.folders():
            shutil.rmtree(folder, ignore_errors=True)


def test_report_is_complete(cluster: Cluster) -> None:
    (cluster.config / "rserver.conf").write_text("server-user=wb-service\n")
    node = cluster.node(users=[ME])
    assert set(node) == {
        *(
            "hostname",
            "machine_id",
            "service_user",
            "accounts",
            "id_rules",
            "key_files",
            "config",
            "unparsed",
            "versions",
            "mounts",
        ),
        *("share", "start", "database", "tls", "errors"),
    }
    assert (node["hostname"], node["service_user"]) == (socket.gethostname(), "wb-service")
    assert node["accounts"]["users"][ME]["uid"] == os.geteuid()
    assert ME in node["accounts"]["uids"][str(os.geteuid())]
    assert node["config"] == {"rserver.conf": {"server-user": ["wb-service"]}}
    assert node["key_files"]["cookie_key"]["state"] == "absent"
    assert node["database"]["reachable"] is False
    assert node["tls"] == []


def test_service_account_is_asked_for_by_name(cluster: Cluster) -> None:
    node = cluster.node(service_user=USER)
    assert set(node["accounts"]["users"]) == {USER}


def test_database_that_the_configuration_names(cluster: Cluster) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
    (cluster.config / "database.conf").write_text(
        f"provider=postgresql\nhost=127.0.0.1\nport={port}\npassword=hunter2\n"
    )
    node = cluster.node(database=None)
    assert (node["database"]["host"], node["database"]["port"]) == ("127.0.0.1", port)
    assert "hunter2" not in str(node)


@pytest.mark.parametrize(("own", "version"), [(True, "15.14"), (False, None)])
def test_only_the_configured_server_is_told_the_password(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, own: bool, version: str | None
) -> None:
    answer = {"reachable": True, "server_version": None, "error": None}
    monkeypatch.setattr(product_database, "reach_database", lambda *_arguments: dict(answer))
    monkeypatch.setattr(product_database, "ask_database", lambda *_arguments: ("15.14", {}))
    (cluster.config / "database.conf").write_text("provider=postgresql\nhost=db1\n")
    node = cluster.node(database={"host": "db1" if own else "db2"})
    assert node["database"]["server_version"] == version


def test_refused_login_is_told(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: t.Any) -> None:
        raise Failure("no pg_hba.conf entry")

    monkeypatch.setattr(product_database, "reach_database", lambda *_arguments: {"reachable": True, "error": None})
    monkeypatch.setattr(product_database, "ask_database", refuse)
    (cluster.config / "database.conf").write_text("provider=postgresql\nhost=db1\n")
    database = cluster.node(database=None)["database"]
    said = "PostgreSQL refuses the login of database.conf: no pg_hba.conf entry"
    assert database == {"reachable": True, "error": said, "session": None}


def test_no_secret_is_shown(cluster: Cluster) -> None:
    (cluster.config / "secure-cookie-key").write_text("d3161166-e89b-4158-af3b-5980e3056cc6\n")
    (cluster.config / "launcher.pem").write_text("the-private-key\n")
    (cluster.config / "openid-client-secret").write_text("client-secret=the-client\n")
    (cluster.config / "env-vars").write_text("A_TOKEN=the-token\nhttps_proxy=http://me:the-proxy@proxy:1\n")
    text = str(cluster.result())
    for secret in ("d3161166", "the-private-key", "the-client", "the-token", "the-proxy"):
        assert secret not in text


def test_certificates_in_use_are_read(cluster: Cluster) -> None:
    (cluster.config / "rserver.conf").write_text("ssl-enabled=1\nssl-certificate=/nonexistent.pem\n")
    (cluster.config / "launcher.conf").write_text("[server]\nenable-ssl=1\ncertificate-file=/nowhere.pem\n")
    found = [(entry["file"], entry["path"]) for entry in cluster.node()["tls"]]
    assert found == [("rserver.conf", "/nonexistent.pem"), ("launcher.conf", "/nowhere.pem")]


def test_marker_is_written_and_kept(cluster: Cluster) -> None:
    test = cluster.test()
    assert {name: test[name] for name in test if not name.startswith("acl")} == {
        "written": True,
        "chmod_kept": True,
        "root_squashed": False if ROOT else None,
        "error": None,
    }
    marker = cluster.folder() / "node-n1"
    assert stat.S_IMODE(marker.stat().st_mode) == 0o600
    assert stat.S_IMODE(cluster.folder().stat().st_mode) == 0o700


def test_marker_of_a_user(cluster: Cluster) -> None:
    assert cluster.test(user=USER)["written"] is True
    assert cluster.folders() == [cluster.folder("n1", USER)]
    made = {path.name: path.stat().st_uid for path in cluster.folders()[0].iterdir()}
    assert made == {"node-n1": UID, "shared-n1": UID}


def test_reporting_again_replaces_the_marker(cluster: Cluster) -> None:
    assert cluster.test()["written"] is cluster.test()["written"] is True


def test_markers_of_the_others_are_seen(cluster: Cluster) -> None:
    for name in ("n1", "n2"):
        cluster.node(name=name, user=USER)
    seen = cluster.seen("n1", "n2", "n3", user=USER)
    for name in ("n1", "n2"):
        assert (seen[name]["uid"], seen[name]["mode"], seen[name]["error"]) == (UID, "0600", None)
        assert seen[name]["delay"] >= 0
    assert seen["n3"]["delay"] is None
    assert "No such file" in seen["n3"]["error"]


def test_delay_is_how_long_one_has_to_look(cluster: Cluster) -> None:
    cluster.node()
    child = os.fork()
    if child == 0:
        time.sleep(0.5)
        (cluster.share / "late").mkdir()
        (cluster.share / "late" / "node-n2").write_text(f"{TOKEN} n2\n")
        os.rename(cluster.share / "late", cluster.folder("n2"))
        os._exit(0)
    seen = cluster.seen("n1", "n2", timeout=30)
    os.waitpid(child, 0)
    assert seen["n1"]["delay"] < seen["n2"]["delay"]


def test_marker_of_another_run_is_none(cluster: Cluster) -> None:
    """Another export may hold a folder of the same name."""
    cluster.node(name="n2")
    (cluster.folder("n2") / "node-n2").write_text("another-token n2\n")
    seen = cluster.seen("n2")["n2"]
    assert (seen["delay"], "does not say what was written" in seen["error"]) == (None, True)


def test_planted_link_is_not_followed(cluster: Cluster) -> None:
    precious = cluster.config / "precious"
    precious.write_text("kept")
    cluster.folder().mkdir(0o700)
    (cluster.folder() / "node-n1").symlink_to(precious)
    assert cluster.test()["written"] is True
    assert precious.read_text() == "kept"


def test_folder_that_is_a_link_is_refused(cluster: Cluster) -> None:
    cluster.folder().symlink_to(cluster.config)
    test = cluster.test()
    assert (test["written"], "is not a directory" in test["error"]) == (False, True)
    assert os.listdir(cluster.config) == []
    cluster.folder().unlink()


@pytest.mark.skipif(not ROOT, reason="needs a second account")
def test_folder_of_another_account_is_refused_and_left(cluster: Cluster) -> None:
    cluster.folder().mkdir()
    os.chown(cluster.folder(), UID, -1)
    os.utime(cluster.folder(), (1, 1))
    test = cluster.test()
    assert (test["written"], f"belongs to user {UID}" in test["error"]) == (False, True)
    cluster.seen("n1")
    assert (list(cluster.folder().iterdir()), cluster.folder().stat().st_mtime) == ([], 1)


@pytest.mark.parametrize("plant", [os.mkfifo, os.mkdir, lambda path: os.symlink("/etc/passwd", path)])
def test_marker_that_is_no_file_is_not_read(cluster: Cluster, plant: t.Callable[[Path], None]) -> None:
    cluster.folder("n2").mkdir(0o700)
    plant(cluster.folder("n2") / "node-n2")
    assert cluster.seen("n2")["n2"]["delay"] is None


@pytest.mark.skipif(not ROOT, reason="acts as root")
def test_squashed_root_uses_its_folder_again(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file server makes all that root makes somebody else's; that is told by a new file."""
    monkeypatch.setattr("os.fstat", squashed(os.fstat))
    assert (cluster.test()["written"], cluster.test()["error"]) == (True, None)
    assert cluster.test()["root_squashed"] is True


def squashed(fstat: t.Callable[[int], os.stat_result]) -> t.Callable[[int], os.stat_result]:
    def squash(descriptor: int) -> os.stat_result:
        found = fstat(descriptor)
        return os.stat_result([*found[:4], 65534, 65534, *found[6:]])

    return squash


@pytest.mark.parametrize(
    ("number", "squashed"), [(errno.EACCES, True), (errno.EPERM, True), (errno.EROFS, None), (errno.ENOSPC, None)]
)
def test_directory_that_root_may_not_write(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, number: int, squashed: bool | None
) -> None:
    """Refused to root is squashed; read-only or full says nothing about that."""

    def refuse(path: str, *_arguments: t.Any) -> None:
        raise OSError(number, os.strerror(number), path)

    monkeypatch.setattr("os.mkdir", refuse)
    test = cluster.test()
    assert (test["written"], test["chmod_kept"]) == (False, None)
    assert os.strerror(number) in test["error"]
    assert test["root_squashed"] is (squashed if ROOT else None)


def test_root_that_becomes_somebody_else(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a file server with root_squash does to each file of root."""
    write = share.write

    def squash(descriptor: int, name: str, content: str) -> os.stat_result:
        found = write(descriptor, name, content)
        return os.stat_result([*found[:4], 65534, 65534, *found[6:]])

    monkeypatch.setattr(share, "write", squash)
    assert cluster.test()["root_squashed"] is (True if ROOT else None)


def test_modes_that_are_not_kept(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fchmod", lambda *_arguments: None)
    test = cluster.test()
    assert (test["written"], test["chmod_kept"]) == (True, False)


def test_missing_directory(cluster: Cluster) -> None:
    node = cluster.node(paths=["/nonexistent/share"])
    test = node["share"]["/nonexistent/share"]
    assert (test["written"], test["root_squashed"]) == (False, None)
    assert node["mounts"] == {"/nonexistent/share": None}
    assert any("/nonexistent/share" in error for error in node["errors"])


def test_file_server_that_does_not_answer(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share, "PATIENCE", 0.2)
    monkeypatch.setattr("os.mkdir", lambda *_arguments: time.sleep(60))
    test = cluster.test()
    assert (test["written"], test["error"]) == (False, "no answer within 0.2 seconds")


def test_test_files_remove_themselves(cluster: Cluster) -> None:
    cluster.node(user=USER, ttl=0.5)
    until = time.monotonic() + 20
    while cluster.folders():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_ports_and_names(cluster: Cluster) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        node = cluster.node(phase="peers", peers=[{"name": "n2", "host": "127.0.0.1", "ports": [port]}])
    assert set(node) == {"seen", "peers", "errors"}
    assert node["peers"] == {"n2": {"address": ["127.0.0.1"], "ports": {str(port): "open"}}}


def test_check_mode_writes_nothing(cluster: Cluster) -> None:
    node = cluster.node(check_mode=True)
    assert (node["share"], node["mounts"].keys()) == (None, {str(cluster.share)})
    assert cluster.node(check_mode=True, phase="peers")["seen"] is None
    assert os.listdir(cluster.share) == []


@pytest.mark.parametrize("options", [{"token": None}, {"name": None}, {"token": "../../../etc"}, {"name": "../n1"}])
def test_refused_options(cluster: Cluster, options: Result) -> None:
    assert cluster.result(**options)["failed"] is True
    assert os.listdir(cluster.share) == []


def test_without_shared_storage_nothing_is_needed(cluster: Cluster) -> None:
    node = cluster.node(paths=None, name=None, token=None)
    assert (node["share"], node["mounts"]) == ({}, {})
