"""Carries messages over the roads of security servers: a real proxy, so faults of a provider also affect the road."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from uuid import uuid4

import aiohttp
from aiohttp import web
from yarl import URL

from mocks.engine import xrd_adapter
from mocks.engine.country import Country, read_body
from mocks.engine.delivery import response_of
from mocks.engine.journal import Entry
from mocks.engine.matching import hidden
from mocks.engine.service import Reply, Request
from mocks.engine.xrd_adapter import AdapterError, Forwarded, read_address
from mocks.engine.xroad import (
    SYSTEM,
    Address,
    Headers,
    Provider,
    RoadError,
    bad_request,
    client_of,
    given_back,
    passed_on,
    request_hash,
)

HELD: Final = 8 * 1_048_576
"""Bytes of an answer that are buffered until it is complete, as a security server does to sign it."""


class Road:
    """Plays the security servers between callers and the country's systems."""

    __slots__ = ("_country", "_session")

    def __init__(self, country: Country, session: aiohttp.ClientSession) -> None:
        self._country = country
        self._session = session

    async def carry(self, http: web.BaseRequest) -> web.StreamResponse:
        """Forwards the request; returns the provider's answer or an error of the road."""
        try:
            return await self._carried(http)
        except RoadError as error:
            return self._refused(http, SYSTEM, error.rule, error.reply(http.headers.get("Accept", "")))

    async def forward(self, http: web.BaseRequest) -> web.StreamResponse:
        """Forwards a request to the adapter of a security server; returns the provider's answer or the adapter's."""
        try:
            target = read_address(http.rel_url, self._country.directory)
            body = await self._body_for(target, http)
            path = f"{self._country.address}{target.provider.prefix}{target.path}"
            url = URL(f"{path}?{target.query}" if target.query else path, encoded=True)
            return await self._answered(http, url, passed_on(http.headers.items(), str(uuid4())), body, ())
        except RoadError as error:
            return response_of(AdapterError(str(error)).reply())
        except AdapterError as error:
            return self._refused(http, xrd_adapter.SYSTEM, error.rule, error.reply())

    async def _body_for(self, target: Forwarded, http: web.BaseRequest) -> bytes:
        if target.provider.system not in self._country.services:
            raise AdapterError("the destination does not answer")
        body, refusal = await read_body(http)
        if refusal is not None:
            raise AdapterError("the body cannot be read", "body: too long, or not encoded as its headers say")
        return body

    def _refused(self, http: web.BaseRequest, system: str, rule: str, reply: Reply) -> web.StreamResponse:
        """Writes the journal's entry of a request that went no further; returns *reply* for it."""
        refused = Request(http.method, http.path, {}, {}, b"")
        refused.decide("refused")
        if rule:
            refused.breach(rule)
        entry = Entry(system, None, http.method, hidden(http.path), self._country.clock.now(), {})
        self._country.journal.arrived(entry)
        entry.status = reply.status
        self._country.journal.decided(entry, refused, reply.status)
        self._country.journal.finished(entry)
        return response_of(reply)

    async def _carried(self, http: web.BaseRequest) -> web.StreamResponse:
        address = Address.read(http.rel_url.raw_path)
        client = client_of(http.headers.getall("X-Road-Client", ()))
        provider = self._country.directory.provider(client, address.service)
        if provider.system not in self._country.services:
            raise RoadError("Server.ServerProxy.NetworkError", f"Connect to {provider.system} failed")
        body, refusal = await read_body(http)
        if refusal is not None:
            raise bad_request("body: too long, or not encoded as its headers say")
        target = http.rel_url.raw_path + (f"?{http.rel_url.raw_query_string}" if http.rel_url.raw_query_string else "")
        request_id = str(uuid4())
        headers = passed_on(http.headers.items(), request_id)
        added = (
            ("X-Road-Client", client),
            ("X-Road-Service", address.service),
            ("X-Road-Id", next(value for name, value in headers if name.lower() == "x-road-id")),
            ("X-Road-Request-Id", request_id),
            ("X-Road-Request-Hash", request_hash(http.method, target, headers, body)),
        )
        asked = (("X-Forwarded-Host", http.host), ("X-Forwarded-Uri", http.rel_url.raw_path))
        return await self._answered(http, self._url(provider, address, http), (*headers, *asked), body, added)

    def _url(self, provider: Provider, address: Address, http: web.BaseRequest) -> URL:
        query = http.rel_url.raw_query_string
        path = f"{self._country.address}{provider.prefix}{address.rest}"
        return URL(f"{path}?{query}" if query else path, encoded=True)

    async def _answered(
        self, http: web.BaseRequest, url: URL, headers: Headers, body: bytes, added: Headers
    ) -> web.StreamResponse:
        try:
            answer = await self._session.request(
                http.method, url, headers=headers, data=body or None, allow_redirects=False
            )
        except aiohttp.ClientConnectorError as failed:
            raise RoadError("Server.ServerProxy.NetworkError", f"Connect to {url.authority} failed") from failed
        except (TimeoutError, aiohttp.ClientError) as failed:
            raise RoadError("Server.ServerProxy.ServiceFailed", "The service provider did not answer") from failed
        async with answer:
            try:
                held, whole = await _held(answer)
            except (TimeoutError, aiohttp.ClientError) as failed:
                message = "The service provider's answer ended too early"
                raise RoadError("Server.ServerProxy.ServiceFailed", message) from failed
            response = web.StreamResponse(status=answer.status)
            for name, value in (*given_back(answer.headers.items()), *added):
                response.headers.add(name, value)
            if whole:
                response.content_length = len(held)
            await response.prepare(http)
            await response.write(held)
            if not whole:
                await _streamed(http, response, answer)
            await response.write_eof()
            return response


@asynccontextmanager
async def open_road(country: Country) -> AsyncIterator[Road]:
    """Opens the road while the block runs; it sends each message once."""
    patience_s = country.road_patience_s
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=patience_s, sock_read=patience_s)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=True, limit=0),
        timeout=timeout,
        auto_decompress=False,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
    ) as session:
        # aiohttp repeats a GET on its own when a connection breaks.
        session._retry_connection = False  # noqa: SLF001  # it has no public switch; aiohttp's own test client does this
        yield Road(country, session)


async def _held(answer: aiohttp.ClientResponse) -> tuple[bytes, bool]:
    """Returns the first bytes, and True when the answer has no more."""
    held = bytearray()
    async for chunk in answer.content.iter_any():
        held += chunk
        if len(held) > HELD:
            return bytes(held), False
    return bytes(held), True


async def _streamed(http: web.BaseRequest, response: web.StreamResponse, answer: aiohttp.ClientResponse) -> None:
    """Streams the rest of a long answer; when it breaks, the caller's connection is closed too."""
    try:
        async for chunk in answer.content.iter_any():
            await response.write(chunk)
    except (TimeoutError, aiohttp.ClientError):
        if http.transport is not None:
            http.transport.abort()
