"""Asks both ministries as a province would: one by JSON, one by zeep."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
from zeep import Client
from zeep.wsse.username import UsernameToken

from mocks.engine.country import Country
from mocks.one_stop_shop.dossiers import applicants, dossier, instant, procedure_for, step

AGENCY = "000.00.01.H58"
NEW = "000.00.04.H58-261005-0001"
THEIRS: Mapping[str, str] = {
    "MaDoiTuong": "SoDinhDanh", "SoDienThoai": "DienThoai", "DonViXuLy": "DonViThuLy", "NguoiXuLy": "CanBoThuLy",
}  # fmt: skip


@dataclass(slots=True)
class Ministries:
    """The mock on *url*."""

    url: str
    country: Country
    http: aiohttp.ClientSession
    session: str = field(default="")

    async def log_in(self) -> None:
        """With the construction ministry."""
        world = self.country.world
        account = {
            name: world.credential("ministry_portals", f"construction_{name}") for name in ("username", "password")
        }
        async with self.http.post(f"{self.url}/ministry-portals/construction/auth", json=account) as answer:
            self.session = (await answer.json())["session"]

    async def by_json(self, service: str, **more: object) -> dict[str, Any]:
        """The construction ministry; dossiers and steps go out under its own names."""
        if isinstance(rows := more.get("data"), list):
            more["data"] = [{THEIRS.get(name, name): value for name, value in row.items()} for row in rows]
        message = {"session": self.session, "madonvi": AGENCY, "service": service, **more}
        async with self.http.post(f"{self.url}/ministry-portals/construction/integration", json=message) as answer:
            assert answer.status == 200
            found: dict[str, Any] = await answer.json()
            return found

    async def by_soap(self, service: str, **more: object) -> Any:
        """The health ministry, by a foreign client that knows address and account only."""
        world = self.country.world
        account = [world.credential("ministry_portals", f"health_{name}") for name in ("username", "password")]

        def asked() -> Any:
            door = UsernameToken(*account, use_digest=True)
            with Client(f"{self.url}/ministry-portals/health/ws?wsdl", wsse=door) as client:
                return client.service[service](madonvi=AGENCY, **more)

        return await asyncio.to_thread(asked)

    def dossier(self, code: str = NEW, **changes: object) -> dict[str, Any]:
        """A whole one, in the national portal's names."""
        applicant = next(applicants(self.country.world))
        whole = dossier(code, applicant, procedure_for(applicant, 0), "2", self.country.clock.now())
        return {**whole, **changes}

    def step(self, code: str = NEW, *, minutes: int = 0, status: str = "4") -> dict[str, Any]:
        """A whole one, so many minutes from now."""
        at = self.country.clock.now() + timedelta(minutes=minutes)
        return {**step(self.dossier(code), at, status), "ThoiDiemXuLy": instant(at)}

    async def admin(self, method: str, path: str, message: object = None) -> Any:
        """A route of the administration."""
        async with self.http.request(method, f"{self.url}/__mock/{path}", json=message) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def last(self) -> dict[str, Any]:
        """The latest entry of the journal."""
        found: dict[str, Any] = (await self.admin("GET", "journal?limit=1"))["entries"][-1]
        return found
