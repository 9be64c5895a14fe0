# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All keys of a cluster are replaced, also by a second run where the first one was cut off; no two keys are left."""

from __future__ import annotations

import typing as t

from operated import NODES, STARTED, none_is_lost

if t.TYPE_CHECKING:
    from conftest import Lab
    from operated import Sessions, Verb

FILES = ("secure-cookie-key", "launcher.pem", "launcher.pub", "database.conf")
DROP_IN = "/etc/systemd/system/rstudio-server.service.d"
MARK = "/etc/workbench.cluster/replaced-keys"
CONFIRMED = {"operate_confirmed": "rotate_keys"}


def keys(lab: Lab) -> dict[str, dict[str, str]]:
    """SHA-256 of each file, by node and name."""
    lines = lab.each(NODES, f"cd /etc/rstudio && sha256sum {' '.join(FILES)}")
    return {node: {line.split()[1]: line.split()[0] for line in text.splitlines()} for node, text in lines.items()}


def one_set(lab: Lab) -> dict[str, str]:
    """What all nodes have alike; the database's file has each node's own words."""
    found = [{name: sha for name, sha in files.items() if name != "database.conf"} for files in keys(lab).values()]
    assert found[0] == found[1]
    return found[0]


def all_are_online(lab: Lab) -> None:
    """With the keys they have: the database has the same, and they reached it with the password."""
    listed = lab.sh("opt1", "rstudio-server list-nodes")
    assert listed.count("Online") == len(NODES), listed
    assert set(lab.each(NODES, f"test ! -e {MARK} && echo gone").values()) == {"gone\n"}


def test_check_and_a_missing_confirmation_end_with_the_plan(lab: Lab, verb: Verb, sessions: Sessions) -> None:
    before = keys(lab), lab.each(NODES, STARTED)
    words = " ".join(verb("rotate_keys", "--check").output.split())
    assert "PLAN workbench, rotate_keys: 2 nodes" in words
    assert "everybody signs in again" in words
    assert f"launcher key {before[0]['opt1']['launcher.pem'][:12]} go" in words
    assert all(user in words for user in sessions)
    assert "-e operate_confirmed=rotate_keys" in verb("rotate_keys", rc=2).output
    assert (keys(lab), lab.each(NODES, STARTED)) == before


def test_all_keys_are_replaced_and_no_session_is_lost(lab: Lab, verb: Verb, sessions: Sessions) -> None:
    before = keys(lab)
    row = "INSERT INTO node (id, host, ipv4, port, status, last_seen) VALUES ('9', 'gone9', '10.203.0.99', '8787', 'offline', '')"
    lab.sh("optdb", f'su postgres -c "psql -q rstudio -c \\"{row}\\""')
    run = verb("rotate_keys", "-vvv", "--diff", **CONFIRMED)
    after = one_set(lab)
    assert all(after[name] != before["opt1"][name] for name in after)
    assert all(files["database.conf"] != before[node]["database.conf"] for node, files in keys(lab).items())
    all_are_online(lab)
    assert "gone9" not in lab.sh("opt1", "rstudio-server list-nodes")
    for secret in (lab.sh("opt1", f"cat /etc/rstudio/{name}").strip() for name in FILES[:2]):
        assert secret.splitlines()[-2 if "\n" in secret else 0] not in run.output
    none_is_lost(lab, sessions, "opt2")
    assert verb("site", "--check").changed == 0


def test_cut_off_while_keys_are_written_the_next_run_gives_all_the_new_key(lab: Lab, verb: Verb) -> None:
    before = keys(lab)
    lab.sh("opt2", "mount --bind /etc/rstudio /etc/rstudio && mount -o remount,bind,ro /etc/rstudio")
    try:
        verb("rotate_keys", rc=2, **CONFIRMED)
        half = keys(lab)
    finally:
        lab.sh("opt2", "umount /etc/rstudio")
    assert half["opt1"]["secure-cookie-key"] != before["opt1"]["secure-cookie-key"]
    assert half["opt2"] == before["opt2"]
    assert "finish it with the playbook rotate_keys" in " ".join(verb("site", rc=2).output.split())
    assert "An earlier run was cut off" in " ".join(verb("rotate_keys", **CONFIRMED).output.split())
    assert one_set(lab).items() <= half["opt1"].items()
    all_are_online(lab)


def test_cut_off_while_nodes_start_the_next_run_starts_the_rest(lab: Lab, verb: Verb) -> None:
    lab.sh("opt2", f"mkdir -p {DROP_IN} && printf '[Service]\\nExecStartPre=/bin/false\\n' > {DROP_IN}/broken.conf")
    try:
        verb("rotate_keys", rc=2, operate_wait=10, **CONFIRMED)
    finally:
        lab.sh("opt2", f"rm {DROP_IN}/broken.conf; rmdir --ignore-fail-on-non-empty {DROP_IN}; systemctl daemon-reload")
    new, started = one_set(lab), lab.sh("opt1", STARTED)
    words = " ".join(verb("rotate_keys", **CONFIRMED).output.split())
    assert "Who signed in since stays so" in words
    assert (one_set(lab), lab.sh("opt1", STARTED)) == (new, started)
    all_are_online(lab)


def test_a_node_outside_the_run_would_keep_the_old_key(lab: Lab, verb: Verb) -> None:
    before = keys(lab)
    words = " ".join(verb("rotate_keys", "--limit", "opt1", rc=2, **CONFIRMED).output.split())
    assert "opt2 is outside this run and would keep the old one" in words
    assert keys(lab) == before
    all_are_online(lab)
