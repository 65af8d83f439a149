"""How the page asks the registry for a sample: the calls of dialect `ngsp`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.engine.service import Ask, Try
from mocks.engine.tokens import TokenDesk


def tries(desk: TokenDesk) -> Mapping[str, Try]:
    """By gateway operation, each with a token of its own."""

    def ask(call: str, query: Mapping[str, str]) -> Ask:
        return Ask(path=f"apiCSDLDKDN/{call}", query=query, headers=desk.bearer())

    def registrations(sample: Mapping[str, Any]) -> Ask:
        asked = sample["query"]
        days = {"from_date": _day(asked["from"]), "to_date": _day(asked["to"])}
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


def _day(iso: str) -> str:
    year, month, day = iso.split("-")
    return f"{day}/{month}/{year}"
