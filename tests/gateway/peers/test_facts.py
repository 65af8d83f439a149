"""Facts that gateways know of each other: on a real Redis, and in the folder of one machine's workers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from gateway.core.actions import Action
from gateway.core.clock import SystemClock
from gateway.core.facts import FactsAway
from gateway.core.interventions import Isolation, News
from gateway.peers.cache_news import KEPT_S, CacheNews
from gateway.peers.facts import Facts, FolderFacts
from gateway.peers.facts_book import FactsBook
from gateway.peers.redis_facts import RedisFacts
from gateway.peers.redis_link import RedisLink
from gateway.pipeline.cache.cache_key import AccessScope, CacheKey
from gateway.pipeline.cache.invalidation import InvalidationLog, Tagger
from gateway.pipeline.cache.shared.redis_settings import RedisSettings
from gateway.testing.clock import FakeClock
from tests.gateway.pipeline.redis_server import RedisServer

SECRET: Final = "the secret that the gateways of these tests share"
PATIENCE_S: Final = 10.0
DID: Final = Action("an", "isolate", "register/ws", "bảo trì", datetime(2026, 11, 24, 3, tzinfo=UTC), {})
MakeFacts = Callable[..., Facts]


@pytest.fixture
async def on_redis(own_redis: RedisServer, clock: FakeClock) -> AsyncIterator[MakeFacts]:
    """Facts on the test's own Redis."""
    async with AsyncExitStack() as stack:
        links = []

        def make(*secrets: str) -> Facts:
            """Those of one gateway."""
            settings = RedisSettings.model_validate({"url": own_redis.url, "key": SECRET})
            link = RedisLink(settings, SystemClock(), wait_s=PATIENCE_S)
            link.up = True
            links.append(link)
            stack.push_async_callback(link.close)
            return Facts(RedisFacts(link), secrets or (SECRET,), clock)

        yield make


@pytest.fixture
def in_folder(tmp_path: Path, clock: FakeClock) -> MakeFacts:
    """Facts in one folder."""
    return lambda *secrets: Facts(FolderFacts(tmp_path), secrets or (SECRET,), clock)


@pytest.fixture(params=["in_folder", pytest.param("on_redis", marks=pytest.mark.redis)])
def make(request: pytest.FixtureRequest) -> MakeFacts:
    """Either."""
    found: MakeFacts = request.getfixturevalue(request.param)
    return found


async def test_the_newest_of_a_name_holds_until_its_end(make: MakeFacts, clock: FakeClock) -> None:
    """Whoever wrote it; what has ended is gone."""
    one, other = make(), make()
    await one.put("k", "a", b"1", 60)
    await other.put("k", "a", b"2", 60)
    await other.put("k", "b", b"3", 10)
    assert (await one.all("k"), await one.find("k", "a")) == ({"a": b"2", "b": b"3"}, b"2")
    assert await one.all("other") == {}
    await clock.advance(11)

    assert await one.all("k") == {"a": b"2"}
    assert await other.find("k", "b") is None


async def test_nobody_reads_or_writes_a_fact_without_the_secret(make: MakeFacts) -> None:
    """Another secret, another name, or bytes of somebody else: no fact. An older secret opens while it is rotated."""
    one, stranger = make(), make("the secret of somebody else, who is long enough")
    await one.put("k", "a", b"open sesame", 60)
    sealed = await one._store.find("k", "a")  # as an attacker of Redis sees it
    assert sealed is not None
    assert b"sesame" not in sealed
    await one._store.put("k", {"b": sealed, "c": b"nonsense"})

    assert await make("a new secret, which is long enough for a key", SECRET).find("k", "a") == b"open sesame"
    assert await one.find("k", "b") is None
    assert await one.all("k") == {"a": b"open sesame"}
    assert await stranger.find("k", "a") is None


@pytest.mark.redis
async def test_redis_away_facts_are_away(on_redis: MakeFacts, own_redis: RedisServer) -> None:
    """And nothing waits."""
    facts = on_redis()
    own_redis.stop()
    with pytest.raises(FactsAway):
        await facts.put("k", "a", b"1", 60)
    with pytest.raises(FactsAway):
        await facts.all("k")


def isolation(clock: FakeClock, minutes: float = 30) -> Isolation:
    """One of the register."""
    now = clock.now()
    return Isolation("register", "ws", "isolation", "an", "bảo trì", now, now + timedelta(minutes=minutes))


async def test_an_isolation_at_one_gateway_is_known_at_the_other_and_its_release_too(
    make: MakeFacts, clock: FakeClock
) -> None:
    """With its reason and its end, also at a gateway that starts later; each deed is in the record of its gateway."""
    one, other = FactsBook(make(), clock), FactsBook(make(), clock)
    kept = await one.isolate(isolation(clock), DID)
    assert list((await other.look()).isolations) == [kept]
    assert list((await FactsBook(make(), clock).look()).isolations) == [kept]
    await other.release([kept.id], DID)

    assert [list((await book.look()).isolations) for book in (one, other)] == [[], []]
    assert [len(await book.actions(10, 10)) for book in (one, other)] == [1, 1]


async def test_news_reach_each_gateway(make: MakeFacts, clock: FakeClock) -> None:
    """A purge and a closed breaker, once, for a minute."""
    one, other = FactsBook(make(), clock), FactsBook(make(), clock)
    number = await one.publish(News("purge", clock.now(), "register", "record", "0100109106"), DID)
    (heard,) = (await other.look()).news
    assert (heard.id, heard.subject, heard.at) == (number, "0100109106", clock.now())
    await clock.advance(61)

    assert list((await other.look()).news) == []


@pytest.mark.redis
async def test_without_redis_an_isolation_acts_here_and_is_told_later(
    on_redis: MakeFacts, own_redis: RedisServer, clock: FakeClock
) -> None:
    """Nothing that an operator ordered is lost by an outage, and what was released is not told."""
    one, other = FactsBook(on_redis(), clock), FactsBook(on_redis(), clock)
    own_redis.stop()
    kept = await one.isolate(isolation(clock), DID)
    ended = await one.isolate(isolation(clock), DID)
    await one.release([ended.id], DID)
    assert list((await one.look()).isolations) == [kept]
    assert list((await other.look()).isolations) == []
    own_redis.start()
    for book in (one, other):
        await book.facts._store._link.look()  # type: ignore[attr-defined]  # as its own task does each second

    assert list((await one.look()).isolations) == [kept]
    assert list((await other.look()).isolations) == [kept]


KEY: Final = CacheKey(
    connector="register", operation="record", query=b"{}", scope=AccessScope("full", ""), purpose="none"
)


async def test_a_purge_of_one_worker_is_one_of_all(in_folder: MakeFacts, clock: FakeClock) -> None:
    """What others hold is purged after their next turn, and what they asked for later is not."""
    logs = [InvalidationLog(), InvalidationLog()]
    one, other = (CacheNews(in_folder(), log, clock) for log in logs)
    tags = Tagger(one.hashes).connector("register")
    order = logs[1].tick()
    one.purge(tags, clock.now().timestamp())
    for worker in (one, other, one, other):
        await worker.turn()

    assert Tagger(other.hashes).connector("register") == tags
    assert not logs[1].is_current(tags, order)
    assert logs[1].is_current(tags, logs[1].tick())
    assert len(logs[0]) == 0, "its own purge was done before it was told"


async def test_a_renewal_of_one_worker_is_one_of_all(in_folder: MakeFacts, clock: FakeClock) -> None:
    """The others forget the older answer."""
    logs = [InvalidationLog(), InvalidationLog()]
    one, other = (CacheNews(in_folder(), log, clock) for log in logs)
    one.renewed(KEY, clock.now().timestamp())
    for worker in (one, other):
        await worker.turn()

    assert logs[1].renewal(lambda: [other.hashes[0].of("entry", KEY)]).at == clock.now().timestamp()
    assert logs[0].version == 0


async def test_a_worker_that_was_stopped_forgets_everything(in_folder: MakeFacts, clock: FakeClock) -> None:
    """It can't know what it has missed."""
    log = InvalidationLog()
    worker = CacheNews(in_folder(), log, clock)
    order = log.tick()
    await clock.advance(KEPT_S)
    await worker.turn()

    assert not log.is_current((), order)
