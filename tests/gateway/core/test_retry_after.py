"""``Retry-After`` as sources write it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.retry_after import LONGEST_RETRY_AFTER_S, RETRY_AFTER_S, read_retry_after

NOW: Final = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


def read(value: str) -> float | None:
    """The seconds of a header."""
    return read_retry_after({"retry-after": value}, NOW)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("70", 70.0),
        (" 70 ", 70.0),
        ("0", 0.0),
        ("0.5", 0.5),
        ("1.25", 1.25),
        ("86400", 86_400.0),
        ("Thu, 26 Nov 2026 03:00:04 GMT", 4.0),
        ("Thu, 26 Nov 2026 10:00:04 +0700", 4.0),
        ("Thu, 26 Nov 2026 03:00:04", 4.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
    ],
)
def test_a_wait_in_seconds_or_until_a_date_is_read(value: str, seconds: float) -> None:
    """Both forms of the standard, and fractions, which it does not foresee."""
    assert read(value) == seconds


@pytest.mark.parametrize(
    "value", ["86401", "3600000", "1795680000", "1795680000000", "9" * 400, "Fri, 01 Jan 2099 00:00:00 GMT"]
)
def test_a_wait_that_cannot_be_meant_is_our_own(value: str) -> None:
    """Milliseconds, instants and decades: the source wants to be left alone, and nobody knows for how long."""
    assert read(value) == RETRY_AFTER_S


@pytest.mark.parametrize("value", ["", "-1", "+5", "soon", "1e3", "٣", "0x10", "5 s", "Thu, 99 Nev 2026 00:00:00 GMT"])
def test_what_cannot_be_read_is_no_wait(value: str) -> None:
    """Nothing is guessed, nor where nothing is said."""
    assert read(value) is None
    assert read_retry_after({}, NOW) is None


@given(
    st.text(max_size=40) | st.from_regex(r"[A-Z][a-z]{2}, \d{1,5} [A-Z][a-z]{2} \d{1,6} \d\d:\d\d:\d\d [+-]?\d{1,9}")
)
def test_whatever_comes_is_a_bounded_wait_or_none(value: str) -> None:
    """No header breaks the reader."""
    found = read(value)

    assert found is None or 0 <= found <= LONGEST_RETRY_AFTER_S
