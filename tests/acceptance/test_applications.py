"""Applications in a gateway with a store: from the portal's door to the mock ministry, and the operator's part."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiohttp
import pytest
from psycopg import AsyncConnection

from gateway.core.days import day_in_vietnam
from tests.proof.processes import address
from tests.support.laptop import laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import KEY, Answered, Portal
from tests.support.written import hashed

CODE: Final = "000.00.04.H58-261127-{:04d}"
PATH: Final = "/v1/criminal-records/applications"
INCOMPLETE: Final = {"status": 0, "errorCode": "200", "statusDescription": "RECORD_UNCOMPLETE"}


@asynccontextmanager
async def gateways(national: National, database: str, number: int = 1) -> AsyncIterator[list[Portal]]:
    """Gateways that share the store in *database*, and follow the mocks' clock."""
    changes: dict[str, Any] = {"store": {"url": address(database)}, "clock": {"follow": national.url}}
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(serving_portal(laptop_settings(national.url, **changes)))
            for _ in range(number)
        ]


@pytest.fixture
async def portal(national: National, database: str) -> AsyncIterator[Portal]:
    """A gateway with a store."""
    async with gateways(national, database) as [found]:
        yield found


async def body_of(national: National, code: str) -> dict[str, Any]:
    """A whole application under *code*."""
    sample = (await national.samples("criminal_records.apply"))[0]
    return {**copy.deepcopy(dict(sample["body"])), "dossier_code": code}


def purpose(code: str) -> dict[str, str]:
    """The headers of a question about *code*."""
    return {"X-Dossier-Id": code, "X-User-Id": "canbo.test"}


async def apply(portal: Portal, national: National, code: str, key: str = "key") -> Answered:
    """One application."""
    headers = {**purpose(code), "Idempotency-Key": f"{key}-{code}"}
    return await portal.ask("POST", PATH, body=await body_of(national, code), headers=headers, purpose=False)


async def look(portal: Portal, code: str, more: str = "") -> Answered:
    """The application, or its certificate."""
    return await portal.ask("GET", f"{PATH}/{code}{more}", headers=purpose(code), purpose=False)


async def until(ask: Callable[[], Awaitable[Answered]], right: Callable[[Answered], bool]) -> Answered:
    """The first answer that is *right*; at most 20 seconds."""
    async with asyncio.timeout(20):
        while not right(found := await ask()):  # noqa: ASYNC110  # the other side is a server that is asked again
            await asyncio.sleep(0.05)
    return found


async def until_state(portal: Portal, code: str, state: str) -> Answered:
    """The application, once it has *state*."""
    return await until(
        lambda: look(portal, code), lambda found: found.status == 200 and found.json["data"]["state"] == state
    )


async def operate(portal: Portal, method: str, path: str, body: object = None) -> tuple[int, Any]:
    """Asks the operator's port with the laptop's key."""
    headers = {"Authorization": f"Bearer {KEY}"}
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, portal.gateway.ops_url + path, json=body, headers=headers) as response,
    ):
        return response.status, await response.json()


async def days(national: National, number: int) -> None:
    """Lets days pass in the country."""
    async with national.session.post(f"{national.url}/__mock/clock", json={"advance": f"P{number}D"}) as answer:
        assert answer.status == 200, await answer.text()


async def issued_with_anothers_paper(portal: Portal, national: National, code: str) -> None:
    """An application whose certificate is the one of another person."""
    await apply(portal, national, code)
    await until_state(portal, code, "received")
    await national.fault("criminal_records", "bad_paper", operation="nhanTrangThai", how="another")
    await days(national, 7)
    await until_state(portal, code, "issued")


async def test_an_application_goes_from_202_to_the_certificate(portal: Portal, national: National) -> None:
    """202 with its place, then the source's states in the history, then a PDF that belongs to the applicant."""
    code = CODE.format(1)
    accepted = await apply(portal, national, code)
    assert (accepted.status, accepted.json["data"]["state"]) == (202, "accepted")
    assert accepted.headers["Location"] == f"{PATH}/{code}"

    await until_state(portal, code, "received")
    await days(national, 7)
    issued = await until_state(portal, code, "issued")
    certificate = await until(lambda: look(portal, code, "/certificate"), lambda found: found.status == 200)

    assert certificate.body.startswith(b"%PDF-")
    assert [entry["state"] for entry in issued.json["data"]["history"]] == ["accepted", "received", "issued"]
    assert issued.json["data"]["due_on_by_law"] is not None


async def test_a_look_at_the_certificate_is_no_delivery(portal: Portal, national: National, database: str) -> None:
    """Its time of keeping begins when it, or its last part, was given away: not by HEAD, nor by 304, 416 or a part."""
    code = CODE.format(1)
    await apply(portal, national, code)
    await until_state(portal, code, "received")
    await days(national, 7)
    await until_state(portal, code, "issued")
    where = f"{PATH}/{code}/certificate"

    async def ask(method: str = "GET", **headers: str) -> Answered:
        return await portal.ask(method, where, headers={**purpose(code), **headers}, purpose=False)

    async def delivered() -> object:
        async with await AsyncConnection.connect(database) as connection:
            rows = await (await connection.execute("select delivered_at from files")).fetchall()
            return rows[0][0]

    head = await until(lambda: ask("HEAD"), lambda found: found.status == 200)
    etag = head.headers["ETag"]
    looks = [await ask(**{"If-None-Match": etag}), await ask(Range="bytes=0-9"), await ask(Range="bytes=9999999-")]
    assert [one.status for one in looks] == [304, 206, 416]
    assert await delivered() is None

    whole = await ask(Range="bytes=10-")
    assert whole.status == 206
    assert await delivered() is not None


async def test_without_a_store_the_day_is_the_countrys(national: National) -> None:
    """An application of a day that the machine has not reached is taken after the country's days were moved there."""
    code, changes = CODE.format(1), {"clock": {"follow": national.url}}
    later = (day_in_vietnam(datetime.now(UTC)) + timedelta(days=5)).isoformat()
    body = {**await body_of(national, code), "received_on": later, "due_on": None}
    headers = {**purpose(code), "Idempotency-Key": "once"}

    async with serving_portal(laptop_settings(national.url, **changes)) as portal:
        early = await portal.ask("POST", PATH, body=body, headers=headers, purpose=False)
        await days(national, 6)
        taken = await until(
            lambda: portal.ask("POST", PATH, body=body, headers=headers, purpose=False), lambda one: one.status != 400
        )

    assert (early.status, early.pointers) == (400, ["/received_on"])
    assert taken.status == 202


async def test_a_key_is_known_on_every_gateway_and_after_a_restart(national: National, database: str) -> None:
    """One submission for equal keys at once on two gateways; later gateways repeat the first answer with its header."""
    code = CODE.format(2)
    async with gateways(national, database, 2) as both:
        ended = await asyncio.gather(*(apply(one, national, code) for one in both * 3))
        assert [one.status for one in ended] == [202] * 6
        assert sum("Idempotency-Replayed" not in one.headers for one in ended) == 1
        await until_state(both[0], code, "received")
    async with gateways(national, database) as [later]:
        again = await apply(later, national, code)
        body = {**await body_of(national, code), "copies": 2}
        headers = {**purpose(code), "Idempotency-Key": f"key-{code}"}
        other = await later.ask("POST", PATH, body=body, headers=headers, purpose=False)

    assert (again.status, again.headers["Idempotency-Replayed"]) == (202, "true")
    assert again.json["data"] == ended[0].json["data"]
    assert other.verdict == (422, "idempotency-key-reused")
    assert await national.total("criminal_records", "guiHoSo") == 1


async def test_a_lost_answer_is_asked_for_and_never_sent_twice(portal: Portal, national: National) -> None:
    """The ministry takes the application and its answer is lost: the gateway asks, and says so meanwhile."""
    code = CODE.format(3)
    await national.fault("criminal_records", "reset_mid_body", operation="guiHoSo", requests="1")
    await apply(portal, national, code)
    found = await until_state(portal, code, "received")

    assert [entry["state"] for entry in found.json["data"]["history"]][:2] == ["accepted", "reconciling"]
    assert await national.total("criminal_records", "guiHoSo") == 1


async def test_anothers_certificate_is_never_given_out(portal: Portal, national: National) -> None:
    """A certificate with another person's name is told to the operator, and not to the portal."""
    code = CODE.format(4)
    await issued_with_anothers_paper(portal, national, code)
    found = await until(
        lambda: look(portal, code, "/certificate"), lambda one: one.json.get("reason") == "inconsistent_response"
    )
    _, told = await operate(portal, "GET", f"/api/lanes/criminal_records/{code}")

    assert found.status == 502
    rejected = [entry for entry in told["data"]["history"] if entry["kind"] == "certificate_rejected"]
    assert rejected[0]["reason"] in {"other_person", "other_number"}


async def test_a_pause_stops_orders_until_it_ends(portal: Portal, national: National) -> None:
    """Nothing of a paused operation leaves; the record of actions has who, when and why."""
    code = CODE.format(5)
    target = {"target": "criminal_records.apply", "reason": "the ministry moves"}
    assert (await operate(portal, "POST", "/api/pause", target))[0] == 200
    await apply(portal, national, code)
    await asyncio.sleep(1.5)
    assert await national.total("criminal_records", "guiHoSo") == 0
    assert (await operate(portal, "POST", "/api/resume", target))[0] == 200
    await until_state(portal, code, "received")
    _, actions = await operate(portal, "GET", "/api/actions")

    assert [(one["what"], one["who"], one["why"]) for one in actions["data"]] == [
        ("resume", "laptop", "the ministry moves"),
        ("pause", "laptop", "the ministry moves"),
    ]
    assert actions["meta"] == {"kept": "store", "most": None}


async def test_a_refused_application_is_mended_by_its_operator(portal: Portal, national: National) -> None:
    """A refusal parks the application with its reason; edited and sent, it arrives."""
    code = CODE.format(6)
    await national.fault("criminal_records", "status", operation="guiHoSo", requests="1", status=200, body=INCOMPLETE)
    await apply(portal, national, code)
    await until_state(portal, code, "refused")
    _, parked = await operate(portal, "GET", "/api/lanes?state=parked&system=criminal_records")
    assert [(one["key"], one["reason"]) for one in parked["data"]] == [(code, "incomplete")]
    path = f"/api/lanes/criminal_records/{code}/edit"
    wrong = await operate(portal, "POST", path, {"reason": "typing error", "body": {"copies": 0}})
    right = await operate(portal, "POST", path, {"reason": "typing error", "body": {"copies": 2}})
    await until_state(portal, code, "received")

    assert (wrong[0], right[0]) == (400, 200)
    assert (wrong[1]["reason"], [error["pointer"] for error in wrong[1]["errors"]]) == (
        "edited_order",
        ["/body/copies"],
    )


async def test_an_application_can_be_cancelled_before_it_is_sent(portal: Portal, national: National) -> None:
    """DELETE takes back what was not sent; of what was sent 409 says what the citizen can do."""
    early, late = CODE.format(7), CODE.format(8)
    await apply(portal, national, late)
    await until_state(portal, late, "received")
    await operate(portal, "POST", "/api/pause", {"target": "criminal_records", "reason": "for the test"})
    await apply(portal, national, early)
    taken = await portal.ask("DELETE", f"{PATH}/{early}", headers=purpose(early), purpose=False)
    kept = await portal.ask("DELETE", f"{PATH}/{late}", headers=purpose(late), purpose=False)

    assert (taken.status, taken.json["data"]["state"]) == (200, "cancelled")
    assert (*kept.verdict, kept.json["reason"]) == (409, "conflict", "already_sent")


async def test_a_foreign_application_is_as_one_that_is_not_there(national: National, database: str) -> None:
    """Another caller gets the same problem, word for word, for an application that is not its own and for none."""
    other, code, none = "another caller's key", CODE.format(21), CODE.format(22)
    callers = {"other": {"key_sha256": hashed(other), "scopes": ["*", "*:personal"]}}
    changes: dict[str, Any] = {"store": {"url": address(database)}, "clock": {"follow": national.url}}
    async with serving_portal(laptop_settings(national.url, callers=callers, **changes)) as portal:
        await apply(portal, national, code)
        told = []
        for asked in (code, none):
            for method, path in (("GET", ""), ("GET", "/certificate"), ("GET", "/events"), ("DELETE", "")):
                url = f"{PATH}/{asked}{path}"
                answer = await portal.ask(method, url, headers=purpose(asked), purpose=False, key=other)
                told.append((method, path, {**answer.json, "request_id": ""}))

    assert {problem["status"] for _, _, problem in told} == {404}
    assert told[:4] == told[4:]


async def test_an_operator_needs_a_key_and_a_reason(portal: Portal) -> None:
    """Actions without a key, without a reason, or on what does not exist are refused, each in its own way."""
    url = f"{portal.gateway.ops_url}/api/pause"
    body = {"target": "criminal_records.apply", "reason": "because"}
    async with aiohttp.ClientSession() as session:
        async with session.post(url, json=body) as response:
            assert response.status == 401
        foreign = {"Authorization": f"Bearer {KEY}", "Origin": "https://elsewhere.example"}
        async with session.post(url, json=body, headers=foreign) as response:
            assert response.status == 403
        async with session.post(f"{portal.gateway.ops_url}/api/session", json={"key": KEY}) as response:
            assert response.status == 200
            cookie = {"Cookie": response.headers["Set-Cookie"].partition(";")[0]}
        async with session.post(url, json=body, headers=cookie) as response:
            assert response.status == 200

    no_reason = await operate(portal, "POST", "/api/pause", {"target": "criminal_records.apply"})
    nothing = await operate(portal, "POST", "/api/pause", {**body, "target": "criminal_record.apply"})
    over = await operate(portal, "POST", "/api/pause", {**body, "until": "2020-01-01T00:00:00Z"})
    no_lane = await operate(portal, "POST", "/api/lanes/criminal_records/none/retry", {"reason": "because"})
    no_name = await operate(portal, "POST", "/api/lanes/criminal_records/%00/retry", {"reason": "because"})
    none_of_them = await operate(
        portal, "POST", "/api/lanes/criminal_records/retry", {"reason": "because", "keys": ["none", "none", "nobody"]}
    )
    misspelt = [
        await operate(portal, "GET", "/api/lanes?system=criminal_record"),
        await operate(portal, "GET", "/api/lanes?system="),
        await operate(portal, "POST", "/api/lanes/criminal_record/retry", {"reason": "because", "filter": {}}),
        await operate(portal, "POST", "/api/lanes/criminal_record/retry", {"reason": "because", "keys": ["none"]}),
    ]
    assert [(status, told["errors"][0]["pointer"]) for status, told in misspelt] == [(400, "/system")] * 4
    assert "known: criminal_records, " in misspelt[0][1]["errors"][0]["message"]
    assert (over[0], over[1]["errors"][0]["code"]) == (400, "in_the_past")
    assert (no_name[0], no_name[1]["errors"][0]["pointer"]) == (400, "/key")
    assert none_of_them[1]["data"] == {"dry_run": False, "done": [], "left": [], "unknown": ["none", "nobody"]}
    assert (no_reason[0], no_reason[1]["errors"][0]["pointer"]) == (400, "/reason")
    assert "criminal_records.apply" in nothing[1]["errors"][0]["message"]
    assert (no_lane[0], no_lane[1]["reason"]) == (404, "no_lane")
