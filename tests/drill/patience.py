"""Faults whose alerts count in hours, of which one has a minute in a drill. All at once, on one gateway."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from tests.drill.stage import BEARER, Fault, Stage
from tests.drill.systems import broken, calm, corrected, quota
from tests.support.pusher import DOSSIER, KEY, encoded, new_dossier

HOURS_S: Final = 330.0
"""The longest that four hours take, with what comes before."""
WAITS: Final = "000.00.04.H58-261127-0002"
LATE: Final = "000.00.04.H58-261127-0003"
LEFT: Final = "000.00.00.G22-261127-0001"
WRONG_FILE: Final = "000.00.00.G22-261127-0002"
TARGET: Final = "ministry_portals.send_dossier"
WHY: Final = {"reason": "the drill"}


async def _paused(stage: Stage) -> None:
    await stage.operate("/api/pause", {**WHY, "target": TARGET})


async def _resumed(stage: Stage) -> None:
    await stage.operate("/api/resume", {**WHY, "target": TARGET})


async def _order_waits(stage: Stage) -> None:
    await stage.fault("criminal_records", "status", status=503)
    await stage.apply(WAITS)


async def _order_goes(stage: Stage) -> None:
    await stage.calm("criminal_records")
    await stage.operate(f"/api/lanes/criminal_records/{WAITS}/retry", WHY)


async def _application_late(stage: Stage) -> None:
    """The department takes an application and says no more of it for forty days."""
    await stage.apply(LATE)
    await _received(stage, LATE)
    await stage.fault("criminal_records", "status", status=503)
    await stage.mocks.tell("POST", "/__mock/clock", {"advance": "P40D"})


async def _application_ends(stage: Stage) -> None:
    await stage.calm("criminal_records")
    await stage.mocks.tell("POST", "/__mock/clock", {"advance": "P1D"})


async def _received(stage: Stage, code: str) -> None:
    """Returns when the application is at the department: nothing of it waits any more."""
    url = f"http://127.0.0.1:{stage.gateway.ops_port}/api/lanes/criminal_records/{code}"
    async with asyncio.timeout(60):
        while True:
            async with stage.session.get(url, headers=BEARER) as response:
                told: dict[str, Any] = await response.json()
            if told["data"]["waiting"] == 0:
                return
            await asyncio.sleep(0.5)


async def _push(stage: Stage, body: dict[str, Any]) -> None:
    url = f"http://127.0.0.1:{stage.inbound_port}{DOSSIER}"
    async with stage.session.post(url, json=body, headers={"Authorization": f"Bearer {KEY}"}) as response:
        assert response.status < 300, await response.text()  # success


async def _take(stage: Stage, code: str) -> None:
    """The province's system takes a message."""
    async with stage.session.get(f"{stage.gateway.url}/v1/inbox?code={code}", headers=BEARER) as response:
        (message,) = (await response.json())["data"]
    url = f"{stage.gateway.url}/v1/inbox/{message['id']}/ack"
    async with stage.session.post(url, json={}, headers=BEARER) as response:
        assert response.status < 300, await response.text()  # success


async def _pushed(stage: Stage) -> None:
    await _push(stage, new_dossier(LEFT))


async def _taken(stage: Stage) -> None:
    await _take(stage, LEFT)


async def _pushed_a_program(stage: Stage) -> None:
    """A file that says that it is a PDF, and is a program."""
    file = {"TenTepDinhKem": "to-khai.pdf", "MaThanhPhanHoSo": "TP1", "Base64": encoded(b"MZ\x90\x00" + bytes(200))}
    await _push(stage, new_dossier(WRONG_FILE, TaiLieuNop=[file]))


async def _program_taken(stage: Stage) -> None:
    await _take(stage, WRONG_FILE)


async def _drifts(stage: Stage) -> None:
    """A field of the registry has another name."""
    await stage.fault("business_registry", "drift", operation="chiTietDoanhNghiep", field="ENTERPRISE_GDT_CODE")


async def _given(stage: Stage) -> None:
    """A ministry has messages of a kind that nobody knows."""
    await stage.mocks.tell("PUT", "/__mock/messages/construction", {"count": 2})


async def _given_taken(stage: Stage) -> None:
    """The province's system takes all that the ministry gave."""
    async with stage.session.get(f"{stage.gateway.url}/v1/inbox?limit=200", headers=BEARER) as response:
        found = (await response.json())["data"]
    for message in found:
        if message["kind"] == "unknown":
            url = f"{stage.gateway.url}/v1/inbox/{message['id']}/ack"
            async with stage.session.post(url, json={}, headers=BEARER) as response:
                assert response.status < 300, await response.text()  # success


RECORDS: Final = {"system": "criminal_records"}
PATIENCE: Final[tuple[tuple[Fault, ...], ...]] = (
    (Fault("PausedLong", {"target": TARGET, "system": "ministry_portals"}, _paused, _resumed, fires_s=HOURS_S),),
    (
        Fault("OrdersWaitLong", RECORDS, _order_waits, _order_goes, fires_s=HOURS_S),
        Fault("ApplicationsOverdue", RECORDS, _application_late, _application_ends, fires_s=120),
    ),
    (Fault("InboxNotTaken", {"system": "public_service_portal"}, _pushed, _taken, fires_s=HOURS_S),),
    (Fault("InboxFilesLost", {"system": "public_service_portal"}, _pushed_a_program, _program_taken),),
    (
        # In turn, because a ministry that is down gives nothing to read.
        Fault("InboxUnread", {"system": "ministry_portals.construction"}, _given, _given_taken, fires_s=120),
        Fault(
            "InboxNotPulled",
            {"system": "ministry_portals.construction"},
            broken("ministry_portals", "status", status=503),
            calm("ministry_portals"),
            fires_s=HOURS_S,
            resolves_s=120,
        ),
    ),
    (
        Fault(
            "RequestsFailSlowly",
            {"connector": "social_insurance"},
            broken("social_insurance", "status", status=503),
            calm("social_insurance"),
            resolves_s=180,
        ),
        # Its base line is two hours without drift, which have gone by when the one before is resolved.
        Fault(
            "ContractDrifts",
            {"connector": "business_registry", "upstream": "ngsp"},
            _drifts,
            calm("business_registry"),
            resolves_s=180,
        ),
    ),
    (
        Fault(
            "QuotaWillBeSpent",
            {"connector": "legal_documents", "upstream": "ws"},
            quota("legal_documents", "ws", 120),
            corrected,
            fires_s=90,
        ),
    ),
)
