"""Each kind of fault at each operation, over real sockets: the problem that the API documents, in time, never a 500."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
import pytest_asyncio

from gateway.core.operation import Operation
from gateway.registry import scan
from mocks.engine.admin import KINDS
from mocks.engine.country import Country
from mocks.engine.service import Call
from tests.support.laptop import PLAIN, laptop_settings, serving_portal
from tests.support.national import National, Sample
from tests.support.portal import Answered, Portal
from tests.support.skipping import SkippingClock

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
    without: frozenset[str] = frozenset()
    """Operations for which it means something else."""

    @property
    def kind(self) -> str:
        """The fault's kind."""
        return str(self.fault["kind"])


def status(code: int, verdict: Verdict, *, told_apart: bool = False) -> Case:
    """The upstream answers with this status and no body of its own."""
    return Case(f"status {code}", {"kind": "status", "status": code}, verdict, told_apart=told_apart)


API_KEYS: Final = frozenset({"legal_documents.provisions"})
"""Who shows a key has no token to renew."""
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
    Case("reset in the body", {"kind": "reset_mid_body"}, (*UNAVAILABLE, "cut_off"), write=CUT_OFF),
    Case("end in the body", {"kind": "truncate"}, (*UNAVAILABLE, "cut_off"), write=CUT_OFF),
    Case("dribble", {"kind": "dribble", "bytes_per_second": 1}, (*TIMEOUT, "deadline"), timeout_s=0.3),
    Case("quick dribble", {"kind": "dribble", "bytes_per_second": 10_000_000}, WELL),
    Case("page for people", {"kind": "html_page"}, (*UNAVAILABLE, "maintenance")),
    Case("page for people, 503", {"kind": "html_page", "status": 503}, (*UNAVAILABLE, "maintenance")),
    Case("page for people, 404", {"kind": "html_page", "status": 404}, (*UNAVAILABLE, "maintenance")),
    Case("fault of the server", {"kind": "soap_fault", "code": "Server"}, (*UNAVAILABLE, "upstream_error")),
    Case("fault of the client", {"kind": "soap_fault", "code": "Client"}, (*INVALID, "off_contract")),
    Case("another record", {"kind": "wrong_record"}, (*INVALID, "inconsistent_response")),
    Case("JSON as text/html", {"kind": "wrong_content_type"}, WELL),
    Case("byte order mark", {"kind": "bom"}, WELL),
    Case("spoilt end", {"kind": "malformed"}, (*INVALID, "malformed")),
    Case("gzip bomb", {"kind": "gzip_bomb", "megabytes": 100}, LARGE),
    Case("huge body", {"kind": "huge_body", "megabytes": 40}, LARGE),
    Case("deep nesting", {"kind": "deep_json", "depth": 5_000}, LARGE),
    Case("many siblings", {"kind": "many_elements", "count": 300_000}, LARGE),
    Case("DOCTYPE", {"kind": "doctype"}, (*INVALID, "forbidden_xml")),
    Case("token spent for good", {"kind": "token_expired"}, (*REFUSED, "credentials"), told_apart=True),
    Case("token spent once", {"kind": "token_expired"}, WELL, more={"requests": "1"}, without=API_KEYS),
    Case("quota of the day spent", {"kind": "quota_spent"}, (*UNAVAILABLE, "quota_spent"), told_apart=True),
)
DRIFT: Final = "drift"
"""The kind that has a test of its own: every field of every answer."""
OPERATIONS: Final = {
    f"{connector.name}.{operation.name}": operation
    for connector in scan().values()
    for operation in connector.operations
}
FIRST_CALLS: Final = {
    "business_registry.enterprise": "chiTietDoanhNghiep",
    "business_registry.registration": "tinhTrangHoSo",
    "business_registry.registrations": "danhSachHoSo",
    "criminal_records.apply": "guiHoSo",
    "criminal_records.application": "nhanTrangThai",
    "criminal_records.certificate": "nhanTrangThai",
    "legal_documents.content": "NoiDungVanBan",
    "legal_documents.document": "ChiTietVanBan",
    "legal_documents.provisions": "provisionTree",
    "legal_documents.search": "TimKiemVanBan",
    "social_insurance.contributions": "getQuaTrinhDong",
    "social_insurance.health_card": "KQNhanLichSuKCB2024",
    "social_insurance.household": "getTraCuuThongTinHgd",
    "social_insurance.participant": "getTraCuuTtHgdByMaSoBhxh",
}
"""The national call that a plain request makes first, as ``config/laptop.yaml`` chooses dialects."""


def _calls() -> dict[str, Call]:
    services = Country().services
    return {
        operation: next(call for call in services[operation.partition(".")[0]].calls if call.name == name)
        for operation, name in FIRST_CALLS.items()
    }


CALLS: Final = _calls()
_keys: Final = itertools.count(1)


def headers_for(case: Case) -> dict[str, str]:
    """Nothing from the cache, and an order that was never sent before."""
    return {
        "Cache-Control": "no-cache",
        "X-Request-Timeout": str(case.timeout_s),
        "Idempotency-Key": f"every-fault-{next(_keys)}",
    }


def fits(case: Case, operation: str) -> bool:
    """Whether the fault can strike the national call that answers *operation*."""
    return KINDS[case.kind].model_validate(case.fault).misfit(CALLS[operation]) is None


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def patient(shared_national: National) -> AsyncIterator[tuple[Portal, SkippingClock]]:
    """A gateway beside the country, and its clock: skipping an hour makes it forget tokens, doubts and failures."""
    clock = SkippingClock()
    async with serving_portal(laptop_settings(shared_national.url, upstreams=PLAIN), clock) as portal:
        yield portal, clock


@pytest_asyncio.fixture(loop_scope="module")
async def portal(patient: tuple[Portal, SkippingClock], shared_national: National) -> Portal:
    """A gateway that remembers nothing, beside a calm country."""
    found, clock = patient
    clock.skip(3_600)
    await shared_national.calm()
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def samples(shared_national: National) -> Mapping[str, Sequence[Sample]]:
    """What may be asked, by operation."""
    return await shared_national.all_samples()


def plain(operation: str, samples: Mapping[str, Sequence[Sample]]) -> Sample:
    """A request that is answered well when all is calm; an order is for a dossier that was never sent."""
    sample = samples[operation][0]
    if OPERATIONS[operation].effect == "write":
        return {**sample, "body": {**sample["body"], "dossier_code": f"000.00.04.H58-260107-{next(_keys):04}"}}
    return sample


@pytest.mark.parametrize(
    ("case", "operation"),
    [
        pytest.param(case, operation, id=f"{case.name}-{operation}")
        for case in CASES
        for operation in CALLS
        if fits(case, operation) and operation not in case.without
    ],
)
async def test_fault_is_the_documented_problem(
    case: Case, operation: str, portal: Portal, shared_national: National, samples: Mapping[str, Sequence[Sample]]
) -> None:
    """Whatever a national system does, the portal gets status, code and reason of the table, before the deadline."""
    system, call, declared = operation.partition(".")[0], CALLS[operation].name, OPERATIONS[operation]
    sample = plain(operation, samples)
    before = await shared_national.total(system, call)
    await shared_national.fault(system, operation=call, **{**case.fault, **case.more})

    async with asyncio.timeout(PATIENCE_S):
        answered = await portal.look_up(operation, sample, headers_for(case))

    if case.verdict is WELL:
        assert answered.status == declared.success, answered.body
    else:
        assert_met(answered, case, declared)
    if declared.effect == "write":
        assert await shared_national.total(system, call) == before + 1


def assert_met(answered: Answered, case: Case, declared: Operation[Any, Any]) -> None:
    """The problem of *case* with all that a client decides by."""
    assert case.verdict is not None
    is_write = declared.effect == "write"
    expected = case.write if is_write and case.write else case.verdict
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
    "business_registry.enterprise": "token",
    "social_insurance.participant": "token",
    "social_insurance.health_card": "take",
}


@pytest.mark.parametrize("operation", TOKENS)
@pytest.mark.parametrize("case", TOKEN_CASES, ids=lambda case: case.name)
async def test_token_endpoint_that_fails_is_told_as_such(
    case: Case, operation: str, portal: Portal, shared_national: National, samples: Mapping[str, Sequence[Sample]]
) -> None:
    """A failing token endpoint is told from a failing system, and the system itself is never asked without a token."""
    system, call = operation.partition(".")[0], CALLS[operation].name
    sample = plain(operation, samples)
    before = await shared_national.total(system, call)
    await shared_national.fault(system, operation=TOKENS[operation], **case.fault)

    async with asyncio.timeout(PATIENCE_S):
        answered = await portal.look_up(operation, sample, headers_for(case))

    assert_met(answered, case, OPERATIONS[operation])
    assert await shared_national.total(system, call) == before


# ---- changed contracts


ABSENT_IS_EMPTY: Final = {
    # An issued application without a file is one whose certificate is on paper.
    "criminal_records.certificate": {"phieuLLTP", "ketQuaXuLy"},
    # In XML an absent text and an empty one are the same, and a document may have none.
    "legal_documents.content": {"NoiDung"},
}


@pytest.mark.parametrize("how", ["rename", "remove"])
@pytest.mark.parametrize("operation", CALLS)
async def test_changed_contract_is_never_read_as_something_else(
    operation: str, how: str, portal: Portal, shared_national: National, samples: Mapping[str, Sequence[Sample]]
) -> None:
    """A field that disappears leaves a gap or breaks the contract: it is no "no such record" and no error of ours."""
    call, declared = CALLS[operation], OPERATIONS[operation]
    met = {}
    for name in sorted(call.fields - ABSENT_IS_EMPTY.get(operation, set())):
        sample = plain(operation, samples)
        await shared_national.fault(operation.partition(".")[0], DRIFT, operation=call.name, field=name, how=how)
        answered = await portal.look_up(operation, sample, headers_for(CASES[0]))
        met[name] = "well" if answered.status == declared.success else answered.verdict

    assert {name: verdict for name, verdict in met.items() if verdict not in {"well", INVALID}} == {}


async def test_every_kind_of_fault_is_here() -> None:
    """A kind that the country learns is missed here until it has a verdict."""
    assert {case.kind for case in CASES} | {DRIFT} == set(KINDS)


async def test_every_operation_is_here() -> None:
    """An operation that a connector learns is missed here until its national call is named."""
    assert set(CALLS) == set(OPERATIONS)
