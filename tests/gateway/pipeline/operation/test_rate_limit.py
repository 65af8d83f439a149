"""How often a caller may ask."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.call import Allowance
from gateway.core.problems import RateLimited
from gateway.pipeline.operation.rate_limit import RateSettings, decide
from tests.gateway.pipeline.harness import World, Worlds

TWO_A_SECOND = RateSettings(per_second=2, burst=4)


def take(due: float, now: float, times: int, settings: RateSettings = TWO_A_SECOND) -> tuple[float, list[Allowance]]:
    """*times* requests at once."""
    seen = []
    for _ in range(times):
        due, allowance = decide(due, now, settings)
        seen.append(allowance)
    return due, seen


def test_a_burst_goes_and_then_no_more() -> None:
    """Four at once, the fifth is told when the next one is granted."""
    _, seen = take(0.0, 1_000.0, 5)

    assert [allowance.remaining for allowance in seen] == [3, 2, 1, 0, 0]
    assert [allowance.refused_s is None for allowance in seen] == [True] * 4 + [False]
    assert seen[4].refused_s == pytest.approx(0.5)


def test_a_refused_request_costs_nothing() -> None:
    """Who keeps knocking does not lock itself out."""
    due, _ = take(0.0, 1_000.0, 100)
    _, seen = take(due, 1_000.5, 1)

    assert seen[0].refused_s is None


def test_a_rest_fills_the_bucket_and_no_more() -> None:
    """A quiet night buys one burst."""
    due, _ = take(0.0, 1_000.0, 4)
    _, seen = take(due, 50_000.0, 5)

    assert [allowance.refused_s is None for allowance in seen] == [True] * 4 + [False]


def test_less_than_one_a_second_is_a_rate_too() -> None:
    """Six a minute, one at a time."""
    settings = RateSettings(per_second=0.1)
    due, seen = take(0.0, 0.0, 2, settings)

    assert settings.most == 1
    assert seen[1].refused_s == pytest.approx(10.0)
    assert take(due, 10.0, 1, settings)[1][0].refused_s is None


@given(
    st.floats(0.1, 1_000),
    st.integers(1, 50),
    st.lists(st.floats(0, 3), min_size=1, max_size=150),
)
def test_in_any_span_no_more_than_the_burst_and_the_rate(per_second: float, burst: int, pauses: list[float]) -> None:
    """Grants within any time are at most what the bucket held and what flowed in."""
    settings = RateSettings(per_second=per_second, burst=burst)
    due, now = 0.0, 1_000.0
    grants: list[float] = []
    for pause in pauses:
        now += pause
        due, allowance = decide(due, now, settings)
        if allowance.refused_s is None:
            grants.append(now)
        else:
            assert decide(due, now + allowance.refused_s + 1e-6, settings)[1].refused_s is None
        assert 0 <= allowance.remaining < burst or burst == 1

    for index, first in enumerate(grants):
        assert len(grants) - index <= burst + (grants[-1] - first) * per_second + 1e-3


async def asked(world: World, caller: str, times: int) -> int:
    """How many of *times* requests of *caller* are granted."""
    granted = 0
    for _ in range(times):
        try:
            await world.ask(caller=caller)
        except RateLimited:
            continue
        granted += 1
    return granted


async def test_each_caller_has_a_bucket_of_its_own(worlds: Worlds) -> None:
    """One that storms takes nothing from the others, and one without a rate is never refused."""
    world = worlds(
        operation={"fresh_s": 60.0},
        operation_parts={"rates": {"stormy": TWO_A_SECOND, "calm": TWO_A_SECOND}},
    )
    assert await asked(world, "stormy", 50) == 4
    assert await asked(world, "calm", 4) == 4
    assert await asked(world, "free", 200) == 200
    assert world.upstream.count == 1

    await world.clock.advance(1.0)
    assert await asked(world, "stormy", 50) == 2


async def test_a_refused_caller_is_told_when_and_costs_nothing(worlds: Worlds) -> None:
    """429 with Retry-After of a second at least, before the cache and the source."""
    world = worlds(operation_parts={"rates": {"portal": RateSettings(per_second=1)}})
    await world.ask()

    error = await world.error()

    assert (error.status, error.code, error.retry_after) == (429, "rate-limited", 1.0)
    assert (error.fault, error.outcome("write"), error.may_retry("write")) == ("caller", "not_done", True)
    assert world.calls[-1].trace.allowance == Allowance(1, 1.0, 0, 1.0, refused_s=1.0)
    assert world.upstream.count == 1
