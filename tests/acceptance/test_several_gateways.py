"""Two gateways, one Redis, one mock country: one quota, one rate, whatever becomes of Redis meanwhile."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from psycopg import AsyncConnection
from structlog.testing import capture_logs

from tests.gateway.pipeline.redis_server import RedisServer
from tests.support.laptop import PLAIN, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import Answered, Portal
from tests.support.postgres import address
from tests.support.wire import wired

pytestmark = pytest.mark.redis
ENTERPRISE: Final = "business_registry.enterprise"
UPSTREAM: Final = "business_registry.ngsp"
CALL: Final = "chiTietDoanhNghiep"
NO_CACHE: Final = {"Cache-Control": "no-cache"}
SECRET: Final = "the secret that two gateways of a test share"
Serve = Callable[..., AbstractAsyncContextManager[Portal]]


@pytest.fixture
def serve(national: National, own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Serve:
    """Starts a gateway on the machine's clock that shares *own_redis*; *name* is that of its state folder."""
    monkeypatch.setenv("SHARED_CACHE_KEY", SECRET)

    @asynccontextmanager
    async def start(name: str, quota: int, **changes: Any) -> AsyncIterator[Portal]:
        """A gateway, for as long as it is needed."""
        settings = laptop_settings(
            national.url,
            upstreams={**PLAIN, "quota_per_day": quota, "quota_reserve": 0},
            cache={"redis": {"url": own_redis.url, "key": "env:SHARED_CACHE_KEY"}},
            state_dir=str(tmp_path / name),
            **changes,
        )
        async with serving_portal(settings) as portal:
            yield portal

    return start


async def ask(portal: Portal, sample: dict[str, Any], times: int = 1) -> Counter[str]:
    """So many questions that the cache may not answer, by their verdicts."""
    found: Counter[str] = Counter()
    for _ in range(times):
        found[verdict(await portal.look_up(ENTERPRISE, sample, NO_CACHE))] += 1
    return found


async def told(portal: Portal, sample: dict[str, Any]) -> str:
    """The verdict of a gateway that knows: on a busy machine Redis may be late for one question."""
    async with asyncio.timeout(30):
        while (found := await ask(portal, sample))["quota_unknown"]:
            pass
    return next(iter(found))


def verdict(answer: Answered) -> str:
    """``live`` or the reason of a refusal."""
    return "live" if answer.status == 200 else str(answer.json["reason"])


async def test_two_gateways_spend_one_quota_to_its_end(serve: Serve, national: National) -> None:
    """The source is asked as often as it grants and not once more, whichever gateway is asked."""
    sample = (await national.samples(ENTERPRISE))[0]
    async with serve("a", 30) as one, serve("b", 30) as other:
        found: Counter[str] = Counter()
        last: Counter[str] = Counter()
        async with asyncio.timeout(60):
            while last != Counter({"quota_spent": 10}):
                last = sum(await asyncio.gather(ask(one, sample, 5), ask(other, sample, 5)), Counter())
                found += last

    assert set(found) <= {"live", "quota_spent", "quota_unknown"}
    assert await national.total("business_registry", CALL) == found["live"] <= 30
    assert found["live"] > 24, "what Redis granted to nobody, because it was late, is little"


async def test_redis_away_what_was_taken_in_advance_is_spent_and_no_more(
    serve: Serve, national: National, own_redis: RedisServer
) -> None:
    """Frozen, then gone, then back and empty: no answer but those of the source and ``quota_unknown``, and in all
    never more than the quota; nobody is told that the quota is spent while some of it is left.
    """
    sample = (await national.samples(ENTERPRISE))[0]
    async with serve("a", 400) as one, serve("b", 400) as other:
        found: Counter[str] = Counter()
        async with asyncio.timeout(30):
            while found["live"] < 10:
                found += (await ask(one, sample)) + (await ask(other, sample))
        own_redis.freeze()
        found += (await ask(one, sample, 30)) + (await ask(other, sample, 30))
        own_redis.stop()
        away: Counter[str] = Counter()
        async with asyncio.timeout(60):
            while away != Counter({"quota_unknown": 60}):  # on a busy machine some of the reserve comes late
                away = (await ask(one, sample, 30)) + (await ask(other, sample, 30))
                found += away
        async with serve("c", 400) as third:
            assert await ask(third, sample, 3) == Counter({"quota_unknown": 3}), "it remembers nothing"
        own_redis.start()
        async with asyncio.timeout(60):
            while not (back := await ask(one, sample))["live"]:
                assert set(back) == {"quota_unknown"}
        found["live"] += 1
        rest = 600
        async with asyncio.timeout(60):
            while found["live"] < 400 and rest:
                found += (await ask(one, sample)) + (await ask(other, sample))
                rest -= 1

    assert set(found) <= {"live", "quota_spent", "quota_unknown"}
    assert await national.total("business_registry", CALL) == found["live"] <= 400


async def test_redis_that_is_away_is_our_own_trouble_all_the_way(
    serve: Serve, national: National, own_redis: RedisServer
) -> None:
    """The caller, the metrics, the board and the log blame this gateway, and nobody says that the quota is spent."""
    sample = (await national.samples(ENTERPRISE))[0]
    own_redis.stop()
    with capture_logs() as lines:
        async with serve("a", 400) as portal:
            answer = await portal.look_up(ENTERPRISE, sample, NO_CACHE)
            board, metrics, ready = [(await ask_ops(portal, path)) for path in ("/connectors", "/metrics", "/readyz")]

    problem = answer.json
    assert (answer.status, problem["code"], problem["reason"]) == (503, "overloaded", "quota_unknown")
    assert (problem["fault"], problem["retryable"], answer.headers["Retry-After"]) == ("gateway", True, "5")
    (up,) = json.loads(board)["data"][0]["upstreams"]
    assert (up["state"], up["why"], up["ours"]) == ("unknown", None, "quota_unknown")
    where = 'connector="business_registry"'
    assert f'lgsp_not_asked_total{{{where},reason="quota_unknown",upstream="ngsp"}} 1.0' in metrics
    assert f'lgsp_quota_remaining{{{where},upstream="ngsp"}} 400.0' in metrics
    assert f'lgsp_service_level_total{{class="gateway",{where},operation="enterprise"}} 1.0' in metrics
    assert "lgsp_shared_link_up 0.0" in metrics
    assert "can't be counted" in json.loads(ready)["checks"]["machine"]
    told = [line for line in lines if line.get("reason") == "quota_unknown"]
    assert told, lines
    assert "quota is spent" not in str(lines)
    assert await national.total("business_registry", CALL) == 0


async def ask_ops(portal: Portal, path: str) -> str:
    """The answer of the operator's port."""
    async with portal.session.get(f"{portal.gateway.ops_url}{path}") as answer:
        return await answer.text()


async def test_a_caller_has_one_rate_at_both(serve: Serve, national: National) -> None:
    """What one gateway has granted, the other refuses a little later."""
    sample = (await national.samples(ENTERPRISE))[0]
    caller = {"laptop": {"key": "lgsp_laptop_only", "scopes": ["*"], "rate": {"per_second": 0.01, "burst": 6}}}
    async with serve("a", 100, callers=caller) as one, serve("b", 100, callers=caller) as other:
        first = [(await one.look_up(ENTERPRISE, sample)).status for _ in range(6)]
        granted = 0
        async with asyncio.timeout(20):
            while (await other.look_up(ENTERPRISE, sample)).status == 200:
                granted += 1
        assert granted <= 6
        assert (await one.look_up(ENTERPRISE, sample)).status == 429

    assert first == [200] * 6


async def post(portal: Portal, path: str, body: dict[str, Any]) -> int:
    """A deed of an operator."""
    headers = {"Authorization": "Bearer lgsp_laptop_only"}
    async with portal.session.post(f"{portal.gateway.ops_url}{path}", json=body, headers=headers) as answer:
        return answer.status


async def becomes(portal: Portal, sample: dict[str, Any], wanted: str) -> None:
    """Returns once questions end so."""
    async with asyncio.timeout(20):
        while set(await ask(portal, sample)) != {wanted}:  # noqa: ASYNC110  # the gateway tells over HTTP alone
            await asyncio.sleep(0.05)


async def test_an_isolation_at_one_gateway_acts_at_the_other_without_a_store(
    serve: Serve, national: National, own_redis: RedisServer
) -> None:
    """Through Redis; and when Redis is away it acts where it was ordered, and at the other when Redis is back."""
    sample = (await national.samples(ENTERPRISE))[0]
    upstream = "/api/upstreams/business_registry/ngsp"
    async with serve("a", 1_000) as one, serve("b", 1_000) as other:
        await becomes(other, sample, "live")
        assert await post(one, f"{upstream}/isolate", {"reason": "bảo trì", "minutes": 5}) == 200
        await becomes(other, sample, "maintenance_window")
        assert await post(other, f"{upstream}/release", {"reason": "xong"}) == 200
        await becomes(one, sample, "live")

        own_redis.stop()
        assert await post(one, f"{upstream}/isolate", {"reason": "bảo trì", "minutes": 5}) == 200
        assert set(await ask(one, sample)) == {"maintenance_window"}
        own_redis.start()
        await becomes(other, sample, "maintenance_window")


async def upstream_of(portal: Portal) -> dict[str, Any]:
    """The register's upstream as the operator's port of this gateway tells of it."""
    async with portal.session.get(f"{portal.gateway.ops_url}/connectors") as answer:
        found = await answer.json(content_type=None)
    (register,) = [one for one in found["data"] if one["name"] == "business_registry"]
    up: dict[str, Any] = register["upstreams"][0]
    return up


async def check_of(portal: Portal, name: str) -> str:
    """A check that ``/readyz`` tells."""
    async with portal.session.get(f"{portal.gateway.ops_url}/readyz") as answer:
        assert answer.status == 200
        return str((await answer.json(content_type=None))["checks"][name])


async def sees(portal: Portal, states: list[str]) -> None:
    """Returns once this gateway sees the other ones' breakers so."""
    async with asyncio.timeout(30):
        while [one["state"] for one in (await upstream_of(portal))["elsewhere"]] != states:  # noqa: ASYNC110  # HTTP alone
            await asyncio.sleep(0.05)


async def test_a_breaker_that_opened_at_one_gateway_is_seen_at_the_other_and_stays_its_own(
    serve: Serve, national: National, own_redis: RedisServer
) -> None:
    """The other asks on; without Redis it says so, forgets what it saw, and sees it again when Redis is back."""
    sample = (await national.samples(ENTERPRISE))[0]
    breaks = {"business_registry": {"upstreams": {"ngsp": {"breaker": {"consecutive_failures": 1, "open_s": 3600}}}}}
    async with serve("a", 1_000, connectors=breaks) as one, serve("b", 1_000, connectors=breaks) as other:
        await sees(one, ["closed"])
        await national.fault("business_registry", "status", status=503)
        await ask(one, sample, 2)
        await national.calm()
        await sees(other, ["open"])
        mine, theirs = await upstream_of(one), await upstream_of(other)
        assert (mine["breaker"], theirs["breaker"]) == ("open", "closed")
        assert (theirs["elsewhere"][0]["since"], theirs["elsewhere"][0]["why"]) == (
            mine["breaker_since"],
            "consecutive_failures",
        )
        assert await ask(other, sample) == Counter({"live": 1})

        assert await check_of(other, "others") == "ok"
        own_redis.stop()
        await sees(other, [])
        assert "not known" in await check_of(other, "others")
        own_redis.start()
        await sees(other, ["open"])
    async with serve("c", 1_000) as third:
        assert (await upstream_of(third))["elsewhere"] == [], "those that ended are not shown"


async def aside(connection: AsyncConnection) -> int:
    """The exchanges that lie in the store, for gateways that do not reach Redis."""
    found = await (await connection.execute("select held from quota_days where name = %s", [UPSTREAM])).fetchone()
    return 0 if found is None else int(found[0])


async def left_aside(
    start: Callable[[], AbstractAsyncContextManager[Portal]], sample: dict[str, Any], redis: RedisServer, database: str
) -> int:
    """Kills *redis* under a gateway when a share of the quota is in the store; returns how often the source was asked.

    A gateway that finds Redis late, as on a busy machine, spends that share itself: then it begins anew.
    """
    asked = 0
    async with asyncio.timeout(60), await AsyncConnection.connect(database, autocommit=True) as connection:
        while True:
            async with start() as one:
                asked += (await ask(one, sample, 20))["live"]
                while not await aside(connection):
                    asked += (await ask(one, sample))["live"]
                redis.stop()
            if await aside(connection):
                return asked
            redis.start()


async def test_a_gateway_without_redis_and_folder_has_what_the_store_remembers(
    serve: Serve, national: National, own_redis: RedisServer, database: str
) -> None:
    """Redis killed, the state folder empty, the store there: a restarted gateway spends what was laid aside, then
    refuses without saying that the quota is spent; and when Redis comes back empty, the day's quota is not begun anew.
    """
    sample = (await national.samples(ENTERPRISE))[0]
    store = {"url": address(database)}
    found = await left_aside(lambda: serve("a", 200, store=store), sample, own_redis, database)
    away: Counter[str] = Counter()
    async with serve("empty", 200, store=store) as restarted, asyncio.timeout(60):
        while not away["live"]:  # on a busy machine the store may be late for the first questions
            away += await ask(restarted, sample, 20)
    assert away["live"] <= 4, "a fiftieth"
    assert set(away) == {"live", "quota_unknown"}
    own_redis.start()
    spent = found + away["live"]
    async with serve("empty too", 200, store=store) as third:
        async with asyncio.timeout(60):
            while not (back := await ask(third, sample))["live"]:
                assert set(back) == {"quota_unknown"}
            while not back["quota_spent"]:
                spent += back["live"]
                back = await ask(third, sample)

    assert await national.total("business_registry", CALL) == spent <= 200
    assert spent > 150, "what nobody holds can be had"


async def test_a_purge_at_one_gateway_reaches_the_other_with_a_store(
    serve: Serve, national: National, database: str
) -> None:
    """What the other had in its memory is asked for anew, and kept again; one Redis, one PostgreSQL."""
    sample = (await national.samples(ENTERPRISE))[0]
    store = {"url": address(database)}

    async def is_hit(portal: Portal) -> bool:
        """Whether the answer came from the cache."""
        return (await portal.look_up(ENTERPRISE, sample)).headers["Cache-Status"].startswith("lgsp; hit")

    async with serve("a", 1_000, store=store) as one, serve("b", 1_000, store=store) as other:
        async with asyncio.timeout(30):
            while not (await is_hit(other) and await is_hit(one)):
                pass
        asked = await national.total("business_registry", CALL)
        assert await post(one, "/api/purge", {"reason": "sửa dữ liệu", "operation": "business_registry.*"}) == 200
        async with asyncio.timeout(30):
            while await is_hit(other):
                pass
            while not (await is_hit(other) and await is_hit(one)):
                pass

        assert await national.total("business_registry", CALL) > asked


async def test_without_redis_breakers_are_seen_through_the_store(
    national: National, database: str, tmp_path: Path
) -> None:
    """And not while PostgreSQL is away; each goes on by its own, and sees the others again when it is back."""
    url, sample = address(database), (await national.samples(ENTERPRISE))[0]
    port = int(found[1]) if (found := re.search(r"port=(\d+)", url)) else 5432
    changes: dict[str, Any] = {"upstreams": {**PLAIN, "breaker": {"consecutive_failures": 1, "open_s": 3600}}}
    async with wired("127.0.0.1", port) as wire:
        wired_url = re.sub(r"port=\d+", f"port={wire.number}", url)
        one_s = laptop_settings(national.url, store={"url": url}, state_dir=str(tmp_path / "a"), **changes)
        other_s = laptop_settings(national.url, store={"url": wired_url}, state_dir=str(tmp_path / "b"), **changes)
        async with serving_portal(one_s) as one, serving_portal(other_s) as other:
            await sees(one, ["closed"])
            await national.fault("business_registry", "status", status=503)
            await ask(one, sample, 2)
            await national.calm()
            await sees(other, ["open"])
            assert ((await upstream_of(other))["breaker"], await check_of(other, "others")) == ("closed", "ok")

            wire.turn("cut")
            await sees(other, [])
            assert "not known" in await check_of(other, "others")
            assert await ask(other, sample) == Counter({"live": 1})
            wire.turn("open")
            await sees(other, ["open"])
        async with serving_portal(one_s) as third:
            assert (await upstream_of(third))["elsewhere"] == [], "those that ended are not shown"
