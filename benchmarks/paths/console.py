"""The console open on one page, beside a steady trickle of requests: the CPU time that it costs the gateway.

The page itself is not run; what it asks for is, its stream of events, read as fast as it comes. Rounds with and without
it have the same requests, of which every second asks the source, so that the numbers on the page change all the time.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from typing import Final
from urllib.parse import urlsplit

from benchmarks.arriving import arriving
from benchmarks.load import Asks
from benchmarks.measuring import Bench, Row, interleaved, said
from benchmarks.paths.memory import laptop, mocks
from benchmarks.processes import Server
from benchmarks.subjects import ENTERPRISES

MOST: Final = 0.01
RATE: Final = 20.0
"""Requests a second."""
HEADERS: Final = {"Authorization": "Bearer lgsp_laptop_only"}


def measure(bench: Bench) -> list[Row]:
    seconds = 5.0 if bench.quick else 20.0
    with mocks(bench.cores.load) as country, laptop(bench.cores.server, country.url) as server:
        asyncio.run(_share(bench, server, 2.0, pages=1))
        found = interleaved(
            max(3, bench.rounds // 2),
            {
                "closed": lambda: asyncio.run(_share(bench, server, seconds, pages=0)),
                "open": lambda: asyncio.run(_share(bench, server, seconds, pages=1)),
            },
        )
    opened, closed = found["open"], found["closed"]
    more = opened.median - closed.median
    return [
        said(
            "console open on one page: part of a core",
            f"{more:.2%} more",
            baseline=f"{closed.median:.2%} ({min(closed.values):.2%}–{max(closed.values):.2%}) with none open",
            target=f"< {MOST:.0%}",
            held=more < MOST,
        )
    ]


async def _share(bench: Bench, server: Server, seconds: float, *, pages: int) -> float:
    """The part of a core that *server* needs while so many *pages* are open."""
    listening = [asyncio.create_task(_listen(server.ops_url)) for _ in range(pages)]
    await asyncio.sleep(0.5)  # the first snapshot
    known = next(Asks(ENTERPRISES).paths(1))
    paths = itertools.chain.from_iterable(zip(Asks(ENTERPRISES).paths(bench.unused()), itertools.repeat(known)))
    began, before = time.perf_counter(), server.cpu_seconds()
    await arriving(server.url, paths, HEADERS, rate=RATE, seconds=seconds)
    share = (server.cpu_seconds() - before) / (time.perf_counter() - began)
    for task in listening:
        assert not task.done(), "the page was listening all the time"
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    return share


async def _listen(ops_url: str) -> None:
    """Reads the events of the console until cancelled."""
    where = urlsplit(ops_url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    with contextlib.closing(writer):
        writer.write(f"GET /api/events HTTP/1.1\r\nHost: {where.netloc}\r\n\r\n".encode())
        while await reader.read(65_536):
            pass
