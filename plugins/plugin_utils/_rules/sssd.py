# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory may say of users of a directory. Pure."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

from ansible_collections.workbench.cluster.plugins.module_utils._accounts.sssd import SAME, is_secret
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.sssd import PASSWORD, sections, text
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.member import Member, Unusable, value_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.sssd_options import (
    BOOL,
    INSECURE,
    INT,
    ONE_OF,
    WHY,
)

NAME = re.compile(r"[A-Za-z0-9_][^\s:,/\x00-\x1f]{0,255}\Z")
DOMAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
SECTION = re.compile(r"[a-z_]+(/[^\[\]\s]+){0,2}\Z")
URI = re.compile(r"(ldaps?|ldapi)://\S*\Z|_srv_\Z")
NUMBER = re.compile(r"-?[0-9]+\Z|0x[0-9a-fA-F]+\Z")
# Of all nodes the same, for they say who has which number and home.
EQUAL = ("accounts_source", "accounts_sssd_domain", "accounts_sssd_search_base", "accounts_sssd_home")
WHOLE = "All nodes need one, or users have other ids or homes."
FIELDS = ("domain", "uris", "search_base", "bind_dn", "bind_password", "authority", "access_filter", "home", "options")
PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")


def given(m: Member) -> dict[str, t.Any]:
    """As `_plans/sssd.py` takes it."""
    values = {name: m[f"accounts_sssd_{name}"] for name in (*FIELDS, "sections", "offline_days")}
    return {**values, "options": values["options"] or {}, "sections": values["sections"] or {}}


def is_on(m: Member) -> bool:
    return bool(m["accounts_source"] == "sssd")


def _needed(m: Member) -> t.Iterator[str]:
    options = m["accounts_sssd_options"]
    if not is_on(m) or options.get("id_provider", "ldap") != "ldap":
        return
    for name, example in (("uris", "[ldaps://ldap.example.org]"), ("search_base", '"dc=example,dc=org"')):
        if not m[f"accounts_sssd_{name}"] and f"ldap_{'uri' if name == 'uris' else name}" not in options:
            yield f"accounts_sssd_{name} is empty: users of a directory need it, such as {example}."
    if bool(m["accounts_sssd_bind_dn"]) != bool(m["accounts_sssd_bind_password"]):
        lacking = "password" if m["accounts_sssd_bind_dn"] else "dn"
        yield f"accounts_sssd_bind_{lacking} is empty: a service account has a name (accounts_sssd_bind_dn) and a password."


def _uris(m: Member) -> t.Iterator[str]:
    for uri in m["accounts_sssd_uris"]:
        if not URI.match(str(uri)):
            yield f"accounts_sssd_uris has {uri}: it must begin with ldaps:// or ldap:// (or be _srv_)."


def _domain(m: Member) -> t.Iterator[str]:
    if not DOMAIN.match(str(m["accounts_sssd_domain"])):
        yield f"accounts_sssd_domain={m['accounts_sssd_domain']} must be letters, digits, '.', '_' and '-'."
    home = str(m["accounts_sssd_home"] or "")
    if is_on(m) and home and not re.match(r"/\S*%[uUlf]", home):
        yield f"accounts_sssd_home={home} must be an absolute path with %u in it, so that each user has a home of their own."


def _filter(m: Member) -> t.Iterator[str]:
    wanted = str(m["accounts_sssd_access_filter"] or "")
    if wanted.count("(") != wanted.count(")"):
        yield f"accounts_sssd_access_filter={wanted} has parentheses that do not match."


def _days(m: Member) -> t.Iterator[str]:
    if m["accounts_sssd_offline_days"] < 0:
        yield (
            f"accounts_sssd_offline_days={m['accounts_sssd_offline_days']} must be 0 (nobody signs in without the directory) "
            "or a number of days."
        )


def _authority(m: Member) -> t.Iterator[str]:
    path = str(m["accounts_sssd_authority"] or "")
    if not path or not is_on(m):
        return
    if not path.startswith("/"):
        yield f"accounts_sssd_authority={path} must be an absolute path on the controller."
        return
    try:
        whole = "-----BEGIN CERTIFICATE-----" in Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        yield f"accounts_sssd_authority={path} is no file that can be read on the controller."
        return
    if not whole:
        yield f"accounts_sssd_authority={path} has no certificate in PEM."


def _names(m: Member) -> t.Iterator[str]:
    for kind in ("users", "groups"):
        names = [str(name) for name in m[f"accounts_sssd_{kind}"]]
        for name in names:
            if not NAME.match(name):
                yield f"accounts_sssd_{kind}: '{name}' is no name of a {kind[:-1]}."
        local = {str(entry.get("name")) for entry in m[f"accounts_{kind}"] if isinstance(entry, t.Mapping)}
        for name in sorted(local.intersection(names)):
            yield (
                f"accounts_{kind} and accounts_sssd_{kind} both have {name}: the first makes it on each node, the second takes "
                "it from the directory. Leave it out of one."
            )
        if names and not is_on(m):
            yield f"accounts_sssd_{kind} has {names[0]}, but accounts_source is {m['accounts_source']}; it needs sssd."


def _profiles(m: Member) -> t.Iterator[str]:
    for name in m["accounts_pam_profiles"]:
        if not PROFILE.match(str(name)) or str(name).startswith("common-"):
            yield f"accounts_pam_profiles has {name}: it must be the name of a profile of Workbench, such as rstudio-session."


def _options(m: Member) -> t.Iterator[str]:
    if not is_on(m):
        return
    values = given(m)
    for section, options in values["sections"].items():
        if not SECTION.match(str(section)) or not isinstance(options, t.Mapping):
            yield f"accounts_sssd_sections: {section} must be a section, such as nss or domain/OTHER, with options."
            return
    try:
        text(values)
    except Failure as failure:
        yield f"accounts_sssd_options or accounts_sssd_sections: {failure}."
        return
    for variable, options in (
        ("accounts_sssd_options", values["options"]),
        *((f"accounts_sssd_sections {name}", its) for name, its in values["sections"].items()),
    ):
        for key, value in options.items():
            wrong = wrong_value(str(key), value)
            if wrong:
                yield f"{key}{'' if is_secret(str(key)) else f'={_shown(value)}'} in {variable}: {wrong}."


def wrong_value(key: str, value: t.Any) -> str:
    """What the value of an option has to be; empty where it is that, or where nobody knows the option."""
    if value is None:
        return ""
    if key == PASSWORD:
        return "the password belongs into accounts_sssd_bind_password, which is never shown"
    if not re.match(r"[a-z][a-z0-9_]*\Z", key):
        return "it is no option: small letters, digits and '_' only"
    if key in BOOL and _shown(value).lower() not in ("true", "false"):
        return "SSSD takes true or false"
    if key in INT and (isinstance(value, bool) or not NUMBER.match(str(value))):
        return "SSSD takes a whole number"
    if key in ONE_OF and str(value) not in ONE_OF[key]:
        return f"SSSD takes one of {', '.join(ONE_OF[key])}"
    return ""


def _insecure(m: Member) -> t.Iterator[str]:
    """The documents' example has three of them."""
    allowed = [str(name) for name in m["accounts_sssd_insecure"]]
    for name in allowed:
        if name not in INSECURE:
            yield f"accounts_sssd_insecure has {name}: it must be some of {', '.join(INSECURE)}."
    if not is_on(m):
        return
    clear = any(str(uri).lower().startswith("ldap://") for uri in m["accounts_sssd_uris"])
    for section, options in sections(given(m)).items():
        for key, value in options.items():
            if key not in INSECURE or key in allowed or _shown(value).lower() not in INSECURE[key]:
                continue
            if key != "ldap_id_use_start_tls" or clear or "ldap://" in str(options.get("ldap_uri", "")).lower():
                yield (
                    f"{key}={_shown(value)} in [{section}]: {WHY[key]}. Leave it out; where it must be for a while, say so: "
                    f"accounts_sssd_insecure: [{key}]."
                )


def _one_for_all(m: Member) -> t.Iterator[str]:
    """Of all nodes, asked on one: what says which number and which home a user has."""
    if not is_on(m):
        others = [
            str(host) for host in m["accounts_members"] or () if _other(m, str(host), "accounts_source") == "sssd"
        ]
        if others:
            yield f"accounts_source is {m['accounts_source']} on {m.host} and sssd on {', '.join(others)}. {WHOLE}"
        return
    own = m["accounts_sssd_options"]
    for host in map(str, m["accounts_members"] or ()):
        if host == m.host or host not in m.cluster.hostvars:
            continue
        for name in EQUAL:
            theirs = _other(m, host, name)
            if theirs is not None and theirs != m[name]:
                yield f"{name} differs between {m.host} and {host}: {m[name]} and {theirs}. {WHOLE}"
        options = _other(m, host, "accounts_sssd_options") or {}
        for key in sorted({*own, *options}):
            if SAME.match(str(key)) and own.get(key) != options.get(key):
                both = f"{own.get(key)} and {options.get(key)}"
                yield f"{key} in accounts_sssd_options differs between {m.host} and {host}: {both}. {WHOLE}"


def _other(m: Member, host: str, variable: str) -> t.Any:
    """A variable of another node, where it can be read."""
    try:
        return value_of(m.cluster.hostvars, host, variable)
    except (Unusable, KeyError):
        return None


def _shown(value: t.Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


RULES = (*(_needed, _uris, _domain, _filter, _days, _authority, _names, _profiles, _options, _insecure),)
TOGETHER = (_one_for_all,)
