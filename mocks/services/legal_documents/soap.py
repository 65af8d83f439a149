"""Dialect `ws`: SOAP 1.1, document/literal [S]. Requests are checked by the pinned schema; answers are plain bytes."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import date
from functools import lru_cache, partial
from typing import Final

from lxml import etree

from mocks.engine.service import SOAP_11, Call, Reply, Request, World
from mocks.engine.soap import action_of, by_element, fault_11
from mocks.population.documents import TYPE_NAMES, LegalDocument
from mocks.services.legal_documents.library import Conditions, Library, escaped, fold, written

NAMESPACE: Final = "urn:vn:gov:moj:csdlqg-vbpl:ws:1"
_BUSY: Final = "Hệ thống đang bận, vui lòng thử lại sau"
_NO_DAY: Final = "01/01/0001"
_HEAD: Final = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
)
_TAIL: Final = "</soap:Body></soap:Envelope>"
_DETAIL_FIELDS: Final = frozenset(
    {
        "VanBan", "Id", "SoKyHieu", "TrichYeu", "LoaiVanBan", "CoQuanBanHanh", "NgayBanHanh", "NgayHieuLuc",
        "NgayHetHieuLuc", "TinhTrangHieuLuc", "NguoiKy", "LinhVuc", "VanBanLienQuan", "LoaiQuanHe", "Chieu",
    }
)  # fmt: skip
_SEARCH_FIELDS: Final = frozenset({"TongSo", "Trang"}) | (_DETAIL_FIELDS - {"NguoiKy", "LinhVuc", "VanBanLienQuan"})
_CONTENT_FIELDS: Final = frozenset({"Id", "TenTep", "KieuNoiDung", "NoiDung"})


class OffContract(Exception):
    """The request breaks a rule; the text is the service's message."""


class SoapPort:
    """The three operations at one address."""

    def __init__(self, world: World, library: Library) -> None:
        self._library = library
        self._schema = etree.XMLSchema(etree.fromstring(world.contract("legal_documents/ws.xsd").encode()))
        self._detail: Callable[[int, date], Reply] = lru_cache(maxsize=4_096)(self._render_detail)

    def calls(self) -> tuple[Call, ...]:
        """Returns the calls for the engine."""
        call = partial(Call, path="ws", method="POST", kind="soap", soap_fault=partial(fault_11, message=_BUSY))
        return (
            call(
                name="TimKiemVanBan",
                match=by_element("TimKiemVanBan"),
                answer=self._guarded(self._search),
                why_no_another="a list does not identify one record",
                shown=frozenset({"SoKyHieu", "CoQuanBanHanh", "LoaiVanBan", "TuKhoa", "Trang", "SoBanGhi"}),
                fields=_SEARCH_FIELDS,
            ),
            call(
                name="ChiTietVanBan",
                match=by_element("ChiTietVanBan"),
                answer=self._guarded(self._document),
                another=lambda request: self._detail(self._library.other(_asked(request)).index, self._library.today()),
                shown=frozenset({"Id"}),
                fields=_DETAIL_FIELDS,
            ),
            call(
                name="NoiDungVanBan",
                match=by_element("NoiDungVanBan"),
                answer=self._guarded(self._content),
                another=lambda request: self._render_content(self._library.other(_asked(request))),
                shown=frozenset({"Id"}),
                fields=_CONTENT_FIELDS,
            ),
        )

    def unmatched(self, request: Request) -> Reply:
        """Answers a message of an unknown operation."""
        request.breach("/*/Body/*: no operation of the WSDL")
        return fault_11("Client", "Không nhận dạng được thao tác trong thông điệp SOAP")

    def _guarded(self, answer: Callable[[Request, etree._Element], Reply]) -> Callable[[Request], Reply]:
        def held(request: Request) -> Reply:
            try:
                return answer(request, self._checked(request))
            except OffContract as broken:
                return fault_11(
                    "THAM_SO_KHONG_HOP_LE", str(broken), detail=_detail("THAM_SO_KHONG_HOP_LE", str(broken))
                )

        return held

    def _checked(self, request: Request) -> etree._Element:
        element = request.soap
        assert element is not None, "calls are matched by the element"
        action, name = action_of(request), etree.QName(element).localname
        if "xml" not in request.headers.get("Content-Type", ""):
            raise _off(request, "header Content-Type: not text/xml", "Content-Type không hợp lệ")
        if action != f"{NAMESPACE}/{name}":
            raise _off(request, f"header SOAPAction: not that of {name}", "SOAPAction không khớp với thông điệp")
        if not self._schema.validate(element):
            for error in self._schema.error_log:  # type: ignore[attr-defined]  # lxml-stubs lack it
                request.breach(f"{name}: {error.type_name} at {error.path}")
            raise OffContract("Thông điệp không đúng lược đồ")
        return element

    # ---- answers

    def _search(self, _: Request, element: etree._Element) -> Reply:
        def said(name: str) -> str:
            return element.findtext(f"{{{NAMESPACE}}}{name}") or ""

        asked = fold(said("LoaiVanBan"))
        codes = frozenset(code for code, name in TYPE_NAMES.items() if asked in {fold(name), fold(code)})
        wanted = Conditions(
            number=said("SoKyHieu"),
            issuer=said("CoQuanBanHanh"),
            words=said("TuKhoa"),
            types=codes if asked else frozenset(),
        )
        found = [] if asked and not codes else self._library.search(wanted)
        page, size = int(said("Trang")), int(said("SoBanGhi"))
        today = self._library.today()
        rows = "".join(
            f"<vb:VanBan>{self._summary(document, today)}</vb:VanBan>"
            for document in found[(page - 1) * size : page * size]
        )
        return _reply("TimKiemVanBanResponse", f"{_of('TongSo', str(len(found)))}{_of('Trang', str(page))}{rows}")

    def _document(self, _: Request, element: etree._Element) -> Reply:
        found = self._library.find(element.findtext(f"{{{NAMESPACE}}}Id") or "")
        return _no_such() if found is None else self._detail(found.index, self._library.today())

    def _content(self, _: Request, element: etree._Element) -> Reply:
        found = self._library.find(element.findtext(f"{{{NAMESPACE}}}Id") or "")
        return _no_such() if found is None else self._render_content(found)

    def _render_detail(self, index: int, today: date) -> Reply:
        document = self._library.population.documents[index]
        parts = [self._summary(document, today)]
        if document.signer is not None:
            parts.append(_of("NguoiKy", written(document, document.signer)))
        parts += [_of("LinhVuc", written(document, field)) for field in document.fields]
        parts += [_related("DI", code, other) for code, other in self._library.outgoing(document)]
        parts += [_related("DEN", code, other) for code, other in self._library.incoming(document)]
        return _reply("ChiTietVanBanResponse", f"<vb:VanBan>{''.join(parts)}</vb:VanBan>")

    def _render_content(self, document: LegalDocument) -> Reply:
        html = written(document, self._library.html(document)) if document.has_content else ""
        name = f"{document.number.replace('/', '.')}.html"
        data = base64.encodebytes(html.encode()).decode()  # lines of 76 characters, as in old services
        parts = (_of("Id", document.id), _of("TenTep", name), _of("KieuNoiDung", "text/html"), _of("NoiDung", data))
        return _reply("NoiDungVanBanResponse", "".join(parts))

    def _summary(self, document: LegalDocument, today: date) -> str:
        ends = document.effective_to
        blank = "  " if document.index % 9 == 4 else ""  # trailing blanks, as from fixed-width columns
        return "".join(
            (
                _of("Id", document.id),
                _of("SoKyHieu", document.number + blank),
                _of("TrichYeu", written(document, document.title) + blank),
                _of("LoaiVanBan", written(document, TYPE_NAMES[document.type])),
                _of("CoQuanBanHanh", written(document, document.issuer)),
                _of("NgayBanHanh", _day(document.issued_on)),
                _of("NgayHieuLuc", _day(document.effective_from)),
                _of("NgayHetHieuLuc", _day(ends)) if ends is not None or document.index % 2 else "",
                _of("TinhTrangHieuLuc", document.status_on(today)),
            )
        )


def _asked(request: Request) -> str:
    element = request.soap
    return "" if element is None else element.findtext(f"{{{NAMESPACE}}}Id") or ""


def _off(request: Request, rule: str, says: str) -> OffContract:
    request.breach(rule)
    return OffContract(says)


def _day(day: date | None) -> str:
    return _NO_DAY if day is None else day.strftime("%d/%m/%Y")


def _of(name: str, value: str) -> str:
    return f"<vb:{name}>{escaped(value)}</vb:{name}>"


def _related(direction: str, code: int, other: LegalDocument) -> str:
    parts = (_of("LoaiQuanHe", str(code)), _of("Chieu", direction), _of("Id", other.id), _of("SoKyHieu", other.number))
    return f"<vb:VanBanLienQuan>{''.join(parts)}</vb:VanBanLienQuan>"


def _reply(name: str, inner: str) -> Reply:
    body = f'{_HEAD}<vb:{name} xmlns:vb="{NAMESPACE}">{inner}</vb:{name}>{_TAIL}'
    return Reply(200, body.encode(), SOAP_11)


def _detail(code: str, message: str) -> etree._Element:
    detail = etree.Element(f"{{{NAMESPACE}}}ChiTietLoi", nsmap={"vb": NAMESPACE})
    etree.SubElement(detail, f"{{{NAMESPACE}}}MaLoi").text = code
    etree.SubElement(detail, f"{{{NAMESPACE}}}MoTa").text = message
    return detail


def _no_such() -> Reply:
    message = "Không tìm thấy văn bản"
    return fault_11("KHONG_TIM_THAY", message, detail=_detail("KHONG_TIM_THAY", message))
