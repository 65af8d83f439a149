"""Ministries whose portal is shaped like the national one: what differs from one to the next is data."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.connectors.ministry_portals.model import IncomingQuery, MinistryDossierQuery
from gateway.connectors.ministry_portals.rest import calls
from gateway.connectors.ministry_portals.rest.login import LOGIN, RestSettings
from gateway.connectors.ministry_portals.rest.translate import classify
from gateway.core.message import Reply, ReplyKind, Rest, Token
from gateway.core.problems import AlreadyReceived, Conflict, Failing, GatewayError, InvalidRequest, OffContract
from gateway.core.vietnamese import cleaned
from tests.gateway.connectors.ministry_portals.support import (
    ACCOUNT,
    CODE,
    NONE,
    NOW,
    OWN_NAMES,
    WELL,
    dossier,
    portal,
    sent,
    step,
)

QUERY = MinistryDossierQuery(ministry="construction", dossier_code=CODE)


def known(**more: object) -> dict[str, Any]:
    """A look-up that finds the dossier."""
    return {**NONE, "result": [{"MaHoSo": CODE, "MaTTHC": "9.000104.000.00.00.H58", **more}]}


def complaint(**more: object) -> str:
    """Why these settings are refused."""
    with pytest.raises(ValidationError) as refused:
        RestSettings.model_validate({**ACCOUNT, **more})
    return str(refused.value)


# ---- own names, own codes, own forms of dates


async def test_dossier_goes_in_the_ministrys_own_names_codes_and_dates() -> None:
    """Three ministries by configuration alone: one message each, in its own spelling."""
    more = {
        "fields": OWN_NAMES,
        "statuses": {"received": "20", "finished": "90"},
        "date_form": "dd/MM/yyyy HH:mm:ss",
        "date_forms": {"NgayHenTra": "yyyy-MM-dd"},
    }
    up = portal({"TraCuuHoSo": NONE, "DongBoHoSoMC": WELL}, **more)

    told = await calls.send_dossier(dossier(), up)

    [row] = sent(up)["data"]
    assert (row["SoDinhDanh"], row["TinhTrang"]) == ("049185978634", "20")
    assert (row["NgayTiepNhan"], row["NgayHenTra"]) == ("06/01/2026 09:15:00", "2026-01-20")
    assert not OWN_NAMES.keys() & row.keys()
    assert (told.state, told.status, told.source_code) == ("synced", "received", "20")


async def test_what_comes_back_is_read_in_the_same_names() -> None:
    """Status and steps of the answer are the ministry's own, and so is the form of an instant."""
    rows = {"TinhTrang": "90", "TienDo": [{"CanBoThuLy": "Mai", "ThoiDiemXuLy": "05/02/2026 09:15:00"}]}
    up = portal({"TraCuuHoSo": known(**rows)}, fields=OWN_NAMES, statuses={"finished": "90"})

    found = await calls.dossier(QUERY, up)

    assert found is not None
    assert (found.status, found.source_code) == ("finished", "90")
    assert found.steps[0].officer == "Mai"
    assert str(found.steps[0].processed_at) == "2026-02-05 02:15:00+00:00"


async def test_status_that_the_ministry_has_no_code_for_is_refused_with_the_nearest() -> None:
    """Nothing is guessed and nothing is sent."""
    up = portal({}, statuses={"received": "20", "finished": "90", "stopped": "3", "withdrawn": "4"})

    with pytest.raises(InvalidRequest) as refused:
        await calls.report_progress(step(status="in_process"), up)

    [error] = refused.value.errors
    assert error.pointer == "/status"
    assert error.mistake.en.startswith("is not a known status; the nearest are ")
    assert up.rest == []


async def test_code_that_the_ministry_issues_begins_with_its_agency() -> None:
    """A province's own code would not be found there."""
    up = portal({}, dossier_codes={"issued_by": "ministry", "agency": "000.00.00.G17"})

    with pytest.raises(InvalidRequest) as refused:
        await calls.send_dossier(dossier(), up)

    assert [error.pointer for error in refused.value.errors] == ["/dossier_code"]


async def test_ministry_that_answers_with_another_dossier_is_inconsistent() -> None:
    """Nothing is concluded from it."""
    up = portal({"TraCuuHoSo": {**NONE, "result": [{"MaHoSo": "000.00.04.H58-260106-9999"}]}})

    with pytest.raises(OffContract) as met:
        await calls.dossier(QUERY, up)

    assert met.value.reason == "inconsistent_response"


# ---- settings


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"fields": {"MaDoiTuon": "X"}}, "fields: 'MaDoiTuon' is not a field; the nearest are MaDoiTuong"),
        ({"fields": {"ChuHoSo": "Email"}}, "fields: ChuHoSo and Email would both be sent as Email"),
        (
            {"date_forms": {"NgayHen": "dd/MM/yyyy"}},
            "date_forms: 'NgayHen' is not a field with an instant; the nearest",
        ),
        ({"date_form": "dd-MMM-yyyy"}, "has other letters than yyyy, MM, dd, HH, mm, ss"),
        ({"date_form": "MM/yyyy"}, "is not a form of a date"),
        ({"statuses": {"da_nhan": "1"}}, "statuses.da_nhan"),
        ({"dossier_codes": {"issued_by": "ministry"}}, "issued_by: ministry needs agency"),
        ({"agency": "H58"}, "agency"),
        ({"sentences": [{"says": "", "kind": "final"}]}, "has no word"),
    ],
)
def test_wrong_entry_is_refused_in_a_clear_sentence(more: dict[str, Any], said: str) -> None:
    """A ministry is data, so its data are checked at start."""
    assert said in complaint(**more)


def test_token_goes_where_the_ministry_wants_it() -> None:
    """In the body, or as a bearer token."""
    asked = Rest(name="TraCuuHoSo", path="integration", json={"service": "TraCuuHoSo"})
    session, bearer = (RestSettings.model_validate({**ACCOUNT, "token_kind": kind}) for kind in ("session", "bearer"))

    in_body, in_header = (LOGIN.put(asked, Token("abc", None), settings) for settings in (session, bearer))

    assert isinstance(in_body, Rest)
    assert isinstance(in_header, Rest)
    assert in_body.json == {"session": "abc", "madonvi": "000.00.01.H58", "service": "TraCuuHoSo"}
    assert (in_header.json, in_header.headers) == (
        {"madonvi": "000.00.01.H58", "service": "TraCuuHoSo"},
        {"Authorization": "Bearer abc"},
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"session": "", "error_code": 1}, "credentials"),
        ({"session": "", "error_code": 0}, "malformed"),
        ({"session": "x", "error_code": 77}, "off_contract"),
        ([], "malformed"),
    ],
)
def test_login_that_gives_no_session_says_why(body: object, reason: str) -> None:
    """A wrong password is told apart from an answer that nobody can read."""
    found = LOGIN.read(Reply(200, {}, body), NOW)

    assert isinstance(found, GatewayError)
    assert (found.reason, found.may_have_arrived) == (reason, False)


# ---- sentences

RULES = [
    {"says": "vui lòng thử lại", "kind": "try_again"},
    {"says": "không được phép", "kind": "final"},
    {"says": "đã tồn tại", "kind": "known"},
    {"says": "thành công", "kind": "accepted"},
]


@pytest.mark.parametrize(
    ("answer", "met"),
    [
        ({"error_code": "77", "message": "Hồ sơ ĐÃ TỒN TẠI"}, AlreadyReceived),
        ({"error_code": "77", "message": "Vui lòng thử lại sau"}, Failing),
        ({"error_code": "77", "message": "Đơn vị không được phép gửi"}, Conflict),
        ({"error_code": "77", "message": "Lỗi khác"}, OffContract),
        ({"error_code": "77", "message": "Thành công"}, OffContract),
        ({"error_code": "00", "message": "Vui lòng thử lại"}, Failing),
    ],
)
async def test_code_that_no_table_knows_is_read_by_its_sentence(answer: dict[str, str], met: type[Exception]) -> None:
    """A sentence never makes a refusal a success, and an unknown one is never guessed."""
    up = portal({"TraCuuHoSo": NONE, "DongBoHoSoMC": answer}, sentences=RULES)

    with pytest.raises(met):
        await calls.send_dossier(dossier(), up)


# ---- what waits


async def test_messages_are_dossiers_and_results() -> None:
    """Each is read as one that is pushed would be; a row that can't be read is counted."""
    rows = [
        {
            "MaThongDiep": "A",
            "LoaiThongDiep": "HOSO",
            "ThoiDiemGui": "20260105080000",
            "HoSo": {"MaHoSo": CODE, "MaTTHC": "1"},
        },
        {"MaThongDiep": "B", "LoaiThongDiep": "KETQUA", "HoSo": {"MaHoSo": CODE, "TrangThaiHoSo": "9"}},
        {"MaThongDiep": "C", "LoaiThongDiep": "KHAC", "HoSo": {"MaHoSo": CODE}},
        {"MaThongDiep": "D", "LoaiThongDiep": "HOSO", "HoSo": {"MaTTHC": "1"}},
    ]
    page = await calls.incoming(
        IncomingQuery(ministry="construction"), portal({"LayHoSoGuiTinh": {**NONE, "result": rows, "ConLai": 3}})
    )

    assert [(one.message_id, one.kind) for one in page.items] == [("A", "dossier"), ("B", "result"), ("C", "unknown")]
    assert page.items[0].dossier is not None
    assert page.items[1].result is not None
    assert (page.total, page.rows_left_out) == (7, 1)


@pytest.mark.parametrize("field", ["from", "to", "page_token"])
async def test_ministry_that_knows_no_days_says_so(field: str) -> None:
    """A period that would be ignored is refused."""
    query = IncomingQuery.model_validate_json(f'{{"ministry": "construction", "{field}": "2026-01-05"}}', strict=True)

    with pytest.raises(InvalidRequest) as refused:
        await calls.incoming(query, portal({}))

    assert [error.pointer for error in refused.value.errors] == [f"/{field}"]


# ---- whatever comes


@given(code=st.text(max_size=3) | st.integers() | st.none(), name=st.sampled_from(["TraCuuHoSo", "DongBoHoSoMC"]))
def test_code_of_an_order_is_never_taken_for_success_by_chance(code: object, name: str) -> None:
    """Only zero is, cleaned as every text is; of a question an unknown code is off contract."""
    found = classify(Rest(name=name, path="x"), Reply(200, {}, {"error_code": code, "result": [{}]}))

    if name == "TraCuuHoSo" and found is ReplyKind.ANSWER:
        assert re.fullmatch(r"0+(\.0*)?", cleaned(str(code)).strip())
