# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every test may count on, however pytest was started: the project's own programs, collection and settings."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

# ansible-test brings its own.
if "ANSIBLE_CONTROLLER_MIN_PYTHON_VERSION" not in os.environ:
    if str(BIN) not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(ROOT / ".cache" / "collections")
    os.environ["ANSIBLE_CONFIG"] = str(ROOT / "examples" / "demo" / "ansible.cfg")
    os.environ["ANSIBLE_SSH_ARGS"] = f"-F {ROOT / '.lab' / 'ssh_config'}"
