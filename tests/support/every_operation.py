"""Every operation in every dialect of the country, for tests that go through all of them."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

from gateway.core.operation import Operation
from gateway.registry import scan
from mocks.engine.country import Country
from mocks.engine.service import Call
from tests.support.laptop import OTHER_DIALECTS, PLAIN, laptop_settings, serving_portal
from tests.support.national import Sample
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
    """An operation as one deployment answers it, and the national call that a plain request makes first."""

    operation: str
    call: str
    deployment: Deployment = "laptop"

    def __str__(self) -> str:
        return self.operation if self.deployment == "laptop" else f"{self.operation} by {self.call}"

    @property
    def system(self) -> str:
        """The connector's name."""
        return self.operation.partition(".")[0]

    @property
    def declared(self) -> Operation[Any, Any]:
        """What the connector says of it."""
        return OPERATIONS[self.operation]


WAYS: Final = (
    Way("business_registry.enterprise", "chiTietDoanhNghiep"),
    Way("business_registry.registration", "tinhTrangHoSo"),
    Way("business_registry.registrations", "danhSachHoSo"),
    Way("criminal_records.apply", "guiHoSo"),
    Way("criminal_records.apply", "nhanHoSoDangKy", "other"),
    Way("criminal_records.application", "nhanTrangThai"),
    Way("criminal_records.application", "traTrangThaiHs", "other"),
    Way("criminal_records.certificate", "nhanTrangThai"),
    Way("legal_documents.content", "NoiDungVanBan"),
    Way("legal_documents.content", "docDetail", "other"),
    Way("legal_documents.document", "ChiTietVanBan"),
    Way("legal_documents.document", "docDetail", "other"),
    Way("legal_documents.provisions", "provisionTree"),
    Way("legal_documents.search", "TimKiemVanBan"),
    Way("legal_documents.search", "docAll", "other"),
    Way("social_insurance.contributions", "getQuaTrinhDong"),
    Way("social_insurance.health_card", "KQNhanLichSuKCB2024"),
    Way("social_insurance.household", "getTraCuuThongTinHgd"),
    Way("social_insurance.participant", "getTraCuuTtHgdByMaSoBhxh"),
)


def national_calls() -> Mapping[Way, Call]:
    """The mock country's side of each way."""
    services = Country().services
    return {way: next(call for call in services[way.system].calls if call.name == way.call) for way in WAYS}


@dataclass(frozen=True)
class Everywhere:
    """Gateways that together ask every dialect; each try finds them without memory of the one before."""

    portals: Mapping[Deployment, Portal]
    clock: SkippingClock
    samples: Mapping[str, Sequence[Sample]]
    numbers: itertools.count[int]

    async def ask(self, way: Way, *, timeout_s: float = 8.0) -> Answered:
        """A plain request, nothing of it from the cache; an order is for a dossier that was never sent."""
        self.clock.skip(3_600)
        sample = self.samples[way.operation][0]
        number = next(self.numbers)
        if way.declared.effect == "write":
            sample = {**sample, "body": {**sample["body"], "dossier_code": f"000.00.04.H58-260107-{number:04}"}}
        headers = {
            "Cache-Control": "no-cache",
            "X-Request-Timeout": str(timeout_s),
            "Idempotency-Key": f"everywhere-{number}",
        }
        return await self.portals[way.deployment].look_up(way.operation, sample, headers)


@asynccontextmanager
async def everywhere(url: str, samples: Mapping[str, Sequence[Sample]]) -> AsyncIterator[Everywhere]:
    """Gateways beside the country at *url*."""
    clock = SkippingClock()
    async with AsyncExitStack() as stack:
        portals: dict[Deployment, Portal] = {}
        for name, connectors in (("laptop", {}), ("other", OTHER_DIALECTS)):
            settings = laptop_settings(url, upstreams=PLAIN, connectors=connectors)
            portals[name] = await stack.enter_async_context(serving_portal(settings, clock))
        yield Everywhere(portals, clock, samples, itertools.count(1))
