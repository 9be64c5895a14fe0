# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster's rules as a policy of firewalld: one file of our own, asked before every zone."""

from __future__ import annotations

import hashlib
import os
import re
import typing as t
from xml.sax.saxutils import quoteattr  # nosec B406: it writes, and reads nothing

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._firewall.rules import EVERYBODY, Rule, address
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, checked, file_content

FOLDER = "/etc/firewalld/policies"
LONGEST = 17  # firewalld makes names of chains of it
RICH = re.compile(
    r'rule (?:priority="(?P<priority>-?\d+)" )?family="ipv(?P<family>[46])" (?:source address="(?P<source>[^"]+)" )?'
    r'port port="(?P<ports>[\d-]+)" protocol="(?P<protocol>tcp|udp)" (?P<verb>accept|drop)\Z'
)
# Of a zone or policy as firewalld lists it, what is bound while it runs, as by NetworkManager, and is no rule.
BOUND = re.compile(r"\s+(?:interfaces|sources|icmp-block-inversion):|\S")


def policy_of(name: str) -> str:
    """The name of the policy, shortened where firewalld would not take it."""
    policy = f"wb-{name}"
    return policy if len(policy) <= LONGEST else f"{policy[:10]}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def file_of(name: str) -> str:
    return f"{FOLDER}/{policy_of(name)}.xml"


def text_of(name: str, rules: t.Sequence[Rule]) -> str:
    """The policy: accepts first, by priority, then drops; all before the zones, which get what it does not speak of."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<policy priority="-100" target="CONTINUE">',
        f"  <short>workbench.cluster {name}</short>",
        "  <description>Managed by Ansible, workbench.cluster: change firewall_* in the inventory.</description>",
        '  <ingress-zone name="ANY"/>',
        '  <egress-zone name="HOST"/>',
        *map(_xml, rules),
        "</policy>",
    ]
    return "\n".join(lines) + "\n"


def is_active(run: Run) -> bool:
    return run(["firewall-cmd", "--state"])[0] == 0


def read_rules(run: Run, name: str, permanent: bool = False) -> list[Rule]:
    """Those of our policy, as they run, or as they are kept."""
    asked = [*(["--permanent"] if permanent else []), f"--policy={policy_of(name)}", "--list-rich-rules"]
    rc, out, _err = run(["firewall-cmd", *asked])
    return parse(out) if rc == 0 else []


def is_there(name: str) -> bool:
    return os.path.exists(file_of(name))


def parse(listing: str) -> list[Rule]:
    """Our rules of `--list-rich-rules`; one in other words is a rule that we would not have written."""
    found = []
    for line in filter(None, map(str.strip, listing.splitlines())):
        match = RICH.match(line)
        if match:
            source = match["source"] or EVERYBODY[match["family"] == "6"]
            found.append(Rule(match["verb"], match["protocol"], match["ports"], address(source)))
        else:
            found.append(Rule("other", line, "", ""))
    return found


def unkept(run: Run) -> list[str]:
    """What others have in zones and policies either running or kept only: a reload would lose or start it."""
    found: list[str] = []
    for listing in ("--list-all-zones", "--list-all-policies"):
        running, kept = (_rows(checked(run, ["firewall-cmd", *how, listing])) for how in ([], ["--permanent"]))
        found += [row for row in running if row not in kept] + [row for row in kept if row not in running]
    return found


def apply(run: Run, name: str, rules: t.Sequence[Rule]) -> None:
    """Write the file and have it read."""
    path = file_of(name)
    if rules:
        os.makedirs(FOLDER, exist_ok=True)
        with open(f"{path}.new", "w", encoding="utf-8") as file:
            file.write(text_of(name, rules))
        os.replace(f"{path}.new", path)
    elif os.path.exists(path):
        os.unlink(path)
    checked(run, ["firewall-cmd", "--check-config"])
    checked(run, ["firewall-cmd", "--reload"])
    if sorted(read_rules(run, name)) != sorted(rules):
        raise Failure("firewalld runs other rules than it was given")


def undo(name: str, folder: str) -> str:
    """Shell commands that bring back what was there, saved in `folder`."""
    path, saved = file_of(name), f"{folder}/policy.xml"
    before = file_content(path)
    if before is None:
        return f"rm -f {path}; firewall-cmd --reload"
    with open(saved, "wb") as file:
        file.write(before)
    return f"cp {saved} {path}; firewall-cmd --reload"


def _xml(rule: Rule) -> str:
    source = "" if rule.source in EVERYBODY else f"<source address={quoteattr(rule.source)}/>"
    priority = "-10" if rule.verb == "accept" else "10"
    port = f'<port port="{rule.ports}" protocol="{rule.protocol}"/>'
    return f'  <rule priority="{priority}" family="ipv{rule.family}">{source}{port}<{rule.verb}/></rule>'


def _rows(listing: str) -> list[str]:
    """Rules of others as `zone: rule`."""
    rows, head = [], ""
    for line in listing.splitlines():
        if line and not line[0].isspace():
            head = line.split()[0]
        elif line.strip() and not BOUND.match(line) and not head.startswith("wb-"):
            rows.append(f"{head}: {line.strip()}")
    return rows
