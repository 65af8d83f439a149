"""``POST /v1/batch``: reads for one dossier, answered in the order asked, each with its own fate."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.support.laptop import NARROW_KEY
from tests.support.national import National
from tests.support.portal import Answered, Portal

pytestmark = pytest.mark.asyncio(loop_scope="module")

BATCH: Final = "/v1/batch"
ENTERPRISE: Final = "business_registry.enterprise"


def part(operation: str, **query: Any) -> dict[str, Any]:
    """One read."""
    return {"operation": operation, "query": query}


async def ask(portal: Portal, *parts: dict[str, Any], **more: Any) -> Answered:
    """A batch of these reads."""
    return await portal.ask("POST", BATCH, body={"requests": list(parts)}, **more)


async def codes(national: National, *, exists: bool = True) -> list[str]:
    """Enterprise codes to try."""
    return [sample["path"]["enterprise_code"] for sample in await national.samples(ENTERPRISE, exists=exists)]


async def test_parts_are_answered_in_their_order(shared_portal: Portal, shared_national: National) -> None:
    """Each part has the status, data and meta that it would have alone, in the order asked."""
    wanted = (await codes(shared_national))[:5]
    answered = await ask(shared_portal, *(part(ENTERPRISE, enterprise_code=code) for code in reversed(wanted)))
    alone = await shared_portal.ask("GET", f"/v1/business-registry/enterprises/{wanted[0]}")

    assert answered.status == 200
    assert [entry["status"] for entry in answered.json["data"]] == [200] * 5
    assert [entry["data"]["enterprise_code"] for entry in answered.json["data"]] == list(reversed(wanted))
    assert answered.json["data"][-1]["data"] == alone.json["data"]
    assert {entry["meta"]["operation"] for entry in answered.json["data"]} == {"enterprise"}
    assert answered.headers["Cache-Control"] == "private, no-store"


async def test_path_fields_stand_in_the_query_as_all_others(shared_portal: Portal, shared_national: National) -> None:
    """A part of any read is its query's fields, wherever they would stand alone."""
    samples = {name: (await shared_national.samples(name))[0] for name in (
        "legal_documents.document", "social_insurance.participant", "business_registry.registrations"
    )}  # fmt: skip
    parts = [
        part(name, **{**sample.get("path", {}), **sample.get("query", {}), **sample.get("body", {})})
        for name, sample in samples.items()
    ]
    answered = await ask(shared_portal, *parts)

    assert [entry["status"] for entry in answered.json["data"]] == [200, 200, 200]
    assert isinstance(answered.json["data"][2]["data"], list)
    assert "next_page_token" in answered.json["data"][2]["meta"]


async def test_failure_of_a_part_is_its_own(shared_portal: Portal, shared_national: National) -> None:
    """A part that is wrong, unknown or about nothing has its problem; the others have their answers."""
    code, unknown = (await codes(shared_national))[0], (await codes(shared_national, exists=False))[0]
    answered = await ask(
        shared_portal,
        part(ENTERPRISE, enterprise_code=code),
        part(ENTERPRISE, enterprise_code="0300588568"),
        part(ENTERPRISE, enterprise_code=unknown),
        part(ENTERPRISE),
        part(ENTERPRISE, enterprise_code=code, nope=1),
        part("business_registry.nothing"),
        part("criminal_records.apply"),
        part("criminal_records.certificate", application_id="x"),
        part(ENTERPRISE, enterprise_code=code),
    )
    entries = answered.json["data"]

    assert [entry["status"] for entry in entries] == [200, 400, 404, 400, 400, 400, 400, 400, 200]
    assert [entry["problem"]["code"] for entry in entries[1:8]] == [
        "invalid-request", "not-found", *["invalid-request"] * 5
    ]  # fmt: skip
    assert [error["pointer"] for error in entries[4]["problem"]["errors"]] == ["/nope"]
    assert [error["pointer"] for error in entries[5]["problem"]["errors"]] == ["/operation"]
    assert all(entry["problem"]["request_id"] for entry in entries[1:8])


async def test_failing_source_fails_its_part_alone(shared_portal: Portal, shared_national: National) -> None:
    """While one system is down the parts about others are answered."""
    await shared_national.fault("legal_documents", "status", status=500)
    documents = await shared_national.samples("legal_documents.document")
    answered = await ask(
        shared_portal,
        part(ENTERPRISE, enterprise_code=(await codes(shared_national))[1]),
        part("legal_documents.document", document_id=documents[3]["path"]["document_id"]),
        headers={"Cache-Control": "no-cache"},
    )
    await shared_national.calm()

    assert [entry["status"] for entry in answered.json["data"]] == [200, 503]
    assert answered.json["data"][1]["problem"]["reason"] == "upstream_error"


async def test_purpose_is_asked_part_by_part(shared_portal: Portal, shared_national: National) -> None:
    """Without purpose the parts about persons are refused, and no other."""
    answered = await ask(
        shared_portal,
        part(ENTERPRISE, enterprise_code=(await codes(shared_national))[0]),
        part("social_insurance.participant", insurance_number="9900000001"),
        purpose=False,
    )

    assert [entry["status"] for entry in answered.json["data"]] == [200, 400]
    assert answered.json["data"][1]["problem"]["code"] == "purpose-required"


async def test_right_is_asked_part_by_part(shared_portal: Portal, shared_national: National) -> None:
    """A key gets the parts that it has a right to, cut to what it may see."""
    answered = await ask(
        shared_portal,
        part(ENTERPRISE, enterprise_code=(await codes(shared_national))[0]),
        part("social_insurance.participant", insurance_number="9900000001"),
        key=NARROW_KEY,
    )
    entries = answered.json["data"]

    assert [entry["status"] for entry in entries] == [200, 403]
    assert "identity_number" not in entries[0]["data"]["representatives"][0]


async def test_fifty_parts_are_answered(shared_portal: Portal, shared_national: National) -> None:
    """The largest batch is answered whole, and equal parts cost one call."""
    code = (await codes(shared_national))[2]
    before = await shared_national.total("business_registry", "chiTietDoanhNghiep")
    answered = await ask(shared_portal, *[part(ENTERPRISE, enterprise_code=code)] * 50)

    assert [entry["status"] for entry in answered.json["data"]] == [200] * 50
    assert await shared_national.total("business_registry", "chiTietDoanhNghiep") <= before + 1


async def test_parts_share_one_deadline(shared_portal: Portal, shared_national: National) -> None:
    """A batch is as slow as its deadline, not as slow as its parts one after the other."""
    wanted = (await codes(shared_national))[:3]
    await shared_national.fault("business_registry", "hang")
    answered = await ask(
        shared_portal,
        *(part(ENTERPRISE, enterprise_code=code) for code in wanted),
        headers={"X-Request-Timeout": "0.3", "Cache-Control": "no-cache"},
    )
    await shared_national.calm()

    assert [entry["status"] for entry in answered.json["data"]] == [504] * 3


async def test_problems_of_parts_speak_the_callers_language(shared_portal: Portal) -> None:
    """The language of a batch is that of its parts."""
    answered = await ask(shared_portal, part(ENTERPRISE), headers={"Accept-Language": "vi"})

    assert answered.json["data"][0]["problem"]["title"] == "Yêu cầu không hợp lệ"
