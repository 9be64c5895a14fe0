# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates that a node serves."""

from __future__ import annotations

import datetime
import re
import ssl
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, words
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import switched_on
from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Certificate, CertificateText, Options


def certificate_files(config: t.Mapping[str, Options]) -> list[tuple[str, str]]:
    """`(file, certificate)` for each file that switches TLS on; the certificate is empty where the file names none."""
    found = []
    for file, switch, option in (
        ("rserver.conf", "ssl-enabled", "ssl-certificate"),
        ("launcher.conf", "server.enable-ssl", "server.certificate-file"),
    ):
        options = config.get(file, {})
        if switched_on(options, switch):
            found.append((file, options.get(option, [""])[0]))
    return found


def read_certificate(run: Run, file: str, path: str) -> Certificate:
    """The first certificate of `path`, which `file` names.

    The first is the node's own, intermediates follow it. Dates are ISO, UTC.
    """
    answer: Certificate = {
        "file": file,
        "path": path,
        "subject": None,
        "names": [],
        "not_before": None,
        "not_after": None,
        "error": None,
    }
    if not path:
        return {**answer, "error": f"{file} switches TLS on and names no certificate"}
    what = ["-subject", "-nameopt", "RFC2253", "-dates", "-ext", "subjectAltName"]
    rc, out, err = run(["openssl", "x509", "-in", path, "-noout", *what])
    if rc != 0:
        return {**answer, "error": f"openssl cannot read {path}: {words('', err)}"}
    return {**answer, **parse_certificate(out)}


def parse_certificate(text: str) -> CertificateText:
    """Output of `openssl x509`. Without alternative names the common name is the one name."""
    said = dict(re.findall(r"^(subject|notBefore|notAfter)= *(.*)$", text, re.MULTILINE))
    names = re.findall(r"(?:DNS|IP Address):([^,\s]+)", text)
    common = re.search(r"(?:^|,)CN=([^,]+)", said["subject"])
    return {
        "subject": said["subject"],
        "names": names or ([common.group(1)] if common else []),
        "not_before": _iso(said["notBefore"]),
        "not_after": _iso(said["notAfter"]),
    }


def _iso(text: str) -> str:
    return datetime.datetime.fromtimestamp(ssl.cert_time_to_seconds(text), datetime.timezone.utc).isoformat()
