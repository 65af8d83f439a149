"""The way of an application through a running gateway, on good days and bad ones."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pypdf import PdfReader

from gateway.connectors.criminal_records.operations import BODY_LIMIT
from gateway.settings import Settings
from tests.support.laptop import laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import PURPOSE, Portal, wire

SYSTEM = "criminal_records"
JSON = {"Content-Type": "application/json"}
APPLY, APPLICATION, CERTIFICATE = (f"{SYSTEM}.{name}" for name in ("apply", "application", "certificate"))
FOLDED = {
    "registered": "received", "received": "received", "issued": "issued", "handed_over": "issued",
}  # fmt: skip
"""The states of both generations in the three that both can tell; all others are in process."""


@pytest.fixture
async def road_portal(national: National) -> AsyncIterator[Portal]:
    """A gateway beside *national* that asks the NGSP."""
    base = f"{national.url}/criminal-records"
    world = national.country.world
    key, secret = (world.contracts / SYSTEM / "credentials" / name for name in ("access_key", "secret_key"))
    ngsp = {
        "url": base,
        "allow_private": True,
        "ministry_justice_id": 82,
        "region_id": 28,
        "road": "lgsp",
        "token": {"url": f"{base}/token", "access_key": f"file:{key}", "secret_key": f"file:{secret}"},
        "retry": {"attempts": 1},
    }
    choices = {name: {"upstream": "ngsp"} for name in ("apply", "application")}
    block = {SYSTEM: {"upstreams": {"ngsp": ngsp}, "operations": choices}}
    async with serving_portal(laptop_settings(national.url, connectors=block)) as found:
        yield found


async def an_order(national: National, **changes: object) -> dict[str, Any]:
    """A whole application that nobody has sent, as a sample."""
    sample = (await national.samples(APPLY))[0]
    return {**sample, "body": {**sample["body"], **changes}}


async def path_of(national: National, operation: str = APPLICATION) -> dict[str, Any]:
    """An application, or one whose certificate can be fetched."""
    return dict((await national.samples(operation))[0])


@pytest.mark.parametrize("operation", [APPLICATION, CERTIFICATE])
async def test_every_sample_is_answered(portal: Portal, national: National, operation: str) -> None:
    """What exists is 200, what does not is a 404 problem."""
    there = [(await portal.look_up(operation, sample)).status for sample in await national.samples(operation)]
    absent = [
        (await portal.look_up(operation, sample)).verdict for sample in await national.samples(operation, exists=False)
    ]

    assert set(there) == {200}
    assert set(absent) == {(404, "not-found")}


async def test_application_from_order_to_certificate(portal: Portal, national: National) -> None:
    """Sent, followed by its Location through the working days, and fetched as a PDF that names the applicant."""
    order = await an_order(national)
    accepted = await portal.look_up(APPLY, order)
    where = accepted.headers["Location"]
    before = await portal.ask("GET", where)
    early = await portal.ask("GET", f"{where}/certificate")
    await national.advance("P20D")
    after = await portal.ask("GET", where)
    paper = await portal.ask("GET", f"{where}/certificate")

    assert (accepted.status, accepted.json["data"]["state"]) == (202, "received")
    assert where == f"/v1/criminal-records/applications/{order['body']['dossier_code']}"
    assert (before.json["data"]["state"], after.json["data"]["state"]) == ("received", "issued")
    assert (*early.verdict, early.json["reason"]) == (404, "not-found", "not_issued")
    assert paper.media_type == "application/pdf"
    assert order["body"]["applicant"]["full_name"] in PdfReader(io.BytesIO(paper.body)).pages[0].extract_text()


@pytest.mark.parametrize(
    ("language", "detail"),
    [
        ("en", "The application exists, but its certificate is not issued yet."),
        ("vi", "Hồ sơ đã có nhưng Phiếu lý lịch tư pháp chưa được cấp."),
    ],
)
async def test_certificate_not_issued_yet_is_said_in_both_languages(
    portal: Portal, national: National, language: str, detail: str
) -> None:
    """Neither language says that there is no such record."""
    accepted = await portal.look_up(APPLY, await an_order(national))
    where = accepted.headers["Location"]
    early = await portal.ask("GET", f"{where}/certificate", headers={"Accept-Language": language})

    assert (early.status, early.json["detail"]) == (404, detail)


async def test_every_whole_application_is_accepted(portal: Portal, national: National) -> None:
    """The bodies that the mock offers are taken as they are, scans and mandates too."""
    accepted = [(await portal.look_up(APPLY, sample)).status for sample in await national.samples(APPLY)]

    assert set(accepted) == {202}


async def test_large_scans_are_carried(portal: Portal, national: National) -> None:
    """A dossier of some megabytes, within the limit, arrives whole."""
    content = base64.b64encode(b"%PDF-" + bytes(1_500_000)).decode()
    scan = {"kind": "CCCD", "file_name": "a.pdf", "media_type": "application/pdf", "content": content}
    order = await an_order(national, attachments=[scan, scan])
    body = json.dumps(order["body"]).encode()
    purpose = {**PURPOSE, "X-Dossier-Id": order["body"]["dossier_code"]}
    headers = {"Idempotency-Key": "1", "Content-Length": str(len(body)), **JSON, **purpose}

    accepted = await portal.raw(wire("POST", "/v1/criminal-records/applications", headers=headers, body=body))

    assert len(body) > 4_000_000
    assert accepted.status == 202


async def test_application_sent_twice_is_a_conflict(portal: Portal, national: National) -> None:
    """Under a key that nobody remembers it is not known whether the dossier came with this order, now and later."""
    order = await an_order(national)
    await portal.look_up(APPLY, order)

    asked = [await portal.look_up(APPLY, order, {"Idempotency-Key": "another"}) for _ in range(2)]

    for again in asked:
        assert again.json["retryable"] is False
    again = asked[1]
    assert again.verdict == (409, "conflict")
    assert (again.json["reason"], again.json["outcome"]) == ("already_received", "unknown")


async def test_supplement_is_sent_under_the_same_dossier(portal: Portal, national: National) -> None:
    """While a supplement is asked for, the same dossier may be sent again."""
    asked = next(sample for sample in await national.samples(APPLICATION) if "supplement" in sample["note"])
    code = asked["path"]["application_id"]

    accepted = await portal.look_up(APPLY, await an_order(national, dossier_code=code))

    assert accepted.status == 202
    assert (await portal.look_up(APPLICATION, asked)).json["data"]["state"] == "received"


async def test_refused_order_costs_no_call(portal: Portal, national: National) -> None:
    """No key, no purpose, too large, a wrong field, a field that gets lost: none of them reaches the ministry."""
    order = await an_order(national)
    url, body = "/v1/criminal-records/applications", order["body"]
    key = {"Idempotency-Key": "1"}

    verdicts = [
        (await portal.ask("POST", url, body=body)).verdict,
        (await portal.ask("POST", url, body=body, headers=key, purpose=False)).verdict,
        (await portal.raw(wire("POST", url, headers={**key, "Content-Length": str(BODY_LIMIT + 1), **JSON}))).verdict,
        (await portal.ask("POST", url, body={**body, "copies": 0}, headers=key)).verdict,
        (await portal.ask("POST", url, body={**body, "delivery": {"address": "Mỹ Tho"}}, headers=key)).verdict,
        (await portal.ask("GET", f"{url}/{body['dossier_code']}", purpose=False)).verdict,
        (await portal.ask("GET", f"{url}/..%2Fetc")).verdict,
    ]

    assert verdicts == [
        (400, "invalid-request"),
        (400, "purpose-required"),
        (413, "payload-too-large"),
        (400, "invalid-request"),
        (400, "invalid-request"),
        (400, "purpose-required"),
        (400, "invalid-request"),
    ]
    assert await national.total(SYSTEM) == 0


UNAVAILABLE, INVALID, TIMEOUT = "upstream-unavailable", "upstream-invalid-response", "upstream-timeout"


@pytest.mark.parametrize(
    ("kind", "more", "status", "code", "reason"),
    [
        ("status", {"status": 500}, 503, UNAVAILABLE, "upstream_error"),
        ("status", {"status": 403}, 502, "upstream-refused", "credentials"),
        ("status", {"status": 404}, 502, INVALID, "off_contract"),
        ("status", {"status": 504}, 504, TIMEOUT, "attempt"),
        ("reset_before", {}, 503, UNAVAILABLE, "unreachable"),
        ("reset_mid_body", {}, 503, UNAVAILABLE, "cut_off"),
        ("truncate", {}, 503, UNAVAILABLE, "cut_off"),
        ("html_page", {}, 503, UNAVAILABLE, "maintenance"),
        ("malformed", {}, 502, INVALID, "malformed"),
        ("wrong_record", {}, 502, INVALID, "inconsistent_response"),
        ("quota_spent", {}, 503, UNAVAILABLE, "quota_spent"),
        ("drift", {"field": "trangThaiXuLy"}, 502, INVALID, "malformed"),
        ("drift", {"field": "status"}, 502, INVALID, "off_contract"),
        ("drift", {"field": "value"}, 502, INVALID, "off_contract"),
        ("gzip_bomb", {"megabytes": 64}, 502, INVALID, "response_too_large"),
        ("deep_json", {"depth": 10_000}, 502, INVALID, "response_too_large"),
    ],
)
@pytest.mark.parametrize("operation", [APPLICATION, CERTIFICATE])
async def test_question_on_a_bad_day(
    portal: Portal,
    national: National,
    operation: str,
    kind: str,
    more: dict[str, Any],
    status: int,
    code: str,
    reason: str,
) -> None:
    """Each fault becomes the problem of the table; nothing was done, and nothing stale stands in."""
    sample = await path_of(national, operation)
    await portal.look_up(operation, sample)
    await national.fault(SYSTEM, kind, **more)

    found = await portal.look_up(operation, sample)

    assert (*found.verdict, found.json["reason"]) == (status, code, reason)
    assert found.json["outcome"] == "not_done"


@pytest.mark.parametrize("kind", ["bom", "wrong_content_type"])
async def test_harmless_habit_is_survived(portal: Portal, national: National, kind: str) -> None:
    """A byte order mark and a wrong content type keep nobody from reading."""
    await national.fault(SYSTEM, kind)

    assert (await portal.look_up(APPLICATION, await path_of(national))).status == 200


async def test_question_that_hangs_ends_in_time(portal: Portal, national: National) -> None:
    """The caller's deadline is kept."""
    await national.fault(SYSTEM, "hang")

    found = await portal.look_up(APPLICATION, await path_of(national), {"X-Request-Timeout": "0.2"})

    assert found.verdict == (504, TIMEOUT)


@pytest.mark.parametrize(
    ("kind", "more", "status", "code", "reason", "outcome"),
    [
        ("status", {"status": 500}, 503, UNAVAILABLE, "upstream_error", "unknown"),
        ("reset_before", {}, 502, INVALID, "cut_off", "unknown"),
        ("reset_mid_body", {}, 502, INVALID, "cut_off", "unknown"),
        ("malformed", {}, 502, INVALID, "malformed", "unknown"),
        ("drift", {"field": "statusDescription"}, 502, INVALID, "off_contract", "unknown"),
    ],
)
async def test_order_on_a_bad_day(
    portal: Portal,
    national: National,
    kind: str,
    more: dict[str, Any],
    status: int,
    code: str,
    reason: str,
    outcome: str,
) -> None:
    """An order whose bytes left is never sent twice, and its outcome is told as far as it is known."""
    await national.fault(SYSTEM, kind, operation="guiHoSo", **more)

    found = await portal.look_up(APPLY, await an_order(national))

    assert (*found.verdict, found.json["reason"], found.json["outcome"]) == (status, code, reason, outcome)
    assert found.json["retryable"] is False
    assert await national.total(SYSTEM, "guiHoSo") == 1


async def test_order_with_an_unknown_outcome_leaves_its_proof(portal: Portal, national: National) -> None:
    """The answer was cut off after the ministry took the order in: sent again with its key, "we have it" is success;
    with another key it is a conflict."""
    order = await an_order(national)
    await national.fault(SYSTEM, "reset_mid_body", operation="guiHoSo", requests="1")

    first = await portal.look_up(APPLY, order)
    again = await portal.look_up(APPLY, order)
    other = await portal.look_up(APPLY, order, {"Idempotency-Key": "another"})

    assert first.json["outcome"] == "unknown"
    assert again.status == 202
    assert (*other.verdict, other.json["reason"]) == (409, "conflict", "already_received")


# ---- the NGSP


async def test_ngsp_offers_no_certificate(national: National) -> None:
    """Where only the NGSP is connected, the certificate's route does not exist."""
    async with serving_portal(_only_ngsp(national)) as portal:
        found = await portal.ask("GET", "/v1/criminal-records/applications/H58-1/certificate")

        assert found.verdict == (404, "unknown-route")


def _only_ngsp(national: National) -> Settings:
    """The laptop's configuration with the NGSP as the only upstream of the system."""
    settings = laptop_settings(national.url)
    blocks = dict(settings.connectors)
    block = blocks[SYSTEM]
    ngsp = {
        "url": f"{national.url}/criminal-records",
        "allow_private": True,
        "ministry_justice_id": 82,
    }
    blocks[SYSTEM] = block.model_copy(update={"upstreams": {"ngsp": ngsp}})
    return settings.model_copy(update={"connectors": blocks})


async def test_application_through_the_ngsp(road_portal: Portal, national: National) -> None:
    """The same body, another road: accepted with the system's own number, and found by the dossier code."""
    accepted = await road_portal.look_up(APPLY, await an_order(national))
    found = await road_portal.ask("GET", accepted.headers["Location"])

    assert accepted.status == 202
    assert accepted.json["data"]["source_id"]
    assert (found.json["data"]["state"], found.json["data"]["source_code"]) == ("received", "3")
    assert await national.total(SYSTEM, "nhanHoSoDangKy") == 1


async def test_spent_token_is_renewed_once(road_portal: Portal, national: National) -> None:
    """A 401 costs one renewal, no answer."""
    await national.fault(SYSTEM, "token_expired", operation="traTrangThaiHs", requests="1")

    found = await road_portal.look_up(APPLICATION, await path_of(national))

    assert found.status == 200
    assert await national.total(SYSTEM, "token") == 2


async def test_both_dialects_agree_on_every_application(
    portal: Portal, road_portal: Portal, national: National
) -> None:
    """Of each application both generations tell the same state of three, and the same day of issue."""
    for sample in await national.samples(APPLICATION):
        newer, older = await asyncio.gather(
            portal.look_up(APPLICATION, sample), road_portal.look_up(APPLICATION, sample)
        )
        one, other = newer.json["data"], older.json["data"]

        assert FOLDED.get(one["state"], "in_process") == other["state"]
        assert one["issued_on"] == other["issued_on"]
        assert one["application_id"] == other["application_id"]
    for sample in await national.samples(APPLICATION, exists=False):
        assert (await road_portal.look_up(APPLICATION, sample)).verdict == (404, "not-found")
