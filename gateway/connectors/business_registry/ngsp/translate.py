"""Translates between the registry and the uniform API, without I/O, with the whole tables of its codes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from gateway.connectors.business_registry.model import (
    Enterprise,
    EnterpriseQuery,
    EnterpriseStatus,
    Registration,
    RegistrationQuery,
    RegistrationsQuery,
    RegistrationState,
    RegistrationSummary,
)
from gateway.connectors.business_registry.ngsp.wire import WireAddress, WireEnterprise, WireRegistration
from gateway.core.lenient import is_nothing, table_code
from gateway.core.message import Exchange, Outcome, Reply, ReplyKind, Rest
from gateway.core.mistakes import WRONG_PAGE_TOKEN
from gateway.core.no_record import unless_failed
from gateway.core.problems import Failing, FieldError, InvalidRequest, OffContract
from gateway.core.settings import UpstreamSettings
from gateway.core.unread import UNREAD, Unread, read
from gateway.core.wire_types import (
    maybe_activity,
    maybe_amount,
    maybe_code,
    maybe_count,
    maybe_day,
    maybe_digits,
    maybe_district,
    maybe_enterprise,
    maybe_flag,
    maybe_identity,
    maybe_phone,
    maybe_province,
    maybe_text,
    maybe_ward,
)

STATUSES: Final[Mapping[str, EnterpriseStatus]] = {
    "1": "active",
    "2": "suspended",
    "3": "dissolving",
    "4": "dissolved",
    "5": "revoked",
    "6": "bankrupt",
}
"""``ENTERPRISE_STATUS`` [S]: the guide names the field and not its codes."""

STATES: Final[Mapping[str, RegistrationState]] = {
    "1": "received",
    "2": "in_process",
    "3": "supplement_requested",
    "4": "approved",
    "5": "refused",
    "6": "withdrawn",
}
"""``PROCESS_STATUS`` [S]."""

WINDOW_DAYS: Final = 5
"""``danhSachHoSo`` takes at most five days at a time [G]."""
ROWS: Final = 100
"""Rows of one page."""


class NgspSettings(UpstreamSettings):
    """The registry behind the province's adapter."""

    api: str = "apiCSDLDKDN"
    """Path of the API below the address; provinces name it differently [C]."""


# ---- questions


def ask_enterprise(query: EnterpriseQuery, settings: NgspSettings) -> Rest:
    """``chiTietDoanhNghiep?msdn=``; a unit's code is sent with its hyphen."""
    name = "chiTietDoanhNghiep"
    return Rest(name=name, method="GET", path=f"{settings.api}/{name}", query={"msdn": query.enterprise_code})


def ask_registration(query: RegistrationQuery, settings: NgspSettings) -> Rest:
    """``tinhTrangHoSo?in_journal_no=``."""
    name = "tinhTrangHoSo"
    return Rest(
        name=name, method="GET", path=f"{settings.api}/{name}", query={"in_journal_no": query.registration_number}
    )


def ask_registrations(first: date, last: date, offset: int, settings: NgspSettings) -> Rest:
    """``danhSachHoSo`` for one window."""
    name = "danhSachHoSo"
    fields = {
        "from_date": first.strftime("%d/%m/%Y"),
        "to_date": last.strftime("%d/%m/%Y"),
        "offset": str(offset),
        "limit": str(ROWS),
    }
    return Rest(name=name, method="GET", path=f"{settings.api}/{name}", query=fields)


def place_of(query: RegistrationsQuery) -> tuple[date, int]:
    """First day of the window and row at which *query*'s page begins.

    Raises:
        InvalidRequest: On a page token that was not given for this period.
    """
    if query.page_token is None:
        return query.first_day, 0
    day, _, row = query.page_token.partition("~")
    try:
        first, offset = date.fromisoformat(day), int(row)
    except ValueError:
        first, offset = date.min, -1
    if not query.first_day <= first <= query.last_day or offset < 0 or (first - query.first_day).days % WINDOW_DAYS:
        raise InvalidRequest(errors=[FieldError("/page_token", WRONG_PAGE_TOKEN)])
    return first, offset


def token_of(first: date, offset: int) -> str:
    return f"{first.isoformat()}~{offset}"


def window_end(first: date, query: RegistrationsQuery) -> date:
    return min(query.last_day, first + timedelta(days=WINDOW_DAYS - 1))


# ---- answers


LOOK_UPS: Final = frozenset({"chiTietDoanhNghiep", "tinhTrangHoSo"})
"""The calls that ask for one record."""
_NONE: Final = {"Status": frozenset({"1"}), "DataCount": frozenset({"0"})}
"""The codes beside emptiness that is a fact."""


def classify(exchange: Exchange, reply: Reply) -> Outcome:
    """``Status`` "0" is their failure, any but "1" off contract. An empty ``MainInformation``, list or envelope is "no
    such record" [C], unless a code or a sentence beside it speaks against that; so is an empty 404 [S].
    """
    if reply.bare_404:
        return ReplyKind.NO_RECORD if exchange.name in LOOK_UPS else None
    body = reply.body
    if reply.status != 200 or not isinstance(body, dict) or not body:
        return None
    inner = body.get("data", body)
    facts = inner if isinstance(inner, dict) else {}
    statuses = {table_code(body.get("Status")), table_code(facts.get("Status"))} - {None, "1"}
    if "0" in statuses:
        return Failing("The registry says that it failed.", reason="upstream_error")
    if statuses:
        return OffContract("The registry answered with a Status that is not in its contract.", reason="off_contract")
    key = "MainInformation" if exchange.name == "chiTietDoanhNghiep" else "Data"
    if not is_nothing(inner) and key not in facts:
        return None
    if not is_nothing(facts.get(key)):
        return ReplyKind.ANSWER
    if exchange.name in LOOK_UPS:
        return unless_failed(ReplyKind.NO_RECORD, (body, facts), _NONE)
    return unless_failed(ReplyKind.ANSWER, (body, facts), {"Status": _NONE["Status"]})


def to_enterprise(wire: WireEnterprise) -> Enterprise:
    """The enterprise in canonical form; an unknown status stays visible by its code.

    All is gathered as plain data and validated once, at the end: a model made for each part costs twice as much.
    """
    main = wire.MainInformation
    status = maybe_code(main.ENTERPRISE_STATUS)
    return read(
        Enterprise,
        {
            "enterprise_code": main.ENTERPRISE_GDT_CODE,
            "registry_id": maybe_digits(main.ENTERPRISE_ID),
            "old_certificate_number": maybe_digits(main.IMP_BUSINESS_CODE),
            "name": maybe_text(main.NAME),
            "short_name": maybe_text(main.SHORT_NAME),
            "foreign_name": maybe_text(main.NAME_F),
            "type_name": maybe_text(main.ENTERPRISE_TYPE_NAME),
            "type_source_code": maybe_code(main.ENTERPRISE_TYPE_ID),
            "status": STATUSES.get(status or "", "unknown"),
            "source_code": status,
            "founded_on": maybe_day(main.FOUNDING_DATE),
            "amended_on": maybe_day(main.LAST_AMEND_DATE),
            "amendments": maybe_count(main.NUMBER_CHANGES),
            "capital": maybe_amount(main.CAPITAL_AMOUNT),
            "head_office": wire.HOAdress and _address(wire.HOAdress),
            "representatives": _representatives(wire),
            "members": [
                {
                    "name": maybe_text(member.MEMBER_NAME),
                    "amount": maybe_amount(member.AMOUNT),
                    "ratio_percent": maybe_amount(member.RATIO_PERCENT),
                    "country": maybe_text(member.COUNTRY),
                    "identity_number": maybe_identity(member.IDENTITY_NO),
                }
                if member
                else None
                for member in wire.Member
            ],
            "business_lines": [
                {
                    "code": maybe_activity(line.CODE),
                    "name": maybe_text(line.NAME),
                    "is_main": maybe_flag(line.IS_MAIN),
                }
                if line
                else None
                for line in wire.BusinessActivity
            ],
        },
    )


def _representatives(wire: WireEnterprise) -> list[dict[str, object] | None]:
    """Those with particulars; without any, the bare names of ``LEGAL_NAMES``."""
    found: list[dict[str, object] | None] = [
        {
            "full_name": maybe_text(who.FULL_NAME),
            "position": maybe_text(who.POSITION),
            "identity_number": maybe_identity(who.IDENTITY_NO),
        }
        if who
        else None
        for who in wire.Representatives
    ]
    if any(who and who["full_name"] for who in found):
        return found
    names = maybe_text(wire.MainInformation.LEGAL_NAMES)
    if names is UNREAD or not names:
        return [None] if names is UNREAD else found
    return [{"full_name": name} for part in names.split(";") if (name := part.strip())]


def _address(wire: WireAddress) -> dict[str, object]:
    """``HOAdress``; the district is missing in records since the reform of 2025-07-01."""
    return {
        "full_text": maybe_text(wire.AddressFullText),
        "street": maybe_text(wire.StreetNumber),
        "ward": _unit(maybe_ward(wire.WardID), wire.WardName),
        "district": _unit(maybe_district(wire.DistrictID), wire.DistrictName),
        "province": _unit(maybe_province(wire.CityID), wire.CityName),
    }


def _unit(code: str | Unread | None, raw_name: object) -> dict[str, object] | None:
    name = maybe_text(raw_name)
    return None if code is None and name is None else {"code": code, "name": name}


def to_summary(wire: WireRegistration) -> RegistrationSummary:
    """A dossier in a list."""
    return read(RegistrationSummary, summary(wire))


def to_registration(wire: WireRegistration) -> Registration:
    """A dossier with its submitter."""
    contact = {
        "full_name": maybe_text(wire.CONTACT_FULL_NAME),
        "address": maybe_text(wire.CONTACT_ADDRESS),
        "identity_number": maybe_identity(wire.CONTACT_ID_NO),
        "phone": maybe_phone(wire.CONTACT_PHONE),
        "email": maybe_text(wire.CONTACT_EMAIL),
    }
    return read(
        Registration,
        {
            **summary(wire),
            "registered_on": maybe_day(wire.REGISTRATION_DATE),
            "supplemented_on": maybe_day(wire.SUPPLEMENT_DATE),
            "submission_type": maybe_text(wire.SUBMISSION_TYPE),
            "contact": None if set(contact.values()) == {None} else contact,
        },
    )


def summary(wire: WireRegistration) -> dict[str, object]:
    """A dossier's fields in a list, not yet validated."""
    state = maybe_code(wire.PROCESS_STATUS)
    enterprise = maybe_enterprise(wire.ENTERPRISE_GDT_CODE)
    return {
        "registration_number": wire.IN_JOURNAL_NO,
        "document_type": maybe_text(wire.DOCUMENT_TYPE),
        "enterprise_code": enterprise or maybe_digits(wire.ENTERPRISE_CODE) or enterprise,
        "name": maybe_text(wire.NAME),
        "office_code": maybe_digits(wire.SITE_ID),
        "state": STATES.get(state or "", "unknown"),
        "source_code": state,
        "received_on": maybe_day(wire.RECEIPT_DATE),
        "due_on": maybe_day(wire.PLAN_DATE),
        "processed_on": maybe_day(wire.PROCESSED_DATE),
    }
