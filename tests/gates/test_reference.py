# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generator of the reference pages: which plugins have a page, and what becomes of Ansible's markup."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.plugins.loader import init_plugin_loader
from antsibull_docs_parser.dom import PluginIdentifier
from generator.markup import Links, Prose, plugin_identifier
from generator.options import section, value
from generator.plugins import Plugin, documented, plugin_page
from generator.requirements import BEGIN, END, with_requirements
from generator.roles import Role, role_page, role_readme

ROOT = Path(__file__).resolve().parents[2]
SIDECAR = """
DOCUMENTATION:
  name: {name}
  short_description: "{short}"
  description: Does it.
  positional: key
  options:
    _input: {{description: The text., type: str, required: true}}
EXAMPLES: |
  {{{{ 'a' | workbench.cluster.{name}(1) }}}}
RETURN:
  _value:
    description: Another text.
    type: dict
    contains:
      inner: {{description: [One., Two.], type: list, elements: str, returned: when O(_input) is long, sample: [a]}}
"""
KNOWN = frozenset({plugin_identifier("filter", "to_conf"), plugin_identifier("role", "keys")})
SUBJECT = plugin_identifier("module", "here")


@pytest.fixture(scope="module", autouse=True)
def loader() -> None:
    init_plugin_loader([str(ROOT / ".cache" / "collections")])


@pytest.fixture
def filters(tmp_path: Path) -> list[Plugin]:
    """A file with its own documentation, and one of three filters, documented beside it, of which two are internal."""
    own = 'DOCUMENTATION = """\nname: alone\nshort_description: Alone\ndescription: [A.]\n"""\n'
    (tmp_path / "alone.py").write_text(own)
    (tmp_path / "several.py").write_text("class FilterModule: ...\n")
    (tmp_path / "first.yml").write_text(SIDECAR.format(name="first", short="First"))
    (tmp_path / "_plan.yml").write_text(SIDECAR.format(name="_plan", short="Plan"))
    (tmp_path / "told.yml").write_text(SIDECAR.format(name="told", short="[INTERNAL] Told"))
    return documented(tmp_path, "filter")


def test_what_is_documented_for_people_has_a_page(filters: list[Plugin]) -> None:
    assert [plugin.name for plugin in filters] == ["alone", "first"]


def test_page_of_a_filter_shows_call_and_nested_result(filters: list[Plugin]) -> None:
    page = plugin_page(filters[1], Links(KNOWN, filters[1].identifier))
    assert "input | workbench.cluster.first(key)" in page
    assert "### Input\n\nstr · required\n\nThe text." in page
    assert (
        "* The result (dict): Another text.\n  * `inner` (list of str, when [`_input`](#input) is long): One. Two."
        in page
    )


@pytest.mark.parametrize(
    ("markup", "markdown"),
    [
        ("C(a|b) V(x) E(HOME)", "`a|b` `x` `HOME`"),
        ("C(two `ticks`)", "`` two `ticks` ``"),
        ("B(bold) I(italic)", "**bold** *italic*"),
        ("U(https://example.org) L(there,https://example.org)", "<https://example.org> [there](https://example.org)"),
        ("R(docs,some_ref) crypt(3)", "docs crypt(3)"),
        ("P(workbench.cluster.to_conf#filter)", "[`workbench.cluster.to_conf`](filter_to_conf.md)"),
        ("P(workbench.cluster._plan#filter)", "`workbench.cluster._plan`"),
        ("M(ansible.builtin.copy)", "`ansible.builtin.copy`"),
        ("O(files) O(files[].path=x) RV(found)", "[`files`](#files) [`files[].path=x`](#files) [`found`](#returns)"),
        (
            "O(workbench.cluster.keys#role:main:keys_policy)",
            "[`keys_policy`](role_keys.md#keys_policy) of `workbench.cluster.keys`",
        ),
        ("a * b, <cluster> [x]", "a \\* b, \\<cluster> \\[x]"),
    ],
)
def test_markup_becomes_markdown(markup: str, markdown: str) -> None:
    assert Prose(SUBJECT, Links(KNOWN, SUBJECT)).line(markup) == markdown


def test_markup_that_is_wrong_stops_the_generator() -> None:
    with pytest.raises(ValueError, match="While parsing"):
        Prose(SUBJECT, Links(KNOWN, SUBJECT)).line("O(never closed")


def test_values_are_written_as_in_an_inventory() -> None:
    assert [value(one) for one in (True, "", "0700", [1, "a"], {"a": None})] == [
        "`true`",
        "`''`",
        "`'0700'`",
        "`[1, a]`",
        "`{a: null}`",
    ]


def test_a_sample_that_is_long_is_shown_line_by_line() -> None:
    sample = {"/home": {"source": "files.example.com:/export/home", "options": ["rw", "hard"], "device": "0:45"}}
    returned = {"mounts": {"description": "Mounts.", "type": "dict", "sample": sample, "contains": {}}}
    page = plugin_page(
        Plugin("module", "here", {"short_description": "Here", "description": ["H."]}, "", returned),
        Links(KNOWN, SUBJECT),
    )
    shown = "  ```yaml\n  /home:\n    source: files.example.com:/export/home\n    options: [rw, hard]\n    device: 0:45\n  ```"
    assert f"* `mounts` (dict): Mounts. Such as\n\n{shown}\n" in page


def test_choices_that_are_explained_are_a_list() -> None:
    option = {
        "choices": ["keep", "drop"],
        "default": "keep",
        "description": ["What.", "V(keep) keeps.", "V(drop) drops."],
    }
    written = section("unknown", option, Prose(SUBJECT, Links(KNOWN, SUBJECT)))
    assert (
        written
        == "### `unknown`\n\none of `keep`, `drop` · default `keep`\n\nWhat.\n\n* `keep` keeps.\n* `drop` drops.\n"
    )


ROLE = Role(
    "keys",
    {
        "main": {
            "short_description": "Keys",
            "description": ["See O(keys_policy)."],
            "examples": "- hosts: all\n",
            "options": {
                "keys_policy": {"default": "adopt", "description": "What. V(a|b). More."},
                "keys_members": {"description": "Nodes. Default is the group C(<cluster>_nodes)."},
            },
        },
        "check": {"short_description": "Refuse", "description": ["Rules."]},
    },
    "# Which.\n# keys_policy: rotate\nkeys_policy: adopt\n",
)


def test_role_page_shows_defaults_examples_and_entry_points() -> None:
    page = role_page(ROLE, Links(KNOWN, ROLE.identifier))
    assert "| [`keys_policy`](#keys_policy) | `adopt` | What. |" in page
    assert "| [`keys_members`](#keys_members) | the group `<cluster>_nodes` | Nodes. |" in page
    assert "```yaml\nkeys_policy: rotate\n```" in page
    assert "* `check`: Refuse. Rules." in page


def test_role_readme_leads_to_the_full_page() -> None:
    readme = role_readme(ROLE, Links(KNOWN, folder="../../docs/reference/"))
    assert "See [`keys_policy`](../../docs/reference/role_keys.md#keys_policy)." in readme
    assert "| [`keys_policy`](../../docs/reference/role_keys.md#keys_policy) | `adopt` | What. |" in readme


def test_table_of_requirements_is_written_between_its_marks() -> None:
    text = with_requirements(f"before\n{BEGIN}| stale |\n{END}after\n")
    assert text.startswith(f"before\n{BEGIN}")
    assert text.endswith(f"{END}after\n")
    assert "stale" not in text
    assert "| 9 | `ports` | Server and launcher ports are open to all nodes |" in text
    with pytest.raises(ValueError, match="lacks"):
        with_requirements("no marks\n")


def test_another_collection_has_no_page() -> None:
    assert Links(KNOWN).plugin_link(PluginIdentifier("community.dns.txt", "filter")) is None
