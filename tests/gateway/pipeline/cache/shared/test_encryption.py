"""Bytes that leave the process: readable by us alone, under their name alone, in every version that we ever wrote."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gateway.core.call import Rendered
from gateway.pipeline.cache.invalidation import SKEW_S, Tag
from gateway.pipeline.cache.shared.encryption import STAMP_AT, EntryCipher, Poisoned
from gateway.pipeline.cache.store import Entry
from gateway.testing.clock import FakeClock
from tests.gateway.pipeline.cache.entries import entry_of

SECRET, OTHER = b"a secret of these tests, 32 bytes", b"another secret of these tests, 3x"
NAME: Final = b"lgsp:1:e:name"
SNAPSHOTS: Final = Path(__file__).parent / "snapshots"


def cipher(clock: FakeClock, *secrets: bytes) -> EntryCipher:
    """A sealer with the test's secret unless others are said."""
    return EntryCipher(secrets or (SECRET,), clock)


def alike(entry: Entry) -> Entry:
    """*entry* without what does not travel, its instants on milliseconds."""
    return replace(
        entry,
        order=0,
        stored_at=round(entry.stored_at, 2),
        fresh_until=round(entry.fresh_until, 2),
        keep_until=round(entry.keep_until, 2),
    )


@given(
    data=st.none() | st.binary(max_size=200),
    age=st.integers(0, 100_000),
    life=st.integers(1, 100_000),
    keep=st.integers(0, 1_000_000),
    tags=st.lists(st.binary(min_size=16, max_size=16), max_size=5),
)
def test_what_is_sealed_opens_the_same(data: bytes | None, age: int, life: int, keep: int, tags: list[bytes]) -> None:
    """Any entry, with or without a record, comes back whole; its age goes on by the wall clock."""
    clock = FakeClock()
    entry = entry_of(
        clock, data, asked_ago=float(age), life=float(life), keep=float(keep), tags=tuple(Tag(tag) for tag in tags)
    )

    assert alike(cipher(clock).open(NAME, cipher(clock).seal(NAME, entry))) == alike(entry)


async def test_age_goes_on_in_another_process() -> None:
    """Seconds on the way from one gateway to another count, though their monotonic clocks have nothing in common."""
    clock = FakeClock()
    sealed = cipher(clock).seal(NAME, entry_of(clock, life=60.0))
    await clock.advance(10)
    elsewhere = FakeClock(clock.now())
    await elsewhere.advance(1)
    found = cipher(elsewhere).open(NAME, sealed)

    assert round(elsewhere.monotonic() - found.stored_at, 2) == 11.0
    assert round(found.fresh_until - elsewhere.monotonic(), 2) == 49.0


def test_nothing_of_the_answer_is_readable() -> None:
    """Neither data nor tags nor tokens stand in the bytes; only the stamp does, as digits that a script can compare."""
    clock = FakeClock()
    entry = entry_of(clock, b'{"citizen_id":"079087000001"}', tags=(Tag(b"0123456789abcdef"),))
    sealed = cipher(clock).seal(NAME, entry)

    for secret in (b"079087000001", b"citizen", b"p2", b"0123456789abcdef", SECRET):
        assert secret not in sealed
    assert int(sealed[STAMP_AT[0] : STAMP_AT[1] + 1]) == round(entry.asked_at * 1000)
    assert cipher(clock).seal(NAME, entry) != sealed


@given(st.data())
def test_any_changed_bit_is_found_out(data: st.DataObject) -> None:
    """Header, stamp, nonce and content are authenticated together."""
    clock = FakeClock()
    sealed = bytearray(cipher(clock).seal(NAME, entry_of(clock)))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(Poisoned):
        cipher(clock).open(NAME, bytes(sealed))


@given(st.binary(max_size=120) | st.binary(max_size=120).map(lambda more: b"lgsp\x01" + more))
def test_garbage_is_poison_and_never_an_error(garbage: bytes) -> None:
    """Whatever stands in Redis under our names: refused in one way, and never with a library's own exception."""
    with pytest.raises(Poisoned):
        cipher(FakeClock()).open(NAME, garbage)


@pytest.mark.parametrize("cut", [1, 16, 40, 100])
def test_truncated_bytes_are_poison(cut: int) -> None:
    """A value that lost its end is refused whole."""
    clock = FakeClock()
    sealed = cipher(clock).seal(NAME, entry_of(clock))

    with pytest.raises(Poisoned):
        cipher(clock).open(NAME, sealed[:-cut])


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda sealed: b"gzip" + sealed[4:], "garbage"),
        (lambda sealed: sealed[:4] + b"\x02" + sealed[5:], "version"),
        (lambda sealed: sealed[:5] + b"none" + sealed[9:], "key"),
        (lambda sealed: sealed[:-1], "seal"),
    ],
)
def test_poison_says_why(spoil: object, reason: str) -> None:
    """One word that the operator sees counted, and no byte of the entry."""
    clock = FakeClock()
    assert callable(spoil)

    with pytest.raises(Poisoned, match=f"^{reason}$"):
        cipher(clock).open(NAME, spoil(cipher(clock).seal(NAME, entry_of(clock))))


def test_bytes_of_another_name_are_poison() -> None:
    """An entry copied under another's name, by mistake or malice, is not that one's answer."""
    clock = FakeClock()
    sealed = cipher(clock).seal(NAME, entry_of(clock))

    with pytest.raises(Poisoned, match="seal"):
        cipher(clock).open(NAME + b"2", sealed)


def test_a_rotated_secret_is_still_read_and_no_longer_written() -> None:
    """With the new secret first and the old one behind it, old entries open and new ones carry the new key's id."""
    clock = FakeClock()
    old, rotating, new = cipher(clock), cipher(clock, OTHER, SECRET), cipher(clock, OTHER)
    entry = entry_of(clock)

    assert alike(rotating.open(NAME, old.seal(NAME, entry))) == alike(entry)
    assert alike(new.open(NAME, rotating.seal(NAME, entry))) == alike(entry)
    with pytest.raises(Poisoned, match="key"):
        new.open(NAME, old.seal(NAME, entry))


@pytest.mark.parametrize(("ahead", "opens"), [(SKEW_S - 1, True), (SKEW_S + 1, False), (86_400.0, False)])
def test_scenario_40_an_entry_from_the_future_is_not_immortal(ahead: float, *, opens: bool) -> None:
    """A little skew is borne, with age 0; an entry from further ahead is poison."""
    clock = FakeClock()
    clock.jump_wall(ahead)
    sealed = cipher(clock).seal(NAME, entry_of(clock))
    clock.jump_wall(-ahead)

    if opens:
        assert cipher(clock).open(NAME, sealed).stored_at == clock.monotonic()
    else:
        with pytest.raises(Poisoned, match="future"):
            cipher(clock).open(NAME, sealed)


KEPT_SINCE_1: Final = Entry(
    value=Rendered(
        '{"code":"a","name":"Sổ đăng ký"}'.encode(), 'W/"0123"', paged=False, next_page_token=None, total=None
    ),
    fetched_at=datetime(2026, 11, 24, 3, 0, tzinfo=UTC),
    asked_at=datetime(2026, 11, 24, 3, 0, tzinfo=UTC).timestamp(),
    order=0,
    stored_at=1_000.0,
    fresh_until=1_060.0,
    keep_until=1_660.0,
    tags=(Tag(b"0123456789abcdef"),),
)
SNAPSHOT_ENTRIES: Final = {"record-1.bin": KEPT_SINCE_1, "no-record-1.bin": replace(KEPT_SINCE_1, value=None)}


@pytest.mark.parametrize("name", SNAPSHOT_ENTRIES)
def test_bytes_of_every_past_version_still_open(name: str) -> None:
    """Bytes that a released version wrote stay in ``snapshots/``: a later one reads them, or its version is another."""
    sealed = (SNAPSHOTS / name).read_bytes()

    assert alike(cipher(FakeClock()).open(NAME, sealed)) == SNAPSHOT_ENTRIES[name]


def test_an_entry_keeps_what_could_not_be_read() -> None:
    """An answer from another gateway says as much of its gaps as the first one did."""
    clock = FakeClock()
    value = Rendered(b"{}", "e", incomplete=("/founded_on",), rows_left_out=2)
    sealed = cipher(clock).seal(NAME, replace(KEPT_SINCE_1, value=value, stored_at=clock.monotonic()))

    assert cipher(clock).open(NAME, sealed).value == value
