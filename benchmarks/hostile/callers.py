"""Attacks by callers."""

from __future__ import annotations

import asyncio
import zlib
from functools import cache
from typing import Final

from benchmarks.hostile.attack import JSON, Attack, Target, request

BATCH: Final = "/v1/batch"
NO_KEY: Final = {"Content-Type": "application/json"}
PACKED: Final = {"Content-Encoding": "gzip"}
HEAD: Final = b"GET /v1/connectors HTTP/1.1\r\nHost: gateway\r\n"
BLANKS: Final = b" " * (16 << 20)


@cache
def bomb(size: int) -> bytes:
    """Gzip of *size* bytes that unpacks to a thousand times as much, and has no end."""
    packing = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    packed = packing.compress(BLANKS) + packing.flush(zlib.Z_FULL_FLUSH)
    again = packing.compress(BLANKS) + packing.flush(zlib.Z_FULL_FLUSH)
    return packed + again * (size // len(again))


async def one_bomb(target: Target) -> None:
    for _ in range(5):
        await target.send(request(BATCH, bomb(1_000_000), {**NO_KEY, **PACKED}))


async def many_bombs(target: Target) -> None:
    await target.at_once(40, request(BATCH, bomb(2_900_000), {**NO_KEY, **PACKED}))


async def bombs_with_a_key(target: Target) -> None:
    await target.at_once(40, request(BATCH, bomb(200_000), {**JSON, **PACKED}))


async def many_names(target: Target) -> None:
    names = b",".join(b'"%d":1' % number for number in range(24_000))
    await target.at_once(20, request(BATCH, b"{" + names + b',"23999":1}'))


async def names_within_the_limit(target: Target) -> None:
    names = b",".join(b'"a%d":1' % number for number in range(9_990))
    for _ in range(20):
        await target.send(request(BATCH, b"{" + names + b',"a9989":1}'))
        await target.send(request(BATCH, b"{" + names + b"}"))


async def unclosed_string(target: Target) -> None:
    await target.at_once(20, request(BATCH, b'{"requests":' + b"[" * 64 + b'"' + b"\\a" * 100_000))


async def nesting(target: Target) -> None:
    for levels in (500, 900, 990, 20_000, 100_000):
        await target.at_once(20, request(BATCH, b'{"requests":' + b"[" * levels + b"]" * levels + b"}"))


async def heap_of_marks(target: Target) -> None:
    text = "a" + "\u0301\u0316" * 60_000
    await target.at_once(5, request(BATCH, f'{{"requests":[{{"operation":"{text}"}}]}}'.encode()))


async def unfinished_heads(target: Target) -> None:
    field = b"a" * 8_000 + b"\r\n"
    head = HEAD + b"".join(b"X-%d: " % number + field for number in range(125))
    await target.at_once(300, head, stay=5.0)


async def short_unfinished_heads(target: Target) -> None:
    await target.at_once(900, HEAD + b"X-A: " + b"a" * 8_000, stay=5.0)


async def connections_without_a_word(target: Target) -> None:
    await target.at_once(900, b"", stay=5.0)


async def bodies_that_do_not_come(target: Target) -> None:
    """Each has sent most of what it may."""
    await target.at_once(200, request(BATCH, b" " * 250_000, length=262_000), stay=8.0)


async def bodies_without_a_key(target: Target) -> None:
    await asyncio.gather(*(target.send(request(BATCH, b" " * 8_000_000, NO_KEY)) for _ in range(20)))


CALLERS: Final = (
    Attack("gzip", "1 MB that unpacks to 1 GB, no key, 5 times", one_bomb),
    Attack("gzip-many", "40 times 2.9 MB at once, no key", many_bombs),
    Attack("gzip-key", "40 times 200 KB at once, with a key", bombs_with_a_key),
    Attack("names", "24,000 names and one twice (239 KB), 20 at once", many_names),
    Attack("names-few", "9,990 names, 40 times", names_within_the_limit),
    Attack("string", "64 brackets and a string of 200 KB without end, 20 at once", unclosed_string),
    Attack("nesting", "500 to 100,000 levels, 100 times", nesting),
    Attack("marks", "120,000 marks on one letter, 5 at once", heap_of_marks),
    Attack("heads", "300 unfinished heads of 1 MB, no key", unfinished_heads),
    Attack("heads-short", "900 unfinished heads of 8 KB, no key", short_unfinished_heads),
    Attack("silence", "900 connections that send nothing", connections_without_a_word),
    Attack("slow-bodies", "200 bodies of 250 KB whose end does not come, with a key", bodies_that_do_not_come),
    Attack("bodies", "20 bodies of 8 MB at once, no key", bodies_without_a_key),
)
