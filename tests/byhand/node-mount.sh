#!/usr/bin/env bash
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# On each node, when the file server is there: homes on /home, the shared storage beside.
set -euo pipefail
mkdir -p /srv/workbench-shared
cat >>/etc/fstab <<'FSTAB'
# department's file server
store1:/home            /home                   nfs   rw,hard,vers=4.1,actimeo=2,_netdev,nofail   0 0
store1:/srv/workbench   /srv/workbench-shared   nfs   rw,hard,vers=4.1,actimeo=2,_netdev,nofail   0 0
FSTAB
systemctl daemon-reload
mount -a
findmnt /home >/dev/null
findmnt /srv/workbench-shared >/dev/null
# The clock was started before the server it follows.
systemctl restart chrony
chronyc waitsync 60 0.1 0 1 >/dev/null
