"""What is sent, in both dialects; nothing of an order is lost on the way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.connectors.criminal_records.lltp2024 import translate as lltp2024
from gateway.connectors.criminal_records.model import ApplicationOrder
from gateway.connectors.criminal_records.ngsp import translate as ngsp
from gateway.connectors.criminal_records.translate import (
    written,
    written_partial,
)
from gateway.core.canonical import PartialDate
from gateway.core.days import read_date, read_partial_date
from gateway.core.problems import InvalidRequest
from tests.gateway.connectors.criminal_records.support import (
    LLTP,
    MANDATEE,
    PDF_BASE64,
    ROAD,
    order_with,
)

# ---- what is sent


def test_nothing_of_an_order_is_dropped_by_lltp2024() -> None:
    """What the newer generation has no room for is refused, each field by its pointer."""
    order = order_with(
        fee_receipt_number="BL1", delivery={"address": "Mỹ Tho"}, mandatee={**MANDATEE, "signed_on": "2026-11-01"}
    )

    with pytest.raises(InvalidRequest) as caught:
        lltp2024.submission(order, LLTP)

    assert {error.pointer for error in caught.value.errors} == {
        "/fee_receipt_number",
        "/delivery",
        "/mandatee/signed_on",
    }


def test_nothing_of_an_order_is_dropped_by_ngsp() -> None:
    """What the NGSP has no room or no code for is refused, each field by its pointer."""
    scan = {"kind": "CCCD", "file_name": "a.pdf", "media_type": "application/pdf", "content": PDF_BASE64}
    order = order_with(
        attachments=[scan],
        purpose={"name": "Khác", "code": "7"},
        mandatee={**MANDATEE, "phone": "0900000000"},
        applicant__nationality={"code": "KR", "name": "Hàn Quốc"},
        applicant__ethnicity={"code": "12", "name": "Ê-đê"},
    )

    with pytest.raises(InvalidRequest) as caught:
        ngsp.submission(order, ROAD)

    assert {error.pointer for error in caught.value.errors} == {
        "/attachments",
        "/purpose/code",
        "/mandatee/phone",
        "/applicant/nationality/code",
        "/applicant/ethnicity/code",
    }


def test_channel_without_a_source_code_is_refused() -> None:
    """A province that takes no applications by post says so at the field."""
    settings = LLTP.model_copy(update={"registration_sources": {"online": LLTP.registration_sources["online"]}})

    with pytest.raises(InvalidRequest) as caught:
        lltp2024.submission(order_with(channel="post"), settings)

    assert [error.pointer for error in caught.value.errors] == ["/channel"]


def test_order_in_lltp2024() -> None:
    """The declaration in their words: codes, names, dates as precise as they are."""
    sent = lltp2024.submission(order_with(mandatee=MANDATEE), LLTP)

    assert (sent.name, sent.path, sent.method) == ("guiHoSo", "guiHoSo", "POST")
    assert isinstance(sent.json, dict)
    assert (sent.json["authKey"], sent.json["nguonDangKy"], sent.json["ngayTiepNhan"]) == ("key", "1", "24/11/2026")
    declared = sent.json["toKhai"]
    assert (declared["nycGioiTinh"], declared["nycNgaySinh"], declared["chaNgaySinh"]) == ("2", "02/1987", "1960")
    assert (declared["nycNoiSinhNuocNgoai"], declared["nycNoiSinh"]["maTinhThanh"]) == ("1", "82")
    assert (declared["uyQuyen"], declared["nuqLoaiGiayto"], declared["nuqGioiTinh"]) == ("1", "1", "1")
    assert (declared["soLuongCap"], declared["loaiPhieu"], declared["nycHoTenMe"]) == ("2", "1", "")


@pytest.mark.parametrize(("channel", "code"), [("online", "1"), ("in_person", "3"), ("post", "3")])
def test_each_channel_has_the_code_of_its_contract(channel: str, code: str) -> None:
    """``nguonDangKy``, where configuration says nothing else."""
    sent = lltp2024.submission(order_with(channel=channel), LLTP)

    assert isinstance(sent.json, dict)
    assert sent.json["nguonDangKy"] == code


def test_order_in_ngsp() -> None:
    """The declaration in their numbers; a mandate changes the declaration's type."""
    sent = ngsp.submission(order_with(mandatee=MANDATEE), ROAD)

    assert (sent.name, sent.path) == ("nhanHoSoDangKy", "apiLyLichTuPhap/nhanHoSoDangKy")
    assert isinstance(sent.json, dict)
    declared = sent.json["declarationWSForm"]
    assert (declared["genderId"], declared["birthDateStr"], declared["idTypeId"]) == (0, "02/1987", 3)
    assert (declared["declareTypeId"], declared["objectRequestId"], declared["requestQtyAdd"]) == (3845, 72, 1)
    assert (declared["nationalityId"], declared["ethnicId"], declared["reRegionId"]) == (3106, 55305, -1)
    assert declared["residence"] == "Số 7 Lê Lợi, Phường Mỹ Tho, Tỉnh Đồng Tháp"
    assert sent.json["mandatorWSForm"]["identifyNo"] == "990000001"
    assert "mandatorWSForm" not in ngsp.submission(order_with(), ROAD).json  # type: ignore[operator]  # a dict


def test_foreigner_born_abroad() -> None:
    """A foreigner is declared as one, and a birth place abroad by its country."""
    changes = {
        "applicant__nationality": {"code": "KR", "name": "Hàn Quốc"},
        "applicant__birth_place": {"country": {"code": "KR", "name": "Hàn Quốc"}},
        "applicant__ethnicity": None,
    }
    road = ROAD.model_copy(update={"nationality_ids": {"KR": 3107}})

    newer = lltp2024.submission(order_with(**changes), LLTP).json
    older = ngsp.submission(order_with(**changes), road).json

    assert isinstance(newer, dict)
    assert isinstance(older, dict)
    assert (newer["toKhai"]["nycNoiSinhNuocNgoai"], newer["toKhai"]["nycNoiSinh"]["dcChiTiet"]) == ("2", "Hàn Quốc")
    assert (older["declarationWSForm"]["objectRequestId"], older["declarationWSForm"]["birthPlace"]) == (71, "Hàn Quốc")
    assert "ethnicId" not in older["declarationWSForm"]


# ---- properties

names = st.text(st.characters(categories=["Lu", "Ll"], include_characters=" '"), min_size=1, max_size=60).filter(
    lambda name: bool(name.strip())
)
days = st.dates(min_value=read_date("1920-01-02"), max_value=read_date("2026-11-24"))  # type: ignore[arg-type]  # both are dates


@st.composite
def partial_dates(draw: st.DrawFn) -> dict[str, str]:
    """A date as precise as it may be."""
    day = draw(days)
    value, precision = draw(
        st.sampled_from([(f"{day:%Y}", "year"), (f"{day:%Y-%m}", "month"), (f"{day:%Y-%m-%d}", "day")])
    )
    return {"value": value, "precision": precision}


@st.composite
def orders(draw: st.DrawFn) -> ApplicationOrder:
    """Orders that both dialects have room for."""
    relatives = {
        who: {"full_name": draw(names), "birth_date": draw(partial_dates())}
        for who in draw(st.sets(st.sampled_from(["father", "mother", "spouse"])))
    }
    return order_with(
        **relatives,
        certificate_form=draw(st.sampled_from([1, 2])),
        copies=draw(st.integers(1, 99)),
        confirm_position_bans=draw(st.booleans()),
        applicant__full_name=draw(names),
        applicant__sex=draw(st.sampled_from(["male", "female"])),
        applicant__birth_date=draw(partial_dates()),
        purpose={"name": draw(names)},
    )


@given(orders())
def test_both_dialects_say_the_same_of_an_order(order: ApplicationOrder) -> None:
    """Name, birth, family, form and number of copies are the same in both generations' words."""
    newer = lltp2024.submission(order, LLTP).json
    older = ngsp.submission(order, ROAD).json
    assert isinstance(newer, dict)
    assert isinstance(older, dict)
    one, other = newer["toKhai"], older["declarationWSForm"]

    assert newer["maHoSoMCDT"] == older["idReceivedDec"]
    assert one["nycHoTen"] == other["fullName"] == order.applicant.full_name.strip()
    assert one["nycNgaySinh"] == other["birthDateStr"]
    assert (one["nycHoTenCha"], one["chaNgaySinh"]) == (other["dadName"], other["dadDob"])
    assert (one["nycHoTenMe"], one["meNgaySinh"]) == (other["momName"], other["momDob"])
    assert (one["nycHoTenVoChong"], one["voChongNgaySinh"]) == (other["partnerName"], other["partnerDob"])
    assert int(one["soLuongCap"]) == other["requestQty"] + other["requestQtyAdd"] == order.copies
    assert int(one["loaiPhieu"]) == other["formType"]
    assert {"1": 1, "2": 0}[one["nycGioiTinh"]] == other["genderId"]


@given(partial_dates())
def test_partial_date_survives_the_way_there_and_back(written_value: dict[str, str]) -> None:
    """What is written for them reads as it was, no more and no less precise."""
    value = PartialDate.model_validate(written_value)

    assert read_partial_date(written_partial(value)) == value


@given(days)
def test_date_survives_the_way_there_and_back(day: Any) -> None:
    """Likewise for whole dates."""
    assert read_date(written(day)) == day
