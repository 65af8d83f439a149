"""``lgsp serve --workers N``: the process that runs the workers."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.cli.serve import LEAVING, say_where
from gateway.core.clock import SystemClock
from gateway.observe.logs import Logging
from gateway.settings import Settings
from gateway.systemd import ServiceManager, ServiceReloads
from gateway.workers.supervisor import Supervisor


async def supervise(settings: Settings, config: Path, overrides: Mapping[str, Any], workers: int, log: Logging) -> int:
    """Runs *workers* processes until a signal, which is handed to all; the status with which to end.

    Raises:
        ConfigurationError: An address can't be had.
    """
    loop, manager = asyncio.get_running_loop(), ServiceManager.of_this_process()
    reloads = ServiceReloads(manager)
    supervisor = Supervisor(settings, config, overrides, workers, SystemClock(), reloads)
    told = False

    def leave() -> None:
        nonlocal told
        supervisor.leave(at_once=told)
        told = True
        manager.stopping()

    def answers(url: str, ops_url: str, inbound_url: str | None) -> None:
        say_where(log, url, ops_url, inbound_url)
        reloads.status = f"{workers} workers answer on {url}"
        manager.ready(reloads.status)

    for number in LEAVING:
        loop.add_signal_handler(number, leave)
    loop.add_signal_handler(signal.SIGHUP, supervisor.reload)
    async with manager.watched(SystemClock()):
        return await supervisor.run(answers)
