"""The first generation: what is sent, what its codes mean, what its answers become."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.connectors.public_service_portal.model import ProceduresQuery, StatusReport
from gateway.connectors.public_service_portal.ngsp import calls, translate
from gateway.connectors.public_service_portal.ngsp.login import LOGIN, NgspSettings
from gateway.connectors.public_service_portal.ngsp.translate import classify
from gateway.connectors.public_service_portal.operations import REPORT_STATUS
from gateway.core.message import Reply, ReplyKind, Rest, Token
from gateway.core.problems import Conflict, GatewayError, InvalidRequest, OffContract, Refused
from gateway.dossiers.model import DossierQuery
from gateway.dossiers.session import code_of
from gateway.dossiers.wire import instant
from gateway.testing import FakeUpstream, InTurn
from tests.gateway.connectors.public_service_portal.support import (
    ACCOUNT,
    CODE,
    NONE,
    NOW,
    SETTINGS,
    WELL,
    dossier,
    known,
    portal,
    services,
    step,
)

QUERY = DossierQuery(dossier_code=CODE)


def body_of(up: FakeUpstream, place: int = -1) -> dict[str, Any]:
    """What was sent."""
    found = up.rest[place].json
    assert isinstance(found, dict)
    return found


def pointers(error: InvalidRequest) -> list[str]:
    """Where a request is wrong."""
    return [found.pointer for found in error.errors]


# ---- login


def test_session_and_agency_ride_in_the_body_and_the_destination_in_the_header() -> None:
    """As public code sends them, with the login and every call."""
    login = LOGIN.ask(SETTINGS)
    sent = LOGIN.put(translate.ask_dossier(CODE, SETTINGS), Token("abc", None), SETTINGS)

    assert isinstance(sent, Rest)
    assert login.json == {"username": "tinh", "password": "published"}
    assert login.headers == sent.headers == {"dstcode": "VN:GOV:000.00.00.G22:vpcpdvcprovider"}
    assert sent.json == {"session": "abc", "madonvi": "000.00.01.H58", "service": "TraCuuHoSo", "mahoso": CODE}


def test_without_a_destination_no_header_is_sent() -> None:
    """A province whose adapter asks for none."""
    plain = NgspSettings.model_validate({**ACCOUNT, "dstcode": None})

    assert LOGIN.ask(plain).headers == {}


@pytest.mark.parametrize("code", ["00", "0", 0])
def test_success_is_a_number_however_it_is_written(code: object) -> None:
    """Both spellings were seen, and a number is as good."""
    assert code_of({"error_code": code}) == "0"
    assert LOGIN.read(Reply(200, {}, {"session": "abc", "error_code": code}), NOW) == Token("abc", None)


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        ({"session": "", "error_code": 1}, Refused, "credentials"),
        ({"session": "", "error_code": 0}, OffContract, "malformed"),
        ({"error_code": 0}, OffContract, "malformed"),
        ({"session": "abc"}, OffContract, "malformed"),
        ({"session": "abc", "error_code": 99}, OffContract, "off_contract"),
        ([], OffContract, "malformed"),
    ],
)
def test_login_that_gives_no_session_says_why(body: object, kind: type, reason: str) -> None:
    """A wrong password is told apart from an answer that nobody can read."""
    found = LOGIN.read(Reply(200, {}, body), NOW)

    assert isinstance(found, kind)
    assert isinstance(found, GatewayError)
    assert (found.reason, found.may_have_arrived) == (reason, False)


# ---- a dossier


async def test_dossier_that_the_portal_does_not_know_is_new() -> None:
    """It is asked first; `isUpdating` is a text."""
    up = portal({"TraCuuHoSo": NONE, "DongBoHoSoMC": WELL})

    told = await calls.sync_dossier(dossier(), up)

    assert services(up) == ["TraCuuHoSo", "DongBoHoSoMC"]
    assert body_of(up)["isUpdating"] == "False"
    [sent] = body_of(up)["data"]
    assert (sent["MaHoSo"], sent["TrangThaiHoSo"], sent["NgayTiepNhan"]) == (CODE, "2", "20260106091500")
    assert (sent["KenhThucHien"], sent["LoaiDoiTuong"], sent["GhiChu"]) == ("2", "1", "")
    assert (told.state, told.status, told.procedure_code) == ("synced", "received", "9.000101.000.00.00.H58")


async def test_dossier_that_the_portal_knows_is_updated() -> None:
    """Its newer state takes the place of the older."""
    up = portal({"TraCuuHoSo": known(), "DongBoHoSoMC": WELL})

    await calls.sync_dossier(dossier(status="finished"), up)

    assert body_of(up)["isUpdating"] == "True"


async def test_nothing_is_sent_where_the_portal_cannot_say_whether_it_knows_the_dossier() -> None:
    """An empty 404 may be a proxy's; the order is not done."""
    up = portal({"TraCuuHoSo": Reply(404, {}, None, empty=True)})

    with pytest.raises(OffContract) as met:
        await calls.sync_dossier(dossier(), up)

    assert met.value.outcome("write") == "not_done"
    assert services(up) == ["TraCuuHoSo"]


async def test_look_up_about_another_dossier_is_refused() -> None:
    """Nothing is concluded from it."""
    up = portal({"TraCuuHoSo": known(MaHoSo="000.00.04.H58-260106-9999")})

    with pytest.raises(OffContract) as met:
        await calls.dossier_sync(QUERY, up)

    assert met.value.reason == "inconsistent_response"


async def test_procedure_that_is_not_published_is_told_at_its_field() -> None:
    """The province's map of codes is what has to change."""
    up = portal({"TraCuuHoSo": NONE, "DongBoHoSoMC": {"error_code": "09", "message": "x"}})

    with pytest.raises(InvalidRequest) as met:
        await calls.sync_dossier(dossier(), up)

    assert pointers(met.value) == ["/procedure/code"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"dossier_code": "260106-1"}, "/dossier_code"),
        ({"dossier_code": "000.00.04.H58-261306-0001"}, "/dossier_code"),
        ({"due_at": "2026-01-05T00:00:00+07:00"}, "/due_at"),
        ({"finished_at": "2026-01-05T00:00:00+07:00"}, "/finished_at"),
        ({"received_at": "2027-01-06T09:15:00+07:00", "due_at": None}, "/received_at"),
        ({"status": "in_proces"}, "/status"),
        ({"submitted_to": "own_system"}, "/submitted_to"),
        ({"subject": {"kind": "agency"}}, "/subject/kind"),
        ({"documents": [{"file_name": "a.pdf", "digitised": True}]}, "/documents/0/digitised"),
        ({"documents": [{"file_name": "a" * 2001}]}, "/documents/0/file_name"),
        ({"results": [{"name": "Giấy khai sinh", "code": "KQ.1"}]}, "/results/0/code"),
    ],
)
async def test_dossier_that_cannot_be_sent_is_refused_before_anything_is_asked(
    changes: dict[str, object], pointer: str
) -> None:
    """With the place of each mistake; nothing is dropped."""
    up = portal({})

    with pytest.raises(InvalidRequest) as met:
        await calls.sync_dossier(dossier(**changes), up)

    assert pointers(met.value) == [pointer]
    assert up.rest == []


async def test_unknown_status_names_the_nearest_three() -> None:
    """Words of the API and local codes alike."""
    settings = NgspSettings.model_validate({**ACCOUNT, "codes": {"statuses": {"DXL": "in_process", "DTN": "received"}}})

    with pytest.raises(InvalidRequest) as met:
        await calls.sync_dossier(dossier(status="DXK"), portal({}, settings=settings))

    [wrong] = met.value.errors
    assert wrong.mistake.code == "unknown_status"
    assert "DXL" in wrong.mistake.en
    assert wrong.mistake.en.count(",") == 2


async def test_local_codes_become_the_portals() -> None:
    """By the tables of the configuration; a code that is the portal's already stays."""
    tables = {"statuses": {"DXL": "in_process"}, "procedures": {"TTHC-1": "9.000101.000.00.00.H58"}}
    settings = NgspSettings.model_validate({**ACCOUNT, "codes": tables})
    local = dossier(status="DXL", procedure={"code": "TTHC-1", "name": "Đăng ký khai sinh"})
    up = portal({"TraCuuHoSo": NONE, "DongBoHoSoMC": WELL}, settings=settings)

    told = await calls.sync_dossier(local, up)

    [sent] = body_of(up)["data"]
    assert (sent["TrangThaiHoSo"], sent["MaTTHC"]) == ("4", "9.000101.000.00.00.H58")
    assert (told.status, told.procedure_code) == ("in_process", "9.000101.000.00.00.H58")
    with pytest.raises(InvalidRequest) as met:
        await calls.sync_dossier(dossier(procedure={"code": "TTHC-2", "name": "x"}), portal({}, settings=settings))
    assert pointers(met.value) == ["/procedure/code"]


# ---- steps and statuses


async def test_step_is_sent_and_told() -> None:
    """One exchange, and the state that the portal has now."""
    up = portal({"CapNhatTienDoHoSoMC": WELL})

    told = await calls.report_progress(step(), up)

    [sent] = body_of(up)["data"]
    assert (sent["TrangThai"], sent["ThoiDiemXuLy"], sent["NgayBatDau"]) == ("4", "20260205091500", "")
    assert (told.state, told.status) == ("synced", "in_process")


@pytest.mark.parametrize(("code", "reason"), [("05", "not_synced"), ("06", "later_step_sent")])
async def test_step_that_comes_too_early_or_too_late_is_a_conflict(code: str, reason: str) -> None:
    """By the portal's own word."""
    with pytest.raises(Conflict) as met:
        await calls.report_progress(step(), portal({"CapNhatTienDoHoSoMC": {"error_code": code, "message": "x"}}))

    assert (met.value.reason, met.value.outcome("write")) == (reason, "not_done")


async def test_step_that_the_portal_has_is_the_same_step() -> None:
    """Nothing is done twice, and nothing went wrong."""
    told = await calls.report_progress(step(), portal({"CapNhatTienDoHoSoMC": {"error_code": "11", "message": "x"}}))

    assert told.state == "synced"


async def test_status_is_told_by_both_codes_and_not_received_has_another_number() -> None:
    """3 is 11 in this service alone."""
    example = {**REPORT_STATUS.example, "status": "not_received"}
    report = StatusReport.model_validate_json(json.dumps(example), strict=True)
    up = portal({"DongBoTrangThaiHoSo": WELL})

    told = await calls.report_status(report, up)

    [sent] = body_of(up)["data"]
    assert body_of(up)["type"] == "2"
    assert (sent["MaHoSo"], sent["MaHoSoDonVi"]) == (report.national_code, report.dossier_code)
    assert sent["TrangThai"] == "11"
    assert (told.status, told.source_code, told.source_id) == ("not_received", "3", report.national_code)


# ---- what the portal has


async def test_dossier_is_told_with_its_steps() -> None:
    """A status that nobody knows stays visible by its code."""
    rows = [
        {"MaHoSo": CODE, "NguoiXuLy": "Mai", "ThoiDiemXuLy": "20260106092000", "NoiDungXuLy": "x", "TrangThai": "02"},
        {"MaHoSo": CODE, "NguoiXuLy": "Mai", "ThoiDiemXuLy": "20260107092000", "NoiDungXuLy": "x", "TrangThai": "77"},
    ]

    told = await calls.dossier_sync(QUERY, portal({"TraCuuHoSo": known(*rows, TrangThaiHoSo="4")}))

    assert told is not None
    assert (told.state, told.status, told.waiting) == ("synced", "in_process", 0)
    assert [(one.status, one.source_code) for one in told.steps] == [("received", "2"), ("unknown", "77")]
    assert told.steps[0].processed_at == datetime(2026, 1, 6, 2, 20, tzinfo=UTC)


async def test_dossier_that_was_never_sent_is_a_fact() -> None:
    """An empty list, with a word of success beside it."""
    assert await calls.dossier_sync(QUERY, portal({"TraCuuHoSo": NONE})) is None


@pytest.mark.parametrize("message", ["Hệ thống đang bảo trì", "Lỗi kết nối cơ sở dữ liệu"])
async def test_empty_answer_beside_a_failure_is_not_believed(message: str) -> None:
    """Else a known dossier would be sent as new."""
    with pytest.raises(OffContract):
        await calls.dossier_sync(QUERY, portal({"TraCuuHoSo": {**NONE, "message": message}}))


@pytest.mark.parametrize("name", ["TraCuuHoSo", "DongBoHoSoMC", "CapNhatTienDoHoSoMC", "LayThuTuc"])
def test_spent_session_is_seen_in_http_200(name: str) -> None:
    """By its code, from reads as a number and from writes as a text."""
    for code in (2, "02"):
        found = classify(Rest(name=name, path="x"), Reply(200, {}, {"error_code": code, "message": "x"}))
        assert found is ReplyKind.LOGIN_EXPIRED


@given(code=st.integers(-5, 200) | st.text(max_size=4), name=st.sampled_from(["TraCuuHoSo", "DongBoHoSoMC", "login"]))
def test_only_zero_is_success(code: int | str, name: str) -> None:
    """Whatever code comes, an order counts as taken by zero alone."""
    body = {"error_code": code, "result": [{"MaHoSo": CODE}]}
    zero = code_of(body) in {"0", None}

    assert (classify(Rest(name=name, path="x"), Reply(200, {}, body)) in {ReplyKind.ANSWER, None}) is zero


@given(st.integers(631_152_000, 4_102_444_800))
def test_instant_is_written_in_vietnam(seconds: int) -> None:
    """Fourteen digits, seven hours ahead."""
    at = datetime.fromtimestamp(seconds, UTC)
    written = instant(at)

    assert len(written) == 14
    assert datetime.strptime(written + "+0700", "%Y%m%d%H%M%S%z") == at


# ---- procedures


def procedure(code: str, name: str, **more: object) -> dict[str, Any]:
    """A procedure of the list."""
    return {
        "MATTHC": code,
        "TENTTHC": name,
        "LINHVUCTHUCHIEN": [{"MALINHVUC": "LV01", "TENLINHVUC": "Hộ tịch"}],
        **more,
    }


def listed(*rows: dict[str, Any]) -> dict[str, Any]:
    """The portal's answer."""
    return {"error_code": 0, "message": "Thành công", "result": list(rows)}


@pytest.mark.parametrize("words", ["dang ky", "ĐĂNG KÝ", "khai sinh dang", "đăng ký"])
async def test_search_does_not_mind_diacritics(words: str) -> None:
    """đ is found by d; all words have to be there, in any order."""
    up = portal({"LayDanhSachTTHC": listed(procedure("2", "Đăng ký khai sinh"), procedure("1", "Cấp bản sao"))})

    found = await calls.procedures(ProceduresQuery(q=words), up)

    assert [one.code for one in found.items] == ["2"]
    assert (found.total, found.next_page_token) == (1, None)


async def test_pages_go_on_where_they_ended() -> None:
    """By codes, so that a procedure that comes in between moves nothing; a token of another query is refused."""
    rows = [procedure(f"1.{number:06d}", "x") for number in range(250)]
    up = portal({"LayDanhSachTTHC": InTurn(*[listed(*reversed(rows))] * 4)})

    first = await calls.procedures(ProceduresQuery(), up)
    second = await calls.procedures(ProceduresQuery(page_token=first.next_page_token), up)
    third = await calls.procedures(ProceduresQuery(page_token=second.next_page_token), up)

    assert [len(page.items) for page in (first, second, third)] == [100, 100, 50]
    assert [one.code for page in (first, second, third) for one in page.items] == [row["MATTHC"] for row in rows]
    assert third.next_page_token is None
    for token in (first.next_page_token, "x", "AAAAAAAAAAAA"):
        with pytest.raises(InvalidRequest) as met:
            await calls.procedures(ProceduresQuery(q="khai sinh", page_token=token), up)
        assert pointers(met.value) == ["/page_token"]


@pytest.mark.parametrize(
    ("fees", "state"),
    [
        ([], "no_fee"),
        ([{"SOTIEN": "0"}], "no_fee"),
        ([{"SOTIEN": "200000", "DONVI": "Đồng"}], "charged"),
        ([{"SOTIEN": "", "MOTA": "theo quy định"}], "not_said"),
        ([{"SOTIEN": "theo quy định"}], "not_said"),
        (None, "not_said"),
    ],
)
async def test_no_fee_is_not_an_unknown_fee(fees: object, state: str) -> None:
    """An empty list says that none is taken; a missing one says nothing."""
    time = {"THOIGIANGIAIQUYET": 3, "DONVITINH": "Ngày làm việc", "PHILEPHI": fees}
    whole = procedure("1", "x", CACHTHUCTHUCHIEN=[{"KENH": 2, "THOIGIAN": [time]}], TRANGTHAI="1")

    page = await calls.procedures(ProceduresQuery(code="1"), portal({"LayThuTuc": listed(whole)}))

    [found] = page.items
    assert (found.fee_state, found.ways[0].times[0].fee_state) == (state, state)
    assert (found.ways[0].channel, found.ways[0].times[0].duration, found.is_public) == ("online", 3, True)


async def test_procedure_other_than_asked_is_refused() -> None:
    """Asked by its code, it has to have it; one that the portal does not know is an empty list."""
    with pytest.raises(OffContract):
        await calls.procedures(ProceduresQuery(code="1"), portal({"LayThuTuc": listed(procedure("2", "x"))}))
    assert (await calls.procedures(ProceduresQuery(code="1"), portal({"LayThuTuc": listed()}))).items == ()
