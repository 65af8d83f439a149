"""One round: applications are made, something dies on the way, and in the end the mock ministry's journal is read."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp

from tests.proof.processes import Gateway, Mocks, Process, ending
from tests.support.checker import Order, Report, check
from tests.support.receiver import SECRET, Receiver, receiving

KEY: Final = "lgsp_laptop_only"
ROUND_S: Final = 150.0
DRAIN: Final = "drain.begun"
AIMED: Final = frozenset({"follow.asked", "certificate.fetching", "webhook.sending"})
"""Points that any gateway passes for the cases of all: the one that is to die is left alone there."""
SENDING: Final = frozenset({"lane.claimed", "send.marked", "send.bytes_left", "send.answered", "result.committed"})
"""The same, for orders that wait to be sent: it is left alone from the beginning."""
EMBEDDED: Final = "postgres"
"""The folder of the embedded PostgreSQL, in the state folder."""
ISSUED: Final = frozenset({"issued", "handed_over"})


@dataclass(frozen=True, slots=True)
class Round:
    """What happens: *deed* (crash, stop or nothing) at *point*, the n-th time."""

    point: str | None
    deed: str = "crash"
    nth: int = 1
    applications: int = 4
    gateways: int = 1
    store: str = "served"
    """served: a database of a server; embedded: the gateways' own PostgreSQL, in their state folder."""
    killed: bool = False
    """PostgreSQL itself is killed in between, some times."""
    seed: int = 1

    @property
    def title(self) -> str:
        """A line for the table."""
        where = f"{self.deed} at {self.point}:{self.nth}" if self.point else "nothing dies"
        more = f", {self.gateways} gateways" if self.gateways > 1 else ""
        return f"{self.store}: {where}{more}" + (", PostgreSQL killed" if self.killed else "")

    @property
    def hooked(self) -> bool:
        """Whether the gateways tell a webhook."""
        return self.point == "webhook.sending"


@dataclass
class Result:
    """What was seen."""

    round: Round
    report: Report
    certificates: int
    seconds: float
    passed_point: bool
    notes: list[str] = field(default_factory=list)
    kills: int = 0

    @property
    def sound(self) -> bool:
        """Whether all held."""
        return self.report.sound and self.certificates == self.round.applications and not self.notes


@dataclass
class Drill:
    """The actors of one round."""

    round: Round
    mocks: Mocks
    gateways: Sequence[Gateway]
    client: aiohttp.ClientSession
    dice: random.Random
    receiver: Receiver
    server: Path | None = None
    """The folder of the PostgreSQL that is killed."""
    codes: list[str] = field(default_factory=list)
    passed: asyncio.Event = field(default_factory=asyncio.Event)
    kills: int = 0
    notes: list[str] = field(default_factory=list)
    over: bool = False
    held: bool = False
    """The other gateways are stopped, so that the first passes the point."""

    async def run(self) -> Result:
        """The whole round."""
        began = asyncio.get_running_loop().time()
        await self._start()
        others = [asyncio.create_task(self._keep_alive()), asyncio.create_task(self._kill_database())]
        try:
            async with asyncio.timeout(ROUND_S):
                self.codes = [f"000.00.04.H58-261127-{number:04d}" for number in range(1, self.round.applications + 1)]
                async with contextlib.AsyncExitStack() as stack:
                    if self.round.killed or self.round.point in SENDING:
                        await stack.enter_async_context(self._alone())
                    await self.apply_all(self.codes)
                    if self.round.point in AIMED:
                        await stack.enter_async_context(self._alone())
                    certificates = await self.days_pass()
                if self.round.point == DRAIN:
                    await self._leave()
                if self.round.hooked:
                    await self._told()
        except TimeoutError:
            certificates = 0
            self.notes.append(f"not over after {ROUND_S:.0f} s")
            if self.round.hooked:
                told = sorted((one["data"]["key"], one["type"]) for one in self.receiver.taken)
                self.notes.append(f"the webhook was told {told}")
        finally:
            self.over = True
            for other in others:
                other.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            for gateway in self.gateways:
                await gateway.end()
        report = check(self.mocks.journal, [Order("criminal_records", code) for code in self.codes])
        seconds = asyncio.get_running_loop().time() - began
        return Result(self.round, report, certificates, seconds, self.passed.is_set(), self.notes, self.kills)

    async def _start(self) -> None:
        variable = {"crash": "LGSP_CRASH_AT", "stop": "LGSP_STOP_AT"}.get(self.round.deed, "")
        crash = {variable: f"{self.round.point}:{self.round.nth}"} if self.round.point else {}
        for number, gateway in enumerate(self.gateways):
            await gateway.start(crash if number == 0 else None)
        for number, gateway in enumerate(self.gateways):
            if not await gateway.ready() and not (number == 0 and self.round.point == "store.migrating"):
                assert gateway.process is not None
                self.notes.append(f"{gateway.name} did not turn ready: {gateway.process.log.read_text()[-300:]}")

    async def _keep_alive(self) -> None:
        """Starts a gateway that died, as its supervisor would; wakes one that was stopped, long after its lease."""
        while True:
            for number, gateway in enumerate(self.gateways):
                process = gateway.process
                assert process is not None
                if process.stopped:
                    if number and self.held:
                        continue
                    self.passed.set()
                    if len(self.gateways) == 1 or self.round.point == "store.migrating":
                        await asyncio.sleep(self.round.seed % 3 + 8)
                    else:
                        await asyncio.sleep(12)
                    process.send(signal.SIGCONT)
                elif not process.alive:
                    self.passed.set()
                    await gateway.start()
                    await gateway.ready()
            await asyncio.sleep(0.1)

    async def _kill_database(self) -> None:
        """Kills PostgreSQL now and then, as a machine without memory would; its supervisor starts it again."""
        while self.round.killed and self.server is not None:
            await asyncio.sleep(self.dice.uniform(1.5, 4))
            with contextlib.suppress(OSError, ValueError, IndexError):
                text = await asyncio.to_thread((self.server / "data" / "postmaster.pid").read_text, "utf-8")
                os.kill(int(text.splitlines()[0]), signal.SIGKILL)
                self.kills += 1

    async def _told(self) -> None:
        """Waits until the webhook was told of each certificate; a message that came before has the same body."""
        while True:
            taken = {one["data"]["key"] for one in self.receiver.taken if one["type"].endswith(".certificate")}
            if taken >= set(self.codes):
                break
            await asyncio.sleep(0.2)
        bodies: dict[str, str] = {}
        for number, message in self.receiver.seen:
            body = json.dumps(message, sort_keys=True)
            if bodies.setdefault(number, body) != body:
                self.notes.append(f"webhook-id {number} came with two bodies")
        if self.receiver.wrong:
            self.notes.append("a webhook was not signed as it should be")

    @contextlib.asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Holds the other gateways until the first has passed its point: of a point that any of them could pass."""
        held = [one.process for one in self.gateways[1:] if one.process and self.round.point is not None]
        for process in held:
            process.send(signal.SIGSTOP)
        self.held = bool(held)
        waiting = asyncio.create_task(self._release(held))
        try:
            yield
        finally:
            waiting.cancel()
            for process in held:
                process.send(signal.SIGCONT)
            self.held = False

    async def _release(self, held: Sequence[Process]) -> None:
        await self.passed.wait()
        self.held = False
        for process in held:
            process.send(signal.SIGCONT)

    async def _sample(self) -> dict[str, Any]:
        async with self.client.get(f"{self.mocks.url}/__mock/samples") as response:
            found: dict[str, Any] = (await response.json())["criminal_records.apply"][0]["body"]
            return found

    async def apply_all(self, codes: Sequence[str]) -> None:
        """Applies under each of *codes*, at once."""
        sample = await self._sample()
        await asyncio.gather(*(self._apply(sample, code) for code in codes))

    async def _apply(self, sample: dict[str, Any], code: str) -> None:
        """Applies until a gateway says 202, always with the same key, at one gateway or another."""
        body = json.dumps({**sample, "dossier_code": code})
        headers = {**self._headers(code), "Idempotency-Key": f"key-{code}", "Content-Type": "application/json"}
        while True:
            gateway = self._asked()
            with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
                async with (
                    asyncio.timeout(4),
                    self.client.post(
                        f"{gateway.url}/v1/criminal-records/applications", data=body, headers=headers
                    ) as response,
                ):
                    if response.status == 202:  # accepted
                        return
                    if response.status < 500:  # it is no outage
                        self.notes.append(f"{code}: {response.status} {(await response.text())[:200]}")
                        return
            await asyncio.sleep(0.2)

    async def days_pass(self) -> int:
        """Lets the country's days pass until each citizen has the certificate; gives how many have exactly one."""
        found: dict[str, bytes] = {}
        moved = 0.0
        while len(found) < len(self.codes):
            now = asyncio.get_running_loop().time()
            if now - moved > 3:  # seconds for the gateways to follow
                await self.mocks.tell("POST", "/__mock/clock", {"advance": "P1D"})
                moved = now
            for code in self.codes:
                if code not in found and (body := await self._certificate(code)) is not None:
                    found[code] = body
            await asyncio.sleep(0.3)
        return sum(body.startswith(b"%PDF-") for body in found.values())

    def _asked(self) -> Gateway:
        """The gateway that is asked next: any that is not held."""
        return self.gateways[0] if self.held else self.dice.choice(self.gateways)

    async def _certificate(self, code: str) -> bytes | None:
        gateway = self._asked()
        with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with (
                asyncio.timeout(4),
                self.client.get(
                    f"{gateway.url}/v1/criminal-records/applications/{code}/certificate", headers=self._headers(code)
                ) as response,
            ):
                if response.status == 200:  # here it is
                    return await response.read()
        return None

    async def _leave(self) -> None:
        process = self.gateways[0].process
        assert process is not None
        process.send(signal.SIGTERM)
        await asyncio.sleep(3)
        if not process.alive:
            self.passed.set()

    @staticmethod
    def _headers(code: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {KEY}", "X-User-Id": "officer-1", "X-Dossier-Id": code}


async def run_round(wanted: Round, folder: Path, store: dict[str, str], server: Path | None = None) -> Result:
    """Runs *wanted* in *folder*, with the store that the variables *store* name; *server*: the folder of its
    PostgreSQL, where that may be killed.
    """
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    mocks = Mocks(folder)
    async with ending(mocks), receiving() as receiver, aiohttp.ClientSession() as client:
        await mocks.start()
        more = hook(receiver) if wanted.hooked else {}
        gateways = [Gateway(mocks, name, store, more) for name in "abcdef"[: wanted.gateways]]
        if wanted.store == "embedded":
            server = gateways[0].state / EMBEDDED
        async with ending(*gateways):
            drill = Drill(wanted, mocks, gateways, client, random.Random(wanted.seed), receiver, server)
            return await drill.run()


def hook(receiver: Receiver) -> dict[str, str]:
    """The variables of a gateway that tells *receiver*."""
    block = "LGSP_WEBHOOKS__PORTAL__"
    return {
        f"{block}URL": receiver.url,
        f"{block}SECRET": "env:PROOF_HOOK",
        f"{block}ALLOW_PRIVATE": "true",
        "PROOF_HOOK": SECRET,
    }
