"""Accepts orders: 202 means that the order is on disk. One loop commits all that wait together.

The key of an order, its place in the lane, its message and its case are written in one transaction. An equal
Idempotency-Key that another gateway is just committing is waited for, by the table's own uniqueness.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

import msgspec
import psycopg
import structlog

from gateway.core import working_days
from gateway.core.call import Answer, Call, Rendered
from gateway.core.canonical import Canonical
from gateway.core.clock import Clock
from gateway.core.days import day_in_vietnam
from gateway.core.lasting import facts_of, lasting
from gateway.core.problems import GatewayError, IdempotencyKeyReused, Internal, Overloaded
from gateway.core.tracing import CURRENT, ended_with
from gateway.durable import accept_tables as tables
from gateway.durable import crash_points, tasks
from gateway.durable.lanes.tables import Connection
from gateway.durable.opened import Message, OpenedOrders
from gateway.durable.order_log import log_accepted
from gateway.durable.orders import Accepted, Body, Line, Order
from gateway.durable.placing import MOST_HELD, Batch
from gateway.durable.store import Store, StoreUnavailable

BATCH: Final = 500
MOST_WAITING: Final = 2_000
LEAVING_S: Final = 5.0
UNFIT: Final = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.InsufficientPrivilege)
"""Errors of a database that is not the store it was; another of the kind is of one order, and must not stop others."""
_LARGE: Final = 256 * 1024
"""Bytes from which on a message is sealed in a thread."""
log = structlog.get_logger("gateway.durable.accept")


class Acceptor:
    """The loop that commits."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        accepted: Callable[[], None],
        *,
        most_held: int = MOST_HELD,
        opened: OpenedOrders | None = None,
    ) -> None:
        """Takes *accepted*, which is told after each commit that work is there, how many orders may be held, and where
        the worker looks for messages that were accepted a moment ago.
        """
        self.opened = OpenedOrders() if opened is None else opened
        self._most_held = most_held
        self._store = store
        self._clock = clock
        self._accepted = accepted
        self._waiting: list[Order] = []
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._leaving = False

    async def open(self) -> None:
        """Begins to accept."""
        self._task = lasting(self._run, self._clock, "accept orders")

    async def close(self) -> None:
        """Commits what waits, then ends."""
        if self._task is None:
            return
        self._leaving = True
        self._wake.set()
        await asyncio.wait({self._task}, timeout=LEAVING_S)
        await tasks.end([self._task])
        self._fail(self._waiting, Overloaded("The gateway is leaving.", reason="store"))

    async def accept(self, order: Order) -> Accepted:
        """Waits for the commit of *order*.

        Raises:
            GatewayError: It was not accepted; nothing of it is kept.
        """
        if self._leaving:
            raise Overloaded("The gateway is leaving.", reason="store")
        if len(self._waiting) >= MOST_WAITING:
            raise Overloaded("Too many orders wait to be accepted.", reason="orders_full")
        self._waiting.append(order)
        self._wake.set()
        # The commit goes on when the caller hangs up: a repetition with the key gets the answer.
        return await asyncio.shield(order.done)

    async def _run(self) -> None:
        while not self._leaving:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                await self._commit(self._next())
                self._accepted()

    def _next(self) -> list[Order]:
        """The next orders; of equal keys only the first, so that the second finds what the first left."""
        taken: list[Order] = []
        left: list[Order] = []
        seen: set[tuple[str, str, str]] = set()
        for order in self._waiting:
            twin = order.idempotency_key is not None and order.known_as in seen
            if twin or len(taken) >= BATCH:
                left.append(order)
                continue
            seen.add(order.known_as)
            taken.append(order)
        self._waiting = left
        return taken

    async def _commit(self, batch: list[Order]) -> None:
        try:
            ended = await self._transaction(batch)
        except (StoreUnavailable, psycopg.OperationalError, psycopg.InternalError, *UNFIT) as error:
            log.warning("orders not accepted", orders=len(batch), error=type(error).__name__)
            self._fail(batch, Overloaded("The store can't keep orders now.", reason="store"))
        except Exception as error:  # noqa: BLE001  # what breaks at one order must not keep the others waiting
            if len(batch) > 1:
                for order in batch:
                    await self._commit([order])
                return
            log.error("order not accepted", **facts_of(error))  # noqa: TRY400  # no values
            self._fail(batch, Internal())
        else:
            crash_points.reach("accept.committed")
            for order, result in ended:
                _tell(order, result)

    async def _transaction(self, batch: list[Order]) -> list[tuple[Order, Accepted | GatewayError]]:
        now = self._clock.now()
        async with self._store.connection() as connection, connection.transaction():
            known = await _known_keys(connection, batch, now)
            ended = [(order, result) for order in batch if (result := self._repeated(order, known)) is not None]
            fresh = [order for order in batch if order.known_as not in known or order.idempotency_key is None]
            ended += await self._put(connection, fresh, now)
            crash_points.reach("accept.before_commit")
        return ended

    def _repeated(
        self, order: Order, known: dict[tuple[str, str, str], tables.KnownKey]
    ) -> Accepted | GatewayError | None:
        row = known.get(order.known_as) if order.idempotency_key is not None else None
        if row is None:
            return None
        if row.body_hash != order.body_hash:
            return IdempotencyKeyReused()
        return Accepted(self._store.cipher.decrypt(row.answer, b"idempotency_keys.answer"), repeated=True)

    async def _put(
        self, connection: Connection, orders: Sequence[Order], now: datetime
    ) -> list[tuple[Order, Accepted | GatewayError]]:
        batch = Batch(connection, self._store.cipher, now, self._most_held)
        await batch.read(orders)
        ended = [(order, await batch.put(order)) for order in orders]
        refused = [order for order, result in ended if isinstance(result, GatewayError) and order.idempotency_key]
        await tables.forget_keys(connection, [order.known_as for order in refused])
        await batch.end()
        return ended

    @staticmethod
    def _fail(orders: Sequence[Order], error: GatewayError) -> None:
        for order in orders:
            _tell(order, error.replace())


def _tell(order: Order, result: Accepted | GatewayError) -> None:
    if order.done.done():
        return
    if isinstance(result, GatewayError):
        order.done.set_exception(result)
        order.done.exception()  # its caller may have left
    else:
        order.done.set_result(result)


async def _known_keys(
    connection: Connection, batch: Sequence[Order], now: datetime
) -> dict[tuple[str, str, str], tables.KnownKey]:
    keyed = [order for order in batch if order.idempotency_key is not None]
    taken = await tables.take_keys(connection, [(order.known_as, order.body_hash) for order in keyed], now)
    return await tables.known_keys(connection, [order.known_as for order in keyed if order.known_as not in taken])


@dataclass(frozen=True, slots=True)
class AcceptOrder:
    """The innermost step of a durable operation's ring: accepts the order in place of asking the system."""

    line: Line
    acceptor: Acceptor
    store: Store
    clock: Clock
    render: Callable[[Canonical, Call], Rendered]

    async def __call__(self, call: Call) -> Answer:
        declared, now = self.line.order, self.clock.now()
        declared.check(call.query, self.line.settings, day_in_vietnam(now))
        query = call.query.__pydantic_serializer__.to_json(call.query, by_alias=True)
        purpose = call.purpose
        span = None if (parent := CURRENT.get()) is None else parent.part("accept order", {})
        trace = "" if span is None else span.traceparent
        dossier, user = (purpose.dossier_id, purpose.user_id) if purpose else (None, None)
        body = Body(query, dossier, user, trace).dump()
        following = self.line.following
        opens = declared.opens_case and following is not None
        first = self.render(declared.accepted(call.query), call)
        order = Order(
            line=self.line,
            query=call.query,
            key=declared.key_of(call.query),
            caller=call.caller,
            request_id=call.request_id,
            sealed=await self._seal(body),
            body_hash=blake2b(query, digest_size=32).digest(),
            idempotency_key=call.idempotency_key,
            answer=first.data,
            due_at=working_days.limit(now, following.time_limit_days(call.query, self.line.settings))
            if following and opens
            else None,
            done=asyncio.get_running_loop().create_future(),
            held_answer=None if declared.held is None else self.render(declared.held(call.query), call).data,
            sort=None if declared.order_of is None else declared.order_of(call.query, self.line.settings),
            same=None if declared.same_as is None else declared.same_as(call.query),
            trace=trace,
        )
        self.acceptor.opened.keep(order.sealed, Message(call.query, purpose, trace))
        accepted = await ended_with(span, self.acceptor.accept(order))
        log_accepted(call, trace, repeated=accepted.repeated)
        if accepted.repeated:
            call.trace.notes.append("idempotency=repeated")
        if accepted.answer is not first.data:
            first = msgspec.structs.replace(first, data=accepted.answer)
        return Answer(value=first, fetched_at=now, repeated=accepted.repeated)

    async def _seal(self, body: bytes) -> bytes:
        if len(body) <= _LARGE:
            return self.store.cipher.encrypt(body, b"messages.body")
        return await asyncio.to_thread(self.store.cipher.encrypt, body, b"messages.body")
