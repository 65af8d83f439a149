"""A circuit breaker for thin traffic: stops asking a source that fails, and probes gently whether it is back.

::

              5 in a row, or half of 10, or slow                  open_s have passed
    Closed ────────────────────────────────────▶ Open ──────────────────────────────▶ HalfOpen
       ▲                                           ▲       one probe fails              │
       │                                           └────────────────────────────────────┤
       └────────────────────────────────────────────────────────────────────────────────┘
                              half_open_calls probes succeed

Every admitted call holds a lease with the generation of the state that admitted it; a result of an older generation
changes nothing. A probe's lease ends by itself at its call's deadline and comes back when the call is cancelled, so a
lost probe can't hold the breaker half open for ever. An operator can isolate the source (``Isolated``) for a while.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Final, TypeAlias, assert_never

import msgspec

from gateway.core.canonical import Wire
from gateway.core.clock import Clock
from gateway.core.events import START, BreakerMoved, BreakerState, Observer
from gateway.core.problems import GatewayError, Withheld
from gateway.core.steps import Next
from gateway.core.upstream import UpstreamRequest
from gateway.pipeline.upstream.breaker_settings import BreakerSettings
from gateway.pipeline.upstream.exchange_result import ExchangeResult, weigh

BUCKETS: Final = 10
"""Parts of the window; the oldest part leaves it at once."""


# ---- states, events, verdicts; those made for each exchange are msgspec structs, made in a fifth of the time


class Lease(msgspec.Struct, frozen=True):
    """Leave to make one call. *expires_at* in monotonic seconds."""

    generation: int
    serial: int
    expires_at: float


class Bucket(msgspec.Struct, frozen=True):
    """The counts of one part of the window."""

    part: int
    calls: int = 0
    failures: int = 0
    slow: int = 0


class Closed(msgspec.Struct, frozen=True):
    """All calls are allowed."""

    generation: int
    consecutive: int = 0
    window: tuple[Bucket, ...] = ()


@dataclass(frozen=True, slots=True)
class Open:
    """No call is allowed."""

    generation: int
    until: float
    why: str


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """A few probes are allowed; each holds a lease."""

    generation: int
    leases: tuple[Lease, ...] = ()
    serial: int = 0
    good: int = 0
    slow: int = 0


@dataclass(frozen=True, slots=True)
class Isolated:
    """An operator has taken the source out of service, for *why*."""

    generation: int
    until: float
    why: str


State: TypeAlias = Closed | Open | HalfOpen | Isolated


class Ask(msgspec.Struct, frozen=True):
    """A call asks for leave; it can't last beyond *expires_at*."""

    expires_at: float


class Ended(msgspec.Struct, frozen=True):
    """An allowed call has ended, or was given up."""

    lease: Lease
    outcome: ExchangeResult
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Isolate:
    """An operator's order."""

    until: float
    why: str


@dataclass(frozen=True, slots=True)
class Restore:
    """An operator's order: begin anew, as if nothing had happened."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Calls go to another address from now on: what the old one did says little about it."""


BreakerEvent: TypeAlias = Ask | Ended | Isolate | Restore | Moved


@dataclass(frozen=True, slots=True)
class Refusal:
    """The call is refused; asking again makes sense after *retry_after* seconds."""

    retry_after: float
    isolated: bool = False


# ---- the decision


def decide(
    state: State, event: BreakerEvent, now: float, settings: BreakerSettings
) -> tuple[State, Lease | Refusal | None]:
    """The next state, and for an :class:`Ask` whether the call is allowed."""
    match event:
        case Ask():
            return _ask(_turned(state, now), event, now, settings)
        case Ended():
            if event.lease.generation != state.generation:
                return state, None
            return _ended(state, event, now, settings), None
        case Isolate():
            return Isolated(state.generation + 1, event.until, event.why), None
        case Restore():
            return Closed(state.generation + 1), None
        case Moved():
            return _elsewhere(_turned(state, now)), None
        case _:
            assert_never(event)


def _elsewhere(state: State) -> State:
    """*state* for another address: one that was not asked is probed at once, an operator's isolation goes on."""
    match state:
        case Closed(generation):
            return Closed(generation + 1)
        case Open(generation) | HalfOpen(generation):
            return HalfOpen(generation + 1)
        case Isolated():
            return state
        case _:
            assert_never(state)


def _turned(state: State, now: float) -> State:
    """*state* as time alone has changed it."""
    match state:
        case Closed():
            return state
        case Open(generation, until) if now >= until:
            return HalfOpen(generation + 1)
        case Isolated(generation, until) if now >= until:
            return Closed(generation + 1)
        case HalfOpen(leases=leases) if any(lease.expires_at <= now for lease in leases):
            return replace(state, leases=tuple(lease for lease in leases if lease.expires_at > now))
        case _:
            return state


def _ask(state: State, event: Ask, now: float, settings: BreakerSettings) -> tuple[State, Lease | Refusal]:
    match state:
        case Closed(generation):
            return state, Lease(generation, 0, math.inf)
        case HalfOpen(generation, leases, serial, good):
            if len(leases) + good >= settings.half_open_calls:
                return state, Refusal(min(lease.expires_at for lease in leases) - now)
            lease = Lease(generation, serial, event.expires_at)
            return replace(state, leases=(*leases, lease), serial=serial + 1), lease
        case Open(until=until):
            return state, Refusal(until - now)
        case Isolated(until=until):
            return state, Refusal(until - now, isolated=True)
        case _:
            assert_never(state)


def _ended(state: State, event: Ended, now: float, settings: BreakerSettings) -> State:
    """*event* is of the state's own generation."""
    match state:
        case Closed():
            return _counted(state, event, now, settings)
        case HalfOpen(leases=leases):
            if event.lease not in leases:
                return state
            return _probed(
                replace(state, leases=tuple(lease for lease in leases if lease != event.lease)), event, now, settings
            )
        case Open() | Isolated():
            return state
        case _:
            assert_never(state)


def _counted(state: Closed, event: Ended, now: float, settings: BreakerSettings) -> State:
    if event.outcome in {"fact", "nothing"}:
        return state
    failed = event.outcome == "failed"
    consecutive = state.consecutive + 1 if failed else 0
    window = _added(state.window, now, settings, failed=failed, slow=event.slow)
    if consecutive >= settings.consecutive_failures:
        return Open(state.generation + 1, now + settings.open_s, "consecutive_failures")
    calls = failures = slow = 0
    for bucket in window:
        calls += bucket.calls
        failures += bucket.failures
        slow += bucket.slow
    if calls >= settings.min_calls:
        if failures >= settings.ratio * calls:
            return Open(state.generation + 1, now + settings.open_s, "ratio")
        if slow >= settings.slow_ratio * calls:
            return Open(state.generation + 1, now + settings.open_s, "slow_ratio")
    return Closed(state.generation, consecutive, window)


def _added(
    window: tuple[Bucket, ...], now: float, settings: BreakerSettings, *, failed: bool, slow: bool
) -> tuple[Bucket, ...]:
    part = math.floor(now / settings.window_s * BUCKETS)
    if window and window[-1].part == part:
        last = window[-1]
        return (*window[:-1], Bucket(part, last.calls + 1, last.failures + failed, last.slow + slow))
    kept = (bucket for bucket in window if part - BUCKETS < bucket.part < part)
    return (*kept, Bucket(part, 1, int(failed), int(slow)))


def _probed(state: HalfOpen, event: Ended, now: float, settings: BreakerSettings) -> State:
    if event.outcome == "failed":
        return Open(state.generation + 1, now + settings.open_s, "probe_failed")
    if event.outcome == "nothing":
        return state
    good, slow = state.good + 1, state.slow + event.slow
    if good < settings.half_open_calls:
        return replace(state, good=good, slow=slow)
    if slow >= settings.slow_ratio * good:
        return Open(state.generation + 1, now + settings.open_s, "slow_ratio")
    return Closed(state.generation + 1)


def name_of(state: State) -> BreakerState:
    """The state's name in metrics, logs and console."""
    match state:
        case Closed():
            return "closed"
        case Open():
            return "open"
        case HalfOpen():
            return "half_open"
        case Isolated():
            return "isolated"
        case _:
            assert_never(state)


def why_of(state: State) -> str:
    """The cause of the state: the rule that was met, or the operator's words."""
    match state:
        case Open(why=why) | Isolated(why=why):
            return why
        case HalfOpen():
            return "open_s_passed"
        case Closed():
            return "recovered"
        case _:
            assert_never(state)


# ---- the step


class Breaker:
    """One upstream's breaker."""

    name: ClassVar[str] = "breaker"

    def __init__(self, settings: BreakerSettings, clock: Clock, observer: Observer, names: tuple[str, str]) -> None:
        self._settings = settings
        self._clock = clock
        self._observer = observer
        self._names = names
        self._state: State = Closed(0)
        self._since = clock.now()
        observer(BreakerMoved(*names, "closed", START))

    @property
    def state(self) -> State:
        """The state as it is now."""
        return _turned(self._state, self._clock.monotonic())

    @property
    def since(self) -> datetime:
        """When the state that it has now began."""
        held = self._state
        if isinstance(held, Open | Isolated) and (past := self._clock.monotonic() - held.until) >= 0:
            return self._clock.now() - timedelta(seconds=past)
        return self._since

    def retune(self, settings: BreakerSettings, *, moved: bool) -> None:
        """Decides by *settings* from now on, and goes on from the state that it has; *moved*: at another address."""
        self._settings = settings
        if moved:
            before, now = self._state, self._clock.monotonic()
            self._state, _ = decide(before, Moved(), now, settings)
            if name_of(self._state) != name_of(before):
                self._show(self._state)

    def isolate(self, why: str, seconds: float) -> None:
        """Takes the source out of service for *seconds*; callers are told when it ends, and operators also *why*."""
        self._tell(Isolate(self._clock.monotonic() + seconds, why))

    def restore(self) -> None:
        """Ends an isolation, or closes an open breaker by hand."""
        self._tell(Restore())

    async def __call__(self, proceed: Next[UpstreamRequest, Wire | None], request: UpstreamRequest) -> Wire | None:
        lease = self._admit(request)
        outcome: ExchangeResult = "nothing"
        try:
            found = await proceed(request)
            outcome = "fact" if found is None else "well"
        except GatewayError as error:
            outcome = weigh(error, request.progress.seconds, self._settings)
            raise
        else:
            return found
        finally:
            self._tell(Ended(lease, outcome, request.progress.seconds >= self._settings.slow_s))

    def _admit(self, request: UpstreamRequest) -> Lease:
        verdict = self._tell(Ask(request.call.expires_at))
        if isinstance(verdict, Refusal):
            request.call.trace.notes.append(f"breaker={name_of(self._state)}")
            if verdict.isolated:
                raise Withheld(
                    "The upstream is out of service for planned maintenance.",
                    reason="maintenance_window",
                    retry_after=verdict.retry_after,
                )
            raise Withheld(
                "The upstream has failed repeatedly; it is not asked for now.",
                reason="breaker_open",
                retry_after=verdict.retry_after,
            )
        assert verdict is not None
        return verdict

    def _tell(self, event: BreakerEvent) -> Lease | Refusal | None:
        before = self._state
        self._state, verdict = decide(before, event, self._clock.monotonic(), self._settings)
        if self._state.generation != before.generation:
            by_hand = "by_hand" if isinstance(event, Restore) else ""
            self._show(self._state, "released" if isinstance(before, Isolated) else by_hand)
        return verdict

    def _show(self, state: State, ended: str = "") -> None:
        """Tells of *state*; *ended*: what ended the one before, where nothing recovered."""
        seconds = state.until - self._clock.monotonic() if isinstance(state, Open | Isolated) else None
        why = ended if ended and isinstance(state, Closed) else why_of(state)
        self._since = self._clock.now()
        self._observer(BreakerMoved(*self._names, name_of(state), why, seconds))
