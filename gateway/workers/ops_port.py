"""The operator's port of several workers: each answer is that of all.

``/metrics``, ``/connectors`` and ``/readyz`` ask every worker; everything else is asked of one of them, always the same
while it lives, because sessions are kept by a process. Rights are looked at by the workers.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp
import orjson
from aiohttp import hdrs, web
from multidict import CIMultiDict

from gateway.api.event_stream import WRITE_S
from gateway.api.server import HttpServer, Room
from gateway.core.clock import Clock
from gateway.core.problems import GatewayError, Overloaded
from gateway.observe.sharing import Workers
from gateway.settings.listen import Listen
from gateway.workers.merging import Exposition, Values, add, merged, merged_listing

PATIENCE_S: Final = 2.0
"""A worker that does not answer for so long is left out of the answer of all."""
HOP_BY_HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "host"})
RELOAD: Final = "/api/reload"
_ALL: Final = "http://worker"


@dataclass(frozen=True, slots=True)
class Member:
    """A worker that answers: its slot, its process and its socket."""

    slot: int
    pid: int
    socket: Path


@dataclass(frozen=True, slots=True)
class Told:
    """The answer of one worker."""

    member: Member
    status: int
    headers: Mapping[str, str]
    body: bytes


class OpsPort:
    """Answers on the operator's port.

    Args:
        members: The workers that answer now, by slot.
        workers: How many there should be.
        restarts: How often each slot was filled anew.
        reload_others: Lets all workers but the one of this slot read their configuration again.
    """

    def __init__(
        self,
        members: Callable[[], Sequence[Member]],
        workers: int,
        restarts: Callable[[], Sequence[int]],
        reload_others: Callable[[int], None],
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._members = members
        self._workers = workers
        self._own = Workers(self._answering, restarts)
        self._reload_others = reload_others
        self._ended: dict[str, Values] = {}
        self._last: dict[int, tuple[int, Exposition]] = {}
        self._sessions: dict[Path, aiohttp.ClientSession] = {}
        self._ids = itertools.count(1)
        self._of_all = {"/readyz": self._readyz, "/metrics": self._metrics, "/connectors": self._connectors}
        self._runner: web.ServerRunner | None = None
        self.leaving = False

    async def open(self, where: Listen) -> str:
        """Listens, and gives the address; raises :class:`OSError`."""
        server = HttpServer(self.answer, self._next_id, room=Room(where.connections, where.silent_connections))
        self._server = server
        self._runner = runner = web.ServerRunner(server, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, where.host, where.port).start()
        host, port = runner.addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def close(self) -> None:
        """Ends it."""
        if self._runner is not None:
            await self._runner.cleanup()
        for session in self._sessions.values():
            await session.close()

    def _next_id(self) -> str:
        return f"{os.getpid():x}-{next(self._ids):08x}"

    async def answer(self, http: web.BaseRequest) -> web.StreamResponse:
        """The answer of all, or of one."""
        try:
            if http.method in {hdrs.METH_GET, hdrs.METH_HEAD}:
                if http.path == "/livez":
                    return web.Response(text="ok\n")
                if (of_all := self._of_all.get(http.path)) is not None:
                    return await of_all(http)
            return await self._pass_on(http)
        except GatewayError as error:
            headers, body = self._server.refusal(error)
            return web.Response(status=error.status, headers=headers, body=body)

    # ---- of all

    async def _readyz(self, http: web.BaseRequest) -> web.Response:
        told = await self._ask_all(http)
        ready = [one for one in told if one.status == 200]
        checks = orjson.loads((ready or told)[0].body).get("checks", {}) if told else {}
        checks["workers"] = "leaving" if self.leaving else f"{len(ready)} of {self._workers}"
        well = bool(ready) and not self.leaving
        body = orjson.dumps({"ready": well, "checks": checks})
        return web.Response(status=200 if well else 503, body=body, content_type="application/json")

    async def _metrics(self, http: web.BaseRequest) -> web.Response:
        told = await self._ask_all(http)
        if (refused := _refused(told)) is not None:
            return refused
        for one in told:
            self._take(one.member, Exposition(one.body.decode()))
        kind = next((one.headers.get(hdrs.CONTENT_TYPE, "") for one in told), "text/plain; version=0.0.4")
        known = [exposition for _, exposition in self._last.values()]
        openmetrics = "openmetrics" in kind
        text = merged(known, self._ended) + self._own.text(openmetrics=openmetrics)
        end = "# EOF\n" if openmetrics else ""
        return web.Response(body=(text + end).encode(), headers={hdrs.CONTENT_TYPE: kind})

    def _take(self, member: Member, exposition: Exposition) -> None:
        """Keeps the last that each worker has said; what one before it in its slot had counted is added for good."""
        before = self._last.get(member.slot)
        if before is not None and before[0] != member.pid:
            add(self._ended, before[1])
        self._last[member.slot] = member.pid, exposition

    def _answering(self) -> list[bool]:
        slots = {member.slot for member in self._members()}
        return [slot in slots for slot in range(self._workers)]

    async def _connectors(self, http: web.BaseRequest) -> web.Response:
        told = await self._ask_all(http)
        if (refused := _refused(told)) is not None:
            return refused
        data = merged_listing([orjson.loads(one.body)["data"] for one in told])
        return web.Response(body=orjson.dumps({"data": data}), content_type="application/json")

    async def _ask_all(self, http: web.BaseRequest) -> list[Told]:
        found = await asyncio.gather(*(self._ask(member, http) for member in self._members()))
        return [one for one in found if one is not None]

    async def _ask(self, member: Member, http: web.BaseRequest) -> Told | None:
        try:
            async with self._clock.timeout_at(self._clock.monotonic() + PATIENCE_S):
                session = self._session(member.socket)
                async with session.get(f"{_ALL}{http.path_qs}", headers=_passed(http), allow_redirects=False) as answer:
                    return Told(member, answer.status, dict(answer.headers), await answer.read())
        except (aiohttp.ClientError, OSError, TimeoutError):
            return None

    # ---- of one

    async def _pass_on(self, http: web.BaseRequest) -> web.StreamResponse:
        member = next(iter(self._members()), None)
        if member is None:
            raise Overloaded
        body = http.content if http.body_exists else None
        try:
            async with self._session(member.socket).request(
                http.method, f"{_ALL}{http.path_qs}", headers=_passed(http), data=body, allow_redirects=False
            ) as answer:
                if http.path == RELOAD and answer.ok:
                    self._reload_others(member.slot)
                return await self._streamed(http, answer)
        except (aiohttp.ClientConnectionError, OSError):
            raise Overloaded from None

    async def _streamed(self, http: web.BaseRequest, answer: aiohttp.ClientResponse) -> web.StreamResponse:
        """The answer as it comes; a reader that takes nothing for :data:`WRITE_S` is cut off."""
        headers = CIMultiDict((name, value) for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP)
        response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=headers)
        await response.prepare(http)
        try:
            async for chunk in answer.content.iter_any():
                async with self._clock.timeout_at(self._clock.monotonic() + WRITE_S):
                    await response.write(chunk)
        except TimeoutError as error:
            if http.transport is not None:
                http.transport.abort()
            raise ConnectionResetError("the answer was not taken") from error
        await response.write_eof()
        return response

    def _session(self, socket: Path) -> aiohttp.ClientSession:
        found = self._sessions.get(socket)
        if found is None:
            found = self._sessions[socket] = aiohttp.ClientSession(
                connector=aiohttp.UnixConnector(path=str(socket), limit=0),  # as many as the port takes
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=(hdrs.USER_AGENT, hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE),
            )
        return found


def _passed(http: web.BaseRequest) -> CIMultiDict[str]:
    """The headers of a request as the caller sent them; its Host is looked at by the worker."""
    found = CIMultiDict((name, value) for name, value in http.headers.items() if name.lower() not in HOP_BY_HOP)
    for host in http.headers.getall(hdrs.HOST, ()):
        found.add(hdrs.HOST, host)
    return found


def _refused(told: Sequence[Told]) -> web.Response | None:
    """The refusal of the first worker that refused; 503 where none answered."""
    if not told:
        raise Overloaded
    for one in told:
        if one.status != 200:
            headers = {name: value for name, value in one.headers.items() if name.lower() not in HOP_BY_HOP}
            headers.pop(hdrs.CONTENT_LENGTH, None)
            return web.Response(status=one.status, headers=headers, body=one.body)
    return None
