"""The typed client in a test: one call made by both clients, against a gateway of the test's own making."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Literal

import httpx
import respx

from lgsp_client import AsyncClient, Client

URL: Final = "http://gateway.test"
KEY: Final = "lgsp_test_key"
Style = Literal["sync", "async"]
STYLES: Final[tuple[Style, ...]] = ("sync", "async")
META: Final = {
    "system": "business_registry",
    "operation": "enterprise",
    "freshness": "live",
    "fetched_at": "2026-11-24T03:04:05Z",
    "age_seconds": 0,
    "request_id": "01TEST",
}
ENTERPRISE: Final = {"enterprise_code": "0300588569", "name": "Công ty", "status": "active"}
SUMMARY: Final = {"document_id": "1", "type": "law", "status": "in_force"}


def envelope(data: object, **meta: object) -> httpx.Response:
    """An answer of the gateway."""
    return httpx.Response(200, json={"data": data, "meta": {**META, **meta}})


def problem(code: str, status: int, **more: object) -> httpx.Response:
    """A problem of the gateway."""
    told = {"type": f"/problems/{code}", "title": "Title", "detail": "Detail.", "status": status, "code": code}
    known = {"fault": "caller", "retryable": False, "outcome": "not_done", "request_id": "01TEST"}
    return httpx.Response(
        status, json={**told, **known, **more}, headers={"Content-Type": "application/problem+json; charset=utf-8"}
    )


async def told(
    style: Style, router: respx.Router, call: Callable[[Any], Any], *, url: str = URL, **defaults: Any
) -> Any:
    """What *call* gives with a client of *style* whose requests *router* answers."""
    if style == "sync":
        transport = httpx.MockTransport(router.handler)
        with Client(url, KEY, transport=transport, **defaults) as client:
            return await asyncio.to_thread(call, client)
    async with AsyncClient(url, KEY, transport=httpx.MockTransport(router.async_handler), **defaults) as client:
        found: Awaitable[Any] = call(client)
        return await found


async def sent(
    style: Style, call: Callable[[Any], Any], answer: httpx.Response, *, url: str = URL, **defaults: Any
) -> httpx.Request:
    """The one request that *call* makes; *answer* is its answer."""
    router = respx.Router(assert_all_called=False)
    route = router.route().mock(return_value=answer)
    await told(style, router, call, url=url, **defaults)
    assert route.call_count == 1
    request: httpx.Request = route.calls.last.request
    return request


def line(request: httpx.Request) -> str:
    """Method and target as they stand in the request line."""
    return f"{request.method} {request.url.raw_path.decode('ascii')}"


def headers(request: httpx.Request, names: Mapping[str, object]) -> dict[str, str | None]:
    """The headers of *names*, None where one is not sent."""
    return {name: request.headers.get(name) for name in names}
