"""What a run does when something is wrong: it stops with the name and the cause, and running again completes it."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

NODES = ["node1", "node2", "node3"]


@pytest.fixture
def site(lab: t.Any, root: Path) -> t.Callable[..., t.Any]:
    """Run the site playbook on the lab."""

    def run(*argv: str, **extra: t.Any) -> t.Any:
        return lab.playbook(
            root / "playbooks" / "site.yml", *argv, inventory=root / "examples" / "demo" / "hosts.yml", extra=extra
        )

    return run


def test_a_wrong_variable_stops_the_run_before_the_hosts(site: t.Any) -> None:
    """Which ones do, tests/refusals says."""
    run = site(clock_servers=[], clock_local_stratum=0)
    assert (run.rc != 0, run.changed) == (True, 0)
    assert "clock_local_stratum" in run.output
    assert "Know the systems" not in run.output, "no host was touched"


def test_an_option_the_product_refuses_replaces_nothing(lab: t.Any, site: t.Any) -> None:
    before = lab.each(NODES, "sha256sum /etc/rstudio/*")
    run = site("--limit", "workbench_nodes", server_rserver_conf={"no-such-option": 1})
    assert run.rc != 0
    assert "no-such-option" in run.output
    assert lab.each(NODES, "sha256sum /etc/rstudio/*") == before


def test_a_package_that_does_not_install_and_then_does(lab: t.Any, site: t.Any, root: Path, tmp_path: Path) -> None:
    """node3 anew: also the proof that --limit adds one node to a cluster that exists."""
    lab.control("reset", "node3")
    broken = tmp_path / "rstudio-server_2026.04.0+526.pro2_amd64.deb"
    broken.write_bytes((root / ".cache" / "packages" / broken.name).read_bytes()[:2000])
    keys = lab.sh("node1", "sha256sum /etc/rstudio/launcher.pem /etc/rstudio/secure-cookie-key")
    # Another account made the file first, where the package used to be brought.
    planted = f"/var/tmp/{broken.name}"
    lab.sh("node3", f"install -o nobody -m 0666 /dev/null {planted} && rm -rf /var/lib/apt/lists/*")
    run = site("--limit", "node3", server_package=str(broken))
    assert run.rc != 0
    assert "fatal: [node3]" in run.output
    assert lab.sh("node3", "rstudio-server version", check=False) == ""
    assert lab.sh("node3", "find /var/tmp -name '*workbench*' -o -name '*.deb' -size +0") == "", "the package was left"
    again = site("--limit", "node3")
    assert again.rc == 0, again.output[-4000:]
    assert set(again.recap) == {"node3"}
    assert lab.sh("node1", "rstudio-server list-nodes").count("  Online  ") == 3
    assert lab.sh("node3", "sha256sum /etc/rstudio/launcher.pem /etc/rstudio/secure-cookie-key") == keys
    assert lab.sh("node3", "id john") == lab.sh("node1", "id john")
    assert lab.sh("node3", "find /var/tmp -name '*workbench*' -o -name '*.deb' -size +0") == "", "the package was left"
    assert lab.sh("node3", f"stat -c '%U %s' {planted}").split() == ["nobody", "0"], (
        "what another account made was used"
    )
    lab.sh("node3", f"rm {planted}")


def test_a_package_that_is_unpacked_only_is_completed(lab: t.Any, site: t.Any) -> None:
    """What a script of the package that fails, or a run that is cut off, leaves behind."""
    lab.sh("node3", "systemctl stop rstudio-server rstudio-launcher")
    lab.sh("node3", "systemctl mask rstudio-server.service rstudio-launcher.service")
    status = "/var/lib/dpkg/status"
    lab.sh(
        "node3", f"sed -i '/^Package: rstudio-server$/,/^$/s/^Status: .*/Status: install ok half-configured/' {status}"
    )
    assert site("--limit", "workbench_nodes").rc == 0
    shown = lab.sh("node3", "dpkg-query -W -f '${db:Status-Abbrev}' rstudio-server")
    assert shown.strip() == "ii"
    assert lab.sh("node1", "rstudio-server list-nodes").count("  Online  ") == 3
    assert site("--limit", "workbench_nodes").changed == 0


def test_a_launcher_that_outlived_its_server_is_restarted_with_it(lab: t.Any, site: t.Any) -> None:
    started = "systemctl show -P ExecMainStartTimestampMonotonic rstudio-launcher"
    before = lab.sh("node3", started)
    lab.sh("node3", "systemctl stop rstudio-server && touch /etc/rstudio/launcher.conf")
    assert site("--limit", "workbench_nodes").rc == 0
    assert lab.sh("node3", started) != before
    assert site("--limit", "workbench_nodes").changed == 0


def test_the_launcher_alone_is_restarted_for_its_own_files(lab: t.Any, site: t.Any) -> None:
    def started(unit: str) -> dict[str, str]:
        return lab.each(NODES, f"systemctl show -P ExecMainStartTimestampMonotonic {unit}")

    before = {unit: started(unit) for unit in ("rstudio-server", "rstudio-launcher")}
    run = site("--limit", "workbench_nodes", server_launcher_local_conf={"job-expiry-hours": 48})
    assert run.rc == 0, run.output[-4000:]
    assert "/etc/rstudio/launcher.local.conf was written after rstudio-launcher started" in " ".join(run.output.split())
    assert started("rstudio-server") == before["rstudio-server"]
    assert not set(started("rstudio-launcher").items()) & set(before["rstudio-launcher"].items())


def test_a_file_that_can_be_read_again_restarts_nothing(lab: t.Any, site: t.Any) -> None:
    started = "systemctl show -P ExecMainStartTimestampMonotonic rstudio-server rstudio-launcher"
    files = [{"path": "/etc/rstudio/rsession.conf", "content": "session-timeout-minutes=120\n"}]
    assert site("--limit", "workbench_nodes").rc == 0
    before = lab.each(NODES, started)
    reloads = "grep -c 'Configuration reloaded' /var/log/rstudio/rstudio-server/rserver.log || true"
    told = {node: int(count) for node, count in lab.each(NODES, reloads).items()}
    left = site("--limit", "workbench_nodes", server_files=files, server_restart="never")
    assert "until a run with server_restart=rolling" in " ".join(left.output.split())
    assert {node: int(count) for node, count in lab.each(NODES, reloads).items()} == told
    assert site("--limit", "workbench_nodes", server_files=files).rc == 0
    assert {node: int(count) for node, count in lab.each(NODES, reloads).items()} == {
        node: told[node] + 1 for node in NODES
    }
    assert lab.each(NODES, started) == before
    assert site("--limit", "workbench_nodes", server_files=files).changed == 0


def test_a_full_disk_leaves_nothing_half_written(lab: t.Any, site: t.Any) -> None:
    before = lab.sh("node2", "sha256sum /etc/rstudio/*; ls -A /etc/rstudio")
    change = {"server_file_locks": {"timeout-interval": 40}}
    full = "mount -t tmpfs -o size=64k tmpfs /mnt && cp -a /etc/rstudio/. /mnt/ && mount --bind /mnt /etc/rstudio"
    lab.sh("node2", f"{full} && dd if=/dev/zero of=/etc/rstudio/.filler bs=1k 2>/dev/null; true")
    try:
        run = site("--limit", "workbench_nodes", **change)
    finally:
        lab.sh("node2", "umount /etc/rstudio && umount /mnt")
    assert run.rc != 0
    assert "fatal: [node2]" in run.output
    assert "No space left on device" in run.output
    assert lab.sh("node2", "sha256sum /etc/rstudio/*; ls -A /etc/rstudio") == before
    assert site("--limit", "workbench_nodes", **change).rc == 0
    assert "timeout-interval=40" in lab.sh("node2", "cat /etc/rstudio/file-locks")


def test_a_database_that_refuses_the_password(lab: t.Any, site: t.Any) -> None:
    alter = 'runuser -u postgres -- psql -qc "ALTER ROLE rstudio {}LOGIN"'
    lab.sh("node3", "systemctl stop rstudio-server")
    lab.sh("db1", alter.format("NO"))
    try:
        run = site("--limit", "workbench_nodes", server_start_wait=30)
    finally:
        lab.sh("db1", alter.format(""))
    assert run.rc != 0
    assert "fatal: [node3]" in run.output
    assert "not permitted to log in" in run.output
    assert site("--limit", "workbench_nodes").rc == 0
    assert lab.sh("node1", "rstudio-server list-nodes").count("  Online  ") == 3


def test_an_unreachable_member_stops_the_run(lab: t.Any, site: t.Any) -> None:
    lab.control("kill", "node2")
    run = site()
    assert run.rc != 0
    assert "node2" in run.output
    assert "unreachable" in run.output.lower()
    assert run.changed == 0
    lab.control("start", "node2")
    again = site()
    assert again.rc == 0, again.output[-4000:]
    assert lab.sh("node1", "rstudio-server list-nodes").count("  Online  ") == 3


def test_only_nodes_whose_files_changed_are_restarted_one_after_the_other(lab: t.Any, site: t.Any) -> None:
    times = "systemctl show --timestamp=unix -P InactiveEnterTimestamp -P ActiveEnterTimestamp rstudio-server"
    before = lab.each(NODES, times)
    changed = "{{ {} if inventory_hostname == 'node3' else {'auth-timeout-minutes': 45} }}"
    run = site("--limit", "workbench_nodes", server_rserver_conf=changed)
    assert run.rc == 0, run.output[-4000:]
    after = lab.each(NODES, times)
    assert [node for node in NODES if before[node] != after[node]] == ["node1", "node2"]
    (_, up), (down, _) = ([int(time.lstrip("@")) for time in after[node].split()] for node in NODES[:2])
    assert down >= up, "node2 was stopped before node1 was up again"
    assert site("--limit", "workbench_nodes").rc == 0
    assert site("--limit", "workbench_nodes").changed == 0
