"""The actors of a drill: a mock country, a gateway, its Redis, a Prometheus, and a portal that asks all the time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import aiohttp
import psycopg
import yaml

from tests.drill.collector import Collector
from tests.drill.prometheus import Prometheus, prometheus
from tests.drill.relay import TlsRelay
from tests.drill.small_disk import small_disk
from tests.gateway.pipeline.redis_server import RedisServer
from tests.proof.processes import ROOT, Gateway, Mocks, ending, free_port
from tests.support.laptop import LAPTOP

KEY: Final = "lgsp_laptop_only"
CODE: Final = "000.00.04.H58-261127-0001"
BEARER: Final = {"Authorization": f"Bearer {KEY}"}
PURPOSE: Final = {**BEARER, "X-Dossier-Id": CODE, "X-User-Id": "canbo.drill"}
APPLICATIONS: Final = "/v1/criminal-records/applications"
REST_S: Final = 0.25
"""Between two questions of the portal to one system."""
_UP: Final = "LGSP_CONNECTORS__{}__UPSTREAMS__{}__{}"
_BREAKERS: Final = (
    ("BUSINESS_REGISTRY", "NGSP"),
    ("SOCIAL_INSURANCE", "NGSP"),
    ("LEGAL_DOCUMENTS", "WS"),
    ("PUBLIC_SERVICE_PORTAL", "NGSP"),
    ("MINISTRY_PORTALS", "CONSTRUCTION"),
    ("MINISTRY_PORTALS", "TRANSPORT"),
    ("CRIMINAL_RECORDS", "LLTP2024"),
)
QUICK: Final = {
    **{_UP.format(*names, "BREAKER__OPEN_S"): "1" for names in _BREAKERS},
    _UP.format("LEGAL_DOCUMENTS", "WS", "BULKHEAD__LIMIT"): "4",
    _UP.format("LEGAL_DOCUMENTS", "WS", "BULKHEAD__QUEUE"): "4",
    _UP.format("MINISTRY_PORTALS", "CONSTRUCTION", "PULL__EVERY_S"): "60",
    "LGSP_CONNECTORS__LEGAL_DOCUMENTS__OPERATIONS__DOCUMENT__FRESH_S": "1",
    "LGSP_STORE__LEASE_S": "40",
}
"""What a drill of minutes needs shorter, or smaller, than a province does."""


@dataclass
class Stage:
    """The actors."""

    mocks: Mocks
    gateway: Gateway
    redis: RedisServer
    config: Path
    """The configuration of the gateway."""
    watcher: Prometheus
    collector: Collector
    """Who reads the gateway's log."""
    relay: TlsRelay
    """The way to the ministry of transport."""
    inbound_port: int
    session: aiohttp.ClientSession
    samples: Mapping[str, Any]
    stack: AsyncExitStack
    """Ends what a fault began and left running."""
    broken: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The faults of the country, by system."""
    held: psycopg.AsyncConnection[Any] | None = None
    """A transaction that somebody forgot."""
    right: str = ""
    """The configuration as it was at the start."""

    async def fault(self, system: str, kind: str, *, operation: str = "*", **more: Any) -> None:
        """Breaks every call of a system; what is broken in another stays so."""
        self.broken[system] = {
            "system": system,
            "operation": operation,
            "requests": "all",
            "fault": {"kind": kind, **more},
        }
        await self.mocks.tell("PUT", "/__mock/faults", {"faults": list(self.broken.values())})

    async def calm(self, system: str) -> None:
        """Ends the fault of a system."""
        self.broken.pop(system, None)
        await self.mocks.tell("PUT", "/__mock/faults", {"faults": list(self.broken.values())})

    def rewrite(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Changes the gateway's configuration on disk, until :meth:`correct`."""
        content = yaml.safe_load(self.right)
        change(content)
        self._write(yaml.safe_dump(content, allow_unicode=True))

    def correct(self) -> None:
        """Puts the first configuration back."""
        self._write(self.right)

    def _write(self, text: str) -> None:
        new = self.config.with_suffix(".new")
        new.write_text(text, "utf-8")
        new.replace(self.config)

    async def operate(self, path: str, body: Mapping[str, object]) -> None:
        """An action on the operator's port."""
        url = f"http://127.0.0.1:{self.gateway.ops_port}{path}"
        async with self.session.post(url, json=body, headers=BEARER) as response:
            assert response.status < 300, await response.text()  # success

    async def apply(self, code: str = CODE) -> None:
        """One application."""
        body = {**self.samples["criminal_records.apply"][0]["body"], "dossier_code": code}
        headers = {**PURPOSE, "X-Dossier-Id": code, "Idempotency-Key": f"drill-{code}"}
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
    def questions(self) -> list[tuple[str, object, bool]]:
        """The questions of the portal: path, body, and whether the cache is passed over."""
        enterprise = self.samples["business_registry.enterprise"][0]["path"]["enterprise_code"]
        document = self.samples["legal_documents.document"][0]["path"]["document_id"]
        return [
            (f"/v1/business-registry/enterprises/{enterprise}", None, True),
            (f"/v1/legal-documents/documents/{document}", None, False),
            ("/v1/social-insurance/households/lookup", self.samples["social_insurance.household"][0]["body"], True),
            ("/v1/public-service-portal/procedures", None, True),
            ("/v1/ministry-portals/construction/incoming", None, True),
            ("/v1/ministry-portals/transport/incoming", None, True),
        ]

    @property
    def process(self) -> int:
        """The gateway's process."""
        assert self.gateway.process is not None
        assert self.gateway.process.running is not None
        return self.gateway.process.running.pid


Deed: TypeAlias = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One cause, with the alert that it is for."""

    alert: str
    labels: Mapping[str, str]
    begin: Deed
    end: Deed
    fires_s: float = 60.0
    """The longest until the alert fires."""
    resolves_s: float = 90.0


@asynccontextmanager
async def stage_in(folder: Path) -> AsyncIterator[Stage]:
    """A stage in *folder*, with nothing broken; all has ended when left."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    mocks, redis, config = Mocks(folder), RedisServer(folder), folder / "lgsp.yaml"
    right = LAPTOP.read_text("utf-8").replace("file:../", f"file:{ROOT}/")
    config.write_text(right, "utf-8")
    relay, inbound = await TlsRelay.start(folder, mocks.port), free_port()
    transport = _UP.format("MINISTRY_PORTALS", "TRANSPORT", "")
    more = {
        "LGSP_CONFIG": str(config),
        "LGSP_CACHE__REDIS__URL": redis.url,
        "LGSP_CACHE__REDIS__KEY": "env:DRILL_CACHE_KEY",
        "DRILL_CACHE_KEY": "k" * 32,
        "LGSP_INBOUND__LISTEN__PORT": str(inbound),
        f"{transport}URL": f"{relay.url}/ministry-portals/transport",
        f"{transport}CA_FILE": relay.ca_file,
    }
    gateway = Gateway(mocks, "drill", {}, {**QUICK, **more})
    try:
        # The gateway ends before the reader of its log.
        with small_disk(gateway.state), Collector(folder / "gateway-drill.log", folder / "collected.log") as collector:
            async with ending(gateway, mocks):
                await mocks.start()
                await asyncio.to_thread(redis.start)
                await gateway.start()
                assert await gateway.ready()
                async with (
                    AsyncExitStack() as stack,
                    aiohttp.ClientSession() as session,
                    prometheus(folder / "prometheus", [f"127.0.0.1:{gateway.ops_port}"]) as watcher,
                ):
                    async with session.get(f"{mocks.url}/__mock/samples") as response:
                        samples = await response.json()
                    yield Stage(
                        *(mocks, gateway, redis, config, watcher, collector, relay, inbound, session, samples, stack),
                        right=right,
                    )
    finally:
        await relay.stop()
        await asyncio.to_thread(redis.stop)


@asynccontextmanager
async def asked_all_the_time(stage: Stage) -> AsyncIterator[None]:
    """The portal asks each system some times a second; the counters have a past when this begins."""

    async def on(path: str, body: object, fresh: bool) -> None:
        while True:
            await stage.ask(path, body, fresh=fresh)
            await asyncio.sleep(REST_S)

    asking = [asyncio.create_task(on(*question)) for question in stage.questions]
    try:
        await asyncio.sleep(5)
        yield
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)


def free_descriptor(pid: int) -> int:
    """The lowest number that the next open file of a process gets."""
    taken = {int(name.name) for name in Path(f"/proc/{pid}/fd").iterdir()}
    return next(number for number in range(len(taken) + 1) if number not in taken)
