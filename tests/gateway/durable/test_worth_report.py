"""The month's report over the store, over a real PostgreSQL."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from gateway.core.operation import Operation
from gateway.dossiers.model import DossierBody, DossierSync
from gateway.durable.orders import Body, Line
from gateway.durable.store import Store
from gateway.durable.worth_report import WorthPage, WorthReport
from gateway.testing.clock import FakeClock
from tests.gateway.dossiers.test_worth import FULL
from tests.support.postgres import tell
from tests.support.toy_orders import Toy, line_to

NOVEMBER = date(2026, 11, 1)
SYNC: Operation[Any, Any] = Operation(
    name="sync",
    query=DossierBody,
    answer=DossierSync,
    path="x/{dossier_code}",
    summary="",
    method="PUT",
    effect="write",
)
ADD = """
insert into lanes (system, key, tail) values ('toy', %s, 1)
on conflict (system, key) do update set tail = lanes.tail + 1 returning id, tail
"""
SEND = """
insert into messages (lane, seq, operation, caller, request_id, accepted_at, body)
values (%s, %s, %s, 'c', 'r', '2026-11-30T16:00:00Z', %s) returning seq
"""


@pytest.fixture
def line() -> Line:
    """A line on which dossiers go."""
    toy = line_to(Toy())
    return replace(toy, order=replace(toy.order, operation=SYNC))


@pytest.fixture
def report(store: Store, line: Line, clock: FakeClock) -> WorthReport:
    """The report over *store*."""
    return WorthReport(store, {line.operation: line, "toy.take": line_to(Toy())}, clock)


async def keep(store: Store, code: str, **changes: Any) -> None:
    """A dossier that was accepted on the last day of November."""
    query = json.dumps({**FULL, "dossier_code": code, **changes}).encode()
    sealed = store.cipher.encrypt(Body(query, None, None).dump(), b"messages.body")
    [(lane, seq)] = await tell(store, ADD, code)
    await tell(store, SEND, lane, seq, "toy.sync", sealed)


async def whole(report: WorthReport, most: int = 500) -> WorthPage:
    """All pages as one."""
    found, after = WorthPage(), 0
    while True:
        page = await report.page("toy", NOVEMBER, after, most)
        found.dossiers += page.dossiers
        found.unread += page.unread
        found.missing.update(page.missing)
        found.lost += page.lost
        for name, counted in page.points.items():
            found.points.setdefault(name, Counter()).update(counted)
        if page.after is None:
            return found
        after = page.after


async def test_points_and_fields_of_a_month_are_counted(store: Store, report: WorthReport) -> None:
    """By the newest order of each dossier: the older one does not count, and neither does another month."""
    await keep(store, "A", online_payment=None)
    await keep(store, "A", documents=[{"file_name": "a"}, {"file_name": "b"}])
    await keep(store, "B")
    await keep(store, "C", received_at="2026-10-31T16:59:59Z")
    await keep(store, "D", received_at=None)

    found = await whole(report)

    assert found.dossiers == 3
    assert found.points["paid_online"] == {"kept": 3}
    assert found.points["reused"] == {"lost": 1, "kept": 2}
    assert found.points["synced"] == {"kept": 2, "lost": 1}
    assert found.missing["/documents/*/reuse"] == 1
    assert found.missing["/received_at"] == 1
    assert {str(one["key"]) for one in found.lost} == {"A", "D"}


async def test_month_is_that_of_vietnam(store: Store, report: WorthReport) -> None:
    """A dossier received at midnight in Hanoi is of the new month, although it is still October in UTC."""
    await keep(store, "A", received_at="2026-10-31T17:00:00Z")

    assert (await whole(report)).dossiers == 1


async def test_pages_have_each_dossier_once(store: Store, report: WorthReport) -> None:
    """However they are cut."""
    for number in range(5):
        await keep(store, f"A{number}", received_at=None)

    found = await whole(report, most=2)

    assert sorted(str(one["key"]) for one in found.lost) == [f"A{number}" for number in range(5)]


async def test_what_cannot_be_read_is_told(store: Store, report: WorthReport) -> None:
    """An order under another key, or of another release, is neither guessed nor left out in silence."""
    [(lane, seq)] = await tell(store, ADD, "A")
    await tell(store, SEND, lane, seq, "toy.sync", b"sealed by another")

    found = await whole(report)

    assert (found.dossiers, found.unread) == (0, 1)


async def test_systems_are_those_that_take_dossiers(report: WorthReport) -> None:
    """Other orders have no such points."""
    assert report.systems == {"toy"}
