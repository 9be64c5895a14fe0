# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host tells those who are to help: files, answers of programs, journals and logs, without secrets and not too much."""

from __future__ import annotations

import base64
import glob
import json
import os
import stat
import typing as t
import zlib

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure, sentence
from ansible_collections.workbench.cluster.plugins.module_utils._host.packages import read_packages
from ansible_collections.workbench.cluster.plugins.module_utils._host.run import Run, words
from ansible_collections.workbench.cluster.plugins.module_utils._product.cluster import OPTIONS as CLUSTER
from ansible_collections.workbench.cluster.plugins.module_utils._product.cluster import report as cluster_report
from ansible_collections.workbench.cluster.plugins.module_utils._product.config_directory import read_config
from ansible_collections.workbench.cluster.plugins.module_utils._product.keys import read_keys
from ansible_collections.workbench.cluster.plugins.module_utils._support.known import known_secrets
from ansible_collections.workbench.cluster.plugins.module_utils._support.scrub import Scrubber

if t.TYPE_CHECKING:
    from ansible_collections.workbench.cluster.plugins.module_utils._shapes import Options, Support

LOGS = ("/var/log/rstudio", "/var/log/rstudio-server")
# No log of today, and no text.
PACKED = (".gz", ".xz", ".bz2", ".zst")
FILES = (
    *("/etc/os-release", "/etc/hosts", "/etc/nsswitch.conf", "/etc/fstab", "/etc/exports", "/etc/exports.d/*.exports"),
    *("/etc/chrony.conf", "/etc/chrony/chrony.conf", "/etc/sssd/sssd.conf", "/etc/nfs.conf", "/etc/idmapd.conf"),
    *(
        "/etc/systemd/system/rstudio-*.service.d/*.conf",
        "/etc/workbench.cluster/proxy/*.cfg",
        "/etc/workbench.cluster/proxy/*.conf",
    ),
)
UNITS = (
    *("rstudio-server", "rstudio-launcher", "workbench-proxy", "workbench-address", "chrony", "chronyd", "sssd"),
    *("nfs-server", "postgresql*", "firewalld", "nftables"),
)
PACKAGES = (
    *("rstudio-server", "python3", "chrony", "sssd", "nfs-common", "nfs-kernel-server", "nfs-utils", "postgresql"),
    *("nginx", "haproxy", "apache2", "httpd", "keepalived", "firewalld", "ufw", "nftables"),
)
# Nothing here asks a file server that may not answer, but for the product, which may.
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PATIENCE = ["timeout", "--kill-after=5", "20"]
COMMANDS: dict[str, list[str]] = {
    "kernel": ["uname", "-a"],
    "uptime": ["uptime"],
    "memory": ["free", "--mebi"],
    "disks": ["df", "--local", "--print-type", "--human-readable"],
    "mounts": ["findmnt", "--list"],
    "listeners": ["ss", "--listening", "--tcp", "--numeric"],
    "units": ["systemctl", "list-units", "--all", "--full", "--no-pager", "--plain", *(f"{unit}*" for unit in UNITS)],
    "failed-units": ["systemctl", "list-units", "--failed", "--full", "--no-pager", "--plain"],
    "clock": ["chronyc", "-n", "tracking"],
    "clock-sources": ["chronyc", "-n", "sources"],
    "list-nodes": ["rstudio-server", "list-nodes"],
    "active-sessions": ["rstudio-server", "active-sessions"],
}
# A file of more is cut, and what remains of it is its end.
MOST = 256 << 10


class Text(t.NamedTuple):
    """What is gathered of something, which is `whole`, or the end of it."""

    text: str
    whole: bool = True


class Gathered(t.NamedTuple):
    """Texts by their path in the archive; sentences on what could not be had."""

    texts: dict[str, Text]
    errors: list[str]


def support(run: Run, options: t.Mapping[str, t.Any]) -> Support:
    """All of it, at most `size` bytes before it is compressed."""
    config_dir, data_dir, size = options["config_dir"], options["data_dir"], options["size"]
    paths = sorted({path for pattern in FILES for path in glob.glob(pattern)})
    scrub = Scrubber(known_secrets(config_dir, data_dir, paths), options["key"])
    state = _state(run, config_dir, data_dir, paths)
    texts = {
        name: _shortened(Text(scrub(found.text), found.whole), min(MOST, size // 4))
        for name, found in state.texts.items()
    }
    # Nobody is helped by a part of the configuration, so that comes first, and the logs share what is left.
    left = max(0, size - sum(len(found.text.encode()) for found in texts.values()))
    texts.update(_logs(run, scrub, options["hours"], left))
    texts = {name: found for name, found in texts.items() if found.text}
    whole = {name: found.text for name, found in texts.items()}
    content = zlib.compress(json.dumps(whole, ensure_ascii=True).encode())
    return {
        "content": base64.b64encode(content).decode(),
        "sizes": {name: len(found.text.encode()) for name, found in texts.items()},
        "cut": sorted(name for name, found in texts.items() if not found.whole),
        "errors": [scrub(error) for error in state.errors],
    }


def _state(run: Run, config_dir: str, data_dir: str, paths: t.Sequence[str]) -> Gathered:
    texts = {path.lstrip("/"): found for path in paths for found in [tail(path, MOST)] if found}
    errors: list[str] = []
    for name, argv in COMMANDS.items():
        rc, out, err = run([*PATIENCE, *argv], env={"PATH": PATH})
        if rc not in (126, 127):
            texts[f"state/{name}.txt"] = Text(out if rc == 0 else f"{out}{err}exit {rc}\n")
    readers: dict[str, t.Callable[[], object]] = {"packages": lambda: read_packages(run, PACKAGES)}
    if os.path.isdir(config_dir):
        files, unparsed, unread = read_config(config_dir)
        errors += unread
        texts.update({f"{config_dir.strip('/')}/{name}": Text(as_text(options)) for name, options in files.items()})
        readers["other-files"] = lambda: unparsed
        readers["keys"] = lambda: read_keys(run, config_dir, data_dir)[0]
        readers["cluster"] = lambda: cluster_report(run, {**_defaults(), "config_dir": config_dir})
    for name, read in readers.items():
        try:
            texts[f"state/{name}.json"] = Text(json.dumps(read(), indent=1, ensure_ascii=False) + "\n")
        except (Failure, OSError) as error:
            errors.append(f"{name}: {sentence(error)}")
    return Gathered(texts, errors)


def _defaults() -> dict[str, t.Any]:
    return {name: option.get("default") for name, option in CLUSTER.items()}


def as_text(options: Options) -> str:
    """Options as their file has them, without its comments, in which anything may stand."""
    return "".join(f"{key}={value}\n" for key, values in options.items() for value in values)


def _logs(run: Run, scrub: Scrubber, hours: int, size: int) -> dict[str, Text]:
    since = [
        "journalctl",
        "--no-pager",
        "--quiet",
        "--output=short-iso-precise",
        f"--since=-{hours}h",
        "--lines=100000",
    ]
    asked = {"units": [f"--unit={unit}" for unit in UNITS], "kernel": ["--dmesg"]}
    journals = {}
    for name, which in asked.items():
        rc, out, err = run([*since, *which])
        journals[f"journal/{name}.log"] = out if rc == 0 else f"{words(out, err)}\n"
    files = {path.lstrip("/"): path for folder in LOGS for path in _log_files(folder)}
    sizes = {name: len(text.encode()) for name, text in journals.items()}
    sizes.update({name: os.lstat(path).st_size for name, path in files.items()})
    found: dict[str, Text] = {}
    for name, share in shares(sizes, size).items():
        read = end(journals[name], share) if name in journals else tail(files[name], share, no_link=True)
        if read:
            found[name] = Text(scrub(read.text), read.whole)
    # What stands in for secrets may be longer than they were.
    again = shares({name: len(one.text.encode()) for name, one in found.items()}, size)
    return {name: _shortened(found[name], share) for name, share in again.items()}


def _log_files(folder: str) -> list[str]:
    """Regular files only, in folders that are no links: the account that writes there is not root."""
    found = (os.path.join(place, name) for place, _folders, names in os.walk(folder) for name in names)
    return sorted(path for path in found if not path.endswith(PACKED) and stat.S_ISREG(os.lstat(path).st_mode))


def shares(sizes: t.Mapping[str, int], most: int) -> dict[str, int]:
    """How much of each there is room for: what the small ones leave the others share. Pure."""
    found: dict[str, int] = {}
    for number, (name, size) in enumerate(sorted(sizes.items(), key=lambda item: item[1])):
        found[name] = min(size, (most - sum(found.values())) // (len(sizes) - number))
    return found


def tail(path: str, most: int, no_link: bool = False) -> Text | None:
    """The end of a file as `end` has it; `None` where it is none, or the path leads elsewhere."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    with open(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or (no_link and os.readlink(f"/proc/self/fd/{handle}") != path):
            return None
        start = max(0, status.st_size - most)
        # One byte more, by which a line that is whole is known.
        file.seek(max(0, start - 1))
        raw = file.read(most + 1 if start else most)
    text = (raw.partition(b"\n")[2] if start else raw).decode("utf-8", "replace")
    return Text(text, start == 0)


def end(text: str, most: int) -> Text:
    """The last whole lines of a text, at most so many bytes: half a secret nobody knows for one."""
    raw = text.encode("utf-8", "replace")
    if len(raw) <= most:
        return Text(text)
    return Text(raw[len(raw) - most - 1 :].partition(b"\n")[2].decode("utf-8", "replace"), False)


def _shortened(found: Text, most: int) -> Text:
    cut = end(found.text, most)
    return Text(cut.text, found.whole and cut.whole)
