# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The nodes are as the inventory says: the playbook site would change nothing on them. Pure.

Asked of a cluster that this collection has built; of one that was built by hand the inventory does not say how it is to be.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._differences.change import CANNOT_BE_TOLD
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import by_sentence, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    NOTE,
    PASS,
    UNKNOWN,
    Fault,
    Finding,
    Requirement,
)

REQUIREMENT = Requirement(
    id="inventory",
    title="The nodes are as the inventory says",
    source="the plan of the playbook site",
    needs=("compared",),
)

AS_SAID = "what the inventory says, and nothing for site to do"
LOOK = "ansible-playbook workbench.cluster.site --check --diff"
CHANGED = Fault(
    "site would change {what} ({role})",
    wanted=AS_SAID,
    remedy=f"See it with {LOOK}, then run site; or write into the inventory what is to stay.",
)
REFUSED = Fault("site would refuse to run", wanted=AS_SAID, remedy="Do what the sentence says, and run verify again.")
UNDECIDED = Fault(
    "What site would do cannot be told",
    wanted=AS_SAID,
    remedy="Bring up the nodes that do not answer, and run verify again.",
    verdict=UNKNOWN,
)
UNTOLD = Fault(
    "Whether site would change {what} ({role}) cannot be told",
    wanted=AS_SAID,
    remedy=f"Mend what keeps from looking at it, or see what {LOOK} says.",
    verdict=UNKNOWN,
)
WORTH_KNOWING = Fault("{note}", verdict=NOTE)
AS_IT_IS = Fault("site would change nothing", verdict=PASS)


def applies(e: Evidence) -> bool:
    """Whether this was asked: of a cluster on which nothing is ours it is not (`built`)."""
    return e.compared is not None


def judge(e: Evidence) -> t.Iterator[Finding]:
    compared = e.compared or {}
    changes: dict[tuple[str, str, bool], dict[str, str]] = {}
    for host, told in compared.items():
        for change in told["changes"]:
            untold = CANNOT_BE_TOLD in change["why"]
            changes.setdefault((change["role"], change["what"], untold), {})[host] = change["why"]
    for (role, what, untold), why in changes.items():
        yield (UNTOLD if untold else CHANGED)(why, measured=spread(why), what=what, role=role)
    refused = {host: " ".join(told["problems"]) for host, told in compared.items() if told["problems"]}
    if refused:
        # What is decided for all of them may be for want of the others.
        everybody = all(member in compared for member in e.members)
        yield (REFUSED if everybody else UNDECIDED)(refused, measured=spread(refused))
    for note, hosts in by_sentence({host: dict.fromkeys(told["notes"]) for host, told in compared.items()}).items():
        yield WORTH_KNOWING(hosts, note=note)
    same = [host for host, told in compared.items() if not told["changes"] and not told["problems"]]
    if same:
        yield AS_IT_IS(same)
