"""The log of a running gateway: what broke and why, who was refused where, which order was accepted and arrived."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any, Final

import pytest
from structlog.testing import capture_logs

from tests.support import postgres
from tests.support.laptop import PLAIN, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.operator import operate
from tests.support.portal import Portal

ENTERPRISE: Final = "business_registry.enterprise"
SECRET: Final = "lgsp_portal_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdef"  # no gateway has it
TEMPLATE: Final = "/v1/business-registry/enterprises/{enterprise_code}"
Lines = list[MutableMapping[str, Any]]


async def until(lines: Lines, event: str) -> MutableMapping[str, Any]:
    """The first line of *event*, once it is there."""
    while not (found := [line for line in lines if line["event"] == event]):  # noqa: ASYNC110  # the log tells nobody
        await asyncio.sleep(0.005)
    return found[0]


async def test_failure_has_its_reason_and_the_cause_below(portal: Portal, national: National) -> None:
    """The machine's own words are in the line, and no address of the system."""
    sample = (await national.samples(ENTERPRISE))[0]
    await national.fault("business_registry", "reset_before")
    with capture_logs() as lines:
        await portal.look_up(ENTERPRISE, sample, {"Cache-Control": "no-cache"})
        line = await until(lines, "system fails")

    assert (line["connector"], line["reason"]) == ("business_registry", "unreachable")
    assert line["cause"]
    assert national.url.removeprefix("http://") not in str(line)


async def test_an_isolation_has_no_words_of_the_operator_and_its_end_is_no_recovery(portal: Portal) -> None:
    """They may name a person; without a store the line of the action alone has them."""
    upstream = "/api/upstreams/business_registry/ngsp"
    with capture_logs() as lines:
        await operate(portal, "POST", f"{upstream}/isolate", {"reason": "Nguyễn Văn An gọi", "minutes": 10})
        begun = await until(lines, "system isolated by an operator")
        await operate(portal, "POST", f"{upstream}/release", {"reason": "xong rồi"})
        ended = await until(lines, "breaker closed: the system is asked again")

    assert "Nguyễn" not in str(begun)
    assert ended["reason"] == "released"


@pytest.mark.parametrize(
    ("method", "path", "key", "detail"),
    [
        ("GET", "/v1/business-registry/enterprises/6799432450", None, f"GET {TEMPLATE}, no key"),
        ("GET", "/v1/business-registry/enterprises/1", SECRET, f"GET {TEMPLATE}, key lgsp_portal_AbCd…"),
        ("GET", "/v1/business-registry/enterprises/1", "hunter2", f"GET {TEMPLATE}, a key of another form"),
        ("GET", "/v1/business-registry/persons/049185978634", None, "GET /v1/business-registry/{?}/{?}"),
        ("POST", "/v1/business-registry/enterprises/1", None, "POST /v1/business-registry/enterprises/{?}"),
        ("GET", "/v1/" + "x/" * 30, None, "GET /v1/" + "{?}/" * 8 + "…"),
    ],
)  # fmt: skip
async def test_refused_request_says_where_and_by_which_key(
    method: str, path: str, key: str | None, detail: str, portal: Portal
) -> None:
    """The template of the route, or the shape of an unknown path: never a number from it, never a secret."""
    headers = {"Authorization": f"Bearer {key}" if key else ""}
    with capture_logs() as lines:
        await portal.ask(method, path, headers=headers)
        line = await until(lines, "request")

    assert line["detail"] == detail


async def test_an_order_has_a_line_when_it_is_accepted_and_when_it_arrives(national: National, database: str) -> None:
    """Both with the request's id and the caller, and neither with anybody's name."""
    settings = laptop_settings(national.url, upstreams=PLAIN, store={"url": postgres.address(database)})
    sample = (await national.samples("criminal_records.apply"))[0]
    with capture_logs() as lines:
        async with serving_portal(settings) as portal:
            await portal.look_up("criminal_records.apply", sample)
            accepted = await until(lines, "order accepted")
            arrived = await until(lines, "order arrived")

    shared = {"system": "criminal_records", "operation": "apply", "caller": "laptop"}
    assert {name: accepted[name] for name in shared} == shared
    assert (accepted["request_id"], accepted["repeated"]) == (arrived["request_id"], False)
    assert arrived["caller"] == "laptop"
