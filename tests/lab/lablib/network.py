# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's network: one namespace with one bridge, and one veth to the controller, which bears the owner's name."""

from __future__ import annotations

from pathlib import Path

from lablib.declaration import CONTROLLER, NETWORK, Host, LabError
from lablib.system import CHECKOUT, ask, run
from lablib.texts import NAMESPACE, container, mac, tap

BRIDGE = "wblab0"
UPLINK = "wblab"


def namespaces() -> list[str]:
    """The lab's network namespaces: its own and one for every container."""
    names = [entry["name"] for entry in ask("ip", "-j", "netns", "list")]
    return [name for name in names if name == NAMESPACE or name.startswith(f"{NAMESPACE}-")]


def links(namespace: str | None = None) -> dict[str, str]:
    """Network devices and their aliases, in a namespace or on the controller."""
    where = ("-n", namespace) if namespace else ()
    return {link["ifname"]: link.get("ifalias", "") for link in ask("ip", "-j", *where, "link", "show")}


def refuse_another_owner() -> None:
    """LabError when a lab of another checkout, which still exists, is up: a host has one such network."""
    owner = links().get(UPLINK, "")
    if owner and owner != str(CHECKOUT) and Path(owner).exists():
        raise LabError(f"the lab of another checkout is up; stop it first: {owner}/tests/lab/lab down")


def up() -> None:
    """Make what is missing of the network."""
    if UPLINK in links() and NAMESPACE in namespaces():
        return
    down()
    run("ip", "netns", "add", NAMESPACE)
    run("ip", "link", "add", UPLINK, "type", "veth", "peer", "name", "uplink", "netns", NAMESPACE)
    run("ip", "link", "set", UPLINK, "alias", str(CHECKOUT))
    run("ip", "-n", NAMESPACE, "link", "add", BRIDGE, "type", "bridge")
    for device in (BRIDGE, "uplink"):
        run("ip", "-n", NAMESPACE, "link", "set", device, "up")
    run("ip", "-n", NAMESPACE, "link", "set", "uplink", "master", BRIDGE)
    run("ip", "address", "add", f"{CONTROLLER}/{NETWORK.prefixlen}", "dev", UPLINK)
    run("ip", "link", "set", UPLINK, "up")


def down() -> None:
    """Remove every namespace, and with them the bridge, the taps and the veths."""
    for name in namespaces():
        run("ip", "netns", "delete", name)
    if UPLINK in links():
        run("ip", "link", "delete", UPLINK)


def plug_machine(host: Host) -> None:
    if tap(host) not in links(NAMESPACE):
        run("ip", "-n", NAMESPACE, "tuntap", "add", "dev", tap(host), "mode", "tap")
        run("ip", "-n", NAMESPACE, "link", "set", tap(host), "master", BRIDGE, "up")


def plug_container(host: Host) -> None:
    name, port = container(host), tap(host)
    if name in namespaces():
        return
    run("ip", "netns", "add", name)
    run("ip", "-n", NAMESPACE, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", name)
    run("ip", "-n", NAMESPACE, "link", "set", port, "master", BRIDGE, "up")
    run("ip", "-n", name, "link", "set", "eth0", "address", mac(host.address))
    run("ip", "-n", name, "address", "add", f"{host.address}/{NETWORK.prefixlen}", "dev", "eth0")
    for device in ("lo", "eth0"):
        run("ip", "-n", name, "link", "set", device, "up")


def unplug(host: Host) -> None:
    """Remove a host's device and namespace, whichever of them there is."""
    if NAMESPACE in namespaces() and tap(host) in links(NAMESPACE):
        run("ip", "-n", NAMESPACE, "link", "delete", tap(host))
    if container(host) in namespaces():
        run("ip", "netns", "delete", container(host))
