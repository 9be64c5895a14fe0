# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of plans and rules share."""

from __future__ import annotations

import subprocess
import typing as t

import jinja2
import pytest


@pytest.fixture(scope="session")
def pair() -> tuple[bytes, bytes]:
    """A private key and its public half as openssl writes them."""
    private = subprocess.run(["openssl", "genpkey", "-algorithm", "RSA"], capture_output=True, check=True).stdout
    public = subprocess.run(["openssl", "pkey", "-pubout"], input=private, capture_output=True, check=True).stdout
    return private, public


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The templates that were compiled, in their order."""
    sources: list[str] = []
    compile_one = jinja2.Environment.compile

    def counted(self: jinja2.Environment, source: t.Any, *args: t.Any, **kwargs: t.Any) -> t.Any:
        sources.append(str(source))
        return compile_one(self, source, *args, **kwargs)

    monkeypatch.setattr(jinja2.Environment, "compile", counted)
    return sources
