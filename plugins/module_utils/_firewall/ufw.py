# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster's rules among those of ufw, before all others, with a comment by which they are known again."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._firewall.rules import Rule, address
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, checked, file_content, file_text

FILES = ("/etc/ufw/user.rules", "/etc/ufw/user6.rules")
# ### tuple ### allow tcp 8787 0.0.0.0/0 any 192.0.2.11 in comment=776f...
TUPLE = re.compile(
    r"^### tuple ### (?P<verb>allow|deny) (?P<protocol>tcp|udp) (?P<ports>[\d:,]+) (?P<to>0\.0\.0\.0/0|::/0) any "
    r"(?P<source>\S+) in(?: comment=(?P<comment>[0-9a-f]+))?\s*$",
    re.MULTILINE,
)
VERBS = {"allow": "accept", "deny": "drop"}
WORDS = {"accept": "allow", "drop": "deny"}


class Found(t.NamedTuple):
    rule: Rule
    ours: bool


def is_active() -> bool:
    return re.search(r"^ENABLED=[\"']?yes", file_text("/etc/ufw/ufw.conf"), re.MULTILINE) is not None


def has_ipv6() -> bool:
    return re.search(r"^IPV6=[\"']?no", file_text("/etc/default/ufw"), re.MULTILINE) is None


def comment_of(name: str) -> str:
    return f"workbench.cluster {name}"


def read_rules(name: str) -> list[Found]:
    """Rules of ufw that are of our kind, in its order."""
    return [found for path in FILES for found in parse(name, file_text(path))]


def parse(name: str, text: str) -> list[Found]:
    """Those of one of ufw's files."""
    ours = comment_of(name).encode().hex()
    return [
        Found(
            Rule(VERBS[m["verb"]], m["protocol"], m["ports"].replace(":", "-"), address(m["source"])),
            m["comment"] == ours,
        )
        for m in TUPLE.finditer(text)
    ]


def commands(name: str, wanted: t.Sequence[Rule], found: t.Sequence[Found]) -> list[list[str]]:
    """What turns those that are found into those that are wanted. Each is put before all others, so the last one comes first."""
    there = [entry.rule for entry in found if entry.ours]
    gone = [rule for rule in there if rule not in wanted]
    new = [rule for rule in wanted if rule not in there]
    # A drop that is put before what is accepted already would close it: then those are put before it once more.
    late = {rule[1:3] for rule in new if rule.verb == "drop"}
    again = [rule for rule in wanted if rule in there and rule.verb == "accept" and rule[1:3] in late]
    chosen = [rule for rule in wanted if rule in new or rule in again]
    put = [["ufw", "prepend", *_words(rule), "comment", comment_of(name)] for rule in reversed(chosen)]
    return [["ufw", "delete", *_words(rule)] for rule in (*again, *gone)] + put


def apply(run: Run, name: str, rules: t.Sequence[Rule]) -> None:
    for command in commands(name, rules, read_rules(name)):
        checked(run, command)


def undo(folder: str) -> str:
    """Shell commands that bring back what was there, saved in `folder`."""
    lines = []
    for path in FILES:
        saved = f"{folder}/{path.rpartition('/')[2]}"
        with open(saved, "wb") as file:
            file.write(file_content(path) or b"")
        lines.append(f"cp {saved} {path}")
    return "; ".join([*lines, "ufw reload"])


def _words(rule: Rule) -> list[str]:
    ports = rule.ports.replace("-", ":")
    return [WORDS[rule.verb], "proto", rule.protocol, "from", rule.source, "to", "any", "port", ports]
