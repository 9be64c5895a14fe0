# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that one look at a host brings back: what single modules report, and what none of them does.

A host is asked for some of the parts only, so each imports its reader itself: the rest is not even compiled.
"""

from __future__ import annotations

import os
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure, sentence
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, printable

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import (
        AccountsLook,
        Balancer,
        Clock,
        Cluster,
        DatabaseReport,
        DirectoryState,
        Exports,
        FileState,
        FirewallReport,
        FrontEndReport,
        HostReport,
        KeyFiles,
        LicenceReport,
        LockStep,
        LoginReport,
        MountsReport,
        NodeReport,
        OptionsReport,
        Package,
        Peer,
        SeenMarker,
        ServedReport,
        SssdReport,
        Step,
        System,
        TlsReport,
        UnitReport,
    )

if t.TYPE_CHECKING:  # pragma: no cover
    from ansible.module_utils.basic import AnsibleModule

Spec = t.Dict[str, t.Dict[str, t.Any]]
# Files are one part of the report, for which two of the question stand.
FILES = ("files", "secret_files")


class Look(t.NamedTuple):
    """What a part of the report is read with. `key` is that of the run's digests, `contents`: files come with their text."""

    module: AnsibleModule
    run: Run
    key: str
    contents: bool


def read_report(look: Look, parts: t.Mapping[str, t.Any]) -> HostReport:
    """Each part that is asked for, or in `errors` why it could not be had."""
    report: dict[str, t.Any] = {}
    errors: dict[str, str] = {}
    for part, given in _questions(parts).items():
        try:
            if part not in PARTS:
                raise Failure(f"there is no such part. Known are {', '.join(sorted(PARTS))}")
            report[part] = PARTS[part](look, given)
        except Exception as error:  # whatever it is, the other parts are still worth having
            errors[part] = sentence(error)
    return t.cast("HostReport", printable({**report, "errors": errors}))


def remembering(run: Run) -> Run:
    """`run`, which asks for the same only once: within a look nothing changes."""
    answers: dict[tuple[str, ...], tuple[int, str, str]] = {}

    def ask(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        if data is not None or env is not None:
            return run(argv, data, env)
        if tuple(argv) not in answers:
            answers[tuple(argv)] = run(argv)
        return answers[tuple(argv)]

    return ask


def _questions(parts: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    asked = {part: given for part, given in parts.items() if part not in FILES}
    files = {part: parts[part] for part in FILES if part in parts}
    return {**asked, "files": files} if files else asked


def _checked(given: t.Any, spec: Spec) -> dict[str, t.Any]:
    """Options with their defaults. Raises `Failure` for what cannot be meant."""
    if not isinstance(given, dict):
        raise Failure(f"its options are no dictionary: {given!r}")
    result = ArgumentSpecValidator(spec).validate(given)
    if result.error_messages:
        raise Failure(" ".join(result.error_messages))
    return t.cast("t.Dict[str, t.Any]", result.validated_parameters)


def _names(given: t.Any) -> list[str]:
    names: list[str] = _checked({"names": given}, {"names": {"type": "list", "elements": "str"}})["names"]
    return list(dict.fromkeys(names))


def _system(look: Look, given: t.Any) -> System:
    from ansible_collections.workbench.cluster.plugins.module_utils._host.system import read_system

    _checked(given, {})
    return read_system(look.module)


def _processors(look: Look, given: t.Any) -> int | None:
    _checked(given, {})
    return os.cpu_count()


def _packages(look: Look, given: t.Any) -> dict[str, Package]:
    from ansible_collections.workbench.cluster.plugins.module_utils._host.packages import read_packages

    return read_packages(look.run, _names(given))


def _files(look: Look, given: t.Any) -> dict[str, FileState | None]:
    from ansible_collections.workbench.cluster.plugins.module_utils._host.file_states import read_files

    files, secret_files = (_names(given.get(part, [])) for part in FILES)
    return read_files(look.key, files, secret_files, look.contents)


def _directories(look: Look, given: t.Any) -> dict[str, DirectoryState | None]:
    from ansible_collections.workbench.cluster.plugins.module_utils._host.file_states import read_directories

    return read_directories(_names(given))


def _units(look: Look, given: t.Any) -> dict[str, UnitReport]:
    from ansible_collections.workbench.cluster.plugins.module_utils._host.units import read_units

    return read_units(look.run, _names(given))


def _exports(look: Look, given: t.Any) -> Exports:
    from ansible_collections.workbench.cluster.plugins.module_utils._host.exports import read_exports

    return read_exports(_names(_checked(given, {"paths": {"type": "raw", "default": []}})["paths"]))


def _mounts(look: Look, given: t.Any) -> MountsReport:
    from ansible_collections.workbench.cluster.plugins.module_utils._mounts.report import OPTIONS, read_report

    return read_report(_checked(given, OPTIONS)["mounts"])


def _accounts(look: Look, given: t.Any) -> AccountsLook:
    from ansible_collections.workbench.cluster.plugins.module_utils._accounts.look import read_look

    return read_look(look.run, look.key, _checked(given, {"asked": {"type": "str", "required": True}})["asked"])


def _sssd(look: Look, given: t.Any) -> SssdReport:
    from ansible_collections.workbench.cluster.plugins.module_utils._accounts.sssd import OPTIONS, read_sssd

    return read_sssd(look.run, _checked(given, OPTIONS))


def _keys(look: Look, given: t.Any) -> KeyFiles:
    from ansible_collections.workbench.cluster.plugins.module_utils._product.config_directory import DIRECTORIES
    from ansible_collections.workbench.cluster.plugins.module_utils._product.keys import read_keys

    return read_keys(look.run, **_checked(given, DIRECTORIES))[0]


def _options(look: Look, given: t.Any) -> OptionsReport:
    from ansible_collections.workbench.cluster.plugins.module_utils._product.config_directory import DIRECTORIES
    from ansible_collections.workbench.cluster.plugins.module_utils._product.options import read_options

    return read_options(**_checked(given, DIRECTORIES))


def _cluster(look: Look, given: t.Any) -> Cluster:
    from ansible_collections.workbench.cluster.plugins.module_utils._product.cluster import OPTIONS, report

    options = _checked(given, {**OPTIONS, "nodes": {"type": "bool", "default": False}})
    return report(look.run, options, nodes=options["nodes"])


def _database(look: Look, given: t.Any) -> DatabaseReport:
    from ansible_collections.workbench.cluster.plugins.module_utils._host.postgresql import OPTIONS, report

    return report(look.run, _checked(given, OPTIONS))


def _login(look: Look, given: t.Any) -> LoginReport:
    from ansible_collections.workbench.cluster.plugins.module_utils._product.login import OPTIONS, read_login

    return read_login(look.run, _checked(given, OPTIONS))


def _step(look: Look, given: t.Any) -> Step:
    from ansible_collections.workbench.cluster.plugins.module_utils._clock.daemons import read_daemon

    _checked(given, {})
    daemon = read_daemon(look.run)
    return {"synchronized": daemon["synchronized"], "offset": daemon["offset"]}


def _tls(look: Look, given: t.Any) -> TlsReport:
    from ansible_collections.workbench.cluster.plugins.module_utils._host.certificates import OPTIONS, read_tls

    return read_tls(look.run, _checked(given, OPTIONS))


def _front_end(look: Look, given: t.Any) -> FrontEndReport:
    from ansible_collections.workbench.cluster.plugins.module_utils._host.front_end import OPTIONS, read_front_end

    return read_front_end(look.run, **_checked(given, OPTIONS))


def _served(look: Look, given: t.Any) -> ServedReport:
    from ansible_collections.workbench.cluster.plugins.module_utils._host.served import OPTIONS, read_served

    return read_served(look.run, _checked(given, OPTIONS))


def _balancer(look: Look, given: t.Any) -> Balancer:
    from ansible_collections.workbench.cluster.plugins.module_utils._product.balancer import OPTIONS, read_balancer

    return read_balancer(_checked(given, OPTIONS))


def _node(look: Look, given: t.Any) -> NodeReport:
    from ansible_collections.workbench.cluster.plugins.module_utils._node.report import OPTIONS, read_report

    return read_report(look.run, {**_checked(given, OPTIONS), "writes": not look.module.check_mode})


def _clock(look: Look, given: t.Any) -> Clock:
    from ansible_collections.workbench.cluster.plugins.module_utils._clock.report import OPTIONS, read_clock

    return read_clock(look.run, {**_checked(given, OPTIONS), "writes": not look.module.check_mode})


def _firewall(look: Look, given: t.Any) -> FirewallReport:
    from ansible_collections.workbench.cluster.plugins.module_utils._firewall.report import OPTIONS, read_report

    return read_report(look.run, _checked(given, OPTIONS))


def _licence(look: Look, given: t.Any) -> LicenceReport | None:
    from ansible_collections.workbench.cluster.plugins.module_utils._product.licence import OPTIONS, read_report

    return read_report(look.run) if _checked(given, OPTIONS)["asked"] else None


def _seen(look: Look, given: t.Any) -> dict[str, dict[str, SeenMarker]] | None:
    from ansible_collections.workbench.cluster.plugins.module_utils._node.peers import SEEN, read_seen

    request = _checked(given, SEEN)
    return None if look.module.check_mode else read_seen(request)


def _locks(look: Look, given: t.Any) -> list[LockStep]:
    """Several steps of the lock test, one after the other; none in check mode."""
    from ansible_collections.workbench.cluster.plugins.module_utils._locks.steps import OPTIONS, take

    steps = [] if look.module.check_mode else [_checked(step, OPTIONS) for step in given]
    return [lock for step in steps for lock in take(step)]


def _peers(look: Look, given: t.Any) -> dict[str, Peer]:
    from ansible_collections.workbench.cluster.plugins.module_utils._host.network import probe
    from ansible_collections.workbench.cluster.plugins.module_utils._node.peers import PEERS, TIMEOUT

    request = _checked(given, {"peers": PEERS, "timeout": TIMEOUT})
    return probe(request["peers"], request["timeout"])


PARTS: dict[str, t.Callable[[Look, t.Any], t.Any]] = {
    "system": _system,
    "processors": _processors,
    "packages": _packages,
    "files": _files,
    "directories": _directories,
    "units": _units,
    "exports": _exports,
    "mounts": _mounts,
    "accounts": _accounts,
    "sssd": _sssd,
    "keys": _keys,
    "options": _options,
    "cluster": _cluster,
    "database": _database,
    "login": _login,
    "step": _step,
    "tls": _tls,
    "front_end": _front_end,
    "served": _served,
    "balancer": _balancer,
    "node": _node,
    "clock": _clock,
    "firewall": _firewall,
    "licence": _licence,
    "seen": _seen,
    "locks": _locks,
    "peers": _peers,
}
