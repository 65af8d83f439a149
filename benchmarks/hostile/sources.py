"""Attacks by a source; each is asked by a caller with a key."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from benchmarks.hostile.attack import Attack, Target, request
from benchmarks.subjects import HEADERS

_CODE: Final = "0300588569"
_ROUNDS: Final = 3
_PIECE: Final = 256 * 1024
_HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
_PROVISION: Final = b'{"id": "1", "ptype": "DIEU", "title": "D", "children": [], "content": {"content": "%b"}}'

Answerer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


def asked(path: str, number: int = 10, rounds: int = _ROUNDS) -> Callable[[Target], Awaitable[None]]:
    """So many questions at once, some times over, none of which the cache answers."""

    async def run(target: Target) -> None:
        headers = {**HEADERS, "Cache-Control": "no-cache"}
        for _ in range(rounds):
            await target.at_once(number, request(path, b"", headers, method="GET"))

    return run


ENTERPRISE: Final = asked(f"/v1/business-registry/enterprises/{_CODE}")
PROVISIONS: Final = asked("/v1/legal-documents/documents/100/provisions")


def saying(answer: bytes) -> Answerer:
    """Answers every request with these bytes, for as long as they are read."""

    async def say(_: bytes, writer: asyncio.StreamWriter) -> None:
        for start in range(0, len(answer), _PIECE):
            writer.write(answer[start : start + _PIECE])
            await writer.drain()

    return say


def whole(body: bytes) -> Answerer:
    """Answers every request with *body*, whose length is announced."""
    return saying(_HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def chunked(chunks: bytes) -> Answerer:
    """Answers every request with *chunks*."""
    return saying(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)


def tree(*texts: bytes) -> bytes:
    """A law's provisions with these texts."""
    return b'{"success": true, "data": [' + b", ".join(_PROVISION % text for text in texts) + b"]}"


LARGE: Final = tree(*[b"<p>xin ch\xc3\xa0o</p>"] * 170_000)

SOURCES: Final = (
    Attack(
        "source-string",
        "64 brackets and a string of 200 KB without end",
        ENTERPRISE,
        whole(b"[" * 64 + b'"' + b"\\a" * 100_000),
    ),
    Attack("source-tags", "5,000 tags that never end in a law's text", PROVISIONS, whole(tree(b"<a " * 5_000))),
    Attack("source-html", "490,000 tags in a law's text", PROVISIONS, whole(tree(b"<b>a</b>" * 490_000))),
    Attack("source-rows", "49,000 rows that can't be read", PROVISIONS, whole(tree()[:-2] + b"1.5," * 49_000 + b"1]}")),
    Attack("source-large", "answers of 16 MB, announced", PROVISIONS, whole(LARGE)),
    Attack(
        "source-large-chunk",
        "answers of 16 MB in one chunk",
        PROVISIONS,
        chunked(b"%x\r\n" % len(LARGE) + LARGE + b"\r\n0\r\n\r\n"),
    ),
    Attack("source-chunks", "2,000,000 chunks of one byte", PROVISIONS, chunked(b"1\r\n \r\n" * 2_000_000)),
    Attack("source-interim", "400,000 interim answers", PROVISIONS, saying(b"HTTP/1.1 100 Continue\r\n\r\n" * 400_000)),
    Attack(
        "source-hints",
        "400,000 early hints",
        PROVISIONS,
        saying(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 400_000),
    ),
    Attack(
        "source-fields",
        "2,000 header fields of 8 KB",
        PROVISIONS,
        saying(_HEAD + b"".join(b"X-%d: %b\r\n" % (number, b"v" * 8_000) for number in range(2_000)) + b"\r\n"),
    ),
)
