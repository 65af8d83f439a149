"""A body becomes one JSON object, or is refused before it costs much."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.request import clean, clean_json, object_of, parse_object, pointer, unpacked
from gateway.core.problems import InvalidRequest, PayloadTooLarge
from tests.support.reached import Reached

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


def refusals(body: bytes) -> list[tuple[str, str]]:
    """Pointer and message of each thing that is wrong with a body."""
    with pytest.raises(InvalidRequest) as refused:
        parse_object(body)
    return [(error.pointer, error.mistake.en) for error in refused.value.errors]


# ---- bodies

PLAIN = st.sampled_from(["a", "b/-<", "", "Đệ ư"])
ODD = st.sampled_from([*'"\\\n\t\x00\x7f\x85\xa0\u0323\u200b\u2028\ufeff\ud800', "e\u0302", 2**64, 2**63, 1.5, None])


@given(st.dictionaries(PLAIN, PLAIN | st.lists(PLAIN, max_size=3), max_size=2), PLAIN, ODD, st.booleans())
def test_texts_looked_at_together_are_cleaned_as_each_alone(
    fields: dict[str, Any], name: str, odd: Any, deep: bool
) -> None:
    """Clean fields with one odd value among them become the JSON, or the errors, that the walk of all texts gives."""

    def outcome(write: Callable[[dict[str, Any]], bytes]) -> object:
        try:
            return write({**fields, name: [{name: odd}] if deep else odd})
        except InvalidRequest as error:
            return error.errors
        except TypeError:
            return TypeError

    assert outcome(clean_json) == outcome(lambda given: orjson.dumps(clean(given)))


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_object_is_read_as_it_was_written(value: dict[str, Any]) -> None:
    """Any JSON object comes out as it went in."""
    assert parse_object(json.dumps(value).encode()) == value


@st.composite
def nearly_objects(draw: st.DrawFn) -> bytes:
    """JSON as it is or with some bytes changed, in the encodings that clients use, and now and then any bytes."""
    text = json.dumps(draw(st.dictionaries(st.text(max_size=5), JSON, max_size=4) | JSON), ensure_ascii=False)
    body = text.encode(draw(st.sampled_from(["utf-8"] * 4 + ["utf-8-sig", "utf-16"])), "surrogatepass")
    start = draw(st.integers(0, len(body)))
    changed = body[:start] + draw(st.binary(max_size=2)) + body[start + draw(st.integers(0, 2)) :]
    return draw(st.sampled_from([body, body, changed]) | st.binary(max_size=100))


objects, no_objects = Reached(least=10), Reached(least=10)


@objects.often_enough
@no_objects.often_enough
@given(nearly_objects())
def test_any_bytes_are_an_object_or_refused(body: bytes) -> None:
    """What is one JSON object in UTF-8 is that object; anything else is the caller's mistake, never a bug of ours."""
    try:
        found = parse_object(body)
    except InvalidRequest:
        no_objects()
        return

    objects()
    assert isinstance(found, dict)
    assert found == json.loads(body.decode("utf-8"))


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b'{"a": ' + b"9" * 10_000 + b"}"])
def test_body_that_would_break_a_parser_is_refused(body: bytes) -> None:
    """Depth and length that no parser bears are refused like any other broken JSON."""
    with pytest.raises(InvalidRequest):
        parse_object(body)


def test_byte_order_mark_is_named() -> None:
    """It is invisible, so that its sender would look for it for long."""
    assert refusals(b'\xef\xbb\xbf{"a": 1}') == [("", "the body must not begin with a byte order mark")]


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_nesting_has_a_limit(opening: bytes) -> None:
    """It is counted before a parser recurses; brackets in a text are none."""
    closing = b"]" if opening == b"[" else b"}"
    nested = b'{"b":' + opening * 31 + b"1" + closing * 31 + b"}"

    assert list(parse_object(nested)) == ["b"]
    assert parse_object(b'{"b": "\\"' + b"[" * 500 + b'"}') == {"b": '"' + "[" * 500}
    assert refusals(b'{"b":' + opening * 32 + b"1" + closing * 32 + b"}") == [
        ("", "the body may be nested at most 32 deep")
    ]
    assert refusals(b'{"b": "' + opening * 33) != []


def test_number_of_values_has_a_limit() -> None:
    """As many as any order could have are read; far more are refused before they are parsed."""
    names = b",".join(b'"%d":1' % n for n in range(9_999))

    assert len(parse_object(b"{" + names + b"}")) == 9_999
    assert refusals(b"{" + names + b',"x":[1,2]}') == [("", "the body may have at most 10000 values")]
    assert refusals(b'{"x":' + b'""' * 30_000) == [("", "the body may have at most 10000 values")]


def test_escapes_have_a_limit() -> None:
    """As many as a file in base64 has where slashes are escaped are read."""
    assert parse_object(b'{"x": "' + b"\\/" * 200_000 + b'"}') == {"x": "/" * 200_000}
    assert refusals(b'{"x": "' + b"\\/" * 200_001 + b'"}') == [("", "the body may have at most 10000 values")]


@pytest.mark.parametrize(
    "text",
    [b'"' + b"\\" * 2 + b'"', b'"' + b"\\" * 3 + b'"]]]"', b'"\\"' + b"[" * 99 + b'\\""', b'"]" , "[" , "\\\\"'],
)
def test_brackets_in_texts_are_not_nesting(text: bytes) -> None:
    """However their ends are escaped."""
    body = b'{"a": [' + b"[" * 29 + text + b"]" * 29 + b', {"b": []}]}'

    assert parse_object(body) == json.loads(body)


@pytest.mark.parametrize(("text", "fits"), [("đ" * 20_000, True), ("đ" * 20_001, False), ("a\r\n" * 100_000, True)])
def test_only_a_file_may_be_long(text: str, fits: bool) -> None:
    """A text beyond ASCII has an end; base64 with line ends has none of its own."""
    if fits:
        assert clean({"x": [text]}) == {"x": [text]}
        return
    with pytest.raises(InvalidRequest) as refused:
        clean({"x": [text]})
    assert [(error.pointer, error.mistake.code) for error in refused.value.errors] == [("/x/0", "too_long")]


class Name(str):  # noqa: SLOT000  # it counts in its class
    """A name that counts how often names are compared."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        Name.compared += 1
        return str(self) == str(other)

    __hash__ = str.__hash__


def test_doubled_name_is_found_in_one_walk() -> None:
    """Two thousand names, and none is compared with all others."""
    Name.compared = 0
    with pytest.raises(InvalidRequest) as refused:
        object_of([(Name(f"a{n}"), n) for n in range(2_000)] + [(Name("a1999"), 1)])

    assert [error.pointer for error in refused.value.errors] == ["/a1999"]
    assert Name.compared < 3 * 2_000


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"a": 1, "a": 2}', "/a"),
        (b'{"applicant": {"sex": "male", "sex": "female"}}', "/applicant/sex"),
        (b'{"x": [{"b": 1}, {"b/c": 1, "d": {}, "b/c": {}}]}', "/x/1/b~1c"),
        (b'{"x": {"b": 1, "b": 1}, "x": 2}', "/x/b"),
        (b'{"x": {"b": 1, "b": 1}, "y": ', ""),
    ],
)
def test_doubled_name_is_told_where_it_stands(body: bytes, place: str) -> None:
    """However deep; of a body that is no JSON nothing else is told."""
    with pytest.raises(InvalidRequest) as refused:
        parse_object(body)

    told = [(error.pointer, error.mistake.code) for error in refused.value.errors]
    assert told == [(place, "given_twice" if place else "not_json")]


@pytest.mark.parametrize(
    ("name", "shown"),
    [("a/b~c", "/a~1b~0c"), ("\ud800", "/?"), ("đ", "/đ"), ("x" * 5_000, "/" + "x" * 199 + "…"), (3, "/3")],
)
def test_pointer_can_be_sent_whatever_the_name(name: object, shown: str) -> None:
    """Half a character has no UTF-8, and nobody needs a name of five thousand letters repeated."""
    assert pointer(name) == shown


# ---- compression


@pytest.mark.parametrize("packed", [gzip.compress(b"{}"), zlib.compress(b"{}")], ids=["gzip", "zlib"])
def test_compressed_body_is_unpacked(packed: bytes) -> None:
    """In either form of RFC 9110 section 8.4.1."""
    assert unpacked(packed, 2) == b"{}"


@pytest.mark.parametrize(
    "packed",
    [b"", b"{}", gzip.compress(b"{}")[:-1], gzip.compress(b"{}") + b"x", gzip.compress(b"{") + gzip.compress(b"}")],
    ids=["nothing", "plain", "cut", "longer", "two in one"],
)
def test_broken_compression_is_refused(packed: bytes) -> None:
    """Also where it is whole but something follows it."""
    with pytest.raises(InvalidRequest) as refused:
        unpacked(packed, 100)

    assert refused.value.reason == "broken_body"


def test_little_is_unpacked_of_much() -> None:
    """A hundred megabytes in a hundred kilobytes cost no more than the limit."""
    bomb = gzip.compress(bytes(100_000_000), 1)
    tracemalloc.start()
    with pytest.raises(PayloadTooLarge):
        unpacked(bomb, 100_000)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 1_000_000
