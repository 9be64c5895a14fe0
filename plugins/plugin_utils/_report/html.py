# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one page without network, script or font of its own. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.plugin_utils._report.console import first_words
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.data import actions
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.markup import Markup, el, join
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.picture import (
    WORDS,
    clock_picture,
    mark,
    seconds,
)
from ansible_collections.workbench.cluster.plugins.plugin_utils._report.style import STYLE

Rows = t.Iterable[t.Sequence[t.Any]]
NOTHING = "\N{EN DASH}"


def verify_report_html(report: t.Mapping[str, t.Any]) -> str:
    """A page for the report of `verify_report`."""
    title = f"{report['cluster']}: {_headline(report)}"
    sections = [
        _actions(report),
        _requirements(report),
        _nodes(report),
        _clocks(report),
        _locks(report),
        _drift(report),
        _notes(report),
        _history(report),
    ]
    shown = [(name, heading, body) for name, heading, body in sections if body]
    links = [el("li", el("a", heading, href=f"#{name}")) for name, heading, _body in shown]
    page = el(
        "html",
        el(
            "head",
            el("meta", charset="utf-8"),
            el("meta", http_equiv="Content-Security-Policy", content="default-src 'none'; style-src 'unsafe-inline'"),
            el("meta", name="viewport", content="width=device-width, initial-scale=1"),
            el("meta", name="color-scheme", content="light dark"),
            el("title", title),
            el("style", Markup(STYLE)),
        ),
        el(
            "body",
            el("a", "Skip to the findings", href="#main", class_="skip"),
            _header(report),
            el("nav", el("ul", links), aria_label="Sections"),
            el("main", [_section(*section) for section in shown], id="main"),
            _footer(report),
        ),
        lang="en",
    )
    return f"<!DOCTYPE html>\n{page}\n"


def _headline(report: t.Mapping[str, t.Any]) -> str:
    number = report["counts"]
    total = sum(number.values())
    if report["verdict"] == "fail":
        return f"{number['fail']} of {total} requirements {'fails' if number['fail'] == 1 else 'fail'}"
    if report["verdict"] == "unknown":
        return f"{number['unknown']} of {total} requirements could not be judged"
    return f"all {total} requirements are met"


def _header(report: t.Mapping[str, t.Any]) -> Markup:
    tiles = [
        el("li", el("strong", report["counts"][verdict]), mark(verdict), class_="tile")
        for verdict in ("fail", "unknown", "pass")
    ]
    members = len(report["members"])
    silent = len(report["unreachable"])
    headline = _headline(report)
    asked = f"{members - silent} of {members} members answered" if silent else f"all {members} members answered"
    return el(
        "header",
        el("p", "Cluster verification", class_="eyebrow"),
        el(
            "h1",
            report["cluster"],
            el("span", headline[:1].upper() + headline[1:], class_=f"headline {report['verdict']}"),
        ),
        el("p", _moment(report["at"]), " · ", asked, class_="when"),
        el("ul", tiles, class_="tiles", aria_label="Requirements by verdict"),
    )


def _section(name: str, heading: str, body: Markup) -> Markup:
    return el("section", el("h2", heading, id=f"{name}-heading"), body, id=name, aria_labelledby=f"{name}-heading")


def _actions(report: t.Mapping[str, t.Any]) -> tuple[str, str, Markup | None]:
    cards = [
        el(
            "li",
            el("h3", mark(item["verdict"]), " ", item["what"]),
            el("p", _affected(entries), " · ", ", ".join(item["hosts"]) or "cluster", class_="quiet"),
            el(
                "dl",
                [
                    join(el("dt", name), el("dd", item[key]))
                    for name, key in (("Measured", "measured"), ("Wanted", "wanted"))
                    if item[key]
                ],
                join(el("dt", "Remedy"), el("dd", item["remedy"])) if item["remedy"] else None,
            ),
            class_=f"card {item['verdict']}",
        )
        for item, entries in [(action["finding"], action["requirements"]) for action in actions(report)]
    ]
    return "actions", "What to do", el("ol", cards, class_="cards") if cards else None


def _affected(entries: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    """One requirement by its title, several by their ids."""
    return str(entries[0]["title"]) if len(entries) == 1 else ", ".join(entry["id"] for entry in entries)


def _requirements(report: t.Mapping[str, t.Any]) -> tuple[str, str, Markup]:
    rows = []
    for number, entry in enumerate(report["requirements"], 1):
        others = [item for item in entry["findings"] if item["verdict"] != "note"]
        more = [
            el("li", mark(item["verdict"]), " ", item["what"], f": {item['measured']}" if item["measured"] else "")
            for item in others
        ]
        rows.append(
            el(
                "tr",
                el("td", number, class_="number"),
                el(
                    "th",
                    entry["title"],
                    el("span", entry["id"], " · ", entry["source"], class_="quiet block"),
                    scope="row",
                ),
                el("td", mark(entry["verdict"])),
                el("td", el("ul", more, class_="plain") if len(more) > 1 else first_words(entry)),
            )
        )
    table = _frame(
        "The vendor's nine requirements in their order, then those of this collection",
        ("#", "Requirement", "Verdict", "Result"),
        rows,
    )
    return "requirements", "Requirements", table


def _nodes(report: t.Mapping[str, t.Any]) -> tuple[str, str, Markup | None]:
    rows = []
    for row in report["tables"]["nodes"]:
        problems = [el("li", mark("fail"), " ", ", ".join(row["fails"]))] if row["fails"] else []
        problems += [el("li", mark("unknown"), " ", ", ".join(row["unknown"]))] if row["unknown"] else []
        problems += [el("li", error, class_="quiet") for error in row["errors"]]
        units = [f"{unit.replace('rstudio-', '')} {state}" for unit, state in row["services"].items() if state]
        rows.append(
            el(
                "tr",
                el(
                    "th",
                    row["host"],
                    el("span", "not a member" if not row["member"] else row["address"], class_="quiet block"),
                    scope="row",
                ),
                el("td", "answered" if row["reached"] else "no answer" if row["member"] else NOTHING),
                el(
                    "td",
                    row["status"] or NOTHING,
                    el("span", f"ID {row['id']}, {row['last_seen']}", class_="quiet block") if row["id"] else None,
                ),
                el("td", ", ".join(units) or NOTHING),
                el("td", row["version"] or NOTHING),
                el("td", el("code", row["cookie_key"]) if row["cookie_key"] else NOTHING),
                el("td", NOTHING if row["sessions"] is None else row["sessions"], class_="number"),
                el(
                    "td",
                    "\N{NO-BREAK SPACE}".join(f"{load:g}" for load in row["load"]) if row["load"] else NOTHING,
                    class_="number",
                ),
                el("td", el("ul", problems, class_="plain") if problems else mark("pass")),
            )
        )
    heads = ("Node", "Ansible", "list-nodes", "Services", "Version", "Cookie key", "Sessions", "Load", "Findings")
    return (
        "nodes",
        "Nodes",
        _frame("Load is that of 1, 5 and 15 minutes as a fraction of all processors", heads, rows) if rows else None,
    )


def _clocks(report: t.Mapping[str, t.Any]) -> tuple[str, str, Markup | None]:
    clocks = report["tables"]["clocks"]
    if not clocks:
        return "clocks", "Clocks", None
    limit = float(report["policy"]["clock_max_offset"])
    pairs = sorted(report["tables"]["pairs"], key=lambda row: -abs(row["difference"]))[:10]
    rows = [
        el(
            "tr",
            el("th", " and ".join(row["hosts"]), scope="row"),
            el("td", seconds(abs(row["difference"])), class_="number"),
            el("td", "± ", seconds(row["bound"]), class_="number"),
            el("td", mark(row["verdict"])),
        )
        for row in pairs
    ]
    count = len(report["tables"]["pairs"])
    caption = f"The {len(pairs)} widest of {count} pairs" if count > len(pairs) else "Every pair"
    body = join(
        el(
            "p",
            "Dot: how far a clock is ahead (right) or behind (left). Bar: the truth lies within. "
            f"Any two may be {limit:g} s apart.",
        ),
        el(
            "div",
            clock_picture(clocks, limit),
            class_="scroll",
            tabindex="0",
            role="region",
            aria_label="Picture of the clocks",
        ),
        _frame(caption, ("Clocks", "Difference", "Bound", "Verdict"), rows) if rows else None,
    )
    return "clocks", "Clocks", body


def _locks(report: t.Mapping[str, t.Any]) -> tuple[str, str, Markup | None]:
    locks = report["tables"]["locks"]
    hosts = [
        host for host in report["members"] if any(host in said for row in locks for said in row["outcomes"].values())
    ]
    rows = []
    for row in locks:
        cells = []
        for host in hosts:
            held, tried = row["outcomes"].get("hold", {}).get(host), row["outcomes"].get("try", {}).get(host)
            cells.append(
                el(
                    "td",
                    "holds it" if held == "held" else held or tried or NOTHING,
                    class_="bad" if tried == "acquired" else None,
                )
            )
        verdict = row["verdict"] if row["configured"] else "note" if row["verdict"] != "pass" else "pass"
        use = (
            "Workbench's own test"
            if row["type"] == "locktester"
            else "configured in file-locks"
            if row["configured"]
            else "not in use"
        )
        name = el("span", use, class_="quiet block")
        rows.append(
            el(
                "tr",
                el("th", row["type"], name, scope="row"),
                el("td", el("code", row["path"])),
                cells,
                el("td", mark(verdict), el("span", row["says"], class_="quiet block")),
            )
        )
    heads = ("Lock", "Directory", *hosts, "Verdict")
    caption = "One node holds the lock; all others must be refused"
    return "locks", "File locks", _frame(caption, heads, rows) if rows else None


def _drift(report: t.Mapping[str, t.Any]) -> tuple[str, str, Markup | None]:
    rows = [
        el(
            "tr",
            el(
                "th",
                el("code", row["option"] or "(whole file)"),
                el("span", row["file"], class_="quiet block"),
                scope="row",
            ),
            el(
                "td",
                el(
                    "ul",
                    [el("li", el("code", value), " on ", ", ".join(hosts)) for value, hosts in row["values"].items()],
                    class_="plain",
                ),
            ),
        )
        for row in report["tables"]["drift"]
    ]
    return (
        "drift",
        "Configuration drift",
        _frame("Secrets are shown as fingerprints", ("Option", "Values"), rows) if rows else None,
    )


def _notes(report: t.Mapping[str, t.Any]) -> tuple[str, str, Markup | None]:
    items = [
        el(
            "li",
            mark("note"),
            " ",
            item["what"],
            f" ({', '.join(item['hosts'])})" if item["hosts"] else "",
            f": {item['measured']}" if item["measured"] else "",
            f". {item['remedy']}" if item["remedy"] else "",
        )
        for entry in report["requirements"]
        for item in entry["findings"]
        if item["verdict"] == "note"
    ]
    return "notes", "Worth knowing", el("ul", items, class_="plain roomy") if items else None


def _history(report: t.Mapping[str, t.Any]) -> tuple[str, str, Markup | None]:
    rows = [
        el(
            "tr",
            el("th", _moment(run["at"]), scope="row"),
            el("td", mark(run["verdict"])),
            el(
                "td",
                ", ".join(f"{number} {WORDS[verdict].lower()}" for verdict, number in run["counts"].items() if number),
            ),
            el("td", ", ".join(name for name, verdict in run["verdicts"].items() if verdict == "fail") or NOTHING),
        )
        for run in report["history"]
    ]
    return (
        "history",
        "Earlier runs",
        _frame("The latest first", ("Run", "Verdict", "Requirements", "Failed"), rows) if rows else None,
    )


def _footer(report: t.Mapping[str, t.Any]) -> Markup:
    return el(
        "footer",
        el(
            "p",
            "Unknown: it could not be measured, or the measurement is too coarse to tell. "
            "Keys and other secrets appear as the first 12 hex digits of their SHA-256.",
        ),
        el("p", "workbench.cluster verify · ", report["schema"]),
    )


def _frame(caption: str, heads: t.Sequence[str], rows: Rows) -> Markup:
    """A table that scrolls by itself where it is wider than the page."""
    head = el("thead", el("tr", [el("th", name, scope="col") for name in heads]))
    table = el("table", el("caption", caption), head, el("tbody", list(rows)))
    return el("div", table, class_="scroll", tabindex="0", role="region", aria_label=caption)


def _moment(text: str) -> str:
    """`2026-11-21 10:00 UTC` of an ISO time in UTC."""
    return f"{text[:16].replace('T', ' ')} UTC"
