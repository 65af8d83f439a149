"""Sends requests at a given rate without waiting for earlier answers, as independent callers do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from benchmarks.client import Connection
from benchmarks.load import quantile


@dataclass(slots=True)
class Seen:
    """The answers by status, with the seconds of each."""

    seconds: dict[int, list[float]] = field(default_factory=dict)
    lasted: float = 0.0

    def add(self, status: int, seconds: float) -> None:
        self.seconds.setdefault(status, []).append(seconds)

    def count(self, status: int) -> int:
        return len(self.seconds.get(status, ()))

    def quantile(self, status: int, share: float) -> float:
        return quantile(sorted(self.seconds.get(status, [])), share)


async def arriving(
    url: str, paths: Iterator[str], headers: Mapping[str, str], *, rate: float, seconds: float, idle: int = 64
) -> Seen:
    """Sends *rate* requests a second for *seconds*; requests at the same time have separate connections."""
    where = urlsplit(url)
    host, port = str(where.hostname), int(where.port or 0)
    free = [await Connection.open(host, port) for _ in range(idle)]
    seen = Seen()
    running: set[asyncio.Task[None]] = set()

    async def one() -> None:
        began = time.perf_counter()
        connection = free.pop() if free else await Connection.open(host, port)
        answer = await connection.get(next(paths), headers)
        seen.add(answer.status, time.perf_counter() - began)
        free.append(connection)

    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        ahead = began + number / rate - time.perf_counter()
        if ahead > 0:
            await asyncio.sleep(ahead)
        task = asyncio.create_task(one())
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    seen.lasted = time.perf_counter() - began
    for connection in free:
        connection.close()
    return seen
