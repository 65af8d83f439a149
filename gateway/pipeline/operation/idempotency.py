"""An order with an ``Idempotency-Key`` is done once, however often it is sent.

The rules are those of draft-ietf-httpapi-idempotency-key-header: same key and same body get the stored answer, another
body is refused, and while the first is still running the second is told so. An order whose outcome nobody knows stays
one: sending it again could double it, so its error is repeated, unless the source itself recognises keys, or
recognises what it has already: then the caller may send it again with the same key, and "we have it" is the proof.

An order that has begun goes on to its end when its caller hangs up: half an order is worse than an answer that nobody
hears, and who comes back with the key hears it.
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
from gateway.core.problems import GatewayError, IdempotencyKeyReused, InProgress, OffContract, Overloaded
from gateway.core.steps import Next

KEPT_S: Final = 86_400.0
"""How long an answer is repeated: a day, as payment services do it."""
MOST: Final = 10_000
IN_PROGRESS_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class ScopedKey:
    """Whose key, for which operation: another caller's equal key is another key."""

    caller: str
    operation: str
    key: str


@dataclass(frozen=True, slots=True)
class Running:
    """The first is still on its way; *body* is the hash of what was ordered."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Completed:
    """It ended so, and that is repeated until *until* (monotonic seconds)."""

    body: bytes
    until: float
    ended: Answer | GatewayError


Known: TypeAlias = Running | Completed


def decide(known: Known | None, body: bytes, now: float) -> Answer | GatewayError | None:
    """How an order ends of whose key this is *known*; None: it is new and goes."""
    if known is None or (isinstance(known, Completed) and now >= known.until):
        return None
    if known.body != body:
        return IdempotencyKeyReused()
    if isinstance(known, Running):
        return InProgress(retry_after=IN_PROGRESS_S)
    return known.ended


class IdempotencyKeys:
    """The orders under way, and what is known of keys, in this process; the oldest that ended are forgotten first.

    It knows nothing after a restart: orders that must survive one are the durable issuance's.
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
            Overloaded: So many orders are running that none may be forgotten.
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
        """Runs *order*, also when who awaits it leaves; each ends by its own deadline, so they do not pile up."""
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
            return replace(found, freshness="cached", age=max(0.0, age))
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
            keep = ended.outcome("write") == "unknown" and not self.keyed_writes
        else:
            keep = not isinstance(ended.value, Content)
        if keep:
            self.idempotency_keys.put(key, Completed(body, self.clock.monotonic() + KEPT_S, ended))
        else:
            self.idempotency_keys.forget(key)


async def _asked(proceed: Next[Call, Answer], call: Call) -> Answer:
    return await proceed(call)
