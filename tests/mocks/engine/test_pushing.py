"""The portal pushes: what leaves, what the tester is told, what the journal says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from tests.support.national import National
from tests.support.pusher import KEY


@dataclass
class Receiving:
    """A province that keeps what comes."""

    url: str = ""
    bodies: list[Any] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    broken: int = 0
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.Response:
        """Keeps a message that comes whole."""
        try:
            body = await request.json()
        except (OSError, asyncio.CancelledError):
            self.broken += 1
            self.gone.set()
            raise
        self.bodies.append(body)
        self.keys.append(request.headers["Authorization"])
        return web.json_response({"error_code": "00"}, status=200)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiving]:
    """A province on a free port."""
    found = Receiving()
    app = web.Application()
    app.router.add_post("/inbound/{tail:.*}", found.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        found.url = "http://{}:{}/inbound/public-service-portal/dossier".format(*runner.addresses[0][:2])
        yield found
    finally:
        await runner.cleanup()


async def test_each_push_is_another_dossier_with_the_published_key(national: National) -> None:
    """Codes and people differ; the tester is told each code with its answer."""
    async with receiving() as to:
        pushes = await national.push(system="public_service_portal", kind="dossier", to=to.url, count=5, at_once=3)

    assert [push["answers"][0]["status"] for push in pushes] == [200] * 5
    assert sorted(push["code"] for push in pushes) == sorted(body["MaHoSo"] for body in to.bodies)
    assert len({push["code"] for push in pushes}) == 5
    assert set(to.keys) == {f"Bearer {KEY}"}


async def test_twice_again_and_half(national: National) -> None:
    """The oddities of a real sender: two copies at once, repetitions, and half a message before the whole one."""
    async with receiving() as to:
        [push] = await national.push(
            system="public_service_portal", kind="dossier", to=to.url, twice=True, again=1, half=True
        )
        await asyncio.wait_for(to.gone.wait(), 5)

    assert [answer["status"] for answer in push["answers"]] == [None, 200, 200, 200]
    assert push["answers"][0]["half"] is True
    assert to.bodies == [to.bodies[0]] * 3
    assert to.broken == 1


async def test_pushes_are_in_the_journal_and_not_among_the_arrivals(national: National) -> None:
    """With their direction and answer; nothing personal."""
    async with receiving() as to:
        [push] = await national.push(system="public_service_portal", kind="dossier", to=to.url)
        async with national.session.get(f"{national.url}/__mock/journal") as answer:
            journal = await answer.json()

    assert journal["total"] == 0
    [entry] = journal["entries"]
    assert (entry["direction"], entry["operation"], entry["status"]) == ("out", "push.dossier", 200)
    assert entry["masked"]["MaHoSo"] == push["code"]
    assert entry["masked"]["error_code"] == "00"
    assert to.bodies[0]["ChuHoSo"] not in str(journal)


async def test_a_province_that_is_not_there_is_told(national: National) -> None:
    """As an error of that push, not of the administration."""
    [push] = await national.push(system="public_service_portal", kind="dossier", to="http://127.0.0.1:9/inbound/x")

    assert push["answers"][0]["status"] is None
    assert push["answers"][0]["error"] == "ClientConnectorError"


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"system": "moon", "kind": "dossier"}, "pushes"),
        ({"system": "public_service_portal", "kind": "result"}, "pushes"),
        ({"system": "ministry_portals", "kind": "dossier"}, "pushes"),
        ({"system": "public_service_portal", "kind": "dossier", "to": "nowhere"}, "/to"),
        ({"system": "public_service_portal", "kind": "dossier", "count": 0}, "/count"),
    ],
)
async def test_a_wish_that_does_not_fit_is_refused(national: National, wish: dict[str, Any], said: str) -> None:
    """With the names that exist, or the field that is wrong."""
    body = {"to": "http://127.0.0.1:9/inbound/x", **wish}
    async with national.session.post(f"{national.url}/__mock/push", json=body) as answer:
        assert answer.status == 400
        assert said in await answer.text()


async def test_a_ministry_pushes_as_itself(national: National) -> None:
    """Under its agency's code, with the key of the ministries."""
    async with receiving() as to:
        [push] = await national.push(system="ministry_portals/construction", kind="result", to=to.url)

    assert push["code"].startswith("000.00.00.G17-")
    assert to.bodies[0]["TrangThaiHoSo"] == "9"
