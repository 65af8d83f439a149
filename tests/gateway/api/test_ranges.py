"""Files that are here whole: their tag, and parts of them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web

from gateway.api.dispatch import refuse
from gateway.api.files import send_file
from gateway.api.ranges import Part, part_of
from gateway.api.routes import Request
from gateway.api.server import HttpServer
from gateway.core.call import Answer
from gateway.core.canonical import Content
from gateway.core.clock import SystemClock
from gateway.core.problems import RangeNotSatisfiable

FILE = b"%PDF-1.7 0123456789" * 20_000
ETAG = f'"{hashlib.sha256(FILE).hexdigest()}"'


@asynccontextmanager
async def asked(method: str = "GET", **headers: str) -> AsyncIterator[aiohttp.ClientResponse]:
    """The answer to a request for the file."""

    async def nothing() -> AsyncIterator[bytes]:
        for chunk in ():
            yield chunk

    async def handler(http: web.BaseRequest) -> web.StreamResponse:
        request = Request(http, "req-1", 0.0, "Fri, 27 Nov 2026 03:00:00 GMT", "", {})
        content = Content("application/pdf", "phieu.pdf", nothing(), body=FILE)
        answer = Answer(value=content, fetched_at=datetime.now(UTC))
        try:
            return await send_file(request, answer, content, clock=SystemClock(), until=0)
        except RangeNotSatisfiable as error:
            return refuse(error, request)

    runner = web.ServerRunner(HttpServer(handler, lambda: "id"))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = "http://{}:{}/".format(*runner.addresses[0][:2])
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        async with aiohttp.ClientSession() as session, session.request(method, url, headers=sent) as answer:
            yield answer
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_the_whole_file_has_a_strong_tag_and_a_length(method: str) -> None:
    """The tag is the file's hash, so that it is the same at every gateway; nothing of it is kept by caches."""
    async with asked(method) as answer:
        body = await answer.read()

    assert (answer.status, body) == (200, FILE if method == "GET" else b"")
    headers = answer.headers
    assert (headers["ETag"], headers["Accept-Ranges"], headers["Content-Length"]) == (ETAG, "bytes", str(len(FILE)))
    assert (headers["Cache-Control"], headers["Content-Type"]) == ("private, no-store", "application/pdf")


async def test_a_part_is_sent_as_one() -> None:
    """206 says which bytes they are."""
    async with asked(Range="bytes=5-8", If_Range=ETAG) as answer:
        body = await answer.read()

    assert (answer.status, body) == (206, FILE[5:9])
    assert answer.headers["Content-Range"] == f"bytes 5-8/{len(FILE)}"
    assert answer.headers["Content-Length"] == "4"


async def test_a_file_that_the_caller_has_is_not_sent_again() -> None:
    """304 without a body, and without the file's type."""
    async with asked(If_None_Match=f'"other", {ETAG}') as answer:
        body = await answer.read()

    assert (answer.status, body, answer.headers["ETag"]) == (304, b"", ETAG)
    assert "Content-Type" not in answer.headers


async def test_a_range_behind_the_end_is_a_problem() -> None:
    """416 says how long the file is."""
    async with asked(Range=f"bytes={len(FILE)}-") as answer:
        problem = await answer.json(content_type=None)

    assert (answer.status, problem["code"]) == (416, "range-not-satisfiable")
    assert answer.headers["Content-Range"] == f"bytes */{len(FILE)}"


@pytest.mark.parametrize(
    ("headers", "part"),
    [
        ({"Range": "bytes=0-"}, Part(206, 0, 10)),
        ({"Range": "bytes=0-99"}, Part(206, 0, 10)),
        ({"Range": f"bytes=00-{'9' * 5000}"}, Part(206, 0, 10)),
        ({"Range": "bytes=-3"}, Part(206, 7, 10)),
        ({"Range": "bytes=-30"}, Part(206, 0, 10)),
        ({"Range": "bytes=9-9"}, Part(206, 9, 10)),
        ({"Range": "bytes=0-1,4-5"}, Part(200, 0, 10)),
        ({"Range": "bytes=5-3"}, Part(200, 0, 10)),
        ({"Range": "bytes=-"}, Part(200, 0, 10)),
        ({"Range": "lines=1-2"}, Part(200, 0, 10)),
        ({"Range": "bytes=٣-"}, Part(200, 0, 10)),
        ({"Range": "bytes=1-2", "If-Range": '"other"'}, Part(200, 0, 10)),
        ({"Range": "bytes=1-2", "If-Range": 'W/"tag"'}, Part(200, 0, 10)),
        ({"Range": "bytes=1-2", "If-Range": '"tag"'}, Part(206, 1, 3)),
        ({"Range": "bytes=1-2", "If-None-Match": '"tag"'}, Part(304, 0, 0)),
        ({"If-None-Match": "*"}, Part(304, 0, 0)),
    ],
    ids=str,
)
def test_one_range_of_bytes_is_read(headers: dict[str, str], part: Part) -> None:
    """What is not one range of bytes, or is meant for another file, gets the whole file."""
    assert part_of("GET", headers, '"tag"', 10) == part


def test_head_has_no_ranges() -> None:
    """RFC 9110 section 14.2: a Range is for GET."""
    assert part_of("HEAD", {"Range": "bytes=1-2"}, '"tag"', 10) == Part(200, 0, 10)


@pytest.mark.parametrize(
    ("asked_for", "length"),
    [("bytes=10-", 10), (f"bytes={'9' * 5000}-", 10), ("bytes=0-", 0), ("bytes=-0", 10)],
    ids=str,
)
def test_no_byte_is_a_problem(asked_for: str, length: int) -> None:
    """A range without a byte can't be sent."""
    with pytest.raises(RangeNotSatisfiable):
        part_of("GET", {"Range": asked_for}, '"tag"', length)
