"""The health of each upstream, computed from its attempts."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from gateway.core.clock import Clock
from gateway.core.events import QUOTA_UNKNOWN, Attempted, BreakerMoved, DriftSeen, Event, MachineFailed, NotAsked
from gateway.core.health import Health
from gateway.core.interventions import Isolation

TROUBLE_S: Final = 60.0
"""Seconds for which a failure of this machine is told."""
LAST_FAILURES: Final = 10
"""Failures of an upstream that are remembered."""


class Failure(NamedTuple):
    """One failure of an upstream; *operation* is empty where it was not asked."""

    at: datetime
    operation: str
    reason: str


class Board:
    """Listens to attempts; an upstream is failing since its first failure after a success.

    An answer that came and could not be used is a failure as well: an upstream that is up gives answers. So is a day
    without any quota left. What this machine could not do is told apart (:meth:`trouble`) and is no upstream's failure.
    An operator's isolation overrides the attempts until it ends; after that the state is ``unknown``.
    """

    def __init__(self, upstreams: Iterable[tuple[str, str]], clock: Clock) -> None:
        self._clock = clock
        began = clock.now()
        self._health = {names: Health("unknown", began) for names in upstreams}
        self._names = tuple(self._health)
        self._untranslatable_since: dict[tuple[str, str], datetime] = {}
        self._trouble: tuple[float, str] | None = None
        self._ours: dict[tuple[str, str], tuple[float, str]] = {}
        self._failures: dict[tuple[str, str], deque[Failure]] = {}
        self._announced: Sequence[Isolation] = ()

    def know(self, upstreams: Iterable[tuple[str, str]]) -> None:
        """Tells of exactly *upstreams* from now on; those that it knows keep their state."""
        now = self._clock.now()
        self._health = {names: self._health.get(names) or Health("unknown", now) for names in upstreams}
        self._names = tuple(self._health)

    def __call__(self, event: Event, /) -> None:
        if isinstance(event, MachineFailed):
            self._trouble = (self._clock.monotonic(), event.reason)
        elif (
            # The last exchanges with an upstream may end after a new configuration has left it out.
            isinstance(event, Attempted | DriftSeen | BreakerMoved | NotAsked)
            and (event.connector, event.upstream) in self._health
        ):
            self._of_upstream(event)

    def _of_upstream(self, event: Attempted | DriftSeen | BreakerMoved | NotAsked) -> None:
        if isinstance(event, Attempted):
            self._attempted(event)
        elif isinstance(event, DriftSeen) and event.kind == "untranslatable":
            self._untranslatable(event)
        elif isinstance(event, BreakerMoved):
            self._moved(event)
        elif isinstance(event, NotAsked) and event.reason == QUOTA_UNKNOWN:
            self._ours[event.connector, event.upstream] = (self._clock.monotonic(), event.reason)
        elif isinstance(event, NotAsked) and event.failed:
            self._failed((event.connector, event.upstream), "", event.reason)

    def _moved(self, event: BreakerMoved) -> None:
        names, now = (event.connector, event.upstream), self._clock.now()
        if event.state == "isolated":
            until = None if event.seconds is None else now + timedelta(seconds=event.seconds)
            self._health[names] = Health("isolated", now, event.why, until)
        elif self._health[names].state == "isolated":
            self._health[names] = Health("unknown", now)

    def _attempted(self, event: Attempted) -> None:
        names = (event.connector, event.upstream)
        held = self._health[names]
        if event.failed:
            self._failed(names, event.operation, event.outcome)
        elif event.outcome in {"ok", "no_record"} and held.state != "isolated":
            if held.state != "up":
                self._health[names] = Health("up", self._clock.now())
            else:
                self._untranslatable_since.pop(names, None)

    def _failed(self, names: tuple[str, str], operation: str, reason: str) -> None:
        held = self._health[names]
        seen = self._failures.setdefault(names, deque(maxlen=LAST_FAILURES))
        seen.append(Failure(self._clock.now(), operation, reason))
        if held.state != "isolated":
            since = held.since if held.state == "failing" else self._clock.now()
            self._health[names] = Health("failing", since, reason)

    def _untranslatable(self, event: DriftSeen) -> None:
        """The exchange before it went well, and does not end the failure that it is part of."""
        names = (event.connector, event.upstream)
        if self._health[names].state in {"up", "unknown"}:
            since = self._untranslatable_since.setdefault(names, self._clock.now())
            self._health[names] = Health("failing", since, "malformed")

    def trouble(self) -> str | None:
        """A sentence about what this gateway itself lacked for an exchange in the last minute; None: all was well."""
        if self._trouble is not None and self._clock.monotonic() - self._trouble[0] <= TROUBLE_S:
            return f"the machine could not open a connection to a system: {self._trouble[1]}"
        refused = sorted(".".join(names) for names in self._names if self.ours(*names) is not None)
        if refused:
            return f"the day's quota can't be counted (Redis or the state folder): {', '.join(refused)}"
        return None

    def ours(self, connector: str, upstream: str) -> str | None:
        """The reason for which this gateway itself has refused exchanges with an upstream in the last minute: its state
        says nothing of that.
        """
        at, reason = self._ours.get((connector, upstream), (float("-inf"), ""))
        return reason if self._clock.monotonic() - at <= TROUBLE_S else None

    def all(self) -> Iterator[tuple[tuple[str, str], Health]]:
        """The health of each upstream."""
        return ((names, self.of(*names)) for names in self._names)

    def of(self, connector: str, upstream: str) -> Health:
        held = self._health[(connector, upstream)]
        if held.until is not None and held.until <= self._clock.now():
            return Health("unknown", held.until)
        return held

    def failures(self, connector: str, upstream: str) -> Sequence[Failure]:
        """The last failures of an upstream, the oldest first."""
        return tuple(self._failures.get((connector, upstream), ()))

    def announce(self, maintenances: Iterable[Isolation]) -> None:
        """Takes the maintenances of all upstreams that nobody withdrew, in place of those that it has."""
        self._announced = sorted(maintenances, key=lambda one: one.starts)

    def announced(self, connector: str, upstream: str) -> Sequence[Isolation]:
        """See :class:`gateway.core.health.HealthBoard`."""
        now = self._clock.now()
        return [one for one in self._announced if one.names == (connector, upstream) and one.starts > now]
