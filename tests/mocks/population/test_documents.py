"""Legal documents."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from mocks.population import Population
from mocks.population.documents import AMENDS, CONSOLIDATES, NEW_IDS, REPLACES, STATUS_NAMES, TYPE_NAMES

indexes = st.integers(0, 4_999)
TODAY = date(2026, 11, 24)


@given(indexes)
def test_ids_lead_back_and_have_the_form_of_their_time(population: Population, index: int) -> None:
    """Numbers for old documents, UUIDs since 2025."""
    document = population.documents[index]

    assert population.documents.by_id(document.id) is document
    if document.issued_on < NEW_IDS:
        assert re.fullmatch(r"1\d{5}", document.id)
    else:
        assert str(UUID(document.id)) == document.id


@given(st.text(alphabet="0123456789", max_size=7) | st.uuids().map(str) | st.text(max_size=40))
def test_any_text_is_an_id_or_none(population: Population, identifier: str) -> None:
    """Nothing raises; what is found has the id asked for."""
    document = population.documents.by_id(identifier)

    assert document is None or document.id == identifier


def test_ids_and_numbers_are_unique(population: Population) -> None:
    """A number names one document, an id too."""
    documents = list(population.documents)

    assert len({document.id for document in documents}) == 5_000
    assert len({document.number for document in documents}) == 5_000


@given(indexes)
def test_made_up_documents_are_known_by_their_number(population: Population, index: int) -> None:
    """Five digits from 90000; a real act has a smaller number, and nobody who signed it."""
    document = population.documents[index]
    serial = int(document.number.partition("/")[0])

    assert (serial >= 90_000) == (document.signer is not None)


@given(indexes)
def test_dates_stand_in_order(population: Population, index: int) -> None:
    """Issued, then in force, then expired."""
    document = population.documents[index]

    assert document.issued_on <= document.effective_from
    assert document.effective_to is None or document.effective_to > document.effective_from


@given(indexes, st.integers(-4_000, 4_000))
def test_status_follows_from_dates(population: Population, index: int, days: int) -> None:
    """Not yet in force before, expired from its end on, and nothing else in between."""
    document = population.documents[index]
    day = document.effective_from + timedelta(days=days)
    status = document.status_on(day)

    assert (status == "CCHL") == (day < document.effective_from)
    assert (status == "HHL") == (document.effective_to is not None and day >= document.effective_to)


@given(indexes)
def test_relations_agree_with_dates(population: Population, index: int) -> None:
    """Who is replaced ends when the other begins; who is amended is partly expired; the base is older."""
    document = population.documents[index]
    for reference in document.references:
        target = population.documents[reference.target_index]
        if reference.type == REPLACES:
            assert target.effective_to == document.effective_from
        elif reference.type == AMENDS:
            assert target.partly_until is not None
        elif reference.type == CONSOLIDATES:
            assert document.consolidated
        assert target.issued_on <= document.issued_on


def test_real_acts_are_known(population: Population) -> None:
    """The law on enterprises of 2020 replaced that of 2014."""
    by_number = {document.number: document for document in population.documents}
    old, new = by_number["68/2014/QH13"], by_number["59/2020/QH14"]

    assert (old.title, old.effective_to) == ("Luật Doanh nghiệp", date(2021, 1, 1))
    assert [(r.type, r.target_index) for r in new.references] == [(REPLACES, old.index)]


def test_every_status_type_and_shape_occurs(population: Population) -> None:
    """All statuses; laws to local decisions; shells without text; decomposed titles; old and new ids."""
    documents = list(population.documents)

    assert {d.status_on(TODAY) for d in documents} == set(STATUS_NAMES)
    assert {d.type for d in documents} == {"LU", "BL", "NQ", "NĐ", "TT", "QĐ", "VBHN"} <= set(TYPE_NAMES)
    assert {d.local for d in documents} == {d.has_content for d in documents} == {d.decomposed for d in documents}
    assert len({d.id.isdigit() for d in documents}) == 2
    assert all(unicodedata.is_normalized("NFC", d.title) for d in documents)
    assert max(len(d.title) for d in documents) > 400


@given(indexes)
def test_provisions_are_a_tree_of_four_levels(population: Population, index: int) -> None:
    """Chapter, article, clause, point; articles are numbered through; shells have none; the text has them all."""
    document = population.documents[index]
    tree = population.documents.provisions(document)
    articles = [article for chapter in tree for article in chapter.children]
    text = population.documents.text(document)

    assert bool(tree) == (document.has_content and not document.consolidated)
    assert [article.number for article in articles] == [str(number) for number in range(1, len(articles) + 1)]
    assert all(chapter.kind == "chapter" for chapter in tree)
    assert {clause.kind for article in articles for clause in article.children} <= {"clause"}
    assert document.number in text
    assert all(f"Điều {article.number}. " in text for article in articles)
