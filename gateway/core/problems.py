"""The errors of the gateway; each is named after the reaction that it requires.

::

    GatewayError
    ├─ CallerError            the request must change; never a 5xx (NotCached apart)
    │  ├─ InvalidRequest 400 · PurposeRequired 400 · Unauthenticated 401 · Forbidden 403
    │  ├─ UnknownRoute 404 · MethodNotAllowed 405 · NotFound 404 (a fact about the register)
    │  ├─ Misdirected 421 (the operator's port) · UnsupportedMediaType 415 · PayloadTooLarge 413
    │  ├─ RangeNotSatisfiable 416
    │  ├─ Conflict 409 · IdempotencyKeyReused 422 · InProgress 409
    │  │  └─ AlreadyReceived 409 (this order or another: the outcome is unknown)
    │  └─ RateLimited 429 · NotCached 504 (RFC 9111 section 5.2.1.7 demands it)
    ├─ Overloaded 503         this gateway is full or leaving: the caller may come back
    │  └─ OwnTrouble          its machine has no descriptor, port, memory or resolver, or it can't count a day's quota
    ├─ Internal 500           a bug of ours
    └─ UpstreamError          the national system
       ├─ Unavailable 503     they could not answer
       │  ├─ Failing          seen on an exchange just now: retried inside, counts for the breaker
       │  └─ Withheld         not asked or refused for a known time (breaker, window, quota): neither
       │     └─ Throttled     they said themselves when to come back: retried inside where that fits, never counted
       ├─ TimedOut 504        no answer in time
       ├─ Refused 502         they said no to *us* (credentials, allow-list, TLS): wakes the operator
       └─ OffContract 502     malformed, unknown code, another's record: wakes the developer
          └─ CutOff           an order's answer did not come whole: retried inside only where a key makes that safe

Codes, statuses and the mapping from upstream answers are those of the API's error table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Literal, Self

from gateway.core.mistakes import Mistake

MAINTENANCE: Final = "maintenance_window"
"""The reason of a refusal because an operator has isolated the national system."""
Fault = Literal["caller", "gateway", "upstream"]
RequestOutcome = Literal["done", "not_done", "unknown"]
Effect = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with a request: where (RFC 6901 JSON pointer) and what to do about it."""

    pointer: str
    mistake: Mistake


class GatewayError(Exception):
    """Something went wrong in the gateway.

    An error never changes after it was made; :meth:`replace` gives a changed copy. What the interpreter itself sets
    (traceback, cause, context, notes) is not part of what the error says.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    fault: ClassVar[Fault] = "gateway"
    #: Whether the retry step may ask again at once.
    retry_inside: ClassVar[bool] = False
    #: Whether the breaker counts it as the upstream's failure.
    counts_for_breaker: ClassVar[bool] = False
    #: What the caller is told when nothing was changed by the failed request.
    retryable: ClassVar[bool] = False
    #: Whether stale data may be given instead.
    stale_may_stand_in: ClassVar[bool] = False
    reason: str
    retry_after: float | None
    may_have_arrived: bool
    errors: tuple[FieldError, ...]
    #: The HTTP status that the upstream answered with, where it did.
    upstream_status: int | None
    #: The machine's own words below it, for the log: the kind of a broken connection, never an address or a value.
    cause: str

    def __init__(
        self,
        detail: str = "",
        *,
        reason: str = "",
        retry_after: float | None = None,
        may_have_arrived: bool = True,
        errors: Sequence[FieldError] = (),
    ) -> None:
        """Says what happened.

        Args:
            detail: One sentence for a person; never personal data, never a secret.
            reason: The finer stable word of the API's reason table.
            retry_after: Seconds after which asking again makes sense.
            may_have_arrived: Whether an order may have reached them: bytes left, and no answer proves that nothing
                was done.
            errors: What is wrong with the request, field by field.
        """
        super().__init__(detail or (self.__doc__ or self.code).partition("\n")[0])
        vars(self).update(
            reason=reason,
            retry_after=retry_after,
            may_have_arrived=may_have_arrived,
            errors=tuple(errors),
            upstream_status=None,
            cause="",
        )

    def __setattr__(self, name: str, value: object) -> None:
        if not name.startswith("__"):
            raise AttributeError(f"An error does not change: raise error.replace({name}=…) instead.")
        super().__setattr__(name, value)

    def replace(
        self, *, may_have_arrived: bool | None = None, upstream_status: int | None = None, cause: str | None = None
    ) -> Self:
        """A copy of the same class, with what is given in place of what this error says.

        Without arguments it is a copy for another caller to meet. Traceback, cause, context and notes, and the frames
        that they keep alive, stay with this error.
        """
        fresh = type(self).__new__(type(self), *self.args)
        said = vars(fresh)
        said.update((name, value) for name, value in vars(self).items() if not name.startswith("__"))
        if may_have_arrived is not None:
            said["may_have_arrived"] = may_have_arrived
        if upstream_status is not None:
            said["upstream_status"] = upstream_status
        if cause is not None:
            said["cause"] = cause
        return fresh

    def outcome(self, effect: Effect) -> RequestOutcome:
        """Whether the thing asked was done."""
        return "unknown" if effect == "write" and self.may_have_arrived else "not_done"

    def may_retry(self, effect: Effect) -> bool:
        """Whether the caller may send the same request again without harm."""
        return self.retryable and self.outcome(effect) == "not_done"


class CallerError(GatewayError):
    """The request must change before it can be answered."""

    code = "invalid-request"
    status = 400
    fault = "caller"

    def outcome(self, effect: Effect) -> RequestOutcome:  # noqa: ARG002  # a refused request changes nothing, whatever it was
        return "not_done"


class InvalidRequest(CallerError):
    """The request is not what the operation expects; see errors[]."""


class PurposeRequired(CallerError):
    """Personal data is given only for a dossier and an officer: send X-Dossier-Id and X-User-Id."""

    code = "purpose-required"


class Unauthenticated(CallerError):
    """Send a valid API key as Authorization: Bearer <key>."""

    code = "unauthenticated"
    status = 401


class Forbidden(CallerError):
    """The key has no right to the operation; ask the gateway's operator for the scope."""

    code = "forbidden"
    status = 403


class UnknownRoute(CallerError):
    """No such route; see /openapi.json for those that exist."""

    code = "unknown-route"
    status = 404


class MethodNotAllowed(CallerError):
    """The route exists, but not with this method; see the Allow header."""

    code = "method-not-allowed"
    status = 405
    allowed: tuple[str, ...]

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(f"Use {' or '.join(allowed)}.")
        vars(self)["allowed"] = tuple(allowed)


class NotFound(CallerError):
    """The register has no such record."""

    code = "not-found"
    status = 404


class Misdirected(CallerError):
    """The operator's port was asked under a name that is not its own."""

    code = "misdirected-request"
    status = 421


class UnsupportedMediaType(CallerError):
    """Send the body as application/json."""

    code = "unsupported-media-type"
    status = 415


class PayloadTooLarge(CallerError):
    """The body is larger than this operation accepts."""

    code = "payload-too-large"
    status = 413


class RangeNotSatisfiable(CallerError):
    """The file ends before the range that was asked for; see the Content-Range header."""

    code = "range-not-satisfiable"
    status = 416
    length: int

    def __init__(self, length: int) -> None:
        super().__init__(f"The file has {length} bytes.")
        vars(self)["length"] = length


class Conflict(CallerError):
    """The order contradicts what the source already has."""

    code = "conflict"
    status = 409


class AlreadyReceived(Conflict):
    """The source has a dossier of this code already; whether it came with this order is not known."""

    def outcome(self, effect: Effect) -> RequestOutcome:
        return "unknown" if effect == "write" else "not_done"


class IdempotencyKeyReused(CallerError):
    """The Idempotency-Key was used for another request."""

    code = "idempotency-key-reused"
    status = 422


class InProgress(CallerError):
    """A request with this Idempotency-Key is still running."""

    code = "in-progress"
    status = 409
    retryable = True


class RateLimited(CallerError):
    """The key has spent its allowance; come back after Retry-After seconds."""

    code = "rate-limited"
    status = 429
    retryable = True


class NotCached(CallerError):
    """only-if-cached was asked and nothing fresh is here."""

    code = "not-cached"
    status = 504
    retryable = True


class Overloaded(GatewayError):
    """The gateway has no room for this request now."""

    code = "overloaded"
    status = 503
    retryable = True
    stale_may_stand_in = True

    def __init__(
        self,
        detail: str = "",
        *,
        reason: str = "",
        retry_after: float | None = 1.0,
        may_have_arrived: bool = False,
    ) -> None:
        super().__init__(detail, reason=reason, retry_after=retry_after, may_have_arrived=may_have_arrived)


class OwnTrouble(Overloaded):
    """Something that the gateway needs for itself is missing: no source has a part in it."""


class Internal(GatewayError):
    """Something is broken in the gateway; quote the request id to its operator."""

    def outcome(self, effect: Effect) -> RequestOutcome:  # noqa: ARG002  # after a bug of ours it is not known
        return "unknown"


class UpstreamError(GatewayError):
    """The national system did not give an answer that can be passed on."""

    fault = "upstream"


class Unavailable(UpstreamError):
    """The national system could not answer."""

    code = "upstream-unavailable"
    status = 503
    retryable = True
    stale_may_stand_in = True


class Failing(Unavailable):
    """The national system failed just now (unreachable, server error, maintenance page, cut off)."""

    retry_inside = True
    counts_for_breaker = True


class Withheld(Unavailable):
    """The national system is not asked now: breaker open, maintenance window, quota spent."""

    def __init__(
        self, detail: str = "", *, reason: str, retry_after: float | None, may_have_arrived: bool = False
    ) -> None:
        super().__init__(detail, reason=reason, retry_after=retry_after, may_have_arrived=may_have_arrived)


class Throttled(Withheld):
    """The national system asks to be asked later (429 with a Retry-After of its own)."""

    retry_inside = True


class TimedOut(UpstreamError):
    """The national system gave no answer in time."""

    code = "upstream-timeout"
    status = 504
    retryable = True
    retry_inside = True
    counts_for_breaker = True
    stale_may_stand_in = True


class Refused(UpstreamError):
    """The national system refuses this gateway; its operator must act."""

    code = "upstream-refused"
    status = 502


class OffContract(UpstreamError):
    """The national system's answer breaks its contract."""

    code = "upstream-invalid-response"
    status = 502
    counts_for_breaker = True
    stale_may_stand_in = True


class CutOff(OffContract):
    """The national system's answer to the order did not come whole."""

    retry_inside = True
