"""``lgsp serve --workers N`` beside the mock country, as a process with processes of its own."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import yaml

from tests.support.documents import ROOT, environment
from tests.support.laptop import LAPTOP
from tests.support.portal import KEY, PURPOSE

PATIENCE_S: Final = 60.0
_SAID: Final = re.compile(rb"gateway on (http://\S+) .*operator's port (http://[^;]+);")


@dataclass(slots=True)
class Workers:
    """A running supervisor: where its workers answer, and what it has said so far."""

    process: asyncio.subprocess.Process
    url: str
    ops_url: str
    said: list[bytes] = field(default_factory=list)

    def pids(self) -> list[int]:
        """The worker processes, in the order in which they began."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text("ascii").split()]

    async def ask(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        """One request of a portal, on a connection of its own: the kernel chooses the worker."""
        sent = {"Authorization": f"Bearer {KEY}", **PURPOSE, **(headers or {})}
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session,
            session.get(self.url + path, headers=sent) as answer,
        ):
            return answer.status, await answer.read()

    async def asked(self, path: str, times: int, headers: Mapping[str, str] | None = None) -> Counter[int]:
        """So many requests, by status."""
        return Counter([(await self.ask(path, headers))[0] for _ in range(times)])

    async def operator(self, path: str, method: str = "GET", body: object = None) -> tuple[int, str]:
        """One request of an operator."""
        sent = {"Authorization": f"Bearer {KEY}"}
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.ops_url + path, headers=sent, json=body) as answer,
        ):
            return answer.status, await answer.text()

    async def metric(self, series: str) -> float:
        """The sum of a metric's series that begin so."""
        _, text = await self.operator("/metrics")
        return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(series))

    async def answering(self, number: int) -> None:
        """Returns when so many workers answer."""
        async with asyncio.timeout(PATIENCE_S):
            while f'"{number} of ' not in (await self.operator("/readyz"))[1]:  # noqa: ASYNC110  # over HTTP alone
                await asyncio.sleep(0.05)


@asynccontextmanager
async def serving_workers(
    folder: Path,
    mocks_url: str,
    number: int = 2,
    *,
    upstream: Mapping[str, Any] | None = None,
    meanwhile: Callable[[Workers], None] = lambda _: None,
    **changes: Any,
) -> AsyncIterator[Workers]:
    """*number* workers with the business registry of ``config/laptop.yaml``; all have ended when left.

    *meanwhile* is called after each line that is said before all answer.
    """
    written = yaml.safe_load(LAPTOP.read_text("utf-8").replace("file:../", f"file:{ROOT}/"))
    up = written["connectors"]["business_registry"]["upstreams"]["ngsp"]
    configuration = {
        **{name: written[name] for name in ("officers", "service_officer", "callers") if name in written},
        "mocks_url": mocks_url,
        "listen": {"port": 0},
        "ops": {**written.get("ops", {}), "port": 0},
        "connectors": {"business_registry": {"upstreams": {"ngsp": {**up, **(upstream or {})}}}},
        **changes,
    }
    path = folder / "lgsp.yaml"
    path.write_text(yaml.safe_dump(configuration), "utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "serve", "--config", str(path), "--workers", str(number)),
        cwd=folder,
        env={**environment(ROOT), "LGSP_STATE_DIR": str(folder / "state")},
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    workers = Workers(process, "", "")
    reading: asyncio.Task[None] | None = None
    try:
        await _until_all_answer(process.stderr, workers, meanwhile)
        reading = asyncio.create_task(_read(process.stderr, workers.said))
        yield workers
    finally:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), PATIENCE_S)
        except TimeoutError:
            process.kill()
        if reading is not None:
            await reading


async def _read(stream: asyncio.StreamReader, said: list[bytes]) -> None:
    while line := await stream.readline():
        said.append(line)


async def _until_all_answer(
    stream: asyncio.StreamReader, workers: Workers, meanwhile: Callable[[Workers], None]
) -> None:
    while (found := _SAID.search(b"".join(workers.said))) is None:
        line = await asyncio.wait_for(stream.readline(), PATIENCE_S)
        assert line, b"".join(workers.said)
        workers.said.append(line)
        meanwhile(workers)
    workers.url, workers.ops_url = found[1].decode(), found[2].decode()
