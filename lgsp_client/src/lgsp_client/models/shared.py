"""Models: what the national systems share. Generated from the declared operations: make generate."""

from __future__ import annotations

from typing import Literal, TypeAlias

from lgsp_client.values import Answered, DateParts

Sex: TypeAlias = Literal["male", "female", "other", "unknown"]


class PartialDate(DateParts):
    """A date as precise as the register knows it (ngày tháng năm, tháng năm, or only the year); precision says how
    long value is.
    """

    value: str
    """ISO 8601: YYYY, YYYY-MM or YYYY-MM-DD."""
    precision: Literal["year", "month", "day"] | str
    """How much of the date is known."""


class Unit(Answered):
    """An administrative unit (đơn vị hành chính) with its official code where known."""

    code: str | None = None
    """Mã đơn vị hành chính (General Statistics Office)."""
    name: str | None = None
    """Tên đơn vị hành chính."""


class Address(Answered):
    """A place; units merged or renamed on 2025-07-01 are kept as the source gives them."""

    full_text: str | None = None
    """Địa chỉ đầy đủ as the source writes it."""
    street: str | None = None
    """Số nhà, đường, thôn, xóm."""
    ward: Unit | None = None
    """Xã, phường, đặc khu."""
    district: Unit | None = None
    """Quận, huyện: abolished on 2025-07-01, still in older records."""
    province: Unit | None = None
    """Tỉnh, thành phố."""
