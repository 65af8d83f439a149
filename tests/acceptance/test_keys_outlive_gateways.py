"""An Idempotency-Key is known on every gateway, and after all of them were killed."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest

from tests.proof.processes import Gateway, Mocks, address, ending
from tests.support import postgres
from tests.support.checker import Order, check

CODE: Final = "000.00.04.H58-261127-0001"
HEADERS: Final = {
    "Authorization": "Bearer lgsp_laptop_only",
    "X-User-Id": "canbo.test",
    "X-Dossier-Id": CODE,
    "Idempotency-Key": "the-same-key",
    "Content-Type": "application/json",
}
REPLAYED: Final = "Idempotency-Replayed"


async def apply(gateway: Gateway, body: dict[str, Any]) -> tuple[int, dict[str, Any], str | None]:
    """One application; its status, body and whether it is an answer given again."""
    url = f"{gateway.url}/v1/criminal-records/applications"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=json.dumps(body), headers=HEADERS) as response,
    ):
        return response.status, await response.json(), response.headers.get(REPLAYED)


async def sent(gateway: Gateway) -> None:
    """Waits until the ministry has the application."""
    url = f"{gateway.url}/v1/criminal-records/applications/{CODE}"
    async with aiohttp.ClientSession() as session, asyncio.timeout(60):
        while True:
            async with session.get(url, headers=HEADERS) as response:
                if (await response.json())["data"]["state"] == "received":
                    return
            await asyncio.sleep(0.1)


@pytest.mark.timeout(120)
async def test_a_key_outlives_every_gateway(tmp_path: Path, postgres_server: postgres.Server) -> None:
    """At once on two gateways: one submission. After SIGKILL of both: the first answer with its header, and another
    body under the key is 422.
    """
    mocks = Mocks(tmp_path)
    async with postgres_server.empty() as url, aiohttp.ClientSession() as session:
        gateways = [Gateway(mocks, name, {"LGSP_STORE__URL": address(url)}) for name in "ab"]
        async with ending(*gateways, mocks):
            await mocks.start()
            for gateway in gateways:
                await gateway.start()
                assert await gateway.ready()
            async with session.get(f"{mocks.url}/__mock/samples") as response:
                sample = (await response.json())["criminal_records.apply"][0]["body"]
            body = {**sample, "dossier_code": CODE}
            both = await asyncio.gather(*(apply(gateway, body) for gateway in gateways))
            for gateway in gateways:
                assert gateway.process is not None
                assert await gateway.process.end(signal.SIGKILL) == -signal.SIGKILL
            for gateway in gateways:
                await gateway.start()
                assert await gateway.ready()
            again = [await apply(gateway, body) for gateway in gateways]
            other = await apply(gateways[0], {**body, "copies": 2})
            await sent(gateways[0])

    assert sorted((status, replayed or "") for status, _, replayed in both) == [(202, ""), (202, "true")]
    assert [(status, replayed) for status, _, replayed in again] == [(202, "true"), (202, "true")]
    assert len({json.dumps(answer["data"]) for _, answer, _ in (*both, *again)}) == 1
    assert (other[0], other[1]["code"]) == (422, "idempotency-key-reused")
    report = check(mocks.journal, [Order("criminal_records", CODE)])
    assert report.sound, report.lines()
