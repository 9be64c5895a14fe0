# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong variables by what is wrong, with words of the sentence that refuses each; and an inventory in which all is well."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.tests.unit.plugins.plugin_utils._rules.certificates import pair

Case = t.Tuple[t.Dict[str, t.Any], t.List[str]]

_MEMBERS = ["10.203.0.11", "10.203.0.12", "10.203.0.13", "10.203.0.21", "10.203.0.31", "10.203.0.75", "10.203.0.76"]
_GOOD, _OTHER = pair(*_MEMBERS), pair(*_MEMBERS)
_FILES = {"tls_source": "files", "tls_certificate": _GOOD.certificate, "tls_key": _GOOD.key}
# A directory whose variables are in order.
SSSD: dict[str, t.Any] = {
    "accounts_source": "sssd",
    "accounts_sssd_uris": ["ldaps://ldap.example.org"],
    "accounts_sssd_search_base": "dc=example,dc=org",
    "accounts_sssd_home": "/nfs/workbench/home/%u",
}

FRONT_TLS = {"proxy_tls_certificate": "/etc/ssl/front.crt", "proxy_tls_key": "/etc/ssl/front.key"}
VIRTUAL = {"proxy_virtual_address": "10.203.0.79", "proxy_interface": "eth0"}
WRONG: dict[str, Case] = {
    "nodes of nobody to run": ({"operate_members": []}, ["operate_members is empty", "workbench_nodes"]),
    "a node that comes back in no time": ({"operate_wait": 0}, ["operate_wait=0 must be at least 1 seconds"]),
    "sessions that had to end before": ({"operate_grace": -1}, ["operate_grace=-1 must be at least 0 seconds"]),
    "a verb that goes on without a stranger": (
        {"operate_without": ["node9"]},
        ["operate_without names node9: none of node1, node2, node3"],
    ),
    "an archive of nothing": ({"operate_bundle_megabytes": 0}, ["operate_bundle_megabytes=0 must be at least 1"]),
    "journals of no time": ({"operate_bundle_hours": 0}, ["operate_bundle_hours=0 must be at least 1"]),
    "a passphrase that is soon guessed": (
        {"operate_backup_passphrase": "geheim"},
        ["operate_backup_passphrase has 6 characters: at least 12"],
    ),
    "a private key in the place of a public one": (
        {"operate_backup_recipients": ["age1public", "AGE-SECRET-KEY-1GEHEIM"]},
        ["operate_backup_recipients[1] is no public key of age", "age1 or ssh-"],
    ),
    "a stranger that joins or leaves": (
        {"operate_nodes": ["node9"]},
        ["operate_nodes names node9: none of node1, node2, node3"],
    ),
    "certificates from nowhere": ({"tls_source": "letsencrypt"}, ["tls_source=letsencrypt", "none, files, authority"]),
    "a certificate without its key": ({**_FILES, "tls_key": ""}, ["tls_source=files", "tls_key", "PEM"]),
    "a certificate here and its key there": (
        {**_FILES, "tls_key": "/etc/ssl/private/host.key"},
        ["tls_certificate and tls_key", "both be texts", "both be paths"],
    ),
    "a certificate that is none": (
        {**_FILES, "tls_certificate": "geheim"},
        ["tls_certificate is no certificate", "PEM"],
    ),
    "a key with a passphrase": (
        {**_FILES, "tls_key": pair("n", passphrase=b"geheim").key},
        ["tls_key does not load", "without a passphrase"],
    ),
    "an authority that is none": ({**_FILES, "tls_authority": "geheim"}, ["tls_authority is no certificate"]),
    "a key of another certificate": (
        {**_FILES, "tls_key": _OTHER.key},
        ["tls_key is not the private key of tls_certificate"],
    ),
    "a certificate that has ended": (
        {**_FILES, **dict(zip(("tls_certificate", "tls_key"), pair(*_MEMBERS, days=-1)))},
        ["tls_certificate ended on"],
    ),
    "a certificate that does not name its node": (
        {**_FILES, **dict(zip(("tls_certificate", "tls_key"), pair("www.example.com")))},
        ["tls_certificate does not name 10.203.0.1", "www.example.com", "cluster_address"],
    ),
    "a certificate without a name that is asked for": (
        {**_FILES, "tls_names": ["workbench.example.com"]},
        ["tls_certificate does not name workbench.example.com"],
    ),
    "certificates that are always due": (
        {"tls_source": "authority", "tls_days": 30, "tls_renew_days": 30},
        ["tls_renew_days=30", "below tls_days=30"],
    ),
    "an authority that ends before what it signs": (
        {"tls_source": "authority", "tls_authority_days": 100},
        ["tls_authority_days=100", "tls_days=397"],
    ),
    "keys among what sessions read": (
        {"tls_source": "authority", "tls_directory": "/etc/rstudio/tls"},
        ["tls_directory=/etc/rstudio/tls", "outside /etc/rstudio"],
    ),
    "TLS without a certificate": (
        {"server_rserver_conf": {"ssl-enabled": True, "ssl-certificate": "/etc/ssl/host.crt"}},
        ["ssl-enabled is on in server_rserver_conf without ssl-certificate-key", "tls_source"],
    ),
    "a launcher's TLS without a certificate": (
        {"server_rserver_conf": {"launcher-use-ssl": 1}, "server_launcher_conf": {"enable-ssl": 1}},
        ["enable-ssl is on in server_launcher_conf without certificate-file, certificate-key-file"],
    ),
    "a launcher that is asked by TLS and has none": (
        {"server_rserver_conf": {"launcher-use-ssl": 1}},
        ["launcher-use-ssl on (server_rserver_conf) and enable-ssl off (server_launcher_conf)", "must agree"],
    ),
    "a launcher that has TLS and is asked without": (
        {
            "tls_source": "authority",
            "server_rserver_conf": {"launcher-use-ssl": False},
            "server_launcher_conf": {"enable-ssl": 1},
        },
        ["launcher-use-ssl off", "enable-ssl on"],
    ),
    "a host that is no member of its authority": (
        {"tls_source": "authority", "tls_members": ["store1"]},
        ["tls_source=authority", "tls_members=store1"],
    ),
    "clock without a source": (
        {"clock_servers": [], "clock_local_stratum": 0},
        ["clock_servers", "clock_local_stratum"],
    ),
    "stratum out of range": ({"clock_local_stratum": 99}, ["clock_local_stratum=99", "0 to 15"]),
    "text for a list of servers": ({"clock_servers": "ntp.example.com"}, ["clock_servers=ntp.example.com", "list"]),
    "a network that is none": ({"clock_serve_networks": ["10.0.0.0/33"]}, ["clock_serve_networks", "10.0.0.0/33"]),
    "text for a list of clients": ({"nfs_server_clients": "10.0.0.0/24"}, ["nfs_server_clients=10.0.0.0/24", "list"]),
    "text for a list of members": ({"nfs_server_members": "node1"}, ["nfs_server_members", "list", "[node1]"]),
    "root squashed": ({"nfs_server_options": "rw,sync"}, ["nfs_server_options=rw,sync", "no_root_squash"]),
    "options of NFS beside a whole line": (
        {"storage_options": "rw,hard", "storage_nfs_options": {"vers": "3"}},
        ["storage_nfs_options", "storage_options=rw,hard", "one of them"],
    ),
    "options of NFS for another file system": (
        {"storage_fstype": "lustre", "storage_nfs_options": {"vers": "3"}},
        ["storage_nfs_options", "storage_fstype=lustre"],
    ),
    "an unknown option of NFS": ({"storage_nfs_options": {"version": "3"}}, ["storage_nfs_options", "version", "vers"]),
    "an unknown version of NFS": ({"storage_nfs_options": {"vers": "5"}}, ["storage_nfs_options", "5", "4.2"]),
    "no caching and for how long": (
        {"storage_nfs_options": {"noac": True, "actimeo": 2}},
        ["storage_nfs_options", "noac", "actimeo", "Project Sharing"],
    ),
    "too many connections": ({"storage_nfs_options": {"nconnect": 17}}, ["nconnect=17", "1 to 16"]),
    "a size that is no multiple": ({"storage_nfs_options": {"rsize": 5000}}, ["rsize=5000", "multiple of 1024"]),
    "project sharing without its lists": (
        {"storage_nfs_options": {"vers": "3", "acl": False}},
        ["noacl", "project sharing", "server-project-sharing: 0"],
    ),
    "project sharing on Amazon EFS": (
        {"storage_preset": "efs", "storage_server": "fs-0123456789abcdef0.efs.eu-west-1.amazonaws.com"},
        ["storage_preset=efs", "access control", "server-project-sharing: 0"],
    ),
    "unknown preset": ({"storage_preset": "fast"}, ["storage_preset", "fast", "safe", "vendor"]),
    "a mode without quotes": (
        {"storage_mounts": [{"path": "/x", "src": "y:/z", "mode": 0o755}]},
        ["storage_mounts", "493", '"0755"'],
    ),
    "a mode of homes without quotes": ({"accounts_home_mode": 0o700}, ["accounts_home_mode=448", '"0700"']),
    "a mount over the system": (
        {"storage_home_dir": "/etc"},
        ["storage_mounts has /etc, a directory of the system"],
    ),
    "homes the file server does not export": (
        {"storage_home_export": "/export/home"},
        [
            "10.203.0.21:/export/home",
            "storage_home_export",
            "store1 exports /var/nfs/workbench/home",
            "nfs_server_exports",
        ],
    ),
    "homes that nobody mounts": (
        {"accounts_home_root": "/home"},
        ["accounts_home_root=/home", "storage_mounts", "/nfs/workbench/home", "verify_paths"],
    ),
    "shared storage that nobody mounts": (
        {"server_shared_storage_path": "/srv/shared"},
        ["server_shared_storage_path=/srv/shared", "storage_mounts", "verify_paths"],
    ),
    "homes that nobody would prove": (
        {"verify_paths": ["/nfs/workbench/shared-storage"]},
        ["accounts_home_root=/nfs/workbench/home", "verify_paths"],
    ),
    "a mount that hides another": (
        {"storage_home_dir": "/nfs/workbench/all/home", "storage_shared_dir": "/nfs/workbench/all"},
        ["/nfs/workbench/all/home before /nfs/workbench/all", "hide"],
    ),
    "a move of what is not mounted": (
        {"storage_move_existing": ["/home"]},
        ["storage_move_existing=['/home']", "/nfs/workbench/home"],
    ),
    "text for a list of moves": ({"storage_move_existing": "/home"}, ["storage_move_existing=/home", "list"]),
    "no file server": ({"storage_server": ""}, ["storage_server"]),
    "advisory locks that stay on a node": (
        {"storage_options": "rw,nolock", "server_file_locks": {"lock-type": "advisory"}},
        ["storage_options=rw,nolock", "advisory"],
    ),
    "advisory locks that the mount keeps to itself": (
        {"storage_options": "rw,local_lock=posix", "server_file_locks": {"lock-type": "advisory"}},
        ["storage_options=rw,local_lock=posix has local_lock=posix", "lock-type=advisory"],
    ),
    "link-based locks on Amazon EFS": (
        {"storage_server": "fs-0123abcd.efs.eu-west-1.amazonaws.com"},
        ["link-based locks, which do not work on Amazon EFS", "server_file_locks_preset=efs", "Lock configuration"],
    ),
    "locks that are seen refreshed too late": (
        {"storage_options": "rw,actimeo=1800"},
        ["storage_options=rw,actimeo=1800 caches attributes for 1800 s", "timeout-interval=30", "actimeo=2"],
    ),
    "locks that are stale before they are refreshed": (
        {"server_file_locks": {"timeout-interval": 15}},
        ["refresh-rate=20 and timeout-interval=15 in server_file_locks", "above refresh-rate"],
    ),
    "two users with one uid": (
        {"accounts_users": [{"name": "a", "uid": 20001}, {"name": "b", "uid": 20001}]},
        ["accounts_users", "20001", "a", "b"],
    ),
    "a user name useradd refuses": ({"accounts_users": [{"name": "No Body"}]}, ["accounts_users", "No Body"]),
    "text for a list of groups": (
        {"accounts_users": [{"name": "ada", "groups": "analysts"}]},
        ["accounts_users", "user ada", "groups is analysts", "[analysts]"],
    ),
    "a password in the clear": (
        {"accounts_users": [{"name": "ada", "password": "geheim"}]},
        ["accounts_users", "user ada", "password", "crypt(3)"],
    ),
    "a directory without a server": (
        {**SSSD, "accounts_sssd_uris": []},
        ["accounts_sssd_uris is empty", "ldaps://ldap.example.org"],
    ),
    "a service account without a password": (
        {**SSSD, "accounts_sssd_bind_dn": "cn=workbench,dc=example,dc=org"},
        ["accounts_sssd_bind_password is empty", "accounts_sssd_bind_dn"],
    ),
    "a directory's server that is no URI": (
        {**SSSD, "accounts_sssd_uris": ["ldap.example.org"]},
        ["accounts_sssd_uris has ldap.example.org", "ldaps://"],
    ),
    "text for a list of a directory's servers": (
        {"accounts_sssd_uris": "ldaps://ldap.example.org"},
        ["accounts_sssd_uris=ldaps://ldap.example.org", "list"],
    ),
    "a domain that is no name": ({**SSSD, "accounts_sssd_domain": "my domain"}, ["accounts_sssd_domain=my domain"]),
    "one home for all": (
        {**SSSD, "accounts_sssd_home": "/nfs/workbench/home"},
        ["accounts_sssd_home=/nfs/workbench/home", "%u"],
    ),
    "a filter that is open": (
        {**SSSD, "accounts_sssd_access_filter": "(uid=*"},
        ["accounts_sssd_access_filter=(uid=*", "parentheses"],
    ),
    "days before today": ({**SSSD, "accounts_sssd_offline_days": -1}, ["accounts_sssd_offline_days=-1", "0"]),
    "an authority that is not there": (
        {**SSSD, "accounts_sssd_authority": "/no/such/file"},
        ["accounts_sssd_authority=/no/such/file", "controller"],
    ),
    "a user from two places": (
        {**SSSD, "accounts_users": [{"name": "ada"}], "accounts_sssd_users": ["ada"]},
        ["accounts_users and accounts_sssd_users both have ada"],
    ),
    "users of a directory that nobody asks": (
        {"accounts_sssd_users": ["grace"]},
        ["accounts_sssd_users has grace", "accounts_source is local"],
    ),
    "a profile of everybody": (
        {"accounts_pam_profiles": ["common-auth"]},
        ["accounts_pam_profiles has common-auth", "rstudio-session"],
    ),
    "an option of SSSD of another type": (
        {**SSSD, "accounts_sssd_options": {"ldap_schema": "rfc2308"}},
        ["ldap_schema=rfc2308 in accounts_sssd_options", "rfc2307bis"],
    ),
    "a switch of SSSD that is none": (
        {**SSSD, "accounts_sssd_sections": {"pam": {"pam_cert_auth": "perhaps"}}},
        ["pam_cert_auth=perhaps in accounts_sssd_sections pam", "true or false"],
    ),
    "a number of SSSD that is none": (
        {**SSSD, "accounts_sssd_options": {"min_id": "one"}},
        ["min_id=one in accounts_sssd_options", "whole number"],
    ),
    "a service account's password among options": (
        {**SSSD, "accounts_sssd_options": {"ldap_default_authtok": "geheim"}},
        ["ldap_default_authtok in accounts_sssd_options", "accounts_sssd_bind_password"],
    ),
    "a value of two lines": (
        {**SSSD, "accounts_sssd_bind_dn": "cn=a", "accounts_sssd_bind_password": "geheim\n[sssd]"},
        ["ldap_default_authtok", "line break"],
    ),
    "a directory that need not prove who it is": (
        {**SSSD, "accounts_sssd_options": {"ldap_tls_reqcert": "never"}},
        ["ldap_tls_reqcert=never in [domain/LDAP]", "accounts_sssd_insecure: [ldap_tls_reqcert]"],
    ),
    "passwords in the clear": (
        {**SSSD, "accounts_sssd_options": {"ldap_auth_disable_tls_never_use_in_production": True}},
        ["ldap_auth_disable_tls_never_use_in_production=true", "accounts_sssd_insecure"],
    ),
    "a connection in the clear": (
        {
            **SSSD,
            "accounts_sssd_uris": ["ldap://ldap.example.org"],
            "accounts_sssd_options": {"ldap_id_use_start_tls": False},
        },
        ["ldap_id_use_start_tls=false", "accounts_sssd_insecure: [ldap_id_use_start_tls]"],
    ),
    "an insecurity nobody knows": ({"accounts_sssd_insecure": ["all"]}, ["accounts_sssd_insecure has all"]),
    "a home passwd cannot hold": ({"accounts_users": [{"name": "ada", "home": "/a:b"}]}, ["accounts_users", "home"]),
    "a range of one": ({"accounts_id_range": [5]}, ["accounts_id_range is [5]", "[first, last]"]),
    "a short cookie key": ({"keys_cookie_key": "too-short-to-be-a-key"}, ["keys_cookie_key", "21 bytes", "32"]),
    "a launcher key that is none": (
        {"keys_launcher_private_key": "ssh-rsa AAAA"},
        ["keys_launcher_private_key", "PEM"],
    ),
    "a launcher key folded into one line": (
        {"keys_launcher_private_key": "-----BEGIN PRIVATE KEY----- MIIEvQ -----END PRIVATE KEY-----"},
        ["keys_launcher_private_key", "line breaks"],
    ),
    "a launcher key that is damaged": (
        {"keys_launcher_private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----\n"},
        ["keys_launcher_private_key", "does not load"],
    ),
    "a password that is a number": ({"database_password": 12345678}, ["database_password", "quotes"]),
    "a password only the database host knows": (
        {"database_password": "{{ 'one-for-the-host' if 'db1' in inventory_hostname else '' }}"},
        ["database_password is set for db1; empty for node1, node2, node3", "group_vars/all.yml"],
    ),
    "another database on the nodes": (
        {"database_name": "{{ 'one' if 'db1' in inventory_hostname else 'two' }}"},
        ["database_name is one for db1; two for node1"],
    ),
    "a password that breaks the connection": ({"database_password": "geheim'"}, ["database_password has a ' or a"]),
    "a connection URI the product would not take": (
        {"server_database_conf": {"connection-uri": "mysql://h/d"}},
        ["connection-uri in server_database_conf", "postgresql://"],
    ),
    "a certificate without TLS": (
        {"database_authentication": "certificate"},
        ["database_authentication=certificate with database_tls=none", "verify-ca"],
    ),
    "a login by certificate that checks names": (
        {"database_tls": "verify-full", "database_authentication": "certificate"},
        ["database_tls=verify-full", "Workbench always uses verify-ca", "both"],
    ),
    "a login by certificate in an old release": (
        {"database_tls": "verify-ca", "database_authentication": "certificate", "server_version": "2023.12.1+402.pro1"},
        ["server_version=2023.12.1+402.pro1", "since 2024.04"],
    ),
    "a login by certificate without one": (
        {"database_tls": "verify-ca", "database_tls_authority": "/a", "database_authentication": "certificate"},
        ["database_authentication=certificate needs database_client_certificate and database_client_key"],
    ),
    "certificates that nobody can check": (
        {"database_tls": "verify-full", "database_manage": False, "database_host": "db.example.com"},
        ["database_tls=verify-full needs database_tls_authority, which is empty"],
    ),
    "a server without a certificate to check": (
        {"database_tls": "verify-ca", "database_tls_authority": "/a"},
        ["database_manage=true", "needs database_tls_certificate and database_tls_key"],
    ),
    "a certificate of the database without its key": (
        {"database_tls": "require", "database_tls_certificate": "/c"},
        ["database_tls_certificate and database_tls_key belong together"],
    ),
    "a certificate somewhere": (
        {"database_tls": "require", "database_tls_certificate": "c.crt", "database_tls_key": "/k"},
        ["database_tls_certificate=c.crt", "absolute path"],
    ),
    "a schema in capitals": ({"database_schema": "Workbench"}, ["database_schema=Workbench", "lower case"]),
    "a schema of PostgreSQL's own": ({"database_schema": "pg_rstudio"}, ["database_schema=pg_rstudio", "pg_"]),
    "a schema in an old release": (
        {"database_schema": "workbench", "server_version": "2021.09.0+351.pro6"},
        ["database_schema=workbench", "server_version=2021.09.0+351.pro6", "2022.02"],
    ),
    "a connection URI beside variables it is made of": (
        {"server_database_conf": {"connection-uri": "postgresql://u@h/d"}, "database_schema": "workbench"},
        ["connection-uri in server_database_conf, and database_schema"],
    ),
    "a connection URI beside fields": (
        {"server_database_conf": {"connection-uri": "postgresql://u@h/d", "host": "db"}},
        ["host in server_database_conf beside connection-uri", "Workbench does not read them"],
    ),
    "fields beside a connection URI that is made": (
        {"database_tls": "require", "server_database_conf": {"username": "bob"}},
        ["username in server_database_conf beside one made of database_tls", "database_user"],
    ),
    "an address of IPv6 in a connection URI": (
        {"database_tls": "require", "database_host": "fd00::31", "database_manage": False},
        ["database_host=fd00::31 with database_tls", "a name"],
    ),
    "a password that another key encrypted": (
        {
            "keys_cookie_key": "x" * 36,
            "server_database_conf": {
                "password": "BFA25145OoPWwVZMdN/K7eDJUD5gLg916yildo6m+XG0+Sld7r+SuKXS3Rsi/TC0qbVZ5uCMBFA25145"
            },
        },
        ["password in server_database_conf is encrypted with the key BFA25145", "keys_cookie_key"],
    ),
    "a way to check the server that is none": (
        {"database_tls": "full"},
        ["database_tls", "full", "none, require, verify-ca, verify-full"],
    ),
    "a way to log in that is none": (
        {"database_authentication": "kerberos"},
        ["database_authentication", "kerberos", "password, certificate, both"],
    ),
    "TLS for the nodes only": (
        {"database_tls": "{{ 'none' if 'db1' in inventory_hostname else 'require' }}"},
        ["database_tls is none for db1; require for node1, node2, node3", "group_vars/all.yml"],
    ),
    "a client that is none": ({"database_clients": ["10.0.0.0/33"]}, ["database_clients", "not 10.0.0.0/33"]),
    "text for a list of database clients": (
        {"database_clients": "node1"},
        ["database_clients=node1", "must be a list"],
    ),
    "adopt from a stranger": ({"keys_adopt_from": "node9"}, ["keys_adopt_from=node9", "node1"]),
    "the superuser as owner": ({"database_user": "postgres"}, ["database_user=postgres"]),
    "a role that PostgreSQL keeps for itself": ({"database_user": "public"}, ["database_user=public"]),
    "a database that PostgreSQL keeps for itself": ({"database_name": "template1"}, ["database_name=template1"]),
    "a port that is none": ({"database_port": 99999}, ["database_port=99999", "65535"]),
    "an option in the wrong file": (
        {"server_rserver_conf": {"www-host-name": "x"}},
        ["www-host-name", "server_rserver_conf", "server_load_balancer"],
    ),
    "a cookie key in another place": (
        {"server_rserver_conf": {"secure-cookie-key-file": "/mnt/key"}},
        ["secure-cookie-key-file=/mnt/key", "server_rserver_conf", "/etc/rstudio/secure-cookie-key"],
    ),
    "a cluster on SQLite": ({"server_database_conf": {"provider": "sqlite"}}, ["provider=sqlite", "postgresql"]),
    "an address nobody else reaches": ({"server_www_host_name": "localhost"}, ["server_www_host_name=localhost"]),
    "an address of all nodes": (
        {"server_www_host_name": "wb.example.com"},
        ["server_www_host_name", "node1 and node2 and node3", "wb.example.com"],
    ),
    "one address in the private network for all": (
        {"cluster_address": "10.0.0.5"},
        ["cluster_address=10.0.0.5", "node1 and node2 and node3 and store1 and db1"],
    ),
    "an address in the private network that is none": (
        {"cluster_address": "{{ '10.0.0.5:8787' if 'store1' in inventory_hostname else '' }}"},
        ["cluster_address=10.0.0.5:8787 of store1", "an address or a name"],
    ),
    "an address in a file": (
        {"server_load_balancer": {"www-host-name": "x"}},
        ["www-host-name=x", "server_load_balancer", "server_www_host_name"],
    ),
    "a balancer that is none": (
        {"server_load_balancer": {"balancer": "roundrobin"}},
        ["balancer=roundrobin", "server_load_balancer", "user-hash"],
    ),
    "a wait for nodes below nothing": (
        {"server_load_balancer": {"timeout": -1}},
        ["timeout=-1 in server_load_balancer", "0 "],
    ),
    "diagnostics somewhere": (
        {"server_load_balancer": {"diagnostics": "/tmp/x"}},
        ["diagnostics=/tmp/x in server_load_balancer", "tmp or stderr"],
    ),
    "a balancer that cannot be executed": (
        {"server_balancer_script": "echo ${RSTUDIO_NODES%%,*}"},
        ["server_balancer_script cannot be executed", "#!/bin/sh"],
    ),
    "a script that nobody asks": (
        {"server_balancer_script": "#!/bin/sh", "server_load_balancer": {"balancer": "user-hash"}},
        ["server_balancer_script with balancer=user-hash", "Balancing methods"],
    ),
    "a balancer in two places": (
        {"server_balancer_script": "#!/bin/sh", "server_rserver_conf": {"server-balancer-path": "/b"}},
        ["server-balancer-path=/b in server_rserver_conf", "server_balancer_script"],
    ),
    "addresses for certificates of names": (
        {
            "server_www_host_name": "wb.example.com",
            "server_rserver_conf": {"resolve-load-balancer-nodes": True, "ssl-enabled": True},
        },
        ["resolve-load-balancer-nodes and ssl-enabled", "wb.example.com"],
    ),
    "a Local cluster that is none": (
        {"server_load_balancer": {"launcher-balancing-cluster": "Kubernetes"}},
        ["launcher-balancing-cluster=Kubernetes in server_load_balancer", "type Local", "Local."],
    ),
    "an option of a later release": (
        {"server_version": "2023.06.1+524.pro1", "server_load_balancer": {"delete-node-on-exit": True}},
        ["delete-node-on-exit in server_load_balancer", "2023.06.1", "2023.09 is the first"],
    ),
    "the switch of a later release": (
        {
            "server_version": "1.4.1717-3",
            "server_launcher_scratch_path": "/nfs/workbench/home/Local",
            "server_rserver_conf": {"load-balancing-enabled": True},
        },
        ["load-balancing-enabled in server_rserver_conf", "1.4.1717-3 does not know it"],
    ),
    "an old release whose launchers do not meet": (
        {"server_version": "1.4.1717-3"},
        ["1.4.1717-3", "server_launcher_scratch_path", "High Availability with Local Launcher"],
    ),
    "a scratch path of each node's own": (
        {"server_launcher_scratch_path": "/var/lib/rstudio-launcher/Local"},
        ["server_launcher_scratch_path=/var/lib/rstudio-launcher/Local is not shared", "/nfs/workbench/home"],
    ),
    "a scratch path of everybody's": (
        {"server_launcher_scratch_path": "/nfs/workbench/shared-storage/Local"},
        [
            "server_launcher_scratch_path=/nfs/workbench/shared-storage/Local",
            "server_shared_storage_path",
            "every user",
        ],
    ),
    "two scratch paths": (
        {
            "server_launcher_scratch_path": "/nfs/workbench/home/Local",
            "server_launcher_local_conf": {"scratch-path": "/x"},
        },
        ["server_launcher_scratch_path=/nfs/workbench/home/Local", "scratch-path=/x", "leave one out"],
    ),
    "two ways for launchers to know each other": (
        {
            "server_launcher_scratch_path": "/nfs/workbench/home/Local",
            "server_load_balancer": {"launcher-balancing-enabled": True},
        },
        ["server_launcher_scratch_path", "launcher-balancing-enabled in server_load_balancer", "Leave one"],
    ),
    "launchers that do not know each other": (
        {"server_load_balancer": {"launcher-balancing-enabled": False}},
        ["launcher-balancing-enabled=0 in server_load_balancer", "server_launcher_scratch_path"],
    ),
    "a scratch path by hand that is not shared": (
        {
            "server_load_balancer": {"launcher-balancing-enabled": False},
            "server_launcher_local_conf": {"scratch-path": "/var/x"},
        },
        ["scratch-path=/var/x is not shared"],
    ),
    "a cluster of an unknown type": (
        {"server_launcher_sections": [{"name": "cluster", "options": {"name": "Local", "type": "Docker"}}]},
        ["server_launcher_sections has the cluster name=Local, type=Docker", "Kubernetes, Slurm"],
    ),
    "two clusters with one file": (
        {
            "server_launcher_sections": [
                {"name": "cluster", "options": {"name": name, "type": "Local"}} for name in ("Local", "local")
            ]
        },
        ["server_launcher_sections has local twice"],
    ),
    "a default cluster that is none": (
        {"server_rserver_conf": {"launcher-default-cluster": "Slurm"}},
        ["launcher-default-cluster=Slurm in server_rserver_conf", "Local."],
    ),
    "sessions elsewhere that cannot call back": (
        {"server_launcher_sections": [{"name": "cluster", "options": {"name": "K", "type": "Kubernetes"}}]},
        ["server_launcher_sections has K of type Kubernetes", "launcher-sessions-callback-address"],
    ),
    "options of a plugin without a cluster": (
        {"server_launcher_plugins": {"slurm": {"thread-pool-size": 4}}},
        ["server_launcher_plugins has slurm", "server_launcher_sections"],
    ),
    "profiles of a Local cluster": (
        {"server_launcher_profiles": {"local": []}},
        ["server_launcher_profiles has local", "server_launcher_local_conf"],
    ),
    "an option that a plugin does not know": (
        {
            "server_launcher_sections": [{"name": "cluster", "options": {"name": "Slurm", "type": "Slurm"}}],
            "server_rserver_conf": {"launcher-sessions-callback-address": "http://wb.example.com"},
            "server_launcher_plugins": {"slurm": {"api-url": "x"}},
        },
        ["server_launcher_plugins has api-url for slurm", "type Slurm"],
    ),
    "profiles that are no sections": (
        {
            "server_launcher_sections": [{"name": "cluster", "options": {"name": "Slurm", "type": "Slurm"}}],
            "server_rserver_conf": {"launcher-sessions-callback-address": "http://wb.example.com"},
            "server_launcher_profiles": {"slurm": [{"name": "two words", "options": {}}]},
        },
        ["server_launcher_profiles of slurm", "two words"],
    ),
    "a launcher on another port": (
        {"server_launcher_conf": {"port": 5560}},
        ["port=5560 in server_launcher_conf", "launcher-port=5559 in server_rserver_conf"],
    ),
    "a launcher with TLS that is asked without": (
        {"server_launcher_conf": {"enable-ssl": True, "certificate-file": "/c", "certificate-key-file": "/k"}},
        ["enable-ssl=True in server_launcher_conf", "launcher-use-ssl=False in server_rserver_conf"],
    ),
    "a launcher with TLS without a certificate": (
        {"server_launcher_conf": {"enable-ssl": True}, "server_rserver_conf": {"launcher-use-ssl": True}},
        ["enable-ssl in server_launcher_conf without certificate-file and certificate-key-file"],
    ),
    "the balancer as a file": (
        {"server_files": [{"path": "/etc/rstudio/rserver-balancer", "content": ""}]},
        ["server_files names /etc/rstudio/rserver-balancer", "variables of their own"],
    ),
    "a provider that is none": (
        {"server_database_conf": {"provider": "postgres"}},
        ["provider=postgres ", "server_database_conf", "postgresql"],
    ),
    "a member nobody knows": (
        {"server_members": ["node1", "node2", "node3", "node9"]},
        ["server_members", "node9", "inventory"],
    ),
    "a file somewhere": (
        {"server_files": [{"path": "rsession.conf", "content": ""}]},
        ["server_files", "rsession.conf", "absolute"],
    ),
    "a file twice": (
        {"server_files": [{"path": "/etc/rstudio/x", "content": ""}] * 2},
        ["server_files", "/etc/rstudio/x", "once"],
    ),
    "a file with two contents": (
        {"server_files": [{"path": "/etc/rstudio/x", "content": "", "secret_base64": "eA=="}]},
        ["server_files", "/etc/rstudio/x", "either content or"],
    ),
    "a file without content": (
        {"server_files": [{"path": "/etc/rstudio/x"}]},
        ["server_files", "/etc/rstudio/x", "either content or"],
    ),
    "a mode of a file without quotes": (
        {"server_files": [{"path": "/etc/rstudio/x", "content": "", "mode": 0o600}]},
        ["server_files", "mode=384", "/etc/rstudio/x", "in quotes"],
    ),
    "a way to restart that is none": ({"server_restart": "now"}, ["server_restart", "now", "rolling, at_once, never"]),
    "a misspelt variable": (
        {"server_rserver_cnof": {}},
        ["server_rserver_cnof", "server_rserver_conf is", "workbench_other_variables"],
    ),
    "somebody else's database": (
        {"database_host": "10.203.0.21"},
        ["database_host=10.203.0.21 of node1, node2, node3", "workbench_database", "database_manage=false"],
    ),
    "a version that is none": ({"server_version": "latest"}, ["server_version=latest"]),
    "a way with options that is none": (
        {"server_unknown_options": "ask"},
        ["server_unknown_options", "ask", "refuse, keep, drop"],
    ),
    "a number that is none": (
        {"server_rserver_conf": {"www-thread-pool-size": "5x"}},
        ["www-thread-pool-size=5x", "server_rserver_conf", "whole number"],
    ),
    "a switch that is none": (
        {"server_rserver_conf": {"ssl-enabled": "maybe"}},
        ["ssl-enabled=maybe", "server_rserver_conf", "true or false"],
    ),
    "a value the product cannot read": ({"server_rserver_conf": {"www-address": "a\nb=c"}}, ["www-address"]),
    "a step of nothing": ({"clock_step_threshold": 0}, ["clock_step_threshold=0", "above 0"]),
    "a correction of nothing": ({"clock_max_correction": 0}, ["clock_max_correction=0", "above 0"]),
    "a wait into the past": ({"clock_wait": -1}, ["clock_wait=-1", "at least 0"]),
    "an export that is no path": (
        {"nfs_server_exports": [{"path": "srv"}]},
        ["nfs_server_exports=['srv']", "absolute"],
    ),
    "no export": ({"nfs_server_exports": []}, ["nfs_server_exports=[]", "at least one"]),
    "text for a list of exports": (
        {"nfs_server_exports": "/srv"},
        ["nfs_server_exports=/srv", "list of entries", "path"],
    ),
    "a client with options": ({"nfs_server_clients": ["*(rw)"]}, ["nfs_server_clients=['*(rw)']", "brackets"]),
    "text for a list of mounts": (
        {"storage_mounts": "/home"},
        ["storage_mounts=/home", "list of entries", "path", "src"],
    ),
    "no mount": ({"storage_mounts": []}, ["storage_mounts=[]", "absolute path"]),
    "a mount twice": (
        {"storage_mounts": [{"path": "/x", "src": "y:/z"}] * 2},
        ["storage_mounts=['y:/z on /x', 'y:/z on /x']", "of its own"],
    ),
    "a mode that is no number": (
        {"storage_mounts": [{"path": "/x", "src": "y:/z", "mode": "u+rwx"}]},
        ["storage_mounts has the mode u+rwx for /x", "octal", "in quotes"],
    ),
    "text for a list of users": (
        {"accounts_users": "name=ada password=geheim"},
        ["accounts_users must be a list of entries", "name"],
    ),
    "a uid that is no number": (
        {"accounts_users": [{"name": "ada", "uid": "x1"}]},
        ["accounts_users", "uid", "int"],
    ),
    "text for a list of members of accounts": (
        {"accounts_members": "node1"},
        ["accounts_members=node1", "list", "[node1]"],
    ),
    "a port that is no number": ({"database_port": "many"}, ["database_port=many", "whole number"]),
    "a port of another server": ({"database_port": 5433}, ["database_port=5433", "database_manage=false", "5432"]),
    "a switch of a role that is none": ({"clock_manage": "perhaps"}, ["clock_manage=perhaps", "true or false"]),
    "no database host": ({"database_host": ""}, ["database_host=", "name or address", "workbench_database"]),
    "a database that is no identifier": ({"database_name": "a-b"}, ["database_name=a-b", "identifier"]),
    "a user that is no identifier": ({"database_user": "a-b"}, ["database_user=a-b", "identifier"]),
    "a policy that is none": ({"keys_policy": "adpot"}, ["keys_policy=adpot", "adopt, never, fail, rotate"]),
    "no load balancing": (
        {"server_rserver_conf": {"load-balancing-enabled": False}},
        ["load-balancing-enabled=False in server_rserver_conf", "load-balancing-enabled=1"],
    ),
    "a launcher's key in another place": (
        {"server_launcher_conf": {"secure-cookie-key-file": "/mnt/key"}},
        ["secure-cookie-key-file=/mnt/key", "server_launcher_conf"],
    ),
    "a database.conf in another place": (
        {"server_rserver_conf": {"database-config-file": "/mnt/d"}},
        ["database-config-file=/mnt/d", "/etc/rstudio/database.conf"],
    ),
    "text for options": ({"server_load_balancer": "balancer=sessions"}, ["server_load_balancer must be a dictionary"]),
    "an option of load-balancer": (
        {"server_load_balancer": {"timeout": "soon"}},
        ["timeout=soon in server_load_balancer"],
    ),
    "an option of database.conf": (
        {"server_database_conf": {"pool-size": "x"}},
        ["pool-size=x in server_database_conf"],
    ),
    "an option of file-locks": (
        {"server_file_locks": {"lock-type": "flock"}},
        ["lock-type=flock", "server_file_locks"],
    ),
    "an option of launcher.conf": ({"server_launcher_conf": {"port": "x"}}, ["port=x in server_launcher_conf"]),
    "an option of launcher.local.conf": (
        {"server_launcher_local_conf": {"unprivileged": "x"}},
        ["unprivileged=x in server_launcher_local_conf"],
    ),
    "an option of a section": (
        {"server_launcher_sections": [{"name": "cluster", "options": {"name": True, "type": "Local"}}]},
        ["name=true in server_launcher_sections", "in quotes"],
    ),
    "a launcher without a cluster": (
        {"server_launcher_sections": [{"name": "x", "options": {}}]},
        ["server_launcher_sections has x", "section named cluster"],
    ),
    "a file of the role's own": (
        {"server_files": [{"path": "/etc/rstudio/rserver.conf", "content": ""}]},
        ["server_files names /etc/rstudio/rserver.conf", "variables of their own", "launcher.pem"],
    ),
    "a version of R that is none": (
        {"server_r_versions": ["4.4"]},
        ["server_r_versions has 4.4", "three numbers", "4.4.1"],
    ),
    "a package of R for one version": ({"server_r_package": "r.deb"}, ["server_r_package=r.deb", "{version}"]),
    "a version of Python without a package": (
        {"server_python_versions": ["3.12.4"]},
        ["server_python_versions=['3.12.4']", "server_python_package=", "{version}"],
    ),
    "r-versions twice": (
        {"server_r_paths": ["/apps/R"], "server_files": [{"path": "/etc/rstudio/r-versions", "content": ""}]},
        ["server_r_paths=['/apps/R']", "server_files", "/etc/rstudio/r-versions"],
    ),
    "a home of R with a blank": ({"server_r_paths": ["/a b"]}, ["server_r_paths has /a b", "without blanks"]),
    "a mount with a blank": ({"server_required_mounts": ["/a b"]}, ["server_required_mounts has /a b", "systemd"]),
    "front ends for a node that is none": ({"proxy_members": ["node9"]}, ["proxy_members=['node9']", "inventory"]),
    "a node that is drained and none of theirs": (
        {"proxy_drained": ["store1"]},
        ["proxy_drained=['store1']", "none of proxy_members"],
    ),
    "all nodes drained": ({"proxy_drained": "{{ proxy_members }}"}, ["proxy_drained", "leaves no node"]),
    "another web server": ({"proxy_server": "squid"}, ["proxy_server=squid", "nginx, haproxy, apache"]),
    "a front end on no port": ({"proxy_port": 0, "proxy_node_port": 70000}, ["proxy_port", "1 to 65535"]),
    "https sent to https": (
        {**FRONT_TLS, "proxy_redirect_port": 443},
        ["proxy_redirect_port=443 is proxy_port", "or to 0"],
    ),
    "addresses that are names": (
        {"proxy_addresses": ["front1"]},
        ["proxy_addresses=['front1']", "addresses of this host"],
    ),
    "a path with a quote": ({"proxy_path": '/a"b'}, ['proxy_path=/a"b', "must begin with /"]),
    "a check without a path": ({"proxy_check_path": "health"}, ["proxy_check_path=health", "must begin with /"]),
    "an answer that takes longer than the front end waits": (
        {"proxy_timeout": 30},
        ["proxy_timeout=30", "at least 60", "Running with a Proxy"],
    ),
    "a WebSocket that may not be silent": ({"proxy_websocket_timeout": 5}, ["proxy_websocket_timeout=5", "60"]),
    "SAML at any node": (
        {"proxy_sticky": False, "server_rserver_conf": {"auth-saml": 1}},
        ["proxy_sticky=false", "auth-saml", "identity provider"],
    ),
    "SAML at nodes in turn": (
        {"proxy_mode": "active_passive", "server_rserver_conf": {"auth-saml": 1}},
        ["proxy_mode=active_passive", "auth-saml", "haproxy"],
    ),
    "OpenID at any node, before it kept its state in the cluster": (
        {"proxy_sticky": False, "server_rserver_conf": {"auth-openid": 1}, "server_version": "2023.06.1+524.pro1"},
        ["proxy_sticky=false", "auth-openid", "2023.09"],
    ),
    "who somebody is, of a front end that asks nobody": (
        {"server_rserver_conf": {"auth-proxy": 1}},
        ["auth-proxy", "asks nobody"],
    ),
    "TLS without a key": ({"proxy_tls_certificate": "/etc/ssl/front.crt"}, ["proxy_tls_key=", "TLS needs both"]),
    "a certificate that is none of the host's": (
        {"proxy_tls_certificate": "front.crt", "proxy_tls_key": "front.key"},
        ["proxy_tls_certificate=front.crt", "absolute paths"],
    ),
    "a key that HAProxy does not find": (
        {**FRONT_TLS, "proxy_server": "haproxy", "proxy_tls_key": "/etc/ssl/private/front.key"},
        ["proxy_tls_key=/etc/ssl/private/front.key", "/etc/ssl/front.key"],
    ),
    "a name that the authority of the cluster does not know": (
        {"tls_source": "authority", "proxy_names": ["wb.example.com"]},
        ["proxy_names=['wb.example.com']", "none of tls_names"],
    ),
    "names without a certificate": ({"proxy_names": ["wb.example.com"]}, ["proxy_names", "proxy_tls_certificate"]),
    "nodes with TLS that nobody judges": (
        {"server_rserver_conf": {"ssl-enabled": 1, "ssl-certificate": "/a", "ssl-certificate-key": "/b"}},
        ["proxy_node_authority", "proxy_node_name"],
    ),
    "a virtual address that is a network": (
        {**VIRTUAL, "proxy_virtual_address": "10.203.0.0/24"},
        ["proxy_virtual_address=10.203.0.0/24", "without a prefix"],
    ),
    "a virtual address for one front end": (
        {**VIRTUAL, "proxy_hosts": ["front1"]},
        ["proxy_virtual_address=10.203.0.79", "proxy_hosts=['front1']", "two or more"],
    ),
    "a virtual address on no interface": ({**VIRTUAL, "proxy_interface": ""}, ["proxy_interface="]),
    "a virtual router out of range": (
        {**VIRTUAL, "proxy_virtual_router": 256},
        ["proxy_virtual_router=256", "1 to 255"],
    ),
    "a network of people that is none": (
        {"firewall_state": "present", "firewall_people": ["office"]},
        ["firewall_people has office", "10.0.0.0/24"],
    ),
    "a firewall that is neither there nor not": (
        {"firewall_state": "on"},
        ["firewall_state=on", "ignored, present, absent"],
    ),
    "a port of the file server without its protocol": (
        {"firewall_state": "present", "firewall_storage_ports": ["2049", "70000/tcp"]},
        ["firewall_storage_ports has 2049, 70000/tcp", "8787/tcp"],
    ),
    "sessions that the firewall shuts off": (
        {"firewall_state": "present", "server_load_balancer": {"launcher-local-proxy": 0}},
        ["launcher-local-proxy=0", "firewall_session_ports", "ip_local_port_range"],
    ),
    "rules that go back at once": (
        {"firewall_state": "present", "firewall_confirm_wait": 1},
        ["firewall_confirm_wait=1", "20 seconds"],
    ),
    "members of a firewall by nobody": (
        {"firewall_state": "present", "firewall_members": {"nodes": ["node1"]}},
        ["firewall_members", "storage, database, proxy"],
    ),
    "a licence from nowhere": (
        {"server_license_source": "shop"},
        ["server_license_source=shop", "none, file, key, offline, server"],
    ),
    "a licence without its key": (
        {"server_license_source": "key"},
        ["server_license_source=key needs server_license_key"],
    ),
    "a licence file that is not there": (
        {"server_license_source": "file", "server_license_file": "/nowhere/x.lic"},
        ["server_license_file=/nowhere/x.lic is no file on the controller"],
    ),
    "a licence server with a blank": (
        {"server_license_source": "server", "server_license_server": "a b"},
        ["server_license_server=a b", "without blanks"],
    ),
    "nobody to verify": ({"verify_members": []}, ["verify_members is empty", "workbench_nodes"]),
    "text for a list of users to verify": ({"verify_users": "ada,grace"}, ["verify_users=ada,grace", "list"]),
    "verify the root": ({"verify_paths": ["/"]}, ["verify_paths=['/']", "not /"]),
    "an offset of nothing": ({"verify_clock_max_offset": 0}, ["verify_clock_max_offset=0", "above 0"]),
    "a refresh of nothing": ({"verify_lock_refresh": 0}, ["verify_lock_refresh=0", "above 0"]),
    "a timeout before the refresh": (
        {"verify_lock_timeout": 5, "verify_lock_refresh": 8},
        ["verify_lock_timeout=5", "verify_lock_refresh=8"],
    ),
    "a report somewhere": ({"verify_report_dir": "report"}, ["verify_report_dir=report", "absolute"]),
    "locks that are none": (
        {"verify_lock_types": ["flock"]},
        ["verify_lock_types=['flock']", "linkbased, symlink, advisory"],
    ),
    "two ways to sign in": (
        {"server_rserver_conf": {"auth-saml": True, "auth-saml-metadata-url": "https://idp/m", "auth-openid": "yes"}},
        ["auth-saml and auth-openid in server_rserver_conf exclude each other", "Authenticating Users"],
    ),
    "a way to sign in without its provider": (
        {"server_rserver_conf": {"auth-openid": True}},
        ["auth-openid in server_rserver_conf needs auth-openid-issuer"],
    ),
    "another share than the one that is mounted": (
        {"server_rserver_conf": {"server-shared-storage-path": "/srv/x"}},
        ["server-shared-storage-path=/srv/x in server_rserver_conf", "/nfs/workbench/shared-storage", "mounted"],
    ),
    "a launcher the server does not ask": (
        {"server_launcher_conf": {"port": 5560}},
        ["launcher-port=5559 in server_rserver_conf, port=5560 in server_launcher_conf", "Set both"],
    ),
    "an option of rsession.conf": (
        {"server_rsession_conf": {"session-timeout-minutes": "2h"}},
        ["session-timeout-minutes=2h in server_rsession_conf", "whole number"],
    ),
    "an option of logging.conf": (
        {"server_logging_conf": {"*": {"log-level": "loud"}}},
        ["*.log-level=loud in server_logging_conf", "trace, debug, info, warn, error"],
    ),
    "options of logging.conf without a section": (
        {"server_logging_conf": {"log-level": "debug"}},
        ["server_logging_conf must have options for each section"],
    ),
    "a mode of the log without quotes": (
        {"server_logging_conf": {"@rserver": {"log-file-mode": 0o600}}},
        ["@rserver.log-file-mode=384 in server_logging_conf", "in quotes"],
    ),
    "a variable of the environment that is none": (
        {"server_env_vars": {"http-proxy": "x"}},
        ["server_env_vars: 'http-proxy' is not a name of a variable"],
    ),
    "a switch in the environment": ({"server_env_vars": {"DEBUG": True}}, ["server_env_vars", "DEBUG", "in quotes"]),
    "a secret that goes to the log": (
        {"server_env_vars": {"API_TOKEN": "geheim"}},
        ["API_TOKEN in server_env_vars", "log", "server_files with secret_base64"],
    ),
    "where env-vars is, in env-vars": (
        {"server_env_vars": {"RSTUDIO_CONFIG_DIR": "/srv/etc"}},
        ["RSTUDIO_CONFIG_DIR in server_env_vars", "Core Administrative Tasks"],
    ),
    "a repository without a URL": ({"server_repos_conf": {"CRAN": "cran"}}, ["server_repos_conf has no URL for CRAN"]),
    "repositories without a default": (
        {"server_repos_conf": {"Internal": "https://p/i"}},
        ["server_repos_conf has no CRAN"],
    ),
    "two default repositories": (
        {"server_repos_conf": {"CRAN": "https://p/c"}, "server_rsession_conf": {"r-cran-repos": "https://p/d"}},
        ["server_repos_conf and r-cran-repos in server_rsession_conf"],
    ),
    "a repository's name with a blank": (
        {"server_repos_conf": {"CRAN": "https://p/c", "My own": "https://p/d"}},
        ["server_repos_conf: 'My own' is not a key"],
    ),
    "an option of crash-handler.conf": (
        {"server_crash_handler_conf": {"crash-handling-enabled": "true"}},
        ["crash-handling-enabled=true in server_crash_handler_conf", "(1 or 0)"],
    ),
    "a label of R of two lines": (
        {"server_r_definitions": [{"path": "/apps/R/4.3.1", "label": "a\nPath: /x"}]},
        ["server_r_definitions: label of /apps/R/4.3.1 has a line break"],
    ),
    "a home of R twice": (
        {"server_r_paths": ["/apps/R/"], "server_r_definitions": [{"path": "/apps/R"}]},
        ["server_r_definitions has /apps/R", "server_r_paths as well"],
    ),
    "a file by two variables": (
        {
            "server_rsession_conf": {"session-timeout-minutes": 60},
            "server_files": [{"path": "/etc/rstudio/rsession.conf", "content": ""}],
        },
        ["server_rsession_conf and server_files both write /etc/rstudio/rsession.conf"],
    ),
    "a file the product is led away from": (
        {
            "server_rsession_conf": {"session-timeout-minutes": 60},
            "server_rserver_conf": {"rsession-config-file": "/srv/rsession.conf"},
        },
        ["rsession-config-file=/srv/rsession.conf in server_rserver_conf", "server_rsession_conf writes"],
    ),
}

NODES = ["node1", "node2", "node3"]
GROUPS = {
    "all": [*NODES, "store1", "db1", "front1", "front2"],
    "workbench_nodes": NODES,
    "workbench_storage": ["store1"],
    "workbench_database": ["db1"],
    "workbench_proxy": ["front1", "front2"],
}
ADDRESSES = {
    "node1": "10.203.0.11",
    "node2": "10.203.0.12",
    "node3": "10.203.0.13",
    "store1": "10.203.0.21",
    "db1": "10.203.0.31",
    "front1": "10.203.0.75",
    "front2": "10.203.0.76",
}
# What the inventory of the demo says, where a rule looks.
SAID: dict[str, dict[str, t.Any]] = {
    host: {
        "ansible_host": address,
        "server_package": "rstudio-server",
        "server_version": "2026.04.0+526.pro2",
        "server_r_versions": ["4.4.1"],
        "server_r_package": "r-{version}_1_amd64.deb",
        "accounts_groups": [{"name": "analysts", "gid": 30001}],
        "accounts_users": [{"name": "ada", "uid": 20001, "groups": ["analysts"]}, {"name": "john"}],
        **({"clock_local_stratum": 10} if host == "store1" else {"clock_servers": ["10.203.0.21"]}),
    }
    for host, address in ADDRESSES.items()
}
