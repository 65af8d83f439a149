"""What is formatted once a second."""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.api.request_ids import RequestStamps
from gateway.testing.clock import FakeClock


async def test_the_date_follows_the_wall_clock_second_by_second() -> None:
    """Within a second the date stays, at its end it moves on, also where the process began in the middle of one."""
    clock = FakeClock(datetime(2026, 11, 24, 3, 0, 0, 400_000, tzinfo=UTC))
    stamps = RequestStamps(clock)
    first = stamps.date(clock.monotonic())

    await clock.advance(0.5)
    same = stamps.date(clock.monotonic())
    await clock.advance(0.11)
    later = stamps.date(clock.monotonic())

    assert "Tue, 24 Nov 2026 03:00:00 GMT" == first == same
    assert later == "Tue, 24 Nov 2026 03:00:01 GMT"


async def test_the_date_is_right_again_within_a_second_of_a_jump() -> None:
    """An operator or NTP may set the wall clock back; no date is wrong for longer than a second."""
    clock = FakeClock()
    stamps = RequestStamps(clock)
    stamps.date(clock.monotonic())

    clock.jump_wall(-3600)
    await clock.advance(1.0)

    assert stamps.date(clock.monotonic()) == "Tue, 24 Nov 2026 02:00:01 GMT"


async def test_ids_are_unique_and_sort_as_they_were_given() -> None:
    """Also over the second's end."""
    clock = FakeClock()
    stamps = RequestStamps(clock)
    given = []
    for _ in range(3):
        given += [stamps.next_id(clock.monotonic()) for _ in range(1000)]
        await clock.advance(0.7)

    assert len(set(given)) == 3000
    assert sorted(given) == given
