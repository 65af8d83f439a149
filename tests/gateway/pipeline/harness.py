"""The real rings around a scripted upstream, on a clock that stands still until told.

::

    world = worlds(ScriptedUpstream(fails(), answers()), policies={"retry": {"attempts": 2}})
    answer = await world.ask("a")           # or: task = world.start("a"); await world.clock.advance(1)
    assert world.upstream.count == 2

``worlds`` is a fixture: :func:`make_world`, closed when the test ends.
The register is made up: one read (``record``), one order (``order``, with an Idempotency-Key).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias, TypeVar

from gateway.core.call import NO_WISH, Answer, CacheWish, Call, Purpose, Rendered, Trace
from gateway.core.canonical import Canonical, Wire
from gateway.core.connector import Binding
from gateway.core.events import Event
from gateway.core.message import Exchange, Login, Outcome, Reply, Rest
from gateway.core.operation import Operation
from gateway.core.problems import Effect, GatewayError
from gateway.core.settings import UpstreamSettings
from gateway.core.upstream import Upstream, UpstreamRequest
from gateway.pipeline.build import (
    OperationParts,
    UpstreamParts,
    UpstreamRing,
    operation_ring,
    upstream_ring,
)
from gateway.pipeline.cache.answer_cache import AnswerCache
from gateway.pipeline.operation.call_connector import CallConnector
from gateway.pipeline.operation.idempotency import IdempotencyKeys
from gateway.pipeline.policies import UpstreamPolicies
from gateway.testing.clock import FakeClock
from tests.gateway.pipeline.scripted import HANG, After, Arrival, Hang, ScriptedUpstream, answers, fails, status

__all__ = [
    "HANG",
    "ORDER",
    "RECORD",
    "After",
    "Arrival",
    "Hang",
    "LongestWait",
    "ScriptedUpstream",
    "World",
    "Worlds",
    "answers",
    "fails",
    "make_world",
    "name_of",
    "sent_of",
    "status",
]

Worlds: TypeAlias = "Callable[..., World]"
E = TypeVar("E")


# ---- a made-up register


class RecordQuery(Canonical):
    """Which record."""

    code: str


class Record(Canonical):
    """What the register knows."""

    code: str
    name: str


class WireRecord(Wire):
    """The same, as the register spells it."""

    code: str
    name: str


RECORD: Final = Operation(
    name="record",
    query=RecordQuery,
    answer=Record,
    path="records/{code}",
    summary="A record of a register that does not exist",
    deadline_s=10.0,
)
ORDER: Final = Operation(
    name="order",
    query=RecordQuery,
    answer=Record,
    path="records",
    method="POST",
    effect="write",
    idempotency_key=True,
    subject=("code",),
    negative_s=0.0,
    summary="An order to a register that does not exist",
    deadline_s=10.0,
)
SETTINGS: Final = UpstreamSettings(url="https://register.example")


async def ask_register(query: RecordQuery, up: Upstream[UpstreamSettings]) -> Record | None:
    """The connector: one exchange, its key shown in a header where the call has one."""
    key = up.call.idempotency_key
    wire = await up.ask(
        Rest(
            name="tra",
            path="records",
            query={"code": query.code},
            headers={"Idempotency-Key": key} if key else {},
        ),
        WireRecord,
        same=lambda found: found.code == query.code,
    )
    return None if wire is None else Record(code=wire.code, name=wire.name)


# ---- the gateway around it


@dataclass(slots=True)
class World:
    """One upstream with its rings, and who asks."""

    clock: FakeClock
    upstream: ScriptedUpstream
    ring: UpstreamRing
    rings: Mapping[str, Callable[[Call], Awaitable[Answer]]]
    operations: Mapping[str, Operation[Any, Any]]
    caching: AnswerCache
    idempotency_keys: IdempotencyKeys
    events: list[Event]
    calls: list[Call] = field(default_factory=list)
    tasks: list[asyncio.Task[Answer]] = field(default_factory=list)

    def call(
        self,
        code: str = "a",
        *,
        operation: str = "record",
        timeout: float | None = None,
        caller: str = "portal",
        purpose: Purpose | None = None,
        cache: CacheWish = NO_WISH,
        **more: Any,
    ) -> Call:
        """A call as the door would make it; *timeout* is its ``X-Request-Timeout``."""
        declared = self.operations[operation]
        allowed = declared.deadline_s if timeout is None else min(timeout, declared.deadline_s)
        now = self.clock.monotonic()
        made = Call(
            connector="register",
            operation=declared,
            query=RecordQuery(code=code),
            caller=caller,
            request_id=f"r{len(self.calls)}",
            expires_at=now + allowed,
            trace=Trace(now),
            purpose=purpose,
            cache=cache,
            **more,
        )
        self.calls.append(made)
        return made

    async def run(self, call: Call) -> Answer:
        """Sends *call* through the operation's ring."""
        return await self.rings[call.operation.name](call)

    async def ask(self, code: str = "a", **more: Any) -> Answer:
        """Asks and waits; the source must answer without time passing."""
        return await self.run(self.call(code, **more))

    def start(self, code: str = "a", **more: Any) -> asyncio.Task[Answer]:
        """Asks, and gives the running task; let time pass with ``clock.advance``."""
        task = asyncio.get_running_loop().create_task(self.run(self.call(code, **more)))
        self.tasks.append(task)
        return task

    async def ask_within(self, seconds: float, code: str = "a", **more: Any) -> Answer:
        """Asks while *seconds* pass."""
        task = self.start(code, **more)
        await self.clock.advance(seconds)
        assert task.done(), f"no answer within {seconds} s"
        return await task

    async def error(self, code: str = "a", *, within: float = 0.0, **more: Any) -> GatewayError:
        """The error that a question ends in; fails where it is answered."""
        task = self.start(code, **more)
        await self.clock.advance(within)
        assert task.done(), f"no end within {within} s"
        found = task.exception()
        assert isinstance(found, GatewayError), found
        return found

    def of(self, kind: type[E]) -> list[E]:
        """The events of one *kind*, oldest first."""
        return [event for event in self.events if isinstance(event, kind)]

    async def close(self) -> None:
        """Ends what still runs."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.idempotency_keys.close()
        await self.caching.close()
        await self.ring.close()


def name_of(answer: Answer) -> str:
    """What the register said, from the rendered answer."""
    assert isinstance(answer.value, Rendered)
    return Record.model_validate_json(answer.value.data).name


def _operations(changes: Mapping[str, Any]) -> dict[str, Operation[Any, Any]]:
    """The register's operations with *changes*; of these, the order takes ``deadline_s`` alone."""
    order_changes = {key: changes[key] for key in ("deadline_s",) if key in changes}
    return {"record": replace(RECORD, **changes), "order": replace(ORDER, **order_changes)}


def _operation_ring(
    declared: Operation[Any, Any], ring: UpstreamRing, parts: Mapping[str, Any]
) -> Callable[[Call], Awaitable[Answer]]:
    """The ring of one operation, around the connector that asks the upstream's *ring*."""
    clock, observer, untold = parts["clock"], parts["observer"], ring.untranslatable
    source = CallConnector(
        Binding(declared, ask_register), SETTINGS, ring.run, clock, lambda _call: None, untold, observer, "ws"
    )
    return operation_ring(OperationParts(**{"operation": declared, "source": source, **parts})).run


def make_world(
    upstream: ScriptedUpstream | None = None,
    *,
    clock: FakeClock | None = None,
    operation: Mapping[str, Any] | None = None,
    policies: Mapping[str, Any] | None = None,
    classify: Callable[[Exchange, Reply], Outcome] = lambda _exchange, _reply: None,
    login: Login[Any] | None = None,
    caching: AnswerCache | None = None,
    upstream_parts: Mapping[str, Any] | None = None,
    operation_parts: Mapping[str, Any] | None = None,
) -> World:
    """A world.

    Args:
        upstream: What the source does; answers at once by default. Its clock becomes the world's.
        clock: The world's clock, to share one between worlds.
        operation: Changes to :data:`RECORD` (``fresh_s=60``); ``deadline_s`` goes to :data:`ORDER` too.
        policies: As in configuration; by default one attempt, so that a test counts its own requests.
        classify: The dialect's table.
        login: The dialect's login.
        caching: The cache, to share one between worlds.
        upstream_parts: More arguments of :class:`UpstreamParts`.
        operation_parts: More arguments of :class:`OperationParts`.
    """
    upstream = upstream or ScriptedUpstream()
    clock = upstream.clock = clock or upstream.clock
    events: list[Event] = []
    caching = caching or AnswerCache(clock=clock, observer=events.append)
    both: dict[str, Any] = {"connector": "register", "clock": clock, "observer": events.append}
    outward: dict[str, Any] = {
        "upstream": "ws",
        "settings": SETTINGS,
        "policies": UpstreamPolicies.model_validate({"retry": {"attempts": 1}, **(policies or {})}),
        "send": upstream.send,
        "classify": classify,
        "login": login,
    }
    ring = upstream_ring(UpstreamParts(**{**both, **outward, **(upstream_parts or {})}))
    keys = IdempotencyKeys()
    inward: dict[str, Any] = {"cache": caching, "scarce": ring.scarce, "idempotency_keys": keys}
    common = {**both, **inward, **(operation_parts or {})}
    operations = _operations(operation or {})
    rings = {name: _operation_ring(declared, ring, common) for name, declared in operations.items()}
    return World(clock, upstream, ring, rings, operations, caching, keys, events)


def sent_of(world: World, code: str = "a", *, effect: Effect = "read", **more: Any) -> UpstreamRequest:
    """An exchange as the connector would send it, for tests of the upstream ring alone."""
    call = world.call(code, **more)
    return UpstreamRequest(Rest(name="tra", path="records", query={"code": code}), call, effect, WireRecord, None)


class LongestWait(random.Random):  # a test's die is no secret
    """A die that always shows its highest number: back-offs become what they can be at most."""

    def uniform(self, a: float, b: float) -> float:
        """The longest that may be."""
        return b
