"""``lgsp serve``."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from pathlib import Path
from typing import Any, Final

import structlog

from gateway.cli.errors import USAGE, fail
from gateway.core.clock import SystemClock
from gateway.descriptors import raise_limit
from gateway.observe.logs import Logging, logging_to_stderr
from gateway.settings import Settings, load
from gateway.systemd import ServiceManager

LEAVING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
"""Signals that drain the gateway."""


def overrides(
    host: str | None, port: int | None, ops_port: int | None, inbound_port: int | None = None
) -> dict[str, Any]:
    """The command line's part of the configuration."""
    found: dict[str, Any] = {}
    if host is not None:
        found.setdefault("listen", {})["host"] = host
    if port is not None:
        found.setdefault("listen", {})["port"] = port
    if ops_port is not None:
        found["ops"] = {"port": ops_port}
    if inbound_port is not None:
        found["inbound"] = {"listen": {"port": inbound_port}}
    return found


def serve(
    config: Path,
    *,
    host: str | None,
    port: int | None,
    ops_port: int | None,
    workers: int,
    inbound_port: int | None = None,
) -> None:
    """Runs until SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2 or Ctrl-C, then drains; a second signal ends at once."""
    _keep_standard_streams()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # also while it starts
    if workers != 1:
        fail("--workers 1 is the only value for now: run one process per container and more containers", USAGE)
    raise_limit()
    settings = load(config, overrides(host, port, ops_port, inbound_port))
    with logging_to_stderr(settings.log.format, settings.log.level, SystemClock()) as log:
        run(_serve(settings, log))


def _keep_standard_streams() -> None:
    """Opens the null device for each standard stream that is closed, so that no socket takes its number and gets what
    is meant for the stream.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def run(main: Any) -> None:
    """Runs *main* on uvloop where it is installed."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


async def _serve(settings: Settings, log: Logging) -> None:
    from gateway.adapters.freed_memory import keep_little_freed_memory
    from gateway.app import running

    stop = asyncio.Event()

    def leave() -> None:
        if stop.is_set():
            os._exit(1)
        stop.set()

    def stay() -> None:
        structlog.get_logger("gateway.serve").warning(
            "SIGHUP is ignored: the configuration is not reloaded; restart the gateway to read it again"
        )

    loop = asyncio.get_running_loop()
    for number in LEAVING:
        loop.add_signal_handler(number, leave)
    loop.add_signal_handler(signal.SIGHUP, stay)
    manager = ServiceManager.of_this_process()
    async with (
        manager.watched(SystemClock()),
        running(settings, request_log=log.request_log, log_lines_lost=lambda: log.lines.lost) as gateway,
    ):
        pushed = "" if gateway.inbound_url is None else f" systems push to {gateway.inbound_url};"
        where = f"gateway on {gateway.url} (docs {gateway.url}/docs), operator's port {gateway.ops_url};"
        log.say(f"{where}{pushed} Ctrl-C ends")
        settle_memory()
        keep_little_freed_memory()
        manager.ready(f"answers on {gateway.url}")
        await stop.wait()
        manager.stopping()


def settle_memory() -> None:
    """Takes the objects of the start out of the cyclic garbage collector, because they stay; later objects mostly end
    by their reference count, so the collector runs less often.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
