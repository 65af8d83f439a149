"""Headers, bodies and queries become values, or an error that points at what is wrong."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any, Final, Literal
from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import Field

from gateway.api import openapi
from gateway.api.operations import idempotency_key
from gateway.api.request import (
    cache_wish,
    clean,
    fields_of_query,
    own_request_id,
    pointer,
    purpose_of,
    query_from_json,
    query_from_text,
    timeout_of,
)
from gateway.core.call import CacheWish, Purpose
from gateway.core.canonical import Canonical
from gateway.core.problems import InvalidRequest
from gateway.core.vietnamese import cleaned
from tests.support.reached import Reached


class Inner(Canonical):
    """Something within."""

    code: str = Field(min_length=2)


class Asked(Canonical):
    """A question with each kind of field."""

    name: str
    number: int | None = None
    kind: Literal["a", "b"] = "a"
    start: str | None = Field(default=None, alias="from")
    inner: tuple[Inner, ...] = ()


def pointers(model: type[Canonical], fields: dict[str, Any]) -> list[str]:
    """Where these fields are wrong."""
    with pytest.raises(InvalidRequest) as refused:
        query_from_json(model, fields)
    return [error.pointer for error in refused.value.errors]


# ---- questions


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({}, ["/name"]),
        ({"name": 1}, ["/name"]),
        ({"name": "x", "number": "1"}, ["/number"]),
        ({"name": "x", "number": 1.5}, ["/number"]),
        ({"name": "x", "number": True}, ["/number"]),
        ({"name": "x", "kind": "c"}, ["/kind"]),
        ({"name": "x", "start": "y"}, []),
        ({"name": "x", "from": 5}, ["/from"]),
        ({"name": "x", "inner": [{"code": "ab"}, {"code": "a"}]}, ["/inner/1/code"]),
        ({"name": "x", "inner": [{"code": "ab", "~/": 1}]}, ["/inner/0/~0~1"]),
        ({"name": "x", "a": 1, "b": 2}, ["/a", "/b"]),
        ({"name": "x\u0000"}, ["/name"]),
        ({"name": "x", "inner": [{"code": "\u001b"}]}, ["/inner/0/code"]),
    ],
)
def test_each_wrong_field_is_pointed_at(fields: dict[str, Any], where: list[str]) -> None:
    """Pointers lead to the field by the name that the caller uses; JSON types are not bent."""
    if not where:
        assert query_from_json(Asked, fields)
        return

    assert pointers(Asked, fields) == where


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_text_is_composed_wherever_it_stands(text: str) -> None:
    """NFD in a body is NFC in the question, at every depth, without characters that are not seen."""
    decomposed = unicodedata.normalize("NFD", text)
    found = query_from_json(Asked, {"name": decomposed, "inner": [{"code": "xx" + decomposed}]})
    composed = cleaned(text)

    assert isinstance(found, Asked)
    assert found.name == composed
    assert found.inner[0].code == cleaned("xx" + decomposed)


def test_text_of_a_query_string_becomes_a_number() -> None:
    """A number in a query string is its digits."""
    found = query_from_text(Asked, {"name": "x", "number": "5"})

    assert isinstance(found, Asked)
    assert found.number == 5


@pytest.mark.parametrize("value", ["x", "", "5x", "five"])
def test_text_that_is_no_number_is_refused(value: str) -> None:
    """Anything else is pointed at."""
    with pytest.raises(InvalidRequest) as refused:
        query_from_text(Asked, {"name": "x", "number": value})

    assert refused.value.errors[0].pointer == "/number"


# ---- query strings


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.text(max_size=10), max_size=8))
def test_query_string_is_read_as_it_was_written(fields: dict[str, str]) -> None:
    """Any fields, encoded and decoded, are those fields."""
    try:
        written = urlencode(fields)
    except UnicodeEncodeError:
        return

    assert fields_of_query(written) == fields


@given(st.text(st.characters(codec="ascii"), max_size=60))
def test_any_query_string_is_fields_or_refused(raw: str) -> None:
    """Whatever stands behind the question mark is fields or the caller's mistake."""
    try:
        found = fields_of_query(raw)
    except InvalidRequest:
        return

    assert all(isinstance(value, str) for value in found.values())


# ---- headers


@pytest.mark.parametrize(("value", "seconds"), [(None, None), ("0.1", 0.1), ("120", 120.0), ("5", 5.0), ("1e1", 10.0)])
def test_timeout_is_seconds(value: str | None, seconds: float | None) -> None:
    """A number of seconds within the bounds is the deadline asked for."""
    assert timeout_of(value) == seconds


DEADLINES = (
    st.floats(0, 200).map(str)
    | st.from_regex(r"\A[+-]?[0-9]{1,3}(\.[0-9]{0,3})?(e[+-]?[0-9])?\Z")
    | st.sampled_from(["0.1", "0.09999", "120", "120.00001", "nan", "inf", "-inf", "1_0"])
    | st.text(max_size=12)
)
deadlines, no_deadlines = Reached(least=10), Reached(least=10)


@deadlines.often_enough
@no_deadlines.often_enough
@given(DEADLINES)
def test_any_timeout_is_within_bounds_or_refused(value: str) -> None:
    """Nothing but a number from 0.1 to 120 becomes a deadline, and each such number does."""
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0.1 <= number <= 120:
        no_deadlines()
        with pytest.raises(InvalidRequest, match=r"0\.1 to 120"):
            timeout_of(value)
        return

    deadlines()
    assert timeout_of(value) == number


@pytest.mark.parametrize(
    ("headers", "purpose"),
    [
        ({}, None),
        ({"X-Dossier-Id": "d"}, None),
        ({"X-User-Id": "u"}, None),
        ({"X-Dossier-Id": "", "X-User-Id": "u"}, None),
        (
            {"X-Dossier-Id": "000.00.04.H58-261124-0001", "X-User-Id": "an@so.gov.vn"},
            Purpose("000.00.04.H58-261124-0001", "an@so.gov.vn"),
        ),
    ],
)
def test_purpose_is_both_or_none(headers: dict[str, str], purpose: Purpose | None) -> None:
    """A dossier without an officer, or an officer without a dossier, is no purpose."""
    assert purpose_of(headers) == purpose


PLAIN: Final = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7F), max_size=140)


def taken(name: str, value: str) -> bool:
    """Whether the door takes *value* as this header."""
    try:
        if name == "Idempotency-Key":
            idempotency_key(value, demanded=True)
        else:
            purpose_of({name: value})
    except InvalidRequest:
        return False
    return True


@pytest.mark.parametrize("name", ["X-Dossier-Id", "X-User-Id", "Idempotency-Key"])
@given(value=PLAIN.filter(lambda value: value == value.strip()))
@example("")
@example("a b")
@example("a" * 128)
@example("a" * 129)
@example("k" * 255)
@example("k" * 256)
@example('"000.00.04.H58-1"')
@example('" "')
@example('"')
def test_headers_are_taken_as_they_are_declared(name: str, value: str) -> None:
    """The pattern in the API's description says the same as the door, which blanks around a value don't reach."""
    needed = ["Idempotency-Key"] if name == "Idempotency-Key" else []
    [described] = openapi._headers([name], needed)

    assert (re.search(described["schema"]["pattern"], value) is not None) is taken(name, value)


def test_a_header_that_is_needed_is_not_empty() -> None:
    """Where a person is asked about, an empty header is one too few."""
    patterns = {
        described["name"]: described["schema"]["pattern"]
        for described in openapi._headers(["X-Dossier-Id", "X-User-Id"], {"X-User-Id"})
    }

    assert {name: re.search(pattern, "") is None for name, pattern in patterns.items()} == {
        "X-Dossier-Id": False,
        "X-User-Id": True,
    }


@pytest.mark.parametrize(
    "character", [*map(chr, range(0x20)), "\x7f", "\x85", "\x9f", "a", "đ", "\u200b", "\U0001f600"]
)
def test_texts_are_taken_as_they_are_declared(character: str) -> None:
    """A batch's operation, and every text without a shape of its own: no control characters but tabs and line ends."""
    components = openapi.describe([], "1")["components"]["schemas"]
    declared = components["BatchPart"]["properties"]["operation"]["pattern"]
    try:
        clean(f"a{character}b")
    except InvalidRequest:
        taken = False
    else:
        taken = True

    assert (re.search(declared, f"a{character}b") is not None) is taken


@pytest.mark.parametrize("value", ["a b", "a\tb", "a\n", "é", "a" * 129, "<a>", 'a"', "a;b"])
def test_odd_purpose_is_refused(value: str) -> None:
    """What goes into the evidence is plain."""
    with pytest.raises(InvalidRequest, match="X-User-Id"):
        purpose_of({"X-Dossier-Id": "d", "X-User-Id": value})


@pytest.mark.parametrize(
    ("value", "wish"),
    [
        (None, CacheWish()),
        ("", CacheWish()),
        ("no-cache", CacheWish(no_cache=True)),
        ("No-Store", CacheWish(no_cache=True, no_store=True)),
        ("only-if-cached, max-age=5", CacheWish(only_if_cached=True, max_age=5.0)),
        ("max-age = 5", CacheWish(max_age=5.0)),
        ('max-age="5"', CacheWish(max_age=5.0)),
        ("max-age=-5", CacheWish(max_age=0.0)),
        ("max-age=", CacheWish(max_age=0.0)),
        ("max-stale", CacheWish(max_stale=float("inf"))),
        ("max-stale=60", CacheWish(max_stale=60.0)),
        ("min-fresh=5, stale-if-error=6, x", CacheWish()),
    ],
)
def test_cache_control_is_read_as_the_rfc_says(value: str | None, wish: CacheWish) -> None:
    """Directives are read without case, with or without quotes, and unknown ones are ignored."""
    assert cache_wish(value) == wish


DIRECTIVE = st.tuples(
    st.sampled_from(["max-age", "Max-Stale", "max-stale", "no-cache", "x"]),
    st.sampled_from(["=", "=", ' = "', "==", ""]),
    st.integers(-100, 100).map(str) | st.text("-0123456789.", max_size=6) | st.text(max_size=6),
).map("".join)
ages = Reached(least=20)


@ages.often_enough
@given(st.lists(DIRECTIVE, max_size=4).map(", ".join) | st.text(max_size=40))
def test_any_cache_control_is_a_wish(value: str) -> None:
    """No header breaks the reader, and no age is negative."""
    wish = cache_wish(value)

    for age in (wish.max_age, wish.max_stale):
        if age is not None:
            ages()
            assert age >= 0


taken_over = Reached(least=20)


@taken_over.often_enough
@given(st.from_regex(r"\A[A-Za-z0-9._-]{1,80}[ \n]?\Z") | st.text(max_size=80))
def test_own_request_id_is_plain_or_none(value: str) -> None:
    """What is taken over into logs and answers is short and plain."""
    found = own_request_id(value)
    if found is None:
        return

    taken_over()
    assert found == value
    assert found.isascii()
    assert found.isprintable()
    assert 0 < len(found) <= 64


@pytest.mark.parametrize(("part", "step"), [("a", "/a"), (0, "/0"), ("a/b~c", "/a~1b~0c"), ("", "/")])
def test_pointer_is_escaped(part: object, step: str) -> None:
    """Steps are escaped as RFC 6901 section 3 says."""
    assert pointer(part) == step
