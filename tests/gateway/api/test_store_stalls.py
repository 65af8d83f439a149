"""Routes that lean on the store, where it has taken a statement and does not answer."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol, cast

import orjson
import pytest
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request

from gateway.api.auth import KeyGrant, Keyring
from gateway.api.inbox import STORE_S, InboxApi
from gateway.api.operators import Operator, OperatorAccess
from gateway.api.ops_dossiers import DossiersApi
from gateway.api.ops_inbox import InboxOpsApi
from gateway.api.ops_orders import MANY_S, OrdersApi
from gateway.api.routes import Request, Routes
from gateway.core.problems import Overloaded
from gateway.durable.in_time import DEED_S
from gateway.testing.clock import FakeClock

KEY: Final = "lgsp_tests_" + "k" * 32
DIGEST: Final = hashlib.sha256(KEY.encode()).digest()
WHY: Final = {"reason": "they called"}
LANE: Final = "/api/lanes/register/D1"
MESSAGE: Final = {"key": "D1", "seq": 1}


class Silent:
    """Any desk whose store does not answer."""

    systems = targets = frozenset({"register"})

    def __getattr__(self, name: str) -> Callable[..., Awaitable[object]]:
        async def ask(*_: object, **__: object) -> object:
            return await asyncio.Event().wait()

        return ask


class Api(Protocol):
    """Handlers of some routes."""

    def add_to(self, routes: Routes) -> None: ...


@pytest.fixture
def routes(clock: FakeClock) -> Routes:
    """All of them."""
    found, desk = Routes(), cast("Any", Silent())
    access = OperatorAccess({DIGEST: Operator("lan", frozenset({"read", "act"}))})
    keys = Keyring([KeyGrant("shop", DIGEST, ("inbox",))], ["inbox"])
    apis: list[Api] = [
        OrdersApi(desk, access, clock),
        DossiersApi(desk, desk, access, clock),
        InboxOpsApi(desk, frozenset(), access, clock),
        InboxApi(desk, keys, clock, lambda _: None),
    ]
    for api in apis:
        api.add_to(found)
    return found


@pytest.mark.parametrize(
    ("method", "path", "body", "seconds"),
    [
        ("POST", "/api/pause", {**WHY, "target": "register"}, MANY_S),
        ("POST", "/api/resume", {**WHY, "target": "register"}, DEED_S),
        ("GET", "/api/pauses", None, DEED_S),
        ("GET", "/api/lanes", None, DEED_S),
        ("GET", LANE, None, DEED_S),
        ("POST", f"{LANE}/retry", WHY, DEED_S),
        ("POST", f"{LANE}/edit", {**WHY, "body": {}}, DEED_S),
        ("POST", "/api/lanes/register/retry", {**WHY, "keys": ["D1"]}, MANY_S),
        ("POST", "/api/lanes/register/retry", {**WHY, "filter": {}}, DEED_S),
        ("GET", "/api/dossiers/D1", None, DEED_S),
        ("POST", "/api/dossiers/repair", {**WHY, "system": "register", "messages": [MESSAGE]}, MANY_S),
        ("GET", "/api/worth?system=register&month=2026-11", None, MANY_S),
        ("GET", "/api/inbox", None, DEED_S),
        ("GET", "/api/inbox/pulls", None, DEED_S),
        ("POST", "/api/inbox/1/retry-files", WHY, DEED_S),
        ("GET", "/v1/inbox", None, STORE_S),
        ("GET", "/v1/inbox/1", None, STORE_S),
        ("POST", "/v1/inbox/1/ack", {}, STORE_S),
        ("GET", "/v1/inbox/1/files/1", None, STORE_S),
    ],
)
async def test_request_ends_where_the_store_stops_to_answer(
    routes: Routes, clock: FakeClock, method: str, path: str, body: dict[str, Any] | None, seconds: float
) -> None:
    """With 503 and the reason ``store``, as where it can't be reached; nobody waits for a wire that nobody mends."""
    target, _, query = path.partition("?")
    found = routes.find(method, target)
    http = make_mocked_request(
        method,
        path,
        headers={"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
        payload=payload(b"" if body is None else orjson.dumps(body)),
    )
    request = Request(http, "id", 0.0, target, query)
    request.path_values = found.path_values
    asked = asyncio.ensure_future(found.handler(request))
    await clock.advance(seconds - 1)
    assert not asked.done()
    await clock.advance(1)

    with pytest.raises(Overloaded) as refused:
        await asked
    assert refused.value.reason == "store"


def payload(body: bytes) -> StreamReader:
    """A body that has arrived."""
    loop = asyncio.get_running_loop()
    reader = StreamReader(BaseProtocol(loop), 2**16, loop=loop)
    reader.feed_data(body)
    reader.feed_eof()
    return reader
