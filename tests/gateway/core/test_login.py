"""The table of statuses that all logins share."""

from __future__ import annotations

import pytest

from gateway.core.login import credentials_refused, endpoint_down, login_failure
from gateway.core.message import Reply
from gateway.core.problems import Failing, GatewayError, OffContract, Refused, TimedOut


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
    error = login_failure(Reply(status, {}, {"access_token": "t"}))

    assert error is not None
    assert (type(error), error.reason, error.may_have_arrived) == (kind, reason, False)


def test_a_login_may_have_refusals_of_its_own() -> None:
    """OAuth refuses a client with 400 (RFC 6749 section 5.2)."""
    assert isinstance(login_failure(Reply(400, {}, None), refusals={400}), Refused)
    assert isinstance(login_failure(Reply(401, {}, None), refusals={400}), OffContract)


def test_the_body_of_a_good_answer_is_left_to_the_login() -> None:
    """Nothing is wrong with the status; a body that could not be read is told as the adapter tells it."""
    defect = OffContract("The upstream's answer is not JSON.", reason="malformed")

    assert login_failure(Reply(200, {}, {"any": "thing"})) is None
    assert login_failure(Reply(200, {}, None, defect)) is defect


def test_a_login_that_says_its_failure_in_the_body_uses_the_same_errors() -> None:
    """As the insurance's does."""
    assert (credentials_refused().reason, credentials_refused().may_have_arrived) == ("credentials", False)
    assert (endpoint_down().reason, endpoint_down().may_have_arrived) == ("token_endpoint", False)
