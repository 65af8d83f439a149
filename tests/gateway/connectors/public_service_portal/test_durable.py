"""Orders of the first generation from a store: the form of a message, lists, and what asking concludes."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from gateway.connectors.public_service_portal.ngsp import durable
from gateway.connectors.public_service_portal.ngsp.calls import send_dossier
from gateway.connectors.public_service_portal.ngsp.login import NgspSettings
from gateway.connectors.public_service_portal.ngsp.translate import _dossier
from gateway.connectors.public_service_portal.operations import REPORT_PROGRESS, REPORT_STATUS, SYNC_DOSSIER
from gateway.core.call import Call
from gateway.core.durable import NotThere, SentBefore, There
from gateway.core.problems import AlreadyReceived, Conflict
from gateway.testing import make_call
from tests.gateway.connectors.public_service_portal.support import (
    ACCOUNT,
    CODE,
    NONE,
    SETTINGS,
    WELL,
    dossier,
    known,
    portal,
    services,
    step,
)

SHARED = NgspSettings.model_validate({**ACCOUNT, "others_send": True})
ROW = {
    "MaHoSo": CODE,
    "NguoiXuLy": "Trần Thị Mai Phương",
    "ThoiDiemXuLy": "20260205091500",
    "NoiDungXuLy": "Xử lý hồ sơ",
    "TrangThai": "4",
}


def of_form(form: str | None) -> Call:
    """A call from the store with a message of *form*."""
    return replace(make_call(SYNC_DOSSIER, dossier()), form=form)


@pytest.mark.parametrize(
    ("settings", "before", "script", "form", "asked"),
    [
        (SETTINGS, SentBefore(nothing_sent=True), {}, "new", 0),
        (SHARED, SentBefore(nothing_sent=True), {"TraCuuHoSo": known()}, "update", 1),
        (SETTINGS, SentBefore(nothing_sent=False), {"TraCuuHoSo": known()}, "update", 1),
        (SETTINGS, SentBefore(nothing_sent=False), {"TraCuuHoSo": NONE}, "new", 1),
    ],
)
async def test_form_is_asked_for_unless_nothing_was_ever_sent(
    settings: NgspSettings, before: SentBefore, script: dict[str, object], form: str, asked: int
) -> None:
    """Where another program sends too, the store's proof is not enough."""
    up = portal(script, settings=settings)

    assert await durable.prepare(dossier(), up, before) == form
    assert len(up.rest) == asked


def test_first_form_needs_no_question_where_nobody_else_sends() -> None:
    """It is what :func:`prepare` would choose; where another program sends too, only the portal knows."""
    assert durable.first_form(SETTINGS) == "new"
    assert durable.first_form(SHARED) is None
    assert {order.first_form(SHARED) for order in durable.DURABLE.orders} == {None}


@pytest.mark.parametrize(("form", "updating"), [("new", "False"), ("update", "True")])
async def test_form_decides_how_dossiers_go(form: str, updating: str) -> None:
    """One or many, and nothing is asked any more."""
    one, many = portal({"DongBoHoSoMC": WELL}, call=of_form(form)), portal({"DongBoHoSoMC": WELL}, call=of_form(form))
    other = dossier(dossier_code="000.00.04.H58-260106-9102")

    await durable.send(dossier(), one)
    told = await durable.send_dossiers([dossier(), other], many)

    for up, codes in ((one, [CODE]), (many, [CODE, other.dossier_code])):
        sent = up.rest[0].json
        assert isinstance(sent, dict)
        assert sent["isUpdating"] == updating
        assert [row["MaHoSo"] for row in sent["data"]] == codes
    assert [getattr(one, "dossier_code", None) for one in told] == [CODE, other.dossier_code]


async def test_message_without_a_form_asks_first() -> None:
    """An order that an older release accepted."""
    up = portal({"TraCuuHoSo": known(), "DongBoHoSoMC": WELL}, call=of_form(None))

    await durable.send(dossier(), up)

    assert services(up) == ["TraCuuHoSo", "DongBoHoSoMC"]


async def test_dossier_that_they_have_at_the_first_sending_is_anothers() -> None:
    """Its lane parks; a retry chooses the form anew."""
    up = portal({"DongBoHoSoMC": {"error_code": "04", "message": "x"}}, call=of_form("new"))

    with pytest.raises(AlreadyReceived):
        await durable.send(dossier(), up)


async def test_list_that_is_refused_is_refused_whole() -> None:
    """Which of its steps was wrong, halves of it tell."""
    up = portal({"CapNhatTienDoHoSoMC": {"error_code": "05", "message": "x"}})

    with pytest.raises(Conflict):
        await durable.send_steps([step(), step(dossier_code="000.00.04.H58-260106-9102")], up)


async def test_dossier_of_unknown_outcome_is_there_where_nothing_differs() -> None:
    """An update that did not arrive finds the older state, which proves nothing."""
    sent = _dossier(dossier(), SETTINGS)

    assert isinstance(await durable.ask(dossier(), portal({"TraCuuHoSo": NONE})), NotThere)
    assert isinstance(await durable.ask(dossier(), portal({"TraCuuHoSo": known(**sent)})), There)
    assert isinstance(await durable.ask(dossier(status="finished"), portal({"TraCuuHoSo": known(**sent)})), NotThere)
    changed = known(**{**sent, "TaiLieuNop": []})
    assert isinstance(await durable.ask(dossier(), portal({"TraCuuHoSo": changed})), NotThere)
    bare = known()
    assert isinstance(await durable.ask(dossier(), portal({"TraCuuHoSo": bare})), There)


async def test_step_of_unknown_outcome_is_there_once_it_is_listed() -> None:
    """By its instant, status, officer and text."""
    assert isinstance(await durable.ask_step(step(), portal({"TraCuuHoSo": known(ROW)})), There)
    for other in ({**ROW, "TrangThai": "5"}, {**ROW, "ThoiDiemXuLy": "20260205091501"}, {**ROW, "NoiDungXuLy": "x"}):
        assert isinstance(await durable.ask_step(step(), portal({"TraCuuHoSo": known(other)})), NotThere)
    assert isinstance(await durable.ask_step(step(), portal({"TraCuuHoSo": NONE})), NotThere)


def test_each_order_is_declared() -> None:
    """Dossiers, steps and statuses, the first of which opens the case."""
    declared = {
        operation.name: durable.DURABLE.order_of(operation)
        for operation in (SYNC_DOSSIER, REPORT_PROGRESS, REPORT_STATUS)
    }

    assert {name: order and (order.opens_case, order.repeat) for name, order in declared.items()} == {
        "sync_dossier": (True, "overwrites"),
        "report_progress": (False, "same"),
        "report_status": (False, "same"),
    }


async def test_sending_twice_in_one_form_is_one_message_each() -> None:
    """What a copy does, the portal's answer tells; nothing here sends by itself again."""
    up = portal({"DongBoHoSoMC": WELL})

    await send_dossier(dossier(), up, updating=True)

    assert services(up) == ["DongBoHoSoMC"]
