"""The console in a real Chromium, open for a day: a day's events, as fast as the page takes them, change nothing of its
size.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from gateway.api.auth import Keyring
from gateway.api.dispatch import Dispatcher
from gateway.api.event_stream import EventStream
from gateway.api.operators import Operator, OperatorAccess
from gateway.api.ops import ops_routes
from gateway.api.ops_events import event
from gateway.api.ops_pages import add_pages
from gateway.api.replay import HitReplay
from gateway.api.request_ids import RequestStamps
from gateway.api.routes import Request
from gateway.api.server import HttpServer
from gateway.core.clock import SystemClock
from gateway.observe.traffic import STEP_S, STEPS
from tests.support.chromium import Tab, browsing
from tests.support.console import EXECUTABLE, IN_CHROMIUM

START: Final = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
HOUR: Final = int(3600 / STEP_S)
SYSTEMS: Final = ("business_registry", "social_insurance", "legal_documents")
POINTS: Final = """
import("/console/systems.js").then(({cards}) =>
  Math.max(...[...cards.values()].map((one) => one.charts.history.at.length)))
"""

pytestmark = IN_CHROMIUM


def system(name: str, number: int) -> dict[str, Any]:
    """A system's part of the page at this step: it fails every tenth minute, and its numbers change with each step."""
    at = (START + timedelta(seconds=number * STEP_S)).isoformat()
    failing = number // 12 % 10 == 0
    failures = [{"at": at, "operation": "enterprise", "reason": "upstream_error"}] * (number % 5)
    upstream = {
        "upstream": "ngsp",
        "state": "failing" if failing else "up",
        "since": at,
        "why": "upstream_error" if failing else "",
        "until": None,
        "breaker": "open" if failing else "closed",
        "in_flight": number % 7,
        "waiting": number % 3,
        "limit": 10,
        "quota": {"left": 100_000 - number, "per_day": 100_000},
        "failures": failures,
        "isolations": [],
        "elsewhere": [{"instance": "b", "worker": None, "state": "closed", "since": at, "why": ""}] * (number % 2),
    }
    return {"name": name, "title": name, "operations": ["enterprise"], "upstreams": [upstream], "orders": None}


def parts(number: int) -> dict[str, object]:
    """All parts at this step."""
    gateway = {"machine": None, "store": None, "targets": [], "cache": {"entries": number, "bytes": number}}
    return {"gateway": gateway, **{f"system.{name}": system(name, number) for name in SYSTEMS}}


@dataclass
class Feed:
    """A gateway's events by a clock of the test's own: each step is sent when the test says so."""

    clock: SystemClock = field(default_factory=SystemClock)
    sent: int = 0
    wanted: asyncio.Event = field(default_factory=asyncio.Event)
    until: int = 0

    async def __call__(self, request: Request) -> web.StreamResponse:
        stream = await EventStream.begin(request, self.clock)
        first = {"at": START.isoformat(), "step_s": STEP_S, "parts": parts(0), "history": dict.fromkeys(SYSTEMS)}
        await stream.write(event("snapshot", first))
        while True:
            await self.wanted.wait()
            self.wanted.clear()
            while self.sent < self.until:
                self.sent += 1
                await stream.write(self.step(self.sent))

    @staticmethod
    def step(number: int) -> bytes:
        """The events of one step."""
        at = START + timedelta(seconds=number * STEP_S)
        point = [at.timestamp(), number % 50, number % 3, number % 2, number % 20, number % 40, 20 + number % 9, 300]
        return event("change", {"at": at.isoformat(), "parts": parts(number)}) + event(
            "points", dict.fromkeys(SYSTEMS, point)
        )

    async def send(self, tab: Tab, steps: int) -> None:
        """Sends so many more steps, and returns when the page shows the last."""
        self.until = self.sent + steps
        self.wanted.set()
        left = f"{100_000 - self.until}"
        await tab.until(f"document.querySelector('.facts')?.innerText.replace(/\\D/g, '').includes('{left}')")


@asynccontextmanager
async def page(folder: Path) -> AsyncIterator[tuple[Tab, Feed]]:
    """The console's own page, and the events that it is sent."""
    assert EXECUTABLE is not None
    feed = Feed()
    access = OperatorAccess({hashlib.sha256(b"k").digest(): Operator("reader", frozenset({"read"}))}, keys_asked=False)
    routes = ops_routes({}, lambda _: (b"", "text/plain"), list, access)
    await asyncio.to_thread(add_pages, routes)
    routes.add("GET", "/api/events", feed)
    replay = HitReplay(Keyring((), ()), feed.clock)
    door = Dispatcher(routes, feed.clock, RequestStamps(feed.clock), replay, guard=access.check)
    runner = web.ServerRunner(HttpServer(door, door.new_id), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with browsing(EXECUTABLE, folder) as tab:
            await tab.size(1360, 1000)
            await tab.open(f"http://127.0.0.1:{runner.addresses[0][1]}/")
            await tab.until("document.body.dataset.ready")
            yield tab, feed
            assert tab.complaints == []
    finally:
        await runner.cleanup()


async def size(tab: Tab) -> dict[str, int]:
    """Nodes and listeners that the page holds, and bytes of its heap, without what nobody holds any more."""
    await tab.call("HeapProfiler.collectGarbage")
    counted = await tab.call("Memory.getDOMCounters")
    heap = await tab.call("Runtime.getHeapUsage")
    return {"nodes": counted["nodes"], "listeners": counted["jsEventListeners"], "heap": int(heap["usedSize"])}


async def test_page_that_is_open_for_a_day_does_not_grow(tmp_path: Path) -> None:
    """An hour of points is kept; nodes, listeners and heap at the day's end are those of its second hour."""
    async with page(tmp_path) as (tab, feed):
        await feed.send(tab, 2 * HOUR)
        early = await size(tab)
        await feed.send(tab, 22 * HOUR)
        late = await size(tab)

        assert await tab.run(POINTS) == STEPS
    assert late["nodes"] <= early["nodes"] + 200
    assert late["listeners"] <= early["listeners"] + 10
    assert late["heap"] <= early["heap"] * 1.3


async def test_page_in_the_background_holds_one_frame(tmp_path: Path) -> None:
    """A browser calls no frame of a page that is not seen: one waits for the operator's look, and not one a step."""
    async with page(tmp_path) as (tab, feed):
        await feed.send(tab, 5)
        await tab.run("window.held = [], window.requestAnimationFrame = (frame) => held.push(frame)")
        await feed.send(tab, 200)
        assert await tab.run("held.length") == 1
        await tab.run("held.pop()()")
        assert await tab.run(POINTS) == 205
