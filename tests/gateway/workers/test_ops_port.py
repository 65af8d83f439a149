"""The operator's port of several workers, in front of a worker that is a server on a socket of its own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp
import pytest
from aiohttp import web

from gateway.api.event_stream import WRITE_S
from gateway.settings.listen import Listen
from gateway.testing.clock import FakeClock
from gateway.workers.ops_port import Member, OpsPort

CHUNK: Final = b"data: " + b"x" * 65_536 + b"\n\n"


@dataclass
class Worker:
    """A worker that streams for as long as it is read, and counts who listens."""

    listening: int = 0
    lasting: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, http: web.BaseRequest) -> web.StreamResponse:
        """Events without an end at ``/api/events``, one and no more at ``/api/quiet``; else a short answer."""
        if http.path not in {"/api/events", "/api/quiet"}:
            return web.Response(text="[]")
        response = web.StreamResponse()
        self.listening += 1
        try:
            await response.prepare(http)
            await response.write(b"begins\n\n")
            while http.path == "/api/events":
                await response.write(CHUNK)
            await self.lasting.wait()
        finally:
            self.listening -= 1
        return response


@dataclass(frozen=True)
class Port:
    """The port, and the worker behind it."""

    url: str
    worker: Worker


@pytest.fixture
async def port(clock: FakeClock, tmp_path: Path) -> AsyncIterator[Port]:
    """A port in front of one worker."""
    worker, path = Worker(), tmp_path / "worker"
    runner = web.ServerRunner(web.Server(worker.answer, handler_cancellation=True), shutdown_timeout=0.1)
    await runner.setup()
    await web.UnixSite(runner, path).start()
    ops = OpsPort(lambda: [Member(0, 1, path)], 1, lambda: [0], lambda _: None, clock)
    try:
        yield Port(await ops.open(Listen(host="127.0.0.1", port=0)), worker)
    finally:
        await ops.close()
        await runner.cleanup()


async def until(worker: Worker, listening: int) -> None:
    """Returns once so many listen."""
    async with asyncio.timeout(10):
        while worker.listening != listening:  # noqa: ASYNC110  # the event is at the other end of two sockets
            await asyncio.sleep(0.01)


async def test_listener_that_does_not_read_is_cut_off(port: Port, clock: FakeClock) -> None:
    """It has some seconds, as at a gateway of one process: neither the port nor the worker keeps its stream."""
    address = port.url.removeprefix("http://").split(":")
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.setblocking(False)
        await asyncio.get_running_loop().sock_connect(slow, (address[0], int(address[1])))
        await asyncio.get_running_loop().sock_sendall(slow, b"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        await until(port.worker, 1)
        for _ in range(100):
            if port.worker.listening == 0:
                break
            await asyncio.sleep(0.02)
            await clock.advance(WRITE_S)

        assert port.worker.listening == 0


async def test_many_listeners_keep_nobody_from_the_workers(port: Port) -> None:
    """However many are open, the next request is passed on at once; whoever hangs up is gone at the worker too."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        for _ in range(150):
            answer = await stack.enter_async_context(session.get(f"{port.url}/api/quiet"))
            assert await answer.content.readline() == b"begins\n"
        assert port.worker.listening == 150
        async with asyncio.timeout(10), session.get(f"{port.url}/api/actions") as answer:
            assert await answer.text() == "[]"
    await until(port.worker, 0)
