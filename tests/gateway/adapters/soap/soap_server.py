"""A SOAP server that answers as a test says, and an adapter that asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web
from multidict import CIMultiDictProxy

from gateway.adapters.soap.adapter import SoapAdapter
from gateway.core.message import Reply, Soap
from gateway.core.problems import GatewayError, OffContract
from gateway.core.settings import UpstreamSettings
from tests.support.laptop import ROOT

WSDL: Final = ROOT / "contracts" / "legal_documents" / "ws.wsdl"
NS: Final = "urn:vn:gov:moj:csdlqg-vbpl:ws:1"
DETAIL: Final = Soap(name="ChiTietVanBan", arguments={"Id": "96172"})


def envelope(inner: str, *, head: str = "", prolog: str = '<?xml version="1.0" encoding="utf-8"?>') -> str:
    """A SOAP 1.1 envelope around *inner*."""
    return (
        f'{prolog}<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:vb="{NS}">{head}'
        f"<s:Body>{inner}</s:Body></s:Envelope>"
    )


def detail(inner: str = "<vb:Id>96172</vb:Id>") -> str:
    """The response element of ``ChiTietVanBan``."""
    return f"<vb:ChiTietVanBanResponse><vb:VanBan>{inner}</vb:VanBan></vb:ChiTietVanBanResponse>"


GOOD: Final = envelope(detail())


@dataclass
class Script:
    """What the server answers next, and what it was asked."""

    body: bytes = GOOD.encode()
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/xml; charset=utf-8"})
    act: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None
    asked: list[tuple[CIMultiDictProxy[str], bytes]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One answer."""
        self.asked.append((request.headers, await request.read()))
        if self.act is not None:
            return await self.act(request)
        return web.Response(body=self.body, status=self.status, headers=self.headers)


@asynccontextmanager
async def serving(script: Script) -> AsyncIterator[str]:
    """A server on a free port that answers as *script* says."""
    server = web.ServerRunner(web.Server(script.answer, handler_cancellation=True))
    await server.setup()
    site = web.TCPSite(server, "127.0.0.1", 0)
    await site.start()
    host, port = server.addresses[0][:2]
    try:
        yield f"http://{host}:{port}/ws"
    finally:
        await server.cleanup()


@asynccontextmanager
async def adapter(url: str, **settings: object) -> AsyncIterator[SoapAdapter]:
    """An opened adapter."""
    found = SoapAdapter(UpstreamSettings.model_validate({"url": url, "allow_private": True, **settings}), WSDL)
    await found.open()
    try:
        yield found
    finally:
        await found.close()


async def sent(script: Script, exchange: Soap = DETAIL, **settings: object) -> Reply:
    """The reply to *exchange* of a server that answers as *script* says."""
    async with serving(script) as url, adapter(url, **settings) as soap:
        return await soap.send(exchange)


async def refused(script: Script, kind: type[GatewayError] = OffContract, **settings: object) -> GatewayError:
    """The error that the answer of *script* becomes, raised or as the reply's defect."""
    try:
        reply = await sent(script, **settings)
    except kind as error:
        return error
    assert isinstance(reply.defect, kind), reply
    return reply.defect
