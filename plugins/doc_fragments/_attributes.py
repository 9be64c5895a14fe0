# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation that several modules of this collection share."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)).
    support: full
  idempotent:
    description: Run twice with the same options and nothing else changed, the second run reports no change.
    support: full
  platform:
    description: Target OS/families that can be operated against.
    support: full
    platforms: linux
"""

    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details:
      - This module only reads.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)).
    support: N/A
    details:
      - This module only reads.
  idempotent:
    description: Run twice with the same options and nothing else changed, the second run reports no change.
    support: full
    details:
      - This module only reads.
  platform:
    description: Target OS/families that can be operated against.
    support: full
    platforms: linux
"""

    # Of those with an action plugin.
    ACTION = r"""
options: {}
attributes:
  action:
    description: Indicates this has a corresponding action plugin so some parts of the options can be executed on the controller.
    support: full
"""

    # Of those whose action plugin asks no host, beside `ACTION`.
    CONTROLLER = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: none
    details:
      - Changes nothing on the hosts.
"""

    # Of the modules that prove a cluster: what they write is their own, on the share.
    TEST_FILES = r"""
options:
  user:
    description: User that reads and writes there, where root may not. Without it, the one that runs the module.
    type: str
  ttl:
    description:
      - Seconds after which test files that no node uses remove themselves. A step V(clean) of M(workbench.cluster.lock_test)
        removes them at once.
      - At least as long as all nodes need for a step.
    type: float
    default: 60
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details:
      - In check mode nothing is written to shared storage, so that what this would tell is none.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)).
    support: N/A
    details:
      - Nothing of the system is changed. Test files are this module's own.
  idempotent:
    description: Run twice with the same options and nothing else changed, the second run reports no change.
    support: full
    details:
      - Always reports no change. Test files are this module's own.
  platform:
    description: Target OS/families that can be operated against.
    support: full
    platforms: linux
"""
