"""Scenarios 20 to 26: asking again where it is safe, paid for, and wished."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from email.utils import format_datetime
from typing import Any, Final

import pytest

from gateway.core.events import Retried
from gateway.core.message import Rest
from gateway.core.problems import Failing, OffContract
from tests.gateway.pipeline.harness import LongestWait, Worlds, name_of
from tests.gateway.pipeline.scripted import HANG, After, ScriptedUpstream, answers, fails, status

NEVER_OPENS: Final = {"consecutive_failures": 1_000_000, "min_calls": 1_000_000}
WIDE: Final = {"limit": 1_000, "queue": 0}
THREE: Final[Mapping[str, Any]] = {"retry": {"attempts": 3}, "breaker": NEVER_OPENS, "bulkhead": WIDE}


async def test_scenario_21_retries_stay_within_a_fifth_of_the_requests(worlds: Worlds) -> None:
    """A hundred requests a second that all fail cost at most 1.2 calls each, plus the minimum of those minutes."""
    world = worlds(ScriptedUpstream(always=fails("upstream_error")), policies=THREE)
    seconds, a_second = 10, 100
    for _ in range(seconds):
        for number in range(a_second):
            world.start(f"{number}")
        await world.clock.advance(1.0)
    await world.clock.advance(10.0)

    requests, minimum = seconds * a_second, 6 * (seconds / 60 + 1)
    assert world.upstream.count <= 1.2 * requests + minimum
    assert world.upstream.count > 1.15 * requests
    assert world.of(Retried)


async def test_scenario_21_retries_that_still_sleep_are_counted(worlds: Worlds) -> None:
    """A retry is paid when it is decided, so a crowd in its back-off can't all come out with one token."""
    world = worlds(
        ScriptedUpstream(always=fails()),
        policies={**THREE, "retry": {"attempts": 2, "initial_s": 2.0, "budget": {"per_minute": 6, "ratio": 0}}},
        upstream_parts={"dice": LongestWait()},
    )

    for number in range(100):
        world.start(f"{number}")
    await world.clock.advance(0)
    asleep = sum(not task.done() for task in world.tasks)
    await world.clock.advance(2.0)

    assert asleep == 6
    assert world.upstream.count == 100 + 6


async def test_scenario_22_thin_traffic_may_retry(worlds: Worlds) -> None:
    """One request a minute earns a fifth of a retry, and gets one all the same."""
    world = worlds(
        ScriptedUpstream(*[fails(), answers()] * 5),
        policies={"retry": {"attempts": 2}},
        upstream_parts={"dice": LongestWait()},
    )
    for _ in range(5):
        assert (await world.ask_within(1.0)).value is not None
        await world.clock.advance(59.0)

    assert world.upstream.count == 10


@pytest.mark.parametrize("code", [503, 429])
async def test_scenario_23_retry_after_in_seconds_is_obeyed(worlds: Worlds, code: int) -> None:
    """Not before, and then at once."""
    world = worlds(ScriptedUpstream(status(code, {}, retry_after="3"), answers()), policies=THREE)

    task = world.start()
    await world.clock.advance(2.9)
    assert world.upstream.count == 1
    await world.clock.advance(0.1)

    assert (await task).value is not None
    assert world.upstream.count == 2


async def test_scenario_23_retry_after_as_a_date_is_obeyed(worlds: Worlds) -> None:
    """The HTTP date is read against the wall clock, the wait runs on the one that never jumps."""
    upstream = ScriptedUpstream()
    when = format_datetime(upstream.clock.now() + timedelta(seconds=4), usegmt=True)
    upstream.deeds = [status(503, {}, retry_after=when)]
    world = worlds(upstream, policies=THREE)

    task = world.start()
    await world.clock.advance(3.9)
    assert world.upstream.count == 1
    await world.clock.advance(0.1)

    assert (await task).value is not None
    assert world.upstream.count == 2


async def test_scenario_23_a_date_in_the_past_means_now(worlds: Worlds) -> None:
    """What is over needs no waiting."""
    past = "Sat, 01 Jan 2000 00:00:00 GMT"
    world = worlds(ScriptedUpstream(status(429, {}, retry_after=past), answers()), policies=THREE)

    assert (await world.ask()).value is not None
    assert world.upstream.count == 2


@pytest.mark.parametrize("code", [503, 429])
@pytest.mark.parametrize("absurd", ["1000000000", "3600000", "Thu, 01 Jan 2099 00:00:00 GMT"])
async def test_scenario_23_an_absurd_wait_is_not_passed_on(worlds: Worlds, code: int, absurd: str) -> None:
    """Nobody means thirty years: the source is not asked again inside, and the caller gets our own Retry-After."""
    world = worlds(ScriptedUpstream(status(code, {}, retry_after=absurd)), policies=THREE)

    error = await world.error()

    assert (error.code, error.retry_after) == ("upstream-unavailable", 30.0)
    assert world.upstream.count == 1


async def test_scenario_23_a_wait_beyond_the_deadline_is_passed_on_as_it_is(worlds: Worlds) -> None:
    """The caller can wait longer than we may."""
    world = worlds(ScriptedUpstream(status(503, {}, retry_after="11")), policies=THREE)

    assert (await world.error()).retry_after == 11.0
    assert world.upstream.count == 1


@pytest.mark.parametrize("nonsense", ["-5", "soon", "1e3", "٣", "3,5", "Thu, 99 Nev 2026 00:00:00 GMT"])
async def test_scenario_23_negative_and_unreadable_waits_are_ignored(worlds: Worlds, nonsense: str) -> None:
    """Then our own back-off decides."""
    world = worlds(
        ScriptedUpstream(status(503, {}, retry_after=nonsense), answers()),
        policies=THREE,
        upstream_parts={"dice": LongestWait()},
    )

    assert (await world.ask_within(0.1)).value is not None
    assert world.upstream.count == 2


async def test_scenario_23_a_429_that_says_no_time_is_not_asked_again(worlds: Worlds) -> None:
    """Nobody knows when: the caller is told thirty seconds."""
    world = worlds(ScriptedUpstream(status(429, {})), policies=THREE)

    error = await world.error()

    assert (error.reason, error.retry_after) == ("quota_spent", 30.0)
    assert world.upstream.count == 1


async def test_scenario_24_an_order_cut_off_after_sending_is_never_sent_twice(worlds: Worlds) -> None:
    """One arrival, and the caller learns that nobody knows what became of it."""
    world = worlds(ScriptedUpstream(fails("unreachable"), answers()), policies=THREE)

    error = await world.error(operation="order", idempotency_key="k1", within=5.0)

    assert isinstance(error, OffContract)
    assert (error.code, error.reason) == ("upstream-invalid-response", "cut_off")
    assert (error.may_retry("write"), error.outcome("write")) == (False, "unknown")
    assert world.upstream.count == 1


async def test_scenario_24_an_order_that_times_out_is_never_sent_twice(worlds: Worlds) -> None:
    """Silence is no refusal: it may have arrived."""
    world = worlds(ScriptedUpstream(HANG, answers()), policies=THREE)

    error = await world.error(operation="order", idempotency_key="k1", within=10.0)

    assert (error.code, error.outcome("write")) == ("upstream-timeout", "unknown")
    assert world.upstream.count == 1


async def test_scenario_25_an_order_with_a_key_that_the_source_honours_is_sent_again(worlds: Worlds) -> None:
    """The same key goes with the second sending, so the source does it once."""
    world = worlds(
        ScriptedUpstream(fails("unreachable"), answers("một lần")),
        policies=THREE,
        upstream_parts={"keyed_writes": True, "dice": LongestWait()},
        operation_parts={"keyed_writes": True},
    )

    answer = await world.ask_within(1.0, operation="order", idempotency_key="k1")

    keys = [a.exchange.headers["Idempotency-Key"] for a in world.upstream.journal if isinstance(a.exchange, Rest)]
    assert name_of(answer) == "một lần"
    assert keys == ["k1", "k1"]
    assert world.upstream.count == 2


async def test_scenario_25_what_may_have_arrived_once_stays_unknown(worlds: Worlds) -> None:
    """The second sending is refused before a byte left, which says nothing about the first."""
    world = worlds(
        ScriptedUpstream(fails("unreachable"), always=fails("unreachable", may_have_arrived=False)),
        policies={**THREE, "retry": {"attempts": 2}},
        upstream_parts={"keyed_writes": True, "dice": LongestWait()},
    )

    error = await world.error(operation="order", idempotency_key="k1", within=5.0)

    assert error.outcome("write") == "unknown"
    assert world.upstream.count == 2


async def test_scenario_25_without_a_key_even_such_a_source_gets_it_once(worlds: Worlds) -> None:
    """Support without a key helps nobody."""
    world = worlds(ScriptedUpstream(fails(), answers()), policies=THREE, upstream_parts={"keyed_writes": True})

    error = await world.error(operation="order", within=5.0)

    assert error.outcome("write") == "unknown"
    assert world.upstream.count == 1


async def test_scenario_25_same_key_and_same_body_get_the_stored_answer(worlds: Worlds) -> None:
    """However often it is sent, it is done once."""
    world = worlds(ScriptedUpstream(answers("biên nhận 1"), answers("biên nhận 2")))
    first = await world.ask("a", operation="order", idempotency_key="k1")
    await world.clock.advance(60.0)

    second = await world.ask("a", operation="order", idempotency_key="k1")

    assert second.value == first.value
    assert (second.freshness, second.age) == ("cached", 60.0)
    assert world.upstream.count == 1


async def test_scenario_25_same_key_with_another_body_is_refused(worlds: Worlds) -> None:
    """422: one of the two is a mistake."""
    world = worlds()
    await world.ask("a", operation="order", idempotency_key="k1")

    error = await world.error("b", operation="order", idempotency_key="k1")

    assert (error.status, error.code) == (422, "idempotency-key-reused")
    assert world.upstream.count == 1


async def test_scenario_25_while_the_first_is_running_the_second_is_told_so(worlds: Worlds) -> None:
    """409, and it may come back."""
    world = worlds(ScriptedUpstream(After(2.0, answers())))
    first = world.start("a", operation="order", idempotency_key="k1")
    await world.clock.advance(1.0)

    error = await world.error("a", operation="order", idempotency_key="k1")
    await world.clock.advance(1.0)

    assert (error.status, error.code, error.may_retry("write")) == (409, "in-progress", True)
    assert (await first).value is not None
    assert world.upstream.count == 1


async def test_scenario_25_an_order_of_unknown_outcome_is_not_repeated_by_its_key(worlds: Worlds) -> None:
    """Its error is what the key gives, for sending it again might double it."""
    world = worlds(ScriptedUpstream(HANG, answers()))
    await world.error("a", operation="order", idempotency_key="k1", within=10.0)

    error = await world.error("a", operation="order", idempotency_key="k1")

    assert (error.code, error.outcome("write")) == ("upstream-timeout", "unknown")
    assert world.upstream.count == 1


async def test_scenario_25_an_order_that_surely_was_not_done_may_be_sent_again(worlds: Worlds) -> None:
    """A refused connection leaves no trace in the key."""
    world = worlds(ScriptedUpstream(fails("unreachable", may_have_arrived=False), answers()))
    await world.error("a", operation="order", idempotency_key="k1")

    answer = await world.ask("a", operation="order", idempotency_key="k1")

    assert answer.value is not None
    assert world.upstream.count == 2


async def test_scenario_26_an_order_that_never_left_may_be_sent_again(worlds: Worlds) -> None:
    """Connection refused, unknown host: no byte left, so asking again doubles nothing."""
    world = worlds(
        ScriptedUpstream(fails("unreachable", may_have_arrived=False), answers("đã nhận")),
        policies=THREE,
        upstream_parts={"dice": LongestWait()},
    )

    answer = await world.ask_within(1.0, operation="order", idempotency_key="k1")

    assert name_of(answer) == "đã nhận"
    assert world.upstream.count == 2


async def test_a_retried_exchange_meets_the_last_error_not_the_first(worlds: Worlds) -> None:
    """What was true last is what the caller decides on."""
    world = worlds(
        ScriptedUpstream(fails("unreachable"), fails("upstream_error"), fails("maintenance")),
        policies=THREE,
        upstream_parts={"dice": LongestWait()},
    )

    error = await world.error(within=5.0)

    assert isinstance(error, Failing)
    assert error.reason == "maintenance"
    assert world.calls[0].trace.attempts == 3
    assert world.upstream.count == 3
