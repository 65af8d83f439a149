"""A server with a certificate of its own before another server: what a national system's front does."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp import web

from tests.support.certificates import Authority

_OWN: Final = frozenset({"host", "connection", "content-length", "transfer-encoding", "content-encoding"})


class Relay:
    """Answers as *behind* does, over TLS, each time on a new connection: so each exchange looks at its certificate."""

    def __init__(self, behind: str, session: aiohttp.ClientSession) -> None:
        self.url = ""
        self.paths: list[str] = []
        """Of all that it carried."""
        self._behind = behind
        self._session = session
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    async def show(self, authority: Authority, folder: Path) -> None:
        """Shows a new certificate of *authority* from the next connection on; *folder* keeps it."""
        await asyncio.to_thread(authority.server, folder)
        # in the loop's thread: a handshake that began between the certificate and its key would have none
        self.tls.load_cert_chain(folder / "server.pem", folder / "server.key")

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OWN}
        self.paths.append(request.path)
        body = await request.read()
        async with self._session.request(
            request.method, self._behind + request.raw_path, data=body or None, headers=headers
        ) as answer:
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in _OWN}
            response = web.Response(status=answer.status, body=await answer.read(), headers=kept)
        response.force_close()
        return response


@asynccontextmanager
async def relaying(behind: str, authority: Authority, folder: Path) -> AsyncIterator[Relay]:
    """A relay on a free port that shows a certificate of *authority*."""
    async with aiohttp.ClientSession(skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding")) as session:
        relay = Relay(behind, session)
        await relay.show(authority, folder)
        runner = web.ServerRunner(web.Server(relay))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=relay.tls).start()
        relay.url = f"https://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield relay
        finally:
            await runner.cleanup()
