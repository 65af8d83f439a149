"""A source that answers without end, in the smallest pieces, costs little and is left soon."""

from __future__ import annotations

import pytest

from gateway.adapters.connection import MOST_INTERIM, MOST_SMALL_CHUNKS
from gateway.core.problems import Failing, OffContract
from tests.support.odd_server import http, saying
from tests.support.rest_adapter import JSON, error_of, reply_to

CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"
HINT = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def chunks(number: int, size: int) -> bytes:
    """So many chunks of so many blanks."""
    return (b"%x\r\n" % size + b" " * size + b"\r\n") * number


@pytest.mark.parametrize("interim", [HINT, CONTINUE])
async def test_a_few_interim_answers_are_passed_over(interim: bytes) -> None:
    """RFC 9110 section 15.2: a client reads them and goes on waiting."""
    reply = await reply_to(saying(interim * MOST_INTERIM + http(b'{"a": 1}', JSON)))

    assert reply.body == {"a": 1}


@pytest.mark.parametrize("interim", [HINT, CONTINUE])
@pytest.mark.parametrize("at_once", [True, False])
async def test_interim_answers_without_end_are_left(interim: bytes, at_once: bool) -> None:
    """However they arrive, the connection is aborted after a number of them."""
    flood = [interim * 50_000] if at_once else [interim] * 500
    error = await error_of(saying(*flood))

    assert isinstance(error, OffContract)
    assert error.reason == "malformed"


async def test_small_chunks_are_read() -> None:
    """A source that flushes each line is well."""
    reply = await reply_to(saying(CHUNKED + chunks(MOST_SMALL_CHUNKS - 10, 100) + b"2\r\n{}\r\n" + END))

    assert reply.body == {}


async def test_many_large_chunks_are_read() -> None:
    """The number of chunks is no limit by itself."""
    reply = await reply_to(saying(CHUNKED, *[chunks(100, 256)] * 30, b"2\r\n{}\r\n" + END))

    assert reply.body == {}


@pytest.mark.parametrize("size", [1, 20])
@pytest.mark.parametrize("parts", [1, 40])
async def test_chunks_without_end_are_left(size: int, parts: int) -> None:
    """However they arrive, the connection is aborted after a number of them."""
    flood = [chunks(MOST_SMALL_CHUNKS * 4 // parts, size)] * parts
    error = await error_of(saying(CHUNKED, *flood, b"2\r\n{}\r\n" + END))

    assert isinstance(error, OffContract | Failing)
    assert error.reason in {"malformed", "cut_off"}
