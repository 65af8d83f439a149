"""Tells the portal's clients what happens to their cases, while it happens.

One question to the store serves all clients of the process, after each notice that something was committed; a
notice that is lost costs :data:`POLL_S` at most. A client holds one page of events at a time.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import psycopg
import structlog

from gateway.core.call import Call
from gateway.core.clock import Clock
from gateway.core.durable import Following, Moment
from gateway.core.feeds import Notice
from gateway.core.lasting import lasting
from gateway.core.problems import NotFound, Overloaded, RateLimited
from gateway.durable import events, tasks
from gateway.durable.events import Wanted
from gateway.durable.settings import StreamSettings
from gateway.durable.store import Store, StoreUnavailable

PAGE: Final = 64
"""Events that a client holds."""
AT_ONCE: Final = 500
"""Clients of one question to the store."""
POLL_S: Final = 5.0
PAUSE_S: Final = 0.02
log = structlog.get_logger("gateway.durable.event_streams")


@dataclass(eq=False, slots=True)
class CaseFeed:
    """The events of a case for one client."""

    streams: EventStreams
    following: Following
    system: str
    key: str
    caller: str
    after: int
    """The last event that was read."""
    state: str
    """The case's state with it."""
    page: list[Notice] = field(default_factory=list)
    behind: bool = True
    """There may be events that were not read."""
    there: asyncio.Event = field(default_factory=asyncio.Event)

    async def next(self) -> Sequence[Notice]:
        """See :class:`gateway.core.feeds.Feed`."""
        await self.there.wait()
        page, self.page = self.page, []
        if not self.streams.leaving:
            self.there.clear()
            if self.behind:
                self.streams.wake()
        return page

    def add(self, number: int, moment: Moment) -> None:
        """Puts an event at the end of the page."""
        entry = self.following.entry_of(self.state, moment)
        self.after, self.state = number, entry.state
        self.page.append(Notice(number, moment.kind, moment.at, entry.state, entry.detail))
        self.there.set()

    def close(self) -> None:
        """See :class:`gateway.core.feeds.Feed`."""
        self.streams.forget(self)


class EventStreams:
    """The clients of one process. *clock* is the machine's."""

    def __init__(self, store: Store, clock: Clock, settings: StreamSettings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._feeds: set[CaseFeed] = set()
        self._open: Counter[str] = Counter()
        self._due = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.leaving = False

    @property
    def open_now(self) -> int:
        """Streams that are open."""
        return self._open.total()

    def retune(self, settings: StreamSettings) -> None:
        """Takes new streams by *settings* from now on."""
        self._settings = settings

    async def open(self) -> None:
        """Begins to tell."""
        self._task = lasting(self._run, self._clock, "tell of events")

    def leave(self) -> None:
        """Ends all streams and takes no more."""
        self.leaving = True
        for feed in self._feeds:
            feed.there.set()

    async def close(self) -> None:
        """Ends."""
        self.leave()
        if self._task is not None:
            await tasks.end([self._task])

    def wake(self) -> None:
        """Tells that there may be events."""
        if self._feeds:
            self._due.set()

    async def subscribe(self, system: str, following: Following, call: Call, after: int) -> CaseFeed:
        """The feed of the case that *call* asks for, from the event after number *after*.

        Raises:
            NotFound: The store does not have the case, or it is another caller's.
            RateLimited: The caller has too many streams.
            Overloaded: There are too many streams, the gateway leaves, or the store can't be read.
        """
        if self.leaving:
            raise Overloaded("The gateway leaves.", reason="leaving")
        if self.open_now >= self._settings.most:
            raise Overloaded("There are too many streams of events.", reason="streams_full")
        if self._open[call.caller] >= self._settings.most_per_caller:
            raise RateLimited("The caller has too many streams of events.", reason="streams_full", retry_after=5.0)
        self._open[call.caller] += 1  # before the store is asked: others ask at the same time
        try:
            feed = await self._begin(system, following, call, after)
        except BaseException:
            self._open[call.caller] -= 1
            raise
        self._feeds.add(feed)
        self._due.set()
        return feed

    async def _begin(self, system: str, following: Following, call: Call, after: int) -> CaseFeed:
        key = following.key_of(call.query)
        try:
            async with self._store.connection() as connection:
                found = await events.place(connection, system, key, after)
                if found is None or found.caller != call.caller:
                    raise NotFound("No events of such a case are kept.", reason="not_followed")
                before = await events.up_to(connection, system, key, found.after)
        except StoreUnavailable as error:
            raise Overloaded("The store can't be read now.", reason="store") from error
        state = "accepted"
        for moment in before:
            state = following.entry_of(state, moment).state
        return CaseFeed(self, following, system, key, call.caller, found.after, state)

    def forget(self, feed: CaseFeed) -> None:
        """The client of *feed* is gone."""
        if feed in self._feeds:
            self._feeds.discard(feed)
            self._open[feed.caller] -= 1
            if not self._open[feed.caller]:
                del self._open[feed.caller]

    async def _run(self) -> None:
        while True:
            try:
                async with self._clock.timeout_at(self._clock.monotonic() + POLL_S):
                    await self._due.wait()
            except TimeoutError:
                pass  # a notice may be lost
            self._due.clear()
            try:
                await self.read()
            except (StoreUnavailable, psycopg.Error) as error:
                log.warning("events could not be read", error=type(error).__name__)
            await self._clock.sleep(PAUSE_S)

    async def read(self) -> None:
        """Reads what is new for the clients that have taken what was there."""
        for feed in self._feeds:
            feed.behind = True
        hungry = [feed for feed in self._feeds if not feed.page]
        for start in range(0, len(hungry), AT_ONCE):
            batch = hungry[start : start + AT_ONCE]
            async with self._store.connection() as connection:
                wanted = [Wanted(feed.system, feed.key, feed.after) for feed in batch]
                found = await events.since(connection, wanted, PAGE)
            for feed, moments in zip(batch, found, strict=True):
                feed.behind = len(moments) == PAGE
                for number, moment in moments:
                    feed.add(number, moment)
