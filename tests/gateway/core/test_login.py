"""The table of statuses that all logins share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import pytest

from gateway.core.login import LONGEST_TOKEN, credentials_refused, endpoint_down, login_failure, presentable
from gateway.core.message import Reply, Token
from gateway.core.problems import Failing, GatewayError, OffContract, Refused, TimedOut

NOW: Final = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (401, Refused, "credentials"),
        (403, Refused, "credentials"),
        (429, Failing, "token_endpoint"),
        (500, Failing, "token_endpoint"),
        (503, Failing, "token_endpoint"),
        (504, TimedOut, "attempt"),
        (201, OffContract, "off_contract"),
        (302, OffContract, "off_contract"),
        (400, OffContract, "off_contract"),
        (404, OffContract, "off_contract"),
    ],
)
def test_a_status_says_what_went_wrong(status: int, kind: type[GatewayError], reason: str) -> None:
    """Refused, down, late or off its contract; nothing of an order can have been done."""
    error = login_failure(Reply(status, {}, {"access_token": "t"}), NOW)

    assert error is not None
    assert (type(error), error.reason, error.may_have_arrived) == (kind, reason, False)


def test_a_login_may_have_refusals_of_its_own() -> None:
    """OAuth refuses a client with 400 (RFC 6749 section 5.2)."""
    assert isinstance(login_failure(Reply(400, {}, None), NOW, refusals={400}), Refused)
    assert isinstance(login_failure(Reply(401, {}, None), NOW, refusals={400}), OffContract)


def test_the_body_of_a_good_answer_is_left_to_the_login() -> None:
    """Nothing is wrong with the status; a body that could not be read is told as the adapter tells it."""
    defect = OffContract("The upstream's answer is not JSON.", reason="malformed")

    assert login_failure(Reply(200, {}, {"any": "thing"}), NOW) is None
    assert login_failure(Reply(200, {}, None, defect), NOW) is defect


def test_a_login_that_says_its_failure_in_the_body_uses_the_same_errors() -> None:
    """As the insurance's does."""
    assert (credentials_refused().reason, credentials_refused().may_have_arrived) == ("credentials", False)
    assert (endpoint_down().reason, endpoint_down().may_have_arrived) == ("token_endpoint", False)


@pytest.mark.parametrize("status", [429, 500, 503, 504])
@pytest.mark.parametrize(
    ("said", "seconds"),
    [("70", 70.0), ("0.5", 0.5), ("Thu, 26 Nov 2026 03:01:10 GMT", 70.0), ("3600000", 30.0), ("-1", None)],
)
def test_an_endpoint_says_when_to_come_back(status: int, said: str, seconds: float | None) -> None:
    """Its ``Retry-After`` is read as any source's."""
    error = login_failure(Reply(status, {"retry-after": said}, None), NOW)

    assert error is not None
    assert error.retry_after == seconds


@pytest.mark.parametrize("page", [401, 403, 429, 503, 504])
def test_a_page_for_people_hides_no_status(page: int) -> None:
    """The status comes before the body."""
    defect = Failing("a page", reason="maintenance")
    met, plain = (login_failure(Reply(page, {}, None, found), NOW) for found in (defect, None))

    assert (type(met), met and met.reason) == (type(plain), plain and plain.reason)


def test_a_token_is_shown_without_the_blanks_around_it() -> None:
    """Encoders end their texts with a line end."""
    assert presentable(Token("t\r\n", None, {"id_token": " i "})) == Token("t", None, {"id_token": "i"})


@pytest.mark.parametrize("odd", ["a\r\nX-Admin: 1", "a\nb", "a b", "", "đ", "a\x00"])
@pytest.mark.parametrize("more", [False, True])
def test_a_token_that_no_message_can_carry_is_off_contract(odd: str, more: bool) -> None:
    """A line end in it would begin a header of the endpoint's choice."""
    error = presentable(Token("t", None, {"id_token": odd}) if more else Token(odd, None))

    assert isinstance(error, OffContract)
    assert (error.reason, error.may_have_arrived) == ("malformed", False)


def test_a_token_of_ten_megabytes_is_too_large() -> None:
    """No server takes a header of that size, and none is tried."""
    error = presentable(Token("t" * 10_000_000, None))

    assert isinstance(error, OffContract)
    assert error.reason == "response_too_large"
    assert presentable(Token("t" * LONGEST_TOKEN, None)) == Token("t" * LONGEST_TOKEN, None)
