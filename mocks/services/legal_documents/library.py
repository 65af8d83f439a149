"""What both generations of the service know: documents by id and by search, and who does what to whom."""

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
    """Without case and Unicode form, single blanks: how the source compares."""
    return " ".join(unicodedata.normalize("NFC", value).casefold().split())


def fold_number(value: str) -> str:
    return fold(value).replace(" ", "")


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a search asks for; all hold together."""

    number: str = ""
    part_of_number: bool = False
    """The number asked may be a part of the document's."""
    issuer: str = ""
    types: frozenset[str] = frozenset()
    """Codes; empty: all."""
    issuers: frozenset[str] = frozenset()
    """Whole names; empty: all."""
    words: str = ""
    central_only: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    document: LegalDocument
    number: str
    issuer: str
    title: str


class _Index:
    """Built when first asked for, in a tenth of a second, and kept: a seed's documents do not change."""

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
    """The documents of a population as of the virtual today."""

    def __init__(self, world: World) -> None:
        self.population = world.population
        self._clock = world.clock

    def today(self) -> date:
        return self._clock.today()

    def find(self, identifier: str) -> LegalDocument | None:
        """The document with this id; UUIDs in either case."""
        return self.population.documents.by_id(identifier.strip().lower())

    def other(self, identifier: str) -> LegalDocument:
        """A document that is not the one asked for."""
        documents = self.population.documents
        found = self.find(identifier)
        return documents[0 if found is None else (found.index + 1) % len(documents)]

    def central_issuers(self) -> Sequence[str]:
        """Names of the central agencies."""
        return _index_of(self.population.seed).central

    def outgoing(self, document: LegalDocument) -> list[tuple[int, LegalDocument]]:
        """What the document does to others, by ``referenceType``; dangling references are left out."""
        documents = self.population.documents

        def target(reference: Reference) -> tuple[int, LegalDocument]:
            return reference.type, documents[reference.target_index]

        return [target(reference) for reference in document.references if reference.target_index < len(documents)]

    def incoming(self, document: LegalDocument) -> list[tuple[int, LegalDocument]]:
        """What others do to it; whose basis it is, the source does not list."""
        return _index_of(self.population.seed).incoming.get(document.index, [])

    def search(self, wanted: Conditions) -> list[LegalDocument]:
        """All that fit, newest first."""
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
        """The name with its number in it, as diagrams and lists show it."""
        return f"{TYPE_NAMES[document.type]} số {document.number} {document.title}"

    def html(self, document: LegalDocument) -> str:
        """The full text; an empty body shell for some."""
        if not document.has_content:
            return '<div class="toanvancontent" id="toanvancontent"><p>&nbsp;</p></div>'
        lines = self.population.documents.text(document).splitlines()
        paragraphs = "".join(f"<p>{escaped(line)}</p>" for line in lines if line)
        return f'<div class="toanvancontent">{paragraphs}</div>'


def escaped(value: str) -> str:
    """*value* within an element of XML or HTML."""
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def written(document: LegalDocument, value: str) -> str:
    """*value* in the Unicode form in which the source keeps this document."""
    return unicodedata.normalize("NFD" if document.decomposed else "NFC", value)
