"""The way of a lookup through a running gateway, on good days and bad ones."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from gateway.connectors.legal_documents import CONNECTOR
from gateway.settings import ConfigurationError
from tests.support.laptop import ROOT, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import Portal

SYSTEM = "legal_documents"
DOCUMENT, SEARCH, PROVISIONS, CONTENT = OPERATIONS = [
    f"{SYSTEM}.{operation.name}" for operation in CONNECTOR.operations
]
LOOKUPS = [DOCUMENT, PROVISIONS, CONTENT]
LIVE = {"Cache-Control": "no-cache"}
UNAVAILABLE, TIMEOUT = (503, "upstream-unavailable"), (504, "upstream-timeout")
INVALID, REFUSED = (502, "upstream-invalid-response"), (502, "upstream-refused")

SOAP_FAULTS: list[tuple[str, dict[str, Any], tuple[int, str], str]] = [
    ("status", {"status": 500}, UNAVAILABLE, "upstream_error"),
    ("status", {"status": 503}, UNAVAILABLE, "upstream_error"),
    ("status", {"status": 504}, TIMEOUT, "attempt"),
    ("status", {"status": 429}, UNAVAILABLE, "quota_spent"),
    ("status", {"status": 401}, REFUSED, "credentials"),
    ("status", {"status": 404}, INVALID, "off_contract"),
    ("status", {"status": 302}, INVALID, "off_contract"),
    ("soap_fault", {"code": "Server"}, UNAVAILABLE, "upstream_error"),
    ("soap_fault", {"code": "Client"}, INVALID, "off_contract"),
    ("soap_fault", {"code": "LOI_HE_THONG"}, UNAVAILABLE, "upstream_error"),
    ("reset_before", {}, UNAVAILABLE, "unreachable"),
    ("reset_mid_body", {}, UNAVAILABLE, "cut_off"),
    ("truncate", {}, UNAVAILABLE, "cut_off"),
    ("html_page", {}, UNAVAILABLE, "maintenance"),
    ("html_page", {"status": 503}, UNAVAILABLE, "maintenance"),
    ("malformed", {}, INVALID, "malformed"),
    ("wrong_record", {}, INVALID, "inconsistent_response"),
    ("wrong_content_type", {"content_type": "application/json"}, INVALID, "malformed"),
    ("doctype", {}, INVALID, "forbidden_xml"),
    ("gzip_bomb", {"megabytes": 40}, INVALID, "response_too_large"),
    ("huge_body", {"megabytes": 40}, INVALID, "response_too_large"),
    ("deep_json", {"depth": 100}, INVALID, "response_too_large"),
    ("deep_json", {"depth": 3_000}, INVALID, "response_too_large"),
    ("many_elements", {"count": 300_000}, INVALID, "response_too_large"),
    ("quota_spent", {}, UNAVAILABLE, "quota_spent"),
    ("drift", {"field": "Id", "how": "remove"}, INVALID, "malformed"),
    ("drift", {"field": "VanBan"}, INVALID, "malformed"),
]
REST_FAULTS: list[tuple[str, dict[str, Any], tuple[int, str], str]] = [
    ("status", {"status": 500}, UNAVAILABLE, "upstream_error"),
    ("status", {"status": 404}, INVALID, "off_contract"),
    ("reset_before", {}, UNAVAILABLE, "unreachable"),
    ("reset_mid_body", {}, UNAVAILABLE, "cut_off"),
    ("html_page", {}, UNAVAILABLE, "maintenance"),
    ("malformed", {}, INVALID, "malformed"),
    ("token_expired", {}, REFUSED, "credentials"),
    ("quota_spent", {}, UNAVAILABLE, "quota_spent"),
    ("deep_json", {"depth": 100}, INVALID, "response_too_large"),
    ("gzip_bomb", {"megabytes": 40}, INVALID, "response_too_large"),
]


async def noted(national: National, operation: str, note: str) -> dict[str, Any]:
    """The sample whose note ends so."""
    return dict(next(s for s in (await national.all_samples())[operation] if s["note"].endswith(note)))


@pytest.mark.parametrize("operation", LOOKUPS)
async def test_every_sample_is_answered(portal: Portal, national: National, operation: str) -> None:
    """What exists is 200, what does not is a 404 problem."""
    there = [(await portal.look_up(operation, sample)).status for sample in await national.samples(operation)]
    absent = [
        (await portal.look_up(operation, sample)).verdict for sample in await national.samples(operation, exists=False)
    ]

    assert set(there) == {200}
    assert set(absent) == {(404, "not-found")}


async def test_soap_is_on_the_main_path(portal: Portal, national: National) -> None:
    """What the SOAP service offers it is asked, one call each; the rest is asked of the public system."""
    for operation in OPERATIONS:
        await portal.look_up(operation, (await national.samples(operation))[-1])

    assert await national.arrivals(SYSTEM) == ["ChiTietVanBan", "TimKiemVanBan", "provisionTree", "NoiDungVanBan"]


async def test_a_known_document_without_provisions_is_an_empty_tree(portal: Portal, national: National) -> None:
    """And no 404."""
    answer = await portal.look_up(PROVISIONS, await noted(national, PROVISIONS, "no provisions: an empty list"))

    assert (answer.status, answer.json["data"]["provisions"]) == (200, [])


async def test_a_text_comes_as_a_file(portal: Portal, national: National) -> None:
    """With its media type and its name, and no envelope; asked again, it is asked again."""
    sample = (await national.samples(CONTENT))[-1]
    answer = await portal.look_up(CONTENT, sample)
    await portal.look_up(CONTENT, sample)

    assert (answer.status, answer.media_type) == (200, "text/html")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.body.startswith(b"<div")
    assert await national.total(SYSTEM, "NoiDungVanBan") == 2


async def test_an_empty_shell_is_no_text(portal: Portal, national: National) -> None:
    """The SOAP generation has nothing in its place."""
    answer = await portal.look_up(CONTENT, await noted(national, DOCUMENT, "an empty body"))

    assert answer.verdict == (404, "not-found")


async def test_a_shell_is_replaced_by_its_attachment_where_the_public_system_answers(national: National) -> None:
    """The file goes through byte by byte."""
    settings = laptop_settings(national.url, connectors={SYSTEM: {"operations": {"content": {"upstream": "gateway"}}}})
    async with serving_portal(settings) as portal:
        answer = await portal.look_up(CONTENT, await noted(national, DOCUMENT, "an empty body"))

    assert (answer.status, answer.body[:2]) == (200, b"PK")
    assert answer.media_type.endswith("wordprocessingml.document")


async def test_search_answers_by_each_condition(portal: Portal, national: National) -> None:
    """Each sample of the country finds something, but the one that says it finds nothing."""
    for sample in await national.samples(SEARCH):
        answer = await portal.look_up(SEARCH, sample)

        assert answer.status == 200
        assert bool(answer.json["data"]) is not sample["note"].startswith("not found")


async def test_search_walks_through_all_pages_by_tokens(portal: Portal, national: National) -> None:
    """Every law once, and the tokens end."""
    seen: list[str] = []
    query: dict[str, str] = {"type": "law"}
    while True:
        answer = (await portal.look_up(SEARCH, {"query": query})).json
        seen += [item["document_id"] for item in answer["data"]]
        if (token := answer["meta"]["next_page_token"]) is None:
            break
        query = {"type": "law", "page_token": token}

    assert len(seen) == len(set(seen)) == answer["meta"]["total"] == 22


async def test_search_in_force_on_a_day_proves_it_by_dates(portal: Portal) -> None:
    """Nobody knows how many there are in all."""
    answer = (await portal.look_up(SEARCH, {"query": {"type": "law", "in_force_on": "2020-01-01"}})).json

    assert answer["data"]
    assert answer["meta"]["total"] is None
    assert all(item["effective_from"] <= "2020-01-01" for item in answer["data"])
    assert all(item["effective_to"] is None or item["effective_to"] > "2020-01-01" for item in answer["data"])


@pytest.mark.parametrize(
    ("operation", "sample", "pointer"),
    [
        (DOCUMENT, {"path": {"document_id": "a/b"}}, "/document_id"),
        (DOCUMENT, {"path": {"document_id": "ư"}}, "/document_id"),
        (DOCUMENT, {"path": {"document_id": "1"}, "query": {"in_force_on": "2020-02-30"}}, "/in_force_on"),
        (SEARCH, {"query": {"type": "novel"}}, "/type"),
        (SEARCH, {"query": {"page_token": "made-up"}}, "/page_token"),
        (SEARCH, {"query": {"number": ""}}, "/number"),
        (SEARCH, {"query": {"nope": "1"}}, "/nope"),
        (SEARCH, {"query": {"q": "x" * 201}}, "/q"),
    ],
)
async def test_a_wrong_question_is_pointed_at_and_asks_nobody(
    portal: Portal, national: National, operation: str, sample: dict[str, Any], pointer: str
) -> None:
    """400 with the field."""
    answer = await portal.look_up(operation, sample)

    assert answer.verdict == (400, "invalid-request")
    assert answer.pointers == [pointer]
    assert await national.total(SYSTEM) == 0


async def test_a_character_that_xml_cannot_carry_is_the_callers_to_mend(portal: Portal, national: National) -> None:
    """U+FFFF is a character of JSON and of URLs."""
    answer = await portal.look_up(SEARCH, {"query": {"q": "a\uffff"}})

    assert answer.verdict == (400, "invalid-request")
    assert await national.total(SYSTEM) == 0


@pytest.mark.parametrize(
    ("kind", "more", "verdict", "reason"), SOAP_FAULTS, ids=[f"{f[0]} {f[1]}" for f in SOAP_FAULTS]
)
async def test_a_bad_day_of_the_soap_service(
    portal: Portal, national: National, kind: str, more: dict[str, Any], verdict: tuple[int, str], reason: str
) -> None:
    """Each fault is the problem that the error table says, and costs one call."""
    sample = (await national.samples(DOCUMENT))[-1]
    await national.fault(SYSTEM, kind, operation="ChiTietVanBan", **more)

    answer = await portal.look_up(DOCUMENT, sample, LIVE)

    assert answer.verdict == verdict
    assert (answer.json["reason"], answer.json["fault"]) == (reason, "upstream")
    assert ("Retry-After" in answer.headers) is (verdict == UNAVAILABLE)
    assert await national.total(SYSTEM, "ChiTietVanBan") == 1


@pytest.mark.parametrize(
    ("kind", "more", "verdict", "reason"), REST_FAULTS, ids=[f"{f[0]} {f[1]}" for f in REST_FAULTS]
)
async def test_a_bad_day_of_the_public_system(
    portal: Portal, national: National, kind: str, more: dict[str, Any], verdict: tuple[int, str], reason: str
) -> None:
    """Likewise."""
    sample = (await national.samples(PROVISIONS))[-1]
    await national.fault(SYSTEM, kind, operation="provisionTree", **more)

    answer = await portal.look_up(PROVISIONS, sample, LIVE)

    assert answer.verdict == verdict
    assert (answer.json["reason"], answer.json["fault"]) == (reason, "upstream")


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("bom", {}),
        ("wrong_content_type", {"content_type": "text/html"}),
        ("many_elements", {"count": 100}),
        ("drift", {"field": "TrichYeu"}),
        ("latency", {"seconds": 0.01}),
        ("dribble", {"bytes_per_second": 1_000_000}),
    ],
)
async def test_a_habit_of_the_soap_service_is_forgiven(
    portal: Portal, national: National, kind: str, more: dict[str, Any]
) -> None:
    """A byte order mark, a wrong media type, news, a field renamed that nobody needs, slowness."""
    sample = (await national.samples(DOCUMENT))[-1]
    await national.fault(SYSTEM, kind, operation="ChiTietVanBan", **more)

    answer = await portal.look_up(DOCUMENT, sample, LIVE)

    assert answer.status == 200
    assert answer.json["data"]["document_id"] == sample["path"]["document_id"]


async def test_no_such_record_by_a_fault_is_a_fact(portal: Portal, national: National) -> None:
    """KHONG_TIM_THAY with HTTP 500 is kept, and not asked again."""
    sample = (await national.samples(DOCUMENT, exists=False))[0]
    verdicts = [(await portal.look_up(DOCUMENT, sample)).verdict for _ in range(2)]

    assert set(verdicts) == {(404, "not-found")}
    assert await national.total(SYSTEM, "ChiTietVanBan") == 1


async def test_a_hang_ends_with_the_deadline(portal: Portal, national: National) -> None:
    """The caller's own."""
    sample = (await national.samples(DOCUMENT))[-1]
    await national.fault(SYSTEM, "hang")

    answer = await portal.look_up(DOCUMENT, sample, {**LIVE, "X-Request-Timeout": "0.2"})

    assert answer.verdict == TIMEOUT
    assert answer.json["reason"] == "deadline"


async def test_the_roads_token_goes_with_a_soap_message(national: National) -> None:
    """Behind a province's adapter: one token for all messages."""
    credentials = {name: f"file:../contracts/{SYSTEM}/credentials/{name}" for name in ("access_key", "secret_key")}
    road = {"road": "lgsp", "token": {"url": f"{national.url}/legal-documents/token", **credentials}}
    settings = laptop_settings(national.url, connectors={SYSTEM: {"upstreams": {"ws": road}}})
    async with serving_portal(settings) as portal:
        for sample in (await national.samples(DOCUMENT))[:3]:
            assert (await portal.look_up(DOCUMENT, sample)).status == 200

    assert await national.total(SYSTEM, "token") == 1


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """The shipped contracts of this system, a byte longer."""
    shutil.copytree(ROOT / "contracts" / SYSTEM, tmp_path / SYSTEM)
    with (tmp_path / SYSTEM / "ws.xsd").open("ab") as schema:
        schema.write(b"\n")
    return tmp_path


async def test_a_contract_that_nobody_approved_keeps_the_gateway_from_starting(
    national: National, changed: Path
) -> None:
    """With the file and what to do, as any mistake of configuration."""
    with pytest.raises(ConfigurationError, match=r"ws\.xsd is not the file that was approved"):
        async with serving_portal(laptop_settings(national.url, contracts=str(changed))):
            pass
