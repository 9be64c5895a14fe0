# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tools say comes back whatever bytes it is made of."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import printable, runner


def main() -> t.NoReturn:
    module = AnsibleModule({})
    rc, out, err = runner(module)(["sh", "-c", r"printf 'M\374ller: caf\303\251\n'; printf '\351tat' >&2"])
    module.exit_json(rc=rc, out=out, err=err)


def test_latin_1_among_a_tools_words(run_module: t.Callable[..., dict[str, t.Any]]) -> None:
    """The GECOS field of an old account, or a service's journal: a result that is not UTF-8 is refused as a whole."""
    result = run_module(main)
    assert [result[key] for key in ("rc", "out", "err")] == [0, "M\ufffdller: café\n", "\ufffdtat"]


def test_a_file_name_in_latin_1_can_be_reported() -> None:
    """As os.listdir gives it."""
    name = b"caf\xe9".decode("utf-8", "surrogateescape")
    assert printable({name: [name, (1, None, True)]}) == {"caf\ufffd": ["caf\ufffd", [1, None, True]]}
    assert printable("café") == "café"
