"""Turns an HTTP response into an answer or an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, TypeVar

import httpx
from pydantic import ValidationError

from lgsp_client.answer import Answer, BatchResult, Meta
from lgsp_client.errors import (
    CallerError,
    GatewayError,
    LgspError,
    Outcome,
    Problem,
    ProblemError,
    TransportError,
    UnexpectedResponse,
    UpstreamError,
    outcome_of,
)
from lgsp_client.problems import BY_CODE
from lgsp_client.question import Operation, Question

T = TypeVar("T")
Effect = Literal["read", "write"]
BY_FAULT: Final[Mapping[str, type[ProblemError]]] = {
    "caller": CallerError,
    "upstream": UpstreamError,
    "gateway": GatewayError,
}
"""For codes that a newer gateway has added."""
PASSING: Final = frozenset({408, 429, 502, 503, 504})
"""Statuses of whatever stands before the gateway, after which a read may be sent again."""
NEVER_LEFT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol,
                     httpx.ProxyError)  # fmt: skip
"""Errors before a byte of the request was sent."""


def read_answer(question: Question[T], response: httpx.Response) -> Answer[T]:
    """The answer to *question*.

    Raises:
        LgspError: *response* is a problem, or not an answer of the gateway.
    """
    payload = read_payload(question.operation, response)
    try:
        return Answer(
            data=question.read(payload.get("data")),
            meta=Meta.model_validate(payload.get("meta")),
            status=response.status_code,
            location=response.headers.get("Location"),
            headers=response.headers,
        )
    except ValueError as error:
        raise misfit(error, question.operation, response) from None


def read_payload(operation: Operation, response: httpx.Response) -> dict[str, Any]:
    """The JSON object of a success.

    Raises:
        LgspError: Where *response* is anything else.
    """
    if not response.is_success:
        raise error_of(response, operation.effect)
    try:
        payload = response.json()
    except ValueError:
        raise unexpected("the body is not JSON", response, operation.effect) from None
    if not isinstance(payload, dict):
        raise unexpected("the body is not a JSON object", response, operation.effect)
    return payload


def read_batch(
    operation: Operation, questions: Sequence[Question[T]], response: httpx.Response
) -> list[BatchResult[T]]:
    """The result of each of *questions*, in their order."""
    parts = read_payload(operation, response).get("data")
    if not isinstance(parts, list) or len(parts) != len(questions):
        raise unexpected("the batch does not answer each question", response, operation.effect)
    return [_part(question, part, response) for question, part in zip(questions, parts, strict=True)]


def _part(question: Question[T], part: Any, response: httpx.Response) -> BatchResult[T]:
    try:
        if "problem" in part:
            error = error_of_problem(Problem.model_validate(part["problem"]))
            return BatchResult(status=error.status or 0, error=error)
        status, meta = int(part["status"]), Meta.model_validate(part["meta"])
        return BatchResult(status, Answer(question.read(part["data"]), meta, status))
    except (ValueError, KeyError, TypeError) as error:
        return BatchResult(response.status_code, error=misfit(error, question.operation, response))


def error_of(response: httpx.Response, effect: Effect) -> LgspError:
    """The error of a *response* without success; its body has been read."""
    try:
        found = Problem.model_validate(response.json())
    except ValueError:
        return unexpected("the body is not a problem document", response, effect)
    return error_of_problem(found, retry_after_of(response))


def error_of_problem(problem: Problem, retry_after: float | None = None) -> ProblemError:
    """The exception of the problem's code, or of its fault where the code is new."""
    kind = BY_CODE.get(problem.code) or BY_FAULT.get(problem.fault, ProblemError)
    errors = problem.errors or ()
    told = "".join(f"; {error.pointer or 'request'}: {error.message}" for error in errors)
    return kind(
        f"{problem.code} ({problem.status}): {problem.detail or problem.title}{told}",
        retryable=problem.retryable,
        outcome=outcome_of(problem.outcome),
        status=problem.status,
        retry_after=problem.retry_after_seconds if problem.retry_after_seconds is not None else retry_after,
        reason=problem.reason,
        errors=errors,
        request_id=problem.request_id,
        problem=problem,
    )


def misfit(error: Exception, operation: Operation, response: httpx.Response) -> UnexpectedResponse:
    """The error for data that do not fit the model. It names the place, not the value: that may be personal."""
    where = ""
    if isinstance(error, ValidationError):
        found = error.errors(include_input=False, include_url=False, include_context=False)
        where = "".join(f"; {'/'.join(map(str, item['loc'])) or 'data'}: {item['type']}" for item in found[:5])
    return unexpected(f"the answer of {operation.name} does not fit its model{where}", response, operation.effect)


def unexpected(what: str, response: httpx.Response, effect: Effect) -> UnexpectedResponse:
    """The error for an answer that is not the gateway's."""
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
    reads = effect == "read"
    outcome: Outcome = "not_done" if reads else "unknown"
    return UnexpectedResponse(
        f"{what} (status {response.status_code}, {media_type or 'no media type'})",
        media_type=media_type,
        body=response.content,
        retryable=reads and response.status_code in PASSING,
        outcome=outcome,
        status=response.status_code,
        retry_after=retry_after_of(response),
        request_id=response.headers.get("X-Request-Id"),
    )


def retry_after_of(response: httpx.Response) -> float | None:
    """Seconds of ``Retry-After``; a date is passed over, as the gateway gives none."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() else None


def transport_error(error: httpx.RequestError, effect: Effect) -> TransportError:
    """No answer came: an order that may have left has an unknown outcome."""
    safe = effect == "read" or isinstance(error, NEVER_LEFT)
    return TransportError(
        f"no answer from the gateway: {type(error).__name__}: {error}",
        retryable=safe and not isinstance(error, httpx.UnsupportedProtocol),
        outcome="not_done" if safe else "unknown",
    )
