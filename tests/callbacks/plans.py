# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run announced, to be held against what it changed."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: plans
type: aggregate
short_description: Record what a run announces
description:
  - Writes the changes of the last plan of the run, as JSON, to the file that the environment variable E(PLANS_FILE) names.
    A run without a plan writes none.
requirements: []
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "plans"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result: t.Any) -> None:
        if result.task.action == "workbench.cluster.plan":
            Path(os.environ["PLANS_FILE"]).write_text(json.dumps(result.result["changes"]))
