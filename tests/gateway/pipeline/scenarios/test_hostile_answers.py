"""Scenarios 12, 48, 49 and 54: what is no answer is never passed on as one, never kept, and known for what it is."""

from __future__ import annotations

from typing import Any, Final

import pytest

from gateway.core.events import BreakerMoved
from gateway.core.message import Exchange, Reply, SoapFault
from gateway.core.problems import Failing, GatewayError
from tests.gateway.pipeline.harness import LongestWait, Worlds, name_of
from tests.gateway.pipeline.scripted import Deed, ScriptedUpstream, answers, fails, status

KEPT: Final[dict[str, Any]] = {"fresh_s": 60.0, "stale_s": 3_600.0}
THREE: Final[dict[str, Any]] = {"retry": {"attempts": 3}}


def table(_: Exchange, reply: Reply) -> GatewayError | None:
    """A dialect's table: a body that says ``error`` is their failure, whatever the status."""
    match reply.body:
        case {"error": _}:
            return Failing("Their database failed.", reason="upstream_error")
        case _:
            return None


IN_200: Final[dict[str, tuple[Deed, str]]] = {
    "a SOAP Fault": (Reply(200, {}, SoapFault("soap:Server", "ORA-00600")), "upstream_error"),
    "an error body": (status(200, {"error": "database"}), "upstream_error"),
    # The adapters find pages for people before anybody looks at the status.
    "an HTML page": (fails("maintenance"), "maintenance"),
}


async def test_scenario_12_what_may_never_be_stale_never_is(worlds: Worlds) -> None:
    """Criminal records: the source is down, by failure or by an open breaker, and the answer is an error."""
    world = worlds(
        ScriptedUpstream(answers(), always=fails("upstream_error")),
        operation={"fresh_s": 0.0, "stale_s": 0.0, "never_stale": True},
        policies={"breaker": {"consecutive_failures": 3}},
    )
    await world.ask()

    reasons = [(await world.error()).reason for _ in range(5)]

    assert reasons == ["upstream_error"] * 3 + ["breaker_open"] * 2
    assert world.upstream.count == 1 + 3


async def test_scenario_48_a_read_cut_off_in_its_body_is_asked_once_more(worlds: Worlds) -> None:
    """The second answer is whole: that one is passed on and kept."""
    world = worlds(
        ScriptedUpstream(fails("cut_off"), answers("đủ cả")),
        operation=KEPT,
        policies=THREE,
        upstream_parts={"dice": LongestWait()},
    )

    assert name_of(await world.ask_within(1.0)) == "đủ cả"
    kept = await world.ask()

    assert (name_of(kept), kept.freshness) == ("đủ cả", "cached")
    assert world.upstream.count == 2


async def test_scenario_48_what_is_always_cut_off_is_never_passed_on_or_kept(worlds: Worlds) -> None:
    """503, every time, and every time the source is asked anew."""
    world = worlds(
        ScriptedUpstream(always=fails("cut_off")),
        operation=KEPT,
        policies={"retry": {"attempts": 2}},
        upstream_parts={"dice": LongestWait()},
    )
    for _ in range(2):
        error = await world.error(within=1.0)
        assert (error.status, error.code, error.reason) == (503, "upstream-unavailable", "cut_off")

    assert world.upstream.count == 4


@pytest.mark.parametrize("kind", IN_200)
async def test_scenario_49_an_error_in_a_200_is_an_error(worlds: Worlds, kind: str) -> None:
    """It is mapped, counted by the breaker as a failure, and not kept."""
    deed, reason = IN_200[kind]
    world = worlds(ScriptedUpstream(always=deed), operation=KEPT, classify=table)
    for _ in range(5):
        error = await world.error()
        assert (error.status, error.code, error.reason) == (503, "upstream-unavailable", reason)

    assert [event.state for event in world.of(BreakerMoved) if event.why != "start"] == ["open"]
    assert world.upstream.count == 5

    await world.clock.advance(30.0)
    world.upstream.always = answers("khỏe lại")
    assert name_of(await world.ask()) == "khỏe lại"


@pytest.mark.parametrize("kind", IN_200)
async def test_scenario_49_an_error_in_a_200_is_tried_again_and_stale_stands_in(worlds: Worlds, kind: str) -> None:
    """As any failure of theirs: a retry, and then the old answer that says it is old."""
    deed, _ = IN_200[kind]
    world = worlds(
        ScriptedUpstream(answers("hôm qua"), always=deed),
        operation=KEPT,
        classify=table,
        policies={"retry": {"attempts": 2}},
        upstream_parts={"dice": LongestWait()},
    )
    await world.ask()
    await world.clock.advance(90.0)

    answer = await world.ask_within(1.0)

    assert (name_of(answer), answer.freshness) == ("hôm qua", "stale")
    assert world.upstream.count == 1 + 2


async def test_scenario_54_an_answer_to_another_question_is_refused(worlds: Worlds) -> None:
    """Another's record under load: 502, no retry, nothing kept, and the breaker counts it."""
    world = worlds(
        ScriptedUpstream(always=status(200, {"code": "another", "name": "Người khác"})), operation=KEPT, policies=THREE
    )

    error = await world.error("a", within=5.0)

    assert (error.status, error.code) == (502, "upstream-invalid-response")
    assert error.reason == "inconsistent_response"
    assert not error.may_retry("read")
    assert "Người khác" not in str(error)
    assert world.upstream.count == 1

    world.upstream.always = answers("đúng người")
    assert name_of(await world.ask("a")) == "đúng người"
    assert world.upstream.count == 2


async def test_scenario_54_five_of_them_open_the_breaker(worlds: Worlds) -> None:
    """A source that mixes people up is not asked on and on."""
    world = worlds(ScriptedUpstream(always=status(200, {"code": "another", "name": "Người khác"})))
    for _ in range(5):
        await world.error("a")

    assert (await world.error("a")).reason == "breaker_open"
    assert world.upstream.count == 5
