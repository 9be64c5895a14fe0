# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates that a node serves."""

from __future__ import annotations

import datetime
import os
import re
import ssl
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, words
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import switched_on

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
        Certificate,
        CertificateKey,
        CertificateText,
        Options,
    )

# The files that switch TLS on, with the options that do so, and that name the certificate and its key.
USED = (
    ("rserver.conf", "ssl-enabled", "ssl-certificate", "ssl-certificate-key"),
    ("launcher.conf", "server.enable-ssl", "server.certificate-file", "server.certificate-key-file"),
)


def certificate_files(config: t.Mapping[str, Options]) -> list[tuple[str, str]]:
    """`(file, certificate)` for each file that switches TLS on; the certificate is empty where the file names none."""
    return [
        (file, config.get(file, {}).get(option, [""])[0])
        for file, switch, option, _other in USED
        if switched_on(config.get(file, {}), switch)
    ]


def read_key_file(config: t.Mapping[str, Options], file: str) -> CertificateKey:
    """The private key beside a certificate that `file` names; nothing where it names none."""
    option = {used[0]: used[3] for used in USED}[file]
    path = config.get(file, {}).get(option, [""])[0]
    if not path:
        return {}
    try:
        return {"key": path, "key_mode": f"{os.stat(path).st_mode & 0o7777:04o}"}
    except OSError:
        return {"key": path, "key_mode": None}


def read_certificate(run: Run, file: str, path: str) -> Certificate:
    """The first certificate of `path`, which `file` names.

    The first is the node's own, intermediates follow it. Dates are ISO, UTC.
    """
    if not path:
        return _answer(file, path, error=f"{file} switches TLS on and names no certificate")
    return _read(run, _answer(file, path), path)


def read_served_certificate(run: Run, certificate: bytes, address: str) -> Certificate:
    """The certificate (DER) that a server showed at an address, which stands for the file."""
    return _read(run, _answer(address, address), "/dev/stdin", ssl.DER_cert_to_PEM_cert(certificate))


def _answer(file: str, path: str, error: str | None = None) -> Certificate:
    return {
        "file": file,
        "path": path,
        "subject": None,
        "names": [],
        "not_before": None,
        "not_after": None,
        "error": error,
    }


def _read(run: Run, answer: Certificate, path: str, text: str | None = None) -> Certificate:
    rc, out, err = run(show_certificate(path), data=text)
    if rc != 0:
        return {**answer, "error": f"openssl cannot read {answer['path']}: {words('', err)}"}
    return {**answer, **parse_certificate(out)}


def show_certificate(path: str, *more: str) -> list[str]:
    """The command whose output `parse_certificate` reads; `more` is what else openssl is to print."""
    printed = ("-subject", "-nameopt", "RFC2253", "-dates", "-ext", "subjectAltName")
    return ["openssl", "x509", "-in", path, "-noout", *printed, *more]


def parse_certificate(text: str) -> CertificateText:
    """Output of `show_certificate`. Without alternative names the common name is the one name."""
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
