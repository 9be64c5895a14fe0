#!/usr/bin/env bash
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# On the database server: PostgreSQL, which payroll and reporting used before Workbench came. /root/workbench.password has the password.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes
apt-get -qq update
apt-get -qqy install chrony postgresql >/dev/null
sed -i 's/^pool .*/server store1 iburst/' /etc/chrony/chrony.conf
systemctl restart chrony

cat >/etc/postgresql/15/main/conf.d/site.conf <<'CONF'
# ours, not the package's
listen_addresses = '*'
max_connections = 60
CONF
# Order matters: a reject above a broad rule keeps payroll to its own host.
cat >>/etc/postgresql/15/main/pg_hba.conf <<'HBA'

# --- payroll: its own application server, and nobody else
host    payroll     payroll     10.203.0.21/32     scram-sha-256
host    payroll     all         0.0.0.0/0          reject
# --- Workbench
host    workbench   wb_owner    10.203.0.0/24      scram-sha-256
# --- reporting tools, from the whole department
host    all         reporting   10.203.0.0/16      scram-sha-256
HBA
systemctl restart postgresql
cd /

password=$(cat /root/workbench.password)
runuser -u postgres -- psql -q <<SQL
CREATE ROLE payroll LOGIN PASSWORD 'payroll-of-others';
CREATE DATABASE payroll OWNER payroll;
CREATE ROLE reporting LOGIN PASSWORD 'reporting-of-others' IN ROLE pg_read_all_data;
CREATE ROLE wb_owner LOGIN PASSWORD '$password';
CREATE DATABASE workbench OWNER wb_owner;
\c payroll
CREATE TABLE salary (name text, amount integer);
INSERT INTO salary VALUES ('amelie', 1), ('bruno', 2);
SQL
rm /root/workbench.password
