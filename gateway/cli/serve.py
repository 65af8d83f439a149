"""``lgsp serve``."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gateway.api.ops_reload import Reloading
from gateway.cli.errors import USAGE, fail
from gateway.configuration_file import ConfigurationFile
from gateway.core.clock import SystemClock
from gateway.core.reloads import SIGHUP, ReloadListener
from gateway.descriptors import raise_limit
from gateway.observe.logs import Logging, logging_to_stderr
from gateway.settings import Settings
from gateway.systemd import ServiceManager, ServiceReloads

if TYPE_CHECKING:
    from gateway.app import Gateway  # loaded when it is run: a supervisor runs none

MOST_WORKERS: Final = 64
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
    """Runs until SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2 or Ctrl-C, then drains; a second signal ends at once. SIGHUP reads
    the configuration again.
    """
    _keep_standard_streams()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # also while it starts
    if not 1 <= workers <= MOST_WORKERS:
        fail(f"--workers is from 1 to {MOST_WORKERS}: as many processes as there are cores", USAGE)
    raise_limit()
    given = overrides(host, port, ops_port, inbound_port)
    file = ConfigurationFile(config, given)
    settings = file.read().settings
    with logging_to_stderr(settings.log.format, settings.log.level, SystemClock()) as log:
        if workers == 1:
            run(_serve(settings, file, log))
        else:
            from gateway.cli.supervise import supervise

            status = asyncio.run(supervise(settings, config, given, workers, log))
            if status:
                raise SystemExit(status)


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


async def _serve(settings: Settings, file: ConfigurationFile, log: Logging) -> None:
    manager = ServiceManager.of_this_process()
    reloads = ServiceReloads(manager)

    def answers(gateway: Gateway) -> None:
        say_where(log, gateway.url, gateway.ops_url, gateway.inbound_url)
        reloads.status = f"answers on {gateway.url}"
        manager.ready(reloads.status)

    async with manager.watched(SystemClock()):
        await serve_until_told(settings, file, log, answers, manager.stopping, reloads)


def say_where(log: Logging, url: str, ops_url: str, inbound_url: str | None) -> None:
    """Says where the gateway answers."""
    pushed = "" if inbound_url is None else f" systems push to {inbound_url};"
    log.say(f"gateway on {url} (docs {url}/docs), operator's port {ops_url};{pushed} Ctrl-C ends")


async def serve_until_told(
    settings: Settings,
    file: ConfigurationFile,
    log: Logging,
    answers: Callable[[Gateway], None],
    stopping: Callable[[], None],
    above: ReloadListener,
) -> None:
    """Runs a gateway in this process until a signal tells it to end; a second one ends it at once.

    *settings* were read from *file*, which is read again when it changes. *answers* is called when it answers,
    *stopping* when it begins to end, *above* is told of reloads.
    """
    from gateway.adapters.freed_memory import keep_little_freed_memory
    from gateway.app import running

    stop = asyncio.Event()

    def leave() -> None:
        if stop.is_set():
            os._exit(1)
        stop.set()

    loop = asyncio.get_running_loop()
    for number in LEAVING:
        loop.add_signal_handler(number, leave)
    async with (
        running(
            settings,
            request_log=log.request_log,
            log_lines_lost=lambda: log.lines.lost,
            file=file,
            set_log_level=log.threshold.set,
            above=above,
        ) as gateway,
        _reloading_on_hangup(gateway.reloading),
    ):
        settle_memory()
        keep_little_freed_memory()
        answers(gateway)
        await stop.wait()
        stopping()


@asynccontextmanager
async def _reloading_on_hangup(reloading: Reloading) -> AsyncIterator[None]:
    """SIGHUP reloads until left; one that comes meanwhile is followed by one more reload, whatever their number."""
    wanted = asyncio.Event()

    async def reload() -> None:
        while True:
            await wanted.wait()
            wanted.clear()
            await reloading.reload(SIGHUP)

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, wanted.set)
    task = asyncio.create_task(reload(), name="reload on SIGHUP")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def settle_memory() -> None:
    """Takes the objects of the start out of the cyclic garbage collector, because they stay; later objects mostly end
    by their reference count, so the collector runs less often.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
