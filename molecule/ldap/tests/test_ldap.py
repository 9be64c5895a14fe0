# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users of a directory: known by name on all nodes, signed in with or without the directory, at home on the share."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

if t.TYPE_CHECKING:
    from conftest import Lab

NODES = ["opt1", "opt2"]
BIN = "/usr/lib/rstudio-server/bin"
HOMES = "/nfs/workbench/home"
DIRECTORY = Path(__file__).resolve().parents[1] / "inventory"
SECRET = yaml.safe_load((DIRECTORY / "hosts.yml").read_text())["all"]["vars"]["vaulted_ldap_password"]


@pytest.fixture
def site(lab: Lab, root: Path) -> t.Callable[..., t.Any]:
    """Run the site playbook on the lab."""

    def run(*argv: str, **extra: t.Any) -> t.Any:
        more = ["-i", str(DIRECTORY / "directory.yml"), *argv]
        playbook = root / "playbooks" / extra.pop("playbook", "site.yml")
        return lab.playbook(playbook, *more, inventory=DIRECTORY / "hosts.yml", extra=extra)

    return run


def searches(lab: Lab) -> int:
    """LDAP searches that the directory has answered, but for those on it itself."""
    asked = "ldapsearch -LLL -Q -Y EXTERNAL -H ldapi:/// -b cn=Search,cn=Operations,cn=Monitor monitorOpCompleted"
    return int(lab.sh("optdb", asked).split("monitorOpCompleted: ")[1].split()[0])


def sign_in(lab: Lab, node: str, user: str, password: str) -> str:
    """What PAM says; nothing where it lets the user in."""
    return lab.sh(node, f"{BIN}/rserver-pam {user} 2>&1 || true", stdin=f"{password}\n").strip()


def start(lab: Lab, node: str, user: str) -> str:
    return lab.sh(node, f"{BIN}/fake-session start {user} 2>&1", check=False)


def test_all_nodes_give_a_user_the_same_ids_and_a_home_on_the_share(lab: Lab) -> None:
    told = lab.each(NODES, "id grace; getent passwd grace user4711; getent group pioneers")
    assert told["opt1"] == told["opt2"]
    assert "uid=40001(grace) gid=40000(analysts) groups=40000(analysts),39000(pioneers)" in told["opt1"]
    assert f":{HOMES}/user4711:/bin/bash" in told["opt1"]
    assert lab.sh("opt2", f"stat -c '%U %G %a' {HOMES}/grace").split() == ["grace", "analysts", "700"]
    assert lab.sh("opt1", "getent -s files passwd grace ada | cut -d: -f1").split() == ["ada"], "made where it is to be"


def test_the_service_accounts_password_is_in_one_file_that_only_root_reads(lab: Lab, root: Path) -> None:
    for node in NODES:
        assert lab.sh(node, "stat -c '%U %a' /etc/sssd/sssd.conf").split() == ["root", "600"]
        found = lab.sh(node, "grep -rlFf - /etc /var/log /root /tmp 2>/dev/null || true", stdin=f"{SECRET}\n")
        assert found.split() == ["/etc/sssd/sssd.conf"]
        assert SECRET not in lab.sh(node, "journalctl --no-pager")
    for log in (root / ".cache" / "results").glob("ldap*.log"):
        assert SECRET not in log.read_text(errors="replace"), log


def test_a_run_changes_nothing_and_asks_the_directory_for_the_users_that_are_named(lab: Lab, site: t.Any) -> None:
    """Of 5,003 users. A look asks for two users and two groups a node, and SSSD answers much of it from its cache."""
    before = searches(lab)
    run = site()
    assert (run.rc, run.changed) == (0, 0), run.output[-4000:]
    assert searches(lab) - before < 40
    assert lab.sh("opt1", "getent passwd | grep -c '^user[0-9]' || true").strip() == "0", "nobody is enumerated"


def test_verify_compares_ids_through_nss(lab: Lab, site: t.Any, tmp_path: Path) -> None:
    before = searches(lab)
    run = site(playbook="verify.yml", verify_report_dir=str(tmp_path), verify_clock_max_offset=60)
    assert "3 users and 2 groups with the same ids on all nodes" in run.output, run.output[-6000:]
    assert searches(lab) - before < 40


def test_who_may_sign_in_says_the_access_filter(lab: Lab) -> None:
    assert sign_in(lab, "opt1", "grace", "grace-secret") == ""
    assert sign_in(lab, "opt1", "grace", "wrong") != ""
    assert sign_in(lab, "opt1", "mallory", "mallory-secret") == "Permission denied"


@pytest.mark.parametrize("number", range(1, 6))
def test_a_first_session_makes_the_home_once_when_two_nodes_open_it_at_the_same_time(lab: Lab, number: int) -> None:
    user = f"user{number}"
    assert lab.sh("opt1", f"ls -d {HOMES}/{user} 2>/dev/null || true") == ""
    opened = f"{BIN}/rserver-pam --session rstudio-session {user} && stat -c '%i %U %a' {HOMES}/{user}"
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda node: lab.sh(node, opened), NODES * 4))
    assert len(set(told)) == 1, told
    assert told[0].split()[1:] == [user, "700"]
    assert lab.sh("opt1", f"ls -A {HOMES}/{user}") == lab.sh("opt1", "ls -A /etc/skel"), "whole"
    assert lab.sh("opt1", f"find {HOMES}/{user} ! -user {user}; ls -d {HOMES}/.home* 2>/dev/null || true") == ""


def test_a_session_of_workbench_has_its_home_on_the_share(lab: Lab) -> None:
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda node: start(lab, node, "user77"), NODES))
    assert ['"user": "user77"' in line for line in told] == [True, True], told
    assert lab.sh("opt2", f"stat -c '%U' {HOMES}/user77/.local").strip() == "user77"


def test_a_home_is_made_nowhere_but_on_the_share(lab: Lab) -> None:
    """Neither for local users, nor where the share is not mounted, nor in a folder that others may write."""
    installed = "/usr/local/libexec/workbench.cluster/make-home"
    lab.sh("opt1", f"/bin/sh {installed} daemon nobody")
    assert lab.sh("opt1", "ls -d /nonexistent 2>/dev/null || true") == ""
    lab.sh("opt1", f"mkdir -p /srv/homes; sed 's,^root=.*,root=/srv/homes,' {installed} > /root/elsewhere")
    lab.sh("opt1", "useradd -M -d /srv/homes/eve eve")
    assert "/srv/homes is not mounted" in lab.sh("opt1", "/bin/sh /root/elsewhere eve 2>&1 || true")
    lab.sh("opt1", "sed -i 's,^shared=.*,shared=0,' /root/elsewhere; chmod 1777 /srv/homes")
    assert "is not root's alone" in lab.sh("opt1", "/bin/sh /root/elsewhere eve 2>&1 || true")
    assert lab.sh("opt1", "ls -A /srv/homes; userdel eve; rm -r /srv/homes /root/elsewhere") == ""


def test_without_the_directory_known_users_stay_and_sign_in_with_what_was_right(lab: Lab) -> None:
    assert sign_in(lab, "opt2", "grace", "grace-secret") == ""
    lab.sh("optdb", "systemctl stop slapd")
    try:
        lab.sh("opt2", "systemctl restart sssd")
        assert "uid=40001(grace)" in lab.sh("opt2", "id grace")
        assert sign_in(lab, "opt2", "grace", "grace-secret") == ""
        assert sign_in(lab, "opt2", "grace", "wrong") != ""
        assert '"user": "grace"' in start(lab, "opt2", "grace")
    finally:
        lab.sh("optdb", "systemctl start slapd")
        lab.sh("opt2", "systemctl restart sssd")


def test_a_change_is_planned_with_the_restart_it_costs_and_without_secrets(lab: Lab, site: t.Any) -> None:
    wanted = {
        "accounts_sssd_bind_password": "another: 9hZ",
        "accounts_sssd_options": {"ldap_schema": "rfc2307", "min_id": 1000},
    }
    run = site("--check", "--diff", "--limit", "opt2", **wanted)
    assert run.rc == 0, run.output[-4000:]
    assert "/etc/sssd/sssd.conf" in run.output
    assert "restarts sssd" in run.output
    assert "ldap_default_authtok=(sha256 " in run.output
    assert "9hZ" not in run.output
    assert SECRET not in run.output


def test_what_others_made_stays(lab: Lab, site: t.Any) -> None:
    """An option, a profile and a local account of others are named; nothing is changed."""
    ours = lab.sh("opt2", "cat /etc/sssd/sssd.conf")
    lab.sh(
        "opt2",
        "cat > /etc/sssd/sssd.conf",
        stdin=ours.partition("\n")[2].replace("[nss]", "[nss]\nmemcache_timeout = 7"),
    )
    lab.sh("opt2", "echo '#%PAM-1.0' > /etc/pam.d/rstudio; echo 'hedy:x:40123:40123::/:/bin/sh' >> /etc/passwd")
    state = "sha256sum /etc/sssd/sssd.conf /etc/pam.d/*"
    before = lab.sh("opt2", state)
    run = site(accounts_sssd_users=["grace", "hedy"])
    assert (run.rc != 0, run.changed) == (True, 0)
    for words in ("memcache_timeout: '7'", "/etc/pam.d/rstudio is there", "user hedy is in accounts_sssd_users"):
        assert words in run.output, run.output[-4000:]
    assert lab.sh("opt2", state) == before
    lab.sh("opt2", "sed -i /^hedy:/d /etc/passwd; rm /etc/pam.d/rstudio")
    again = site(accounts_sssd_found_options="drop")
    assert again.rc == 0, again.output[-4000:]
    assert lab.sh("opt2", "cat /etc/sssd/sssd.conf") == ours
    assert "memcache_timeout = 7" in lab.sh("opt2", "cat /etc/sssd/sssd.conf.before-workbench-cluster")


def test_the_documents_insecure_settings_are_refused_and_work_by_name(lab: Lab, site: t.Any) -> None:
    insecure = ["ldap_tls_reqcert", "ldap_auth_disable_tls_never_use_in_production"]
    options = {"ldap_schema": "rfc2307", "ldap_tls_reqcert": "never", insecure[1]: True}
    run = site(accounts_sssd_options=options)
    assert (run.rc != 0, "ldap_tls_reqcert=never in [domain/LDAP]" in run.output) == (True, True)
    assert insecure[1] in run.output
    allowed = site("--limit", "opt1", accounts_sssd_options=options, accounts_sssd_insecure=insecure)
    assert allowed.rc == 0, allowed.output[-4000:]
    assert "uid=40002(hedy)" in lab.sh("opt1", "id hedy")
