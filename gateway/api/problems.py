"""Turns a GatewayError into RFC 9457 ``application/problem+json``, in Vietnamese or English."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import orjson

from gateway.api.reasons import detail_of
from gateway.api.texts import CODES, SEE_ERRORS, UNKNOWN_OUTCOME, Language
from gateway.core import problems
from gateway.core.problems import Effect, GatewayError

MEDIA_TYPE: Final = "application/problem+json; charset=utf-8"


def every_error() -> Iterator[type[GatewayError]]:
    """All classes of the error tree that have a code."""
    pending: list[type[GatewayError]] = [problems.GatewayError]
    while pending:
        found = pending.pop()
        pending.extend(found.__subclasses__())
        yield found


@dataclass(frozen=True, slots=True)
class Asked:
    """The request that a problem answers, as far as the problem names it."""

    request_id: str
    language: Language = "en"
    system: str | None = None
    operation: str | None = None
    effect: Effect = "read"


def problem(error: GatewayError, asked: Asked) -> dict[str, object]:
    """The members of the problem document (RFC 9457 section 3.1) with the API's extensions."""
    outcome = error.outcome(asked.effect)
    detail = detail_of(error.code, error.reason).in_language(asked.language)
    if error.errors:
        detail += f" {SEE_ERRORS.in_language(asked.language)}"
    if outcome == "unknown" and asked.effect == "write":
        detail += f" {UNKNOWN_OUTCOME.in_language(asked.language)}"
    members: dict[str, object] = {
        "type": f"/problems/{error.code}",
        "title": CODES[error.code].title.in_language(asked.language),
        "status": error.status,
        "detail": detail,
        "code": error.code,
        "fault": error.fault,
        "retryable": error.may_retry(asked.effect),
        "outcome": outcome,
        "request_id": asked.request_id,
    }
    if error.reason:
        members["reason"] = error.reason
    seconds = retry_after_seconds(error)
    if seconds is not None:
        members["retry_after_seconds"] = seconds
    if asked.system is not None:
        members["system"] = asked.system
        members["operation"] = asked.operation
    if error.errors:
        vietnamese = asked.language == "vi"
        members["errors"] = [
            {
                "pointer": item.pointer,
                "code": item.mistake.code,
                "message": item.mistake.vi if vietnamese else item.mistake.en,
            }
            for item in error.errors
        ]
    return members


def retry_after_seconds(error: GatewayError) -> int | None:
    """Whole seconds for ``Retry-After``; every 503 and 429 has them, 30 where no better number is known."""
    if error.retry_after is not None:
        return max(0, math.ceil(error.retry_after))
    return 30 if error.status in {429, 503} else None


def headers_of(error: GatewayError) -> dict[str, str]:
    """Headers of a problem's response."""
    found: dict[str, str] = {}
    seconds = retry_after_seconds(error)
    if seconds is not None and error.status in {404, 409, 429, 503, 504}:
        found["Retry-After"] = str(seconds)
    if isinstance(error, problems.MethodNotAllowed):
        found["Allow"] = ", ".join(error.allowed)
    if isinstance(error, problems.RangeNotSatisfiable):
        found["Content-Range"] = f"bytes */{error.length}"
    if isinstance(error, problems.Unauthenticated):
        found["WWW-Authenticate"] = 'Bearer realm="lgsp"'
    return found


def dumps(members: object) -> bytes:
    return orjson.dumps(members)
