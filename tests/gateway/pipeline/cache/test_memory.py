"""The first level is bounded by number and by bytes, and keeps what is used."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.core.call import Rendered
from gateway.pipeline.cache.invalidation import TAG_BYTES, Tag
from gateway.pipeline.cache.memory import LARGEST_PART, Memory, MemoryEntry, MemorySettings
from gateway.pipeline.cache.store import OVERHEAD_BYTES, Entry
from gateway.testing.clock import FakeClock
from tests.gateway.pipeline.cache.entries import entry_of, key_of

BESIDE_DATA: Final = 640
"""Bytes that an entry may take beside its data: its key, its entity tag, its tags, its place in the order of use."""
instants = st.integers(-(10**15), 4 * 10**15).map(
    lambda us: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
)
seconds = st.floats(allow_nan=False)


@given(
    st.none() | st.builds(Rendered, st.binary(), st.text()),
    instants,
    st.tuples(seconds, seconds, seconds, seconds),
    st.integers(0, 2**62),
    st.lists(st.binary(min_size=TAG_BYTES, max_size=TAG_BYTES) | st.binary(max_size=40), max_size=5),
)
def test_what_is_packed_comes_out_as_it_was(
    value: Rendered | None,
    fetched_at: datetime,
    times: tuple[float, float, float, float],
    order: int,
    tags: list[bytes],
) -> None:
    """Whatever its numbers and tags are, an entry is given back equal to the one that was kept."""
    asked_at, stored_at, fresh_until, keep_until = times
    entry = Entry(
        value=value,
        fetched_at=fetched_at,
        asked_at=asked_at,
        order=order,
        stored_at=stored_at,
        fresh_until=fresh_until,
        keep_until=keep_until,
        tags=tuple(Tag(tag) for tag in tags),
    )

    held = MemoryEntry(entry)

    assert (held.entry, held.fetched_at) == (entry, fetched_at)
    assert (held.life, held.keep_until) == ((stored_at, fresh_until, keep_until), keep_until)


def test_an_entry_takes_little_beside_its_data() -> None:
    """Memory for entries is what limits their number, so what each takes beside the answer itself is held."""
    clock, number = FakeClock(), 2_000
    common = tuple(Tag(bytes([at]) * TAG_BYTES) for at in range(3))
    memory = Memory(MemorySettings())
    tracemalloc.start()
    try:
        for at in range(number):
            own = Tag(b"%016d" % at)
            entry = entry_of(clock, b"%01200d" % at, order=at + 1_000, asked_ago=at / 7, tags=(*common, own))
            memory.put(key_of(f"{at:010}"), entry)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert taken / number < 1_200 + BESIDE_DATA


def test_least_recently_used_goes_first() -> None:
    """With room for two, the one asked for longest ago makes way."""
    clock = FakeClock()
    memory = Memory(MemorySettings(entries=2))
    for code in "ab":
        memory.put(key_of(code), entry_of(clock))
    memory.get(key_of("a"))
    memory.put(key_of("c"), entry_of(clock))

    assert [memory.get(key_of(code)) is not None for code in "abc"] == [True, False, True]


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 3_000), st.integers(0, 9)), max_size=60))
def test_bounds_hold_and_sizes_add_up(puts: list[tuple[str, int, int]]) -> None:
    """After any history, neither bound is passed, and the size is that of what is held."""
    clock = FakeClock()
    settings = MemorySettings(entries=5, data_bytes=16_000)
    memory = Memory(settings)
    for code, size, order in puts:
        memory.put(key_of(code), entry_of(clock, b"x" * size, order=order))

        held = [(key_of(code), found.entry) for code in "abcdefgh" if (found := memory._held.get(key_of(code)))]
        assert len(memory) == len(held) <= settings.entries
        assert memory.size == sum(entry.size + len(key) for key, entry in held) <= settings.data_bytes


def test_answer_to_an_older_question_does_not_replace_a_newer_one() -> None:
    """Newest wins by when the question began."""
    clock = FakeClock()
    memory = Memory(MemorySettings())
    memory.put(key_of(), entry_of(clock, b"new", order=2))

    assert memory.put(key_of(), entry_of(clock, b"old", order=1)) is None
    held = memory.get(key_of())
    assert held is not None
    assert held.entry.order == 2


def test_one_huge_answer_does_not_push_out_all_others() -> None:
    """What would take more than its part of the memory is not kept."""
    clock = FakeClock()
    memory = Memory(MemorySettings(data_bytes=80_000))
    memory.put(key_of("a"), entry_of(clock))

    assert memory.put(key_of("b"), entry_of(clock, b"x" * (80_000 // LARGEST_PART))) is None
    assert len(memory) == 1
    assert memory.size > OVERHEAD_BYTES


def test_worn_out_entries_are_swept_though_nobody_asks() -> None:
    """Round by round every entry is looked at; only what is of no more use goes."""
    clock = FakeClock()
    memory = Memory(MemorySettings())
    for number in range(10):
        memory.put(key_of(str(number)), entry_of(clock, keep=0.0 if number % 2 else 1e6))
    memory.sweep(clock.monotonic() + 30, 100)
    early = len(memory)
    for _ in range(4):
        memory.sweep(clock.monotonic() + 61, 3)

    assert (early, len(memory)) == (10, 5)


@pytest.mark.parametrize(
    "wrong", [{"entries": 0}, {"data_bytes": -1}, {"jitter": 0.6}, {"jitter": -0.1}, {"hot_hits": 0}, {"ttl": 1}]
)
def test_settings_refuse_what_can_not_work(wrong: dict[str, float]) -> None:
    """Bounds are positive, jitter takes at most half a life, unknown keys are refused."""
    with pytest.raises(ValidationError):
        MemorySettings.model_validate(wrong)
