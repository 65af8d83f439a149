"""A portal developer in a test: asks a running gateway over a real socket."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from gateway.app import Gateway
from gateway.registry import OperationPlan

KEY: Final = "lgsp_laptop_only"
PURPOSE: Final[Mapping[str, str]] = {"X-Dossier-Id": "000.00.04.H58-261124-0001", "X-User-Id": "canbo.test"}
PROBLEM: Final = "application/problem+json"


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)

    @property
    def media_type(self) -> str:
        """The body's media type without parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0]

    @property
    def verdict(self) -> tuple[int, str]:
        """Status and code of a problem; a body that is none fails the test."""
        assert self.media_type == PROBLEM, (self.status, self.media_type, self.body[:300])
        assert self.json["status"] == self.status
        return self.status, self.json["code"]

    @property
    def pointers(self) -> list[str]:
        """Where the problem says that the request is wrong."""
        return [item["pointer"] for item in self.json.get("errors", ())]


@dataclass(frozen=True, slots=True)
class Portal:
    """Asks *gateway*; key and purpose are sent unless a test says otherwise."""

    gateway: Gateway
    session: aiohttp.ClientSession

    def plan(self, operation: str) -> OperationPlan:
        """The running gateway's plan of *operation*."""
        return next(
            item for item in self.gateway.plan.operations if f"{item.connector.name}.{item.operation.name}" == operation
        )

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        key: str | None = KEY,
        purpose: bool = True,
    ) -> Answered:
        """One request; *path* is sent as it stands, *body* as JSON unless it is bytes."""
        sent: CIMultiDict[str] = CIMultiDict(PURPOSE if purpose else {})
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        if data is not None:
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        # aiohttp warns of larger bodies as plain bytes.
        payload = io.BytesIO(data) if data is not None and len(data) > 1_000_000 else data
        url = URL(self.gateway.url + path, encoded=True)
        async with self.session.request(method, url, data=payload, headers=sent, allow_redirects=False) as answer:
            return Answered(answer.status, answer.headers, await answer.read())

    async def look_up(
        self, operation: str, sample: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Answered:
        """*sample* of ``/__mock/samples`` as a request of *operation*."""
        item = self.plan(operation)
        method, path = item.operation.method, f"/v1/{item.connector.slug}/{item.operation.path}"
        for name, value in sample.get("path", {}).items():
            path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        if fields := sample.get("query"):
            path += f"?{urlencode(fields)}"
        body = sample.get("body", {}) if item.operation.has_body() else None
        # The same order has the same key, another order another.
        key = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        sent = {"Idempotency-Key": key} if item.operation.idempotency_key else {}
        if (own := item.operation.purpose_from) is not None:
            fields = body if isinstance(body, Mapping) else {}
            sent["X-Dossier-Id"] = {**PURPOSE, **sample.get("path", {}), **fields}.get(own, PURPOSE["X-Dossier-Id"])
        return await self.ask(method, path, body=body, headers={**sent, **(headers or {})})

    async def raw(self, request: bytes) -> Answered:
        """Bytes as they are, on a connection of their own, and the first answer that comes back."""
        where = urlsplit(self.gateway.url)
        assert where.hostname is not None
        assert where.port is not None
        return await ask_raw(where.hostname, where.port, request)


async def ask_raw(host: str, port: int, request: bytes) -> Answered:
    """The first answer to these bytes on a connection of their own."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(request)
        await writer.drain()
        return await _read_answer(reader)
    finally:
        writer.close()


async def _read_answer(reader: asyncio.StreamReader) -> Answered:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(head[0].split(" ")[1])
    pairs = [line.partition(":")[::2] for line in head[1:] if line]
    headers = CIMultiDictProxy(CIMultiDict((name, value.strip()) for name, value in pairs))
    body = await reader.readexactly(int(headers.get("Content-Length", "0")))
    return Answered(status, headers, body)


def wire(
    method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"", key: str = KEY
) -> bytes:
    """An HTTP/1.1 request with exactly these headers besides Host and Authorization."""
    lines = [f"{method} {path} HTTP/1.1", "Host: gateway.test", f"Authorization: Bearer {key}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
