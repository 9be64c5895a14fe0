#!/usr/bin/env bash
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# On the file server: homes on /home, the folder the nodes share, and the time.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes
apt-get -qq update
apt-get -qqy install chrony nfs-kernel-server >/dev/null

cat >/etc/chrony/chrony.conf <<'CHRONY'
# The department's clock. Ask Jo before you change anything here.
driftfile /var/lib/chrony/chrony.drift
local stratum 8
allow 10.203.0.0/24
makestep 1 3
rtcsync
CHRONY
systemctl restart chrony

mkdir -p /srv/workbench
chown nobody:nogroup /srv/workbench
chmod 1777 /srv/workbench
# Accounts live on the nodes; here are only their homes, by number.
for account in 1501:amelie 1502:bruno 1503:chiara; do
    install -d -m 0750 -o "${account%:*}" -g "${account%:*}" "/home/${account#*:}"
    install -m 0644 -o "${account%:*}" -g "${account%:*}" /etc/skel/.bashrc "/home/${account#*:}/.bashrc"
done

cat >>/etc/exports <<'EXPORTS'
# Homes of the statistics department
/home            10.203.0.0/24(rw,sync,no_subtree_check,no_root_squash)
# Workbench, shared storage
/srv/workbench   10.203.0.0/24(rw,sync,no_subtree_check,no_root_squash)
EXPORTS
exportfs -ra
