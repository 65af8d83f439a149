"""What waits for a store that is away: bounded, the newest of each name, and no purge lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.pipeline.cache.invalidation import Tag
from gateway.pipeline.cache.shared.write_queue import MOST_RUBBISH, WriteBehindQueue
from gateway.pipeline.cache.store import Entry
from gateway.testing.clock import FakeClock
from tests.gateway.pipeline.cache.entries import entry_of

EVERYTHING = (Tag(b"all"),)


def always(_: Entry) -> bool:
    """Every entry is still true."""
    return True


def test_newest_write_of_a_name_waits_alone() -> None:
    """Of many answers to the same question only that of the latest question is told, whatever order they came in."""
    clock = FakeClock()
    pending = WriteBehindQueue(EVERYTHING)
    new, old = entry_of(clock), entry_of(clock, asked_ago=5)
    for entry in (old, new, old):
        pending.write(b"n", entry)

    assert pending.next_writes(10, always) == [(b"n", new)]
    assert len(pending) == 0


def test_too_many_writes_give_up_the_oldest_and_say_how_many() -> None:
    """The bound on number holds; what is given up is counted."""
    clock = FakeClock()
    pending = WriteBehindQueue(EVERYTHING, most_writes=2)
    given_up = [pending.write(name, entry_of(clock)) for name in (b"1", b"2", b"3")]

    assert given_up == [0, 0, 1]
    assert [name for name, _ in pending.next_writes(10, always)] == [b"2", b"3"]


def test_too_many_bytes_give_up_the_oldest() -> None:
    """The bound on bytes holds."""
    clock = FakeClock()
    pending = WriteBehindQueue(EVERYTHING, most_bytes=3_000)
    given_up = [pending.write(name, entry_of(clock, b"x" * 1_000)) for name in (b"1", b"2", b"3")]

    assert sum(given_up) == 2
    assert [name for name, _ in pending.next_writes(10, always)] == [b"3"]


def test_what_was_purged_or_ended_meanwhile_is_not_written() -> None:
    """Replay asks again whether each entry is still true."""
    clock = FakeClock()
    pending = WriteBehindQueue(EVERYTHING)
    for name in (b"1", b"2"):
        pending.write(name, entry_of(clock, tags=(Tag(name),)))

    assert [name for name, _ in pending.next_writes(10, lambda entry: entry.tags != (b"1",))] == [b"2"]
    assert len(pending) == 0


@given(st.lists(st.tuples(st.integers(0, 30), st.floats(0, 1_000)), max_size=80))
def test_a_purge_is_never_given_up(purges: list[tuple[int, float]]) -> None:
    """Too many purges become one of everything, as new as the newest: each is told, or more than it."""
    pending = WriteBehindQueue(EVERYTHING, most_purges=5)
    for tag, at in purges:
        pending.purge([Tag(b"%d" % tag)], at)
    waiting = pending.purges()

    assert len(waiting) <= 5
    for tag, at in purges:
        assert max(waiting.get(Tag(b"%d" % tag), -1.0), waiting.get(EVERYTHING[0], -1.0)) >= at


def test_a_newer_purge_still_waits_when_an_older_one_was_told() -> None:
    """Telling takes a moment; what came meanwhile is told the next time."""
    pending = WriteBehindQueue(EVERYTHING)
    pending.purge([Tag(b"a"), Tag(b"b")], 1.0)
    told = pending.purges()
    pending.purge([Tag(b"a")], 2.0)
    pending.told(told)

    assert pending.purges() == {Tag(b"a"): 2.0}


def test_deletions_are_bounded_and_taken_once() -> None:
    """A Redis full of garbage does not fill the gateway."""
    pending = WriteBehindQueue(EVERYTHING)
    for number in range(MOST_RUBBISH * 2):
        pending.delete(b"%d" % number)

    assert len(pending.deletions()) == MOST_RUBBISH
    assert pending.deletions() == []
