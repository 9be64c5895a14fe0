# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster on which controllers die: two nodes and a database on containers, and what of it has to be the same in the end."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOSTS = ROOT / "molecule" / "chaos" / "inventory" / "hosts.yml"
LAB = [sys.executable, str(ROOT / "tests" / "lab" / "lab")]
SSH = ["ssh", "-F", str(ROOT / ".lab" / "ssh_config")]
PLACES = {"opt1": "10.203.0.71", "opt2": "10.203.0.72"}
NODES, DATABASE, DECLARATION = [*PLACES], "optdb", "options"
SEATS = "import json, urllib.request as u; print(sorted(json.load(u.urlopen('http://127.0.0.1:8080/seats')).items()))"
KEYS = ["secure-cookie-key", "launcher.pem", "launcher.pub"]
OURS = "/etc/rstudio /etc/workbench.cluster /etc/systemd/system"
LEFT = "ls -d /var/tmp/workbench* 2>/dev/null"
# Of each node. What a run makes by chance is left out where clusters are compared that were built apart: `MADE`.
OF_NODES = {
    "keys": f"cd /etc/rstudio && sha256sum {' '.join(KEYS)} 2>/dev/null; true",
    "database": "sha256sum /etc/rstudio/database.conf",
    "files": "cd /etc/rstudio && sha256sum $(find . -type f ! -name database.conf ! -name '*key*' ! -name 'launcher.p*' | sort)",
    "version": "rstudio-server version",
    "users": "getent passwd | awk -F: '$3 >= 20000 && $3 < 60000' | sort",
    "groups": "getent group | awk -F: '$3 >= 20000 && $3 < 60000' | sort",
    "twice": "for f in '1 /etc/passwd' '3 /etc/passwd' '1 /etc/group'; do cut -d: -f$f | sort | uniq -d; done",
    "homes": "stat -c '%n %U %a' /nfs/workbench/home/* | sort",
    # After a teardown that a host did not live through, its server has failed at the boot in between: it does not run either.
    "units": "for ask in enabled active; do systemctl is-$ask rstudio-server rstudio-launcher; done | sed s/^failed$/inactive/",
    "offline": "curl -s http://localhost:8787/load-balancer/status | grep -c offline; true",
    "rows": "rstudio-server list-nodes | awk -F '  +' '/^[0-9]+ /{print $2, $3, $4}' | sort",
    "mounts": "cat /etc/fstab; findmnt -rno TARGET,SOURCE /var/chaos/place; true",
    "left": f"{LEFT}; find {OURS} -name '*.new' -o -name '.ansible*' 2>/dev/null; true",
}
OF_DATABASE = {
    "roles": "su postgres -c \"psql -Atc 'select rolname from pg_roles order by 1'\"",
    "databases": "su postgres -c \"psql -Atc 'select datname from pg_database order by 1'\"",
    "seats": f'python3 -c "{SEATS}" 2>/dev/null; true',
}
MARK = "== "
MADE = ("keys", "database")
State = t.Dict[str, t.Dict[str, str]]


class Task(t.NamedTuple):
    """One that has ended, and the digest of what was seen after it; empty where nobody looked."""

    name: str
    sight: str


class Run(t.NamedTuple):
    """How a run of ansible-playbook ended, what it said, and the tasks that it ended."""

    rc: int
    output: str
    tasks: list[Task]

    @property
    def changed(self) -> int:
        recap = self.output.rpartition("PLAY RECAP")[2]
        return sum(int(word.partition("=")[2]) for word in recap.split() if word.startswith("changed="))


class Death(t.NamedTuple):
    """A host dies as the task of a name begins, the `time`-th time, or in the middle of a process of it, `amid`.

    `down`: what its server would serve is half there, so that it is not to start with the host.
    """

    host: str
    task: str
    time: int = 1
    amid: str = ""
    down: bool = False

    @property
    def command(self) -> list[str]:
        """The process stands still until its host is dead: `pgrep -f` finds it, and by the brackets not the one that asks."""
        kill = shlex.join([*LAB, "kill", self.host])
        stopped = f"until kill -STOP $(pgrep -nf '[{self.amid[:1]}]{self.amid[1:]}') 2>/dev/null; do sleep 0.05; done"
        return ["sh", "-ec", f"{shlex.join([*SSH, self.host, stopped])}; {kill}" if self.amid else kill]


def playbook(
    path: str,
    *argv: str,
    extra: t.Mapping[str, t.Any] | None = None,
    after: str = "",
    death: Death | None = None,
    look: t.Sequence[str] = (),
) -> Run:
    """Run a playbook of this project; the controller dies after the task `after`, or a host as `death` says.

    `look`: the command whose output tells after each task what all hosts are.
    """
    with tempfile.TemporaryDirectory() as folder:
        tasks = Path(folder, "tasks")
        killer = {
            "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests" / "chaos" / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "killer",
            "KILLER_TASKS": str(tasks),
            "KILLER_AFTER": after,
            "KILLER_LOOK": json.dumps(look) if look else "",
        }
        if death:
            killer |= {
                "KILLER_AT": death.task,
                "KILLER_TIME": str(death.time),
                "KILLER_COMMAND": json.dumps(death.command),
                "KILLER_WAITS": "" if death.amid else "yes",
            }
        done = subprocess.run(
            ["ansible-playbook", "-i", str(HOSTS), str(ROOT / path), *argv, "-e", json.dumps(extra or {})],
            cwd=ROOT,
            env={**os.environ, "ANSIBLE_FORCE_COLOR": "0", **killer},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=1800,
        )
        ended = tasks.read_text().splitlines() if tasks.exists() else []
        return Run(done.returncode, done.stdout, [Task(*json.loads(line)) for line in ended])


def sh(host: str, command: str, stdin: str = "") -> str:
    """What a command prints on a host. Raises where it fails."""
    return subprocess.run(
        [*SSH, host, command], input=stdin, capture_output=True, text=True, check=True, timeout=300
    ).stdout


def session(word: str) -> dict[str, t.Any]:
    """The only session there is: `start` it, or `join` it, wherever it runs by now."""
    if word == "start":
        for node in NODES:
            sh(node, "! command -v rstudio-server >/dev/null || rstudio-server kill-all")
        sh(NODES[0], "rm -rf /nfs/workbench/home/ada/.local")
    return dict(json.loads(sh(NODES[0], f"/usr/lib/rstudio-server/bin/fake-session {word} ada")))


def lab(*argv: str) -> None:
    subprocess.run([*LAB, *argv], check=True, stdout=subprocess.DEVNULL)


def state() -> State:
    """All that is to be the same whether the controller died or not."""
    return {host: told(host, asks) for host, asks in {DATABASE: OF_DATABASE, **dict.fromkeys(NODES, OF_NODES)}.items()}


def told(host: str, asks: t.Mapping[str, str]) -> dict[str, str]:
    """What each of some commands prints, and that it failed: on a host that left, or was emptied, some do."""
    script = "".join(f"echo '{MARK}{name}'; ({command}) || echo it ended with $?\n" for name, command in asks.items())
    parts = [part.partition("\n") for part in sh(host, script).split(MARK)[1:]]
    return {name: said for name, _end, said in parts}


def keys_of_nodes() -> set[str]:
    """The keys as they are now, also on hosts where there is nothing else yet."""
    return keys({node: told(node, {"keys": OF_NODES["keys"]}) for node in NODES})


def without(found: State, *names: str) -> State:
    return {host: {name: said for name, said in of.items() if name not in names} for host, of in found.items()}


def keys(found: State) -> set[str]:
    """The fingerprints of all keys that any node has, each with its file's name."""
    return {line for node in NODES for line in found[node]["keys"].splitlines()}
