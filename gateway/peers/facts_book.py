"""Operators' orders about national systems among gateways that share no store: through Redis, or within one machine."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

import orjson
import structlog
from pydantic import TypeAdapter, ValidationError

from gateway.core.actions import Action, Recorded
from gateway.core.clock import Clock
from gateway.core.facts import FactsAway
from gateway.core.interventions import KEPT, Isolation, Known, MemoryBook, News
from gateway.peers.facts import Facts

ISOLATION: Final = "isolation"
RELEASED: Final = "released"
NEWS: Final = "news"
NEWS_S: Final = 60.0
Told = TypeVar("Told")
_ISOLATION: Final = TypeAdapter(Isolation)
_NEWS: Final = TypeAdapter(News)
log = structlog.get_logger("gateway.peers.book")


@dataclass(slots=True)
class FactsBook:
    """See :class:`gateway.core.interventions.InterventionBook`.

    The record of deeds is this process's. What can't be told now is done here, and told as soon as it can be.
    """

    facts: Facts
    clock: Clock
    _own: MemoryBook = field(init=False)
    _untold: dict[tuple[str, str], tuple[bytes, float]] = field(default_factory=dict)
    _mine: dict[int, Isolation] = field(default_factory=dict)
    _released: set[int] = field(default_factory=set)
    _known: Known = field(default_factory=Known)

    def __post_init__(self) -> None:
        self._own = MemoryBook(self.clock)

    @property
    def most(self) -> int | None:
        """See :class:`gateway.core.actions.ActionRecord`."""
        return self._own.most

    async def isolate(self, wanted: Isolation, did: Action) -> Isolation:
        """See :class:`gateway.core.interventions.InterventionBook`."""
        kept = replace(await self._own.isolate(wanted, did), id=_number(self.clock))
        self._mine[kept.id] = kept
        seconds = (kept.ends - self.clock.now() + KEPT).total_seconds()
        await self._tell(ISOLATION, str(kept.id), orjson.dumps(kept), seconds)
        return kept

    async def release(self, numbers: Sequence[int], did: Action) -> None:
        """See :class:`gateway.core.interventions.InterventionBook`."""
        await self._own.release((), did)
        for number in numbers:
            self._released.add(number)
            self._mine.pop(number, None)
            await self._tell(RELEASED, str(number), b"1", KEPT.total_seconds())

    async def publish(self, news: News, did: Action) -> int:
        """See :class:`gateway.core.interventions.InterventionBook`."""
        await self._own.publish(news, did)
        told = replace(news, id=_number(self.clock))
        await self._tell(NEWS, str(told.id), orjson.dumps(told), NEWS_S)
        return told.id

    async def look(self) -> Known:
        """See :class:`gateway.core.interventions.InterventionBook`."""
        try:
            for (kind, name), (value, seconds) in list(self._untold.items()):
                await self.facts.put(kind, name, value, seconds)
                del self._untold[kind, name]
            released = {int(name) for name in await self.facts.all(RELEASED)} | self._released
            isolations = _read(_ISOLATION, await self.facts.all(ISOLATION))
            news = _read(_NEWS, await self.facts.all(NEWS))
        except FactsAway:
            isolations = {one.id: one for one in self._known.isolations}
            released, news = self._released, {one.id: one for one in self._known.news}
        past = self.clock.now() - KEPT
        self._mine = {number: one for number, one in self._mine.items() if one.ends > past and number not in released}
        standing = {**self._mine, **isolations}
        known = sorted((one for one in standing.values() if one.id not in released), key=lambda one: one.id)
        self._known = Known(known, sorted(news.values(), key=lambda one: one.id))
        return self._known

    async def actions(self, most: int, before: int) -> list[Recorded]:
        """See :class:`gateway.core.actions.ActionRecord`."""
        return await self._own.actions(most, before)

    async def _tell(self, kind: str, name: str, value: bytes, seconds: float) -> None:
        try:
            await self.facts.put(kind, name, value, seconds)
        except FactsAway:
            log.warning("the other gateways could not be told; they are told later", kind=kind)
            self._untold[kind, name] = value, seconds


def _number(clock: Clock) -> int:
    """A number that no other gateway gives, small enough for a page's script."""
    return round(clock.now().timestamp() * 1000) * 1000 + secrets.randbelow(1000)


def _read(form: TypeAdapter[Told], facts: Mapping[str, bytes]) -> dict[int, Told]:
    found = {}
    for name, value in facts.items():
        try:
            found[int(name)] = form.validate_json(value)
        except (ValidationError, ValueError):
            log.warning("a fact of another gateway could not be read", name=name)
    return found
