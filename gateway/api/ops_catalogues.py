"""The operator's API for catalogues of sources: their versions, what differs, and taking a new one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Final, TypeAlias

import orjson
from aiohttp import web
from pydantic import Field

from gateway.api.operators import OperatorAccess
from gateway.api.ops_bodies import Reason
from gateway.api.request import fields_of_query, query_from_json, query_from_text, read_object
from gateway.api.routes import Request, Routes
from gateway.core.call import CacheWish, Call, Rendered, Trace
from gateway.core.canonical import Canonical
from gateway.core.clock import Clock
from gateway.core.connector import Offer
from gateway.core.problems import Conflict, NotFound, OffContract
from gateway.dossiers.catalogue import (
    MOST_ENTRIES,
    CatalogueKeeper,
    Difference,
    Entries,
    difference,
    shrinks,
)

BODY_LIMIT: Final = 4_096
MOST_PAGES: Final = 1_000
CALLER: Final = "operator"
Record: TypeAlias = Callable[[str, str, str, str, Mapping[str, object]], Awaitable[None]]
"""Keeps who did, why, what, to which target, and the details."""


class RefreshBody(Canonical):
    dry_run: bool = False
    force: bool = False
    reason: Reason | None = None


class ChangesQuery(Canonical):
    since: int | None = Field(default=None, ge=0, le=2**62)


@dataclass(frozen=True, slots=True)
class Taken:
    """A catalogue as its source has it now."""

    entries: Entries
    rows_left_out: int
    """Rows that could not be read: their codes are not known, so nothing may be called gone."""


async def take(offer: Offer, clock: Clock) -> Taken:
    """All pages of a catalogue, asked anew.

    Raises:
        GatewayError: A page could not be had, or the catalogue has no end.
    """
    entries: dict[str, Mapping[str, object]] = {}
    left_out, token = 0, None
    for _ in range(MOST_PAGES):
        now = clock.monotonic()
        call = Call(
            connector=offer.connector.name,
            operation=offer.operation,
            query=offer.operation.query.model_validate({} if token is None else {"page_token": token}),
            caller=CALLER,
            request_id="catalogue",
            expires_at=now + offer.operation.deadline_s,
            trace=Trace(now),
            priority="batch",
            cache=CacheWish(no_cache=True),
        )
        page = (await offer.run(call)).value
        if page is None:
            break
        assert isinstance(page, Rendered)
        entries.update((row["code"], row) for row in orjson.loads(page.data))
        left_out += page.rows_left_out
        token = page.next_page_token
        if token is None or len(entries) > MOST_ENTRIES:
            break
    if token is not None:
        raise OffContract("The catalogue has more entries than any has.", reason="response_too_large")
    return Taken(entries, left_out)


@dataclass(frozen=True, slots=True)
class CataloguesApi:
    """The handlers. *offers* by name: the lists that are kept as versions."""

    offers: Mapping[str, Offer]
    keeper: CatalogueKeeper
    clock: Clock
    business: Clock
    """Dates the versions."""

    record: Record
    """Keeps that a version was taken."""

    def add_ops_routes(self, routes: Routes, access: OperatorAccess) -> None:
        """Adds the routes to the operator's port."""

        async def refresh(request: Request) -> web.Response:
            return await self.refresh(request, access.who(request.http))

        routes.add("GET", "/api/catalogues", self.listed)
        routes.add("GET", "/api/catalogues/{name}", self.changes)
        routes.add("POST", "/api/catalogues/{name}/refresh", refresh)

    async def listed(self, _: Request) -> web.Response:
        found = []
        for name in sorted(self.offers):
            versions = await self.keeper.versions(name)
            found.append({"name": name, "versions": [asdict(one) for one in versions]})
        return json_of(found)

    async def changes(self, request: Request) -> web.Response:
        """The way to the newest version, from the one before it or from *since*."""
        name = self._name(request)
        wanted = query_from_text(ChangesQuery, fields_of_query(request.query_string))
        assert isinstance(wanted, ChangesQuery)
        versions = await self.keeper.versions(name)
        if not versions:
            raise NotFound(reason="no_catalogue")
        newest = versions[0].number
        since = newest - 1 if wanted.since is None else wanted.since
        old, new = await self.keeper.entries(name, since), await self.keeper.entries(name, newest)
        return json_of({"name": name, "since": since, "version": asdict(versions[0]), **_shown(old, new)})

    async def refresh(self, request: Request, who: str) -> web.Response:
        """Asks the source, and keeps what it has as a version, and that *who* took it; a dry run only shows the
        difference.
        """
        name = self._name(request)
        wanted = query_from_json(RefreshBody, await read_object(request.http, BODY_LIMIT))
        assert isinstance(wanted, RefreshBody)
        taken = await take(self.offers[name], self.clock)
        versions = await self.keeper.versions(name)
        old = await self.keeper.entries(name, versions[0].number) if versions else {}
        found = difference(old, taken.entries)
        doubtful = shrinks(old, found) or bool(taken.rows_left_out)
        told = {"name": name, "rows_left_out": taken.rows_left_out, "doubtful": doubtful, "dry_run": wanted.dry_run}
        if wanted.dry_run:
            return json_of({**told, "version": None, **_shown(old, taken.entries)})
        if doubtful and versions and not wanted.force:
            raise Conflict(reason="catalogue_doubtful")
        version = await self.keeper.put(name, taken.entries, self.business.now())
        detail = {"version": version.number, "entries": len(taken.entries), "forced": doubtful and bool(versions)}
        await self.record(who, wanted.reason or "", "refresh", name, detail)
        return json_of({**told, "version": asdict(version), **_shown(old, taken.entries)})

    def _name(self, request: Request) -> str:
        name = request.path_values["name"]
        if name not in self.offers:
            raise NotFound(reason="no_catalogue")
        return name


def _shown(old: Entries, new: Entries) -> dict[str, object]:
    """The difference with the names of what it is about."""
    found: Difference = difference(old, new)
    return {
        "added": [_named(code, new) for code in found.added],
        "changed": [{**_named(one.code, new), "fields": one.fields} for one in found.changed],
        "gone": [_named(code, old) for code in found.gone],
    }


def _named(code: str, entries: Entries) -> dict[str, object]:
    return {"code": code, "name": entries[code].get("name")}


def json_of(value: object) -> web.Response:
    """``{"data": …}`` as the operator's port answers."""
    return web.Response(body=orjson.dumps({"data": value}), content_type="application/json")
