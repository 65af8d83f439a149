"""The responses that operations share, for the description: one example for each error status, and every header."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from gateway.api.problems import Asked, every_error, headers_of, problem
from gateway.core.mistakes import CHECK_DIGIT
from gateway.core.problems import (
    AlreadyReceived,
    Failing,
    FieldError,
    Forbidden,
    GatewayError,
    IdempotencyKeyReused,
    Internal,
    InvalidRequest,
    NotFound,
    OffContract,
    PayloadTooLarge,
    RangeNotSatisfiable,
    RateLimited,
    TimedOut,
    Unauthenticated,
    UnsupportedMediaType,
)

_REQUEST_ID: Final = "6b08a4db7618a41f0200000a"
_EXAMPLES: Final[Sequence[GatewayError]] = (
    InvalidRequest(errors=[FieldError("/enterprise_code", CHECK_DIGIT)]),
    Unauthenticated(reason="unknown_key"),
    Forbidden(),
    NotFound(reason="no_record"),
    AlreadyReceived(reason="already_received"),
    PayloadTooLarge(),
    RangeNotSatisfiable(20_480),
    UnsupportedMediaType(),
    IdempotencyKeyReused(),
    RateLimited(retry_after=2),
    Internal(),
    OffContract(reason="off_contract"),
    Failing(reason="upstream_error"),
    TimedOut(reason="attempt"),
)
_WRITES: Final = frozenset({409, 422})
_RETRY_AFTER: Final = frozenset({404, 409, 429, 503, 504})

HEADERS: Final[Mapping[str, dict[str, Any]]] = {
    "X-Request-Id": {"description": "Identifies the request in the log", "schema": {"type": "string"}},
    "Age": {
        "description": "Seconds since the national system gave the data",
        "schema": {"type": "integer", "minimum": 0},
    },
    "ETag": {
        "description": "Weak tag over data alone, of a file a strong one",
        "schema": {"type": "string"},
    },
    "Cache-Control": {
        "description": "private, with max-age counted from when the source gave the data; no-cache for personal data",
        "schema": {"type": "string"},
    },
    "Cache-Status": {
        "description": "How the cache took part (RFC 9211): hit, fwd=miss, fwd=request, fwd=stale or fwd=bypass",
        "schema": {"type": "string", "examples": ["lgsp; hit; ttl=812"]},
    },
    "Vary": {"description": "The request headers that the answer depends on", "schema": {"type": "string"}},
    "Server-Timing": {
        "description": "Milliseconds in queue, cache, upstream and translation, and the decisions taken",
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": "What is left of the caller's rate; absent for a caller without one",
        "schema": {"type": "string", "examples": ['"caller";r=49;t=1']},
    },
    "RateLimit-Policy": {
        "description": "The caller's rate; absent for a caller without one",
        "schema": {"type": "string", "examples": ['"caller";q=50;w=5']},
    },
    "Retry-After": {"description": "Whole seconds to wait", "schema": {"type": "integer", "minimum": 0}},
    "Content-Language": {
        "description": "The language of title, detail and messages",
        "schema": {"type": "string", "enum": ["en", "vi"]},
    },
    "Content-Encoding": {
        "description": "gzip where JSON is large and that is accepted",
        "schema": {"type": "string"},
    },
    "Content-Disposition": {"description": "The name of the file (RFC 6266)", "schema": {"type": "string"}},
    "Location": {"description": "Where the state of the order can be asked", "schema": {"type": "string"}},
    "Accept-Ranges": {
        "description": "bytes where parts of the file can be asked for; absent for one that passes through",
        "schema": {"type": "string"},
    },
    "Content-Range": {
        "description": "The part that is sent, or how long the file is (RFC 9110 section 14.4)",
        "schema": {"type": "string", "examples": ["bytes 0-1023/20480"]},
    },
    "WWW-Authenticate": {"description": "The scheme of the key", "schema": {"type": "string"}},
}
ALWAYS: Final = ("X-Request-Id",)
RATED: Final = ("RateLimit", "RateLimit-Policy")
CACHED: Final = ("Age", "ETag", "Cache-Control", "Cache-Status", "Vary", "Server-Timing")
ANSWER: Final = (*ALWAYS, *CACHED, "Content-Encoding", *RATED)
NOT_MODIFIED: Final = (*ALWAYS, *CACHED, *RATED)
FILE: Final = (*ALWAYS, "Content-Disposition", "ETag", "Accept-Ranges", "Cache-Control", "Cache-Status", "Age", *RATED)
EVENTS: Final = (*ALWAYS, "Cache-Control", *RATED)
_REF: Final = "#/components"


def headers(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """References to the described headers of these *names*."""
    return {name: {"$ref": f"{_REF}/headers/{name}"} for name in names}


def problem_refs(statuses: Iterable[int]) -> dict[str, dict[str, str]]:
    """References to the problem responses of *statuses*."""
    return {str(status): {"$ref": f"{_REF}/responses/Problem{status}"} for status in sorted(statuses)}


def problem_responses() -> dict[str, dict[str, Any]]:
    """A response for each status that a problem can have, with one example."""
    codes: dict[int, set[str]] = {}
    for error in every_error():
        codes.setdefault(error.status, set()).add(error.code)
    return {f"Problem{error.status}": _response(error, sorted(codes[error.status])) for error in _EXAMPLES}


def _response(error: GatewayError, codes: Sequence[str]) -> dict[str, Any]:
    asked = Asked(_REQUEST_ID, effect="write" if error.status in _WRITES else "read")
    names = {"X-Request-Id", "Content-Language", *headers_of(error)}
    names |= {"Retry-After"} if error.status in _RETRY_AFTER else set()
    names |= set(RATED) if error.status == 429 else set()
    return {
        "description": ", ".join(codes),
        "headers": headers(sorted(names)),
        "content": {
            "application/problem+json": {
                "schema": {"$ref": f"{_REF}/schemas/Problem"},
                "example": problem(error, asked),
            }
        },
    }
