"""Four connectors over the roads of security servers: by configuration alone, with the same answers and problems."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

import pytest
import pytest_asyncio

from mocks.engine.admin import KINDS
from mocks.engine.service import Call
from tests.acceptance.test_every_fault import CASES, REFUSED, TIMEOUT, UNAVAILABLE, WELL, Case, assert_met
from tests.support.every_operation import WAYS, Everywhere, Way
from tests.support.laptop import laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import Portal
from tests.support.roads import SERVICES, Road, on_road
from tests.support.skipping import SkippingClock

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE_S: Final = 10.0
ON_ROADS: Final = tuple(way for way in WAYS if way.system in SERVICES)
"""The ways to the systems that the mock's roads lead to."""
NUMBERS: Final = itertools.count(1)
"""Of dossiers: both roads lead to one country."""
PROVIDER: Final = (*UNAVAILABLE, "provider_failed")
ON_XROAD: Final[Mapping[str, tuple[int, str, str]]] = dict.fromkeys(
    ("reset before the answer", "reset in the body", "end in the body", "closed, and worked later"), PROVIDER
)
"""What a security server holds back from its caller: it says that the provider failed instead."""
ON_ADAPTER: Final = dict.fromkeys(ON_XROAD, (*UNAVAILABLE, "upstream_error"))
"""The adapter says nothing of whose fault it was."""
CALLS: Final[dict[Way, Call]] = {}
"""The national call behind each way, which is the same on both roads."""
STRIKES: Final = (
    "status 401", "status 500", "status 503", "status 504", "no answer", "page for people", "another record",
    "spoilt end", "token spent once", "quota of the day spent", *ON_XROAD,
)  # fmt: skip
STRUCK: Final = tuple(case for case in CASES if case.name in STRIKES)
STRUCK_ON_ADAPTER: Final = tuple(case for case in STRUCK if case.name in {*ON_XROAD, "status 500", "page for people"})


@asynccontextmanager
async def everywhere(national: National, road: Road, **settings: object) -> AsyncIterator[Everywhere]:
    """Gateways whose upstreams are all on *road*."""
    clock = SkippingClock(same_day=True)
    async with AsyncExitStack() as stack:
        portals: dict[Any, Portal] = {}
        for name in ("laptop", "other"):
            connectors = on_road(road, other=name == "other", **settings)
            deployment = laptop_settings(national.url, connectors=connectors)
            portals[name] = await stack.enter_async_context(serving_portal(deployment, clock))
        yield Everywhere(portals, clock, national, await national.all_samples(), _numbers=NUMBERS, _calls=CALLS)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def xroad(shared_national: National) -> AsyncIterator[Everywhere]:
    """All over X-Road, and every answer must carry the hash of its question."""
    async with everywhere(shared_national, "xroad", verify_hash=True, user_id="lgsp.h58") as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def adapter(shared_national: National) -> AsyncIterator[Everywhere]:
    """All over the adapter of a security server."""
    async with everywhere(shared_national, "xrdadapter") as found:
        yield found


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _calm(shared_national: National) -> None:
    await shared_national.calm()


@pytest.mark.parametrize("way", ON_ROADS, ids=str)
async def test_every_operation_works_on_both_roads(way: Way, xroad: Everywhere, adapter: Everywhere) -> None:
    """REST and SOAP, questions, orders and files: the road is a matter of configuration."""
    for gateways in (xroad, adapter):
        answered = await gateways.ask(way)

        assert answered.status == way.declared.success, answered.body


@pytest.mark.parametrize("way", ON_ROADS, ids=str)
@pytest.mark.parametrize("case", STRUCK, ids=lambda case: case.name)
async def test_fault_of_the_source_over_xroad(
    case: Case, way: Way, xroad: Everywhere, shared_national: National
) -> None:
    """What the source says is told as on the direct road, and what its security server says of it as its own reason."""
    await _meet(case, way, xroad, shared_national, ON_XROAD)


@pytest.mark.parametrize("way", ON_ROADS, ids=str)
@pytest.mark.parametrize("case", STRUCK_ON_ADAPTER, ids=lambda case: case.name)
async def test_fault_of_the_source_over_the_adapter(
    case: Case, way: Way, adapter: Everywhere, shared_national: National
) -> None:
    """The adapter hides whose fault it was; all else is told as on the direct road."""
    await _meet(case, way, adapter, shared_national, ON_ADAPTER)


async def _meet(
    case: Case, way: Way, gateways: Everywhere, national: National, on_road: Mapping[str, tuple[int, str, str]]
) -> None:
    call = await gateways.call_of(way)
    plan = {"operation": call.name, **case.fault, **case.more}
    if (why := await _misfit(case, way, gateways)) is not None:
        assert why in await national.refusal(way.system, **plan)
        return
    await national.fault(way.system, **plan)

    async with asyncio.timeout(PATIENCE_S):
        answered = await gateways.ask(way, timeout_s=case.timeout_s)

    expected = case.with_key if _shows_a_key(call.name) and case.with_key else case.verdict
    if case.name in on_road:
        expected = on_road[case.name]
        case = Case(case.name, case.fault, expected)
    if expected is WELL:
        assert answered.status == way.declared.success, answered.body
    else:
        assert_met(answered, case, expected, way.declared)


async def _misfit(case: Case, way: Way, gateways: Everywhere) -> str | None:
    return KINDS[case.kind].model_validate(case.fault).misfit(await gateways.call_of(way))


def _shows_a_key(name: str) -> bool:
    return name in {"provisionTree", "docDetail", "docAll"}


# ---- the road's own errors


CLIENT: Final = "VN/GOV/000.00.00.H58/dkkd"
OF_THE_ROAD: Final = (
    ("a client that nobody knows", {"client": "VN/GOV/000.00.00.H99/lgsp"}),
    ("a provider that nobody knows", {"service": "VN/GOV/000.00.00.G99/a/b"}),
    ("a service that its provider does not have", {"service": "VN/GOV/000.00.00.G15/vbpl/khac"}),
    ("a client without the right", {"client": CLIENT, "service": "VN/GOV/000.00.00.G15/vbpl/csdlvbqppl"}),
)


@pytest.mark.parametrize(("what", "settings"), OF_THE_ROAD, ids=lambda value: value if isinstance(value, str) else "")
async def test_refusal_of_the_road_wakes_the_operator(
    what: str, settings: dict[str, str], shared_national: National
) -> None:
    """By SOAP as by REST, for the question as for its token: no system was asked, and an order was not done."""
    before = {system: await shared_national.total(system) for system in shared_national.country.services}
    async with everywhere(shared_national, "xroad", **settings) as gateways:
        for way in (Way("legal_documents.document"), Way("legal_documents.provisions"), Way("criminal_records.apply")):
            answered = await gateways.ask(way)

            assert (*answered.verdict, answered.json["reason"]) == (*REFUSED, "road_refused"), (what, answered.body)
            assert answered.json["outcome"] == "not_done"
    after = {system: await shared_national.total(system) for system in shared_national.country.services}
    assert after == before


async def test_silent_source_is_the_callers_deadline(xroad: Everywhere, shared_national: National) -> None:
    """A security server waits longer than any caller does: the deadline is the caller's."""
    way = Way("business_registry.enterprise")
    await shared_national.fault(way.system, "hang", operation=(await xroad.call_of(way)).name)

    answered = await xroad.ask(way, timeout_s=0.3)

    assert (*answered.verdict, answered.json["reason"]) == (*TIMEOUT, "deadline")


async def test_unknown_code_of_the_adapter_is_an_error_of_theirs(shared_national: National) -> None:
    """The adapter answers 500 without a word about whose fault it is, and the gateway claims no more."""
    async with everywhere(shared_national, "xrdadapter", dstcode="VN:GOV:khong:co") as gateways:
        answered = await gateways.ask(Way("legal_documents.provisions"))

    assert (*answered.verdict, answered.json["reason"]) == (*UNAVAILABLE, "upstream_error")


async def test_older_name_of_the_adapter_is_a_setting(shared_national: National) -> None:
    """VXPAdapter."""
    async with everywhere(shared_national, "xrdadapter", name="VXPAdapter") as gateways:
        answered = await gateways.ask(Way("legal_documents.provisions"))

    assert answered.status == 200, answered.body


async def test_verdicts_are_of_the_table() -> None:
    """A case that is renamed there is missed here."""
    assert {case.name for case in STRUCK} == set(STRIKES)
