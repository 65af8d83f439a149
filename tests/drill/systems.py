"""Faults of national systems that Prometheus sees within seconds."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from tests.drill.relay import LONG_DAYS, SHORT_DAYS
from tests.drill.stage import CODE, Deed, Fault, Stage


def broken(system: str, kind: str, **more: Any) -> Deed:
    """Breaks every call of a system."""

    async def begin(stage: Stage) -> None:
        await stage.fault(system, kind, **more)

    return begin


def calm(system: str) -> Deed:
    """Ends the fault of a system."""

    async def end(stage: Stage) -> None:
        await stage.calm(system)

    return end


def quota(connector: str, upstream: str, per_day: int) -> Deed:
    """The system grants so few exchanges; the end is a configuration without the quota."""

    def change(content: dict[str, Any]) -> None:
        content["connectors"][connector]["upstreams"][upstream]["quota_per_day"] = per_day

    async def begin(stage: Stage) -> None:
        stage.rewrite(change)

    return begin


async def corrected(stage: Stage) -> None:
    """The configuration of the start again."""
    stage.correct()


async def _refused(stage: Stage) -> None:
    incomplete = {"status": 0, "errorCode": "200", "statusDescription": "RECORD_UNCOMPLETE"}
    await stage.fault("criminal_records", "status", status=200, body=incomplete)
    await stage.apply()


async def _cancel(stage: Stage) -> None:
    await stage.calm("criminal_records")
    await stage.operate(f"/api/lanes/criminal_records/{CODE}/cancel", {"reason": "the drill is over"})


async def _blinks(stage: Stage) -> None:
    """The registry goes and comes each three seconds, for half a minute."""
    for _ in range(9):
        await stage.fault("business_registry", "status", status=503)
        await asyncio.sleep(1.5)
        await stage.calm("business_registry")
        await asyncio.sleep(1.5)


async def _short_certificate(stage: Stage) -> None:
    await stage.relay.show(SHORT_DAYS)


async def _renewed_certificate(stage: Stage) -> None:
    await stage.relay.show(LONG_DAYS)


REGISTRY: Final = {"connector": "business_registry"}
PORTAL: Final = {"connector": "public_service_portal"}
_registry_down: Final = broken("business_registry", "status", status=503)
_registry_calm: Final = calm("business_registry")
_portal_down: Final = broken("public_service_portal", "reset_before")
_portal_calm: Final = calm("public_service_portal")
_ministries_down: Final = broken("ministry_portals", "status", status=500)
_insurance_refuses: Final = broken("social_insurance", "status", status=401)
_documents_down: Final = broken("legal_documents", "html_page")

SYSTEM_DOWN: Final = Fault("SystemDown", REGISTRY, _registry_down, _registry_calm)
CREDENTIALS: Final = Fault(
    "CredentialsRefused", {"connector": "social_insurance"}, _insurance_refuses, calm("social_insurance")
)
SYSTEMS: Final[tuple[tuple[Fault, ...], ...]] = (
    (
        SYSTEM_DOWN,
        Fault("RequestsFailFast", REGISTRY, _registry_down, _registry_calm, resolves_s=120),
        Fault("BreakerFlaps", REGISTRY, _blinks, _registry_calm),
        Fault("QuotaSpent", REGISTRY, quota("business_registry", "ngsp", 5), corrected),
    ),
    (
        Fault("SystemDown", {**PORTAL, "upstream": "ngsp"}, _portal_down, _portal_calm),
        Fault("RequestsFail", PORTAL, _portal_down, _portal_calm, resolves_s=120),
    ),
    (
        Fault(
            "SystemDown",
            {"connector": "ministry_portals", "upstream": "construction"},
            _ministries_down,
            calm("ministry_portals"),
        ),
        Fault(
            "CertificateEndsSoon",
            {"connector": "ministry_portals", "upstream": "transport"},
            _short_certificate,
            _renewed_certificate,
        ),
    ),
    (
        Fault(
            "AnswersAreOld",
            {"connector": "legal_documents"},
            _documents_down,
            calm("legal_documents"),
            fires_s=90,
            resolves_s=120,
        ),
    ),
    (CREDENTIALS,),
    (Fault("OrdersParked", {"system": "criminal_records"}, _refused, _cancel),),
)
"""Each row in turn, the rows side by side: each is of one system."""
