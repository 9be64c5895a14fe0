# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from fake_workbench import further_files
from fake_workbench.config import ConfigError


def test_a_session_reads_its_file_as_the_server_does() -> None:
    text = "# a comment\nsession-timeout-minutes=30\nallow-shell = no # for now\n"
    assert further_files.parse_session(text) == {"session-timeout-minutes": ["30"], "allow-shell": ["no"]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("auth-timeout-minutes=1", "unrecognised option 'auth-timeout-minutes'"),
        ("session-timeout-minutes=2h", "for option 'session-timeout-minutes' is invalid"),
        ("allow-shell=perhaps", "for option 'allow-shell' is invalid"),
        ("allow-shell=1\nallow-shell=0", "cannot be specified more than once"),
    ],
)
def test_a_session_refuses(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        further_files.parse_session(text)


def test_sections_of_the_log() -> None:
    text = "; a comment\n# another\n[*]\nlog-level=info\n\n[@rserver]\nlog-level = debug\nmax-size-mb=1.5\n[file-locking]\n"
    assert further_files.parse_logging(text) == {
        "*": {"log-level": "info"},
        "@rserver": {"log-level": "debug", "max-size-mb": "1.5"},
        "file-locking": {},
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[*]\nloglevel=info", "Unknown param loglevel"),
        ("[*]\nlog-level=info\nlog-level=debug", "duplicate key name"),
        ("[*]\n[*]", "duplicate section name"),
        ("[*", "unmatched"),
        ("[*]\nlog-level", "'=' character not found"),
        ("[*]\n=info", "key expected"),
    ],
)
def test_the_log_refuses_the_file(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        further_files.parse_logging(text)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("rotate=1", False),
        ("rotate=true", True),
        ("rotate-days=two", True),
        ("log-level=WARN", False),
        ("log-level=loud", True),
        ("logger-type=file", False),
    ],
)
def test_the_log_reads_a_default_in_place_of(line: str, wrong: bool) -> None:
    assert bool(further_files.misread_logging(further_files.parse_logging(f"[*]\n{line}\n"))) is wrong


def test_variables_are_what_stands_behind_the_first_equals_sign() -> None:
    text = '# A=0\nA=1\n B="x y" # z \nno variable\nC=a=b\n'
    assert further_files.parse_env_vars(text) == {"A": "1", "B": '"x y" # z', "C": "a=b"}


def test_homes_of_r_by_line_and_by_block() -> None:
    text = "# a comment\n/opt/R/4.1.2\n\nPath: /apps/R\nLabel: R with: MKL\n\nPath: /apps/S\n"
    assert further_files.parse_r_versions(text) == [
        {"Path": "/opt/R/4.1.2"},
        {"Path": "/apps/R", "Label": "R with: MKL"},
        {"Path": "/apps/S"},
    ]


@pytest.mark.parametrize("text", ["Label: x\n", "Path: /a\nPath: /b\n", "Color: red\n", "nonsense\n"])
def test_homes_of_r_that_are_none(text: str) -> None:
    with pytest.raises(ConfigError, match="r-versions"):
        further_files.parse_r_versions(text)


def test_the_first_of_two_values_counts_in_the_crash_handlers_file() -> None:
    text = "# x=1\ncrash-handling-enabled=1\ncrash-handling-enabled=0\n"
    assert further_files.parse_settings(text) == {"crash-handling-enabled": "1"}
