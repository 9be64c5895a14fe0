#!/usr/bin/env python3
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it costs to build, keep, prove and ask a cluster, as a multiple of `ansible -m ping` over the same hosts in the same run.

Beside it stands `plain/`, the same cluster in Ansible's own modules. Both find the packages installed. Hosts are containers of
the lab: their share is a folder, which nodes mount by a bind; exports are left out, for a container has no NFS server.
What each figure is, and what it is to stay below: docs/performance.md.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / ".cache" / "collections"))

from ansible_collections.workbench.cluster.plugins.module_utils._product.password import (  # noqa: E402
    decrypt,
    encrypt,
    stored_password,
)

LAB = str(ROOT / "tests" / "lab" / "lab")
PACKAGES = ROOT / ".cache" / "packages"
VERSION = "2026.04.0+526.pro2"
DECLARATIONS = {3: ["bench"], 10: ["bench", "bench10"], 50: ["bench", "bench10", "bench50"]}
STORE, DATABASE = "10.203.0.91", "10.203.0.92"
# Users of the cluster, and with how many a run is compared to one with how many.
USERS, FEW, MANY = 100, 10, 1000
LOCK_TIMEOUT = 3
# All is measured, but a folder of this machine is no file system that proves itself shared.
NOT_SHARED = "Not proven: homes, shared-storage, locks, visibility, sharing."
FILES = {
    "rsession.conf": "session-timeout-minutes=120\n",
    "repos.conf": "CRAN=https://cran.example.com\n",
    "logging.conf": "[*]\nlog-level=warn\n",
    "vscode.conf": "enabled=0\n",
}


def users(number: int) -> list[dict[str, t.Any]]:
    """Of the cluster, all in a group besides their own."""
    return [
        {"name": f"user{i:04d}", "uid": 22000 + i, "comment": f"User {i}", "groups": ["analysts"]}
        for i in range(1, number + 1)
    ]


def members(size: int) -> dict[str, t.Any]:
    """The groups of the inventory."""
    nodes = {f"bench{i:02d}": {"ansible_host": f"10.203.0.{100 + i}"} for i in range(1, size + 1)}
    return {
        "workbench_nodes": {"hosts": nodes},
        "workbench_storage": {"hosts": {"benchstore": {"ansible_host": STORE}}},
        "workbench_database": {"hosts": {"benchdb": {"ansible_host": DATABASE}}},
    }


def ours(size: int, number: int) -> dict[str, t.Any]:
    """The inventory of `site`, with a number of users."""
    groups = members(size)
    groups["workbench_nodes"]["vars"] = {"clock_servers": [STORE]}
    groups["workbench_storage"]["vars"] = {
        "clock_local_stratum": 10,
        "clock_serve_networks": ["10.203.0.0/24"],
        "nfs_server_manage": False,
    }
    groups["workbench_database"]["vars"] = {"clock_servers": [STORE]}
    groups["all"] = {
        "vars": {
            "ansible_user": "root",
            "clock_wait": 0,
            "storage_fstype": "none",
            "storage_options": "bind",
            "storage_mounts": [
                {
                    "path": "/nfs/workbench/home",
                    "src": "/srv/share/home",
                    "owner": "root",
                    "group": "root",
                    "mode": "0755",
                },
                {
                    "path": "/nfs/workbench/shared-storage",
                    "src": "/srv/share/shared-storage",
                    "owner": "nobody",
                    "group": "nogroup",
                    "mode": "1777",
                },
            ],
            "accounts_users": users(number),
            "accounts_groups": [{"name": "analysts", "gid": 30001}],
            "accounts_id_range": [20000, 29999],
            "server_package": str(PACKAGES / f"rstudio-server_{VERSION}_amd64.deb"),
            "server_version": VERSION,
            "server_r_versions": ["4.4.1"],
            "server_r_package": str(PACKAGES / "r-{version}_1_amd64.deb"),
            "server_files": [{"path": f"/etc/rstudio/{name}", "content": text} for name, text in FILES.items()],
            "verify_lock_refresh": 1,
            "verify_lock_timeout": LOCK_TIMEOUT,
            "verify_report_dir": "",
        }
    }
    return groups


class Secrets(t.NamedTuple):
    """What the nodes of a cluster share."""

    cookie: str
    private: str  # PEM
    public: str
    password: str  # of the database


def made() -> Secrets:
    """As an admin makes them by hand."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return Secrets(os.urandom(32).hex(), pem.decode(), public.decode(), os.urandom(12).hex())


def found(address: str) -> Secrets:
    """Those of the cluster that a node belongs to."""

    def read(name: str) -> str:
        ssh = ["ssh", *shlex.split(os.environ.get("ANSIBLE_SSH_ARGS", "")), f"root@{address}"]
        return subprocess.run([*ssh, "cat", f"/etc/rstudio/{name}"], check=True, capture_output=True, text=True).stdout

    cookie, ciphertext = read("secure-cookie-key"), stored_password(read("database.conf"))
    return Secrets(cookie, read("launcher.pem"), read("launcher.pub"), decrypt(ciphertext, cookie.encode()))


def plain(size: int, number: int, secrets: Secrets) -> dict[str, t.Any]:
    """The inventory of `plain/site.yml`."""
    groups = members(size)
    nodes = groups["workbench_nodes"]["hosts"].values()
    access = {"contype": "host", "databases": "rstudio", "users": "rstudio", "method": "scram-sha-256"}
    groups["all"] = {
        "vars": {
            "ansible_user": "root",
            "plain_groups": [
                {"name": "analysts", "gid": 30001},
                *({"name": user["name"], "gid": user["uid"]} for user in users(number)),
            ],
            "plain_users": [{**user, "group": user["name"]} for user in users(number)],
            "plain_database_password": secrets.password,
            "plain_database_ciphertext": encrypt(secrets.password, secrets.cookie.encode()),
            "plain_access": [{**access, "address": f"{node['ansible_host']}/32"} for node in nodes],
            "plain_keys": [
                {"name": "secure-cookie-key", "content": secrets.cookie, "owner": "root"},
                {"name": "launcher.pem", "content": secrets.private, "owner": "rstudio-server"},
                {"name": "launcher.pub", "content": secrets.public, "owner": "rstudio-server"},
            ],
        }
    }
    return groups


@dataclasses.dataclass
class Bench:
    """A cluster of `size` nodes; `inventories` are files by the name of what reads them."""

    size: int
    folder: Path
    pings: int
    users: int = USERS
    runs: int = 0
    inventories: dict[str, Path] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        self.write("ours", ours(self.size, self.users))
        self.write("plain", plain(self.size, self.users, made()))

    def write(self, name: str, content: dict[str, t.Any]) -> None:
        self.inventories[name] = self.folder / f"{name}-{self.size}.json"
        self.inventories[name].touch(mode=0o600)
        self.inventories[name].write_text(json.dumps(content))

    def hand_over(self) -> None:
        """Have the other way find the cluster that `site` built, and keep its secrets."""
        first = members(self.size)["workbench_nodes"]["hosts"]["bench01"]["ansible_host"]
        self.write("plain", plain(self.size, self.users, found(first)))

    def hosts(self) -> None:
        """New ones, with packages."""
        for name in reversed(DECLARATIONS[50]):
            subprocess.run([LAB, "down", name], check=True, stdout=subprocess.DEVNULL)
        for name in DECLARATIONS[self.size]:
            subprocess.run([LAB, "up", name], check=True, stdout=subprocess.DEVNULL)
        debs = [f"rstudio-server_{VERSION}_amd64.deb", "r-4.4.1_1_amd64.deb"]
        local = " ".join(f"/srv/share/packages/{deb}" for deb in debs)
        wanted: dict[str, t.Any] = {
            "bench_packages": [str(PACKAGES / deb) for deb in debs],
            "bench_installed": [
                f"{{{{ 'nfs-common {local}' if 'workbench_nodes' in group_names else '' }}}}",
                "{{ 'postgresql python3-psycopg2 acl' if 'workbench_database' in group_names else '' }}",
                "chrony",
            ],
        }
        self.run("ours", "tests/bench/prepare.yml", **wanted)

    def ping(self, pattern: str = "all") -> float:
        """The least of some: what the machine does besides only adds."""
        command = ["ansible", pattern, "-i", str(self.inventories["ours"]), "-m", "ansible.builtin.ping"]
        return min(timed(command)[0] for __ in range(self.pings))

    def run(self, inventory: str, playbook: str, same: bool = False, **extra: t.Any) -> tuple[float, dict[str, int]]:
        """Seconds, and how many modules were executed on each host; one of the `same` must change nothing."""
        self.runs += 1
        written = ROOT / ".cache" / "results" / f"bench-{self.size}-{self.runs:02d}-{inventory}-{Path(playbook).stem}"
        counts = written.with_suffix(".json")
        seconds, output = timed(
            ["ansible-playbook", "-i", str(self.inventories[inventory]), playbook, "-e", json.dumps(extra)],
            ANSIBLE_CALLBACK_PLUGINS=str(ROOT / "tests" / "callbacks"),
            ANSIBLE_CALLBACKS_ENABLED="executions",
            EXECUTIONS_FILE=str(counts),
        )
        written.with_suffix(".log").write_text(output)
        if same and re.search(r"changed=[1-9]", output):
            sys.exit(f"{playbook} changed something:\n{output[-6000:]}")
        return seconds, {
            host: sum(sum(modules.values()) for modules in plays.values())
            for host, plays in json.loads(counts.read_text()).items()
        }


def timed(command: list[str], **environment: str) -> tuple[float, str]:
    """Seconds and output of a command that succeeds, or is a `verify` that comes to the verdict it comes to here."""
    begun = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode and NOT_SHARED not in done.stdout:
        failed = ROOT / ".cache" / "results" / "bench-failed.log"
        failed.write_text(done.stdout)
        sys.exit(f"{' '.join(command)}\nfailed: {failed}\n{done.stdout[-2000:]}")
    return time.monotonic() - begun, done.stdout


@dataclasses.dataclass
class Table:
    """Prints each figure as it is known: how long, how many pings that is, and what it is to stay below."""

    size: int
    ping: float = 0.0

    def against(self, bench: Bench) -> None:
        """What follows is counted in pings of now: of minutes ago they are another machine's."""
        self.ping = bench.ping()
        self.row("ping, all hosts", self.ping)

    def row(self, what: str, seconds: float, counts: dict[str, int] | None = None, limit: str = "") -> None:
        most = max((number for host, number in (counts or {}).items() if host != "localhost"), default=0)
        print(
            f"{self.size:>5}  {what:<36} {seconds:>8.1f} s {seconds / self.ping:>7.1f}x  {most or '':>6}  {limit}",
            flush=True,
        )

    def ratio(self, what: str, ratio: float, limit: str) -> None:
        print(f"{self.size:>5}  {what:<36} {'':>10} {ratio:>7.1f}x  {'':>6}  {limit}", flush=True)


PLAIN = "tests/bench/plain/site.yml"
SITE, VERIFY, STATUS = "playbooks/site.yml", "playbooks/verify.yml", "playbooks/status.yml"
LIMITS = {3: "6x, 2 executions", 10: "2 executions", 50: "4x, 2 executions"}


def measure(bench: Bench, parts: set[str], built_before: bool) -> None:
    table = Table(bench.size)
    if not built_before:
        bench.hosts()
    table.against(bench)
    built: dict[str, float] = {}
    unchanged: dict[str, float] = {}
    if "plain" in parts:
        built["plain"], counts = bench.run("plain", PLAIN)
        table.row("plain: first build", built["plain"], counts)
        unchanged["plain"], counts = bench.run("plain", PLAIN, same=True)
        table.row("plain: no change", unchanged["plain"], counts)
        bench.run("ours", STATUS)  # what the other way built is a cluster
        if parts - {"plain"}:
            bench.hosts()
            table.against(bench)
    if "site" in parts:
        if not built_before:
            built["site"], counts = bench.run("ours", SITE)
            table.row("site: first build", built["site"], counts)
        table.against(bench)
        unchanged["site"], counts = bench.run("ours", SITE, same=True)
        table.row("site: no change", unchanged["site"], counts, LIMITS[bench.size])
    if "verify" in parts:
        nodes = bench.ping("workbench_nodes")
        table.row("ping, nodes", nodes)
        seconds, counts = bench.run("ours", VERIFY)
        table.row("verify", seconds, counts, f"8x and {LOCK_TIMEOUT} s at 50, 6 executions and lock steps")
        table.ratio("verify without the wait, of nodes", (seconds - LOCK_TIMEOUT) / nodes, "8x at 50")
        seconds, counts = bench.run("ours", STATUS)
        table.row("status", seconds, counts)
        table.ratio("status, of nodes", seconds / nodes, "2x")
    if "users" in parts:
        few, __ = bench.run("ours", SITE, same=True, accounts_users=users(FEW))
        table.row(f"site: no change, {FEW} users", few)
        first, __ = bench.run("ours", SITE, accounts_users=users(MANY))
        table.row(f"site: {MANY} users, first", first)
        many, __ = bench.run("ours", SITE, same=True, accounts_users=users(MANY))
        table.row(f"site: no change, {MANY} users", many)
        table.ratio(f"{MANY} users to {FEW}", many / few, "1.3x")
    if "site" in parts:
        table.against(bench)
        option: dict[str, t.Any] = {"server_rserver_conf": {"auth-timeout-minutes": 45}, "server_restart": "never"}
        seconds, counts = bench.run("ours", SITE, **option)
        table.row("site: an option, restart excluded", seconds, counts, "8x at 50")
    if "converged" in parts:
        bench.hand_over()
        seconds, counts = bench.run("plain", PLAIN)
        table.row("plain: takes the cluster over", seconds, counts)
        unchanged["plain"], counts = bench.run("plain", PLAIN, same=True)
        table.row("plain: no change", unchanged["plain"], counts)
    if len(built) == 2:
        table.ratio("plain to site: first build", built["plain"] / built["site"], "at least 5x")
    if len(unchanged) == 2:
        least = 10 if bench.size == 3 else 20
        table.ratio("plain to site: no change", unchanged["plain"] / unchanged["site"], f"at least {least}x")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, nargs="+", choices=sorted(DECLARATIONS), default=sorted(DECLARATIONS))
    every = ["plain", "site", "verify", "users"]
    what = "what to measure; converged: the other way without a change, on the cluster that site built"
    parser.add_argument("--part", nargs="+", choices=[*every, "converged"], default=every, help=what)
    parser.add_argument("--pings", type=int, default=3, metavar="N", help="how many pings, the fastest of which counts")
    parser.add_argument("--users", type=int, default=USERS, metavar="N", help=f"users of the cluster ({USERS})")
    parser.add_argument("--keep", action="store_true", help="leave the hosts of the last size up")
    parser.add_argument("--built", action="store_true", help="measure the cluster that --keep left, as site built it")
    options = parser.parse_args()
    if set(options.part) & {"verify", "users", "converged"} and "site" not in options.part:
        parser.error("verify, users and converged need the cluster that site builds")
    if {"plain", "converged"} <= set(options.part):
        parser.error("plain measures on hosts of its own what converged does")
    if options.built and (len(options.size) > 1 or "plain" in options.part):
        parser.error("--built goes with one --size, and not with the part plain")
    (ROOT / ".cache" / "results").mkdir(parents=True, exist_ok=True)
    print(f"{'nodes':>5}  {'what':<36} {'time':>10} {'pings':>8}  {'most':>6}  limit")
    with tempfile.TemporaryDirectory() as folder:
        for size in options.size:
            measure(Bench(size, Path(folder), options.pings, options.users), set(options.part), options.built)
    if not options.keep:
        for name in reversed(DECLARATIONS[50]):
            subprocess.run([LAB, "down", name], check=True, stdout=subprocess.DEVNULL)
    return 0


if __name__ == "__main__":
    sys.exit(main())
