"""The second level of the cache on Redis. Redis may be down, slow, full, read-only or damaged: no answer depends on it.

Requests only read, for a short time, and only while Redis works. Everything else (writes, purges, checking whether it
is back) is done by one task, which keeps what could not be sent and sends it later, the newest of each name. Purges
travel through a stream, so that a gateway that was cut off receives what it has missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Final, Literal, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from gateway.core.clock import Clock
from gateway.core.events import Observer, SharedCacheMoved, SharedCacheUsed
from gateway.core.lasting import lasting
from gateway.core.problems import Overloaded
from gateway.pipeline.cache.cache_key import CacheKey, KeyedHash
from gateway.pipeline.cache.invalidation import SKEW_S, InvalidationLog, Tag, Tagger
from gateway.pipeline.cache.shared.availability import Availability, Available, PassedOver, decide
from gateway.pipeline.cache.shared.encryption import STAMP_AT, EntryCipher, Poisoned
from gateway.pipeline.cache.shared.invalidation_stream import InvalidationStream
from gateway.pipeline.cache.shared.redis_settings import RedisSettings
from gateway.pipeline.cache.shared.write_queue import WriteBehindQueue
from gateway.pipeline.cache.single_flight import Flights
from gateway.pipeline.cache.store import Entry

T = TypeVar("T")

SYNC_S: Final = 1.0
"""How soon a purge of another gateway is heard of at the latest."""
AT_ONCE: Final = 64
"""Writes, or purges, in one message."""
_FAILURES: Final = (RedisError, OSError, TimeoutError)
_NEWEST_WINS: Final = """
local old = redis.pcall('GETRANGE', KEYS[1], ARGV[5], ARGV[6])
local stamp = type(old) == 'string' and tonumber(old)
if stamp and stamp > tonumber(ARGV[1]) and stamp <= tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
return 1
"""


def connect(settings: RedisSettings) -> Redis:
    """A client that neither waits nor retries by itself: both are decided here, on the injected clock."""
    more = {"ssl_ca_certs": settings.ca_file} if settings.ca_file else {}
    pool = BlockingConnectionPool.from_url(
        settings.url,
        username=settings.username,
        password=settings.password.get_secret_value() if settings.password else None,
        max_connections=32,
        timeout=None,
        socket_timeout=None,
        socket_connect_timeout=None,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        # Otherwise each new connection reads the package's metadata from disk, on the event loop (redis-py 8.1).
        driver_info=None,
        **more,
    )
    return Redis.from_pool(pool)


class RedisStore:
    """See :class:`gateway.pipeline.cache.store.SharedStore`."""

    def __init__(
        self, settings: RedisSettings, *, invalidations: InvalidationLog, clock: Clock, observer: Observer
    ) -> None:
        keys = [secret.get_secret_value().encode() for secret in (settings.key, *settings.previous_keys)]
        self._settings = settings
        self._invalidations = invalidations
        self._clock = clock
        self._observer = observer
        self._cipher = EntryCipher(keys, clock)
        self._client = connect(settings)
        self._prefix = f"{settings.prefix}:2:".encode()
        self._purges = InvalidationStream(
            self._client, self._prefix + b"purges", invalidations=invalidations, clock=clock, soon=self._soon
        )
        self._state: Availability = PassedOver(float("-inf"))
        self._told: bool | None = None
        self._write_again_at = float("-inf")
        self._pending = WriteBehindQueue(Tagger(self._cipher.hashes).everything())
        self._reads: Flights[CacheKey, Entry | None] = Flights(clock, invalidations.tick)
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def hashes(self) -> Sequence[KeyedHash]:
        """The keyed hashes that all gateways with the same keys share, the present one first."""
        return self._cipher.hashes

    @property
    def ready(self) -> bool:
        return isinstance(self._state, Available)

    @property
    def waiting(self) -> int:
        """The number of waiting writes and purges."""
        return len(self._pending)

    async def open(self) -> None:
        self._task = lasting(self._run, self._clock, "shared cache")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._reads.close()
        if self.ready and self.waiting:
            await self.turn()
        await self._client.aclose()

    # ---- what requests do

    async def get(self, key: CacheKey, until: float) -> Entry | None:
        if not self.ready:
            return None
        try:
            flight, _ = self._reads.start(key, key, self._read)
            return await self._reads.wait(flight, until)
        except (TimeoutError, Overloaded):
            return None

    def put(self, key: CacheKey, entry: Entry) -> None:
        self._wait(self._name(key, self._cipher.hashes[0]), entry)
        self._wake.set()

    def purge(self, tags: Sequence[Tag], at: float) -> None:
        self._pending.purge(tags, at)
        self._wake.set()

    def renewed(self, key: CacheKey, at: float) -> None:
        for hashes in self._cipher.hashes:
            self._pending.renewed(hashes.of("entry", key), at)
        self._wake.set()

    def _wait(self, name: bytes, entry: Entry) -> None:
        given_up = self._pending.write(name, entry)
        if given_up:
            self._observer(SharedCacheUsed("dropped", given_up))

    def _name(self, key: CacheKey, hashes: KeyedHash) -> bytes:
        return self._prefix + b"e:" + hashes.of("entry", key).hex().encode()

    async def _read(self, key: CacheKey) -> Entry | None:
        names = [self._name(key, hashes) for hashes in self._cipher.hashes]
        try:
            found = await self._soon(self._client.mget(names))
        except _FAILURES as error:
            self._failed(error)
            return None
        self._note("worked")
        entries = [entry for name, sealed in zip(names, found, strict=True) if (entry := self._opened(name, sealed))]
        newest = max(entries, key=lambda entry: entry.asked_at, default=None)
        self._observer(SharedCacheUsed("miss" if newest is None else "hit"))
        return newest

    def _opened(self, name: bytes, sealed: object) -> Entry | None:
        if not isinstance(sealed, bytes):
            return None
        try:
            return self._cipher.open(name, sealed)
        except Poisoned:
            self._observer(SharedCacheUsed("poisoned"))
            self._pending.delete(name)
            self._wake.set()
            return None

    # ---- what the one task does

    async def _run(self) -> None:
        while True:
            await self.turn()
            if isinstance(self._state, PassedOver):
                await self._clock.sleep(self._state.until - self._clock.monotonic())
                continue
            try:
                async with self._clock.timeout_at(self._clock.monotonic() + SYNC_S):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def turn(self) -> None:
        """Reads the purges of others, then sends what waits. Requests read only after the first part has worked."""
        self._wake.clear()
        try:
            unreadable = await self._purges.poll()
        except _FAILURES as error:
            self._failed(error)
            return
        self._note("worked")
        if unreadable:
            self._observer(SharedCacheUsed("poisoned", unreadable))
        if self._clock.monotonic() < self._write_again_at:
            return
        try:
            await self._tell()
        except ResponseError:
            # Read-only or full: it can still be read, and what waits is told later.
            self._observer(SharedCacheUsed("failed"))
            self._write_again_at = self._clock.monotonic() + self._settings.open_s
        except _FAILURES as error:
            self._failed(error)

    async def _tell(self) -> None:
        waiting = list(self._pending.purges().items())
        for start in range(0, len(waiting), AT_ONCE):
            some = dict(waiting[start : start + AT_ONCE])
            await self._purges.publish(some)
            self._pending.told(some)
            self._observer(SharedCacheUsed("purged", len(some)))
        if deletions := self._pending.deletions():
            await self._soon(self._client.unlink(*deletions))
        while some_writes := self._pending.next_writes(AT_ONCE, self._still_true):
            await self._write(some_writes)
        # After the writes: who hears of a renewal finds the new answer.
        while renewals := self._pending.renewals(AT_ONCE):
            await self._purges.publish_renewals(renewals)
            self._pending.told_renewed(renewals)

    def _still_true(self, entry: Entry) -> bool:
        return self._clock.monotonic() < entry.keep_until and self._invalidations.is_current(entry.tags, entry.order)

    async def _write(self, writes: Sequence[tuple[bytes, Entry]]) -> None:
        pipe = self._client.pipeline(transaction=False)
        now, limit = self._clock.monotonic(), round((self._clock.now().timestamp() + SKEW_S) * 1000)
        for name, entry in writes:
            left = max(1, round((entry.keep_until - now) * 1000))
            stamp = round(entry.asked_at * 1000)
            _ = pipe.eval(_NEWEST_WINS, 1, name, stamp, limit, self._cipher.seal(name, entry), left, *STAMP_AT)
        results: list[object] = [TimeoutError()] * len(writes)
        try:
            results = await self._soon(pipe.execute(raise_on_error=False))
        finally:
            for (name, entry), result in zip(writes, results, strict=True):
                if isinstance(result, Exception):
                    self._wait(name, entry)
        if written := results.count(1):
            self._observer(SharedCacheUsed("written", written))
        if outdated := results.count(0):
            self._observer(SharedCacheUsed("outdated", outdated))
        for result in results:
            if isinstance(result, Exception):
                raise result

    # ---- how it is

    async def _soon(self, answer: Awaitable[T]) -> T:
        async with self._clock.timeout_at(self._clock.monotonic() + self._settings.timeout_s):
            return await answer

    def _failed(self, error: Exception) -> None:
        self._note("failed", type(error).__name__)
        self._observer(SharedCacheUsed("failed"))

    def _note(self, event: Literal["worked", "failed"], cause: str = "") -> None:
        before = self._told
        settings = self._settings
        self._state = decide(
            self._state, event, self._clock.monotonic(), failures=settings.failures, open_s=settings.open_s
        )
        if self.ready is not before:
            self._told = self.ready
            self._observer(SharedCacheMoved(self.ready, cause))
