"""Translates between the SOAP service and the uniform API, without I/O, with the whole table of its fault codes [S]."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from typing import Final, Literal

from gateway.connectors.legal_documents.model import Document, DocumentSummary, SearchQuery
from gateway.connectors.legal_documents.translate import (
    TYPE_NAMES,
    RelationRow,
    document_type,
    file_name,
    ordered,
    page_size,
    place_of,
    relation,
    status_of,
)
from gateway.connectors.legal_documents.ws.wire import WireContent, WireDocument, WireRelation, WireSummary
from gateway.core.files import OPAQUE, OPEN_XML, PDF, RTF, WORD
from gateway.core.message import Exchange, Outcome, Reply, ReplyKind, Soap, SoapFault
from gateway.core.problems import Failing, GatewayError, OffContract
from gateway.core.settings import UpstreamSettings
from gateway.core.unread import known, read
from gateway.core.vietnamese import Spellings


class WsSettings(UpstreamSettings):
    """The SOAP service; *url* is the address of its port."""


FAULTS: Final[Mapping[str, Callable[[], GatewayError | ReplyKind]]] = {
    "KHONG_TIM_THAY": lambda: ReplyKind.NO_RECORD,
    "THAM_SO_KHONG_HOP_LE": lambda: OffContract(
        "The service says that the question is malformed.", reason="off_contract"
    ),
    "LOI_HE_THONG": lambda: Failing("The service reports a failure of its own.", reason="upstream_error"),
}
"""Fault codes, whatever the HTTP status (``KHONG_TIM_THAY`` comes with 500); others mean what SOAP says."""

DIRECTIONS: Final[Mapping[str, Literal["outgoing", "incoming"]]] = {
    "DI": "outgoing",
    "Đi": "outgoing",
    "DEN": "incoming",
    "Đến": "incoming",
}
"""``Chieu``."""
_SPELT: Final = Spellings(DIRECTIONS)
MEDIA_TYPES: Final = frozenset({"text/html", "text/plain", PDF, WORD, RTF, OPEN_XML})
_CHARSET: Final = re.compile(r"(?:^|[;\s])charset\s*=\s*\"?([a-z0-9][a-z0-9._-]{0,30})(?![^\s;\"])", re.ASCII)
_UTF_8: Final = "utf-8"


# ---- questions


def ask_search(query: SearchQuery) -> Soap:
    """``TimKiemVanBan``; the type is asked by its name."""
    conditions = {
        "SoKyHieu": query.number,
        "CoQuanBanHanh": query.issuer,
        "LoaiVanBan": query.type and TYPE_NAMES.get(query.type),
        "TuKhoa": query.q,
    }
    given: dict[str, object] = {name: value for name, value in conditions.items() if value is not None}
    return Soap(name="TimKiemVanBan", arguments={**given, "Trang": place_of(query)[0], "SoBanGhi": page_size(query)})


def ask_document(document_id: str) -> Soap:
    """``ChiTietVanBan``."""
    return Soap(name="ChiTietVanBan", arguments={"Id": document_id})


def ask_content(document_id: str) -> Soap:
    """``NoiDungVanBan``."""
    return Soap(name="NoiDungVanBan", arguments={"Id": document_id})


# ---- answers


def classify(_: Exchange, reply: Reply) -> Outcome:
    """Reads the table above; the code is in ``faultcode`` (or a Subcode), or in ``MaLoi`` of the detail of a general
    fault. An empty 404 is left to the HTTP status: a SOAP service says "no such document" by its fault.
    """
    if not isinstance(reply.body, SoapFault):
        return None
    fault = reply.body
    for code in (fault.code, *fault.wider, fault.detail.get("MaLoi", "")):
        if (known := FAULTS.get(code.strip().upper())) is not None:
            return known()
    return None


def to_summary(wire: WireSummary) -> DocumentSummary:
    """A document in a list."""
    return read(DocumentSummary, summary(wire))


def to_document(wire: WireDocument) -> Document:
    """A document with its relations."""
    return read(
        Document,
        {
            **summary(wire),
            "signers": [name for name in wire.NguoiKy if name is not None],
            "fields": [name for name in wire.LinhVuc if name is not None],
            "is_consolidated": document_type(None, wire.LoaiVanBan) == "consolidated_document",
            "relations": ordered(_relation(row) if row else None for row in wire.VanBanLienQuan),
        },
    )


def summary(wire: WireSummary) -> dict[str, object]:
    """A document's fields in a list, not yet validated."""
    return {
        "document_id": wire.Id,
        "number": wire.SoKyHieu,
        "abstract": wire.TrichYeu,
        "type": document_type(None, wire.LoaiVanBan),
        "type_name": wire.LoaiVanBan,
        "type_source_code": wire.LoaiVanBan,
        "issuer": wire.CoQuanBanHanh,
        "issued_on": wire.NgayBanHanh,
        "effective_from": wire.NgayHieuLuc,
        "effective_to": wire.NgayHetHieuLuc,
        "status": status_of(wire.TinhTrangHieuLuc),
        "source_code": wire.TinhTrangHieuLuc,
    }


def _relation(wire: WireRelation) -> RelationRow | None:
    """The relation; None where its direction is not known: the other way round it would be another statement."""
    direction = _SPELT.get(wire.Chieu)
    return relation(wire.LoaiQuanHe, direction, wire.Id, wire.SoKyHieu) if direction else None


def media_type(wire: WireContent) -> str:
    """The source's media type if it is a text type, else octets: a browser must not run content as the type that it
    claims.
    """
    said, *parameters = (wire.KieuNoiDung or "").lower().split(maxsplit=1) or [""]
    said, _, parameter = said.partition(";")
    if said not in MEDIA_TYPES:
        return OPAQUE
    return f"{said}; charset={_charset(' '.join([parameter, *parameters]))}" if said.startswith("text/") else said


def _charset(parameters: str) -> str:
    """The charset that the source names, where there is one of that name, else UTF-8; lines may be folded (RFC 822)."""
    named = _CHARSET.search(parameters)
    found = named[1] if named else _UTF_8
    try:
        codecs.lookup(found)
    except LookupError:
        return _UTF_8
    return found


def content_name(wire: WireContent) -> str:
    """The file's name."""
    return file_name(known(wire.TenTep), wire.Id)
