"""Translates between the portal's first generation and the uniform API, without I/O, with the table of its codes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from gateway.connectors.public_service_portal.model import ProceduresQuery, StatusReport
from gateway.connectors.public_service_portal.ngsp.login import NgspSettings
from gateway.connectors.public_service_portal.ngsp.wire import (
    WireComponents,
    WireDossier,
    WireProcedure,
    WireStages,
    WireStep,
    WireTime,
    WireWay,
)
from gateway.connectors.public_service_portal.translate import (
    already_received,
    sent_procedure,
    sent_status,
    unknown_codes,
)
from gateway.core.lenient import is_nothing
from gateway.core.message import Exchange, Outcome, Reply, ReplyKind, Rest
from gateway.core.mistakes import Mistake
from gateway.core.no_record import unless_failed
from gateway.core.problems import (
    Conflict,
    FieldError,
    GatewayError,
    InvalidRequest,
    OffContract,
    Refused,
)
from gateway.core.unread import known, read
from gateway.dossiers import comparison
from gateway.dossiers.model import DossierBody, DossierSync, StepBody
from gateway.dossiers.orders import later_step_sent
from gateway.dossiers.procedures import FeeState, fee_state_of, fee_state_of_all
from gateway.dossiers.rules import Found, newer_fields, too_long
from gateway.dossiers.session import WELL, code_of
from gateway.dossiers.status import Status, word_of_code
from gateway.dossiers.wire import dossier_fields, instant, step_fields

LOOK_UP: Final = "TraCuuHoSo"
SYNC: Final = "DongBoHoSoMC"
PROGRESS: Final = "CapNhatTienDoHoSoMC"
STATUS: Final = "DongBoTrangThaiHoSo"
PROCEDURE_LIST: Final = "LayDanhSachTTHC"
PROCEDURE: Final = "LayThuTuc"
FILE: Final = "getfile"
READS: Final = frozenset({LOOK_UP, PROCEDURE_LIST, PROCEDURE})

LONGEST: Final = 2000
"""Characters of any text [S]."""

# ---- what can't be sent


def unsendable_dossier(dossier: DossierBody, settings: NgspSettings) -> Found:
    """The parts of *dossier* that this generation has no field for, and its codes that nobody knows."""
    yield from unknown_codes(dossier, settings.codes)
    yield from newer_fields(dossier)
    for index, file in enumerate(dossier.documents):
        if len(file.file_name) > LONGEST:
            yield f"/documents/{index}/file_name", too_long(LONGEST)


# ---- out


def ask_dossier(dossier_code: str, settings: NgspSettings, *, before_order: bool = False) -> Rest:
    """``TraCuuHoSo``."""
    return _call(LOOK_UP, settings.integration_path, {"mahoso": dossier_code}, before_order=before_order)


def sync_message(dossiers: Sequence[DossierBody], settings: NgspSettings, *, updating: bool) -> Rest:
    """``DongBoHoSoMC``; *updating*: for dossiers that ``TraCuuHoSo`` knows [C]."""
    more = {"isUpdating": str(updating), "data": [_dossier(one, settings) for one in dossiers]}
    return _call(SYNC, settings.integration_path, more)


def _dossier(dossier: DossierBody, settings: NgspSettings) -> dict[str, object]:
    codes = settings.codes
    status, procedure = sent_status(dossier.status, codes), sent_procedure(dossier.procedure.code, codes)
    return dossier_fields(dossier, status=status, procedure=procedure)


def progress_message(steps: Sequence[StepBody], settings: NgspSettings) -> Rest:
    """``CapNhatTienDoHoSoMC``."""
    data = [step_fields(one, status=sent_status(one.status, settings.codes)) for one in steps]
    return _call(PROGRESS, settings.integration_path, {"data": data})


_NOT_RECEIVED_AS: Final = "11"
"""``DongBoTrangThaiHoSo`` has another number for 3, not received [C]."""


def status_message(report: StatusReport, settings: NgspSettings) -> Rest:
    """``DongBoTrangThaiHoSo``, type "2" [C]."""
    status = sent_status(report.status, settings.codes)
    data = {
        "MaHoSo": report.national_code,
        "MaHoSoDonVi": report.dossier_code,
        "TrangThai": _NOT_RECEIVED_AS if status is Status.NOT_RECEIVED else status.code,
        "MaDoiTuong": report.subject_identifier or "",
        "NoiDung": report.content or "",
        "NgayXuLy": instant(report.processed_at),
        "TaiLieuXuLy": [{"TenTepDinhKem": file.file_name, "DuongDan": file.url} for file in report.documents],
    }
    return _call(STATUS, settings.integration_path, {"type": "2", "data": [data]})


def ask_procedures(query: ProceduresQuery, settings: NgspSettings) -> Rest:
    """``LayThuTuc`` for one by its code, else ``LayDanhSachTTHC``."""
    if query.code is not None:
        return _call(PROCEDURE, settings.share_path, {"maTTHC": query.code})
    return _call(PROCEDURE_LIST, settings.share_path, {})


def ask_file(address: str, settings: NgspSettings) -> Rest:
    """``getfile`` [C]."""
    return _call(FILE, settings.integration_path, {"DuongDan": address})


def _call(service: str, path: str, more: Mapping[str, object], *, before_order: bool = False) -> Rest:
    return Rest(name=service, path=path, json={"service": service, **more}, before_order=before_order)


# ---- the table


def classify(exchange: Exchange, reply: Reply) -> Outcome:
    """``error_code`` in HTTP 200, read as a number. ``TraCuuHoSo`` with an empty list is "never sent" [C], and with
    nothing else: an order goes out as new on that word.

    An empty 404 is off contract of every call [S].
    """
    if reply.bare_404 or reply.status != 200 or not isinstance(reply.body, dict):
        return None
    code = code_of(reply.body)
    if code is None:
        return None
    if code != WELL:
        meaning = CODES_OF_CALLS.get(exchange.name, {}).get(code) or CODES.get(code)
        return meaning if isinstance(meaning, ReplyKind) else (meaning or _unknown)()
    if exchange.name == LOOK_UP and reply.body.get("result") == []:
        return unless_failed(ReplyKind.NO_RECORD, (reply.body,), {"error_code": _WELL, "result": ()})
    if exchange.name in READS and is_nothing(reply.body.get("result")):
        return unless_failed(ReplyKind.ANSWER, (reply.body,), {"error_code": _WELL, "result": ()})
    return ReplyKind.ANSWER


_WELL: Final = frozenset({"0", "00"})
_NOT_PUBLISHED: Final = Mistake(
    "procedure_not_published",
    "the portal does not publish this procedure",
    "Cổng không công khai thủ tục hành chính này",
)


def _unknown() -> OffContract:
    return OffContract("The portal answered with a code that its contract does not know.", reason="off_contract")


def _off_contract() -> GatewayError:
    return OffContract(
        "The portal says that the gateway's message breaks its contract.", reason="off_contract", may_have_arrived=False
    )


def _credentials() -> GatewayError:
    return Refused("The portal does not accept the gateway's account.", reason="credentials", may_have_arrived=False)


def _not_synced() -> GatewayError:
    return Conflict("The portal does not have this dossier yet; send the dossier first.", reason="not_synced")


def _not_published() -> GatewayError:
    return InvalidRequest(
        "The portal does not publish this procedure.",
        reason="procedure_not_published",
        errors=[FieldError("/procedure/code", _NOT_PUBLISHED)],
    )


Meaning: TypeAlias = ReplyKind | Callable[[], GatewayError]
CODES: Final[Mapping[str, Meaning]] = {
    "1": _credentials,
    "2": ReplyKind.LOGIN_EXPIRED,
    "3": _off_contract,
    "7": _credentials,
    "8": _off_contract,
}
"""The codes that any call may answer, but success. All codes are our assumptions [S]."""
CODES_OF_CALLS: Final[Mapping[str, Mapping[str, Meaning]]] = {
    SYNC: {"4": already_received, "9": _not_published},
    PROGRESS: {"5": _not_synced, "6": later_step_sent, "11": already_received},
    STATUS: {"5": _not_synced},
    FILE: {"12": ReplyKind.NO_RECORD},
}
"""The codes of single calls; from any other call they are off contract."""


# ---- back


def to_sync(found: WireDossier) -> DossierSync:
    """The dossier as the portal has it."""
    code = known(found.TrangThaiHoSo)
    return read(
        DossierSync,
        {
            "dossier_code": found.MaHoSo,
            "state": "synced",
            "status": word_of_code(code),
            "source_code": found.TrangThaiHoSo,
            "procedure_code": found.MaTTHC,
            "steps": [None if step is None else _step(step) for step in found.TienDo],
        },
    )


def _step(step: WireStep) -> dict[str, object]:
    return {
        "processed_at": step.ThoiDiemXuLy,
        "status": word_of_code(known(step.TrangThai)),
        "source_code": step.TrangThai,
        "officer": step.NguoiXuLy,
        "department": step.PhongBanXuLy,
        "content": step.NoiDungXuLy,
    }


def has_all_of(found: WireDossier, dossier: DossierBody, settings: NgspSettings) -> bool:
    """Whether *found* says nothing else than *dossier*, as far as it has the same fields [S]."""
    return comparison.has_all_of(found, _dossier(dossier, settings))


def has_step(found: WireDossier, step: StepBody, settings: NgspSettings) -> bool:
    """Whether *step* is among the steps of *found*."""
    return comparison.has_step(found.TienDo, step, sent_status(step.status, settings.codes).code)


# ---- procedures

_CHANNELS: Final = {"1": "counter", "2": "online", "3": "post"}
"""``KENH`` [C]."""


def to_procedure(wire: WireProcedure) -> dict[str, object]:
    """A procedure's fields, not yet validated."""
    ways = [None if way is None else _way(way) for way in wire.CACHTHUCTHUCHIEN]
    state = known(wire.TRANGTHAI)
    return {
        "code": wire.MATTHC,
        "name": wire.TENTTHC,
        "fields": [one and {"code": one.MALINHVUC, "name": one.TENLINHVUC} for one in wire.LINHVUCTHUCHIEN],
        "agencies": [one and {"code": one.MADONVI, "name": one.TENDONVI} for one in wire.COQUANTHUCHIEN],
        "is_public": None if state is None else state == "1",
        "fee_state": fee_state_of_all(_states(wire.CACHTHUCTHUCHIEN)),
        "steps": [one and _steps(one) for one in wire.TRINHTUTHUCHIEN],
        "ways": ways,
        "components": [one and _components(one) for one in wire.THANHPHANHOSO],
        "requirements": wire.YEUCAU,
        "subjects": wire.MOTADOITUONGTHUCHIEN,
        "results": [one and {"code": one.MAKETQUA, "name": one.TENKETQUA} for one in wire.KETQUATHUCHIEN],
        "legal_bases": [one and {"number": one.SOVANBAN, "name": one.TENVANBAN} for one in wire.CANCUPHAPLY],
    }


def _states(ways: Iterable[WireWay | None]) -> Iterable[FeeState]:
    return [_fee_state(time) for way in ways if way is not None for time in way.THOIGIAN if time is not None]


def _fee_state(time: WireTime) -> FeeState:
    if time.PHILEPHI is None:
        return "not_said"
    return fee_state_of(None if fee is None else known(fee.SOTIEN) for fee in time.PHILEPHI)


def _way(way: WireWay) -> dict[str, object]:
    channel = known(way.KENH)
    return {
        "channel": None if channel is None else _CHANNELS.get(channel, "unknown"),
        "source_code": way.KENH,
        "times": [None if time is None else _time(time) for time in way.THOIGIAN],
    }


def _time(time: WireTime) -> dict[str, object]:
    return {
        "duration": time.THOIGIANGIAIQUYET,
        "unit": time.DONVITINH,
        "description": time.MOTA,
        "fee_state": _fee_state(time),
        "fees": [
            fee and {"code": fee.MAPHILEPHI, "amount": fee.SOTIEN, "unit": fee.DONVI, "description": fee.MOTA}
            for fee in time.PHILEPHI or ()
        ],
    }


def _steps(one: WireStages) -> dict[str, object]:
    return {"case": one.TRUONGHOP, "steps": [stage and stage.TENTRINHTU for stage in one.TRINHTU]}


def _components(one: WireComponents) -> dict[str, object]:
    return {
        "case": one.TRUONGHOP,
        "papers": [
            paper
            and {
                "code": paper.MAGIAYTO,
                "name": paper.TENGIAYTO,
                "form_name": paper.TENMAUDON,
                "url": paper.URL,
                "originals": paper.SOBANCHINH,
                "copies": paper.SOBANSAO,
            }
            for paper in one.GIAYTO
        ],
    }
