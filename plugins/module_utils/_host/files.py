# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replace a set of files whole or not at all."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import re
import shutil
import stat
import tempfile
import typing as t

from ansible_collections.workbench.cluster.plugins.module_utils._errors import Failure
from ansible_collections.workbench.cluster.plugins.module_utils._product.conf import KEPT, MANAGED

# Beside each file while it is replaced; what an interrupted run left of them is removed by the next one.
DRAFT, SAVED = ".workbench-new", ".workbench-old"
# A file as it was found, beside the one that replaced it.
FOUND = ".before-workbench-cluster"
# Nothing but options, comments and blank lines, and more than one option: no key.
OPTIONS = re.compile(
    rb"(?:(?:[ \t]*(?:#.*|\[.+\])?\n)*[ \t]*[a-z][a-z0-9_-]*[ \t]*=.*(?:\n|\Z)){2,}(?:[ \t]*(?:#.*)?(?:\n|\Z))*\Z"
)
SECRET_LINE = re.compile(r"([a-z][a-z0-9_-]*) ?= ?(.*)\Z")
# What in a file of several options says nothing secret: a section, and an empty line.
OPEN_LINE = re.compile(r"(\[[^\]]+\])?\Z")


OCTAL = re.compile(r"0?[0-7]{3,4}\Z")


class Attributes(t.NamedTuple):
    """Owner, group and mode. An owner is `None` where it does not exist yet, which only a check may meet."""

    uid: int | None
    gid: int | None
    mode: int

    def __str__(self) -> str:
        return f"owner {self.uid}, group {self.gid}, mode {self.mode:04o}\n"


@dataclasses.dataclass
class File:
    """A file as it is to be. `place` is where it really is: a link stays a link."""

    path: str
    place: str
    content: bytes
    attributes: Attributes
    secret: bool = False
    # Its time, in nanoseconds, where it is not to be the present.
    written: int | None = None

    @property
    def copy(self) -> str:
        """Where the file that this one replaces is kept as it was found."""
        return f"{self.place}{FOUND}"


@dataclasses.dataclass
class Present:
    """A file as it is; `written` is its time in nanoseconds."""

    content: bytes
    attributes: Attributes
    written: int


def mode_of(text: str, what: str) -> int:
    """The number of a mode in octal digits. Raises `Failure` for other text, and says of `what` it is."""
    if not OCTAL.match(text):
        raise Failure(f"{what} {text} is not an octal number such as '0644'")
    return int(text, 8)


def read(path: str) -> Present | None:
    """A file as it is, `None` where there is none. Raises `Failure` for a directory."""
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            return Present(file.read(), _attributes(status), status.st_mtime_ns)
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        raise Failure(f"{path} is to be a file, but is a directory") from None


def read_directory(path: str) -> Attributes | None:
    """Owner, group and mode of a directory, `None` where there is none."""
    return _attributes(os.stat(path)) if os.path.isdir(path) else None


def _attributes(status: os.stat_result) -> Attributes:
    return Attributes(status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode))


def same(present: Present | None, wanted: File) -> bool:
    """Whether a file is as it is to be, whenever it was written."""
    return present is not None and (present.content, present.attributes) == (wanted.content, wanted.attributes)


def replace(files: list[File], removals: list[str], copies: t.Mapping[str, str] | None = None) -> None:
    """Write `files` and remove `removals`, or fail and leave everything as it was.

    `copies`: `{place: copy}` of files to keep as they are, under another name.

    All that needs space happens first, under names of its own; then come renames only, and those that were done are
    undone when one fails.
    """
    removals = [os.path.realpath(path) for path in removals]
    places = [file.place for file in files] + removals
    clean(places)
    undo: list[str] = []
    made: list[str] = []
    try:
        for file in files:
            _draft(file)
        for place, copy in (copies or {}).items():
            os.link(place, copy)  # the file itself, which the new one then takes the name of
            made.append(copy)
        for place in places:
            if os.path.exists(place):
                os.link(place, _beside(place, SAVED))
        for place in places:
            undo.append(place)
            if place in removals:
                os.unlink(place)
            else:
                os.rename(_beside(place, DRAFT), place)
    except BaseException as error:
        for place in reversed(undo):
            _restore(place)
        for copy in made:
            os.unlink(copy)
        if isinstance(error, OSError):
            raise Failure(f"nothing was replaced: {error.strerror}: {error.filename2 or error.filename}") from error
        raise
    finally:
        clean(places)
    for folder in {os.path.dirname(place) for place in places}:
        _sync_directory(folder)


def clean(places: t.Iterable[str]) -> None:
    """Remove what a replacement that was cut off left beside these files."""
    for place in places:
        for suffix in (DRAFT, SAVED):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(_beside(place, suffix))


def make_directory(path: str) -> None:
    """Make a directory and its parents, root's and 0755 whatever the umask."""
    if path and not os.path.isdir(path):
        make_directory(os.path.dirname(path))
        os.mkdir(path, 0o755)
        os.chmod(path, 0o755)  # as documented  # nosec B103


def own_directory(path: str, attributes: Attributes) -> None:
    """Give a directory its owner, group and mode."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _own(handle, attributes)
    finally:
        os.close(handle)


@contextlib.contextmanager
def candidate(directory: str, files: list[File], removals: list[str], tmpdir: str) -> t.Iterator[str]:
    """A private copy of `directory` as it would be, for the product to judge."""
    with tempfile.TemporaryDirectory(dir=tmpdir) as private:
        copy = os.path.join(private, os.path.basename(directory))
        if os.path.isdir(directory):
            ignore = shutil.ignore_patterns(f"*{DRAFT}", f"*{SAVED}", f"*{FOUND}")
            shutil.copytree(directory, copy, symlinks=True, ignore=ignore, copy_function=_copy_owned)
        else:
            os.mkdir(copy, 0o755)
        for path in removals:
            if _inside(path, directory):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(os.path.join(copy, os.path.relpath(path, directory)))
        for file in files:
            if _inside(file.path, directory):
                there = os.path.join(copy, os.path.relpath(file.path, directory))
                make_directory(os.path.dirname(there))
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(there)
                _create(there, file)
        yield copy


def shown(content: bytes, secret: bool) -> str:
    """Content as a diff may show it: of a secret, keys and fingerprints of values, or of the whole file."""
    if not secret:
        return content.decode("utf-8", "replace")
    options = _secret_options(content)
    if options is None:
        return f"(sha256 {_fingerprint(content)})\n"
    return "".join(
        f"{key}=(sha256 {_fingerprint(value.encode())})\n" if key else f"{value}\n" for key, value in options
    )


def _secret_options(content: bytes) -> list[tuple[str, str]] | None:
    """Key and value of each line of a file of several options, no key for a line of ours; `None` for another file."""
    lines = content.decode("utf-8", "replace").split("\n")
    options: list[tuple[str, str]] = []
    for line in lines[:-1] if lines[-1] == "" else lines:
        option = SECRET_LINE.match(line)
        if not option and not line.startswith((MANAGED, KEPT)) and not OPEN_LINE.match(line):
            return None
        options.append(option.groups() if option else ("", line))  # type: ignore[arg-type]
    return options if len(options) > 1 else None


def worth_keeping(present: Present | None, wanted: File) -> bool:
    """Whether the file that `wanted` replaces is kept as it was found, in a copy: not if it is ours."""
    if present is None or present.content == wanted.content or present.content.startswith(MANAGED.encode()):
        return False
    return keepable(wanted.content, wanted.secret)


def keepable(content: bytes, secret: bool) -> bool:
    """Keys and other secrets that are no options are not kept: one that is replaced is to be gone."""
    return not secret or bool(OPTIONS.match(content))


def _fingerprint(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def _beside(place: str, suffix: str) -> str:
    return os.path.join(os.path.dirname(place), f".{os.path.basename(place)}{suffix}")


def _inside(path: str, directory: str) -> bool:
    return os.path.commonpath([path, directory]) == os.path.normpath(directory)


def _draft(file: File) -> None:
    make_directory(os.path.dirname(file.place))
    _create(_beside(file.place, DRAFT), file)


def _create(path: str, file: File) -> None:
    """A new file that nobody else can read before owner and mode are its own, on disk when this returns."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with open(handle, "wb") as stream:
            _own(handle, file.attributes)
            stream.write(file.content)
            stream.flush()
            if file.written is not None:
                os.utime(handle, ns=(file.written, file.written))
            os.fsync(handle)
    except OSError as error:
        error.filename = error.filename or path  # a full disk names no file
        raise


def _own(handle: int, attributes: Attributes) -> None:
    os.fchown(handle, *(-1 if number is None else number for number in attributes[:2]))
    os.fchmod(handle, attributes.mode)


def _restore(place: str) -> None:
    """Put back what was saved; a file that was not there before goes."""
    if os.path.lexists(_beside(place, SAVED)):
        os.rename(_beside(place, SAVED), place)
    elif not os.path.lexists(_beside(place, DRAFT)):
        os.unlink(place)


def _copy_owned(source: str, target: str) -> str:
    shutil.copy2(source, target, follow_symlinks=False)
    status = os.lstat(source)
    os.lchown(target, status.st_uid, status.st_gid)
    return target


def _sync_directory(path: str) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
