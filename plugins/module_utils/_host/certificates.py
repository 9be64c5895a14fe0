# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates that the role tls keeps on a host, and the cluster's own authority where it lives there.

All by `openssl`, which every host has; private keys are told by the digest of their public half.
"""

from __future__ import annotations

import hashlib
import os
import re
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, file_text
from ansible_collections.workbench.cluster.plugins.module_utils._product.certificates import (
    parse_certificate,
    show_certificate,
)

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import CertificateFile, TlsReport

PUBLIC = re.compile(r"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)
# What the part takes: paths, each of which may be absent.
OPTIONS: dict[str, dict[str, t.Any]] = {
    name: {"type": "path", "required": True} for name in ("certificate", "key", "authority", "issuer", "issuer_key")
}


def read_tls(run: Run, options: t.Mapping[str, str]) -> TlsReport:
    certificate, authority = options["certificate"], options["authority"]
    lives_here = os.path.exists(options["issuer_key"])
    both = os.path.exists(certificate) and os.path.exists(authority)
    return {
        "certificate": read_file(run, certificate),
        "key": _public_half(run, options["key"]),
        "authority": read_file(run, authority),
        "issuer": read_file(run, options["issuer"]) if lives_here else None,
        "signed": _verified(run, certificate, "-partial_chain", "-CAfile", authority) if both else None,
        "trusted": _verified(run, authority) if os.path.exists(authority) else None,
    }


def read_file(run: Run, path: str) -> CertificateFile | None:
    """The first certificate of a file, with the text of the file; `None` where there is none that openssl reads."""
    if not os.path.exists(path):
        return None
    rc, out, _err = run(show_certificate(path, "-fingerprint", "-sha256", "-pubkey"))
    public, fingerprint = PUBLIC.search(out), re.search(r"Fingerprint=([0-9A-F:]+)", out)
    if rc != 0 or not public or not fingerprint:
        return None
    said = parse_certificate(out)
    return {
        "subject": said["subject"] or "",
        "names": said["names"],
        "not_after": said["not_after"] or "",
        "sha256": fingerprint[1].replace(":", "").lower(),
        "public_key": _digest(public[0]),
        "text": file_text(path),
    }


def _public_half(run: Run, path: str) -> str | None:
    if not os.path.exists(path):
        return None
    rc, out, _err = run(["openssl", "pkey", "-in", path, "-passin", "pass:", "-pubout"])
    return _digest(out.strip()) if rc == 0 else None


def _verified(run: Run, path: str, *how: str) -> bool:
    """Whether openssl finds the way from a certificate to one that is trusted, whatever the time is."""
    return run(["openssl", "verify", "-no_check_time", *how, path])[0] == 0


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
