"""Asks the mock as a one-stop shop would, without the gateway."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp

from mocks.engine.country import Country

SAMPLES: Final = Path(__file__).parents[4] / "contracts" / "criminal_records" / "samples"
NEW: Final = "000.00.04.H58-261005-0001"
#: The first seeded application of each state.
SEEDED: Final = {
    1: "000.00.04.H58-260105-0001",
    2: "000.00.04.H58-260105-0004",
    4: "000.00.04.H58-260105-0009",
    5: "000.00.04.H58-260105-0013",
    9: "000.00.04.H58-260105-0022",
    10: "000.00.04.H58-260105-0030",
}


def question(call: str, **changes: object) -> dict[str, Any]:
    """The committed sample of a question; ``toKhai__loaiPhieu="2"`` reaches inside, an ellipsis takes out."""
    message: dict[str, Any] = copy.deepcopy(json.loads((SAMPLES / f"{call}.request.json").read_text(encoding="utf-8")))
    for path, value in changes.items():
        *above, last = path.split("__")
        inside = message
        for name in above:
            inside = inside[name]
        if value is ...:
            del inside[last]
        else:
            inside[last] = value
    return message


@dataclass(frozen=True, slots=True)
class System:
    """The mock on *url*."""

    url: str
    country: Country
    session: aiohttp.ClientSession

    async def post(self, path: str, message: object, token: str | None = None) -> tuple[int, Any]:
        """Status and JSON of the answer, whatever content type it has."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"{self.url}/criminal-records/{path}"
        async with self.session.post(url, json=message, headers=headers) as answer:
            body = await answer.read()
            return answer.status, json.loads(body)

    async def submit(self, code: str = NEW, **changes: object) -> dict[str, Any]:
        """``guiHoSo``."""
        message = question("guiHoSo.person", maHoSoMCDT=code, **changes)
        status, answer = await self.post("lltp2024/guiHoSo", message)
        assert status == 200
        found: dict[str, Any] = answer
        return found

    async def status(self, code: str, **changes: object) -> dict[str, Any]:
        """``nhanTrangThai``."""
        _, answer = await self.post("lltp2024/nhanTrangThai", question("nhanTrangThai", maHoSoMCDT=code, **changes))
        found: dict[str, Any] = answer
        return found

    async def entry(self, code: str) -> dict[str, Any]:
        """The one entry of ``nhanTrangThai``, in a list or not."""
        value = (await self.status(code))["value"]
        found: dict[str, Any] = value[0] if isinstance(value, list) else value
        return found

    async def state(self, code: str) -> int:
        """``trangThaiXuLy`` as a number."""
        return int(str((await self.entry(code))["trangThaiXuLy"]).strip())

    async def token(self) -> str:
        """A token of the road."""
        world = self.country.world
        key, secret = (world.credential("criminal_records", name) for name in ("access_key", "secret_key"))
        headers = {"Authorization": aiohttp.encode_basic_auth(key, secret)}
        url = f"{self.url}/criminal-records/token"
        async with self.session.post(url, data={"grant_type": "client_credentials"}, headers=headers) as answer:
            found: str = (await answer.json())["access_token"]
            return found

    async def road(self, call: str, message: object) -> dict[str, Any]:
        """A call of the NGSP, with a token."""
        status, answer = await self.post(f"apiLyLichTuPhap/{call}", message, await self.token())
        assert status == 200
        found: dict[str, Any] = answer
        return found

    async def admin(self, method: str, path: str, message: object = None) -> tuple[int, Any]:
        """A route of the administration."""
        async with self.session.request(method, f"{self.url}/__mock/{path}", json=message) as answer:
            return answer.status, await answer.json()

    async def advance(self, duration: str) -> None:
        """Moves the country's clock."""
        status, _ = await self.admin("POST", "clock", {"advance": duration})
        assert status == 200

    async def fault(self, operation: str, kind: str, **more: object) -> tuple[int, Any]:
        """Puts one fault."""
        entry = {"system": "criminal_records", "operation": operation, "fault": {"kind": kind, **more}}
        return await self.admin("PUT", "faults", {"faults": [entry]})

    async def breaches(self) -> list[str]:
        """Rules that the latest request broke."""
        _, journal = await self.admin("GET", "journal?system=criminal_records&limit=1")
        found: list[str] = journal["entries"][-1]["breaches"]
        return found
