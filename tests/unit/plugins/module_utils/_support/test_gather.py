# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host gives away: nothing secret of any file it has, not too much, and nothing through links of others."""

from __future__ import annotations

import base64
import json
import os
import typing as t
import zlib
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product.password import encrypt
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Support
from ansible_collections.workbench.cluster.plugins.module_utils._support import gather
from ansible_collections.workbench.cluster.plugins.module_utils._support.gather import end, shares, support, tail

COOKIE_KEY = "0b5c9d2e-cookie-key-of-this-cluster-4f6a"
# What no archive may have, by the file of /etc/rstudio it is in; `{}` stands for it.
PLANTED = {
    "secure-cookie-key": ("{}", COOKIE_KEY),
    "launcher.pem": ("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", "MIIEpAIBAAKCAQEAplanted1"),
    "database.conf": ("provider=postgresql\npassword={}\n", "planted-database-2"),
    "rserver.conf": ("www-port=8787\n# formerly: admin-password=planted-comment-3\nssl-key={}\n", "planted-option-3"),
    "launcher.slurm.conf": ("service-credential={}\n", "planted-slurm-4"),
    "openid-client-secret": ("client-id=wb\nclient-secret={}\n", "planted-openid-5"),
    "env-vars": ("HARMLESS_NAME={}\n", "planted-variable-6"),
    "some-token": ("{}\n", "planted-file-7"),
    "audit-database.conf": ("connection-uri=postgresql://a:{}@db/audit\n", "planted-uri-8"),
    "nginx.server.conf": ('proxy_set_header X-Api-Key "{}";\n', "planted-nginx-9"),
    "profiles.conf": ("[*]\nsession-token={}\n", "planted-profile-10"),
}
VALUES = [*(value for _text, value in PLANTED.values()), "planted-comment-3", "behind-the-cipher-11"]


def nobody(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    return 127, "", ""


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path.resolve() / "log"
    (folder / "rstudio-server").mkdir(parents=True)
    monkeypatch.setattr(gather, "LOGS", (str(folder),))
    monkeypatch.setattr(gather, "FILES", ())
    return folder


@pytest.fixture
def host(config_dir: Path, data_dir: Path, logs: Path) -> dict[str, t.Any]:
    """A node with a secret in each of its files, all of which its log repeats."""
    for name, (text, value) in PLANTED.items():
        file = config_dir / name
        file.write_text(text.format(value))
        file.chmod(0o600 if name in ("some-token", "secure-cookie-key", "launcher.pem") else 0o644)
    cipher = encrypt("behind-the-cipher-11", COOKIE_KEY.encode())
    (config_dir / "database.conf").write_text(f"password={cipher}\n# password=planted-database-2\n")
    said = [
        form
        for value in VALUES
        for form in (value, base64.b64encode(f"u:{value}".encode()).decode(), value.encode().hex())
    ]
    lines = [f"rserver[1]: ERROR nobody foresaw {form} here" for form in [*said, cipher]]
    (logs / "rstudio-server" / "rserver.log").write_text("\n".join(lines) + "\n")
    return {"config_dir": str(config_dir), "data_dir": str(data_dir), "key": "of the run", "hours": 1, "size": 100_000}


def texts(found: Support) -> dict[str, str]:
    unpacked: dict[str, str] = json.loads(zlib.decompress(base64.b64decode(found["content"])))
    return unpacked


def log_of(found: Support) -> str:
    return next(text for name, text in texts(found).items() if name.endswith("rserver.log"))


def test_no_secret_of_any_file_is_gathered(host: dict[str, t.Any]) -> None:
    found = support(nobody, host)
    whole = json.dumps([texts(found), found["errors"], found["sizes"]])
    for value in VALUES:
        for form in (value, value.encode().hex(), base64.b64encode(value.encode()).decode().rstrip("=")[:-2]):
            assert form not in whole, value
    assert log_of(found).count("rserver[1]: ERROR nobody foresaw") == 3 * len(VALUES) + 1


def test_configuration_is_there_as_the_product_reads_it(host: dict[str, t.Any]) -> None:
    found = texts(support(nobody, host))
    conf = found[host["config_dir"].strip("/") + "/rserver.conf"]
    assert conf.splitlines()[0] == "www-port=8787"
    assert conf.splitlines()[1].startswith("ssl-key=hidden-")
    assert "some-token" in found["state/other-files.json"]
    assert json.loads(found["state/keys.json"])["cookie_key"]["state"] == "present"


def test_the_end_of_a_long_log_is_gathered_and_said_to_be_cut(host: dict[str, t.Any], logs: Path) -> None:
    (logs / "rstudio-server" / "rserver.log").write_text("".join(f"line {number}\n" for number in range(100_000)))
    found = support(nobody, host)
    assert sum(found["sizes"].values()) <= host["size"]
    assert [name.rpartition("/")[2] for name in found["cut"]] == ["rserver.log"]
    lines = log_of(found).splitlines()
    assert lines[-1] == "line 99999"
    assert all(line.startswith("line ") for line in lines)


def test_links_of_others_are_not_followed(host: dict[str, t.Any], logs: Path, tmp_path: Path) -> None:
    (tmp_path / "shadow").write_text("of somebody else")
    (logs / "rstudio-server" / "a.log").symlink_to(tmp_path / "shadow")
    (logs / "elsewhere").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(logs / "rstudio-server" / "pipe.log")
    assert "of somebody else" not in json.dumps(texts(support(nobody, host)))
    assert tail(str(logs / "rstudio-server" / "a.log"), 100, no_link=True) is None
    assert tail(str(logs / "elsewhere" / "shadow"), 100, no_link=True) is None


def test_programs_and_journals_are_asked_and_their_secrets_are_gone(host: dict[str, t.Any]) -> None:
    def run(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        if argv[0] == "journalctl":
            return 0, f"said planted-slurm-4 to {argv[-1]}\n", ""
        return (3, "partly\n", "planted-openid-5\n") if "chronyc" in argv else (127, "", "")

    found = texts(support(run, host))
    assert found["journal/kernel.log"].startswith("said hidden-")
    assert found["state/clock.txt"].startswith("partly\nhidden-")
    assert found["state/clock.txt"].endswith("exit 3\n")
    assert "state/uptime.txt" not in found


def test_a_host_without_the_product_tells_the_rest(host: dict[str, t.Any], tmp_path: Path) -> None:
    found = support(nobody, {**host, "config_dir": str(tmp_path / "none")})
    assert not any("rserver.conf" in name for name in found["sizes"])
    assert any(name.endswith("rserver.log") for name in found["sizes"])


@pytest.mark.parametrize(
    ("sizes", "most", "found"),
    [
        ({"a": 10, "b": 20}, 100, {"a": 10, "b": 20}),
        ({"a": 10, "b": 900, "c": 900}, 110, {"a": 10, "b": 50, "c": 50}),
        ({"a": 900}, 0, {"a": 0}),
        ({}, 100, {}),
    ],
)
def test_small_ones_leave_room_for_the_others(sizes: dict[str, int], most: int, found: dict[str, int]) -> None:
    assert shares(sizes, most) == found


@pytest.mark.parametrize(
    ("most", "text", "whole"),
    [
        (12, "one\ntwo\nsix\n", True),
        (11, "two\nsix\n", False),
        (8, "two\nsix\n", False),
        (7, "six\n", False),
        (0, "", False),
    ],
)
def test_only_whole_lines_remain(most: int, text: str, whole: bool, tmp_path: Path) -> None:
    (tmp_path / "log").write_text("one\ntwo\nsix\n")
    assert end("one\ntwo\nsix\n", most) == (text, whole)
    assert tail(str(tmp_path / "log"), most) == (text, whole)
