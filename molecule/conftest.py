# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scenarios' tests share: commands on the lab's hosts, and playbook runs whose output is kept."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from announced import apart

ROOT = Path(__file__).resolve().parents[1]
# The name of a task, and what is done as it begins.
At = t.Tuple[str, t.Callable[[], None]]


@dataclass
class Run:
    """A finished ansible-playbook: its exit code, all it printed, and its recap ``{host: {ok: n, changed: n, …}}``.

    `executions` of modules as ``{host: {play: {module: n}}}``; `plans`, the changes that it announced; and `deeds`, the tasks
    that changed something: tests/callbacks.
    """

    rc: int
    output: str
    executions: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    deeds: list[dict[str, t.Any]] = field(default_factory=list)
    plans: list[dict[str, t.Any]] = field(default_factory=list)

    @property
    def recap(self) -> dict[str, dict[str, int]]:
        lines = self.output.split("PLAY RECAP")[-1].splitlines()
        found = (re.match(r"^(\S+)\s+: (ok=.*)$", line) for line in lines)
        return {m[1]: {k: int(v) for k, v in (pair.split("=") for pair in m[2].split())} for m in found if m}

    @property
    def last(self) -> str:
        """What the last task that said something said."""
        return self.output.partition("PLAY RECAP")[0].rpartition("TASK [")[2]

    @property
    def changed(self) -> int:
        return sum(counts["changed"] for counts in self.recap.values())

    def executed(self, host: str, but: str = "") -> int:
        """How many modules ran on a host, without those of one name."""
        plays = self.executions.get(host, {}).values()
        return sum(number for modules in plays for module, number in modules.items() if module != but)


class Lab:
    """The running hosts."""

    def sh(self, host: str, command: str, check: bool = True, stdin: str | None = None) -> str:
        """What `command` prints on `host`; with `check`, a failure is an error that shows its stderr."""
        argv = ["ssh", "-F", str(ROOT / ".lab" / "ssh_config"), host, command]
        done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False, timeout=300)
        if check:
            assert done.returncode == 0, f"{host}: {command}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def each(self, hosts: t.Iterable[str], command: str) -> dict[str, str]:
        """What `command` prints on each host."""
        return {host: self.sh(host, command) for host in hosts}

    def control(self, *argv: str) -> None:
        """A verb of the lab itself."""
        subprocess.run([sys.executable, str(ROOT / "tests" / "lab" / "lab"), *argv], check=True, timeout=600)

    def playbook(
        self,
        playbook: Path | str,
        *argv: str,
        inventory: Path,
        extra: dict[str, t.Any] | None = None,
        at: At | None = None,
        **env: str,
    ) -> Run:
        """Run a playbook against the lab; once a task of the name in `at` begins, do what it says."""
        command = ["ansible-playbook", "-i", str(inventory), str(playbook), *argv]
        if extra:
            command += ["--extra-vars", json.dumps(extra)]
        with tempfile.TemporaryDirectory() as folder:
            written = {name: Path(folder, name + ".json") for name in ("executions", "deeds", "plans")}
            records = {
                "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests" / "callbacks"),
                "ANSIBLE_CALLBACKS_ENABLED": ",".join(written),
                **{f"{name.upper()}_FILE": str(path) for name, path in written.items()},
            }
            done = _finished(command, {"ANSIBLE_FORCE_COLOR": "0", **records, **env}, at)  # a recap in colour is none
            # A run that ends before its first play, such as --syntax-check, writes none.
            told = {name: json.loads(path.read_text()) for name, path in written.items() if path.exists()}
        run = Run(*done, **told)
        if Path(playbook).name == "site.yml" and run.rc == 0 and "--check" not in argv:
            assert apart(run.plans, run.deeds) == [], run.output[-8000:]
        return run


def _finished(command: list[str], env: dict[str, str], at: At | None) -> tuple[int, str]:
    """The exit code of a run, and its output; it has half an hour.

    Without the last of these variables Ansible shows a task's name only with its first result.
    """
    said: list[str] = []
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **env, "PYTHONUNBUFFERED": "1", **({"ANSIBLE_DISPLAY_SKIPPED_HOSTS": "1"} if at else {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        too_late = threading.Timer(1800, running.kill)
        too_late.start()
        for line in running.stdout or ():
            said.append(line)
            if at and re.match(rf"TASK \[(.* : )?{re.escape(at[0])}\]", line):
                at[1]()
                at = None
        too_late.cancel()
    assert at is None, f"no task was named {at}"
    return running.returncode, "".join(said)


@pytest.fixture(scope="session")
def lab() -> Lab:
    return Lab()


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT
