# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run commands, and read files that may be absent.

A *loader* takes a `Run`: argv and text for stdin in, return code, stdout and stderr out. Tests give their own.
"""

from __future__ import annotations

import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure

if t.TYPE_CHECKING:  # pragma: no cover
    from ansible.module_utils.basic import AnsibleModule


class Run(t.Protocol):
    """Runs a command: return code, stdout, stderr; 127 where there is no such program."""

    def __call__(
        self, argv: list[str], data: str | None = None, env: dict[str, str] | None = None
    ) -> tuple[int, str, str]: ...


def runner(module: AnsibleModule) -> Run:
    """A `Run` on the module's host; messages come untranslated, and a byte that is no UTF-8 as U+FFFD."""

    def run(argv: list[str], data: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        found = module.get_bin_path(argv[0], opt_dirs=["/usr/sbin", "/sbin", "/usr/lib/rstudio-server/bin"])
        if found is None:
            return 127, "", f"{argv[0]}: command not found"
        return module.run_command(  # type: ignore[no-any-return]
            [found, *argv[1:]], data=data, environ_update={"LC_ALL": "C.UTF-8", **(env or {})}, errors="replace"
        )

    return run


def file_content(path: str) -> bytes | None:
    """What a file holds, `None` where there is none that this process may read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def file_text(path: str) -> str:
    """A file as text, empty where there is none."""
    return (file_content(path) or b"").decode("utf-8", "replace")


def printable(value: t.Any) -> t.Any:
    """`value` for a module's result, where file names may hold bytes that are no UTF-8: Ansible refuses such a result."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if isinstance(value, dict):
        return {printable(key): printable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [printable(item) for item in value]
    return value


def words(out: str, err: str) -> str:
    """A tool's own words for an error message: stderr, else stdout, on one line."""
    return " ".join((err.strip() or out.strip()).split())


def checked(run: Run, argv: list[str], data: str | None = None) -> str:
    """What a command prints. Raises `Failure` with its own words when it fails."""
    rc, out, err = run(argv, data=data)
    if rc != 0:
        raise Failure(f"{argv[0]} failed: {words(out, err)}")
    return out
