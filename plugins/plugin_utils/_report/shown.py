# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines that stay lines when `debug` shows them."""

from __future__ import annotations

import typing as t

from ansible import constants as C
from ansible.plugins.loader import callback_loader


def as_shown(lines: t.Sequence[str]) -> str | list[str]:
    """As a list where results are shown as JSON, as one text where they are shown as YAML."""
    callback_loader.get("default", class_only=True)  # only then its options are known, and another may be in use
    result_format = C.config.get_config_value("result_format", plugin_type="callback", plugin_name="default")
    return list(lines) if result_format == "json" else "\n".join(lines)
