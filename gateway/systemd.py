"""Tells systemd how the service is (sd_notify(3)): a datagram to the socket that NOTIFY_SOCKET names, no library.

Where no such variable is set (a terminal, a container), nothing is sent.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from gateway.core.clock import Clock

_MICRO: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class ServiceManager:
    """The systemd above this process; *address* is empty where there is none.

    *watchdog_s*: it ends a service from which it hears nothing for so long; None: it does not watch.
    """

    address: str = ""
    watchdog_s: float | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str], pid: int) -> ServiceManager:
        """The one that *environment* names; a watchdog that is meant for another process than *pid* is not ours."""
        address = environment.get("NOTIFY_SOCKET", "")
        micro, meant = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", str(pid))
        watched = bool(address) and micro.isdigit() and int(micro) > 0 and meant == str(pid)
        return cls(address, int(micro) / _MICRO if watched else None)

    @classmethod
    def of_this_process(cls) -> ServiceManager:
        """The one above this process."""
        return cls.of(os.environ, os.getpid())

    def ready(self, status: str) -> None:
        """The service answers; *status* is one line for ``systemctl status``."""
        self._send("READY=1", f"STATUS={status}")

    def reloading(self, monotonic: float) -> None:
        """The service reads its configuration again, since *monotonic* seconds; :meth:`ready` says that it has."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={int(monotonic * _MICRO)}")

    def stopping(self) -> None:
        """The service has begun to end."""
        self._send("STOPPING=1", "STATUS=leaving")

    def alive(self) -> None:
        """The event loop turns."""
        self._send("WATCHDOG=1")

    @asynccontextmanager
    async def watched(self, clock: Clock) -> AsyncIterator[None]:
        """Says three times in each of the watchdog's spans that the event loop turns, until left."""
        task = None if self.watchdog_s is None else asyncio.create_task(self._beat(self.watchdog_s / 3, clock))
        try:
            yield
        finally:
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _beat(self, seconds: float, clock: Clock) -> None:
        while True:
            self.alive()
            await clock.sleep(seconds)

    def _send(self, *lines: str) -> None:
        """Sends *lines*; a systemd that does not take them changes nothing here, and nothing waits for it."""
        if not self.address:
            return
        # An address that begins with @ is in the abstract namespace (unix(7)).
        address = f"\0{self.address[1:]}" if self.address.startswith("@") else self.address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.setblocking(False)
            sender.connect(address)
            sender.send("\n".join(line.replace("\n", " ") for line in lines).encode())


@dataclass(slots=True)
class ServiceReloads:
    """Tells systemd of reloads, so that ``systemctl reload`` ends when the configuration was read; *status* is the line
    of a service that is ready. See :class:`gateway.core.reloads.ReloadListener`.
    """

    manager: ServiceManager
    status: str = ""

    def begun(self, monotonic: float) -> None:
        """See :class:`gateway.core.reloads.ReloadListener`."""
        self.manager.reloading(monotonic)

    def ended(self, trigger: str, refused: str) -> None:  # noqa: ARG002  # one of any cause is told
        """The service answers as before where the configuration was refused: its status says so."""
        said = f"the new configuration is refused ({refused}), see the log" if refused else "configuration read again"
        self.manager.ready(f"{self.status}; {said}")
