"""The answers of the registry, field for field [G]."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import model_validator

from gateway.core.canonical import AlsoSpelt, Wire
from gateway.core.unread import Unread
from gateway.core.wire_types import OR_UNREAD, ROWS, Count, EnterpriseNumber, Raw, Required


def _unwrapped(value: object) -> object:
    """The facts, with or without the ``data`` around them: provinces differ [C]."""
    inner = value.get("data") if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else value


class WireAnswer(Wire):
    """The keys beside the facts of every answer; the table of codes reads them."""

    Status: object = None
    Message: object = None
    DataCount: Count = None

    _open = model_validator(mode="before")(_unwrapped)

    @classmethod
    def opened(cls, body: object) -> object:
        return _unwrapped(body)


class WireMain(Wire):
    """``MainInformation``; empty when there is no such enterprise."""

    ENTERPRISE_ID: Raw = None
    ENTERPRISE_GDT_CODE: EnterpriseNumber
    IMP_BUSINESS_CODE: Raw = None
    ENTERPRISE_TYPE_ID: Raw = None
    ENTERPRISE_TYPE_NAME: Raw = None
    NAME: Raw = None
    SHORT_NAME: Raw = None
    NAME_F: Raw = None
    FOUNDING_DATE: Raw = None
    LAST_AMEND_DATE: Raw = None
    NUMBER_CHANGES: Raw = None
    ENTERPRISE_STATUS: Raw = None
    LEGAL_NAMES: Raw = None
    CAPITAL_AMOUNT: Raw = None


class WireAddress(Wire):
    """``HOAdress``, in the source's spelling."""

    CityID: Raw = None
    CityName: Raw = None
    DistrictID: Raw = None
    DistrictName: Raw = None
    WardID: Raw = None
    WardName: Raw = None
    StreetNumber: Raw = None
    AddressFullText: Raw = None


class WireActivity(Wire):
    CODE: Raw = None
    NAME: Raw = None
    IS_MAIN: Raw = None


class WireMember(Wire):
    MEMBER_NAME: Raw = None
    AMOUNT: Raw = None
    RATIO_PERCENT: Raw = None
    COUNTRY: Raw = None
    IDENTITY_NO: Raw = None


class WireRepresentative(Wire):
    FULL_NAME: Raw = None
    POSITION: Raw = None
    IDENTITY_NO: Raw = None


class WireEnterprise(WireAnswer):
    """The answer of ``chiTietDoanhNghiep``; lists may come as one object, or not at all."""

    MainInformation: WireMain
    HOAdress: Annotated[WireAddress | Unread | None, OR_UNREAD, AlsoSpelt(("HOAddress",))] = None
    BusinessActivity: Annotated[tuple[WireActivity | None, ...], ROWS] = ()
    Member: Annotated[tuple[WireMember | None, ...], ROWS] = ()
    Representatives: Annotated[tuple[WireRepresentative | None, ...], ROWS] = ()


class WireRegistration(Wire):
    """One dossier, of ``danhSachHoSo`` or (with the contact) of ``tinhTrangHoSo``."""

    IN_JOURNAL_NO: Required
    DOCUMENT_TYPE: Raw = None
    ENTERPRISE_GDT_CODE: Raw = None
    ENTERPRISE_CODE: Raw = None
    NAME: Raw = None
    SITE_ID: Raw = None
    PROCESS_STATUS: Raw = None
    PROCESSED_DATE: Raw = None
    RECEIPT_DATE: Raw = None
    PLAN_DATE: Raw = None
    REGISTRATION_DATE: Raw = None
    SUPPLEMENT_DATE: Raw = None
    SUBMISSION_TYPE: Raw = None
    CONTACT_FULL_NAME: Raw = None
    CONTACT_ADDRESS: Raw = None
    CONTACT_ID_NO: Raw = None
    CONTACT_PHONE: Raw = None
    CONTACT_EMAIL: Raw = None


class WireRegistrations(WireAnswer):
    """The answer of ``danhSachHoSo`` and ``tinhTrangHoSo``."""

    Data: Annotated[tuple[WireRegistration | None, ...], ROWS] = ()

    @model_validator(mode="after")
    def _has_its_rows(self) -> Self:
        if "Data" not in self.model_fields_set and self.DataCount != 0:
            raise ValueError("Data is missing: no answer is not an empty one")
        return self
