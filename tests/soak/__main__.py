"""``make soak``: faults roll over the country for some minutes; a table, and status 1 where anything was lost.

The gateway is a process under a limit of 512 MB, as in the deploy files. It must not be started again, answer 500, or
leave a request without an answer; afterwards its memory is back to one and a half of what it was at rest, and every
accepted order has reached its system.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import aiohttp
import yaml

from gateway.app import Gateway as Running
from gateway.registry import Plan, plan
from tests.proof.processes import Gateway, Mocks, ending
from tests.soak.asking import Portals, Tally
from tests.soak.faults import CALM, ROLLING, Weather
from tests.soak.memory import limited, peak_mib, resident_mib
from tests.support.ending import command
from tests.support.laptop import LAPTOP, laptop_settings
from tests.support.portal import KEY, Portal

LIMIT_MIB: Final = 512
CLIENTS: Final = 12
WARM_S: Final = 15.0
REST_S: Final = 60.0
"""Within which memory and lanes must be back."""
BACK: Final = 1.5
ROOMY: Final = {"LGSP_CACHE__DATA_BYTES": str(128 * 1024 * 1024), "LGSP_STORE__LEASE_S": "40"}
"""A cache as the deploy files say for this limit, and a lease that outlasts every exchange."""


def quick_breakers() -> dict[str, str]:
    """Breakers that close again after a second: else most of a weather would be refused here, and not met."""
    written = yaml.safe_load(LAPTOP.read_text("utf-8"))["connectors"]
    names = [(connector, up) for connector, block in written.items() for up in block["upstreams"]]
    return {f"LGSP_CONNECTORS__{c.upper()}__UPSTREAMS__{up.upper()}__BREAKER__OPEN_S": "1" for c, up in names}


@dataclass(frozen=True, slots=True)
class Where:
    """What a portal needs to know of a gateway that is another process."""

    url: str
    ops_url: str
    plan: Plan


class Lanes(NamedTuple):
    """Lanes of orders that still wait, and those that wait for somebody: an operator, or the order before them."""

    waiting: int
    parked: int


@dataclass
class Soak:
    """One run."""

    mocks: Mocks
    gateway: Gateway
    session: aiohttp.ClientSession
    portals: Portals
    rows: list[tuple[Tally, float]]

    @property
    def pid(self) -> int:
        """The gateway's process."""
        assert self.gateway.process is not None
        assert self.gateway.process.running is not None
        return self.gateway.process.running.pid

    @property
    def alive(self) -> bool:
        """Whether the process that was started is still the one that answers."""
        return self.gateway.process is not None and self.gateway.process.alive

    async def spend(self, weather: Weather, seconds: float) -> None:
        """Lets the country do *weather* for *seconds* and keeps how the requests ended."""
        await self.mocks.tell("PUT", "/__mock/faults", {"faults": weather.plan()})
        tally = self.portals.tally = Tally(weather.name)
        await asyncio.sleep(seconds)
        self.rows.append((tally, resident_mib(self.pid) if self.alive else 0.0))
        _say(row_of(*self.rows[-1]))

    async def lanes(self) -> Lanes:
        """The lanes of accepted orders."""
        url = f"http://127.0.0.1:{self.gateway.ops_port}/api/lanes?limit=1000"
        async with self.session.get(url, headers={"Authorization": f"Bearer {KEY}"}) as response:
            found: list[dict[str, Any]] = (await response.json())["data"]
        parked = sum(lane["state"] in {"parked", "held"} for lane in found)
        return Lanes(len(found) - parked, parked)

    async def rest(self, at_rest_mib: float) -> tuple[float, Lanes]:
        """Waits until memory and lanes are back, and gives what they are then, or after the time for it."""
        loop = asyncio.get_running_loop()
        # What failed often rests for minutes of the country's time; its clock is moved past them.
        await self.mocks.tell("POST", "/__mock/clock", {"advance": "PT6H"})
        until = loop.time() + REST_S
        while True:
            now, lanes = resident_mib(self.pid), await self.lanes()
            if (now <= at_rest_mib * BACK and not lanes.waiting) or loop.time() > until:
                return now, lanes
            await asyncio.sleep(1)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


HEAD: Final = (
    f"{'weather':26} {'requests':>8} {'well':>6} {'stale':>6} {'refused':>8} {'500':>4} {'missing':>8} "
    f"{'p50 s':>6} {'p99 s':>6} {'MiB':>5}  most frequent reasons"
)


def row_of(tally: Tally, mib: float) -> str:
    """A row of the table."""
    well, stale, bad = tally.ended["well"], tally.ended["stale"], tally.ended["internal"]
    others = problems_of(tally)
    refused = sum(others.values())
    often = ", ".join(f"{name} {count}" for name, count in sorted(others.items(), key=lambda one: -one[1])[:3])
    return (
        f"{tally.name:26} {tally.requests:8} {well:6} {stale:6} {refused:8} {bad:4} {len(tally.missing):8} "
        f"{tally.slowest(0.5):6.2f} {tally.slowest(0.99):6.2f} {mib:5.0f}  {often}"
    )


def problems_of(tally: Tally) -> dict[str, int]:
    """The problems by their words, bugs of ours left out."""
    return {name: count for name, count in tally.ended.items() if name not in {"well", "stale", "internal"}}


async def soak(minutes: float, folder: Path) -> list[str]:
    """Runs it, prints the table, and gives what was lost."""
    mocks = Mocks(folder)
    gateway = Gateway(mocks, "soak", {}, {**ROOMY, **await asyncio.to_thread(quick_breakers)})
    async with ending(gateway, mocks):
        await mocks.start()
        await gateway.start()
        if not await gateway.ready():
            return [f"the gateway did not start: {(folder / 'gateway-soak.log').read_text('utf-8')[-2000:]}"]
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{mocks.url}/__mock/samples") as response:
                samples = await response.json()
            planned = await asyncio.to_thread(lambda: plan(laptop_settings(mocks.url)))
            offered = {f"{item.connector.name}.{item.operation.name}" for item in planned.operations}
            samples = {name: found for name, found in samples.items() if name in offered}
            ops = f"http://127.0.0.1:{gateway.ops_port}"
            portal = Portal(cast("Running", Where(gateway.url, ops, planned)), session)
            run = Soak(mocks, gateway, session, Portals(portal, samples), [])
            return await _run(run, minutes)


async def _run(run: Soak, minutes: float) -> list[str]:
    with limited(run.pid, LIMIT_MIB) as held:
        _say(f"{minutes:g} minutes, {CLIENTS} clients; memory limit {LIMIT_MIB} MiB {'held' if held else 'watched'}")
        _say(HEAD)
        asking = [asyncio.create_task(run.portals.ask_on()) for _ in range(CLIENTS)]
        try:
            await run.spend(Weather("warm up"), WARM_S)
            at_rest = resident_mib(run.pid)
            each = max(4.0, minutes * 60 / len(ROLLING) / max(1, round(minutes / 5)))
            loop = asyncio.get_running_loop()
            until = loop.time() + minutes * 60
            while loop.time() < until and run.alive:
                for weather in ROLLING:
                    if loop.time() >= until or not run.alive:
                        break
                    await run.spend(weather, min(each, max(1.0, until - loop.time())))
            await run.spend(CALM, 1.0)
        finally:
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
        if not run.alive:
            return ["the gateway's process ended"]
        after, lanes = await run.rest(at_rest)
        peak = peak_mib(run.pid)
    _say(
        f"memory: {at_rest:.0f} MiB at rest, {peak:.0f} at most, {after:.0f} after ({after / at_rest:.2f} x); "
        f"orders accepted: {len(run.portals.accepted)}, waiting: {lanes.waiting}, for somebody: {lanes.parked}"
    )
    return lost([tally for tally, _ in run.rows], at_rest, peak, after, lanes)


def lost(tallies: Sequence[Tally], at_rest: float, peak: float, after: float, lanes: Lanes) -> list[str]:
    """What a run has lost, in words; nothing where all is well."""
    found = []
    if bugs := sum(tally.ended["internal"] for tally in tallies):
        found.append(f"{bugs} answers are 500")
    if missing := [one for tally in tallies for one in tally.missing]:
        found.append(f"{len(missing)} requests have no answer: {', '.join(sorted(set(missing))[:5])}")
    if peak > LIMIT_MIB:
        found.append(f"{peak:.0f} MiB are more than the limit of {LIMIT_MIB}")
    if after > at_rest * BACK:
        found.append(f"memory went from {at_rest:.0f} to {after:.0f} MiB and did not come back")
    if lanes.waiting:
        found.append(f"{lanes.waiting} lanes of accepted orders still wait")
    return found


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long the faults roll (10)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        found = asyncio.run(soak(asked.minutes, Path(folder)))
    for one in found:
        _say(f"LOST: {one}")
    _say("nothing was lost" if not found else f"{len(found)} kinds of loss")
    return 1 if found else 0


if __name__ == "__main__":
    command(main)
