#!/usr/bin/env bash
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# On each node: the time, the NFS client, users, R and Workbench from the packages in /root.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes
apt-get -qq update
apt-get -qqy install chrony nfs-common >/dev/null
sed -i 's/^pool .*/server store1 iburst/' /etc/chrony/chrony.conf
systemctl restart chrony

groupadd --gid 1600 statistics
for account in 1501:amelie 1502:bruno 1503:chiara; do
    groupadd --gid "${account%:*}" "${account#*:}"
    useradd --uid "${account%:*}" --gid "${account%:*}" --no-create-home --home-dir "/home/${account#*:}" \
        --shell /bin/bash "${account#*:}"
done
usermod --append --groups statistics amelie
usermod --append --groups statistics bruno
# Names came from an old directory: one is not UTF-8. bruno has left, and may not sign in.
sed -i "s/^chiara:x:1503:1503:[^:]*:/chiara:x:1503:1503:Chiara Sant$(printf '\xf2'),,,:/" /etc/passwd
usermod --lock bruno

apt-get -qqy install /root/*.deb >/dev/null
rm /root/*.deb
systemctl stop rstudio-server rstudio-launcher
# What the site wants of the service, the systemd way.
mkdir -p /etc/systemd/system/rstudio-server.service.d
printf '# more open files, ticket 4711\n[Service]\nLimitNOFILE=8192\n' >/etc/systemd/system/rstudio-server.service.d/limits.conf
systemctl daemon-reload
