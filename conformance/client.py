"""Sends requests to the target: few at once, limited in time and size; each kind of failed answer has its own text."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlencode

import aiohttp
import orjson
from yarl import URL

from conformance.suite import Message

AT_ONCE: Final = 4
TIMEOUT_S: Final = 15.0
MAX_BODY: Final = 32 * 1_048_576


class Unreachable(Exception):
    """The target does not answer; the text says so in one sentence."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; `broken` says why it is incomplete or missing, without the address."""

    status: int = 0
    content_type: str = ""
    charset: str = ""
    body: bytes = field(default=b"", repr=False)
    broken: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceClient:
    """Client of one target."""

    target: str
    session: aiohttp.ClientSession
    gate: asyncio.Semaphore

    async def get(self, path: str) -> Answer:
        """Sends a GET below the target."""
        return await self.ask("GET", path, Message())

    async def ask(self, method: str, path: str, message: Message, data: bytes | None = None) -> Answer:
        """Sends one request; *data* replaces the message's own body (SOAP)."""
        headers = {name: str(value) for name, value in message.headers.items()}
        if message.basic is not None:
            headers["Authorization"] = aiohttp.encode_basic_auth(*message.basic)
        if data is None:
            data, kind = _body(message)
            if kind is not None:
                headers.setdefault("Content-Type", kind)
        async with self.gate:
            try:
                return await self._send(method, self._url(path, message), headers, data)
            except TimeoutError:
                return Answer(broken="no complete answer within the timeout")
            except aiohttp.ClientError as error:
                return Answer(broken=f"the connection broke ({type(error).__name__})")

    async def _send(self, method: str, url: URL, headers: Mapping[str, str], data: bytes | None) -> Answer:
        async with self.session.request(method, url, headers=headers, data=data, allow_redirects=False) as response:
            body = bytearray()
            async for chunk in response.content.iter_chunked(65_536):
                body += chunk
                if len(body) > MAX_BODY:
                    return Answer(response.status, broken=f"the answer is longer than {MAX_BODY} bytes")
            kind = response.headers.get("Content-Type", "")
            media, _, _ = kind.partition(";")
            return Answer(response.status, media.strip().lower(), (response.charset or "").lower(), bytes(body))

    def _url(self, path: str, message: Message) -> URL:
        for name, value in message.path.items():
            path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        query = {name: str(value) for name, value in message.query.items()}
        return URL(f"{self.target}/{path.lstrip('/')}", encoded=True).update_query(query)


def _body(message: Message) -> tuple[bytes | None, str | None]:
    if message.form is not None:
        form = urlencode({name: str(value) for name, value in message.form.items()})
        return form.encode(), "application/x-www-form-urlencoded"
    if message.body is not None:
        return orjson.dumps(message.body), "application/json"
    return None, None


@asynccontextmanager
async def service_client(target: str, *, timeout_s: float = TIMEOUT_S) -> AsyncIterator[ServiceClient]:
    """Opens a client of *target* while the block runs.

    Raises:
        Unreachable: the target does not answer.
    """
    timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=min(timeout_s, 5.0))
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector, headers={"Accept": "*/*"}) as session:
        way = ServiceClient(target.rstrip("/"), session, asyncio.Semaphore(AT_ONCE))
        try:
            async with session.get(way.target + "/", allow_redirects=False):
                pass
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unreachable(
                f"{way.target} does not answer ({type(error).__name__}); is it running, and is the address right?"
            ) from error
        yield way
