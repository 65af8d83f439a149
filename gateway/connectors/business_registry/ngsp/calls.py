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
from gateway.core.unread import known, read_rows
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
        same=lambda found: all(row is None or query.registration_number == row.IN_JOURNAL_NO for row in found.Data),
    )
    if wire is None or not wire.Data:
        return None
    row = next(filter(None, wire.Data), None)
    if row is None:
        raise ValueError("not one row can be read")
    return translate.to_registration(row)


async def registrations(query: RegistrationsQuery, up: Upstream[NgspSettings]) -> RegistrationPage | None:
    """danhSachHoSo, window by window until a page is full or the period ends.

    A window ends where the source has given as many rows as it says that there are; it may give fewer than asked for.
    """
    first, offset = translate.place_of(query)
    one_window = translate.window_end(query.first_day, query) == query.last_day
    rows: list[dict[str, object] | None] = []
    total: int | None = None
    while first <= query.last_day:
        last = translate.window_end(first, query)
        wire = await up.ask(translate.ask_registrations(first, last, offset, up.settings), WireRegistrations)
        found: tuple[WireRegistration | None, ...] = () if wire is None else wire.Data
        counted = known(wire.DataCount) if wire is not None else 0
        total = counted if one_window else None
        taken = found[: ROWS - len(rows)]
        rows.extend(translate.summary(row) if row else None for row in taken)
        offset += len(taken)
        unseen = counted is not None and offset < counted
        if unseen and not found:
            raise ValueError("the list ends before the number of its rows")
        if unseen or len(found) >= ROWS or len(taken) < len(found):
            return _page(rows, translate.token_of(first, offset), total)
        first, offset = last + timedelta(days=1), 0
    return _page(rows, None, total)


def _page(rows: list[dict[str, object] | None], token: str | None, total: int | None) -> RegistrationPage:
    items, left_out = read_rows(RegistrationSummary, rows)
    return RegistrationPage(items=items, next_page_token=token, total=total, rows_left_out=left_out)


async def probe(up: Upstream[NgspSettings]) -> object:
    """The enterprise of the operation's example: where the registry does not have it, that is an answer as well."""
    return await enterprise(EnterpriseQuery.model_validate(ENTERPRISE.example), up)


CALLS: Final = (
    answers(ENTERPRISE, enterprise),
    answers(REGISTRATION, registration),
    answers(REGISTRATIONS, registrations),
)
