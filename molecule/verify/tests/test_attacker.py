# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A user of the share attacks `verify` for as long as it runs: nothing is obeyed, and nothing of hers is touched."""

from __future__ import annotations

import json
import subprocess
import typing as t
from pathlib import Path

import pytest

if t.TYPE_CHECKING:
    from conftest import Lab

NODES = ["node1", "node2", "node3"]
HOME, SHARED = "/nfs/workbench/home", "/nfs/workbench/shared-storage"
BAITS = ["/root/bait", f"{HOME}/ada/bait"]
# Old, as a stale lock is.
BAIT = "echo kept > {0} && chown {1} {0} && chmod 600 {0} && touch -d @1000000000 {0}"
STATE = "for file in {}; do stat -c '%i %u %a %Y %s' $file; cat $file; done; ls -A /root | grep made || true"
PLANTED = f"find {HOME} {SHARED} -maxdepth 2 -name '.workbench-verify-*' -user grace"


@pytest.fixture
def attack(lab: Lab, root: Path) -> t.Iterator[t.Callable[[], dict[str, t.Any]]]:
    """Runs on node3, as grace; what is returned ends it and says what it saw and planted."""
    program = root / "tests" / "attacker" / "attack.py"
    subprocess.run(
        ["scp", "-q", "-F", str(root / ".lab" / "ssh_config"), str(program), "node3:/tmp/attack.py"], check=True
    )

    def end() -> dict[str, t.Any]:
        wait = "pkill -TERM -u grace -f attack.py; while pgrep -u grace -f attack.py; do sleep 0.2; done >/dev/null"
        said = lab.sh("node3", f"{wait}; cat /tmp/attack.json /tmp/attack.err")
        report: dict[str, t.Any] = json.loads(said)
        return report

    try:
        for node in NODES:
            lab.sh(node, BAIT.format("/root/bait", "root"))
        lab.sh("node1", BAIT.format(f"{HOME}/ada/bait", "ada"))
        baits = " ".join(f"--bait {bait}" for bait in [*BAITS, "/root/made"])
        lab.sh(
            "node3",
            f"cd /; setsid runuser -u grace -- python3 /tmp/attack.py --seconds 900 {baits} {SHARED} {HOME} {HOME}/ada "
            "> /tmp/attack.json 2> /tmp/attack.err < /dev/null & sleep 1; pgrep -u grace -f attack.py",
        )
        yield end
    finally:
        lab.sh("node3", "pkill -KILL -u grace -f attack.py || true")
        lab.sh("node1", f"{PLANTED} -exec rm -rf {{}} +; rm -f {HOME}/ada/bait")
        lab.each(NODES, "rm -f /root/bait")


@pytest.mark.parametrize("user", ["ada", ""], ids=["as a user", "as root"])
def test_nothing_that_a_user_of_the_share_planted_is_obeyed_or_touched(
    attack: t.Callable[[], dict[str, t.Any]], lab: Lab, root: Path, tmp_path: Path, user: str
) -> None:
    state = STATE.format(" ".join(BAITS))
    before = lab.each(NODES, state)
    extra = {
        "verify_lock_user": user,
        "verify_lock_refresh": 1,
        "verify_lock_timeout": 8,
        "verify_report_dir": str(tmp_path),
    }
    inventory = root / "examples" / "demo" / "hosts.yml"
    done = lab.playbook(root / "playbooks" / "verify.yml", inventory=inventory, extra=extra)
    said = attack()
    assert said["seen"], "she saw nothing to attack"
    assert said["planted"] > 0
    assert said["touched"] == []
    assert lab.each(NODES, state) == before
    assert done.rc == 0, done.output[-6000:]
    report = json.loads((tmp_path / "report.json").read_text())
    assert {requirement["verdict"] for requirement in report["requirements"]} == {"pass"}, done.output[-6000:]
    (locks,) = (requirement for requirement in report["requirements"] if requirement["id"] == "locks")
    named = [finding["measured"] for finding in locks["findings"] if "Test files lie" in finding["what"]]
    assert any("of user 20002" in text for text in named), locks["findings"]
    ours = f"find {HOME} {SHARED} -maxdepth 2 -name '.workbench-verify-*' ! -user grace"
    assert lab.sh("node1", ours) == ""
