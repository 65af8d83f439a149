"""Upstreams of both dialects with their settings, whole orders, and answers about one dossier."""

from __future__ import annotations

import base64
import copy
from collections.abc import Mapping
from typing import Any, Final

from gateway.connectors.criminal_records.lltp2024 import LLTP2024
from gateway.connectors.criminal_records.lltp2024.translate import Lltp2024Settings
from gateway.connectors.criminal_records.model import ApplicationOrder, ApplicationQuery
from gateway.connectors.criminal_records.ngsp import NGSP
from gateway.connectors.criminal_records.ngsp.translate import NgspSettings
from gateway.connectors.criminal_records.operations import APPLICATION, APPLY
from gateway.core.call import Call
from gateway.core.message import Reply
from gateway.core.problems import Effect
from gateway.testing import FakeUpstream, Said, make_call

CODE: Final = "000.00.04.H58-261124-0001"
QUERY: Final = ApplicationQuery(application_id=CODE)
LLTP: Final = Lltp2024Settings.model_validate(
    {"url": "http://lltp.test", "auth_key": "key", "province_code": "82", "province_name": "Tỉnh Đồng Tháp"}
)
ROAD: Final = NgspSettings.model_validate({"url": "http://ngsp.test", "ministry_justice_id": 82, "region_id": 28})
PDF: Final = b"%PDF-1.4 made up"
PDF_BASE64: Final = base64.b64encode(PDF).decode()

ORDER_BODY: Final[dict[str, Any]] = {
    "dossier_code": CODE,
    "received_on": "2026-11-24",
    "due_on": "2026-12-04",
    "certificate_form": 1,
    "copies": 2,
    "purpose": {"name": "Xin việc làm"},
    "applicant": {
        "full_name": "Nguyễn Thị Ưu",
        "sex": "female",
        "birth_date": {"value": "1987-02", "precision": "month"},
        "birth_place": {"province": {"code": "82", "name": "Tỉnh Đồng Tháp"}},
        "nationality": {"code": "VN", "name": "Việt Nam"},
        "ethnicity": {"code": "01", "name": "Kinh"},
        "permanent_residence": {
            "street": "Số 7 Lê Lợi",
            "ward": {"code": "28249", "name": "Phường Mỹ Tho"},
            "province": {"code": "82", "name": "Tỉnh Đồng Tháp"},
        },
        "identity_document": {"kind": "citizen_card", "number": "082187900001", "issued_on": "2021-05-14"},
        "phone": "0900123456",
    },
    "father": {"full_name": "Nguyễn Văn Ất", "birth_date": {"value": "1960", "precision": "year"}},
    "residences": [
        {
            "start": {"value": "2001-02", "precision": "month"},
            "end": {"value": "2026-11", "precision": "month"},
            "place": "Số 7 Lê Lợi, Phường Mỹ Tho, Tỉnh Đồng Tháp",
        }
    ],
}
MANDATEE: Final[dict[str, Any]] = {
    "full_name": "Trần Văn Ý",
    "sex": "male",
    "birth_date": {"value": "1990-02-28", "precision": "day"},
    "residence": {"street": "Ấp Mỹ Lợi"},
    "identity_document": {"kind": "identity_card", "number": "990000001"},
    "relation": "Anh ruột",
}


def body_with(**changes: Any) -> dict[str, Any]:
    """``ORDER_BODY`` changed; ``applicant__phone="…"`` reaches inside, None leaves out."""
    body = copy.deepcopy(ORDER_BODY)
    for path, value in changes.items():
        *above, last = path.split("__")
        inside = body
        for name in above:
            inside = inside[name]
        if value is None:
            inside.pop(last)
        else:
            inside[last] = value
    return body


def order_with(**changes: Any) -> ApplicationOrder:
    """The order of :func:`body_with`."""
    return ApplicationOrder.model_validate(body_with(**changes))


def lltp(body: object, effect: Effect = "read", status: int = 200) -> FakeUpstream[Lltp2024Settings]:
    """The newer generation answering *body* once."""
    return FakeUpstream(LLTP2024, LLTP, [Reply(status, {}, body)], call=_call(effect))


def ngsp(body: object, effect: Effect = "read", status: int = 200) -> FakeUpstream[NgspSettings]:
    """The NGSP answering *body* once."""
    return FakeUpstream(NGSP, ROAD, [Reply(status, {}, body)], call=_call(effect))


def ngsp_that_has(state: Said, *, sent_before: bool = False) -> FakeUpstream[NgspSettings]:
    """The NGSP that says *state* of every dossier, None: it has none, and takes in every order.

    *sent_before*: the same order was sent before, and its outcome is not known.
    """
    none = {"STATUS": "201", "DESCRIPTION": "Hồ sơ không tồn tại"}
    taken = {"STATUS": "1", "DESCRIPTION": "", "ID": "ABC"}
    replies = {"traTrangThaiHs": none if state is None else state, "nhanHoSoDangKy": taken}
    return FakeUpstream(NGSP, ROAD, replies, call=make_call(APPLY, order_with(), may_have_arrived=sent_before))


def _call(effect: Effect) -> Call:
    """An application sent, or asked about."""
    return make_call(APPLY, order_with()) if effect == "write" else make_call(APPLICATION, QUERY)


def processed(state: object = "4", result: Mapping[str, object] | None = None, code: str = CODE) -> dict[str, Any]:
    """An answer of ``nhanTrangThai`` about one dossier."""
    entry = {"maHoSoMCDT": code, "trangThaiXuLy": state, "ketQuaXuLy": result}
    return {"status": 1, "statusDescription": "Thành công", "value": [entry]}
