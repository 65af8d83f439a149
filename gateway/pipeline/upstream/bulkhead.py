"""Limits the exchanges with a source at once; the rest waits in a bounded queue, and beyond it is refused at once.

The queue is ordered by deadline, interactive callers before batch; where it is full, an interactive caller takes the
place of the last batch part. Callers take turns: the first waiter of each goes before the second of any, and where the
queue is full, the caller that has most waiters gives one of its places to a caller that has fewer. A waiter that leaves
frees its place.

One caller has at most ``caller_limit`` exchanges in flight; more of its own wait, also while places are free. So
however much one caller asks, another one finds a place at once.
"""

from __future__ import annotations

import asyncio
from bisect import insort
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import ClassVar, Final, TypeAlias, assert_never

import msgspec
from msgspec import structs

from gateway.core.canonical import Wire
from gateway.core.clock import Clock
from gateway.core.events import BulkheadMoved, Observer
from gateway.core.problems import Failing, GatewayError, Overloaded, TimedOut
from gateway.core.steps import Next
from gateway.core.upstream import UpstreamRequest
from gateway.pipeline.deadline import MARGIN_S, out_of_time
from gateway.pipeline.upstream.adaptive import Aimd, Kind, Sample
from gateway.pipeline.upstream.adaptive import decide as adapt
from gateway.pipeline.upstream.bulkhead_settings import BulkheadSettings

RANKS: Final = {"interactive": 0, "batch": 1}
SHORTEST_S: Final = 1.0
LONGEST_S: Final = 30.0
"""Bounds of what a refused caller is told to wait."""


# ---- state, events, verdicts; those made for each exchange are msgspec structs, made in a fifth of the time


class Ticket(msgspec.Struct, frozen=True, order=True):
    """A waiter's place in the order: rank, then deadline (monotonic seconds), then arrival."""

    rank: int
    deadline: float
    serial: int
    caller: str = ""


class Room(msgspec.Struct, frozen=True):
    """Places in use, and the waiters in the order in which they go."""

    limit: int
    in_use: int = 0
    waiting: tuple[Ticket, ...] = ()
    last: str = ""
    """The caller of the waiter that went last."""
    held: Mapping[str, int] = {}
    """Places in use by caller; counted only where a caller may not have all of them."""


class Arrive(msgspec.Struct, frozen=True):
    """An exchange asks for a place."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Leave:
    """A waiter has gone."""

    ticket: Ticket


class Finished(msgspec.Struct, frozen=True):
    """A place of *caller* is free again."""

    caller: str = ""


@dataclass(frozen=True, slots=True)
class Resize:
    """The number of places has changed."""

    limit: int


BulkheadEvent: TypeAlias = Arrive | Leave | Finished | Resize


@dataclass(frozen=True, slots=True)
class Enter:
    """The exchange has a place."""


@dataclass(frozen=True, slots=True)
class Wait:
    """The exchange waits; it replaces the waiter *shed*, if there is one."""

    shed: Ticket | None = None


@dataclass(frozen=True, slots=True)
class Full:
    """Every place is taken and the queue is full."""


@dataclass(frozen=True, slots=True)
class Admit:
    """These waiters get a place now."""

    tickets: tuple[Ticket, ...]


BulkheadDecision: TypeAlias = Enter | Wait | Full | Admit
ENTER: Final = Enter()
NOBODY: Final = Admit(())


def decide(room: Room, event: BulkheadEvent, now: float, settings: BulkheadSettings) -> tuple[Room, BulkheadDecision]:
    """The room after *event*, and the decision about the exchanges concerned."""
    match event:
        case Arrive(ticket):
            return _arrive(room, ticket, settings)
        case Leave(ticket):
            staying = tuple(other for other in room.waiting if other != ticket)
            return Room(room.limit, room.in_use, staying, room.last, room.held), NOBODY
        case Finished(caller):
            held = _counted(room.held, caller, -1, settings)
            return _admit(Room(room.limit, room.in_use - 1, room.waiting, room.last, held), now, settings)
        case Resize(limit):
            return _admit(Room(limit, room.in_use, room.waiting, room.last, room.held), now, settings)
        case _:
            assert_never(event)


def most_of_one(limit: int, settings: BulkheadSettings) -> int:
    """Places that one caller may have while there are *limit*: the configured share of them, and at least one."""
    most = settings.caller_limit
    return limit if most is None or most >= settings.limit else max(1, limit * most // settings.limit)


def is_counted(settings: BulkheadSettings) -> bool:
    """Whether places in use are counted by caller: one caller may not have all of them."""
    return settings.caller_limit is not None and settings.caller_limit < settings.limit


def _counted(held: Mapping[str, int], caller: str, by: int, settings: BulkheadSettings) -> Mapping[str, int]:
    if not is_counted(settings):
        return held
    # Who entered before places were counted (by a change of the settings) leaves without having been counted.
    return {**held, caller: max(0, held.get(caller, 0) + by)}


def _arrive(room: Room, ticket: Ticket, settings: BulkheadSettings) -> tuple[Room, BulkheadDecision]:
    if room.in_use < room.limit and room.held.get(ticket.caller, 0) < most_of_one(room.limit, settings):
        # Nobody is overtaken: while a place is free, those who wait have all that their callers may have.
        held = _counted(room.held, ticket.caller, 1, settings)
        return Room(room.limit, room.in_use + 1, room.waiting, room.last, held), ENTER
    waiting = list(room.waiting)
    shed = None
    if len(waiting) >= settings.queue:
        shed = _gives_way(waiting, ticket)
        if shed is None:
            return room, Full()
        waiting.remove(shed)
    insort(waiting, ticket)
    return Room(room.limit, room.in_use, tuple(waiting), room.last, room.held), Wait(shed)


def _gives_way(waiting: Sequence[Ticket], ticket: Ticket) -> Ticket | None:
    """The waiter whose place *ticket* takes: the last batch part before an interactive exchange, else the last one of
    the caller that has most, if that leaves it no fewer than the newcomer's.
    """
    if not waiting:
        return None
    if waiting[-1].rank > ticket.rank:
        return waiting[-1]
    equal = [other for other in waiting if other.rank == ticket.rank]
    number = Counter(other.caller for other in equal)
    most, count = max(number.items(), key=itemgetter(1), default=("", 0))
    if count <= number[ticket.caller] + 1:
        return None
    return next(other for other in reversed(equal) if other.caller == most)


def _in_turn(waiting: Sequence[Ticket], last: str) -> list[Ticket]:
    """*waiting* in the order of going: by rank, the first of each caller before the second of any, and before the first
    of the caller that went *last*.
    """
    turns: Counter[tuple[int, str]] = Counter()
    placed = []
    for ticket in waiting:
        turns[ticket.rank, ticket.caller] += 1
        turn = turns[ticket.rank, ticket.caller] + (ticket.caller == last)
        placed.append((ticket.rank, turn, ticket))
    return [ticket for _, _, ticket in sorted(placed)]


def _admit(room: Room, now: float, settings: BulkheadSettings) -> tuple[Room, Admit]:
    """Gives free places to waiters; a waiter whose deadline has passed gets none: its own timer ends it."""
    if not room.waiting:
        return room, NOBODY
    alive = [ticket for ticket in room.waiting if ticket.deadline > now]
    free, most, held = room.limit - room.in_use, most_of_one(room.limit, settings), room.held
    going: list[Ticket] = []
    for ticket in _in_turn(alive, room.last):
        if len(going) >= free:
            break
        if held.get(ticket.caller, 0) < most:
            going.append(ticket)
            held = _counted(held, ticket.caller, 1, settings)
    waiting = tuple(ticket for ticket in room.waiting if ticket not in going)
    last = going[-1].caller if going else room.last
    return Room(room.limit, room.in_use + len(going), waiting, last, held), Admit(tuple(going))


# ---- the step


class Bulkhead:
    """One upstream's bulkhead."""

    name: ClassVar[str] = "bulkhead"

    def __init__(
        self, settings: BulkheadSettings, minimum_s: float, clock: Clock, observer: Observer, names: tuple[str, str]
    ) -> None:
        self._settings = settings
        self._reserve_s = MARGIN_S + minimum_s
        self._clock = clock
        self._observer = observer
        self._names = names
        self._room = Room(settings.limit)
        self._places: dict[Ticket, asyncio.Future[None]] = {}
        self._serial = 0
        self._pace_s = 0.0
        self._aimd = Aimd(settings.limit)
        self._show()

    def retune(self, settings: BulkheadSettings, minimum_s: float) -> None:
        """Goes by *settings* from now on: who is inside stays there, and who waits gets what is free by them."""
        if not (is_counted(self._settings) and is_counted(settings)):
            self._room = structs.replace(self._room, held={})
        if settings.limit != self._settings.limit:
            self._aimd = Aimd(settings.limit, self._aimd.usual)
        self._settings, self._reserve_s = settings, MARGIN_S + minimum_s
        self._tell(Resize(self._aimd.limit if settings.adaptive else settings.limit))
        self._show()

    @property
    def room(self) -> Room:
        """The places in use and the waiters."""
        return self._room

    def in_use(self) -> int:
        """Exchanges in flight."""
        return self._room.in_use

    def waiting(self) -> int:
        """Exchanges that wait for a place."""
        return len(self._room.waiting)

    async def __call__(self, proceed: Next[UpstreamRequest, Wire | None], request: UpstreamRequest) -> Wire | None:
        await self._enter(request)
        began = self._clock.monotonic()
        try:
            found = await proceed(request)
            self._learn(request, began, "neutral" if found is None else "answered")
        except GatewayError as error:
            kind: Kind = "dropped" if isinstance(error, Failing | TimedOut) else "neutral"
            self._learn(request, began, kind)
            raise
        else:
            return found
        finally:
            self._tell(Finished(request.call.caller))

    async def _enter(self, request: UpstreamRequest) -> None:
        """Waits until the exchange has a place.

        Raises:
            Overloaded: There is no place for it and the queue is full, or a more urgent exchange took the place in the
                queue. TimedOut: The deadline came first.
        """
        self._serial += 1
        call = request.call
        ticket = Ticket(RANKS[call.priority], call.expires_at - self._reserve_s, self._serial, call.caller)
        decision = self._tell(Arrive(ticket))
        if isinstance(decision, Full):
            if self._room.in_use < self._room.limit:
                call.trace.notes.append("bulkhead=caller_limit")
                raise self._overloaded(
                    "The caller has as many requests as one caller may have at once.", "caller_share"
                )
            call.trace.notes.append("bulkhead=full")
            raise self._overloaded("The upstream already has as many requests as it may have at once.")
        if isinstance(decision, Wait):
            began = self._clock.monotonic()
            try:
                await self._wait(ticket)
            finally:
                request.call.trace.queued += self._clock.monotonic() - began

    async def _wait(self, ticket: Ticket) -> None:
        place = self._places[ticket] = asyncio.get_running_loop().create_future()
        try:
            async with self._clock.timeout_at(ticket.deadline):
                await place
        except BaseException as error:
            if place.cancelled() or not place.done():
                self._tell(Leave(ticket))
            elif place.exception() is None:
                # The place came in the turn in which its waiter left.
                self._tell(Finished(ticket.caller))
            if isinstance(error, TimeoutError):
                raise out_of_time(may_have_arrived=False) from None
            raise
        finally:
            del self._places[ticket]

    def _tell(self, event: BulkheadEvent) -> BulkheadDecision:
        """Decides, carries out the decision, and returns the decision about *event* itself."""
        decision = self._decide(event)
        lost = [] if decision is ENTER or decision is NOBODY else self._carry_out(decision)
        while lost:
            # Waiters that have just been cancelled and have not run yet: the next ones get their places.
            lost += self._carry_out(self._decide(Finished(lost.pop())))
        return decision

    def _decide(self, event: BulkheadEvent) -> BulkheadDecision:
        self._room, decision = decide(self._room, event, self._clock.monotonic(), self._settings)
        return decision

    def _carry_out(self, decision: BulkheadDecision) -> list[str]:
        """Wakes or sheds the waiters of *decision*; returns the callers of those that had gone meanwhile."""
        lost = []
        if isinstance(decision, Admit):
            for ticket in decision.tickets:
                place = self._places[ticket]
                if place.done():
                    lost.append(ticket.caller)
                else:
                    place.set_result(None)
        elif isinstance(decision, Wait) and decision.shed is not None:
            place = self._places[decision.shed]
            if not place.done():
                place.set_exception(self._shed(decision.shed))
        return lost

    def _shed(self, ticket: Ticket) -> Overloaded:
        if ticket.rank:
            return self._overloaded("The batch part made room for another request.", "batch_shed")
        return self._overloaded("The caller has most of the waiting requests.", "caller_share")

    def _overloaded(self, detail: str, reason: str = "bulkhead_full") -> Overloaded:
        wait = self._pace_s * (len(self._room.waiting) + 1) / self._room.limit
        return Overloaded(detail, reason=reason, retry_after=min(LONGEST_S, max(SHORTEST_S, wait)))

    def _learn(self, request: UpstreamRequest, began: float, kind: Kind) -> None:
        seconds = self._clock.monotonic() - began
        self._pace_s = seconds if self._pace_s == 0 else self._pace_s + (seconds - self._pace_s) / 10
        if not self._settings.adaptive:
            return
        # A large file keeps its place as long as its caller takes; the source's own time ends with the first bytes.
        answered = request.progress.seconds if request.progress.handed_over else seconds
        sample = Sample(answered, kind, self._room.in_use)
        now = self._clock.monotonic()
        self._aimd, limit = adapt(self._aimd, sample, now, self._settings.aimd, self._settings.limit)
        if limit != self._room.limit:
            self._tell(Resize(limit))
            self._show()

    def _show(self) -> None:
        self._observer(BulkheadMoved(*self._names, self._room.limit))
