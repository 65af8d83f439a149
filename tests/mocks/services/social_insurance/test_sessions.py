from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.mocks.services.social_insurance.conftest import Insurance


async def test_a_session_ends_at_an_instant_within_the_hour(insurance: Insurance) -> None:
    """``expires_in`` is UTC with seven decimals, on real time: the virtual clock does not spend it."""
    account = {name: insurance.session[name] for name in ("username", "password")}
    await insurance.national.advance("P3D")

    key = (await insurance.take(account))["APIKey"]

    ends = datetime.fromisoformat(key["expires_in"])
    left = ends - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    assert len(key["expires_in"].partition(".")[2]) == len("0000000Z")


@pytest.mark.parametrize(
    ("change", "code", "rule"),
    [
        ({"username": "somebody"}, "401", "unknown account"),
        ({"password": "0" * 32}, "401", "unknown account"),
        ({"password": ""}, "205", "username and password"),
    ],
)
async def test_a_wrong_account_is_refused_in_http_200(
    insurance: Insurance, change: dict[str, str], code: str, rule: str
) -> None:
    """The code says what is wrong, and so does the journal."""
    account = {name: insurance.session[name] for name in ("username", "password")}

    answer = await insurance.take({**account, **change})

    assert answer == {"maKetQua": code, "APIKey": None}
    assert any(rule in breach for breach in await insurance.breaches())


async def test_md5_in_small_letters_is_refused_with_a_hint(insurance: Insurance) -> None:
    """The guide wants upper case; the journal says so."""
    account = {"username": insurance.session["username"], "password": insurance.session["password"].lower()}

    assert (await insurance.take(account))["maKetQua"] == "401"
    assert await insurance.breaches() == ["password: MD5 in upper case"]


@pytest.mark.parametrize(
    "change", [{"token": "x"}, {"id_token": "x"}, {"username": "x"}, {"password": "x"}, {"token": ""}]
)
async def test_a_card_is_told_to_whom_has_a_session(insurance: Insurance, change: dict[str, str]) -> None:
    """Each of the four parts of the address counts."""
    answer = await insurance.card(insurance.question(insurance.people[0]), {**insurance.session, **change})

    assert answer["maKetQua"] == "401"


async def test_the_journal_masks_session_and_account(insurance: Insurance) -> None:
    """The address carries credentials; the journal shows none of them, nor the person."""
    question = insurance.question(insurance.people[0])
    await insurance.card(question)

    async with insurance.national.session.get(
        f"{insurance.national.url}/__mock/journal?system=social_insurance"
    ) as got:
        text = await got.text()

    assert not [value for value in (*insurance.session.values(), *question.values()) if value in text]


async def test_a_reset_ends_every_session(insurance: Insurance) -> None:
    """As the road's tokens."""
    async with insurance.national.session.post(f"{insurance.national.url}/__mock/reset") as answer:
        assert answer.status in {200, 204}

    assert (await insurance.card(insurance.question(insurance.people[0])))["maKetQua"] == "401"


async def test_an_expired_token_is_told_in_http_200(insurance: Insurance) -> None:
    """The fault speaks as this system does."""
    await insurance.national.fault("social_insurance", "token_expired")

    answer = await insurance.card(insurance.question(insurance.people[0]))

    assert answer == {"maKetQua": "401", "ghiChu": "Lỗi xác thực tài khoản"}
