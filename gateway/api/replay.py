"""Replays a fresh cache hit for a repeated GET by the same caller.

The body and most headers are pre-encoded; only age, TTL, request id, timing and date are filled in.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, NamedTuple

from aiohttp import hdrs, web
from multidict import CIMultiDictProxy

from gateway.api.auth import Keyring
from gateway.api.compression import completed
from gateway.api.preferences import accepts_gzip
from gateway.api.raw_response import RawResponse
from gateway.api.request import DOSSIER, IDEMPOTENCY_KEY, TIMEOUT, USER
from gateway.api.response import CONTENT_ENCODING, START, VARY, Envelope, after_id
from gateway.core.call import Answer, EncodedHit, HitMemory, Packed, Rendered, Replay
from gateway.core.clock import Clock
from gateway.core.events import Observer, RequestFinished, silence
from gateway.core.tracing import traceparent_now

MOST: Final = 8192
"""Targets that are remembered, each with the callers who asked it; the least recently used is forgotten first."""
LONGEST: Final = 512
"""Characters of a target that is worth remembering."""
_REPLAYED: Final = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})
_HEAD: Final = (
    b"%bAge: %d\r\nCache-Status: lgsp; hit; ttl=%d\r\nCache-Control: %b\r\nX-Request-Id: %b\r\n"
    b"Server-Timing: queue;dur=0.0, cache;dur=%.1f, upstream;dur=0.0, translate;dur=0.0\r\n"
    b"Date: %b\r\nContent-Length: %d\r\n"
)


class Remembered(NamedTuple):
    """The cache key that answers a target for a caller, and the cache that holds it."""

    key: bytes
    hits: HitMemory
    connector: str
    operation: str
    name: str
    """``connector.operation``, as rights spell it."""


class HitReplay:
    """Maps a request target and a caller to a cache key, never to an answer: purge, eviction and the end of a life need
    no code here. Rights are read from the keyring at each request.
    """

    def __init__(self, keys: Keyring, clock: Clock, observer: Observer = silence) -> None:
        self._keys = keys
        self._monotonic = clock.monotonic
        self._observer = observer
        # By target first: a target that is not remembered costs no hash of the key.
        self._remembered: OrderedDict[str, dict[str, Remembered]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._remembered)

    def lookup(self, http: web.BaseRequest, request_id: str, started: float, date: str) -> RawResponse | None:
        """The response to a plain GET or HEAD whose last answer is still fresh; None where the handler has to answer.

        Args:
            http: The request.
            request_id: Its id, plain ASCII.
            started: When it came, monotonic seconds.
            date: The HTTP date of now.
        """
        headers = http.headers
        callers = self._remembered.get(http.raw_path)
        if callers is None or http.method not in _REPLAYED or not is_plain(headers):
            return None
        caller = self._keys.find(headers.get(hdrs.AUTHORIZATION))
        found = callers.get(caller.name) if caller is not None else None
        if caller is None or found is None or found.name not in caller.operations:
            return None
        gzip = accepts_gzip(headers.get(hdrs.ACCEPT_ENCODING))
        hit = found.hits.replay(found.key, gzip=gzip)
        if hit is None:
            return None
        self._remembered.move_to_end(http.raw_path)
        connector, operation, seconds = found.connector, found.operation, self._monotonic() - started
        self._observer(
            RequestFinished(
                *(connector, operation, caller.name, "ok", seconds, 0.0),
                request_id=request_id,
                cache="hit",
                replayed_age=hit.age,
                trace=traceparent_now(),
            )
        )
        return response_of(hit, request_id, seconds, date, gzip=gzip)

    def remember(
        self, target: str, caller: str, envelope: Envelope, answer: Answer, packed: Packed | None = None
    ) -> None:
        """Lets the next plain GET of *target* by *caller* be replayed, where *answer* is a hit that may be."""
        offer, rendered = envelope.offer, answer.value
        if offer.hits is None or answer.hit_key is None or not isinstance(rendered, Rendered) or len(target) > LONGEST:
            return
        offer.hits.attach(answer.hit_key, encoded(envelope, answer, rendered, packed))
        self._remembered.setdefault(target, {})[caller] = Remembered(
            answer.hit_key, offer.hits, offer.connector.name, offer.operation.name, offer.name
        )
        if len(self._remembered) > MOST:
            self._remembered.popitem(last=False)


def is_plain(headers: CIMultiDictProxy[str]) -> bool:
    """Whether the key is the only header that affects the answer."""
    return not (
        hdrs.CACHE_CONTROL in headers
        or hdrs.IF_NONE_MATCH in headers
        or DOSSIER in headers
        or USER in headers
        or TIMEOUT in headers
        or IDEMPOTENCY_KEY in headers
    )


def encoded(envelope: Envelope, answer: Answer, rendered: Rendered, packed: Packed | None = None) -> EncodedHit:
    """The bytes of *answer* that each replay shares."""
    head = f"{envelope.start}ETag: {rendered.etag}\r\n{VARY}".encode("ascii")
    return EncodedHit(head, envelope.meta_before_age(answer), after_id(rendered), packed)


def response_of(hit: Replay, request_id: str, total: float, date: str, *, gzip: bool = False) -> RawResponse:
    """The response to one request that took *total* seconds so far; equal to what ``to_response`` makes of a hit."""
    name = request_id.encode("ascii")
    seconds, left = int(hit.age), int(hit.ttl)
    own = b'%d,"request_id":"%b"' % (seconds, name)
    start, packed = hit.encoded.head, hit.encoded.packed if gzip else None
    if packed is None:
        body = b"".join((START, hit.data, hit.encoded.meta, own, hit.encoded.tail))
    else:
        start += CONTENT_ENCODING
        body = completed(packed, b"".join((hit.encoded.meta, own, hit.encoded.tail)))
    control = b"private, max-age=%d" % (seconds + left) if left else b"private, no-cache"
    date_line = date.encode("ascii")
    head = _HEAD % (start, seconds, left, control, name, total * 1000, date_line, len(body))
    return RawResponse(200, head, body)
