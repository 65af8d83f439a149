"""What an attempt gets of the time, and how the source is told."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.message import Exchange, Rest, Soap
from gateway.core.problems import TimedOut
from gateway.pipeline.upstream.timeout import HEADER, granted, told
from tests.gateway.pipeline.harness import World, Worlds, sent_of
from tests.gateway.pipeline.scripted import HANG, ScriptedUpstream


@given(st.floats(0.001, 120), st.floats(0.001, 120))
def test_the_shorter_of_both_and_whose_it_is(attempt_s: float, left_s: float) -> None:
    """Never more than the attempt's own time, never more than what is left."""
    seconds, whose = granted(attempt_s, left_s)

    assert seconds == min(attempt_s, left_s)
    assert whose == ("attempt" if attempt_s <= left_s else "deadline")


@given(st.floats(0.001, 120))
def test_the_source_is_never_promised_more_than_it_has(seconds: float) -> None:
    """Rounded down, in plain decimals."""
    exchange = told(Rest(name="tra", path="x"), seconds)

    assert isinstance(exchange, Rest)
    assert 0 <= seconds - float(exchange.headers[HEADER]) < 0.001 + 1e-9
    assert "e" not in exchange.headers[HEADER]


@pytest.mark.parametrize(
    "exchange", [Rest(name="tra", path="x", headers={"A": "b"}), Soap(name="Tra", headers={"A": "b"})]
)
def test_other_headers_stay(exchange: Rest | Soap) -> None:
    """The road's and the connector's own."""
    found = told(exchange, 2.0)

    assert isinstance(found, Rest | Soap)
    assert found.headers == {"A": "b", HEADER: "2"}
    assert exchange.headers == {"A": "b"}


def test_what_has_no_headers_is_left_alone() -> None:
    """Some later kind of exchange may have none."""
    exchange = Exchange(name="tra")

    assert told(exchange, 1.0) is exchange


async def end_of(world: World, seconds: float, **more: float) -> tuple[str, bool]:
    """The reason of the timeout that an exchange ends in, and whether anything may have left."""
    task = asyncio.create_task(as_coroutine(world, **more))
    await world.clock.advance(seconds)
    error = task.exception()
    assert isinstance(error, TimedOut)
    return error.reason, error.may_have_arrived


async def as_coroutine(world: World, **more: float) -> object:
    """One exchange through the upstream ring."""
    return await world.ring.run(sent_of(world, effect="write", **more))


async def test_the_reason_says_whose_time_was_over(worlds: Worlds) -> None:
    """The operator tunes another number for each."""
    world = worlds(ScriptedUpstream(always=HANG), policies={"attempt_timeout_s": 2})

    assert await end_of(world, 2.0) == ("attempt", True)
    assert await end_of(world, 1.0, timeout=1.0) == ("deadline", True)
