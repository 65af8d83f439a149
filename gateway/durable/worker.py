"""Sends orders and follows cases: one loop writes what came back, another one claims what may go.

Each does so in one transaction for many orders, and while one waits for PostgreSQL the other and the messages go on. A
claim looks once per upstream at what may go, claims lanes and marks their heads, and commits; then the messages go.
Several gateways share the work: a claim holds a lane for the time of the lease, every write names the claim, and what a
worker brings back too late is dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime

import psycopg
import structlog

from gateway.core.clock import Clock
from gateway.durable import cases, crash_points, results, tasks
from gateway.durable.claiming import Begun, Claims, WorkerSettings
from gateway.durable.following import Followed, Looked, Looking
from gateway.durable.order_log import log_ended
from gateway.durable.orders import Line
from gateway.durable.recovery import RestoredError
from gateway.durable.release import Releases, boot_time
from gateway.durable.sending import Sending, Tried, not_begun
from gateway.durable.store import Store, StoreUnavailable
from gateway.durable.tracks import BATCH, Track, Waiting, tracks_of

HOLD_S = 0.1
"""How long what came back may wait for more, while exchanges that are claimed wait for their turn."""
LAST_WRITE_S = 5.0
"""How long a write that is under way may take when the worker ends."""
log = structlog.get_logger("gateway.durable.worker")


class Worker:
    """The loops of one process.

    Args:
        store: Where the orders are.
        clock: Tells business time.
        lines: The durable operations of this deployment.
        followed: The cases to follow.
        sending: Tries the heads of lanes.
        looking: Looks at cases.
        releases: Lets bytes leave; told of the drain.
        settings: Lease and name.
        moved: Told after each commit that changed something for the portal.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        lines: Sequence[Line],
        followed: Sequence[Followed],
        *,
        sending: Sending,
        looking: Looking,
        releases: Releases,
        settings: WorkerSettings,
        moved: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._tracks = tracks_of(lines, followed)
        self._lines = {line.operation: line for line in lines}
        self._claims = Claims(clock, settings)
        self._adopted: tuple[list[Track], dict[str, Line]] | None = None
        self._sending = sending
        self._looking = looking
        self._releases = releases
        self._settings = settings
        self._moved = moved
        self._tried: list[Tried] = []
        self._looked: list[tuple[Followed, Looked]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._back = asyncio.Event()
        """Something came back that should be written now."""
        self._due = asyncio.Event()
        """Something may be there to claim."""
        self._hold: asyncio.TimerHandle | None = None
        self._loops: list[asyncio.Task[None]] = []
        self._leaving = False
        self._closing = False
        self.dropped = 0
        """Results that came back after their claim had ended."""

    def adopt(self, lines: Sequence[Line], followed: Sequence[Followed]) -> None:
        """Works on *lines* and *followed* from the next claim on; what is under way ends as it began and is counted."""
        self._adopted = tracks_of(lines, followed), {line.operation: line for line in lines}
        self._due.set()

    def _take_adopted(self) -> None:
        if self._adopted is None:
            return
        (fresh, self._lines), self._adopted = self._adopted, None
        before = {(track.system, track.upstream): track for track in self._tracks}
        for track in fresh:
            if (old := before.get((track.system, track.upstream))) is not None:
                old.lines, old.followed, old.groups = track.lines, track.followed, track.groups
        self._tracks = [before.get((track.system, track.upstream), track) for track in fresh]

    async def open(self) -> None:
        """Begins to work."""
        self._loops = [
            asyncio.create_task(self._run(self.claim, self._due, self._settings.poll_s), name="worker: claims"),
            asyncio.create_task(self._run(self.write, self._back, None), name="worker: results"),
        ]

    def wake(self) -> None:
        """Tells that there may be work."""
        self._due.set()

    def leave(self) -> None:
        """Claims nothing more and lets no more bytes out; what has left may still be answered."""
        if not self._leaving:
            self._leaving = True
            self._releases.draining = True
            crash_points.reach("drain.begun")
            for track in self._tracks:
                self._fill(track)
            self._back.set()

    async def close(self, grace_s: float) -> None:
        """Claims nothing more, lets what has left be answered for *grace_s*, writes what came back, and ends."""
        self.leave()
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._closing = True
        self._back.set()
        if self._loops:
            # A write that is cut off at its commit is perhaps in the store: it is better told to the end.
            await asyncio.wait(self._loops[1:], timeout=LAST_WRITE_S)
        await tasks.end(self._loops)
        with contextlib.suppress(StoreUnavailable, psycopg.Error):
            while self._tried or self._looked:
                await self.write()

    async def _run(self, step: Callable[[], Awaitable[None]], wake: asyncio.Event, poll_s: float | None) -> None:
        while not self._closing:
            try:
                await step()
            except (StoreUnavailable, psycopg.OperationalError) as error:
                log.warning("the worker could not reach the store", error=type(error).__name__)
                await self._clock.sleep(self._settings.poll_s)
            except RestoredError:
                self._store.turns.restored = True  # until the store's care has looked
            except Exception:  # a bug of ours at one order must not end the work for all
                log.exception("a turn of the worker failed")
                await self._clock.sleep(self._settings.poll_s)
            if wake is self._back and (len(self._tried) >= BATCH or len(self._looked) >= BATCH):
                continue
            await self._rest(wake, poll_s)

    async def _rest(self, wake: asyncio.Event, poll_s: float | None) -> None:
        if poll_s is None:
            await wake.wait()
        else:
            with contextlib.suppress(TimeoutError):
                async with self._clock.timeout_at(self._clock.monotonic() + poll_s):
                    await wake.wait()
        wake.clear()

    @property
    def under_way(self) -> frozenset[asyncio.Task[None]]:
        """The tries and looks that have not come back."""
        return frozenset(self._tasks)

    async def quiet(self) -> None:
        """Waits until what is under way has come back; :meth:`write` writes it."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def turn(self) -> None:
        """Writes what came back, and then claims and begins what may go."""
        await self.write()
        await self.claim()

    async def write(self) -> None:
        """Writes what came back, in one transaction: orders and looks up to a limit each.

        Raises:
            StoreUnavailable, psycopg.OperationalError: Nothing was written, or perhaps all: the next call writes it.
        """
        if self._hold is not None:
            self._hold.cancel()
            self._hold = None
        if not self._tried and not self._looked:
            return
        tried, self._tried = self._tried[:BATCH], self._tried[BATCH:]
        looked, self._looked = self._looked[:BATCH], self._looked[BATCH:]
        try:
            async with self._store.connection() as connection, connection.pipeline(), connection.transaction():
                dropped = await results.write(connection, tried, looked, self._clock.now(), self._store.cipher)
        except (StoreUnavailable, psycopg.OperationalError, asyncio.CancelledError):
            self._tried, self._looked = tried + self._tried, looked + self._looked
            raise  # of any other error they are not written: their leases end, and then each is asked for
        self.dropped += dropped
        crash_points.reach("result.committed")
        log_ended(tried)
        self._moved()
        self._due.set()

    async def claim(self) -> None:
        """Claims what may go, in one transaction, and begins it.

        Raises:
            StoreUnavailable, psycopg.OperationalError: Nothing was begun.
            RestoredError: As the store is behind, nothing may go.
        """
        self._sending.kept.age(self._clock.monotonic())
        self._take_adopted()
        if self._leaving or self._store.restored or len(self._tried) >= BATCH:
            return
        now, began = self._clock.now(), boot_time()
        async with self._store.connection() as connection, connection.pipeline(), connection.transaction():
            started = await self._claims(connection, self._tracks, now)
            marked = any(parts for _, parts, _ in started)
            count = await self._store.turns.count_turn(connection) if marked else None
            if marked:
                crash_points.reach("lane.claimed")
        if count is not None:
            await self._store.turns.keep(count)
            crash_points.reach("send.marked")
        self._start(started, now, began)

    def _start(
        self,
        started: Sequence[Begun],
        now: datetime,
        began: float,
    ) -> None:
        for track, parts, looks in started:
            track.waiting += [Waiting(track.lines[part[0].operation], part, began) for part in parts]
            self._fill(track)
            for case in looks:
                self._begin(self._follow(track, case, now))

    def _fill(self, track: Track) -> None:
        """Begins what waits and has room; gives back what waits where nothing may go now."""
        if not track.waiting:
            return
        if self._leaving or track.limit() <= 0:
            for part in track.waiting:
                self._give_back(part)
            track.waiting.clear()
        for _ in range(min(track.room(), len(track.waiting))):
            part = track.waiting.popleft()
            if part.line.operation not in self._lines:
                self._give_back(part)  # a new configuration does not send these orders
                continue
            track.sending += 1
            self._begin(self._try(track, part))

    def _give_back(self, part: Waiting) -> None:
        self._tried += [Tried(part.line, head, not_begun(head.unknown)) for head in part.heads]
        self._back.set()

    def _wake_soon(self, track: Track) -> None:
        """Wakes the loops at once where nothing more waits to begin, else when more has come back."""
        if not track.waiting:
            self._wake_both()
            return
        if 2 * len(track.waiting) < track.ahead:
            self._due.set()
        if self._hold is None:
            self._hold = asyncio.get_running_loop().call_later(HOLD_S, self._wake_both)

    def _wake_both(self) -> None:
        self._back.set()
        self._due.set()

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Its lease ends, and then its order is asked for.
            log.error("a try failed in the gateway", exc_info=error)

    async def _try(self, track: Track, part: Waiting) -> None:
        first = part.heads[0]
        try:
            line = self._lines.get(first.operation)
            if line is None:
                return  # a new configuration does not send these orders: the claim ends with its lease
            through = self._claims.through.get((first.system, first.operation))
            tried = await self._sending(line, part.heads, part.began, through)
            self._tried += tried  # the list of now: a turn has put another in its place meanwhile
        finally:
            track.sending -= 1
            track.ended += 1
            self._fill(track)
            self._wake_soon(track)

    async def _follow(self, track: Track, case: cases.ClaimedCase, now: datetime) -> None:
        followed = track.followed
        if followed is None:
            return  # a new configuration follows these cases no more: the claim ends with its lease
        track.looking += 1
        try:
            looked = await self._looking(followed, case, now, track.pace)
            self._looked.append((followed, looked))
        finally:
            track.looking -= 1
            self._wake_both()
