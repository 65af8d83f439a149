"""Gateways that count in one real Redis: away, frozen, come back empty, and processes that are killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from gateway.core.clock import SystemClock
from gateway.peers.caller_rates import SharedRates
from gateway.peers.folder_ledger import ReserveLedger, reserve
from gateway.peers.ledger import LedgerAway
from gateway.peers.quota_shares import QuotaShares
from gateway.peers.redis_ledger import RedisLedger
from gateway.peers.redis_link import WAIT_S, LinkAway, RedisLink
from gateway.pipeline.cache.shared.redis_settings import RedisSettings
from gateway.pipeline.operation.rate_limit import RateSettings
from gateway.pipeline.upstream.daily_quota import DayQuota
from tests.gateway.pipeline.redis_server import RedisServer, until

pytestmark = pytest.mark.redis
TODAY: Final = date(2026, 11, 24)
NAME: Final = "register.ws"
PATIENCE_S: Final = 10.0
"""In place of the 40 ms, where a machine with other work may be late."""
KEY: Final = "the secret that the gateways of these tests share"


@dataclass(slots=True)
class Counting:
    """The counts of one gateway; its background tasks do not run unless a test opens them."""

    link: RedisLink
    root: RedisLedger
    reserve: ReserveLedger
    shares: QuotaShares

    async def spend(self, times: int, quota: DayQuota) -> int:
        """How many of so many exchanges are granted."""
        return [await self.shares.spend(NAME, TODAY, quota, "interactive") for _ in range(times)].count("granted")


async def looked(gateway: Counting) -> None:
    """Lets *gateway* find its Redis, however late the machine is."""
    async with asyncio.timeout(PATIENCE_S):
        while not gateway.link.up:
            await gateway.link.look()


Gateways = Callable[..., Counting]


@pytest.fixture
async def gateways(own_redis: RedisServer) -> AsyncIterator[Gateways]:
    """Gateways on the test's own Redis, with the machine's clock: timeouts are Redis's."""
    async with AsyncExitStack() as stack:

        def make(folder: Path | None = None, wait_s: float = PATIENCE_S) -> Counting:
            """A gateway that ends with the test, without giving back what it holds."""
            clock = SystemClock()
            link = RedisLink(
                RedisSettings.model_validate({"url": own_redis.url, "key": KEY}),
                clock,
                wait_s=wait_s,
                late_s=PATIENCE_S,
            )
            root = RedisLedger(link)
            held = ReserveLedger(folder, root)
            stack.push_async_callback(link.close)
            stack.push_async_callback(held.close)
            return Counting(link, root, held, QuotaShares(held, clock, part=100))

        yield make


async def test_two_gateways_never_spend_more_than_one_quota(gateways: Gateways) -> None:
    """However they take turns, and although each holds a share."""
    one, other = gateways(), gateways()
    await asyncio.gather(one.link.look(), other.link.look())
    quota = DayQuota(1_000, 0.0)
    granted = sum(await asyncio.gather(one.spend(900, quota), other.spend(900, quota)))

    pool = (await one.root.take(NAME, TODAY, 0, 1_000)).pool
    held = sum(gateway.shares.held()[NAME] for gateway in (one, other))
    assert 1_000 - pool - held - 2 * reserve(1_000) <= granted <= 1_000 - pool - held
    assert granted > 900


async def test_a_link_that_nobody_uses_knows_that_redis_is_gone_and_back(
    gateways: Gateways, own_redis: RedisServer
) -> None:
    """A deployment whose gateways seldom count hears of the outage from the metric, not from its callers."""
    link = gateways().link
    await link.open()
    assert link.up

    own_redis.stop()
    await until(lambda: not link.up)
    own_redis.start()
    await until(lambda: link.up)


async def test_a_frozen_redis_is_waited_for_once(gateways: Gateways, own_redis: RedisServer) -> None:
    """The first exchange that needs more notices; all others spend the reserve, then are refused at once."""
    one = gateways(wait_s=WAIT_S)
    quota = DayQuota(10_000, 0.0)
    async with asyncio.timeout(PATIENCE_S):
        while not await one.spend(1, quota):
            await looked(one)
    before = one.shares.waits["refused"]
    own_redis.freeze()
    granted = await one.spend(1_000, quota)

    assert 0 < granted <= reserve(10_000)
    assert not one.link.up
    with pytest.raises(LinkAway, match="passed over"):
        await one.link.ask(lambda client: client.ping())
    assert one.shares.waits["refused"] <= before + 1
    waited = one.shares.waits.total()
    assert await one.spend(100, quota) == 0
    assert one.shares.waits.total() == waited

    own_redis.thaw()
    patient = gateways()
    await looked(patient)
    pool = (await patient.root.take(NAME, TODAY, 0, 10_000)).pool
    assert granted + 1 <= 10_000 - pool <= 2 * reserve(10_000), "what Redis granted to nobody is lost, never doubled"


async def test_what_redis_granted_too_late_is_had_by_the_next_request(
    gateways: Gateways, own_redis: RedisServer
) -> None:
    """The one who asked has gone with a refusal; Redis has counted the exchanges, so that they are lost if nobody has
    them.
    """
    one, other = gateways(wait_s=WAIT_S), gateways()
    await asyncio.gather(looked(one), looked(other))
    own_redis.freeze()
    with pytest.raises(LedgerAway):
        await one.root.take(NAME, TODAY, 5, 100)
    own_redis.thaw()
    await until(lambda: one.root.tally(NAME, TODAY) is not None)

    assert (await one.root.take(NAME, TODAY, 5, 100)).units == 5
    assert (await other.root.take(NAME, TODAY, 0, 100)).pool == 95, "they were taken once"


async def test_redis_away_the_reserve_is_spent_and_then_refused(
    gateways: Gateways, own_redis: RedisServer, tmp_path: Path
) -> None:
    """And a gateway that starts meanwhile has what its state folder remembers, the same exchanges only once."""
    quota = DayQuota(5_000, 0.0)
    first = gateways(tmp_path)
    await first.link.look()
    assert await first.spend(5, quota) == 5
    own_redis.stop()
    before = await first.spend(30, quota)
    assert before == 30
    again = gateways(tmp_path)
    await again.link.look()
    assert not again.link.up
    rest = await again.spend(500, quota)

    assert 0 < rest <= reserve(5_000) - 35
    assert await again.spend(100, quota) == 0


async def test_a_redis_that_comes_back_empty_grants_nothing_that_was_granted(
    gateways: Gateways, own_redis: RedisServer
) -> None:
    """It is told how far the count was; until all gateways had time to say so, nothing is granted."""
    one, other = gateways(), gateways()
    await asyncio.gather(one.link.look(), other.link.look())
    taken = [(await gateway.root.take(NAME, TODAY, 40, 100)).units for gateway in (one, other, one)]
    assert taken == [25, 19, 14]
    own_redis.stop()
    own_redis.start()
    await asyncio.gather(one.link.look(), other.link.look())

    behind = await other.root.take(NAME, TODAY, 10, 100)
    assert (behind.units, behind.pool) == (0, 56)
    ahead = await one.root.take(NAME, TODAY, 10, 100)
    assert (ahead.units, ahead.pool) == (0, 42)
    own_redis.tell("DEL", f"lgsp:2:quota:{NAME}:{TODAY}:hold")
    assert (await other.root.take(NAME, TODAY, 40, 100)).units == 11


async def test_what_was_given_back_is_no_loss(gateways: Gateways) -> None:
    """A gateway that heard of more exchanges than there are now does not stop the others."""
    one, other = gateways(), gateways()
    await asyncio.gather(one.link.look(), other.link.look())
    await one.root.take(NAME, TODAY, 20, 100)
    await other.root.take(NAME, TODAY, -15, 100)

    assert (await one.root.take(NAME, TODAY, 1, 100)).units == 1
    assert (await one.root.take(NAME, TODAY, 0, 100)).pool == 94


async def test_state_folder_remembers_how_far_the_count_was(
    gateways: Gateways, own_redis: RedisServer, tmp_path: Path
) -> None:
    """Redis and the gateway have both lost their memory: the folder has it."""
    quota = DayQuota(100, 0.0)
    first = gateways(tmp_path)
    await first.link.look()
    for _ in range(40):
        await first.spend(1, quota)
    pool = (await first.root.take(NAME, TODAY, 0, 100)).pool
    own_redis.stop()
    own_redis.start()
    again = gateways(tmp_path)
    await again.link.look()
    await again.spend(20, quota)

    assert (await again.root.take(NAME, TODAY, 0, 100)).pool <= pool + 1


async def test_a_read_only_redis_grants_nothing(gateways: Gateways, own_redis: RedisServer) -> None:
    """The link is up, and the ledger says that it is away."""
    one = gateways()
    await one.link.look()
    own_redis.tell("REPLICAOF", "127.0.0.1", "1")
    with pytest.raises(LedgerAway):
        await one.root.take(NAME, TODAY, 1, 100)

    assert one.link.up


async def test_a_caller_has_one_rate_at_two_gateways(gateways: Gateways) -> None:
    """Once they have told each other, the second refuses what the first has granted."""
    one, other = gateways(), gateways()
    await asyncio.gather(one.link.look(), other.link.look())
    rate = RateSettings(per_second=0.001, burst=10)
    rates = [SharedRates(gateway.root, SystemClock()) for gateway in (one, other)]
    now = SystemClock().monotonic()
    for _ in range(8):
        assert (await rates[0].take("portal", rate, now)).refused_s is None
    assert (await rates[1].take("portal", rate, now)).refused_s is None
    await rates[0].turn()
    await rates[1].turn()

    now = SystemClock().monotonic()
    last = await rates[1].take("portal", rate, now)
    assert (last.refused_s, last.remaining) == (None, 0)
    assert (await rates[1].take("portal", rate, now)).refused_s is not None


async def test_without_redis_each_gateway_holds_callers_to_their_rate(
    gateways: Gateways, own_redis: RedisServer
) -> None:
    """Nobody waits for it, and nobody pays later."""
    one = gateways()
    await one.link.look()
    own_redis.stop()
    rate, rates = RateSettings(per_second=0.001, burst=4), SharedRates(one.root, SystemClock())
    now = SystemClock().monotonic()
    granted = [(await rates.take("portal", rate, now)).refused_s is None for _ in range(6)]
    await rates.turn()

    assert granted == [True] * 4 + [False] * 2
    assert not one.link.up
    own_redis.start()
    await one.link.look()
    assert await one.root.spend({"portal": 1.0}) == {"portal": pytest.approx(1.0, abs=0.1)}
