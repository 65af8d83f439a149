"""Problems: one class for each code of the gateway. Generated from the declared operations: make generate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lgsp_client.errors import CallerError, GatewayError, ProblemError, UpstreamError


class Conflict(CallerError):
    """409: The order contradicts what the source already has."""

    code = "conflict"


class Forbidden(CallerError):
    """403: The key has no right to the operation; ask the gateway's operator for the scope."""

    code = "forbidden"


class IdempotencyKeyReused(CallerError):
    """422: The Idempotency-Key was used for another request."""

    code = "idempotency-key-reused"


class InProgress(CallerError):
    """409: A request with this Idempotency-Key is still running."""

    code = "in-progress"


class Internal(GatewayError):
    """500: Something is broken in the gateway; quote the request id to its operator."""

    code = "internal"


class InvalidRequest(CallerError):
    """400: The request is not what the operation expects; see errors[]."""

    code = "invalid-request"


class MethodNotAllowed(CallerError):
    """405: The route exists, but not with this method; see the Allow header."""

    code = "method-not-allowed"


class MisdirectedRequest(CallerError):
    """421: The operator's port was asked under a name that is not its own."""

    code = "misdirected-request"


class NotCached(CallerError):
    """504: only-if-cached was asked and nothing fresh is here."""

    code = "not-cached"


class NotFound(CallerError):
    """404: The register has no such record."""

    code = "not-found"


class Overloaded(GatewayError):
    """503: The gateway has no room for this request now."""

    code = "overloaded"


class PayloadTooLarge(CallerError):
    """413: The body is larger than this operation accepts."""

    code = "payload-too-large"


class PurposeRequired(CallerError):
    """400: Personal data is given only for a dossier and an officer: send X-Dossier-Id and X-User-Id."""

    code = "purpose-required"


class RangeNotSatisfiable(CallerError):
    """416: The file ends before the range that was asked for; see the Content-Range header."""

    code = "range-not-satisfiable"


class RateLimited(CallerError):
    """429: The key has spent its allowance; come back after Retry-After seconds."""

    code = "rate-limited"


class Unauthenticated(CallerError):
    """401: Send a valid API key as Authorization: Bearer <key>."""

    code = "unauthenticated"


class UnknownRoute(CallerError):
    """404: No such route; see /openapi.json for those that exist."""

    code = "unknown-route"


class UnsupportedMediaType(CallerError):
    """415: Send the body as application/json."""

    code = "unsupported-media-type"


class UpstreamInvalidResponse(UpstreamError):
    """502: The national system's answer breaks its contract."""

    code = "upstream-invalid-response"


class UpstreamRefused(UpstreamError):
    """502: The national system refuses this gateway; its operator must act."""

    code = "upstream-refused"


class UpstreamTimeout(UpstreamError):
    """504: The national system gave no answer in time."""

    code = "upstream-timeout"


class UpstreamUnavailable(UpstreamError):
    """503: The national system could not answer."""

    code = "upstream-unavailable"


BY_CODE: Final[Mapping[str, type[ProblemError]]] = {
    "conflict": Conflict,
    "forbidden": Forbidden,
    "idempotency-key-reused": IdempotencyKeyReused,
    "in-progress": InProgress,
    "internal": Internal,
    "invalid-request": InvalidRequest,
    "method-not-allowed": MethodNotAllowed,
    "misdirected-request": MisdirectedRequest,
    "not-cached": NotCached,
    "not-found": NotFound,
    "overloaded": Overloaded,
    "payload-too-large": PayloadTooLarge,
    "purpose-required": PurposeRequired,
    "range-not-satisfiable": RangeNotSatisfiable,
    "rate-limited": RateLimited,
    "unauthenticated": Unauthenticated,
    "unknown-route": UnknownRoute,
    "unsupported-media-type": UnsupportedMediaType,
    "upstream-invalid-response": UpstreamInvalidResponse,
    "upstream-refused": UpstreamRefused,
    "upstream-timeout": UpstreamTimeout,
    "upstream-unavailable": UpstreamUnavailable,
}
