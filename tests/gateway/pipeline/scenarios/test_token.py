"""Scenarios 50 and 51: one token for all with the same credential, and nobody waits for an endpoint that is down."""

from __future__ import annotations

from typing import Final

import pytest

from gateway.core.events import TokenRenewed
from gateway.core.problems import GatewayError, Refused
from gateway.pipeline.upstream.token import (
    DOUBT_S,
    EARLY_S,
    LEAST_S,
    LONGEST_PATIENCE_S,
    LONGEST_REST_S,
    REST_S,
    RETRY_S,
    Tokens,
)
from gateway.testing.clock import FakeClock
from tests.gateway.pipeline.harness import LongestWait, World, Worlds
from tests.gateway.pipeline.logins import LOGIN, accepts, login_as, shown, token
from tests.gateway.pipeline.scripted import HANG, After, ScriptedUpstream, answers, fails, status

NEVER_OPENS: Final = {"consecutive_failures": 1_000_000, "min_calls": 1_000_000}
WIDE: Final = {"bulkhead": {"limit": 1_000, "queue": 0}, "breaker": NEVER_OPENS}


def tokens_shown(world: World) -> list[str]:
    """The token of each exchange, in order of arrival."""
    return [shown(arrival.exchange) for arrival in world.upstream.journal]


async def test_scenario_50_a_hundred_refusals_at_once_are_one_renewal(worlds: Worlds) -> None:
    """The token dies; a hundred calls get 401; one token request; each call is sent once more and answered."""
    upstream = ScriptedUpstream(
        always=After(0.1, accepts("second")), token_deeds=[token("first"), After(0.2, token("second"))]
    )
    world = worlds(upstream, login=LOGIN, policies=WIDE)

    tasks = [world.start(f"{number}") for number in range(100)]
    await world.clock.advance(1.0)

    assert all(task.exception() is None for task in tasks)
    assert world.upstream.token_count == 2
    assert tokens_shown(world) == ["first"] * 100 + ["second"] * 100
    assert world.upstream.count == 200
    assert [event.outcome for event in world.of(TokenRenewed)] == ["ok", "ok"]


async def test_scenario_50_a_fresh_token_that_is_refused_is_not_renewed_again(worlds: Worlds) -> None:
    """A source that refuses every token refuses *us*: one renewal, one more try, then the operator's turn."""
    world = worlds(ScriptedUpstream(always=status(401, {})), login=LOGIN, policies=WIDE)

    error = await world.error()

    assert isinstance(error, Refused)
    assert (error.status, error.reason, error.may_retry("read")) == (502, "credentials", False)
    assert world.upstream.token_count == 2
    assert world.upstream.count == 2

    for _ in range(50):
        await world.error()
    assert world.upstream.token_count == 2
    assert world.upstream.count == 52


async def test_scenario_50_after_a_while_a_refused_token_is_doubted_again(worlds: Worlds) -> None:
    """A right that was granted meanwhile is found without a restart."""
    world = worlds(
        ScriptedUpstream(always=accepts("third"), token_deeds=[token("first"), token("second"), token("third")]),
        login=LOGIN,
    )
    await world.error()
    await world.clock.advance(DOUBT_S)

    assert (await world.ask()).value is not None
    assert world.upstream.token_count == 3
    assert tokens_shown(world) == ["first", "second", "second", "third"]
    assert world.upstream.count == 4


async def test_scenario_50_tokens_of_different_credentials_are_never_mixed(worlds: Worlds) -> None:
    """Two accounts at the same endpoint, in one deployment: each shows its own token, also after renewals."""
    tokens, clock = Tokens(), FakeClock()
    ours = worlds(
        ScriptedUpstream(always=accepts("a2"), token_deeds=[token("a1"), token("a2")]),
        clock=clock,
        login=login_as("a"),
        upstream_parts={"tokens": tokens},
    )
    theirs = worlds(
        ScriptedUpstream(always=accepts("b2"), token_deeds=[token("b1"), token("b2")]),
        clock=clock,
        login=login_as("b"),
        upstream_parts={"tokens": tokens},
    )
    tasks = [world.start(f"{number}") for number in range(10) for world in (ours, theirs)]
    await clock.advance(0)

    assert all(task.exception() is None for task in tasks)
    assert set(tokens_shown(ours)) == {"a1", "a2"}
    assert set(tokens_shown(theirs)) == {"b1", "b2"}
    assert (ours.upstream.token_count, theirs.upstream.token_count) == (2, 2)
    assert (ours.upstream.count, theirs.upstream.count) == (20, 20)


async def test_scenario_50_the_lock_is_on_the_credential_not_on_the_upstream(worlds: Worlds) -> None:
    """Two national systems behind one province's adapter log in alike: one token request serves both."""
    tokens, clock = Tokens(), FakeClock()
    endpoint = ScriptedUpstream(token_always=After(0.2, token("shared")))
    first = worlds(endpoint, clock=clock, login=LOGIN, upstream_parts={"tokens": tokens})
    second = worlds(
        ScriptedUpstream(token_always=status(500)), clock=clock, login=LOGIN, upstream_parts={"tokens": tokens}
    )

    tasks = [world.start(f"{number}") for number in range(10) for world in (first, second)]
    await clock.advance(0.2)

    assert all(task.exception() is None for task in tasks)
    assert (first.upstream.token_count, second.upstream.token_count) == (1, 0)
    assert (first.upstream.count, second.upstream.count) == (10, 10)


async def test_scenario_50_a_late_refusal_of_the_old_token_finds_the_new_one(worlds: Worlds) -> None:
    """One call hears of the dead token long after another has renewed it: it takes what is there."""
    both = accepts("second")
    world = worlds(
        ScriptedUpstream(
            After(0.1, both), After(0.9, both), always=both, token_deeds=[token("first"), token("second")]
        ),
        login=LOGIN,
    )
    tasks = [world.start("quick"), world.start("late")]
    await world.clock.advance(1.0)

    assert all(task.exception() is None for task in tasks)
    assert tokens_shown(world) == ["first", "first", "second", "second"]
    assert world.upstream.token_count == 2
    assert world.upstream.count == 4


async def test_scenario_50_a_caller_that_leaves_does_not_end_the_renewal(worlds: Worlds) -> None:
    """The one that began it hangs up; the others get their token from the same request."""
    world = worlds(ScriptedUpstream(token_always=After(0.5, token("t"))), login=LOGIN)
    leaver = world.start("a")
    await world.clock.advance(0.1)
    others = [world.start(f"{number}") for number in range(5)]
    leaver.cancel()
    await world.clock.advance(0.5)

    assert all(task.exception() is None for task in others)
    assert world.upstream.token_count == 1
    assert world.upstream.count == 5


async def test_scenario_51_callers_with_a_valid_token_go_on(worlds: Worlds) -> None:
    """The endpoint fails while the old token still holds: nobody notices, and it is asked gently."""
    world = worlds(ScriptedUpstream(token_deeds=[token("t", 600)], token_always=status(503)), login=LOGIN)
    await world.ask()
    await world.clock.advance(600 - EARLY_S)

    for _ in range(10):
        assert (await world.ask()).value is not None
        await world.clock.advance(RETRY_S)

    assert world.upstream.count == 11
    assert world.upstream.token_count == 1 + 10
    assert [event.outcome for event in world.of(TokenRenewed)][1:] == ["token_endpoint"] * 10


async def test_scenario_51_without_a_token_all_fail_fast(worlds: Worlds) -> None:
    """503 with the reason and a Retry-After, at once, and one token request for all of them."""
    world = worlds(ScriptedUpstream(token_always=After(0.2, status(503))), login=LOGIN, policies=WIDE)

    tasks = [world.start(f"{number}") for number in range(100)]
    await world.clock.advance(0.2)

    errors = [task.exception() for task in tasks]
    assert {(e.status, e.reason) for e in errors if isinstance(e, GatewayError)} == {(503, "token_endpoint")}
    assert len(errors) == len({id(error) for error in errors}) == 100

    before = world.clock.monotonic()
    resting = await world.error()
    assert (resting.status, resting.reason, resting.retry_after) == (503, "token_endpoint", REST_S)
    assert world.clock.monotonic() == before
    assert world.upstream.token_count == 1
    assert world.upstream.count == 0


async def test_scenario_51_retries_do_not_storm_the_endpoint(worlds: Worlds) -> None:
    """Three attempts of a hundred callers are one token request in the time that it rests."""
    world = worlds(ScriptedUpstream(token_always=status(503)), login=LOGIN, policies={**WIDE, "retry": {"attempts": 3}})
    tasks = [world.start(f"{number}") for number in range(100)]
    await world.clock.advance(REST_S - 0.01)

    assert all(task.done() for task in tasks)
    assert world.upstream.token_count == 1
    assert world.upstream.count == 0


async def test_scenario_51_the_rest_grows_and_ends_with_a_success(worlds: Worlds) -> None:
    """An endpoint that stays down is asked ever more rarely, a wrong password too; its recovery is found by itself."""
    for bad in (status(503), status(401), status(200, {"nonsense": 1}), fails()):
        world = worlds(ScriptedUpstream(token_always=bad), login=LOGIN, policies=WIDE)
        for _ in range(600):
            await world.error()
            await world.clock.advance(0.1)
        assert world.upstream.token_count == 10
        assert world.upstream.count == 0

        world.upstream.token_always = token("t")
        await world.clock.advance(LONGEST_REST_S)
        assert (await world.ask()).value is not None


async def test_scenario_51_an_endpoint_that_hangs_ends_by_its_own_time(worlds: Worlds) -> None:
    """Nobody waits longer than an attempt, an order surely was not done, and the next renewal can begin."""
    world = worlds(
        ScriptedUpstream(token_deeds=[HANG], token_always=token("t")), login=LOGIN, policies={"attempt_timeout_s": 2}
    )
    error = await world.error(operation="order", idempotency_key="k", within=2.0)
    assert (error.code, error.outcome("write")) == ("upstream-timeout", "not_done")

    await world.clock.advance(REST_S)
    assert (await world.ask()).value is not None
    assert [arrival.ended for arrival in world.upstream.token_journal] == ["cancelled", "answered"]
    assert world.upstream.count == 1


async def test_scenario_51_a_second_attempt_that_only_waits_for_a_token_sends_nothing(worlds: Worlds) -> None:
    """The first found no connection, the second ended at the token endpoint: the order surely was not done."""
    world = worlds(
        ScriptedUpstream(fails("unreachable", may_have_arrived=False), token_deeds=[token("short", 0.5), HANG]),
        login=LOGIN,
        policies={"attempt_timeout_s": 2, "retry": {"attempts": 2, "initial_s": 1.0}},
        upstream_parts={"dice": LongestWait()},
    )
    error = await world.error(operation="order", idempotency_key="k", within=3.0)

    assert (error.code, error.outcome("write")) == ("upstream-timeout", "not_done")
    assert world.upstream.token_count == 2
    assert world.upstream.count == 1


async def test_a_token_is_renewed_early_by_one_request_beside_the_callers(worlds: Worlds) -> None:
    """From a minute before its end, a renewal runs while the old one still serves."""
    world = worlds(
        ScriptedUpstream(token_deeds=[token("old", 600), After(1.0, token("new", 600))], always=answers()),
        login=LOGIN,
    )
    await world.ask()
    await world.clock.advance(600 - EARLY_S)
    for _ in range(5):
        await world.ask()
    await world.clock.advance(1.0)
    await world.ask()

    assert tokens_shown(world) == ["old"] * 6 + ["new"]
    assert world.upstream.token_count == 2


async def test_an_endpoint_that_says_when_to_come_back_is_left_alone_until_then(worlds: Worlds) -> None:
    """Its Retry-After goes to the callers, counted down, and nobody asks it meanwhile."""
    world = worlds(
        ScriptedUpstream(token_deeds=[status(429, {}, retry_after="70")], token_always=token("t")),
        login=LOGIN,
        policies={**WIDE, "retry": {"attempts": 3}},
    )
    first = await world.error()
    assert (first.code, first.reason, first.retry_after) == ("upstream-unavailable", "token_endpoint", 70.0)

    await world.clock.advance(60.0)
    assert (await world.error()).retry_after == 10.0
    assert world.upstream.token_count == 1

    await world.clock.advance(10.0)
    assert (await world.ask()).value is not None
    assert world.upstream.token_count == 2


async def test_an_endpoint_that_asks_for_too_much_patience_is_asked_before(worlds: Worlds) -> None:
    """Callers hear what it said; the gateway looks after five minutes whether it is back."""
    world = worlds(
        ScriptedUpstream(token_deeds=[status(503, {}, retry_after="7200")], token_always=token("t")), login=LOGIN
    )
    assert (await world.error()).retry_after == 7200.0
    await world.clock.advance(LONGEST_PATIENCE_S - 1)
    assert (await world.error()).retry_after == 7200.0 - LONGEST_PATIENCE_S + 1

    await world.clock.advance(1.0)
    assert (await world.ask()).value is not None


async def test_an_early_renewal_obeys_the_endpoint_too(worlds: Worlds) -> None:
    """While the old token holds, the endpoint is asked again when it said, not every few seconds."""
    world = worlds(
        ScriptedUpstream(token_deeds=[token("t", 600)], token_always=status(503, {}, retry_after="30")), login=LOGIN
    )
    await world.ask()
    await world.clock.advance(600 - EARLY_S)
    for _ in range(6):
        assert (await world.ask()).value is not None
        await world.clock.advance(RETRY_S)

    assert world.upstream.token_count == 2


@pytest.mark.parametrize("seconds", [-1, 0, -3600])
async def test_a_token_that_is_over_at_once_is_used_for_a_while(worlds: Worlds, seconds: float) -> None:
    """A clock is wrong, here or there: the token is not thrown away, and not asked for with each question."""
    world = worlds(ScriptedUpstream(token_always=token("t", seconds), always=answers()), login=LOGIN)
    for _ in range(5):
        await world.ask()
    assert world.upstream.token_count == 1

    await world.clock.advance(LEAST_S)
    await world.ask()
    assert world.upstream.token_count == 2


@pytest.mark.parametrize("odd", ["a\r\nX-Admin: 1", "t" * 10_000_000])
async def test_a_token_that_no_message_can_carry_is_never_shown(worlds: Worlds, odd: str) -> None:
    """The endpoint breaks its contract, and the source is not asked."""
    world = worlds(ScriptedUpstream(token_always=token(odd)), login=LOGIN)

    error = await world.error(operation="order", idempotency_key="k")

    assert (error.status, error.code, error.outcome("write")) == (502, "upstream-invalid-response", "not_done")
    assert world.upstream.count == 0
