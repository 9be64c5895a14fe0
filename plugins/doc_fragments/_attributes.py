# Copyright: (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation that several modules of this collection share. **PRIVATE** to the collection."""

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
