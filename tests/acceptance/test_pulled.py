"""Ministries that are asked by the clock: whatever dies when, each of their messages is in the inbox once."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any, Final, LiteralString

import aiohttp
import pytest
from psycopg import AsyncConnection

from tests.proof.processes import Gateway, Mocks, address, ending
from tests.support import postgres
from tests.support.laptop import laptop_settings, serving_portal
from tests.support.national import National
from tests.support.operator import operate
from tests.support.portal import KEY

PACE: Final = {"every_s": 3_600}
UPSTREAMS: Final = ("construction", "health", "transport", "birth-death")
SYSTEMS: Final = tuple(f"ministry_portals.{name.replace('-', '_')}" for name in UPSTREAMS)
EVERY: Final = {
    f"LGSP_CONNECTORS__MINISTRY_PORTALS__UPSTREAMS__{name.upper()}__PULL__EVERY_S": "3600" for name in UPSTREAMS
}
STRANGE: Final = 60
_CODES: Final[LiteralString] = "select system, code, count(*) from inbox where kind <> 'unknown' group by 1, 2"
_UNKNOWN: Final[LiteralString] = "select system, count(*) from inbox where kind = 'unknown' group by 1"
_ASKED: Final[LiteralString] = "select count(*) from inbox_pulls where pulled_at is not null and held_by is null"


async def rows(database: str, statement: LiteralString) -> list[tuple[Any, ...]]:
    """The answer of the database."""
    async with await AsyncConnection.connect(database) as connection:
        return await (await connection.execute(statement)).fetchall()


async def until_asked(database: str) -> None:
    """Waits until each ministry was asked and all that it had is kept."""
    async with asyncio.timeout(60):
        while await rows(database, _ASKED) != [(len(UPSTREAMS),)]:  # noqa: ASYNC110  # the other side is a database
            await asyncio.sleep(0.1)


async def receipts(url: str) -> Counter[tuple[str, str]]:
    """What the ministries decided about each confirmation."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}/__mock/journal", params={"limit": "2000"}) as answer,
    ):
        entries = (await answer.json())["entries"]
    return Counter(
        (one["dossier"], one["outcome"])
        for entry in entries
        for one in entry.get("decisions", ())
        if one["message"] == "receipt"
    )


async def waiting(gateway: str, ministry: str) -> int:
    """How many messages the ministry still has for the province."""
    url = f"{gateway}/v1/ministry-portals/{ministry}/incoming"
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as session,
        session.get(url) as answer,
    ):
        return len((await answer.json())["data"])


@pytest.mark.timeout(150)
@pytest.mark.parametrize("point", ["pull.kept", "pull.confirmed"])
async def test_killed_between_commit_and_confirmation(tmp_path: Path, database: str, point: str) -> None:
    """The next gateway, of two, asks again: nothing is there twice, nothing is missing, and each is confirmed.

    Sixty messages of a kind that nobody knows, more than a page, are before all others: they are there as they came.
    """
    mocks = Mocks(tmp_path)
    more = {"LGSP_STORE__URL": address(database), **EVERY}
    one, two = (
        Gateway(mocks, name, more, {"LGSP_STATE_DIR": str(tmp_path / f"state-{name}")}) for name in ("one", "two")
    )
    async with ending(one, two, mocks):
        await mocks.start()
        for ministry in ("construction", "health"):
            await mocks.tell("PUT", f"/__mock/messages/{ministry}", {"count": STRANGE})
        await one.start({"LGSP_CRASH_AT": point})
        assert one.process is not None
        assert one.process.running is not None
        assert await one.process.running.wait() == -9
        await asyncio.gather(one.start(), two.start())
        await until_asked(database)
        found = await rows(database, _CODES)
        strange = dict(await rows(database, _UNKNOWN))
        told = await receipts(mocks.url)
        left = [await waiting(two.url, name) for name in UPSTREAMS if name != "transport"]

    assert {system for system, *_ in found} == set(SYSTEMS)
    assert {number for *_, number in found} == {1}
    assert strange == dict.fromkeys(("ministry_portals.construction", "ministry_portals.health"), STRANGE)
    births = {code for system, code, _ in found if system == "ministry_portals.birth_death"}
    assert {code: told[code, "accepted"] for code in births} == dict.fromkeys(births, 1)
    assert left == [0, 0, 0]


async def test_messages_of_all_ministries_come_with_their_files(national: National, database: str) -> None:
    """Into the list that the province's system reads; the operator sees when each ministry was asked."""
    pulls = {"ministry_portals": {"upstreams": {name: {"pull": PACE} for name in UPSTREAMS}}}
    settings = laptop_settings(national.url, store={"url": postgres.address(database)}, connectors=pulls)
    async with serving_portal(settings) as portal:
        await until_asked(database)
        listed = (await portal.ask("GET", "/v1/inbox?limit=200", purpose=False)).json["data"]
        _, seen = await operate(portal, "GET", "/api/inbox/pulls")
        metrics = await portal.session.get(f"{portal.gateway.ops_url}/metrics")
        counted = await metrics.text()

    assert {one["system"] for one in listed} == set(SYSTEMS)
    births = [one for one in listed if one["system"] == "ministry_portals.birth_death"]
    assert {file["state"] for one in births for file in one["files"]} == {"kept"}
    transport = [one for one in listed if one["system"] == "ministry_portals.transport"]
    assert {one["data"]["subject"]["kind"] for one in transport} <= {"citizen", "enterprise"}
    assert {one["system"]: (one["kept"] > 0, one["reason"], one["left_out"]) for one in seen["data"]} == dict.fromkeys(
        SYSTEMS, (True, None, 0)
    )
    of_transport = 'kind="dossier",result="received",system="ministry_portals.transport"'
    assert f"lgsp_inbound_messages_total{{{of_transport}}} {len(transport)}.0" in counted


async def test_without_a_store_nobody_is_asked(national: National) -> None:
    """What came could be lost, so it stays with the ministry."""
    pulls = {"ministry_portals": {"upstreams": {"construction": {"pull": PACE}}}}
    async with serving_portal(laptop_settings(national.url, connectors=pulls)) as portal:
        assert (await portal.ask("GET", "/v1/connectors", purpose=False)).status == 200

    params = {"system": "ministry_portals"}
    async with national.session.get(f"{national.url}/__mock/journal", params=params) as answer:
        assert (await answer.json())["entries"] == []
