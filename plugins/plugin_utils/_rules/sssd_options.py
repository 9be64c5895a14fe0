# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of SSSD with their types. An option that is missing here may exist.

Source: sssd.api.conf and sssd.api.d (SSSD 2.8.2), sssd.conf(5), sssd-ldap(5), sssd-ad(5).
"""

from __future__ import annotations

_BOOL = """
    ad_allow_remote_domain_local_groups ad_enable_dns_sites ad_enable_gc ad_update_samba_machine_account_password
    ad_use_ldaps cache_credentials core_dumpable debug_backtrace_enabled debug_microseconds debug_timestamps
    disable_netlink dyndns_force_tcp dyndns_update dyndns_update_ptr enabled enumerate filter_users_in_groups
    ignore_group_members implicit_pac_responder krb5_canonicalize krb5_fast_use_anonymous_pkinit
    krb5_store_password_if_offline krb5_use_enterprise_principal krb5_use_kdcinfo krb5_use_subdomain_realm
    krb5_validate ldap_chpass_update_last_change ldap_disable_paging ldap_disable_range_retrieval
    ldap_force_upper_case_realm ldap_id_mapping ldap_id_use_start_tls ldap_idmap_autorid_compat
    ldap_ignore_unreadable_references ldap_krb5_init_creds ldap_referrals ldap_rfc2307_fallback_to_local_users
    ldap_sasl_canonicalize ldap_sudo_include_netgroups ldap_sudo_include_regexp ldap_sudo_use_host_filter
    ldap_use_tokengroups monitor_resolv_conf pam_cert_auth pam_gssapi_check_upn ssh_hash_known_hosts
    ssh_use_certificate_keys sudo_inverse_order sudo_timed try_inotify use_fully_qualified_names
"""
BOOL = frozenset(_BOOL.split())
_INT = """
    account_cache_expiration ad_gpo_cache_timeout ad_maximum_machine_account_password_age autofs_negative_timeout
    cache_credentials_minimal_first_factor_length cache_first cached_auth_timeout client_idle_timeout
    config_file_version debug debug_level dns_resolver_op_timeout dns_resolver_server_timeout dns_resolver_timeout
    dyndns_refresh_interval dyndns_refresh_interval_offset dyndns_ttl entry_cache_autofs_timeout
    entry_cache_group_timeout entry_cache_netgroup_timeout entry_cache_nowait_percentage
    entry_cache_resolver_timeout entry_cache_service_timeout entry_cache_ssh_host_timeout entry_cache_sudo_timeout
    entry_cache_timeout entry_cache_user_timeout entry_negative_timeout enum_cache_timeout fd_limit
    get_domains_timeout krb5_auth_timeout ldap_connection_expire_offset ldap_connection_expire_timeout
    ldap_connection_idle_timeout ldap_deref_threshold ldap_enumeration_refresh_timeout
    ldap_enumeration_search_timeout ldap_group_nesting_level ldap_idmap_helper_table_size ldap_idmap_range_max
    ldap_idmap_range_min ldap_idmap_range_size ldap_krb5_ticket_lifetime ldap_library_debug_level ldap_max_id
    ldap_min_id ldap_network_timeout ldap_offline_timeout ldap_opt_timeout ldap_page_size ldap_purge_cache_timeout
    ldap_sasl_maxssf ldap_sasl_minssf ldap_search_timeout ldap_sudo_full_refresh_interval ldap_sudo_random_offset
    ldap_sudo_smart_refresh_interval local_negative_timeout max_id memcache_timeout min_id
    offline_credentials_expiration offline_failed_login_attempts offline_failed_login_delay offline_timeout
    offline_timeout_max offline_timeout_random_offset override_gid p11_child_timeout p11_wait_for_card_timeout
    pac_lifetime pam_id_timeout pam_pwd_expiration_warning pam_verbosity pwd_expiration_warning
    reconnection_retries refresh_expired_interval refresh_expired_interval_offset responder_idle_timeout
    ssh_known_hosts_timeout subdomain_refresh_interval subdomain_refresh_interval_offset sudo_threshold timeout
    wildcard_limit
"""
INT = frozenset(_INT.split())
ONE_OF = {
    "id_provider": ("ldap", "ad", "ipa", "proxy", "files"),
    "auth_provider": ("ldap", "krb5", "ad", "ipa", "proxy", "local", "none"),
    "access_provider": ("permit", "deny", "ldap", "ad", "ipa", "simple", "krb5", "proxy"),
    "chpass_provider": ("ldap", "krb5", "ad", "ipa", "proxy", "local", "none"),
    "ldap_schema": ("rfc2307", "rfc2307bis", "ipa", "ad"),
    "ldap_tls_reqcert": ("never", "allow", "try", "demand", "hard"),
    "ad_gpo_access_control": ("disabled", "enforcing", "permissive"),
}

# What makes a connection, or a password on it, worth nothing, by option: the values that do.
INSECURE: dict[str, tuple[str, ...]] = {
    "ldap_tls_reqcert": ("never", "allow", "try"),
    "ldap_auth_disable_tls_never_use_in_production": ("true",),
    "ldap_id_use_start_tls": ("false",),
}
WHY = {
    "ldap_tls_reqcert": "anybody between could pose as the directory",
    "ldap_auth_disable_tls_never_use_in_production": "passwords of users would cross the network in the clear",
    "ldap_id_use_start_tls": "with an ldap:// URI the service account's password and all users would cross it in the clear",
}
