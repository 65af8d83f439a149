"""The NGSP's messages for criminal records, field for field [G]."""

from __future__ import annotations

from typing import Annotated

from gateway.core.canonical import Wire
from gateway.core.wire_types import ROWS, Code, Identifier, LifeDay, Text

# ---- what is sent


class WireApplicant(Wire):
    """The applicant: the first part of ``declarationWSForm``."""

    fullName: str
    otherName: str = ""
    genderId: int
    birthDateStr: str
    birthPlace: str
    nationalityId: int
    ethnicId: int | None = None
    residence: str
    reRegionId: int
    residenceTemporary: str = ""
    rtRegionId: int
    idTypeId: int
    identifyNo: str
    idIssueDate: str = ""
    idIssuePlace: str = ""
    phone: str
    email: str = ""


class WireRequest(Wire):
    """The family and the request: the rest of ``declarationWSForm``."""

    dadName: str
    dadDob: str
    momName: str
    momDob: str
    partnerName: str
    partnerDob: str
    ministryJusticeId: int
    declareDate: str
    declareTypeId: int
    requestQty: int
    requestQtyAdd: int
    objectRequestId: int
    regionRequestId: int | None = None
    formType: int
    isBanPosition: int
    delivery: int
    deliveryAddress: str = ""
    note: str = ""
    purpose: str
    receiveNo: str


class WireResidence(Wire):
    """An entry of ``residenceWSForm``."""

    fromDateStr: str
    toDateStr: str
    residencePlace: str
    jobName: str = ""
    workPlace: str = ""


class WireMandatee(Wire):
    """``mandatorWSForm``: in spite of its name, the person who was given the mandate."""

    fullName: str
    genderId: int
    birthDateStr: str
    residence: str
    regionId: int
    idTypeId: int
    identifyNo: str
    idIssueDate: str = ""
    idIssuePlace: str = ""
    mandatorRelation: str
    mandatorDate: str = ""


# ---- what comes back


class WireAnswer(Wire):
    """The fields of all answers, which the table reads."""

    STATUS: Code = None
    DESCRIPTION: Text = None


class WireSubmitted(WireAnswer):
    """The answer of ``nhanHoSoDangKy``."""

    ID: Identifier = None


class WireStatus(WireAnswer):
    """The answer of ``traTrangThaiHs``; by the guide it does not name its dossier."""

    idReceivedDec: Identifier = None
    DEC_STATUS_ID: Code
    DEC_STATUS_NAME: Text = None
    APPROVE_DATE: LifeDay = None
    ISSUE_DATE: LifeDay = None


class WireChange(Wire):
    """An entry of ``traDsTrangThaiHs``; its state is asked for, so that it is read in one way."""

    DECLARATION_ID: Identifier = None
    RECEIVE_NO: Identifier = None


class WireChanges(WireAnswer):
    """The answer of ``traDsTrangThaiHs``."""

    LISTCONTENT: Annotated[tuple[WireChange | None, ...], ROWS] = ()
