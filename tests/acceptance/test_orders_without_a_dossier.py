"""Orders about a dossier that this gateway never sent: the place that their answer names tells how far they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from gateway.connectors.public_service_portal.operations import REPORT_STATUS, STEP
from tests.support import postgres
from tests.support.laptop import laptop_settings, serving_portal
from tests.support.national import National
from tests.support.operator import operate
from tests.support.portal import Answered, Portal

CODE: Final = "000.00.04.H58-260106-9601"
PATH: Final = f"/v1/public-service-portal/dossiers/{CODE}"


@pytest.fixture
async def portal(national: National, database: str) -> AsyncIterator[Portal]:
    """A gateway with a store."""
    settings = laptop_settings(national.url, store={"url": postgres.address(database)})
    async with serving_portal(settings) as found:
        yield found


async def ask(portal: Portal, method: str, path: str, body: object = None) -> Answered:
    """A question or an order about the dossier."""
    return await portal.ask(method, path, body=body, headers={"X-Dossier-Id": CODE})


async def test_step_that_is_held_is_told_as_held(portal: Portal) -> None:
    """With the number that waits and the reason, until an operator takes it back; the source has no such dossier."""
    step = {name: value for name, value in STEP.items() if name != "dossier_code"}
    held = await ask(portal, "POST", f"{PATH}/progress", step)
    told = await ask(portal, "GET", held.headers["Location"])
    status, _ = await operate(
        portal, "POST", f"/api/lanes/public_service_portal/{CODE}/cancel", {"reason": "not our dossier"}
    )
    gone = await ask(portal, "GET", PATH)

    assert (held.status, told.status, status, gone.status) == (202, 200, 200, 404)
    data: dict[str, Any] = told.json["data"]
    assert (data["state"], data["waiting"], data["parked"]) == ("held", 1, None)
    assert [(one["event"], one["note"]) for one in data["history"]] == [("accepted", "dossier_not_sent")]


async def test_status_of_a_pushed_dossier_is_told_by_the_store(portal: Portal) -> None:
    """The portal cannot be asked for the dossier by the province's code; the store knows what it answered."""
    status = {name: value for name, value in REPORT_STATUS.example.items() if name != "dossier_code"}
    sent = await ask(portal, "POST", f"{PATH}/status", status)
    async with asyncio.timeout(20):
        while (told := (await ask(portal, "GET", sent.headers["Location"])).json["data"])["waiting"]:  # noqa: ASYNC110  # the other side is a server that is asked again
            await asyncio.sleep(0.05)

    assert (told["state"], told["status"], told["source_id"]) == ("synced", "in_process", status["national_code"])
