# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSSD's file as the inventory wants it, and what of a file that others wrote the inventory does not name. Pure.

Source: sssd.conf(5), sssd-ldap(5), and the example of the vendor's "Load Balancing / Configuration", made safe.
"""

from __future__ import annotations

import typing as t

import yaml
from ansible_collections.workbench.cluster.plugins.module_utils._accounts.sssd import is_secret
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import managed

Sections = dict[str, dict[str, t.Any]]
Given = t.Mapping[str, t.Any]
PASSWORD = "ldap_default_authtok"  # the name of an option, not a password  # nosec B105
# What SSSD and its tools keep there themselves, and what an example may have that says nothing.
SILENT = {("sssd", "config_file_version")}


def sections(given: Given) -> Sections:
    """Options by section, `None` for one that is left out.

    `given`: `domain, uris, search_base, bind_dn, bind_password, authority` (a path on the node, or empty), `access_filter,
    home, offline_days, options, sections`, each the variable `accounts_sssd_` of that name.
    """
    options, offline = given["options"], int(given["offline_days"])
    provider = options.get("id_provider", "ldap")
    domain: dict[str, t.Any] = {"id_provider": provider}
    if provider == "ldap":
        domain.update(_ldap(given))
    domain["override_homedir"] = given["home"] or None
    domain["cache_credentials"] = offline > 0
    name = f"domain/{given['domain']}"
    ours: Sections = {
        "sssd": {"services": "nss, pam", "domains": given["domain"]},
        "nss": {},
        "pam": {"offline_credentials_expiration": offline if offline else None},
        name: {**domain, **options},
    }
    for section, more in given["sections"].items():
        ours[section] = {**ours.get(section, {}), **more}
    return ours


def _ldap(given: Given) -> dict[str, t.Any]:
    """The documents' example with a server that has to prove who it is, over an encrypted connection."""
    wanted = given["access_filter"]
    clear = any(str(uri).lower().startswith("ldap://") for uri in given["uris"])
    return {
        "auth_provider": "ldap",
        "chpass_provider": "ldap",
        "access_provider": "ldap" if wanted else "permit",
        "ldap_access_order": "filter" if wanted else None,
        "ldap_access_filter": wanted or None,
        "ldap_uri": ", ".join(map(str, given["uris"])),
        "ldap_search_base": given["search_base"],
        "ldap_default_bind_dn": given["bind_dn"] or None,
        PASSWORD: given["bind_password"] or None,
        "ldap_id_use_start_tls": True if clear else None,
        "ldap_tls_reqcert": "demand",
        "ldap_tls_cacert": given["authority"] or None,
        "default_shell": "/bin/bash",
    }


def text(given: Given) -> str:
    """The file. Raises `Failure` for what cannot stand in it, which names the option and not its value."""
    parts = []
    for section, options in sections(given).items():
        lines = [f"{key} = {_written(key, value)}\n" for key, value in options.items() if value is not None]
        parts.append(f"[{section}]\n{''.join(lines)}")
    return managed("the variables accounts_sssd_*") + "\n".join(parts)


def unnamed(found: t.Mapping[str, t.Mapping[str, str]], given: Given) -> dict[str, dict[str, str]]:
    """Of options by section that were found in a file of others, those that the inventory neither names nor wants the same.

    A secret that is wanted under the same name is named; a secret is told as empty text.
    """
    ours, own = sections(given), f"domain/{given['domain']}"
    domains = [section for section in found if section.startswith("domain/")]
    rest: dict[str, dict[str, str]] = {}
    for section, options in found.items():
        # The only domain of the file is ours, whatever its name was.
        place = own if section.startswith("domain/") and len(domains) == 1 else section
        named = {*given["sections"].get(place, {}), *(given["options"] if place == own else ())}
        for option, value in options.items():
            wanted = ours.get(place, {}).get(option)
            if (place, option) in SILENT or ((place, option) == ("sssd", "domains") and len(domains) == 1):
                continue
            same = wanted is not None and (is_secret(option) or _sense(_written(option, wanted)) == _sense(value))
            if option not in named and not same:
                rest.setdefault(place, {})[option] = value
    return rest


def paste(options: t.Mapping[str, t.Mapping[str, str]], given: Given) -> list[str]:
    """Lines for the inventory that name these options; secrets by a comment."""
    own = f"domain/{given['domain']}"
    variables = {"accounts_sssd_options": _plain(options.get(own, {}))}
    others = {section: _plain(its) for section, its in options.items() if section != own}
    variables["accounts_sssd_sections"] = {section: its for section, its in others.items() if its}
    lines = [f"{name}: {_yaml(value)}" for name, value in variables.items() if value]
    secrets = [f"{section} {option}" for section, its in options.items() for option in its if is_secret(option)]
    return lines + [f"# {place} is a secret that stays on the node; take it from a vault" for place in secrets]


def _plain(options: t.Mapping[str, str]) -> dict[str, t.Any]:
    return {option: value for option, value in options.items() if not is_secret(option)}


def _yaml(value: t.Any) -> str:
    written: str = yaml.safe_dump([value], default_flow_style=True, width=10**6, sort_keys=False, allow_unicode=True)
    return written.strip()[1:-1]


def _sense(value: str) -> str:
    """Switches and lists as SSSD reads them: without blanks, in any case."""
    return "".join(value.split()).lower() if value.lower() in ("true", "false") or "," in value else value


def _written(key: str, value: t.Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ", ".join(_written(key, item) for item in value)
    if isinstance(value, t.Mapping):
        raise Failure(f"the value of {key} is a dictionary, not text, a number or a boolean")
    line = str(value)
    if any(ord(letter) < 32 for letter in line):
        raise Failure(f"the value of {key} has a line break or another control character")
    if line != line.strip():
        raise Failure(f"the value of {key} begins or ends with a blank, which SSSD would drop")
    return line
