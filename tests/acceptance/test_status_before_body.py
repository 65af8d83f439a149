"""Each status with each kind of body at each kind of place: the status decides, whatever body it comes with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, Literal

import pytest
import pytest_asyncio

from tests.support.every_operation import Everywhere, Way, everywhere
from tests.support.national import National
from tests.support.portal import Answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

Place = Literal["look-up", "list", "SOAP", "order"]
Verdict = tuple[int, str, str]

PLACES: Final[Mapping[Place, Way]] = {
    "look-up": Way("business_registry.enterprise"),
    "list": Way("business_registry.registrations"),
    "SOAP": Way("legal_documents.document"),
    "order": Way("criminal_records.apply"),
}
SOAP_11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12: Final = "http://www.w3.org/2003/05/soap-envelope"
BODIES: Final[Mapping[str, str | dict[str, object]]] = {
    "page": "<!DOCTYPE html><html><head><title>?</title></head><body><h1>?</h1></body></html>",
    "XHTML page": '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "x"><html><body/></html>',
    "nothing": "",
    "blanks": " \r\n",
    "JSON": {"message": "x"},
    "text": "Something happened",
    "Fault 1.1": f'<s:Envelope xmlns:s="{SOAP_11}"><s:Body><s:Fault><faultcode>s:Server</faultcode><faultstring>x'
    "</faultstring></s:Fault></s:Body></s:Envelope>",
    "Fault 1.2": f'<s:Envelope xmlns:s="{SOAP_12}"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code>'
    '<s:Reason><s:Text xml:lang="vi">x</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>',
}
WAIT_S: Final = 70

REFUSED: Final = (502, "upstream-refused", "credentials")
OFF_CONTRACT: Final = (502, "upstream-invalid-response", "off_contract")
BY_STATUS: Final[Mapping[int, Verdict]] = {
    301: OFF_CONTRACT,
    307: OFF_CONTRACT,
    400: OFF_CONTRACT,
    401: REFUSED,
    403: REFUSED,
    404: OFF_CONTRACT,
    410: OFF_CONTRACT,
    413: OFF_CONTRACT,
    429: (503, "upstream-unavailable", "quota_spent"),
    500: (503, "upstream-unavailable", "upstream_error"),
    502: (503, "upstream-unavailable", "upstream_error"),
    503: (503, "upstream-unavailable", "upstream_error"),
    504: (504, "upstream-timeout", "attempt"),
}
"""What a status means for every kind of body, at every place."""
NOT_DONE: Final = frozenset({401, 403, 413, 429})
"""Statuses that prove that an order was not taken in."""
RENEWED: Final = frozenset({401, 403})


def expected(status: int, body: str, place: Place) -> Verdict:
    """The table above with all its exceptions."""
    if status in {404, 410} and place == "look-up" and body in {"nothing", "blanks"}:
        return 404, "not-found", "no_record"  # the row "empty 404" of the contract
    if status == 413 and place == "order":
        return 502, "upstream-refused", "too_large"
    if body.endswith("page") and status >= 500 and status != 504:
        return 503, "upstream-unavailable", "maintenance"
    if body == "Fault 1.1" and place == "SOAP" and status == 400:
        return 503, "upstream-unavailable", "upstream_error"  # SOAP's own statuses: the Fault says whose fault it is
    if body == "Fault 1.2" and place == "SOAP" and status == 500:
        return OFF_CONTRACT
    return BY_STATUS[status]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateways(shared_national: National) -> AsyncIterator[Everywhere]:
    """Gateways that ask the country in every dialect."""
    async with everywhere(shared_national) as found:
        yield found


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _calm(shared_national: National) -> None:
    await shared_national.calm()


def verdict(answered: Answered) -> Verdict:
    """Status, code and reason."""
    return (*answered.verdict, answered.json.get("reason"))


async def answer(national: National, way: Way, call: str, status: int, body: str, **more: Any) -> None:
    """Makes the country answer *call* so."""
    said = {"status": status, "body": BODIES[body], "headers": {"Retry-After": str(WAIT_S)}}
    await national.fault(way.system, "status", operation=call, **said, **more)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("status", BY_STATUS)
async def test_the_status_decides(
    status: int, body: str, place: Place, gateways: Everywhere, shared_national: National
) -> None:
    """A page, a Fault, nothing, JSON or a text: what the status says is not hidden, and a wait is handed on."""
    way = PLACES[place]
    call = await gateways.call_of(way)
    before = await shared_national.total(way.system, call.name)
    await answer(shared_national, way, call.name, status, body)

    async with asyncio.timeout(10):
        answered = await gateways.ask(way)

    assert verdict(answered) == expected(status, body, place)
    if status in {429, 503}:
        assert answered.headers["Retry-After"] == str(WAIT_S)
    if place == "order":
        assert answered.json["outcome"] == ("not_done" if status in NOT_DONE else "unknown")
    asked = await shared_national.total(way.system, call.name) - before
    assert asked == (2 if status in RENEWED and call.spent is not None else 1)


@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize("place", PLACES)
async def test_a_page_under_success_is_maintenance(
    status: int, place: Place, gateways: Everywhere, shared_national: National
) -> None:
    """A closed system says so in a page for people."""
    way = PLACES[place]
    call = await gateways.call_of(way)
    await answer(shared_national, way, call.name, status, "page")

    assert verdict(await gateways.ask(way)) == (503, "upstream-unavailable", "maintenance")


# ---- logins

LOGINS: Final[Mapping[str, tuple[Way, str]]] = {
    "the road's token": (Way("business_registry.enterprise"), "token"),
    "a system's login": (Way("social_insurance.health_card"), "take"),
}
DOWN: Final = (503, "upstream-unavailable", "token_endpoint")
OF_LOGINS: Final[Mapping[int, Verdict]] = {
    302: OFF_CONTRACT,
    401: REFUSED,
    403: REFUSED,
    404: OFF_CONTRACT,
    410: OFF_CONTRACT,
    413: OFF_CONTRACT,
    429: DOWN,
    500: DOWN,
    503: DOWN,
    504: (504, "upstream-timeout", "attempt"),
}


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("status", OF_LOGINS)
async def test_the_status_decides_at_a_token_endpoint(
    status: int, body: str, login: str, gateways: Everywhere, shared_national: National
) -> None:
    """As at the source; a wait is handed on, and the source is not asked without a token."""
    way, name = LOGINS[login]
    call = (await gateways.call_of(way)).name
    before = await shared_national.total(way.system, call)
    await answer(shared_national, way, name, status, body)

    async with asyncio.timeout(10):
        answered = await gateways.ask(way)

    assert verdict(answered) == OF_LOGINS[status]
    if status in {429, 500, 503}:
        assert answered.headers["Retry-After"] == str(WAIT_S)
    assert await shared_national.total(way.system, call) == before


# ---- old answers


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", BODIES)
async def test_no_old_answer_stands_in_for_refused_credentials(
    status: int, body: str, gateways: Everywhere, shared_national: National
) -> None:
    """A kept answer hides no refusal, in whatever body it comes; under a failure of the source it may stand in."""
    way = PLACES["look-up"]
    call = (await gateways.call_of(way)).name
    sample = gateways.samples[way.operation][0]
    portal = gateways.portals[way.deployment]
    assert (await portal.look_up(way.operation, sample, {})).status == 200

    await answer(shared_national, way, call, status, body)
    refused = await portal.look_up(way.operation, sample, {"Cache-Control": "max-age=0"})
    await answer(shared_national, way, call, 503, body)
    failing = await portal.look_up(way.operation, sample, {"Cache-Control": "max-age=0"})

    assert verdict(refused) == REFUSED
    assert (failing.status, failing.json["meta"]["freshness"]) == (200, "stale")
