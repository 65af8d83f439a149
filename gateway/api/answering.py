"""Renders answers: envelope, headers, conditional requests."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson
from aiohttp import web
from multidict import CIMultiDict

from gateway.core.operation import Answer, CacheNote, Call, Offer, Rendered
from gateway.core.problems import NotFound

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What every answer of one operation has in common, made at start."""

    offer: Offer
    meta: bytes
    fresh_s: int

    @classmethod
    def of(cls, offer: Offer) -> Envelope:
        names = {"system": offer.connector.name, "operation": offer.operation.name}
        return cls(offer, orjson.dumps(names)[:-1], int(offer.operation.fresh_s))

    def body(self, answer: Answer, rendered: Rendered, request_id: str) -> bytes:
        """``{"data": …, "meta": …}``; *request_id* is plain ASCII."""
        more = ""
        if rendered.paged:
            token = "null" if rendered.next_page_token is None else f'"{rendered.next_page_token}"'
            total = "null" if rendered.total is None else str(rendered.total)
            more = f',"next_page_token":{token},"total":{total}'
        return b'{"data":%b,"meta":%b,"freshness":"%b","fetched_at":"%b","age_seconds":%d,"request_id":"%b"%b}}' % (
            rendered.data,
            self.meta,
            answer.freshness.encode(),
            instant(answer.fetched_at).encode(),
            int(answer.age),
            request_id.encode(),
            more.encode(),
        )


def instant(when: datetime) -> str:
    """RFC 3339, UTC, whole seconds."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def cache_status(note: CacheNote) -> str:
    """RFC 9211 section 2."""
    match note.kind:
        case "hit":
            return f"lgsp; hit; ttl={math.floor(note.ttl)}"
        case "miss":
            return "lgsp; fwd=miss" + ("; collapsed" if note.collapsed else "") + ("; stored" if note.stored else "")
        case "bypass":
            return "lgsp; fwd=bypass"
        case "stale":
            status = f"; fwd-status={note.fwd_status}" if note.fwd_status else ""
            return f"lgsp; fwd=stale{status}" + (f"; detail={note.detail}" if note.detail else "")


def server_timing(call: Call, total: float) -> str:
    """Milliseconds by stage (W3C Server Timing)."""
    trace = call.trace
    own = max(0.0, total - trace.upstream - trace.translate - trace.queued)
    return (
        f"queue;dur={trace.queued * 1000:.1f}, cache;dur={own * 1000:.1f}, "
        f"upstream;dur={trace.upstream * 1000:.1f}, translate;dur={trace.translate * 1000:.1f}"
    )


def to_response(
    envelope: Envelope, call: Call, answer: Answer, request_headers: Mapping[str, str], total: float
) -> web.Response:
    """The response for an answer that is no file.

    Raises:
        NotFound: Where the answer is that there is no such record.
    """
    operation = envelope.offer.operation
    rendered = answer.value
    if rendered is None:
        raise NotFound(reason="no_record")
    assert isinstance(rendered, Rendered)
    headers: CIMultiDict[str] = CIMultiDict()
    headers["Content-Type"] = JSON
    headers["X-Request-Id"] = call.request_id
    headers["ETag"] = rendered.etag
    headers["Age"] = str(int(answer.age))
    note = answer.cache
    if note is not None:
        headers["Cache-Status"] = cache_status(note)
    left = int(note.ttl) if note is not None and note.kind in {"hit", "miss"} and note.ttl > 0 else 0
    scope = "private"
    headers["Cache-Control"] = (
        f"{scope}, max-age={left}" if left and not operation.needs_purpose() else "private, no-cache"
    )
    headers["Vary"] = "Authorization, X-Dossier-Id, X-User-Id"
    headers["Server-Timing"] = server_timing(call, total)
    if operation.success == 202 and rendered.location:
        headers["Location"] = f"/v1/{envelope.offer.connector.slug}/{rendered.location}"
    wanted = request_headers.get("If-None-Match")
    if wanted is not None and operation.effect == "read" and etag_matches(wanted, rendered.etag):
        del headers["Content-Type"]
        return web.Response(status=304, headers=headers)
    return web.Response(
        status=operation.success, body=envelope.body(answer, rendered, call.request_id), headers=headers
    )


def etag_matches(wanted: str, etag: str) -> bool:
    """Weak comparison (RFC 9110 section 13.1.2)."""
    if wanted.strip() == "*":
        return True
    opaque = etag.removeprefix("W/")
    return any(part.strip().removeprefix("W/") == opaque for part in wanted.split(","))
