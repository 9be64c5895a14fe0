# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a controller dies in, and how the cluster is before. A verb that is new has its line in `VERBS`."""

from __future__ import annotations

import base64
import typing as t

from ansible_collections.workbench.cluster.tests.chaos.cluster import (
    DATABASE,
    DECLARATION,
    MADE,
    NODES,
    ROOT,
    lab,
    playbook,
    sh,
)

LICENCE = {"server_license_source": "key", "server_license_key": "S3CR-ETKE-YOFT-WORK-BENC-days-200"}
# What a change of a cluster that runs adds: a user with a home, an option by which the server restarts.
NEW = "chaos"
USERS = [{"name": "ada", "uid": 20001, "groups": ["analysts"]}, {"name": NEW, "uid": 20077, "groups": ["analysts"]}]
CHANGE = {"accounts_users": USERS, "server_rserver_conf": {"auth-timeout-minutes": 61}}
JOIN = {"operate_nodes": [NODES[1]], "verify_report_dir": "", "__verify_about": []}  # the lab's folder is no share
PLACE, SOURCE = "/var/chaos/place", "/var/chaos/source"
STORAGE = {
    "storage_manage": True,
    "storage_fstype": "none",
    "storage_options": "bind",
    "storage_mounts": [{"path": PLACE, "src": SOURCE}],
    "verify_paths": ["/nfs/workbench"],
}
BACKUPS = ROOT / ".cache" / "chaos" / "backups"
KEPT = BACKUPS / "kept.sealed"
BACKUP = {"operate_backup_dir": str(BACKUPS / "each"), "operate_backup_passphrase": "correct horse battery staple"}
PATCH = "2026.04.1+600.pro1"
LATER = "2026.07.0+139.pro9"
ROW = "INSERT INTO node (id, host, ipv4, port, status, last_seen) VALUES ('9', 'gone9', '10.203.0.99', '8787', 'offline', '')"


class Verb(t.NamedTuple):
    """A run: its playbook, arguments and variables; what makes the cluster such that it has something to do.

    `anew`: the cluster is built for it, so that keys are others each time. `replaces`: it makes keys itself, and none of
    before may be left. `serves`: before as well as after, so that people have sessions.
    """

    playbook: str
    before: t.Callable[[], None]
    arguments: t.Sequence[str] = ()
    extra: t.Mapping[str, t.Any] = {}
    anew: bool = False
    replaces: bool = False
    serves: bool = True

    @property
    def apart(self) -> t.Sequence[str]:
        """What is not compared with a run that nothing ended."""
        return MADE if self.anew or self.replaces else ()


def well(path: str, *argv: str, **extra: t.Any) -> None:
    run = playbook(path, *argv, extra=extra)
    assert run.rc == 0, run.output[-6000:]


def bare() -> None:
    """Hosts with nothing but the folder that they share, and the vendor's server, which counts seats."""
    KEPT.unlink(missing_ok=True)  # of a cluster that is gone
    lab("down", DECLARATION)
    lab("up", DECLARATION)
    well("molecule/shared/folder.yml")
    program = ROOT / "tests" / "fake_workbench" / "fake_workbench" / "licence_server.py"
    sh(DATABASE, "cat > /root/licence_server.py", program.read_text())
    unit = f"[Service]\nExecStart=python3 /root/licence_server.py 8080 {len(NODES) + 1}\n[Install]\nWantedBy=multi-user.target\n"
    sh(DATABASE, "cat > /etc/systemd/system/seats.service && systemctl enable --quiet --now seats", unit)
    for node in NODES:
        sh(
            node,
            "mkdir -p /var/lib/rstudio-server; echo http://10.203.0.74:8080 > /var/lib/rstudio-server/licence-vendor",
        )


def as_built() -> None:
    for node in NODES:
        sh(node, f"! id {NEW} 2>/dev/null || userdel {NEW}; ! getent group {NEW} || groupdel {NEW}")
    sh(NODES[0], f"rm -rf /nfs/workbench/home/{NEW}")
    well("playbooks/site.yml")


def damaged() -> None:
    """A user and a file of one node are gone."""
    sh(NODES[1], "! id ada 2>/dev/null || userdel ada; rm -f /etc/rstudio/file-locks")


def rebuilt() -> None:
    bare()
    well("playbooks/site.yml")


def online() -> None:
    well("playbooks/undrain_node.yml", "--limit", NODES[1])


def offline() -> None:
    well("playbooks/drain_node.yml", "--limit", NODES[1])


def with_a_stale_row() -> None:
    sh(DATABASE, 'su postgres -c "psql -q rstudio -c \\"DELETE FROM node WHERE host = \'gone9\'\\""')
    sh(DATABASE, f'su postgres -c "psql -q rstudio -c \\"{ROW}\\""')


def left() -> None:
    well("playbooks/remove_node.yml", operate_confirmed="remove_node", **JOIN)


def left_bare() -> None:
    """A host that has never been a node."""
    left()
    lab("reset", NODES[1])


def mounted() -> None:
    online()
    for node in NODES:
        sh(node, f"mkdir -p {PLACE} {SOURCE}")


def standing() -> None:
    well("playbooks/site.yml")


def emptied() -> None:
    """Nothing is left of the cluster, but for a backup."""
    if not KEPT.exists():
        online()
        well("playbooks/backup.yml", **{**BACKUP, "operate_backup_dir": str(BACKUPS / "kept")})
        (file,) = (BACKUPS / "kept").iterdir()
        file.rename(KEPT)
    for node in NODES:
        sh(node, "apt-get purge -qq -y rstudio-server >/dev/null 2>&1; rm -rf /etc/rstudio /var/lib/rstudio-server")
    sh(DATABASE, "su postgres -c 'dropdb --force --if-exists rstudio; dropuser --if-exists rstudio'")


def single() -> None:
    """One server as the vendor's package leaves it, with SQLite and a user; the other host is bare."""
    bare()
    for name in ("rstudio-server_2026.04.0+526.pro2_amd64.deb", "r-4.4.1_1_amd64.deb"):
        content = base64.b64encode((ROOT / ".cache" / "packages" / name).read_bytes()).decode()
        sh(NODES[0], f"base64 -d > /root/{name}", content)
    sh(NODES[0], "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qqy install /root/*.deb")
    sh(NODES[0], "useradd --uid 20001 --create-home --home-dir /nfs/workbench/home/ada --shell /bin/bash ada")
    sh(NODES[0], "rstudio-server add-user ada")


VERBS: t.Mapping[str, Verb] = {
    "site": Verb("playbooks/site.yml", bare, extra=LICENCE, anew=True, serves=False),
    "site, a change": Verb("playbooks/site.yml", as_built, extra=CHANGE),
    "site, a repair": Verb("playbooks/site.yml", damaged),
    "upgrade": Verb(
        "playbooks/upgrade.yml", rebuilt, extra={"server_version": LATER, "operate_confirmed": "upgrade"}, anew=True
    ),
    "upgrade, rolling": Verb(
        "playbooks/upgrade.yml",
        rebuilt,
        extra={"server_version": PATCH, "operate_confirmed": "upgrade", "operate_upgrade": "rolling"},
        anew=True,
    ),
    "rotate_keys": Verb("playbooks/rotate_keys.yml", online, extra={"operate_confirmed": "rotate_keys"}, replaces=True),
    "migrate_database": Verb("playbooks/migrate_database.yml", single, anew=True, serves=False),
    "remove_node": Verb("playbooks/remove_node.yml", standing, extra={**JOIN, "operate_confirmed": "remove_node"}),
    "add_node": Verb("playbooks/add_node.yml", left, extra=JOIN),
    "add_node, a new host": Verb("playbooks/add_node.yml", left_bare, extra=JOIN),
    "drain_node": Verb("playbooks/drain_node.yml", online, ["--limit", NODES[1]]),
    "undrain_node": Verb("playbooks/undrain_node.yml", offline, ["--limit", NODES[1]]),
    "restart": Verb("playbooks/restart.yml", online),
    "restart, at once": Verb("playbooks/restart.yml", online, extra={"operate_restart": "at_once"}),
    "forget_stale_nodes": Verb(
        "playbooks/forget_stale_nodes.yml", with_a_stale_row, extra={"operate_confirmed": "forget_stale_nodes"}
    ),
    "reset_storage": Verb(
        "playbooks/reset_storage.yml", mounted, extra={**STORAGE, "operate_confirmed": "reset_storage"}
    ),
    "backup": Verb("playbooks/backup.yml", online, extra=BACKUP),
    "restore": Verb(
        "playbooks/restore.yml",
        emptied,
        extra={**BACKUP, "operate_restore_from": str(KEPT), "operate_confirmed": "restore"},
        serves=False,
    ),
    "support_bundle": Verb("playbooks/support_bundle.yml", online, extra={"operate_bundle_dir": str(BACKUPS.parent)}),
    "teardown": Verb("playbooks/teardown.yml", standing, extra={"operate_confirmed": "teardown"}, serves=False),
}
