"""An address at which a server listens, and that is left so that no caller loses a request.

A caller whose connection is refused may ask elsewhere; one whose connection was taken may not, for the gateway could
have begun. So between the last connection that is taken and the first that is refused there is none that is dropped.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import structlog
from aiohttp import web

from gateway.api.server import HttpServer

BACKLOG = 1024
CANCELLED_S = 1.0
"""Seconds for requests that were not over in time, to end once they are cancelled."""
log = structlog.get_logger("gateway.port")


@dataclass(frozen=True, slots=True)
class Port:
    """A server that listens at *url*."""

    url: str
    _server: HttpServer
    _runner: web.ServerRunner
    _listening: asyncio.Server

    @classmethod
    async def open(cls, server: HttpServer, host: str, port: int, *, shared: bool) -> Port:
        """Lets *server* listen; *shared*: with other processes. Raises :class:`OSError`."""
        runner = web.ServerRunner(server, shutdown_timeout=CANCELLED_S)
        await runner.setup()
        loop = asyncio.get_running_loop()
        try:
            listening = await loop.create_server(server, host, port, backlog=BACKLOG, reuse_port=shared or None)
        except OSError:
            await runner.cleanup()
            raise
        address, number = listening.sockets[0].getsockname()[:2]
        url = f"http://[{address}]:{number}" if ":" in address else f"http://{address}:{number}"
        return cls(url, server, runner, listening)

    async def close(self, seconds: float) -> None:
        """Takes no new connection, and ends when all requests that came are answered, after *seconds* at most."""
        kept = _copies(self._listening.sockets)
        self._listening.close()
        for listening in kept:
            await self._take_the_last(listening)
        await self._server.drained(seconds)
        await self._runner.cleanup()

    async def _take_the_last(self, listening: socket.socket) -> None:
        """Takes the connections that wait at *listening*, and lets the next one be refused."""
        listening.setblocking(False)
        waiting = list(_accepted(listening))
        listening.close()
        loop = asyncio.get_running_loop()
        for connection in waiting:
            await loop.connect_accepted_socket(self._server, connection)


def _copies(listening: Iterable[socket.socket]) -> list[socket.socket]:
    """The sockets once more; none where the machine has no descriptor left: then those who wait are not taken."""
    try:
        return [socket.socket(fileno=os.dup(one.fileno())) for one in listening]
    except OSError as error:
        log.warning("leaving: connections that were not taken yet are dropped", cause=error.strerror)
        return []


def _accepted(listening: socket.socket) -> Iterator[socket.socket]:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:  # none waits
            return
        connection.setblocking(False)
        yield connection
