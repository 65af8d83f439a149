"""Ministries that are entries of the configuration and nothing else, each on its own road and with its own order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from tests.acceptance.test_applications import purpose, until
from tests.proof.processes import address
from tests.support.laptop import PLAIN, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import Answered, Portal
from tests.support.roads import LGSP

ROADS: Final[dict[str, Any]] = {
    "construction": {
        **PLAIN,
        "url": "${mocks_url}",
        "road": "xroad",
        "xroad": {"client": LGSP, "service": "VN/GOV/000.00.00.G17/dvc/motcua", "verify_hash": True},
    },
    "health": {
        **PLAIN,
        "url": "${mocks_url}",
        "road": "xrdadapter",
        "xrdadapter": {"dstcode": "VN:GOV:000.00.00.G18:dvcprovider", "path": "ws"},
    },
}
"""``/r1/…`` of a security server, and ``/XrdAdapter/RestService/forward``: at their root the mocks answer neither."""
FILED: Final = "000.00.00.G15-260105-0001"
"""A dossier that was filed with the joint service for births and deaths."""


@pytest.fixture
async def portal(national: National, database: str) -> AsyncIterator[Portal]:
    """A gateway with a store, and with ministries on roads."""
    deployment = laptop_settings(
        national.url,
        connectors={"ministry_portals": {"upstreams": ROADS}},
        store={"url": address(database)},
        clock={"follow": national.url},
    )
    async with serving_portal(deployment) as found:
        yield found


async def ask(portal: Portal, method: str, path: str, code: str, body: dict[str, Any] | None = None) -> Answered:
    """A question or an order about the dossier *code*."""
    return await portal.ask(method, f"/v1/ministry-portals/{path}", body=body, headers=purpose(code), purpose=False)


async def until_sent(portal: Portal, ministry: str, code: str) -> dict[str, Any]:
    """The dossier, once nothing of it waits."""

    def right(found: Answered) -> bool:
        data = found.json["data"] if found.status == 200 else {}
        return data.get("state") == "synced" and not data.get("waiting")

    found = await until(lambda: ask(portal, "GET", f"{ministry}/dossiers/{code}", code), right)
    data: dict[str, Any] = found.json["data"]
    return data


async def accepted(national: National, code: str) -> Sequence[str]:
    """The messages about *code* that the country accepted, in their order."""
    async with national.session.get(f"{national.url}/__mock/journal", params={"limit": "500"}) as response:
        entries = (await response.json())["entries"]
    return [
        decision["message"]
        for entry in entries
        for decision in entry.get("decisions", ())
        if decision["dossier"] == code and decision["outcome"] == "accepted"
    ]


@pytest.mark.parametrize("ministry", ROADS)
async def test_ministry_is_reached_over_its_road(ministry: str, portal: Portal, national: National) -> None:
    """A dossier and a step that was accepted before it arrive in their order."""
    sample = next(
        one for one in await national.samples("ministry_portals.send_dossier") if one["path"]["ministry"] == ministry
    )
    [*_, step] = await national.samples("ministry_portals.report_progress")
    code = sample["path"]["dossier_code"]

    held = await ask(portal, "POST", f"{ministry}/dossiers/{code}/progress", code, dict(step["body"]))
    sent = await ask(portal, "PUT", f"{ministry}/dossiers/{code}", code, dict(sample["body"]))

    assert (held.status, held.json["data"]["state"]) == (202, "held")
    assert sent.status == 202
    await until_sent(portal, ministry, code)
    first, second = await accepted(national, code)
    assert first == "dossier"
    assert second.startswith("step ")


async def test_states_reach_the_joint_service_in_its_order(portal: Portal, national: National) -> None:
    """1, 3 and 7 go before 4, whichever way they came; without them 4 is refused before anything is sent."""
    step = dict((await national.samples("ministry_portals.report_progress"))[0]["body"])
    began = datetime.fromisoformat(step["processed_at"])

    async def report(status: str, hours: int) -> Answered:
        body = {**step, "status": status, "processed_at": (began + timedelta(hours=hours)).isoformat()}
        return await ask(portal, "POST", f"birth-death/dossiers/{FILED}/progress", FILED, body)

    early = await report("finished", 4)
    assert (early.status, early.json["reason"]) == (409, "earlier_states_missing")
    assert await accepted(national, FILED) == []

    told = [await report(status, hours) for hours, status in enumerate(("received", "newly_registered", "in_process"))]
    told.append(await report("finished", 4))

    assert [one.status for one in told] == [202] * 4
    await until_sent(portal, "birth-death", FILED)
    [*before, last] = await accepted(national, FILED)
    assert (sorted(before), last) == (["state 1", "state 3", "state 7"], "state 4")
