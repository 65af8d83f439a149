"""How bodies are packed: content encodings as servers say them, and a single part in multipart/related."""

from __future__ import annotations

import gzip
import zlib
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.encoding import content_type, root_part
from gateway.adapters.limits import BodyReader
from gateway.core.problems import OffContract
from gateway.core.settings import AnswerLimits
from tests.support.odd_server import http, saying
from tests.support.rest_adapter import JSON, error_of, reply_to

BODY: Final = b'{"a": "' + b"xyz" * 200 + b'"}'


def raw_deflate(body: bytes) -> bytes:
    """*body* without the wrapper of zlib."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


def unpacked(packed: bytes, encoding: str, *, step: int = 7) -> bytes:
    """*packed* read in small chunks."""
    reader = BodyReader(AnswerLimits(), encoding)
    for start in range(0, len(packed), step):
        reader.feed(packed[start : start + step])
    return reader.whole()


@pytest.mark.parametrize("step", [1, 2, 3, 1000])
@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (gzip.compress(BODY, mtime=0), "gzip"),
        (gzip.compress(BODY, mtime=0), " GZip "),
        (gzip.compress(BODY, mtime=0), "x-gzip"),
        (gzip.compress(BODY, mtime=0), "identity, gzip"),
        (zlib.compress(BODY), "deflate"),
        (raw_deflate(BODY), "deflate"),
        (BODY, ""),
        (BODY, "identity"),
        (BODY, "none"),
        (BODY, "utf-8"),
        (BODY, "binary"),
    ],
)
def test_a_body_is_unpacked_as_its_header_says(packed: bytes, encoding: str, step: int) -> None:
    """Deflate with its wrapper and without; words that are not an encoding pack nothing."""
    assert unpacked(packed, encoding, step=step) == BODY


@given(st.binary(min_size=1, max_size=300), st.integers(1, 9))
def test_deflate_is_told_by_its_first_two_bytes(body: bytes, level: int) -> None:
    """Whatever is packed, and however hard."""
    wrapped = zlib.compress(body, level)

    assert unpacked(wrapped, "deflate") == unpacked(wrapped[2:-4], "deflate") == body


@pytest.mark.parametrize("packed", [b"x", b"\x78\x9c", raw_deflate(BODY)[:-1], raw_deflate(BODY) + b"more"])
def test_broken_deflate_is_refused(packed: bytes) -> None:
    """It ends early, goes on, or is none."""
    with pytest.raises(OffContract) as met:
        unpacked(packed, "deflate")

    assert met.value.reason == "malformed"


def test_a_bomb_without_a_wrapper_is_cut() -> None:
    """The limits hold for each way of packing."""
    with pytest.raises(OffContract) as met:
        unpacked(raw_deflate(b" " * 5_000_000), "deflate", step=100_000)

    assert met.value.reason == "response_too_large"


async def test_the_same_header_twice_is_one() -> None:
    """A proxy repeats what the server said; the body is packed once."""
    packed = gzip.compress(b'{"a": 1}')
    reply = await reply_to(saying(http(packed, JSON, "Content-Encoding: gzip", "Content-Encoding: gzip")))

    assert reply.body == {"a": 1}


@pytest.mark.parametrize("said", ["gzip, gzip", "br", "gzip, br"])
async def test_an_encoding_that_is_not_read_is_named_for_what_it_is(said: str) -> None:
    """No maintenance, no cut: the source broke the contract of HTTP."""
    error = await error_of(saying(http(gzip.compress(b"{}"), JSON, f"Content-Encoding: {said}")))

    assert isinstance(error, OffContract)
    assert error.reason == "malformed"


# ---- multipart/related

OUTER: Final = 'multipart/related; type="application/xop+xml"; start="<root@x>"; boundary="b+=?"'
ROOT: Final = b"Content-Type: application/xop+xml; charset=utf-8\r\nContent-ID: <root@x>\r\n\r\n<a>\r\n</a>"
OTHER: Final = b"Content-Type: image/png\r\nContent-ID: <other@x>\r\n\r\n\x89PNG"


def multipart(*parts: bytes, end: bytes = b"--b+=?--\r\n") -> bytes:
    """*parts* between boundaries."""
    return b"".join(b"--b+=?\r\n" + part + b"\r\n" for part in parts) + end


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (multipart(ROOT), OUTER),
        (multipart(ROOT, OTHER), OUTER),
        (multipart(OTHER, ROOT), OUTER),
        (b"preamble\r\n" + multipart(ROOT) + b"epilogue", OUTER),
        (multipart(ROOT).replace(b"\r\n--", b"\n--"), OUTER),
        (multipart(ROOT, OTHER), OUTER.replace("<root@x>", "root@x")),
        (multipart(ROOT, OTHER), OUTER.replace("<root@x>", "<unknown>")),
        (multipart(ROOT, OTHER), 'multipart/related; boundary="b+=?"'),
    ],
)
def test_the_root_part_is_found(body: bytes, said: str) -> None:
    """By its name, else the first; what comes before, between and after is left."""
    head, part = root_part(body, content_type(said))

    assert (head.get_content_type(), head.get_param("charset"), part) == (
        "application/xop+xml",
        "utf-8",
        b"<a>\r\n</a>",
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<a/>", OUTER),
        (b"", OUTER),
        (multipart(ROOT), "multipart/related"),
        (multipart(ROOT), 'multipart/related; boundary=""'),
        (multipart(ROOT, end=b"").rstrip(), OUTER),
        (multipart(b"no head"), OUTER),
        (multipart(b"Content-Transfer-Encoding: base64\r\n\r\nPGEvPg=="), OUTER),
        (multipart(b"X-A: " + b"a" * 20_000 + b"\r\n\r\n<a/>"), OUTER),
    ],
)
def test_multipart_without_a_root_that_can_be_read_is_malformed(body: bytes, said: str) -> None:
    """No boundary, no end, no head, or another encoding of the part."""
    with pytest.raises(OffContract) as met:
        root_part(body, content_type(said))

    assert met.value.reason == "malformed"


def test_parts_without_end_are_not_all_looked_at() -> None:
    """A million parts cost no more than the first few."""
    body = multipart(ROOT, *([OTHER] * 50)).replace(b"<root@x>", b"<r>")

    assert root_part(body, content_type(OUTER))[1] == b"<a>\r\n</a>"
