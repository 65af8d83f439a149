"""Scenarios 27 to 32: a source that fails is left alone, and found again gently."""

from __future__ import annotations

import asyncio
from typing import Final

from gateway.core.events import BreakerMoved, CredentialsRefused
from gateway.core.message import Exchange, Reply, ReplyKind
from gateway.core.problems import GatewayError, InvalidRequest, Withheld
from tests.gateway.pipeline.harness import World, Worlds, sent_of
from tests.gateway.pipeline.logins import LOGIN
from tests.gateway.pipeline.scripted import HANG, After, ScriptedUpstream, answers, fails, status

WIDE: Final = {"limit": 1_000, "queue": 1_000}
FEW: Final = {"consecutive_failures": 5, "open_s": 30.0, "half_open_calls": 3}


def moves(world: World) -> list[tuple[str, str]]:
    """How the breaker moved, and why."""
    return [(event.state, event.why) for event in world.of(BreakerMoved) if event.why != "start"]


async def opened(world: World) -> World:
    """A world whose breaker is open since now; the source was asked five times."""
    for _ in range(5):
        await world.error()
    assert moves(world)[-1][0] == "open"
    assert world.upstream.count == 5
    return world


async def test_scenario_27_five_failures_in_a_row_open_it_in_thin_traffic(worlds: Worlds) -> None:
    """One question a minute, five of them failed: the sixth is not asked."""
    world = worlds(ScriptedUpstream(always=fails("upstream_error")))
    for _ in range(5):
        assert (await world.error()).reason == "upstream_error"
        await world.clock.advance(5.0)

    error = await world.error()

    assert isinstance(error, Withheld)
    assert (error.status, error.reason, error.retry_after) == (503, "breaker_open", 25.0)
    assert moves(world) == [("open", "consecutive_failures")]
    assert world.upstream.count == 5


async def test_scenario_27_attempts_are_counted_not_requests(worlds: Worlds) -> None:
    """The breaker stands inside the retries, so two requests of three attempts are enough."""
    world = worlds(
        ScriptedUpstream(always=fails()), policies={"retry": {"attempts": 3, "initial_s": 0.01}, "breaker": FEW}
    )
    await world.error(within=1.0)
    error = await world.error(within=1.0)

    assert error.reason == "breaker_open"
    assert world.upstream.count == 5


async def test_scenario_28_half_open_lets_exactly_three_go(worlds: Worlds) -> None:
    """Of 200 that come at once three go; 197 are refused at once, and told when a permit is free at the latest."""
    world = await opened(
        worlds(ScriptedUpstream(*[fails()] * 5, always=After(1.0, answers())), policies={"breaker": FEW})
    )
    await world.clock.advance(30.0)

    tasks = [world.start(f"{number}") for number in range(200)]
    await world.clock.advance(0)
    refusals = [task.exception() for task in tasks if task.done()]

    assert len(refusals) == 197
    assert {error.reason for error in refusals if isinstance(error, GatewayError)} == {"breaker_open"}
    assert {error.retry_after for error in refusals if isinstance(error, GatewayError)} == {10.0}
    assert world.upstream.count == 5 + 3

    await world.clock.advance(1.0)
    assert [state for state, _ in moves(world)] == ["open", "half_open", "closed"]
    assert (await world.ask_within(1.0)).value is not None


async def test_scenario_28_while_open_all_are_refused_with_the_remaining_time(worlds: Worlds) -> None:
    """Twelve seconds later eighteen remain."""
    world = await opened(worlds(ScriptedUpstream(always=fails()), policies={"breaker": FEW}))
    await world.clock.advance(12.0)

    errors = [await world.error() for _ in range(20)]

    assert {error.retry_after for error in errors} == {18.0}
    assert world.upstream.count == 5


async def test_scenario_29_a_cancelled_probe_gives_its_permit_back(worlds: Worlds) -> None:
    """Its caller hangs up: the next caller probes."""
    world = await opened(
        worlds(ScriptedUpstream(*[fails()] * 5, *[HANG] * 3, always=answers()), policies={"breaker": FEW})
    )
    await world.clock.advance(30.0)
    probes = [world.start(f"{number}") for number in range(3)]
    await world.clock.advance(0)
    assert (await world.error()).reason == "breaker_open"

    for probe in probes:
        probe.cancel()
    await world.clock.advance(0)
    for _ in range(3):
        assert (await world.ask()).value is not None

    assert moves(world)[-1] == ("closed", "recovered")
    assert world.upstream.count == 5 + 3 + 3


async def test_scenario_29_a_probe_that_ends_in_an_ignored_error_gives_its_permit_back(worlds: Worlds) -> None:
    """A refusal of our credentials says nothing about the source, and does not use the trial up."""
    world = await opened(
        worlds(ScriptedUpstream(*[fails()] * 5, *[status(401, {})] * 10, always=answers()), policies={"breaker": FEW})
    )
    await world.clock.advance(30.0)
    for _ in range(10):
        assert (await world.error()).code == "upstream-refused"
    for _ in range(3):
        assert (await world.ask()).value is not None

    assert moves(world)[-1] == ("closed", "recovered")
    assert world.upstream.count == 5 + 10 + 3


async def test_scenario_29_a_probe_that_ends_in_a_bug_gives_its_permit_back(worlds: Worlds) -> None:
    """Whatever breaks, the breaker can't stick half open."""

    def bug(_: Exchange) -> Reply:
        """What no policy foresees."""
        raise ZeroDivisionError

    world = await opened(
        worlds(ScriptedUpstream(*[fails()] * 5, *[bug] * 5, always=answers()), policies={"breaker": FEW})
    )
    await world.clock.advance(30.0)
    tasks = [world.start() for _ in range(3)]
    await world.clock.advance(0)
    assert all(isinstance(task.exception(), ZeroDivisionError) for task in tasks)
    tasks = [world.start() for _ in range(2)]
    await world.clock.advance(0)
    assert all(isinstance(task.exception(), ZeroDivisionError) for task in tasks)
    for _ in range(3):
        assert (await world.ask()).value is not None

    assert world.upstream.count == 5 + 5 + 3


async def test_scenario_29_a_probe_that_never_ends_gives_its_permit_back_at_its_deadline(worlds: Worlds) -> None:
    """The lease ends with the call that holds it, even where nobody ever tells how it went."""
    world = await opened(worlds(ScriptedUpstream(always=fails()), policies={"breaker": FEW}))
    await world.clock.advance(30.0)
    breaker = world.ring.breaker
    for number in range(3):
        assert breaker._admit(sent_of(world, f"{number}")) is not None
    assert (await world.error()).reason == "breaker_open"

    await world.clock.advance(10.0)
    world.upstream.always = answers()
    for _ in range(3):
        assert (await world.ask()).value is not None

    assert moves(world)[-1] == ("closed", "recovered")
    assert world.upstream.count == 5 + 3


async def test_scenario_30_results_of_before_change_nothing_after(worlds: Worlds) -> None:
    """Calls begun while closed that end when it is open or half open are of another generation."""
    slow_good, slow_bad = After(20.0, answers()), After(40.0, fails())
    world = worlds(
        ScriptedUpstream(*[slow_good] * 3, *[slow_bad] * 3, *[fails()] * 5, HANG),
        operation={"deadline_s": 60.0},
        policies={"breaker": {**FEW, "slow_s": 100}, "attempt_timeout_s": 59, "bulkhead": WIDE},
    )
    begun = [world.start(f"{number}") for number in range(6)]
    await world.clock.advance(0)
    for _ in range(5):
        await world.error()
    assert moves(world) == [("open", "consecutive_failures")]

    await world.clock.advance(20.0)
    assert [task.done() for task in begun] == [True] * 3 + [False] * 3
    assert moves(world) == [("open", "consecutive_failures")]

    await world.clock.advance(10.0)
    probe = world.start("probe")
    await world.clock.advance(10.0)

    assert all(task.done() for task in begun)
    assert moves(world) == [("open", "consecutive_failures"), ("half_open", "open_s_passed")]
    assert not probe.done()
    assert world.upstream.count == 6 + 5 + 1


def no_record(_: Exchange, reply: Reply) -> ReplyKind | None:
    """A table in which 404 is a fact."""
    return ReplyKind.NO_RECORD if reply.status == 404 else None


async def test_scenario_31_a_thousand_facts_and_callers_faults_do_not_trip_it(worlds: Worlds) -> None:
    """ "No such record" and "your question is wrong" are answers."""

    def table(exchange: Exchange, reply: Reply) -> ReplyKind | GatewayError | None:
        """404 is a fact, 422 the caller's fault."""
        return InvalidRequest("mã sai") if reply.status == 422 else no_record(exchange, reply)

    for code in (404, 422):
        world = worlds(ScriptedUpstream(always=status(code, {})), classify=table)
        for _ in range(1_000):
            task = world.start()
            await asyncio.wait([task])

        assert moves(world) == []
        assert world.upstream.count == 1_000


async def test_scenario_31_a_thousand_refusals_of_ours_raise_the_credential_alarm(worlds: Worlds) -> None:
    """Waiting does not heal a wrong password: the operator is told, and the source is not called broken."""
    world = worlds(ScriptedUpstream(always=status(401, {})), login=LOGIN)
    for _ in range(1_000):
        task = world.start()
        await asyncio.wait([task])

    assert moves(world) == []
    assert world.of(CredentialsRefused) == [CredentialsRefused("register", "ws", "credentials")] * 1_000
    assert world.upstream.count == 1_000 + 1
    assert world.upstream.token_count == 2


async def test_scenario_32_slow_successes_trip_it(worlds: Worlds) -> None:
    """Six of ten answers took more than five seconds: a source that drowns is given time."""
    world = worlds(
        ScriptedUpstream(*[answers()] * 4, *[After(5.5, answers())] * 6),
        policies={"breaker": {**FEW, "slow_s": 5, "slow_ratio": 0.6, "min_calls": 10}, "attempt_timeout_s": 8},
    )
    for _ in range(4):
        await world.ask()
    for _ in range(6):
        await world.ask_within(5.5)

    error = await world.error()

    assert error.reason == "breaker_open"
    assert moves(world) == [("open", "slow_ratio")]
    assert world.upstream.count == 10


async def test_scenario_32_time_in_our_own_queue_is_not_slowness(worlds: Worlds) -> None:
    """A source that answers in a second is not slow because we let callers wait."""
    world = worlds(
        ScriptedUpstream(always=After(1.0, answers())),
        policies={"breaker": {**FEW, "slow_s": 2}, "bulkhead": {"limit": 2, "queue": 20}},
    )
    tasks = [world.start(f"{number}") for number in range(18)]
    await world.clock.advance(9.0)

    assert all(task.exception() is None for task in tasks)
    assert moves(world) == []
    assert world.upstream.count == 18


async def test_an_impatient_caller_opens_nothing_for_others(worlds: Worlds) -> None:
    """Deadlines of a tenth of a second, against a source that takes half of one, prove nothing about it."""
    world = worlds(ScriptedUpstream(always=After(0.5, answers())), policies={"breaker": FEW})
    for _ in range(50):
        await world.error(timeout=0.2, within=0.2)

    assert (await world.ask_within(0.5)).value is not None
    assert moves(world) == []


async def test_the_example_of_the_operators_page(worlds: Worlds) -> None:
    """``docs/operate/policies.md``, second by second, with the numbers that stand there."""
    world = worlds(ScriptedUpstream(*[fails()] * 6, always=answers()))
    seen = []
    for second in range(68):
        task = world.start()
        await world.clock.advance(0)
        error = task.exception()
        told = (error.reason, error.retry_after) if isinstance(error, GatewayError) else ("well", None)
        if not seen or seen[-1][1] != told[0]:
            seen.append((second, *told))
        await world.clock.advance(1.0)

    assert seen == [
        (0, "unreachable", None),
        (5, "breaker_open", 29.0),
        (34, "unreachable", None),
        (35, "breaker_open", 29.0),
        (64, "well", None),
    ]
    assert moves(world)[-1] == ("closed", "recovered")
    assert world.upstream.count == 5 + 1 + 4


async def test_an_operator_takes_a_source_out_of_service(worlds: Worlds) -> None:
    """Isolated, it is not asked; callers learn that it is planned and when it ends; then it is asked again."""
    world = worlds()
    world.ring.breaker.isolate("bảo trì định kỳ", 3_600.0)

    error = await world.error()
    assert (error.status, error.reason, error.retry_after) == (503, "maintenance_window", 3_600.0)
    assert world.upstream.count == 0

    await world.clock.advance(3_600.0)
    assert (await world.ask()).value is not None
    assert moves(world) == [("isolated", "bảo trì định kỳ"), ("closed", "released")]


async def test_an_operator_puts_it_back_before_its_time(worlds: Worlds) -> None:
    """The work ended early."""
    world = worlds()
    world.ring.breaker.isolate("bảo trì", 3_600.0)
    world.ring.breaker.restore()

    assert (await world.ask()).value is not None
    assert world.upstream.count == 1
