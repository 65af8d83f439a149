"""The JSON of canonical values is pydantic's, byte for byte."""

from __future__ import annotations

import resource
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, PlainSerializer, computed_field

from gateway.connectors.business_registry.model import BusinessLine, Enterprise, Member, Representative
from gateway.core.canonical import PERSONAL, Address, Canonical, Unit, personal_exclusion
from gateway.pipeline.operation.canonical_json import is_plain, to_json

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False) | st.sampled_from([Decimal("1E+3"), Decimal("0E-9")])
ENTERPRISES = st.builds(
    Enterprise,
    enterprise_code=st.just("6799432450"),
    name=TEXTS,
    short_name=TEXTS | st.none(),
    founded_on=st.dates() | st.none(),
    amendments=st.integers() | st.none(),
    capital=DECIMALS | st.none(),
    head_office=st.builds(Address, full_text=TEXTS | st.none(), ward=st.builds(Unit, name=TEXTS) | st.none())
    | st.none(),
    members=st.lists(st.builds(Member, name=TEXTS, amount=DECIMALS, identity_number=TEXTS)).map(tuple),
    representatives=st.lists(st.builds(Representative, full_name=TEXTS, identity_number=TEXTS)).map(tuple),
    business_lines=st.lists(st.builds(BusinessLine, code=TEXTS, is_main=st.booleans() | st.none())).map(tuple),
)


def by_pydantic(value: Canonical, *, public: bool) -> bytes:
    exclude: Any = personal_exclusion(type(value)) if public else None
    return value.__pydantic_serializer__.to_json(value, by_alias=True, exclude=exclude)


@given(ENTERPRISES, st.booleans())
def test_json_is_that_of_pydantic(value: Enterprise, public: bool) -> None:
    """Texts, decimals, days, numbers of any size, and lists of models, with personal fields and without."""
    assert to_json(value, public=public) == by_pydantic(value, public=public)


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not tell a process's memory")
def test_kept_json_takes_no_more_than_its_bytes() -> None:
    """Answers are kept: the room in which a writer let one grow must not be kept with it."""
    lines = tuple(BusinessLine(code=f"{number:04}", name="Lập trình máy vi tính") for number in range(20))
    enterprise = Enterprise(enterprise_code="6799432450", name="Thử", status="active", business_lines=lines)
    before = resident()
    kept = [to_json(enterprise, public=True) for _ in range(20_000)]

    assert resident() - before < sum(map(len, kept)) * 1.5


class Tree(Canonical):
    name: Annotated[str, PERSONAL]
    inner: tuple[Tree, ...] = ()


def test_a_model_within_itself_is_written() -> None:
    """A clause has clauses; what is marked is left out at every depth."""
    tree = Tree(name="a", inner=(Tree(name="b"),))

    assert to_json(tree, public=False) == by_pydantic(tree, public=False)
    assert to_json(tree, public=True) == b'{"inner":[{"inner":[]}]}'


class Renamed(Canonical):
    first: str = Field(alias="from")


class Measured(Canonical):
    value: float


class Timed(Canonical):
    at: datetime | None


class Shown(Canonical):
    value: Annotated[int, PlainSerializer(str)]


class Computed(Canonical):
    value: date

    @computed_field  # type: ignore[prop-decorator]  # mypy does not know it
    @property
    def year(self) -> int:
        return self.value.year


class Within(Canonical):
    rows: tuple[Shown, ...]


@pytest.mark.parametrize(
    "value",
    [
        Renamed(first="a"),
        Measured(value=1e16),
        Timed(at=datetime.fromisoformat("2026-01-02T03:04:05.100+00:00")),
        Shown(value=1),
        Computed(value=date(2026, 1, 2)),
        Within(rows=(Shown(value=1),)),
    ],
    ids=["alias", "float", "instant", "serializer", "computed", "within"],
)
def test_other_models_are_left_to_pydantic(value: Canonical) -> None:
    """Names, numbers, instants and serializers that the two would write differently."""
    assert not is_plain(type(value))
    assert to_json(value, public=False) == by_pydantic(value, public=False)
