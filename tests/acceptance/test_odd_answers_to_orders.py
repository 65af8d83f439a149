"""Orders from the store whose answer is not one: each is parked with a reason or arrives, and none is sent for ever."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from typing import Any, Final, LiteralString

import aiohttp
import pytest
from aiohttp import web

from gateway.connectors.ministry_portals import operations as ministries
from gateway.connectors.public_service_portal import operations as portal_operations
from gateway.durable.lanes.decisions import MOST_ATTEMPTS
from gateway.durable.store import Store
from tests.support import postgres
from tests.support.checker import TAKEN
from tests.support.laptop import OTHER_DIALECTS, PLAIN, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.operator import operate
from tests.support.portal import Answered, Portal

pytestmark = pytest.mark.timeout(120)

PAGE: Final = b"<!DOCTYPE html><html><body>Not now</body></html>"
ODD: Final[Sequence[tuple[int, str, bytes]]] = (
    (200, "text/html", PAGE),
    (200, "text/plain; charset=utf-8", "Xin chào".encode()),
    (200, "application/json", b""),
    (200, "application/json", b'{"error_code": "0", "mess'),
    (200, "application/json", b"[]"),
    (200, "application/json", b'[{"error_code": []}, 7]'),
    (200, "application/json", b"7"),
    (204, "application/json", b""),
    (302, "text/plain", b"elsewhere"),
)
OURS: Final = tuple(f"000.00.04.H58-260106-97{number:02}" for number in range(2 * len(ODD) + 1))
WRITES: Final = (
    "DongBoHoSoMC", "CapNhatTienDoHoSoMC", "DongBoTrangThaiHoSo", "/them-moi", "/cap-nhat", "/dong-bo-tien-trinh",
    "/trang-thai",
)  # fmt: skip
"""What the message of an order has, in its path or its body, and a question has not."""
_REST_NO_LONGER: Final[LiteralString] = """
update lanes set held_until = case when held_until is null then null else clock_timestamp() end,
    due_at = case when due_at is null then null else '2020-01-01'::timestamptz end
where held_by is null and state = 'open'
"""
_WAKE: Final[LiteralString] = "select pg_notify('lgsp_work', '')"
_ENDS: Final[LiteralString] = """
select key, case when state = 'parked' then 'parked' when head > tail then 'arrived' end from lanes where key = any(%s)
"""


@dataclass(frozen=True)
class Way:
    """An operation as one dialect sends it."""

    name: str
    method: str
    path: str
    body: Mapping[str, Any]
    first: str = ""
    """The path by which a dossier goes before its steps."""
    dialect: Mapping[str, Any] = field(default_factory=dict)
    codes: Sequence[str] = OURS

    def __str__(self) -> str:
        return self.name


NATIONAL: Final = "public-service-portal/dossiers/{code}"
GEN2: Final = {
    "public_service_portal": {
        "upstreams": {"gen2": OTHER_DIALECTS["public_service_portal"]["upstreams"]["gen2"]},
        "operations": {name: {"upstream": "gen2"} for name in ("sync_dossier", "report_progress")},
    }
}
PUSHED: Final = tuple(f"000.00.00.G22-260105-{number:04}" for number in range(1, 6))
"""Dossiers that the portal had pushed, in its own codes."""
FILED: Final = tuple(f"000.00.00.G15-260105-{number:04}" for number in range(1, 13))
"""Dossiers that were filed with the joint service for births and deaths."""


def _ways() -> list[Way]:
    """Every order of every dialect that takes orders."""
    whole, step = portal_operations.DOSSIER, portal_operations.STEP
    status = {"national_code": "", "status": "in_process", "processed_at": step["processed_at"]}
    found = [Way("ngsp status", "POST", f"{NATIONAL}/status", status, codes=OURS[: len(PUSHED)])]
    for dialect, change, first in (("ngsp", {}, "in_process"), ("gen2", GEN2, "received")):
        found.append(Way(f"{dialect} dossier", "PUT", NATIONAL, whole, dialect=change))
        told = step | {"status": first}
        found.append(Way(f"{dialect} step", "POST", f"{NATIONAL}/progress", told, NATIONAL, dialect=change))
    for ministry in ("construction", "health"):
        path = f"ministry-portals/{ministry}/dossiers/{{code}}"
        found.append(Way(f"{ministry} dossier", "PUT", path, ministries.DOSSIER))
        found.append(Way(f"{ministry} step", "POST", f"{path}/progress", ministries.STEP, path))
    path = "ministry-portals/birth-death/dossiers/{code}/progress"
    return [*found, Way("birth-death step", "POST", path, ministries.STEP | {"status": "received"}, codes=FILED)]


@dataclass(frozen=True)
class Odd:
    """The answer about one dossier. *heard*: the country gets the messages, and questions are answered so too."""

    status: int
    media_type: str
    body: bytes
    heard: bool


@dataclass
class OddProxy:
    """Stands before the country; answers what is about some dossiers oddly, each in its own way."""

    target: str
    session: aiohttp.ClientSession
    url: str = ""
    odd: dict[str, Odd] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """One request."""
        said = request.raw_path + (await request.read()).decode()
        code = next((one for one in self.odd if one in said), None)
        odd = None if code is None else self.odd[code]
        if odd is None or not (odd.heard or any(word in said for word in WRITES)):
            return await self._pass_on(request)
        self.seen[str(code)] += 1
        if odd.heard:
            await self._pass_on(request)
        headers = {"Content-Type": odd.media_type, **({"Location": self.url} if odd.status == 302 else {})}
        return web.Response(status=odd.status, headers=headers, body=odd.body)

    async def _pass_on(self, request: web.BaseRequest) -> web.Response:
        dropped = {"Host", "Content-Length", "Transfer-Encoding", "Connection", "Accept-Encoding"}
        headers = {name: value for name, value in request.headers.items() if name not in dropped}
        url = self.target + request.raw_path
        async with self.session.request(request.method, url, data=await request.read(), headers=headers) as found:
            said = {"Content-Type": found.headers.get("Content-Type", "application/json")}
            return web.Response(status=found.status, body=await found.read(), headers=said)


@asynccontextmanager
async def odd_proxy(target: str) -> AsyncIterator[OddProxy]:
    """A proxy before *target*, on a free port."""
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        proxy = OddProxy(target, session)
        runner = web.ServerRunner(web.Server(proxy.answer, access_log=None))
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            proxy.url = "http://{}:{}".format(*runner.addresses[0][:2])
            yield proxy
        finally:
            await runner.cleanup()


@dataclass
class Trial:
    """One way, its dossiers, and who sends them."""

    way: Way
    portal: Portal
    store: Store
    sent: int = 0

    async def send(self, code: str) -> None:
        """One more order about *code*, which no other equals."""
        self.sent += 1
        body = {name: value for name, value in self.way.body.items() if name not in {"dossier_code", "ministry"}}
        if "processed_at" in body:
            at = datetime.fromisoformat(body["processed_at"]) + timedelta(seconds=self.sent)
            body["processed_at"] = at.isoformat()
        else:
            body["summary"] = f"{body['summary']} {self.sent}"
        if "national_code" in body:
            body["national_code"] = self.theirs(code)
        assert (await self.ask(self.way.method, self.way.path, code, body)).status == 202

    def theirs(self, code: str) -> str:
        """The code by which the country knows the dossier."""
        return PUSHED[self.way.codes.index(code)] if "national_code" in self.way.body else code

    async def send_first(self, code: str) -> None:
        """The dossier of the steps, before anything is odd."""
        whole = ministries.DOSSIER if "ministry" in self.way.path else portal_operations.DOSSIER
        body = {name: value for name, value in whole.items() if name not in {"dossier_code", "ministry"}}
        assert (await self.ask("PUT", self.way.first, code, body)).status == 202

    async def ask(self, method: str, path: str, code: str, body: object = None) -> Answered:
        """Asks the gateway about *code*."""
        headers = {"X-Dossier-Id": code}
        return await self.portal.ask(method, "/v1/" + path.format(code=code), body=body, headers=headers)

    async def ends(self, codes: Sequence[str]) -> dict[str, str | None]:
        """Of each of *codes* ``parked`` or ``arrived``, and None while it waits."""
        rows = await postgres.tell(self.store, _ENDS, list(codes))
        return {str(key): None if end is None else str(end) for key, end in rows}

    async def rest_no_longer(self) -> None:
        """All that rest go on now."""
        await postgres.tell(self.store, _REST_NO_LONGER)
        await postgres.tell(self.store, _WAKE)

    async def until_settled(self, codes: Sequence[str]) -> None:
        """Waits until nothing of *codes* waits."""
        async with asyncio.timeout(30):
            while set((await self.ends(codes)).values()) != {"arrived"}:
                await self.rest_no_longer()
                await asyncio.sleep(0.02)

    async def until_ended(self, codes: Sequence[str], healthy: str) -> Sequence[str]:
        """Those of *codes* that are parked, once each is parked or has arrived; meanwhile *healthy* gets through."""
        while True:  # at most as long as a test may last
            await self.rest_no_longer()
            await self.send(healthy)
            await self.until_settled([healthy])
            ends = await self.ends(codes)
            if None not in ends.values():
                return [code for code, end in ends.items() if end == "parked"]


async def taken(national: National) -> Counter[str]:
    """How many messages the country has accepted, by the code of the dossier."""
    async with national.session.get(f"{national.url}/__mock/journal", params={"limit": "5000"}) as response:
        entries = (await response.json())["entries"]
    return Counter(one["dossier"] for entry in entries for one in entry.get("decisions", ()) if one["outcome"] in TAKEN)


@pytest.mark.parametrize("way", _ways(), ids=str)
async def test_order_is_parked_or_arrives(way: Way, national: National, database: str) -> None:
    """Whatever comes for an answer, the order ends, its operator sees why, and a retry brings it there once."""
    healthy, *free = way.codes
    answers = [Odd(*answer, heard) for answer, heard in product(ODD, (False, True))]
    odd = dict(zip(free, random.Random(1).sample(answers, len(answers)), strict=False))  # as many as it has dossiers
    async with odd_proxy(national.url) as proxy, postgres.store(database) as store:
        settings = laptop_settings(
            proxy.url, store={"url": postgres.address(database)}, upstreams=PLAIN, connectors=way.dialect
        )
        async with serving_portal(settings) as portal:
            trial = Trial(way, portal, store)
            if way.first:
                for code in [healthy, *odd]:
                    await trial.send_first(code)
                await trial.until_settled([healthy, *odd])
            before = await taken(national)
            proxy.odd = odd
            for code in odd:
                await trial.send(code)
            parked = await trial.until_ended(list(odd), healthy)
            _, told = await operate(portal, "GET", "/api/lanes?state=parked")
            proxy.odd = {}
            for one in told["data"]:
                path = f"/api/lanes/{one['system']}/{one['key']}/retry"
                assert (await operate(portal, "POST", path, {"reason": "mended"}))[0] == 200
            await trial.until_settled(list(odd))

    assert {one["key"]: bool(one["reason"]) for one in told["data"]} == dict.fromkeys(parked, True)
    # A page for people says that the whole system is away, and counts only where another order got through meanwhile.
    assert max(count for code, count in proxy.seen.items() if odd[code].body != PAGE) <= 2 * MOST_ATTEMPTS
    new = await taken(national) - before
    assert {code: new[trial.theirs(code)] for code in odd} == dict.fromkeys(odd, 1)
