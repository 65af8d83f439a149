"""A portal's server that is told of events by webhooks, and checks each message by itself."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

SECRET: Final = "whsec_" + base64.b64encode(b"a secret of the tests' own, 32 b.").decode()
PREVIOUS: Final = "whsec_" + base64.b64encode(b"the secret that was before that.").decode()


@dataclass
class Receiver:
    """Who is told. *answers*: the statuses of the next answers, then 204; *of*: statuses by dossier, before those."""

    url: str = ""
    secrets: tuple[str, ...] = (SECRET,)
    answers: list[int] = field(default_factory=list)
    of: dict[str, int] = field(default_factory=dict)
    seen: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Id and body of every message, whatever the answer."""
    taken: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """Of messages that failed the check."""
    raw: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    """Headers and bytes of every message."""
    came: asyncio.Event = field(default_factory=asyncio.Event)
    redirected: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        """Checks and counts a message."""
        try:
            body = await request.read()
        except ConnectionResetError:
            return web.Response(status=400)  # its sender was killed on the way: nobody reads this
        if request.path == "/elsewhere":
            self.redirected += 1
        for secret in self.secrets:
            if not is_signed(request.headers, body, secret):
                self.wrong.append(secret)
        message = json.loads(body)
        self.raw.append((dict(request.headers), body))
        self.seen.append((request.headers["webhook-id"], message))
        status = self.of.get(message["data"]["key"]) or (self.answers.pop(0) if self.answers else 204)
        if 200 <= status < 300:
            self.taken.append(message)
        self.came.set()
        self.came.clear()
        return web.Response(status=status, headers={"Location": "/elsewhere"} if 300 <= status < 400 else {})

    async def has_taken(self, number: int) -> None:
        """Waits until *number* messages were taken."""
        while len(self.taken) < number:
            await self.came.wait()


def is_signed(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """The check of https://www.standardwebhooks.com, written from its text alone."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(base64.b64decode(secret.split("_", 1)[1]), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}" in headers["webhook-signature"].split(" ")


@asynccontextmanager
async def receiving(**more: Any) -> AsyncIterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver(**more)
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", receiver.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        receiver.url = "http://{}:{}/hook".format(*runner.addresses[0][:2])
        yield receiver
    finally:
        await runner.cleanup()
