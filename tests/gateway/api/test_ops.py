"""The operator's port: who may read it, and under which name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
import pytest
from aiohttp import web

from gateway.api.auth import Keyring
from gateway.api.dispatch import Dispatcher
from gateway.api.operators import Operator, OperatorAccess, Sessions
from gateway.api.ops import ops_routes
from gateway.api.replay import HitReplay
from gateway.api.request_ids import RequestStamps
from gateway.api.server import HttpServer
from gateway.core.clock import SystemClock
from tests.support.portal import Answered, ask_raw

pytestmark = pytest.mark.asyncio(loop_scope="module")

READ: Final = "lgsp_reader_1"
ACT: Final = "lgsp_actor_1"
OPERATORS: Final = {
    hashlib.sha256(READ.encode()).digest(): Operator("reader", frozenset({"read"})),
    hashlib.sha256(ACT.encode()).digest(): Operator("actor", frozenset({"act"})),
}
BEYOND: Final = OperatorAccess(OPERATORS, frozenset({"lgsp.example"}))
ON_LOOPBACK: Final = OperatorAccess(OPERATORS, keys_asked=False)


@asynccontextmanager
async def port(access: OperatorAccess, *, ready: bool = True) -> AsyncIterator[int]:
    """The operator's port of nobody's gateway."""
    clock = SystemClock()
    pings = {"a": lambda: None, "b": lambda: None if ready else "leaving"}
    routes = ops_routes(pings, lambda _: (b"m 1\n", "text/plain"), list, access)

    async def acted(_: object) -> web.Response:
        return web.Response(text="acted")

    routes.add("POST", "/api/try", acted)
    replay = HitReplay(Keyring((), ()), clock)
    door = Dispatcher(routes, clock, RequestStamps(clock), replay, guard=access.check)
    runner = web.ServerRunner(HttpServer(door, door.new_id))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def asked(
    number: int, path: str, *, host: str = "127.0.0.1", key: str | None = None, method: str = "GET"
) -> Answered:
    """One request under *host* with *key*."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *([f"Authorization: Bearer {key}"] if key else [])]
    return await ask_raw("127.0.0.1", number, "\r\n".join([*lines, "Content-Length: 0", "", ""]).encode())


async def test_not_ready_says_why() -> None:
    """Readiness names each check, and what is wrong with it."""
    async with port(ON_LOOPBACK, ready=False) as number:
        answered = await asked(number, "/readyz")

    assert (answered.status, answered.json) == (503, {"ready": False, "checks": {"a": "ok", "b": "leaving"}})


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
@pytest.mark.parametrize("host", ["evil.example", "", "10.1.2.3"])
async def test_probes_need_neither_name_nor_key(path: str, host: str) -> None:
    """An orchestrator asks as it likes."""
    async with port(BEYOND) as number:
        answered = await asked(number, path, host=host)

    assert answered.status == 200


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:8081",
        "10.0.0.7",
        "[::1]:8081",
        "[fd00::7]",
        "localhost",
        "LocalHost:8081",
        "localhost.",
        "a.localhost",
        "lgsp.example",
        "LGSP.example:8081",
    ],
)
async def test_port_is_read_by_its_own_names(host: str) -> None:
    """Addresses, loopback names, and those of the configuration."""
    async with port(BEYOND) as number:
        answered = await asked(number, "/metrics", host=host, key=READ)

    assert (answered.status, answered.body) == (200, b"m 1\n")


@pytest.mark.parametrize("access", [ON_LOOPBACK, BEYOND], ids=["loopback", "beyond"])
@pytest.mark.parametrize("path", ["/metrics", "/connectors", "/", "/api/actions"])
@pytest.mark.parametrize(
    "host",
    ["evil.example", "", "127.0.0.1.evil.example", "lgsp.example.evil.example", "localhost.evil.example", "[::1", "1"],
)
async def test_another_name_is_misdirected(access: OperatorAccess, path: str, host: str) -> None:
    """A page whose name leads here must not read it by the browser of somebody who may; a key changes nothing."""
    async with port(access) as number:
        answered = await asked(number, path, host=host, key=READ)

    assert answered.verdict == (421, "misdirected-request")


@pytest.mark.parametrize("path", ["/metrics", "/connectors", "/", "/api/actions"])
@pytest.mark.parametrize(
    ("key", "verdict"),
    [
        (None, (401, "unauthenticated")),
        ("lgsp_other", (401, "unauthenticated")),
        ("lgsp_laptop_only", (401, "unauthenticated")),
        (ACT, (403, "forbidden")),
    ],
)
async def test_beyond_loopback_an_operators_key_is_asked_for(
    path: str, key: str | None, verdict: tuple[int, str]
) -> None:
    """Traffic and states of national systems are for operators who may read them."""
    async with port(BEYOND) as number:
        answered = await asked(number, path, key=key)

    assert answered.verdict == verdict


@pytest.mark.parametrize("path", ["/metrics", "/connectors", "/", "/api/actions"])
async def test_on_loopback_anybody_reads(path: str) -> None:
    """As it has been: who is on the machine may look."""
    async with port(ON_LOOPBACK) as number:
        answered = await asked(number, path)

    assert answered.status == (200 if path in {"/metrics", "/connectors"} else 404)


@pytest.mark.parametrize("access", [ON_LOOPBACK, BEYOND], ids=["loopback", "beyond"])
async def test_actions_always_want_a_key_for_them(access: OperatorAccess) -> None:
    """To read is no right to act, and loopback is none either."""
    async with port(access) as number:
        statuses = [(await asked(number, "/api/try", key=key, method="POST")).status for key in (None, READ, ACT)]

    assert statuses == [401, 403, 200]


async def test_unknown_route_is_a_problem() -> None:
    """Errors of the operator's port are problems as well, and say where routes of orders are."""
    async with port(ON_LOOPBACK) as number:
        answered = await asked(number, "/nowhere")
        paused = await asked(number, "/api/pause", key=ACT, method="POST")

    assert answered.verdict == (404, "unknown-route")
    assert json.loads(paused.body)["reason"] == "operator_route"
    assert "only with a store" in json.loads(paused.body)["detail"]
    assert "Server" not in answered.headers
    assert json.loads(answered.body)["request_id"] == answered.headers["X-Request-Id"]


async def test_a_session_ends_with_the_key_by_which_it_began() -> None:
    """A key that a new configuration leaves out, or gives other scopes, does not live on in a cookie."""
    sessions = Sessions(SystemClock())
    before = OperatorAccess(OPERATORS, sessions=sessions)
    left = {digest: one for digest, one in OPERATORS.items() if one.name != "reader"}
    async with (
        port(before) as number,
        aiohttp.ClientSession() as session,
        session.post(f"http://127.0.0.1:{number}/api/session", json={"key": READ}) as answer,
    ):
        cookies = {"lgsp_session": answer.cookies["lgsp_session"].value}
    with_cookie, same = [], OperatorAccess(OPERATORS, sessions=sessions)
    same.become(OperatorAccess(left))  # as handlers of an earlier configuration see it
    for access in (before, OperatorAccess(left, sessions=sessions), same):
        async with (
            port(access) as number,
            aiohttp.ClientSession(cookies=cookies) as session,
            session.get(f"http://127.0.0.1:{number}/metrics") as answer,
        ):
            with_cookie.append(answer.status)

    assert with_cookie == [200, 401, 401]
