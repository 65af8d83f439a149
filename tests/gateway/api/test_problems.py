"""Errors as RFC 9457 documents: complete, in two languages, and decided by their code alone."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.problems import Asked, every_error, headers_of, problem, retry_after_seconds
from gateway.api.reasons import REASONS, detail_of
from gateway.api.schemas import Problem
from gateway.api.texts import SEE_ERRORS, UNKNOWN_OUTCOME, Language
from gateway.core import problems as p
from gateway.core.mistakes import Mistake
from gateway.core.problems import FieldError, GatewayError

WRONG = Mistake("wrong", "is wrong", "sai")
ASKED = Asked("req-1", system="a", operation="b")


def test_tree_is_walked_whole() -> None:
    """Errors of other modules (a policy's own) are errors of the API as well."""
    declared = {cls for cls in vars(p).values() if inspect.isclass(cls) and issubclass(cls, GatewayError)}

    assert declared <= set(every_error())


@given(
    st.sampled_from([p.InvalidRequest, p.Failing, p.TimedOut, p.Refused, p.OffContract, p.Internal, p.NotFound]),
    st.text(min_size=1, max_size=20),
    st.sampled_from(["", "of_no_table", *REASONS]),
    st.none() | st.floats(0, 1e6),
    st.sampled_from(["en", "vi"]),
    st.sampled_from(["read", "write"]),
)
def test_document_has_the_documented_members(
    cls: type[GatewayError], detail: str, reason: str, wait: float | None, language: str, effect: str
) -> None:
    """Whatever the error, its document is one that the description foresees, and says what the error says."""
    error = cls(detail, reason=reason, retry_after=wait, errors=[FieldError("/a", WRONG)])
    members = problem(error, Asked("req-1", language, "a", "b", effect))  # type: ignore[arg-type]  # drawn from its values
    document = Problem.model_validate(members)

    assert (document.code, document.status, document.fault) == (cls.code, cls.status, cls.fault)
    assert document.type == f"/problems/{cls.code}"
    assert document.retryable == error.may_retry(effect)  # type: ignore[arg-type]  # as above
    told = [text.in_language(language) for text in (detail_of(cls.code, reason), UNKNOWN_OUTCOME)]  # type: ignore[arg-type]  # as above
    seen = SEE_ERRORS.in_language(language)  # type: ignore[arg-type]  # as above
    told.insert(1, seen)
    assert document.detail == " ".join(told if (effect, document.outcome) == ("write", "unknown") else told[:2])
    assert ("reason" in members) == bool(reason)
    assert members["errors"] == [
        {"pointer": "/a", "code": "wrong", "message": "sai" if language == "vi" else "is wrong"}
    ]


@pytest.mark.parametrize("language", ["en", "vi"])
def test_detail_points_at_errors_that_are_there(language: Language) -> None:
    """Without ``errors[]`` nobody is sent there."""
    without = problem(p.InvalidRequest(), Asked("req-1", language))
    there = problem(p.InvalidRequest(errors=[FieldError("/a", WRONG)]), Asked("req-1", language))

    assert "errors[]" not in str(without["detail"])
    assert "errors" not in without
    assert "errors[]" in str(there["detail"])


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (p.Failing("x", reason="upstream_error"), 30),
        (p.Failing("x", reason="upstream_error", retry_after=0.0), 0),
        (p.Failing("x", reason="upstream_error", retry_after=1.2), 2),
        (p.Withheld("x", reason="breaker_open", retry_after=-3.0), 0),
        (p.Withheld("x", reason="breaker_open", retry_after=None), 30),
        (p.Overloaded(), 1),
        (p.RateLimited(retry_after=7.0), 7),
        (p.RateLimited(), 30),
        (p.TimedOut(reason="attempt"), None),
        (p.TimedOut(reason="attempt", retry_after=5.0), 5),
        (p.NotFound(), None),
    ],
)
def test_retry_after_is_whole_seconds_in_header_and_body(error: GatewayError, seconds: int | None) -> None:
    """Every 503 and 429 says when to come back, rounded up, the same in both places."""
    assert retry_after_seconds(error) == seconds
    assert headers_of(error).get("Retry-After") == (None if seconds is None else str(seconds))
    assert problem(error, ASKED).get("retry_after_seconds") == seconds


def test_headers_say_what_the_status_demands() -> None:
    """405 has Allow, 401 the scheme, others nothing of these."""
    assert headers_of(p.MethodNotAllowed(["GET", "HEAD"])) == {"Allow": "GET, HEAD"}
    assert headers_of(p.Unauthenticated()) == {"WWW-Authenticate": 'Bearer realm="lgsp"'}
    assert headers_of(p.Forbidden()) == {}


def test_nothing_is_said_of_a_route_that_was_not_found() -> None:
    """Without an operation neither system nor operation is named."""
    members = problem(p.UnknownRoute(), Asked("req-1"))

    assert "system" not in members
    assert "operation" not in members


@given(st.sampled_from(sorted(REASONS)), st.booleans())
def test_vietnamese_is_chosen_by_the_reason_first(reason: str, known: bool) -> None:
    """Whatever sentence the error was raised with, and the code's text where the table does not have the reason."""
    error = p.NotFound("A sentence in English.", reason=reason if known else f"not_{reason}s")
    members = problem(error, Asked("req-1", "vi"))

    assert members["detail"] == (REASONS[reason].text.vi if known else detail_of("not-found", "").vi)
