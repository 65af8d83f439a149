"""Work at the store's door and in its worker, in one process: ``python -m benchmarks.store_work WORK …``.

Prints seconds, and those of the process's CPU, as JSON. *accept* accepts orders through the gateway's loop, *statement*
inserts the same three rows by one statement each; *drain* lets the worker send what was accepted a moment ago,
*backlog* what it has to open and read first; *list* tries the same orders in the same way with a list in place of the
store, and *ring* sends them through the ring alone, without a try around it. A process of its own, so that it can be
pinned to one core.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from psycopg_pool import AsyncConnectionPool

from benchmarks.baselines import run
from benchmarks.store import order
from gateway.adapters.in_flight import InFlight
from gateway.cli.serve import settle_memory
from gateway.connectors.criminal_records.model import ApplicationOrder
from gateway.core.call import Purpose
from gateway.core.canonical import Canonical
from gateway.core.clock import SystemClock
from gateway.core.events import silence
from gateway.durable.lanes.decisions import Arrived
from gateway.durable.lanes.tables import Claimed
from gateway.durable.opened import Message
from gateway.durable.order_log import log_ended
from gateway.durable.orders import Body, Errand, Line, Order
from gateway.durable.release import LaneGate, Permission, Releases, boot_time
from gateway.durable.sending import Sending
from gateway.observe.logs import logging_to_stderr
from gateway.orders import OrderOffice, open_office
from gateway.pipeline.upstream.daily_quota import MemoryDays
from gateway.registry import plan
from gateway.settings import load
from gateway.upstreams import CONTRACTS, WayMaker

CALLERS: Final = 500
"""Callers that wait at the door at once."""
APPLY: Final = "criminal_records.apply"
LEASE_S: Final = 90.0
LOOK_S: Final = 0.02
One = TypeVar("One")
_THREE_ROWS: Final = """
with l as (
    insert into lanes (system, key, tail, operation, due_at) values ('bare', %s, 1, 'bare.apply', now()) returning id
), m as (
    insert into messages (lane, seq, operation, caller, request_id, accepted_at, body)
    select id, 1, 'bare.apply', 'portal', '1', now(), %s from l
)
insert into idempotency_keys (caller, operation, key, body_hash, lane, seq, answer, created_at)
select 'portal', 'bare.apply', %s, %s, id, 1, %s, now() from l
"""


class Work:
    """An office with its rings, and orders for it."""

    def __init__(self, office: OrderOffice, first: int) -> None:
        self.office = office
        self.line: Line = office.lines[APPLY]
        self._next = first

    def make(self) -> Order:
        """Another order, as it comes to the door."""
        self._next += 1
        query = ApplicationOrder.model_validate(order(self._next))
        written = query.__pydantic_serializer__.to_json(query, by_alias=True)
        body = Body(written, query.dossier_code, "canbo.bench")
        sealed = self.office.store.cipher.encrypt(body.dump(), b"messages.body")
        self.office.acceptor.opened.keep(sealed, Message(query, body.purpose))
        return Order(
            line=self.line,
            query=query,
            key=query.dossier_code,
            caller="portal",
            request_id="1",
            sealed=sealed,
            body_hash=written[:32],
            idempotency_key=f"door-{self._next}",
            answer=b'{"state":"accepted"}',
            due_at=None,
            done=asyncio.get_running_loop().create_future(),
        )

    async def accept(self, number: int) -> Spent:
        """Accepts *number* orders of callers that wait for their answer."""
        made = [self.make() for _ in range(number)]
        return await timed(each(made, CALLERS, self.office.acceptor.accept))

    async def statement(self, number: int) -> Spent:
        """Inserts their rows, an order a statement, on as many connections."""
        made = [self.make() for _ in range(number)]
        url = self.office.store.settings.url
        assert url is not None
        size = self.office.store.settings.connections
        async with AsyncConnectionPool(
            url.get_secret_value(), min_size=size, max_size=size, kwargs={"autocommit": True}
        ) as pool:

            async def insert(one: Order) -> None:
                async with pool.connection() as connection:
                    await connection.execute(
                        _THREE_ROWS, [one.key, one.sealed, one.idempotency_key, one.body_hash, one.answer]
                    )

            return await timed(each(made, CALLERS, insert))

    async def drain(self, number: int) -> Spent:
        """Lets the worker send *number* orders that wait."""
        await self.accept(number)
        return await timed(drained(self.office, "criminal_records"))

    async def backlog(self, number: int) -> Spent:
        """Lets the worker send *number* orders that another gateway accepted: it has to open and read each."""
        await self.accept(number)
        for _ in range(2):
            self.office.acceptor.opened.turn()
        return await timed(drained(self.office, "criminal_records"))

    async def list(self, number: int) -> Spent:
        """Tries *number* orders of a list as the worker does. Each may leave at once, and no result is written."""
        office, line = self.office, self.line
        tries = Sending(
            office.store.cipher,
            AlwaysLeave(office.store, SystemClock().now),
            lease_s=LEASE_S,
            dice=random.Random(1),
            kept=office.acceptor.opened,
        )

        async def send(one: Claimed) -> None:
            tried = await tries(line, [one], boot_time(), None)
            assert isinstance(tried[0].decision, Arrived), tried
            log_ended(tried)

        waiting = [claimed(self.make(), lane) for lane in range(number)]
        return await timed(each(waiting, line.road.room(), send))

    async def ring(self, number: int) -> Spent:
        """Sends *number* orders through the ring, from a list: nothing is decided about an answer."""
        line = self.line

        async def send(query: Canonical) -> None:
            errand = Errand(
                operation=line.order.operation,
                query=query,
                caller="portal",
                request_id="1",
                purpose=Purpose("bench", "canbo.bench"),
                seconds=line.deadline_s,
            )
            await line.order.send(query, line.road.upstream(errand))

        waiting = [self.make().query for _ in range(number)]
        return await timed(each(waiting, line.road.room(), send))


class AlwaysLeave(Releases):
    """Lets each message leave."""

    async def ask(self, gate: LaneGate) -> Permission:  # noqa: ARG002  # whichever it is
        return Permission(boot_time())


def claimed(order: Order, lane: int) -> Claimed:
    """*order* at the head of a lane of its own, as the store gives it for the first time."""
    return Claimed(
        lane=lane,
        system=order.line.system,
        key=order.key,
        seq=1,
        epoch=1,
        operation=order.line.operation,
        unknown=False,
        may_have_arrived=False,
        looks=0,
        resent=0,
        attempts=0,
        failures=0,
        tried_before=None,
        left_age=None,
        marked_age=None,
        caller=order.caller,
        request_id=order.request_id,
        body=order.sealed,
        accepted_at=datetime.now(UTC),
        preparing=False,
        form=None,
        left_before=False,
        list_most=None,
        copies=False,
        read_back=False,
        last=True,
        proven=True,
        reason=None,
    )


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of the clock, and of the process's CPU."""

    seconds: float
    cpu_s: float


async def timed(work: Coroutine[None, None, None]) -> Spent:
    """The time that *work* takes, in a process whose memory is settled as a gateway's is."""
    settle_memory()
    cpu, began = time.process_time(), time.perf_counter()
    await work
    return Spent(time.perf_counter() - began, time.process_time() - cpu)


async def drained(office: OrderOffice, system: str) -> None:
    """Lets the worker send all that waits for *system*."""
    await office.worker.open()
    while office.worker.under_way or await _waiting(office, system):  # noqa: ASYNC110  # it tells nobody that it is idle
        await asyncio.sleep(LOOK_S)


async def _waiting(office: OrderOffice, system: str) -> bool:
    async with office.store.connection() as connection:
        cursor = await connection.execute(
            "select exists (select from lanes where system = %s and due_at is not null)", [system]
        )
        row = await cursor.fetchone()
        assert row is not None
        return bool(row[0])


async def each(made: list[One], at_once: int, take: Callable[[One], Awaitable[object]]) -> None:
    async def one() -> None:
        while made:
            await take(made.pop())

    await asyncio.gather(*(one() for _ in range(at_once)))


@asynccontextmanager
async def working(config: Path) -> AsyncIterator[OrderOffice]:
    """An office of the deployment in *config* that accepts and lets bytes leave; its worker is not opened."""
    settings = load(config)
    planned, clock = plan(settings), SystemClock()
    async with AsyncExitStack() as stack:
        stack.enter_context(logging_to_stderr("json", "info", clock))  # as served: a line an order, beside the figures
        maker = WayMaker(InFlight(), MemoryDays(), clock, silence, silence)
        ways = await maker.open(planned, CONTRACTS)
        stack.push_async_callback(ways.close)
        office = await open_office(stack, settings, planned, clock, clock)
        (await office.prepare(settings, planned, ways.rings)).adopt()
        await office.acceptor.open()
        stack.push_async_callback(office.acceptor.close)
        await office.releases.open()
        stack.push_async_callback(office.releases.close)
        stack.push_async_callback(office.worker.close, 1.0)
        yield office


async def main(work: str, config: Path, number: int, first: int) -> Spent:
    """Does *work* with *number* orders."""
    async with working(config) as office:
        found: Spent = await getattr(Work(office, first), work)(number)
        return found


def cli() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", choices=("accept", "statement", "drain", "backlog", "list", "ring"))
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--number", type=int, default=2_000)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()

    async def start() -> None:
        spent = await main(given.work, given.config, given.number, given.first)
        sys.stdout.write(json.dumps(asdict(spent)))

    run(start())


if __name__ == "__main__":
    cli()
