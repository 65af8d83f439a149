"""Renders records as the registry writes them; each record has its own irregularities, always the same."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from mocks.population import Address, Enterprise, Registration, Unit
from mocks.population.enterprises import Member, Representative
from mocks.population.vsic import BusinessLine

#: The source writes this for a missing date.
NO_DATE: Final = "01/01/0001"
REFORM: Final = date(2025, 7, 1)

#: PROCESS_STATUS by state [S].
PROCESS_STATUS: Final = {
    "received": "1",
    "in_process": "2",
    "supplement_requested": "3",
    "approved": "4",
    "refused": "5",
    "withdrawn": "6",
}


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Names of all fields in answers, as in the contract.
DETAIL_FIELDS: Final = _names("""
    MainInformation ENTERPRISE_ID ENTERPRISE_GDT_CODE IMP_BUSINESS_CODE ENTERPRISE_TYPE_ID ENTERPRISE_TYPE_NAME NAME
    SHORT_NAME NAME_F FOUNDING_DATE LAST_AMEND_DATE NUMBER_CHANGES ENTERPRISE_STATUS LEGAL_NAMES CAPITAL_AMOUNT
    HOAdress CityID CityName DistrictID DistrictName WardID WardName StreetNumber AddressFullText
    BusinessActivity CODE IS_MAIN Member MEMBER_NAME AMOUNT RATIO_PERCENT COUNTRY IDENTITY_NO
    Representatives FULL_NAME POSITION DataCount Status Message data GetEntCert
""")
LIST_FIELDS: Final = _names("""
    Data DataCount Status Message IN_JOURNAL_NO DOCUMENT_TYPE ENTERPRISE_GDT_CODE ENTERPRISE_CODE NAME SITE_ID
    PROCESS_STATUS PROCESSED_DATE RECEIPT_DATE PLAN_DATE
""")
STATUS_FIELDS: Final = LIST_FIELDS | _names("""
    REGISTRATION_DATE SUPPLEMENT_DATE SUBMISSION_TYPE
    CONTACT_FULL_NAME CONTACT_ADDRESS CONTACT_ID_NO CONTACT_PHONE CONTACT_EMAIL
""")


def enterprise_body(enterprise: Enterprise) -> dict[str, object]:
    """Returns the answer of `chiTietDoanhNghiep` about an enterprise."""
    index = enterprise.index
    amount = f"{enterprise.capital}.000" if index % 3 == 0 else float(enterprise.capital)
    main = {
        "ENTERPRISE_ID": 9_900_000 + index,
        "ENTERPRISE_GDT_CODE": enterprise.code,
        "IMP_BUSINESS_CODE": enterprise.old_certificate,
        "ENTERPRISE_TYPE_ID": enterprise.type.id,
        "ENTERPRISE_TYPE_NAME": enterprise.type.name,
        "NAME": _as_typed(enterprise.name, index),
        "SHORT_NAME": enterprise.short_name,
        "NAME_F": enterprise.foreign_name,
        "FOUNDING_DATE": day(enterprise.founded_on),
        "LAST_AMEND_DATE": day(enterprise.amended_on),
        "NUMBER_CHANGES": enterprise.changes,
        "ENTERPRISE_STATUS": enterprise.status,
        "LEGAL_NAMES": ";".join(_as_typed(who.full_name, index) for who in enterprise.representatives),
        "CAPITAL_AMOUNT": amount,
    }
    body: dict[str, object] = {
        "MainInformation": main,
        "HOAdress": address(enterprise.address, written_on=enterprise.amended_on or enterprise.founded_on),
        "BusinessActivity": _activities(enterprise.business_lines),
        "Member": [_member(member) for member in enterprise.members],
    }
    if index % 13 != 5:  # some records name them only in LEGAL_NAMES
        body["Representatives"] = _representatives(enterprise.representatives)
    return {**body, **told(1)}


def unit_body(unit: Unit, enterprise: Enterprise) -> dict[str, object]:
    """Returns the answer of `chiTietDoanhNghiep` about a dependent unit: no capital, no members."""
    main = {
        "ENTERPRISE_ID": 99_000_000 + enterprise.index * 100 + unit.number,
        "ENTERPRISE_GDT_CODE": unit.code,
        "IMP_BUSINESS_CODE": None,
        "ENTERPRISE_TYPE_ID": unit.kind.id,
        "ENTERPRISE_TYPE_NAME": unit.kind.name,
        "NAME": _as_typed(unit.name, unit.number),
        "SHORT_NAME": None,
        "NAME_F": None,
        "FOUNDING_DATE": day(unit.founded_on),
        "LAST_AMEND_DATE": NO_DATE,
        "NUMBER_CHANGES": 0,
        "ENTERPRISE_STATUS": unit.status,
        "LEGAL_NAMES": unit.head.full_name,
        "CAPITAL_AMOUNT": 0,
    }
    return {
        "MainInformation": main,
        "HOAdress": address(unit.address, written_on=unit.founded_on),
        "BusinessActivity": _activities(unit.business_lines),
        "Member": [],
        "Representatives": _representative(unit.head),
        **told(1),
    }


def told(count: int, *, status: str = "1", message: str = "Thành công") -> dict[str, object]:
    """Returns the last fields of every answer."""
    return {"DataCount": count, "Status": status, "Message": message}


def address(where: Address, *, written_on: date) -> dict[str, object]:
    """Returns `HOAdress` (the source's spelling); with a district when it was written before the reform of 2025."""
    place = where.place
    if written_on < REFORM:
        return {
            "CityID": place.province_code,
            "CityName": place.province,
            "DistrictID": place.district_code,
            "DistrictName": place.district,
            "WardID": place.ward_code,
            "WardName": place.ward,
            "StreetNumber": where.street,
            "AddressFullText": where.before_reform + ", Việt Nam",
        }
    return {
        "CityID": place.new_province_code,
        "CityName": place.new_province,
        "DistrictID": "",
        "DistrictName": "",
        "WardID": place.new_ward_code,
        "WardName": place.new_ward,
        "StreetNumber": where.street,
        "AddressFullText": where.after_reform + ", Việt Nam",
    }


def day(value: date | None) -> str:
    return NO_DATE if value is None else f"{value.day:02d}/{value.month:02d}/{value.year:04d}"


def registration_row(dossier: Registration, enterprise: Enterprise, now: datetime, *, whole: bool) -> dict[str, object]:
    """Returns a row of a list; *whole* adds the fields of `danhSachHoSo` and `tinhTrangHoSo`."""
    state = dossier.state(now)
    row: dict[str, object] = {
        "IN_JOURNAL_NO": dossier.number,
        "DOCUMENT_TYPE": dossier.document_type,
        "ENTERPRISE_GDT_CODE": enterprise.code,
        "NAME": _as_typed(enterprise.name, enterprise.index),
        "SITE_ID": dossier.site_id,
        "PROCESS_STATUS": PROCESS_STATUS[state],
        "PROCESSED_DATE": day(dossier.processed_at.date() if state == dossier.outcome else None),
    }
    if whole:
        row["ENTERPRISE_CODE"] = str(9_900_000 + enterprise.index)
        row["RECEIPT_DATE"] = day(dossier.received_at.date())
        row["PLAN_DATE"] = day(dossier.planned_on)
    return row


def contact_fields(dossier: Registration, now: datetime) -> dict[str, object]:
    """Returns the fields that `tinhTrangHoSo` adds: dates and the submitter, a person."""
    who = dossier.contact
    supplemented = dossier.processed_at.date() if dossier.state(now) == "supplement_requested" else None
    return {
        "REGISTRATION_DATE": day(dossier.received_at.date()),
        "SUPPLEMENT_DATE": day(supplemented),
        "SUBMISSION_TYPE": "Qua mạng" if dossier.online else "Trực tiếp",
        "CONTACT_FULL_NAME": who.full_name,
        "CONTACT_ADDRESS": who.address.after_reform,
        "CONTACT_ID_NO": who.citizen_id,
        "CONTACT_PHONE": who.phone,
        "CONTACT_EMAIL": who.email,
    }


def _activities(lines: Sequence[BusinessLine]) -> list[Mapping[str, str]]:
    return [{"CODE": line.code, "NAME": line.name, "IS_MAIN": "Y" if at == 0 else "N"} for at, line in enumerate(lines)]


def _member(member: Member) -> dict[str, object]:
    return {
        "MEMBER_NAME": member.name,
        "AMOUNT": member.amount,
        "RATIO_PERCENT": member.ratio_percent,
        "COUNTRY": member.country,
        "IDENTITY_NO": member.identity_number,
    }


def _representatives(people: Sequence[Representative]) -> dict[str, str] | list[dict[str, str]]:
    """Returns an object for one representative, a list for several [C]."""
    return _representative(people[0]) if len(people) == 1 else [_representative(who) for who in people]


def _representative(who: Representative) -> dict[str, str]:
    return {
        "FULL_NAME": who.full_name,
        "POSITION": who.position,
        "IDENTITY_NO": who.identity_number,
        "COUNTRY": who.country,
    }


def _as_typed(text: str, index: int) -> str:
    """Returns the text as typed: for some records in decomposed letters, for some with trailing blanks."""
    if index % 11 == 7:
        text = unicodedata.normalize("NFD", text)
    return text + "  " if index % 9 == 4 else text
