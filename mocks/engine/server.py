"""Serves the country on a port, for the command and for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from aiohttp import hdrs, web
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader

from mocks.engine.admin import administer
from mocks.engine.country import MAX_BODY, Country
from mocks.engine.road import open_road
from mocks.engine.tls import tls_ports
from mocks.engine.xrd_adapter import PREFIXES
from mocks.engine.xroad import PREFIX

#: Seconds that open connections get at shutdown; clients must expect a cut anyway.
_SHUTDOWN_S = 0.5


@asynccontextmanager
async def listening(
    country: Country, host: str = "127.0.0.1", port: int = 0, *, tls_port: int | None = None
) -> AsyncIterator[str]:
    """Serves *country* while the block runs, and yields its address, `http://127.0.0.1:9100`.

    Port 0 takes a free port. With *tls_port* the ports of `mocks.engine.tls` are open too, see `country.tls`.

    Raises:
        OSError: the port can't be opened.
    """
    async with open_road(country) as road:

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            if request.headers.get(hdrs.CONTENT_ENCODING, "identity") != "identity":
                return web.json_response({"error": "compressed bodies are not read"}, status=400)
            if request.path.startswith(PREFIX):
                return await road.carry(request)
            if request.path.startswith(PREFIXES):
                return await road.forward(request)
            service = country.switchboard.service_at(request.path)
            if service is None:
                return await administer(country, request)
            return await country.handle(request, service)

        # The low-level server: the country matches requests itself, so aiohttp's router would only cost time.
        server = web.Server(
            handle, request_factory=_request, handler_cancellation=True, access_log=None, auto_decompress=False
        )
        runner = web.ServerRunner(server, shutdown_timeout=_SHUTDOWN_S)
        await runner.setup()
        try:
            site = web.TCPSite(runner, host, port, reuse_address=True)
            await site.start()
            bound_host, bound_port = runner.addresses[0][:2]
            shown = f"[{bound_host}]" if ":" in bound_host else bound_host
            country.address = f"http://{shown}:{bound_port}"
            async with nullcontext() if tls_port is None else tls_ports(runner, host, tls_port) as country.tls:
                yield country.address
        finally:
            country.tls = None
            country.hangs.release()
            country.latecomers.drop()
            await runner.cleanup()


@asynccontextmanager
async def serving(
    *, seed: int = 1, scenario: str = "calm", host: str = "127.0.0.1", port: int = 0, tls_port: int | None = None
) -> AsyncIterator[tuple[str, Country]]:
    """Serves a new country on a free port, for tests; yields address and country."""
    country = await asyncio.to_thread(Country, seed=seed, scenario=scenario)
    async with listening(country, host, port, tls_port=tls_port) as url:
        yield url, country


class _Request(web.BaseRequest):
    """aiohttp's request, without the name and version of aiohttp and Python in the answer."""

    async def _prepare_hook(self, response: web.StreamResponse) -> None:
        response.headers.pop(hdrs.SERVER, None)


def _request(
    message: RawRequestMessage, payload: StreamReader, protocol: Any, writer: Any, task: asyncio.Task[None]
) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return _Request(message, payload, protocol, writer, task, loop, client_max_size=MAX_BODY)
