# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take secrets out of texts that strangers are to read. Pure.

Twice: by value, for what this host has as a secret in whatever form it was written down, and by shape, for what looks like one
and whose value nobody here knows. A stand-in is the same for the same secret on every host of a run, and says nothing of it:
a digest alone would let a weak password be guessed at leisure.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import re
import string
import typing as t
import urllib.parse

from ansible_collections.workbench.cluster.plugins.module_utils._product.secrets import fingerprint

# Of shorter ones the value stands everywhere by chance; where they are said to be secret they go by shape.
SHORTEST = 4
WORDS = r"pass(?:word|wd|phrase)?|pwd|secret|token|credential|api[-_]?key|authtok|private[-_]?key"
# Of these the name says where the secret is, or something about it.
BESIDES = r"file|path|dir|directory|timeout|minutes|days|hours|policy|enabled|source|crc32"
NAME = rf"(?<![\w.-])(?P<name>[\w.-]*?(?:{WORDS})(?![\w.-]*(?:{BESIDES})\b)[\w.-]*)"
QUOTED = r"""\\"[^"\\\n]*\\"|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\n]|'')*'?"""
# What is said to be secret: `name = value`, `"name": "value"`, `--name value`, `name "value"`, words of web servers, headers.
SAID = (
    re.compile(
        rf"""(?i){NAME}(?P<sign>\\?["']?\s*[=:]\s*(?:(?:bearer|basic)\s+)?)(?P<value>{QUOTED}|[^\s"'{{\[][^\s"']*)"""
    ),
    re.compile(rf"(?i)(?P<name>(?<!\S)--?[\w-]*(?:{WORDS})[\w-]*)(?P<sign>[ ]+)(?P<value>{QUOTED}|[^\s\"']+)"),
    re.compile(rf"(?i){NAME}(?P<sign>[ \t]+)(?P<value>{QUOTED})"),
    re.compile(r"(?i)\b(?P<name>insecure-password|auth_pass|stats auth)(?P<sign>\s+)(?P<value>\S+)"),
    re.compile(
        r"(?i)\b(?P<name>(?:set-)?cookie|(?:proxy-)?authorization)(?P<sign>[\"']?\s*:\s*[\"']?)(?P<value>[^\"'\n]+)"
    ),
)
SWITCHES = ("", "0", "1", "true", "false", "yes", "no", "on", "off", "none", "null", "peer", "md5", "scram-sha-256")
SHAPES = (
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    re.compile(r"(?m)^[ \t]*[A-Za-z0-9+/]{60,}={0,2}[ \t]*$"),  # a key whose first line is not here
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    re.compile(r"(?i)(?<=bearer )[\w.~+/-]{8,}=*"),
    re.compile(r"(?i)(?<=basic )[\w+/-]{8,}=*"),
    re.compile(r"SCRAM-SHA-256\$\S+"),
    re.compile(r"\bmd5[0-9a-f]{32}\b"),
    re.compile(r"\$(?:y|[1-7]|2[abxy]|apr1)\$[\w./$=,-]{8,}"),
    re.compile(r"\b[0-9A-F]{8}[A-Za-z0-9+/]{40,}={0,2}[0-9A-F]{8}\b"),  # as encrypt-password writes it
    re.compile(r"\b[A-Z0-9]{4}(?:-[A-Z0-9]{4}){6}\b"),  # of a licence
)
USER_INFO = re.compile(r"(?<=://)(?P<user>[^:/@\s\"']*):(?P<value>[^\s\"'/]+|\S+?)@(?=[\w\[])")
DIGEST = re.compile(r"sha256:[0-9a-f]{12}")
PERCENT = re.compile(r"[^\s<>%]*%[0-9A-Fa-f]{2}[^\s<>]*")
LETTERS = frozenset(string.ascii_letters + string.digits + "+/-_=")


class Scrubber:
    """Replaces `secrets` of this host, and what looks like one, in texts. `key` is the run's, and in no text."""

    def __init__(self, secrets: t.Iterable[str], key: str) -> None:
        self._key = key.encode()
        # The longest first: one may be a part of another.
        self._values = sorted({value for value in secrets if len(value) >= SHORTEST}, key=lambda v: (-len(v), v))

    def stand_in(self, secret: str) -> str:
        """The same for the fingerprint of a secret and for the secret itself."""
        known = secret if DIGEST.fullmatch(secret) else fingerprint(secret.encode("utf-8", "surrogateescape"))
        return f"hidden-{hmac.new(self._key, known.encode(), hashlib.sha256).hexdigest()[:12]}"

    def __call__(self, text: str) -> str:
        for value in self._values:
            text = self._without(value, text)
        text = PERCENT.sub(self._decoded, text)
        for shape in SHAPES:
            text = shape.sub(lambda found: self.stand_in(found.group()), text)
        text = USER_INFO.sub(lambda found: f"{found['user']}:{self._kept(found['value'])}@", text)
        for said in SAID:
            text = said.sub(self._said, text)
        return DIGEST.sub(lambda found: self.stand_in(found.group()), text)

    def _without(self, value: str, text: str) -> str:
        stand_in = self.stand_in(value)
        for form in written(value):
            if form in text:
                text = text.replace(form, stand_in)
        for part in encoded(value.encode("utf-8", "surrogateescape")):
            text = _without_word(part, text, stand_in)
        return text

    def _decoded(self, found: re.Match[str]) -> str:
        """A word with a secret in it, however much of that was escaped, once or twice."""
        once = urllib.parse.unquote(found.group())
        plain = {once, urllib.parse.unquote_plus(found.group()), urllib.parse.unquote(once)}
        return next(
            (self.stand_in(value) for value in self._values if any(value in one for one in plain)), found.group()
        )

    def _said(self, found: re.Match[str]) -> str:
        value = _bare(found["value"])
        if value.lower() in SWITCHES:
            return found.group()
        return f"{found['name']}{found['sign']}{found['value'].replace(value, self._kept(value))}"

    def _kept(self, value: str) -> str:
        """A stand-in stays as it is, whatever else takes it for a secret."""
        return value if re.fullmatch(r"hidden-[0-9a-f]{12}", value) else self.stand_in(value)


def said_secrets(text: str) -> set[str]:
    """What a text says to be secret."""
    values = {_bare(found["value"]) for said in SAID for found in said.finditer(text)}
    return {value for value in values if value.lower() not in SWITCHES}


def _bare(value: str) -> str:
    return value.strip("\\\"',;")


def written(value: str) -> list[str]:
    """How a value stands in a text: as it is, escaped as in JSON, HTML, C, SQL, a shell and a unit, and as hexadecimal digits."""
    raw = value.encode("utf-8", "surrogateescape")
    forms = {
        value,
        json.dumps(value)[1:-1],
        json.dumps(json.dumps(value)[1:-1])[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        json.dumps(value)[1:-1].replace("/", "\\/"),
        html.escape(value),
        html.escape(value, quote=False),
        repr(value)[1:-1],
        *(value.replace("'", quote) for quote in ("'\\''", "'\"'\"'")),
        value.replace("'", "''"),
        "".join(
            letter
            if letter.isalnum()
            else "".join(f"\\x{byte:02x}" for byte in letter.encode("utf-8", "surrogateescape"))
            for letter in value
        ),
        raw.hex(),
        raw.hex().upper(),
    }
    return sorted(forms, key=lambda form: (-len(form), form))


def encoded(raw: bytes) -> list[str]:
    """What of the base64 of any text with these bytes in it is theirs alone, at each of three places, in both alphabets."""
    found = []
    for before in range(3):
        text = base64.b64encode(bytes(before) + raw).decode()
        # The letters that also say something of the bytes before, and of those behind.
        start, spare = (0, 2, 3)[before], (before + len(raw)) % 3
        part = text[start : len(text) - (4 if spare else 0)] + (text[-4 : -4 + spare] if spare else "")
        found += [part, part.replace("+", "-").replace("/", "_")]
    return list(dict.fromkeys(part for part in found if len(part) >= SHORTEST))


def _without_word(part: str, text: str, stand_in: str) -> str:
    """`text` without the words of base64 that `part` is in."""
    at = text.find(part)
    while at >= 0:
        start, end = at, at + len(part)
        while start and text[start - 1] in LETTERS:
            start -= 1
        while end < len(text) and text[end] in LETTERS:
            end += 1
        text = text[:start] + stand_in + text[end:]
        at = text.find(part, start + len(stand_in))
    return text
