"""One small system that has every kind of call, so that the engine is tested apart from the services."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp
import orjson
from lxml import etree

from mocks.engine.country import Country
from mocks.engine.decisions import fingerprint
from mocks.engine.service import Call, Reply, Request, Service, World, json_reply
from mocks.engine.soap import by_element, fault_11, reply_11
from mocks.engine.tokens import TokenDesk

FACT = {"ma": "1", "ten": "Nguyễn Thị Ánh", "con": [{"ten": "Lê Y"}, {"ten": "Lê Ý"}]}
WHOLE = orjson.dumps(FACT)
BASIC = aiohttp.encode_basic_auth("key", "secret")


def open_toy(world: World) -> Service:
    """Calls `fact` (guarded), `item` (by path), `order` (writes), and `Hoi` and `Dap` on one SOAP address."""
    desk = TokenDesk(world, "toy", lifetime_s=60)
    orders: list[object] = []

    def order(request: Request) -> Reply:
        name, content = str(request.fields.get("ma")), fingerprint(request.fields)
        repeated = name in orders and request.repeat != "adds"
        if not repeated:
            orders.append(name)
        request.decide("repeated" if repeated else "accepted", dossier=name, message="order", content=content)
        return json_reply({"nhan": len(orders)}, status=409 if repeated and request.repeat == "refused" else 200)

    soap = partial(Call, method="POST", path="ws", kind="soap", soap_fault=partial(fault_11, message="Lỗi"))
    return Service(
        name="toy",
        title="Hệ thống thử",
        calls=(
            desk.call(),
            desk.guarded(
                name="fact",
                path="fact",
                answer=lambda _: json_reply(FACT),
                another=lambda _: json_reply({**FACT, "ma": "2"}),
                shown=frozenset({"ma"}),
                fields=frozenset({"ma", "ten", "con"}),
            ),
            Call(name="item", path="items/{id}", answer=lambda request: json_reply({"id": request.params["id"]})),
            Call(name="order", path="orders", method="POST", answer=order, repeat="adds", shown=frozenset({"ma"})),
            Call(name="orders", path="orders", answer=lambda _: json_reply({"nhan": len(orders)})),
            Call(name="broken", path="broken", answer=_broken),
            soap(name="Hoi", match=by_element("Hoi"), answer=_hoi, another=_hoi),
            soap(name="Dap", match=by_element("Dap"), answer=_hoi),
        ),
        samples=lambda: {"toy.fact": [{"path": {"id": "1"}}, {"path": {"id": "9"}, "exists": False}]},
    )


def _hoi(_: Request) -> Reply:
    element = etree.Element("{urn:toy}Tra", nsmap={None: "urn:toy"})
    etree.SubElement(element, "{urn:toy}Ten").text = "Nguyễn Thị Ánh"
    etree.SubElement(element, "{urn:toy}Ma").text = "1"
    return reply_11(element)


def _broken(_: Request) -> Reply:
    raise RuntimeError("a bug in a service")


ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    '<{name} xmlns="urn:toy"><Ten>Nguyễn Thị Ánh</Ten></{name}></s:Body></s:Envelope>'
)


@dataclass
class Toy:
    """Who asks the toy system and administers the country."""

    url: str
    country: Country
    session: aiohttp.ClientSession
    slept: list[float] = field(default_factory=list)
    token: str = ""

    async def get(self, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
        """A GET with the token, redirects and unpacking left to nobody."""
        headers.setdefault("Authorization", f"Bearer {self.token}")
        async with self.session.get(self.url + path, headers=headers) as answer:
            return answer.status, await answer.read(), dict(answer.headers)

    async def ask(self, name: str = "Hoi") -> tuple[int, bytes, dict[str, str]]:
        """A SOAP call."""
        body = ENVELOPE.format(name=name).encode()
        async with self.session.post(self.url + "/toy/ws", data=body, headers={"Content-Type": "text/xml"}) as answer:
            return answer.status, await answer.read(), dict(answer.headers)

    async def admin(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        async with self.session.request(method, f"{self.url}/__mock/{path}", json=body) as answer:
            return answer.status, await answer.json()

    async def fault(
        self, kind: str, *, operation: str = "*", plan: dict[str, object] | None = None, **more: object
    ) -> None:
        """Puts one fault; a refusal fails the test."""
        planned = {"system": "toy", "operation": operation, **(plan or {}), "fault": {"kind": kind, **more}}
        status, answer = await self.admin("PUT", "faults", {"faults": [planned]})
        assert status == 200, answer

    async def entries(self, query: str = "") -> list[dict[str, Any]]:
        _, answer = await self.admin("GET", f"journal{query}")
        return answer["entries"]

    async def arrived(self) -> dict[str, Any]:
        """The first entry of the journal, as soon as there is one."""
        while not (entries := await self.entries()):
            pass
        return entries[0]

    async def log_in(self) -> None:
        form = {"grant_type": "client_credentials"}
        async with self.session.post(f"{self.url}/toy/token", data=form, headers={"Authorization": BASIC}) as answer:
            self.token = (await answer.json())["access_token"]
