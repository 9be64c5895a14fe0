# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which values are shown, and which by their fingerprint."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product.secrets import shown


def sha(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:12]}"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("password", "hunter2"),
        ("password", "/starts/like/a/path"),
        ("password", "1"),
        ("openid-client-secret", "s3cret"),
        ("auth-saml-sp-signing-key-password", "x1"),
        ("WORKBENCH_POSTGRES_PASSWORD", "hunter2"),
        ("DB_PASSWORD_PROD", "hunter2"),
        ("WORKBENCH_ENCRYPTION_KEY", "0123"),
        ("AWS_SECRET_ACCESS_KEY", "abc/def"),
        ("GITHUB_TOKEN", "ghp_x"),
        ("PGPASSWORD", "hunter2"),
        ("MYSQL_PWD", "hunter2"),
        ("DB_PASS", "hunter2"),
        ("OPENAI_APIKEY", "sk-x"),
        ("slurm.service-credentials", "hunter2"),
    ],
)
def test_secrets_are_fingerprints(key: str, value: str) -> None:
    assert shown(key, value) == sha(value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("www-port", "8787"),
        ("auth-encrypt-password", "1"),
        ("launcher-sessions-use-password", "0"),
        ("secure-cookie-key-file", "/mnt/key"),
        ("WORKBENCH_POSTGRES_PASSWORD_FILE", "/run/secrets/db"),
        ("ssl-certificate-key", "/etc/ssl/private/node.key"),
        ("password", ""),
        ("username", "workbench"),
        ("http_proxy", "http://proxy:3128"),
        ("connection-uri", "postgresql://workbench@db/workbench?sslmode=verify-ca"),
    ],
)
def test_what_is_no_secret_is_shown(key: str, value: str) -> None:
    assert shown(key, value) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("postgresql://me:pa55@db:5432/x?sslmode=require", f"postgresql://me:{sha('pa55')}@db:5432/x?sslmode=require"),
        ("postgres://me:p@ss@db/x", f"postgres://me:{sha('p@ss')}@db/x"),
        ("postgresql://db/x?user=me&password=pa55", f"postgresql://db/x?user=me&password={sha('pa55')}"),
        ("postgresql://db/x?sslpassword=pa55&a=b", f"postgresql://db/x?sslpassword={sha('pa55')}&a=b"),
    ],
)
def test_passwords_in_uris(value: str, expected: str) -> None:
    assert shown("connection-uri", value) == expected
