"""Sends new journal entries to the page as Server-Sent Events, with a bounded queue per reader."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

import orjson
from aiohttp import web

if TYPE_CHECKING:
    from mocks.engine.journal import Entry, Journal

#: Maximum number of entries queued for one follower; the oldest are dropped, and the follower gets their number.
WAITING: Final = 200
MAX_FOLLOWERS: Final = 20
#: Seconds between keep-alive messages, and the minimum seconds between two messages with entries.
HEARTBEAT_S: Final = 15.0
_PACE_S: Final = 0.1


class TooManyFollowers(Exception):
    """The maximum number of pages already follow the journal."""


class Follower:
    """The queue of one page: each entry once, in its state at the time of sending."""

    __slots__ = ("_anew", "_missed", "_news", "_waiting")

    def __init__(self) -> None:
        self._waiting: OrderedDict[int, Entry] = OrderedDict()
        self._missed = 0
        self._anew = False
        self._news = asyncio.Event()

    def push(self, entry: Entry) -> None:
        """Queues the entry for the page; a full queue drops the oldest."""
        self._waiting[entry.number] = entry
        if len(self._waiting) > WAITING:
            self._waiting.popitem(last=False)
            self._missed += 1
        self._news.set()

    def begin_anew(self) -> None:
        """Empties the queue after a reset of the journal; numbers start at one again."""
        self._waiting.clear()
        self._missed = 0
        self._anew = True
        self._news.set()

    async def next_message(self, patience_s: float = 0.0) -> dict[str, object] | None:
        """Returns the next message, or None when nothing new came within `patience_s` seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), patience_s)
        if not self._news.is_set():
            return None
        self._news.clear()
        entries = [{"number": number, **entry.as_json()} for number, entry in self._waiting.items()]
        told: dict[str, object] = {"anew": self._anew, "missed": self._missed, "entries": entries}
        self._waiting.clear()
        self._missed, self._anew = 0, False
        return told


async def follow(journal: Journal, request: web.BaseRequest) -> web.StreamResponse:
    """Sends new entries until the reader closes the connection.

    Raises:
        TooManyFollowers: `MAX_FOLLOWERS` pages are connected.
    """
    if len(journal.followers) >= MAX_FOLLOWERS:
        raise TooManyFollowers(f"{MAX_FOLLOWERS} pages follow the journal already; close one")
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    response.enable_chunked_encoding()
    follower = Follower()
    journal.followers.add(follower)
    try:
        with contextlib.suppress(ConnectionError):  # the page was closed
            await response.prepare(request)
            await response.write(b"retry: 2000\n\n")
            while True:
                news = await follower.next_message(journal.heartbeat_s)
                await response.write(b": open\n\n" if news is None else b"data: " + orjson.dumps(news) + b"\n\n")
                await asyncio.sleep(_PACE_S)
    finally:
        journal.followers.discard(follower)
    return response
