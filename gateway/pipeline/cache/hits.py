"""Fresh cache entries that are replayed without asking the ring."""

from __future__ import annotations

from gateway.core.call import LARGE, EncodedHit, Rendered, Replay
from gateway.core.clock import Clock
from gateway.pipeline.cache.cache_key import CacheKey
from gateway.pipeline.cache.freshness import early_in
from gateway.pipeline.cache.invalidation import InvalidationLog
from gateway.pipeline.cache.memory import Memory


class ReplayableHits:
    """See :class:`gateway.core.call.HitMemory`.

    An entry is replayed while it is fresh, while it is not due for its early renewal, and while no purge has come since
    the ring last looked at it. In each other case the ring decides, and its next hit makes the entry replayable again.
    """

    __slots__ = ("_invalidations", "_memory", "_monotonic")

    def __init__(self, memory: Memory, invalidations: InvalidationLog, clock: Clock) -> None:
        self._memory = memory
        self._invalidations = invalidations
        self._monotonic = clock.monotonic

    def attach(self, key: bytes, encoded: EncodedHit) -> None:
        assert isinstance(key, CacheKey)
        self._memory.attach(key, encoded)

    def replay(self, key: bytes, *, gzip: bool) -> Replay | None:
        assert isinstance(key, CacheKey)
        held = self._memory.get(key)
        if held is None or held.encoded is None or held.version != self._invalidations.version:
            return None
        value, now = held.value, self._monotonic()
        stored_at, fresh_until, _ = held.life
        if now >= early_in(stored_at, fresh_until):
            return None
        assert isinstance(value, Rendered), "only records are encoded"
        if gzip and held.encoded.packed is None and len(value.data) > LARGE:
            return None
        held.hits += 1
        return Replay(value.data, held.encoded, now - stored_at, fresh_until - now)
