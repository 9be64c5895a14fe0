#!/usr/bin/env bash
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# On the first node: /etc/rstudio, from the files in /root/etc. /root/workbench.password has the database's password.
set -euo pipefail
cd /etc/rstudio

# One key of this cluster's own, 36 characters and a newline, and a launcher pair.
sh -c 'umask 077; cat /proc/sys/kernel/random/uuid > secure-cookie-key'
chmod 0600 secure-cookie-key
openssl genpkey -algorithm RSA -out launcher.pem -pkeyopt rsa_keygen_bits:2048 2>/dev/null
openssl rsa -in launcher.pem -pubout -out launcher.pub 2>/dev/null
chmod 0600 launcher.pem launcher.pub
chown rstudio-server:rstudio-server launcher.pem launcher.pub

sed -i 's/^load-balancing-enabled=0/load-balancing-enabled=1/; s/^launcher-address=localhost/launcher-address=127.0.0.1/' rserver.conf
cat /root/etc/rserver.conf >>rserver.conf
install -m 0644 /root/etc/launcher.conf launcher.conf
for name in load-balancer file-locks launcher.local.conf launcher.slurm.conf rsession.conf repos.conf; do
    install -m 0644 "/root/etc/$name" "$name"
done

encrypted=$(rstudio-server encrypt-password </root/workbench.password)
cat >>database.conf <<CONF

# Workbench's own database on db1; its owner is wb_owner
provider=postgresql
host=db1
database=workbench
port=5432
username=wb_owner
password=$encrypted
CONF
chown root:root database.conf
chmod 0600 database.conf
rm -r /root/workbench.password /root/etc
