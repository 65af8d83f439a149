"""How a port is left: who was connected is answered, and the next one is refused."""

from __future__ import annotations

import asyncio
import resource
import socket
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from gateway.api.port import Port
from gateway.api.server import HttpServer

ASKED = b"GET / HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n"


async def opened(goes: asyncio.Event) -> Port:
    """A port whose requests are answered once *goes* is set."""

    async def door(_: web.BaseRequest) -> web.StreamResponse:
        await goes.wait()
        return web.Response(text="here")

    return await Port.open(HttpServer(door, lambda: "id"), "127.0.0.1", 0, shared=False)


def connected(port: Port) -> socket.socket:
    """A caller whom the machine has connected, and the server has not taken so far."""
    return socket.create_connection((urlsplit(port.url).hostname, urlsplit(port.url).port), timeout=10)


def answered(caller: socket.socket) -> bytes:
    """All that the caller gets."""
    with caller:
        found = b""
        while more := caller.recv(65_536):
            found += more
        return found


async def test_who_waits_to_be_taken_is_answered_and_the_next_one_refused() -> None:
    """No connection is dropped in between: a proxy may not ask elsewhere for an order that it has sent."""
    goes = asyncio.Event()
    goes.set()
    port = await opened(goes)
    callers = [connected(port) for _ in range(20)]
    for caller in callers:
        caller.sendall(ASKED)
    await port.close(5)

    assert [(await asyncio.to_thread(answered, caller)).endswith(b"here") for caller in callers] == [True] * 20
    with pytest.raises(ConnectionRefusedError):
        connected(port)


async def test_a_request_under_way_is_waited_for() -> None:
    """Also one whose head comes a little later; and nobody else is taken meanwhile."""
    goes = asyncio.Event()
    port = await opened(goes)
    caller = connected(port)
    closing = asyncio.create_task(port.close(10))
    refused = False
    while not refused:
        await asyncio.sleep(0)
        try:
            connected(port).close()
        except ConnectionRefusedError:
            refused = True
    caller.sendall(ASKED)
    reading = asyncio.create_task(asyncio.to_thread(answered, caller))
    await asyncio.wait([closing, reading], timeout=0.2)
    assert not closing.done()
    goes.set()

    assert (await reading).endswith(b"here")
    await closing


async def test_a_request_that_does_not_end_is_given_up_in_the_end() -> None:
    """A gateway that leaves does not wait for ever."""
    port = await opened(asyncio.Event())
    caller = connected(port)
    caller.sendall(ASKED)
    await port.close(0.1)

    assert not (await asyncio.to_thread(answered, caller)).endswith(b"here")


async def test_a_gateway_without_a_descriptor_left_still_answers_what_it_took() -> None:
    """Only who was not taken yet is dropped."""
    goes = asyncio.Event()
    port = await opened(goes)
    caller = connected(port)
    caller.sendall(ASKED)
    reading = asyncio.create_task(asyncio.to_thread(answered, caller))
    await asyncio.sleep(0.1)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        closing = asyncio.create_task(port.close(10))
        await asyncio.sleep(0.1)
        goes.set()
        await closing
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert (await reading).endswith(b"here")
