"""What goes wrong is an exception that says what to do about it."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any, Final

import httpx
import pytest
import respx
from lgsp_client.models.criminal_records import ApplicationPurpose
from lgsp_client.problems import BY_CODE

import lgsp_client
from gateway.api.problems import every_error
from gateway.core.problems import GatewayError
from lgsp_client import (
    CallerError,
    LgspError,
    NotFound,
    ProblemError,
    TransportError,
    UnexpectedResponse,
    UpstreamError,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from tests.lgsp_client.test_requests import APPLICANT
from tests.support.portal_client import ENTERPRISE, META, STYLES, Style, envelope, problem, told

BY_NAME: Final = {
    "unknown-route": "UnknownRoute",
    "method-not-allowed": "MethodNotAllowed",
    "unauthenticated": "Unauthenticated",
    "forbidden": "Forbidden",
    "misdirected-request": "MisdirectedRequest",
    "unsupported-media-type": "UnsupportedMediaType",
    "payload-too-large": "PayloadTooLarge",
    "range-not-satisfiable": "RangeNotSatisfiable",
    "invalid-request": "InvalidRequest",
    "purpose-required": "PurposeRequired",
    "not-found": "NotFound",
    "conflict": "Conflict",
    "idempotency-key-reused": "IdempotencyKeyReused",
    "in-progress": "InProgress",
    "rate-limited": "RateLimited",
    "not-cached": "NotCached",
    "overloaded": "Overloaded",
    "upstream-unavailable": "UpstreamUnavailable",
    "upstream-timeout": "UpstreamTimeout",
    "upstream-refused": "UpstreamRefused",
    "upstream-invalid-response": "UpstreamInvalidResponse",
    "internal": "Internal",
}
"""The names that portals catch; they are part of the client's public interface."""
GROUPS: Final = {"caller": "CallerError", "upstream": "UpstreamError", "gateway": "GatewayError"}
DECLARED: Final[dict[str, type[GatewayError]]] = {error.code: error for error in every_error()}

pytestmark = pytest.mark.parametrize("style", STYLES)


def enterprise(client: Any) -> Any:
    """A read."""
    return client.business_registry.enterprise("1")


def apply(client: Any) -> Any:
    """An order."""
    return client.criminal_records.apply(
        dossier_code="D-1",
        received_on="2026-11-24",
        certificate_form=1,
        purpose=ApplicationPurpose(name="Xin việc"),
        applicant=APPLICANT,
        idempotency_key="order-1",
    )


async def refused(style: Style, call: Callable[[Any], Any], answer: httpx.Response | Exception) -> LgspError:
    """The error that *call* ends with."""
    router = respx.Router()
    route = router.route()
    if isinstance(answer, Exception):
        route.mock(side_effect=answer)
    else:
        route.mock(return_value=answer)
    with pytest.raises(LgspError) as caught:
        await told(style, router, call)
    return caught.value


# ---- problems


def test_every_code_has_its_class(style: Style) -> None:
    """One for each code of the gateway, exported, below the class of its fault."""
    assert {code: kind.__name__ for code, kind in BY_CODE.items()} == BY_NAME
    for code, kind in BY_CODE.items():
        assert getattr(lgsp_client, kind.__name__) is kind
        assert kind.__mro__[1].__name__ == GROUPS[DECLARED[code].fault]


@pytest.mark.parametrize("code", sorted(BY_CODE))
async def test_problem_becomes_the_exception_of_its_code(style: Style, code: str) -> None:
    """With all that the document says, as the document says it."""
    declared = DECLARED[code]
    body = {
        "fault": declared.fault,
        "retryable": True,
        "outcome": "done",
        "reason": "a_reason",
        "retry_after_seconds": 17,
        "system": "business_registry",
        "operation": "enterprise",
        "errors": [{"pointer": "/enterprise_code", "message": "is wrong", "code": "check_digit"}],
    }
    error = await refused(style, enterprise, problem(code, declared.status, **body))

    assert type(error).__name__ == BY_NAME[code]
    assert isinstance(error, ProblemError)
    assert (error.code, error.status, error.retryable, error.outcome) == (code, declared.status, True, "done")
    assert (error.reason, error.retry_after, error.request_id) == ("a_reason", 17, "01TEST")
    assert [(wrong.pointer, wrong.message, wrong.code) for wrong in error.errors] == [
        ("/enterprise_code", "is wrong", "check_digit")
    ]
    assert error.problem is not None
    assert (error.problem.system, error.problem.title) == ("business_registry", "Title")
    assert str(error) == f"{code} ({declared.status}): Detail.; /enterprise_code: is wrong"


@pytest.mark.parametrize(
    ("fault", "kind"), [("caller", CallerError), ("upstream", UpstreamError), ("elsewhere", ProblemError)]
)
async def test_code_of_a_newer_gateway_is_caught_by_its_fault(
    style: Style, fault: str, kind: type[ProblemError]
) -> None:
    """A code that was added since this client was made breaks nobody who catches the group."""
    error = await refused(style, enterprise, problem("embargoed", 451, fault=fault, outcome="postponed"))

    assert type(error) is kind
    assert (error.status, error.outcome, error.retryable) == (451, "unknown", False)
    assert error.problem is not None
    assert error.problem.code == "embargoed"


async def test_retry_after_of_the_header_stands_where_the_body_has_none(style: Style) -> None:
    """Both are the gateway's word."""
    answer = problem("rate-limited", 429, retryable=True)
    answer.headers["Retry-After"] = "9"

    assert (await refused(style, enterprise, answer)).retry_after == 9


async def test_problem_in_place_of_a_file_is_the_same_exception(style: Style) -> None:
    """A stream that never begins is told like any other answer."""
    router = respx.Router()
    router.route().mock(return_value=problem("not-found", 404))

    def synchronous(client: lgsp_client.Client) -> None:
        with client.legal_documents.content("1"):
            pass

    async def asynchronous(client: lgsp_client.AsyncClient) -> None:
        async with client.legal_documents.content("1"):
            pass

    with pytest.raises(NotFound, match="not-found"):
        await told(style, router, synchronous if style == "sync" else asynchronous)


async def test_part_of_a_batch_fails_by_itself(style: Style) -> None:
    """The others are answered, and its error is the one that a call of its own would raise."""
    from lgsp_client.questions import business_registry

    failed = {"code": "upstream-timeout", "status": 504, "retryable": True, "outcome": "not_done", "fault": "upstream"}
    parts = [
        {"status": 200, "data": ENTERPRISE, "meta": META},
        {"status": 504, "problem": failed},
        {"status": 200, "data": {"name": "no code"}, "meta": META},
    ]
    router = respx.Router()
    router.route().mock(return_value=httpx.Response(200, json={"data": parts}))
    questions = [business_registry.enterprise(code) for code in "123"]
    first, second, third = await told(style, router, lambda client: client.batch(questions))

    assert first.unwrap().data.name == "Công ty"
    assert (second.status, second.error.retryable) == (504, True)
    with pytest.raises(UpstreamTimeout):
        second.unwrap()
    with pytest.raises(UnexpectedResponse, match="does not fit its model; enterprise_code: missing"):
        third.unwrap()


# ---- what is not the gateway's


@pytest.mark.parametrize(
    ("status", "retryable"), [(200, False), (302, False), (404, False), (429, True), (502, True), (503, True)]
)
async def test_page_of_a_proxy_is_a_typed_error(style: Style, status: int, retryable: bool) -> None:
    """What stands before the gateway speaks HTML; a passing fault of it may be asked again."""
    page = httpx.Response(status, html="<h1>Bad Gateway</h1>", headers={"Retry-After": "3"})
    error = await refused(style, enterprise, page)

    assert isinstance(error, UnexpectedResponse)
    assert (error.status, error.retryable, error.outcome) == (status, retryable, "not_done")
    assert (error.media_type, error.body, error.retry_after) == ("text/html", b"<h1>Bad Gateway</h1>", 3)
    assert "Bad Gateway" not in str(error)


@pytest.mark.parametrize("status", [202, 502])
async def test_order_that_something_else_answered_has_an_unknown_outcome(style: Style, status: int) -> None:
    """The proxy may have passed it on before it gave up."""
    error = await refused(style, apply, httpx.Response(status, html="<h1>Oops</h1>"))

    assert isinstance(error, UnexpectedResponse)
    assert (error.outcome, error.retryable) == ("unknown", False)


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b'{"data": {}}', b'{"data": {"name": "Secret"}, "meta": {}}', b"\xff"]
)
async def test_answer_that_does_not_fit_is_told_without_its_values(style: Style, body: bytes) -> None:
    """Whatever was there may be about a person: the text says where, and not what."""
    error = await refused(style, enterprise, httpx.Response(200, content=body))

    assert isinstance(error, UnexpectedResponse)
    assert error.body == body
    assert "Secret" not in str(error)
    assert error.__cause__ is None


@pytest.mark.parametrize("body", [{"code": "not-found"}, ["not-found"], {"error": "no"}])
async def test_json_of_somebody_else_is_not_taken_for_a_problem(style: Style, body: object) -> None:
    """A 404 of a wrong address must not look like a fact about the register."""
    error = await refused(style, enterprise, httpx.Response(404, json=body))

    assert isinstance(error, UnexpectedResponse)


# ---- no answer


@pytest.mark.parametrize(
    ("cause", "left"),
    [
        (httpx.ConnectError("refused"), False),
        (httpx.ConnectTimeout("slow"), False),
        (httpx.PoolTimeout("busy"), False),
        (httpx.ReadTimeout("slow"), True),
        (httpx.WriteError("reset"), True),
        (httpx.ReadError("reset"), True),
        (httpx.RemoteProtocolError("ended"), True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
async def test_no_answer_says_whether_the_request_may_have_arrived(style: Style, cause: Exception, left: bool) -> None:
    """A read may always be sent again; an order only where its bytes never left."""
    read = await refused(style, enterprise, cause)
    order = await refused(style, apply, cause)

    assert isinstance(read, TransportError)
    assert isinstance(order, TransportError)
    assert (read.outcome, read.retryable, read.status) == ("not_done", True, None)
    assert (order.outcome, order.retryable) == (("unknown", False) if left else ("not_done", True))
    assert isinstance(order.__cause__, type(cause))


# ---- exceptions as values


@pytest.mark.parametrize("again", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))], ids=["copy", "pickle"])
async def test_exception_survives_the_way_to_another_process(
    style: Style, again: Callable[[LgspError], LgspError]
) -> None:
    """A task queue may carry it, and it says the same there."""
    error = again(await refused(style, enterprise, problem("upstream-unavailable", 503, retry_after_seconds=4)))

    assert isinstance(error, UpstreamUnavailable)
    assert (error.retry_after, error.status, error.problem and error.problem.detail) == (4, 503, "Detail.")


async def test_success_raises_nothing(style: Style) -> None:
    """The same call, answered."""
    router = respx.Router()
    router.route().mock(return_value=envelope(ENTERPRISE))

    assert (await told(style, router, enterprise)).data.name == "Công ty"
