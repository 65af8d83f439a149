"""Codes of a province's own system, and the portals' codes that they become: tables of the configuration."""

from __future__ import annotations

import heapq
from collections.abc import Collection
from typing import Annotated, Final

from pydantic import Field

from gateway.core.mistakes import Mistake
from gateway.core.settings import Frozen
from gateway.dossiers.status import BY_WORD, Status, StatusWord

NEAREST: Final = 3
"""Codes that a refusal names."""
LocalCode = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")]


class LocalCodes(Frozen):
    """The tables of a province: its own codes, which are accepted beside the portal's."""

    statuses: dict[LocalCode, StatusWord] = Field(
        default={}, description="statuses by the province's own codes, such as {DXL: in_process}"
    )
    procedures: dict[LocalCode, LocalCode] = Field(
        default={},
        description="codes of procedures at the portal by the province's own; where there are any, a code that is "
        "neither is refused",
    )


def status_of(said: str, codes: LocalCodes) -> Status | Mistake:
    """The status of a word of the uniform API or of a local code; the mistake names the nearest three."""
    word = codes.statuses.get(said, said)
    found = BY_WORD.get(word)
    return found if found is not None else unknown_code("status", said, {*codes.statuses, *BY_WORD})


def procedure_of(said: str, codes: LocalCodes) -> str | Mistake:
    """The portal's code of a procedure; without a table, *said* itself."""
    table = codes.procedures
    if not table or said in table:
        return table.get(said, said)
    portal = frozenset(table.values())
    return said if said in portal else unknown_code("procedure", said, {*table, *portal})


def unknown_code(what: str, said: str, known: Collection[str]) -> Mistake:
    """The mistake of a code of *what* that is not in *known*; it names the nearest three of these."""
    near = ", ".join(nearest(said, known))
    terms = {"status": "trạng thái", "procedure": "thủ tục hành chính"}
    return Mistake(
        f"unknown_{what}",
        f"is not a known {what}; the nearest are {near}",
        f"không phải là mã {terms.get(what, what)} đã biết; gần nhất là {near}",
    )


def nearest(said: str, known: Collection[str]) -> list[str]:
    """The three of *known* that begin and end most like *said*, the most alike first: one pass over the table."""
    return heapq.nsmallest(NEAREST, known, key=lambda one: (-_likeness(said, one), one))


def _likeness(one: str, other: str) -> float:
    begin = _shared(one, other)
    end = _shared(one[begin:][::-1], other[begin:][::-1])
    return begin + end - abs(len(one) - len(other)) / 4


def _shared(one: str, other: str) -> int:
    """How many characters the two begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))
