"""Keeps what systems push to the province: the answer leaves after the commit. One loop commits all that wait together.

An equal message (system, kind, code, content) is the same one, at whichever gateway and after any restart: it gets the
first answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import psycopg
import structlog

from gateway.core.clock import Clock
from gateway.core.durable import Entry, Moment
from gateway.core.lasting import lasting
from gateway.core.problems import GatewayError, InProgress, Internal, Overloaded
from gateway.durable import crash_points, events, inbox_tables, tasks
from gateway.durable.accept import UNFIT
from gateway.durable.inbox_tables import MessageName, MessageToKeep
from gateway.durable.store import Store, StoreUnavailable

SYSTEM: Final = "inbox"
"""Of the inbox's events: ``inbox.received``, ``inbox.file_kept``, ``inbox.file_lost``."""
BATCH: Final = 200
BATCH_BYTES: Final = 32 * 1024 * 1024
MOST_WAITING: Final = 1_000
IN_WORK_S: Final = 2.0
"""How long an equal message waits for the first one's commit."""
AGAIN_S: Final = 2.0
LOCK_MS: Final = 8_000
"""How long a commit waits for that of another gateway."""
LEAVING_S: Final = 5.0
log = structlog.get_logger("gateway.durable.inbox")


def entry_of(_: str, moment: Moment) -> Entry:
    """An event of the inbox as webhooks are told of it: what happened, and the number of the message."""
    number = moment.detail.get("id")
    return Entry(moment.kind, str(number) if isinstance(number, int) else None)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The first *answer* to a message; *repeated* where the message came before."""

    id: int
    answer: str
    repeated: bool


Kept: TypeAlias = "asyncio.Future[Receipt]"


class Inbox:
    """The loop that commits.

    Args:
        store: Where messages are kept.
        clock: The machine's.
        business: The clock of days.
        received: Told after each commit.
    """

    def __init__(self, store: Store, clock: Clock, business: Clock, received: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._business = business
        self._received = received
        self._waiting: list[MessageToKeep] = []
        self._kept: dict[MessageName, Kept] = {}
        """Of the messages that wait or are being committed."""
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._leaving = False

    async def open(self) -> None:
        """Begins to keep."""
        self._task = lasting(self._run, self._clock, "keep what is pushed")

    async def close(self) -> None:
        """Commits what waits, then ends."""
        self._leaving = True
        self._wake.set()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=LEAVING_S)
            await tasks.end([self._task])
        self._fail(self._waiting, Overloaded("The gateway is leaving.", reason="store"))

    async def keep(self, message: MessageToKeep) -> Receipt:
        """Waits for the commit of *message*, or of the equal one that is under way.

        Raises:
            InProgress: The equal one takes long.
            Overloaded: It can't be kept now; nothing of it is kept, unless the store broke in the commit itself.
        """
        first = self._kept.get(message.name)
        if first is not None:
            return await self._like(first)
        if self._leaving:
            raise Overloaded("The gateway is leaving.", reason="store")
        if len(self._waiting) >= MOST_WAITING:
            raise Overloaded("Too many messages wait to be kept.", reason="inbox_full")
        kept: Kept = asyncio.get_running_loop().create_future()
        self._kept[message.name] = kept
        self._waiting.append(message)
        self._wake.set()
        # The commit goes on when the sender hangs up: its repetition gets the answer.
        return await asyncio.shield(kept)

    async def _like(self, first: Kept) -> Receipt:
        try:
            async with self._clock.timeout_at(self._clock.monotonic() + IN_WORK_S):
                found = await asyncio.shield(first)
        except TimeoutError:
            raise InProgress("The same message is being kept.", retry_after=AGAIN_S) from None
        return Receipt(found.id, found.answer, repeated=True)

    async def _run(self) -> None:
        while True:
            while self._waiting:
                batch = self._next()
                try:
                    await self._commit(batch)
                except Exception as error:  # noqa: BLE001  # a bug at these messages must not stop those after them
                    log.error("messages not kept", messages=len(batch), error=type(error).__name__)  # noqa: TRY400  # no values
                    self._fail(batch, Internal())
            if self._leaving:
                return
            await self._wake.wait()
            self._wake.clear()

    def _next(self) -> list[MessageToKeep]:
        taken, size = 0, 0
        for message in self._waiting[:BATCH]:
            size += len(message.body) + sum(len(file.body or b"") for file in message.files)
            if taken and size > BATCH_BYTES:
                break
            taken += 1
        batch, self._waiting = self._waiting[:taken], self._waiting[taken:]
        return batch

    async def _commit(self, batch: list[MessageToKeep]) -> None:
        try:
            receipts = await self._transaction(batch)
        except (StoreUnavailable, psycopg.OperationalError, psycopg.InternalError, *UNFIT) as error:
            log.warning("messages not kept", messages=len(batch), error=type(error).__name__)
            self._fail(batch, Overloaded("The store can't keep messages now.", reason="store", retry_after=AGAIN_S))
        except psycopg.Error as error:
            if len(batch) > 1:
                for message in batch:
                    await self._commit([message])
                return
            # Neither its text nor its traceback: they may repeat values.
            log.error("message not kept", error=type(error).__name__, sqlstate=error.sqlstate)  # noqa: TRY400
            self._fail(batch, Internal())
        else:
            crash_points.reach("inbox.committed")
            self._received()
            for message, receipt in zip(batch, receipts, strict=True):
                kept = self._kept.pop(message.name, None)
                if kept is not None and not kept.done():
                    kept.set_result(receipt)

    async def _transaction(self, batch: list[MessageToKeep]) -> list[Receipt]:
        now = self._business.now()
        async with self._store.connection() as connection, connection.transaction():
            await connection.execute("select set_config('lock_timeout', %s, true)", [f"{LOCK_MS}ms"])
            await inbox_tables.lock(connection)
            known = await inbox_tables.known(connection, [one.name for one in batch])
            fresh = [one for one in batch if one.name not in known]
            added = await inbox_tables.add(connection, fresh, now)
            await events.add(
                connection,
                [
                    events.CaseEvent(
                        SYSTEM,
                        one.code,
                        now,
                        "received",
                        detail={"id": added[one.name][0], "system": one.system, "kind": one.kind},
                    )
                    for one in fresh
                ],
            )
            crash_points.reach("inbox.before_commit")
        return [
            Receipt(added[one.name][0], one.answer, repeated=False)
            if one.name in added
            else Receipt(*known[one.name], repeated=True)
            for one in batch
        ]

    def _fail(self, messages: list[MessageToKeep], error: GatewayError) -> None:
        for message in messages:
            kept = self._kept.pop(message.name, None)
            if kept is not None and not kept.done():
                kept.set_exception(error.replace())
                kept.exception()  # its sender may have left
