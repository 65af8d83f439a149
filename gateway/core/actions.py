"""The deeds of operators: who did what to which target, when and why; each carries the hash of the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, Protocol

import orjson

FIRST: Final = bytes(32)
"""The hash before the first."""


@dataclass(frozen=True, slots=True)
class Action:
    """One deed of an operator. *target*: an operation, an upstream, or ``system/key`` of a lane."""

    who: str
    what: str
    target: str
    why: str
    at: datetime
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A row of the record."""

    id: int
    action: Action
    previous: bytes
    hash: bytes


class ActionRecord(Protocol):
    """Keeps deeds in their sequence."""

    @property
    def most(self) -> int | None:
        """How many deeds are kept in this process's memory, and lost with it; None: all, and they outlive it."""
        ...

    async def actions(self, most: int, before: int) -> list[Recorded]:
        """The newest deeds before number *before*, newest first."""
        ...


def hash_of(number: int, action: Action, previous: bytes) -> bytes:
    """The hash of a row: over its number, its words and the hash before it."""
    said = [number, action.at.isoformat(), action.who, action.what, action.target, action.why, dict(action.detail)]
    return sha256(previous + orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()


def first_broken(rows: Sequence[Recorded]) -> int | None:
    """The number of the first of *rows* (oldest first, without gaps) that does not follow from the one before it."""
    previous: Recorded | None = None
    for row in rows:
        before = FIRST if previous is None else previous.hash
        gap = row.id != (1 if previous is None else previous.id + 1)
        if gap or row.previous != before or row.hash != hash_of(row.id, row.action, before):
            return row.id
        previous = row
    return None
