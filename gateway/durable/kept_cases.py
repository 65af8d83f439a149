"""Reads cases and files for the portal: what the store knows; where it knows nothing, the source is asked."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

import psycopg

from gateway.core.call import Answer, Call, Rendered
from gateway.core.canonical import Canonical, Content
from gateway.core.clock import Clock
from gateway.core.durable import CaseRecord, Following, Moment
from gateway.core.problems import NotFound, OffContract, Overloaded
from gateway.core.steps import Next
from gateway.durable import cases, events
from gateway.durable.cases import Move
from gateway.durable.events import CaseEvent
from gateway.durable.lanes import operating
from gateway.durable.lanes.tables import Connection
from gateway.durable.orders import Line
from gateway.durable.store import Store, StoreUnavailable

MOST_MOMENTS: Final = 200
"""Entries of a history that are told, the newest."""
_CHUNK: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class ReadCase:
    """Answers for the state of a case."""

    store: Store
    line: Line
    following: Following
    clock: Clock
    render: Callable[[Canonical, Call], Rendered]
    ask: Next[Call, Answer]

    async def __call__(self, call: Call) -> Answer:
        key, system, now = self.following.key_of(call.query), self.line.system, self.clock.now()
        try:
            async with self.store.connection() as connection:
                found = await read_record(connection, self.store, system, key, now)
                if found is None and not self.following.looks:
                    found = await read_orders(connection, self.store, system, key)
        except StoreUnavailable as error:
            raise Overloaded("The store can't be read now.", reason="store") from error
        if found is None:
            return await self.ask(call)
        caller, record = found
        if caller != call.caller:
            raise NotFound(reason="no_record")
        seen = record.looked_at or record.changed_at
        age = max(0.0, (self.clock.now() - seen).total_seconds())
        return Answer(
            value=self.render(self.following.present(record), call),
            fetched_at=seen,
            freshness="cached",
            age=age,
        )


@dataclass(frozen=True, slots=True)
class ReadFile:
    """Gives the file of a case."""

    store: Store
    line: Line
    following: Following
    clock: Clock
    ask: Next[Call, Answer]

    async def __call__(self, call: Call) -> Answer:
        key = self.following.key_of(call.query)
        now = self.clock.now()
        try:
            async with self.store.connection() as connection:
                row = await cases.record(connection, self.line.system, key)
                if row is not None and row["caller"] != call.caller:
                    raise NotFound(reason="no_record")
                file = None if row is None else await cases.file_of(connection, row["id"])
        except StoreUnavailable as error:
            raise Overloaded("The store can't be read now.", reason="store") from error
        if row is None:
            return await self.ask(call)
        if file is None:
            raise _not_there(row["file_state"], row["follow_at"], now)
        body = self.store.cipher.decrypt(file.body, b"files.body")
        return Answer(
            value=Content(
                file.media_type,
                file.filename,
                _chunks(body),
                body=body,
                given=partial(self._given, file.id),
            ),
            fetched_at=file.fetched_at,
        )

    async def _given(self, file: int) -> None:
        """The file counts as delivered from now on; where that can't be written, it is kept a time longer."""
        with contextlib.suppress(StoreUnavailable, psycopg.Error):
            async with self.store.connection() as connection:
                await cases.delivered(connection, file, self.clock.now())


def _not_there(file_state: str, next_look: datetime | None, now: datetime) -> NotFound | OffContract:
    if file_state == "withdrawn":
        return NotFound("The file was withdrawn.", reason="revoked")
    if file_state == "bad":
        return OffContract("The source gave a file that is not the case's.", reason="inconsistent_response")
    if file_state == "expired":
        return NotFound("The file was deleted after its time.", reason="file_deleted")
    reason = "file_unchecked" if file_state == "wanted" else "not_issued"
    wait = None if next_look is None else min(3600.0, max(1.0, (next_look - now).total_seconds()))
    return NotFound("The file is not there yet.", reason=reason, retry_after=wait)


async def _chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), _CHUNK):
        yield body[start : start + _CHUNK]


async def read_record(
    connection: Connection, store: Store, system: str, key: str, now: datetime
) -> tuple[str, CaseRecord] | None:
    """The caller and the record of a case, None where the store has none."""
    row = await cases.record(connection, system, key)
    if row is None:
        return None
    told = await events.of_key(connection, system, key, MOST_MOMENTS)
    return row["caller"], record_of(row, told, store, now)


async def read_orders(connection: Connection, store: Store, system: str, key: str) -> tuple[str, CaseRecord] | None:
    """The same of a key whose orders no case has: those that wait for the one that opens it, or that need none."""
    row = await cases.orders_of(connection, system, key)
    if row is None:
        return None
    told = await events.of_key(connection, system, key, MOST_MOMENTS)
    answer = row["answer"]
    return row["caller"], CaseRecord(
        key=key,
        state=row["state"],
        data=None if answer is None else store.cipher.decrypt(answer, b"outcomes.answer"),
        source_id=None,
        opened_at=row["accepted_at"],
        changed_at=told[-1].at if told else row["accepted_at"],
        looked_at=None,
        due_at=None,
        ended_at=None,
        overdue=False,
        waiting=row["waiting"],
        reason=row["reason"],
        file_state="none",
        history=tuple(told),
        parked_at=row["parked_at"],
    )


def record_of(row: dict[str, Any], told: list[Moment], store: Store, now: datetime) -> CaseRecord:
    """The record in *row*."""
    late = row["due_at"] is not None and (row["ended_at"] or now) > row["due_at"]
    return CaseRecord(
        key=row["key"],
        state=row["state"],
        data=None if row["data"] is None else store.cipher.decrypt(row["data"], b"cases.data"),
        source_id=row["source_id"],
        opened_at=row["opened_at"],
        changed_at=row["changed_at"],
        looked_at=row["looked_at"],
        due_at=row["due_at"],
        ended_at=row["ended_at"],
        overdue=late,
        waiting=row["tail"] - row["head"] + 1 - row["read_back"],
        reason=row["lane_reason"],
        file_state=row["file_state"],
        history=tuple(told),
        parked_at=row["parked_at"],
    )


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Takes an order back that was not sent; of any other the dialect's function says why not."""

    store: Store
    line: Line
    following: Following
    clock: Clock
    render: Callable[[Canonical, Call], Rendered]
    ask: Next[Call, Answer]
    moved: Callable[[], None]

    async def __call__(self, call: Call) -> Answer:
        key, now = self.following.key_of(call.query), self.clock.now()
        try:
            async with self.store.connection() as connection, connection.transaction():
                cancelled = await self._cancel(connection, call, key, now)
                found = await read_record(connection, self.store, self.line.system, key, now)
        except StoreUnavailable as error:
            raise Overloaded("The store can't be reached now.", reason="store") from error
        if not cancelled or found is None:
            return await self.ask(call)
        self.moved()
        return Answer(value=self.render(self.following.present(found[1]), call), fetched_at=now)

    async def _cancel(self, connection: Connection, call: Call, key: str, now: datetime) -> bool:
        system = self.line.system
        locked = await operating.lock(connection, system, [key])
        row = await cases.record(connection, system, key)
        if row is None or not locked:
            return False
        if row["caller"] != call.caller:
            raise NotFound(reason="no_record")
        lane = locked[0]
        if lane.operation != self.line.operation or operating.hindrance(lane, "cancel") is not None:
            return bool(row["state"] == "cancelled")
        await operating.cancel(connection, locked, "cancelled by the portal", now)
        await cases.move(connection, [Move(lane.id, "cancelled", ended=True)], now)
        told = CaseEvent(system, key, now, "cancelled", lane.head, {"by": "portal", "request_id": call.request_id})
        await events.add(connection, [told])
        return True
