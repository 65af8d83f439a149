"""The health of each upstream, computed from its attempts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from gateway.core.clock import Clock
from gateway.core.events import Attempted, BreakerMoved, Event
from gateway.core.health import Health

_ITS_FAULT = frozenset(
    {
        "unreachable",
        "upstream_error",
        "maintenance",
        "cut_off",
        "attempt",
        "deadline",
        "token_endpoint",
        "credentials",
        "allow_list",
    }
)


class Board:
    """Listens to attempts; an upstream is failing since its first failure after a success.

    An operator's isolation overrides the attempts until it ends; after that the state is ``unknown``.
    """

    def __init__(self, upstreams: Iterable[tuple[str, str]], clock: Clock) -> None:
        self._clock = clock
        began = clock.now()
        self._health = {names: Health("unknown", began) for names in upstreams}

    def __call__(self, event: Event, /) -> None:
        if isinstance(event, Attempted):
            self._attempted(event)
        elif isinstance(event, BreakerMoved):
            self._moved(event)

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
        if held.state == "isolated":
            return
        if event.outcome in {"ok", "no_record"}:
            if held.state != "up":
                self._health[names] = Health("up", self._clock.now())
        elif event.outcome in _ITS_FAULT or event.outcome.startswith("tls_"):
            since = held.since if held.state == "failing" else self._clock.now()
            self._health[names] = Health("failing", since, event.outcome)

    def of(self, connector: str, upstream: str) -> Health:
        held = self._health[(connector, upstream)]
        if held.until is not None and held.until <= self._clock.now():
            return Health("unknown", held.until)
        return held
