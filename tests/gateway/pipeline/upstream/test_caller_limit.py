"""One caller's part of a source's places: however much one asks, another one finds a place at once."""

from __future__ import annotations

from collections import Counter
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.pipeline.upstream.bulkhead import (
    Admit,
    Arrive,
    BulkheadEvent,
    BulkheadSettings,
    Enter,
    Finished,
    Leave,
    Room,
    decide,
    most_of_one,
)
from tests.gateway.pipeline.harness import After, ScriptedUpstream, Worlds, answers
from tests.gateway.pipeline.upstream.test_bulkhead import places, ticket

SHARED: Final = BulkheadSettings(limit=4, queue=6, caller_limit=3)


@pytest.mark.parametrize(
    ("said", "callers", "limit", "expected"),
    [
        ({}, 1, 10, 10),
        ({}, 2, 10, 7),
        ({}, 9, 10, 7),
        ({}, 2, 5, 3),
        ({}, 2, 2, 1),
        ({}, 2, 1, 1),
        ({"caller_limit": 9}, 1, 10, 9),
        ({"caller_limit": 10}, 2, 10, 10),
    ],
)
def test_the_part_of_one_caller(said: dict[str, int], callers: int, limit: int, expected: int) -> None:
    """As configured; else three quarters where there are several callers, and all where there is one."""
    assert BulkheadSettings(limit=limit, **said).shared_by(callers).caller_limit == expected


def test_a_part_larger_than_the_whole_is_refused() -> None:
    """It would limit nobody, which is not what its writer meant."""
    with pytest.raises(ValueError, match="caller_limit is more than limit"):
        BulkheadSettings(limit=5, caller_limit=6)


def test_the_part_shrinks_with_an_adaptive_limit() -> None:
    """Where fewer may be in flight, one caller may have fewer: another still finds a place."""
    assert [most_of_one(limit, SHARED) for limit in (4, 3, 2, 1)] == [3, 2, 1, 1]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("arrive"), st.sampled_from("aaab")),
            st.tuples(st.just("done"), st.sampled_from("ab")),
            st.tuples(st.just("leave"), st.sampled_from("ab")),
        ),
        max_size=80,
    )
)
@settings(max_examples=300, deadline=None)
def test_no_caller_ever_has_more_than_its_part_and_another_enters_at_once(steps: list[tuple[str, str]]) -> None:
    """Whatever happened before, a caller with nothing in flight finds a place while only one other asks."""
    room, inside, serial = Room(4), Counter[str](), 0
    for kind, caller in steps:
        if kind == "arrive":
            serial += 1
            event: BulkheadEvent = Arrive(ticket(serial, caller=caller))
        elif kind == "done":
            if not inside[caller]:
                continue
            inside[caller] -= 1
            event = Finished(caller)
        else:
            event = Leave(next((t for t in room.waiting if t.caller == caller), ticket(0)))
        before = +inside
        room, decision = decide(room, event, 10.0, SHARED)
        if isinstance(event, Arrive) and before.keys() <= {"ab".replace(caller, "")}:
            assert isinstance(decision, Enter)
        inside[caller] += isinstance(decision, Enter)
        inside.update(t.caller for t in (decision.tickets if isinstance(decision, Admit) else ()))

        assert max(inside.values(), default=0) <= 3
        assert room.in_use == inside.total()
        free = room.in_use < room.limit
        assert not (free and any(inside[t.caller] < 3 for t in room.waiting)), "somebody waits beside a free place"


async def test_a_greedy_caller_leaves_a_place_for_another(worlds: Worlds) -> None:
    """A hundred requests of one key at a slow source: another key's request goes to the source at once."""
    world = worlds(
        ScriptedUpstream(always=After(2.0, answers())),
        policies={"bulkhead": {"limit": 4, "caller_limit": 3, "queue": 20}},
    )
    for number in range(100):
        world.start(f"g{number}", caller="greedy")
    await world.clock.advance(0)
    other = world.start("b", caller="other")
    await world.clock.advance(2.0)

    assert places(world)[0] == 3
    assert (await other).value is not None
    assert world.calls[-1].trace.queued == 0
    refused = [error for task in world.tasks if task.done() and (error := task.exception()) is not None]
    assert {getattr(error, "reason", "") for error in refused} == {"caller_share"}
    await world.clock.advance(20.0)
    assert places(world) == (0, 0)
    assert world.upstream.most_at_once == 4
