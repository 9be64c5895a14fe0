"""What every test may count on, however pytest was started: the project's own programs, collection and settings."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

if str(BIN) not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(ROOT / ".cache" / "collections")
os.environ["ANSIBLE_CONFIG"] = str(ROOT / "examples" / "demo" / "ansible.cfg")
os.environ["ANSIBLE_SSH_ARGS"] = f"-F {ROOT / '.lab' / 'ssh_config'}"
