"""A source's failure is never "no such record": the ways in which each dialect's answers are empty, and why."""

from __future__ import annotations

from typing import Any, Final

import pytest

from gateway.core.message import Reply, ReplyKind, Rest, SoapFault
from gateway.core.problems import GatewayError
from tests.support.connectors import DIALECTS

REGISTRY: Final = "business_registry.ngsp"
INSURANCE: Final = "social_insurance.ngsp"
CARDS: Final = "social_insurance.vss"
LAWS: Final = "legal_documents.gateway"
OLD_LAWS: Final = "legal_documents.ws"
RECORDS: Final = "criminal_records.lltp2024"
OLD_RECORDS: Final = "criminal_records.ngsp"


def said(dialect: str, call: str, body: Any, status: int = 200) -> object:
    """What the dialect's table says: a kind, or the reason of an error."""
    found = DIALECTS[dialect][1].classify(Rest(name=call, path="x"), Reply(status, {}, body))
    return found.reason if isinstance(found, GatewayError) else found


FACTS: Final = [
    (REGISTRY, "chiTietDoanhNghiep", {"MainInformation": {}, "Status": "1", "Message": "Thành công"}, 200),
    (REGISTRY, "chiTietDoanhNghiep", {"data": {"MainInformation": {}, "Status": 1, "DataCount": 0}}, 200),
    (REGISTRY, "chiTietDoanhNghiep", {"data": None, "Status": "1"}, 200),
    (REGISTRY, "tinhTrangHoSo", {"Data": [], "DataCount": 0, "Status": "1"}, 200),
    (INSURANCE, "getMaSoBhxhTheoTieuChi", {"maSoBhxh": "", "errorCode": ""}, 200),
    (INSURANCE, "getTraCuuTtHgdByMaSoBhxh", {"errorCode": "01", "moTa": "?"}, 200),
    (INSURANCE, "getTraCuuTtHgdByMaSoBhxh", {"data": {}, "errorCode": "00"}, 200),
    (INSURANCE, "getTraCuuThongTinHgd", {"data": [], "message": "Không có dữ liệu"}, 200),
    (CARDS, "KQNhanLichSuKCB2024", {"maKetQua": "050"}, 200),
    (LAWS, "docDetail", {"success": True, "data": None}, 200),
    (LAWS, "docDetail", {"success": False, "message": "Document not found"}, 404),
    (LAWS, "provisionTree", {"success": False}, 404),
    (OLD_LAWS, "ChiTietVanBan", SoapFault("KHONG_TIM_THAY", ""), 500),
    (OLD_LAWS, "ChiTietVanBan", SoapFault("x", "", wider=("KHONG_TIM_THAY", "Server")), 500),
    (RECORDS, "nhanTrangThai", {"status": 1, "statusDescription": "Thành công", "value": []}, 200),
    (RECORDS, "nhanTrangThai", {"status": 1, "errorCode": "0", "value": None}, 200),
    (RECORDS, "nhanTrangThai", {"status": 0, "statusDescription": "Hồ sơ không tồn tại"}, 200),
    (OLD_RECORDS, "traTrangThaiHs", {"STATUS": "201", "DESCRIPTION": ""}, 200),
]
"""What the contracts name."""

FAILURES: Final = [
    (REGISTRY, "chiTietDoanhNghiep", {"MainInformation": {}, "Status": "-1"}, 200),
    (REGISTRY, "chiTietDoanhNghiep", {"data": {"MainInformation": {}}, "Status": "-1", "Message": "Timeout"}, 200),
    (REGISTRY, "chiTietDoanhNghiep", {"data": {"MainInformation": {}, "Status": "99"}, "Status": "1"}, 200),
    (REGISTRY, "chiTietDoanhNghiep", {"MainInformation": {}, "Status": "1", "Message": "Lỗi kết nối CSDL"}, 200),
    (REGISTRY, "chiTietDoanhNghiep", {"MainInformation": None, "errorCode": "500"}, 200),
    (REGISTRY, "chiTietDoanhNghiep", {"MainInformation": {}, "Status": "1", "DataCount": 1}, 200),
    (REGISTRY, "chiTietDoanhNghiep", {"data": [], "Status": "1", "Message": "Timeout"}, 200),
    (REGISTRY, "tinhTrangHoSo", {"Data": [], "Status": "5"}, 200),
    (REGISTRY, "tinhTrangHoSo", {"Data": [], "Message": "ORA-12541"}, 200),
    (REGISTRY, "danhSachHoSo", {"Data": [], "Status": "1", "Message": "Hệ thống bận"}, 200),
    (REGISTRY, "danhSachHoSo", {"Data": [], "Status": "-1"}, 200),
    (INSURANCE, "getMaSoBhxhTheoTieuChi", {"maSoBhxh": "", "errorCode": "77"}, 200),
    (INSURANCE, "getMaSoBhxhTheoTieuChi", {"maSoBhxh": "", "message": "Timeout"}, 200),
    (INSURANCE, "getTraCuuTtHgdByMaSoBhxh", {"data": {}, "errorCode": "99"}, 200),
    (INSURANCE, "getTraCuuTtHgdByMaSoBhxh", {"data": None, "code": 500}, 200),
    (INSURANCE, "getTraCuuTtHgdByMaSoBhxh", {"hoTen": "", "ngaySinh": "19900102"}, 200),
    (INSURANCE, "getTraCuuTtHgdByMaSoBhxh", {"hoTen": "Lê Vĩnh", "errorCode": "01"}, 200),
    (INSURANCE, "getTraCuuThongTinHgd", {"data": [], "message": "Quá thời gian xử lý"}, 200),
    (INSURANCE, "getQuaTrinhDong", {"maSoBhxh": "9900000001", "quaTrinhDong": [], "moTa": "Lỗi hệ thống"}, 200),
    (INSURANCE, "getQuaTrinhDong", {"data": {"maSoBhxh": "9900000001", "quaTrinhDong": []}, "errorCode": "99"}, 200),
    (CARDS, "KQNhanLichSuKCB2024", {"maKetQua": "500"}, 200),
    (CARDS, "KQNhanLichSuKCB2024", {"maKetQua": "777"}, 200),
    (LAWS, "docDetail", {"success": True, "data": None, "message": "Timeout"}, 200),
    (LAWS, "docDetail", {"success": True, "data": {}, "code": "E500"}, 200),
    (LAWS, "docDetail", {"success": False, "message": "Service unavailable"}, 404),
    (LAWS, "provisionTree", {"success": True, "data": [], "message": "Lỗi"}, 200),
    (LAWS, "docAll", {"success": True, "data": {}}, 200),
    (LAWS, "docAll", {"success": True, "data": {"total": 0}}, 200),
    (LAWS, "docAll", {"success": True, "data": {"total": 0, "items": []}, "message": "Timeout"}, 200),
    (LAWS, "combobox", {"success": True, "data": None}, 200),
    (RECORDS, "nhanTrangThai", {"status": 1, "value": [], "errorCode": "500"}, 200),
    (RECORDS, "nhanTrangThai", {"status": 1, "value": [], "statusDescription": "Timeout"}, 200),
    (RECORDS, "nhanTrangThai", {"status": -1, "value": []}, 200),
    (RECORDS, "nhanTrangThai", {"status": 0, "statusDescription": "Hồ sơ không tồn tại hoặc lỗi kết nối"}, 200),
    (OLD_RECORDS, "traTrangThaiHs", {"STATUS": "0", "DESCRIPTION": "Timeout"}, 200),
    (OLD_LAWS, "ChiTietVanBan", SoapFault("LOI_HE_THONG", "Không tìm thấy"), 500),
]
"""Failing or unknown codes, statuses and sentences beside emptiness."""

LISTS: Final = [
    (REGISTRY, "danhSachHoSo", {"Data": [], "DataCount": 0, "Status": "1", "Message": "Thành công"}),
    (REGISTRY, "danhSachHoSo", {"Data": [], "DataCount": 250, "Status": "1"}),
    (INSURANCE, "getQuaTrinhDong", {"maSoBhxh": "9900000001", "quaTrinhDong": [], "errorCode": "00"}),
    (LAWS, "provisionTree", {"success": True, "data": []}),
    (LAWS, "docAll", {"success": True, "data": {"total": 0, "items": []}, "message": "OK"}),
]


@pytest.mark.parametrize(("dialect", "call", "body", "status"), FACTS)
def test_what_the_contract_names_is_a_fact(dialect: str, call: str, body: Any, status: int) -> None:
    """The portal may act on it, and it is kept."""
    assert said(dialect, call, body, status) is ReplyKind.NO_RECORD


@pytest.mark.parametrize(("dialect", "call", "body", "status"), FAILURES)
def test_emptiness_beside_a_failure_is_no_fact(dialect: str, call: str, body: Any, status: int) -> None:
    """It is a failure or off contract, and so not kept."""
    assert said(dialect, call, body, status) in {"upstream_error", "off_contract"}


@pytest.mark.parametrize(("dialect", "call", "body"), LISTS)
def test_a_list_without_rows_is_an_answer(dialect: str, call: str, body: Any) -> None:
    """There are none, which is no "no such record"."""
    assert said(dialect, call, body) is ReplyKind.ANSWER


@pytest.mark.parametrize("call", ["docAll", "combobox", "agencyCombobox", "download"])
def test_a_call_that_asks_for_no_document_knows_of_none(call: str) -> None:
    """A search that answers 404 is not deployed; it has not searched."""
    assert said(LAWS, call, {"success": False, "message": "Không tìm thấy"}, 404) is None
