"""Each kind of fault at each operation, over real sockets: the problem that the API documents, in time, never a 500."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
import pytest_asyncio

from gateway.core.operation import Operation
from mocks.engine.admin import KINDS
from mocks.engine.service import Call
from tests.support.every_operation import WAYS, Everywhere, Way, everywhere
from tests.support.national import National
from tests.support.portal import Answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

Verdict = tuple[int, str, str]
UNAVAILABLE: Final = (503, "upstream-unavailable")
TIMEOUT: Final = (504, "upstream-timeout")
REFUSED: Final = (502, "upstream-refused")
INVALID: Final = (502, "upstream-invalid-response")
WELL: Final = None
PATIENCE_S: Final = 10.0
"""Longer than any answer here may take; a request that outlasts it hangs."""


@dataclass(frozen=True)
class Case:
    """A fault, and what the API's table says of it for a read."""

    name: str
    fault: Mapping[str, Any]
    verdict: Verdict | None
    write: Verdict | None = None
    """Where an order meets another verdict."""
    told_apart: bool = False
    """Whether the answer proves that an order was not done."""
    timeout_s: float = 8.0
    more: Mapping[str, Any] = field(default_factory=dict)
    with_key: Verdict | None = None
    """What it means for calls that show an API key."""

    @property
    def kind(self) -> str:
        """The fault's kind."""
        return str(self.fault["kind"])


def status(code: int, verdict: Verdict, *, told_apart: bool = False) -> Case:
    """The upstream answers with this status and no body of its own."""
    return Case(f"status {code}", {"kind": "status", "status": code}, verdict, told_apart=told_apart)


CUT_OFF: Final = (*INVALID, "cut_off")
LARGE: Final = (*INVALID, "response_too_large")
CASES: Final = (
    Case("a short wait", {"kind": "latency", "seconds": 0.01}, WELL),
    Case("a wait past the deadline", {"kind": "latency", "seconds": 30}, (*TIMEOUT, "deadline"), timeout_s=0.3),
    status(302, (*INVALID, "off_contract")),
    status(400, (*INVALID, "off_contract")),
    status(401, (*REFUSED, "credentials"), told_apart=True),
    status(403, (*REFUSED, "credentials"), told_apart=True),
    status(404, (*INVALID, "off_contract")),
    status(418, (*INVALID, "off_contract")),
    status(429, (*UNAVAILABLE, "quota_spent"), told_apart=True),
    status(500, (*UNAVAILABLE, "upstream_error")),
    status(503, (*UNAVAILABLE, "upstream_error")),
    status(504, (*TIMEOUT, "attempt")),
    status(599, (*UNAVAILABLE, "upstream_error")),
    Case("no answer", {"kind": "hang"}, (*TIMEOUT, "deadline"), timeout_s=0.3),
    Case("reset before the answer", {"kind": "reset_before"}, (*UNAVAILABLE, "unreachable"), write=CUT_OFF),
    Case("closed, and worked later", {"kind": "late", "seconds": 0}, (*UNAVAILABLE, "unreachable"), write=CUT_OFF),
    Case("reset in the body", {"kind": "reset_mid_body"}, (*UNAVAILABLE, "cut_off"), write=CUT_OFF),
    Case("end in the body", {"kind": "truncate"}, (*UNAVAILABLE, "cut_off"), write=CUT_OFF),
    Case("dribble", {"kind": "dribble", "bytes_per_second": 1}, (*TIMEOUT, "deadline"), timeout_s=0.3),
    Case("quick dribble", {"kind": "dribble", "bytes_per_second": 10_000_000}, WELL),
    Case("page for people", {"kind": "html_page"}, (*UNAVAILABLE, "maintenance")),
    Case("page for people, 503", {"kind": "html_page", "status": 503}, (*UNAVAILABLE, "maintenance")),
    Case("page for people, 404", {"kind": "html_page", "status": 404}, (*INVALID, "off_contract")),
    Case("fault of the server", {"kind": "soap_fault", "code": "Server"}, (*UNAVAILABLE, "upstream_error")),
    Case("fault of the client", {"kind": "soap_fault", "code": "Client"}, (*INVALID, "off_contract")),
    Case("another record", {"kind": "wrong_record"}, (*INVALID, "inconsistent_response")),
    Case("JSON as text/html", {"kind": "wrong_content_type"}, WELL),
    Case("clock a few seconds wrong", {"kind": "clock_skew", "seconds": 5}, WELL),
    Case("byte order mark", {"kind": "bom"}, WELL),
    Case("spoilt end", {"kind": "malformed"}, (*INVALID, "malformed")),
    Case("gzip bomb", {"kind": "gzip_bomb", "megabytes": 100}, LARGE),
    Case("huge body", {"kind": "huge_body", "megabytes": 40}, LARGE),
    Case("deep nesting", {"kind": "deep_json", "depth": 5_000}, LARGE),
    Case("many siblings", {"kind": "many_elements", "count": 300_000}, LARGE),
    Case("DOCTYPE", {"kind": "doctype"}, (*INVALID, "forbidden_xml")),
    Case("token spent for good", {"kind": "token_expired"}, (*REFUSED, "credentials"), told_apart=True),
    Case(
        "token spent once", {"kind": "token_expired"}, WELL, more={"requests": "1"}, with_key=(*REFUSED, "credentials")
    ),
    Case("quota of the day spent", {"kind": "quota_spent"}, (*UNAVAILABLE, "quota_spent"), told_apart=True),
)
DRIFT: Final = "drift"
"""The kind that has a test of its own: every field of every answer."""
PAPER: Final = "bad_paper"
"""The kind that strikes certificates alone, and has its tests beside them."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateways(shared_national: National) -> AsyncIterator[Everywhere]:
    """Gateways that ask the country in every dialect."""
    async with everywhere(shared_national) as found:
        yield found


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _calm(shared_national: National) -> None:
    await shared_national.calm()


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_fault_is_the_documented_problem(
    case: Case, way: Way, gateways: Everywhere, shared_national: National
) -> None:
    """Whatever a national system does, the portal gets status, code and reason of the table, before the deadline.

    A fault that can't strike a call (a DOCTYPE in JSON) is refused by the country, which says why.
    """
    call = await gateways.call_of(way)
    if why := KINDS[case.kind].model_validate(case.fault).misfit(call):
        assert why in await shared_national.refusal(way.system, operation=call.name, **{**case.fault, **case.more})
        return
    before = await shared_national.total(way.system, call.name)
    await shared_national.fault(way.system, operation=call.name, **{**case.fault, **case.more})

    async with asyncio.timeout(PATIENCE_S):
        answered = await gateways.ask(way, timeout_s=case.timeout_s)

    expected = case.with_key if shows_a_key(call) and case.with_key else case.verdict
    if expected is WELL:
        assert answered.status == way.declared.success, answered.body
    else:
        assert_met(answered, case, expected, way.declared)
    if way.declared.effect == "write":
        renewed = case.kind == "token_expired" or case.fault.get("status") in {401, 403}
        assert await shared_national.total(way.system, call.name) == before + (2 if renewed and call.spent else 1)


def shows_a_key(call: Call) -> bool:
    """Whether the call shows an API key: there is no token to renew."""
    return call.name in {"provisionTree", "docDetail", "docAll"}


def assert_met(answered: Answered, case: Case, expected: Verdict, declared: Operation[Any, Any]) -> None:
    """The problem of *case* with all that a client decides by."""
    is_write = declared.effect == "write"
    expected = case.write if is_write and case.write else expected
    problem = answered.json

    assert (*answered.verdict, problem.get("reason")) == expected, problem
    assert problem["fault"] == "upstream"
    assert problem["operation"] == declared.name
    unknown = is_write and not case.told_apart
    assert problem["outcome"] == ("unknown" if unknown else "not_done")
    assert problem["retryable"] is (expected[:2] in {UNAVAILABLE, TIMEOUT} and not unknown)
    if answered.status == 503:
        assert int(answered.headers["Retry-After"]) == problem["retry_after_seconds"] > 0


# ---- the token endpoint


TOKEN_CASES: Final = (
    Case("status 500", {"kind": "status", "status": 500}, (*UNAVAILABLE, "token_endpoint")),
    Case("status 429", {"kind": "status", "status": 429}, (*UNAVAILABLE, "token_endpoint")),
    Case("status 401", {"kind": "status", "status": 401}, (*REFUSED, "credentials")),
    Case("status 404", {"kind": "status", "status": 404}, (*INVALID, "off_contract")),
    Case("reset before the answer", {"kind": "reset_before"}, (*UNAVAILABLE, "token_endpoint")),
    Case("reset in the body", {"kind": "reset_mid_body"}, (*UNAVAILABLE, "token_endpoint")),
    Case("page for people", {"kind": "html_page"}, (*UNAVAILABLE, "token_endpoint")),
    Case("spoilt end", {"kind": "malformed"}, (*INVALID, "malformed")),
    Case("no answer", {"kind": "hang"}, (*TIMEOUT, "deadline"), timeout_s=0.3),
    Case("huge body", {"kind": "huge_body", "megabytes": 40}, LARGE),
)
TOKENS: Final = {
    Way("business_registry.enterprise"): "token",
    Way("social_insurance.participant"): "token",
    Way("social_insurance.health_card"): "take",
    Way("criminal_records.application", "other"): "token",
}
"""The call that gives the token: of the road, and of a system's own login."""


@pytest.mark.parametrize("way", TOKENS, ids=str)
@pytest.mark.parametrize("case", TOKEN_CASES, ids=lambda case: case.name)
async def test_token_endpoint_that_fails_is_told_as_such(
    case: Case, way: Way, gateways: Everywhere, shared_national: National
) -> None:
    """A failing token endpoint is told from a failing system, and the system itself is never asked without a token."""
    call = (await gateways.call_of(way)).name
    before = await shared_national.total(way.system, call)
    await shared_national.fault(way.system, operation=TOKENS[way], **case.fault)

    async with asyncio.timeout(PATIENCE_S):
        answered = await gateways.ask(way, timeout_s=case.timeout_s)

    assert case.verdict is not None
    assert_met(answered, case, case.verdict, way.declared)
    assert await shared_national.total(way.system, call) == before


# ---- changed contracts


ABSENT_IS_EMPTY: Final = {
    # An issued application without a file is one whose certificate is on paper.
    "criminal_records.certificate": {"phieuLLTP", "ketQuaXuLy"},
    # In XML an absent text and an empty one are the same, and a document may have none.
    "legal_documents.content": {"NoiDung"},
}


@pytest.mark.parametrize("how", ["rename", "remove"])
@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_changed_contract_is_never_read_as_something_else(
    way: Way, how: str, gateways: Everywhere, shared_national: National
) -> None:
    """A field that disappears leaves a gap or breaks the contract: it is no "no such record" and no error of ours."""
    met = {}
    call = await gateways.call_of(way)
    for name in sorted(call.fields - ABSENT_IS_EMPTY.get(way.operation, set())):
        await shared_national.fault(way.system, DRIFT, operation=call.name, field=name, how=how)
        answered = await gateways.ask(way)
        met[name] = "well" if answered.status == way.declared.success else answered.verdict

    assert {name: verdict for name, verdict in met.items() if verdict not in {"well", INVALID}} == {}


async def test_every_kind_of_fault_is_here() -> None:
    """A kind that the country learns is missed here until it has a verdict."""
    assert {case.kind for case in CASES} | {DRIFT, PAPER} == set(KINDS)
