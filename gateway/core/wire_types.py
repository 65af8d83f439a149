"""Annotated types of wire models, and the readers behind them: one for each kind of value.

An optional value that can't be read is :data:`~gateway.core.unread.UNREAD`, which is as false as None is; translation
passes it on, and the canonical answer says where it is missing. A required one refuses its answer, or its row.

On the busiest answers the wire model keeps values ``Raw`` and translation calls the readers (``maybe_…``) itself: that
costs half.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Final, TypeAlias

from pydantic import BeforeValidator, Field, PlainValidator

from gateway.core import lenient
from gateway.core.canonical import PartialDate
from gateway.core.days import LAWS, LIFE, read_date, read_partial_date
from gateway.core.unread import Unread, tolerant

# ---- readers

_maybe_no_text: Final = tolerant(lenient.read_text)


def maybe_text(value: object) -> str | Unread | None:
    """As ``tolerant(read_text)``, in half of its time for a text: most values are texts, and a text can be read."""
    if isinstance(value, str):
        return lenient.trimmed(value)
    return None if value is None else _maybe_no_text(value)


maybe_code: Final = tolerant(lenient.read_code)
maybe_digits: Final = tolerant(lenient.read_digits)
"""A source's own number or word for something."""
maybe_identity: Final = tolerant(lenient.read_identity_number)
maybe_activity: Final = tolerant(lenient.read_padded, (4,))
"""Mã ngành: four digits (VSIC, Decision 27/2018/QĐ-TTg)."""
maybe_phone: Final = tolerant(lenient.read_padded, (10,))
maybe_enterprise: Final = tolerant(lenient.read_digits, (10, 13))
maybe_province: Final = tolerant(lenient.read_area_code, 2)
maybe_district: Final = tolerant(lenient.read_area_code, 3)
maybe_ward: Final = tolerant(lenient.read_area_code, 5)
maybe_day: Final = tolerant(read_date)
maybe_flag: Final = tolerant(lenient.read_flag)
maybe_count: Final = tolerant(lenient.read_int)
maybe_amount: Final = tolerant(lenient.read_decimal)

# ---- optional values

Raw: TypeAlias = object
"""A value that translation reads."""
Text = Annotated[str | Unread | None, PlainValidator(maybe_text)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(lenient.one_or_many)]
Code = Annotated[str | Unread | None, PlainValidator(maybe_code)]
Identifier = Annotated[str | Unread | None, PlainValidator(maybe_digits)]
Province = Annotated[str | Unread | None, PlainValidator(maybe_province)]
District = Annotated[str | Unread | None, PlainValidator(maybe_district)]
Ward = Annotated[str | Unread | None, PlainValidator(maybe_ward)]
Day = Annotated[date | Unread | None, PlainValidator(maybe_day)]
LawDay = Annotated[date | Unread | None, PlainValidator(tolerant(read_date, LAWS))]
LifeDay = Annotated[date | Unread | None, PlainValidator(tolerant(read_date, LIFE))]
LifeDate = Annotated[PartialDate | Unread | None, PlainValidator(tolerant(read_partial_date, LIFE))]
"""A day, month or year of a person's life."""
Flag = Annotated[bool | Unread | None, PlainValidator(maybe_flag)]
Count = Annotated[int | Unread | None, PlainValidator(maybe_count)]
Amount = Annotated[Decimal | Unread | None, PlainValidator(maybe_amount)]

# ---- required values

Required = Annotated[str, BeforeValidator(lenient.read_text)]
EnterpriseNumber = Annotated[str, BeforeValidator(lambda value: lenient.read_digits(value, (10, 13)))]

# ---- shapes

OR_UNREAD: Final = Field(union_mode="left_to_right")
"""Marks an object that may be absent or not readable: ``Annotated[WirePart | Unread | None, OR_UNREAD] = None``."""
ROWS: Final = BeforeValidator(lenient.one_or_many)
"""Marks rows, of which None could not be read: ``Annotated[tuple[WireRow | None, ...], ROWS] = ()``."""
