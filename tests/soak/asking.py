"""Portals that ask everything all the time, and count how each request ended."""

from __future__ import annotations

import asyncio
import itertools
import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from tests.support.portal import Answered, Portal

APPLY: Final = "criminal_records.apply"
ORDERS: Final = frozenset({"criminal_records.supplement", "criminal_records.cancel"})
"""Orders that the state of one application allows once or never."""
PATIENCE_S: Final = 60.0
"""An answer that has not come by then is missing: the longest deadline is 30 seconds."""
NEW_ORDER: Final = 0.05
PAUSE_S: Final = 0.02


@dataclass
class Tally:
    """How the requests of one weather ended."""

    name: str
    ended: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """How many were sent."""
        return len(self.seconds) + len(self.missing)

    def slowest(self, share: float) -> float:
        """The seconds within which this *share* was answered."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


@dataclass
class Portals:
    """Asks through *portal*, of *samples* by operation; what was accepted is kept."""

    portal: Portal
    samples: Mapping[str, Sequence[Mapping[str, Any]]]
    dice: random.Random = field(default_factory=lambda: random.Random(766))
    accepted: list[str] = field(default_factory=list)
    tally: Tally = field(default_factory=lambda: Tally("before"))
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1_000))

    async def ask_on(self) -> None:
        """Asks one after the other until cancelled."""
        names = [name for name in self.samples if name not in ORDERS | {APPLY} and self.samples[name]]
        while True:
            if self.dice.random() < NEW_ORDER:
                await self._order()
            else:
                name = self.dice.choice(names)
                await self._counted(name, self.dice.choice(self.samples[name]), fresh=self.dice.random() < 0.7)
            await asyncio.sleep(PAUSE_S)

    async def _order(self) -> None:
        """A new application, with a code of its own."""
        sample = self.samples[APPLY][0]
        code = re.sub(r"\d{4}$", f"{next(self._numbers) % 10_000:04}", sample["body"]["dossier_code"])
        answered = await self._counted(APPLY, {"body": {**sample["body"], "dossier_code": code}})
        if answered is not None and answered.status == 202:
            self.accepted.append(code)

    async def _counted(self, name: str, sample: Mapping[str, Any], *, fresh: bool = True) -> Answered | None:
        tally, loop = self.tally, asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(PATIENCE_S):
                answered = await self.portal.look_up(name, sample, {"Cache-Control": "no-cache"} if fresh else {})
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            tally.missing.append(f"{name}: {type(error).__name__}")
            return None
        tally.seconds.append(loop.time() - began)
        tally.ended[_said(answered)] += 1
        return answered


def _said(answered: Answered) -> str:
    if answered.status < 300:
        return "stale" if b'"freshness":"stale"' in answered.body[-600:] else "well"
    if answered.media_type.endswith("problem+json"):
        return str(answered.json.get("reason") or answered.json["code"])
    return str(answered.status)
