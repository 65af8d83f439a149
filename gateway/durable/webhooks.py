"""Tells webhooks of events: each event is put into the lane of its dossier at each webhook, and the worker sends it.

An event is marked for it in its own transaction; one gateway at a time takes the marked events in the sequence of their
numbers, writes the messages and takes the marks away, in one transaction. So none is lost, doubled or overtaken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from hashlib import blake2b
from typing import Any, Final, LiteralString, TypeAlias

import orjson
import psycopg
import structlog

from gateway.core.canonical import Canonical
from gateway.core.clock import Clock
from gateway.core.durable import DurableOrder, Entry, Moment, NotThere, entry_of
from gateway.core.lasting import lasting
from gateway.core.operation import Operation
from gateway.durable import accept_tables, tasks
from gateway.durable.accept_tables import Placed
from gateway.durable.lanes.tables import Connection
from gateway.durable.orders import Body, Line, Order, Road
from gateway.durable.store import Store, StoreUnavailable

SYSTEM: Final = "webhook."
DEADLINE_S: Final = 15.0
BATCH: Final = 200
POLL_S: Final = 1.0
LOCK: Final = 0x6C677377
EntryOf: TypeAlias = Callable[[str, Moment], Entry]
"""Gets the state before an event, and the event; what is told of it."""
log = structlog.get_logger("gateway.durable.webhooks")


class WebhookMessage(Canonical):
    """A message as it is sent, each time the same."""

    dossier_code: str
    id: str
    body: str


class WebhookReceipt(Canonical):
    """The receiver took a message."""

    id: str


DELIVER: Final = Operation(
    name="deliver",
    query=WebhookMessage,
    answer=WebhookReceipt,
    path="",
    method="POST",
    effect="write",
    summary="Tells a webhook of an event",
    deadline_s=DEADLINE_S,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A receiver. *events*: ``*``, ``system.*`` or ``system.kind``; *caller*: whose cases it is told of, None: all."""

    name: str
    events: tuple[str, ...]
    caller: str | None

    def wants(self, event: MarkedEvent) -> bool:
        """Whether it is told of *event*."""
        named = {"*", f"{event.system}.*", event.type}
        return not named.isdisjoint(self.events) and self.caller in {None, event.caller}


@dataclass(frozen=True, slots=True)
class MarkedEvent:
    """An event that webhooks have to be told of."""

    id: int
    system: str
    key: str
    moment: Moment
    caller: str | None
    """Of the case; None where there is none."""

    @property
    def type(self) -> str:
        """``system.kind``."""
        return f"{self.system}.{self.moment.kind}"

    def message(self, state: str, detail: str | None) -> WebhookMessage:
        """The message of this event, after which the case is in *state*."""
        at = self.moment.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        data = {"system": self.system, "key": self.key, "id": self.id, "state": state, "detail": detail}
        body = orjson.dumps({"type": self.type, "timestamp": at, "data": data}).decode()
        # Numbers are given again after a restore: what else is in the message tells such messages apart.
        mark = blake2b(body.encode(), digest_size=6).hexdigest()
        return WebhookMessage(dossier_code=self.key, id=f"evt_{self.id}_{mark}", body=body)


def line_to(webhook: Webhook, road: Road, deadline_s: float = DEADLINE_S) -> Line:
    """The line on which the messages of *webhook* go, each within *deadline_s* seconds."""

    async def ask(_query: Any, _upstream: Any) -> NotThere:
        return NotThere()  # a message that is sent again has the same id: the receiver knows it

    order = DurableOrder(
        operation=DELIVER,
        key_of=lambda message: str(message.dossier_code),
        check=lambda _query, _settings, _today: None,
        admit=lambda _query, _case, _settings: None,
        accepted=lambda message: WebhookReceipt(id=message.id),
        send=lambda message, upstream: upstream.deliver(message),  # type: ignore[attr-defined]  # the road's own
        ask=ask,
        repeat="same",
    )
    return Line(
        system=f"{SYSTEM}{webhook.name}",
        upstream="receiver",
        order=order,
        following=None,
        road=road,
        settings=None,
        deadline_s=deadline_s,
    )


_MARKED: Final[LiteralString] = """
select e.id, e.system, e.key, e.at, e.kind, e.detail, c.caller
from events e left join cases c on c.system = e.system and c.key = e.key
where e.outbox order by e.id limit %s
"""
_BEFORE: Final[LiteralString] = """
select e.id, e.system, e.key, e.at, e.kind, e.detail
from (select distinct system, key from unnest(%s::text[], %s::text[]) as t(system, key)) w
join events e using (system, key) where e.id <= %s order by e.id
"""
_TOLD: Final[LiteralString] = "update events set outbox = false where id = any(%s)"


class WebhookOutbox:
    """Puts marked events into the lanes of webhooks.

    Args:
        store: Where they are.
        clock: Tells business time.
        lines: The line of each webhook.
        told_by: How the cases of each system are told.
        moved: Told after each commit.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        lines: Sequence[tuple[Webhook, Line]],
        told_by: Mapping[str, EntryOf],
        moved: Callable[[], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._lines = lines
        self._told_by = told_by
        self._moved = moved
        self._due = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def adopt(self, lines: Sequence[tuple[Webhook, Line]], told_by: Mapping[str, EntryOf]) -> None:
        """Tells by *lines* and *told_by* from the next turn on."""
        self._lines, self._told_by = lines, told_by

    async def open(self) -> None:
        """Begins, where there are webhooks."""
        if self._lines:
            self._task = lasting(self._run, self._clock, "tell webhooks")

    async def close(self) -> None:
        """Ends; what is marked is told by another gateway, or after the next start."""
        if self._task is not None:
            await tasks.end([self._task])

    def wake(self) -> None:
        """Tells that there may be events."""
        self._due.set()

    async def _run(self) -> None:
        while True:
            try:
                while await self.turn():
                    self._moved()
            except (StoreUnavailable, psycopg.Error) as error:
                log.warning("webhooks could not be told", error=type(error).__name__)
                await self._clock.sleep(POLL_S)
            try:
                async with self._clock.timeout_at(self._clock.monotonic() + POLL_S):
                    await self._due.wait()
            except TimeoutError:
                pass  # a notice may be lost
            self._due.clear()

    async def turn(self) -> int:
        """Puts some marked events into lanes; the number of them."""
        async with self._store.connection() as connection, connection.transaction():
            cursor = await connection.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
            row = await cursor.fetchone()
            if row is None or not row[0]:
                return 0  # another gateway is at it
            cursor = await connection.execute(_MARKED, [BATCH])
            marked = [
                MarkedEvent(number, system, key, Moment(at, kind, detail), caller)
                for number, system, key, at, kind, detail, caller in await cursor.fetchall()
            ]
            if not marked:
                return 0
            await self._put(connection, [one for one in marked if not one.system.startswith(SYSTEM)])
            await connection.execute(_TOLD, [[one.id for one in marked]])
        return len(marked)

    async def _put(self, connection: Connection, marked: Sequence[MarkedEvent]) -> None:
        messages = await self._messages(connection, marked)
        wanted = [
            (line, message)
            for event, message in zip(marked, messages, strict=True)
            for webhook, line in self._lines
            if webhook.wants(event)
        ]
        lanes = await accept_tables.lock_lanes(connection, {(line.system, one.dossier_code) for line, one in wanted})
        placed, now = [], self._clock.now()
        for line, message in wanted:
            at = line.system, message.dossier_code
            lanes[at] = lanes[at].longer()
            placed.append(Placed(self._order(line, message), lanes[at], None, lanes[at].tail))
        await accept_tables.place(connection, placed, now)

    async def _messages(self, connection: Connection, marked: Sequence[MarkedEvent]) -> list[WebhookMessage]:
        """The messages of *marked*, with the state that each event brings."""
        if not marked:
            return []
        cursor = await connection.execute(
            _BEFORE, [[one.system for one in marked], [one.key for one in marked], marked[-1].id]
        )
        states: dict[tuple[str, str], str] = {}
        found: dict[int, tuple[str, str | None]] = {}
        for number, system, key, at, kind, detail in await cursor.fetchall():
            read = self._told_by.get(system, entry_of)
            entry = read(states.get((system, key), "accepted"), Moment(at, kind, detail))
            states[system, key] = entry.state
            found[number] = entry.state, entry.detail
        return [one.message(*found[one.id]) for one in marked]

    def _order(self, line: Line, message: WebhookMessage) -> Order:
        body = Body(message.model_dump_json(by_alias=True).encode(), None, None).dump()
        return Order(
            line=line,
            query=message,
            key=message.dossier_code,
            caller="gateway",
            request_id=message.id,
            sealed=self._store.cipher.encrypt(body, b"messages.body"),
            body_hash=b"",
            idempotency_key=None,
            answer=b"",
            due_at=None,
            done=asyncio.get_running_loop().create_future(),
        )
