"""Server-Sent Events over real sockets."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from gateway.api.auth import KeyGrant, Keyring
from gateway.api.dispatch import Dispatcher
from gateway.api.event_stream import HEARTBEAT_S, WRITE_S
from gateway.api.events import EventsHandler
from gateway.api.operations import OperationHandler
from gateway.api.replay import HitReplay
from gateway.api.request_ids import RequestStamps
from gateway.api.routes import Routes
from gateway.api.server import HttpServer
from gateway.core.call import Answer, Call
from gateway.core.canonical import Canonical
from gateway.core.connector import Connector, Offer
from gateway.core.feeds import Notice
from gateway.core.operation import Operation
from gateway.core.problems import NotFound
from gateway.testing.clock import FakeClock

AT = datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC)


class RecordQuery(Canonical):
    """A record."""

    number: str


class Record(Canonical):
    """Its state."""

    state: str


LOOK = Operation(
    name="look", query=RecordQuery, answer=Record, path="records/{number}", summary="Looks", personal=True, events=True
)
HEADERS = {"Authorization": "Bearer key", "X-Dossier-Id": "D", "X-User-Id": "canbo"}


@dataclass
class Given:
    """A feed that tells what the test puts into it; None ends it."""

    pages: asyncio.Queue[Sequence[Notice]] = field(default_factory=asyncio.Queue)
    after: int = -1
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0

    async def next(self) -> Sequence[Notice]:
        return await self.pages.get()

    def close(self) -> None:
        self.closed.set()

    async def of(self, call: Call, after: int) -> Given:
        if call.query.number == "unknown":  # type: ignore[attr-defined]
            raise NotFound(reason="not_followed")
        self.after = after
        return self

    async def run(self, call: Call) -> Answer:
        del call
        self.asked += 1
        return Answer(value=None, fetched_at=AT)


def keyring() -> Keyring:
    """The one key that may ask."""
    digest = hashlib.sha256(b"key").digest()
    return Keyring([KeyGrant("portal", digest, ("*:personal",))], ["toy.look"], ["toy.look"])


@asynccontextmanager
async def telling(
    given: Given, clock: FakeClock, *, followed: bool = True, keys: Keyring | None = None
) -> AsyncIterator[str]:
    """The address of a server with one record whose events are *given*, for those who have one of *keys*."""
    connector = Connector(name="toy", title="Toy", operations=(LOOK,), dialects=())
    feed = given.of if followed else None
    offer = Offer(connector=connector, operation=LOOK, upstream="toy", run=given.run, feed=feed)
    keys = keys or keyring()
    replay, routes = HitReplay(keys, clock), Routes()
    routes.add("GET", f"{offer.path}/events", EventsHandler(OperationHandler.of(offer, keys, clock, replay), clock))
    door = Dispatcher(routes, clock, RequestStamps(clock), replay)
    runner = web.ServerRunner(HttpServer(door, door.new_id))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield "http://{}:{}/v1/toy/records/R/events".format(*runner.addresses[0][:2])
    finally:
        await runner.cleanup()


@asynccontextmanager
async def asked(
    given: Given,
    clock: FakeClock,
    headers: Mapping[str, str] | None = None,
    *,
    query: str = "",
    record: str = "R",
    followed: bool = True,
    method: str = "GET",
) -> AsyncIterator[aiohttp.ClientResponse]:
    """The answer to a client of *given*; *headers* are sent besides key and purpose."""
    sent = {**HEADERS, **(headers or {})}
    async with telling(given, clock, followed=followed) as url, aiohttp.ClientSession() as session:
        where = url.replace("/R/", f"/{record}/") + query
        async with session.request(method, where, headers=sent) as answer:
            yield answer


def notice(number: int, detail: str | None = None) -> Notice:
    """An event."""
    return Notice(number, "state", AT, "processing", detail)


async def test_an_event_is_its_number_its_kind_and_one_line_of_json(clock: FakeClock) -> None:
    """What a browser's EventSource reads: retry, id, event and data, in UTF-8 and unbuffered on the way."""
    given = Given()
    given.pages.put_nowait([notice(41), notice(42, "một lý do")])
    given.pages.put_nowait([])
    async with asked(given, clock) as answer:
        body = (await answer.read()).decode()

    assert answer.headers["Content-Type"] == "text/event-stream"
    assert (answer.headers["Cache-Control"], answer.headers["X-Accel-Buffering"]) == ("private, no-store", "no")
    assert body == (
        "retry: 3000\n\n"
        'id: 41\nevent: state\ndata: {"at":"2026-11-24T03:04:05Z","state":"processing","detail":null}\n\n'
        'id: 42\nevent: state\ndata: {"at":"2026-11-24T03:04:05Z","state":"processing","detail":"một lý do"}\n\n'
    )
    assert (given.after, given.asked, given.closed.is_set()) == (0, 1, True)


@pytest.mark.parametrize(
    ("headers", "query", "after"),
    [({"Last-Event-ID": "41"}, "", 41), ({}, "?last_event_id=7", 7), ({"Last-Event-ID": "41"}, "?last_event_id=7", 41)],
    ids=["header", "query", "both"],
)
async def test_a_client_says_what_it_has(headers: dict[str, str], query: str, after: int, clock: FakeClock) -> None:
    """The last id comes by the header that browsers send when they come back, or in the query."""
    given = Given()
    given.pages.put_nowait([])
    async with asked(given, clock, headers, query=query) as answer:
        await answer.read()

    assert given.after == after


@pytest.mark.parametrize(
    ("change", "query", "status"),
    [
        ({"Authorization": "Bearer other"}, "?last_event_id=x", 401),
        ({"X-User-Id": ""}, "", 400),
        ({"Last-Event-ID": "-1"}, "", 400),
        ({"Last-Event-ID": "٣"}, "", 400),
        ({"Last-Event-ID": "9" * 19}, "", 400),
        ({}, "?other=1", 400),
    ],
    ids=["key", "purpose", "negative", "digits", "long", "field"],
)
async def test_who_may_not_ask_hears_nothing(change: dict[str, str], query: str, status: int, clock: FakeClock) -> None:
    """Key, purpose and the last id are looked at before anything is opened."""
    given = Given()
    async with asked(given, clock, change, query=query) as answer:
        assert (answer.status, answer.content_type) == (status, "application/problem+json")

    assert given.after == -1


@pytest.mark.parametrize(("record", "followed"), [("unknown", True), ("R", False)], ids=["foreign", "no_store"])
async def test_what_is_not_followed_is_not_found(record: str, followed: bool, clock: FakeClock) -> None:
    """A foreign record, one that nobody knows, and a deployment without a store have one answer."""
    async with asked(Given(), clock, record=record, followed=followed) as answer:
        problem = await answer.json(content_type=None)

    assert (answer.status, problem["reason"]) == (404, "not_followed")


async def test_a_comment_comes_where_nothing_happens(clock: FakeClock) -> None:
    """Proxies and clients see that the stream lives; no event is lost to the clock."""
    given = Given()
    async with asked(given, clock) as answer:
        assert await answer.content.readuntil(b"\n\n") == b"retry: 3000\n\n"
        await clock.advance(HEARTBEAT_S)
        assert await answer.content.readuntil(b"\n\n") == b": still here\n\n"
        given.pages.put_nowait([notice(1)])
        assert (await answer.content.readuntil(b"\n\n")).startswith(b"id: 1\n")
        given.pages.put_nowait([])
        assert await answer.content.read() == b""


async def test_who_hangs_up_is_forgotten(clock: FakeClock) -> None:
    """The place of a client that went away is free at once, not with the next event."""
    given = Given()
    async with asked(given, clock) as answer:
        await answer.content.readuntil(b"\n\n")
        answer.close()
        await given.closed.wait()


async def test_who_does_not_read_is_cut_off(clock: FakeClock) -> None:
    """What waits for a slow client is bounded: it is cut off after a time, and comes back with its last id."""
    given = Given()
    for start in range(0, 4096, 64):
        given.pages.put_nowait([notice(start + number, "x" * 1000) for number in range(64)])
    async with telling(given, clock) as url:
        where = URL(url)
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(slow, (where.host, where.port))
        lines = [f"GET {where.path} HTTP/1.1", "Host: x", *(f"{name}: {value}" for name, value in HEADERS.items())]
        await loop.sock_sendall(slow, "\r\n".join([*lines, "", ""]).encode())
        while not given.closed.is_set():
            left = given.pages.qsize()
            await clock.advance(WRITE_S + 1)
        slow.close()

    assert left > 40


async def test_head_opens_nothing_that_stays(clock: FakeClock) -> None:
    """HEAD has the headers of a stream and ends."""
    given = Given()
    async with asked(given, clock, method="HEAD") as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"

    assert given.closed.is_set()


async def test_a_stream_ends_with_its_key(clock: FakeClock) -> None:
    """Nothing that happens after the key is revoked is told, and a quiet stream ends at its next sign of life."""
    given, keys = Given(), keyring()
    async with telling(given, clock, keys=keys) as url, aiohttp.ClientSession() as session:
        async with session.get(url, headers=HEADERS) as told, session.get(url, headers=HEADERS) as quiet:
            assert await told.content.readuntil(b"\n\n") == b"retry: 3000\n\n"
            assert await quiet.content.readuntil(b"\n\n") == b"retry: 3000\n\n"
            keys.become(Keyring([], ["toy.look"]))
            given.pages.put_nowait([notice(1)])
            rest = [asyncio.create_task(one.content.read()) for one in (told, quiet)]
            await asyncio.wait(rest, return_when=asyncio.FIRST_COMPLETED)
            await clock.advance(HEARTBEAT_S)
            bodies = await asyncio.gather(*rest)
        async with session.get(url, headers=HEADERS) as answer:
            assert answer.status == 401

    assert bodies == [b"", b""]
