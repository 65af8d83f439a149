"""Tables, numbers, page tokens and names of files."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.connectors.legal_documents.model import DocumentQuery, DocumentSummary, SearchQuery
from gateway.connectors.legal_documents.operations import SEARCH
from gateway.connectors.legal_documents.translate import (
    LAST_PAGE,
    PAGE_SIZE,
    RELATIONS,
    STATUSES,
    TYPES,
    Found,
    document_status,
    document_type,
    file_name,
    first_with_hits,
    ordered,
    page_size,
    page_token,
    place_of,
    relation,
    same_id,
    to_page,
)
from gateway.core.problems import InvalidRequest
from gateway.testing import FakeClock, make_call
from tests.gateway.connectors.legal_documents.support import ws

NOW: Final = datetime(2026, 11, 24, tzinfo=UTC)
NUMBERS: Final = ["61/2018/NĐ-CP", "58/2020/QH14", "12/2024/QĐ-UBND", "90047/VBHN-BYT"]


@pytest.mark.parametrize(("code", "expected"), STATUSES.items())
def test_every_status_has_its_meaning(code: str, expected: str) -> None:
    """In either case."""
    assert document_status(code) == document_status(code.lower()) == expected


@pytest.mark.parametrize(("code", "kind", "name"), [(code, kind, name) for code, (kind, name) in TYPES.items()])
def test_every_type_is_known_by_code_and_by_name(code: str, kind: str, name: str) -> None:
    """In any case and Unicode form."""
    assert document_type(code, None) == document_type(None, name.upper()) == kind
    assert document_type(None, unicodedata.normalize("NFD", name)) == kind


@pytest.mark.parametrize(("code", "kind"), RELATIONS.items())
def test_every_relation_has_its_meaning(code: str, kind: str) -> None:
    """The source's code stays beside it."""
    found = relation(code, "outgoing", "1", "61/2018/NĐ-CP")

    assert (found["kind"], found["source_code"]) == (kind, code)


@pytest.mark.parametrize("code", ["", None, "99", "MOI"])
def test_what_no_table_knows_is_unknown(code: str | None) -> None:
    """And no error."""
    assert document_status(code) == document_type(code, code) == "unknown"
    assert relation(code, "outgoing", None, None)["kind"] == "unknown"


def test_relations_are_ordered_and_stand_once() -> None:
    """Whatever the order in which the source gives them."""
    pieces = [
        relation("12", "outgoing", "2", "a"),
        relation("3", "outgoing", "1", "b"),
        relation("12", "incoming", "2", "a"),
    ]

    assert ordered(pieces) == ordered([*reversed(pieces), *pieces])
    assert len(ordered(pieces * 2)) == 3


def test_ids_are_equal_in_either_case() -> None:
    """UUIDs are written both ways."""
    assert same_id("A96135C0-54DA", "a96135c0-54da")
    assert not same_id("1", "2")
    assert not same_id(None, "2")


@pytest.mark.parametrize("document_id", ["", "a/b", "a b", "ư", "x" * 65, "../1"])
def test_ids_are_ascii_without_slash(document_id: str) -> None:
    """Refused before any source is asked."""
    with pytest.raises(ValidationError):
        DocumentQuery(document_id=document_id)


queries = st.builds(
    SearchQuery, number=st.none() | st.sampled_from(NUMBERS), q=st.none() | st.text(min_size=2, max_size=20)
)


@given(queries, st.integers(1, LAST_PAGE), st.integers(0, LAST_PAGE * PAGE_SIZE))
def test_a_token_leads_back_to_its_page(query: SearchQuery, page: int, seen: int) -> None:
    """With the conditions for which it was given, and the rows before it."""
    token = page_token(page, query, seen)

    assert place_of(query.model_copy(update={"page_token": token})) == (page, seen)
    assert len(token) <= 64


@pytest.mark.parametrize("token", ["", "x", "2", "AAAAAAAAAAAAAA", "ưưư", "====", "A" * 64, "-_-_-_-_-_-_-_"])
def test_a_made_up_token_is_the_callers_fault(token: str) -> None:
    """Pointed at."""
    with pytest.raises(InvalidRequest) as caught:
        place_of(SearchQuery(page_token=token))

    assert [error.pointer for error in caught.value.errors] == ["/page_token"]


def test_a_token_of_another_search_is_the_callers_fault() -> None:
    """Its pages are others."""
    token = page_token(2, SearchQuery(q="một cửa"))

    with pytest.raises(InvalidRequest):
        place_of(SearchQuery(q="hai cửa", page_token=token))


def summary(number: str | None = "1/2020/NĐ-CP", **more: object) -> DocumentSummary:
    """A document in a list."""
    base = {"document_id": "1", "number": number, "type": "decree", "status": "in_force", "issuer": "Chính phủ"}
    return DocumentSummary.model_validate({**base, "effective_from": "2020-01-01", **more})


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({}, 2),
        ({"number": " 1/2020/nđ-cp"}, 1),
        ({"issuer": "chính  PHỦ"}, 2),
        ({"issuer": "phủ"}, 2),
        ({"type": "law"}, 1),
        ({"in_force_on": "2020-06-01"}, 1),
    ],
)
def test_what_a_source_does_not_filter_is_filtered_here(query: dict[str, object], kept: int) -> None:
    """And then the total is nobody's to say."""
    found = [summary(), summary("2/2021/QH15", type="law", effective_from="2021-01-01")]

    page = to_page(Found(found, 2), SearchQuery.model_validate(query), NOW)

    assert len(page.items) == kept
    assert page.total == (2 if kept == 2 and "in_force_on" not in query else None)


@pytest.mark.parametrize(
    ("query", "row", "kept"),
    [
        ({"number": "61/2018"}, {"number": "61/2018/NĐ-CP"}, True),
        ({"number": "nđ-cp"}, {"number": "61/2018/N\u00d0-CP"}, True),
        ({"number": "61/2018"}, {"number": "161/2018/NĐ-CP"}, False),
        ({"number": "1/2018/NĐ-CP"}, {"number": "01/2018/NĐ-CP"}, True),
        ({"number": "61/2018/NĐ-C"}, {"number": "61/2018/NĐ-CP"}, False),
        ({"number": "61/2018"}, {"number": None}, False),
        ({"issuer": "Ủy ban nhân dân tỉnh Cà Mau"}, {"issuer": "UBND Tỉnh Cà Mau"}, True),
        ({"issuer": "UBND tỉnh Cà Mau"}, {"issuer": "Uỷ ban nhân dân tỉnh Cà Mau"}, True),
        ({"issuer": "Bộ Giáo dục và Đào tạo"}, {"issuer": "Bộ Giáo dục & Đào tạo"}, True),
        ({"issuer": "Bộ Y tế"}, {"issuer": None}, True),
        ({"issuer": "Bộ Y tế"}, {"issuer": "Bộ Tài chính"}, False),
        ({"type": "law"}, {"type": "unknown"}, True),
        ({"type": "law"}, {"type": "unknown", "type_name": "Sắc lệnh"}, False),
        ({"in_force_on": "2024-01-01"}, {"status": "unknown"}, False),
        ({"in_force_on": "2024-01-01"}, {"status": "unknown", "effective_to": "2025-01-01"}, True),
        ({"in_force_on": "2024-01-01"}, {"effective_from": None}, False),
    ],
)
def test_a_search_does_not_drop_what_the_source_found(
    query: dict[str, object], row: dict[str, object], kept: bool
) -> None:
    """Other spellings are kept, and rows that do not say what was asked; an effect is never taken for granted."""
    page = to_page(Found([summary(**row)], 1), SearchQuery.model_validate(query), NOW)

    assert bool(page.items) is kept


@pytest.mark.parametrize(
    ("seen", "rows", "found", "more"),
    [
        (0, PAGE_SIZE, {"total": PAGE_SIZE}, False),
        (0, PAGE_SIZE, {"total": PAGE_SIZE + 1}, True),
        (0, PAGE_SIZE, {}, True),
        (0, 3, {}, False),
        (0, 3, {"size": 3}, True),
        (0, 0, {"total": 99}, False),
        (0, 10, {"total": 30}, True),
        (20, 10, {"total": 30}, False),
        (20, 5, {"total": 30}, True),
    ],
)
def test_a_list_ends_by_what_the_source_said_and_gave(seen: int, rows: int, found: dict[str, int], more: bool) -> None:
    """And not by what was asked; an empty page is the last, whatever total it claims: no caller walks for ever."""
    query = SearchQuery(q="một cửa")
    query = query.model_copy(update={"page_token": page_token(2, query, seen) if seen else None})

    page = to_page(Found([summary()] * rows, **found), query, NOW)

    assert (page.next_page_token is not None) is more
    if page.next_page_token is not None:
        assert place_of(query.model_copy(update={"page_token": page.next_page_token})) == (2 + bool(seen), seen + rows)


OLD: Final = {"in_force_on": "2012-03-04"}


@pytest.mark.parametrize(
    ("query", "seconds", "asked"),
    [(OLD, 0.0, 4), (OLD, 1.0, 4), (OLD, 2.5, 3), (OLD, 3.0, 2), (OLD, 9.8, 1), ({"q": "một cửa"}, 0.0, 1)],
)
async def test_a_search_looks_on_until_something_is_in_force(
    query: dict[str, object], seconds: float, asked: int
) -> None:
    """On the fourth page here, within ten seconds; a source too slow for another look leaves a token."""
    clock = FakeClock()
    up = ws()
    up.clock, up.call = clock, make_call(SEARCH, expires_at=clock.monotonic() + 10)
    pages: list[int] = []

    async def ask(page: SearchQuery) -> Found:
        pages.append(place_of(page)[0])
        await clock.advance(seconds)
        return Found([summary(effective_from="2010-01-01" if len(pages) == 4 else "2024-01-01")] * 20, 400)

    page = await first_with_hits(SearchQuery.model_validate(query), up, ask)

    assert pages == [1, 2, 3, 4][:asked]
    assert page.next_page_token is not None
    assert bool(page.items) is (asked == 4 or "q" in query)


def test_few_may_be_in_force_so_more_are_asked_for() -> None:
    """A hundred at once, the most that the source gives."""
    assert page_size(SearchQuery.model_validate(OLD)) == 100
    assert page_size(SearchQuery(q="một cửa")) == PAGE_SIZE


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("Nghị định 61.2018.pdf", "Nghị định 61.2018.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ('a"b\r\nX: y', "a_b__X_ y"),
        ("  ", "fallback"),
        ("...", "fallback"),
        (None, "fallback"),
    ],
)
def test_a_file_has_a_name_that_any_system_takes(given_name: str | None, expected: str) -> None:
    """No path, no header, nothing hidden."""
    assert file_name(given_name, "fallback") == expected
