"""The one door to PostgreSQL: a pool of connections, the cipher, and whether the store is well."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import psycopg
import structlog
from psycopg import AsyncConnection, conninfo
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from gateway.durable import migrations
from gateway.durable.encryption import CipherError, RowCipher
from gateway.durable.migrations import SchemaError
from gateway.durable.settings import StoreSettings

WAIT_S: Final = 2.0
"""How long a request waits for a connection."""
IDLE_S: Final = 5
"""After which PostgreSQL ends a transaction that does nothing."""
log = structlog.get_logger("gateway.durable.store")


class StoreError(Exception):
    """The store can't be used as configured; its text is one sentence for the operator."""


class StoreUnavailable(Exception):
    """The store can't be reached or can't write now; it is tried again by itself."""


class Store:
    """The store of one process.

    Args:
        settings: How it is used.
        url: Where it is.
        cipher: Seals what is personal.
    """

    def __init__(self, settings: StoreSettings, url: str, cipher: RowCipher) -> None:
        self.settings = settings
        self.cipher = cipher
        self.url = url
        self.restored = False
        """It was restored from a backup: nothing is sent until an operator has said ``lgsp store recovered``."""
        self.why_down: str | None = None
        """None while it is well."""
        self._pool: AsyncConnectionPool[AsyncConnection[Any]] | None = None

    async def open(self) -> None:
        """Connects, brings the schema up to date, and tries the key.

        Raises:
            StoreError: With one sentence that says what to do.
        """
        try:
            async with await self.connect() as connection:
                await self._check(connection)
        except psycopg.OperationalError as error:
            raise StoreError(f"store: PostgreSQL could not be reached ({_first_line(error)})") from None
        except psycopg.Error as error:
            raise StoreError(f"store: PostgreSQL could not be used ({_first_line(error)})") from None
        except SchemaError as error:
            raise StoreError(f"store: {error}") from None
        size = self.settings.connections
        self._pool = AsyncConnectionPool(
            self._conninfo(),
            min_size=min(2, size),
            max_size=size,
            open=False,
            timeout=WAIT_S,
            reconnect_timeout=5.0,
            name="store",
            check=None,
        )
        await self._pool.open()

    async def close(self) -> None:
        """Closes the connections."""
        if self._pool is not None:
            await self._pool.close(timeout=2.0)
            self._pool = None

    async def connect(self) -> AsyncConnection[Any]:
        """A connection of its own, in autocommit, for listening and for commands."""
        return await AsyncConnection.connect(self._conninfo(), autocommit=True)

    def _conninfo(self) -> str:
        milliseconds = int(self.settings.statement_timeout_s * 1000)
        options = (
            f"-c statement_timeout={milliseconds} -c idle_in_transaction_session_timeout={IDLE_S}s -c timezone=UTC"
        )
        return conninfo.make_conninfo(self.url, options=options, application_name="lgsp", connect_timeout=5)

    async def _check(self, connection: AsyncConnection[Any]) -> None:
        cursor = await connection.execute("show synchronous_commit")
        row = await cursor.fetchone()
        if row is None or row[0] == "off":
            raise StoreError("store: synchronous_commit is off: an order that was accepted could be lost; set it on")
        if self.settings.migrate == "auto":
            await migrations.migrate(connection)
        elif await migrations.missing(connection):
            raise StoreError("store: the schema is older than this release; run `lgsp store migrate`")
        cursor = await connection.execute("select body from messages order by accepted_at desc limit 1")
        newest = await cursor.fetchone()
        if newest is not None:
            try:
                self.cipher.decrypt(newest[0], b"messages.body")
            except CipherError:
                raise StoreError(
                    "store: store.key does not open what is in the store; give the key it was made with"
                ) from None

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[Any]]:
        """A connection of the pool.

        Raises:
            StoreUnavailable: All are in use for too long, or it broke.
        """
        if self._pool is None:
            raise StoreUnavailable("closed")
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (PoolTimeout, PoolClosed, psycopg.OperationalError, psycopg.errors.ReadOnlySqlTransaction) as error:
            self._down(error)
            raise StoreUnavailable(type(error).__name__) from error
        self._up()

    def _down(self, error: Exception) -> None:
        if self.why_down is None:
            log.warning("store down", error=type(error).__name__)
        self.why_down = type(error).__name__

    def _up(self) -> None:
        if self.why_down is not None:
            log.warning("store up")
        self.why_down = None


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:200]
