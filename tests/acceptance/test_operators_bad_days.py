"""An operator acts while what the gateway leans on is away, stalls or takes nothing: the port answers all the same."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg
import pytest

from tests.gateway.pipeline.redis_server import RedisServer
from tests.support.laptop import PLAIN, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.operator import operate, recorded
from tests.support.portal import Portal
from tests.support.postgres import Server, address
from tests.support.wire import Wire, wired

UPSTREAM: Final = "/api/upstreams/business_registry/ngsp"
QUESTION: Final = "/v1/business-registry/enterprises/{}"
WHY: Final = {"reason": "they called"}
NIGHT: Final = {"from": "2099-12-24T00:00:00+07:00", "until": "2099-12-24T02:00:00+07:00"}
SYSTEMS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "isolate": (f"{UPSTREAM}/isolate", {**WHY, "minutes": 10}),
    "release": (f"{UPSTREAM}/release", WHY),
    "close-breaker": (f"{UPSTREAM}/close-breaker", WHY),
    "announce": (f"{UPSTREAM}/maintenance", {**WHY, **NIGHT}),
    "purge": ("/api/purge", {**WHY, "operation": "*"}),
}
ORDERS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "pause": ("/api/pause", {**WHY, "target": "criminal_records.apply"}),
    "resume": ("/api/resume", {**WHY, "target": "criminal_records.apply"}),
    "retry": ("/api/lanes/criminal_records/retry", {**WHY, "keys": ["no such dossier"]}),
    "ask": ("/api/lanes/criminal_records/no-such-dossier/ask", WHY),
}
ALWAYS: Final = ("/", "/livez", "/readyz", "/metrics", "/connectors", "/api/session", "/api/isolations")
READ: Final = ("/api/actions", "/api/actions/export", "/api/lanes", "/api/pauses", "/api/dossiers/unknown")

pytestmark = pytest.mark.timeout(120)


@dataclass(frozen=True)
class Leaning:
    """A gateway, and its wire to the store."""

    portal: Portal
    wire: Wire

    async def read(self, path: str) -> int:
        """The status of a GET by the operator."""
        async with self.portal.session.get(self.portal.gateway.ops_url + path) as answer:
            await answer.read()
            return answer.status

    async def act(self, path: str, body: dict[str, Any]) -> tuple[int, str]:
        """The status of a deed and the reason of a refusal."""
        status, told = await operate(self.portal, "POST", path, body)
        return status, told.get("reason", "")


@asynccontextmanager
async def leaning(national: National, database: str) -> AsyncIterator[Leaning]:
    """A gateway with the store of *database*, behind a wire."""
    url = address(database)
    found = re.search(r"port=(\d+)", url)
    port = int(found[1]) if found else 5432
    async with wired("127.0.0.1", port) as wire:
        store = {"url": re.sub(r"port=\d+", f"port={wire.number}", url)}
        async with serving_portal(laptop_settings(national.url, store=store)) as portal:
            yield Leaning(portal, wire)
            wire.turn("cut")


async def test_store_that_is_away_is_a_problem_of_its_own(national: National, database: str) -> None:
    """Each deed is refused as one that may be tried again and nothing of it is done; what needs no store is shown; and
    when the store is back, the deed is done once.
    """
    async with leaning(national, database) as found:
        found.wire.turn("cut")
        deeds = [*SYSTEMS.values(), *ORDERS.values()]
        refused = await asyncio.gather(*(found.act(*deed) for deed in deeds))
        shown = await asyncio.gather(*(found.read(path) for path in (*ALWAYS, *READ)))
        found.wire.turn("open")
        async with asyncio.timeout(30):
            while (await found.act(*SYSTEMS["isolate"]))[0] != 200:  # noqa: ASYNC110  # the pool looks by itself
                await asyncio.sleep(0.2)

        assert set(refused) == {(503, "store")}
        assert shown == [200] * len(ALWAYS) + [503] * len(READ)
        assert [what for _, what, _, _ in await recorded(found.portal)] == ["isolate"]
        assert len((await operate(found.portal, "GET", "/api/isolations"))[1]["data"]) == 1


async def test_store_that_takes_no_writing_refuses_deeds(
    national: National, database: str, postgres_server: Server
) -> None:
    """A standby is no place for an isolation: all that changes something is refused, what is read is shown."""
    setting = f'alter database "{psycopg.conninfo.conninfo_to_dict(database)["dbname"]}"'

    async def tell(text: str) -> None:
        async with await psycopg.AsyncConnection.connect(postgres_server.url, autocommit=True) as connection:
            await connection.execute(text.encode())

    async with leaning(national, database) as found:
        await tell(f"{setting} set default_transaction_read_only = on")
        found.wire.turn("cut")
        found.wire.turn("open")
        try:
            done = await asyncio.gather(*(found.act(*deed) for deed in SYSTEMS.values()))
            shown = await asyncio.gather(*(found.read(path) for path in ALWAYS))
        finally:
            await tell(f"{setting} reset default_transaction_read_only")

    assert set(done) == {(503, "store")}
    assert shown == [200] * len(ALWAYS)


@pytest.mark.parametrize(
    ("spoil", "mend"),
    [
        (lambda redis: redis.freeze(), lambda redis: redis.thaw()),
        (lambda redis: redis.stop(), lambda redis: redis.start()),
        (lambda redis: redis.tell("REPLICAOF", "127.0.0.1", "1"), lambda redis: redis.tell("REPLICAOF", "NO", "ONE")),
    ],
    ids=["stalls", "away", "read-only"],
)
async def test_deeds_are_done_here_whatever_redis_does(
    spoil: Callable[[RedisServer], None],
    mend: Callable[[RedisServer], None],
    national: National,
    own_redis: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a store, gateways share their orders in Redis: one that can't reach it acts by itself, and at once."""
    monkeypatch.setenv("CACHE_KEY", "made-up" * 8)
    cache = {"redis": {"url": own_redis.url, "key": "env:CACHE_KEY"}}
    async with serving_portal(laptop_settings(national.url, cache=cache)) as portal:
        await asyncio.to_thread(spoil, own_redis)
        try:
            status, _ = await operate(portal, "POST", *SYSTEMS["isolate"])
            refused = await portal.ask("GET", QUESTION.format("6799432450"))
            rest = [(await operate(portal, "POST", *deed))[0] for name, deed in SYSTEMS.items() if name != "isolate"]
            answered = await portal.ask("GET", QUESTION.format("6799432450"))
        finally:
            await asyncio.to_thread(mend, own_redis)
        assert [what for _, what, _, _ in await recorded(portal)] == list(reversed(SYSTEMS))

    assert (status, rest) == (200, [200] * 4)
    assert (refused.status, refused.json["reason"]) == (503, "maintenance_window")
    assert answered.status == 200


async def test_scrape_is_whole_during_an_overload(national: National) -> None:
    """Hundreds wait for one system and as many are refused: the operator's port answers each time, and shows it."""
    wide = {**PLAIN, "bulkhead": {"limit": 2, "queue": 20}}
    async with serving_portal(laptop_settings(national.url, upstreams=wide)) as portal:
        await national.fault("business_registry", "latency", operation="chiTietDoanhNghiep", seconds=0.2)
        codes = [sample["path"]["enterprise_code"] for sample in await national.samples("business_registry.enterprise")]
        asked = [
            asyncio.create_task(
                portal.ask("GET", QUESTION.format(codes[one % len(codes)]), headers={"Cache-Control": "no-cache"})
            )
            for one in range(300)
        ]
        seen = []
        while not all(one.done() for one in asked):
            async with portal.session.get(f"{portal.gateway.ops_url}/metrics") as scrape:
                seen.append((scrape.status, await scrape.text()))
        answered = {one.result().status for one in asked}
        async with portal.session.get(f"{portal.gateway.ops_url}/metrics") as scrape:
            last = await scrape.text()

    assert answered <= {200, 503}
    assert len(seen) > 1
    assert {status for status, _ in seen} == {200}
    counted = re.findall(r'^lgsp_requests_total\{.*operation="enterprise".*\} ([\d.]+)$', last, re.MULTILINE)
    assert sum(map(float, counted)) == 300
    assert all(text.endswith("\n") and "lgsp_build_info" in text for _, text in seen)
