"""The circuit breakers of all gateways of a deployment, as an operator sees them at any of them.

Breakers stay local: each process decides by what it meets. It tells the others how its own are, and keeps what it hears
of theirs. No request waits for that, and a process that ended or can't tell is forgotten after :data:`KEPT_S`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from gateway.core.clock import Clock
from gateway.core.events import BreakerState
from gateway.core.facts import FactsAway
from gateway.pipeline.upstream.breaker import Breaker, name_of, why_of

if TYPE_CHECKING:
    from gateway.peers.facts import Facts  # its cryptography is loaded only where it is used

BREAKERS: Final = "breakers"
EVERY_S: Final = 1.0
"""How often the others are heard, and told of a change."""
TELL_S: Final = 5.0
"""How often they are told that nothing has changed."""
KEPT_S: Final = 15.0
"""So long the word of a process that is silent is shown."""
MOST_INSTANCES: Final = 64
MOST_UPSTREAMS: Final = 500
MOST_LETTERS: Final = 200
"""Of the words of an operator who isolated a system."""
Names = tuple[str, str]
log = structlog.get_logger("gateway.peers.breakers")


class _Seen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    connector: str
    upstream: str
    state: BreakerState
    since: datetime
    why: str


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    instance: str
    worker: int | None
    breakers: tuple[_Seen, ...]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A breaker as another process told of it; *worker* is its slot, or None where it has no siblings."""

    instance: str
    worker: int | None
    state: BreakerState
    since: datetime
    why: str


class BreakerViews:
    """Tells of the breakers of this process, and hears of the others'.

    Args:
        facts: The way to the others.
        clock: Time.
        key: The name of this process there, which no other one has.
        instance: Its name for an operator, and
        worker: its slot among its siblings.
    """

    def __init__(self, facts: Facts, clock: Clock, *, key: str, instance: str, worker: int | None) -> None:
        self._facts = facts
        self._clock = clock
        self._key = key
        self._instance, self._worker = instance, worker
        self._breakers: Mapping[Names, Breaker] = {}
        self._told: tuple[_Seen, ...] = ()
        self._told_at = self._heard_at = float("-inf")
        self._heard: Mapping[Names, Sequence[Elsewhere]] = {}
        self._others: Sequence[str] = ()
        self.away_since: datetime | None = None
        """Since when the others are neither told nor heard; None while they are."""

    def adopt(self, breakers: Mapping[Names, Breaker]) -> None:
        """Tells of *breakers* from now on."""
        self._breakers = breakers

    def of(self, names: Names) -> Sequence[Elsewhere]:
        """The breaker of one upstream at the others, by their names."""
        return self._heard.get(names, ()) if self._is_fresh() else ()

    def others(self) -> Sequence[str]:
        """The names of the others that were heard lately."""
        return self._others if self._is_fresh() else ()

    def ping(self) -> str | None:
        """That the others are not heard; None where they are."""
        return None if self.away_since is None else "away: the breakers of the other gateways are not known"

    async def run(self) -> None:
        """Tells and hears, until cancelled."""
        while True:
            await self.turn()
            await self._clock.sleep(EVERY_S)

    async def turn(self) -> None:
        """Tells what has changed, and hears what others told."""
        try:
            await self._tell()
            found = await self._facts.all(BREAKERS)
        except FactsAway:
            self.away_since = self.away_since or self._clock.now()
            self._told_at = float("-inf")
            return
        self.away_since = None
        self._hear({name: told for name, told in found.items() if name != self._key})

    async def leave(self) -> None:
        """Lets the others forget this process at once, as far as they can be told."""
        try:
            await self._facts.put(BREAKERS, self._key, b"", 0.0)
        except FactsAway:
            return

    def _is_fresh(self) -> bool:
        return self._clock.monotonic() - self._heard_at <= KEPT_S

    async def _tell(self) -> None:
        seen = tuple(
            _Seen(
                connector=connector,
                upstream=upstream,
                state=name_of(breaker.state),
                since=breaker.since,
                why=why_of(breaker.state)[:MOST_LETTERS],
            )
            for (connector, upstream), breaker in list(self._breakers.items())[:MOST_UPSTREAMS]
        )
        states = [(one.connector, one.upstream, one.state, one.why) for one in seen]
        before = [(one.connector, one.upstream, one.state, one.why) for one in self._told]
        now = self._clock.monotonic()
        if states == before and now - self._told_at < TELL_S:
            return
        told = _Told(instance=self._instance, worker=self._worker, breakers=seen)
        await self._facts.put(BREAKERS, self._key, told.model_dump_json().encode(), KEPT_S)
        self._told, self._told_at = seen, now

    def _hear(self, found: Mapping[str, bytes]) -> None:
        heard: dict[Names, list[Elsewhere]] = {}
        others = []
        for told in sorted(_read(found), key=lambda one: (one.instance, one.worker or 0))[:MOST_INSTANCES]:
            others.append(told.instance if told.worker is None else f"{told.instance} #{told.worker}")
            for one in told.breakers:
                seen = Elsewhere(told.instance, told.worker, one.state, one.since, one.why)
                heard.setdefault((one.connector, one.upstream), []).append(seen)
        self._heard, self._others, self._heard_at = heard, others, self._clock.monotonic()


def _read(found: Mapping[str, bytes]) -> list[_Told]:
    told = []
    for name, value in found.items():
        try:
            told.append(_Told.model_validate_json(value))
        except ValidationError:
            log.debug("what another gateway told of its breakers could not be read", name=name)
    return told
