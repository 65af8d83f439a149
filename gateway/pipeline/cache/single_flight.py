"""Shares one call between equal questions: a separate task, with its own deadline and a clean context.

A caller that leaves does not affect the others; when all have left, the call is cancelled, and the next caller begins
anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from functools import partial
from types import TracebackType
from typing import Any, Final, Generic, TypeVar

from msgspec.structs import replace

from gateway.core.call import NO_WISH, Answer, Call, Trace
from gateway.core.clock import Clock
from gateway.core.problems import GatewayError, Overloaded, TimedOut, Withheld
from gateway.core.tracing import CURRENT, Span, clean_context
from gateway.pipeline.deadline import MARGIN_S, out_of_time

C = TypeVar("C")
T = TypeVar("T")
Start = Callable[[C], Coroutine[Any, Any, T]]

MOST_FLIGHTS: Final = 10_000
DYING_S: Final = 1.0
"""How long a new call waits for a cancelled one of the same key to end; a source that ignores its cancellation does
not lock the key."""
WAIT_MARGIN_S: Final = MARGIN_S / 2
"""Kept back by who waits for a shared call: the call's own, more telling error comes first."""
NEVER_JOIN: Final = float("inf")


class Flight(Generic[C, T]):
    """One running call. *cargo* is the value that it was started with.

    *task* is let go when it has ended: it holds the frames of an error, and they hold the answer and the flight.
    """

    __slots__ = ("begun", "cargo", "dying", "error", "keep", "key", "result", "span", "task", "traceback", "waiters")

    task: asyncio.Task[T] | None
    result: T

    def __init__(self, key: Hashable, cargo: C, *, keep: bool) -> None:
        self.task = None
        self.key = key
        self.cargo = cargo
        self.keep = keep
        self.begun: int | None = None
        self.waiters: set[asyncio.Future[None]] = set()
        self.dying = False
        self.error: BaseException | None = None
        self.traceback: TracebackType | None = None
        self.span: Span | None = CURRENT.get()
        """That of the caller who began it, for the links of those who join."""

    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self.task is not None and not self.task.done()

    def land(self) -> None:
        """Keeps the result of the ended task, or its error, and lets the task go."""
        task, self.task = self.task, None
        if task is None:
            return
        if task.cancelled():
            self.error = Overloaded("The gateway is shutting down.", reason="leaving")
            return
        self.error = task.exception()
        if self.error is None:
            self.result = task.result()
        elif not isinstance(self.error, GatewayError):
            self.traceback = self.error.__traceback__  # of an error that nobody foresaw


class Flights(Generic[C, T]):
    """The running calls by key: at most one that can be joined, and never an unbounded number in all.

    *tick* gives each call its place in the process's order of events, so that a caller that must not get an older
    answer (``no-cache``, a question after a purge) does not join a call that began before.
    """

    def __init__(self, clock: Clock, tick: Callable[[], int], *, most: int = MOST_FLIGHTS) -> None:
        self._clock = clock
        self._tick = tick
        self._most = most
        self._current: dict[Hashable, Flight[C, T]] = {}
        self._flying: set[Flight[C, T]] = set()
        self._dying: dict[Hashable, set[asyncio.Task[T]]] = {}

    def __len__(self) -> int:
        return len(self._flying)

    def start(
        self, key: Hashable, cargo: C, run: Start[C, T], *, since: float = -1, keep: bool = False
    ) -> tuple[Flight[C, T], bool]:
        """The call of *key* that began after *since*, begun now where there is none, and whether it was.

        Wait for it with :meth:`wait` before anything else; *keep* lets it go on without a waiting caller.

        Raises:
            Overloaded: Where too many calls run.
        """
        old = self._current.get(key)
        if old is not None and not old.dying and old.is_running() and (old.begun is None or old.begun > since):
            old.keep = old.keep or keep
            if old.span is not None and (span := CURRENT.get()) is not None:
                span.link(old.span)
            return old, False
        if len(self._flying) >= self._most:
            raise Overloaded("Too many different questions are under way.", reason="flights")
        flight: Flight[C, T] = Flight(key, cargo, keep=keep)
        loop = asyncio.get_running_loop()
        flight.task = loop.create_task(self._fly(flight, run), name="shared call", context=clean_context())
        flight.task.add_done_callback(partial(self._landed, flight))
        self._flying.add(flight)
        self._current[key] = flight
        return flight, True

    async def wait(self, flight: Flight[C, T], until: float) -> T:
        """The result of *flight*, or its error; the same for all who wait.

        Raises:
            TimeoutError: Where it has not ended at *until* (monotonic seconds).
            Overloaded: The gateway is shutting down.
        """
        if flight.is_running():
            # A future for each caller: asyncio.wait() does the same for any number of tasks, at three times the cost.
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            flight.waiters.add(waiter)
            try:
                async with self._clock.timeout_at(until):
                    await waiter
            finally:
                flight.waiters.discard(waiter)
                if flight.is_running() and not (flight.waiters or flight.keep):
                    self._abandon(flight)
        flight.land()
        if flight.error is not None:
            raise flight.error.with_traceback(flight.traceback)
        return flight.result

    async def close(self) -> None:
        """Cancels every call and waits for its end."""
        tasks = [flight.task for flight in self._flying if flight.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _abandon(self, flight: Flight[C, T]) -> None:
        assert flight.task is not None, "it runs"
        flight.dying = True
        self._dying.setdefault(flight.key, set()).add(flight.task)
        flight.task.cancel()

    async def _fly(self, flight: Flight[C, T], run: Start[C, T]) -> T:
        if dying := self._dying.get(flight.key):
            try:
                async with self._clock.timeout_at(self._clock.monotonic() + DYING_S):
                    await asyncio.wait(tuple(dying))
            except TimeoutError:
                pass
        flight.begun = self._tick()
        return await run(flight.cargo)

    def _landed(self, flight: Flight[C, T], task: asyncio.Task[T]) -> None:
        self._flying.discard(flight)
        if self._current.get(flight.key) is flight:
            del self._current[flight.key]
        if dying := self._dying.get(flight.key):
            dying.discard(task)
            if not dying:
                del self._dying[flight.key]
        flight.land()
        for waiter in flight.waiters:
            if not waiter.done():
                waiter.set_result(None)


class SingleFlight:
    """Lets equal questions share one call.

    The callers who wait for a shared call bound its time: each leaves at its own deadline, and the last one that leaves
    cancels the call. Below it every exchange ends at the deadline of the caller who began it.
    """

    def __init__(self, flights: Flights[Call, Answer], clock: Clock) -> None:
        self._flights = flights
        self._clock = clock

    async def share(self, key: Hashable, call: Call, fetch: Start[Call, Answer], since: float) -> Answer:
        """The answer of the one call of *key* that runs, or of one that begins now.

        Args:
            key: Equal for equal questions.
            call: The call of one caller.
            fetch: Asks the source, for a call as all who ask the same may share it.
            since: Only a call that began after this place in the order of events is joined.

        Raises:
            GatewayError: As the call ended; or ``deadline`` where this caller's time ends first.
        """
        while True:
            flight, led = self._flights.start(key, self._shared(call), fetch, since=since)
            began = self._clock.monotonic()
            try:
                answer = await self._flights.wait(flight, call.expires_at - WAIT_MARGIN_S)
            except TimeoutError:
                raise out_of_time(may_have_arrived=True) from None
            except GatewayError as error:
                if led or not _fails_for_another(error, flight.cargo, call):
                    raise
                continue
            finally:
                _account(call.trace, flight.cargo.trace, self._clock.monotonic() - began, led=led)
            if led or answer.cache is None:
                return answer
            return replace(answer, cache=replace(answer.cache, collapsed=True))

    def _shared(self, call: Call) -> Call:
        """*call* in the form that callers can share: with its own trace, without this caller's wishes."""
        return replace(call, trace=Trace(self._clock.monotonic()), cache=NO_WISH)


def _fails_for_another(error: GatewayError, shared: Call, call: Call) -> bool:
    """Whether a shared call failed because it had less time or a lower priority than *call*, which then asks for
    itself.
    """
    if not isinstance(error, TimedOut | Overloaded | Withheld):
        return False
    hurried = shared.expires_at + MARGIN_S < call.expires_at and error.reason == "deadline"
    humble = shared.priority == "batch" and call.priority == "interactive" and not isinstance(error, TimedOut)
    return hurried or humble


def _account(own: Trace, shared: Trace, waited: float, *, led: bool) -> None:
    """Adds the times and notes of the shared call to the trace of a caller that waited for it."""
    own.upstream += min(waited, shared.upstream) if led else waited
    if led:
        own.queued += shared.queued
        own.translate += shared.translate
        own.attempts += shared.attempts
        own.notes.extend(shared.notes)
    else:
        own.notes.append("flight=joined")
