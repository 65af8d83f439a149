"""Tells of personal look-ups and orders, for the request log and the record of who looked at whom: dossier, officer,
and keyed hashes in place of the person.
"""

from __future__ import annotations

import hashlib
import os
from typing import Any, Final

from gateway.core.call import Call
from gateway.core.canonical import Canonical, Content, personal_fields
from gateway.core.events import LookUp
from gateway.core.identifiers import identifiers_of
from gateway.core.operation import Operation

_DIGEST: Final = 16


class SubjectHash:
    """Hashes the subjects of questions with one key: equal subjects have equal hashes, and only the key's owner can
    find out of whom one is.

    Args:
        secret: Configuration's ``privacy.key``; without it the hashes are those of this process's life alone.
    """

    def __init__(self, secret: str | None = None) -> None:
        self._key = os.urandom(32) if secret is None else hashlib.sha256(secret.encode()).digest()

    def of(self, data: bytes) -> str:
        """The hash of *data*, in hex."""
        return hashlib.blake2b(data, key=self._key, digest_size=_DIGEST).hexdigest()


class LookUps:
    """The personal look-ups and the orders of one operation.

    Args:
        operation: Its declaration.
        subjects: Hashes whom a question is about.
        recorded: Whether somebody keeps them, so that the person's numbers are hashed one by one too.
    """

    def __init__(self, operation: Operation[Any, Any], subjects: SubjectHash, *, recorded: bool = False) -> None:
        self._always = operation.needs_purpose() or operation.effect == "write"
        self._marks = operation.answer is not Content and bool(personal_fields(operation.answer))
        self._fields = subject_of(operation)
        self._subjects = subjects
        self._recorded = recorded

    def of(self, call: Call) -> LookUp | None:
        """The look-up that *call* is; None where it shows nobody's data."""
        if not self._always and (call.purpose is None or not self._marks or call.view != "full"):
            return None
        dossier, user = ("", "") if call.purpose is None else (call.purpose.dossier_id, call.purpose.user_id)
        subject = self._subjects.of(subject_bytes(call.query, self._fields))
        if not self._recorded:
            return LookUp(dossier, user, subject)
        numbers = dict.fromkeys(identifiers_of(call.query))
        return LookUp(dossier, user, subject, tuple(self._subjects.of(number.encode()) for number in numbers))


def subject_bytes(query: Canonical, fields: set[str]) -> bytes:
    """The part of *query* that is hashed as its subject."""
    return query.__pydantic_serializer__.to_json(query, include=fields, exclude_none=True, by_alias=True)


def subject_of(operation: Operation[Any, Any]) -> set[str]:
    """The fields of a question that say whom it is about: its subject, else its personal fields, else all."""
    fields = operation.query.model_fields
    marked = {pointer.split("/")[1] for pointer in personal_fields(operation.query)}
    named = {*operation.subject_fields()} or {own for own, info in fields.items() if (info.alias or own) in marked}
    return named or set(fields)
