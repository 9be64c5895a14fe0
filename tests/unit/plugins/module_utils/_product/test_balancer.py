# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The admin's balancer is run as the server would run it, and judged by its answer."""

from __future__ import annotations

import os
import pwd
import typing as t
from pathlib import Path

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product import balancer

ACCOUNT = pwd.getpwuid(os.getuid()).pw_name
SAMPLE: dict[str, t.Any] = {"account": ACCOUNT, "user": "ada", "nodes": ["n1:8787", "n2:8787"], "resolve": False}


@pytest.mark.parametrize(
    ("script", "passed", "words"),
    [
        ('#!/bin/sh\necho "${RSTUDIO_NODES##*,}"\n', True, ""),
        ('#!/bin/sh\n[ "$RSTUDIO_USERNAME" = ada ] && echo n1:8787\n', True, ""),
        ("#!/bin/sh\necho n1\n", False, "answered 'n1', which is none of n1:8787, n2:8787"),
        ("#!/bin/sh\n", False, "answered ''"),
        ("#!/bin/sh\necho n1:8787; echo n2:8787\n", False, "which is none of"),
        ("#!/bin/sh\necho n1:8787; echo no host left >&2; exit 3\n", False, "ended with 3: no host left"),
        ("#!/no/such/program\necho n1:8787\n", False, "cannot be executed: No such file or directory"),
        ("echo n1:8787\n", False, "cannot be executed: Exec format error"),
        ("#!/bin/sh\nsleep 60\n", False, "did not answer within 0.5 seconds"),
        ("#!/bin/sh\ncat; echo $HOME n1:8787\n", True, ""),
    ],
)
def test_answer(script: str, passed: bool, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(balancer, "PATIENCE", 0.5)
    trial = balancer.try_script(script, SAMPLE)
    assert (trial["passed"], words in trial["said"]) == (passed, True), trial


def test_it_runs_as_the_account_of_the_server_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can become another account")
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents[:-2]:
        parent.chmod(0o755)
    monkeypatch.setattr(balancer, "PLACES", (str(tmp_path),))
    script = '#!/bin/sh\n[ "$(id -un)" = nobody ] && echo n1:8787\n'
    assert balancer.try_script(script, {**SAMPLE, "account": "nobody"})["passed"] is True
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_concluded_where_it_cannot_run_yet() -> None:
    gone = balancer.try_script("#!/bin/sh\n", {**SAMPLE, "account": "no-such-account"})
    assert gone == {"passed": None, "said": "there is no account no-such-account"}
    unknown = balancer.try_script("#!/bin/sh\n", {**SAMPLE, "nodes": ["no-such-host.invalid:1"], "resolve": True})
    assert (unknown["passed"], "cannot be resolved" in unknown["said"]) == (None, True)


def test_names_become_addresses_where_the_product_does_that() -> None:
    script = "#!/bin/sh\necho 127.0.0.1:8787\n"
    sample = {**SAMPLE, "nodes": ["localhost:8787"]}
    assert balancer.try_script(script, {**sample, "resolve": True})["passed"] is True
    assert balancer.try_script(script, sample)["passed"] is False


@pytest.mark.parametrize(("mode", "executable"), [(0o755, True), (0o644, False), (None, False)])
def test_program_that_is_there(mode: int | None, executable: bool, tmp_path: Path) -> None:
    program = tmp_path / "balancer"
    if mode is not None:
        program.write_text("#!/bin/sh\n")
        program.chmod(mode)
    found = balancer.read_balancer({"program": str(program), "script": "", **SAMPLE})
    assert found == {"program": str(program), "executable": executable, "trial": None}
