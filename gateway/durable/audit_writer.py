"""Writes the record of who looked at whom: in batches, beside the requests, which never wait for it.

While the store is slow or gone, rows wait here up to a limit; what is beyond it is counted, and the next row that can
be written says how many are missing.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import psycopg
import structlog

from gateway.core.clock import Clock
from gateway.core.events import LookUp, RequestFinished
from gateway.durable import audit, audit_tables, tasks
from gateway.durable.audit import ENCODER, SALT, Head, Record
from gateway.durable.store import Store, StoreUnavailable

BATCH: Final = 500
MOST_WAITING: Final = 10_000
GATHER_S: Final = 0.25
"""How long a row waits for others, and how much a SIGKILL takes away without a trace."""
AGAIN_S: Final = 1.0
LEAVING_S: Final = 5.0
log = structlog.get_logger("gateway.durable.audit")


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows with their hashes, kept until it is certain that they are in the store: a repetition must be the same."""

    records: list[Record]
    encoded: list[bytes]
    start: Head
    hashes: bytes
    end: Head


class AuditWriter:
    """The chain of this process.

    Args:
        store: Where it is written.
        clock: The machine's: a row says when something was really asked.
        gateway: A name of this process, for the operator.
    """

    def __init__(self, store: Store, clock: Clock, gateway: str) -> None:
        self._store = store
        self._clock = clock
        self._gateway = gateway
        self._head: Head | None = None
        self._waiting: list[tuple[str, RequestFinished]] = []
        self._prepared: Batch | None = None
        self._lost = 0
        self._lost_since = ""
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.missing = 0
        """Rows that were not kept."""
        self.gaps = 0
        """Rows that say how many are missing."""

    async def open(self) -> None:
        """Begins the chain; where the store can't write now, it begins later."""
        with suppress(StoreUnavailable, psycopg.Error):
            await self._begin()
        self._task = asyncio.create_task(self._run(), name="record who looked at whom")

    async def close(self) -> None:
        """Writes what waits for some seconds at most, and the end of the chain."""
        if self._task is None:
            return
        await tasks.end([self._task])
        try:
            async with self._clock.timeout_at(self._clock.monotonic() + LEAVING_S):
                await self.write()
                self._prepared = chained(await self._own_head(), [Record(at=self._now(), kind="end")])
                await self._write()
        except (StoreUnavailable, psycopg.Error, TimeoutError) as error:
            missing = len(self._waiting) + self._lost
            log.warning("the record of look-ups was not ended", missing=missing, error=type(error).__name__)

    def receive(self, requests: Sequence[RequestFinished], /) -> None:
        """Takes the look-ups and orders among *requests*; see :class:`gateway.observe.event_buffer.RequestListener`."""
        now = ""
        for event in requests:
            if event.look_up is None:
                continue
            now = now or self._now()
            if len(self._waiting) >= MOST_WAITING:
                self._lose(1, now)
                self.missing += 1
            else:
                self._waiting.append((now, event))
        if now:
            self._wake.set()

    async def write(self) -> None:
        """Writes all that waits.

        Raises:
            StoreUnavailable, psycopg.Error: Some rows were perhaps not written; the next call writes the same.
        """
        while self._has_work:
            await self._write()

    @property
    def _has_work(self) -> bool:
        return self._prepared is not None or bool(self._waiting) or self._lost > 0

    def _now(self) -> str:
        return audit_tables.said(self._clock.now())

    def _lose(self, rows: int, since: str) -> None:
        if not self._lost:
            self._lost_since = since
            log.warning("look-ups are not recorded: the store is slow or gone")
        self._lost += rows

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            await self._clock.sleep(GATHER_S)
            self._wake.clear()
            while self._has_work:
                try:
                    await self.write()
                except (StoreUnavailable, psycopg.OperationalError, psycopg.InternalError) as error:
                    log.debug("look-ups wait for the store", error=type(error).__name__)
                    await self._clock.sleep(AGAIN_S)
                except Exception as error:  # noqa: BLE001  # what can't be written is counted; the requests go on
                    log.error("look-ups could not be recorded", error=type(error).__name__)  # noqa: TRY400  # no values
                    self._give_up()
                    await self._clock.sleep(AGAIN_S)

    def _give_up(self) -> None:
        """Counts the prepared rows as missing."""
        if self._prepared is not None:
            records, self._prepared = self._prepared.records, None
            self._lose(sum(max(1, record.missing) for record in records), self._now())
            self.missing += sum(record.kind == "asked" for record in records)

    async def _own_head(self) -> Head:
        if self._head is None:
            await self._begin()
        assert self._head is not None
        return self._head

    async def _begin(self) -> None:
        # A new name at each try: nobody knows whether one that failed was written.
        start, now = audit.start_of(uuid4()), self._clock.now()
        async with self._store.connection() as connection, connection.transaction():
            heads = await audit_tables.begin(connection, start, self._gateway, now)
            first = Record(at=audit_tables.said(now), kind="begin", detail=audit.name_heads(heads))
            rows = chained(start, [first])
            await audit_tables.add(connection, rows.start, rows.encoded, rows.hashes, rows.end)
        self._head = rows.end

    async def _write(self) -> None:
        head = await self._own_head()
        rows = self._prepared = self._prepared or chained(head, self._next())
        async with self._store.connection() as connection:
            await audit_tables.add(connection, rows.start, rows.encoded, rows.hashes, rows.end)
        self._prepared = None
        self._head = rows.end

    def _next(self) -> list[Record]:
        batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        records = [record_of(at, event) for at, event in batch]
        if self._lost and not self._waiting:
            # After all that came before: what was lost came while the list was full.
            records.append(Record(at=self._now(), kind="gap", missing=self._lost, detail=f"since {self._lost_since}"))
            self._lost = 0
            self.gaps += 1
        return records


def chained(start: Head, records: list[Record]) -> Batch:
    """*records* as the next rows after *start*."""
    encoded = [ENCODER.encode(record) for record in records]
    hashes, end = audit.extend(start, encoded, os.urandom(SALT * len(encoded)))
    return Batch(records, encoded, start, hashes, end)


def record_of(at: str, event: RequestFinished) -> Record:
    """The row of *event*, which has a look-up."""
    found = event.look_up
    assert isinstance(found, LookUp)
    return Record(
        at=at,
        caller=event.caller,
        officer=found.user,
        dossier=found.dossier,
        operation=f"{event.connector}.{event.operation}",
        subject=found.subject,
        identifiers=found.identifiers,
        outcome=event.outcome,
        freshness=freshness_of(event),
        request_id=event.request_id,
    )


def freshness_of(event: RequestFinished) -> str:
    """As the answer's ``meta`` said it; empty where nothing was answered."""
    if event.outcome == "stale":
        return "stale"
    if event.outcome not in {"ok", "not_found"}:
        return ""
    return "cached" if event.cache == "hit" else "live"
