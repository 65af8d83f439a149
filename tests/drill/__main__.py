"""``make drill``: each fault in turn; a table with the seconds until its alert fired, and until it was resolved.

The rules are the shipped ones with minutes of one second (``python -m monitoring --minute 1``).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from tests.drill.faults import FAULTS, Fault, Stage
from tests.drill.prometheus import Prometheus, installed, prometheus
from tests.gateway.pipeline.redis_server import RedisServer
from tests.proof.processes import ROOT, Gateway, Mocks
from tests.support.laptop import LAPTOP

QUIET_S: Final = 90.0
QUICK: Final = {
    "LGSP_CONNECTORS__BUSINESS_REGISTRY__UPSTREAMS__NGSP__BREAKER__OPEN_S": "1",
    "LGSP_CONNECTORS__SOCIAL_INSURANCE__UPSTREAMS__NGSP__BREAKER__OPEN_S": "1",
    "LGSP_CONNECTORS__LEGAL_DOCUMENTS__UPSTREAMS__WS__BREAKER__OPEN_S": "1",
    "LGSP_CONNECTORS__PUBLIC_SERVICE_PORTAL__UPSTREAMS__NGSP__BREAKER__OPEN_S": "1",
    "LGSP_CONNECTORS__MINISTRY_PORTALS__UPSTREAMS__CONSTRUCTION__BREAKER__OPEN_S": "1",
    "LGSP_CONNECTORS__LEGAL_DOCUMENTS__OPERATIONS__DOCUMENT__FRESH_S": "1",
    "LGSP_STORE__LEASE_S": "40",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What Prometheus said of one fault. Seconds, None where it took too long."""

    fault: Fault
    was_quiet: bool
    """Whether the alert was silent before the fault began."""
    fired_s: float | None
    resolved_s: float | None

    @property
    def right(self) -> bool:
        """Whether the alert was silent, fired, and was resolved after."""
        return self.was_quiet and self.fired_s is not None and self.resolved_s is not None

    def line(self) -> str:
        """A row of the table."""
        took = [" never" if one is None else f"{one:5.1f} s" for one in (self.fired_s, self.resolved_s)]
        where = ", ".join(f"{name}={value}" for name, value in self.fault.labels.items())
        return (
            f"{'right' if self.right else 'WRONG'}  {self.fault.alert:20} fired {took[0]}  resolved {took[1]}  {where}"
        )


@asynccontextmanager
async def stage_in(folder: Path) -> AsyncIterator[tuple[Stage, Prometheus]]:
    """The country, a gateway with a store, a portal that asks all the time, and Prometheus."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    mocks, redis, config = Mocks(folder), RedisServer(folder), folder / "lgsp.yaml"
    config.write_text(LAPTOP.read_text("utf-8").replace("file:../", f"file:{ROOT}/"), "utf-8")
    await mocks.start()
    await asyncio.to_thread(redis.start)
    shared = {
        "LGSP_CONFIG": str(config),
        "LGSP_CACHE__REDIS__URL": redis.url,
        "LGSP_CACHE__REDIS__KEY": "env:DRILL_CACHE_KEY",
        "DRILL_CACHE_KEY": "k" * 32,
    }
    gateway = Gateway(mocks, "drill", {}, {**QUICK, **shared})
    try:
        await gateway.start()
        assert await gateway.ready()
        async with (
            AsyncExitStack() as stack,
            aiohttp.ClientSession() as session,
            prometheus(folder / "prometheus", [f"127.0.0.1:{gateway.ops_port}"]) as watcher,
        ):
            async with session.get(f"{mocks.url}/__mock/samples") as response:
                samples = await response.json()
            stage = Stage(mocks, gateway, redis, config, watcher, session, samples, stack)
            asking = asyncio.create_task(_ask_on(stage))
            try:
                await asyncio.sleep(5)  # for the counters to have a past
                yield stage, watcher
            finally:
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
    finally:
        if gateway.process is not None:
            await gateway.process.end()
        assert mocks.process is not None
        await mocks.process.end()
        await asyncio.to_thread(redis.stop)


async def _ask_on(stage: Stage) -> None:
    """Asks the systems that answer questions, some times a second; orders go to the sixth."""
    enterprise = stage.samples["business_registry.enterprise"][0]["path"]["enterprise_code"]
    document = stage.samples["legal_documents.document"][0]["path"]["document_id"]
    household = stage.samples["social_insurance.household"][0]["body"]
    while True:
        await asyncio.gather(
            stage.ask(f"/v1/business-registry/enterprises/{enterprise}"),
            stage.ask(f"/v1/legal-documents/documents/{document}", fresh=False),
            stage.ask("/v1/social-insurance/households/lookup", household),
            stage.ask("/v1/public-service-portal/procedures"),
            stage.ask("/v1/ministry-portals/construction/incoming"),
            return_exceptions=True,
        )
        await asyncio.sleep(0.2)


async def drill(stage: Stage, watcher: Prometheus, fault: Fault) -> Seen:
    """Breaks, waits for the alert, mends, and waits for its end. What another fault left of it ends first."""
    loop = asyncio.get_running_loop()
    quiet = await watcher.until(fault.alert, fault.labels, fires=False, seconds=QUIET_S)
    began = loop.time()
    await fault.begin(stage)
    fired = await watcher.until(fault.alert, fault.labels, fires=True, seconds=fault.fires_s)
    took = loop.time() - began
    await fault.end(stage)
    resolved = await watcher.until(fault.alert, fault.labels, fires=False, seconds=fault.resolves_s)
    return Seen(fault, quiet is not None, None if fired is None else took, resolved)


async def run(wanted: Sequence[Fault], folder: Path) -> list[Seen]:
    """All of *wanted*, one after the other, with a line for each."""
    found = []
    async with stage_in(folder) as (stage, watcher):
        for fault in wanted:
            seen = await drill(stage, watcher, fault)
            found.append(seen)
            sys.stdout.write(f"{seen.line()}\n")
            sys.stdout.flush()
    return found


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    names = [fault.alert for fault in FAULTS]
    parser.add_argument("--only", nargs="+", choices=names, metavar="ALERT", help=f"of {', '.join(names)}")
    asked = parser.parse_args()
    if not installed():
        sys.stderr.write("make drill needs Prometheus: install the package prometheus\n")
        return 2
    wanted = [fault for fault in FAULTS if asked.only is None or fault.alert in asked.only]
    with tempfile.TemporaryDirectory(prefix="drill-") as folder:
        os.environ["LGSP_STATE_DIR"] = str(Path(folder) / "state")  # as in the tests, whose supervisor it starts
        found = asyncio.run(run(wanted, Path(folder)))
    wrong = [one for one in found if not one.right]
    sys.stdout.write(f"{len(found)} alerts, {len(wrong)} wrong\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
