"""Operations that several upstreams answer: a field of the query names the one that is asked."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from gateway.core.call import Answer, Call
from gateway.core.mistakes import Mistake
from gateway.core.problems import FieldError, NotFound
from gateway.core.steps import Next

MOST_NAMED: Final = 3


def slug_of(upstream: str) -> str:
    """The name of an upstream as addresses write it: ``birth_death`` is ``birth-death``."""
    return upstream.replace("_", "-")


@dataclass(frozen=True, slots=True)
class ChooseUpstream:
    """Gives a call to the ring of the upstream that *field* of its query names."""

    name: ClassVar[str] = "choose upstream"
    sees_hits: ClassVar[bool] = True

    field: str
    rings: Mapping[str, Next[Call, Answer]]
    """By the upstream's name in addresses."""

    async def __call__(self, proceed: Next[Call, Answer], call: Call) -> Answer:
        return await self.rings.get(str(getattr(call.query, self.field)), proceed)(call)


@dataclass(frozen=True, slots=True)
class UnknownUpstream:
    """Refuses a call that names an upstream which does not exist here, or which does not offer the operation."""

    field: str
    able: Sequence[str]
    """Those that offer the operation."""
    present: Sequence[str]
    """All of the connector."""

    async def __call__(self, call: Call) -> Answer:
        asked = str(getattr(call.query, self.field))
        if asked in self.present:
            raise NotFound(reason="not_offered_there", errors=[FieldError(f"/{self.field}", _lacks(self.able))])
        close = difflib.get_close_matches(asked, self.present, n=MOST_NAMED, cutoff=0.6)
        near = close or sorted(self.present)[:MOST_NAMED]
        raise NotFound(reason="unknown_upstream", errors=[FieldError(f"/{self.field}", _unknown(near))])


def _unknown(near: Sequence[str]) -> Mistake:
    names = ", ".join(near)
    return Mistake(
        "unknown_name",
        f"is not configured here; the nearest names are {names}",
        f"không được cấu hình ở đây; các tên gần nhất là {names}",
    )


def _lacks(able: Sequence[str]) -> Mistake:
    names = ", ".join(sorted(able))
    return Mistake(
        "not_offered",
        f"does not offer this operation; it is offered by {names}",
        f"không cung cấp thao tác này; thao tác này có ở {names}",
    )
