"""What can't be read of an answer voids itself or its row, and the answer says where."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from gateway.core.canonical import NO_GAPS, Canonical, Gaps, Page, Wire
from gateway.core.unread import UNREAD, Unread, gaps_of, part_of, read, read_rows, tolerant
from gateway.core.wire_types import ROWS, Text


class Part(Canonical):
    """An object of the answer."""

    name: str
    day: date | None = None


class Whole(Canonical):
    """An answer with parts at every kind of place."""

    code: str = Field(pattern="^[0-9]+$")
    day: date | None = None
    head: Part | None = None
    rows: tuple[Part, ...] = ()
    words: tuple[str, ...] = ()


GOOD: dict[str, object] = {"code": "1", "day": date(2020, 1, 2), "head": {"name": "h"}, "rows": [{"name": "a"}]}


def test_answer_that_can_be_read_has_no_gaps() -> None:
    """The usual answer costs nothing more."""
    assert gaps_of(read(Whole, GOOD)) is NO_GAPS


@pytest.mark.parametrize(
    ("changes", "gaps"),
    [
        ({"day": UNREAD}, Gaps(("/day",))),
        ({"day": "no day"}, Gaps(("/day",))),
        ({"head": UNREAD}, Gaps(("/head",))),
        ({"head": {"name": "h", "day": UNREAD}}, Gaps(("/head/day",))),
        ({"head": {"name": None}}, Gaps(("/head",))),
        ({"day": UNREAD, "head": {"name": UNREAD, "day": UNREAD}}, Gaps(("/day", "/head"))),
        ({"rows": [{"name": "a", "day": UNREAD}]}, Gaps(("/rows/0/day",))),
        ({"rows": [None, {"name": "a", "day": UNREAD}, {"name": ""}]}, Gaps(("/rows/0/day",), 1)),
        ({"rows": [{"name": None}, {"name": "b"}, UNREAD, {}]}, Gaps((), 3)),
        ({"words": ["a", UNREAD, "b"]}, Gaps((), 1)),
    ],
)
def test_what_cannot_be_read_voids_the_smallest_part(changes: dict[str, object], gaps: Gaps) -> None:
    """A value is null, a row is left out, and pointers are of the answer as it is told."""
    found = read(Whole, {**GOOD, **changes})

    assert gaps_of(found) == gaps
    for pointer in gaps.incomplete:
        value: object = found.model_dump()
        for step in pointer.split("/")[1:]:
            value = value[int(step)] if isinstance(value, list | tuple) else value[step]  # type: ignore[index]  # as told
        assert value is None


@pytest.mark.parametrize("code", [UNREAD, None, "x"])
def test_what_cannot_be_null_refuses_the_record(code: object) -> None:
    """The identifying value of a record is not made up."""
    with pytest.raises(ValidationError):
        read(Whole, {**GOOD, "code": code, "day": UNREAD})


def test_rows_of_a_page_are_told_with_their_place() -> None:
    """Rows that were left out do not count in the pointers of the others."""
    rows, left_out = read_rows(Part, [{"name": "a"}, None, {"name": "b", "day": UNREAD}, {"name": UNREAD}])
    page: Page[Part] = Page[Part](items=rows, rows_left_out=left_out)

    assert [row.name for row in page.items] == ["a", "b"]
    assert gaps_of(page) == Gaps(("/1/day",), 2)
    assert gaps_of(Page[Part](items=rows[:1])) is NO_GAPS


def test_copy_keeps_its_gaps() -> None:
    """An answer that is refined afterwards says as much as before."""
    found = read(Whole, {**GOOD, "day": UNREAD})

    assert gaps_of(found.model_copy(update={"code": "2"})) == Gaps(("/day",))


UNREADABLE = st.sampled_from([UNREAD, None, 5, "x", {}, {"name": UNREAD}, {"name": "a", "day": UNREAD}, []])


@given(
    st.fixed_dictionaries(
        {}, optional={"day": UNREADABLE, "head": UNREADABLE, "rows": st.lists(UNREADABLE, max_size=4)}
    )
)
def test_nothing_optional_refuses_a_record(changes: dict[str, object]) -> None:
    """Whatever comes in its optional parts, the record is told, and no row is lost without being counted."""
    found = read(Whole, {"code": "1", **changes})
    rows = changes.get("rows", [])
    assert isinstance(rows, list)

    assert len(found.rows) + gaps_of(found).rows_left_out == len(rows)


# ---- wire values


class Wired(Wire):
    """A part of an answer as it comes."""

    a: Text = None
    rows: Annotated[tuple[Text | None, ...], ROWS] = ()


def test_reader_that_is_tolerant_gives_unread() -> None:
    """Other errors than an unreadable value are not hidden."""
    assert tolerant(int)("5") == 5
    assert tolerant(int)("x") is UNREAD
    assert tolerant(int, 16)("ff") == 255
    with pytest.raises(TypeError):
        tolerant(int)(None)


def test_unread_is_as_false_as_none() -> None:
    """Tables read it as a code that they do not have."""
    assert not UNREAD
    assert isinstance(UNREAD, Unread)
    assert (UNREAD or "x") == "x"


@pytest.mark.parametrize(("found", "a", "rows"), [(None, None, ()), (UNREAD, UNREAD, (None,)), (Wired(a="x"), "x", ())])
def test_part_that_cannot_be_read_knows_nothing(found: Wired | Unread | None, a: object, rows: object) -> None:
    """Each of its values is unread, and each of its lists has a row that is."""
    part = part_of(Wired, found)

    assert (part.a, part.rows) == (a, rows)
