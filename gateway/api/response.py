"""Renders answers: envelope, headers, conditional requests."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from urllib.parse import quote

import orjson
from aiohttp import hdrs

from gateway.api.compression import completed
from gateway.api.raw_response import RawResponse, status_line
from gateway.core.call import MOST_SHARED, Answer, CacheNote, Call, Packed, Rendered, Trace
from gateway.core.connector import Offer
from gateway.core.problems import NotFound

JSON: Final = "application/json; charset=utf-8"


VARY: Final = "Vary: Authorization, X-Dossier-Id, X-User-Id, Accept-Encoding\r\n"
START: Final = b'{"data":'
"""Before the data."""
CONTENT_ENCODING: Final = b"Content-Encoding: gzip\r\n"
NOT_MODIFIED: Final = status_line(304)


@dataclass(frozen=True, slots=True)
class Envelope:
    """The parts that every answer of one operation shares, made at start."""

    offer: Offer
    meta: bytes
    status: int
    start: str
    """Status line and the header lines that never change."""
    personal: bool
    """The question is about a person."""
    conditional: bool
    """``If-None-Match`` is looked at: GET, and HEAD as its twin (RFC 9110 section 13.1.2)."""
    accepts: bool
    """An order is accepted, not done: 202."""

    @classmethod
    def of(cls, offer: Offer) -> Envelope:
        operation = offer.operation
        names = {"system": offer.connector.name, "operation": operation.name}
        return cls(
            offer=offer,
            meta=orjson.dumps(names)[:-1],
            status=operation.success,
            start=f"{status_line(operation.success)}Content-Type: {JSON}\r\n",
            personal=operation.needs_purpose(),
            conditional=operation.method == "GET",
            accepts=operation.success == 202,
        )

    def body(self, answer: Answer, rendered: Rendered, request_id: str) -> bytes:
        """``{"data": …, "meta": …}``; *request_id* is plain ASCII."""
        return b"".join((START, rendered.data, self.after_data(answer, rendered, request_id)))

    def after_data(self, answer: Answer, rendered: Rendered, request_id: str) -> bytes:
        """The body from the end of its data."""
        changing = f'{int(answer.age)},"request_id":"{request_id}"'
        return b"".join((self.meta_before_age(answer), changing.encode(), after_id(rendered)))

    def meta_before_age(self, answer: Answer) -> bytes:
        """The body from the end of its data to the age; the age and the request's own values follow."""
        facts = f',"freshness":"{answer.freshness}","fetched_at":"{instant(answer.fetched_at)}","age_seconds":'
        return b"".join((b',"meta":', self.meta, facts.encode()))


def after_id(rendered: Rendered) -> bytes:
    """The end of the body, after the request's id."""
    more = _withheld(rendered.withheld) if rendered.withheld else ""
    if rendered.incomplete:
        more += f',"incomplete":{orjson.dumps(rendered.incomplete).decode()}'
    if rendered.rows_left_out:
        more += f',"rows_left_out":{rendered.rows_left_out}'
    if not rendered.paged:
        return f"{more}}}}}".encode()
    token = "null" if rendered.next_page_token is None else f'"{rendered.next_page_token}"'
    total = "null" if rendered.total is None else str(rendered.total)
    return f',"next_page_token":{token},"total":{total}{more}}}}}'.encode()


def _withheld(pointers: tuple[str, ...]) -> str:
    return _same_withheld(pointers) if len(pointers) <= MOST_SHARED else _told_withheld(pointers)


def _told_withheld(pointers: tuple[str, ...]) -> str:
    return f',"withheld":{orjson.dumps(pointers).decode()}'


_same_withheld: Final = lru_cache(maxsize=256)(_told_withheld)
"""Many answers lack the same few fields."""


def instant(when: datetime) -> str:
    """RFC 3339, UTC, whole seconds."""
    return _second(math.floor(when.timestamp()))


@lru_cache(maxsize=64)
def _second(since_1970: int) -> str:
    """Written once for all answers of one second: that takes longer than to read the clock."""
    return f"{datetime.fromtimestamp(since_1970, UTC).isoformat()[:19]}Z"


def cache_status(note: CacheNote) -> str:
    """RFC 9211 section 2."""
    match note.kind:
        case "hit":
            return f"lgsp; hit; ttl={math.floor(note.ttl)}"
        case "miss" | "request":
            joined, kept = "; collapsed" if note.collapsed else "", "; stored" if note.stored else ""
            return f"lgsp; fwd={note.kind}{joined}{kept}"
        case "bypass":
            return "lgsp; fwd=bypass"
        case "stale":
            status = f"; fwd-status={note.fwd_status}" if note.fwd_status else ""
            return f"lgsp; fwd=stale{status}" + (f"; detail={note.detail}" if note.detail else "")


def server_timing(trace: Trace, total: float) -> str:
    """Milliseconds by stage (W3C Server Timing)."""
    own = max(0.0, total - trace.upstream - trace.translate - trace.queued)
    said = f", {decisions(trace)}" if trace.notes else ""
    upstream = f"{trace.upstream * 1000:.1f}" if trace.attempts else "0.0"
    translate = f"{trace.translate * 1000:.1f}" if trace.attempts else "0.0"
    return (
        f"queue;dur={trace.queued * 1000:.1f}, cache;dur={own * 1000:.1f}, "
        f"upstream;dur={upstream}, translate;dur={translate}{said}"
    )


def decisions(trace: Trace) -> str:
    """The decisions of policies, as one entry of ``Server-Timing``; their notes are plain words."""
    return f'decisions;desc="{" ".join(trace.notes)}"'


def decision_headers(trace: Trace | None) -> dict[str, str]:
    """``Server-Timing`` of a problem: the decisions of policies that led to it."""
    return {"Server-Timing": decisions(trace)} if trace is not None and trace.notes else {}


def rate_headers(trace: Trace | None) -> dict[str, str]:
    """``RateLimit`` and ``RateLimit-Policy`` (draft-ietf-httpapi-ratelimit-headers-10) of a caller with a rate."""
    if trace is None or trace.allowance is None:
        return {}
    allowance = trace.allowance
    return {
        "RateLimit-Policy": f'"caller";q={allowance.most};w={max(1, math.ceil(allowance.window_s))}',
        "RateLimit": f'"caller";r={allowance.remaining};t={math.ceil(allowance.reset_s)}',
    }


def to_response(
    envelope: Envelope,
    call: Call,
    answer: Answer,
    request_headers: Mapping[str, str],
    *,
    total: float,
    date: str,
    packed: Packed | None = None,
) -> RawResponse:
    """The response for an answer that is not a file.

    Args:
        envelope: The operation's.
        call: The call.
        answer: The answer of the ring.
        request_headers: Of these only ``If-None-Match`` is read.
        total: Seconds since the request came.
        date: The HTTP date of now.
        packed: The compressed start of the body, where the caller accepts it.

    Raises:
        NotFound: There is no such record.
    """
    rendered = answer.value
    if rendered is None:
        raise NotFound(reason="no_record")
    assert isinstance(rendered, Rendered)
    note = answer.cache
    head = (
        f"ETag: {rendered.etag}\r\n{VARY}Age: {int(answer.age)}\r\n"
        f"Cache-Status: {cache_status(note) if note is not None else 'lgsp; fwd=bypass'}\r\n"
        f"Cache-Control: {cache_control(envelope, note, answer.age)}\r\nX-Request-Id: {call.request_id}\r\n"
        f"Server-Timing: {server_timing(call.trace, total)}\r\nDate: {date}\r\n"
    )
    if call.trace.allowance is not None:
        head += "".join(f"{name}: {value}\r\n" for name, value in rate_headers(call.trace).items())
    if answer.repeated:
        head += "Idempotency-Replayed: true\r\n"
    if rendered.location is not None and envelope.accepts:
        head += f"Location: /v1/{envelope.offer.connector.slug}/{quote(rendered.location)}\r\n"
    wanted = request_headers.get(hdrs.IF_NONE_MATCH)
    if wanted is not None and envelope.conditional and etag_matches(wanted, rendered.etag):
        return RawResponse(304, f"{NOT_MODIFIED}{head}".encode("ascii"))
    if packed is None:
        body = envelope.body(answer, rendered, call.request_id)
    else:
        head += CONTENT_ENCODING.decode()
        body = completed(packed, envelope.after_data(answer, rendered, call.request_id))
    return RawResponse(envelope.status, f"{envelope.start}{head}Content-Length: {len(body)}\r\n".encode("ascii"), body)


def cache_control(envelope: Envelope, note: CacheNote | None, age: float) -> str:
    """``Cache-Control`` for the caller's own cache (RFC 9111 section 5.2.2), unless the question is about a person: the
    whole life, because the caller's cache takes ``Age`` off it (section 4.2.3).
    """
    if note is None or envelope.personal or note.kind not in {"hit", "miss", "request"} or note.ttl < 1:
        return "private, no-cache"
    return f"private, max-age={int(age) + int(note.ttl)}"


def etag_matches(wanted: str, etag: str) -> bool:
    """Weak comparison (RFC 9110 section 13.1.2)."""
    if wanted.strip() == "*":
        return True
    opaque = etag.removeprefix("W/")
    return any(part.strip().removeprefix("W/") == opaque for part in wanted.split(","))
