"""What an answer may weigh: whole within the limits, cut at the first one passed, however it comes in."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.limits import BodyReader, check_json, count_of, looks_like_html
from gateway.core.problems import OffContract
from gateway.core.settings import AnswerLimits

STEP = 256 * 1024
GENEROUS = AnswerLimits()


def read(body: bytes, sizes: list[int], limits: AnswerLimits = GENEROUS, encoding: str = "") -> bytes:
    """*body* fed in chunks of these sizes, over and over."""
    reader = BodyReader(limits, encoding)
    at = 0
    while at < len(body):
        for size in sizes:
            reader.feed(body[at : at + size])
            at += size
    return reader.whole()


CHUNKS = st.lists(st.sampled_from([1, 2, 7, 100, 65_536]), min_size=1, max_size=5)


@given(st.binary(max_size=5_000), CHUNKS)
def test_body_comes_out_as_it_went_in(body: bytes, sizes: list[int]) -> None:
    """However a body is cut into chunks, it is whole in the end."""
    assert read(body, sizes) == body


@given(st.binary(max_size=500), st.integers(0, 100), CHUNKS, st.sampled_from(["gzip", "x-gzip", "deflate", "GZIP "]))
def test_compressed_body_comes_out_unpacked(body: bytes, repeat: int, sizes: list[int], encoding: str) -> None:
    """Each compression that is asked for is undone, whatever the chunks."""
    body *= repeat
    packed = zlib.compress(body) if encoding == "deflate" else gzip.compress(body)
    limits = AnswerLimits(ratio=10_000)

    assert read(packed, sizes, limits, encoding) == body


@pytest.mark.parametrize("size", [STEP - 1, STEP, STEP + 1, 2 * STEP, 3 * STEP + 7])
@pytest.mark.parametrize("chunk", [1_000, 65_536])
def test_unpacking_in_steps_loses_nothing(size: int, chunk: int) -> None:
    """A body that unpacks to about a whole number of steps is whole."""
    body = b"a" * size

    assert read(gzip.compress(body), [chunk], AnswerLimits(ratio=10_000), "gzip") == body


@given(st.integers(1, 5_000), st.integers(0, 5_000), CHUNKS)
def test_plain_body_is_cut_exactly_at_the_limit(limit: int, size: int, sizes: list[int]) -> None:
    """A body of the limit's length passes, and one byte more does not."""
    limits = AnswerLimits(body_bytes=limit)
    if size <= limit:
        assert len(read(b"a" * size, sizes, limits)) == size
        return

    with pytest.raises(OffContract) as met:
        read(b"a" * size, sizes, limits)
    assert met.value.reason == "response_too_large"


@pytest.mark.parametrize(
    ("limits", "size"),
    [(AnswerLimits(decoded_bytes=100_000), 100_001), (AnswerLimits(ratio=50), 2_000_000)],
    ids=["unpacked bytes", "ratio"],
)
def test_bomb_is_cut_while_it_unpacks(limits: AnswerLimits, size: int) -> None:
    """What unpacks to too much, or to too much for its size, is left in the middle."""
    with pytest.raises(OffContract, match="cut"):
        read(gzip.compress(b"\0" * size), [4_096], limits, "gzip")


def test_small_answers_may_be_packed_tightly() -> None:
    """The ratio is looked at only where the answer is large: a small list of equal rows is no bomb."""
    assert len(read(gzip.compress(b" " * 900_000), [4_096], AnswerLimits(ratio=2), "gzip")) == 900_000


def test_announced_length_is_believed_where_it_is_too_large() -> None:
    """A length beyond the limit is refused before the first byte."""
    with pytest.raises(OffContract, match="announced"):
        BodyReader(AnswerLimits(body_bytes=10), declared=11)
    BodyReader(AnswerLimits(body_bytes=10), declared=10)


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "br, gzip", "x"])
def test_encoding_that_was_not_asked_for_is_refused(encoding: str) -> None:
    """Only what was asked for is unpacked."""
    with pytest.raises(OffContract, match=r"was not asked for|more than once"):
        BodyReader(GENEROUS, encoding)


@given(st.binary(min_size=1, max_size=500))
def test_what_is_not_packed_is_refused(body: bytes) -> None:
    """Bytes that are no compression, or end before it does, or go on after it, are never passed on."""
    for broken in (body, gzip.compress(body)[:-1], gzip.compress(body) + body):
        with pytest.raises(OffContract) as met:
            read(broken, [100], encoding="gzip")
        assert met.value.reason == "malformed"


@pytest.mark.parametrize("repeat", [1, 70_000], ids=["small", "large"])
@given(body=st.lists(st.sampled_from([b"{", b":", b"x", b"\x00"])).map(b"".join))
def test_bytes_are_counted_whatever_the_size(body: bytes, repeat: int) -> None:
    """A small body and a large one are counted in different ways, with one result."""
    assert count_of(b":", body * repeat) == (body * repeat).count(b":")


def test_empty_body_is_empty_whatever_its_encoding() -> None:
    """No bytes unpack to no bytes."""
    assert read(b"", [1], encoding="gzip") == b""


# ---- JSON

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='[]{}",\\a', max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet='[]{}",\\a', max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)


def depth_of(value: object) -> int:
    """How deep lists and objects stand in one another."""
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


@given(VALUES, st.integers(1, 8))
def test_nesting_is_measured_and_nothing_else(value: object, limit: int) -> None:
    """An answer passes where it is no deeper than the limit, whatever brackets stand in its texts."""
    body, limits = json.dumps(value).encode(), AnswerLimits(depth=limit)
    if depth_of(value) <= limit:
        check_json(body, limits)
        return

    with pytest.raises(OffContract, match=f"nested deeper than {limit}"):
        check_json(body, limits)


@given(st.integers(1, 200), st.integers(0, 300))
def test_number_of_values_is_bounded(limit: int, count: int) -> None:
    """A list of more values than the limit is refused."""
    body, limits = json.dumps([1] * (count + 1)).encode(), AnswerLimits(elements=limit)
    if count + 1 <= limit:
        check_json(body, limits)
        return

    with pytest.raises(OffContract, match=f"more than {limit} values"):
        check_json(body, limits)


@pytest.mark.parametrize("tag", ["<b>", "\\u003cb>", "\\u003Cb>"])
@pytest.mark.parametrize(("tags", "refused"), [(1_000, False), (1_001, True)])
def test_number_of_tags_in_texts_is_bounded(tag: str, tags: int, refused: bool) -> None:
    """HTML in a text is parsed later, and costs what values cost."""
    body, limits = f'["{tag * tags}"]'.encode(), AnswerLimits(elements=1_000)
    if not refused:
        check_json(body, limits)
        return

    with pytest.raises(OffContract, match="more than 1000 tags"):
        check_json(body, limits)


def test_a_text_that_never_ends_is_looked_at_once() -> None:
    """An answer cut off inside a text costs no more than a whole one, however many quotes it escapes."""
    body = b'[[],[],"' + rb"\"" * 500_000

    check_json(body, AnswerLimits(depth=2))

    with pytest.raises(OffContract, match="nested deeper than 1"):
        check_json(body, AnswerLimits(depth=1))


@given(st.binary(max_size=200))
def test_any_bytes_can_be_weighed(body: bytes) -> None:
    """What is no JSON is weighed all the same; reading it comes after."""
    check_json(body, GENEROUS)


# ---- pages


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"\xef\xbb\xbf\n <!DOCTYPE HTML", b"<Body>", b"<h1>", b'<?xml version="1.0"?>\n<html xmlns="x">'],
)
def test_pages_are_told_by_their_bytes(body: bytes) -> None:
    """A page is one whatever its content type says."""
    assert looks_like_html(body)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"a": "<html>"}', b"<soap:Envelope>", b'<?xml version="1.0"?><a/>', b"html"]
)
def test_answers_are_no_pages(body: bytes) -> None:
    """JSON and XML that speak of HTML are answers."""
    assert not looks_like_html(body)
