# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each file by its own grammar."""

from __future__ import annotations

import pytest
from ansible_collections.workbench.cluster.plugins.module_utils._product.grammar import grammar, says_the_same


def parsed(file: str, text: str) -> dict[str, list[str]]:
    parse = grammar(file)
    assert parse is not None
    return parse(text)


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("rserver.conf", "# all\n\n www-port = 8787 # here\n", {"www-port": ["8787"]}),
        ("rserver.conf", 'www-address="::"\n', {"www-address": ['"::"']}),
        ("rserver.conf", "ssl-protocols=TLSv1.2 TLSv1.3\n", {"ssl-protocols": ["TLSv1.2 TLSv1.3"]}),
        ("rserver.conf", "www-allow-origin=a\nwww-allow-origin=b\n", {"www-allow-origin": ["a", "b"]}),
        ("rserver.conf", "auth-none=\n", {"auth-none": [""]}),
        ("rserver.conf", "[server]\nwww-port=1\n", {"server.www-port": ["1"]}),
        (
            "launcher.conf",
            "[server]\naddress=0.0.0.0\nport=5559\n\n[cluster]\nname=Local\n[cluster]\nname=Slurm\n",
            {"server.address": ["0.0.0.0"], "server.port": ["5559"], "cluster.name": ["Local", "Slurm"]},
        ),
        ("launcher.local.conf", "scratch-path=/x # y\n", {"scratch-path": ["/x"]}),
        ("load-balancer", "balancer = sessions\n", {"balancer": ["sessions"]}),
        ("load-balancer", "[config]\nbalancer=custom\n", {"balancer": ["custom"]}),
        (
            "load-balancer",
            "[config]\nbalancer = sessions\n[nodes]\nn1.example.com\nn2:8787\n",
            {"balancer": ["sessions"], "nodes": ["n1.example.com", "n2:8787"]},
        ),
        ("load-balancer", "", {}),
        ("database.conf", "host=a\nhost=b\n", {"host": ["a"]}),
        ("database.conf", 'host="a b"\n#host=c\nnonsense\n', {"host": ["a b"]}),
        ("database.conf", "host=a # kept\n", {"host": ["a # kept"]}),
        ("file-locks", "lock-type=advisory\nlock-type=linkbased\n", {"lock-type": ["advisory"]}),
        ("env-vars", "# all\nA=1 # kept\nB=x=y\nA=2\n", {"A": ["1 # kept", "2"], "B": ["x=y"]}),
    ],
)
def test_grammars(file: str, text: str, expected: dict[str, list[str]]) -> None:
    assert parsed(file, text) == expected


@pytest.mark.parametrize(
    ("name", "before", "after", "same"),
    [
        ("rserver.conf", "a=1 # x\n\nb=2\n", "b=2\na = 1\n", True),
        ("rserver.conf", 'a="1"\n', "a=1\n", False),
        ("rserver.conf", "a=1\nb=2\n", "a=1\n", False),
        ("load-balancer", "[config]\nbalancer = sessions\n", "balancer=sessions\n", True),
        ("database.conf", '# x\nhost="db"\nport=1\n', "port=1\nhost=db\n", True),
        ("database.conf", "host=db # x\n", "host=db\n", False),
        ("database.conf", "password=one\n", "password=two\n", False),
        ("file-locks", "lock-type=advisory\nlock-type=linkbased\n", "lock-type=advisory\n", True),
        (
            "launcher.conf",
            "[server]\nport=1\naddress=x\n[cluster]\nname=a\n",
            "# y\n[server]\naddress=x\nport=1\n\n[cluster]\nname=a\n",
            True,
        ),
        (
            "launcher.conf",
            "[cluster]\nname=a\nallowed-groups=x\n[cluster]\nname=b\n",
            "[cluster]\nname=a\n[cluster]\nname=b\nallowed-groups=x\n",
            False,
        ),
        ("launcher.conf", "[cluster]\nname=a\n[cluster]\nname=b\n", "[cluster]\nname=b\n[cluster]\nname=a\n", False),
        ("env-vars", "# x\nA=1\n", "A=1\n", False),
        ("secure-cookie-key", "x\n", "x", False),
    ],
)
def test_files_that_say_the_same(name: str, before: str, after: str, same: bool) -> None:
    assert says_the_same(name, before.encode(), after.encode()) is same
