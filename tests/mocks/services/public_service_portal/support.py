"""Asks the mock as a one-stop shop would, without the gateway."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from mocks.engine.country import Country
from mocks.one_stop_shop.dossiers import applicants, dossier, instant, procedure_for, step

AGENCY = "000.00.01.H58"
NEW = "000.00.04.H58-261005-0001"


@dataclass(slots=True)
class Portal:
    """The mock on *url*, and the session that was given last."""

    url: str
    country: Country
    http: aiohttp.ClientSession
    session: str = field(default="")

    async def post(self, path: str, message: object) -> dict[str, Any]:
        """The answer's JSON; anything but HTTP 200 fails the test."""
        async with self.http.post(f"{self.url}/public-service-portal/{path}", json=message) as answer:
            assert answer.status == 200, await answer.text()
            found: dict[str, Any] = await answer.json()
            return found

    async def log_in(self, **changes: str) -> dict[str, Any]:
        """With the published account, unless told otherwise."""
        world = self.country.world
        account = {name: world.credential("public_service_portal", name) for name in ("username", "password")}
        answer = await self.post("auth", {**account, **changes})
        self.session = answer["session"]
        return answer

    async def ask(self, service: str, path: str = "integration", **more: object) -> dict[str, Any]:
        """One call of the session."""
        envelope = {"session": self.session, "madonvi": AGENCY, "service": service}
        return await self.post(path, {**envelope, **more})

    async def sync(self, *dossiers: dict[str, Any], updating: object = "False") -> Any:
        """``DongBoHoSoMC``'s code."""
        return (await self.ask("DongBoHoSoMC", isUpdating=updating, data=list(dossiers)))["error_code"]

    async def report(self, *steps: dict[str, Any]) -> Any:
        """``CapNhatTienDoHoSoMC``'s code."""
        return (await self.ask("CapNhatTienDoHoSoMC", data=list(steps)))["error_code"]

    async def known(self, code: str) -> list[dict[str, Any]]:
        """``TraCuuHoSo``'s result."""
        answer = await self.ask("TraCuuHoSo", mahoso=code)
        assert answer["error_code"] == 0
        found: list[dict[str, Any]] = answer["result"]
        return found

    def dossier(self, code: str = NEW, **changes: object) -> dict[str, Any]:
        """A whole one; an ellipsis takes a field out."""
        applicant = next(applicants(self.country.world))
        whole = dossier(code, applicant, procedure_for(applicant, 0), "2", self.country.clock.now())
        changed = {**whole, **changes}
        return {name: value for name, value in changed.items() if value is not ...}

    def step(self, code: str = NEW, *, minute: int = 0, status: str = "4", **changes: object) -> dict[str, Any]:
        """A whole one, so many minutes past ten."""
        at = self.country.clock.now().replace(minute=minute)
        whole = {**step(self.dossier(code), at, status), "ThoiDiemXuLy": instant(at), **changes}
        return {name: value for name, value in whole.items() if value is not ...}

    async def admin(self, method: str, path: str, message: object = None) -> tuple[int, Any]:
        """A route of the administration."""
        async with self.http.request(method, f"{self.url}/__mock/{path}", json=message) as answer:
            return answer.status, json.loads(await answer.read())

    async def fault(self, operation: str, kind: str, **more: object) -> tuple[int, Any]:
        """Puts one fault."""
        entry = {"system": "public_service_portal", "operation": operation, "fault": {"kind": kind, **more}}
        return await self.admin("PUT", "faults", {"faults": [entry]})

    async def last(self) -> dict[str, Any]:
        """The latest entry of the journal."""
        _, journal = await self.admin("GET", "journal?limit=1")
        found: dict[str, Any] = journal["entries"][-1]
        return found
