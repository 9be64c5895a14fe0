# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in front of the nodes answers, and sends people to nodes that are Online. Pure.

Source: Admin Guide, Load Balancing / External Load Balancers; Running with a Proxy.
"""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Certificate, Served, ServedReport
from ansible_collections.workbench.cluster.plugins.plugin_utils._certificates import (
    EXPIRES_SOON,
    moment,
    uncovered,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._proxy.settings import SIGN_INS, binds
from ansible_collections.workbench.cluster.plugins.plugin_utils._sentences import listed
from ansible_collections.workbench.cluster.plugins.plugin_utils._shapes import SeenNode
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.evidence import Evidence
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.findings import (
    FAIL,
    NOTE,
    PASS,
    UNKNOWN,
    Fault,
    Finding,
    Requirement,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._verify.nodes import node_rows

REQUIREMENT = Requirement(
    id="front-end",
    title="Front ends answer, and send people to nodes that are Online",
    source="Admin Guide, Running with a Proxy",
    needs=(),
)

AGAIN = "Bring it up and run the playbook verify again, without --limit."
SILENT = Fault("The front end {host} was not asked", measured="{host} {why}", remedy=AGAIN, verdict=UNKNOWN)
ANSWERS = "an answer to every browser on port {port}"
DOWN = Fault(
    "{host} does not answer at {address}",
    measured="{answers}; workbench-proxy.service is {state}",
    wanted=ANSWERS,
    remedy="See systemctl status workbench-proxy and journalctl --unit workbench-proxy there, or run site --tags proxy.",
)
ERRORS = Fault(
    "People get errors of {host} at {address}",
    measured="{answers}",
    wanted=ANSWERS,
    remedy="See which nodes are not Online (status), and journalctl --unit workbench-proxy there.",
)
UNREAD = Fault(
    "Which nodes get requests could not be read",
    remedy="Run site --tags proxy, which writes the web server's file, and run verify again.",
    verdict=UNKNOWN,
)
STRANGER = Fault(
    "Requests go to {place}, which is no member",
    measured="it stands in the web server's file",
    wanted="the nodes of the cluster and no others (proxy_members)",
    remedy="Run site --tags proxy, or add it to the group of the nodes.",
)
ONLINE_ONLY = "nodes that are Online and no others"
SENT_ASTRAY = Fault(
    "Requests go to {node}, which is not Online",
    measured="{condition}, and {page} answers {answer}",
    wanted=ONLINE_ONLY,
    remedy="Name a page that such a node does not give: server-health-check-enabled (server_rserver_conf) or proxy_check_path; "
    "or bring the node back.",
)
CUT_OFF = Fault(
    "The front end does not reach {node}, which is Online",
    measured="{place}{page}: {answer}",
    wanted="an answer of status 200 to 399",
    remedy="See the firewall of {node} and of the network; with firewall_state: present the playbook site opens the port. Else "
    "see proxy_check_path and proxy_node_port.",
)
UNTOLD = Fault(
    "Whether {node}, which gets requests, is Online cannot be told",
    remedy="See status, and run verify again.",
    verdict=UNKNOWN,
)
DRAINED = Fault(
    "{node} gets no requests of this front end",
    remedy="Take it out of proxy_drained, where the work on it is done, and run site --tags proxy.",
    verdict=NOTE,
)
VALID_NOW = "a certificate that is valid now"
RENEW = "Renew it and run site --tags proxy, which has the web server read it."
UNREADABLE = Fault(
    "The certificate at {address} could not be read",
    measured="{error}",
    remedy="See that openssl is installed there, and run verify again.",
    verdict=UNKNOWN,
)
EXPIRED = Fault("The certificate at {address} has expired", measured="{day}", wanted=VALID_NOW, remedy=RENEW)
EARLY = Fault("The certificate at {address} is not valid yet", measured="{day}", wanted=VALID_NOW, remedy=RENEW)
SOON = Fault("The certificate at {address} expires soon", measured="{day}", remedy=RENEW, verdict=NOTE)
OTHER_NAMES = Fault(
    "The certificate at {address} does not name {lacking}",
    measured="{names}",
    wanted="{wanted}, which people type (proxy_names), among its Subject Alternative Names",
    remedy="Have it issued with those names: browsers refuse it.",
)
NAMELESS = Fault(
    "Whether the certificate at {address} is for what people type cannot be told",
    measured="{names}",
    remedy="Say what they type: proxy_names.",
    verdict=UNKNOWN,
)
ASTRAY = Fault(
    "A browser does not come back to its node at {address}",
    measured="{cookie}, and people sign in by {ways}",
    wanted="sticky sessions: the node that began a sign-in has to end it",
    remedy="Set proxy_sticky: true and run site --tags proxy.",
)
ONE_HAS_IT = "one front end that has it"
NOBODY = Fault(
    "No front end has the address {address}",
    measured="none of {hosts}",
    wanted=ONE_HAS_IT,
    remedy="See journalctl --unit workbench-address on the front ends.",
)
SEVERAL = Fault(
    "Several front ends have the address {address}",
    measured="{hosts}",
    wanted=ONE_HAS_IT,
    remedy="They do not hear each other: let VRRP (protocol 112) through between them. See journalctl --unit workbench-address.",
)
GOOD = Fault("{host} answers, and sends people to {nodes}", measured="{answers}", verdict=PASS)


def applies(e: Evidence) -> bool:
    """Whether the cluster has front ends, and they are ours to see to."""
    return bool(e.fronts)


def judge(e: Evidence) -> t.Iterator[Finding]:
    conditions = {row["host"]: _condition(row) for row in node_rows(e) if row["member"]}
    reports: dict[str, ServedReport] = {}
    for host, told in e.fronts.items():
        if told["report"] is None:
            yield SILENT([host], host=host, why=told["why"])
        else:
            reports[host] = told["report"]
    for host, report in reports.items():
        found = [*_served(e, host, report), *_nodes(e, host, report, conditions)]
        yield from found
        if not any(item["verdict"] in (FAIL, UNKNOWN) for item in found):
            nodes = [_node(e, place) or place for place in report["places"]]
            yield GOOD([host], host=host, nodes=listed(nodes), answers=_counted(report["served"].values()))
    yield from _virtual(e, reports)


def _served(e: Evidence, host: str, report: ServedReport) -> t.Iterator[Finding]:
    ways = _binding(e)
    for address, served in report["served"].items():
        answers = _counted([served])
        well = [answer for answer in served["answers"] if _well(answer)]
        if not any(answer.isdigit() for answer in served["answers"]):
            yield DOWN(
                [host],
                host=host,
                address=address,
                answers=answers,
                state=report["state"] or "unknown",
                port=report["port"],
            )
        elif len(well) < len(served["answers"]):
            yield ERRORS([host], host=host, address=address, answers=answers, port=report["port"])
        if served["certificate"]:
            yield from _certificate(e, host, address, served["certificate"])
        active = [place for place, told in report["places"].items() if not told["standby"]]
        if ways and well and served["kept"] is not True and len(active) != 1:
            cookie = "it gets no cookie for it" if served["kept"] is None else "its cookie is replaced"
            yield ASTRAY([host], address=address, cookie=cookie, ways=listed(ways))


def _counted(served: t.Iterable[Served]) -> str:
    """`200 for 8 of 8 requests`"""
    answers = [answer for one in served for answer in one["answers"]]
    return listed(f"{answer} for {number} of {len(answers)} requests" for answer, number in _numbers(answers))


def _numbers(answers: t.Iterable[str]) -> list[tuple[str, int]]:
    return collections.Counter(answers).most_common()


def _well(answer: str) -> bool:
    return answer.isdigit() and 200 <= int(answer) < 400


def _binding(e: Evidence) -> list[str]:
    """Ways to sign in of which the node that began one has to end it."""
    return [
        way
        for way in SIGN_INS
        if any(e.on(host, "rserver.conf", way) and binds(way, e.version(host) or "") for host in e.nodes)
    ]


def _nodes(e: Evidence, host: str, report: ServedReport, conditions: t.Mapping[str, str | None]) -> t.Iterator[Finding]:
    if not report["places"]:
        yield UNREAD([host])
        return
    for place, told in report["places"].items():
        node = _node(e, place)
        condition = conditions.get(node or "")
        well = _well(told["answer"])
        if node is None:
            yield STRANGER([host], place=place)
        elif well and condition:
            yield SENT_ASTRAY([host], node=node, condition=condition, page=report["check"], answer=told["answer"])
        elif not well and condition == "":
            yield CUT_OFF([host], node=node, place=place, page=report["check"], answer=told["answer"])
        elif condition is None:
            yield UNTOLD([host], node=node)
    named = {_node(e, place) for place in report["places"]}
    for node in e.members:
        if node not in named:
            yield DRAINED([host], node=node)


def _node(e: Evidence, place: str) -> str | None:
    """The member that a web server's file means."""
    address = place.rpartition(":")[0].strip("[]")
    return next((host for host in e.members if str(e.addresses.get(host) or host) == address), None)


def _condition(row: SeenNode) -> str | None:
    """What keeps a member from being Online, empty where nothing does; `None` where nobody shows it."""
    flags = sorted({flag for flag in row["flags"].values() if flag})
    if row["status"] not in (None, "Online"):
        return f"list-nodes shows {row['status']}"
    if flags:
        return f"others see it as {listed(flags)}"
    return "" if row["status"] or row["flags"] else None


def _certificate(e: Evidence, host: str, address: str, certificate: Certificate) -> t.Iterator[Finding]:
    begins, ends, now = certificate["not_before"], certificate["not_after"], moment(e.policy["now"])
    if certificate["error"] or begins is None or ends is None:
        yield UNREADABLE([host], address=address, error=certificate["error"])
        return
    if now > moment(ends):
        yield EXPIRED([host], address=address, day=moment(ends).date())
    elif now < moment(begins):
        yield EARLY([host], address=address, day=moment(begins).date())
    elif moment(ends) - now < EXPIRES_SOON:
        yield SOON([host], address=address, day=moment(ends).date())
    told = e.fronts[host]
    wanted = told["report"]["names"] if told["report"] else []
    lacking, names = uncovered(certificate["names"], wanted), listed(certificate["names"]) or "no names"
    if lacking:
        yield OTHER_NAMES([host], address=address, lacking=listed(lacking), names=names, wanted=listed(wanted))
    elif not wanted and uncovered(certificate["names"], [_reached(e, host)]):
        yield NAMELESS([host], address=address, names=names)


def _reached(e: Evidence, host: str) -> str:
    """Where people are who go by a number."""
    told = e.fronts[host]
    return (told["report"]["virtual"] if told["report"] else "") or told["address"]


def _virtual(e: Evidence, reports: t.Mapping[str, ServedReport]) -> t.Iterator[Finding]:
    """Of front ends that are silent one may have it."""
    for address in sorted({report["virtual"] for report in reports.values()} - {""}):
        having = [host for host, report in reports.items() if report["holds"] and report["virtual"] == address]
        if len(having) > 1:
            yield SEVERAL(having, address=address, hosts=listed(having))
        elif not having and len(reports) == len(e.fronts):
            yield NOBODY(reports, address=address, hosts=listed(reports))
