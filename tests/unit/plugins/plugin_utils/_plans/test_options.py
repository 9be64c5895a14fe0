# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.files import file_of
from ansible_collections.workbench.cluster.plugins.plugin_utils._config.write import flat
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.found_options import VARIABLES
from ansible_collections.workbench.cluster.plugins.plugin_utils._plans.options import plan_options
from ansible_collections.workbench.cluster.plugins.plugin_utils._rules.options import option_problems

LOCAL: dict[str, t.Any] = {"name": "cluster", "options": {"name": "Local", "type": "Local"}}
SLURM: dict[str, t.Any] = {"name": "cluster", "options": {"name": "Slurm", "type": "Slurm"}}
OURS: dict[str, t.Any] = {
    "rserver.conf": {
        "server-user": "rstudio-server",
        "load-balancing-enabled": True,
        "server-shared-storage-path": "/nfs/shared",
        "launcher-sessions-enabled": True,
        "launcher-address": "127.0.0.1",
        "launcher-port": 5559,
        "launcher-default-cluster": "Local",
        "launcher-use-ssl": False,
        "server-health-check-enabled": True,
    },
    "load-balancer": {"balancer": "sessions"},
    "file-locks": {"lock-type": "linkbased"},
    "database.conf": {
        "provider": "postgresql",
        "host": "10.0.0.31",
        "port": 5432,
        "database": "rstudio",
        "username": "rstudio",
    },
    "launcher.conf": {"address": "0.0.0.0", "port": 5559, "server-user": "rstudio-server"},
    "launcher.local.conf": {"server-user": "rstudio-server"},
    "server_launcher_sections": [LOCAL],
}
STOCK = {
    "rserver.conf": {
        "server-user": "rstudio-server",
        "launcher-use-ssl": "0",
        "launcher-address": "localhost",
        "launcher-port": "5559",
        "launcher-sessions-enabled": "1",
        "launcher-default-cluster": "Local",
        "load-balancing-enabled": "0",
    }
}
SHIPPED = [
    {
        "address": "localhost",
        "port": "5559",
        "server-user": "rstudio-server",
        "admin-group": "rstudio-server",
        "authorization-enabled": "1",
        "thread-pool-size": "4",
        "enable-debug-logging": "0",
    },
    LOCAL["options"],
]


def report(
    files: dict[str, dict[str, t.Any]] | None = None,
    sections: t.Sequence[t.Any] = (),
    hidden: dict[str, list[str]] | None = None,
    sqlite: str = "absent",
) -> dict[str, t.Any]:
    """What a node reports; sections are the options of `[server]`, then of each `[cluster]`."""
    answer: dict[str, t.Any] = {}
    for file in VARIABLES:
        options = {key: v if isinstance(v, list) else [v] for key, v in (files or {}).get(file, {}).items()}
        answer[file] = {"state": "found", "options": options, "hidden": (hidden or {}).get(file, []), "sections": []}
    for number, options in enumerate(sections):
        answer["launcher.conf"]["sections"].append(
            {
                "name": "cluster" if number else "server",
                "label": options.get("name", ""),
                "options": {key: [value] for key, value in options.items()},
                "hidden": [],
            }
        )
    path = "/var/lib/rstudio-server/rstudio.sqlite"
    return {"state": "reachable", "options": {"files": answer, "sqlite": {"path": path, "state": sqlite}}}


def plan(
    unknown: str = "refuse", asked: dict[str, t.Any] | None = None, migrate: bool = False, **reports: t.Any
) -> dict[str, t.Any]:
    return plan_options(reports, dict.fromkeys(reports, asked or {}), OURS, unknown, list(reports), migrate=migrate)


def pasted(error: str) -> dict[str, t.Any]:
    """The lines of an error that are to be pasted, as an inventory reads them."""
    variables: dict[str, t.Any] = yaml.safe_load("\n".join(error.splitlines()[1:-1])) or {}
    return variables


@pytest.mark.parametrize(
    "node",
    [
        pytest.param(report(), id="bare"),
        pytest.param(report(STOCK, SHIPPED), id="fresh_package"),
        pytest.param(
            report({"rserver.conf": {"launcher-sessions-enabled": "YES", "server-health-check-enabled": "on"}}),
            id="switches_in_words",
        ),
        pytest.param(report({"rserver.conf": {"launcher-address": "127.0.0.1"}}), id="as_ours"),
        pytest.param(
            report({"rserver.conf": {"launcher-sessions-callback-address": "http://127.0.0.1:8787"}}), id="callback"
        ),
        pytest.param(
            report(
                {
                    "rserver.conf": {
                        "secure-cookie-key-file": "/k",
                        "database-config-file": "/d",
                        "load-balancing-enabled": "0",
                    },
                    "database.conf": {"provider": "sqlite"},
                }
            ),
            id="what_a_cluster_needs_otherwise",
        ),
        pytest.param(
            report(
                {
                    "database.conf": {
                        "provider": "PostgreSQL",
                        "host": "10.0.0.31",
                        "port": "5432",
                        "database": "rstudio",
                        "username": "rstudio",
                    }
                }
            ),
            id="the_same_database",
        ),
        pytest.param(report(sqlite="empty"), id="never_used"),
        pytest.param({"state": "unreachable"}, id="unreachable"),
    ],
)
def test_what_is_nobodys_choice_or_ours_asks_no_question(node: dict[str, t.Any]) -> None:
    for unknown in ("refuse", "keep", "drop"):
        answer = plan(unknown, n1=node)
        assert answer["errors"] == []
        assert not any(answer["kept"]["n1"].values())
        assert answer["sections"]["n1"] == [{**LOCAL, "kept": {}}]


@pytest.mark.parametrize(
    ("node", "variables"),
    [
        (
            report(
                {"rserver.conf": {**STOCK["rserver.conf"], "auth-required-user-group": "analysts", "ssl-enabled": "1"}}
            ),
            {"server_rserver_conf": {"auth-required-user-group": "analysts", "ssl-enabled": 1}},
        ),
        (
            report(
                {"rserver.conf": {"www-allow-origin": ["a", "b"], "www-frame-origin": "none", "admin-group": "0017"}}
            ),
            {
                "server_rserver_conf": {
                    "www-allow-origin": ["a", "b"],
                    "www-frame-origin": "none",
                    "admin-group": "0017",
                }
            },
        ),
        (report({"rserver.conf": {"auth-saml": "yes"}}), {"server_rserver_conf": {"auth-saml": "yes"}}),
        (report({"load-balancer": {"balancer": "user-hash"}}), {"server_load_balancer": {"balancer": "user-hash"}}),
        (report({"load-balancer": {"www-host-name": "wb1"}}), {"server_www_host_name": "wb1"}),
        (
            report({"rserver.conf": {"server-shared-storage-path": "/srv/x"}}),
            {"server_shared_storage_path": "/srv/x"},
        ),
        (
            report({"rserver.conf": {"launcher-sessions-enabled": "0"}}),
            {"server_rserver_conf": {"launcher-sessions-enabled": 0}},
        ),
        (report({"file-locks": {"lock-type": "advisory"}}), {"server_file_locks": {"lock-type": "advisory"}}),
        (
            report({"database.conf": {"host": "db", "port": "5433", "pool-size": "9", "directory": "/d"}}),
            {"database_host": "db", "database_port": 5433, "server_database_conf": {"pool-size": 9, "directory": "/d"}},
        ),
        (
            report(
                {"rserver.conf": {"ssl-enabled": "1", "launcher-sessions-callback-address": "https://127.0.0.1:443"}}
            ),
            {"server_rserver_conf": {"ssl-enabled": 1}},
        ),
        (
            report(sections=[{**SHIPPED[0], "enable-ssl": "1"}, LOCAL["options"], SLURM["options"]]),
            {"server_launcher_conf": {"enable-ssl": 1}, "server_launcher_sections": [LOCAL, SLURM]},
        ),
        (
            report(sections=[SHIPPED[0], {**SLURM["options"], "allowed-groups": "hpc"}]),
            {
                "server_launcher_sections": [
                    {"name": "cluster", "options": {**SLURM["options"], "allowed-groups": "hpc"}}
                ]
            },
        ),
        (
            report(sections=[SHIPPED[0], {**LOCAL["options"], "allowed-groups": "x"}]),
            {"server_launcher_sections": [{"name": "cluster", "options": {**LOCAL["options"], "allowed-groups": "x"}}]},
        ),
        (report({"launcher.local.conf": {"unprivileged": "1"}}), {"server_launcher_local_conf": {"unprivileged": 1}}),
    ],
)
def test_what_was_found_is_listed_to_be_pasted_and_then_accepted(node: t.Any, variables: dict[str, t.Any]) -> None:
    (error,) = plan(n1=node)["errors"]
    assert error.startswith("n1: /etc/rstudio has options")
    assert pasted(error) == variables
    assert plan(asked=variables, n1=node)["errors"] == []
    assert option_problems(variables) == []
    assert plan("drop", n1=node)["errors"] == []


@pytest.mark.parametrize(
    ("node", "asked"),
    [
        (report({"rserver.conf": {"www-port": "80"}}), {"server_rserver_conf": {"www-port": 8787}}),
        (report({"rserver.conf": {"server-shared-storage-path": "/x"}}), {"storage_shared_dir": "/y"}),
        (report({"database.conf": {"host": "old", "database": "x"}}), {"database_host": "new", "database_name": "y"}),
        (report({"database.conf": {"host": "old"}}), {"server_database_conf": {"connection-uri": "postgresql://…"}}),
        (report(hidden={"database.conf": ["connection-uri"]}), {"server_database_conf": {"connection-uri": "x"}}),
        (report({"load-balancer": {"www-host-name": "x"}}), {"cluster_address": "10.1.0.1"}),
        (report(sections=[{}, {**LOCAL["options"]}]), {"server_launcher_sections": [SLURM]}),
        (report(sections=[{}, {"name": "Slurm", "type": "Old"}]), {"server_launcher_sections": [SLURM]}),
    ],
)
def test_what_the_inventory_names_is_asked_for(node: dict[str, t.Any], asked: dict[str, t.Any]) -> None:
    assert plan(asked=asked, n1=node)["errors"] == []


@pytest.mark.parametrize(("address", "known"), [("wb1", True), ("10.0.0.1", False)])
def test_the_name_of_a_node_is_its_address_in_the_inventory(address: str, known: bool) -> None:
    node = report({"load-balancer": {"www-host-name": "wb1"}})
    assert (plan(asked={"address": address}, n1=node)["errors"] == []) is known


def test_nodes_with_the_same_options_are_listed_once() -> None:
    one, other = report({"rserver.conf": {"auth-saml": "1"}}), report({"rserver.conf": {"auth-openid": "1"}})
    errors = plan(n1=one, n2=other, n3=one, n4=report())["errors"]
    assert [error.partition(":")[0] for error in errors] == ["n1, n3", "n2"]


def test_of_a_secret_there_is_a_hint() -> None:
    (error,) = plan(n1=report(hidden={"database.conf": ["connection-uri"]}))["errors"]
    assert "# server_database_conf: connection-uri has a secret" in error
    assert pasted(error) == {}


def test_kept_options_are_those_of_all_nodes_and_the_inventory_wins() -> None:
    node = report({"rserver.conf": {"auth-saml": "1", "www-port": "80", "www-allow-origin": ["a", "b"]}})
    answer = plan("keep", asked={"server_rserver_conf": {"www-port": 8787}}, n1=node, n2=report(STOCK, SHIPPED))
    assert answer["errors"] == []
    kept = {"auth-saml": "1", "www-allow-origin": ["a", "b"]}
    assert [answer["kept"][host]["rserver.conf"] for host in ("n1", "n2")] == [kept, kept]


def test_a_member_outside_the_run_has_a_say_in_what_is_kept_and_no_errors() -> None:
    reports: t.Any = {"n1": report({"rserver.conf": {"auth-saml": "1"}}, sqlite="data"), "n2": report()}
    answer = plan_options(reports, {}, OURS, "keep", ["n2"])
    assert (answer["errors"], answer["kept"]["n2"]["rserver.conf"]) == ([], {"auth-saml": "1"})
    assert list(answer["kept"]) == ["n2"]
    assert plan_options(reports, {}, OURS, "refuse", ["n2"])["errors"] == []


def test_kept_sections() -> None:
    node = report(sections=[{**SHIPPED[0], "enable-ssl": "1"}, {**SLURM["options"]}])
    answer = plan("keep", n1=node, n2=report(STOCK, SHIPPED))
    assert answer["kept"]["n2"]["launcher.conf"] == {"enable-ssl": "1"}
    assert answer["sections"]["n2"] == [{"name": "cluster", "options": {}, "kept": SLURM["options"]}]


def test_nodes_that_differ_in_what_is_to_be_kept_stop_the_run() -> None:
    one, other = report({"rserver.conf": {"www-port": "80"}}), report({"rserver.conf": {"www-port": "81"}})
    (error,) = plan("keep", n1=one, n2=other)["errors"]
    assert error.startswith("rserver.conf: www-port=80 on n1 and www-port=81 on n2. ")
    assert "server_rserver_conf" in error


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (report({"database.conf": {"host": "old"}}), "database_host: old"),
        (
            report({"database.conf": {"connection-uri": "postgresql://h/d"}}),
            "server_database_conf: {connection-uri: 'postgresql://h/d'}",
        ),
        (report(hidden={"rserver.conf": ["a-secret"]}), "a-secret"),
        (report({"load-balancer": {"www-host-name": "wb1"}}), "server_www_host_name: wb1"),
        (report({"rserver.conf": {"www-address": "10.0.0.1"}}), "www-address: 10.0.0.1"),
        (report(sections=[{"address": "10.0.0.1"}]), "server_launcher_conf: {address: 10.0.0.1}"),
        (report({"rserver.conf": {"server-shared-storage-path": "/x"}}), "server_shared_storage_path: /x"),
        (report({"rserver.conf": {"www-frame-origin": '"same"'}}), "www-frame-origin: '\"same\"'"),
        (report({"database.conf": {"directory": "/a#b"}}), "directory: /a#b"),
    ],
)
def test_what_the_collection_must_know_cannot_be_kept(node: dict[str, t.Any], words: str) -> None:
    (error,) = plan("keep", n1=node)["errors"]
    assert "server_unknown_options=keep cannot keep these" in error
    assert words in error


FURTHER = {
    "rsession.conf": {"session-timeout-minutes": "30", "allow-shell": "0"},
    "logging.conf": {"*.log-level": "info", "@rserver.log-level": "debug"},
    "env-vars": {"HTTPS_PROXY": "http://proxy:3128", "A": "x # y"},
    "crash-handler.conf": {"crash-handling-enabled": "1"},
    "repos.conf": {"CRAN": "https://p/c"},
}


@pytest.mark.parametrize("unknown", ["refuse", "keep", "drop"])
def test_a_file_of_which_nothing_is_named_is_nobodys_business(unknown: str) -> None:
    answer = plan(unknown, n1=report(FURTHER, hidden={"env-vars": ["TOKEN"]}))
    assert (answer["errors"], any(answer["kept"]["n1"].values())) == ([], False)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (
            {"server_rsession_conf": {"allow-shell": True}},
            {"server_rsession_conf": {"session-timeout-minutes": 30}},
        ),
        (
            {"server_logging_conf": {"*": {"log-level": "warn"}}},
            {"server_logging_conf": {"@rserver": {"log-level": "debug"}}},
        ),
        (
            {"server_env_vars": {"B": 1}},
            {"server_env_vars": FURTHER["env-vars"]},
        ),
        (
            {"server_crash_handler_conf": {"uploads-enabled": False}},
            {"server_crash_handler_conf": {"crash-handling-enabled": 1}},
        ),
        ({"server_repos_conf": {"Internal": "https://p/i"}}, {"server_repos_conf": FURTHER["repos.conf"]}),
    ],
    ids=list(FURTHER),
)
def test_where_something_is_named_what_was_found_besides_is_asked_about(
    asked: dict[str, dict[str, t.Any]], found: dict[str, dict[str, t.Any]]
) -> None:
    node = report(FURTHER)
    (error,) = plan(asked=asked, n1=node)["errors"]
    assert pasted(error) == found
    (variable,) = asked
    both = {variable: {**asked[variable], **found[variable]}}
    assert plan(asked=both, n1=node)["errors"] == []
    (file,) = (name for name, writer in VARIABLES.items() if writer == variable)
    kept = plan("keep", asked=asked, n1=node, n2=report())
    assert kept["errors"] == []
    left = {
        key: value
        for key, value in FURTHER[file].items()
        if key not in flat(file_of(f"/etc/rstudio/{file}"), asked[variable])
    }
    assert [kept["kept"][host][file] for host in ("n1", "n2")] == [left, left]


def test_a_secret_of_the_environment_stays_where_it_is_and_is_told_by_name() -> None:
    node = report(hidden={"env-vars": ["API_TOKEN"]})
    for unknown in ("refuse", "keep"):
        (error,) = plan(unknown, asked={"server_env_vars": {"B": 1}}, n1=node)["errors"]
        assert "# server_env_vars: API_TOKEN has a secret" in error


@pytest.mark.parametrize("unknown", ["refuse", "keep", "drop"])
def test_data_in_sqlite_stops_the_run_whatever_becomes_of_options(unknown: str) -> None:
    (error,) = plan(unknown, n1=report(sqlite="data"))["errors"]
    assert "n1: Workbench has its data in SQLite (/var/lib/rstudio-server/rstudio.sqlite)" in error
    assert "rstudio-server migrate-db" in error


@pytest.mark.parametrize("state", ["data", "moving"])
def test_data_in_sqlite_may_move_of_one_server(state: str) -> None:
    assert plan(migrate=True, n1=report(sqlite=state), n2=report())["errors"] == []
    (error,) = plan(migrate=True, n1=report(sqlite=state), n2=report(sqlite="data"))["errors"]
    assert "n1, n2 each have data in SQLite" in error


def test_a_migration_that_was_cut_off_is_finished_first() -> None:
    (error,) = plan(n1=report(sqlite="moving"))["errors"]
    assert "Run the playbook migrate_database again" in error
