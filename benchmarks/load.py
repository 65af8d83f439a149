"""Sends the next request at each answer: with ``wrk`` if it is on PATH, else with a generator of our own."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from benchmarks.client import Connection
from benchmarks.processes import pinned

LUA: Final = Path(__file__).with_name("load.lua")
CONNECTIONS: Final = 32
_RESULT: Final = re.compile(r"^RESULT (\d+) ([\d.]+) (\d+) (\d+) ([\d.]+) ([\d.]+)$", re.MULTILINE)
_WEIGHTS: Final = (31, 29, 23, 19, 17, 13, 7, 5, 3)


class BadAnswers(Exception):
    """Some answers failed, so their speed is meaningless."""


@dataclass(frozen=True, slots=True)
class Asks:
    """The requests: *path* with ``{code}`` or ``{number}``; *spread* different ones, or all different (0)."""

    path: str
    spread: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    def paths(self, start: int) -> Iterator[str]:
        """Yields the paths from *start* on, without end."""
        found = (self.path.replace("{number}", str(n)) for n in count(start + 1))
        if "{code}" in self.path:
            found = (self.path.replace("{code}", code) for code in map(enterprise_code, count(start + 1)) if code)
        if not self.spread:
            return found
        return cycle([next(found) for _ in range(self.spread)])


@dataclass(frozen=True, slots=True)
class Speed:
    """The result of one run; latencies in seconds."""

    requests: int
    seconds: float
    p50: float
    p99: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def enterprise_code(number: int) -> str | None:
    """Returns the 10-digit code of a serial *number*, as ``load.lua`` does; None when no check digit fits."""
    digits = f"03{number % 10_000_000:07}"
    check = 10 - sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True)) % 11
    return f"{digits}{check}" if check < 10 else None


def tool() -> str:
    """Returns the generator's name, for the report."""
    return "wrk" if shutil.which("wrk") else "the generator in benchmarks/load.py (no wrk on PATH: figures are lower)"


def drive(url: str, asks: Asks, *, seconds: int, start: int, core: int, connections: int = CONNECTIONS) -> Speed:
    """Keeps *connections* busy for *seconds*.

    Raises:
        BadAnswers: When any answer was not 2xx, or a connection failed.
    """
    if shutil.which("wrk"):
        return _wrk(url, asks, seconds, start, core, connections)
    os.sched_setaffinity(0, {core})
    return asyncio.run(_own(url, asks, seconds, start, connections))


def _wrk(url: str, asks: Asks, seconds: int, start: int, core: int, connections: int) -> Speed:
    words = [asks.path, str(start), str(asks.spread), *(f"{name}: {value}" for name, value in asks.headers.items())]
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(LUA), "--timeout", "30s", url, "--", *words]
    ran = subprocess.run(pinned(command, core), capture_output=True, text=True, check=False)
    found = _RESULT.search(ran.stdout)
    if found is None:
        raise BadAnswers(f"can't parse the output of wrk: {ran.stdout}{ran.stderr}")
    requests, status, broken = int(found[1]), int(found[3]), int(found[4])
    if status or broken:
        raise BadAnswers(f"{url}: of {requests} answers {status} were not 2xx and {broken} failed")
    return Speed(requests, float(found[2]), float(found[5]), float(found[6]))


async def _own(url: str, asks: Asks, seconds: int, start: int, connections: int) -> Speed:
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    paths = asks.paths(start)
    latencies: list[float] = []
    bad = 0
    until = time.perf_counter() + seconds

    async def one(host: str, port: int) -> None:
        nonlocal bad
        connection = await Connection.open(host, port)
        while (began := time.perf_counter()) < until:
            answer = await connection.get(next(paths), asks.headers)
            latencies.append(time.perf_counter() - began)
            bad += not 200 <= answer.status < 300
        connection.close()

    began = time.perf_counter()
    await asyncio.gather(*(one(parts.hostname, parts.port) for _ in range(connections)))
    if bad:
        raise BadAnswers(f"{url}: of {len(latencies)} answers {bad} were not 2xx")
    latencies.sort()
    return Speed(len(latencies), time.perf_counter() - began, quantile(latencies, 0.5), quantile(latencies, 0.99))


def quantile(ordered: list[float], share: float) -> float:
    """Returns the quantile *share* of *ordered* values; 0 without values."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
