"""The tables of codes, written once more from the contracts' README pages: a wrong entry in the code is seen here.

Nothing below is taken from the code. A new table in a connector is missed by name until it has its twin: here, or in a
``tables.py`` beside the tests of its connector.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest

import gateway.connectors
from gateway.core.message import ReplyKind
from gateway.core.problems import GatewayError, InvalidRequest

SHIPPED: Final[Mapping[str, object]] = {
    # contracts/business_registry/README.md
    "business_registry.ngsp.translate.STATUSES": {
        "1": "active",
        "2": "suspended",
        "3": "dissolving",
        "4": "dissolved",
        "5": "revoked",
        "6": "bankrupt",
    },
    "business_registry.ngsp.translate.STATES": {
        "1": "received",
        "2": "in_process",
        "3": "supplement_requested",
        "4": "approved",
        "5": "refused",
        "6": "withdrawn",
    },
    "business_registry.ngsp.translate._NONE": {"Status": {"1"}, "DataCount": {"0"}},
    # contracts/social_insurance/README.md
    "social_insurance.ngsp.translate._WELL": {"errorCode": {"0", "00"}},
    "social_insurance.ngsp.translate.SEXES": {"1": "male", "2": "female", "3": "other"},
    "social_insurance.ngsp.translate.SEX_CODES": {"male": "1", "female": "2", "other": "3"},
    "social_insurance.ngsp.translate.STATUSES": {
        "1": "participating",
        "2": "reserved",
        "3": "on_benefit",
        "4": "ended",
    },
    "social_insurance.ngsp.translate.SCHEMES": {"BB": "compulsory", "TN": "voluntary"},
    "social_insurance.ngsp.translate.DATE_KINDS": {"day": "0", "year": "1", "month": "2"},
    "social_insurance.ngsp.translate._LENGTH_OF_KIND": {"0": 10, "1": 4, "2": 7},
    "social_insurance.ngsp.translate._IS_BIRTH": {"birth": "1", "household": "0"},
    "social_insurance.ngsp.translate.ERROR_CODES": {
        "00": "ANSWER",
        "01": "NO_RECORD",
        "02": "upstream-invalid-response off_contract",
        "99": "upstream-unavailable upstream_error",
    },
    "social_insurance.ngsp.translate.PROOF_OF_RECORD": {
        "getMaSoBhxhTheoTieuChi": "maSoBhxh",
        "getTraCuuTtHgdByMaSoBhxh": "hoTen",
        "getTraCuuThongTinHgd": "maSo",
    },
    "social_insurance.vss.login.THEIR_FAILURES": {"100", "101", "500"},
    "social_insurance.vss.translate.SEXES": {
        "nam": "male",
        "1": "male",
        "nữ": "female",
        "2": "female",
        "khác": "other",
        "3": "other",
    },
    "social_insurance.vss.translate.RESULTS": {
        "000": "True valid dated",
        "001": "None check_papers",
        "002": "None check_papers",
        "003": "False reissued dated",
        "004": "True reissued dated",
        "010": "False expired dated",
        "050": "NO_RECORD",
        "051": "invalid-request /card_number",
        "052": "invalid-request /card_number",
        "053": "invalid-request /card_number",
        "054": "upstream-refused officer",
        "055": "upstream-refused officer",
        "060": "False name_differs",
        "061": "False name_differs",
        "070": "False birth_date_differs",
        "100": "upstream-unavailable upstream_error",
        "101": "upstream-unavailable upstream_error",
        "110": "False revoked",
        "120": "False decreased",
        "121": "False decreased",
        "122": "False decreased",
        "123": "False decreased",
        "124": "False decreased",
        "130": "None child_without_card",
        "205": "upstream-invalid-response off_contract",
        "401": "LOGIN_EXPIRED",
        "500": "upstream-unavailable upstream_error",
    },
    # contracts/legal_documents/README.md
    "legal_documents.translate.STATUSES": {
        "CHL": "in_force",
        "HHL": "expired",
        "HHL1P": "partly_expired",
        "CCHL": "not_yet_in_force",
        "TNHL": "suspended",
        "TNHL1P": "partly_suspended",
        "KCPH": "no_longer_appropriate",
    },
    "legal_documents.translate.STATUS_NAMES": {
        "Còn hiệu lực": "in_force",
        "Hết hiệu lực": "expired",
        "Hết hiệu lực toàn bộ": "expired",
        "Hết hiệu lực một phần": "partly_expired",
        "Chưa có hiệu lực": "not_yet_in_force",
        "Ngưng hiệu lực": "suspended",
        "Ngưng hiệu lực toàn bộ": "suspended",
        "Ngưng hiệu lực một phần": "partly_suspended",
        "Không còn phù hợp": "no_longer_appropriate",
    },
    "legal_documents.translate.TYPES": {
        "HP": ("constitution", "Hiến pháp"),
        "BL": ("code", "Bộ luật"),
        "LU": ("law", "Luật"),
        "PL": ("ordinance", "Pháp lệnh"),
        "L-CTN": ("order", "Lệnh"),
        "NĐ": ("decree", "Nghị định"),
        "NQ": ("resolution", "Nghị quyết"),
        "NQLT": ("joint_resolution", "Nghị quyết liên tịch"),
        "QĐ": ("decision", "Quyết định"),
        "CTHI": ("directive", "Chỉ thị"),
        "TT": ("circular", "Thông tư"),
        "TTLT_TW": ("joint_circular", "Thông tư liên tịch"),
        "VBHN": ("consolidated_document", "Văn bản hợp nhất"),
    },
    "legal_documents.translate.RELATIONS": {
        "1": "abrogates",
        "3": "basis",
        "6": "corrects",
        "7": "consolidates",
        "8": "abrogates",
        "10": "amends",
        "12": "replaces",
    },
    "legal_documents.translate.EXTENSIONS": {
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
        "application/pdf": "pdf",
        "application/msword": "doc",
        "application/rtf": "rtf",
    },
    "legal_documents.gateway.translate.PROVISIONS": {
        "PHAN": "part",
        "CHUONG": "chapter",
        "MUC": "section",
        "TIEU_MUC": "subsection",
        "DIEU": "article",
        "KHOAN": "clause",
        "DIEM": "point",
    },
    "legal_documents.gateway.translate.PREFERRED": {
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "pdf": "application/pdf",
        "doc": "application/msword",
    },
    "legal_documents.ws.translate.FAULTS": {
        "KHONG_TIM_THAY": "NO_RECORD",
        "THAM_SO_KHONG_HOP_LE": "upstream-invalid-response off_contract",
        "LOI_HE_THONG": "upstream-unavailable upstream_error",
    },
    "legal_documents.ws.translate.DIRECTIONS": {
        "DI": "outgoing",
        "Đi": "outgoing",
        "DEN": "incoming",
        "Đến": "incoming",
    },
    "legal_documents.ws.translate.MEDIA_TYPES": {
        "text/html",
        "text/plain",
        "application/pdf",
        "application/msword",
        "application/rtf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    },
    # contracts/criminal_records/README.md
    "criminal_records.translate.CODES": {
        "100": ("AUTHEN_ERROR", "Mã xác thực không chính xác", "upstream-refused credentials"),
        "101": ("IP_DISALLOWED", "Địa chỉ IP không được phép truy cập", "upstream-refused allow_list"),
        "106": ("AGENCY_ID_INCORRECT", "Mã đơn vị không chính xác", "upstream-invalid-response off_contract"),
        "108": ("PROVINCE_ID_INCORRECT", "Mã tỉnh không chính xác", "upstream-invalid-response off_contract"),
        "200": ("RECORD_UNCOMPLETE", "Hồ sơ chưa hoàn thành đăng ký", "invalid-request incomplete"),
        "201": ("RECORD_NOT_FOUND", "Hồ sơ không tồn tại", "NO_RECORD"),
        "302": (
            "DATA_TYPE_INVALID",
            "Loại dữ liệu danh mục không hợp lệ",
            "upstream-invalid-response off_contract",
        ),
        "500": ("DATA_INCORRECT", None, "upstream-invalid-response off_contract"),
    },
    "criminal_records.translate.CONVICTIONS": {"không có án tích": "none", "có án tích": "convicted"},
    "criminal_records.translate.BANS": {"không bị cấm": "none", "bị cấm": "banned"},
    "criminal_records.lltp2024.translate.STATES": {
        "1": "registered",
        "2": "received",
        "3": "not_received",
        "4": "in_process",
        "5": "supplement_requested",
        "6": "payment_requested",
        "7": "withdrawn",
        "8": "stopped",
        "9": "issued",
        "10": "handed_over",
    },
    "criminal_records.lltp2024.translate._SEX": {"male": ("1", "Nam"), "female": ("2", "Nữ")},
    "criminal_records.lltp2024.translate._DOCUMENTS": {
        "passport": ("0", "Hộ chiếu"),
        "identity_card": ("1", "Chứng minh nhân dân"),
        "residence_card": ("2", "Thẻ thường trú"),
        "citizen_card": ("3", "Căn cước công dân"),
    },
    "criminal_records.ngsp.translate.STATES": {"3": "received", "4": "in_process", "5": "issued"},
    "criminal_records.ngsp.translate._SEX": {"male": 1, "female": 0},
    "criminal_records.ngsp.translate._DOCUMENTS": {
        "passport": 0,
        "identity_card": 1,
        "residence_card": 2,
        "citizen_card": 3,
    },
    "criminal_records.rules._DIGITS": {"citizen_card": 12, "identity_card": 9},
    "criminal_records.rules._CENTURIES": {
        "0": (19, "male"),
        "1": (19, "female"),
        "2": (20, "male"),
        "3": (20, "female"),
    },
}

NO_CODES: Final = {
    "legal_documents.gateway.html",  # tags of HTML
    "criminal_records.rules._SIGNATURES",  # first bytes of files
    "criminal_records.rules._PROVINCES",  # numbers of provinces
    "criminal_records.rules._UNITS",  # forms of codes
    "criminal_records.orders.ENDED",  # states of our own
    "criminal_records.orders.ANEW",
    "criminal_records.orders._KNOWN",
    "criminal_records.orders._OWN",
    "criminal_records.operations.EXAMPLE",  # an order to show
    "criminal_records.translate._OF_BANS",  # words of a sentence
    "criminal_records.translate._CONVICTIONS",  # made of CONVICTIONS
    "criminal_records.translate._BANS",  # made of BANS
    "criminal_records.translate._PHRASES",  # made of CODES
    "legal_documents.translate._ABBREVIATIONS",  # words of a name
    "legal_documents.translate.TYPE_NAMES",  # made of TYPES
    "legal_documents.translate._PARTLY",  # reasons of our own
    "legal_documents.translate._FORBIDDEN_IN_NAMES",  # characters
    "social_insurance.vss.translate.OTHER_HOLDER",  # reasons of our own
    "business_registry.ngsp.translate.LOOK_UPS",  # names of calls
    "legal_documents.gateway.translate._LOOK_UPS",
    "public_service_portal.ngsp.translate.READS",
    "public_service_portal.operations.DOSSIER",  # a dossier and a step to show
    "public_service_portal.operations.STEP",
    "ministry_portals.rest.translate.READS",
    "ministry_portals.rest.translate.ROW_FIELDS",  # names of fields
    "ministry_portals.settings._TOKENS",  # letters of a date's form
    "ministry_portals.operations.DOSSIER",  # a dossier and a step to show
    "ministry_portals.operations.STEP",
    "legal_documents.gateway.translate._OF_A_DOCUMENT",
}


def beside(folder: Path) -> Mapping[str, object]:
    """``TABLES`` of each connector's ``tables.py`` below *folder*."""
    modules = (
        import_module(f"tests.gateway.connectors.{path.parent.name}.tables") for path in folder.glob("*/tables.py")
    )
    return {name: table for module in modules for name, table in module.TABLES.items()}


TABLES: Final[Mapping[str, object]] = {**SHIPPED, **beside(Path(__file__).parent)}


def tables() -> Mapping[str, object]:
    """Every mapping and set that a module of a connector declares, by its name below ``gateway.connectors``."""
    found: dict[str, object] = {}
    for info in pkgutil.walk_packages(gateway.connectors.__path__, "gateway.connectors."):
        module = import_module(info.name)
        place = info.name.removeprefix("gateway.connectors.")
        for name in module.__annotations__:
            if isinstance(value := vars(module).get(name), Mapping | AbstractSet):
                found[f"{place}.{name}"] = value
    return found


def test_every_table_has_its_twin_here() -> None:
    """A table of codes that is new, or gone, is told by its name."""
    named = {name for name in tables() if name not in NO_CODES and name.rpartition(".")[0] not in NO_CODES}

    assert named == set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_every_entry_means_what_the_contract_says(name: str) -> None:
    """No code less, no code more, and each with the meaning of its contract."""
    assert _plain(tables()[name]) == TABLES[name]


def _plain(value: Any) -> Any:
    """*value* in words: outcomes by their code and reason, and where they point."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return _word(value() if isinstance(value, Callable) else value)  # type: ignore[arg-type]


def _word(value: Any) -> Any:
    if isinstance(value, ReplyKind):
        return value.name
    if isinstance(value, GatewayError):
        where = [error.pointer for error in value.errors] if isinstance(value, InvalidRequest) else []
        return " ".join(filter(None, [value.code, value.reason, *where]))
    if hasattr(value, "dated"):
        return f"{value.valid} {value.reason}{' dated' if value.dated else ''}"
    return value
