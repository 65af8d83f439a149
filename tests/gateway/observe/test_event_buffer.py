"""Events told in batches."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gateway.core.events import Event, RequestFinished, Retried
from gateway.observe.event_buffer import MOST, EventBuffer


class Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.told = asyncio.Event()

    def receive(self, events: Sequence[Event]) -> None:
        self.events += events
        self.told.set()


def event(number: int) -> Retried:
    return Retried("connector", "upstream", str(number))


async def test_listeners_hear_every_event_once_and_in_order() -> None:
    """Each listener is told of all, after a moment and without being asked."""
    one, other = Heard(), Heard()
    batches = EventBuffer([], [one, other])
    for number in range(3):
        batches(event(number))
    assert not one.events
    await asyncio.wait_for(other.told.wait(), 5)

    assert one.events == other.events == [event(0), event(1), event(2)]


async def test_who_reads_the_counts_is_told_at_once() -> None:
    """flush() leaves nothing waiting, and tells nothing twice."""
    heard = Heard()
    batches = EventBuffer([], [heard])
    batches(event(0))

    batches.flush()
    batches.flush()

    assert heard.events == [event(0)]


async def test_a_flood_waits_for_no_timer() -> None:
    """No more than MOST events are kept."""
    heard = Heard()
    batches = EventBuffer([], [heard])

    for number in range(MOST + 1):
        batches(event(number))

    assert len(heard.events) == MOST
    batches.flush()
    assert len(heard.events) == MOST + 1


async def test_listener_that_comes_later_hears_what_follows() -> None:
    """It is told of what happens from then on, as those before it."""
    first, later = Heard(), Heard()
    batches = EventBuffer([], [first])
    batches(event(0))
    batches.flush()

    batches.add(later)
    batches(event(1))
    batches.flush()

    assert first.events == [event(0), event(1)]
    assert later.events == [event(1)]


async def test_requests_have_listeners_of_their_own() -> None:
    """A finished request is told to them and to no other, and nothing else to them; nor to those that come later."""
    requests, others, later = Heard(), Heard(), Heard()
    batches = EventBuffer([requests], [others])
    finished = RequestFinished("connector", "operation", "portal", "ok", 0.1, 0.0)

    batches.add_requests(later)
    for one in (event(0), finished, event(1), finished):
        batches(one)
    batches.flush()

    assert requests.events == later.events == [finished, finished]
    assert others.events == [event(0), event(1)]


async def test_requests_that_flood_wait_for_no_timer() -> None:
    """No more than MOST of them are kept, and they take with them what else waits."""
    requests, others = Heard(), Heard()
    batches = EventBuffer([requests], [others])

    batches(event(0))
    for number in range(MOST + 1):
        batches(RequestFinished("connector", "operation", "portal", str(number), 0.1, 0.0))

    assert (len(requests.events), len(others.events)) == (MOST, 1)
    await asyncio.wait_for(others.told.wait(), 5)
    await asyncio.wait_for(again(requests), 5)
    assert len(requests.events) == MOST + 1


async def again(heard: Heard) -> None:
    """Returns once *heard* is told of more."""
    heard.told.clear()
    await heard.told.wait()
