# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the report looks: light and dark, on screen and on paper."""

from __future__ import annotations

STYLE = """
:root {
  --page: #f6f7f9; --sheet: #ffffff; --ink: #1a2230; --quiet: #566072; --line: #dde1e8; --accent: #1d4f91;
  --pass: #1b6e3c; --fail: #b3261e; --unknown: #7a5300; --note: #3f5a7d; --on: #ffffff; --band: #e3efe6; --tint: #fdf0ee;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161d; --sheet: #1a202a; --ink: #e7ebf2; --quiet: #a5b0c2; --line: #323b49; --accent: #8fbcff;
    --pass: #6fd096; --fail: #ff9a8f; --unknown: #f0c069; --note: #a9c3e8; --on: #12161d; --band: #1f3328; --tint: #33211f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 76rem; padding: 2rem 1.5rem 3rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
}
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--sheet); padding: .5rem 1rem; }
.eyebrow { margin: 0; color: var(--quiet); letter-spacing: .08em; text-transform: uppercase; font-size: .8rem; font-weight: 600; }
h1 { margin: .1rem 0 .3rem; font-size: 2rem; line-height: 1.2; letter-spacing: -.01em; overflow-wrap: anywhere; }
.headline { display: block; font-size: 1.25rem; font-weight: 600; letter-spacing: 0; }
.headline.pass { color: var(--pass); } .headline.fail { color: var(--fail); } .headline.unknown { color: var(--unknown); }
.when { margin: 0; color: var(--quiet); }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; list-style: none; margin: 1.25rem 0 0; padding: 0; }
.tile {
  display: flex; align-items: center; gap: .75rem; background: var(--sheet); border: 1px solid var(--line);
  border-radius: .6rem; padding: .6rem 1.1rem;
}
.tile strong { font-size: 1.7rem; line-height: 1; font-variant-numeric: tabular-nums; }
nav ul {
  display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: 1.5rem 0 0; padding: .75rem 0;
  border-block: 1px solid var(--line);
}
section { margin-top: 2rem; }
h2 { margin: 0 0 .75rem; font-size: 1.25rem; }
h3 { margin: 0; font-size: 1rem; overflow-wrap: anywhere; }
.cards { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem; }
.card {
  background: var(--sheet); border: 1px solid var(--line); border-left: .35rem solid var(--fail); border-radius: .6rem;
  padding: 1rem 1.25rem;
}
.card.unknown { border-left-color: var(--unknown); }
.card p { margin: .15rem 0 .6rem; }
dl { display: grid; grid-template-columns: 6rem 1fr; gap: .25rem 1rem; margin: 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; background: var(--sheet); border: 1px solid var(--line); border-radius: .6rem; }
.scroll + .scroll { margin-top: .75rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding: .7rem 1rem; color: var(--quiet); font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .55rem 1rem; border-top: 1px solid var(--line); }
thead th { color: var(--quiet); font-size: .85rem; font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 600; min-width: 8rem; overflow-wrap: break-word; }
#requirements tbody th { min-width: 19rem; }
td { overflow-wrap: break-word; min-width: 4.5rem; }
td.number, .tile strong { font-variant-numeric: tabular-nums; }
td.bad { color: var(--fail); font-weight: 600; background: var(--tint); }
.quiet { color: var(--quiet); font-weight: 400; }
.block { display: block; font-size: .85rem; }
code { font: .9em ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
.plain { list-style: none; margin: 0; padding: 0; }
.plain li + li { margin-top: .3rem; }
.roomy { background: var(--sheet); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.25rem; }
.mark { display: inline-flex; align-items: center; gap: .4rem; font-weight: 600; white-space: nowrap; vertical-align: baseline; }
.mark svg { flex: none; }
.mark.pass { color: var(--pass); } .mark.fail { color: var(--fail); }
.mark.unknown { color: var(--unknown); } .mark.note { color: var(--note); }
.mark .fill { fill: currentColor; }
.mark .stroke { fill: none; stroke: var(--on); stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.clocks { display: block; width: 100%; min-width: 44rem; max-height: none; padding: 1rem .5rem; }
.clocks text { fill: var(--ink); font-size: 13px; }
.clocks .tick, .clocks .figure { fill: var(--quiet); font-variant-numeric: tabular-nums; }
.clocks .name { font-weight: 600; }
.clocks .grid { stroke: var(--line); } .clocks .zero { stroke: var(--quiet); }
.clocks .band { fill: var(--band); }
.clocks .bar { stroke: var(--accent); stroke-width: 2; }
.clocks .dot { fill: var(--accent); }
footer { margin-top: 2.5rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: .85rem; }
footer p { margin: .25rem 0; }
@media print {
  :root { --page: #ffffff; --sheet: #ffffff; --ink: #000000; --quiet: #444c58; --line: #b8bec8; --accent: #1d4f91;
    --pass: #1b6e3c; --fail: #a01810; --unknown: #6d4a00; --note: #33496a; --on: #ffffff; --band: #e3efe6; --tint: #ffffff; }
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  nav, .skip { display: none; }
  .scroll { overflow: visible; }
  .card, tr, .clocks { break-inside: avoid; }
  h2 { break-after: avoid; }
  th, td { padding: .3rem .5rem; min-width: 0; }
  tbody th, #requirements tbody th { min-width: 0; }
  * { print-color-adjust: exact; }
}
@page { size: A4 landscape; margin: 14mm; }
"""
