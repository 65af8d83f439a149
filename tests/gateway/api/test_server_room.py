"""The server takes so many connections and so long a head, and says so to what is more."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
from aiohttp import web

from gateway.api.server import HEAD_BYTES, MOST_REFUSED, HttpServer, Room

pytestmark = pytest.mark.asyncio(loop_scope="module")

ASK: Final = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HALF: Final = b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "


async def well(_: web.BaseRequest) -> web.StreamResponse:
    """Answers everything."""
    return web.Response(text="well")


class Asked:
    """Opens connections to one server; all are closed at the end."""

    def __init__(self, server: HttpServer, port: int) -> None:
        self.server = server
        self.port = port
        self._writers: list[asyncio.StreamWriter] = []

    async def connect(self, sent: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A new connection that has sent this much."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._writers.append(writer)
        writer.write(sent)
        await writer.drain()
        return reader, writer

    async def ask(self) -> bytes:
        """The status line that a new caller gets."""
        reader, _ = await self.connect(ASK)
        return await reader.readline()

    async def until_open(self, number: int) -> None:
        """Waits until the server has so many connections."""
        while self.server.open != number:  # noqa: ASYNC110  # the server tells nobody
            await asyncio.sleep(0.001)

    def close(self) -> None:
        """Closes what was opened."""
        for writer in self._writers:
            writer.close()


@asynccontextmanager
async def serving(room: Room) -> AsyncIterator[Asked]:
    """A server with *room*."""
    server = HttpServer(well, lambda: "id-1", room=room)
    runner = web.ServerRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    asked = Asked(server, runner.addresses[0][1])
    try:
        yield asked
    finally:
        asked.close()
        await runner.cleanup()


def problem_in(answer: bytes) -> dict[str, Any]:
    """The problem of a whole answer, whose length is right."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"\r\nContent-Length: %d\r\n" % len(body) in head
    found: dict[str, Any] = json.loads(body)
    return found


async def test_connection_beyond_the_room_is_told_so() -> None:
    """It gets a problem with Retry-After and is closed; when there is room, the next caller is served."""
    async with serving(Room(most=2)) as asked:
        kept = [await asked.connect(ASK), await asked.connect(ASK)]
        for reader, _ in kept:
            await reader.readuntil(b"well")
        refused, _ = await asked.connect(ASK)
        answer = await refused.read()
        kept[0][1].close()
        await asked.until_open(1)
        after = await asked.ask()

    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nRetry-After: 1\r\n" in answer
    assert b"\r\nConnection: close\r\n" in answer
    assert {name: problem_in(answer)[name] for name in ("code", "reason", "request_id")} == {
        "code": "overloaded",
        "reason": "connections",
        "request_id": "id-1",
    }
    assert after.startswith(b"HTTP/1.1 200 ")


async def test_callers_who_send_nothing_do_not_keep_out_those_who_ask() -> None:
    """The connection that has been silent for longest gives way, and is told so."""
    async with serving(Room(most=100, silent=3)) as asked:
        silent = []
        for number in range(1, 4):
            silent.append(await asked.connect(HALF))
            await asked.until_open(number)
        first = await asked.ask()
        evicted = await silent[0][0].read()
        silent[1][1].write(b"1\r\n\r\n")
        status = await silent[1][0].readline()

    assert first.startswith(b"HTTP/1.1 200 ")
    assert problem_in(evicted)["reason"] == "connections"
    assert status.startswith(b"HTTP/1.1 200 ")


async def test_connection_that_has_asked_is_not_silent() -> None:
    """However many rest between two requests, those who come are taken."""
    async with serving(Room(most=100, silent=2)) as asked:
        statuses = [await asked.ask() for _ in range(10)]

    assert {status[:13] for status in statuses} == {b"HTTP/1.1 200 "}


async def test_refusals_have_an_end_too() -> None:
    """So many refused connections are kept until they have read why; the others are closed at once."""
    async with serving(Room(most=1)) as asked:
        await asked.connect(ASK)
        await asked.until_open(1)
        flood = [await asked.connect() for _ in range(MOST_REFUSED + 5)]
        answers = []
        for reader, _ in flood:
            with contextlib.suppress(ConnectionResetError):
                answers.append(await reader.read())

    assert sum(answer.startswith(b"HTTP/1.1 503 ") for answer in answers) == MOST_REFUSED


async def test_head_has_a_length_in_all() -> None:
    """Also where each of its fields is short, and where it comes in small pieces."""
    async with serving(Room()) as asked:
        reader, writer = await asked.connect(b"GET / HTTP/1.1\r\nHost: x\r\n")
        for number in range(4):
            writer.write(b"X-%d: " % number + b"a" * (HEAD_BYTES // 4) + b"\r\n")
            await writer.drain()
            await asyncio.sleep(0.001)
        answer = await reader.read()

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert problem_in(answer)["reason"] == "head_too_long"


async def test_long_body_is_no_long_head() -> None:
    """What follows the head is not counted, nor is what a connection sent before."""
    async with serving(Room()) as asked:
        reader, writer = await asked.connect()
        for _ in range(3):
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\nX-A: " + b"a" * 7_000 + b"\r\n\r\n")
            await asyncio.sleep(0.001)
            writer.write(b"b" * 10_000)
            answer = await reader.readuntil(b"well")

    assert answer.startswith(b"HTTP/1.1 200 ")


async def test_more_than_sixty_four_fields_are_refused() -> None:
    """Nobody needs them, and each costs memory before a key is looked at."""
    async with serving(Room()) as asked:
        fields = b"".join(b"X-%d: 1\r\n" % number for number in range(65))
        reader, _ = await asked.connect(b"GET / HTTP/1.1\r\nHost: x\r\n" + fields + b"\r\n")
        status = await reader.readline()

    assert b" 400 " in status


async def test_no_answer_tells_how_the_gateway_is_built() -> None:
    """Neither a whole answer nor a refusal has a Server header."""
    async with serving(Room()) as asked:
        answers = []
        for sent in (ASK, b"nonsense\r\n\r\n"):
            reader, writer = await asked.connect(sent)
            answers.append(await reader.readuntil(b"\r\n\r\n"))
            writer.close()

    assert [answer for answer in answers if b"server:" in answer.lower()] == []
