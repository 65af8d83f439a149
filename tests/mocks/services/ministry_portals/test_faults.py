"""Every kind of fault acts on a portal's JSON and on a ministry's SOAP, and the journal says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from mocks.engine.admin import KINDS
from mocks.engine.country import Country
from mocks.engine.server import listening
from mocks.services import criminal_records, ministry_portals, public_service_portal

PARAMETERS: dict[str, dict[str, object]] = {
    "latency": {"seconds": 0},
    "status": {"status": 503},
    "dribble": {"bytes_per_second": 1e7},
    "gzip_bomb": {"megabytes": 1},
    "huge_body": {"megabytes": 1},
    "deep_json": {"depth": 10},
    "many_elements": {"count": 10},
    "late": {"seconds": 0},
    "clock_skew": {"seconds": 7_200},
    "drift": {"field": "message", "how": "remove"},
}
LOOKUPS = {
    ("public_service_portal", "TraCuuHoSo"): "public_service_portal.dossier_sync",
    ("ministry_portals", "construction.TraCuuHoSo"): "ministry_portals.dossier",
    ("ministry_portals", "health.TraCuuHoSo"): "ministry_portals.dossier",
}
BY_SOAP = "health.TraCuuHoSo"
UNFIT = {("TraCuuHoSo", "soap_fault"), ("construction.TraCuuHoSo", "soap_fault")} | {
    (call, "doctype") for call in ("TraCuuHoSo", "construction.TraCuuHoSo")
}
UNFIT |= {(call, "bad_paper") for _, call in LOOKUPS}
#: These leave the answer's bytes as they are, or nearly so.
SAME_BYTES = {"latency", "dribble", "wrong_content_type"}


@dataclass(slots=True)
class Asker:
    """Asks with fresh credentials each time, as a button of the page does."""

    url: str
    country: Country
    http: aiohttp.ClientSession

    async def ask(self, system: str, call: str, *, patience_s: float = 10.0) -> tuple[int, str, bytes]:
        """Status, content type and body; status 0 where no whole answer came."""
        service = self.country.services[system]
        name = LOOKUPS[system, call]
        slug = call.partition(".")[0]
        sample = next(s for s in service.samples()[name] if s["path"].get("ministry", slug) == slug)  # type: ignore[attr-defined]
        ask = service.tries[name](sample)
        try:
            async with self.http.post(
                f"{self.url}{service.prefix}/{ask.path}",
                headers=ask.headers,
                data=ask.body,
                timeout=aiohttp.ClientTimeout(patience_s),
            ) as answer:
                return answer.status, answer.content_type, await answer.read()
        except (aiohttp.ClientError, TimeoutError):
            return 0, "", b""

    async def admin(self, method: str, path: str, message: object = None) -> tuple[int, Any]:
        """A route of the administration."""
        async with self.http.request(method, f"{self.url}/__mock/{path}", json=message) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def asker() -> AsyncIterator[Asker]:
    """Portals and ministries."""
    services = [module.open_service for module in (criminal_records, ministry_portals, public_service_portal)]
    country = await asyncio.to_thread(lambda: Country(services=services))
    async with listening(country) as url, aiohttp.ClientSession(auto_decompress=False) as http:
        yield Asker(url, country, http)


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize(("system", "call"), sorted(LOOKUPS))
async def test_every_kind_acts(asker: Asker, system: str, call: str, kind: str) -> None:
    """The answer is another than on a calm day, or none; a kind that does not fit is refused with the reason."""
    calm = await asker.ask(system, call)
    planned = {"system": system, "operation": call, "fault": {"kind": kind, **PARAMETERS.get(kind, {})}}
    status, told = await asker.admin("PUT", "faults", {"faults": [planned]})
    if (call, kind) in UNFIT:
        assert (status, bool(told["error"])) == (400, True)
        return
    assert status == 200, told

    struck = await asker.ask(system, call, patience_s=0.05 if kind == "hang" else 10.0)

    _, journal = await asker.admin("GET", f"journal?system={system}&operation={call}&limit=1")
    assert journal["entries"][-1]["fault"] == kind
    assert calm[0] == 200
    assert (struck[2] == calm[2]) is (kind in SAME_BYTES)
    assert struck != calm or kind in {"latency", "dribble"}


async def test_a_wrong_clock_spends_tokens_in_the_dialects_own_words(asker: Asker) -> None:
    """A session is over, a UsernameToken too old."""
    for system in ("public_service_portal", "ministry_portals"):
        planned = {"system": system, "operation": "*", "fault": {"kind": "clock_skew", "seconds": 7_200}}
        await asker.admin("PUT", "faults", {"faults": [planned]})
        for of_system, call in LOOKUPS:
            if of_system == system:
                _, _, body = await asker.ask(system, call)
                assert (b"MessageExpired" if call == BY_SOAP else b'"error_code":2') in body
