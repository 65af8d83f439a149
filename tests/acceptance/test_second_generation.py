"""Dossiers and their steps reach the national portal's second generation from the store: once, and in order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from gateway.connectors.public_service_portal.operations import DOSSIER, STEP
from tests.support import postgres
from tests.support.laptop import OTHER_DIALECTS, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import Answered, Portal

DOSSIERS: Final = "/v1/public-service-portal/dossiers"
GEN2: Final = {
    "public_service_portal": {
        "upstreams": {"gen2": OTHER_DIALECTS["public_service_portal"]["upstreams"]["gen2"]},
        "operations": {name: {"upstream": "gen2"} for name in ("sync_dossier", "report_progress")},
    }
}
CODES: Final = tuple(f"000.00.04.H58-260106-{number}" for number in range(9301, 9304))


@asynccontextmanager
async def province(national: National, database: str) -> AsyncIterator[Portal]:
    """A gateway with a store, which sends by the second generation."""
    settings = laptop_settings(national.url, store={"url": postgres.address(database)}, connectors=GEN2)
    async with serving_portal(settings) as portal:
        yield portal


async def send(portal: Portal, code: str, **changes: object) -> Answered:
    """A dossier, or its newer state."""
    body = {name: value for name, value in {**DOSSIER, **changes}.items() if name != "dossier_code"}
    return await portal.ask("PUT", f"{DOSSIERS}/{code}", body=body, headers={"X-Dossier-Id": code})


async def report(portal: Portal, code: str, day: int, status: str) -> Answered:
    """A step of that day."""
    at = datetime.fromisoformat(str(STEP["processed_at"])) + timedelta(days=day)
    body = {**STEP, "processed_at": at.isoformat(), "status": status}
    del body["dossier_code"]
    return await portal.ask("POST", f"{DOSSIERS}/{code}/progress", body=body, headers={"X-Dossier-Id": code})


async def until(portal: Portal, code: str, right: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The dossier as the store tells it, once it is *right*."""
    async with asyncio.timeout(25):
        while True:
            answer = await portal.ask("GET", f"{DOSSIERS}/{code}", headers={"X-Dossier-Id": code})
            found: dict[str, Any] = answer.json["data"]
            if right(found):
                return found
            await asyncio.sleep(0.05)


async def settled(portal: Portal, code: str) -> dict[str, Any]:
    """The same, once nothing of it waits."""
    return await until(portal, code, lambda found: not found["waiting"])


async def decided(national: National, code: str) -> list[tuple[str, str]]:
    """What the portal decided about the messages of a dossier: call and outcome, oldest first."""
    url = f"{national.url}/__mock/journal"
    async with national.session.get(url, params={"system": "public_service_portal"}) as answer:
        entries = json.loads(await answer.read())["entries"]
    return [
        (entry["operation"], one["outcome"])
        for entry in entries
        for one in entry.get("decisions", ())
        if one["dossier"] == code
    ]


@pytest.mark.timeout(60)
async def test_dossiers_and_shuffled_steps_arrive_once_and_in_order(national: National, database: str) -> None:
    """Steps come before their dossier and in the wrong sequence; the portal takes each once, in the right one."""
    async with province(national, database) as portal:
        for code in CODES:
            answers = [await report(portal, code, day, status) for day, status in ((2, "finished"), (1, "in_process"))]
            answers += [await report(portal, code, 0, "received"), await report(portal, code, 0, "received")]
            answers.append(await send(portal, code))
            assert {answer.status for answer in answers} == {202}
        found = [await settled(portal, code) for code in CODES]
        newer = await send(portal, CODES[0], status="finished")
        last = await settled(portal, CODES[0])

    assert newer.status == 202
    assert [(one["state"], one["parked"]) for one in [*found, last]] == [("synced", None)] * 4
    for code in CODES:
        more = [("CapNhatHoSo", "accepted")] if code == CODES[0] else []
        assert await decided(national, code) == [
            ("ThemMoiHoSo", "accepted"), *[("DongBoTienTrinh", "accepted")] * 3, *more,
        ]  # fmt: skip


@pytest.mark.timeout(60)
async def test_step_after_the_last_one_is_refused(national: National, database: str) -> None:
    """Finished is the last step, also where it waits or is held; handing over is told by the dossier itself."""
    async with province(national, database) as portal:
        assert (await report(portal, CODES[1], 2, "finished")).json["data"]["state"] == "held"
        assert (await report(portal, CODES[1], 3, "in_process")).json["reason"] == "after_last_step"
        await send(portal, CODES[0])
        assert (await report(portal, CODES[0], 0, "received")).status == 202
        assert (await report(portal, CODES[0], 2, "finished")).status == 202
        after = await report(portal, CODES[0], 3, "in_process")
        over = await report(portal, CODES[0], 3, "handed_over")
        handed = await send(portal, CODES[0], status="handed_over")
        last = await settled(portal, CODES[0])

    assert (after.status, after.json["reason"]) == (409, "after_last_step")
    assert (over.status, over.pointers, handed.status) == (400, ["/status"], 202)
    assert (last["state"], last["status"], last["parked"]) == ("synced", "handed_over", None)


@pytest.mark.timeout(60)
async def test_dossier_that_another_program_sent_is_updated(national: National, database: str) -> None:
    """ "Already exists" means: use the other address. Nobody has to act."""
    async with serving_portal(laptop_settings(national.url)) as elsewhere:
        assert (await send(elsewhere, CODES[0])).status == 202
    async with province(national, database) as portal:
        await send(portal, CODES[0], submitted_to="own_system", vneid_verified=True)
        found = await settled(portal, CODES[0])

    assert (found["state"], found["parked"]) == ("synced", None)
    assert [call for call, _ in await decided(national, CODES[0])] == ["DongBoHoSoMC", "ThemMoiHoSo", "CapNhatHoSo"]


@pytest.mark.timeout(60)
async def test_lost_answer_is_sent_again_and_accepted_once(national: National, database: str) -> None:
    """Nobody can be asked; "already exists" at the second sending is the proof, and equal content changes nothing."""
    await national.fault("public_service_portal", "reset_mid_body", operation="ThemMoiHoSo", requests="1")
    async with province(national, database) as portal:
        await send(portal, CODES[0])
        found = await settled(portal, CODES[0])

    assert (found["state"], found["parked"]) == ("synced", None)
    assert await decided(national, CODES[0]) == [
        ("ThemMoiHoSo", "accepted"), ("ThemMoiHoSo", "repeated"), ("CapNhatHoSo", "overwritten"),
    ]  # fmt: skip


@pytest.mark.timeout(60)
async def test_step_that_the_portal_refuses_parks_its_dossier_alone(national: National, database: str) -> None:
    """In a list of steps of several dossiers the others are taken."""
    async with province(national, database) as portal:
        for code in CODES:
            await send(portal, code)
        for code in CODES:
            await settled(portal, code)
        await asyncio.gather(
            *(report(portal, code, 0, "received" if code != CODES[1] else "in_process") for code in CODES)
        )
        parked = await until(portal, CODES[1], lambda found: found["parked"] is not None)
        others = [await settled(portal, code) for code in (CODES[0], CODES[2])]

    assert parked["parked"]["reason"] == "refused_for_good"
    assert [(one["state"], one["parked"]) for one in others] == [("synced", None)] * 2
