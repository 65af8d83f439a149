"""The real system's error code for each breach of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mocks.engine import schema
from mocks.engine.decisions import fingerprint
from mocks.engine.service import Request
from mocks.services.criminal_records.register import Filing

CODES: Final[Mapping[str, tuple[str, str]]] = {
    "100": ("AUTHEN_ERROR", "Mã xác thực không chính xác."),
    "101": ("IP_DISALLOWED", "Địa chỉ IP không được phép truy cập."),
    "106": ("AGENCY_ID_INCORRECT", "Mã đơn vị không chính xác."),
    "108": ("PROVINCE_ID_INCORRECT", "Mã tỉnh không chính xác."),
    "200": ("RECORD_UNCOMPLETE", "Hồ sơ chưa hoàn thành đăng ký."),
    "201": ("RECORD_NOT_FOUND", "Hồ sơ không tồn tại, đề nghị xem lại số phiếu tiếp nhận."),
    "302": ("DATA_TYPE_INVALID", "Loại dữ liệu danh mục không hợp lệ."),
    "500": ("DATA_INCORRECT", "Dữ liệu không chính xác."),
}
"""Error codes of the justice services [G]; the code for each breach is our assumption [S]."""

ACCEPTED: Final = "Gửi thông tin thành công"
KNOWN_ALREADY: Final = "Hồ sơ {code} đã được tiếp nhận, không thể cập nhật thông tin"


def told(code: str) -> str:
    """Returns a code's word and sentence, as the services print them."""
    word, sentence = CODES[code]
    return f"{word} - {sentence}"


def decide(request: Request, dossier: str, filing: Filing, *, apart: str = "") -> bool:
    """Records the register's decision for the journal; returns True when the message is refused as known already.

    *apart*: the field with the credentials, which is not part of the message's content.
    """
    content = fingerprint({name: value for name, value in request.fields.items() if name != apart})
    message = {"accepted": "application", "added": "application", "supplement_accepted": "supplement"}
    named = message.get(filing.outcome)
    refused = filing.outcome == "repeated" and request.repeat == "refused"
    code = "already_received" if refused else None
    request.decide(filing.outcome, dossier=dossier, message=named, content=content, code=code)
    return refused


def decide_refused(request: Request, field: str, code: str) -> None:
    """Records that a message was refused with one of `CODES`; *field* has the dossier's code."""
    dossier = request.fields.get(field)
    request.decide("refused", dossier=dossier if isinstance(dossier, str) else None, code=code)


class Contract(schema.Contract):
    """The schemas of one OpenAPI file."""

    __slots__ = ()

    def first_breach(self, operation: str, request: Request) -> str | None:
        """Returns the code for the first breach, or None for a valid message; the journal records all breaches."""
        asked = self.question(operation)
        if self.fits(asked, request.fields):
            return None
        found = list(self.breaches(asked, request.fields))
        for breach in found:
            request.breach(str(breach))
        return _code(found[0])


def _code(breach: schema.Breach) -> str:
    """Returns the code: missing or empty fields make a message incomplete, other breaches incorrect."""
    return "200" if breach.keyword in {"required", "minLength"} else "500"
