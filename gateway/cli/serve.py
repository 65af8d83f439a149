"""``lgsp serve``."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from pathlib import Path
from typing import Any

from gateway.cli.errors import USAGE, fail


def overrides(host: str | None, port: int | None, ops_port: int | None) -> dict[str, Any]:
    """The command line's part of the configuration."""
    found: dict[str, Any] = {}
    if host is not None:
        found.setdefault("listen", {})["host"] = host
    if port is not None:
        found.setdefault("listen", {})["port"] = port
    if ops_port is not None:
        found["ops"] = {"port": ops_port}
    return found


def serve(config: Path, *, host: str | None, port: int | None, ops_port: int | None, workers: int) -> None:
    """Runs until SIGTERM or Ctrl-C, then drains; a second signal ends at once."""
    if workers != 1:
        fail("--workers 1 is the only value for now: run one process per container and more containers", USAGE)
    from gateway.settings import load

    settings = load(config, overrides(host, port, ops_port))
    from gateway.core.clock import SystemClock
    from gateway.observe.logs import logging_to_stderr

    with logging_to_stderr(settings.log.format, settings.log.level, SystemClock()) as request_log:
        run(_serve(settings, request_log))


def run(main: Any) -> None:
    """Runs *main* on uvloop where it is installed."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


async def _serve(settings: Any, request_log: Any) -> None:
    from gateway.app import running

    stop = asyncio.Event()

    def leave() -> None:
        if stop.is_set():
            os._exit(1)
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, leave)
    async with running(settings, request_log=request_log) as gateway:
        print(
            f"gateway on {gateway.url} (docs {gateway.url}/docs), operator's port {gateway.ops_url}; Ctrl-C ends",
            file=sys.stderr,
            flush=True,
        )
        _settle_memory()
        await stop.wait()


def _settle_memory() -> None:
    """Takes the objects of the start out of the cyclic garbage collector, because they stay; later objects mostly end
    by their reference count, so the collector runs less often.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
