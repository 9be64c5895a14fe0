# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster goes from http to https and back, renews its certificates, and gives one to a node that comes later."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

if t.TYPE_CHECKING:
    from conftest import Lab

NODES = ["opt1", "opt2"]
HOSTS = [*NODES, "optdb"]
DIRECTORY = "/etc/workbench.cluster/tls"
# They end within the thirty days of the default, before which a run renews them.
SHORT = {"tls_days": 20, "tls_renew_days": 5}


@pytest.fixture
def site(lab: Lab, root: Path) -> t.Callable[..., t.Any]:
    """Run the site playbook on the lab, with the page's example if `tls`."""
    folder = root / "molecule" / "tls"

    def run(*argv: str, tls: bool = True, **extra: t.Any) -> t.Any:
        given = ("-e", f"@{folder / 'files' / 'authority.yml'}") if tls else ()
        playbook, inventory = root / "playbooks" / "site.yml", folder / "inventory" / "hosts.yml"
        return lab.playbook(playbook, *given, *argv, inventory=inventory, extra=extra)

    return run


def listed(lab: Lab) -> str:
    return lab.sh("opt1", "rstudio-server list-nodes")


def fingerprints(lab: Lab, file: str, hosts: t.Sequence[str] = HOSTS) -> dict[str, str]:
    return lab.each(hosts, f"sha256sum {DIRECTORY}/{file}")


def test_http_becomes_https_by_the_reset_that_the_plan_tells(lab: Lab, site: t.Any) -> None:
    plan = site("--check", **SHORT)
    assert plan.rc == 0, plan.output[-4000:]
    assert "http → https" in plan.output
    assert "stops all nodes together, for all speak one protocol" in plan.output
    assert "Restarts, all together: opt1, opt2" in plan.output
    assert lab.sh("opt1", f"ls {DIRECTORY}", check=False) == "", "a check wrote"

    run = site(**SHORT)
    assert run.rc == 0, run.output[-8000:]
    assert "PRIVATE KEY" not in run.output
    said = listed(lab)
    assert "Protocol\nHttps\n" in said
    assert said.count("  443   Online  ") == 2
    assert "8787" not in said, "rows of the older port stay"
    # Others reach a node by what the system trusts, and sessions call it by its loopback.
    for host in HOSTS:
        for address in ("10.203.0.71", "opt1", "127.0.0.1" if host == "opt1" else "opt1"):
            page = f"curl --silent --show-error --max-time 9 https://{address}/auth-sign-in"
            assert "Sign In" in lab.sh(host, page)
    status = lab.sh("opt1", "curl --silent --max-time 20 https://localhost/load-balancer/status")
    assert status.count("Load:") == 2
    assert "(unreachable)" not in status
    assert "https://opt1/auth-sign-in" in lab.sh("opt1", "curl --silent --head http://opt1/auth-sign-in")
    assert '"Green"' in lab.sh("opt2", "curl --silent --max-time 9 https://opt1:5559/status")
    started = lab.sh("opt1", "/usr/lib/rstudio-server/bin/fake-session start ada --node https://localhost:443")
    assert "id" in started

    same = site(**SHORT)
    assert (same.rc, same.changed) == (0, 0), same.output[-4000:]


def test_no_private_key_leaves_its_host(lab: Lab) -> None:
    keys = lab.each(HOSTS, f"find {DIRECTORY} -name '*.key' -printf '%P %m %u\\n' | sort")
    node = "host.key 600 root\nrstudio-server.key 600 rstudio-server\n"
    assert keys == {"opt1": f"authority/authority.key 600 root\n{node}", "opt2": node, "optdb": "host.key 600 root\n"}
    assert len({text.split()[0] for text in fingerprints(lab, "host.key").values()}) == len(HOSTS)


def test_certificates_that_end_soon_are_renewed_by_the_next_run(lab: Lab, site: t.Any) -> None:
    """With the same keys, of the same authority, one node after the other."""
    before, authority, keys = (fingerprints(lab, f"{name}") for name in ("host.crt", "authority.crt", "host.key"))
    run = site()
    assert run.rc == 0, run.output[-8000:]
    assert "ends on" in run.output
    assert "Restarts, one after the other: opt1, opt2" in run.output
    assert "before-workbench-cluster" not in lab.sh("opt1", f"ls {DIRECTORY}"), "a copy of what was replaced"
    after = fingerprints(lab, "host.crt")
    assert all(after[host] != before[host] for host in HOSTS)
    assert (fingerprints(lab, "authority.crt"), fingerprints(lab, "host.key")) == (authority, keys)
    served = "openssl s_client -connect localhost:443 </dev/null 2>/dev/null | openssl x509 -noout -enddate"
    file = f"openssl x509 -noout -enddate -in {DIRECTORY}/host.crt"
    assert lab.each(NODES, served) == lab.each(NODES, file)


def test_a_node_that_comes_later_has_its_certificate_from_where_the_authority_lives(lab: Lab, site: t.Any) -> None:
    lab.control("reset", "opt2")
    lab.sh("opt1", f"mv {DIRECTORY}/authority /root/authority")
    refused = site("--limit", "opt2")
    assert refused.rc != 0
    assert "opt2 needs a certificate, but its authority" in refused.output
    assert "has its key on no member any more" in refused.output
    assert lab.sh("opt2", f"ls {DIRECTORY}", check=False) == ""

    lab.sh("opt1", f"mv /root/authority {DIRECTORY}/authority")
    before = fingerprints(lab, "host.crt", ["opt1", "optdb"])
    run = site("--limit", "opt2")
    assert run.rc == 0, run.output[-8000:]
    assert set(run.recap) == {"opt2"}
    assert fingerprints(lab, "host.crt", ["opt1", "optdb"]) == before
    assert listed(lab).count("  443   Online  ") == 2
    assert "Sign In" in lab.sh("opt1", "curl --silent --show-error --max-time 9 https://opt2/auth-sign-in")


def test_https_becomes_http_again(lab: Lab, site: t.Any) -> None:
    alone = site("--limit", "opt2", tls=False)
    assert alone.rc != 0
    assert "The protocol between the nodes changes, https → http" in alone.output
    assert "opt1 would go on: run without --limit" in alone.output
    run = site(tls=False)
    assert run.rc == 0, run.output[-8000:]
    said = listed(lab)
    assert "Protocol\nHttp\n" in said
    assert said.count("  8787  Online  ") == 2
