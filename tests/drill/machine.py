"""Faults of the gateway, its machine, its store and Redis, and of those who watch it. One after the other."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psycopg

from tests.drill.stage import Fault, Stage, free_descriptor
from tests.drill.systems import corrected
from tests.support.workers import serving_workers

LOOK_UPS: Final = 11_500
"""More than what waits in memory for the store (10 000)."""
AT_ONCE: Final = 8


async def _nothing(_: Stage) -> None:
    """Mends itself."""


async def _stalls(stage: Stage) -> None:
    for _ in range(5):
        os.kill(stage.process, signal.SIGSTOP)
        await asyncio.sleep(0.4)
        os.kill(stage.process, signal.SIGCONT)
        await asyncio.sleep(0.2)


async def _nobody_reads_the_log(stage: Stage) -> None:
    await asyncio.to_thread(stage.collector.die)


async def _the_log_is_read(stage: Stage) -> None:
    stage.collector.read_on()


async def _no_descriptors(stage: Stage) -> None:
    """No file and no connection more can be opened; a ministry that nobody asked so far needs one."""
    hard = resource.prlimit(stage.process, resource.RLIMIT_NOFILE)[1]
    resource.prlimit(stage.process, resource.RLIMIT_NOFILE, (free_descriptor(stage.process), hard))
    for _ in range(5):
        await stage.ask("/v1/ministry-portals/health/incoming")


async def _descriptors(stage: Stage) -> None:
    hard = resource.prlimit(stage.process, resource.RLIMIT_NOFILE)[1]
    resource.prlimit(stage.process, resource.RLIMIT_NOFILE, (hard, hard))


async def _crowd(stage: Stage) -> None:
    """More is asked of a slow system than has room: the gateway refuses the rest."""
    await stage.fault("legal_documents", "latency", seconds=1.5)
    paths = [f"/v1/legal-documents/documents/{900_000 + number}" for number in range(60)]
    for _ in range(3):
        await asyncio.gather(*(stage.ask(path) for path in paths))


async def _room(stage: Stage) -> None:
    await stage.calm("legal_documents")


def _postgres(stage: Stage) -> Iterator[int]:
    """The processes of the gateway's own PostgreSQL."""
    (file,) = stage.gateway.state.rglob("postmaster.pid")
    first = int(file.read_text("ascii").split()[0])
    children = Path(f"/proc/{first}/task/{first}/children").read_text("ascii").split()
    yield from (first, *map(int, children))


def _signal_postgres(stage: Stage, number: signal.Signals) -> None:
    for pid in _postgres(stage):
        with suppress(ProcessLookupError):
            os.kill(pid, number)


async def _postgres_hangs(stage: Stage) -> None:
    _signal_postgres(stage, signal.SIGSTOP)


async def _postgres_goes_on(stage: Stage) -> None:
    _signal_postgres(stage, signal.SIGCONT)


async def _forgotten_transaction(stage: Stage) -> None:
    """Somebody begins a transaction with a tool of the database, and goes home."""
    sockets = (stage.gateway.state / "postgres" / "sockets").read_text("utf-8").strip()
    stage.held = await psycopg.AsyncConnection.connect(host=sockets, user="lgsp", dbname="postgres")
    await stage.held.execute("select 1")


async def _transaction_ended(stage: Stage) -> None:
    assert stage.held is not None
    await stage.held.close()


async def _look_ups_without_a_store(stage: Stage) -> None:
    """The store hangs while officers go on asking, until no more look-ups can wait for it."""
    _signal_postgres(stage, signal.SIGSTOP)
    body = stage.samples["social_insurance.household"][0]["body"]

    async def officer() -> None:
        for _ in range(LOOK_UPS // AT_ONCE):
            await stage.ask("/v1/social-insurance/households/lookup", body, fresh=False)

    await asyncio.gather(*(officer() for _ in range(AT_ONCE)))


async def _mistaken(stage: Stage) -> None:
    """Somebody writes a key that does not exist."""
    stage.rewrite(lambda content: content.update(no_such_key=1))


async def _redis_down(stage: Stage) -> None:
    await asyncio.to_thread(stage.redis.stop)


async def _redis_up(stage: Stage) -> None:
    await asyncio.to_thread(stage.redis.start)


async def _requests_filtered(stage: Stage) -> None:
    stage.watcher.drop("lgsp_service_level_total")


async def _refusals_filtered(stage: Stage) -> None:
    stage.watcher.drop("lgsp_config_refused")


async def _unfiltered(stage: Stage) -> None:
    stage.watcher.drop()


async def _killed(stage: Stage) -> None:
    assert stage.gateway.process is not None
    await stage.gateway.process.end(signal.SIGKILL)


async def _started(stage: Stage) -> None:
    await stage.gateway.start()
    assert await stage.gateway.ready()


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


STALLS: Final = Fault("LoopStalls", {}, _stalls, _nothing)
MACHINE: Final[tuple[Fault, ...]] = (
    STALLS,
    Fault("LogLinesLost", {}, _nobody_reads_the_log, _the_log_is_read),
    Fault("MachineFails", {"reason": "descriptors"}, _no_descriptors, _descriptors),
    Fault("GatewayErrors", {"connector": "legal_documents"}, _crowd, _room, resolves_s=120),
    Fault("StoreTransactionOld", {}, _forgotten_transaction, _transaction_ended),
    Fault("StoreDown", {}, _postgres_hangs, _postgres_goes_on),
    Fault("LookUpsNotRecorded", {}, _look_ups_without_a_store, _postgres_goes_on),
    Fault("ConfigurationRefused", {}, _mistaken, corrected),
    Fault("SharedLinkDown", {}, _redis_down, _redis_up),
    Fault("SharedCacheDown", {}, _redis_down, _redis_up),
    Fault("RequestsAbsent", {}, _requests_filtered, _unfiltered),
    Fault("SeriesAbsent", {"series": "lgsp_config_refused"}, _refusals_filtered, _unfiltered),
    Fault("GatewayAbsent", {}, _killed, _started),
    Fault("WorkersDie", {}, _workers_die, _nothing),  # the last, because its gateway goes on
)
