"""A national system in a test: pushes messages to a running gateway."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from gateway.app import Gateway
from tests.support import postgres
from tests.support.laptop import ROOT, laptop_settings, serving_portal
from tests.support.portal import Answered, Portal

KEY: Final = (ROOT / "contracts/public_service_portal/credentials/push_key").read_text("ascii").strip()
MINISTRIES_KEY: Final = (ROOT / "contracts/ministry_portals/credentials/push_key").read_text("ascii").strip()
DOSSIER: Final = "/inbound/public-service-portal/dossier"
SUPPLEMENT: Final = "/inbound/public-service-portal/supplement"
TAX_NOTICE: Final = "/inbound/public-service-portal/tax-notice"
CODE: Final = "000.00.00.G22-261127-0001"
PDF: Final = b"%PDF-1.4\n% nobody's declaration\n%%EOF\n"
PNG: Final = b"\x89PNG\r\n\x1a\n nobody's picture"


def encoded(content: bytes) -> str:
    """*content* in Base64."""
    return base64.b64encode(content).decode()


def new_dossier(code: str = CODE, **more: object) -> dict[str, Any]:
    """A new dossier as the portal pushes it, flat."""
    return {
        "MaHoSo": code,
        "MaTTHC": "1.001193",
        "TenTTHC": "Đăng ký khai sinh",
        "SoVanBan": "12/VB",
        "NgayNopHoSo": "20261127081500",
        "ChuHoSo": "Nguyễn Thị Bưởi",
        "LoaiDoiTuong": "1",
        "MaDoiTuong": "099085000001",
        "SoDienThoai": "0900000001",
        "TaiLieuNop": [{"TenTepDinhKem": "to-khai.pdf", "MaThanhPhanHoSo": "TP1", "Base64": encoded(PDF)}],
        **more,
    }


def supplement(code: str = CODE, **more: object) -> dict[str, Any]:
    """A supplement as the portal pushes it, in its wrapper."""
    data = {
        "MaHoSoQG": code,
        "ThongTinDaNop": {"SoDienThoai": "0900000001"},
        "ThongTinSuaDoi": {"SoDienThoai": "0900000002"},
        "LyDoDieuChinh": "Đổi số điện thoại",
        **more,
    }
    return {"service": "BoSungHoSo", "isUpdating": "True", "data": data}


def tax_notice(code: str = CODE, **more: object) -> dict[str, Any]:
    """A notice of the tax office."""
    return {"MaHoSo": code, "SoThongBao": "TB-7", "NgayThongBao": "2026-11-27", "SoTien": "1500000", **more}


@dataclass(frozen=True, slots=True)
class Pusher:
    """Pushes to *gateway*, with the portal's key unless a test says otherwise."""

    gateway: Gateway
    session: aiohttp.ClientSession

    async def push(
        self,
        body: object,
        path: str = DOSSIER,
        *,
        key: str | None = KEY,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
    ) -> Answered:
        """The answer to *body*, bytes as they are or JSON."""
        written = body if isinstance(body, bytes | str) or body is None else json.dumps(body)
        raw = written.encode() if isinstance(written, str) else written
        # A file-like body, because aiohttp warns of large bytes.
        sent = None if raw is None else io.BytesIO(raw)
        more = {"Content-Type": "application/json", **(headers or {})}
        if key is not None:
            more["Authorization"] = f"Bearer {key}"
        url = f"{self.gateway.inbound_url}{path}"
        async with self.session.request(method, url, data=sent, headers=more) as answer:
            return Answered(answer.status, answer.headers, await answer.read())


@dataclass(frozen=True)
class Province:
    """A gateway that is pushed to, and the province's system that asks it."""

    portal: Portal
    pusher: Pusher
    told: list[Any] = field(default_factory=list)

    async def inbox(self, query: str = "") -> list[dict[str, Any]]:
        """The messages of a page."""
        answer = await self.portal.ask("GET", f"/v1/inbox{query}", purpose=False)
        assert answer.status == 200, answer.body
        found: list[dict[str, Any]] = answer.json["data"]
        return found

    def inbound(self, path: str = DOSSIER) -> str:
        """The address of an inbound route."""
        return f"{self.portal.gateway.inbound_url}{path}"

    async def ops(self, path: str) -> str:
        """What the operator's port answers."""
        async with self.portal.session.get(f"{self.portal.gateway.ops_url}{path}") as answer:
            return await answer.text()


@asynccontextmanager
async def province(database: str, mocks_url: str = "http://127.0.0.1:9", **changes: Any) -> AsyncIterator[Province]:
    """A gateway over *database* with an inbound port."""
    inbound = {"listen": {"port": 0}, **changes.pop("inbound", {})}
    store = {"url": postgres.address(database), **changes.pop("store", {})}
    settings = laptop_settings(mocks_url, store=store, inbound=inbound, **changes)
    async with serving_portal(settings) as portal:
        yield Province(portal, Pusher(portal.gateway, portal.session))
