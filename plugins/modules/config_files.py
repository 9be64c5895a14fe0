#!/usr/bin/python
# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: config_files
short_description: Write all configuration files of a node in one call
version_added: 1.0.0
description:
  - Writes a set of files, each with its owner and mode, all or none of them.
  - The product's own check judges a private copy of the directory as it would be, before anything is replaced.
  - Reports which running services read their files before these were last written, so that no restart and no reload
    is lost when a run is interrupted.
  - A file of Workbench that says the same as before in other words, such as other comments, keeps its time, so that nothing
    restarts for it.
  - A file that is replaced for the first time, and whose first line does not say that this collection manages it, is kept
    beside as I(NAME).before-workbench-cluster with its owner and mode. Such a copy is never overwritten. Keys are not kept.
  - Diffs show fingerprints in place of secrets.
extends_documentation_fragment:
  - workbench.cluster._attributes
options:
  files:
    description:
      - The files. Missing parent directories are made, V(0755) and owned by root.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path. Where it is a symbolic link, the file it points to is written.
        type: path
        required: true
      content:
        description: The text of the file.
        type: str
      secret_base64:
        description:
          - The bytes of a file with secrets, base64 encoded. A diff shows fingerprints, of each option's value or of the whole.
          - Base64, because Ansible recognises no secret of several lines in what it writes to the journal.
        type: str
      owner:
        description: Name or number of the owner.
        type: str
        default: root
      group:
        description: Name or number of the group.
        type: str
        default: root
      mode:
        description: Mode as an octal number. By default V(0600) for secrets and V(0644) for others.
        type: str
  directories:
    description:
      - Directories to make, or to give an owner and a mode, before the files are written.
      - What is not given stays as it is; a new directory belongs to root and has mode V(0755) then.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path.
        type: path
        required: true
      owner:
        description: Name or number of the owner.
        type: str
      group:
        description: Name or number of the group.
        type: str
      mode:
        description: Mode as an octal number.
        type: str
  remove:
    description: Files that must not be there.
    type: list
    elements: path
    default: []
  check:
    description:
      - The product's judgement on the files, asked when one of them is to change, in check mode too.
      - When it fails, nothing is replaced and the module fails with its words.
    type: dict
    suboptions:
      command:
        description:
          - Program and arguments. They run with C(RSTUDIO_CONFIG_DIR) set to the private copy.
          - Where the program is not installed yet, there is no check, and RV(checked) is V(false).
        type: list
        elements: str
        required: true
      directory:
        description: The directory to copy.
        type: path
        default: /etc/rstudio
  services:
    description: Units whose need for a restart or a reload is reported.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the unit.
        type: str
        required: true
      files:
        description: Files the unit reads when it starts only.
        type: list
        elements: path
        required: true
      reload:
        description: Files the unit reads again when C(systemctl reload) tells it to.
        type: list
        elements: path
        default: []
notes:
  - A file that was removed gives a reason to restart or to reload in the run that removes it, not later.
  - Reloads are known of units that M(workbench.cluster.node) reloaded.
seealso:
  - module: workbench.cluster.node
author:
  - The workbench.cluster founders (@workbench)
"""

EXAMPLES = r"""
- name: Write the configuration
  workbench.cluster.config_files:
    files:
      - path: /etc/rstudio/rserver.conf
        content: "{{ options | workbench.cluster.to_conf }}"
      - path: /etc/rstudio/database.conf
        secret_base64: "{{ database | workbench.cluster.to_conf | b64encode }}"
    check:
      command: [rstudio-server, test-config]
    services:
      - name: rstudio-server
        files: [/etc/rstudio/rserver.conf, /etc/rstudio/database.conf]
  register: written

- name: Restart what is older than its files
  workbench.cluster.node:
    state: restarted
    host: "{{ inventory_hostname }}"
  when: written.restart | length > 0
"""

RETURN = r"""
changed_files:
  description: Files that were written or removed.
  returned: success
  type: list
  elements: str
  sample: [/etc/rstudio/rserver.conf]
kept:
  description: Copies of files as they were found, made by this call.
  returned: success
  type: list
  elements: str
  sample: [/etc/rstudio/rserver.conf.before-workbench-cluster]
checked:
  description: Whether the product judged the files. V(false) too when nothing was to change.
  returned: success
  type: bool
  sample: true
restart:
  description: Why a unit has to be restarted, by unit. Units that need none, or do not run, are absent.
  returned: success
  type: dict
  sample: {rstudio-server: /etc/rstudio/rserver.conf was written after rstudio-server started}
reload:
  description: Why a unit has to be reloaded, by unit. Units that need a restart instead are absent.
  returned: success
  type: dict
  sample: {rstudio-server: /etc/rstudio/r-versions was written after rstudio-server last read it}
"""

import base64
import binascii
import grp
import os
import pwd
import re
import stat
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._host import files as host_files
from ansible_collections.workbench.cluster.plugins.module_utils._host.files import File, Present
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, runner, words
from ansible_collections.workbench.cluster.plugins.module_utils._host.units import (
    reload_reason,
    restart_reason,
    running,
)
from ansible_collections.workbench.cluster.plugins.module_utils._product import grammar as product_grammar

CONTENTS = ("content", "secret_base64")
OCTAL = re.compile(r"0?[0-7]{3,4}\Z")


class Directory(t.NamedTuple):
    """A directory as it is to be, and in words how it is."""

    path: str
    uid: int | None
    gid: int | None
    mode: int
    were: str


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


def mode_of(text: str, path: str) -> int:
    if not OCTAL.match(text):
        raise Failure(f"{path}: mode {text} is not an octal number such as '0644'")
    return int(text, 8)


def wanted_file(options: dict[str, t.Any], check_mode: bool) -> File:
    path = options["path"]
    if not os.path.isabs(path):
        raise Failure(f"{path} is not an absolute path")
    secret = options["content"] is None
    if secret:
        try:
            content = base64.b64decode(options["secret_base64"], validate=True)
        except binascii.Error:
            raise Failure(f"{path}: secret_base64 is not base64") from None
    else:
        content = options["content"].encode()
    return File(
        path=path,
        content=content,
        uid=owner_id(pwd.getpwnam, options["owner"], path, check_mode),
        gid=owner_id(grp.getgrnam, options["group"], path, check_mode),
        mode=mode_of(options["mode"] or ("0600" if secret else "0644"), path),
        secret=secret,
    )


def says_the_same(file: File, present: Present | None) -> bool:
    """Whether only the words of a file change. It keeps its time then: nothing has to read it again."""
    return (
        present is not None
        and (file.uid, file.gid, file.mode) == (present.uid, present.gid, present.mode)
        and product_grammar.says_the_same(os.path.basename(file.path), present.content, file.content)
    )


def owned(uid: int | None, gid: int | None, mode: int) -> str:
    return f"owner {uid}, group {gid}, mode {mode:04o}\n"


def file_diff(file: File, present: Present | None) -> list[dict[str, t.Any]]:
    """What changes in the content, and what in owner and mode."""
    header = {"before_header": file.path, "after_header": file.path}
    before = host_files.shown(present.content, file.secret) if present else ""
    after = host_files.shown(file.content, file.secret)
    attributes = owned(file.uid, file.gid, file.mode)
    were = owned(present.uid, present.gid, present.mode) if present else ""
    entries: list[dict[str, t.Any]] = []
    if before != after:
        entries.append({**header, "before": before, "after": after})
    if were != attributes:
        entries.append({**header, "before": were, "after": attributes})
    return entries


def wanted_directory(options: dict[str, t.Any], check_mode: bool) -> Directory:
    """One directory as it is and as it is to be. What is not asked for stays as it is."""
    path = options["path"]
    present = os.stat(path) if os.path.isdir(path) else None
    were = owned(present.st_uid, present.st_gid, stat.S_IMODE(present.st_mode)) if present else ""
    uid: int | None = present.st_uid if present else 0
    gid: int | None = present.st_gid if present else 0
    mode = stat.S_IMODE(present.st_mode) if present else 0o755
    if options["owner"] is not None:
        uid = owner_id(pwd.getpwnam, options["owner"], path, check_mode)
    if options["group"] is not None:
        gid = owner_id(grp.getgrnam, options["group"], path, check_mode)
    if options["mode"] is not None:
        mode = mode_of(options["mode"], path)
    return Directory(path, uid, gid, mode, were)


def apply_directory(wanted: Directory, check_mode: bool) -> list[dict[str, t.Any]]:
    """Make or repair one directory; the diff, empty when it was right."""
    path, uid, gid, mode, were = wanted
    after = owned(uid, gid, mode)
    if were == after:
        return []
    if not check_mode and uid is not None and gid is not None:
        host_files.make_directory(path)
        os.chown(path, uid, gid)
        os.chmod(path, mode)
    return [{"before_header": path, "after_header": path, "before": were, "after": after}]


def judge(run: Run, check: dict[str, t.Any], files: list[File], removals: list[str], tmpdir: str) -> bool:
    """Whether the product was there to judge; a bad judgement is a failure."""
    with host_files.candidate(check["directory"], files, removals, tmpdir) as copy:
        rc, out, err = run(check["command"], env={"RSTUDIO_CONFIG_DIR": copy})
        if rc == 127:
            return False
        if rc != 0:
            said = words(out, err).replace(copy, check["directory"])
            raise Failure(f"nothing was replaced, because {' '.join(check['command'])} refuses the files: {said}")
    return True


def needs(
    services: list[dict[str, t.Any]], states: dict[str, dict[str, str] | None], changing: list[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Why units have to be restarted, and why others have to be reloaded. A restart reads everything."""
    restart, reload = {}, {}
    for service in services:
        name = service["name"]
        state = states[name]
        if state is None:
            continue
        reason = restart_reason(name, state, service["files"], changing)
        again = reload_reason(name, state, service["reload"], changing)
        if reason:
            restart[name] = reason
        elif again:
            reload[name] = again
    return restart, reload


def main() -> t.NoReturn:
    module = AnsibleModule(
        argument_spec={
            "files": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "path": {"type": "path", "required": True},
                    "owner": {"type": "str", "default": "root"},
                    "group": {"type": "str", "default": "root"},
                    "content": {"type": "str"},
                    "secret_base64": {"type": "str", "no_log": True},
                    "mode": {"type": "str"},
                },
                "required_one_of": [CONTENTS],
                "mutually_exclusive": [CONTENTS],
            },
            "directories": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "path": {"type": "path", "required": True},
                    "owner": {"type": "str"},
                    "group": {"type": "str"},
                    "mode": {"type": "str"},
                },
            },
            "remove": {"type": "list", "elements": "path", "default": []},
            "check": {
                "type": "dict",
                "options": {
                    "command": {"type": "list", "elements": "str", "required": True},
                    "directory": {"type": "path", "default": "/etc/rstudio"},
                },
            },
            "services": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "name": {"type": "str", "required": True},
                    "files": {"type": "list", "elements": "path", "required": True},
                    "reload": {"type": "list", "elements": "path", "default": []},
                },
            },
        },
        supports_check_mode=True,
    )
    params, run, checking = module.params, runner(module), module.check_mode
    try:
        files = [wanted_file(options, checking) for options in params["files"]]
        directories = [wanted_directory(options, checking) for options in params["directories"]]
        paths = [file.path for file in files] + params["remove"]
        twice = sorted({path for path in paths if paths.count(path) > 1})
        if twice:
            raise Failure(f"listed more than once: {', '.join(twice)}")
        present = {file.path: host_files.read(file.place) for file in files}
        writes = [file for file in files if not host_files.same(present[file.path], file)]
        reworded = [file for file in writes if says_the_same(file, present[file.path])]
        for file in reworded:
            file.written = t.cast(Present, present[file.path]).written
        found = {file.place: copy for file in writes if (copy := host_files.found_copy(present[file.path], file))}
        removals = [path for path in params["remove"] if os.path.lexists(path)]
        states = {service["name"]: running(run, service["name"]) for service in params["services"]}
        checked = False
        if params["check"] and (writes or removals):
            checked = judge(run, params["check"], writes, removals, module.tmpdir)
        diff = [entry for directory in directories for entry in apply_directory(directory, checking)]
        if not checking:
            host_files.clean(file.place for file in files)
            if writes or removals:
                host_files.replace(writes, removals, found)
        changed_files = [file.path for file in writes] + removals
        same = [file.path for file in reworded]
        changing = [path for path in changed_files if path not in same] if checking else removals
        restart, reload = needs(params["services"], states, changing)
    except (Failure, OSError) as failure:
        module.fail_json(msg=str(failure))
    for file in writes:
        diff += file_diff(file, present[file.path])
    diff += [{"before_header": path, "after_header": path, "before": "present\n", "after": ""} for path in removals]
    diff += [
        {"before_header": copy, "after_header": copy, "before": "", "after": f"{place} as it was found\n"}
        for place, copy in found.items()
    ]
    kept = list(found.values())
    needed = {"restart": restart, "reload": reload}
    module.exit_json(changed=bool(diff), changed_files=changed_files, kept=kept, checked=checked, diff=diff, **needed)


if __name__ == "__main__":
    main()
