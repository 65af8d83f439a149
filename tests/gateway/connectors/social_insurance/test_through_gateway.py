"""The way of a lookup through a running gateway, on good days and bad ones."""

from __future__ import annotations

from collections import Counter
from hashlib import md5
from typing import Any

import pytest

from gateway.connectors.social_insurance import CONNECTOR
from tests.support.laptop import ROOT, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import Portal

SYSTEM = "social_insurance"
PARTICIPANT, HOUSEHOLD, CONTRIBUTIONS, HEALTH_CARD = OPERATIONS = [f"{SYSTEM}.{op.name}" for op in CONNECTOR.operations]
CARD_CALL = "KQNhanLichSuKCB2024"
LIVE = {"Cache-Control": "no-cache"}
ACCOUNT_FILES = {name: ROOT / "contracts" / SYSTEM / "credentials" / name for name in ("username", "password")}
PASSWORD = ACCOUNT_FILES["password"].read_text("utf-8").strip()


async def noted(national: National, operation: str, note: str) -> dict[str, Any]:
    """The sample with this note."""
    found = (await national.all_samples())[operation]
    return dict(next(sample for sample in found if sample["note"].startswith(note)))


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_every_sample_is_answered(portal: Portal, national: National, operation: str) -> None:
    """What exists is 200, what does not is a 404 problem."""
    there = [(await portal.look_up(operation, sample)).status for sample in await national.samples(operation)]
    absent = [
        (await portal.look_up(operation, sample)).verdict for sample in await national.samples(operation, exists=False)
    ]

    assert set(there) == {200}
    assert set(absent) == {(404, "not-found")}


async def test_one_login_serves_all(portal: Portal, national: National) -> None:
    """Two roads, one token each, however many ask."""
    for operation in OPERATIONS:
        for sample in (await national.samples(operation))[:4]:
            await portal.look_up(operation, sample)

    assert (await national.total(SYSTEM, "token"), await national.total(SYSTEM, "take")) == (1, 1)


async def test_by_name_is_two_calls_and_by_number_one(portal: Portal, national: National) -> None:
    """As the journal counts them."""
    await portal.look_up(PARTICIPANT, await noted(national, PARTICIPANT, "by name"))
    await portal.look_up(PARTICIPANT, await noted(national, PARTICIPANT, "plain"))

    assert Counter(await national.arrivals(SYSTEM)) == {"getMaSoBhxhTheoTieuChi": 1, "getTraCuuTtHgdByMaSoBhxh": 2}


async def test_known_without_contributions_is_an_empty_list(portal: Portal, national: National) -> None:
    """200 with no rows and a total of none."""
    answer = await portal.look_up(CONTRIBUTIONS, await noted(national, CONTRIBUTIONS, "a person without periods"))

    assert (answer.status, answer.json["data"], answer.json["meta"]["total"]) == (200, [], 0)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/insurance_number"),
        ({"insurance_number": "9900000001", "full_name": "A"}, "/full_name"),
        ({"full_name": "A", "sex": "male", "province_code": "87"}, "/birth_date"),
        ({"nope": 1}, "/nope"),
    ],
)
async def test_a_wrong_question_is_pointed_at_and_asks_nobody(
    portal: Portal, national: National, body: dict[str, Any], pointer: str
) -> None:
    """400 with the field, before any upstream call."""
    answer = await portal.look_up(PARTICIPANT, {"body": body})

    assert answer.verdict == (400, "invalid-request")
    assert pointer in answer.pointers
    assert await national.total(SYSTEM) == 0


async def test_a_card_number_that_the_source_refuses_is_the_callers_to_mend(portal: Portal, national: National) -> None:
    """052 of the source is a 400 that points at the card."""
    sample = (await national.samples(HEALTH_CARD))[0]
    card = sample["body"]["card_number"]
    wrong = {"body": {**sample["body"], "card_number": f"{card[:3]}00{card[5:]}"}}

    answer = await portal.look_up(HEALTH_CARD, wrong)

    assert answer.verdict == (400, "invalid-request")
    assert answer.pointers == ["/card_number"]


@pytest.mark.parametrize("citizen_id", ["087190999009", "087190999001"])
async def test_an_officer_unknown_to_the_source_is_our_operators_business(
    national: National, monkeypatch: pytest.MonkeyPatch, citizen_id: str
) -> None:
    """An unknown number (054) or another name (055): 502 with the reason; the problem does not repeat who it was."""
    officer = {"TEST_OFFICER_NAME": "Người Không Đăng Ký", "TEST_OFFICER_ID": citizen_id}
    for name, value in officer.items():
        monkeypatch.setenv(name, value)
    officers = {"service": {"full_name": "env:TEST_OFFICER_NAME", "citizen_id": "env:TEST_OFFICER_ID"}}
    async with serving_portal(laptop_settings(national.url, officers=officers)) as portal:
        answer = await portal.look_up(HEALTH_CARD, (await national.samples(HEALTH_CARD))[0])

    assert answer.verdict == (502, "upstream-refused")
    assert answer.json["reason"] == "officer"
    assert not [word for word in officer.values() if word in answer.body.decode()]


@pytest.mark.parametrize(
    ("kind", "more", "verdict", "reason"),
    [
        ("status", {"status": 500}, (503, "upstream-unavailable"), "upstream_error"),
        ("html_page", {}, (503, "upstream-unavailable"), "maintenance"),
        ("reset_before", {}, (503, "upstream-unavailable"), "unreachable"),
        ("reset_mid_body", {}, (503, "upstream-unavailable"), "cut_off"),
        ("quota_spent", {}, (503, "upstream-unavailable"), "quota_spent"),
        ("malformed", {}, (502, "upstream-invalid-response"), "malformed"),
        ("drift", {"field": "maKetQua"}, (502, "upstream-invalid-response"), "malformed"),
        ("wrong_record", {}, (502, "upstream-invalid-response"), "inconsistent_response"),
        ("token_expired", {}, (502, "upstream-refused"), "credentials"),
        ("huge_body", {"megabytes": 20}, (502, "upstream-invalid-response"), "response_too_large"),
        ("gzip_bomb", {"megabytes": 40}, (502, "upstream-invalid-response"), "response_too_large"),
    ],
)
async def test_a_bad_day_of_the_cards_has_its_problem(
    portal: Portal, national: National, kind: str, more: dict[str, Any], verdict: tuple[int, str], reason: str
) -> None:
    """Each fault on the health card call is told as the error table says, and the next question is answered."""
    sample = (await national.samples(HEALTH_CARD))[0]
    await national.fault(SYSTEM, kind, operation=CARD_CALL, **more)
    bad = await portal.look_up(HEALTH_CARD, sample, LIVE)
    async with national.session.delete(f"{national.url}/__mock/faults"):
        good = await portal.look_up(HEALTH_CARD, sample, LIVE)

    assert (bad.verdict, bad.json["reason"], bad.json["fault"]) == (verdict, reason, "upstream")
    assert good.status == 200


@pytest.mark.parametrize(
    ("operation", "call", "field"),
    [
        (PARTICIPANT, "getMaSoBhxhTheoTieuChi", "maSoBhxh"),
        (PARTICIPANT, "getTraCuuTtHgdByMaSoBhxh", "hoTen"),
        (HOUSEHOLD, "getTraCuuThongTinHgd", "maSo"),
        (CONTRIBUTIONS, "getQuaTrinhDong", "quaTrinhDong"),
    ],
)
async def test_a_contract_that_changed_is_never_taken_for_nobody(
    portal: Portal, national: National, operation: str, call: str, field: str
) -> None:
    """A renamed field is 502, not the fact that there is no such person."""
    note = "by name" if operation in {PARTICIPANT, HOUSEHOLD} else "several"
    await national.fault(SYSTEM, "drift", operation=call, field=field)

    answer = await portal.look_up(operation, await noted(national, operation, note))

    assert answer.verdict == (502, "upstream-invalid-response")


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        (PARTICIPANT, "getMaSoBhxhTheoTieuChi"),
        (HOUSEHOLD, "getTraCuuThongTinHgd"),
        (CONTRIBUTIONS, "getQuaTrinhDong"),
    ],
)
async def test_somebody_elses_record_is_never_given(
    portal: Portal, national: National, operation: str, call: str
) -> None:
    """Wherever question and answer share a number or a name."""
    note = "by name" if operation in {PARTICIPANT, HOUSEHOLD} else "several"
    await national.fault(SYSTEM, "wrong_record", operation=call)

    answer = await portal.look_up(operation, await noted(national, operation, note))

    assert answer.verdict == (502, "upstream-invalid-response")
    assert answer.json["reason"] == "inconsistent_response"


async def test_a_session_that_ended_is_renewed_once(portal: Portal, national: National) -> None:
    """One refused question, one new login, and the answer."""
    sample = (await national.samples(HEALTH_CARD))[0]
    await portal.look_up(HEALTH_CARD, sample, LIVE)
    await national.fault(SYSTEM, "token_expired", operation=CARD_CALL, requests="1")

    answer = await portal.look_up(HEALTH_CARD, sample, LIVE)

    assert answer.status == 200
    assert await national.total(SYSTEM, "take") == 2


async def test_a_login_that_is_down_says_so(portal: Portal, national: National) -> None:
    """503 with the reason, and no question about the card is sent."""
    await national.fault(SYSTEM, "status", operation="take", status=503)

    answer = await portal.look_up(HEALTH_CARD, (await national.samples(HEALTH_CARD))[0])

    assert (answer.verdict, answer.json["reason"]) == ((503, "upstream-unavailable"), "token_endpoint")
    assert await national.total(SYSTEM, CARD_CALL) == 0


async def test_a_failing_source_is_stood_in_for_but_never_for_a_card(portal: Portal, national: National) -> None:
    """A participant of before may stand in and says so; whether a card holds is known from the source or not at all."""
    participant, card = [(await national.samples(operation))[0] for operation in (PARTICIPANT, HEALTH_CARD)]
    for operation, sample in ((PARTICIPANT, participant), (HEALTH_CARD, card)):
        assert (await portal.look_up(operation, sample)).status == 200
    kept = await portal.look_up(HEALTH_CARD, card)
    await national.fault(SYSTEM, "status", status=500)

    old = await portal.look_up(PARTICIPANT, participant, {"Cache-Control": "max-age=0"})
    none = await portal.look_up(HEALTH_CARD, card, {"Cache-Control": "max-age=0"})

    assert kept.json["meta"]["freshness"] == "cached"
    assert (old.status, old.json["meta"]["freshness"]) == (200, "stale")
    assert none.verdict == (503, "upstream-unavailable")


async def test_nothing_of_person_or_account_is_logged(
    portal: Portal, national: National, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Good days and bad ones: no name, number, password or its hash in logs, headers or problems."""
    caplog.set_level("DEBUG")
    told: list[str] = []
    secrets = {PASSWORD, md5(PASSWORD.encode(), usedforsecurity=False).hexdigest().upper()}
    for kind, more in (("status", {"status": 500}), ("malformed", {}), ("wrong_record", {}), ("reset_mid_body", {})):
        await national.fault(SYSTEM, kind, **more)
        for operation in OPERATIONS:
            sample = (await national.samples(operation))[0]
            body = sample["body"]
            secrets |= {str(body[name]) for name in ("full_name", "insurance_number", "card_number") if name in body}
            answer = await portal.look_up(operation, sample, LIVE)
            told.append(f"{answer.headers}" + (answer.body.decode() if answer.status != 200 else ""))

    shown = "".join((*told, *capfd.readouterr(), caplog.text))

    assert not [secret for secret in secrets if secret in shown]
