# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster's rules as a table of nftables, beside those of others, and a unit that loads it at boot."""

from __future__ import annotations

import json
import os
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._firewall.rules import Rule, address, parsed
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, checked, file_text

FOLDER = "/etc/workbench.cluster"
UNITS = "/etc/systemd/system"
# As Debian's nftables.service, which flushes all rules when it starts: so ours is loaded after it, again each time.
UNIT = """\
# Managed by Ansible, workbench.cluster: change the variables firewall_* in the inventory.
[Unit]
Description=Ports of the cluster {name}
Wants=network-pre.target
Before=network-pre.target shutdown.target
After=nftables.service
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service
Conflicts=shutdown.target
DefaultDependencies=no

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f {file}
ExecReload=/usr/sbin/nft -f {file}
ExecStop=-/usr/sbin/nft delete table inet {table}

[Install]
WantedBy=sysinit.target
"""


def table_of(name: str) -> str:
    return f"workbench-cluster-{name}"


def file_of(name: str) -> str:
    return f"{FOLDER}/firewall-{name}.nft"


def unit_of(name: str) -> str:
    return f"workbench-cluster-firewall-{name}.service"


def text_of(name: str, rules: t.Sequence[Rule]) -> str:
    """The table, which replaces the one that is there in one step. Others still see what it accepts, and may drop it."""
    table = f"table inet {table_of(name)}"
    lines = [
        "# Managed by Ansible, workbench.cluster: change the variables firewall_* in the inventory.",
        # As they are read again, for a listing has sets in an order of its own.
        *(f"# {rule}" for rule in rules),
        table,
        f"delete {table}",
        f"{table} {{",
        "\tchain input {",
        "\t\ttype filter hook input priority -5; policy accept;",
        '\t\tiifname "lo" accept',
        "\t\tct state established,related accept",
        *(f"\t\t{line}" for line in _lines(rules)),
        "\t}",
        "}",
    ]
    return "\n".join(lines) + "\n"


def unit_text(name: str) -> str:
    return UNIT.format(name=name, file=file_of(name), table=table_of(name))


def read_rules(run: Run, name: str) -> list[Rule]:
    """Those that the kernel has in our table."""
    rc, out, _err = run(["nft", "--json", "list", "table", "inet", table_of(name)])
    return parse(json.loads(out)) if rc == 0 else []


def is_there(run: Run, name: str) -> bool:
    return os.path.exists(file_of(name)) or run(["nft", "list", "table", "inet", table_of(name)])[0] == 0


def is_kept(run: Run, name: str, rules: t.Sequence[Rule]) -> bool:
    """Whether a boot brings these rules back."""
    text = file_text(file_of(name))
    written = written_rules(text)
    if sorted(written) != sorted(rules) or text != text_of(name, written):
        return False
    if file_text(f"{UNITS}/{unit_of(name)}") != unit_text(name):
        return False
    return run(["systemctl", "is-enabled", "--quiet", unit_of(name)])[0] == 0


def written_rules(text: str) -> list[Rule]:
    """Those of a file of ours."""
    return parsed(line[2:] for line in text.splitlines() if line.startswith(("# accept ", "# drop ")))


def parse(listing: t.Mapping[str, t.Any]) -> list[Rule]:
    """Our rules of `nft --json list table`; what is none of ours is one that we would not have written."""
    found: list[Rule] = []
    for entry in listing["nftables"]:
        if "rule" in entry:
            found += _rules(entry["rule"]["expr"])
    return found


def apply(run: Run, name: str, rules: t.Sequence[Rule]) -> None:
    """Load the rules, until the next boot."""
    if rules:
        checked(run, ["nft", "-f", "-"], text_of(name, rules))
    elif is_there(run, name):
        run(["nft", "delete", "table", "inet", table_of(name)])


def undo(name: str) -> str:
    """Shell commands: the file still has what was there before."""
    table = f"table inet {table_of(name)}"
    gone = f"elif nft list {table} >/dev/null 2>&1; then nft delete {table}"
    return f"if [ -e {file_of(name)} ]; then nft -f {file_of(name)}; {gone}; fi"


def keep(run: Run, name: str, rules: t.Sequence[Rule]) -> None:
    """Have a boot load what `apply` did."""
    unit, file = f"{UNITS}/{unit_of(name)}", file_of(name)
    if rules:
        os.makedirs(FOLDER, exist_ok=True)
        _write(file, text_of(name, rules))
        _write(unit, unit_text(name))
        checked(run, ["systemctl", "daemon-reload"])
        # Started as well: a restart of nftables.service restarts what runs.
        checked(run, ["systemctl", "enable", "--now", unit_of(name)])
        return
    if os.path.exists(unit):
        run(["systemctl", "disable", "--now", unit_of(name)])
    for path in (unit, file):
        if os.path.exists(path):
            os.unlink(path)
    checked(run, ["systemctl", "daemon-reload"])


def _write(path: str, text: str) -> None:
    new = f"{path}.new"
    with open(new, "w", encoding="utf-8") as file:
        file.write(text)
        os.fchmod(file.fileno(), 0o644)
    os.replace(new, path)


def _lines(rules: t.Iterable[Rule]) -> list[str]:
    """Addresses of one port in one set; a network has a line of its own, for sets with both are listed in other words."""
    grouped: dict[tuple[str, ...], list[str]] = {}
    for rule in rules:
        alone = rule.source if "/" in rule.source else ""
        grouped.setdefault((rule.verb, rule.protocol, rule.ports, str(rule.family), alone), []).append(rule.source)
    lines = []
    for (verb, protocol, ports, family, alone), sources in grouped.items():
        ip = "ip" if family == "4" else "ip6"
        chosen = f"meta nfproto ipv{family}" if alone.endswith("/0") else f"{ip} saddr {alone or _set(sources)}"
        lines.append(f"{chosen} {protocol} dport {ports} {verb}")
    return lines


def _set(sources: t.Sequence[str]) -> str:
    return "{ " + ", ".join(sources) + " }"


def _rules(expressions: t.Sequence[t.Mapping[str, t.Any]]) -> list[Rule]:
    verb = next((verb for verb in ("accept", "drop") if any(verb in part for part in expressions)), "other")
    protocol, ports, sources = "", "", [""]
    for match in [part["match"] for part in expressions if "match" in part]:
        payload, right = match["left"].get("payload"), match["right"]
        if payload is None:
            key = match["left"].get("meta", {}).get("key")
            if key != "nfproto":
                return []  # of the lines before our rules
            sources = ["0.0.0.0/0" if right == "ipv4" else "::/0"]
        elif payload["field"] == "saddr":
            sources = [_source(source) for source in (right["set"] if _has(right, "set") else [right])]
        elif payload["field"] == "dport":
            protocol = payload["protocol"]
            ports = "-".join(map(str, right["range"])) if _has(right, "range") else str(right)
    return [Rule(verb, protocol, ports, source) for source in sources] if protocol else []


def _source(value: t.Any) -> str:
    return address("{addr}/{len}".format(**value["prefix"]) if _has(value, "prefix") else value)


def _has(value: t.Any, key: str) -> bool:
    return isinstance(value, dict) and key in value
