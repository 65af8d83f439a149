"""The doctor beside the mock country on each of its named days: the right sentence for each system, and no other."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import pytest

from gateway.cli.doctor import examine
from gateway.doctor.findings import Finding
from gateway.registry import plan
from gateway.settings import load
from tests.support.laptop import LAPTOP, ROOT, laptop_settings
from tests.support.national import National

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHORT_S: Final = 1.5
"""For systems that are to answer too late."""
LONG_S: Final = 9.0
"""For the others, however busy this machine is."""
REGISTRY: Final = "business_registry/ngsp"
RECORDS: Final = "criminal_records/lltp2024"
LAW: Final = ("legal_documents/ws", "legal_documents/gateway")
ASKED: Final = tuple(f"{up.connector}/{up.name}" for up in plan(load(LAPTOP)).upstreams if up.dialect.probe is not None)
"""Those with a question about nobody; the others are logged in to, and the days of faults leave tokens alone."""

SENTENCES: Final = {
    "attempt": "127.0.0.1 did not answer within 1.5 s: ask whether it is overloaded;",
    "credentials": "127.0.0.1 does not accept the gateway's credentials: compare the secret files",
    "cut_off": "The answer of 127.0.0.1 broke off: try again, and tell its operator if it does so twice.",
    "inconsistent_response": "127.0.0.1 answers about another record than asked: tell its operator at once;",
    "maintenance": "127.0.0.1 answers with a page for people in place of data: ask whether it is under maintenance",
    "malformed": "The answer of 127.0.0.1 does not have the form of its contract: run `lgsp contracts check",
    "off_contract": "127.0.0.1 answers with a status or code that its contract does not describe: run `lgsp contracts",
    "quota_spent": "127.0.0.1 says that the quota is spent: wait until it is counted anew, or ask for a larger one.",
    "response_too_large": "The answer of 127.0.0.1 is larger than limits allow: tell its operator;",
    "token_endpoint": "The token service 127.0.0.1 fails: tell its operator; without a token this system is not asked.",
    "upstream_error": "127.0.0.1 answers with an error of its own: tell its operator; the gateway can do nothing.",
}
WELL: Final[dict[str, str]] = {}
SCENARIOS: Final[dict[str, dict[str, str]]] = {
    "calm": WELL,
    "contract-drift": {REGISTRY: "malformed"},  # the others' answers lack a field that may be missing
    "night-maintenance": dict.fromkeys(ASKED, "maintenance"),
    "quota-spent": dict.fromkeys(ASKED, "quota_spent"),
    "registry-down": {REGISTRY: "token_endpoint"},
    "resilience-01": WELL,
    "resilience-04": {REGISTRY: "upstream_error"},
    "resilience-05": {REGISTRY: "attempt"},
    "resilience-06": {REGISTRY: "attempt"},
    "resilience-10": WELL,  # this and the next two fail from the second call on, and the doctor asks once
    "resilience-11": WELL,
    "resilience-12": WELL,
    "resilience-14": {REGISTRY: "malformed"},
    "resilience-20": {REGISTRY: "upstream_error"},
    "resilience-21": {REGISTRY: "upstream_error"},
    "resilience-23": {REGISTRY: "upstream_error"},
    "resilience-24": WELL,  # what breaks is the answer to an order, and the doctor sends none
    "resilience-28": {REGISTRY: "upstream_error"},
    "resilience-31": {REGISTRY: "off_contract"},
    "resilience-32": {REGISTRY: "attempt"},
    "resilience-33": {REGISTRY: "attempt"},
    "resilience-34": {REGISTRY: "attempt"},
    "resilience-35": WELL,
    "resilience-42": {REGISTRY: "response_too_large"},
    "resilience-44": {REGISTRY: "attempt"},
    "resilience-48": {REGISTRY: "cut_off"},
    "resilience-49": {REGISTRY: "malformed", LAW[0]: "upstream_error"},
    "resilience-50": {REGISTRY: "credentials"},
    "resilience-51": {REGISTRY: "token_endpoint"},
    "resilience-52": WELL,  # the WSDL is pinned, and never fetched
    "resilience-53": WELL,
    "resilience-54": dict.fromkeys((REGISTRY, *LAW), "inconsistent_response"),
    "resilience-56": dict.fromkeys(ASKED, "attempt"),
}
"""The reason for each system that is not well; all others are."""
BY_CHANCE: Final = {"flaky", "monday-morning", "resilience-43"}
"""Days on which the answer depends on who asks first, or on how fast this machine unpacks: tested below."""


async def examined(national: National, scenario: str, late: Collection[str] = ()) -> list[Finding]:
    """The findings about systems on that day, of which *late* are to be; the machine's own are not of the country."""
    connectors: dict[str, dict[str, dict[str, object]]] = {}
    for subject in late:
        connector, _, upstream = subject.partition("/")
        connectors.setdefault(connector, {"upstreams": {}})["upstreams"][upstream] = {"attempt_timeout_s": SHORT_S}
    await national.reset()
    async with national.session.post(f"{national.url}/__mock/scenario", json={"name": scenario}) as answer:
        assert answer.status == 200, await answer.text()
    found = await examine(laptop_settings(national.url, upstreams={"attempt_timeout_s": LONG_S}, connectors=connectors))
    return [finding for finding in found if "/" in finding.subject]


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_each_day_has_its_sentence(scenario: str, shared_national: National) -> None:
    """Each system that is not well gets the one sentence for what it does; the others are well."""
    late = [subject for subject, reason in SCENARIOS[scenario].items() if reason == "attempt"]
    found = await examined(shared_national, scenario, late)
    said = {finding.subject: [one.reason for one in finding.complaints if one.reason != "slow"] for finding in found}

    assert said == {
        subject: [SCENARIOS[scenario][subject]] if subject in SCENARIOS[scenario] else [] for subject in said
    }
    for finding in found:
        for complaint in finding.complaints:
            assert SENTENCES.get(complaint.reason, "") in complaint.text.en
            assert complaint.text.vi != complaint.text.en


@pytest.mark.parametrize(
    ("scenario", "reasons"),
    [
        ("flaky", {"upstream_error", "attempt", "slow", "unreachable", "cut_off", "malformed", "token_endpoint"}),
        ("monday-morning", {"slow", "attempt"}),
        ("resilience-43", {"attempt", "response_too_large"}),
    ],
)
async def test_days_of_chance_have_sentences_too(scenario: str, reasons: set[str], shared_national: National) -> None:
    """Something is told, and nothing that such a day does not do."""
    found = await examined(shared_national, scenario, ASKED)
    said = {complaint.reason for finding in found for complaint in finding.complaints}

    assert said
    assert said <= reasons


async def test_every_named_day_is_tried() -> None:
    """A new scenario of the country needs its row."""
    assert {path.stem for path in (ROOT / "mocks" / "scenarios").glob("*.yaml")} == SCENARIOS.keys() | BY_CHANCE


async def test_no_question_is_about_a_person(shared_national: National) -> None:
    """The systems hear one look-up each: an enterprise, a document, a procedure, a dossier that nobody has."""
    await examined(shared_national, "calm")

    heard = {name: await shared_national.arrivals(name) for name in shared_national.country.services}
    assert heard["social_insurance"] == []
    known = ("business_registry", "criminal_records", "legal_documents", "public_service_portal")
    assert {name: heard[name] for name in known} == {
        "business_registry": ["chiTietDoanhNghiep"],
        "criminal_records": ["nhanTrangThai"],
        "legal_documents": ["ChiTietVanBan", "docDetail"],
        "public_service_portal": ["LayThuTuc"],
    }
