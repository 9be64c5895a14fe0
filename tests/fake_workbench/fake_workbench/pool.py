# Copyright (c) 2026, the workbench.cluster founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connections to PostgreSQL that a server keeps while it runs, as many as it may ever use.

Source: rstudio/rstudio, core/Database.cpp, server_core/ServerDatabase.cpp.
"""

from __future__ import annotations

import contextlib
import os
import queue
import typing as t

from fake_workbench import database, release
from fake_workbench.config import ConfigError
from fake_workbench.log import Log

LOG = Log("rserver")
PATIENCE = 30  # seconds until a wait for a free one is logged


class Pool:
    """Opens all of them. Raises ConfigError where one is refused."""

    def __init__(self, data: database.Database) -> None:
        self.data = data
        self.free: queue.Queue[database.Connection] = queue.Queue()
        size = data.pool_size or min(os.cpu_count() or 4, release.current().largest_pool)
        for number in range(1, size + 1):
            try:
                self.free.put(database.connect(data))
            except ConfigError as error:
                raise ConfigError(
                    f"Error allocating database connection: {number} with pool-size: {size}: {error}"
                ) from error

    @contextlib.contextmanager
    def connection(self) -> t.Iterator[database.Connection]:
        """One that works. Raises ConfigError where it was lost, and the server lets no other one in."""
        connection = self._next()
        try:
            connection = self._tested(connection)
            yield connection
        finally:
            self.free.put(connection)

    def _next(self) -> database.Connection:
        while True:
            try:
                return self.free.get(timeout=PATIENCE)
            except queue.Empty:
                LOG("ERROR", "Potential hang detected: could not get database connection from pool after 30 seconds")

    def _tested(self, connection: database.Connection) -> database.Connection:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except database.driver().Error:
            connection.close()
            return database.connect(self.data)
        return connection
