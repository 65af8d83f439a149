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
