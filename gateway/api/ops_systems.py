"""The operator's API for national systems: isolate, release, planned maintenance, close a breaker, purge answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from difflib import get_close_matches
from typing import Final, TypeVar

from aiohttp import web
from pydantic import Field

from gateway.api.operators import OperatorAccess
from gateway.api.ops_bodies import BODY_LIMIT, Instant, Name, Reason, json_of
from gateway.api.request import query_from_json, read_object
from gateway.api.response import instant
from gateway.api.routes import Request, Routes
from gateway.core.canonical import Canonical
from gateway.core.interventions import Isolation
from gateway.core.mistakes import Mistake
from gateway.core.problems import Conflict, FieldError, InvalidRequest, NotFound
from gateway.operating import EVERYTHING, By, SystemsDesk

LONGEST_MINUTES: Final = 7 * 24 * 60
"""Of an isolation: who forgets one must meet it again."""
LONGEST_DAYS: Final = 30
MOST_PLANNED: Final = 50
"""Isolations and maintenances of one upstream that have not ended."""
B = TypeVar("B", bound=Canonical)


class IsolateBody(Canonical):
    reason: Reason
    minutes: float = Field(gt=0, le=LONGEST_MINUTES, allow_inf_nan=False)


class ReasonBody(Canonical):
    reason: Reason


class MaintenanceBody(Canonical):
    reason: Reason
    starts: Instant = Field(alias="from")
    until: Instant


class PurgeBody(Canonical):
    reason: Reason
    operation: Name
    subject: Name | None = None


@dataclass(frozen=True, slots=True)
class SystemsApi:
    """The handlers; *operations* are all of the deployment as ``connector.operation``."""

    desk: SystemsDesk
    operations: Sequence[str]
    access: OperatorAccess

    def add_to(self, routes: Routes) -> None:
        """Adds the routes."""
        upstream = "/api/upstreams/{connector}/{upstream}"
        for method, path, handler in (
            ("POST", f"{upstream}/isolate", self.isolate),
            ("POST", f"{upstream}/release", self.release),
            ("POST", f"{upstream}/close-breaker", self.close_breaker),
            ("POST", f"{upstream}/maintenance", self.announce),
            ("POST", f"{upstream}/maintenance/{{number}}/withdraw", self.withdraw),
            ("GET", "/api/isolations", self.isolations),
            ("POST", "/api/purge", self.purge),
        ):
            routes.add(method, path, handler)

    async def isolate(self, request: Request) -> web.Response:
        names, wanted = self._names(request), await _body(request, IsolateBody)
        await self._has_room(names)
        kept = await self.desk.isolate(self._by(request, wanted.reason), names, wanted.minutes)
        return json_of(shown(kept))

    async def release(self, request: Request) -> web.Response:
        names, wanted = self._names(request), await _body(request, ReasonBody)
        ended = await self.desk.release(self._by(request, wanted.reason), names)
        return json_of({"connector": names[0], "upstream": names[1], "was_isolated": ended > 0})

    async def close_breaker(self, request: Request) -> web.Response:
        names, wanted = self._names(request), await _body(request, ReasonBody)
        if self.desk.is_isolated(names):
            raise Conflict(reason="isolated")
        was = await self.desk.close_breaker(self._by(request, wanted.reason), names)
        return json_of({"connector": names[0], "upstream": names[1], "was": was})

    async def announce(self, request: Request) -> web.Response:
        names, wanted = self._names(request), await _body(request, MaintenanceBody)
        now = self.desk.clock.now()
        if wanted.until <= max(now, wanted.starts):
            raise InvalidRequest(errors=[FieldError("/until", _ENDS_FIRST)])
        if (wanted.until - max(now, wanted.starts)).days >= LONGEST_DAYS:
            raise InvalidRequest(errors=[FieldError("/until", _TOO_LONG)])
        await self._has_room(names)
        by = self._by(request, wanted.reason)
        kept = await self.desk.announce(by, names, wanted.starts.astimezone(UTC), wanted.until.astimezone(UTC))
        return json_of(shown(kept))

    async def withdraw(self, request: Request) -> web.Response:
        names, wanted = self._names(request), await _body(request, ReasonBody)
        number = request.path_values["number"]
        known = number.isascii() and number.isdigit() and len(number) < 19
        if not known or not await self.desk.withdraw(self._by(request, wanted.reason), names, int(number)):
            raise NotFound(reason="no_maintenance")
        return json_of({"connector": names[0], "upstream": names[1], "id": int(number)})

    async def isolations(self, _: Request) -> web.Response:
        return json_of([shown(one) for one in await self.desk.standing()])

    async def purge(self, request: Request) -> web.Response:
        wanted = await _body(request, PurgeBody)
        connector, operation = self._target(wanted.operation)
        if wanted.subject is not None and not connector:
            raise InvalidRequest(errors=[FieldError("/subject", _SUBJECT_OF_ALL)])
        by = self._by(request, wanted.reason)
        await self.desk.purge(by, connector, operation, wanted.subject or "")
        return json_of({"purged": wanted.operation, "by_subject": wanted.subject is not None})

    def _by(self, request: Request, reason: str) -> By:
        return By(self.access.who(request.http), reason)

    def _names(self, request: Request) -> tuple[str, str]:
        names = request.path_values["connector"], request.path_values["upstream"]
        if names in self.desk.breakers:
            return names
        near = _near("/".join(names), ["/".join(one) for one in self.desk.breakers])
        mistake = Mistake(
            "unknown_name",
            f"is not configured here; the nearest names are {near}",
            f"không được cấu hình ở đây; các tên gần nhất là {near}",
        )
        raise NotFound(reason="unknown_upstream", errors=[FieldError("/upstream", mistake)])

    def _target(self, operation: str) -> tuple[str, str]:
        """Connector and operation of ``connector.operation``, ``connector.*`` or ``*``; empty: all of them."""
        if operation == EVERYTHING:
            return "", ""
        connector, _, name = operation.partition(".")
        if operation in self.operations:
            return connector, name
        known = {one.partition(".")[0] for one in self.operations}
        if name == EVERYTHING and connector in known:
            return connector, ""
        near = _near(operation, self.operations)
        mistake = Mistake(
            "unknown_name",
            f"is not an operation here; the nearest names are {near}",
            f"không phải thao tác ở đây; các tên gần nhất là {near}",
        )
        raise InvalidRequest(errors=[FieldError("/operation", mistake)])

    async def _has_room(self, names: tuple[str, str]) -> None:
        if len(await self.desk.standing(names)) >= MOST_PLANNED:
            raise Conflict(reason="too_many_isolations")


def shown(one: Isolation) -> dict[str, object]:
    """An isolation as the operator is told it."""
    return {
        "id": one.id,
        "connector": one.connector,
        "upstream": one.upstream,
        "kind": one.kind,
        "from": instant(one.starts),
        "until": instant(one.ends),
        "who": one.who,
        "why": one.why,
    }


def _near(asked: str, known: Sequence[str]) -> str:
    return ", ".join(get_close_matches(asked, known, 3) or sorted(known)[:3])


async def _body(request: Request, model: type[B]) -> B:
    request.write = True
    found = query_from_json(model, await read_object(request.http, BODY_LIMIT))
    assert isinstance(found, model)
    return found


_ENDS_FIRST: Final = Mistake(
    "ends_first", "must be later than from, and than now", "phải sau thời điểm bắt đầu (from) và sau bây giờ"
)
_TOO_LONG: Final = Mistake("too_long", f"must be within {LONGEST_DAYS} days", f"phải trong vòng {LONGEST_DAYS} ngày")
_SUBJECT_OF_ALL: Final = Mistake(
    "subject_of_all",
    "needs the operation or connector that it is a subject of",
    "cần thao tác hoặc kết nối mà đối tượng này thuộc về",
)
