"""Operators act on several workers of one machine through the port that is theirs all."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Final

import aiohttp

from tests.support.national import National
from tests.support.portal import KEY
from tests.support.workers import PATIENCE_S, serving_workers

PATH: Final = "/v1/business-registry/enterprises/6799432450"
UPSTREAM: Final = "/api/upstreams/business_registry/ngsp"
NO_CACHE: Final = {"Cache-Control": "no-cache"}


async def test_isolation_reaches_all_workers_and_the_console_is_live(national: National, tmp_path: Path) -> None:
    """Without a store and without Redis: none of them asks the system, and after the release all do."""
    async with serving_workers(tmp_path, national.url) as workers:
        assert await workers.asked(PATH, 8, NO_CACHE) == Counter({200: 8})
        status, _ = await workers.operator(f"{UPSTREAM}/isolate", "POST", {"reason": "they called", "minutes": 10})
        assert status == 200
        _, ready = await workers.operator("/readyz")
        assert "lost by a restart" in json.loads(ready)["checks"]["operators"]
        async with asyncio.timeout(PATIENCE_S):
            while await workers.asked(PATH, 12, NO_CACHE) != Counter({503: 12}):
                pass
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as session,
            session.get(f"{workers.ops_url}/api/events") as answer,
            asyncio.timeout(PATIENCE_S),
        ):
            assert await answer.content.readuntil(b"\n\n") == b"retry: 3000\n\n"
            told = (await answer.content.readuntil(b"\n\n")).decode()
        snapshot = json.loads(told.removeprefix("event: snapshot\ndata: "))
        assert snapshot["parts"]["system.business_registry"]["upstreams"][0]["state"] == "isolated"

        await workers.operator(f"{UPSTREAM}/release", "POST", {"reason": "over"})
        async with asyncio.timeout(PATIENCE_S):
            while await workers.asked(PATH, 12, NO_CACHE) != Counter({200: 12}):
                pass


async def test_a_breaker_that_opened_in_one_worker_is_told_by_all(national: National, tmp_path: Path) -> None:
    """Without a store and without Redis: the console of the first worker shows the second one's, and the listing of
    all has each worker's state.
    """
    breaks = {"retry": {"attempts": 1}, "breaker": {"consecutive_failures": 1, "open_s": 3600}}
    async with serving_workers(tmp_path, national.url, upstream=breaks) as workers:

        async def states() -> list[str]:
            """Of each worker's breaker, by its slot."""
            _, told = await workers.operator("/connectors")
            heard = json.loads(told)["data"][0]["upstreams"][0]["elsewhere"]
            return [one["state"] for one in sorted(heard, key=lambda one: int(one["worker"]))]

        async with asyncio.timeout(PATIENCE_S):
            while await states() != ["closed", "closed"]:
                pass
            await national.fault("business_registry", "status", status=503)
            await workers.ask(PATH, NO_CACHE)
            await national.calm()
            while Counter(await states()) != Counter({"closed": 1, "open": 1}):
                pass
        _, told = await workers.operator("/connectors")
        assert json.loads(told)["data"][0]["upstreams"][0]["breaker"] == "open"
        assert (await workers.asked(PATH, 16, NO_CACHE))[200] > 0, "the other worker asks on"
