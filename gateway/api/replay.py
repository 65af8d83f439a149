"""Hits that the door gives again by itself.

What the ring said to a plain question stands, while the cache says so, for whoever asks the same by the same key. So
the same bytes leave again, with what changes put in: age, rest of life, the request's id and time, the date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aiohttp import hdrs
from multidict import CIMultiDictProxy

from gateway.api.raw_response import RawResponse
from gateway.api.request import DOSSIER, IDEMPOTENCY_KEY, TIMEOUT, USER
from gateway.api.response import VARY, Envelope, after_id
from gateway.core.call import Answer, Rendered, Replayable

_HEAD: Final = (
    b"%bAge: %d\r\nCache-Status: lgsp; hit; ttl=%d\r\nCache-Control: %b\r\nX-Request-Id: %b\r\n"
    b"Server-Timing: queue;dur=0.0, cache;dur=%.1f, upstream;dur=0.0, translate;dur=0.0\r\n"
    b"Date: %b\r\nContent-Length: %d\r\n"
)


def is_plain(headers: CIMultiDictProxy[str]) -> bool:
    """Whether no header but the key has a say in the answer."""
    return not (
        hdrs.CACHE_CONTROL in headers
        or hdrs.IF_NONE_MATCH in headers
        or DOSSIER in headers
        or USER in headers
        or TIMEOUT in headers
        or IDEMPOTENCY_KEY in headers
    )


@dataclass(frozen=True, slots=True)
class EncodedHit:
    """An answer that stands, as bytes around what changes; the same that ``to_response`` would make of it."""

    standing: Replayable
    start: bytes
    before_age: bytes
    after_id: bytes

    @classmethod
    def of(cls, envelope: Envelope, answer: Answer) -> EncodedHit | None:
        """*answer* as it can be given again; None where it does not stand, or is no record."""
        rendered = answer.value
        if answer.standing is None or envelope.personal or not isinstance(rendered, Rendered):
            return None
        return cls(
            answer.standing,
            f"{envelope.start}ETag: {rendered.etag}\r\n{VARY}".encode("ascii"),
            envelope.before_age(answer, rendered),
            after_id(rendered),
        )

    def response(self, request_id: str, *, age: float, ttl: float, total: float, date: str) -> RawResponse:
        """The response for one request that took *total* seconds so far."""
        name = request_id.encode("ascii")
        seconds, left = int(age), int(ttl)
        body = b'%b%d,"request_id":"%b"%b' % (self.before_age, seconds, name, self.after_id)
        control = b"private, max-age=%d" % left if left else b"private, no-cache"
        head = _HEAD % (self.start, seconds, left, control, name, total * 1000, date.encode("ascii"), len(body))
        return RawResponse(200, head, body)
