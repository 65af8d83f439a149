"""Orders at the door of a gateway without a store: purpose, supplement, cancelling, and all mistakes at once."""

from __future__ import annotations

from typing import Any

from tests.support.national import National
from tests.support.portal import PURPOSE, Portal

SYSTEM = "criminal_records"


async def an_order(national: National, **changes: object) -> dict[str, Any]:
    """A whole application that nobody has sent, as a sample."""
    sample = (await national.samples(f"{SYSTEM}.apply"))[0]
    return {**sample, "body": {**sample["body"], **changes}}


async def test_application_is_held_against_its_purpose(portal: Portal, national: National) -> None:
    """Another dossier in the header is refused where the body names its own; left out, it is taken from there."""
    body = (await an_order(national))["body"]
    key, user = {"Idempotency-Key": "purpose"}, {"X-User-Id": PURPOSE["X-User-Id"]}
    path = "/v1/criminal-records/applications"
    before = await national.total(SYSTEM)
    other = await portal.ask("POST", path, body=body, headers={**key, **PURPOSE})
    nobody = await portal.ask("POST", path, body=body, headers=key, purpose=False)
    costs = await national.total(SYSTEM) - before
    taken = await portal.ask("POST", path, body=body, headers={**key, **user}, purpose=False)

    assert (other.verdict, other.pointers) == ((400, "invalid-request"), ["/dossier_code"])
    assert other.json["errors"][0]["code"] == "differs_from_dossier"
    assert nobody.verdict == (400, "purpose-required")
    assert costs == 0
    assert taken.status == 202


async def test_supplement_goes_where_it_is_asked_for(portal: Portal, national: National) -> None:
    """Once; then nobody asks for it any more. The code in the body may be left out, and is that of the path."""
    sample = (await national.samples(f"{SYSTEM}.supplement"))[0]
    code = sample["path"]["dossier_code"]
    bare = {name: value for name, value in sample["body"].items() if name != "dossier_code"}
    of_another = {**bare, "dossier_code": "H58-260106-0001"}
    path, key = f"/v1/criminal-records/applications/{code}/supplement", {"Idempotency-Key": "1"}
    other = await portal.ask("POST", path, body=of_another, headers=key)
    taken = await portal.look_up(f"{SYSTEM}.supplement", {**sample, "body": bare})
    again = await portal.look_up(f"{SYSTEM}.supplement", {**sample, "body": {**bare, "copies": 2}})
    without = await portal.ask("POST", path, body=bare)

    assert (other.verdict, other.pointers) == ((400, "invalid-request"), ["/dossier_code"])
    assert (taken.status, taken.headers["Location"]) == (202, f"/v1/criminal-records/applications/{code}")
    assert (*again.verdict, again.json["reason"]) == (409, "conflict", "supplement_not_requested")
    assert without.status == 400


async def test_what_was_sent_is_not_cancelled(portal: Portal, national: National) -> None:
    """The answer says what the citizen can do; of an unknown application it is 404."""
    there = await national.samples(f"{SYSTEM}.cancel")
    absent = await national.samples(f"{SYSTEM}.cancel", exists=False)
    refused = await portal.look_up(f"{SYSTEM}.cancel", there[0], {"Accept-Language": "vi"})
    nothing = await portal.look_up(f"{SYSTEM}.cancel", absent[0])

    assert (*refused.verdict, refused.json["reason"]) == (409, "conflict", "already_sent")
    assert "rút hồ sơ" in refused.json["detail"]
    assert (refused.json["outcome"], nothing.verdict) == ("not_done", (404, "not-found"))


async def test_every_mistake_of_an_application_comes_at_once(portal: Portal, national: National) -> None:
    """Each with pointer, code and the caller's language, and no call to the source."""
    tomorrow = {"value": "2999-01-01", "precision": "day"}
    order = await an_order(national, received_on="2999-01-01", due_on="2998-12-31")
    order["body"]["applicant"] = {**order["body"]["applicant"], "birth_date": tomorrow}
    before = await national.total(SYSTEM)
    refused = await portal.look_up(f"{SYSTEM}.apply", order, {"Accept-Language": "vi"})

    assert refused.verdict == (400, "invalid-request")
    assert {"/received_on", "/due_on", "/applicant/birth_date"} <= set(refused.pointers)
    assert refused.json["errors"][0]["message"] == "sau ngày hôm nay"
    assert await national.total(SYSTEM) == before
