# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which options of a node nobody named: neither the inventory, nor the package, nor this collection. Pure.

An option is settled where the inventory sets it, whatever its value, or its variable (`database_host`, …). It asks nothing
where ours is the same, where the package ships it, or where a cluster needs it otherwise. All others are unknown, also
where a default of ours differs (`balancer`, …): a default is nobody's wish.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import to_conf
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import SWITCHES, is_on, parse_boost
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
    FoundOptions,
    OptionsReport,
    OptionsSection,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.files import (
    DIRECTORY,
    OPTIONAL,
    OPTIONS,
    PARTED,
    file_of,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.write import flat, text
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.callback import callback_address
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.known_options import types_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.options import SECTIONS

# The variable of each file; of launcher.conf, that of its section [server].
VARIABLES = {file.name: file.variable for file in PARTED}
# What nobody names something for stays as it is.
LEFT_ALONE = {file.name for file in OPTIONAL}
# Options with a variable of the collection: the one to paste, and others that settle the matter as well.
OWN_VARIABLES = {
    ("rserver.conf", "server-shared-storage-path"): ("server_shared_storage_path", "storage_shared_dir"),
    ("load-balancer", "www-host-name"): ("server_www_host_name", "cluster_address"),
    ("database.conf", "host"): ("database_host",),
    ("database.conf", "port"): ("database_port",),
    ("database.conf", "database"): ("database_name",),
    ("database.conf", "username"): ("database_user",),
}
URI = ("database.conf", "connection-uri")
# A cluster needs these otherwise than a single server may have them; the key and the file that two of them name are
# adopted, and stand in their places in /etc/rstudio afterwards.
NEEDED = {
    ("rserver.conf", "load-balancing-enabled"),
    ("rserver.conf", "secure-cookie-key-file"),
    ("rserver.conf", "database-config-file"),
    ("launcher.conf", "secure-cookie-key-file"),
    ("database.conf", "provider"),
}
# What the package ships is nobody's choice.
STOCK = {
    "rserver.conf": {
        "server-user": "rstudio-server",
        "launcher-use-ssl": "0",
        "launcher-address": "localhost",
        "launcher-port": "5559",
        "launcher-sessions-enabled": "1",
        "launcher-default-cluster": "Local",
    },
    "launcher.conf": {
        "address": "localhost",
        "port": "5559",
        "server-user": "rstudio-server",
        "admin-group": "rstudio-server",
        "authorization-enabled": "1",
        "thread-pool-size": "4",
        "enable-debug-logging": "0",
    },
}
STOCK_SECTIONS = {("cluster", "Local"): {"name": "Local", "type": "Local"}}
# These may be one node's own: kept, they would be given to all.
NODES_OWN = {("rserver.conf", "www-address"), ("rserver.conf", "launcher-address"), ("launcher.conf", "address")}
LISTENING = ("ssl-enabled", "www-address", "www-port")

Asked = t.Mapping[str, t.Any]


class Item(t.NamedTuple):
    """An option found: `section` is `(name, label)` in launcher.conf, `values` is empty where they stay on the node."""

    file: str
    section: tuple[str, str] | None
    key: str
    values: tuple[str, ...]

    @property
    def keepable(self) -> bool:
        place = (self.file, self.key)
        nodes_own = self.section is None and (place in OWN_VARIABLES or place in NODES_OWN or place == URI)
        return bool(self.values) and not nodes_own and self.writable

    @property
    def writable(self) -> bool:
        file = file_of(DIRECTORY + self.file)
        try:
            text(file, {}, {self.key: list(self.values) if file.grammar == OPTIONS else self.values[0]})
        except Failure:
            return False
        return True


def unknown_options(options: OptionsReport, asked: Asked, ours: t.Mapping[str, t.Any]) -> list[Item]:
    """Of the options of a node those that nobody asked for: neither the inventory nor the package or this collection."""
    items: list[Item] = []
    for file, report in options["files"].items():
        items += _unknown_in(file, report, asked, ours)
        for section in report["sections"]:
            if section["name"] == "server":
                items += _unknown_in(file, section, asked, ours)
            else:
                items += _unknown_section(section, asked, ours)
    return items


def _unknown_in(file: str, report: FoundOptions, asked: Asked, ours: t.Mapping[str, t.Any]) -> list[Item]:
    named = flat(file_of(DIRECTORY + file), asked.get(VARIABLES[file]))
    if not named and file in LEFT_ALONE:
        return []
    defaults = dict(ours.get(file, {}))
    if file == "rserver.conf":
        found = {key: report["options"][key][0] for key in LISTENING if key in report["options"]}
        listening = {**found, **{key: named[key] for key in LISTENING if key in named}}
        defaults["launcher-sessions-callback-address"] = callback_address(listening)
    if file == "load-balancer" and "address" in asked:
        defaults["www-host-name"] = asked["address"]
    items = [Item(file, None, key, ()) for key in report["hidden"]]
    for key, values in report["options"].items():
        stock = STOCK.get(file, {}).get(key)
        if values != [stock] and not (key in defaults and _same(file, key, values, defaults[key])):
            # Elsewhere than in rserver.conf, and in the launcher's files, the first of two values counts or nobody knows.
            items.append(Item(file, None, key, tuple(values if file == "rserver.conf" else values[:1])))
    return [item for item in items if not _settled(item, named, asked)]


def _settled(item: Item, named: t.Mapping[str, t.Any], asked: Asked) -> bool:
    place = (item.file, item.key)
    if place in NEEDED or item.key in named:
        return True
    if "connection-uri" in named and place[0] == "database.conf" and place in OWN_VARIABLES:
        return True
    return any(asked.get(variable) not in (None, "") for variable in OWN_VARIABLES.get(place, ()))


def _same(file: str, key: str, values: list[str], value: t.Any) -> bool:
    written = parse_boost(to_conf({"key": value})).get("key", [])
    if types_of(f"{file} server" if file == "launcher.conf" else file).get(key) == "bool" and len(values) == 1:
        return bool(written) and values[0].lower() in SWITCHES and is_on(values[0]) == is_on(written[0])
    return values == written


def _unknown_section(section: OptionsSection, asked: Asked, ours: t.Mapping[str, t.Any]) -> list[Item]:
    place = (section["name"], section["label"])
    there = _section_options(place, asked_sections(asked, ours))
    default = asked_sections(asked, ours) == ours[SECTIONS]
    items = [Item("launcher.conf", place, key, ()) for key in section["hidden"] if key not in there]
    for key, values in section["options"].items():
        nobodys = STOCK_SECTIONS.get(place, {}).get(key) == values[0]
        if not nobodys and (key not in there or (default and str(there[key]) != values[0])):
            items.append(Item("launcher.conf", place, key, tuple(values[:1])))
    return items


def asked_sections(asked: Asked, ours: t.Mapping[str, t.Any]) -> t.Any:
    """The sections of launcher.conf as the inventory has them, else as the role does."""
    return asked.get(SECTIONS) or ours[SECTIONS]


def _section_options(place: tuple[str, str], sections: t.Iterable[t.Mapping[str, t.Any]]) -> t.Mapping[str, t.Any]:
    for section in sections:
        if (section["name"], str(section["options"].get("name", ""))) == place:
            return t.cast(t.Mapping[str, t.Any], section["options"])
    return {}
