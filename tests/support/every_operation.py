"""Every operation in every dialect of the country, for tests that go through all of them."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from gateway.core.operation import Operation
from gateway.registry import scan
from mocks.engine.service import Call
from tests.support.laptop import OTHER_DIALECTS, PLAIN, laptop_settings, serving_portal
from tests.support.national import National, Sample
from tests.support.portal import Answered, Portal
from tests.support.skipping import SkippingClock

Deployment = Literal["laptop", "other"]
OPERATIONS: Final[Mapping[str, Operation[Any, Any]]] = {
    f"{connector.name}.{operation.name}": operation
    for connector in scan().values()
    for operation in connector.operations
}


@dataclass(frozen=True)
class Way:
    """An operation as one deployment answers it."""

    operation: str
    deployment: Deployment = "laptop"

    def __str__(self) -> str:
        return self.operation if self.deployment == "laptop" else f"{self.operation}, other dialect"

    @property
    def system(self) -> str:
        """The connector's name."""
        return self.operation.partition(".")[0]

    @property
    def declared(self) -> Operation[Any, Any]:
        """What the connector says of it."""
        return OPERATIONS[self.operation]


ONCE: Final = frozenset({"criminal_records.supplement", "criminal_records.cancel"})
"""Orders that the state of one application allows once or never; tests/gateway/connectors has them."""
ASKS_NOBODY: Final = frozenset({"public_service_portal.preflight"})
"""Operations that a dialect answers by itself."""
WAYS: Final = (
    *(Way(operation) for operation in OPERATIONS if operation not in ONCE | ASKS_NOBODY),
    *(Way(f"{name}.{op}", "other") for name, block in OTHER_DIALECTS.items() for op in block["operations"]),
)


@dataclass
class Everywhere:
    """Gateways that together ask every dialect; each try finds them without memory of the one before."""

    portals: Mapping[Deployment, Portal]
    clock: SkippingClock
    national: National
    samples: Mapping[str, Sequence[Sample]]
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _calls: dict[Way, Call] = field(default_factory=dict)

    async def call_of(self, way: Way) -> Call:
        """The national call that a plain request makes first, an order's own where it looks before it is sent; found by
        making it when all is calm.
        """
        if way not in self._calls:
            before = len(await self.national.arrivals(way.system))
            answered = await self.ask(way)
            assert answered.status == way.declared.success, answered.body
            name = (await self.national.arrivals(way.system))[before if way.declared.effect == "read" else -1]
            calls = self.national.country.services[way.system].calls
            self._calls[way] = next(call for call in calls if call.name == name)
        return self._calls[way]

    async def ask(self, way: Way, *, timeout_s: float = 8.0) -> Answered:
        """A plain request, nothing of it from the cache; an order is for a dossier that was never sent."""
        self.clock.skip(3_600)
        sample = self.samples[way.operation][0]
        number = next(self._numbers)
        if "dossier_code" in sample.get("body", {}) and way.declared.effect == "write":
            sample = {**sample, "body": {**sample["body"], "dossier_code": f"000.00.04.H58-260107-{number:04}"}}
        headers = {
            "Cache-Control": "no-cache",
            "X-Request-Timeout": str(timeout_s),
            "Idempotency-Key": f"everywhere-{number}",
        }
        return await self.portals[way.deployment].look_up(way.operation, sample, headers)


@asynccontextmanager
async def everywhere(national: National, *, url: str | None = None) -> AsyncIterator[Everywhere]:
    """Gateways beside *national*, which ask it at *url*."""
    clock = SkippingClock(same_day=True)
    async with AsyncExitStack() as stack:
        portals: dict[Deployment, Portal] = {}
        for name, connectors in (("laptop", {}), ("other", OTHER_DIALECTS)):
            settings = laptop_settings(url or national.url, upstreams=PLAIN, connectors=connectors)
            portals[name] = await stack.enter_async_context(serving_portal(settings, clock))
        yield Everywhere(portals, clock, national, await national.all_samples())
