"""One order that the national portal refuses, in a list with others: it alone stops, and its operator mends it."""

from __future__ import annotations

import asyncio
import copy
import json
import sys
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from tests.acceptance.test_applications import operate, purpose, until
from tests.proof.processes import address
from tests.support.laptop import ROOT, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import Answered, Portal

SYSTEM: Final = "public_service_portal"
CODES: Final = [f"000.00.04.H58-261127-{number:04d}" for number in range(1, 13)]
POISON: Final = CODES[5]
WRONG: Final = "9.999999.000.00.00.H58"
"""A procedure that the portal does not publish."""


@pytest.fixture
async def portal(national: National, database: str) -> AsyncIterator[Portal]:
    """A gateway with a store."""
    changes: dict[str, Any] = {"store": {"url": address(database)}, "clock": {"follow": national.url}}
    async with serving_portal(laptop_settings(national.url, **changes)) as found:
        yield found


async def ask(portal: Portal, method: str, code: str, more: str = "", body: Any = None) -> Answered:
    """A question or an order about the dossier *code*."""
    path = f"/v1/public-service-portal/dossiers/{code}{more}"
    return await portal.ask(method, path, body=body, headers=purpose(code), purpose=False)


async def state(portal: Portal, code: str) -> Answered:
    """The dossier, as the store has it."""
    return await ask(portal, "GET", code)


async def shown(portal: Portal) -> Any:
    """The refused dossier, as ``lgsp dossiers show`` prints it in a pipe."""
    command = (sys.executable, "-m", "gateway", "dossiers", "show", POISON, "--url", portal.gateway.ops_url)
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    printed, _ = await process.communicate()
    return json.loads(printed)


@pytest.mark.timeout(120)
async def test_one_refused_dossier_stops_no_other(portal: Portal, national: National) -> None:
    """It is parked with the portal's reason, ``lgsp dossiers show`` names it, and edited it arrives with its step."""
    dossier = dict((await national.samples(f"{SYSTEM}.sync_dossier"))[0]["body"])
    step = dict((await national.samples(f"{SYSTEM}.report_progress"))[0]["body"])
    wrong = copy.deepcopy(dossier)
    wrong["procedure"]["code"] = WRONG
    await operate(portal, "POST", "/api/pause", {"target": f"{SYSTEM}/ngsp", "reason": "until all are in the list"})
    for code in CODES:
        sent = await ask(portal, "PUT", code, body=wrong if code == POISON else dossier)
        done = await ask(portal, "POST", code, "/progress", step)
        assert (sent.status, done.status) == (202, 202)
    await operate(portal, "POST", "/api/resume", {"target": f"{SYSTEM}/ngsp", "reason": "they are"})

    for code in CODES:
        if code != POISON:
            await until(lambda code=code: state(portal, code), _whole)  # type: ignore[misc]
    parked = await until(lambda: state(portal, POISON), lambda found: found.json["data"]["parked"] is not None)
    assert parked.json["data"]["parked"]["reason"] == "procedure_not_published"
    assert parked.json["data"]["waiting"] == 2
    assert [one["reason"] for one in (await shown(portal))["waits"]] == ["procedure_not_published", None]

    edit = {"reason": "the code was mistyped", "body": {"procedure": dossier["procedure"]}}
    status, _ = await operate(portal, "POST", f"/api/lanes/{SYSTEM}/{POISON}/edit", edit)
    assert status == 200
    await until(lambda: state(portal, POISON), _whole)
    _, left = await operate(portal, "GET", "/api/lanes?state=parked")
    assert left["data"] == []


def _whole(found: Answered) -> bool:
    data = found.json["data"] if found.status == 200 else {}
    return data.get("state") == "synced" and not data["waiting"]
