# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the cluster's own authority lives, and which certificates are due. Pure.

The authority is adopted before one is made, and whatever is not certain stops: a second one would part the members.
"""

from __future__ import annotations

import base64
import datetime
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import CertificateFile, TlsReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._certificates import (
    ip_address,
    moment,
    uncovered,
    without_port,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import grouped, listed, spread
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import Answer

# In the subject of every authority of ours, by which it is told from one of the admin's.
OURS = "workbench.cluster authority"
PLACE = "authority/authority.key in tls_directory"

Wanted = t.Mapping[str, t.Any]  # `__tls_wanted`


class AuthorityPlan(t.TypedDict):
    """Where the authority lives. Without a `host` it is not known, for the reasons in `unknown`.

    `action` is `keep`, `create` or `renew`; `text` is its certificate, empty where that is made in this run.
    """

    host: str | None
    action: str | None
    text: str
    public_key: str | None
    unknown: list[str]
    errors: list[str]


class Due(t.TypedDict):
    """What is to be done on a host.

    `reasons` why it gets a certificate of the authority, with `names` as an extension has them; `files` as config_files takes
    them, and `copies` of files that lie on the host.
    """

    reasons: list[str]
    names: list[str]
    files: list[dict[str, str]]
    copies: list[dict[str, str]]
    errors: list[str]


def plan_authority(
    states: t.Mapping[str, Answer], present: t.Sequence[str], days: int, now: datetime.datetime
) -> AuthorityPlan:
    """Of what members reported, those `present` in the run first; `days` is how long a new certificate is valid."""
    found: dict[str, TlsReport] = {host: state["tls"] for host, state in states.items() if "tls" in state}
    holders = {host: issuer for host, report in found.items() if (issuer := report["issuer"]) is not None}
    plan: AuthorityPlan = {
        "host": None,
        "action": None,
        "text": "",
        "public_key": None,
        "unknown": [],
        "errors": [],
    }
    keys = {host: issuer["public_key"] for host, issuer in holders.items()}
    if len(grouped(keys)) > 1:
        said = spread(keys, lambda key: key[:12])
        return {**plan, "errors": [f"There are two authorities: {said}. Keep one: move {PLACE} away from the others."]}
    here = [host for host in holders if host in present]
    if holders:
        host = (here or list(holders))[0]
        ends = moment(holders[host]["not_after"])
        renewed = bool(here) and ends - now < datetime.timedelta(days=days)
        return {
            **plan,
            "host": host,
            "action": "renew" if renewed else "keep",
            "text": "" if renewed else holders[host]["text"],
            "public_key": holders[host]["public_key"],
        }
    silent = [host for host in states if host not in found]
    if silent:
        said = f"no host that answers has the authority, and {listed(silent)} could not be asked"
        return {**plan, "unknown": [f"{said}. Run with all of tls_members, or take those that are gone out of it."]}
    orphans = {host: own for host, report in found.items() if (own := _ours(report)) is not None}
    if orphans:
        said = spread(orphans, lambda key: key[:12])
        return {
            **plan,
            "unknown": [
                f"its authority ({said}) has its key on no member any more. Put it back as {PLACE} of one of them; "
                "or have a new one made, and remove authority.crt from all of them, which all who trusted it notice."
            ],
        }
    first = next((host for host in found if host in present), None)
    return {**plan, "host": first, "action": "create" if first else None}


def _ours(report: TlsReport) -> str | None:
    """The public key of the authority of ours that a host trusts."""
    trusted = report["authority"]
    return trusted["public_key"] if trusted is not None and OURS in trusted["subject"] else None


def due(wanted: Wanted, report: TlsReport | None, now: datetime.datetime) -> Due:
    """`wanted` is `__tls_wanted`; without a report nothing is known of the host."""
    if wanted["source"] == "files":
        files, copies = _given(wanted)
        errors = [] if report is None else _there(wanted, report, now)
        return {"reasons": [], "names": [], "files": files, "copies": copies, "errors": errors}
    authority = wanted["authority"]
    text = wanted["made"] or authority["text"]
    reasons = ["new"] if report is None else _reasons(wanted, report, now)
    errors = list(authority["errors"])
    if reasons and authority["host"] is None:
        errors += [f"{wanted['host']} needs a certificate, but {why}" for why in authority["unknown"]]
    return {
        "reasons": reasons,
        "names": [f"IP:{name}" if ip_address(name) else f"DNS:{name}" for name in names(wanted)],
        "files": [_file(path, text) for path in _trusting(wanted)] if text else [],
        "copies": [],
        "errors": errors,
    }


def names(wanted: Wanted) -> list[str]:
    """What a certificate has to name, each once."""
    return list(dict.fromkeys(filter(None, map(without_port, [*wanted["addresses"], *wanted["names"]]))))


def _reasons(wanted: Wanted, report: TlsReport, now: datetime.datetime) -> list[str]:
    certificate, trusted = report["certificate"], report["authority"]
    if certificate is None:
        return ["new"]
    authority = wanted["authority"]["public_key"]
    other = authority is not None and (trusted is None or trusted["public_key"] != authority)
    reasons = []
    if wanted["authority"]["action"] == "create" or other or not report["signed"]:
        reasons.append("is of another authority")
    if report["key"] != certificate["public_key"]:
        reasons.append("is of another key")
    lacking = uncovered(certificate["names"], names(wanted))
    if lacking:
        reasons.append(f"does not name {listed(lacking)}")
    return reasons + _ending(certificate, wanted["renew_days"], now)


def _ending(certificate: CertificateFile, days: int, now: datetime.datetime) -> list[str]:
    ends = moment(certificate["not_after"])
    if ends - now >= datetime.timedelta(days=days):
        return []
    return [f"{'ended' if ends <= now else 'ends'} on {ends.date()}"]


def _given(wanted: Wanted) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Files of the admin: those that are text, and those that lie on the host."""
    files, copies = [], []
    given, paths = wanted["given"], wanted["paths"]
    places = [("certificate", paths["certificate"]), ("key", paths["key"])]
    places += [("authority", path) for path in _trusting(wanted)] if given["authority"] else []
    for kind, path in places:
        mode = "0600" if kind == "key" else "0644"
        if given[kind].startswith("/"):
            copies.append({"src": given[kind], "path": path, "mode": mode})
        else:
            files.append({**_file(path, given[kind]), "mode": mode})
    return files, copies


def _there(wanted: Wanted, report: TlsReport, now: datetime.datetime) -> list[str]:
    """What is wrong with files that lie on the host; texts were judged by the rules, without one."""
    path = wanted["given"]["certificate"]
    if not path.startswith("/"):
        return []
    certificate = report["certificate"]
    if certificate is None:
        return [f"tls_certificate={path} is no certificate that openssl reads on this host."]
    problems = []
    if report["key"] != certificate["public_key"]:
        problems.append(f"tls_key is not the private key of tls_certificate={path}, or is none that openssl reads.")
    if moment(certificate["not_after"]) <= now:
        problems.append(f"tls_certificate={path} {_ending(certificate, 0, now)[0]}.")
    lacking = uncovered(certificate["names"], required(wanted["addresses"], wanted["names"]))
    if lacking:
        problems.append(f"tls_certificate={path} does not name {listed(lacking)}.")
    return problems


def required(addresses: t.Sequence[str], besides: t.Sequence[str]) -> list[str]:
    """What a certificate of the admin has to name: the address that others use, which comes first, and what is asked besides."""
    first = next(filter(None, addresses), "")
    return list(dict.fromkeys(filter(None, map(without_port, [first, *besides]))))


def _trusting(wanted: Wanted) -> list[str]:
    return [path for path in (wanted["paths"]["authority"], wanted["anchor"]) if path]


def _file(path: str, text: str) -> dict[str, str]:
    """As a secret: a diff shows its fingerprint, and of one that is replaced no copy is kept."""
    encoded = base64.b64encode(f"{text.strip()}\n".encode()).decode()
    return {"path": path, "secret_base64": encoded, "mode": "0644"}
