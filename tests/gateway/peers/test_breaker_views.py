"""The breakers that other processes tell of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from gateway.core.facts import FactsAway
from gateway.peers.breaker_views import BREAKERS, KEPT_S, MOST_INSTANCES, BreakerViews
from gateway.peers.facts import Facts, FolderFacts
from gateway.pipeline.upstream.breaker import Breaker
from gateway.pipeline.upstream.breaker_settings import BreakerSettings
from gateway.testing.clock import FakeClock

SECRET: Final = "the secret that the processes of these tests share"
NAMES: Final = ("register", "ws")


class Breakable(FolderFacts):
    """A way that may be gone, and counts what is written."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.gone = False
        self.written = 0

    async def put(self, kind: str, facts: Mapping[str, bytes]) -> None:
        """Fails while it is gone."""
        if self.gone:
            raise FactsAway("gone")
        self.written += 1
        await super().put(kind, facts)

    async def all(self, kind: str) -> Mapping[str, bytes]:
        """Fails while it is gone."""
        if self.gone:
            raise FactsAway("gone")
        return await super().all(kind)


@pytest.fixture
def way(tmp_path: Path) -> Breakable:
    """The way between the processes of a test."""
    return Breakable(tmp_path)


def process(way: FolderFacts, clock: FakeClock, name: str, worker: int | None = None) -> tuple[Breaker, BreakerViews]:
    """One with a breaker."""
    views = BreakerViews(Facts(way, [SECRET], clock), clock, key=name, instance=name, worker=worker)
    breaker = Breaker(BreakerSettings(), clock, lambda _: None, NAMES)
    views.adopt({NAMES: breaker})
    return breaker, views


def states(views: BreakerViews) -> Sequence[tuple[str, str]]:
    """The others' breakers as one process sees them."""
    return [(one.instance, one.state) for one in views.of(NAMES)]


async def test_a_breaker_that_moves_is_seen_by_the_others_and_not_by_itself(way: Breakable, clock: FakeClock) -> None:
    """With its state, since when, and why."""
    (breaker, one), (_, other) = process(way, clock, "a"), process(way, clock, "b", 1)
    await one.turn()
    await other.turn()
    assert (states(one), states(other)) == ([], [("a", "closed")])
    await clock.advance(6)
    breaker.isolate("bảo trì", 600)
    since = clock.now()
    await clock.advance(1)
    await one.turn()
    await other.turn()

    (seen,) = other.of(NAMES)
    assert (seen.state, seen.since, seen.why, seen.worker) == ("isolated", since, "bảo trì", None)
    assert (states(one), one.others()) == ([("b", "closed")], ["b #1"])


async def test_one_that_is_silent_is_forgotten_and_one_that_leaves_at_once(way: Breakable, clock: FakeClock) -> None:
    """A process that was killed is not shown for longer than its word is kept."""
    (_, one), (_, other), (_, third) = (process(way, clock, name) for name in "abc")
    for views in (one, other, third):
        await views.turn()
    await third.turn()
    assert states(third) == [("a", "closed"), ("b", "closed")]
    await one.leave()
    await third.turn()
    assert states(third) == [("b", "closed")]
    await clock.advance(KEPT_S)
    await third.turn()
    assert (states(third), third.others()) == ([], [])


async def test_without_a_way_it_says_since_when_and_old_words_fade(way: Breakable, clock: FakeClock) -> None:
    """Nothing raises; once the way is back, the others are told and heard again."""
    (breaker, one), (_, other) = process(way, clock, "a"), process(way, clock, "b")
    await one.turn()
    await other.turn()
    way.gone = True
    breaker.isolate("bảo trì", 600)
    gone_at = clock.now()
    await one.turn()
    await other.turn()
    assert (states(other), other.away_since) == ([("a", "closed")], gone_at)
    assert str(other.ping()).startswith("away")
    await clock.advance(KEPT_S + 1)
    await other.turn()
    assert (states(other), other.away_since) == ([], gone_at)
    way.gone = False
    await one.turn()
    await other.turn()
    assert (states(other), other.away_since, other.ping()) == ([("a", "isolated")], None, None)


async def test_nothing_is_written_each_second_where_nothing_changes(way: Breakable, clock: FakeClock) -> None:
    """A word every five seconds keeps it alive."""
    _, one = process(way, clock, "a")
    for _ in range(10):
        await one.turn()
        await clock.advance(1)

    assert way.written == 2


async def test_so_many_others_are_shown_and_no_more(way: Breakable, clock: FakeClock) -> None:
    """A thousand processes that told do not fill the page; what can't be read is left out."""
    for number in range(MOST_INSTANCES + 10):
        await process(way, clock, f"{number:03}")[1].turn()
    await Facts(way, [SECRET], clock).put(BREAKERS, "odd", b'{"instance": 1}', 60)
    _, one = process(way, clock, "me")
    await one.turn()

    assert len(one.of(NAMES)) == len(one.others()) == MOST_INSTANCES


async def test_an_open_breaker_whose_time_is_over_tries_again_since_then(clock: FakeClock) -> None:
    """The moment at which it was ready to be asked, though nobody has asked."""
    breaker = Breaker(BreakerSettings(), clock, lambda _: None, NAMES)
    breaker.isolate("bảo trì", 60)
    began = clock.now()
    await clock.advance(100)

    assert breaker.since == began + timedelta(seconds=60)
