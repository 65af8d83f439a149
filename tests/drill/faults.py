"""What is broken for each alert, how it is mended, and the labels that the alert must have."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import yaml

from tests.drill.prometheus import Prometheus
from tests.gateway.pipeline.redis_server import RedisServer
from tests.proof.processes import Gateway, Mocks
from tests.support.workers import serving_workers

KEY: Final = "lgsp_laptop_only"
CODE: Final = "000.00.04.H58-261127-0001"
BEARER: Final = {"Authorization": f"Bearer {KEY}"}
PURPOSE: Final = {**BEARER, "X-Dossier-Id": CODE, "X-User-Id": "canbo.drill"}
APPLICATIONS: Final = "/v1/criminal-records/applications"


@dataclass
class Stage:
    """The actors of the drill."""

    mocks: Mocks
    gateway: Gateway
    redis: RedisServer
    config: Path
    """The configuration of the gateway."""
    watcher: Prometheus
    session: aiohttp.ClientSession
    samples: Mapping[str, Any]
    stack: AsyncExitStack
    """Ends what a fault began and left running."""

    async def fault(self, system: str, kind: str, **more: Any) -> None:
        """Breaks every call of a system."""
        fault = {"system": system, "operation": "*", "requests": "all", "fault": {"kind": kind, **more}}
        await self.mocks.tell("PUT", "/__mock/faults", {"faults": [fault]})

    async def calm(self) -> None:
        """Ends all faults."""
        async with self.session.delete(f"{self.mocks.url}/__mock/faults") as response:
            assert response.status < 300, await response.text()  # success

    async def operate(self, path: str, body: Mapping[str, object]) -> None:
        """An action on the operator's port."""
        url = f"http://127.0.0.1:{self.gateway.ops_port}{path}"
        async with self.session.post(url, json=body, headers=BEARER) as response:
            assert response.status < 300, await response.text()  # success

    async def apply(self) -> None:
        """One application."""
        body = {**self.samples["criminal_records.apply"][0]["body"], "dossier_code": CODE}
        headers = {**PURPOSE, "Idempotency-Key": "drill"}
        async with self.session.post(f"{self.gateway.url}{APPLICATIONS}", json=body, headers=headers) as response:
            assert response.status == 202, await response.text()  # accepted

    async def ask(self, path: str, body: object = None, *, fresh: bool = True) -> None:
        """A question of the portal; its answer does not matter."""
        headers = {**PURPOSE, **({"Cache-Control": "no-cache"} if fresh else {})}
        method = "GET" if body is None else "POST"
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with (
                asyncio.timeout(5),
                self.session.request(method, self.gateway.url + path, json=body, headers=headers) as response,
            ):
                await response.read()

    @property
    def process(self) -> int:
        """The gateway's process."""
        assert self.gateway.process is not None
        assert self.gateway.process.running is not None
        return self.gateway.process.running.pid


@dataclass(frozen=True, slots=True)
class Fault:
    """One cause, with the alert that it is for."""

    alert: str
    labels: Mapping[str, str]
    begin: Callable[[Stage], Awaitable[None]]
    end: Callable[[Stage], Awaitable[None]]
    fires_s: float = 40.0
    """The longest until the alert fires."""
    resolves_s: float = 60.0


async def _registry_down(stage: Stage) -> None:
    await stage.fault("business_registry", "status", status=503)


async def _insurance_refuses(stage: Stage) -> None:
    await stage.fault("social_insurance", "status", status=401)


async def _documents_down(stage: Stage) -> None:
    await stage.fault("legal_documents", "html_page")


async def _portal_down(stage: Stage) -> None:
    await stage.fault("public_service_portal", "reset_before")


async def _ministries_down(stage: Stage) -> None:
    await stage.fault("ministry_portals", "status", status=500)


async def _calm(stage: Stage) -> None:
    await stage.calm()


async def _refused(stage: Stage) -> None:
    incomplete = {"status": 0, "errorCode": "200", "statusDescription": "RECORD_UNCOMPLETE"}
    await stage.fault("criminal_records", "status", status=200, body=incomplete)
    await stage.apply()


async def _cancel(stage: Stage) -> None:
    await stage.calm()
    await stage.operate(f"/api/lanes/criminal_records/{CODE}/cancel", {"reason": "the drill is over"})


async def _stalls(stage: Stage) -> None:
    for _ in range(5):
        os.kill(stage.process, signal.SIGSTOP)
        await asyncio.sleep(0.4)
        os.kill(stage.process, signal.SIGCONT)
        await asyncio.sleep(0.2)


async def _nothing(_: Stage) -> None:
    """Mends itself."""


async def _killed(stage: Stage) -> None:
    assert stage.gateway.process is not None
    await stage.gateway.process.end(signal.SIGKILL)


async def _started(stage: Stage) -> None:
    await stage.gateway.start()
    assert await stage.gateway.ready()


def _rewritten(stage: Stage, change: Callable[[dict[str, Any]], object]) -> None:
    """Changes the gateway's configuration on disk, until :func:`_corrected`."""
    text = stage.config.read_text("utf-8")
    stage.config.with_suffix(".before").write_text(text, "utf-8")
    content = yaml.safe_load(text)
    change(content)
    stage.config.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")


async def _mistaken(stage: Stage) -> None:
    """Somebody writes a key that does not exist."""
    _rewritten(stage, lambda content: content.update(no_such_key=1))


async def _frugal(stage: Stage) -> None:
    """The ministry grants so little that it is spent at once; the end is a configuration without the quota."""
    _rewritten(
        stage, lambda content: content["connectors"]["business_registry"]["upstreams"]["ngsp"].update(quota_per_day=5)
    )


async def _corrected(stage: Stage) -> None:
    stage.config.with_suffix(".before").replace(stage.config)


async def _blinks(stage: Stage) -> None:
    """The registry goes and comes each three seconds, for half a minute."""
    for _ in range(9):
        await _registry_down(stage)
        await asyncio.sleep(1.5)
        await stage.calm()
        await asyncio.sleep(1.5)


def _postgres(stage: Stage, number: signal.Signals) -> None:
    """Signals the processes of the gateway's own PostgreSQL."""
    (file,) = stage.gateway.state.rglob("postmaster.pid")
    first = int(file.read_text("ascii").split()[0])
    children = Path(f"/proc/{first}/task/{first}/children").read_text("ascii").split()
    for pid in (first, *map(int, children)):
        with suppress(ProcessLookupError):
            os.kill(pid, number)


async def _postgres_hangs(stage: Stage) -> None:
    _postgres(stage, signal.SIGSTOP)


async def _postgres_goes_on(stage: Stage) -> None:
    _postgres(stage, signal.SIGCONT)


async def _redis_down(stage: Stage) -> None:
    await asyncio.to_thread(stage.redis.stop)


async def _redis_up(stage: Stage) -> None:
    await asyncio.to_thread(stage.redis.start)


async def _workers_die(stage: Stage) -> None:
    """A second gateway, of two workers, each of which dies twice."""
    folder = stage.mocks.folder / "workers"
    await asyncio.to_thread(folder.mkdir)
    workers = await stage.stack.enter_async_context(serving_workers(folder, stage.mocks.url))
    stage.watcher.scrape([f"127.0.0.1:{stage.gateway.ops_port}", urlsplit(workers.ops_url).netloc])
    await asyncio.sleep(5)  # for the counters to have a past
    for _ in range(2):
        for pid in workers.pids():
            os.kill(pid, signal.SIGKILL)
        await workers.answering(2)


SYSTEM_DOWN: Final = Fault("SystemDown", {"connector": "business_registry"}, _registry_down, _calm)
CREDENTIALS: Final = Fault("CredentialsRefused", {"connector": "social_insurance"}, _insurance_refuses, _calm)
STALLS: Final = Fault("LoopStalls", {}, _stalls, _nothing)
FAULTS: Final = (
    SYSTEM_DOWN,
    Fault("SystemDown", {"connector": "public_service_portal", "upstream": "ngsp"}, _portal_down, _calm),
    Fault("SystemDown", {"connector": "ministry_portals", "upstream": "construction"}, _ministries_down, _calm),
    Fault("RequestsFailFast", {"connector": "business_registry"}, _registry_down, _calm, resolves_s=90),
    Fault("AnswersAreOld", {"connector": "legal_documents"}, _documents_down, _calm, fires_s=90, resolves_s=120),
    CREDENTIALS,
    Fault("OrdersParked", {"system": "criminal_records"}, _refused, _cancel),
    STALLS,
    Fault("BreakerFlaps", {"connector": "business_registry"}, _blinks, _calm),
    Fault("QuotaSpent", {"connector": "business_registry"}, _frugal, _corrected),
    Fault("StoreDown", {}, _postgres_hangs, _postgres_goes_on),
    Fault("ConfigurationRefused", {}, _mistaken, _corrected),
    Fault("SharedLinkDown", {}, _redis_down, _redis_up),
    Fault("SharedCacheDown", {}, _redis_down, _redis_up),
    Fault("GatewayAbsent", {}, _killed, _started),
    Fault("WorkersDie", {}, _workers_die, _nothing),  # the last, because its gateway goes on
)
