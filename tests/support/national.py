"""The mock country as a tester sees it: over its administration, on a real socket."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

import aiohttp

from mocks.engine.country import Country
from mocks.engine.pushing import PushWish

Sample: TypeAlias = Mapping[str, Any]
_SAMPLES: Final[dict[tuple[int, date], dict[str, Sequence[Sample]]]] = {}


@dataclass(frozen=True, slots=True)
class National:
    """A country on *url*; *country* is the running one, for what has no route."""

    url: str
    country: Country
    session: aiohttp.ClientSession

    async def samples(self, operation: str, *, exists: bool = True) -> list[Sample]:
        """Requests of the uniform API to try, as ``/__mock/samples`` lists them."""
        listed = await self.all_samples()
        return [sample for sample in listed.get(operation, ()) if sample.get("exists", True) is exists]

    async def all_samples(self) -> dict[str, Sequence[Sample]]:
        """All samples by the name of the gateway's operation.

        They follow seed and virtual day alone, and drawing them is most of what a new country costs, so each day's are
        asked for once.
        """
        day = (self.country.world.population.seed, self.country.clock.today())
        if day not in _SAMPLES:
            async with self.session.get(f"{self.url}/__mock/samples") as answer:
                _SAMPLES[day] = await answer.json()
        return copy.deepcopy(_SAMPLES[day])

    async def total(self, system: str | None = None, operation: str | None = None) -> int:
        """How many requests arrived, token requests too."""
        query = {name: value for name, value in (("system", system), ("operation", operation)) if value}
        async with self.session.get(f"{self.url}/__mock/journal", params={**query, "limit": "0"}) as answer:
            found: int = (await answer.json())["total"]
            return found

    async def arrivals(self, system: str) -> list[str]:
        """The national calls that arrived at *system*, oldest first, requests for tokens left out."""
        async with self.session.get(f"{self.url}/__mock/journal", params={"system": system}) as answer:
            entries = (await answer.json())["entries"]
        tokens = {call.name for call in self.country.services[system].calls if call.kind == "token"}
        return [entry["operation"] for entry in entries if entry["operation"] not in tokens]

    async def reset(self) -> None:
        """Takes the country back to its start; tokens given before are no longer known."""
        async with self.session.post(f"{self.url}/__mock/reset") as answer:
            assert answer.status == 200, await answer.text()

    async def calm(self) -> None:
        """No faults any more."""
        async with self.session.delete(f"{self.url}/__mock/faults") as answer:
            assert answer.status == 200, await answer.text()

    async def fault(
        self, system: str, kind: str, *, operation: str = "*", requests: str = "all", **more: object
    ) -> None:
        """Replaces the plan of faults by this one; a plan that the country refuses fails the test."""
        entry = {"system": system, "operation": operation, "requests": requests, "fault": {"kind": kind, **more}}
        async with self.session.put(f"{self.url}/__mock/faults", json={"faults": [entry]}) as answer:
            assert answer.status == 200, await answer.text()

    async def refusal(self, system: str, kind: str, **more: object) -> str:
        """Why the country refuses this plan of a fault; one that it takes fails the test."""
        requests, operation = more.pop("requests", "all"), more.pop("operation", "*")
        entry = {"system": system, "operation": operation, "requests": requests, "fault": {"kind": kind, **more}}
        async with self.session.put(f"{self.url}/__mock/faults", json={"faults": [entry]}) as answer:
            assert answer.status == 400, await answer.text()
            return await answer.text()

    async def push(self, **wish: Any) -> list[dict[str, Any]]:
        """Lets a system push messages, and gives what came back."""
        async with self.session.post(f"{self.url}/__mock/push", json=wish) as answer:
            assert answer.status == 200, await answer.text()
            found: list[dict[str, Any]] = (await answer.json())["pushes"]
            return found

    @staticmethod
    def wish(**wish: Any) -> PushWish:
        """The same wish, as the country reads it."""
        return PushWish.model_validate(wish)

    async def advance(self, duration: str) -> None:
        """Moves the country's clock, ``P3D``."""
        async with self.session.post(f"{self.url}/__mock/clock", json={"advance": duration}) as answer:
            assert answer.status == 200, await answer.text()
