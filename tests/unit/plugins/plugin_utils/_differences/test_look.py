# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What roles ask of a host together, and what is said of one that cannot answer."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.look import joined, unanswered


@pytest.mark.parametrize(
    ("asks", "together"),
    [
        ([], {}),
        ([{"step": {}}, {"keys": {}}], {"step": {}, "keys": {}}),
        ([{"packages": ["a", "b"]}, {"packages": ["b", "c"]}], {"packages": ["a", "b", "c"]}),
        ([{"accounts": {"ranges": [{"name": "a"}]}}] * 2, {"accounts": {"ranges": [{"name": "a"}]}}),
        (
            [{"exports": {"paths": ["/a"]}}, {"exports": {"paths": ["/b"], "more": 1}}],
            {"exports": {"paths": ["/a", "/b"], "more": 1}},
        ),
        ([{"accounts": {"count": 3}}, {"accounts": {"count": 3}}], {"accounts": {"count": 3}}),
    ],
)
def test_roles_ask_together(asks: list[dict[str, t.Any]], together: dict[str, t.Any]) -> None:
    assert joined(asks) == together


def test_roles_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(Failure, match="3 and for 4 at once"):
        joined([{"accounts": {"count": 3}}, {"accounts": {"count": 4}}])


SYNTAX = """Traceback (most recent call last):
  File "<stdin>", line 12
    from __future__ import annotations
SyntaxError: future feature annotations is not defined
"""


@pytest.mark.parametrize("where", ["module_stderr", "module_stdout"])
def test_a_python_that_is_too_old_is_named(where: str) -> None:
    said = unanswered({"failed": True, "msg": "MODULE FAILURE", where: SYNTAX}, "2.19.14", "/usr/bin/python3")
    assert said == (
        "ansible-core 2.19.14 cannot run its modules with /usr/bin/python3, which is too old (SyntaxError: future "
        "feature annotations is not defined). Install a newer one beside it (3.8 or later for ansible-core 2.19, 3.9 for 2.20 "
        "and 2.21) and name it in ansible_python_interpreter, or use an older ansible-core. Nothing was changed."
    )


def test_another_failure_is_told_in_its_words() -> None:
    answer = {"failed": True, "msg": "MODULE FAILURE\nSee stderr", "module_stderr": "sudo: a password is required\n"}
    said = unanswered(answer, "2.19.14", "python3")
    assert said == "could not be looked at: MODULE FAILURE See stderr sudo: a password is required"
