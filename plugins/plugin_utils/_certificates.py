# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a certificate says, and whether it covers an address. Pure."""

from __future__ import annotations

import datetime
import ipaddress
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure

if t.TYPE_CHECKING:
    from cryptography import x509


# Of a certificate: time enough to renew it.
EXPIRES_SOON = datetime.timedelta(days=30)


class Pem(t.NamedTuple):
    """Of the first certificate of a text; `public` is its public key in DER form."""

    names: list[str]
    not_after: datetime.datetime
    public: bytes


def read_pem(text: str) -> Pem:
    """Raises `Failure`, the rest of a sentence, where the text has no certificate."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        certificate = x509.load_pem_x509_certificate(text.encode())
        names = _names(certificate)
        public = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm):
        raise Failure("is no certificate in PEM form (BEGIN CERTIFICATE to END, with its line breaks)") from None
    return Pem(names, certificate.not_valid_after_utc, public)


def read_key(text: str) -> bytes:
    """The public half of a private key, in DER form. Raises `Failure`, which says nothing of the text."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    try:
        public = load_pem_private_key(text.encode(), password=None).public_key()
        return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Failure(
            "does not load as a private key without a passphrase in PEM form (BEGIN PRIVATE KEY to END, with its line breaks)"
        ) from None


def _names(certificate: x509.Certificate) -> list[str]:
    """Alternative names; without any the common name, as the product's library has it."""
    from cryptography import x509

    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        common = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        return [str(name.value) for name in common[:1]]
    numbers = [str(address) for address in found.get_values_for_type(x509.IPAddress)]
    return [*found.get_values_for_type(x509.DNSName), *numbers]


def uncovered(names: t.Iterable[str], addresses: t.Iterable[str]) -> list[str]:
    """Those of the addresses that a certificate with these names does not name."""
    listed = list(names)
    return [address for address in addresses if not any(covers(name, address) for name in listed)]


def covers(name: str, address: str) -> bool:
    """A name of a certificate; `*` stands for one label, and an address has many spellings."""
    number = ip_address(address)
    if number:
        return ip_address(name) == number
    name, address = name.lower(), address.lower()
    return name == address or (name.startswith("*.") and "." in address and address.split(".", 1)[1] == name[2:])


def ip_address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def without_port(address: str) -> str:
    """`server_www_host_name` may have a port, and a number in brackets."""
    host, colon, _port = address.rpartition(":")
    return (host if colon and address.count(":") == 1 else address.partition("]")[0]).strip("[]")


def moment(text: str) -> datetime.datetime:
    """ISO 8601; without a zone it is UTC."""
    found = datetime.datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)
