# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL server as it is, through `psql` under its own account: who else uses it, and what of ours is there.

No driver is needed, so it can be asked before anything is installed.
"""

from __future__ import annotations

import json
import os
import socket
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host.network import probe
from ansible_collections.workbench.cluster.plugins.module_utils._host.postgresql_client import served_certificate
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, file_content, words
from ansible_collections.workbench.cluster.plugins.module_utils._host.tls_files import public_key, read_tls_files

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
        AccessBlock,
        DatabaseReport,
        DatabaseServer,
        ResolvedName,
    )

# What database_info may be asked for.
OPTIONS: dict[str, dict[str, t.Any]] = {
    "database": {"type": "str", "required": True},
    "role": {"type": "str", "required": True},
    "port": {"type": "int", "default": 5432},
    "names": {"type": "list", "elements": "str", "default": []},
    "schema": {"type": "str", "default": ""},
    "files": {"type": "list", "elements": "str", "default": []},
    "served": {"type": "bool", "default": False},
    "timeout": {"type": "float", "default": 5},
}
# What is beside the access rules once we changed them: as they were found.
KEPT = ".before-workbench-cluster"
OURS = "Ansible (workbench.cluster): "
# Seconds by which a file's time may lag behind its change: the kernel's clock ticks, and some file systems know whole
# seconds only.
TICK, SECOND = 0.05, 1.0
# Fields of an object, for a role without privileges as well.
LIMITS = """
  'max_connections', current_setting('max_connections')::int,
  'reserved_connections', (SELECT sum(setting::int) FROM pg_settings
    WHERE name IN ('superuser_reserved_connections', 'reserved_connections'))
"""
SERVER = f"""
SELECT json_build_object(
  'version', current_setting('server_version'),
  'instance', current_setting('cluster_name'),
  'standby', pg_is_in_recovery(),
  'listen_addresses', current_setting('listen_addresses'),
  {LIMITS},
  'next_connections', coalesce((SELECT setting::int FROM pg_file_settings
    WHERE name = 'max_connections' AND setting ~ '^[0-9]{{1,9}}$' ORDER BY seqno DESC LIMIT 1), 0),
  'access_file', current_setting('hba_file'),
  'loaded', extract(epoch FROM pg_conf_load_time()),
  'access_errors', (SELECT coalesce(json_agg(r), '[]') FROM pg_hba_file_rules r WHERE error IS NOT NULL),
  'databases', (SELECT coalesce(json_agg(datname ORDER BY datname), '[]') FROM pg_database
    WHERE NOT datistemplate AND datname NOT IN ('postgres', :'database')),
  'tls', (SELECT json_object_agg(name, setting) FROM pg_settings
    WHERE name IN ('ssl', 'ssl_cert_file', 'ssl_key_file', 'ssl_ca_file')),
  'roles', (SELECT coalesce(json_agg(rolname ORDER BY rolname), '[]') FROM pg_roles
    WHERE rolcanlogin AND oid <> 10 AND rolname <> :'role'),
  'connections', (SELECT count(*) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()),
  'role', (SELECT json_build_object('login', rolcanlogin, 'verifier', rolpassword) FROM pg_authid WHERE rolname = :'role'),
  'database', (SELECT json_build_object('owner', pg_get_userbyid(datdba)) FROM pg_database WHERE datname = :'database')
);
"""  # made of a constant  # nosec B608
# What a user could have made: relations of any kind outside the system's schemas.
MADE = r"""
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
# Fields of an object. Of Workbench's tables this one is there from its first start on, and others have none like it.
HOLDS = f"""
  'tables', (SELECT count(*) {MADE}),
  'names', (SELECT coalesce(json_agg(relname), '[]') FROM (SELECT c.relname {MADE} ORDER BY 1 LIMIT 8) first),
  'workbench', EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attname = 'current_version' AND a.attrelid IN
    (SELECT c.oid {MADE} AND c.relname = 'schema_version'))
"""  # made of a constant  # nosec B608
DATABASE = f"""
SELECT json_build_object(
  'holds', json_build_object({HOLDS}),
  'schema_owner', (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = :'schema')
);
"""  # made of constants  # nosec B608
# The account of the server, which reads its files.
ACCOUNT = "postgres"


def report(run: Run, options: t.Mapping[str, t.Any]) -> DatabaseReport:
    """What `OPTIONS` ask for; the names the server listens on are resolved with those that are given."""
    server = read_server(run, Question(**{name: options[name] for name in Question._fields}))
    names = read_names([*options["names"], *listening_names(server)], options["timeout"])
    if options["served"]:
        own = [address for found in names.values() for address in found["own"]]
        server["served"] = read_served(run, ["127.0.0.1", *own], options["port"], options["timeout"])
    return {
        "server": server,
        "names": names,
        "files": read_tls_files(run, options["files"], ACCOUNT),
    }


class Question(t.NamedTuple):
    """Which server, and what is looked for there."""

    port: int
    database: str
    role: str
    schema: str = ""
    files: t.Sequence[str] = ()


def read_server(run: Run, asked: Question) -> DatabaseServer:
    """What `SERVER` asks for, and what the database holds; the `error` of a server that is silent is its or psql's words."""
    try:
        answer = json.loads(_ask(run, asked.port, "postgres", SERVER, database=asked.database, role=asked.role))
    except FileNotFoundError:
        return {"state": "absent", "error": None}
    except (Failure, ValueError) as failure:
        return {"state": "silent", "error": str(failure)}
    if answer["database"] is not None:
        answer["database"].update(_held(run, asked))
    answer["access_errors"] = [
        {"file": rule.get("file_name") or answer["access_file"], "line": rule["line_number"], "error": rule["error"]}
        for rule in answer["access_errors"]
    ]
    path, loaded = answer["access_file"], answer.pop("loaded")
    answer["access_loaded"] = _read_since(path, float(loaded))
    answer["tls_loaded"] = all(_read_since(file, float(loaded)) for file in asked.files)
    answer["access_block"] = access_block(file_content(path) or b"", asked.database, asked.role)
    answer["access_kept"] = os.path.exists(path + KEPT)
    return t.cast("DatabaseServer", {"state": "running", "error": None, **answer})


def read_served(run: Run, addresses: t.Iterable[str], port: int, timeout: float) -> str | None:
    """Fingerprint of the public key of the certificate that is served, at the first of `addresses` that serves one."""
    for address in addresses:
        try:
            found = served_certificate(address, port, timeout)
        except Failure:
            continue
        return public_key(run(["openssl", "x509", "-noout", "-pubkey"], found))
    return None


def _held(run: Run, asked: Question) -> dict[str, t.Any]:
    try:
        told: dict[str, t.Any] = json.loads(_ask(run, asked.port, asked.database, DATABASE, schema=asked.schema))
    except (Failure, ValueError):
        return {"holds": None, "schema_owner": None}
    return told


def mark(database: str, role: str) -> str:
    """The line before and after rules of ours, with `{mark}` for BEGIN and END."""
    return f"# {{mark}} {OURS}role {role} in database {database}, from database_clients"


def access_block(content: bytes, database: str, role: str) -> AccessBlock | None:
    """The rules of ours in a pg_hba.conf, as ansible.builtin.blockinfile finds them; `None` without any mark of ours."""
    lines = [line.decode("utf-8", "replace") for line in content.splitlines(keepends=True)]
    begin, end = (mark(database, role).replace("{mark}", word) + "\n" for word in ("BEGIN", "END"))
    marks = [number for number, line in enumerate(lines) if line in (begin, end)]
    if not marks:
        return None
    whole = [lines[number] for number in marks] == [begin, end]
    return {
        "rules": [_without_newline(line) for line in lines[marks[0] + 1 : marks[1]]] if whole else [],
        "marks": [number + 1 for number in marks],
        "whole": whole,
        "first": not _others(lines[: marks[0]]),
    }


def _others(lines: t.Iterable[str]) -> bool:
    """Whether there are rules among `lines` beside those of ours, whose roles and databases are others."""
    ours = False
    for line in lines:
        if line.startswith(("# BEGIN " + OURS, "# END " + OURS)):
            ours = line.startswith("# BEGIN ")
        elif not ours and line.strip() and not line.lstrip().startswith("#"):
            return True
    return False


def _without_newline(line: str) -> str:
    return line[:-1] if line.endswith("\n") else line


def _read_since(path: str, moment: float) -> bool:
    """Whether a file was last changed before a `moment`, in seconds since the epoch; not where nobody can tell.

    The time of its status counts: a copy that was put back may have an old time of modification.
    """
    try:
        changed = os.stat(path).st_ctime_ns
    except OSError:
        return False
    return changed / 1e9 + (SECOND if changed % 10**9 == 0 else TICK) <= moment


def read_names(names: t.Iterable[str], timeout: float) -> dict[str, ResolvedName]:
    """The addresses of each name as this host resolves it."""
    found = probe([{"name": name, "host": name, "ports": []} for name in names], timeout)
    return {
        name: {"addresses": answer["address"], "own": own_addresses(answer["address"])}
        for name, answer in found.items()
    }


def listening_names(server: DatabaseServer) -> list[str]:
    """What `listen_addresses` of a server that runs names, addresses included; resolved, an address is itself."""
    words = [word.strip() for word in server.get("listen_addresses", "").split(",")]
    return [word for word in words if word not in ("", "*")]


def own_addresses(addresses: t.Iterable[str]) -> list[str]:
    """Those of `addresses` that are this host's: the only ones a socket can be bound to."""
    own = []
    for address in addresses:
        try:
            with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM) as one:
                one.bind((address, 0))
        except OSError:
            continue
        own.append(address)
    return own


def _ask(run: Run, port: int, login: str, sql: str, **variables: str) -> str:
    """What `sql` prints. Raises `FileNotFoundError` without `psql`, `Failure` with the words of what failed."""
    given = [part for name, value in variables.items() for part in ("-v", f"{name}={value}")]
    psql = ["psql", "-XAtqw", "-v", "ON_ERROR_STOP=1", "-p", str(port), "-d", login, *given]
    if run(["psql", "--version"])[0] == 127:
        raise FileNotFoundError("psql")
    # Variables of the caller's own, which would lead psql elsewhere, do not reach it.
    rc, out, err = run(["runuser", "-u", "postgres", "--", "env", "-u", "PGHOST", "-u", "PGSERVICE", *psql], sql)
    if rc != 0:
        raise Failure(words(out, err))
    return out
