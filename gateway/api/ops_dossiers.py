"""The operator's API for dossiers: one over all systems, and what a system has compared with the store."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from datetime import date

from aiohttp import web
from pydantic import Field

from gateway.api.operators import OperatorAccess
from gateway.api.ops_bodies import BODY_LIMIT, MOST, Instant, Name, Reason, json_of, unknown_system
from gateway.api.ops_orders import MANY_S, guarded, shown
from gateway.api.request import fields_of_query, query_from_json, query_from_text, read_object
from gateway.api.routes import Request, Routes
from gateway.core.canonical import Canonical
from gateway.core.clock import Clock
from gateway.core.problems import NotFound
from gateway.durable.dossier_desk import DossierDesk, MessageName
from gateway.durable.in_time import in_time
from gateway.durable.worth_report import WorthReport

MOST_COMPARED = 100


class CompareBody(Canonical):
    system: Name
    since: Instant
    after: int = Field(default=0, ge=0, le=2**62)
    limit: int = Field(default=50, ge=1, le=MOST_COMPARED)


class WorthQuery(Canonical):
    system: Name
    month: str = Field(pattern=r"^2[0-9]{3}-(0[1-9]|1[0-2])$")
    after: int = Field(default=0, ge=0, le=2**62)
    limit: int = Field(default=500, ge=1, le=MOST)


class NamedMessage(Canonical):
    key: Name
    seq: int = Field(ge=1, le=2**62)


class RepairBody(Canonical):
    reason: Reason
    system: Name
    messages: tuple[NamedMessage, ...] = Field(min_length=1, max_length=MOST)
    dry_run: bool = False


class AskBody(Canonical):
    reason: Reason


@dataclass(frozen=True, slots=True)
class DossiersApi:
    """The handlers; *access* tells who acts, *clock* is the machine's."""

    desk: DossierDesk
    worth: WorthReport
    access: OperatorAccess
    clock: Clock

    def add_to(self, routes: Routes) -> None:
        """Adds the routes."""
        routes.add("GET", "/api/dossiers/{code}", guarded(self.one))
        routes.add("POST", "/api/dossiers/compare", guarded(self.compare))
        routes.add("POST", "/api/lanes/{system}/{key}/ask", guarded(self.ask))
        routes.add("POST", "/api/dossiers/repair", guarded(self.repair))
        routes.add("GET", "/api/worth", guarded(self.month))

    async def one(self, request: Request) -> web.Response:
        found = await in_time(self.clock, self.desk.timeline(request.path_values["code"]))
        if found is None:
            raise NotFound(reason="no_dossier")
        return json_of(found)

    async def compare(self, request: Request) -> web.Response:
        wanted = query_from_json(CompareBody, await read_object(request.http, BODY_LIMIT))
        assert isinstance(wanted, CompareBody)
        _check(wanted.system, self.desk.systems)
        found = await self.desk.compare(wanted.system, wanted.since, wanted.after, wanted.limit)
        return json_of(
            {
                "dossiers": found.dossiers,
                "total": found.total,
                "after": found.after,
                "findings": [asdict(one) for one in found.findings if one.verdict != "there"],
                "there": sum(1 for one in found.findings if one.verdict == "there"),
            }
        )

    async def ask(self, request: Request) -> web.Response:
        wanted = query_from_json(AskBody, await read_object(request.http, BODY_LIMIT))
        assert isinstance(wanted, AskBody)
        who, system, key = self.access.who(request.http), request.path_values["system"], request.path_values["key"]
        findings = await self.desk.ask(who, wanted.reason, system, key)
        return json_of({"findings": [asdict(one) for one in findings]})

    async def repair(self, request: Request) -> web.Response:
        wanted = query_from_json(RepairBody, await read_object(request.http, BODY_LIMIT))
        assert isinstance(wanted, RepairBody)
        _check(wanted.system, self.desk.systems)
        names = [MessageName(one.key, one.seq) for one in wanted.messages]
        who = self.access.who(request.http)
        repairing = self.desk.repair(who, wanted.reason, wanted.system, names, dry_run=wanted.dry_run)
        effects = await in_time(self.clock, repairing, MANY_S)
        return json_of(shown(effects, dry_run=wanted.dry_run))

    async def month(self, request: Request) -> web.Response:
        wanted = query_from_text(WorthQuery, fields_of_query(request.query_string))
        assert isinstance(wanted, WorthQuery)
        _check(wanted.system, self.worth.systems)
        month = date.fromisoformat(f"{wanted.month}-01")
        page = self.worth.page(wanted.system, month, wanted.after, wanted.limit)
        return json_of(asdict(await in_time(self.clock, page, MANY_S)))


def _check(system: str, systems: AbstractSet[str]) -> None:
    if system not in systems:
        raise unknown_system(systems)
