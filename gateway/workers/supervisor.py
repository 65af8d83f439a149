"""Runs the workers: starts them, replaces those that end by themselves, hands signals on, and answers operators."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog
from pydantic import ValidationError

from gateway.core.clock import Clock
from gateway.core.reloads import ReloadListener
from gateway.settings import ConfigurationError, Settings
from gateway.settings.listen import Listen
from gateway.workers.ops_port import Member, OpsPort
from gateway.workers.place import Briefing, Ready, Reread
from gateway.workers.rereading import Rereading
from gateway.workers.restarts import Restarts, decide

WRONG: Final = 2
"""Status of a worker that can't start as configured: another one could not either."""
OF_SYSTEMD: Final = frozenset({"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
log = structlog.get_logger("gateway.workers")


def reserve(where: Listen, key: str) -> socket.socket:
    """A socket that holds the address of *where* for the workers, who share it, and takes no connection itself.

    Raises:
        ConfigurationError: The address can't be had.
    """
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    try:
        with closing(socket.socket(family)) as probe:  # one who shares the port could not see another gateway's there
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((where.host, where.port))
        held = socket.socket(family)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind((where.host, where.port))
    except OSError as error:
        raise ConfigurationError(f"{key}: could not listen on {where.host}:{where.port} ({error.strerror})") from None
    return held


def _environment() -> dict[str, str]:
    """The workers' environment: systemd hears of the supervisor alone."""
    return {name: value for name, value in os.environ.items() if name not in OF_SYSTEMD}


@dataclass(slots=True)
class _Slot:
    number: int
    restarts: Restarts = field(default_factory=Restarts)
    process: asyncio.subprocess.Process | None = None
    ready: Ready | None = None
    steady: asyncio.Event = field(default_factory=asyncio.Event)
    """It has answered once, or will not."""


class Supervisor:
    """The workers of one gateway.

    Args:
        settings: The deployment, as the workers read it too.
        config: Its file.
        overrides: The command line's part of it.
        workers: How many.
        clock: Time.
        above: Told of each reload of all workers.
    """

    def __init__(
        self,
        settings: Settings,
        config: Path,
        overrides: Mapping[str, Any],
        workers: int,
        clock: Clock,
        above: ReloadListener,
    ) -> None:
        self._settings = settings
        self._config = config
        self._overrides = overrides
        self._clock = clock
        self._slots = [_Slot(number) for number in range(workers)]
        self._secret = secrets.token_hex(32)
        self._tasks: list[asyncio.Task[int]] = []
        self._leaving = asyncio.Event()
        self._first: Ready | None = None
        """The word of the worker that answered first; the addresses of all are the same."""
        self._rereading = Rereading(self._ask_to_reread, above, clock)
        self._port = OpsPort(
            self._members, workers, lambda: [slot.restarts.total for slot in self._slots], self._rereading.want, clock
        )

    @property
    def pids(self) -> list[int]:
        """The processes of the workers that answer, by slot."""
        return [member.pid for member in self._members()]

    async def run(self, answers: Callable[[str, str, str | None], None]) -> int:
        """Runs the workers until :meth:`leave`, and returns the status with which to end. *answers* is
        called with the addresses (portals, operators, systems) when all of them answer.

        Raises:
            ConfigurationError: An address can't be had.
        """
        sockets, overrides = self._reserved()
        self._folder = Path(tempfile.mkdtemp(prefix="lgsp-"))
        rereading = asyncio.create_task(self._rereading.run(), name="reloads of workers")
        try:
            # The first alone: what it can't do as configured is said once, and it brings the store up to date.
            await self._start(self._slots[:1], overrides)
            if self._first is not None:
                await self._start(self._slots[1:], overrides)
            await self._begin(answers)
            return max(await asyncio.gather(*self._tasks))
        finally:
            rereading.cancel()
            await asyncio.gather(rereading, return_exceptions=True)
            await self._port.close()
            for held in sockets:
                held.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    async def _start(self, slots: Sequence[_Slot], overrides: dict[str, Any]) -> None:
        self._tasks += [asyncio.create_task(self._keep(slot, overrides), name="worker") for slot in slots]
        for slot in slots:
            await slot.steady.wait()

    async def _begin(self, answers: Callable[[str, str, str | None], None]) -> None:
        first = self._first
        # A worker that answered and ended since is being replaced; one that did not start at all ends its task.
        if first is None or any(task.done() for task in self._tasks) or self._leaving.is_set():
            self.leave()
            return
        where = self._settings.ops
        try:
            ops_url = await self._port.open(where)
        except OSError as error:
            self.leave()
            await asyncio.gather(*self._tasks)
            raise ConfigurationError(f"ops: could not listen on {where.host}:{where.port} ({error.strerror})") from None
        answers(first.url, ops_url, first.inbound_url)

    def leave(self, *, at_once: bool = False) -> None:
        """Lets all workers drain and end; *at_once*: without draining."""
        self._leaving.set()
        self._port.leaving = True
        self._signal(signal.SIGKILL if at_once else signal.SIGTERM)

    def reload(self) -> None:
        """Lets all workers read their configuration again."""
        self._rereading.want()

    def _ask_to_reread(self, but: AbstractSet[int]) -> list[int]:
        self._signal(signal.SIGHUP, but)
        return [member.slot for member in self._members() if member.slot not in but]

    def _signal(self, number: signal.Signals, but: AbstractSet[int] = frozenset()) -> None:
        for slot in self._slots:
            if slot.number not in but and slot.process is not None and slot.process.returncode is None:
                with suppress(ProcessLookupError):
                    slot.process.send_signal(number)

    def _members(self) -> list[Member]:
        return [
            Member(slot.number, slot.process.pid, self._briefing(slot, 0, {}).place.ops_socket)
            for slot in self._slots
            if slot.process is not None and slot.process.returncode is None and slot.ready is not None
        ]

    def _reserved(self) -> tuple[list[socket.socket], dict[str, Any]]:
        """The sockets that hold the workers' ports, and the configuration with these ports."""
        held = [reserve(self._settings.listen, "listen")]
        changes = {"listen": {"port": held[0].getsockname()[1]}}
        overrides: dict[str, Any] = {**self._overrides}
        overrides["listen"] = {**overrides.get("listen", {}), **changes["listen"]}
        if (inbound := self._settings.inbound.listen) is not None:
            held.append(reserve(inbound, "inbound.listen"))
            before = overrides.get("inbound", {}).get("listen", {})
            overrides["inbound"] = {"listen": {**before, "port": held[1].getsockname()[1]}}
        return held, overrides

    def _briefing(self, slot: _Slot, ready: int, overrides: dict[str, Any]) -> Briefing:
        return Briefing(
            slot=slot.number,
            workers=len(self._slots),
            config=self._config,
            overrides=overrides,
            folder=self._folder,
            ready=ready,
            secret=self._secret,
        )

    async def _keep(self, slot: _Slot, overrides: dict[str, Any]) -> int:
        """Keeps the slot filled until all leave; the status of its last worker."""
        while True:
            began = self._clock.monotonic()
            status = await self._one(slot, overrides)
            was_ready, slot.ready = slot.ready is not None, None
            self._rereading.heard(slot.number)  # the next one reads the configuration as it is then
            if self._leaving.is_set():
                slot.steady.set()
                return int(status != 0)
            if not was_ready and not slot.steady.is_set():
                # The first one did not start: neither would another.
                slot.steady.set()
                return WRONG if status == WRONG else 1
            slot.restarts, wait_s = decide(slot.restarts, self._clock.monotonic() - began)
            log.error("a worker ended and is replaced", worker=slot.number, status=status, in_s=wait_s)
            with suppress(TimeoutError):
                async with self._clock.timeout_at(self._clock.monotonic() + wait_s):
                    await self._leaving.wait()
            if self._leaving.is_set():
                return 0

    async def _one(self, slot: _Slot, overrides: dict[str, Any]) -> int:
        """One worker of *slot*, from its start to its end."""
        ready, said = os.pipe()
        briefing = self._briefing(slot, said, overrides)
        briefing.place.ops_socket.unlink(missing_ok=True)
        try:
            slot.process = process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "gateway.cli.worker"),
                stdin=asyncio.subprocess.PIPE,
                pass_fds=(said,),
                env=_environment(),
                process_group=0,  # a terminal's Ctrl-C is for the supervisor, which hands it on
            )
        finally:
            os.close(said)
        if self._leaving.is_set():
            self._signal(signal.SIGTERM)
        assert process.stdin is not None
        process.stdin.write(briefing.model_dump_json().encode() + b"\n")
        listening = asyncio.create_task(self._hear(slot, ready), name="worker's word")
        status = await process.wait()
        process.stdin.close()
        await listening
        return status

    async def _hear(self, slot: _Slot, ready: int) -> None:
        """Hears that the worker answers, and then each time that it has read its configuration again; the pipe ends
        with its process.
        """
        reader = asyncio.StreamReader()
        with open(ready, "rb", buffering=0) as pipe:  # noqa: ASYNC230  # a pipe, which is open already
            transport, _ = await asyncio.get_running_loop().connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(reader), pipe
            )
            try:
                await self._heard(slot, reader)
            except ValidationError:
                pass  # it ended before it said anything, or in the middle of a word
            finally:
                transport.close()

    async def _heard(self, slot: _Slot, reader: asyncio.StreamReader) -> None:
        slot.ready = Ready.model_validate_json(await reader.readline())
        self._first = self._first or slot.ready
        slot.steady.set()
        log.info("a worker answers", worker=slot.number)
        while line := await reader.readline():
            word = Reread.model_validate_json(line)
            (self._rereading.found if word.found else self._rereading.heard)(slot.number, word.refused)
