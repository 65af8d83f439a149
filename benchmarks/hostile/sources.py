"""Attacks by a source; each is asked by a caller with a key."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from benchmarks.hostile.attack import Attack, Target, request
from benchmarks.subjects import HEADERS

_CODE: Final = "0300588569"


def questions(number: int) -> Callable[[Target], Awaitable[None]]:
    """So many questions to the registry at once, none of which the cache answers."""

    async def run(target: Target) -> None:
        headers = {**HEADERS, "Cache-Control": "no-cache"}
        await target.at_once(number, request(f"/v1/business-registry/enterprises/{_CODE}", b"", headers, method="GET"))

    return run


def whole(body: bytes, media: str = "application/json") -> Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]:
    """Answers every request with *body*."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"

    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(head.encode() + body)
        await writer.drain()

    return answer


SOURCES: Final = (
    Attack(
        "source-string",
        "64 brackets and a string of 200 KB without end, 10 at once",
        questions(10),
        whole(b"[" * 64 + b'"' + b"\\a" * 100_000),
    ),
)
