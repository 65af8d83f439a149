"""The one door to PostgreSQL: a pool of connections, the cipher, and whether the store is well."""

from __future__ import annotations

import select
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg
import structlog
from psycopg import AsyncConnection, conninfo, sql
from psycopg.types.array import ListBinaryDumper
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from gateway.durable import migrations, sealed
from gateway.durable.embedded import EmbeddedError, EmbeddedPostgres
from gateway.durable.encryption import RowCipher
from gateway.durable.migrations import SchemaError
from gateway.durable.recovery import TurnCounter
from gateway.durable.settings import POSTGRES, StoreSettings

WAIT_S: Final = 2.0
"""How long a request waits for a connection."""
IDLE_S: Final = 5
"""After which PostgreSQL ends a transaction that does nothing."""
OLDEST_SERVER: Final = 15
_WRONG: Final = ("authentication failed", "does not exist", "no pg_hba.conf entry", "could not translate host name")
"""Words of PostgreSQL and its client about an address that waiting does not mend."""
log = structlog.get_logger("gateway.durable.store")


class StoreError(Exception):
    """The store can't be used as configured; its text is one sentence for the operator."""


class StoreAwayError(StoreError):
    """PostgreSQL is not there, is starting or has no connection left: later it may be used."""


class StoreUnavailable(Exception):
    """The store can't be reached or can't write now; it is tried again by itself."""


class Store:
    """The store of one process.

    Args:
        settings: How it is used.
        url: Where it is, or the PostgreSQL of this gateway's own.
        cipher: Encrypts what is personal.
        state: The state folder, which tells a store that was restored from a backup.
    """

    def __init__(
        self, settings: StoreSettings, url: str | EmbeddedPostgres, cipher: RowCipher, state: Path | None = None
    ) -> None:
        self.settings = settings
        self.cipher = cipher
        self.turns = TurnCounter(state)
        self.why_down: str | None = None
        """None while it is well."""
        self.is_full = False
        """PostgreSQL refused a write for want of room; that it can be read does not make it well again."""
        self.size_bytes = 0
        """Of the database, when it was looked at last."""
        self.outbox = False
        """Events that are added are marked for the webhooks; said before it is opened."""
        self.oldest_transaction_s = 0.0
        """Age of the oldest open transaction of all gateways, when it was last looked at."""
        self._embedded = url if isinstance(url, EmbeddedPostgres) else None
        self._url = "" if isinstance(url, EmbeddedPostgres) else url
        self._pool: AsyncConnectionPool[AsyncConnection[Any]] | None = None

    @property
    def restored(self) -> bool:
        """It was restored from a backup: nothing is sent until an operator has said ``lgsp store recovered``."""
        return self.turns.restored

    async def open(self) -> None:
        """Connects, brings the schema up to date, tries the key, and looks whether it was restored from a backup.

        Raises:
            StoreError: With one sentence that says what to do.
        """
        try:
            async with self.session() as connection:
                await self._bring_up(connection)
                await self._try_key(connection)
                await self.turns.open(connection)
        except BaseException:
            await self.close()
            raise
        size = self.settings.connections
        self._pool = AsyncConnectionPool(
            self._conninfo(),
            min_size=min(2, size),
            max_size=size,
            open=False,
            timeout=WAIT_S,
            reconnect_timeout=5.0,
            name="store",
            configure=self._configure,
        )
        await self._pool.open()

    async def close(self) -> None:
        """Closes the connections, and leaves the PostgreSQL of its own."""
        if self._pool is not None:
            await self._pool.close(timeout=2.0)
            self._pool = None
        self.turns.close()
        if self._embedded is not None:
            await self._embedded.close()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncConnection[Any]]:
        """A connection of its own to a server that will do; starts the PostgreSQL of this gateway's own.

        Raises:
            StoreError: With one sentence that says what to do.
        """
        try:
            if self._embedded is not None and not self._url:
                self._url = await self._embedded.open()
            async with await self.connect() as connection:
                await _check_server(connection)
                yield connection
        except psycopg.OperationalError as error:
            said = f"store: PostgreSQL could not be reached ({_first_line(error)})"
            # A wrong password or name is told in the same way, and only by its words.
            raise (StoreError if any(word in said for word in _WRONG) else StoreAwayError)(said) from None
        except psycopg.Error as error:
            raise StoreError(f"store: PostgreSQL could not be used ({_first_line(error)})") from None
        except (SchemaError, EmbeddedError) as error:
            raise StoreError(f"store: {error}") from None

    async def migrate(self) -> list[int]:
        """Brings the schema up to date and gives the numbers of what was missing; raises :class:`StoreError`."""
        async with self.session() as connection:
            return await migrations.migrate(connection)

    async def connect(self) -> AsyncConnection[Any]:
        """A connection of its own, in autocommit, for listening and for commands."""
        connection = await AsyncConnection.connect(self._conninfo(), autocommit=True)
        _send_lists_in_binary(connection)
        return connection

    def _conninfo(self) -> str:
        milliseconds = int(self.settings.statement_timeout_s * 1000)
        given = conninfo.conninfo_to_dict(self._url).get("options") or ""
        options = (
            f"{given} -c statement_timeout={milliseconds} -c idle_in_transaction_session_timeout={IDLE_S}s"
            f" -c timezone=UTC -c lgsp.outbox={'on' if self.outbox else 'off'}"
        ).strip()
        return conninfo.make_conninfo(
            self._url,
            options=options,
            application_name="lgsp",
            connect_timeout=5,
            target_session_attrs="read-write",
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
            tcp_user_timeout=20_000,
        )

    async def _configure(self, connection: AsyncConnection[Any]) -> None:
        """PostgreSQL 17 and newer end a whole transaction that takes too long."""
        _send_lists_in_binary(connection)
        if connection.info.server_version >= 170_000:
            await connection.set_autocommit(True)
            limit = sql.Literal(int(self.settings.statement_timeout_s * 3000))
            await connection.execute(sql.SQL("set transaction_timeout = {}").format(limit))
            await connection.set_autocommit(False)

    async def _bring_up(self, connection: AsyncConnection[Any]) -> None:
        if self.settings.migrate == "auto":
            await migrations.migrate(connection)
        elif await migrations.missing(connection):
            raise StoreError("store: the schema is older than this release; run `lgsp store migrate`")

    async def _try_key(self, connection: AsyncConnection[Any]) -> None:
        if not await sealed.opens(connection, self.cipher):
            raise StoreError("store: store.key does not open what is in the store; give the key it was made with")

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[Any]]:
        """A connection of the pool.

        Raises:
            StoreUnavailable: All are in use for too long, or it broke.
        """
        if (pool := self._pool) is None:
            raise StoreUnavailable("closed")
        try:
            connection = await self._sound_connection(pool)
            try:
                async with connection:
                    yield connection
            except psycopg.errors.ReadOnlySqlTransaction:
                # The server became a standby: another connection finds the one that took its place.
                await connection.close()
                raise
            finally:
                await pool.putconn(connection)
        except (PoolTimeout, PoolClosed, psycopg.OperationalError, psycopg.InternalError) as error:
            if _is_of_the_store(error):
                self._down(error)
            raise StoreUnavailable(type(error).__name__) from error
        self._up()

    async def _sound_connection(self, pool: AsyncConnectionPool[AsyncConnection[Any]]) -> AsyncConnection[Any]:
        """A connection to which PostgreSQL has not said good-bye; the pool's own check waits a second between two."""
        for _ in range(self.settings.connections):
            connection = await pool.getconn()
            if not await _has_ended(connection):
                return connection
            await connection.close()
            await pool.putconn(connection)
        return await pool.getconn()

    def _down(self, error: Exception) -> None:
        if self.why_down is None:
            log.warning("store down", error=type(error).__name__, why=_first_line(error))
        self.why_down = type(error).__name__
        self.is_full = self.is_full or isinstance(error, psycopg.errors.DiskFull)

    def _up(self) -> None:
        if self.is_full:
            return
        if self.why_down is not None:
            log.warning("store up")
        self.why_down = None


def make_store(settings: StoreSettings, key: str, state: Path) -> Store:
    """The store of a deployment, not yet open.

    Args:
        settings: How it is used.
        key: What encrypts.
        state: The state folder; an embedded PostgreSQL is in it.
    """
    cipher = RowCipher(key, [one.get_secret_value() for one in settings.previous_keys])
    if settings.url is None:
        return Store(settings, EmbeddedPostgres(state / POSTGRES), cipher, state)
    return Store(settings, settings.url.get_secret_value(), cipher, state)


_SERVER: Final[LiteralString] = """
select current_setting('server_version_num')::int / 10000, current_setting('synchronous_commit'),
    current_setting('server_encoding')
"""


async def _check_server(connection: AsyncConnection[Any]) -> None:
    cursor = await connection.execute(_SERVER)
    row = await cursor.fetchone()
    assert row is not None
    version, commit, encoding = row
    if version < OLDEST_SERVER:
        raise StoreError(f"store: PostgreSQL {version} is too old; give one from {OLDEST_SERVER} on")
    if commit == "off":
        raise StoreError("store: synchronous_commit is off: an order that was accepted could be lost; set it on")
    if encoding != "UTF8":
        raise StoreError(f"store: the database is in {encoding}; make one with encoding UTF8")


async def _has_ended(connection: AsyncConnection[Any]) -> bool:
    """Asks the server only where it has sent something unasked, which is mostly its good-bye."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        try:
            await connection.execute("select 1")
            await connection.rollback()
        except psycopg.Error:
            return True
    return False


def _send_lists_in_binary(connection: AsyncConnection[Any]) -> None:
    """Lists go as bytes: psycopg's text form escapes each element, 27 microseconds for a message of 1.5 KB."""
    connection.adapters.register_dumper(list, ListBinaryDumper)


def _is_of_the_store(error: Exception) -> bool:
    """False for what one statement met: a conflict with another one, a lock, or its own time limit."""
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    return not (state or "").startswith(("40", "55P03", "57014"))


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:200]
