"""Operators' deeds on national systems over HTTP, on a gateway beside the mock country."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from structlog.testing import capture_logs

from tests.support.laptop import laptop_settings, serving_portal
from tests.support.national import National
from tests.support.operator import operate, recorded
from tests.support.portal import Portal
from tests.support.postgres import address

UPSTREAM: Final = "/api/upstreams/business_registry/ngsp"
QUESTION: Final = "/v1/business-registry/enterprises/6799432450"
CALLED: Final = "the ministry called"


async def ministry(portal: Portal) -> dict[str, Any]:
    """The business registry as the portal sees it."""
    answered = await portal.ask("GET", "/v1/connectors/business-registry")
    found: dict[str, Any] = answered.json["data"]
    return found


async def test_isolated_system_is_not_asked_until_it_is_released(portal: Portal, national: National) -> None:
    """Callers are told when to come back, portals see it in the catalogue, and the record has who and why."""
    status, told = await operate(portal, "POST", f"{UPSTREAM}/isolate", {"reason": CALLED, "minutes": 10})
    refused = await portal.ask("GET", QUESTION)
    seen = await ministry(portal)
    assert status == 200
    assert told["data"]["kind"] == "isolation"
    assert (refused.status, refused.json["reason"]) == (503, "maintenance_window")
    assert 590 <= int(refused.headers["Retry-After"]) <= 600
    assert (seen["state"], seen["planned_maintenance"][0]["why"]) == ("isolated", CALLED)
    assert await national.total("business_registry") == 0

    _, told = await operate(portal, "POST", f"{UPSTREAM}/release", {"reason": "over"})
    answered = await portal.ask("GET", QUESTION)
    assert told["data"]["was_isolated"] is True
    assert answered.status == 200
    assert (await operate(portal, "POST", f"{UPSTREAM}/release", {"reason": "once more"}))[1]["data"] == {
        "connector": "business_registry",
        "upstream": "ngsp",
        "was_isolated": False,
    }
    assert await recorded(portal) == [
        ("laptop", "release", "business_registry/ngsp", "once more"),
        ("laptop", "release", "business_registry/ngsp", "over"),
        ("laptop", "isolate", "business_registry/ngsp", CALLED),
    ]


async def test_planned_maintenance_is_announced_before_it_starts(portal: Portal, national: National) -> None:
    """The catalogue names it, the system is asked as ever; withdrawn, it is in no list any more."""
    starts = datetime.now(UTC) + timedelta(hours=7)
    plan = {
        "reason": "upgrade",
        "from": starts.astimezone().isoformat(),
        "until": (starts + timedelta(hours=2)).isoformat(),
    }
    status, told = await operate(portal, "POST", f"{UPSTREAM}/maintenance", plan)
    number = told["data"]["id"]
    assert status == 200
    assert (await portal.ask("GET", QUESTION)).status == 200
    assert (await ministry(portal))["planned_maintenance"] == [
        {
            "upstream": "ngsp",
            "from": f"{starts.isoformat()[:19]}Z",
            "until": f"{(starts + timedelta(hours=2)).isoformat()[:19]}Z",
            "why": "upgrade",
        }
    ]
    assert [one["id"] for one in (await operate(portal, "GET", "/api/isolations"))[1]["data"]] == [number]

    withdraw = f"{UPSTREAM}/maintenance/{number}/withdraw"
    assert (await operate(portal, "POST", withdraw, {"reason": "moved"}))[0] == 200
    status, problem = await operate(portal, "POST", withdraw, {"reason": "moved"})
    assert (status, problem["reason"]) == (404, "no_maintenance")
    assert (await ministry(portal))["planned_maintenance"] == []
    assert (await operate(portal, "GET", "/api/isolations"))[1]["data"] == []


async def test_open_breaker_is_closed_by_hand(national: National) -> None:
    """The system is asked again at once; of an isolated system the deed is refused."""
    async with serving_portal(laptop_settings(national.url, upstreams={"retry": {"attempts": 1}})) as portal:
        await national.fault("business_registry", "status", status=503)
        for _ in range(5):
            await portal.ask("GET", QUESTION)
        assert (await portal.ask("GET", QUESTION)).json["reason"] == "breaker_open"
        await national.calm()

        _, told = await operate(portal, "POST", f"{UPSTREAM}/close-breaker", {"reason": CALLED})
        answered = await portal.ask("GET", QUESTION)
        await operate(portal, "POST", f"{UPSTREAM}/isolate", {"reason": CALLED, "minutes": 1})
        status, problem = await operate(portal, "POST", f"{UPSTREAM}/close-breaker", {"reason": CALLED})

    assert told["data"]["was"] == "open"
    assert answered.status == 200
    assert (status, problem["reason"]) == (409, "isolated")


@pytest.mark.parametrize("operation", ["business_registry.enterprise", "business_registry.*", "*"])
async def test_purged_answers_are_asked_for_anew(portal: Portal, national: National, operation: str) -> None:
    """A fresh answer is given no more after the purge."""
    assert (await portal.ask("GET", QUESTION)).json["meta"]["freshness"] == "live"
    assert (await portal.ask("GET", QUESTION)).json["meta"]["freshness"] == "cached"

    assert (await operate(portal, "POST", "/api/purge", {"reason": CALLED, "operation": operation}))[0] == 200
    assert (await portal.ask("GET", QUESTION)).json["meta"]["freshness"] == "live"


async def test_one_subject_is_purged_and_others_stay(portal: Portal, national: National) -> None:
    """By its number, also as it is copied from a page, with spaces around it; the number is in no record."""
    codes = [sample["path"]["enterprise_code"] for sample in await national.samples("business_registry.enterprise")]
    other = f"/v1/business-registry/enterprises/{next(code for code in codes if code != QUESTION[-10:])}"
    for path in (QUESTION, other):
        await portal.ask("GET", path)
    purge = {"reason": CALLED, "operation": "business_registry.enterprise", "subject": " 6799432450\t"}

    status, refused = await operate(portal, "POST", "/api/purge", purge | {"subject": "   "})
    assert (status, [error["pointer"] for error in refused["errors"]]) == (400, ["/subject"])
    assert (await operate(portal, "POST", "/api/purge", purge))[1]["data"]["by_subject"] is True
    assert (await portal.ask("GET", QUESTION)).json["meta"]["freshness"] == "live"
    assert (await portal.ask("GET", other)).json["meta"]["freshness"] == "cached"
    _, told = await operate(portal, "GET", "/api/actions")
    assert "6799432450" not in json.dumps(told)


async def test_record_is_exported_whole(portal: Portal) -> None:
    """As a table for spreadsheets, where no reason is taken for a formula, and as lines of JSON."""
    for reason in ("=1+1", "bảo trì, tối nay"):
        await operate(portal, "POST", f"{UPSTREAM}/isolate", {"reason": reason, "minutes": 1})
    files = {}
    for kind in ("csv", "jsonl"):
        async with portal.session.get(f"{portal.gateway.ops_url}/api/actions/export?format={kind}") as answer:
            assert answer.status == 200
            assert answer.headers["Content-Disposition"] == f'attachment; filename="lgsp-actions.{kind}"'
            files[kind] = (await answer.read()).decode("utf-8-sig")

    table = list(csv.DictReader(io.StringIO(files["csv"])))
    lines = [json.loads(line) for line in files["jsonl"].splitlines()]
    assert [row["why"] for row in table] == ["bảo trì, tối nay", "'=1+1"]
    assert [row["why"] for row in lines] == ["bảo trì, tối nay", "=1+1"]
    assert [row["hash"] for row in table] == [row["hash"] for row in lines]
    assert (await operate(portal, "GET", "/api/actions/export?format=pdf"))[0] == 400


async def test_without_a_store_the_record_says_that_memory_keeps_it_and_the_log_has_all(portal: Portal) -> None:
    """What was done is in both; a restart forgets the one."""
    with capture_logs() as lines:
        await operate(portal, "POST", f"{UPSTREAM}/isolate", {"reason": CALLED, "minutes": 1})
        await operate(portal, "POST", f"{UPSTREAM}/release", {"reason": "they are back"})
        await operate(portal, "POST", "/api/purge", {"reason": CALLED, "operation": "*"})
    _, told = await operate(portal, "GET", "/api/actions")

    assert told["meta"] == {"kept": "memory", "most": 1000}
    assert [(row["who"], row["what"], row["why"], row["at"]) for row in reversed(told["data"])] == [
        (line["who"], line["what"], line["why"], line["at"]) for line in lines if line["event"] == "operator action"
    ]
    assert [row["what"] for row in told["data"]] == ["purge", "release", "isolate"]


async def within_two_seconds(ask: Any, right: Any) -> None:
    """Asks until the answer is right; two seconds are the promise."""
    async with asyncio.timeout(2):
        while not right(await ask()):  # noqa: ASYNC110  # the other side is a server that is asked again
            await asyncio.sleep(0.05)


async def test_all_gateways_of_a_store_do_it_within_two_seconds(national: National, database: str) -> None:
    """Isolation, release and purge reach the other one, and an isolation outlives a restart."""
    settings = laptop_settings(national.url, store={"url": address(database)})
    async with serving_portal(settings) as one:
        async with serving_portal(settings) as two:
            await two.ask("GET", QUESTION)
            await operate(one, "POST", "/api/purge", {"reason": CALLED, "operation": "business_registry.enterprise"})
            before = await national.total("business_registry", "chiTietDoanhNghiep")

            async def asked_anew() -> int:
                await two.ask("GET", QUESTION)
                return await national.total("business_registry", "chiTietDoanhNghiep")

            await within_two_seconds(asked_anew, lambda total: total > before)
            await operate(one, "POST", f"{UPSTREAM}/isolate", {"reason": CALLED, "minutes": 10})
            await within_two_seconds(lambda: ministry(two), lambda seen: seen["state"] == "isolated")
            await operate(two, "POST", f"{UPSTREAM}/release", {"reason": CALLED})
            await within_two_seconds(lambda: ministry(one), lambda seen: seen["state"] != "isolated")
            await operate(two, "POST", f"{UPSTREAM}/isolate", {"reason": CALLED, "minutes": 10})
        async with serving_portal(settings) as restarted:
            assert (await ministry(restarted))["state"] == "isolated"
            assert [what for _, what, _, _ in await recorded(restarted)] == ["isolate", "release", "isolate", "purge"]
