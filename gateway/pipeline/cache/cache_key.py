"""Cache keys: a key holds one question, one access scope and one class of purpose."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final, Literal, NewType, Self, TypeAlias

import orjson

from gateway.core.call import Call
from gateway.core.canonical import Canonical
from gateway.core.operation import Operation

PurposeClass: TypeAlias = Literal["none", "dossier"]
"""Why the question may be asked at all: openly, or for a dossier (hồ sơ) and an officer."""
View: TypeAlias = Literal["full", "public"]

_Head = NewType("_Head", bytes)
_MOST_HEADS: Final = 1024


@dataclass(frozen=True, slots=True)
class AccessScope:
    """The group of callers that may share an answer.

    *tenant* is the caller's name where the question is about a person, so that a quick answer does not reveal what
    another caller asked; it is empty where callers of equal rights may share.
    """

    view: View
    tenant: str


class CacheKey(bytes):
    """The parts by which two calls are the same question.

    It can't be built without all of its parts, and no two different sets of parts give the same key: the head is a
    JSON array, whose end is unambiguous, and the canonical query follows. It holds the question, so its ``repr`` hides
    it, and only a keyed hash of it (:class:`KeyedHash`) leaves the process.
    """

    __slots__ = ()

    def __new__(
        cls, *, connector: str, operation: str, query: bytes, scope: AccessScope, purpose: PurposeClass
    ) -> Self:
        return super().__new__(cls, _head(connector, operation, scope, purpose) + query)

    def __repr__(self) -> str:
        return "CacheKey(…)"

    __str__ = __repr__


def _head(connector: str, operation: str, scope: AccessScope, purpose: PurposeClass) -> _Head:
    return _Head(orjson.dumps([connector, operation, scope.view, scope.tenant, purpose]))


def canonical(query: Canonical) -> bytes:
    """*query* as bytes that are equal exactly where the validated queries are: fields in their declared order."""
    return query.__pydantic_serializer__.to_json(query)


class KeyMaker:
    """Makes the keys of one operation; the parts that repeat are joined once."""

    __slots__ = ("_about_person", "_connector", "_heads", "_operation", "_to_json")

    def __init__(self, connector: str, operation: Operation[Any, Any]) -> None:
        self._connector = connector
        self._operation = operation.name
        self._about_person = operation.needs_purpose()
        self._to_json = operation.query.__pydantic_serializer__.to_json
        self._heads: dict[tuple[View, str], _Head] = {}

    def of(self, call: Call) -> CacheKey:
        """The key of *call*, equal to that built from its parts by :class:`CacheKey`."""
        seen_by = (call.view, call.caller if self._about_person else "")
        head = self._heads.get(seen_by)
        if head is None:
            head = self._new_head(seen_by)
        return bytes.__new__(CacheKey, head + self._to_json(call.query))

    def _new_head(self, seen_by: tuple[View, str]) -> _Head:
        if len(self._heads) >= _MOST_HEADS:
            self._heads.clear()
        purpose: PurposeClass = "dossier" if self._about_person else "none"
        made = self._heads[seen_by] = _head(self._connector, self._operation, AccessScope(*seen_by), purpose)
        return made


@dataclass(frozen=True, slots=True, repr=False)
class KeyedHash:
    """Keyed hashes (BLAKE2b, RFC 7693 section 2.9) of what must not leave the process as it is."""

    secret: bytes

    @classmethod
    def of_this_process(cls) -> Self:
        """With a random secret of this process."""
        return cls(os.urandom(32))

    def of(self, kind: str, content: bytes) -> bytes:
        """32 bytes that only a holder of the secret can tie to *content*; *kind* keeps uses apart."""
        found = _begun(self.secret, kind).copy()
        found.update(content)
        return found.digest()


@lru_cache(maxsize=64)
def _begun(secret: bytes, kind: str) -> blake2b:
    """The hash of what comes before the content, which is most of the hash of a short one."""
    return blake2b(b"%b\0" % kind.encode(), digest_size=32, key=secret)
