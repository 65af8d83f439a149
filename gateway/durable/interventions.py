"""Operators' orders about national systems in the store: every gateway reads them, and they outlive all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any, Final, LiteralString

import psycopg
import structlog
from psycopg.rows import class_row

from gateway.core.actions import Action, Recorded
from gateway.core.clock import Clock, Limit
from gateway.core.interventions import KEPT, Isolation, Known, News
from gateway.core.problems import Overloaded
from gateway.durable import actions
from gateway.durable.encryption import CipherError
from gateway.durable.in_time import DEED_S
from gateway.durable.lanes.tables import Connection
from gateway.durable.store import Store, StoreUnavailable

_SEALED: Final = b"operator_news.subject"
_OPEN: Final[LiteralString] = """
select connector, upstream, kind, who, why, starts, ends, id from isolations
where released_at is null and ends > %s order by id
"""
_ADD: Final[LiteralString] = """
insert into isolations (connector, upstream, kind, who, why, starts, ends) values (%s, %s, %s, %s, %s, %s, %s)
returning id
"""
_RELEASE: Final[LiteralString] = """
update isolations set released_at = clock_timestamp() where id = any(%s) and released_at is null
"""
_NEWS: Final[LiteralString] = """
select what, at, connector, name, subject, id from operator_news
where at > clock_timestamp() - interval '1 minute' order by id
"""
_TELL: Final[LiteralString] = """
insert into operator_news (what, connector, name, subject) values (%s, %s, %s, %s) returning id
"""
_FORGET: Final[LiteralString] = "delete from operator_news where at < clock_timestamp() - interval '10 minutes'"
log = structlog.get_logger("gateway.durable.interventions")


class StoreBook:
    """See :class:`gateway.core.interventions.InterventionBook`. *clock* is the machine's: systems live in real time."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known = Known()

    @property
    def most(self) -> int | None:
        """See :class:`gateway.core.actions.ActionRecord`."""
        return None

    async def isolate(self, wanted: Isolation, did: Action) -> Isolation:
        values = [wanted.connector, wanted.upstream, wanted.kind, wanted.who, wanted.why, wanted.starts, wanted.ends]
        async with self._deed(did) as connection:
            row = await (await connection.execute(_ADD, values)).fetchone()
        assert row is not None
        return replace(wanted, id=row[0])

    async def release(self, numbers: Sequence[int], did: Action) -> None:
        async with self._deed(did) as connection:
            await connection.execute(_RELEASE, [list(numbers)])

    async def publish(self, news: News, did: Action) -> int:
        sealed = self._store.cipher.encrypt(news.subject.encode(), _SEALED) if news.subject else None
        async with self._deed(did) as connection:
            await connection.execute(_FORGET)
            row = await (await connection.execute(_TELL, [news.what, news.connector, news.name, sealed])).fetchone()
        assert row is not None
        number: int = row[0]
        return number

    @asynccontextmanager
    async def _deed(self, did: Action) -> AsyncIterator[Connection]:
        """A transaction that ends with the record of *did*."""
        try:
            async with self._soon(), self._store.connection() as connection, connection.transaction():
                yield connection
                await actions.record(connection, did)
        except (StoreUnavailable, TimeoutError) as error:
            raise Overloaded("The store can't be reached now.", reason="store") from error

    async def look(self) -> Known:
        try:
            async with self._soon(), self._store.connection() as connection:
                async with connection.cursor(row_factory=class_row(Isolation)) as cursor:
                    isolations = await (await cursor.execute(_OPEN, [self._clock.now() - KEPT])).fetchall()
                told = await (await connection.execute(_NEWS)).fetchall()
            self._known = Known(isolations, [self._read(row) for row in told])
        except (StoreUnavailable, TimeoutError, psycopg.Error, CipherError) as error:
            log.debug("operators' orders not looked at", error=type(error).__name__)
        return self._known

    def _soon(self) -> AbstractAsyncContextManager[Limit]:
        """A block that ends with :class:`TimeoutError` where the store takes it and does not answer."""
        return self._clock.timeout_at(self._clock.monotonic() + DEED_S)

    def _read(self, row: tuple[Any, ...]) -> News:
        what, at, connector, name, sealed, number = row
        subject = "" if sealed is None else self._store.cipher.decrypt(sealed, _SEALED).decode()
        return News(what, at, connector, name, subject, number)

    async def actions(self, most: int, before: int) -> list[Recorded]:
        try:
            async with self._soon(), self._store.connection() as connection:
                return await actions.listed(connection, most, before)
        except (StoreUnavailable, TimeoutError) as error:
            raise Overloaded("The store can't be reached now.", reason="store") from error
