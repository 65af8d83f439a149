"""Exchanges purges between gateways through a Redis stream; a gateway that was cut off continues where it stopped.

If it can't know what it has missed (the stream was emptied, or cut short behind it), it forgets everything.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import ResponseError

from gateway.core.clock import Clock
from gateway.pipeline.cache.invalidation import SKEW_S, InvalidationLog, Tag

MOST_TOLD: Final = 10_000
"""Purges that the stream remembers."""
AT_ONCE: Final = 500
START: Final = b"0-0"
Soon: TypeAlias = Callable[[Awaitable[Any]], Awaitable[Any]]
Told: TypeAlias = tuple[bytes, Mapping[bytes, bytes] | None]


def position(told: bytes) -> tuple[int, int]:
    """A stream's id as two numbers that can be compared."""
    milliseconds, _, sequence = told.partition(b"-")
    return int(milliseconds), int(sequence)


class InvalidationStream:
    """Reads and writes the stream for one gateway. *soon* limits each exchange with Redis."""

    def __init__(self, client: Redis, name: bytes, *, invalidations: InvalidationLog, clock: Clock, soon: Soon) -> None:
        self._client = client
        self._name = name
        self._invalidations = invalidations
        self._clock = clock
        self._soon = soon
        self._me = secrets.token_hex(8).encode()
        self._last = START
        self._begun = False

    async def publish(self, purges: Mapping[Tag, float]) -> None:
        """Tells others of *purges*, asked for at these instants of the wall clock."""
        pipe = self._client.pipeline(transaction=False)
        for tag, at in purges.items():
            fields: dict[Any, Any] = {"t": tag, "a": round(at * 1000), "o": self._me}
            _ = pipe.xadd(self._name, fields, maxlen=MOST_TOLD, approximate=True)
        await self._soon(pipe.execute())

    async def publish_renewals(self, renewals: Mapping[bytes, float]) -> None:
        """Tells others of answers, by the keyed hashes of their keys, that were asked for anew at these instants."""
        pipe = self._client.pipeline(transaction=False)
        for name, at in renewals.items():
            fields: dict[Any, Any] = {"n": name, "a": round(at * 1000), "o": self._me}
            _ = pipe.xadd(self._name, fields, maxlen=MOST_TOLD, approximate=True)
        await self._soon(pipe.execute())

    async def poll(self) -> int:
        """Takes all purges since the last time; returns how many could not be read."""
        unreadable = 0
        while True:
            pipe = self._client.pipeline(transaction=False)
            _ = pipe.xrange(self._name, count=1)
            _ = pipe.xlen(self._name)
            _ = pipe.xrange(self._name, min=b"(" + self._last, count=AT_ONCE)
            first, length, told = await self._soon(self._read(pipe))
            self._mind_the_gap(first, length)
            for told_at, fields in told:
                unreadable += not self._take(fields)
                self._last = told_at
            if len(told) < AT_ONCE:
                return unreadable

    async def _read(self, pipe: Pipeline) -> list[Any]:
        try:
            return await pipe.execute()
        except ResponseError as error:
            # Something else stands under the stream's name: away with it, and the next turn finds the gap.
            if "WRONGTYPE" in str(error):
                await self._client.unlink(self._name)
            raise

    def _mind_the_gap(self, first: list[Told], length: int) -> None:
        if not self._begun:
            self._begun = True
            if length >= MOST_TOLD:
                self._invalidations.forget_before(position(first[0][0])[0] / 1000 + SKEW_S)
        elif self._last != START and (not first or position(first[0][0]) > position(self._last)):
            self._invalidations.forget_before(self._clock.now().timestamp())
            self._last = START

    def _take(self, fields: Mapping[bytes, bytes] | None) -> bool:
        try:
            assert fields is not None
            at, origin, renewed = int(fields[b"a"]) / 1000, fields[b"o"], fields.get(b"n")
            tag = Tag(fields[b"t"]) if renewed is None else None
        except (AssertionError, KeyError, ValueError):
            return False
        # A clock that is far ahead must not forbid what will be answered until then.
        at = min(at, self._clock.now().timestamp() + SKEW_S)
        if origin == self._me:
            return True
        if tag is not None:
            self._invalidations.add(tag, at)
        elif renewed is not None:
            self._invalidations.add_renewal(renewed, at)
        return True
