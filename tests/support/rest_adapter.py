"""The REST adapter beside a server that answers with odd bytes."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from gateway.adapters.rest import RestAdapter
from gateway.core.message import Reply, Rest
from gateway.core.problems import GatewayError
from gateway.core.settings import UpstreamSettings
from tests.support.odd_server import Script, odd_server

JSON: Final = "Content-Type: application/json"
ASK: Final = Rest(name="ask", path="ask", method="GET")


async def reply_to(script: Script, exchange: Rest = ASK, **settings: Any) -> Reply:
    """What the adapter makes of *script*."""
    async with odd_server(script) as server, asyncio.timeout(5):
        adapter = RestAdapter(UpstreamSettings.model_validate({"url": server.url, "allow_private": True, **settings}))
        await adapter.open()
        try:
            return await adapter.send(exchange)
        finally:
            await adapter.close()


async def error_of(script: Script, exchange: Rest = ASK, **settings: Any) -> GatewayError:
    """The error that the adapter makes of *script*: raised, or as the defect that a status can outweigh."""
    try:
        reply = await reply_to(script, exchange, **settings)
    except GatewayError as error:
        return error
    assert reply.defect is not None, reply
    return reply.defect
