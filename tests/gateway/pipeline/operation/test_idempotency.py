"""What is known of orders by their keys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import pytest

from gateway.core.call import Answer
from gateway.core.problems import IdempotencyKeyReused, InProgress, Overloaded, TimedOut
from gateway.pipeline.operation.idempotency import KEPT_S, Completed, IdempotencyKeys, Running, ScopedKey, decide
from tests.gateway.pipeline.harness import Worlds, name_of
from tests.gateway.pipeline.scripted import HANG, After, ScriptedUpstream, answers, fails

ANSWER: Final = Answer(value=None, fetched_at=datetime(2026, 11, 24, tzinfo=UTC))


def key(name: str) -> ScopedKey:
    """A key of the portal."""
    return ScopedKey("portal", "register.order", name)


def test_what_a_key_means() -> None:
    """New, running, done, reused, and forgotten after a day."""
    done = Completed(b"body", KEPT_S, ANSWER)

    assert decide(None, b"body", 0.0) is None
    assert isinstance(decide(Running(b"body"), b"body", 0.0), InProgress)
    assert decide(done, b"body", 0.0) is ANSWER
    assert isinstance(decide(done, b"other", 0.0), IdempotencyKeyReused)
    assert isinstance(decide(Running(b"body"), b"other", 0.0), IdempotencyKeyReused)
    assert decide(done, b"body", KEPT_S) is None


def test_the_oldest_that_ended_is_forgotten_first() -> None:
    """What is running is never forgotten: it is what keeps an order from being sent twice."""
    idempotency_keys = IdempotencyKeys(most=3)
    idempotency_keys.put(key("running"), Running(b""))
    for name in "abcdef":
        idempotency_keys.put(key(name), Completed(b"", 1.0, ANSWER))

    assert len(idempotency_keys) == 3
    assert idempotency_keys.get(key("running")) == Running(b"")
    assert idempotency_keys.get(key("d")) is None
    assert idempotency_keys.get(key("f")) is not None


def test_too_many_running_are_refused_not_forgotten() -> None:
    """503, and nothing was sent."""
    idempotency_keys = IdempotencyKeys(most=2)
    idempotency_keys.put(key("a"), Running(b""))
    idempotency_keys.put(key("b"), Running(b""))

    with pytest.raises(Overloaded):
        idempotency_keys.put(key("c"), Running(b""))
    idempotency_keys.put(key("a"), Completed(b"", 1.0, ANSWER))
    idempotency_keys.put(key("c"), Running(b""))
    assert len(idempotency_keys) == 2


async def test_another_callers_equal_key_is_another_key(worlds: Worlds) -> None:
    """Keys are chosen by callers who do not know each other."""
    world = worlds(ScriptedUpstream(answers("của A"), answers("của B")))
    ours = await world.ask("a", operation="order", caller="A", idempotency_key="1")
    theirs = await world.ask("b", operation="order", caller="B", idempotency_key="1")

    assert ours.value != theirs.value
    assert world.upstream.count == 2


async def test_an_order_goes_on_when_its_caller_hangs_up(worlds: Worlds) -> None:
    """Half an order is worse than an answer that nobody hears; who comes back with the key hears it."""
    world = worlds(ScriptedUpstream(always=After(2.0, answers("biên nhận"))))
    for key_or_none in ("1", None):
        task = world.start("a", operation="order", idempotency_key=key_or_none)
        await world.clock.advance(1.0)
        task.cancel()
        await world.clock.advance(1.0)
        assert task.cancelled()

    answer = await world.ask("a", operation="order", idempotency_key="1")

    assert name_of(answer) == "biên nhận"
    assert [arrival.ended for arrival in world.upstream.journal] == ["answered", "answered"]


async def test_orders_under_way_are_given_up_when_the_process_ends(worlds: Worlds) -> None:
    """Then nobody knows what became of them, and the key says so."""
    world = worlds(ScriptedUpstream(always=HANG))
    task = world.start("a", operation="order", idempotency_key="1")
    await world.clock.advance(1.0)
    await world.idempotency_keys.close()
    await world.clock.advance(0)

    error = await world.error("a", operation="order", idempotency_key="1")

    assert task.cancelled()
    assert (error.reason, error.outcome("write")) == ("cut_off", "unknown")
    assert world.upstream.count == 1


async def test_an_order_sent_again_stays_unknown_where_it_fails_before_it_leaves(worlds: Worlds) -> None:
    """The first sending may have arrived: the second, which surely did not, proves nothing about it."""
    world = worlds(
        ScriptedUpstream(HANG, fails("unreachable", may_have_arrived=False), answers()),
        operation_parts={"known_again": True},
    )
    first = await world.error("a", operation="order", idempotency_key="1", within=10.0)
    second = await world.error("a", operation="order", idempotency_key="1")
    await world.ask("a", operation="order", idempotency_key="1")

    assert (first.outcome("write"), second.outcome("write")) == ("unknown", "unknown")
    assert [call.trace.notes[0] for call in world.calls[1:]] == ["idempotency=sent_again"] * 2


async def test_a_source_that_knows_keys_may_be_asked_again(worlds: Worlds) -> None:
    """There a repeated key doubles nothing, and brings the answer that was lost."""
    world = worlds(
        ScriptedUpstream(fails(), answers("biên nhận")),
        upstream_parts={"keyed_writes": True},
        operation_parts={"keyed_writes": True},
    )
    await world.error("a", operation="order", idempotency_key="1")

    assert (await world.ask("a", operation="order", idempotency_key="1")).value is not None
    assert world.upstream.count == 2


async def test_a_repeated_error_is_of_its_own(worlds: Worlds) -> None:
    """The kept one holds no traceback, and so no frame with somebody's data."""
    world = worlds(ScriptedUpstream(always=HANG))
    first = await world.error("a", operation="order", idempotency_key="1", within=10.0)
    second = await world.error("a", operation="order", idempotency_key="1")
    third = await world.error("a", operation="order", idempotency_key="1")

    kept = world.idempotency_keys.get(ScopedKey("portal", "register.order", "1"))
    assert isinstance(kept, Completed)
    assert isinstance(kept.ended, TimedOut)
    assert kept.ended.__traceback__ is None
    assert len({id(first), id(second), id(third)}) == 3
    assert isinstance(third, TimedOut)
    assert (third.code, third.reason, str(third)) == (first.code, first.reason, str(first))


async def test_an_order_without_a_key_is_just_sent(worlds: Worlds) -> None:
    """Where the operation demands none."""
    world = worlds()
    await world.ask("a", operation="order")
    await world.ask("a", operation="order")

    assert world.upstream.count == 2
