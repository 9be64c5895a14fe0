"""The keys rserver.conf knows, by type (facts §§1.4-1.7)."""

from __future__ import annotations


def names(text: str) -> frozenset[str]:
    return frozenset(text.split())


BOOLEANS = names(
    """
    load-balancing-enabled resolve-load-balancer-nodes server-project-sharing server-daemonize server-set-umask
    server-multiple-sessions server-health-check-enabled server-access-log r-versions-scan r-versions-multiple
    www-proxy-localhost www-verify-user-agent www-enable-origin-check ssl-enabled ssl-redirect-http ssl-hsts
    ssl-hsts-include-subdomains session-ssl-enabled launcher-sessions-enabled
    launcher-sessions-callback-verify-ssl-certs launcher-use-ssl launcher-verify-ssl-certs
    launcher-sessions-auto-update launcher-sessions-init-container-enabled launcher-sessions-use-password
    launcher-sessions-create-container-user launcher-sessions-container-run-as-root
    launcher-sessions-forward-container-environment launcher-sessions-container-forward-groups
    admin-enabled admin-monitor-log-use-server-time-zone audit-r-console-compress audit-r-sessions metrics-enabled
    audited-jobs monitor-rrd-enabled monitor-rstudio-session-metrics monitor-stderr-enabled monitor-graphite-enabled
    chronicle-enabled workbench-api-enabled workbench-api-admin-enabled workbench-api-super-admin-enabled
    databricks-enabled auth-none auth-validate-users auth-encrypt-password auth-stay-signed-in
    auth-cookies-force-secure auth-pam-require-password-prompt auth-pam-sessions-enabled
    auth-pam-sessions-use-password auth-pam-sessions-close auth-saml auth-openid auth-proxy user-provisioning-enabled
    verify-installation
    """
)
INTEGERS = names(
    """
    db-connection-timeout license-retry-seconds www-thread-pool-size ssl-hsts-max-age rsession-proxy-max-wait-secs
    launcher-sessions-callback-timeout launcher-sessions-connection-timeout-seconds
    launcher-sessions-proxy-timeout-seconds audit-r-console-user-limit-mb audit-r-console-user-limit-months
    audit-r-sessions-limit-mb audit-r-sessions-limit-months metrics-port monitor-interval-seconds
    monitor-graphite-port auth-stay-signed-in-days auth-timeout-minutes auth-sign-in-throttle-seconds
    user-provisioning-start-uid group-provisioning-start-gid
    """
)
REPEATABLE = frozenset(["server-add-header", "www-allow-origin"])
STRINGS = names(
    """
    server-balancer-path server-shared-storage-path server-project-sharing-root-dir server-data-dir
    secure-cookie-key-file database-config-file db-command server-user server-working-dir server-pid-file
    server-license-type server-nginx-path server-nginx-conf-template-path server-nginx-conf-path
    server-nginx-ld-library-path server-nginx-http-directives-path server-nginx-server-directives-path
    server-nginx-site-directives-path modules-bin-path r-versions-path www-port www-address www-socket www-root-path
    www-same-site www-frame-origin www-frame-ancestors ssl-certificate ssl-certificate-key ssl-protocols
    launcher-address launcher-port launcher-default-cluster launcher-sessions-clusters launcher-adhoc-clusters
    launcher-sessions-callback-address launcher-sessions-init-container-image-name
    launcher-sessions-init-container-image-tag launcher-sessions-forward-environment
    launcher-sessions-container-image launcher-sessions-container-images launcher-adhoc-container-images
    admin-group admin-superuser-group audit-r-console audit-r-console-format audit-r-sessions-format audit-data-path
    audited-jobs-storage-path monitor-data-path monitor-rrd-rrdtool-binary monitor-graphite-host
    monitor-graphite-client-id auth-login-page-html auth-required-user-group auth-minimum-user-id
    auth-pam-sessions-profile auth-saml-metadata-url auth-saml-metadata-path auth-saml-sp-base-uri
    auth-saml-sp-attribute-username auth-openid-issuer auth-openid-base-uri auth-openid-scopes
    auth-openid-username-claim auth-proxy-sign-in-url auth-proxy-user-header verify-user verify-test
    """
)
KNOWN = BOOLEANS | INTEGERS | STRINGS | REPEATABLE

DEFAULTS = {
    "server-data-dir": "/var/run/rstudio-server",
    "server-pid-file": "/var/run/rstudio-server.pid",
    "server-user": "rstudio-server",
    "server-balancer-path": "bin/rserver-balancer",
    "server-daemonize": "1",
    "server-project-sharing": "1",
    "www-address": "0.0.0.0",
    "www-root-path": "/",
    "launcher-port": "5559",
}
