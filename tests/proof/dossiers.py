"""Dossiers whose steps come shuffled, twice and late, through a bad line, an outage and three deaths of the gateway.

python -m tests.proof.dossiers [--dossiers 10000] [--seed 1]

The portal is flaky, then down for half an hour of the country's clock, then back. The journal of the mock portal must
show each dossier accepted once, and each step that the gateway took once and in the order of its instants; no lane is
parked. A step that the gateway refused because a later one had left is not an order.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import aiohttp
from psycopg import AsyncConnection

from tests.proof.crowd import AT_ONCE, ENOUGH_S, KEY, OUTAGE_MINUTES
from tests.proof.processes import Gateway, Mocks, address, ending
from tests.support import postgres
from tests.support.checker import Order, Report, check
from tests.support.ending import command

SYSTEM: Final = "public_service_portal"
STEPS: Final = 3
DEATHS: Final = 3
TWICE: Final = 0.2
"""The part of all messages that come twice."""
DOWN: Final = {
    "faults": [
        {
            "system": SYSTEM,
            "operation": "*",
            "requests": "all",
            "probability": 1.0,
            "seed": 1,
            "fault": {"kind": "status", "status": 503},
        }
    ]
}


@dataclass(frozen=True, slots=True)
class Message:
    """One order: the dossier itself, where *step* is None, or the step of that instant."""

    code: str
    step: datetime | None

    @property
    def order(self) -> Order:
        """As the checker knows it."""
        return Order(SYSTEM, self.code, "dossier" if self.step is None else f"step {self.step:%Y%m%d%H%M%S}")


@dataclass
class Story:
    """The actors, and all that the gateway took."""

    mocks: Mocks
    gateway: Gateway
    store: str
    client: aiohttp.ClientSession
    samples: Mapping[str, Any]
    dice: random.Random
    taken: set[Message] = field(default_factory=set)
    too_late: int = 0
    deaths: int = 0

    async def send(self, messages: Sequence[Message]) -> None:
        """Sends *messages* in this sequence, some at once; each is repeated until the gateway answers."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(message: Message) -> None:
            async with turns:
                await self._until_answered(message)

        await asyncio.gather(*map(one, messages))

    async def _until_answered(self, message: Message) -> None:
        while True:
            try:
                async with self._asked(message) as response:
                    text = await response.text()
            except (aiohttp.ClientError, OSError, TimeoutError):
                await asyncio.sleep(0.3)  # it has died, and is started again
                continue
            if response.status == 202:  # accepted
                self.taken.add(message)
                return
            if response.status == 409 and "later_step_sent" in text:
                self.too_late += message not in self.taken
                return
            assert response.status == 503, text  # the store is not ready yet
            await asyncio.sleep(0.3)

    def _asked(self, message: Message) -> Any:
        url, headers = (
            f"{self.gateway.url}/v1/public-service-portal/dossiers/{message.code}",
            {
                "Authorization": f"Bearer {KEY}",
                "X-User-Id": "officer-1",
            },
        )
        if message.step is None:
            return self.client.put(url, json=self.samples["dossier"], headers=headers)
        body = {**self.samples["step"], "processed_at": message.step.isoformat()}
        return self.client.post(f"{url}/progress", json=body, headers=headers)

    async def die(self) -> None:
        """Kills the gateway, and starts it again."""
        process = self.gateway.process
        assert process is not None, "it was started"
        await process.end(number=9)  # type: ignore[arg-type]
        self.deaths += 1
        await self.gateway.start()
        assert await self.gateway.ready(), process.log.read_text()[-600:]

    async def shuffled(self, codes: Sequence[str], deaths: int) -> None:
        """Sends all messages of *codes* in any order, a part of them twice; the gateway dies on the way."""
        messages = [message for code in codes for message in self.of_dossier(code)]
        messages += self.dice.sample(messages, int(len(messages) * TWICE))
        self.dice.shuffle(messages)
        parts = [messages[place :: deaths + 1] for place in range(deaths + 1)]
        await self.send(parts[0])
        for part in parts[1:]:
            sending = asyncio.create_task(self.send(part))
            await asyncio.sleep(self.dice.uniform(0.1, 0.6))
            await self.die()
            await sending

    def of_dossier(self, code: str) -> list[Message]:
        """The dossier and its steps, in their order."""
        first = datetime.fromisoformat(self.samples["step"]["processed_at"])
        return [Message(code, None), *(Message(code, first + timedelta(hours=number)) for number in range(STEPS))]

    async def lanes(self) -> dict[str, int]:
        """The lanes that wait, by their state, as the store has them."""
        async with await AsyncConnection.connect(self.store) as connection:
            cursor = await connection.execute("select state, count(*) from lanes where head <= tail group by state")
            return dict(await cursor.fetchall())

    async def drained(self) -> dict[str, int]:
        """The lanes, once nothing waits but what is parked."""
        until = time.monotonic() + ENOUGH_S
        while True:
            left = await self.lanes()
            if sum(left.values()) == left.get("parked", 0) or time.monotonic() > until:
                return left
            await self.mocks.tell("POST", "/__mock/clock", {"advance": "PT1M"})
            await asyncio.sleep(1)


async def samples_of(client: aiohttp.ClientSession, mocks: Mocks) -> dict[str, Any]:
    """A dossier and a step, as the country shows them."""
    async with client.get(f"{mocks.url}/__mock/samples") as response:
        found = await response.json()
    return {
        "dossier": found[f"{SYSTEM}.sync_dossier"][0]["body"],
        "step": found[f"{SYSTEM}.report_progress"][0]["body"],
    }


@dataclass(frozen=True, slots=True)
class Seen:
    """How a story ended."""

    report: Report
    lanes: Mapping[str, int]
    too_late: int
    deaths: int

    @property
    def sound(self) -> bool:
        """Whether all held."""
        return self.report.sound and not self.lanes and self.deaths == DEATHS


async def run(number: int, seed: int, folder: Path, store: str) -> Seen:
    """The whole story with *number* dossiers."""
    mocks = Mocks(folder)
    gateway = Gateway(mocks, "a", {"LGSP_STORE__URL": store})
    codes = [f"000.00.04.H58-261127-{index:06d}" for index in range(1, number + 1)]
    async with ending(gateway, mocks), aiohttp.ClientSession() as client:
        await mocks.start()
        await gateway.start()
        assert await gateway.ready(), gateway.process and gateway.process.log.read_text()[-900:]
        began = time.monotonic()

        def say(text: str) -> None:
            sys.stdout.write(f"{time.monotonic() - began:5.0f} s  {text}\n")

        story = Story(mocks, gateway, store, client, await samples_of(client, mocks), random.Random(seed))
        await mocks.tell("POST", "/__mock/scenario", {"name": "flaky"})
        await story.shuffled(codes[: number // 2], 2)
        say(f"half of them sent through a flaky portal: {len(story.taken)} orders taken")
        await mocks.tell("DELETE", "/__mock/faults", None)
        await mocks.tell("PUT", "/__mock/faults", DOWN)
        await story.shuffled(codes[number // 2 :], 1)
        say(f"the others while it was down: {len(story.taken)} orders taken, {story.deaths} deaths")
        for _ in range(OUTAGE_MINUTES):
            await mocks.tell("POST", "/__mock/clock", {"advance": "PT1M"})
            await asyncio.sleep(0.3)
        say(f"after {OUTAGE_MINUTES} minutes of outage: {await story.lanes()}")
        await mocks.tell("DELETE", "/__mock/faults", None)
        lanes = await story.drained()
        say(f"drained: {json.dumps(lanes)}")
    orders = [message.order for code in codes for message in story.of_dossier(code) if message in story.taken]
    return Seen(check(mocks.journal, orders), lanes, story.too_late, story.deaths)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dossiers", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()

    async def told(folder: Path, server: postgres.Server) -> Seen:
        async with server.empty() as url:
            return await run(asked.dossiers, asked.seed, folder, address(url))

    with (
        tempfile.TemporaryDirectory(prefix="dossiers-") as folder,
        postgres.server(Path(folder) / "postgres") as server,
    ):
        seen = asyncio.run(told(Path(folder), server))
    sys.stdout.write("\n".join(seen.report.lines()) + "\n")
    sys.stdout.write(f"{seen.too_late} steps refused as too late; the gateway died {seen.deaths} times\n")
    return 0 if seen.sound else 1


if __name__ == "__main__":
    command(main)
