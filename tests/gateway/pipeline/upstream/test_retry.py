"""What may be asked again, and after how long."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.events import Retried, RetryBudgetMoved
from gateway.core.problems import (
    CallerError,
    CutOff,
    Effect,
    Failing,
    GatewayError,
    OffContract,
    Overloaded,
    Refused,
    Throttled,
    TimedOut,
    Withheld,
)
from gateway.pipeline.upstream.retry import Retry, RetrySettings, back_off, may_repeat
from tests.gateway.pipeline.harness import LongestWait, Worlds, make_world, sent_of
from tests.gateway.pipeline.scripted import ScriptedUpstream, answers, fails

SETTINGS = RetrySettings()


@pytest.mark.parametrize(
    ("error", "effect", "keyed", "again"),
    [
        (Failing(reason="upstream_error"), "read", False, True),
        (TimedOut(reason="attempt"), "read", False, True),
        (Throttled(reason="quota_spent", retry_after=1.0), "read", False, True),
        (Throttled(reason="quota_spent", retry_after=1.0), "write", False, True),
        (Withheld(reason="breaker_open", retry_after=1.0), "read", False, False),
        (Overloaded(), "read", False, False),
        (Refused(reason="credentials"), "read", True, False),
        (OffContract(reason="malformed"), "read", True, False),
        (CallerError(), "read", True, False),
        (ZeroDivisionError(), "read", True, False),
        (Failing(reason="upstream_error"), "write", False, False),
        (Failing(reason="upstream_error"), "write", True, True),
        (Failing(reason="unreachable", may_have_arrived=False), "write", False, True),
        (TimedOut(reason="attempt"), "write", False, False),
        (TimedOut(reason="attempt"), "write", True, True),
        (CutOff(reason="cut_off"), "write", False, False),
        (CutOff(reason="cut_off"), "write", True, True),
    ],
)
async def test_what_may_be_asked_again(error: BaseException, effect: Effect, keyed: bool, again: bool) -> None:
    """Reads that failed, and orders that surely did not arrive or that the source does only once."""
    world = make_world()
    keyless = sent_of(world, effect=effect)
    with_key = sent_of(world, effect=effect, idempotency_key="k")

    assert may_repeat(error, with_key, keyed_writes=keyed) is again
    if effect == "write" and isinstance(error, GatewayError) and error.may_have_arrived:
        assert may_repeat(error, keyless, keyed_writes=keyed) is False


@given(st.integers(1, 50), st.integers())
def test_back_off_is_anything_up_to_a_ceiling_that_doubles(attempt: int, seed: int) -> None:
    """Full jitter: callers that failed together do not come back together."""
    wait = back_off(SETTINGS, attempt, random.Random(seed))

    assert 0 <= wait <= min(SETTINGS.max_s, SETTINGS.initial_s * 2 ** (attempt - 1))


def test_back_offs_spread() -> None:
    """A thousand waits fill their span, none of them alike."""
    dice = random.Random(7)
    waits = [back_off(SETTINGS, 5, dice) for _ in range(1_000)]

    assert len(set(waits)) == 1_000
    assert min(waits) < 0.05
    assert max(waits) > 1.5


async def test_waits_double_up_to_the_longest(worlds: Worlds) -> None:
    """0.1, 0.2, 0.4 … as long as the attempts last."""
    world = worlds(
        ScriptedUpstream(always=fails()),
        policies={
            "retry": {"attempts": 5, "initial_s": 0.1, "max_s": 0.3},
            "breaker": {"consecutive_failures": 100},
        },
        upstream_parts={"dice": LongestWait()},
    )
    await world.error(within=9.0)

    moments = [arrival.at for arrival in world.upstream.journal]
    pauses = [round(later - earlier, 6) for earlier, later in pairwise(moments)]
    assert pauses == [0.1, 0.2, 0.3, 0.3]


async def test_decisions_are_noted_and_told(worlds: Worlds) -> None:
    """The request's log line says why it was asked again and why not, and metrics follow."""
    world = worlds(
        ScriptedUpstream(always=fails()),
        policies={"retry": {"attempts": 3, "budget": {"per_minute": 1, "ratio": 0}}},
        upstream_parts={"dice": LongestWait()},
    )
    await world.error(within=1.0)

    assert world.calls[0].trace.notes == [
        "attempt=unreachable",
        "retry=in_0.100s",
        "attempt=unreachable",
        "retry=budget_spent",
    ]
    assert world.of(Retried) == [Retried("register", "ws", "record")]
    assert [event.tokens for event in world.of(RetryBudgetMoved)] == [1, 0, 0]
    assert world.upstream.count == 2


async def test_one_attempt_means_no_step(worlds: Worlds) -> None:
    """What never asks again has no place in the ring."""
    world = worlds(ScriptedUpstream(fails(), answers()), policies={"retry": {"attempts": 1}})
    await world.error()

    assert world.upstream.count == 1
    assert not any(isinstance(part, Retry) for part in steps_of(world.ring.run))


def steps_of(ring: object) -> list[object]:
    """The steps of a composed ring, outermost first."""
    found = []
    while hasattr(ring, "args"):
        step, ring = ring.func, ring.args[0]
        found.append(step)
    return found


async def test_a_cancelled_back_off_asks_no_more(worlds: Worlds) -> None:
    """The caller left while we slept."""
    world = worlds(
        ScriptedUpstream(fails(), answers()),
        policies={"retry": {"attempts": 2}},
        upstream_parts={"dice": LongestWait()},
    )
    task = world.start()
    await world.clock.advance(0.05)
    task.cancel()
    await world.clock.advance(5.0)

    assert task.cancelled()
    assert world.upstream.count == 1
