"""The second generation: what is sent to which address, and what its answers become."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gateway.connectors.public_service_portal.gen2 import GEN2, calls
from gateway.connectors.public_service_portal.gen2.translate import (
    Gen2Settings,
    classify,
    dossier_row,
    progress_message,
)
from gateway.core.message import Exchange, Reply, ReplyKind, Rest
from gateway.core.problems import Conflict, GatewayError, InvalidRequest, NotFound, OffContract
from gateway.dossiers.model import DossierQuery
from gateway.testing import FakeClock, FakeUpstream
from gateway.testing.upstream import Script
from tests.gateway.connectors.public_service_portal.support import CODE, NOW, dossier, step
from tests.support.laptop import ROOT

ACCOUNT: Final[dict[str, Any]] = {"url": "http://portal.test", "provinces": ["H58"]}
SETTINGS: Final = Gen2Settings.model_validate(ACCOUNT)
FOLDER: Final = ROOT / "contracts" / "public_service_portal"
CONTRACT: Final = yaml.safe_load((FOLDER / "gen2.yaml").read_text("utf-8"))
ADDED: Final = {"error_code": "0", "message": "Thêm mới hồ sơ thành công"}
UPDATED: Final = {"error_code": "0", "message": "Cập nhật hồ sơ thành công"}
HAD: Final = {"error_code": "3", "message": "Hồ sơ đã tồn tại trên hệ thống"}
REFUSED: Final = {"error_code": "3", "message": "Dữ liệu không hợp lệ"}
OTHER: Final = "000.00.04.H58-260106-9102"
WHOLE: Final[Mapping[str, object]] = {
    "submitted_at": "2026-01-06T08:00:00+07:00",
    "refused_at": "2026-01-07T08:00:00+07:00",
    "submitted_to": "national_portal",
    "digitised": True,
    "vneid_verified": False,
    "online_payment": "other",
    "databases": ["7"],
    "subject": {
        "kind": "agency",
        "document_number": "049185978634",
        "identities": [
            {"kind": "citizen_id", "number": "049185978634"},
            {"kind": "old_identity_card", "number": "123456789"},
        ],
    },
    "documents": [
        {
            "file_name": "a" * 4_000,
            "digitised": True,
            "reuse": "from_result",
            "from_national_store": True,
            "replaced_by": "KQ.1",
        },
        {"file_name": "b.pdf"},
    ],
    "results": [{"name": "Giấy khai sinh", "code": "KQ.2", "url": "https://mot-cua.invalid/kq"}],
}
"""All that the first generation has no field for."""


def gen2(script: Script, settings: Gen2Settings = SETTINGS) -> FakeUpstream[Gen2Settings]:
    """The portal, which answers what *script* says."""
    return FakeUpstream(GEN2, settings, script, clock=FakeClock(NOW))


def names(up: FakeUpstream[Gen2Settings]) -> list[str]:
    """The calls, in order."""
    return [exchange.name for exchange in up.sent]


def conforms(name: str, value: object) -> None:
    """Fails unless *value* is what the contract allows."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": CONTRACT["components"]}
    Draft202012Validator(schema).validate(value)


# ---- what is sent


async def test_new_dossier_goes_to_the_address_of_new_ones_as_a_bare_list() -> None:
    """No session, no envelope; nothing is asked before."""
    up = gen2({"ThemMoiHoSo": ADDED})

    told = await calls.sync_dossier(dossier(), up)

    [sent] = up.rest
    assert (sent.path, sent.query, sent.headers) == ("them-moi", {}, {})
    conforms("DanhSachHoSo", sent.json)
    assert (told.state, told.status, told.procedure_code) == ("synced", "received", "9.000101.000.00.00.H58")


def test_fields_that_the_first_generation_lacks_are_sent() -> None:
    """Each under its name, with the numbers of the contract; in rows beside the older ones."""
    row = dossier_row(dossier(**WHOLE), SETTINGS)

    conforms("HoSo", row)
    assert {name: row[name] for name in (
        "SoGiayToChuHoSo", "NoiNopHoSo", "HoSoCoThanhPhanSoHoa", "TaiKhoanDuocXacThucVoiVNeID",
        "DuocThanhToanTrucTuyen", "NgayTuChoi", "NgayNopHoSo", "LoaiDoiTuong",
    )} == {
        "SoGiayToChuHoSo": "049185978634",
        "NoiNopHoSo": "1",
        "HoSoCoThanhPhanSoHoa": "1",
        "TaiKhoanDuocXacThucVoiVNeID": "0",
        "DuocThanhToanTrucTuyen": "3",
        "NgayTuChoi": "20260107080000",
        "NgayNopHoSo": "20260106080000",
        "LoaiDoiTuong": "3",
    }  # fmt: skip
    assert row["DinhDanhCHS"] == [
        {"LoaiDinhDanh": "1", "SoDinhDanh": "049185978634"},
        {"LoaiDinhDanh": "2", "SoDinhDanh": "123456789"},
    ]
    assert row["DSKetNoiCSDL"] == [{"MaCSDL": "7"}]
    first, second = row["TaiLieuNop"]  # type: ignore[misc]
    assert [first[name] for name in ("DuocSoHoa", "DuocTaiSuDung", "DuocLayTuKhoDMQG", "MaKetQuaThayThe")] == [
        "1", "2", "1", "KQ.1",
    ]  # fmt: skip
    assert (second["TenTepDinhKem"], second["DuocSoHoa"], second["DuocTaiSuDung"]) == ("b.pdf", "", "")
    assert row["DanhSachGiayToKetQua"][0]["MaGiayToKetQua"] == "KQ.2"  # type: ignore[index]


def test_what_is_not_said_is_empty_and_never_made_up() -> None:
    """Public code sends a made-up identity number where it has none."""
    row = dossier_row(dossier(), SETTINGS)

    conforms("HoSo", row)
    assert (row["DinhDanhCHS"], row["NoiNopHoSo"], row["TaiKhoanDuocXacThucVoiVNeID"]) == ([], "", "")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"summary": "a" * 1_001}, "/summary"),
        ({"dossier_code": "000.00.04.H20-260106-0001"}, "/dossier_code"),
        ({"dossier_code": "260106-1"}, "/dossier_code"),
        ({"status": "in_proces"}, "/status"),
        ({"subject": {"identities": [{"kind": "citizen_id", "number": "123456789"}]}}, "/subject/identities/0/number"),
        ({"refused_at": "2026-01-05T00:00:00+07:00", "submitted_at": "2026-01-06T00:00:00+07:00"}, "/refused_at"),
    ],
)
async def test_dossier_that_cannot_be_sent_is_refused_before_anything_is_asked(
    changes: dict[str, object], pointer: str
) -> None:
    """With the place of the mistake; nothing is cut off."""
    up = gen2({})

    with pytest.raises(InvalidRequest) as met:
        await calls.sync_dossier(dossier(**changes), up)

    assert [error.pointer for error in met.value.errors] == [pointer]
    assert up.rest == []


async def test_code_of_a_province_that_was_merged_is_accepted_where_it_is_named() -> None:
    """Older dossiers keep it."""
    merged = Gen2Settings.model_validate({**ACCOUNT, "provinces": ["H58", "H20"]})

    told = await calls.sync_dossier(
        dossier(dossier_code="000.00.04.H20-260106-0001"), gen2({"ThemMoiHoSo": ADDED}, merged)
    )

    assert told.dossier_code == "000.00.04.H20-260106-0001"


async def test_step_with_a_name_that_is_too_long_is_refused() -> None:
    """The portal takes fifty characters."""
    with pytest.raises(InvalidRequest) as met:
        await calls.report_progress(step(officer={"full_name": "a" * 51}), gen2({}))

    assert [error.pointer for error in met.value.errors] == ["/officer/full_name"]
    assert (
        conforms("DanhSachTienTrinh", progress_message([step(officer={"full_name": "a" * 50})], SETTINGS).json) is None
    )


# ---- new, known, newer


async def test_dossier_that_the_portal_has_is_sent_to_the_other_address() -> None:
    """By its sentence, whichever of the three codes is beside it; the content is the same."""
    for code in ("0", "3", "-3"):
        up = gen2({"ThemMoiHoSo": {**HAD, "error_code": code}, "CapNhatHoSo": UPDATED})

        told = await calls.sync_dossier(dossier(), up)

        assert names(up) == ["ThemMoiHoSo", "CapNhatHoSo"]
        assert up.rest[0].json == up.rest[1].json
        assert told.state == "synced"


async def test_newer_state_that_is_refused_may_be_of_a_dossier_that_the_portal_lacks() -> None:
    """The address of new ones is tried; where the portal has it, the refusal stands."""
    lacks = gen2({"CapNhatHoSo": {"error_code": "3", "message": "Hồ sơ chưa được đồng bộ"}, "ThemMoiHoSo": ADDED})
    has = gen2({"CapNhatHoSo": REFUSED, "ThemMoiHoSo": HAD})

    assert (await calls.update_dossier(dossier(), lacks)).state == "synced"
    with pytest.raises(Conflict) as met:
        await calls.update_dossier(dossier(), has)

    assert (met.value.reason, names(has)) == ("refused_for_good", ["CapNhatHoSo", "ThemMoiHoSo"])


@pytest.mark.parametrize("answer", [{"error_code": "0", "message": "OK"}, {"error_code": "0"}, HAD])
async def test_newer_state_is_taken_by_a_sentence_of_success_alone(answer: dict[str, str]) -> None:
    """A code of success without it may be one of anything."""
    with pytest.raises(OffContract):
        await calls.update_dossier(dossier(), gen2({"CapNhatHoSo": answer}))


async def test_refused_dossier_is_sent_to_no_other_address() -> None:
    """It would be refused there too."""
    up = gen2({"ThemMoiHoSo": REFUSED})

    with pytest.raises(Conflict) as met:
        await calls.sync_dossier(dossier(), up)

    assert (met.value.reason, met.value.outcome("write"), names(up)) == (
        "refused_for_good",
        "not_done",
        ["ThemMoiHoSo"],
    )


# ---- steps


def answered(code: str, message: str = "Cập nhật tiến trình thành công", error_code: str = "0") -> dict[str, str]:
    """The answer about one step."""
    return {"MaHoSo": code, "error_code": error_code, "message": message}


async def test_each_step_of_a_list_has_its_own_answer() -> None:
    """A public integration reads the first for all, so it never sees the one that failed."""
    steps = [step(), step(dossier_code=OTHER)]
    up = gen2({"DongBoTienTrinh": [answered(CODE), answered(OTHER, "Hồ sơ chưa được đồng bộ", "3")]})

    first, second = await calls.send_steps(steps, up)

    assert (up.rest[0].path, len(up.rest[0].json)) == ("dong-bo-tien-trinh", 2)  # type: ignore[arg-type]
    assert not isinstance(first, GatewayError)
    assert (first.dossier_code, first.status) == (CODE, "in_process")
    assert isinstance(second, Conflict)


@pytest.mark.parametrize(
    "answer",
    [UPDATED, "Đồng bộ thành công", {"message": "Thành Công"}, [answered(CODE)], [answered(CODE, "đã tồn tại")]],
)
async def test_step_may_be_answered_by_a_list_an_object_or_a_sentence(answer: object) -> None:
    """Public code reads the answer as a text."""
    assert (await calls.report_progress(step(), gen2({"DongBoTienTrinh": answer}))).state == "synced"


async def test_one_refusal_for_all_is_a_refusal_of_the_list() -> None:
    """Halves of it tell which step was meant."""
    with pytest.raises(Conflict):
        await calls.send_steps([step(), step(dossier_code=OTHER)], gen2({"DongBoTienTrinh": REFUSED}))


@pytest.mark.parametrize("answer", [[], [answered(CODE)], [answered(CODE)] * 3])
async def test_list_that_does_not_answer_each_step_is_off_contract(answer: object) -> None:
    """None of the steps counts as taken, and none as refused."""
    with pytest.raises(OffContract) as met:
        await calls.send_steps([step(), step(dossier_code=OTHER)], gen2({"DongBoTienTrinh": answer}))

    assert met.value.outcome("write") == "unknown"


async def test_answer_about_another_dossier_is_refused() -> None:
    """Whatever it says of it."""
    with pytest.raises(OffContract) as met:
        await calls.report_progress(step(), gen2({"DongBoTienTrinh": [answered(OTHER)]}))

    assert met.value.reason == "inconsistent_response"


# ---- the rest


async def test_dossier_cannot_be_asked_for() -> None:
    """That there is none would be a guess."""
    up = gen2({})

    with pytest.raises(NotFound) as met:
        await calls.dossier_sync(DossierQuery(dossier_code=CODE), up)

    assert (met.value.reason, up.rest) == ("no_question_at_source", [])


async def test_preflight_counts_what_this_generation_can_carry() -> None:
    """The fields that earn points are sendable here."""
    found = await calls.preflight(dossier(**{**WHOLE, "vneid_verified": True}), gen2({}))

    assert {point.name for point in found.points if point.verdict == "kept"} == {
        "synced", "online", "result_digitised", "reused", "national_store", "identified",
    }  # fmt: skip


@given(
    body=st.none()
    | st.text(max_size=5)
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(max_size=5), st.integers()),
    status=st.sampled_from([200, 201, 400, 404, 500]),
)
def test_only_a_sentence_with_success_is_an_answer(body: object, status: int) -> None:
    """Of the addresses of dossiers an object, of that of steps a list or a text too."""

    def found(name: str) -> object:
        exchange: Exchange = Rest(name=name, path="x")
        return classify(exchange, Reply(status, {}, body))

    speaks = isinstance(body, dict) and bool({"error_code", "message"} & body.keys())
    assert (found("ThemMoiHoSo") is ReplyKind.ANSWER) is (status == 200 and speaks)
    assert (found("DongBoTienTrinh") is ReplyKind.ANSWER) is (
        status == 200 and (speaks or (isinstance(body, list | str) and bool(body)))
    )
