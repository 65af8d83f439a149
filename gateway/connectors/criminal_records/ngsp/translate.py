"""Translates between the uniform API and the NGSP's form of the criminal records service, without I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from pydantic import Field

from gateway.connectors.criminal_records.model import (
    VIETNAM,
    Applicant,
    Application,
    ApplicationOrder,
    BirthPlace,
    IdentityKind,
    Mandatee,
    OrderedSex,
    Residence,
    State,
)
from gateway.connectors.criminal_records.ngsp.wire import (
    WireApplicant,
    WireChange,
    WireMandatee,
    WireRequest,
    WireResidence,
    WireStatus,
)
from gateway.connectors.criminal_records.orders import IssuanceSettings, refuse
from gateway.connectors.criminal_records.translate import (
    contradiction,
    denies,
    failure,
    lost,
    relative,
    repeated,
    written,
    written_partial,
)
from gateway.core.durable import Changed
from gateway.core.lenient import table_code, text
from gateway.core.message import Exchange, Outcome, Reply, ReplyKind, Rest
from gateway.core.mistakes import Mistake
from gateway.core.problems import FieldError
from gateway.core.unread import known, read

SUBMIT: Final = "nhanHoSoDangKy"
STATUS: Final = "traTrangThaiHs"
CHANGES: Final = "traDsTrangThaiHs"
MARK: Final = "danhDauHsThanhCong"


class DepartmentSettings(IssuanceSettings):
    """The province as the ministry's catalogues know it (``traDanhMuc``)."""

    ministry_justice_id: int = Field(description="idMinistryJustice, ministryJusticeId: the receiving department")
    region_id: int | None = Field(default=None, description="regionRequestId: the province in catalogue 1")
    nationality_ids: dict[str, int] = Field(
        default={VIETNAM: 3106}, description="nationalityId of catalogue 2 by ISO 3166-1 alpha-2"
    )
    ethnicity_ids: dict[str, int] = Field(
        default={"01": 55305}, description="ethnicId of catalogue 3 by the code of the ethnic group"
    )


class NgspSettings(DepartmentSettings):
    """The same behind the NGSP's adapter."""

    base_path: str = Field(
        default="apiLyLichTuPhap/",
        pattern=r"^[^/].*$",
        description="before the call's name; some adapters add LLTP-API-",
    )


# ---- out

_SEX: Final[dict[OrderedSex, int]] = {"male": 1, "female": 0}
_DOCUMENTS: Final[dict[IdentityKind, int]] = {
    "passport": 0,
    "identity_card": 1,
    "residence_card": 2,
    "citizen_card": 3,
}
_BY_PERSON: Final = 3846
_BY_MANDATE: Final = 3845
_CITIZEN: Final = 72
_FOREIGNER: Final = 71
_REGION_IN_TEXT: Final = -1
"""The region is only in the address, as public code sends it [C]."""
_NO_RECEIPT: Final = "0"
_NATIONALITY: Final = Mistake(
    "nationality_not_configured",
    "is not in the nationalities that this gateway is configured for",
    "không có trong các quốc tịch mà cổng tích hợp được cấu hình",
)
_ETHNICITY: Final = Mistake(
    "ethnicity_not_configured",
    "is not in the ethnic groups that this gateway is configured for",
    "không có trong các dân tộc mà cổng tích hợp được cấu hình",
)
_VIA_ONE_STOP_SHOP: Final = "2"
_STATES: Final = "2"
"""``infoType`` of ``danhDauHsThanhCong`` for states [G]."""


def submission(order: ApplicationOrder, settings: NgspSettings) -> Rest:
    """The message that carries *order*; see :func:`fields_of_order`."""
    return _rest(SUBMIT, fields_of_order(order, settings), settings)


def status_request(dossier_code: str, settings: NgspSettings, *, before_order: bool = False) -> Rest:
    """The question for the state of *dossier_code*.

    *before_order*: an order goes out where they don't have it, so that only their ``STATUS`` 201 may say so.
    """
    return _rest(STATUS, fields_of_status(dossier_code), settings, before_order=before_order)


def changes_request(settings: NgspSettings) -> Rest:
    """The question for the states that nobody has acknowledged."""
    return _rest(CHANGES, fields_of_changes(), settings)


def mark_request(source_ids: Sequence[str], settings: NgspSettings) -> Rest:
    """The acknowledgement of states, by the source's own numbers."""
    return _rest(MARK, fields_of_mark(source_ids), settings)


def _rest(name: str, fields: Mapping[str, object], settings: NgspSettings, *, before_order: bool = False) -> Rest:
    return Rest(name=name, path=settings.base_path + name, json=fields, before_order=before_order)


def fields_of_status(dossier_code: str) -> dict[str, object]:
    """Names the dossier; ``identifyNo`` belongs to those not received by a one-stop shop."""
    return {"idReceivedDec": dossier_code, "infoType": _VIA_ONE_STOP_SHOP}


def fields_of_changes() -> dict[str, object]:
    """Asks for dossiers that were received by a one-stop shop."""
    return {"infoType": _VIA_ONE_STOP_SHOP}


def fields_of_mark(source_ids: Sequence[str]) -> dict[str, object]:
    """Names the declarations whose states are known."""
    return {"declarationId": ";".join(source_ids), "infoType": _STATES}


def fields_of_order(order: ApplicationOrder, settings: DepartmentSettings) -> dict[str, object]:
    """The content of the message that carries *order*.

    Raises:
        InvalidRequest: The order has a field that this generation cannot carry, or a value that has no code.
    """
    refuse(unsendable(order, settings))
    applicant, request = _applicant(order.applicant, settings), _request(order, settings)
    message: dict[str, object] = {
        "idMinistryJustice": str(settings.ministry_justice_id),
        "idReceivedDec": order.dossier_code,
        "dateReceivedDec": written(order.received_on),
        "datePromissoryDec": written(order.due_on),
        "idMoneyReceipt": order.fee_receipt_number or _NO_RECEIPT,
        "declarationWSForm": applicant.model_dump(exclude_none=True) | request.model_dump(exclude_none=True),
        "residenceWSForm": [_residence(stage).model_dump() for stage in order.residences],
    }
    if order.mandatee is not None:
        message["mandatorWSForm"] = _mandatee(order.mandatee).model_dump()
    return message


def unsendable(order: ApplicationOrder, settings: DepartmentSettings) -> list[FieldError]:
    """The fields of *order* that this generation cannot carry, and the values that have no code."""
    who, mandatee = order.applicant, order.mandatee
    errors = lost(
        {
            "/attachments": order.attachments or None,
            "/purpose/code": order.purpose.code,
            "/mandatee/other_name": mandatee and mandatee.other_name,
            "/mandatee/nationality": mandatee and mandatee.nationality,
            "/mandatee/ethnicity": mandatee and mandatee.ethnicity,
            "/mandatee/phone": mandatee and mandatee.phone,
            "/mandatee/email": mandatee and mandatee.email,
        }
    )
    if who.nationality.code not in settings.nationality_ids:
        errors.append(FieldError("/applicant/nationality/code", _NATIONALITY))
    if who.ethnicity is not None and who.ethnicity.code not in settings.ethnicity_ids:
        errors.append(FieldError("/applicant/ethnicity/code", _ETHNICITY))
    return errors


def _applicant(who: Applicant, settings: DepartmentSettings) -> WireApplicant:
    paper = who.identity_document
    return WireApplicant(
        fullName=who.full_name,
        otherName=who.other_name or "",
        genderId=_SEX[who.sex],
        birthDateStr=written_partial(who.birth_date),
        birthPlace=_birth_place(who.birth_place),
        nationalityId=settings.nationality_ids[who.nationality.code],
        ethnicId=settings.ethnicity_ids[who.ethnicity.code] if who.ethnicity else None,
        residence=who.permanent_residence.full_text(),
        reRegionId=_REGION_IN_TEXT,
        residenceTemporary=who.temporary_residence.full_text() if who.temporary_residence else "",
        rtRegionId=_REGION_IN_TEXT,
        idTypeId=_DOCUMENTS[paper.kind],
        identifyNo=paper.number,
        idIssueDate=written(paper.issued_on),
        idIssuePlace=paper.issued_by or "",
        phone=who.phone,
        email=who.email or "",
    )


def _request(order: ApplicationOrder, settings: DepartmentSettings) -> WireRequest:
    father, father_born = relative(order.father)
    mother, mother_born = relative(order.mother)
    spouse, spouse_born = relative(order.spouse)
    return WireRequest(
        dadName=father,
        dadDob=father_born,
        momName=mother,
        momDob=mother_born,
        partnerName=spouse,
        partnerDob=spouse_born,
        ministryJusticeId=settings.ministry_justice_id,
        declareDate=written(order.received_on),
        declareTypeId=_BY_PERSON if order.mandatee is None else _BY_MANDATE,
        requestQty=1,
        requestQtyAdd=order.copies - 1,
        objectRequestId=_CITIZEN if order.applicant.nationality.code == VIETNAM else _FOREIGNER,
        regionRequestId=settings.region_id,
        formType=order.certificate_form,
        isBanPosition=int(order.confirm_position_bans),
        delivery=int(order.delivery is not None),
        deliveryAddress=order.delivery.address if order.delivery else "",
        note=order.convictions_declared or "",
        purpose="; ".join(filter(None, (order.purpose.name, order.purpose.other))),
        receiveNo=order.dossier_code,
    )


def _residence(stage: Residence) -> WireResidence:
    return WireResidence(
        fromDateStr=written_partial(stage.start),
        toDateStr=written_partial(stage.end),
        residencePlace=stage.place,
        jobName=stage.occupation or "",
        workPlace=stage.workplace or "",
    )


def _mandatee(who: Mandatee) -> WireMandatee:
    paper = who.identity_document
    return WireMandatee(
        fullName=who.full_name,
        genderId=_SEX[who.sex],
        birthDateStr=written_partial(who.birth_date),
        residence=who.residence.full_text(),
        regionId=_REGION_IN_TEXT,
        idTypeId=_DOCUMENTS[paper.kind],
        identifyNo=paper.number,
        idIssueDate=written(paper.issued_on),
        idIssuePlace=paper.issued_by or "",
        mandatorRelation=who.relation,
        mandatorDate=written(who.signed_on),
    )


def _birth_place(place: BirthPlace) -> str:
    return place.country.name if place.province is None else place.province.name


# ---- back


def classify(exchange: Exchange, reply: Reply) -> Outcome:
    """Reads their table of codes: ``STATUS`` is 1, 0 or a code, with HTTP 200; other statuses are left to the API's own
    table. An empty 404 to the question for a state is "no such dossier" [S].
    """
    if reply.bare_404:
        return ReplyKind.NO_RECORD if exchange.name == STATUS else None
    if reply.status != 200:
        return None
    fields = reply.body if isinstance(reply.body, dict) else {}
    status = table_code(fields.get("STATUS"))
    said = text(fields.get("DESCRIPTION")) or ""
    write = exchange.name == SUBMIT
    if write and (conflict := repeated(said)):
        return conflict
    if status != "1":
        return failure(status, said, write=write)
    return contradiction() if write and denies(said) else ReplyKind.ANSWER


STATES: Final[dict[str, State]] = {"3": "received", "4": "in_process", "5": "issued"}
"""``DEC_STATUS_ID`` [G]."""


def to_application(application_id: str, found: WireStatus) -> Application:
    """The application in canonical form; of the certificate this generation has only the dates."""
    return read(
        Application,
        {
            "application_id": application_id,
            "state": STATES.get(found.DEC_STATUS_ID or "", "unknown"),
            "source_code": found.DEC_STATUS_ID,
            "source_text": found.DEC_STATUS_NAME,
            "approved_on": found.APPROVE_DATE,
            "issued_on": found.ISSUE_DATE,
        },
    )


def changed(rows: Iterable[WireChange | None]) -> Iterator[Changed]:
    """The dossiers whose state has changed; a row that can't be read, or has no number, can't be acknowledged."""
    for row in rows:
        source_id = known(row.DECLARATION_ID) if row is not None else None
        if row is not None and source_id:
            yield Changed(known(row.RECEIVE_NO) or None, source_id, source_id)
