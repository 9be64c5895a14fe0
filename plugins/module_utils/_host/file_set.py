# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files and directories of a host that are to be so: what that changes, and which services have to be told.

`wanted` and `read` look at the host, `plan` compares what they found, `judge` asks the product, `apply` changes.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import grp
import os
import pwd
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host import files as host_files
from ansible_collections.workbench.cluster.plugins.module_utils._host.files import Attributes, File, Present
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, words
from ansible_collections.workbench.cluster.plugins.module_utils._host.units import (
    Files,
    need,
    read_ages,
    read_running,
    running,
)
from ansible_collections.workbench.cluster.plugins.module_utils._product import balancer
from ansible_collections.workbench.cluster.plugins.module_utils._product import grammar as product_grammar

Params = t.Mapping[str, t.Any]
# Of a directory that is made and about which nothing is said.
ROOTS = Attributes(0, 0, 0o755)


class Wanted(t.NamedTuple):
    """What the options of config_files ask for.

    Of each directory what is asked of its attributes, by their names; `remove` are files that are to be gone.
    """

    files: list[File]
    directories: list[tuple[str, dict[str, t.Any]]]
    remove: list[str]


class Found(t.NamedTuple):
    """What is there of what is wanted: `files` and `directories` by path, `None` where nothing is.

    `present` are those to remove that are there, `kept` the places of files that have a copy, as it was found, beside them.
    """

    files: dict[str, Present | None]
    directories: dict[str, Attributes | None]
    present: list[str]
    kept: set[str]


@dataclasses.dataclass
class Changes:
    """What is to be done: `writes` with what each replaces, `directories` with what they were, `removals`.

    `copies` are `{place: copy}` of files that are kept as they were found, `reworded` are the paths of writes that say the
    same in other words, and `places` those of all files, beside which an interrupted run may have left something.
    """

    writes: list[tuple[File, Present | None]]
    reworded: list[str]
    removals: list[str]
    directories: list[tuple[str, Attributes | None, Attributes]]
    copies: dict[str, str]
    places: list[str]

    @property
    def files(self) -> list[File]:
        return [file for file, _present in self.writes]

    @property
    def changed_files(self) -> list[str]:
        return [file.path for file in self.files] + self.removals

    def unread(self, check_mode: bool) -> list[str]:
        """Files that a service has not read yet whatever their age: those that are gone, or that a check would write."""
        return [path for path in self.changed_files if path not in self.reworded] if check_mode else self.removals

    def diff(self) -> list[dict[str, str]]:
        """Entries of a module's `diff`, none where nothing changes."""
        entries = [_entry(path, str(were or ""), str(now)) for path, were, now in self.directories]
        for file, present in self.writes:
            entries += file_diff(file, present)
        entries += [_entry(path, "present\n", "") for path in self.removals]
        entries += [_entry(copy, "", f"{place} as it was found\n") for place, copy in self.copies.items()]
        return entries


def wanted(params: Params, check_mode: bool) -> Wanted:
    """What the options of config_files ask for, owners as numbers. Raises `Failure` for what cannot be meant."""
    files = [_wanted_file(options, check_mode) for options in params["files"]]
    paths = [file.path for file in files] + params["remove"]
    twice = sorted({path for path in paths if paths.count(path) > 1})
    if twice:
        raise Failure(f"listed more than once: {', '.join(twice)}")
    directories = [(options["path"], _asked(options, check_mode)) for options in params["directories"]]
    return Wanted(files, directories, params["remove"])


def read(wished: Wanted) -> Found:
    """Look at all that is wanted. Raises `Failure` where a directory stands in a file's place."""
    return Found(
        files={file.path: host_files.read(file.place) for file in wished.files},
        directories={path: host_files.read_directory(path) for path, _asked_for in wished.directories},
        present=[path for path in wished.remove if os.path.lexists(path)],
        kept={file.place for file in wished.files if os.path.lexists(file.copy)},
    )


def read_services(run: Run, services: t.Iterable[Params]) -> dict[str, dict[str, str] | None]:
    """What each unit runs as, `None` for one that does not run."""
    return {service["name"]: running(run, service["name"]) for service in services}


def plan(wished: Wanted, found: Found) -> Changes:
    """What of `wished` is not as it is to be. Pure."""
    writes: list[tuple[File, Present | None]] = []
    reworded = []
    for file in wished.files:
        present = found.files[file.path]
        if present is not None and says_the_same(file, present):
            # It keeps its time: nothing has to read it again.
            reworded.append(file.path)
            writes.append((dataclasses.replace(file, written=present.written), present))
        elif not host_files.same(present, file):
            writes.append((file, present))
    directories = []
    for path, asked in wished.directories:
        were = found.directories[path]
        now = (were or ROOTS)._replace(**asked)
        if now != were:
            directories.append((path, were, now))
    return Changes(
        writes=writes,
        reworded=reworded,
        removals=found.present,
        directories=directories,
        copies={
            file.place: file.copy
            for file, present in writes
            if file.place not in found.kept and host_files.worth_keeping(present, file)
        },
        places=[file.place for file in wished.files],
    )


def says_the_same(file: File, present: Present) -> bool:
    """Whether a file is to be the same in other words: in order, comments and blanks."""
    return (
        not host_files.same(present, file)
        and file.attributes == present.attributes
        and product_grammar.says_the_same(os.path.basename(file.path), present.content, file.content)
    )


def file_diff(file: File, present: Present | None) -> list[dict[str, str]]:
    """What changes in the content, and what in owner and mode."""
    before = host_files.shown(present.content, file.secret) if present else ""
    after = host_files.shown(file.content, file.secret)
    were = str(present.attributes) if present else ""
    entries = [_entry(file.path, before, after), _entry(file.path, were, str(file.attributes))]
    return [entry for entry in entries if entry["before"] != entry["after"]]


def judge(run: Run, check: Params | None, changes: Changes, tmpdir: str) -> bool:
    """Whether the product has judged what would be; a bad judgement is a `Failure`."""
    if not check or not changes.changed_files:
        return False
    with host_files.candidate(check["directory"], changes.files, changes.removals, tmpdir) as copy:
        rc, out, err = run(check["command"], env={"RSTUDIO_CONFIG_DIR": copy})
        if rc == 127:
            return False
        if rc != 0:
            said = words(out, err).replace(copy, check["directory"])
            raise Failure(f"nothing was replaced, because {' '.join(check['command'])} refuses the files: {said}")
    return True


def run_trials(trials: t.Iterable[Params], changes: Changes, check_mode: bool) -> None:
    """Run programs among the files that change, before they are there. Raises `Failure` where one is refused."""
    contents = {file.path: file.content for file in changes.files}
    for trial in trials:
        if trial["path"] in contents:
            done = balancer.try_script(contents[trial["path"]].decode(), trial)
            if done["passed"] is False or (done["passed"] is None and not check_mode):
                raise Failure(f"nothing was replaced, because {trial['path']} is refused as a balancer: {done['said']}")


def apply(changes: Changes) -> None:
    """Directories one by one, for they hold nothing yet; then all files or none."""
    for path, _were, now in changes.directories:
        host_files.make_directory(path)
        host_files.own_directory(path, now)
    host_files.clean(changes.places)
    if changes.changed_files:
        host_files.replace(changes.files, changes.removals, changes.copies)


def needs(
    services: t.Sequence[Params], states: t.Mapping[str, dict[str, str] | None], changing: t.Container[str]
) -> dict[str, dict[str, str]]:
    """`{restart: {unit: reason}, reload: {unit: reason}}`, of files as they are now. A restart reads everything."""
    needed: dict[str, dict[str, str]] = {"restart": {}, "reload": {}}
    for service in services:
        name = service["name"]
        state = states[name]
        if state is None:
            continue
        files = Files(service["files"], read_ages([*service["files"], *service["reload"]]), changing)
        found = need(name, read_running(name, state), files, service["reload"])
        if found is not None:
            needed[found.verb][name] = found.reason
    return needed


def _wanted_file(options: Params, check_mode: bool) -> File:
    path = options["path"]
    if not os.path.isabs(path):
        raise Failure(f"{path} is not an absolute path")
    secret = options["content"] is None
    return File(
        path=path,
        place=os.path.realpath(path),
        content=_decoded(options) if secret else options["content"].encode(),
        attributes=Attributes(
            uid=owner_id(pwd.getpwnam, options["owner"], path, check_mode),
            gid=owner_id(grp.getgrnam, options["group"], path, check_mode),
            mode=host_files.mode_of(options["mode"] or ("0600" if secret else "0644"), f"{path}: mode"),
        ),
        secret=secret,
    )


def _decoded(options: Params) -> bytes:
    try:
        return base64.b64decode(options["secret_base64"], validate=True)
    except binascii.Error:
        raise Failure(f"{options['path']}: secret_base64 is not base64") from None


def _asked(options: Params, check_mode: bool) -> dict[str, t.Any]:
    """What is asked of the attributes of a directory; the rest stays as it is."""
    path = options["path"]
    asked: dict[str, t.Any] = {}
    if options["owner"] is not None:
        asked["uid"] = owner_id(pwd.getpwnam, options["owner"], path, check_mode)
    if options["group"] is not None:
        asked["gid"] = owner_id(grp.getgrnam, options["group"], path, check_mode)
    if options["mode"] is not None:
        asked["mode"] = host_files.mode_of(options["mode"], f"{path}: mode")
    return asked


def owner_id(lookup: t.Callable[[str], t.Any], name: str, path: str, check_mode: bool) -> int | None:
    """Number of a user or group; in a check one that is still to be made has none."""
    if name.isdigit():
        return int(name)
    try:
        return int(lookup(name)[2])
    except KeyError:
        if check_mode:
            return None
        raise Failure(f"{path} is to belong to {name}, which does not exist") from None


def _entry(path: str, before: str, after: str) -> dict[str, str]:
    return {"before_header": path, "after_header": path, "before": before, "after": after}
