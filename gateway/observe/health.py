"""How each upstream has been, from what was seen of it."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.core.clock import Clock
from gateway.core.events import Attempted, Event
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
    """Listens to attempts; an upstream is failing since its first failure after a success."""

    def __init__(self, upstreams: Iterable[tuple[str, str]], clock: Clock) -> None:
        self._clock = clock
        began = clock.now()
        self._health = {names: Health("unknown", began) for names in upstreams}

    def __call__(self, event: Event, /) -> None:
        if not isinstance(event, Attempted):
            return
        names = (event.connector, event.upstream)
        held = self._health[names]
        if event.outcome in {"ok", "no_record"}:
            if held.state != "up":
                self._health[names] = Health("up", self._clock.now())
        elif event.outcome in _ITS_FAULT or event.outcome.startswith("tls_"):
            since = held.since if held.state == "failing" else self._clock.now()
            self._health[names] = Health("failing", since, event.outcome)

    def of(self, connector: str, upstream: str) -> Health:
        return self._health[(connector, upstream)]
