"""Gateways and mocks as processes, which a drill kills, stops and starts again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

import aiohttp
from psycopg.conninfo import conninfo_to_dict

ROOT: Final = Path(__file__).resolve().parents[2]
READY_S: Final = 90.0
AGAIN_S: Final = 0.1
DURABLE: Final = {
    "CRIMINAL_RECORDS": ("LLTP2024", "APPLY SUPPLEMENT"),
    "PUBLIC_SERVICE_PORTAL": ("NGSP", "SYNC_DOSSIER REPORT_PROGRESS REPORT_STATUS"),
    "MINISTRY_PORTALS": ("CONSTRUCTION HEALTH TRANSPORT BIRTH-DEATH", "SEND_DOSSIER REPORT_PROGRESS"),
}
"""Upstreams and operations of the laptop whose orders go from the store, as variables name them."""


def free_port() -> int:
    """A port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@dataclass
class Process:
    """One command, with its log in a file."""

    arguments: tuple[str, ...]
    log: Path
    environment: Mapping[str, str]
    tree: Path = ROOT
    """The checkout whose code it runs."""
    running: asyncio.subprocess.Process | None = None

    async def start(self, more: Mapping[str, str] | None = None) -> None:
        """Starts it; *more* variables for this start alone."""
        with self.log.open("ab") as log:
            self.running = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                *self.arguments,
                cwd=self.tree,
                env={**os.environ, **self.environment, **(more or {})},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        """Whether it runs or is stopped, and has not ended."""
        return self.running is not None and self.running.returncode is None

    @property
    def stopped(self) -> bool:
        """Whether SIGSTOP holds it."""
        if self.running is None:
            return False
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{self.running.pid}/stat").read_text("ascii")
            return status.rpartition(")")[2].split()[0] == "T"
        return False

    def send(self, number: signal.Signals) -> None:
        """Sends a signal, where it still runs."""
        if self.running is not None:
            with contextlib.suppress(ProcessLookupError):
                self.running.send_signal(number)

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int | None:
        """Ends it, and gives its status."""
        if self.running is None:
            return None
        self.send(signal.SIGCONT)
        self.send(number)
        try:
            async with asyncio.timeout(25):
                return await self.running.wait()
        except TimeoutError:
            self.send(signal.SIGKILL)
            return await self.running.wait()


@dataclass
class Mocks:
    """A mock country with a journal on disk."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: Process | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def journal(self) -> Path:
        """All that arrived."""
        return self.folder / "journal.jsonl"

    async def start(self) -> None:
        """Starts it, and waits until it answers."""
        arguments = ("mocks", "--port", str(self.port), "--journal", str(self.journal))
        self.process = Process(arguments, self.folder / "mocks.log", {})
        await self.process.start()
        await until_answers(f"{self.url}/__mock/clock")

    async def end(self) -> None:
        """Ends it, where it was started."""
        if self.process is not None:
            await self.process.end()

    async def tell(self, method: str, path: str, body: object) -> None:
        """Asks its administration."""
        async with aiohttp.ClientSession() as session, session.request(method, self.url + path, json=body) as response:
            assert response.status < 300, await response.text()  # success


def _short() -> dict[str, str]:
    """Short times for all that goes from the store, so that a lease ends within seconds."""
    found = {"LGSP_STORE__LEASE_S": "7"}
    for connector, (upstreams, operations) in DURABLE.items():
        start = f"LGSP_CONNECTORS__{connector}__"
        found |= {f"{start}UPSTREAMS__{name}__ATTEMPT_TIMEOUT_S": "2" for name in upstreams.split()}
        found |= {f"{start}OPERATIONS__{name}__DEADLINE_S": "3" for name in operations.split()}
    return found


@dataclass
class Gateway:
    """One gateway of a drill."""

    mocks: Mocks
    name: str
    store: Mapping[str, str]
    more: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    ops_port: int = field(default_factory=free_port)
    tree: Path = ROOT
    starts: int = 0
    process: Process | None = None

    @property
    def url(self) -> str:
        """Its public port."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def state(self) -> Path:
        """Its state folder, which it shares with the other gateways of the drill."""
        return self.mocks.folder / "state"

    async def start(self, crash: Mapping[str, str] | None = None) -> None:
        """Starts it; *crash* names points for this start alone. It is not waited for."""
        self.starts += 1
        if self.process is None:
            environment = {
                "LGSP_MOCKS_URL": self.mocks.url,
                "LGSP_CLOCK__FOLLOW": self.mocks.url,
                "LGSP_STATE_DIR": str(self.state),
                **_short(),
                **self.store,
                **self.more,
            }
            arguments = ("gateway", "serve", "--port", str(self.port), "--ops-port", str(self.ops_port))
            self.process = Process(arguments, self.mocks.folder / f"gateway-{self.name}.log", environment, self.tree)
        await self.process.start(crash)

    async def end(self) -> None:
        """Ends it, where it was started."""
        if self.process is not None:
            await self.process.end()

    async def ready(self) -> bool:
        """Waits until it answers; False where it ended before."""
        assert self.process is not None, "start() first"
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(READY_S), aiohttp.ClientSession() as session:
                while self.process.alive:
                    with contextlib.suppress(aiohttp.ClientError, OSError):
                        async with session.get(f"http://127.0.0.1:{self.ops_port}/readyz") as response:
                            if response.status == 200:  # ready
                                return True
                    await asyncio.sleep(AGAIN_S)
        return False


@contextlib.asynccontextmanager
async def ending(*actors: Gateway | Mocks) -> AsyncIterator[None]:
    """Ends *actors* in this order when left, whatever happened; one that was never started does not matter."""
    async with contextlib.AsyncExitStack() as stack:
        for actor in reversed(actors):
            stack.push_async_callback(actor.end)
        yield


def address(conninfo: str) -> str:
    """*conninfo* as an address, which a variable of the gateway can name."""
    known = conninfo_to_dict(conninfo)
    host, port = str(known.get("host", "127.0.0.1")), known.get("port", "5432")
    user, name = known.get("user", "root"), known["dbname"]
    if host.startswith("/"):
        return f"postgresql:///{name}?host={quote(host, safe='')}&port={port}&user={user}"
    return f"postgresql://{user}@{host}:{port}/{name}"


async def until_answers(url: str) -> None:
    """Waits until *url* answers at all."""
    async with asyncio.timeout(READY_S), aiohttp.ClientSession() as session:
        while True:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with session.get(url) as response:
                    await response.read()
                    return
            await asyncio.sleep(AGAIN_S)


async def until_connects(port: int) -> None:
    """Waits until a server listens on *port*."""
    async with asyncio.timeout(READY_S):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(AGAIN_S)
