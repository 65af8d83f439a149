"""Translates between the portals of ministries and the uniform API, without I/O, with the table of their codes.

The messages are the national portal's [S]; names of fields, codes of statuses and forms of dates are the ministry's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from gateway.connectors.ministry_portals.model import IncomingKind, IncomingMessage, IncomingPage
from gateway.connectors.ministry_portals.rest.login import RestSettings
from gateway.connectors.ministry_portals.rest.wire import (
    WireDossier,
    WireMessage,
    WireMessages,
    WireStep,
)
from gateway.connectors.ministry_portals.settings import INSTANTS, PortalSettings, strftime_of
from gateway.connectors.ministry_portals.translate import (
    already_received,
    credentials,
    kind_of,
    our_mistake,
    status_code,
    unknown_answer,
    word_of,
)
from gateway.core.inbound import InboundMessage, Pulled, PulledPage
from gateway.core.lenient import is_nothing
from gateway.core.message import Exchange, Outcome, Reply, ReplyKind, Rest
from gateway.core.mistakes import Mistake
from gateway.core.no_record import unless_failed
from gateway.core.problems import Conflict, FieldError, GatewayError, InvalidRequest
from gateway.core.unread import Unread, known, read, read_rows
from gateway.core.wire_types import maybe_text
from gateway.dossiers import comparison
from gateway.dossiers.answers import WireAnswer
from gateway.dossiers.codes import procedure_of
from gateway.dossiers.inbound import read_dossier, read_result
from gateway.dossiers.inbound_pulled import as_it_came, read_pulled
from gateway.dossiers.model import DossierBody, DossierSync, StepBody
from gateway.dossiers.orders import later_step_sent
from gateway.dossiers.rules import Found, agency_of, newer_fields, too_long
from gateway.dossiers.session import WELL, code_of
from gateway.dossiers.status import Status
from gateway.dossiers.wire import dossier_fields, step_fields

LOOK_UP: Final = "TraCuuHoSo"
SYNC: Final = "DongBoHoSoMC"
PROGRESS: Final = "CapNhatTienDoHoSoMC"
WAITING: Final = "LayHoSoGuiTinh"
RECEIPT: Final = "XacNhanHoSoGuiTinh"
READS: Final = frozenset({LOOK_UP, WAITING})
LONGEST: Final = 2000
"""Characters of any text [S]."""
MOST_MESSAGES: Final = 50
FEWER_MESSAGES: Final = (MOST_MESSAGES, 10, 1)
"""Messages that are asked for, where more were too large an answer."""
NOT_THEIRS: Final = Mistake(
    "not_issued_by_ministry",
    "is not a code of this ministry, which issues the codes of its dossiers",
    "không phải là mã do bộ, ngành này cấp; bộ, ngành tự cấp mã hồ sơ của mình",
)

# ---- what can't be sent


def unsendable_dossier(dossier: DossierBody, settings: PortalSettings) -> Found:
    """The parts of *dossier* that a ministry has no field for, and its codes that nobody knows."""
    if settings.dossier_codes.issued_by == "ministry" and agency_of(dossier.dossier_code) != (
        settings.dossier_codes.agency
    ):
        yield "/dossier_code", NOT_THEIRS
    found = status_code(dossier.status, settings)
    if isinstance(found, Mistake):
        yield "/status", found
    procedure = procedure_of(dossier.procedure.code, settings.codes)
    if isinstance(procedure, Mistake):
        yield "/procedure/code", procedure
    yield from newer_fields(dossier)
    for index, file in enumerate(dossier.documents):
        if len(file.file_name) > LONGEST:
            yield f"/documents/{index}/file_name", too_long(LONGEST)


def unsendable_step(step: StepBody, settings: PortalSettings) -> Found:
    """The status of *step*, where the ministry has no code for it."""
    found = status_code(step.status, settings)
    if isinstance(found, Mistake):
        yield "/status", found


# ---- out


def dossier_row(dossier: DossierBody, settings: PortalSettings) -> dict[str, object]:
    """``HoSo`` in the national portal's names."""
    procedure, status = procedure_of(dossier.procedure.code, settings.codes), _checked(dossier.status, settings)
    assert isinstance(procedure, str), "an order is checked before it is sent"
    row = dossier_fields(dossier, status=status[0], procedure=procedure)
    return {**row, "TrangThaiHoSo": status[1]}


def step_row(step: StepBody, settings: PortalSettings) -> dict[str, object]:
    """``TienDo`` in the national portal's names."""
    status = _checked(step.status, settings)
    return {**step_fields(step, status=status[0]), "TrangThai": status[1]}


def _checked(said: str, settings: PortalSettings) -> tuple[Status, str]:
    found = status_code(said, settings)
    assert not isinstance(found, Mistake), "an order is checked before it is sent"
    return found


def sync_fields(dossiers: Sequence[DossierBody], settings: PortalSettings, *, updating: bool) -> dict[str, object]:
    """``DongBoHoSoMC``; *updating*: for dossiers that ``TraCuuHoSo`` knows."""
    return {
        "isUpdating": str(updating),
        "data": [in_theirs(dossier_row(one, settings), settings) for one in dossiers],
    }


def progress_message(steps: Sequence[StepBody], settings: PortalSettings) -> dict[str, object]:
    """``CapNhatTienDoHoSoMC``."""
    return {"data": [in_theirs(step_row(one, settings), settings) for one in steps]}


def in_theirs(row: Mapping[str, object], settings: PortalSettings) -> dict[str, object]:
    """*row* in the ministry's own names and forms of dates."""
    written = {}
    for name, value in row.items():
        if isinstance(value, list):
            value = [in_theirs(one, settings) if isinstance(one, Mapping) else one for one in value]  # noqa: PLW2901
        elif name in INSTANTS and value:
            form = settings.date_forms.get(name, settings.date_form)
            at = datetime.strptime(str(value), "%Y%m%d%H%M%S")  # noqa: DTZ007  # it stays in Vietnam's time
            value = at.strftime(strftime_of(form))  # noqa: PLW2901
        written[settings.fields.get(name, name)] = value
    return written


def exchange_of(name: str, fields: Mapping[str, object], settings: RestSettings, *, before_order: bool = False) -> Rest:
    """A call of this dialect."""
    return Rest(name=name, path=settings.integration_path, json={"service": name, **fields}, before_order=before_order)


# ---- the table


def classify(exchange: Exchange, reply: Reply) -> Outcome:
    """``error_code`` in HTTP 200, read as a number. ``TraCuuHoSo`` with an empty list is "never sent" [S], and with
    nothing else: an order goes out as new on that word.

    A code of an order that the table does not know is left to the ministry's rules for sentences. An empty 404 is off
    contract of every call [S].
    """
    return judged(exchange, reply, lambda result: result == [])


def judged(exchange: Exchange, reply: Reply, is_never_sent: Callable[[object], bool]) -> Outcome:
    """As :func:`classify`; *is_never_sent* says which ``result`` of ``TraCuuHoSo`` means that."""
    if reply.bare_404 or reply.status != 200 or not isinstance(reply.body, dict):
        return None
    code = code_of(reply.body)
    if code is None:
        return None
    if code != WELL:
        meaning = CODES_OF_CALLS.get(exchange.name, {}).get(code) or CODES.get(code)
        if meaning is None:
            return unknown_answer() if exchange.name in READS else ReplyKind.ANSWER
        return meaning if isinstance(meaning, ReplyKind) else meaning()
    result = reply.body.get("result")
    if exchange.name in READS and is_nothing(result):
        never = exchange.name == LOOK_UP and is_never_sent(result)
        nothing = ReplyKind.NO_RECORD if never else ReplyKind.ANSWER
        return unless_failed(nothing, (reply.body,), {"error_code": _WELL, "result": (), "ConLai": _NO_MORE})
    return ReplyKind.ANSWER


_WELL: Final = frozenset({"0", "00"})
_NO_MORE: Final = frozenset({"0"})
_NOT_PUBLISHED: Final = Mistake(
    "procedure_not_published",
    "the ministry does not publish this procedure",
    "Bộ, ngành không công khai thủ tục hành chính này",
)
_NO_MESSAGE: Final = Mistake(
    "unknown_message",
    "the ministry has no such message; none of them was acknowledged",
    "bộ, ngành không có thông điệp này; chưa thông điệp nào được xác nhận",
)


def _not_sent() -> GatewayError:
    return Conflict("The ministry does not have this dossier yet; send the dossier first.", reason="not_synced")


def _not_published() -> GatewayError:
    return InvalidRequest(
        "The ministry does not publish this procedure.",
        reason="procedure_not_published",
        errors=[FieldError("/procedure/code", _NOT_PUBLISHED)],
    )


def _no_message() -> GatewayError:
    return InvalidRequest(
        "The ministry has no such message.",
        reason="unknown_message",
        errors=[FieldError("/message_ids", _NO_MESSAGE)],
    )


Meaning: TypeAlias = ReplyKind | Callable[[], GatewayError]
CODES: Final[Mapping[str, Meaning]] = {
    "1": credentials,
    "2": ReplyKind.LOGIN_EXPIRED,
    "3": our_mistake,
    "7": credentials,
    "8": our_mistake,
}
"""The codes that any call may answer, but success. All codes are our assumptions [S]."""
CODES_OF_CALLS: Final[Mapping[str, Mapping[str, Meaning]]] = {
    SYNC: {"4": already_received, "9": _not_published},
    PROGRESS: {"5": _not_sent, "6": later_step_sent, "11": already_received},
    RECEIPT: {"10": _no_message},
}
"""The codes of single calls."""


def check_taken(wire: WireAnswer, settings: PortalSettings) -> None:
    """Raises the error of an order whose answer does not say that it was taken."""
    kind = kind_of(known(wire.message), settings)
    if wire.error_code != WELL:
        raise already_received() if kind == "known" else unknown_answer()


# ---- back


def to_sync(found: WireDossier, settings: PortalSettings) -> DossierSync:
    """The dossier as the ministry has it."""
    return read(
        DossierSync,
        {
            "dossier_code": found.MaHoSo,
            "state": "synced",
            "status": word_of(known(found.TrangThaiHoSo), settings),
            "source_code": found.TrangThaiHoSo,
            "procedure_code": found.MaTTHC,
            "steps": [None if step is None else _step(step, settings) for step in found.TienDo],
        },
    )


def _step(step: WireStep, settings: PortalSettings) -> dict[str, object]:
    return {
        "processed_at": step.ThoiDiemXuLy,
        "status": word_of(known(step.TrangThai), settings),
        "source_code": step.TrangThai,
        "officer": step.NguoiXuLy,
        "department": step.PhongBanXuLy,
        "content": step.NoiDungXuLy,
    }


def has_all_of(found: WireDossier, dossier: DossierBody, settings: PortalSettings) -> bool:
    """Whether *found* says nothing else than *dossier*, as far as it has the same fields [S]."""
    row = dossier_row(dossier, settings)
    sent = {name: next(iter(in_theirs({name: value}, settings).values())) for name, value in row.items()}
    return comparison.has_all_of(found, sent)


def has_step(found: WireDossier, step: StepBody, settings: PortalSettings) -> bool:
    """Whether *step* is among the steps of *found*."""
    return comparison.has_step(found.TienDo, step, _checked(step.status, settings)[1])


def taken(order: DossierBody | StepBody, settings: PortalSettings) -> DossierSync:
    """The answer for a dossier or a step that the ministry took."""
    status, code = _checked(order.status, settings)
    told = DossierSync(dossier_code=order.dossier_code, state="synced", status=status.word, source_code=code)
    if isinstance(order, StepBody):
        return told
    procedure = procedure_of(order.procedure.code, settings.codes)
    return told.model_copy(update={"procedure_code": procedure if isinstance(procedure, str) else None})


KINDS: Final[Mapping[str, IncomingKind]] = {"HOSO": "dossier", "KETQUA": "result"}
"""``LoaiThongDiep`` [S]."""


def to_incoming(wire: WireMessages, settings: PortalSettings) -> IncomingPage:
    """The messages that wait; those behind them are given once these are acknowledged."""
    rows, left_out = read_rows(IncomingMessage, [_message(row, settings) for row in wire.result])
    more = known(wire.ConLai)
    return IncomingPage(items=rows, total=None if more is None else len(wire.result) + more, rows_left_out=left_out)


def to_pulled(wire: WireMessages, most: int) -> PulledPage:
    """The same for the inbox; *most* were asked for.

    The contract names two kinds of messages [S], and has no rule for a third: such a one is a message as it came, since
    fifty of them that are never confirmed would hold up all that come after them.
    """
    messages: list[Pulled] = []
    unread: list[Pulled] = []
    for row, sent in wire.rows:
        message = None if row is None else _read(row)
        receipt, source_code = (_said(sent, name) for name in ("MaThongDiep", "LoaiThongDiep"))
        if row is not None and message is not None:
            messages.append(Pulled(row.MaThongDiep, _kind(row), message))
        elif receipt is not None:
            code = None if row is None else row.HoSo.MaHoSo
            is_known = source_code is None or source_code in KINDS
            came = as_it_came(sent, receipt=receipt, code=code, source_code=source_code, is_known=is_known)
            (unread if is_known else messages).append(came)
    more = known(wire.ConLai)
    return PulledPage(
        tuple(messages),
        unread=tuple(unread),
        more=len(wire.result) >= most if more is None else more > 0,
        left_out=len(wire.result) - len(messages) - len(unread),
    )


ROW_FIELDS: Final = frozenset(
    {
        "TepDinhKemId", "TenTepDinhKem", "IsDeleted", "MaThanhPhanHoSo", "DuongDanTaiTepTin", "TenPhiLePhi",
        "MaPhiLePhi", "HinhThucThu", "Gia", "LoaiPhiLePhi", "TenGiayTo", "SoLuong", "LoaiGiayTo", "HoSoBoSungId",
        "NguoiYeuCauBoSung", "NoiDungBoSung", "NgayBoSung", "NguoiTiepNhanBoSung", "ThongTinTiepNhan",
        "NgayTiepNhanBoSung", "TrangThaiBoSung", "DanhSachGiayToBoSung", "DanhSachLePhiBoSung", "NgayHenTraTruoc",
        "NgayHenTraMoi", "GiayToId", "DuongDanTepTinKetQua",
    }
)  # fmt: skip
"""Fields of the rows within a dossier."""


def _of_contract(value: object) -> object:
    """*value* without the fields of its rows that the contract does not know."""
    if isinstance(value, list | tuple):
        return [_of_contract(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _of_contract(one) for name, one in value.items() if name in ROW_FIELDS}
    return value


def _kind(row: WireMessage) -> IncomingKind:
    return KINDS.get(known(row.LoaiThongDiep) or "", "unknown")


def _read(row: WireMessage) -> InboundMessage | None:
    """The dossier or the result; None for another kind, and where it can't be read."""
    # In the national portal's names, whatever the ministry's are.
    whole = row.HoSo.model_dump(include=row.HoSo.model_fields_set - {"TienDo"}, by_alias=False)
    sent = {name: _of_contract(value) for name, value in whole.items()}
    kind = _kind(row)
    if kind == "unknown" or any(isinstance(value, Unread) for value in sent.values()):
        return None
    return read_pulled(read_dossier if kind == "dossier" else read_result, sent)


def _said(sent: object, name: str) -> str | None:
    """The text *name* of a row as it was sent, however its key is spelt."""
    if not isinstance(sent, Mapping):
        return None
    found = {str(key).strip().casefold(): value for key, value in sent.items()}.get(name.casefold())
    return known(maybe_text(found))


def _message(row: WireMessage | None, settings: PortalSettings) -> dict[str, object] | None:
    held = None if row is None else _read(row)
    if row is None or (held is None and _kind(row) != "unknown"):
        return None  # a row that can't be read
    kind = _kind(row)
    return {
        "message_id": row.MaThongDiep,
        "kind": kind,
        "source_code": row.LoaiThongDiep,
        "dossier_code": row.HoSo.MaHoSo,
        "procedure_code": row.HoSo.MaTTHC,
        "sent_at": row.ThoiDiemGui,
        "status": word_of(known(row.HoSo.TrangThaiHoSo), settings),
        "status_source_code": row.HoSo.TrangThaiHoSo,
        "dossier": held.data if held is not None and kind == "dossier" else None,
        "result": held.data if held is not None and kind == "result" else None,
    }
