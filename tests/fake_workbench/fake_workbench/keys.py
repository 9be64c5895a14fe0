# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""secure-cookie-key, launcher.pem and launcher.pub.

Source: rstudio/rstudio, server_core/SecureKeyFile.cpp; Admin Guide, Load Balancing / Configuration.
"""

from __future__ import annotations

import os
import stat
import typing as t

from fake_workbench import paths
from fake_workbench.config import ConfigError, ServerConfig

MINIMUM = 32


class LauncherPair(t.NamedTuple):
    private: bytes
    public: bytes


def cookie_key_path(override: str) -> str:
    if override:
        return override
    configured = paths.config_file("secure-cookie-key")
    return configured if os.path.exists(configured) else paths.MANAGED_COOKIE_KEY


def read_cookie_key(path: str) -> bytes:
    """All bytes of the key file, untrimmed. Raises FileNotFoundError, and ConfigError for a weak key."""
    with open(path, "rb") as file:
        key = file.read()
    if not key:
        raise ConfigError(f"{path} is empty")
    if len(key) < MINIMUM:
        raise ConfigError(
            "secure-cookie-key specified is not strong enough! "
            f"It must be at least 256 bits (32 bytes/characters) long! ({path})"
        )
    return key


def load_cookie_key(config: ServerConfig) -> bytes:
    return read_cookie_key(cookie_key_path(config.text("secure-cookie-key-file")))


def new_cookie_key() -> bytes:
    """32 hex characters without a newline, as the product generates."""
    return os.urandom(16).hex().encode()


def write_private(path: str, content: bytes) -> None:
    """A new file only its owner can read, complete from the moment it has its name."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = f"{path}.{os.getpid()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    os.rename(temporary, path)


def has_private_mode(path: str) -> bool:
    return stat.S_IMODE(os.stat(path).st_mode) == 0o600


def launcher_paths() -> tuple[str, str]:
    return paths.config_file("launcher.pem"), paths.config_file("launcher.pub")


def read_launcher_pair() -> tuple[LauncherPair, str | None]:
    """The pair, and the node status that says what is wrong with it. Raises FileNotFoundError."""
    private_path, public_path = launcher_paths()
    with open(private_path, "rb") as private, open(public_path, "rb") as public:
        pair = LauncherPair(private.read(), public.read())
    derived = _public_part("-in", private_path)
    if os.stat(private_path).st_mode & 0o077 or derived is None:
        return pair, "error reading launcher key"
    given = _public_part("-pubin", "-in", public_path)
    if given is None:
        return pair, "error reading launcher key"
    return pair, None if derived == given else "invalid launcher key"


def write_launcher_pair(pair: LauncherPair, owner: tuple[int, int]) -> None:
    for path, content in zip(launcher_paths(), pair, strict=False):
        write_private(path, content)
        if os.geteuid() == 0:
            os.chown(path, *owner)


def new_launcher_pair() -> LauncherPair:
    import subprocess

    private = subprocess.run(
        ["openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    public = subprocess.run(["openssl", "rsa", "-pubout"], input=private, capture_output=True, check=True).stdout
    return LauncherPair(private, public)


def _public_part(*arguments: str) -> bytes | None:
    """The DER public key openssl reads with these arguments; None if it finds no RSA key there."""
    import subprocess

    command = ["openssl", "rsa", *arguments, "-passin", "pass:", "-pubout", "-outform", "DER"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None
