# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-test runs to put pip into its environments, where its own download is out of reach: ensurepip, then PyPI."""

from __future__ import annotations

import ensurepip
import os
import subprocess
import sys

ensurepip.bootstrap(default_pip=True)
os.environ.pop("PIP_CONFIG_FILE", None)  # ensurepip switches the configuration of pip off
wanted = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
if wanted:
    sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", *wanted]))
