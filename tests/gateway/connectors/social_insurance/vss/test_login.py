from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.connectors.social_insurance.vss.login import LOGIN, VssSettings
from gateway.core.message import Reply, Rest, Token
from gateway.core.problems import Failing, GatewayError, OffContract, Refused

SETTINGS = VssSettings(url="https://egw.test", username="87999_LGSP", password="123456")
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
# MD5 of "123456", in upper case.
HASH = "E10ADC3949BA59ABBE56E057F20F883E"


def read(body: object, status: int = 200) -> Token | GatewayError:
    """What the login reads from an answer."""
    return LOGIN.read(Reply(status, {}, body), NOW)


def token_of(body: object) -> Token:
    """The token that the login reads from an answer."""
    found = read(body)
    assert isinstance(found, Token)
    return found


def test_the_account_is_shown_as_a_form() -> None:
    """Name and MD5 in upper case, never the password."""
    question = LOGIN.ask(SETTINGS)

    assert (question.method, question.path) == ("POST", "api/token/take")
    assert question.form == {"username": "87999_LGSP", "password": HASH}


def test_a_session_lasts_until_an_instant(sample: Callable[[str], Any]) -> None:
    """``expires_in`` is no number of seconds: an instant in UTC with seven decimals."""
    token = token_of(sample("take.given"))

    assert token.expires_at == datetime(2026, 11, 24, 4, 0, 0, 104718, tzinfo=UTC)
    assert token.more == {"id_token": "ZGluaC1kYW5oLXBoaWVu"}


@pytest.mark.parametrize(
    "said", [{}, {"expires_in": None}, {"expires_in": ""}, {"expires_in": 3600}, {"expires_in": "x"}]
)
def test_a_session_without_a_readable_end_is_used_until_refused(said: dict[str, Any]) -> None:
    """Some answers give none; a session is not thrown away for the form of its end."""
    assert token_of({"maKetQua": 200, "APIKey": {"access_token": "a", "id_token": "b", **said}}).expires_at is None


@pytest.mark.parametrize("body", [{"maKetQua": "401", "APIKey": None}, {"maKetQua": "205"}, {"maKetQua": "999"}])
def test_a_refused_account_is_our_operators_business(body: Any) -> None:
    """Whatever code says no."""
    refused = read(body)

    assert isinstance(refused, Refused)
    assert (refused.reason, refused.may_have_arrived) == ("credentials", False)


@pytest.mark.parametrize("status", [401, 403])
def test_a_status_can_refuse_too(status: int) -> None:
    """Without any body."""
    assert isinstance(read(None, status), Refused)


@pytest.mark.parametrize(("body", "status"), [({"maKetQua": "500"}, 200), ({"maKetQua": "101"}, 200), (None, 503)])
def test_a_login_that_fails_on_their_side_may_be_tried_again(body: Any, status: int) -> None:
    """It is no refusal."""
    assert isinstance(read(body, status), Failing)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "ok",
        {"maKetQua": "200", "APIKey": None},
        {"maKetQua": "200", "APIKey": {"access_token": "a"}},
        {"maKetQua": "200", "APIKey": {"access_token": "", "id_token": "b"}},
        {"maKetQua": "", "APIKey": {"access_token": "a", "id_token": "b"}},
    ],
)
def test_an_answer_of_another_shape_is_off_contract(body: Any) -> None:
    """It is neither a session nor a refusal."""
    broken = read(body)

    assert isinstance(broken, OffContract)
    assert broken.reason == "malformed"


def test_the_defect_of_an_unreadable_answer_is_told() -> None:
    """What the adapter found wrong is not hidden."""
    defect = OffContract("not JSON", reason="malformed")

    assert LOGIN.read(Reply(200, {}, None, defect), NOW) is defect


def test_session_and_account_stand_in_the_query_string() -> None:
    """As the guide demands; the question itself is not changed."""
    question = Rest(name="KQNhanLichSuKCB2024", path="api/egw/KQNhanLichSuKCB2024", json={"maThe": "x"})

    shown = LOGIN.put(question, Token("a/+=", None, {"id_token": "b"}), SETTINGS)

    assert isinstance(shown, Rest)
    assert shown.query == {"token": "a/+=", "id_token": "b", "username": "87999_LGSP", "password": HASH}
    assert (shown.json, question.query) == ({"maThe": "x"}, {})


def test_the_password_is_not_shown() -> None:
    """Neither settings nor token print what they hold."""
    assert "123456" not in repr(SETTINGS)
    assert "secret-token" not in repr(Token("secret-token", None, {"id_token": "secret-token"}))
