"""An answer is empty because there is no such record, or because a failure left it empty."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from gateway.core.message import ReplyKind
from gateway.core.no_record import speaks, speaks_of_failure, unless_failed
from gateway.core.problems import OffContract


def believed(frame: dict[str, Any], known: dict[str, frozenset[str]] | None = None) -> bool:
    """Whether the emptiness beside *frame* is a fact."""
    found = unless_failed(ReplyKind.NO_RECORD, (frame,), known)
    assert found is ReplyKind.NO_RECORD or (isinstance(found, OffContract) and found.reason == "off_contract")
    return found is ReplyKind.NO_RECORD


@pytest.mark.parametrize(
    "sentence",
    [
        None, "", "  ", "Thành công", "THÀNH CÔNG", "Truy vấn thành công!", "Success", "OK", "Không tìm thấy dữ liệu",
        "Không tìm thấy văn bản", "Mã số doanh nghiệp không tồn tại", "Hồ sơ không tồn tại trong hệ thống",
        "Không tìm thấy thông tin trên CSDL quốc gia", "Không có dữ liệu", "Chưa có thông tin", "Document not found",
        "The record could not be found.", "No data", "No records found", "Không có bản ghi nào",
        "RECORD_NOT_FOUND - Hồ sơ không tồn tại, đề nghị xem lại số phiếu tiếp nhận.",
    ],
)  # fmt: skip
def test_a_sentence_of_success_or_absence_is_no_failure(sentence: str | None) -> None:
    """In Vietnamese and English, in either Unicode form."""
    assert believed({"Message": sentence})
    assert believed({"Message": unicodedata.normalize("NFD", sentence or "")})


@pytest.mark.parametrize(
    "sentence",
    [
        "Timeout", "Time out", "Lỗi hệ thống", "Có lỗi xảy ra", "Không thành công", "Xử lý thất bại", "Hệ thống bận",
        "Không có kết nối tới CSDL", "Không có quyền truy cập", "Hết phiên làm việc", "Không có phản hồi", "Quá tải",
        "Hệ thống đang bảo trì", "Internal Server Error", "ORA-12541: TNS:no listener", "No route to host",
        "Connection refused", "unsuccessful", "Vui lòng thử lại sau", "Không tìm thấy máy chủ", "NullPointerException",
        "Không tìm thấy dịch vụ", "No handler found for GET /api", "x", "Đang xử lý", "Lỗi: không tìm thấy dữ liệu",
    ],
)  # fmt: skip
def test_a_failing_or_unknown_sentence_makes_emptiness_no_fact(sentence: str) -> None:
    """What nobody knows is not taken for "there is none"."""
    assert not believed({"Message": sentence})


@pytest.mark.parametrize(
    ("frame", "fact"),
    [
        ({"success": True}, True),
        ({"success": False}, False),
        ({"isError": False}, True),
        ({"isError": True}, False),
        ({"error": None, "errors": [], "fault": {}}, True),
        ({"error": {"code": 5}}, False),
        ({"errorCode": 0}, True),
        ({"errorCode": "000"}, True),
        ({"errorCode": "5"}, False),
        ({"code": 200}, False),
        ({"statusCode": "500"}, False),
        ({"maLoi": "X"}, False),
        ({"moTa": "Không tìm thấy"}, True),
        ({" message ": "Timeout"}, False),
        ({"traceId": "a1", "timestamp": 5, "total": 0, "HOAdress": {}}, True),
        ({}, True),
    ],
)
def test_fields_that_say_how_it_went_are_heard(frame: dict[str, Any], fact: bool) -> None:
    """By their names, whatever the system; other fields may hold what they like."""
    assert believed(frame) is fact


@pytest.mark.parametrize(
    ("status", "fact"), [("1", True), (1, True), (None, True), ("", True), ("-1", False), (2, False)]
)
def test_codes_of_the_contract_are_held_to_it(status: object, fact: bool) -> None:
    """Only the values that the contract names leave the emptiness a fact."""
    assert believed({"Status": status}, {"Status": frozenset({"1"})}) is fact


def test_every_frame_is_heard_and_what_is_no_object_is_not() -> None:
    """An envelope may say what its content does not."""
    assert unless_failed(ReplyKind.ANSWER, (None, [], "Timeout", {}, {"Message": None})) is ReplyKind.ANSWER
    assert isinstance(unless_failed(ReplyKind.ANSWER, ({}, {"Message": "Timeout"})), OffContract)


def test_words_of_a_failure_are_found_in_a_sentence() -> None:
    """Also beside words of absence."""
    assert speaks_of_failure("Hồ sơ không tồn tại hoặc lỗi kết nối")
    assert not speaks_of_failure("Hồ sơ không tồn tại")
    assert speaks("errorDescription")
    assert not speaks("hoTen")
