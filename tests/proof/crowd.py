"""A thousand applications through an outage of the country, or on a bad line: none is lost, none is there twice.

python -m tests.proof.crowd outage|flaky [--applications 1000]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import aiohttp

from tests.proof.processes import Gateway, Mocks, address, ending
from tests.support import postgres
from tests.support.checker import Order, check
from tests.support.ending import command

KEY: Final = "lgsp_laptop_only"
AT_ONCE: Final = 32
OUTAGE_MINUTES: Final = 30
ENOUGH_S: Final = 600.0
DOWN: Final = {
    "faults": [
        {
            "system": "criminal_records",
            "operation": "*",
            "requests": "all",
            "probability": 1.0,
            "seed": 1,
            "fault": {"kind": "status", "status": 503},
        }
    ]
}


async def apply(client: aiohttp.ClientSession, url: str, sample: dict[str, Any], codes: Sequence[str]) -> None:
    """Applies for all of *codes*, some at once; each must be accepted."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(code: str) -> None:
        headers = {"Authorization": f"Bearer {KEY}", "X-User-Id": "officer-1", "Idempotency-Key": f"key-{code}"}
        async with (
            turns,
            client.post(
                f"{url}/v1/criminal-records/applications", json={**sample, "dossier_code": code}, headers=headers
            ) as response,
        ):
            assert response.status == 202, await response.text()  # accepted

    await asyncio.gather(*(one(code) for code in codes))


async def levels(client: aiohttp.ClientSession, gateway: Gateway) -> dict[str, float]:
    """The lanes of all systems by state, as the metrics tell them."""
    async with client.get(f"http://127.0.0.1:{gateway.ops_port}/metrics") as response:
        text = await response.text()
    found: dict[str, float] = {}
    for line in text.splitlines():
        if line.startswith("lgsp_lanes{"):
            state = line.partition('state="')[2].partition('"')[0]
            found[state] = found.get(state, 0.0) + float(line.rpartition(" ")[2])
    return found


async def drained(client: aiohttp.ClientSession, mocks: Mocks, gateway: Gateway) -> dict[str, float]:
    """The lanes, once nothing waits but what is parked; lanes are counted every ten seconds."""
    until = time.monotonic() + ENOUGH_S
    while True:
        for _ in range(6):
            await mocks.tell("POST", "/__mock/clock", {"advance": "PT1M"})
            await asyncio.sleep(2)
        left = await levels(client, gateway)
        if sum(left.values()) == left.get("parked", 0.0) or time.monotonic() > until:
            return left


async def run(what: str, number: int, folder: Path, store: str) -> int:
    """The whole story; 0 where it holds."""
    mocks = Mocks(folder)
    gateway = Gateway(mocks, "a", {"LGSP_STORE__URL": store})
    codes = [f"000.00.04.H58-261127-{index:04d}" for index in range(1, number + 1)]
    async with ending(gateway, mocks), aiohttp.ClientSession() as client:
        await mocks.start()
        await gateway.start()
        assert await gateway.ready(), "the gateway did not turn ready"
        began = time.monotonic()
        async with client.get(f"{mocks.url}/__mock/samples") as response:
            sample = (await response.json())["criminal_records.apply"][0]["body"]
        if what == "outage":
            await mocks.tell("PUT", "/__mock/faults", DOWN)
        else:
            await mocks.tell("POST", "/__mock/scenario", {"name": "flaky"})
        await apply(client, gateway.url, sample, codes)
        sys.stdout.write(f"{number} accepted in {time.monotonic() - began:.1f} s\n")
        if what == "outage":
            for _ in range(OUTAGE_MINUTES):
                await mocks.tell("POST", "/__mock/clock", {"advance": "PT1M"})
                await asyncio.sleep(1.5)
            sys.stdout.write(f"after {OUTAGE_MINUTES} minutes of outage: {await levels(client, gateway)}\n")
            await mocks.tell("DELETE", "/__mock/faults", None)
        left = await drained(client, mocks, gateway)
    report = check(mocks.journal, [Order("criminal_records", code) for code in codes])
    sys.stdout.write(f"{time.monotonic() - began:.0f} s; lanes {json.dumps(left)}\n" + "\n".join(report.lines()) + "\n")
    return 0 if report.sound and not any(left.values()) else 1


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("outage", "flaky"))
    parser.add_argument("--applications", type=int, default=1000)
    asked = parser.parse_args()

    async def told(folder: Path, server: postgres.Server) -> int:
        async with server.empty() as url:
            return await run(asked.what, asked.applications, folder, address(url))

    with tempfile.TemporaryDirectory(prefix="crowd-") as folder, postgres.server(Path(folder) / "postgres") as server:
        return asyncio.run(told(Path(folder), server))


if __name__ == "__main__":
    command(main)
