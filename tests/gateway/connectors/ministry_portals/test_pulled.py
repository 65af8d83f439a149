"""What ministries give when they are asked by the clock: each message is read, or is there as it came."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Final

import pytest

from gateway.connectors.ministry_portals.birth_death import calls as births_calls
from gateway.connectors.ministry_portals.rest import calls
from gateway.connectors.ministry_portals.transport import calls as transport_calls
from gateway.core.inbound import PulledPage, PullQuestion
from gateway.core.message import Exchange, Reply
from gateway.core.problems import Failing, OffContract
from gateway.dossiers.inbound_model import InboundUnknown
from gateway.inbound import content_of, digest_of
from tests.gateway.connectors.ministry_portals.support import CODE, NONE, OWN_NAMES, births, portal, transport

QUESTION: Final = PullQuestion(system="ministry_portals.construction", first=date(2026, 3, 1), last=date(2026, 3, 2))
DETAIL: Final = {"maHoSo": CODE, "maTTHC": "2.1", "hoTich": "<hoTich><ten>An</ten></hoTich>"}
TOO_LARGE: Final = OffContract("The answer was cut.", reason="response_too_large")


def waiting(*rows: Any, more: object = 0) -> dict[str, Any]:
    """The answer of ``LayHoSoGuiTinh``."""
    return {**NONE, "result": list(rows), "ConLai": more}


def row(receipt: str, kind: str = "HOSO", **dossier: object) -> dict[str, Any]:
    """One message."""
    return {"MaThongDiep": receipt, "LoaiThongDiep": kind, "HoSo": {"MaHoSo": CODE, "MaTTHC": "1", **dossier}}


async def pulled(*rows: Any, more: object = 0, **settings: Any) -> PulledPage:
    """The page of a ministry of dialect ``rest`` that has *rows*."""
    return await calls.pulled(QUESTION, portal({"LayHoSoGuiTinh": waiting(*rows, more=more)}, **settings))


def told(page: PulledPage) -> list[tuple[str, str]]:
    """Receipt and kind of each message that was read or is of an unknown kind."""
    return [(one.receipt, one.kind) for one in page.messages]


# ---- rest


@pytest.mark.parametrize(
    "strange", [row("B", "THONGBAO"), {"MaThongDiep": "B", "LoaiThongDiep": "THONGBAO", "X": [1.5]}]
)
async def test_unknown_kind_is_there_as_it_came(strange: dict[str, Any]) -> None:
    """With a dossier or without; a message of today's kinds beside it is read."""
    page = await pulled(row("A"), strange)
    data = page.messages[1].message.data

    assert told(page) == [("A", "dossier"), ("B", "unknown")]
    assert isinstance(data, InboundUnknown)
    assert (data.cause, data.source_code) == ("unknown_kind", "THONGBAO")
    assert data.sent == {name: ["1.5"] if value == [1.5] else value for name, value in strange.items()}
    assert (page.unread, page.left_out) == ((), 0)


async def test_known_kind_off_its_contract_is_unread() -> None:
    """Whole, in the ministry's own names, with its receipt; one without a receipt is left out."""
    broken = {"MaThongDiep": "A", "LoaiThongDiep": "HOSO", "HoSo": {"SoDinhDanh": "049185978634", "Khac": {"a": 1}}}
    page = await pulled(broken, {"LoaiThongDiep": "HOSO"}, None, row("B"), fields=OWN_NAMES)

    assert told(page) == [("B", "dossier")]
    assert [(one.receipt, one.kind, one.message.code) for one in page.unread] == [("A", "unknown", "A")]
    [data] = [one.message.data for one in page.unread]
    assert isinstance(data, InboundUnknown)
    assert (data.cause, data.sent) == ("unreadable", broken)
    assert page.left_out == 2


@pytest.mark.parametrize("sent", ["31/02/2026", "mai"])
async def test_date_in_an_odd_form_costs_only_itself(sent: object) -> None:
    """The result is a result; what was sent is among its other fields."""
    page = await pulled({**row("A", "KETQUA", NgayKetThucXuLy=sent), "ThoiDiemGui": "0000"})

    assert told(page) == [("A", "result")]
    data = page.messages[0].message.data.model_dump()
    assert (data["finished_at"], data["other_fields"]["NgayKetThucXuLy"]) == (None, sent)


async def test_value_of_another_shape_makes_a_message_unread() -> None:
    """It would be lost, and nothing else of it is guessed."""
    page = await pulled(row("A", TrangThaiHoSo={"ma": 1}))

    assert [one.receipt for one in page.unread] == ["A"]


async def test_number_of_any_size_can_be_told_from_another() -> None:
    """A message is known again by its content."""
    first, second = [(await pulled(row("A", Fax=10**30 + more))).messages[0] for more in (0, 1)]

    assert digest_of(first) != digest_of(second)
    assert b"1000000000000000000000000000000" in content_of(first)


@pytest.mark.parametrize(("more", "is_told"), [(0, False), (3, True), (None, False), ("x", False)])
async def test_more_are_waiting_where_the_ministry_says_so(more: object, is_told: bool) -> None:
    """Or where it says nothing, and the page is full."""
    assert (await pulled(row("A"), more=more)).more is is_told
    assert (await pulled(*(row(f"A{number}") for number in range(50)), more=None)).more


async def test_fewer_messages_are_asked_for_where_they_are_too_large() -> None:
    """Fifty, ten, one; one that is too large by itself is told as what it is."""

    async def answer(exchange: Exchange) -> object:
        asked = exchange.json["soLuong"]  # type: ignore[union-attr,index,call-overload]
        return waiting(row("A"), more=9) if asked == "1" else TOO_LARGE

    up = portal(answer)
    assert told(await calls.pulled(QUESTION, up)) == [("A", "dossier")]
    assert [one.json["soLuong"] for one in up.rest] == ["50", "10", "1"]  # type: ignore[index,call-overload]
    with pytest.raises(OffContract):
        await calls.pulled(QUESTION, portal({"LayHoSoGuiTinh": TOO_LARGE}))


# ---- transport


async def test_dates_of_transport_are_told_as_they_came_where_nobody_knows_their_form() -> None:
    """The dossier is kept; a known form is written in one way."""
    known = {"MaHoSo": "A", "MaTTHC": "1", "NgayTiepNhan": "02/03/2026 08:00:00"}
    rows = [known, {"MaHoSo": "B", "MaTTHC": "1", "NgayTiepNhan": "sau Tết", "NgayHenTra": "2/3"}, {"MaHoSo": "C"}]
    question = QUESTION.model_copy(update={"system": "ministry_portals.transport"})
    page = await transport_calls.pulled(question, transport({"danhsachhoso": {"error_code": 0, "data": rows}}))
    first, second = [one.message.data.model_dump(mode="json") for one in page.messages]

    assert first["submitted_at"] == "2026-03-02T01:00:00Z"
    assert second["submitted_at"] is None
    assert second["other_fields"] == {"NgayTiepNhan": "sau Tết", "NgayHenTra": "2/3", "NgayNopHoSo": "sau Tết"}
    assert page.left_out == 1


# ---- births and deaths


def listed(*codes: str) -> dict[str, Any]:
    """The answer of ``danhSach``."""
    return {"data": [{"id": n, "maHoSo": code, "module": "KS"} for n, code in enumerate(codes)]}


async def test_dossier_that_cannot_be_read_is_asked_for_once_in_a_turn() -> None:
    """The next page passes it over, and it stays counted."""
    asked: list[str] = []

    async def answer(exchange: Exchange) -> object:
        if exchange.name == "danhSach":
            return listed(*(f"A{number}" for number in range(8)))
        code = exchange.path.rpartition("/")[2]  # type: ignore[union-attr]
        asked.append(code)
        return {"data": "{" if code == "A1" else json.dumps({**DETAIL, "maHoSo": code})}

    first = await births_calls.pulled(QUESTION, births(answer))
    more = QUESTION.model_copy(update={"page_token": first.next_page_token})
    second = await births_calls.pulled(more, births(answer))

    assert [one.receipt for one in first.messages] == ["A0", "A2", "A3", "A4", "A5"]
    assert (first.more, first.left_out, second.left_out) == (True, 1, 1)
    assert asked.count("A1") == 1


async def test_what_was_read_is_not_given_up_for_a_later_one_that_fails() -> None:
    """A slow service would never come to an end; where nothing was read, its failure is told."""

    async def answer(exchange: Exchange) -> object:
        if exchange.name == "danhSach":
            return listed("A", "B")
        failing = Failing("down", reason="unreachable")
        return {"data": json.dumps({**DETAIL, "maHoSo": "A"})} if exchange.path.endswith("/A") else failing  # type: ignore[union-attr]

    page = await births_calls.pulled(QUESTION, births(answer))
    assert ([one.receipt for one in page.messages], page.more) == (["A"], True)
    with pytest.raises(Failing):
        await births_calls.pulled(QUESTION, births({"danhSach": listed("B"), "chiTiet": Reply(503, {}, None)}))
