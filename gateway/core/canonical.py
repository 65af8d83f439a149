"""Base classes of the uniform API's models, and the value types that all systems share."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from types import UnionType
from typing import (
    Annotated,
    Any,
    Final,
    Generic,
    Literal,
    NamedTuple,
    Protocol,
    Self,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
)

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.fields import FieldInfo

from gateway.core.check_digit import has_check_digit
from gateway.core.identifiers import IDENTIFIER
from gateway.core.mistakes import (
    CHECK_DIGIT,
    CONTROL_CHARACTER,
    ENTERPRISE_CODE_HYPHEN,
    ENTERPRISE_CODE_SHAPE,
    NOT_A_DATE,
    PRECISION,
)
from gateway.core.vietnamese import CONTROL, cleaned, is_plain


class Gaps(NamedTuple):
    """The parts of an answer that its source gave and that could not be read; rendered in ``meta``."""

    incomplete: tuple[str, ...] = ()
    """JSON pointers into ``data``: their values are null."""
    rows_left_out: int = 0
    """Rows of its lists."""


NO_GAPS: Final = Gaps()


class Canonical(BaseModel):
    """A value of the uniform API: frozen, and exactly the declared fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    @property
    def gaps(self) -> Gaps:
        """Tells what could not be read of it; copies keep it."""
        private = self.__pydantic_private__
        return NO_GAPS if private is None else private["gaps"]

    def with_gaps(self, gaps: Gaps) -> Self:
        """The same, which is new and nobody else's yet, with *gaps*."""
        # A declared private attribute would cost each model of each answer a call at its making.
        object.__setattr__(self, "__pydantic_private__", {"gaps": gaps})
        return self


class Wire(BaseModel):
    """A value as a national system spells it: field for field; unknown fields are ignored (and counted as drift)."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, str_strip_whitespace=True)

    @classmethod
    def opened(cls, body: object) -> object:
        """*body* without a frame around its facts, which some answers have; itself where there is none.

        A model that overrides it names it as its validator too (``mode="before"``).
        """
        return body


@dataclass(frozen=True, slots=True)
class AlsoSpelt:
    """Marks a wire field whose source misspells its name: other spellings are read too, and counted as drift."""

    names: tuple[str, ...]


T = TypeVar("T", bound=Canonical)


class Page(Canonical, Generic[T]):
    """A list; all but its items is rendered in ``meta``."""

    items: tuple[T, ...] = Field(description="The records of this page")
    next_page_token: str | None = Field(default=None, description="page_token of the next page; null at the end")
    total: int | None = Field(default=None, description="Number of all records, where the source says it")
    rows_left_out: int = Field(default=0, description="Rows that could not be read")


class OnItsWay(Protocol):
    """A file that still comes from its source while it goes to the caller."""

    def when_ended(self, callback: Callable[[BaseException | None], object]) -> None:
        """Calls *callback* with the error that ended it; with None where it came whole."""
        ...

    async def aclose(self) -> None:
        """Ends the connection to the source; a file that came whole is not changed by it."""
        ...


@dataclass(frozen=True, slots=True)
class Content:
    """A file, streamed: never cached, never shared between callers, never part of a batch."""

    media_type: str
    filename: str
    chunks: AsyncIterator[bytes]
    body: bytes | None = field(default=None, repr=False)
    """The whole file, where it is here already: parts of it can be given."""
    length: int | None = None  # bytes of the whole file, where they are known
    on_its_way: OnItsWay | None = None
    """None: nothing more is asked of the source."""
    given: Callable[[], Awaitable[None]] | None = field(default=None, repr=False)  # told when its last part is


# ---- marks


@dataclass(frozen=True, slots=True)
class PersonalMark:
    """Marks a field as personal data (dữ liệu cá nhân, Decree 13/2023/NĐ-CP).

    A marked field is read from a body only, redacted in logs, left out for callers without the right, and its question
    requires a purpose.
    """


PERSONAL: Final = PersonalMark()


def inner_models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models within an annotation: of an element, an option, an annotated type."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from inner_models(get_args(annotation)[0])
    elif origin in {Union, UnionType, tuple, list, frozenset, set, dict, Mapping}:
        for argument in get_args(annotation):
            yield from inner_models(argument)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation


def is_nullable(annotation: Any) -> bool:
    """Whether None is a value of an annotated type."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return is_nullable(get_args(annotation)[0])
    return origin in {Union, UnionType} and type(None) in get_args(annotation)


def _is_marked(info: FieldInfo) -> bool:
    """Whether a field is personal: by its own mark, or by one of a type within it (``CitizenId | None``)."""
    return any(isinstance(mark, PersonalMark) for mark in info.metadata) or _holds_mark(info.annotation)


def _holds_mark(annotation: Any) -> bool:
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        return any(isinstance(mark, PersonalMark) for mark in marks) or _holds_mark(inner)
    return any(_holds_mark(argument) for argument in get_args(annotation))


def holds_many(annotation: Any) -> bool:
    """Whether a type, or an option of it, is a list."""
    origin = get_origin(annotation)
    if origin in {Annotated, Union, UnionType}:
        return any(holds_many(argument) for argument in get_args(annotation))
    return origin in {tuple, list}


Exclusion: TypeAlias = "dict[str, bool | Exclusion]"


def personal_fields(model: type[BaseModel]) -> tuple[str, ...]:
    """JSON pointers (``*`` for any element) of the fields of *model* marked personal, nested ones too."""
    return _personal_fields(model)


@lru_cache(maxsize=512)
def _personal_fields(model: type[BaseModel]) -> tuple[str, ...]:
    found: list[str] = []
    for name, info in model.model_fields.items():
        key = info.alias or name
        if _is_marked(info):
            found.append(f"/{key}")
            continue
        star = "/*" if holds_many(info.annotation) else ""
        for inner in inner_models(info.annotation):
            if inner is not model:
                found.extend(f"/{key}{star}{pointer}" for pointer in personal_fields(inner))
    return tuple(found)


def personal_exclusion(model: type[BaseModel]) -> Exclusion:
    """The ``exclude=`` argument of :meth:`pydantic.BaseModel.model_dump` that leaves marked fields out."""
    return _exclusion(model)


@lru_cache(maxsize=512)
def _exclusion(model: type[BaseModel]) -> Exclusion:
    spec: Exclusion = {}
    for name, info in model.model_fields.items():
        if _is_marked(info):
            spec[name] = True
            continue
        for inner in inner_models(info.annotation):
            if inner is not model and (nested := _exclusion(inner)):
                spec[name] = {"__all__": nested} if holds_many(info.annotation) else nested
    return spec


def personal_positions(value: BaseModel) -> tuple[str, ...]:
    """JSON pointers of the fields of *value* that :func:`personal_exclusion` leaves out."""
    found: list[str] = []
    _add_positions(value, "", found)
    return tuple(found)


def _add_positions(value: BaseModel, at: str, found: list[str]) -> None:
    fields = value.__dict__
    for name, pointer, is_marked in _marked_places(type(value)):
        place = at + pointer
        if is_marked:
            found.append(place)
            continue
        held = fields[name]
        if isinstance(held, (tuple, list)):
            for index, element in enumerate(held):
                _add_positions(element, f"{place}/{index}", found)
        elif held is not None:
            _add_positions(held, place, found)


@lru_cache(maxsize=512)
def _marked_places(model: type[BaseModel]) -> tuple[tuple[str, str, bool], ...]:
    """Name and pointer of each field that is marked or has marked ones in it, and whether it is marked itself."""
    fields = model.model_fields
    return tuple((name, f"/{fields[name].alias or name}", inner is True) for name, inner in _exclusion(model).items())


# ---- text


def clean_text(value: str) -> str:
    """*value* as :func:`gateway.core.vietnamese.cleaned` gives it: in Unicode NFC, without unseen characters.

    Raises:
        ValueError: On control characters (line feed and tab apart) and unpaired surrogates.
    """
    if is_plain(value):
        return value
    if value.isascii() or CONTROL.search(value):
        raise CONTROL_CHARACTER.error()
    return cleaned(value)


# ---- identifiers


@lru_cache(maxsize=4096)
def enterprise_code(value: str) -> str:
    """The code with its unit's hyphen: 10 digits, or ``NNNNNNNNNN-NNN``.

    Raises:
        ValueError: On a wrong shape or check digit (Circular 105/2020/TT-BTC).
    """
    digits = value.replace("-", "")
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in {10, 13}:
        raise ENTERPRISE_CODE_SHAPE.error()
    if "-" in value and not (len(digits) == 13 and value.index("-") == 10 and value.count("-") == 1):
        raise ENTERPRISE_CODE_HYPHEN.error()
    if digits[2:9] == "0000000" or digits[10:] == "000" or not has_check_digit(digits):
        raise CHECK_DIGIT.error()
    return digits if len(digits) == 10 else f"{digits[:10]}-{digits[10:]}"


EnterpriseCode = Annotated[
    str,
    AfterValidator(enterprise_code),
    Field(
        description="Mã số doanh nghiệp (10 digits, the last a check digit) or mã số đơn vị phụ thuộc (NNNNNNNNNN-NNN)",
        examples=["6799432450"],
        # Described only: the validator checks the same and more, and pydantic would check it again in Python.
        json_schema_extra={"minLength": 10, "maxLength": 14, "pattern": "^[0-9]{10}(-?[0-9]{3})?$"},
    ),
    IDENTIFIER,
]
CitizenId = Annotated[
    str,
    Field(description="Số định danh cá nhân / CCCD (12 digits) or the old CMND (9)", pattern=r"^([0-9]{12}|[0-9]{9})$"),
    PERSONAL,
    IDENTIFIER,
]
InsuranceNumber = Annotated[
    str,
    Field(
        description="Mã số BHXH: 10 digits, or since 2025-08-01 the 12 of the citizen number",
        pattern=r"^([0-9]{10}|[0-9]{12})$",
        examples=["9908432175"],
    ),
    PERSONAL,
    IDENTIFIER,
]


# ---- dates and places


def _day(value: object) -> object:
    # pydantic takes seconds since 1970 for a date as well: "0" would be somebody's birthday.
    if not isinstance(value, str):
        return value
    if not _DAY.match(value):
        raise NOT_A_DATE.error()
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise NOT_A_DATE.error() from None


_DAY: Final = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", re.ASCII)
Day = Annotated[date, BeforeValidator(_day)]
"""A whole day in a question: ISO 8601, and nothing else that could be read as one."""
_LENGTHS: Final[Mapping[int, Literal["year", "month", "day"]]] = {4: "year", 7: "month", 10: "day"}


class PartialDate(Canonical):
    """A date as precise as the register knows it (ngày tháng năm, tháng năm, or only the year); precision says how long
    value is.
    """

    value: str = Field(
        description="ISO 8601: YYYY, YYYY-MM or YYYY-MM-DD",
        pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$",
        examples=["1987", "1987-02", "1987-02-28"],
    )
    precision: Literal["year", "month", "day"] = Field(description="How much of the date is known")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if _LENGTHS.get(len(self.value)) != self.precision:
            raise PRECISION.error()
        try:
            date.fromisoformat(self.value + "0000-01-01"[len(self.value) :])
        except ValueError:
            raise NOT_A_DATE.error() from None
        return self

    @classmethod
    def of(cls, year: int, month: int | None = None, day: int | None = None) -> Self:
        """The date of the parts that are known; raises :class:`ValueError` where the calendar has no such date."""
        if month is None:
            return cls(value=f"{year:04}", precision="year")
        if day is None:
            return cls(value=f"{year:04}-{month:02}", precision="month")
        return cls(value=f"{year:04}-{month:02}-{day:02}", precision="day")

    @classmethod
    def of_date(cls, day: date) -> Self:
        return cls.of(day.year, day.month, day.day)


class Unit(Canonical):
    """An administrative unit (đơn vị hành chính) with its official code where known."""

    code: str | None = Field(default=None, description="Mã đơn vị hành chính (General Statistics Office)")
    name: str | None = Field(default=None, description="Tên đơn vị hành chính")


class Address(Canonical):
    """A place; units merged or renamed on 2025-07-01 are kept as the source gives them."""

    full_text: str | None = Field(default=None, description="Địa chỉ đầy đủ as the source writes it")
    street: str | None = Field(default=None, description="Số nhà, đường, thôn, xóm")
    ward: Unit | None = Field(default=None, description="Xã, phường, đặc khu")
    district: Unit | None = Field(
        default=None, description="Quận, huyện: abolished on 2025-07-01, still in older records"
    )
    province: Unit | None = Field(default=None, description="Tỉnh, thành phố")


Sex = Literal["male", "female", "other", "unknown"]
