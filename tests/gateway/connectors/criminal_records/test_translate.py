"""What their answers become, certificates too."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.connectors.criminal_records.lltp2024 import translate as lltp2024
from gateway.connectors.criminal_records.lltp2024.wire import WireProcessed, WireResult, WireStatus
from gateway.connectors.criminal_records.ngsp import translate as ngsp
from gateway.connectors.criminal_records.ngsp.wire import WireStatus as RoadStatus
from gateway.connectors.criminal_records.translate import (
    ban_status,
    conviction_status,
)
from gateway.core.canonical import PartialDate
from gateway.core.lenient import table_code
from gateway.core.problems import NotFound, OffContract
from gateway.pipeline.upstream.unknown_fields import decode
from tests.gateway.connectors.criminal_records.support import (
    CODE,
    PDF,
    PDF_BASE64,
    processed,
)

TODAY = date(2026, 11, 26)

# ---- what answers become


@pytest.mark.parametrize(("code", "state"), lltp2024.STATES.items())
def test_each_state_of_lltp2024(code: str, state: str) -> None:
    """Each of the ten states has its name, and keeps its number."""
    found = lltp2024.to_application(WireProcessed(maHoSoMCDT=CODE, trangThaiXuLy=code), TODAY)

    assert (found.state, found.source_code) == (state, code)


@pytest.mark.parametrize(("code", "state"), ngsp.STATES.items())
def test_each_state_of_ngsp(code: str, state: str) -> None:
    """Each of the three states has its name, and keeps its number."""
    found = ngsp.to_application(CODE, RoadStatus(STATUS="1", DEC_STATUS_ID=code))

    assert (found.state, found.source_code) == (state, code)


def test_unknown_state_is_kept() -> None:
    """A state that nobody told us of is unknown, with the source's code and words."""
    newer = lltp2024.to_application(WireProcessed(maHoSoMCDT=CODE, trangThaiXuLy="11"), TODAY)
    older = ngsp.to_application(CODE, RoadStatus(STATUS="1", DEC_STATUS_ID="9", DEC_STATUS_NAME="Chờ ký"))

    assert (newer.state, newer.source_code) == ("unknown", "11")
    assert (older.state, older.source_code, older.source_text) == ("unknown", "9", "Chờ ký")


def test_habits_of_the_source_are_survived() -> None:
    """Blanks in keys and values, numbers, one object for a list, dates of none, decomposed letters."""
    body = {
        "status": "1",
        " value": {
            "maHoSoMCDT ": f" {CODE} ",
            "trangThaiXuLy": 9,
            "ketQuaXuLy": {
                "soPhieuLLTP": "12/2026",
                "ngayCapPhieu": "2026-02-03T00:00:00",
                "loaiPhieu": 2,
                "nguoiKy": unicodedata.normalize("NFD", "Nguyễn Đức Ưu "),
                "thongTinAn": {"soBanAn": 45, "ngayBanAn": "2009", "ngayXoaAn": "0001-01-01", "dsToiDanh": None},
                "truongMoi": {"a": 1},
            },
        },
    }

    wire = decode(WireStatus, body).wire
    assert isinstance(wire, WireStatus)
    assert wire.value[0] is not None
    found = lltp2024.to_application(wire.value[0], TODAY)

    assert (found.application_id, found.state, found.certificate_form) == (CODE, "issued", 2)
    assert found.signer == "Nguyễn Đức Ưu"
    assert str(found.issued_on) == "2026-02-03"
    assert found.convictions[0].judged_on == PartialDate.of(2009)
    assert found.convictions[0].expunged_on is None


def test_unknown_form_keeps_its_code() -> None:
    """A certificate form that we do not know is null, and its code is kept."""
    found = lltp2024.to_application(
        WireProcessed(maHoSoMCDT=CODE, trangThaiXuLy="9", ketQuaXuLy=WireResult(loaiPhieu="3")), TODAY
    )

    assert (found.certificate_form, found.certificate_form_source_code) == (None, "3")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Không có án tích", "none"),
        (unicodedata.normalize("NFD", "KHÔNG CÓ ÁN TÍCH"), "none"),
        ("Có án tích", "convicted"),
        ("Có án tích.", "convicted"),
        ("Đã có án tích, được xóa", "unknown"),
        ("Có án tích đã được xóa", "unknown"),
        ("Không có án tích nhưng đang bị khởi tố", "unknown"),
        ("Không có án tích theo bản án số 1", "unknown"),
        ("Chưa đủ căn cứ kết luận có án tích", "unknown"),
        ("2", "unknown"),
        ("", None),
        (None, None),
    ],
)
def test_conviction_status_is_what_the_words_say(text: str | None, status: str | None) -> None:
    """Nobody is called convicted, or clean, by a code whose meaning is not published."""
    assert conviction_status(text) == status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Không bị cấm đảm nhiệm chức vụ", "none"),
        ("Không bị cấm đảm nhiệm chức vụ, thành lập, quản lý doanh nghiệp, hợp tác xã", "none"),
        ("KHÔNG BỊ CẤM.", "none"),
        ("Bị cấm thành lập", "banned"),
        ("Bị cấm đảm nhiệm chức vụ; đã hết thời hạn", "unknown"),
        ("Không bị cấm thành lập nhưng bị cấm quản lý doanh nghiệp", "unknown"),
        ("Không bị", "unknown"),
        ("Khác", "unknown"),
        (" ", None),
    ],
)
def test_ban_status_is_what_the_words_say(text: str, status: str | None) -> None:
    """Likewise for bans from positions."""
    assert ban_status(text) == status


EXPUNGED, LIVE, UNREADABLE = False, True, None


@pytest.mark.parametrize(
    ("text", "judgments", "status"),
    [
        ("Không có án tích", [EXPUNGED], "none"),
        ("Không có án tích", [UNREADABLE], "unknown"),
        ("Có án tích", [EXPUNGED, LIVE], "convicted"),
        ("Có án tích", [EXPUNGED], "unknown"),
        ("Có án tích", [UNREADABLE], "unknown"),
        ("Khác", [LIVE], "unknown"),
        (None, [LIVE], None),
    ],
)
def test_words_that_the_judgments_do_not_bear_out_say_nothing(
    text: str | None, judgments: list[bool | None], status: str | None
) -> None:
    """An expunged judgment is none before the law, and one that can't be read proves nothing."""
    assert conviction_status(text, judgments) == status


@pytest.mark.parametrize(
    ("expunged", "status"),
    [
        ("01/02/2020", "none"),
        ("26/11/2026", "none"),
        ("2020", "none"),
        ("31/02/2020", "unknown"),
        ("sau khi chấp hành xong", "unknown"),
    ],
)
def test_a_judgment_counts_as_expunged_only_by_a_day_that_can_be_read(expunged: str, status: str) -> None:
    """The words alone do not say "none" beside a judgment of which nobody knows whether it stands."""
    entry = of_result("9", tenTinhTrangAnTich="Không có án tích", thongTinAn=[{"soBanAn": "1", "ngayXoaAn": expunged}])

    assert lltp2024.to_application(entry, TODAY).conviction_status == status


@pytest.mark.parametrize("expunged", [None, "27/11/2026", "2027"])
def test_a_judgment_that_is_expunged_later_stands(expunged: str | None) -> None:
    """Beside it the words "none" are off contract."""
    entry = of_result("9", tenTinhTrangAnTich="Không có án tích", thongTinAn=[{"soBanAn": "1", "ngayXoaAn": expunged}])

    with pytest.raises(OffContract):
        lltp2024.to_application(entry, TODAY)


def test_words_against_the_list_are_off_contract() -> None:
    """Nobody knows which of the two is wrong."""
    with pytest.raises(OffContract):
        conviction_status("Không có án tích", [EXPUNGED, LIVE])
    with pytest.raises(OffContract):
        ban_status("Không bị cấm đảm nhiệm chức vụ", [True])
    assert ban_status("Không bị cấm đảm nhiệm chức vụ", [UNREADABLE]) == "unknown"
    assert ban_status("Bị cấm đảm nhiệm chức vụ", [True]) == "banned"


@pytest.mark.parametrize(
    ("given", "is_revoked", "available"),
    [
        (None, False, True),
        ("", False, True),
        ("0", False, True),
        ("Không", False, True),
        ("15/QĐ-STP", True, False),
        ("Quyết định 15 ngày 01/02/2026", True, False),
        (PDF_BASE64, True, False),
        ("Có", True, False),
        ("Chưa thu hồi", None, None),
        ("Không có quyết định thu hồi", None, None),
        ("Chưa có Quyết định 15", None, None),
        ("xem ghi chú", None, None),
    ],
)
def test_revoked_is_what_the_source_plainly_says(
    given: str | None, is_revoked: bool | None, available: bool | None
) -> None:
    """By a decision or a flag; other words leave it open, and the certificate with it."""
    found = lltp2024.to_application(
        of_result("9", soPhieuLLTP="12/2026", phieuLLTP=PDF_BASE64, quyetDinhThuHoi=given), TODAY
    )

    assert (found.revoked, found.certificate_available) == (is_revoked, available)


# ---- the certificate


def of_result(state: str, **result: object) -> WireProcessed:
    """An entry with a result."""
    return WireProcessed(maHoSoMCDT=CODE, trangThaiXuLy=state, ketQuaXuLy=WireResult.model_validate(result))


@pytest.mark.parametrize("state", ["9", "10"])
def test_certificate_is_given_when_issued(state: str) -> None:
    """The PDF is decoded, line breaks in its base64 or not."""
    broken = "\r\n".join((PDF_BASE64[:8], PDF_BASE64[8:]))

    assert lltp2024.certificate_of(of_result(state, phieuLLTP=PDF_BASE64)) == PDF
    assert lltp2024.certificate_of(of_result(state, phieuLLTP=broken)) == PDF


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (of_result("4"), "not_issued"),
        (of_result("4", phieuLLTP=PDF_BASE64), "not_issued"),
        (of_result("11", phieuLLTP=PDF_BASE64), "not_issued"),
        (WireProcessed(maHoSoMCDT=CODE, trangThaiXuLy="9"), "paper_only"),
        (of_result("10", phieuLLTP=""), "paper_only"),
        (of_result("9", phieuLLTP=PDF_BASE64, quyetDinhThuHoi=PDF_BASE64), "revoked"),
    ],
)
def test_certificate_that_is_not_there_says_why(entry: WireProcessed, reason: str) -> None:
    """No certificate is a fact with a reason."""
    with pytest.raises(NotFound) as caught:
        lltp2024.certificate_of(entry)

    assert caught.value.reason == reason
    assert lltp2024.to_application(entry, TODAY).certificate_available is False


@pytest.mark.parametrize("content", ["AAAA", "no base64!", "JVBERi"])
def test_certificate_that_is_no_pdf_is_off_contract(content: str) -> None:
    """Something else than a PDF is never passed on as one."""
    with pytest.raises(OffContract) as caught:
        lltp2024.certificate_of(of_result("9", phieuLLTP=content))

    assert caught.value.reason == "malformed"


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_state_and_words_give_an_application(state: str, words: str) -> None:
    """No code or text of theirs is an error; all of them are kept."""
    wire = WireStatus.model_validate(processed(state, {"tenTinhTrangAnTich": words, "tinhTrangAnTich": state}))

    found = lltp2024.to_application(wire.value[0], TODAY)

    assert found.source_code == table_code(state)
    assert (found.state == "unknown") == (table_code(state) not in lltp2024.STATES)
