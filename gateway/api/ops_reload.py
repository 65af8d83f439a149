"""``POST /api/reload``: reads the configuration again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
import structlog
from aiohttp import web

from gateway.api.operators import OperatorAccess
from gateway.api.ops_bodies import Reason
from gateway.api.request import query_from_json, read_object
from gateway.api.routes import Request, Routes
from gateway.core.canonical import Canonical
from gateway.core.mistakes import Mistake
from gateway.core.problems import Conflict, FieldError, Overloaded
from gateway.observe.configuration_metrics import ReloadResult

BODY_LIMIT = 4096
BY_PORT = "operator's port"
log = structlog.get_logger("gateway.api.reload")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a configuration is refused: the rule that it breaks, and a sentence with the place."""

    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class Reloaded:
    """The end of one reload."""

    result: ReloadResult
    fingerprint: str
    """Of the configuration in use."""
    changed: tuple[str, ...] = ()
    """The keys that differ from the configuration before, and the upstreams with other secrets."""
    refusal: Refusal | None = None


class Reloading(Protocol):
    """Reads the configuration again and takes it, or goes on with the one in use."""

    @property
    def can_reload(self) -> bool:
        """Whether there is a file to read again."""
        ...

    @property
    def refusal(self) -> Refusal | None:
        """Why the configuration as it was read last is not in use; None where it is."""
        ...

    async def reload(self, trigger: str, **told: str) -> Reloaded:
        """One reload; *trigger* and *told* go into the log."""
        ...


class ReloadBody(Canonical):
    reason: Reason | None = None


class ReloadApi:
    """The handler; *reloading* is given once there is something to replace. *record* keeps who did it and why."""

    def __init__(self, record: Callable[[str, str, Mapping[str, object]], Awaitable[None]]) -> None:
        self._record = record
        self.reloading: Reloading | None = None

    def add_ops_routes(self, routes: Routes, access: OperatorAccess) -> None:
        """Adds the route."""

        async def reload(request: Request) -> web.Response:
            return await self._reload(request, access.who(request.http))

        routes.add("POST", "/api/reload", reload)

    def ping(self) -> str | None:
        """Why the newest configuration is not in use, None where it is."""
        refusal = None if self.reloading is None else self.reloading.refusal
        return None if refusal is None else f"refused ({refusal.rule}), the configuration before goes on: {refusal.why}"

    async def _reload(self, request: Request, who: str) -> web.Response:
        request.write = True
        wanted = await _body_of(request.http)
        reloading = self.reloading
        if reloading is None or not reloading.can_reload:
            raise Conflict(reason="no_configuration_file")
        told = {"operator": who} if wanted.reason is None else {"operator": who, "reason": wanted.reason}
        done = await reloading.reload(BY_PORT, **told)
        await self._keep(who, wanted.reason or "", done)
        if done.refusal is not None:
            raise Conflict(reason="configuration_refused", errors=[FieldError("", mistake_of(done.refusal))])
        data: Mapping[str, Any] = {"result": done.result, "fingerprint": done.fingerprint, "changed": done.changed}
        return web.Response(body=orjson.dumps({"data": data}), content_type="application/json")

    async def _keep(self, who: str, why: str, done: Reloaded) -> None:
        """A reload is done whether it can be recorded or not: it may be what mends the store."""
        detail: dict[str, object] = {"result": done.result, "changed": list(done.changed)}
        if done.refusal is not None:
            detail["rule"] = done.refusal.rule
        try:
            await self._record(who, why, detail)
        except Overloaded:
            log.warning("a reload is not in the record of actions: the store is not well", operator=who)


def mistake_of(refusal: Refusal) -> Mistake:
    """A refusal as ``errors[]`` tells it; its code is the rule."""
    return Mistake(refusal.rule, refusal.why, f"cấu hình mới không được nhận (quy tắc {refusal.rule}): {refusal.why}")


async def _body_of(http: web.BaseRequest) -> ReloadBody:
    if not http.can_read_body:
        return ReloadBody()
    found = query_from_json(ReloadBody, await read_object(http, BODY_LIMIT))
    assert isinstance(found, ReloadBody)
    return found
