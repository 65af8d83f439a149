"""The console's events: bounded whatever listeners do, over real sockets."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import pytest
from aiohttp import web

from gateway.api.auth import Keyring
from gateway.api.dispatch import Dispatcher
from gateway.api.event_stream import HEARTBEAT_S, WRITE_S
from gateway.api.operators import Operator, OperatorAccess, Sessions
from gateway.api.ops import ops_routes
from gateway.api.ops_events import KEPT_POINTS, MOST_LISTENERS, TICK_S, ConsoleEvents, ConsoleFeed
from gateway.api.replay import HitReplay
from gateway.api.request_ids import RequestStamps
from gateway.api.server import HttpServer
from gateway.core.events import Attempted, RequestFinished
from gateway.observe.metrics import Metrics
from gateway.observe.traffic import STEP_S, Read, Traffic
from gateway.testing.clock import FakeClock
from tests.support.laptop import PLAIN, laptop_settings, serving_portal
from tests.support.national import National

KEY: Final = "lgsp_reader_1"
OPERATORS: Final = {hashlib.sha256(KEY.encode()).digest(): Operator("reader", frozenset({"read"}))}
SIGNED: Final = {"Authorization": f"Bearer {KEY}"}


@dataclass
class Port:
    """An operator's port with the console's events, and what they are made of."""

    clock: FakeClock
    metrics: Metrics = field(default_factory=lambda: Metrics("1", "f"))
    parts: dict[str, object] = field(default_factory=lambda: {"gateway": {"store": None}, "system.register": {"n": 0}})
    number: int = 0

    def __post_init__(self) -> None:
        read = Read(self.metrics.requests.levels, self.metrics.asked, self.metrics.upstreams.waits)
        self.feed = ConsoleFeed(self.clock, lambda: self.parts, Traffic(read, ["register"], self.clock))
        self.access = OperatorAccess(OPERATORS, keys_asked=True, sessions=Sessions(self.clock))

    @property
    def url(self) -> str:
        """Of the events."""
        return f"http://127.0.0.1:{self.number}/api/events"

    def request(self, outcome: str, seconds: float = 0.2) -> None:
        """A request that ended so, after one exchange."""
        self.metrics.receive(
            [
                Attempted("register", "ws", "record", "ok", seconds),
                RequestFinished("register", "record", "portal", outcome, seconds, seconds),
            ]
        )


@asynccontextmanager
async def serving(clock: FakeClock) -> AsyncIterator[Port]:
    """The port, where a reader's key or session is asked for."""
    port = Port(clock)
    routes = ops_routes({}, lambda _: (b"", "text/plain"), list, port.access)
    routes.add("GET", "/api/events", ConsoleEvents(port.feed, port.access, clock))
    door = Dispatcher(routes, clock, RequestStamps(clock), HitReplay(Keyring((), ()), clock), guard=port.access.check)
    runner = web.ServerRunner(HttpServer(door, door.new_id), shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port.number = runner.addresses[0][1]
    task = asyncio.create_task(port.feed.run())
    try:
        yield port
    finally:
        port.feed.leave()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await runner.cleanup()


@pytest.fixture
async def port(clock: FakeClock) -> AsyncIterator[Port]:
    """A port of this test's own."""
    async with serving(clock) as found:
        yield found


async def event(answer: aiohttp.ClientResponse) -> tuple[str, Any]:
    """The next event: its kind and its data."""
    async with asyncio.timeout(10):
        lines = (await answer.content.readuntil(b"\n\n")).decode().splitlines()
    if lines[0].startswith(":") or lines[0].startswith("retry"):
        return lines[0], None
    return lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))


async def begun(answer: aiohttp.ClientResponse) -> Any:
    """The snapshot of a stream that has just been opened."""
    assert (await event(answer))[0] == "retry: 3000"
    kind, data = await event(answer)
    assert kind == "snapshot"
    return data


async def test_listener_is_sent_everything_then_what_changes(port: Port, clock: FakeClock) -> None:
    """Only the part that changed comes again; a part that is as it was costs nobody a byte."""
    async with aiohttp.ClientSession() as session, session.get(port.url, headers=SIGNED) as answer:
        snapshot = await begun(answer)
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert snapshot["parts"] == port.parts
        assert snapshot["history"]["register"]["at"] == []

        await clock.advance(TICK_S)
        port.parts["system.register"] = {"n": 1}
        await clock.advance(TICK_S)
        kind, data = await event(answer)

    assert (kind, data["parts"]) == ("change", {"system.register": {"n": 1}})


async def test_each_step_brings_a_point(port: Port, clock: FakeClock) -> None:
    """Requests by what they say of the service, and the delays of exchanges; a later listener has them as history."""
    async with aiohttp.ClientSession() as session, session.get(port.url, headers=SIGNED) as answer:
        await begun(answer)
        for outcome in ("ok", "ok", "stale", "upstream-timeout", "internal", "forbidden", "isolated"):
            port.request(outcome)
        await clock.advance(STEP_S + TICK_S)
        kind, data = await event(answer)
        async with session.get(port.url, headers=SIGNED) as later:
            history = (await begun(later))["history"]["register"]

    assert kind == "points"
    at, good, stale, failed, hits, asked, median, slow = data["register"]
    assert (good, stale, failed, hits, asked) == (2, 1, 2, 0, 0)
    assert 100 <= median <= slow <= 250
    assert {name: values[-1] for name, values in history.items()} == {
        "at": at,
        "good": 2,
        "stale": 1,
        "failed": 2,
        "hits": 0,
        "asked": 0,
        "median_ms": median,
        "slow_ms": slow,
    }


async def test_listener_that_was_busy_is_sent_what_is_so_now(clock: FakeClock) -> None:
    """Nothing is queued for it: many changes are one, and missed points come together, or as a new snapshot."""
    port = Port(clock)
    task = asyncio.create_task(port.feed.run())
    with port.feed.listening() as listener:
        await port.feed.next(listener)
        for number in range(100):
            port.parts["system.register"] = {"n": number}
            await clock.advance(TICK_S / 2)
        missed = (await port.feed.next(listener)).decode()
        await clock.advance(STEP_S * (KEPT_POINTS + 2))
        anew = (await port.feed.next(listener)).decode()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert (missed.count("event: change"), missed.count("event: points")) == (1, 5)
    assert '{"n":99}' in missed
    assert (anew.count("event: snapshot"), anew.count("event: ")) == (1, 1)


async def test_listeners_beyond_the_limit_are_refused(port: Port, clock: FakeClock) -> None:
    """A thousand of them: each is told when to come again, and the next place is the next one's."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        for _ in range(MOST_LISTENERS):
            await begun(await stack.enter_async_context(session.get(port.url, headers=SIGNED)))
        for _ in range(10):
            refused = await asyncio.gather(*(session.get(port.url, headers=SIGNED) for _ in range(100)))
            assert {one.status for one in refused} == {503}
            assert {(await one.json(content_type=None))["reason"] for one in refused} == {"streams_full"}
            assert {one.headers["Retry-After"] for one in refused} == {"10"}
        assert port.feed.open_now == MOST_LISTENERS
    for _ in range(200):
        if port.feed.open_now == 0:
            break
        await asyncio.sleep(0.01)
    async with aiohttp.ClientSession() as session, session.get(port.url, headers=SIGNED) as answer:
        await begun(answer)


async def test_listener_that_does_not_read_is_cut_off(port: Port, clock: FakeClock) -> None:
    """Once what the system keeps for it is full, it has some seconds; its place is free after that."""
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.setblocking(False)
    with slow:
        await asyncio.get_running_loop().sock_connect(slow, ("127.0.0.1", port.number))
        head = f"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\n\r\n"
        await asyncio.get_running_loop().sock_sendall(slow, head.encode())
        for _ in range(200):
            if port.feed.open_now:
                break
            await asyncio.sleep(0.01)
        for number in range(20):
            port.parts["system.register"] = {"n": number, "text": "x" * 50_000}
            await clock.advance(TICK_S)
        for _ in range(100):
            if port.feed.open_now == 0:
                break
            await clock.advance(WRITE_S)
            await asyncio.sleep(0.01)

    assert port.feed.open_now == 0


async def test_stream_ends_with_the_session(port: Port, clock: FakeClock) -> None:
    """A console that was left open for a day is not a right to listen: the session lasts eight hours."""
    token = port.access.sessions.begin(hashlib.sha256(KEY.encode()).digest())
    cookies = {"lgsp_session": token}
    async with aiohttp.ClientSession() as session, session.get(port.url, cookies=cookies) as answer:
        await begun(answer)
        port.access.sessions.end(token)
        await clock.advance(HEARTBEAT_S)
        async with asyncio.timeout(10):
            await answer.content.read()
        async with session.get(port.url, cookies=cookies) as again:
            assert again.status == 401


async def test_sign_of_life_comes_where_nothing_happens(clock: FakeClock) -> None:
    """Proxies see that the stream lives; the clock alone moves."""
    port = Port(clock)
    events = ConsoleEvents(port.feed, port.access, clock)
    with port.feed.listening() as listener:
        await port.feed.next(listener)
        waiting = asyncio.create_task(events._next(listener))
        await clock.advance(HEARTBEAT_S)
        assert await waiting == b": still here\n\n"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer other"}])
async def test_events_want_a_readers_key(port: Port, headers: dict[str, str]) -> None:
    """Beyond loopback, as all that tells of traffic."""
    async with aiohttp.ClientSession() as session, session.get(port.url, headers=headers) as answer:
        assert answer.status == 401


async def test_gateway_that_leaves_ends_the_streams(port: Port) -> None:
    """At once, and takes no new ones."""
    async with aiohttp.ClientSession() as session, session.get(port.url, headers=SIGNED) as answer:
        await begun(answer)
        port.feed.leave()
        async with asyncio.timeout(10):
            assert await answer.content.read() == b""
        async with session.get(port.url, headers=SIGNED) as refused:
            assert refused.status == 503


async def test_system_that_goes_down_is_told_of_within_two_seconds(national: National) -> None:
    """In a whole gateway: the state, the reason, and the last failures; nothing of the question is in it."""
    async with (
        serving_portal(laptop_settings(national.url, upstreams=PLAIN)) as portal,
        portal.session.get(f"{portal.gateway.ops_url}/api/events") as answer,
    ):
        snapshot = await begun(answer)
        assert snapshot["parts"]["gateway"]["store"] is None
        assert snapshot["parts"]["system.business_registry"]["upstreams"][0]["state"] == "unknown"
        await national.fault("business_registry", "status", status=503)
        await portal.ask("GET", "/v1/business-registry/enterprises/6799432450")
        async with asyncio.timeout(2):
            seen = await failing(answer)

    assert (seen["state"], seen["why"]) == ("failing", "upstream_error")
    assert [one["reason"] for one in seen["failures"]] == ["upstream_error"]
    assert "6799432450" not in json.dumps(seen)


async def failing(answer: aiohttp.ClientResponse) -> Any:
    """The registry's upstream, once it is told to fail."""
    while True:
        kind, data = await event(answer)
        if kind == "change" and "system.business_registry" in data["parts"]:
            [upstream] = data["parts"]["system.business_registry"]["upstreams"]
            if upstream["state"] == "failing":
                return upstream
