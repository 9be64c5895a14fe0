#!/usr/bin/env bash
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Build a Workbench cluster by hand on the lab's machines (declaration `cluster`), as its documents say and as an admin does it who
# knows nothing of this collection: own names, ids, keys, options, comments, and a database server with other users.
# The steps are those of "Multi-server Installation", with "Load Balancing" and "Configuring High Availability with Local Launcher".
#
#   tests/byhand/build.sh WORKBENCH.deb R.deb
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
packages=("${@:?usage: build.sh WORKBENCH.deb R.deb}")
nodes=(node1 node2 node3)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

on() { # on HOST COMMAND…: run it there; stdin goes along
    ssh -F "$here/../../.lab/ssh_config" "$@"
}

everywhere() { # everywhere SCRIPT [ARGUMENT…]: run a script of this folder on all nodes at once
    local script=$1 node jobs=()
    shift
    for node in "${nodes[@]}"; do
        on "$node" bash -s -- "$@" <"$here/$script" &
        jobs+=($!)
    done
    for job in "${jobs[@]}"; do wait "$job"; done
}

# The servers first, side by side.
on store1 bash -s <"$here/fileserver.sh" &
storage=$!
openssl rand -hex 12 | tr -d '\n' >"$work/password"
on db1 'umask 077; cat > /root/workbench.password' <"$work/password"
on db1 bash -s <"$here/database.sh" &
database=$!

# Workbench on each node, which starts as a single server with SQLite and a key of its own.
for node in "${nodes[@]}"; do
    for package in "${packages[@]}"; do on "$node" "cat > /root/${package##*/}" <"$package"; done
done
everywhere node-install.sh
wait "$storage"
wait "$database"
on db1 systemctl restart chrony # it was started before the server it follows
everywhere node-mount.sh

# The first node is configured, the others get a copy of its folder.
tar -C "$here" -c etc | on node1 'tar -C /root -x'
on node1 'umask 077; cat > /root/workbench.password' <"$work/password"
on node1 bash -s <"$here/node-configure.sh"
on node1 'tar -C /etc -c rstudio' >"$work/rstudio.tar"
for node in "${nodes[@]:1}"; do
    on "$node" 'rm -r /etc/rstudio && tar -C /etc -x' <"$work/rstudio.tar"
done
for node in "${nodes[@]}"; do
    on "$node" "sed -i 's/^www-host-name=.*/www-host-name=$node/' /etc/rstudio/load-balancer"
done

# The first node alone defines the cluster, then the others join it.
on node1 'rstudio-server start && systemctl start rstudio-launcher'
for node in "${nodes[@]:1}"; do
    on "$node" 'rstudio-server start && systemctl start rstudio-launcher' &
done
wait
on node1 rstudio-server list-nodes
