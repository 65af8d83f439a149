"""Events told in batches."""

from __future__ import annotations

import asyncio

from gateway.core.events import Event, Retried
from gateway.observe.batches import MOST, Batches


def event(number: int) -> Retried:
    return Retried("connector", "upstream", str(number))


async def test_listeners_hear_every_event_once_and_in_order() -> None:
    """Each listener is told of all, after a moment and without being asked."""
    heard: list[list[Event]] = [[], []]
    done = asyncio.Event()

    def last(told: Event, /) -> None:
        heard[1].append(told)
        if len(heard[1]) == 3:
            done.set()

    batches = Batches([heard[0].append, last])
    for number in range(3):
        batches(event(number))
    assert heard == [[], []]
    await asyncio.wait_for(done.wait(), 5)

    assert heard == [[event(0), event(1), event(2)]] * 2


async def test_who_reads_the_counts_is_told_at_once() -> None:
    """tell() leaves nothing waiting, and tells nothing twice."""
    heard: list[Event] = []
    batches = Batches([heard.append])
    batches(event(0))

    batches.tell()
    batches.tell()

    assert heard == [event(0)]


async def test_a_flood_waits_for_no_timer() -> None:
    """No more than MOST events are kept."""
    heard: list[Event] = []
    batches = Batches([heard.append])

    for number in range(MOST + 1):
        batches(event(number))

    assert len(heard) == MOST
    batches.tell()
    assert len(heard) == MOST + 1
