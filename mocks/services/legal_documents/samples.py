"""Documents to try, chosen so that answers have all shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from mocks.engine.service import Sample
from mocks.population.documents import LegalDocument
from mocks.services.legal_documents.library import Library

_LOOKED_AT: Final = 400
_UNKNOWN_UUID: Final = "00000000-0000-4000-8000-0000ffffffff"


def samples(library: Library) -> dict[str, list[Sample]]:
    """Returns the samples by gateway operation, for the virtual today."""
    documents = library.population.documents
    looked_at = [documents[index] for index in range(_LOOKED_AT)]
    plain = _plain(looked_at, library)
    chosen = _chosen(looked_at, library)
    with_tree = [d for d in looked_at if documents.provisions(d)]
    absent = [{"path": {"document_id": i}, "note": "no such document", "exists": False} for i in _unknown(library)]
    return {
        "legal_documents.document": [*(_path(d, note) for d, note in chosen), *absent, _path(plain, "plain")],
        "legal_documents.search": _searches(looked_at, plain),
        "legal_documents.provisions": [
            *(_path(d, "a tree") for d in with_tree[:5]),
            *(_path(d, "no provisions: an empty list") for d in [d for d in looked_at if d.consolidated][:2]),
            *absent,
            _path(with_tree[5], "plain"),
        ],
        "legal_documents.content": [
            *(_path(d, "the text") for d, _ in chosen if d.has_content),
            *absent,
            _path(plain, "plain"),
        ],
    }


def _path(document: LegalDocument, note: str) -> Sample:
    return {"path": {"document_id": document.id}, "note": f"{document.number}: {note}"}


def _plain(looked_at: list[LegalDocument], library: Library) -> LegalDocument:
    today = library.today()
    return next(d for d in looked_at if d.signer and d.has_content and d.status_on(today) == "CHL" and not d.decomposed)


def _chosen(looked_at: list[LegalDocument], library: Library) -> list[tuple[LegalDocument, str]]:
    today = library.today()
    shapes: tuple[tuple[str, Callable[[LegalDocument], bool]], ...] = (
        ("a law, in force", lambda d: d.type == "LU" and d.status_on(today) == "CHL"),
        ("a law, replaced", lambda d: d.type == "LU" and d.status_on(today) == "HHL"),
        ("an old numeric id", lambda d: d.signer is not None and d.id.isdigit()),
        ("a UUID", lambda d: "-" in d.id),
        ("decomposed letters (NFD)", lambda d: d.decomposed),
        ("partly expired", lambda d: d.status_on(today) == "HHL1P"),
        ("expired", lambda d: d.signer is not None and d.status_on(today) == "HHL"),
        ("suspended", lambda d: d.status_on(today) in {"TNHL", "TNHL1P"}),
        ("not yet in force", lambda d: d.status_on(today) == "CCHL"),
        ("no longer appropriate", lambda d: d.status_on(today) == "KCPH"),
        ("an empty body", lambda d: not d.has_content),
        ("consolidated", lambda d: d.consolidated),
        ("a long title", lambda d: len(d.title) > 300),
        ("issued by a province", lambda d: d.local),
    )
    found: dict[str, tuple[LegalDocument, str]] = {}
    for note, fits in shapes:
        first = next((d for d in looked_at if fits(d) and d.id not in found), None)
        if first is not None:
            found[first.id] = first, note
    return list(found.values())


def _unknown(library: Library) -> Iterator[str]:
    yield from (i for i in ("999998", "100000000", _UNKNOWN_UUID) if library.find(i) is None)


def _searches(looked_at: list[LegalDocument], plain: LegalDocument) -> list[Sample]:
    law = next(d for d in looked_at if d.type == "LU")
    local = next(d for d in looked_at if d.local)
    return [
        {"query": {"number": law.number}, "note": "by number"},
        {"query": {"number": f" {local.number.lower()} "}, "note": "case and blanks do not matter"},
        {"query": {"issuer": law.issuer, "type": "law"}, "note": "laws"},
        {"query": {"type": "decree", "q": "thủ tục hành chính"}, "note": "by type and words"},
        {"query": {"in_force_on": date(2020, 1, 1).isoformat(), "type": "law"}, "note": "in force on a day"},
        {"query": {"number": "1/1900/XX-KHONGCO"}, "note": "not found: an empty page"},
        {"query": {"number": plain.number}, "note": "plain"},
    ]
