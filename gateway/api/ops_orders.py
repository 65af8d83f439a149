"""The operator's API for orders: pauses, lanes, and the record of actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any, Final

from aiohttp import web
from pydantic import Field, ValidationError

from gateway.api.operators import OperatorAccess
from gateway.api.ops_bodies import BODY_LIMIT, MOST, Instant, Name, Reason, json_of, unknown_system
from gateway.api.request import clean, fields_of_query, invalid, query_from_json, query_from_text, read_object
from gateway.api.routes import Handler, Request, Routes
from gateway.core.canonical import Canonical
from gateway.core.clock import Clock
from gateway.core.mistakes import Mistake
from gateway.core.problems import Conflict, FieldError, InvalidRequest, NotFound, Overloaded, UnknownRoute
from gateway.durable.desk import Desk, Effect
from gateway.durable.in_time import in_time
from gateway.durable.lanes.operating import Deed, Filter, LaneState
from gateway.durable.store import StoreUnavailable

MANY_S: Final = 15.0
"""Seconds for what waits for messages that are just leaving, or touches thousands of them."""
DEEDS: Final[Mapping[str, Deed]] = {"retry": "retry", "edit": "edit", "skip": "skip", "cancel": "cancel"}


class PauseBody(Canonical):
    reason: Reason
    target: Name
    until: Instant | None = None


class ResumeBody(Canonical):
    reason: Reason
    target: Name


class DeedBody(Canonical):
    reason: Reason
    body: dict[str, Any] | None = None
    dry_run: bool = False


class FilterBody(Canonical):
    state: LaneState = "parked"
    reason: Name | None = None


class ManyBody(Canonical):
    reason: Reason
    keys: tuple[Name, ...] | None = Field(default=None, max_length=MOST)
    filter: FilterBody | None = None
    dry_run: bool = False


class LanesQuery(Canonical):
    state: LaneState = "any"
    system: Name | None = None
    reason: Name | None = None
    limit: int = Field(default=100, ge=1, le=MOST)


@dataclass(frozen=True, slots=True)
class OrdersApi:
    """The handlers; *access* tells who acts, *clock* is the machine's."""

    desk: Desk
    access: OperatorAccess
    clock: Clock

    def add_to(self, routes: Routes) -> None:
        """Adds the routes."""
        for method, path, handler in (
            ("POST", "/api/pause", self.pause),
            ("POST", "/api/resume", self.resume),
            ("GET", "/api/pauses", self.pauses),
            ("GET", "/api/lanes", self.lanes),
            ("GET", "/api/lanes/{system}/{key}", self.lane),
            ("POST", "/api/lanes/{system}/{key}/{action}", self.act),
            ("POST", "/api/lanes/{system}/{action}", self.act_on_many),
        ):
            routes.add(method, path, guarded(handler))

    async def pause(self, request: Request) -> web.Response:
        wanted = await _body(request, PauseBody)
        self._check_target(wanted.target)
        who = self.access.who(request.http)
        await in_time(self.clock, self.desk.pause(who, wanted.reason, wanted.target, wanted.until), MANY_S)
        return json_of({"target": wanted.target, "until": wanted.until, "paused": True})

    async def resume(self, request: Request) -> web.Response:
        wanted = await _body(request, ResumeBody)
        self._check_target(wanted.target)
        who = self.access.who(request.http)
        found = await in_time(self.clock, self.desk.resume(who, wanted.reason, wanted.target))
        return json_of({"target": wanted.target, "paused": False, "was_paused": found})

    async def pauses(self, _: Request) -> web.Response:
        return json_of([asdict(one) for one in await in_time(self.clock, self.desk.paused())])

    async def lanes(self, request: Request) -> web.Response:
        wanted = query_from_text(LanesQuery, fields_of_query(request.query_string))
        assert isinstance(wanted, LanesQuery)
        if wanted.system is not None:
            await self._check_system(wanted.system)
        found = Filter(wanted.system, wanted.state, None, wanted.reason)
        return json_of(await in_time(self.clock, self.desk.lanes(found, wanted.limit)))

    async def lane(self, request: Request) -> web.Response:
        found = await in_time(self.clock, self.desk.lane(request.path_values["system"], request.path_values["key"]))
        if found is None:
            raise NotFound(reason="no_lane")
        return json_of(found)

    async def act(self, request: Request) -> web.Response:
        deed, wanted = _deed(request), await _body(request, DeedBody)
        who, system, key = self.access.who(request.http), request.path_values["system"], request.path_values["key"]
        if (deed == "edit") != (wanted.body is not None):
            raise InvalidRequest(errors=[FieldError("/body", _BODY_OF_EDIT)])
        if wanted.body is not None:
            editing = self.desk.edit(who, wanted.reason, system, key, wanted.body, dry_run=wanted.dry_run)
            try:
                effect = await in_time(self.clock, editing)
            except ValidationError as error:
                raise InvalidRequest(reason="edited_order", errors=invalid(error, "/body").errors) from None
            return json_of(shown([effect], dry_run=wanted.dry_run))
        acting = self.desk.act(who, wanted.reason, deed, system, [key], dry_run=wanted.dry_run)
        effects = await in_time(self.clock, acting)
        if not effects:
            raise NotFound(reason="no_lane")
        if effects[0].hindrance is not None:
            raise Conflict(reason=effects[0].hindrance)
        return json_of(shown(effects, dry_run=wanted.dry_run))

    async def act_on_many(self, request: Request) -> web.Response:
        deed, wanted = _deed(request), await _body(request, ManyBody)
        if deed == "edit":
            raise UnknownRoute(reason="operator_route")
        if (wanted.keys is None) == (wanted.filter is None):
            raise InvalidRequest(errors=[FieldError("/keys", _KEYS_OR_FILTER)])
        who, system = self.access.who(request.http), request.path_values["system"]
        await self._check_system(system)
        keys = wanted.keys
        if keys is None and wanted.filter is not None:
            found = Filter(system, wanted.filter.state, None, wanted.filter.reason)
            keys = tuple(row["key"] for row in await in_time(self.clock, self.desk.lanes(found, MOST)))
        acting = self.desk.act(who, wanted.reason, deed, system, keys or (), dry_run=wanted.dry_run)
        effects = await in_time(self.clock, acting, MANY_S)
        known = {one.key for one in effects}
        unknown = [key for key in dict.fromkeys(wanted.keys or ()) if key not in known]
        return json_of({**shown(effects, dry_run=wanted.dry_run), "unknown": unknown})

    async def _check_system(self, system: str) -> None:
        """Refuses a name that never had an order: "none waits" would be taken for an answer about the one meant."""
        if system not in self.desk.systems and not await in_time(self.clock, self.desk.has_had(system)):
            raise unknown_system(self.desk.systems)

    def _check_target(self, target: str) -> None:
        if target in self.desk.targets:
            return
        near = get_close_matches(target, self.desk.targets, 1)
        known = ", ".join(sorted(self.desk.targets))
        hint = f"did you mean {near[0]}?" if near else f"known: {known}"
        hint_vi = f"có phải {near[0]}?" if near else f"hiện có: {known}"
        mistake = Mistake("unknown_target", f"can't be paused; {hint}", f"không có đối tượng này; {hint_vi}")
        raise InvalidRequest(errors=[FieldError("/target", mistake)])


_BODY_OF_EDIT: Final = Mistake(
    "body_of_edit", "give body to an edit, and to no other action", "chỉ ghi body khi sửa (edit)"
)
_KEYS_OR_FILTER: Final = Mistake(
    "keys_or_filter", "give either keys or filter", "ghi keys hoặc filter, chỉ một trong hai"
)


def shown(effects: list[Effect], *, dry_run: bool) -> dict[str, object]:
    """The effects of a deed as the operator is told them."""
    done = [asdict(one) for one in effects if one.hindrance is None]
    left = [asdict(one) for one in effects if one.hindrance is not None]
    return {"dry_run": dry_run, "done": done, "left": left}


def _deed(request: Request) -> Deed:
    deed = DEEDS.get(request.path_values["action"])
    if deed is None:
        raise UnknownRoute(reason="operator_route")
    return deed


async def _body(request: Request, model: type[Any]) -> Any:
    return query_from_json(model, await read_object(request.http, BODY_LIMIT))


def guarded(handler: Handler) -> Handler:
    """*handler*, where the store's absence is a problem that tells so; it gets no name that a store can't look for."""

    async def guarded(request: Request) -> web.StreamResponse:
        request.write = request.http.method != "GET"
        request.path_values = clean(dict(request.path_values))
        try:
            return await handler(request)
        except StoreUnavailable as error:
            raise Overloaded("The store can't be reached now.", reason="store") from error

    return guarded
