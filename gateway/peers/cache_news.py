"""Purges and renewals of answers among the workers of one machine that share no Redis: each keeps its own answers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from gateway.core.clock import Clock
from gateway.core.facts import FactsAway
from gateway.core.lasting import lasting
from gateway.peers import tasks
from gateway.peers.facts import MOST, Facts
from gateway.pipeline.cache.cache_key import CacheKey, KeyedHash
from gateway.pipeline.cache.invalidation import InvalidationLog, Tag, Tagger
from gateway.pipeline.cache.store import Entry

PURGE: Final = "purge"
RENEWAL: Final = "renewal"
EVERY_S: Final = 0.5
KEPT_S: Final = 10.0


class CacheNews:
    """See :class:`gateway.pipeline.cache.store.SharedStore`; it holds no answers.

    A worker that may have missed some, because it could not hear for a while or because there are too many, forgets
    everything.
    """

    ready = False

    def __init__(self, facts: Facts, invalidations: InvalidationLog, clock: Clock) -> None:
        self._facts = facts
        self.invalidations = invalidations
        self._clock = clock
        self._purges: dict[str, bytes] = {}
        self._renewals: dict[str, bytes] = {}
        self._heard: dict[tuple[str, str], bytes] = {}
        self._heard_at = clock.monotonic()
        self._task: asyncio.Task[None] | None = None

    @property
    def hashes(self) -> Sequence[KeyedHash]:
        """The keyed hashes that all workers share."""
        return (self._facts.hashes,)

    async def get(self, key: CacheKey, until: float) -> Entry | None:  # noqa: ARG002  # the protocol's signature
        """None: each worker has its own answers."""
        return None

    def put(self, key: CacheKey, entry: Entry) -> None:
        """Does nothing: each worker has its own answers."""

    def purge(self, tags: Sequence[Tag], at: float) -> None:
        """See :class:`gateway.pipeline.cache.store.SharedStore`."""
        self._purges |= {tag.hex(): b"%.3f" % at for tag in tags}
        if len(self._purges) > MOST:
            self._purges = {tag.hex(): b"%.3f" % at for tag in Tagger(self.hashes).everything()}

    def renewed(self, key: CacheKey, at: float) -> None:
        """See :class:`gateway.pipeline.cache.store.SharedStore`."""
        if len(self._renewals) < MOST:
            self._renewals[self._facts.hashes.of("entry", key).hex()] = b"%.3f" % at

    async def open(self) -> None:
        """Begins to tell and to hear."""
        self._task = lasting(self._run, self._clock, "news of the cache")

    async def close(self) -> None:
        """Ends it."""
        await tasks.end([] if self._task is None else [self._task])

    async def turn(self) -> None:
        """Tells what waits, and hears what others told."""
        try:
            self._purges = await self._told(PURGE, dict(self._purges))
            self._renewals = await self._told(RENEWAL, dict(self._renewals))
            purges, renewals = await self._facts.all(PURGE), await self._facts.all(RENEWAL)
        except FactsAway:
            return
        heard = {(kind, name): at for kind, told in ((PURGE, purges), (RENEWAL, renewals)) for name, at in told.items()}
        if self._clock.monotonic() - self._heard_at > KEPT_S - 2 * EVERY_S or len(heard) >= MOST:
            self.invalidations.forget_before(self._clock.now().timestamp())
        for (kind, name), at in heard.items():
            if self._heard.get((kind, name)) != at:
                self._take(kind, bytes.fromhex(name), float(at))
        self._heard, self._heard_at = heard, self._clock.monotonic()

    async def _told(self, kind: str, waiting: Mapping[str, bytes]) -> dict[str, bytes]:
        """Tells *waiting*, and returns what came meanwhile."""
        if not waiting:
            return {}
        await self._facts.put_all(kind, waiting, KEPT_S)
        self._heard |= {(kind, name): at for name, at in waiting.items()}
        now = self._purges if kind == PURGE else self._renewals
        return {name: at for name, at in now.items() if waiting.get(name) != at}

    def _take(self, kind: str, name: bytes, at: float) -> None:
        if kind == PURGE:
            self.invalidations.add(Tag(name), at)
        else:
            self.invalidations.add_renewal(name, at)

    async def _run(self) -> None:
        while True:
            await self._clock.sleep(EVERY_S)
            await self.turn()
