"""The weighted lists of a request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.preferences import accepts_gzip, language_of

LISTS = st.lists(st.text("vien*-;q=.01, \t", max_size=12)).map(",".join) | st.text(max_size=40)


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("vi", "vi"),
        ("\t VI-vn", "vi"),
        ("vi, en", "vi"),
        ("en, vi", "en"),
        ("vi;q=0.1, en;q=0.9", "en"),
        ("en;q=0.1, vi;q=0.9", "vi"),
        ("en-US;q=0.8,vi;q=0.801", "vi"),
        ("vi;q=0, en", "en"),
        ("vi;q=0", "en"),
        ("vi; Q=0.000", "en"),
        ("en;q=0, *", "vi"),
        ("en;q=0, *;q=0", "en"),
        ("*", "en"),
        ("*;q=0.5, vi;q=0.1", "en"),
        ("*;q=0.1, vi;q=0.5", "vi"),
        ("fr, vi;q=0.3", "vi"),
        ("fr, de", "en"),
        ("vi;q=2, en;q=0.1", "en"),
        ("vi;q=x, en", "en"),
        ("vietnamese", "en"),
        ("x;vi", "en"),
    ],
)
def test_language_with_the_greater_weight_is_answered(accept: str | None, language: str) -> None:
    """Weights decide, then the order; a weight that can't be read takes its element's say."""
    assert language_of(accept) == language


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, False),
        ("gzip", True),
        ("GZIP;q=0.5, deflate", True),
        ("br, x-gzip", True),
        ("*", True),
        ("gzip;q=0", False),
        ("*, gzip;q=0.0", False),
        ("identity", False),
        ("deflate, br", False),
        ("gzip;q=zero", False),
    ],
)
def test_gzip_is_sent_where_it_is_accepted(accept: str | None, wanted: bool) -> None:
    """By its name or by the star, unless its weight is zero."""
    assert accepts_gzip(accept) is wanted


@given(LISTS)
def test_any_header_is_read(accept: str) -> None:
    """No list breaks the readers, and what is read is one of the two languages."""
    assert language_of(accept) in {"vi", "en"}
    assert accepts_gzip(accept) in {True, False}
