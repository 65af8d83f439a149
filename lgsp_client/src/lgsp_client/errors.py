"""The errors of the client: decide by class, ``retryable`` and ``outcome``, never by text.

::

    LgspError
    ├─ ProblemError           the gateway answered with a problem (RFC 9457); one class for each code, in `problems`
    │  ├─ CallerError         the request must change, or come later
    │  ├─ UpstreamError       the national system did not give an answer
    │  └─ GatewayError        the gateway itself is full or broken
    ├─ TransportError         no answer came
    └─ UnexpectedResponse     the answer is not one of the gateway, or differs from its description
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, Literal

from lgsp_client.values import Answered

Outcome = Literal["done", "not_done", "unknown"]
"""The outcome of a request."""
_OUTCOMES: Final[dict[str, Outcome]] = {"done": "done", "not_done": "not_done", "unknown": "unknown"}


class FieldError(Answered):
    """One thing wrong with a request."""

    pointer: str
    """JSON pointer (RFC 6901) to the field."""
    message: str
    code: str | None = None
    """Stable word, where the gateway gives one."""


class Problem(Answered):
    """The problem document (RFC 9457) as the gateway sent it."""

    code: str
    status: int
    retryable: bool
    outcome: str
    fault: str = ""
    """caller, gateway or upstream."""
    type: str = "about:blank"
    title: str = ""
    detail: str = ""
    reason: str | None = None
    request_id: str | None = None
    retry_after_seconds: float | None = None
    system: str | None = None
    operation: str | None = None
    errors: tuple[FieldError, ...] | None = None


class LgspError(Exception):
    """A request was not answered as asked.

    Attributes:
        retryable: The same request may be sent again without harm, after *retry_after* seconds where that is given.
        outcome: The outcome of the request; ``unknown`` after an order that may have arrived.
        status: The HTTP status; None where no answer came.
        retry_after: Seconds after which asking again makes sense.
        reason: A finer stable word than the class.
        errors: What is wrong with the request, field by field.
        request_id: For questions to the gateway's operator.
        problem: The document, where the gateway answered.
    """

    def __init__(
        self,
        message: str = "",
        *,
        retryable: bool = False,
        outcome: Outcome = "unknown",
        status: int | None = None,
        retry_after: float | None = None,
        reason: str | None = None,
        errors: Sequence[FieldError] = (),
        request_id: str | None = None,
        problem: Problem | None = None,
    ) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.outcome: Outcome = outcome
        self.status = status
        self.retry_after = retry_after
        self.reason = reason
        self.errors = tuple(errors)
        self.request_id = request_id
        self.problem = problem


class ProblemError(LgspError):
    """The gateway answered with a problem; *code* is that of the class, or a new one unknown to this client."""

    code: ClassVar[str] = ""


class CallerError(ProblemError):
    """The request must change before it can be answered, or come later where it is retryable."""


class UpstreamError(ProblemError):
    """The national system did not give an answer that can be passed on."""


class GatewayError(ProblemError):
    """The gateway could not answer."""


class TransportError(LgspError):
    """No answer came: the gateway was not reached, or the connection ended before the answer was whole.

    The error of the HTTP library is its ``__cause__``.
    """


class UnexpectedResponse(LgspError):
    """The answer is not one of the gateway: a proxy's page, or data that do not fit the model.

    Attributes:
        media_type: Of the body.
        body: The body; it may hold personal data, so it is not part of the text.
    """

    def __init__(self, message: str = "", *, media_type: str = "", body: bytes = b"", **known: object) -> None:
        super().__init__(message, **known)  # type: ignore[arg-type]  # as LgspError has them
        self.media_type = media_type
        self.body = body


def outcome_of(word: str) -> Outcome:
    """*word* of a problem document; what this client does not know is ``unknown``."""
    return _OUTCOMES.get(word, "unknown")
