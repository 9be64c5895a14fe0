# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Digests that two sides can compare."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._host.digests import digest, digest_of, sense
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import says_the_same

TEXTS = [
    b"",
    b"a=1\nb=2\n",
    b"# another comment\nb=2\n\n a = 1\n",
    b"a=1\na=2\n",
    b"a=2\na=1\n",
    b"[s]\na=1\n",
    b"[s]\na=1\n[s]\n",
    b"[t]\n[s]\na=1\n",
    b"a=\xff\n",
    b"a=\xfe\n",
    b'a="1"\n',
    b"s.a=1\n",
    b"config.a=1\n",
    b"[config]\na=1\n",
]
NAMES = [
    *("rserver.conf", "load-balancer", "database.conf", "file-locks", "launcher.conf", "launcher.local.conf"),
    *("rsession.conf", "env-vars", "r-versions", "launcher.pem"),
]


@pytest.mark.parametrize("name", NAMES)
def test_files_make_the_same_sense_when_the_product_reads_the_same(name: str) -> None:
    for before in TEXTS:
        for after in TEXTS:
            made = sense("key", name, before)
            assert (made is not None and made == sense("key", name, after)) == says_the_same(name, before, after)


def test_digests_are_of_bytes_and_of_the_key_of_the_run() -> None:
    assert digest("key", b"text") == digest_of("key", [b"te", b"xt"])
    made = {
        digest("key", b"text"),
        digest("other", b"text"),
        digest("key", b"text\n"),
        sense("key", "rserver.conf", b"text"),
        sense("other", "rserver.conf", b"text"),
    }
    assert len(made) == 5
    assert all(len(str(one)) == 64 for one in made)
