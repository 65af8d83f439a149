"""Administration routes under `/__mock`: systems, samples, journal, faults, scenarios, clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Annotated, Any, Final, Literal, TypeVar

import orjson
from aiohttp import web
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel, ValidationError

from mocks.engine import guard, xroad
from mocks.engine.country import Country
from mocks.engine.decisions import Mode, UnfitRepeat
from mocks.engine.faults import Plan, UnfitPlan
from mocks.engine.kinds import KINDS
from mocks.engine.live import TooManyFollowers, follow
from mocks.engine.page import PAGE_HEADERS, page
from mocks.engine.page_try import tried
from mocks.engine.pushing import PushWish, push
from mocks.engine.scenarios import NAME
from mocks.engine.scenarios_file import BadScenario, read_scenario
from mocks.engine.service import Unfit

M = TypeVar("M", bound=BaseModel)
Handler = Callable[[Country, web.BaseRequest], Awaitable[web.StreamResponse]]


class _Refused(Exception):
    """An invalid administration request; the answer lists the valid names."""

    def __init__(self, error: str, **exists: object) -> None:
        super().__init__(error)
        self.answer = {"error": error, **exists}


def _forwards(by: timedelta) -> timedelta:
    if by <= timedelta():
        raise ValueError("the clock only moves forward; POST /__mock/reset moves it back to the start")
    if by > timedelta(days=3660):
        raise ValueError("the clock moves at most ten years (3660 days) at a time")
    return by


class _Advance(BaseModel):
    model_config = ConfigDict(extra="forbid")

    advance: Annotated[timedelta, Field(description="ISO 8601 duration, for example P3D"), AfterValidator(_forwards)]


class _Pick(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: str


class _Repeat(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    system: str
    operation: str
    mode: Mode


class _Mark(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    mark: str = Field(min_length=1, max_length=200)


class _Anything(RootModel[dict[str, Any]]):
    pass


class _Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    operation: str
    sample: dict[str, Any]


class _JournalQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    system: str | None = None
    operation: str | None = None
    limit: int = Field(default=100, ge=0, le=5_000)


def kind_parameters() -> dict[str, dict[str, str]]:
    """Returns the parameters of each fault kind; optional ones end with `?`."""
    return {
        name: {
            field + ("" if info.is_required() else "?"): str(info.annotation)
            .removeprefix("<class '")
            .removesuffix("'>")
            for field, info in model.model_fields.items()
            if field != "kind"
        }
        for name, model in KINDS.items()
    }


async def _index(country: Country, _: web.BaseRequest) -> web.Response:
    shown = [path for path, methods in ROUTES.items() if "GET" in methods and path != "/"]
    text = page(country, kind_parameters(), shown)
    return web.Response(text=text, content_type="text/html", headers=PAGE_HEADERS)


async def _samples(country: Country, _: web.BaseRequest) -> web.Response:
    return _json(samples(country))


def samples(country: Country) -> dict[str, object]:
    """Returns all samples (identifiers to try) by gateway operation."""
    return {name: list(tried) for service in country.services.values() for name, tried in service.samples().items()}


async def _systems(country: Country, _: web.BaseRequest) -> web.Response:
    return _json(
        {
            service.name: {
                "title": service.title,
                "prefix": service.prefix,
                "operations": list(dict.fromkeys(call.name for call in service.calls)),
            }
            for service in country.services.values()
        }
    )


async def _tls(country: Country, _: web.BaseRequest) -> web.Response:
    if country.tls is None:
        return _json(
            {"error": "no TLS port is open; start the mocks with --tls-port 9443, or --tls-port 0 for free ports"},
            status=404,
        )
    return _json(country.tls.as_json())


async def _manifest(country: Country, _: web.BaseRequest) -> web.Response:
    manifest = await asyncio.to_thread(lambda: country.world.population.manifest)
    return _json({**manifest, "scenario": country.scenario, "today": country.clock.today().isoformat()})


async def _journal(country: Country, request: web.BaseRequest) -> web.Response:
    query = _valid(_JournalQuery, dict(request.query))
    if query.system is not None and query.system not in {*country.services, xroad.SYSTEM}:
        raise _Refused(f"unknown system {query.system!r}", systems=sorted(country.services))
    if query.operation is not None:
        asked = [s for s in country.services.values() if query.system in (None, s.name)]
        pushed = {f"push.{kind.rpartition('/')[2]}" for service in asked for kind in service.pushes}
        operations = sorted({call.name for service in asked for call in service.calls} | pushed)
        if query.operation not in operations:
            raise _Refused(f"unknown operation {query.operation!r}", operations=operations)
    entries = country.journal.entries(query.system, query.operation, query.limit)
    total = country.journal.total(query.system, query.operation)
    return _json({"total": total, "entries": [entry.as_json() for entry in entries]})


async def _mark(country: Country, request: web.BaseRequest) -> web.Response:
    """Writes a tester's mark into the journal's file: what follows belongs to it until the next one."""
    mark = _valid_json(_Mark, await request.read()).mark
    if country.journal.file is None:
        raise _Refused("marks are for the journal's file; start the mocks with --journal FILE")
    country.journal.file.note("mark", mark=mark)
    return _json({"mark": mark})


async def _live(country: Country, request: web.BaseRequest) -> web.StreamResponse:
    try:
        return await follow(country.journal, request)
    except TooManyFollowers as many:
        return _json({"error": str(many)}, status=503, headers={"Retry-After": "5"})


async def _try(country: Country, request: web.BaseRequest) -> web.Response:
    wanted = _valid_json(_Wanted, await request.read())
    tries = {name: asked for service in country.services.values() for name, asked in service.tries.items()}
    if wanted.operation not in tries:
        raise _Refused(f"operation {wanted.operation!r} can't be tried from the page", operations=sorted(tries))
    system = country.services[wanted.operation.partition(".")[0]]
    try:
        ask = tries[wanted.operation](wanted.sample)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise _Refused("sample: use one that GET /__mock/samples lists for this operation") from error
    return _json(await tried(country.address + system.prefix, ask))


async def _faults(country: Country, _: web.BaseRequest) -> web.Response:
    return _json(country.faults.as_json())


async def _put_faults(country: Country, request: web.BaseRequest) -> web.Response:
    plan = _valid_json(Plan, await request.read())
    try:
        country.faults.put(plan.faults, country.services)
    except UnfitPlan as unfit:
        raise _Refused(str(unfit), **unfit.exists) from unfit
    country.hangs.release()
    return await _faults(country, request)


async def _add_faults(country: Country, request: web.BaseRequest) -> web.Response:
    plan = _valid_json(Plan, await request.read())
    try:
        country.faults.add(plan.faults, country.services)
    except UnfitPlan as unfit:
        raise _Refused(str(unfit), **unfit.exists) from unfit
    return await _faults(country, request)


async def _clear_faults(country: Country, request: web.BaseRequest) -> web.Response:
    country.clear_faults()
    return await _faults(country, request)


async def _repeats(country: Country, _: web.BaseRequest) -> web.Response:
    return _json(country.repeats.as_json(country.services))


async def _put_repeat(country: Country, request: web.BaseRequest) -> web.Response:
    wanted = _valid_json(_Repeat, await request.read())
    try:
        country.repeats.put(wanted.system, wanted.operation, wanted.mode, country.services)
    except UnfitRepeat as unfit:
        raise _Refused(str(unfit), **unfit.exists) from unfit
    return await _repeats(country, request)


async def _push(country: Country, request: web.BaseRequest) -> web.Response:
    """Lets a system push messages to a province."""
    wish = _valid_json(PushWish, await request.read())
    name, _, ministry = wish.system.partition("/")
    offered = {
        f"{one}/{kind}": make for one, service in country.services.items() for kind, make in service.pushes.items()
    }
    make = offered.get(f"{name}/{ministry}/{wish.kind}" if ministry else f"{name}/{wish.kind}")
    if make is None:
        raise _Refused(f"{wish.system} pushes no {wish.kind!r}", pushes=sorted(offered))
    return _json({"pushes": await push(country, make, wish)})


async def _reset(country: Country, _: web.BaseRequest) -> web.Response:
    country.reset()
    return _json({"scenario": country.scenario, "now": country.clock.now().isoformat()})


async def _clock(country: Country, _: web.BaseRequest) -> web.Response:
    return _json({"now": country.clock.now().isoformat(), "ahead_seconds": country.clock.ahead.total_seconds()})


async def _advance(country: Country, request: web.BaseRequest) -> web.Response:
    country.clock.advance(_valid_json(_Advance, await request.read()).advance)
    return await _clock(country, request)


async def _scenario(country: Country, _: web.BaseRequest) -> web.Response:
    known = {name: scenario.description for name, scenario in country.scenarios.items()}
    return _json({"name": country.scenario, "scenarios": known})


async def _pick_scenario(country: Country, request: web.BaseRequest) -> web.Response:
    if "yaml" in request.content_type:
        return await _learn_scenario(country, request)
    name = _valid_json(_Pick, await request.read()).name
    if name not in country.scenarios:
        raise _Refused(f"unknown scenario {name!r}", scenarios=sorted(country.scenarios))
    try:
        country.pick_scenario(name)
    except UnfitPlan as unfit:
        raise _Refused(f"scenario {name} does not fit this country: {unfit}", **unfit.exists) from unfit
    return await _scenario(country, request)


async def _learn_scenario(country: Country, request: web.BaseRequest) -> web.Response:
    """Adds the scenario file in the body under the name in `?name=`, and starts it."""
    name = request.query.get("name", "own")
    if not NAME.match(name):
        raise _Refused("name: use small letters, digits and hyphens, for example my-day")
    text = await request.read()
    try:
        named = await asyncio.to_thread(read_scenario, text, name=name, source=f"{name}.yaml")
        country.learn_scenario(named)
    except BadScenario as bad:
        raise _Refused(str(bad), errors=bad.problems) from bad
    except ValueError as refused:
        raise _Refused(str(refused), scenarios=sorted(country.scenarios)) from refused
    except UnfitPlan as unfit:
        raise _Refused(str(unfit), **unfit.exists) from unfit
    return await _scenario(country, request)


async def _at_desk(answer: Callable[[Mapping[str, Any]], object], _: Country, request: web.BaseRequest) -> web.Response:
    """Answers at a route of a service."""
    asked: Mapping[str, Any] = dict(request.query)
    if request.method == "PUT":
        asked = _valid_json(_Anything, await request.read()).root
    try:
        return _json(answer(asked))
    except ValidationError as error:
        raise _refusal(error) from error
    except Unfit as unfit:
        raise _Refused(str(unfit), **unfit.exists) from unfit


Method = Literal["GET", "PUT", "POST", "DELETE"]
ROUTES: Final[dict[str, dict[Method, Handler]]] = {
    "/": {"GET": _index},
    "/__mock/systems": {"GET": _systems},
    "/__mock/tls": {"GET": _tls},
    "/__mock/samples": {"GET": _samples},
    "/__mock/manifest": {"GET": _manifest},
    "/__mock/journal": {"GET": _journal, "POST": _mark},
    "/__mock/faults": {"GET": _faults, "PUT": _put_faults, "POST": _add_faults, "DELETE": _clear_faults},
    "/__mock/repeat": {"GET": _repeats, "PUT": _put_repeat},
    "/__mock/journal/live": {"GET": _live},
    "/__mock/try": {"POST": _try},
    "/__mock/push": {"POST": _push},
    "/__mock/reset": {"POST": _reset},
    "/__mock/clock": {"GET": _clock, "POST": _advance},
    "/__mock/scenario": {"GET": _scenario, "POST": _pick_scenario},
}


async def administer(country: Country, request: web.BaseRequest) -> web.StreamResponse:
    """Answers a request outside all systems: the administration, the page, or a 404 that lists the routes."""
    desks = {f"/__mock/{path}": desk for s in country.services.values() for path, desk in s.desks.items()}
    route = ROUTES.get(request.path)
    if route is None and (desk := desks.get(request.path)) is not None:
        route = {method: partial(_at_desk, answer) for method, answer in desk.items()}
    if route is None:
        prefixes = sorted(service.prefix for service in country.services.values())
        routes = sorted({*ROUTES, *desks})
        return _json({"error": f"not found: {request.path[:200]}", "systems": prefixes, "routes": routes}, status=404)
    handler = next((handler for method, handler in route.items() if method == request.method), None)
    if handler is None:
        allowed = ", ".join(route)
        return _json({"error": f"{request.path} accepts {allowed}"}, status=405, headers={"Allow": allowed})
    try:
        guard.check(request, country.names, yaml=handler is _pick_scenario)
        return await handler(country, request)
    except guard.NotOurs as other:
        return _json({"error": str(other)}, status=other.status)
    except _Refused as refused:
        return _json(refused.answer, status=400)


def _valid(model: type[M], value: object) -> M:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise _refusal(error) from error


def _valid_json(model: type[M], body: bytes) -> M:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise _refusal(error) from error


def _refusal(error: ValidationError) -> _Refused:
    details = [{"at": "/" + "/".join(map(str, part["loc"])), "message": part["msg"]} for part in error.errors()]
    first = f"{details[0]['at']}: {details[0]['message']}"
    if any(part["type"].startswith("union_tag") or part["loc"][:1] == ("faults",) for part in error.errors()):
        return _Refused(first, errors=details, kinds=kind_parameters())
    return _Refused(first, errors=details)


def _json(value: object, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(value), content_type="application/json", headers=headers)
