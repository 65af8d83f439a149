"""The NGSP's messages for criminal records, field for field [G]."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, model_validator

from gateway.core.canonical import Wire
from gateway.core.lenient import read_date, trimmed_keys

Text = str | None
Day = Annotated[date | None, BeforeValidator(read_date)]


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

    STATUS: Text = None
    DESCRIPTION: Text = None

    @model_validator(mode="before")
    @classmethod
    def _trim(cls, raw: object) -> object:
        return trimmed_keys(raw)


class WireSubmitted(WireAnswer):
    """The answer of ``nhanHoSoDangKy``."""

    ID: Text = None


class WireStatus(WireAnswer):
    """The answer of ``traTrangThaiHs``; it does not name its dossier."""

    DEC_STATUS_ID: str
    DEC_STATUS_NAME: Text = None
    APPROVE_DATE: Day = None
    ISSUE_DATE: Day = None
