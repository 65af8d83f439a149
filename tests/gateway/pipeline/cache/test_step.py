"""The quick way of a hit tells what the slow one would; bounds hold; writes and purges reach what they must."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from gateway.core.call import CacheWish
from gateway.core.events import CacheAsked, Purged, Refreshed
from gateway.core.message import Reply
from gateway.core.problems import Conflict, Failing, NotCached, TimedOut
from gateway.pipeline.cache.answer_cache import AnswerCache
from gateway.pipeline.cache.memory import MemorySettings
from gateway.pipeline.cache.step import standing_in_for
from gateway.pipeline.cache.tiers import jittered
from gateway.testing.clock import FakeClock, settle
from tests.gateway.pipeline.harness import LongestWait, World, make_world, name_of
from tests.gateway.pipeline.scripted import HANG, After, Deed, ScriptedUpstream, answers, fails

Worlds = Callable[..., World]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.0, 3.0), min_size=1, max_size=30))
def test_a_hit_tells_age_and_time_left_to_the_second(steps: list[float]) -> None:
    """What is prepared for a whole second is never told a moment longer than it is true."""

    async def run() -> None:
        """The same question, step by step."""
        clock = FakeClock()
        world = make_world(
            ScriptedUpstream(clock=clock),
            operation={"fresh_s": 30.0},
            caching=AnswerCache(MemorySettings(jitter=0, hot_hits=10_000), clock=clock),
        )
        await world.ask()
        stored = clock.monotonic()
        for step in steps:
            await clock.advance(step)
            age = clock.monotonic() - stored
            answer = await world.ask()
            if age >= 30.0:
                assert answer.freshness == "live"
                break
            assert answer.cache is not None
            assert (answer.freshness, answer.cache.kind) == ("cached", "hit")
            assert int(answer.age) == int(age)
            assert math.isclose(answer.age + answer.cache.ttl, 30.0)
            assert abs(int(answer.cache.ttl) - int(30.0 - age)) <= (1 if (30.0 - age) % 1 < 1e-6 else 0)
        assert len(world.of(CacheAsked)) == len(world.calls)
        await world.close()

    asyncio.run(run())


async def test_hits_are_counted_on_the_quick_way_too(worlds: Worlds) -> None:
    """Every hit emits its event, and makes the entry hotter."""
    world = worlds(operation={"fresh_s": 60.0})
    for _ in range(5):
        await world.ask()

    assert [event.result for event in world.of(CacheAsked)] == ["miss", "hit", "hit", "hit", "hit"]
    assert world.upstream.count == 1


async def test_a_purge_is_seen_on_the_quick_way_too(worlds: Worlds) -> None:
    """An entry that was just hit is gone with the purge, within the same second."""
    world = worlds(ScriptedUpstream(answers("cũ"), answers("mới")), operation={"fresh_s": 60.0})
    for _ in range(3):
        await world.ask()
    world.caching.purge.everything()

    assert name_of(await world.ask()) == "mới"
    assert [event.what for event in world.of(Purged)] == ["everything"]


@pytest.mark.parametrize("scope", ["everything", "connector", "operation", "subject"])
async def test_a_purge_forgets_its_scope_and_no_more(worlds: Worlds, scope: str) -> None:
    """Of two subjects, a purge of one leaves the other; wider purges take both."""
    world = worlds(operation={"fresh_s": 60.0})
    for code in "ab":
        await world.ask(code)
    purge = world.caching.purge
    match scope:
        case "everything":
            purge.everything()
        case "connector":
            purge.connector("register")
        case "operation":
            purge.operation("register", "record")
        case _:
            purge.subject("register", "a")
    purge.connector("another")
    purge.operation("register", "another")
    found = [(await world.ask(code)).freshness for code in "ab"]

    assert found == (["live", "cached"] if scope == "subject" else ["live", "live"])


@pytest.mark.parametrize(
    ("deed", "forgets"),
    [
        (answers(), True),
        (TimedOut(reason="attempt"), True),
        (fails("unreachable", may_have_arrived=False), False),
        (Conflict(), False),
    ],
    ids=["done", "outcome unknown", "never sent", "refused"],
)
async def test_a_write_forgets_its_subject_unless_nothing_was_done(
    worlds: Worlds, deed: Deed, *, forgets: bool
) -> None:
    """Where nobody knows whether an order was done, what is kept may be wrong and goes; a refusal changes nothing."""
    world = worlds(ScriptedUpstream(answers(), deed, answers()), operation={"fresh_s": 60.0})
    await world.ask("a")
    await asyncio.gather(world.ask("a", operation="order", idempotency_key="k1"), return_exceptions=True)

    assert (await world.ask("a")).freshness == ("live" if forgets else "cached")


async def test_a_write_whose_caller_left_forgets_its_subject(worlds: Worlds) -> None:
    """The client disconnects while the order is under way: it may have been done, and its end forgets what is kept."""
    world = worlds(ScriptedUpstream(answers(), HANG, answers()), operation={"fresh_s": 60.0})
    await world.ask("a")
    task = world.start("a", operation="order", idempotency_key="k1")
    await world.clock.advance(0.1)
    task.cancel()
    await world.clock.advance(10.0)

    assert (await world.ask("a")).freshness == "live"


async def test_what_keeps_nothing_says_bypass_and_has_nothing_for_only_if_cached(worlds: Worlds) -> None:
    """An operation without freshness asks every time, and never shares calls."""
    world = worlds(ScriptedUpstream(always=After(1.0, answers())))
    tasks = [world.start() for _ in range(3)]
    await world.clock.advance(1.0)
    notes = [(await task).cache for task in tasks]

    assert {note.kind for note in notes if note is not None} == {"bypass"}
    assert world.upstream.count == 3
    assert isinstance(await world.error(cache=CacheWish(only_if_cached=True)), NotCached)
    assert world.upstream.count == 3


async def test_too_many_renewals_leave_the_stale_answer_and_begin_none(worlds: Worlds) -> None:
    """The number of renewals is bounded; beyond it callers still get their stale answer at once."""
    clock = FakeClock()
    world = worlds(
        ScriptedUpstream(*[answers()] * 5, always=HANG, clock=clock),
        operation={"fresh_s": 5.0, "swr_s": 600.0},
        caching=AnswerCache(clock=clock, most_renewals=2),
    )
    for code in "abcde":
        await world.ask(code)
    await world.clock.advance(10)
    found = [(await world.ask(code)).freshness for code in "abcde"]
    await world.clock.advance(0)

    assert found == ["stale"] * 5
    assert (len(world.caching.renewals), world.upstream.count) == (2, 7)


async def test_a_soft_timeout_still_asks_where_no_renewal_may_begin(worlds: Worlds) -> None:
    """With too many renewals under way the caller waits for the source like any other."""
    clock, law = FakeClock(), {"fresh_s": 5.0, "stale_s": 600.0, "soft_timeout_s": 0.1}
    source = ScriptedUpstream(answers("cũ"), After(1.0, answers("mới")), clock=clock)
    world = worlds(source, operation=law, caching=AnswerCache(clock=clock, most_renewals=0))
    await world.ask()
    await world.clock.advance(10)

    assert name_of(await world.ask_within(1.0)) == "mới"
    assert world.upstream.count == 2


async def test_a_bug_in_a_renewal_is_logged_and_counted(worlds: Worlds) -> None:
    """What no one waits for must not vanish: the operator sees it, callers keep their stale answer."""

    def bug(_: object) -> Reply:
        """Breaks in our own code."""
        raise ZeroDivisionError

    world = worlds(ScriptedUpstream(answers("cũ"), bug), operation={"fresh_s": 5.0, "swr_s": 600.0})
    await world.ask()
    await world.clock.advance(10)
    with capture_logs() as logged:
        found = await world.ask_within(0.0)

    assert found.freshness == "stale"
    assert [event.outcome for event in world.of(Refreshed)] == ["internal"]
    assert [(line["event"], line["connector"], line["operation"]) for line in logged] == [
        ("renewal failed", "register", "record")
    ]


async def test_sweeper_drops_what_is_of_no_more_use_and_ends() -> None:
    """Opened, the cache drops worn-out entries by itself; closed, nothing is left running."""
    clock = FakeClock()
    world = make_world(ScriptedUpstream(clock=clock), operation={"fresh_s": 5.0}, caching=AnswerCache(clock=clock))
    await world.caching.open()
    await settle()
    await world.ask()
    await clock.advance(4)
    before = len(world.caching.memory)
    await clock.advance(3)

    assert (before, len(world.caching.memory)) == (1, 0)
    await world.close()
    assert world.caching._sweeper is not None
    assert world.caching._sweeper.done()


async def test_too_many_different_questions_are_told_to_come_back(worlds: Worlds) -> None:
    """The number of shared calls is bounded; one more question is 503 with Retry-After and asks nobody."""
    clock = FakeClock()
    caching = AnswerCache(clock=clock, most_flights=2)
    world = worlds(ScriptedUpstream(always=HANG, clock=clock), operation={"fresh_s": 5.0}, caching=caching)
    for code in "ab":
        world.start(code)
    await clock.advance(0)
    error = await world.error("c")

    assert (error.status, error.reason, error.retry_after) == (503, "flights", 1.0)
    assert world.upstream.count == 2


def test_jitter_only_shortens_and_spares_short_lives() -> None:
    """How long an answer is fresh is a promise: chance never makes it longer."""
    dice = LongestWait()
    dice.random = lambda: 1.0  # type: ignore[method-assign]  # the worst throw

    assert jittered(300.0, 0.1, dice) == 270.0
    assert jittered(9.0, 0.1, dice) == 9.0


def test_status_goes_before_reason_where_the_source_answered() -> None:
    """``fwd-status`` where there was a status of failure, the reason word where there was none, the code at last."""
    answered = Failing(reason="upstream_error").replace(upstream_status=503)
    dropped = Failing(reason="cut_off").replace(upstream_status=200)
    notes = [standing_in_for(error) for error in (answered, dropped, TimedOut())]

    assert [(note.fwd_status, note.detail) for note in notes] == [
        (503, ""),
        (None, "cut_off"),
        (None, "upstream-timeout"),
    ]
