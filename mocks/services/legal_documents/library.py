"""The documents of both generations of the service: by id, by search, and by reference."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from mocks.engine.service import World
from mocks.population.documents import BASIS, TYPE_NAMES, Documents, LegalDocument, Reference

NO_DAY: Final = "0001-01-01"


def fold(value: str) -> str:
    """Returns text in the form that the source compares: one case, one Unicode form, single blanks."""
    return " ".join(unicodedata.normalize("NFC", value).casefold().split())


def fold_number(value: str) -> str:
    return fold(value).replace(" ", "")


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of a search; a document must fulfil all of them."""

    number: str = ""
    part_of_number: bool = False
    """True when the number may be a part of the document's number."""
    issuer: str = ""
    types: frozenset[str] = frozenset()
    """Codes of types; empty: all."""
    issuers: frozenset[str] = frozenset()
    """Full names of issuers; empty: all."""
    words: str = ""
    central_only: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    document: LegalDocument
    number: str
    issuer: str
    title: str


class _Index:
    """Built at first use, in a tenth of a second, and cached: the documents of a seed do not change."""

    def __init__(self, seed: int) -> None:
        documents = sorted(Documents(seed), key=lambda d: (d.issued_on, d.index), reverse=True)
        self.rows = [_Row(d, fold_number(d.number), fold(d.issuer), fold(d.title)) for d in documents]
        self.central = sorted({d.issuer for d in documents if not d.local})
        self.incoming: dict[int, list[tuple[int, LegalDocument]]] = defaultdict(list)
        for document in documents:
            for reference in document.references:
                if reference.type != BASIS:
                    self.incoming[reference.target_index].append((reference.type, document))


_index_of: Callable[[int], _Index] = lru_cache(maxsize=4)(_Index)


class Library:
    """The documents of a population, with their state on the virtual today."""

    def __init__(self, world: World) -> None:
        self.population = world.population
        self._clock = world.clock

    def today(self) -> date:
        return self._clock.today()

    def find(self, identifier: str) -> LegalDocument | None:
        """Returns the document with this id (UUIDs in either case), or None."""
        return self.population.documents.by_id(identifier.strip().lower())

    def other(self, identifier: str) -> LegalDocument:
        """Returns another document."""
        documents = self.population.documents
        found = self.find(identifier)
        return documents[0 if found is None else (found.index + 1) % len(documents)]

    def central_issuers(self) -> Sequence[str]:
        """Returns the names of the central agencies."""
        return _index_of(self.population.seed).central

    def outgoing(self, document: LegalDocument) -> list[tuple[int, LegalDocument]]:
        """Returns the document's references to others, by ``referenceType``, without dangling ones."""
        documents = self.population.documents

        def target(reference: Reference) -> tuple[int, LegalDocument]:
            return reference.type, documents[reference.target_index]

        return [target(reference) for reference in document.references if reference.target_index < len(documents)]

    def incoming(self, document: LegalDocument) -> list[tuple[int, LegalDocument]]:
        """Returns other documents' references to it; the source leaves out references of type basis."""
        return _index_of(self.population.seed).incoming.get(document.index, [])

    def search(self, wanted: Conditions) -> list[LegalDocument]:
        """Returns all documents that fit, newest first."""
        number, issuer, words = fold_number(wanted.number), fold(wanted.issuer), fold(wanted.words).split()

        def fits(row: _Row) -> bool:
            document = row.document
            if number and not (number in row.number if wanted.part_of_number else number == row.number):
                return False
            if issuer not in row.issuer or (wanted.central_only and document.local):
                return False
            if wanted.types and document.type not in wanted.types:
                return False
            if wanted.issuers and document.issuer not in wanted.issuers:
                return False
            return all(word in row.title for word in words)

        return [row.document for row in _index_of(self.population.seed).rows if fits(row)]

    def title_of(self, document: LegalDocument) -> str:
        """Returns the title with the number, as in diagrams and lists."""
        return f"{TYPE_NAMES[document.type]} số {document.number} {document.title}"

    def html(self, document: LegalDocument) -> str:
        """Returns the full text as HTML; an empty body for documents without content."""
        if not document.has_content:
            return '<div class="toanvancontent" id="toanvancontent"><p>&nbsp;</p></div>'
        lines = self.population.documents.text(document).splitlines()
        paragraphs = "".join(f"<p>{escaped(line)}</p>" for line in lines if line)
        return f'<div class="toanvancontent">{paragraphs}</div>'


def escaped(value: str) -> str:
    """Returns *value* escaped for an element of XML or HTML."""
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def written(document: LegalDocument, value: str) -> str:
    """Returns *value* in the source's Unicode form of this document."""
    return unicodedata.normalize("NFD" if document.decomposed else "NFC", value)
