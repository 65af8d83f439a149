"""The answers of the registry, field for field [G]."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, model_validator

from gateway.core.canonical import Wire
from gateway.core.lenient import one_or_many

Text = str | None


def _unwrapped(value: object) -> object:
    """The facts, with or without the ``data`` around them: provinces differ [C]."""
    match value:
        case {"data": dict(inner)}:
            return inner
        case _:
            return value


class WireAnswer(Wire):
    """The keys beside the facts of every answer; the table of codes reads them."""

    Status: object = None
    Message: object = None

    _open = model_validator(mode="before")(_unwrapped)


class WireMain(Wire):
    """``MainInformation``; empty when there is no such enterprise."""

    ENTERPRISE_ID: Text = None
    ENTERPRISE_GDT_CODE: str
    IMP_BUSINESS_CODE: Text = None
    ENTERPRISE_TYPE_ID: Text = None
    ENTERPRISE_TYPE_NAME: Text = None
    NAME: str
    SHORT_NAME: Text = None
    NAME_F: Text = None
    FOUNDING_DATE: Text = None
    LAST_AMEND_DATE: Text = None
    NUMBER_CHANGES: Text = None
    ENTERPRISE_STATUS: Text = None
    LEGAL_NAMES: Text = None
    CAPITAL_AMOUNT: Text = None


class WireAddress(Wire):
    """``HOAdress``, in the source's spelling."""

    CityID: Text = None
    CityName: Text = None
    DistrictID: Text = None
    DistrictName: Text = None
    WardID: Text = None
    WardName: Text = None
    StreetNumber: Text = None
    AddressFullText: Text = None


class WireActivity(Wire):
    CODE: str
    NAME: Text = None
    IS_MAIN: Text = None


class WireMember(Wire):
    MEMBER_NAME: str
    AMOUNT: Text = None
    RATIO_PERCENT: Text = None
    COUNTRY: Text = None
    IDENTITY_NO: Text = None


class WireRepresentative(Wire):
    FULL_NAME: str
    POSITION: Text = None
    IDENTITY_NO: Text = None


class WireEnterprise(WireAnswer):
    """The answer of ``chiTietDoanhNghiep``; lists may come as one object, or not at all."""

    MainInformation: WireMain
    HOAdress: WireAddress | None = None
    BusinessActivity: Annotated[tuple[WireActivity, ...], BeforeValidator(one_or_many)] = ()
    Member: Annotated[tuple[WireMember, ...], BeforeValidator(one_or_many)] = ()
    Representatives: Annotated[tuple[WireRepresentative, ...], BeforeValidator(one_or_many)] = ()


class WireRegistration(Wire):
    """One dossier, of ``danhSachHoSo`` or (with the contact) of ``tinhTrangHoSo``."""

    IN_JOURNAL_NO: str
    DOCUMENT_TYPE: Text = None
    ENTERPRISE_GDT_CODE: Text = None
    ENTERPRISE_CODE: Text = None
    NAME: Text = None
    SITE_ID: Text = None
    PROCESS_STATUS: Text = None
    PROCESSED_DATE: Text = None
    RECEIPT_DATE: Text = None
    PLAN_DATE: Text = None
    REGISTRATION_DATE: Text = None
    SUPPLEMENT_DATE: Text = None
    SUBMISSION_TYPE: Text = None
    CONTACT_FULL_NAME: Text = None
    CONTACT_ADDRESS: Text = None
    CONTACT_ID_NO: Text = None
    CONTACT_PHONE: Text = None
    CONTACT_EMAIL: Text = None


class WireRegistrations(WireAnswer):
    """The answer of ``danhSachHoSo`` and ``tinhTrangHoSo``."""

    DataCount: int | None = None
    Data: Annotated[tuple[WireRegistration, ...], BeforeValidator(one_or_many)] = ()

    @model_validator(mode="after")
    def _has_its_rows(self) -> Self:
        if "Data" not in self.model_fields_set and self.DataCount != 0:
            raise ValueError("Data is missing: no answer is not an empty one")
        return self
