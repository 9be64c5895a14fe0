# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of the product's files with their types, and where we know them from.

The inventory is judged by them, and the stand-in of the tests (through a link) knows no others. Nothing is imported: the
stand-in is packaged without the collection.

An option that is missing here may exist, for releases differ; a source says of which it is. Types are those that make the
product refuse a value, or misread it silently: `bool`, `int` (of 32 bits), `number`, `string`, `path`, `mode`, words with `|`
between them, `list` for text under a key that may repeat, and `lock` for what `_locks/rules.py` judges.
"""

from __future__ import annotations

OPEN_SOURCE = "rstudio/rstudio, src/cpp/server/server-options.json and ServerOptions.gen.hpp"
SESSIONS = "rstudio/rstudio, src/cpp/session/session-options.json, commit 02c25c2"
LOGGING = "rstudio/rstudio, src/cpp/core/LogOptions.cpp, commit 071d971"
CRASHES = "rstudio/rstudio, src/cpp/core/CrashHandler.cpp, commit 07c2f81 (1.3)"
SHARING = "Posit Workbench Administration Guide, Project Sharing"
GUIDE = "Posit Workbench Administration Guide, references rserver.conf, launcher.conf and load-balancer"
OPERATOR = "posit-dev/team-operator, api/core/v1beta1/workbench_config.go"
LOCKS = "rstudio/rstudio, src/cpp/core/file_lock/FileLock.cpp"
DATABASE = "rstudio/rstudio, src/cpp/core/Database.cpp"
SDK = "rstudio/rstudio-launcher-plugin-sdk, and the guide's pages on the Local, Slurm and Kubernetes plugins"

# File (a section of launcher.conf has its name behind a blank), source, type, names.
TABLE: tuple[tuple[str, str, str, str], ...] = (
    (
        "rserver.conf",
        OPEN_SOURCE,
        "bool",
        """
        run-automation verify-installation server-daemonize server-app-armor-enabled server-set-umask
        www-use-emulated-stack www-proxy-localhost www-proxy-localhost-verify-port-owner www-verify-user-agent
        www-enable-origin-check session-use-file-storage auth-none auth-validate-users auth-encrypt-password
        auth-pam-require-password-prompt auth-pam-requires-priv auth-cookies-force-secure
        """,
    ),
    (
        "rserver.conf",
        OPEN_SOURCE,
        "int",
        """
        www-thread-pool-size www-stats-monitor-seconds rsession-proxy-max-wait-secs rsession-memory-limit-mb
        rsession-stack-limit-mb rsession-process-limit db-connection-timeout auth-stay-signed-in-days
        auth-timeout-minutes auth-sign-in-throttle-seconds monitor-interval-seconds
        """,
    ),
    (
        "rserver.conf",
        OPEN_SOURCE,
        "string",
        """
        server-user www-address www-port www-root-path www-same-site www-frame-origin rsession-ld-library-path
        db-command auth-required-user-group auth-minimum-user-id
        """,
    ),
    (
        "rserver.conf",
        OPEN_SOURCE,
        "path",
        """
        server-working-dir server-pid-file secure-cookie-key-file server-data-dir www-socket www-local-path
        www-symbol-maps-path rsession-which-r rsession-path rldpath-path rsession-config-file database-config-file
        auth-login-page-html auth-rdp-login-page-html auth-pam-helper-path auth-revocation-list-dir
        """,
    ),
    ("rserver.conf", OPEN_SOURCE, "list", "server-add-header www-allow-origin"),
    (
        "rserver.conf",
        GUIDE,
        "bool",
        """
        load-balancing-enabled resolve-load-balancer-nodes server-project-sharing server-multiple-sessions
        server-health-check-enabled server-access-log r-versions-scan r-versions-multiple ssl-enabled ssl-redirect-http
        ssl-hsts ssl-hsts-include-subdomains session-ssl-enabled launcher-sessions-enabled
        launcher-sessions-callback-verify-ssl-certs launcher-use-ssl launcher-verify-ssl-certs
        launcher-sessions-create-container-user launcher-sessions-container-run-as-root
        launcher-sessions-forward-container-environment launcher-sessions-container-forward-groups
        admin-enabled admin-monitor-log-use-server-time-zone audit-r-console-compress audit-r-sessions
        monitor-rrd-enabled monitor-rstudio-session-metrics monitor-stderr-enabled monitor-graphite-enabled
        auth-stay-signed-in auth-pam-sessions-enabled auth-pam-sessions-use-password auth-pam-sessions-close auth-saml
        auth-saml-idp-post-binding auth-openid auth-proxy user-provisioning-enabled
        user-provisioning-register-on-first-login rsession-diagnostics-enabled rsession-diagnostics-strace-enabled
        """,
    ),
    (
        "rserver.conf",
        GUIDE,
        "int",
        """
        license-retry-seconds ssl-hsts-max-age launcher-sessions-callback-timeout
        launcher-sessions-connection-timeout-seconds audit-r-console-user-limit-mb audit-r-console-user-limit-months
        audit-r-sessions-limit-mb audit-r-sessions-limit-months monitor-graphite-port user-provisioning-start-uid
        group-provisioning-start-gid
        """,
    ),
    (
        "rserver.conf",
        GUIDE,
        "string",
        """
        server-license-type ssl-protocols www-frame-ancestors launcher-address launcher-port launcher-default-cluster
        launcher-sessions-clusters launcher-adhoc-clusters launcher-sessions-callback-address
        launcher-sessions-container-image launcher-sessions-container-images launcher-adhoc-container-images
        admin-group admin-superuser-group audit-r-console audit-r-console-format audit-r-sessions-format
        monitor-graphite-host monitor-graphite-client-id auth-pam-sessions-profile auth-saml-metadata-url
        auth-saml-sp-base-uri auth-saml-sp-name-id-format auth-saml-sp-attribute-username auth-saml-sp-attribute-email
        auth-saml-sp-attribute-name auth-saml-sp-attribute-groups auth-saml-sp-attribute-posix-id
        auth-saml-sp-attribute-homedir auth-openid-issuer auth-openid-base-uri auth-openid-scopes
        auth-openid-username-claim auth-openid-groups-claim auth-proxy-sign-in-url auth-proxy-sign-out-url
        auth-proxy-user-header auth-proxy-user-header-rewrite verify-user verify-test
        """,
    ),
    (
        "rserver.conf",
        GUIDE,
        "path",
        """
        server-balancer-path server-shared-storage-path server-project-sharing-root-dir server-nginx-path
        server-nginx-conf-template-path server-nginx-conf-path server-nginx-ld-library-path
        server-nginx-http-directives-path server-nginx-server-directives-path server-nginx-site-directives-path
        modules-bin-path r-versions-path ssl-certificate ssl-certificate-key audit-data-path monitor-data-path
        monitor-rrd-rrdtool-binary auth-saml-metadata-path rsession-diagnostics-dir
        """,
    ),
    (
        "rserver.conf",
        OPERATOR,
        "bool",
        """
        launcher-sessions-auto-update launcher-sessions-init-container-enabled launcher-sessions-use-password
        metrics-enabled audited-jobs chronicle-enabled workbench-api-enabled workbench-api-admin-enabled
        workbench-api-super-admin-enabled databricks-enabled force-admin-ui-enabled
        """,
    ),
    ("rserver.conf", OPERATOR, "int", "metrics-port launcher-sessions-proxy-timeout-seconds"),
    (
        "rserver.conf",
        OPERATOR,
        "string",
        """
        launcher-sessions-init-container-image-name launcher-sessions-init-container-image-tag
        launcher-sessions-forward-environment
        """,
    ),
    ("rserver.conf", OPERATOR, "path", "audited-jobs-storage-path user-homedir-path"),
    (
        "load-balancer",
        GUIDE,
        "bool",
        "verify-ssl-certs delete-node-on-exit launcher-balancing-enabled launcher-local-proxy",
    ),
    ("load-balancer", GUIDE, "int", "timeout"),
    ("load-balancer", GUIDE, "string", "www-host-name balancer diagnostics launcher-balancing-cluster"),
    ("file-locks", LOCKS, "lock", "lock-type use-symlinks refresh-rate timeout-interval enable-logging"),
    ("file-locks", LOCKS, "path", "log-file"),
    ("database.conf", DATABASE, "bool", "auto-create"),
    ("database.conf", DATABASE, "int", "pool-size connection-timeout-seconds"),
    ("database.conf", DATABASE, "string", "provider host database port username password connection-uri"),
    ("database.conf", DATABASE, "path", "directory"),
    ("launcher.conf server", GUIDE, "bool", "enable-ssl authorization-enabled enable-debug-logging"),
    ("launcher.conf server", GUIDE, "int", "port thread-pool-size"),
    ("launcher.conf server", GUIDE, "string", "address server-user admin-group"),
    (
        "launcher.conf server",
        GUIDE,
        "path",
        "certificate-file certificate-key-file scratch-path logging-dir secure-cookie-key-file",
    ),
    ("launcher.conf server", OPERATOR, "bool", "unprivileged enable-cgroups"),
    ("launcher.conf server", OPERATOR, "string", "job-expiry-hours"),
    ("launcher.conf cluster", GUIDE, "string", "name type allowed-groups"),
    ("launcher.conf cluster", GUIDE, "path", "config-file exe"),
    (
        "launcher.local.conf",
        SDK,
        "bool",
        "enable-debug-logging save-unspecified-output unprivileged verify-ssl-certs",
    ),
    (
        "launcher.local.conf",
        SDK,
        "int",
        "thread-pool-size heartbeat-interval-seconds node-connection-timeout-seconds max-message-size",
    ),
    ("launcher.local.conf", SDK, "string", "server-user job-expiry-hours load-balancer-preference"),
    ("launcher.local.conf", SDK, "path", "scratch-path logging-dir rsandbox-path secure-cookie-key-file"),
    (
        "launcher.slurm.conf",
        SDK,
        "string",
        """
        server-user thread-pool-size enable-debug-logging scratch-path logging-dir job-expiry-hours
        heartbeat-interval-seconds save-unspecified-output rsandbox-path unprivileged max-message-size
        secure-cookie-key-file profile-config slurm-service-user slurm-bin-path user-storage-path
        """,
    ),
    (
        "launcher.kubernetes.conf",
        SDK,
        "string",
        """
        server-user thread-pool-size enable-debug-logging scratch-path logging-dir job-expiry-hours
        heartbeat-interval-seconds save-unspecified-output max-message-size secure-cookie-key-file profile-config
        api-url auth-token kubernetes-namespace verify-ssl-certs use-templating
        """,
    ),
    (
        "rsession.conf",
        SESSIONS,
        "bool",
        """
        verify-installation session-connections-block-suspend session-external-pointers-block-suspend
        session-timeout-suspend session-create-public-folder session-create-profile session-rprofile-on-resume-default
        show-help-home session-default-clicolor-force session-quit-child-processes-on-exit
        package-output-to-package-folder restrict-directory-view session-suspend-on-incomplete-statement
        session-async-rpc-enabled session-handle-offline-enabled session-use-file-storage
        session-allow-project-user-data-dir-override allow-vcs-executable-edit allow-r-cran-repos-edit allow-vcs
        allow-package-installation allow-shell allow-terminal-websockets allow-file-downloads allow-file-uploads
        allow-remove-public-folder allow-rpubs-publish allow-external-publish allow-publish
        allow-presentation-commands allow-full-ui allow-launcher-jobs allow-over-limit-sessions allow-pai
        r-auto-reload-source limit-xfs-disk-quota show-user-identity copilot-enabled copilot-proxy-strict-ssl
        """,
    ),
    (
        "rsession.conf",
        SESSIONS,
        "int",
        """
        session-timeout-minutes session-disconnected-timeout-minutes websocket-ping-seconds websocket-connect-timeout
        websocket-log-level websocket-handshake-timeout session-async-rpc-timeout-ms session-handle-offline-timeout-ms
        abort-free-mem-percent r-compatible-graphics-engine-version r-restore-workspace r-run-rprofile
        limit-file-upload-size-mb limit-cpu-time-minutes git-commit-large-file-size
        """,
    ),
    (
        "rsession.conf",
        SESSIONS,
        "string",
        """
        docs-url session-default-working-dir session-default-new-project-dir session-default-console-term
        session-first-project-template-path default-rsconnect-server directory-view-allow-list session-port-range
        session-ephemeral-env-vars session-project-user-data-dir open-files r-libs-user r-cran-repos r-cran-repos-file
        r-cran-repos-url r-doc-dir-override copilot-proxy-url copilot-auth-provider
        copilot-proxy-kerberos-service-principal copilot-ssl-certificates-file
        """,
    ),
    ("rsession.conf", SESSIONS, "yes|no|ask", "session-save-action-default"),
    (
        "rsession.conf",
        SESSIONS,
        "path",
        """
        session-preflight-script r-core-source r-modules-source r-session-package-archives r-resources-path
        external-hunspell-dictionaries-path external-mathjax-path external-pandoc-path external-quarto-path
        external-copilot-path external-node-path copilot-helper
        """,
    ),
    ("rsession.conf", SHARING, "nfsv3|nfsv4", "nfs-acl-version"),
    ("rsession.conf", SHARING, "username|uid", "nfs4-principal-type"),
    ("rsession.conf", SHARING, "string", "nfs4-domain"),
    ("logging.conf", LOGGING, "trace|debug|info|warn|error", "log-level"),
    ("logging.conf", LOGGING, "syslog|file|stderr", "logger-type"),
    ("logging.conf", LOGGING, "pretty|json", "log-message-format"),
    ("logging.conf", LOGGING, "bool", "rotate log-file-include-pid warn-syslog trace-db-enabled log-code-locations"),
    ("logging.conf", LOGGING, "int", "rotate-days max-rotations delete-days"),
    ("logging.conf", LOGGING, "number", "max-size-mb"),
    ("logging.conf", LOGGING, "path", "log-dir"),
    ("logging.conf", LOGGING, "mode", "log-file-mode"),
    ("crash-handler.conf", CRASHES, "bool", "crash-handling-enabled uploads-enabled"),
    ("crash-handler.conf", CRASHES, "string", "upload-url upload-proxy"),
    ("crash-handler.conf", CRASHES, "path", "crash-db-path"),
)


def types_of(file: str) -> dict[str, str]:
    """`{option: type}` of a file, or of a section as `launcher.conf server`; empty for one that is not known."""
    return {name: kind for name_, _source, kind, names in TABLE if name_ == file for name in names.split()}
