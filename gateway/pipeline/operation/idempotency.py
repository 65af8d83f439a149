"""Carries out an order with an ``Idempotency-Key`` once, however often it is sent.

The rules are those of draft-ietf-httpapi-idempotency-key-header: same key and same body get the stored answer, another
body is refused, and while the first is still running the second is told so. An order with the outcome ``unknown``
keeps it: sending it again could carry it out twice, so its error is repeated. The exception is a source that recognises
keys, or dossiers that it already has: then the caller may send the order again with the same key, and "we have it" is
the proof.

An order that has begun runs to its end when its caller hangs up: half an order is worse than an answer that is not
read, and a caller that comes back with the key gets the answer.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, ClassVar, Final, TypeAlias

from msgspec.structs import replace

from gateway.core.call import Answer, Call
from gateway.core.canonical import Content
from gateway.core.clock import Clock
from gateway.core.problems import (
    AlreadyReceived,
    GatewayError,
    IdempotencyKeyReused,
    InProgress,
    OffContract,
    Overloaded,
)
from gateway.core.steps import Next

KEPT_S: Final = 86_400.0
"""How long an answer is repeated: a day, as payment services do it."""
MOST: Final = 10_000
IN_PROGRESS_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class ScopedKey:
    """A key with its caller and operation: the equal key of another caller is another key."""

    caller: str
    operation: str
    key: str


@dataclass(frozen=True, slots=True)
class Running:
    """The first request is still running; *body* is the hash of its body."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Completed:
    """The order's answer or error, repeated until *until* (monotonic seconds)."""

    body: bytes
    until: float
    ended: Answer | GatewayError


Known: TypeAlias = Running | Completed


def decide(known: Known | None, body: bytes, now: float) -> Answer | GatewayError | None:
    """The answer or error of an order whose key has the state *known*; None for a new order, which goes on."""
    if known is None or (isinstance(known, Completed) and now >= known.until):
        return None
    if known.body != body:
        return IdempotencyKeyReused()
    if isinstance(known, Running):
        return InProgress(retry_after=IN_PROGRESS_S)
    return known.ended


class IdempotencyKeys:
    """The orders under way and the states of keys, in this process; the oldest that ended are forgotten first.

    A restart loses them: orders that must survive one belong to the durable issuance.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[ScopedKey, Known] = OrderedDict()
        self._under_way: set[asyncio.Task[Answer]] = set()

    def __len__(self) -> int:
        return len(self._known)

    def get(self, key: ScopedKey) -> Known | None:
        return self._known.get(key)

    def put(self, key: ScopedKey, known: Known) -> None:
        """Remembers *known*.

        Raises:
            Overloaded: All remembered orders are still running, so none can be forgotten.
        """
        self._known.pop(key, None)
        if len(self._known) >= self._most:
            ended = next((other for other, state in self._known.items() if isinstance(state, Completed)), None)
            if ended is None:
                raise Overloaded("Too many orders are running at once.", reason="orders_full")
            del self._known[ended]
        self._known[key] = known

    def forget(self, key: ScopedKey) -> None:
        self._known.pop(key, None)

    async def to_its_end(self, order: Coroutine[Any, Any, Answer]) -> Answer:
        """Runs *order* to its end, also when its caller leaves; each ends by its own deadline, so orders do not pile
        up.
        """
        task = asyncio.create_task(order, name="order")
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Answer]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()

    async def close(self, grace_s: float = 0.0) -> None:
        """Lets the orders under way end for *grace_s*, then gives them up."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The step of one operation; *keyed_writes*, *known_again*: see :class:`gateway.core.connector.Dialect`."""

    name: ClassVar[str] = "idempotency"
    sees_hits: ClassVar[bool] = True

    idempotency_keys: IdempotencyKeys
    operation: str
    keyed_writes: bool
    known_again: bool
    clock: Clock

    async def __call__(self, proceed: Next[Call, Answer], call: Call) -> Answer:
        if call.idempotency_key is None:
            return await self.idempotency_keys.to_its_end(_asked(proceed, call))
        key = ScopedKey(call.caller, self.operation, call.idempotency_key)
        body = blake2b(call.query.__pydantic_serializer__.to_json(call.query), digest_size=16).digest()
        found = decide(self.idempotency_keys.get(key), body, self.clock.monotonic())
        if isinstance(found, GatewayError):
            if not (self.known_again and found.outcome("write") == "unknown"):
                raise found.replace()
            call.trace.notes.append("idempotency=sent_again")
            call, found = replace(call, may_have_arrived=True), None
        if found is not None:
            call.trace.notes.append("idempotency=repeated")
            age = (self.clock.now() - found.fetched_at).total_seconds()
            return replace(found, freshness="cached", age=max(0.0, age), repeated=True)
        self.idempotency_keys.put(key, Running(body))
        return await self.idempotency_keys.to_its_end(self._order(proceed, call, key, body))

    async def _order(self, proceed: Next[Call, Answer], call: Call, key: ScopedKey, body: bytes) -> Answer:
        # What the key says of an order that is given up in the middle, as when the process ends.
        ended: Answer | GatewayError = OffContract(
            "The gateway stopped waiting for the order's answer; ask for its state before you send it again.",
            reason="cut_off",
            may_have_arrived=True,
        )
        try:
            ended = await proceed(call)
        except GatewayError as error:
            # What may have arrived the first time stays unknown, however the second time ends.
            ended = error.replace(may_have_arrived=error.may_have_arrived or call.may_have_arrived)
            if ended.may_have_arrived == error.may_have_arrived:
                raise
            raise ended.replace() from error.__cause__
        else:
            return ended
        finally:
            self._remember(key, body, ended)

    def _remember(self, key: ScopedKey, body: bytes, ended: Answer | GatewayError) -> None:
        if isinstance(ended, GatewayError):
            # "They have it already" is no memory of this key: kept, it would make a repetition look like a recovery.
            known = isinstance(ended, AlreadyReceived)
            keep = ended.outcome("write") == "unknown" and not self.keyed_writes and not known
        else:
            keep = not isinstance(ended.value, Content)
        if keep:
            self.idempotency_keys.put(key, Completed(body, self.clock.monotonic() + KEPT_S, ended))
        else:
            self.idempotency_keys.forget(key)


async def _asked(proceed: Next[Call, Answer], call: Call) -> Answer:
    return await proceed(call)
