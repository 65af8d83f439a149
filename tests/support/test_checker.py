"""The checker finds each violation that is planted, in journals that real mocks wrote; and nothing in a sound one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from mocks.engine.clock import HANOI
from mocks.engine.country import Country
from mocks.engine.server import listening
from mocks.services import criminal_records, public_service_portal
from tests.mocks.services.criminal_records.support import SEEDED, System
from tests.mocks.services.public_service_portal.support import Portal
from tests.support.checker import Order, Report, check, main

MONDAY = datetime(2026, 10, 5, 10, 0, tzinfo=HANOI)
ONE, TWO = "000.00.04.H58-261005-0001", "000.00.04.H58-261005-0002"
PORTAL = "public_service_portal"


@dataclass
class Ministries:
    """The systems that orders go to, with their journal on disk."""

    system: System
    portal: Portal
    journal: Path
    gate: asyncio.Event

    async def put(self, path: str, **body: Any) -> None:
        """A PUT to the administration."""
        status, told = await self.system.admin("PUT", path, body)
        assert status == 200, told

    async def late(self, operation: str = "guiHoSo", system: str = "criminal_records") -> None:
        """The first message is lost on the way, and arrives when the gate opens."""
        fault = {"kind": "late", "seconds": 6}
        planned = {"system": system, "operation": operation, "requests": "1", "fault": fault}
        await self.put("faults", faults=[planned])

    async def arrive(self) -> None:
        """Lets what is under way arrive."""
        self.gate.set()
        await self.system.country.latecomers.settle()

    async def submit(self, code: str = ONE, **changes: object) -> None:
        """An application; the answer may be lost."""
        try:
            await self.system.submit(code, **changes)
        except aiohttp.ClientError:
            return

    async def check(self, *orders: Order) -> Report:
        """The report on these orders."""
        return await asyncio.to_thread(check, self.journal, orders)


@pytest.fixture
async def ministries(tmp_path: Path) -> AsyncIterator[Ministries]:
    """Criminal records and the national portal; late messages wait for the gate."""
    journal, gate = tmp_path / "journal.jsonl", asyncio.Event()

    async def sleep(_: float) -> None:
        await gate.wait()

    def made() -> Country:
        services = [criminal_records.open_service, public_service_portal.open_service]
        return Country(services=services, wall=lambda: MONDAY, sleep=sleep, journal=journal)

    country = await asyncio.to_thread(made)
    async with listening(country) as url, aiohttp.ClientSession() as http:
        portal = Portal(url, country, http)
        await portal.log_in()
        yield Ministries(System(url, country, http), portal, journal, gate)


def criminal(code: str = ONE, message: str = "application", **more: Any) -> Order:
    """An order of the criminal records system."""
    return Order("criminal_records", code, message, **more)


def step(portal: Portal, minute: int) -> tuple[dict[str, Any], Order]:
    """A step of the first dossier, and the order for it."""
    sent = portal.step(ONE, minute=minute)
    return sent, Order(PORTAL, ONE, f"step {sent['ThoiDiemXuLy']}")


async def test_a_sound_journal_is_sound(ministries: Ministries) -> None:
    """Applications, a supplement, a dossier with its steps in one list: each once, in order."""
    await ministries.submit()
    await ministries.submit(TWO)
    await ministries.submit(SEEDED[5])
    (first, one), (second, two) = step(ministries.portal, 1), step(ministries.portal, 2)
    await ministries.portal.sync(ministries.portal.dossier(ONE))
    await ministries.portal.report(first, second)

    report = await ministries.check(
        criminal(), criminal(TWO), criminal(SEEDED[5], "supplement"), Order(PORTAL, ONE, "dossier"), one, two
    )

    assert report.violations == []
    assert (report.orders, report.taken, report.repeats, report.refusals) == (6, 6, [], [])


async def test_a_second_message_that_was_refused_as_known_is_listed_apart(ministries: Ministries) -> None:
    """No violation; the report names the message, the answer and the tester's mark before it."""
    await ministries.submit()
    await ministries.system.admin("POST", "journal", {"mark": "send.bytes_left:1"})
    await ministries.submit()

    report = await ministries.check(criminal())

    assert report.violations == []
    (repeat,) = report.repeats
    assert (repeat.message, repeat.answered, repeat.first, repeat.mark) == (
        "application",
        "already_received",
        2,
        "send.bytes_left:1",
    )
    assert report.by_mark() == {"send.bytes_left:1": 1}


async def test_missing(ministries: Ministries) -> None:
    """An order that never arrived, and one that a fault kept from being worked."""
    await ministries.put("faults", faults=[{"system": "criminal_records", "fault": {"kind": "reset_before"}}])
    await ministries.submit()

    report = await ministries.check(criminal(), criminal(TWO))

    assert [finding.dossier for finding in report.missing] == [ONE, TWO]
    assert report.unworked == 1


async def test_doubled(ministries: Ministries) -> None:
    """A system that knows no repeats files the same order twice."""
    await ministries.put("repeat", system="criminal_records", operation="guiHoSo", mode="adds")
    await ministries.submit()
    await ministries.submit()

    report = await ministries.check(criminal())

    assert [finding.numbers for finding in report.doubled] == [(2, 3)]
    assert not report.missing


async def test_doubled_by_a_copy_that_came_late(ministries: Ministries) -> None:
    """ "Not there" was taken as proof, and the first message arrived after its copy."""
    await ministries.put("repeat", system="criminal_records", operation="guiHoSo", mode="adds")
    await ministries.late()
    await ministries.submit()
    await ministries.submit()
    await ministries.arrive()

    report = await ministries.check(criminal())

    assert [finding.numbers for finding in report.doubled] == [(3, 2)]


async def test_a_copy_in_the_place_of_another_message_is_doubled_and_missing(ministries: Ministries) -> None:
    """Two different steps were ordered; one came twice: the count of all messages alone would be right."""
    await ministries.put("repeat", system=PORTAL, operation="CapNhatTienDoHoSoMC", mode="adds")
    (first, one), (_, two) = step(ministries.portal, 1), step(ministries.portal, 2)
    await ministries.portal.sync(ministries.portal.dossier(ONE))
    await ministries.portal.report(first)
    await ministries.portal.report(first)

    report = await ministries.check(Order(PORTAL, ONE, "dossier"), one, two)

    assert len(report.doubled) == 1
    assert [finding.text for finding in report.missing] == [f"{two.message}: 1 ordered, 0 accepted"]


async def test_out_of_order(ministries: Ministries) -> None:
    """A follower that overtook; of another dossier it may."""
    (first, one), (second, two) = step(ministries.portal, 1), step(ministries.portal, 2)
    await ministries.portal.sync(ministries.portal.dossier(ONE))
    await ministries.portal.report(first)
    await ministries.portal.report(second)
    await ministries.submit(TWO)
    await ministries.submit(ONE)

    report = await ministries.check(Order(PORTAL, ONE, "dossier"), two, one, criminal(ONE), criminal(TWO))

    assert [finding.text for finding in report.disordered] == [f"{two.message} was accepted after {one.message}"]
    assert len(report.violations) == 1


async def test_an_older_message_that_replaces_a_newer_one_is_out_of_order(ministries: Ministries) -> None:
    """An update that came late puts the dossier back, as a system that overwrites lets it."""
    await ministries.portal.sync(ministries.portal.dossier(ONE))
    older = ministries.portal.dossier(ONE, GhiChu="một")
    await ministries.portal.sync(older, updating="True")
    await ministries.portal.sync(ministries.portal.dossier(ONE, GhiChu="hai"), updating="True")
    await ministries.portal.sync(older, updating="True")
    orders = [Order(PORTAL, ONE, message) for message in ("dossier", "update", "update")]

    report = await ministries.check(*orders)

    assert [finding.text for finding in report.doubled] == ["update: 2 ordered, 3 accepted"]
    await ministries.put("repeat", system=PORTAL, operation="DongBoHoSoMC", mode="overwrites")
    await ministries.portal.sync(ministries.portal.dossier(ONE))
    assert "replaced a newer one" in str((await ministries.check(*orders)).disordered[0])


async def test_an_equal_message_in_its_own_place_is_listed_apart(ministries: Ministries) -> None:
    """A system that overwrites takes the copy; nothing changes."""
    await ministries.put("repeat", system="criminal_records", operation="guiHoSo", mode="overwrites")
    await ministries.submit()
    await ministries.submit()

    report = await ministries.check(criminal())

    assert report.violations == []
    assert [repeat.answered for repeat in report.repeats] == ["in the place of an equal one"]


async def test_invented(ministries: Ministries) -> None:
    """A dossier that nobody ordered, another message of a known dossier, and an order that was cancelled."""
    await ministries.submit(TWO)
    await ministries.submit(SEEDED[5])
    await ministries.submit(ONE)

    report = await ministries.check(criminal(SEEDED[5], "application", end="open"), criminal(ONE, end="never"))

    assert sorted((finding.dossier, finding.text) for finding in report.invented) == [
        (SEEDED[5], "supplement was accepted, and never ordered"),
        (ONE, "application was accepted, and it was cancelled"),
        (TWO, "application was accepted, and never ordered"),
    ]


async def test_an_open_order_may_have_arrived_or_not_and_once_at_most(ministries: Ministries) -> None:
    """Parked with an unknown outcome: both ends are sound, two are not."""
    order = criminal(end="open")
    assert (await ministries.check(order)).sound
    await ministries.submit()
    assert (await ministries.check(order)).sound
    await ministries.put("repeat", system="criminal_records", operation="guiHoSo", mode="adds")
    await ministries.submit()
    assert not (await ministries.check(order)).sound


async def test_refusals_are_facts(ministries: Ministries) -> None:
    """A message that the system refused is listed with its code; the order that it was is missing."""
    await ministries.submit(toKhai__nycHoTen="")

    report = await ministries.check(criminal())

    assert [str(finding) for finding in report.refusals] == [
        f"criminal_records {ONE}: refused with 200 (arrivals 2)",
    ]
    assert len(report.missing) == 1


async def test_a_reset_begins_anew(ministries: Ministries) -> None:
    """What stands above it in the file is another country's."""
    await ministries.submit()
    await ministries.system.admin("POST", "reset")
    await ministries.submit(TWO)

    assert (await ministries.check(criminal(TWO))).violations == []


def lines(path: Path, rows: Sequence[dict[str, Any]], *, end: str = "\n") -> Path:
    """A journal by hand."""
    path.write_text("\n".join(map(json.dumps, rows)) + end, encoding="utf-8")
    return path


def arrival(number: int) -> dict[str, Any]:
    """A question."""
    return {"event": "arrived", "number": number, "system": "x", "operation": "y", "outcome": "asked", "fault": None}


@pytest.mark.parametrize(
    ("rows", "end", "gap"),
    [
        ([arrival(1)], "\n", "it does not begin with a start or a reset of the mocks"),
        ([{"event": "started"}, arrival(1), arrival(3)], "\n", "1 arrivals have no line, the first is 2"),
        ([{"event": "started"}, arrival(1), arrival(1)], "\n", "arrival 1 stands there twice"),
        ([{"event": "started"}, arrival(1)], "", "line 2 is cut"),
    ],
    ids=["no start", "a hole", "twice", "cut"],
)
def test_a_journal_that_is_not_whole_proves_nothing(
    tmp_path: Path, rows: list[dict[str, Any]], end: str, gap: str
) -> None:
    """Lost lines are a violation of their own."""
    report = check(lines(tmp_path / "journal.jsonl", rows, end=end), [])

    assert report.violations == [f"journal: {gap}"]


def test_command_prints_and_exits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For a script: 1 and the sentence where something is wrong, 0 where nothing is."""
    journal = lines(tmp_path / "journal.jsonl", [{"event": "started"}])
    order = {"system": "criminal_records", "dossier": ONE}

    assert main([str(journal), str(lines(tmp_path / "orders.jsonl", [order]))]) == 1
    assert f"missing: criminal_records {ONE}: application: 1 ordered, 0 accepted" in capsys.readouterr().out
    (tmp_path / "none.jsonl").touch()
    assert main([str(journal), str(tmp_path / "none.jsonl")]) == 0
