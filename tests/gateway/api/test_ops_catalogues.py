"""Catalogues at the operator's port: taken from the source in pages, compared, and kept when they can be believed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from aiohttp import web

from gateway.api.auth import Keyring
from gateway.api.dispatch import Dispatcher
from gateway.api.operators import Operator, OperatorAccess
from gateway.api.ops_catalogues import CataloguesApi, take
from gateway.api.replay import HitReplay
from gateway.api.request_ids import RequestStamps
from gateway.api.routes import Routes
from gateway.api.server import HttpServer
from gateway.core.call import Answer, Call, Rendered
from gateway.core.canonical import Canonical, Page
from gateway.core.clock import SystemClock
from gateway.core.connector import Connector, Offer
from gateway.core.operation import Operation
from gateway.core.problems import Failing, OffContract
from gateway.dossiers.catalogue import MemoryCatalogues
from tests.support.portal import Answered, ask_raw

KEY: Final = "lgsp_actor_1"
ACCESS: Final = OperatorAccess(
    {hashlib.sha256(KEY.encode()).digest(): Operator("actor", frozenset({"act"}))}, keys_asked=False
)
NAME: Final = "toy.procedures"


class Row(Canonical):
    code: str
    name: str


class ListQuery(Canonical):
    page_token: str | None = None


LIST: Final = Operation(
    name="procedures", query=ListQuery, answer=Page[Row], path="procedures", summary="", versioned=True
)


@dataclass
class Source:
    """A source that lists *names* by code, two on a page."""

    names: dict[str, str] = field(default_factory=dict)
    rows_left_out: int = 0
    fails: bool = False
    endless: bool = False
    calls: list[Call] = field(default_factory=list)
    deeds: list[tuple[object, ...]] = field(default_factory=list)

    @property
    def offer(self) -> Offer:
        """The operation of it."""
        connector = Connector(name="toy", title="", operations=(LIST,), dialects=())
        return Offer(connector=connector, operation=LIST, upstream="toy", run=self.run)

    async def run(self, call: Call) -> Answer:
        self.calls.append(call)
        if self.fails:
            raise Failing(reason="unreachable")
        assert isinstance(call.query, ListQuery)
        start = int(call.query.page_token or 0)
        rows = [{"code": code, "name": name} for code, name in list(self.names.items())[start : start + 2]]
        more = str(start + 2) if self.endless or start + 2 < len(self.names) else None
        page = Rendered(
            json.dumps(rows).encode(), "", paged=True, next_page_token=more, rows_left_out=self.rows_left_out
        )
        return Answer(value=page, fetched_at=datetime(2026, 1, 1, tzinfo=UTC))


@dataclass
class Port:
    """An operator's port over *source*."""

    number: int

    async def ask(self, path: str, body: object = None, method: str | None = None) -> Answered:
        """One request."""
        sent = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method or ('GET' if body is None else 'POST')} /api/catalogues{path} HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"Authorization: Bearer {KEY}", "Content-Type: application/json", f"Content-Length: {len(sent)}"]
        return await ask_raw("127.0.0.1", self.number, "\r\n".join([*lines, "", ""]).encode() + sent)

    async def refresh(self, **body: object) -> Any:
        """The data of a refresh that went well."""
        answered = await self.ask(f"/{NAME}/refresh", body)
        assert answered.status == 200, answered.body
        return answered.json["data"]


@asynccontextmanager
async def port_of(source: Source) -> AsyncIterator[Port]:
    clock = SystemClock()
    routes = Routes()

    async def record(*deed: object) -> None:
        """Keeps a deed."""
        source.deeds.append(deed)

    CataloguesApi({NAME: source.offer}, MemoryCatalogues(), clock, clock, record).add_ops_routes(routes, ACCESS)
    door = Dispatcher(routes, clock, RequestStamps(clock), HitReplay(Keyring((), ()), clock), guard=ACCESS.check)
    runner = web.ServerRunner(HttpServer(door, door.new_id))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield Port(runner.addresses[0][1])
    finally:
        await runner.cleanup()


def codes(told: list[dict[str, Any]]) -> list[str]:
    """The codes of entries that were told."""
    return [one["code"] for one in told]


async def test_who_took_a_version_is_recorded_and_a_dry_run_is_not_a_deed() -> None:
    """With the reason, where one is given, and whether doubt was overruled."""
    source = Source({str(number): f"Procedure {number}" for number in range(40)})
    async with port_of(source) as port:
        await port.refresh(dry_run=True)
        assert source.deeds == []
        await port.refresh(reason="the first of the month")
        source.names = {"1": "One"}
        await port.refresh(force=True)

    assert source.deeds == [
        ("actor", "the first of the month", "refresh", NAME, {"version": 1, "entries": 40, "forced": False}),
        ("actor", "", "refresh", NAME, {"version": 2, "entries": 1, "forced": True}),
    ]


async def test_source_is_asked_anew_for_every_page() -> None:
    """Never the answer cache, and as a batch, so that callers go first."""
    source = Source({str(number): "x" for number in range(5)})

    taken = await take(source.offer, SystemClock())

    assert list(taken.entries) == list("01234")
    assert len(source.calls) == 3
    assert {(call.cache.no_cache, call.priority) for call in source.calls} == {(True, "batch")}


async def test_catalogue_without_an_end_is_refused() -> None:
    """A source that always names another page is off its contract."""
    with pytest.raises(OffContract):
        await take(Source({"a": "x"}, endless=True).offer, SystemClock())


async def test_difference_is_shown_and_kept() -> None:
    """First all is new; then what came, changed and went, with names; and it can be read again."""
    source = Source({"a": "x", "b": "y", "c": "z"})
    async with port_of(source) as port:
        assert (await port.ask(f"/{NAME}")).verdict == (404, "not-found")
        first = await port.refresh()
        source.names = {"a": "x", "b": "Y", "d": "w"}
        second = await port.refresh()
        third = await port.refresh()
        kept = (await port.ask(f"/{NAME}")).json["data"]
        [listed] = (await port.ask("")).json["data"]

    assert (first["version"]["number"], codes(first["added"])) == (1, ["a", "b", "c"])
    assert second["version"]["number"] == 2
    assert second["added"] == [{"code": "d", "name": "w"}]
    assert second["changed"] == [{"code": "b", "name": "Y", "fields": ["name"]}]
    assert second["gone"] == [{"code": "c", "name": "z"}]
    assert (third["version"]["number"], third["added"], third["changed"], third["gone"]) == (2, [], [], [])
    assert {name: kept[name] for name in ("since", "added", "changed", "gone")} == {
        "since": 1, **{name: second[name] for name in ("added", "changed", "gone")}
    }  # fmt: skip
    assert [one["number"] for one in listed["versions"]] == [2, 1]


async def test_dry_run_keeps_nothing() -> None:
    """It shows the difference."""
    async with port_of(Source({"a": "x"})) as port:
        told = await port.refresh(dry_run=True)
        [listed] = (await port.ask("")).json["data"]

    assert (told["version"], codes(told["added"]), listed["versions"]) == (None, ["a"], [])


async def test_part_of_a_catalogue_is_not_believed() -> None:
    """Neither a large loss nor rows that could not be read become a version, unless the operator says so."""
    source = Source({str(number): "x" for number in range(40)})
    async with port_of(source) as port:
        await port.refresh()
        source.names = {"0": "x"}
        refused = await port.ask(f"/{NAME}/refresh", {})
        looked = await port.refresh(dry_run=True)
        source.names, source.rows_left_out = {str(number): "x" for number in range(39)}, 1
        unread = await port.ask(f"/{NAME}/refresh", {})
        forced = await port.refresh(force=True)

    assert (*refused.verdict, refused.json["reason"]) == (409, "conflict", "catalogue_doubtful")
    assert (*unread.verdict, unread.json["reason"]) == (409, "conflict", "catalogue_doubtful")
    assert (looked["doubtful"], len(looked["gone"])) == (True, 39)
    assert (forced["version"]["number"], codes(forced["gone"])) == (2, ["39"])


async def test_source_that_fails_is_its_problem() -> None:
    """The problem of the source, and the last version stays."""
    source = Source({"a": "x"})
    async with port_of(source) as port:
        await port.refresh()
        source.fails = True
        failed = await port.ask(f"/{NAME}/refresh", {})
        unknown = await port.ask("/toy.nothing/refresh", {})
        wrong = await port.ask(f"/{NAME}/refresh", {"by_force": True})
        [listed] = (await port.ask("")).json["data"]

    assert failed.verdict == (503, "upstream-unavailable")
    assert unknown.verdict == (404, "not-found")
    assert wrong.verdict == (400, "invalid-request")
    assert len(listed["versions"]) == 1
