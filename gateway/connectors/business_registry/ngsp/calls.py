"""The registry's operations over ``apiCSDLDKDN`` [G]."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from gateway.connectors.business_registry.model import (
    Enterprise,
    EnterpriseQuery,
    Registration,
    RegistrationPage,
    RegistrationQuery,
    RegistrationsQuery,
    RegistrationSummary,
)
from gateway.connectors.business_registry.ngsp import translate
from gateway.connectors.business_registry.ngsp.translate import ROWS, NgspSettings
from gateway.connectors.business_registry.ngsp.wire import WireEnterprise, WireRegistration, WireRegistrations
from gateway.connectors.business_registry.operations import ENTERPRISE, REGISTRATION, REGISTRATIONS
from gateway.core.canonical import enterprise_code
from gateway.core.connector import answers
from gateway.core.upstream import Upstream


def _bare(code: str) -> str:
    return code.replace("-", "").strip()


async def enterprise(query: EnterpriseQuery, up: Upstream[NgspSettings]) -> Enterprise | None:
    """ChiTietDoanhNghiep"""
    wanted = _bare(enterprise_code(query.enterprise_code))
    wire = await up.ask(
        translate.ask_enterprise(query, up.settings),
        WireEnterprise,
        same=lambda found: _bare(found.MainInformation.ENTERPRISE_GDT_CODE) == wanted,
    )
    return None if wire is None else translate.to_enterprise(wire)


async def registration(query: RegistrationQuery, up: Upstream[NgspSettings]) -> Registration | None:
    """TinhTrangHoSo"""
    wire = await up.ask(
        translate.ask_registration(query, up.settings),
        WireRegistrations,
        same=lambda found: all(query.registration_number == row.IN_JOURNAL_NO for row in found.Data),
    )
    if wire is None or not wire.Data:
        return None
    return translate.to_registration(wire.Data[0])


async def registrations(query: RegistrationsQuery, up: Upstream[NgspSettings]) -> RegistrationPage | None:
    """danhSachHoSo, window by window until a page is full or the period ends."""
    first, offset = translate.place_of(query)
    one_window = translate.window_end(query.first_day, query) == query.last_day
    rows: list[RegistrationSummary] = []
    total: int | None = None
    while first <= query.last_day:
        last = translate.window_end(first, query)
        wire = await up.ask(translate.ask_registrations(first, last, offset, up.settings), WireRegistrations)
        found: tuple[WireRegistration, ...] = () if wire is None else wire.Data
        total = wire.DataCount if wire is not None and one_window else None
        taken = found[: ROWS - len(rows)]
        rows.extend(translate.to_summary(row) for row in taken)
        if len(found) == ROWS or len(taken) < len(found):
            token = translate.token_of(first, offset + len(taken))
            return RegistrationPage(items=tuple(rows), next_page_token=token, total=total)
        first, offset = last + timedelta(days=1), 0
    return RegistrationPage(items=tuple(rows), total=total)


CALLS: Final = (
    answers(ENTERPRISE, enterprise),
    answers(REGISTRATION, registration),
    answers(REGISTRATIONS, registrations),
)
