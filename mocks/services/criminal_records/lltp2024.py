"""Dialect ``lltp2024``: two calls, the authentication key in the body, success as a sentence [C]."""

from __future__ import annotations

import base64
import hmac
import unicodedata
from typing import Final

from mocks.engine.service import Reply, Request, World, json_reply
from mocks.services.criminal_records.applications import Application, Form, Holder
from mocks.services.criminal_records.certificate import (
    SIGNER,
    SIGNER_POSITION,
    ban_text,
    certificate,
    conviction_text,
    decision,
)
from mocks.services.criminal_records.courses import SUPPLEMENT, WITH_RESULT
from mocks.services.criminal_records.register import Register
from mocks.services.criminal_records.rules import ACCEPTED, KNOWN_ALREADY, Contract, decide, decide_refused, told

PROVINCE: Final = "82"
"""``maTinh`` of Đồng Tháp, the province that the published key belongs to."""

SUBMIT_FIELDS: Final = frozenset({"status", "statusDescription", "errorCode", "errorDescription"})
STATUS_FIELDS: Final = frozenset(
    {
        "status", "statusDescription", "value", "maHoSoMCDT", "trangThaiXuLy", "ketQuaXuLy", "soPhieuLLTP",
        "ngayCapPhieu", "loaiPhieu", "nguoiLapPhieu", "nguoiKy", "chucVu", "tinhTrangAnTich", "tenTinhTrangAnTich",
        "thongTinCDNCV", "tenThongTinCDNCV", "thongTinAn", "dsCDNCV", "phieuLLTP", "quyetDinhThuHoi",
    }
)  # fmt: skip
_NO_DATE: Final = "01/01/0001"
WANTED: Final = "Bổ sung bản chụp giấy tờ tùy thân còn giá trị sử dụng"
"""``ghiChu`` of an application for which a supplement is asked [S]."""
_TEXT: Final = "text/plain; charset=utf-8"
"""Content type of the answer to a submission; public code reads it as text [C]."""


class Lltp2024:
    """Answers from the register."""

    def __init__(self, world: World, register: Register) -> None:
        self._register = register
        self._contract = Contract(world.contract("criminal_records/lltp2024.yaml"))
        self._key = world.credential("criminal_records", "auth_key")

    def submit(self, request: Request) -> Reply:
        """``guiHoSo``: accepts a dossier once, and again only while a supplement is asked for."""
        code = self._refused(request) or self._contract.first_breach("guiHoSo", request)
        if code is not None:
            decide_refused(request, "maHoSoMCDT", code)
            return _submitted(0, told(code).partition(" - ")[0], code, told(code))
        message = request.fields
        dossier, declaration = str(message["maHoSoMCDT"]), message["toKhai"]
        assert isinstance(declaration, dict), "the contract requires it"
        form: Form = 1 if declaration["loaiPhieu"] == "1" else 2
        online = message["nguonDangKy"] != "3"
        filing = self._register.submit(dossier, _holder(declaration), form, online=online, mode=request.repeat)
        if decide(request, dossier, filing, apart="authKey"):
            request.breach("maHoSoMCDT: known already, and no supplement is asked for")
            return _submitted(0, KNOWN_ALREADY.format(code=dossier), None, None)
        return _submitted(1, ACCEPTED, None, None)

    def status(self, request: Request) -> Reply:
        """``nhanTrangThai``: an unknown dossier gives an empty list or the code 201, depending on its code."""
        code = self._refused(request) or self._contract.first_breach("nhanTrangThai", request)
        if code is not None:
            return json_reply({"status": 0, "statusDescription": told(code), "value": None})
        dossier = str(request.fields["maHoSoMCDT"])
        found = self._register.find(dossier)
        if found is not None:
            return self._status(found)
        if sum(dossier.encode()) % 2:
            return json_reply({"status": 0, "statusDescription": told("201"), "value": None})
        return json_reply({"status": 1, "statusDescription": "Thành công", "value": []})

    def another_status(self, request: Request) -> Reply:
        """Answers about another application."""
        return self._status(self._register.another(request.fields.get("maHoSoMCDT")))

    def _refused(self, request: Request) -> str | None:
        key = request.fields.get("authKey")
        if not isinstance(key, str) or not hmac.compare_digest(key.encode(), self._key.encode()):
            request.breach("/authKey: not a key of this system")
            return "100"
        if request.fields.get("maTinh") not in {PROVINCE, None}:
            request.breach("/maTinh: another province than the key's")
            return "108"
        return None

    def _status(self, application: Application) -> Reply:
        state = self._register.state(application)
        entry = {
            "maHoSoMCDT": application.code,
            "trangThaiXuLy": _written(state, application.quirk),
            "ketQuaXuLy": self._result(application) if state in WITH_RESULT else _no_result(application),
        }
        if state == SUPPLEMENT:
            entry["ghiChu"] = WANTED
        # One entry, in some answers not in a list [S: objects that become lists].
        value = entry if application.quirk % 5 == 3 else [entry]
        return json_reply({"status": 1, "statusDescription": "Thành công", "value": value})

    def _result(self, application: Application) -> dict[str, object]:
        return _result(application, revoked=self._register.revoked(application))


def _submitted(status: int, description: str, code: str | None, error: str | None) -> Reply:
    body = {"status": status, "statusDescription": description, "errorCode": code, "errorDescription": error}
    return json_reply(body, content_type=_TEXT)


def _written(state: int, quirk: int) -> str | int:
    """Returns the state as text, as a number, or with a trailing blank."""
    return state if quirk % 4 == 2 else f"{state} " if quirk % 4 == 3 else str(state)


def _result(application: Application, *, revoked: bool) -> dict[str, object]:
    def text(value: str) -> str:
        return unicodedata.normalize("NFD" if application.quirk % 3 == 1 else "NFC", value)

    return {
        "soPhieuLLTP": application.certificate_number,
        "ngayCapPhieu": f"{application.issued_on:%d/%m/%Y}",
        "loaiPhieu": str(application.form),
        "nguoiLapPhieu": text("Lê Thị Bích Phượng"),
        "nguoiKy": text(SIGNER),
        "chucVu": text(SIGNER_POSITION),
        "tinhTrangAnTich": "2" if application.convicted else "1",
        "tenTinhTrangAnTich": text(conviction_text(application)),
        "thongTinCDNCV": "1" if application.convicted else "0",
        "tenThongTinCDNCV": text(ban_text(application)),
        "thongTinAn": [_judgment()] if application.convicted else [],
        "dsCDNCV": [_ban()] if application.convicted else [],
        "phieuLLTP": base64.b64encode(certificate(application)).decode(),
        "quyetDinhThuHoi": base64.b64encode(decision(application)).decode() if revoked else "",
    }


def _no_result(application: Application) -> dict[str, object] | None:
    """Returns None, or all keys with empty values."""
    if application.quirk % 2:
        return None
    names = STATUS_FIELDS - {"status", "statusDescription", "value", "maHoSoMCDT", "trangThaiXuLy", "ketQuaXuLy"}
    empty: dict[str, object] = dict.fromkeys(sorted(names), "")
    return {**empty, "ngayCapPhieu": _NO_DATE, "thongTinAn": None, "dsCDNCV": []}


def _judgment() -> dict[str, object]:
    return {
        "soBanAn": "45/2009/HSST",
        "ngayBanAn": "17/09/2009",
        "toaDaTuyen": "TAND.82.815",
        "tenToaDaTuyen": "Tòa án nhân dân thành phố Mỹ Tho",
        "dsToiDanh": [{"toiDanh": "138", "tenToiDanh": "Tội trộm cắp tài sản"}],
        "dsHinhPhatChinh": [
            {"maHinhPhat": "TU", "tenHinhPhat": "Tù có thời hạn", "ghiChu": "09 tháng, cho hưởng án treo"}
        ],
        "dsHinhPhatBoSung": [
            {
                "maHinhPhat": "CDN",
                "tenHinhPhat": "Cấm hành nghề",
                "noiDungHinhPhatBoSung": "02 năm kể từ ngày chấp hành xong",
            }
        ],
        "ngayChapHanh": "09/2011",
        "ngayXoaAn": _NO_DATE,
        "dieuKhoan": "khoản 1 Điều 138 Bộ luật Hình sự 1999",
        "anPhi": "200.000 đồng",
        "nghiaVuDanSu": "Bồi thường 3.000.000 đồng",
        "tinhTrangThiHanh": "Đã chấp hành xong",
    }


def _ban() -> dict[str, object]:
    return {
        "soQuyetDinh": "07/2012/QĐ-TA",
        "ngayQuyetDinh": "03/04/2012",
        "toaAnQD": "Tòa án nhân dân tỉnh Tiền Giang",
        "chucVuCam": "Giám đốc công ty trách nhiệm hữu hạn",
        "thoiHanCam": "02 năm",
        "camTuNgay": "03/04/2012",
    }


def _holder(declaration: dict[str, object]) -> Holder:
    home, born_at = declaration["nycThuongTru"], declaration["nycNoiSinh"]
    assert isinstance(home, dict)
    assert isinstance(born_at, dict)
    return Holder(
        full_name=str(declaration["nycHoTen"]),
        sex=str(declaration["nycTenGioiTinh"]),
        born=str(declaration["nycNgaySinh"]),
        birth_place=str(born_at["tenTinhThanh"] or born_at["dcChiTiet"]),
        nationality=str(declaration["nycTenQuocTich"]),
        residence=", ".join(
            filter(None, (home["dcChiTiet"], home["tenPhuongXa"], home["tenQuanHuyen"], home["tenTinhThanh"]))
        ),
        identity_number=str(declaration["nycSoGiayTo"]),
    )
