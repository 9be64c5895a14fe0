# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One log line, in the program's file and on stderr (which is the journal under systemd)."""

from __future__ import annotations

import os
import sys
import time

from fake_workbench import paths


class Log:
    def __init__(self, program: str, path: str = paths.LOG) -> None:
        self.program = program
        self.path = path

    def __call__(self, level: str, message: str) -> None:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        line = f"{stamp} [{self.program}] {level} {message}\n"
        sys.stderr.write(line)
        sys.stderr.flush()
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(line)
