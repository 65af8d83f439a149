"""Turns a sample into a request for the page: the calls of dialect `ngsp`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from mocks.engine.service import Ask, Try
from mocks.engine.tokens import TokenDesk
from mocks.services.business_registry.registry import MAX_DAYS_APART


def tries(desk: TokenDesk) -> Mapping[str, Try]:
    """Returns the functions by gateway operation; each request gets a new token."""

    def ask(call: str, query: Mapping[str, str]) -> Ask:
        return Ask(path=f"apiCSDLDKDN/{call}", query=query, headers=desk.bearer())

    def registrations(sample: Mapping[str, Any]) -> Ask:
        first = date.fromisoformat(sample["query"]["from"])
        # A longer period needs several requests; the button sends the first.
        last = min(date.fromisoformat(sample["query"]["to"]), first + timedelta(days=MAX_DAYS_APART))
        days = {"from_date": f"{first:%d/%m/%Y}", "to_date": f"{last:%d/%m/%Y}"}
        return ask("danhSachHoSo", {**days, "offset": "0", "limit": "20"})

    return {
        "business_registry.enterprise": lambda sample: ask(
            "chiTietDoanhNghiep", {"msdn": sample["path"]["enterprise_code"]}
        ),
        "business_registry.registration": lambda sample: ask(
            "tinhTrangHoSo", {"in_journal_no": sample["body"]["registration_number"]}
        ),
        "business_registry.registrations": registrations,
    }
