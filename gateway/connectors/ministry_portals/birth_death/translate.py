"""Translates between the joint service for births and deaths and the uniform API, without I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson
from lxml import etree
from pydantic import ValidationError

from gateway.connectors.ministry_portals.birth_death.login import BirthDeathSettings
from gateway.connectors.ministry_portals.birth_death.wire import Tree, WireDetail, WireRows
from gateway.connectors.ministry_portals.model import FiledDossier, FiledFile, IncomingMessage, IncomingPage
from gateway.connectors.ministry_portals.translate import status_code
from gateway.core.days import VIETNAM
from gateway.core.inbound import InboundFile, InboundMessage
from gateway.core.message import Exchange, Outcome, Reply, ReplyKind, Rest
from gateway.core.mistakes import Mistake
from gateway.core.problems import OffContract
from gateway.core.unread import known, read_rows
from gateway.dossiers.inbound_model import InboundDossier, InboundSubject
from gateway.dossiers.model import DossierSync, StepBody
from gateway.dossiers.rules import Found
from gateway.dossiers.status import Status

LIST: Final = "danhSach"
DETAIL: Final = "chiTiet"
RECEIPT: Final = "xacNhan"
STATE: Final = "trangThai"
MODULES: Final[Mapping[str, str]] = {"KS": "khai sinh", "KT": "khai tử"}
"""``module`` [C]."""
MOST_ELEMENTS: Final = 5_000
DEEPEST: Final = 32
UNNAMED: Final = "(không có tên)"

# ---- out


def unsendable_step(step: StepBody, settings: BirthDeathSettings) -> Found:
    """The status of *step*, where the service has no code for it."""
    found = status_code(step.status, settings)
    if isinstance(found, Mistake):
        yield "/status", found


def state_of(step: StepBody, settings: BirthDeathSettings) -> tuple[Status, str]:
    """The status of *step*, which was checked, and the service's code of it."""
    found = status_code(step.status, settings)
    assert not isinstance(found, Mistake), "an order is checked before it is sent"
    return found


def state_message(step: StepBody, settings: BirthDeathSettings) -> Rest:
    """``trangThai``."""
    _, code = state_of(step, settings)
    message = {
        "maHoSo": step.dossier_code,
        "maDonVi": settings.agency,
        "trangThai": code,
        "ngayXuLy": _instant(step.processed_at),
        "nguoiXuLy": step.officer.full_name,
        "noiDung": step.content,
    }
    return Rest(name=STATE, path="trang-thai", json=message)


def _instant(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%Y-%m-%dT%H:%M:%S}"


def list_request(settings: BirthDeathSettings) -> Rest:
    """``danhSach``: what was not acknowledged."""
    return Rest(name=LIST, method="GET", path="danh-sach", query={"maDonVi": settings.agency})


def detail_request(dossier_code: str) -> Rest:
    """``chiTiet``."""
    return Rest(name=DETAIL, method="GET", path=f"chi-tiet/{dossier_code}")


def receipt_message(dossier_code: str) -> Rest:
    """``xacNhan``: ``PUT {maHoSo, daNhan: true}`` [C]."""
    return Rest(name=RECEIPT, method="PUT", path="xac-nhan", json={"maHoSo": dossier_code, "daNhan": True})


def classify(exchange: Exchange, reply: Reply) -> Outcome:
    """HTTP 401 is a spent token [S]; null in place of a dossier is "no such dossier".

    The meaning of sentences is data of the ministry, read where the answer is used. An empty 404 is off contract of
    every call [S].
    """
    if reply.status == 401:
        return ReplyKind.LOGIN_EXPIRED
    if reply.status != 200 or not isinstance(reply.body, dict):
        return None
    if exchange.name == DETAIL and "data" in reply.body and reply.body["data"] is None:
        return ReplyKind.NO_RECORD
    if "data" in reply.body or "message" in reply.body:
        return ReplyKind.ANSWER
    return None


# ---- back


def to_page(wire: WireRows) -> IncomingPage:
    """The dossiers that were not acknowledged; each is asked for whole by its code."""
    rows, left_out = read_rows(
        IncomingMessage,
        [
            None
            if row is None
            else {
                "message_id": row.maHoSo,
                "kind": "dossier",
                "source_code": row.module,
                "dossier_code": row.maHoSo,
                "procedure_code": row.maTTHC,
            }
            for row in wire.data
        ],
    )
    return IncomingPage(items=rows, rows_left_out=left_out)


def opened(data: str) -> tuple[WireDetail, Tree]:
    """The dossier in *data*: the JSON of the string, and the elements of the XML in it.

    Raises:
        OffContract: It can't be read, or is larger or deeper than any dossier.
    """
    try:
        detail = WireDetail.model_validate(orjson.loads(data))
        tree = _tree(detail.hoTich)
    except (orjson.JSONDecodeError, ValidationError, etree.XMLSyntaxError, ValueError, RecursionError):
        # Their texts repeat the dossier.
        raise OffContract("The dossier within the answer could not be read.", reason="malformed") from None
    return detail, tree


def _tree(written: str) -> Tree:
    if "<!DOCTYPE" in written:
        raise OffContract("The XML within the answer has a DOCTYPE.", reason="forbidden_xml")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(written.encode(), parser)
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS:
        raise OffContract("The XML within the answer has too many elements.", reason="response_too_large")
    found = _inside(root, 0)
    if etree.QName(root).localname != "hoTich" or not isinstance(found, dict):
        raise ValueError("is not a hoTich")
    return found


def _inside(element: Any, depth: int) -> Tree | str:
    if depth > DEEPEST:
        raise OffContract("The XML within the answer is too deep.", reason="response_too_large")
    found: Tree = {}
    for child in element.iterchildren("*"):
        name, value = etree.QName(child).localname, _inside(child, depth + 1)
        before = found.get(name)
        if before is None:
            found[name] = value
        else:
            found[name] = [*before, value] if isinstance(before, list) else [before, value]
    return found or (element.text or "").strip()


def to_filed(detail: WireDetail, tree: Tree) -> FiledDossier:
    """The whole dossier; all of ``hoTich`` is in ``other_fields``."""
    asks = tree.get("nguoiYeuCau")
    who: Mapping[str, object] = asks if isinstance(asks, dict) else {}
    module = known(detail.module)
    dossier = InboundDossier(
        national_code=detail.maHoSo,
        procedure_code=known(detail.maTTHC) or "",
        procedure_name=None if module is None else MODULES.get(module),
        submitted_at=known(detail.ngayNop),
        subject=InboundSubject(
            kind="citizen",
            name=_text(who.get("hoTen")),
            identifier=_text(who.get("soDinhDanh")),
            phone=_text(who.get("soDienThoai")),
        ),
        agency=known(detail.maDonVi),
        other_fields={"module": module, "hoTich": tree},
    )
    files = [file for file in detail.tepDinhKem if file is not None]
    return FiledDossier(
        dossier=dossier,
        files=tuple(FiledFile(file_name=known(file.tenTep) or UNNAMED, length=len(file.noiDung)) for file in files),
    )


def to_message(detail: WireDetail, tree: Tree) -> InboundMessage:
    """The same for the inbox, with the bytes of its files."""
    files = [file for file in detail.tepDinhKem if file is not None]
    return InboundMessage(
        detail.maHoSo,
        to_filed(detail, tree).dossier,
        tuple(InboundFile(known(file.tenTep) or UNNAMED, content=file.noiDung) for file in files),
    )


def _text(value: object) -> str | None:
    return value or None if isinstance(value, str) else None


def to_state(detail: WireDetail) -> DossierSync:
    """The dossier that the service has; which states were reported it does not say."""
    return DossierSync(
        dossier_code=detail.maHoSo,
        state="synced",
        procedure_code=known(detail.maTTHC),
        source_id=known(detail.id),
    )


def reported(step: StepBody, settings: BirthDeathSettings) -> DossierSync:
    """The answer for a state that the service took."""
    status, code = state_of(step, settings)
    return DossierSync(dossier_code=step.dossier_code, state="synced", status=status.word, source_code=code)
