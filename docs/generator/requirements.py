# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of docs/verify.md, from what the code says about each requirement."""

from __future__ import annotations

import importlib

from generator.markup import code
from generator.options import table

BEGIN, END = "<!-- requirements: written by docs/reference.py -->\n", "<!-- end of requirements -->\n"
VERDICT = "ansible_collections.workbench.cluster.plugins.plugin_utils._verify.verdict"


def requirements_table() -> str:
    requirements = enumerate((file.REQUIREMENT for file in importlib.import_module(VERDICT).REQUIREMENTS), 1)
    rows = ([str(number), code(one.id), one.title, one.source] for number, one in requirements)
    return table(["#", "requirement", "what must hold", "source"], rows)


def with_requirements(text: str) -> str:
    """The document with its table written anew, between the two marks."""
    before, found, rest = text.partition(BEGIN)
    _old, also, after = rest.partition(END)
    if not (found and also):
        raise ValueError(f"docs/verify.md lacks {BEGIN.strip()} or {END.strip()}")
    return f"{before}{BEGIN}\n{requirements_table()}\n{END}{after}"
