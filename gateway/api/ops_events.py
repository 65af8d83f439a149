"""``GET /api/events``: the console's Server-Sent Events, of our own and bounded.

A listener is first sent a ``snapshot`` with all parts and the last hour, then each ``change`` of a part and, every
some seconds, the ``points`` of the charts. Nothing is queued for anybody: a listener that was busy is sent what is so
now. A part is made into JSON once for all listeners.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import orjson
import structlog
from aiohttp import web

from gateway.api.event_stream import BEGINS, HEARTBEAT, HEARTBEAT_S, EventStream
from gateway.api.operators import OperatorAccess
from gateway.api.response import instant
from gateway.api.routes import Request
from gateway.core.clock import Clock
from gateway.core.problems import GatewayError, Overloaded
from gateway.observe.traffic import STEP_S, Traffic

TICK_S: Final = 0.5
"""Seconds between two looks at the parts, while anybody listens."""
MOST_LISTENERS: Final = 64
AGAIN_S: Final = 10.0
"""After which a refused listener may try again."""
KEPT_POINTS: Final = 12
"""Steps that a busy listener may miss; behind more, it is sent a snapshot."""
log = structlog.get_logger("gateway.api.ops_events")


class Part(NamedTuple):
    """A part of the console as JSON, and the version of the whole in which it became so."""

    version: int
    body: bytes


@dataclass(eq=False, slots=True)
class OpenConsole:
    """One open console: the version and the step that it has."""

    version: int = -1
    step: int = -1
    due: asyncio.Event = field(default_factory=asyncio.Event)


class ConsoleFeed:
    """The parts of one process as its consoles see them; *read* gives all of them as they are now."""

    def __init__(self, clock: Clock, read: Callable[[], Mapping[str, object]], traffic: Traffic) -> None:
        self._clock = clock
        self._read = read
        self._traffic = traffic
        self._listeners: set[OpenConsole] = set()
        self._parts: dict[str, Part] = {}
        self._version = 0
        self._points: deque[tuple[int, bytes]] = deque(maxlen=KEPT_POINTS)
        self._snapshot: tuple[int, int, bytes] = (-1, -1, b"")
        self.leaving = False

    def read_from(self, read: Callable[[], Mapping[str, object]], connectors: Sequence[str]) -> None:
        """Reads the parts, and the traffic of *connectors*, from the next look on; consoles are sent all."""
        self._read, self._parts = read, {}
        self._traffic.follow(connectors)
        for listener in self._listeners:
            listener.version = -1

    @property
    def open_now(self) -> int:
        """Consoles that listen."""
        return len(self._listeners)

    async def run(self) -> None:
        """Looks at the parts and ends steps, until cancelled."""
        step_ends = self._clock.monotonic() + STEP_S
        while True:
            await self._clock.sleep(TICK_S)
            if self._clock.monotonic() >= step_ends:
                step_ends = max(step_ends + STEP_S, self._clock.monotonic())
                self._take_step()
            if self._listeners:
                self.refresh()

    def leave(self) -> None:
        """Ends all streams and takes no more."""
        self.leaving = True
        self._wake()

    @contextmanager
    def listening(self) -> Iterator[OpenConsole]:
        """A place for one listener.

        Raises:
            Overloaded: All are taken.
        """
        if self.leaving or len(self._listeners) >= MOST_LISTENERS:
            raise Overloaded(reason="streams_full", retry_after=AGAIN_S)
        listener = OpenConsole()
        listener.due.set()
        self._listeners.add(listener)
        try:
            self.refresh()
            yield listener
        finally:
            self._listeners.discard(listener)

    async def next(self, listener: OpenConsole) -> bytes:
        """All that *listener* does not have, once there is something; nothing where the gateway leaves."""
        told = b""
        while not told:
            await listener.due.wait()
            if self.leaving:
                return b""
            listener.due.clear()
            told = self._told(listener)
        return told

    def _told(self, listener: OpenConsole) -> bytes:
        behind = self._traffic.taken - listener.step
        seen, listener.version, listener.step = listener.version, self._version, self._traffic.taken
        if seen < 0 or behind > KEPT_POINTS:
            return self._whole()
        told = b""
        if fresh := {name: orjson.Fragment(part.body) for name, part in self._parts.items() if part.version > seen}:
            told = event("change", {"at": instant(self._clock.now()), "parts": fresh})
        return told + b"".join([body for number, body in self._points if number > self._traffic.taken - behind])

    def refresh(self) -> None:
        """Looks at the parts."""
        before = self._version
        for name, value in self._read().items():
            body = orjson.dumps(value)
            held = self._parts.get(name)
            if held is None or held.body != body:
                self._version = before + 1
                self._parts[name] = Part(self._version, body)
        if self._version != before:
            self._wake()

    def _take_step(self) -> None:
        points = {name: list(step) for name, step in self._traffic.take().items()}
        self._points.append((self._traffic.taken, event("points", points)))
        self._wake()

    def _wake(self) -> None:
        for listener in self._listeners:
            listener.due.set()

    def _whole(self) -> bytes:
        version, step, body = self._snapshot
        if (version, step) != (self._version, self._traffic.taken):
            body = event(
                "snapshot",
                {
                    "at": instant(self._clock.now()),
                    "step_s": STEP_S,
                    "parts": {name: orjson.Fragment(part.body) for name, part in self._parts.items()},
                    "history": self._traffic.history(),
                },
            )
            self._snapshot = (self._version, self._traffic.taken, body)
        return body


def event(kind: str, data: object) -> bytes:
    """An event with JSON on one line."""
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), orjson.dumps(data))


@dataclass(frozen=True, slots=True)
class ConsoleEvents:
    """The handler. A stream ends with the session, or the key, by which it was opened."""

    feed: ConsoleFeed
    access: OperatorAccess
    clock: Clock

    async def __call__(self, request: Request) -> web.StreamResponse:
        with self.feed.listening() as listener:
            stream = await EventStream.begin(request, self.clock)
            if stream.only_head:
                return stream.response
            try:
                await stream.write(BEGINS)
                while data := await self._next(listener):
                    self.access.check(request.http)
                    await stream.write(data)
            except TimeoutError as error:
                log.info("a console did not take its events", request_id=request.request_id)
                stream.cut_off()
                raise ConnectionResetError("the console did not take its events") from error
            except GatewayError as error:
                log.info("a console's right to listen has ended", request_id=request.request_id, code=error.code)
            return stream.response

    async def _next(self, listener: OpenConsole) -> bytes:
        try:
            async with self.clock.timeout_at(self.clock.monotonic() + HEARTBEAT_S):
                return await self.feed.next(listener)
        except TimeoutError:
            return HEARTBEAT
