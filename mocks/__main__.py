"""`python -m mocks`: serves all systems on one port, and a page that lists them."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import TextIO

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from mocks.commands import COMMANDS
from mocks.commands import main as commands
from mocks.engine.country import CONTRACTS, Country
from mocks.engine.faults import UnfitPlan
from mocks.engine.scenarios import Named
from mocks.engine.scenarios_file import read_scenario_file
from mocks.engine.server import listening
from mocks.engine.tls import DOORS
from mocks.libraries import missing_libraries


def main(arguments: Sequence[str] | None = None, *, contracts: Path = CONTRACTS) -> int:
    """Serves until interrupted and returns 0; 2 for wrong usage or configuration, or a port in use."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and (arguments[0] in COMMANDS or arguments[0].partition("=")[0] == "--url"):
        return commands(arguments)
    options = _parser().parse_args(arguments)
    if (missing := missing_libraries()) is not None:
        _say(f"lgsp mocks: {missing}", sys.stderr)
        return 2
    logging.getLogger("aiohttp.server").addFilter(_not_the_callers_fault)
    try:
        country = Country(
            seed=options.seed, scenario=_scenario(options.scenario), contracts=contracts, journal=options.journal
        )
    except (ValueError, OSError, UnfitPlan) as error:
        _say(f"lgsp mocks: {error}", sys.stderr)
        return 2
    try:
        asyncio.run(_serve(country, options))
    except OSError as error:
        reason = error.strerror or str(error)
        _say(f"lgsp mocks: can't listen on {options.host}:{options.port}: {reason}; try --port 0", sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lgsp mocks",
        description="Serves the national systems of a made-up country on one port.",
        epilog=f"To administer a running country: lgsp mocks [--url …] {{{','.join(COMMANDS)}}} …",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument(
        "--port", type=_port, default=9100, help="port to listen on; 0 for a free one (default %(default)s)"
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name under which the administration may be asked, besides addresses and localhost; may be repeated",
    )
    parser.add_argument(
        "--tls-port",
        type=_tls_port,
        metavar="PORT",
        help="the first of six TLS ports; 0 for free ones (default: none)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=1,
        help="seed of the population: the same seed gives the same country (default %(default)s)",
    )
    parser.add_argument(
        "--scenario", default="calm", metavar="NAME|FILE", help="scenario to start with (default %(default)s)"
    )
    parser.add_argument(
        "--journal",
        type=Path,
        metavar="FILE",
        help="append every arrival to this file, one JSON object a line (default: the last ones are in memory)",
    )
    parser.add_argument(
        "--until-eof", action="store_true", help="stop at the end of standard input (for a parent process)"
    )
    return parser


async def _serve(country: Country, options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
            loop.add_signal_handler(name, stop.set)
    if options.until_eof:
        Thread(target=_wait_for_eof, args=(loop, stop), daemon=True, name="until-eof").start()
    country.names = frozenset(name.lower() for name in [options.host, *options.allow_host])
    async with listening(country, options.host, options.port, tls_port=options.tls_port) as url:
        for service in country.services.values():
            _say(f"{service.title:<60} {url}{service.prefix}")
        if country.tls is not None:
            for door, where in country.tls.urls.items():
                _say(f"{f'TLS, {door}':<60} {where}")
            _say(f"{'Trust the authority in':<60} {country.tls.folder / 'ca.pem'}")
        _say(f"The mock country is open: {url}/  (identifiers to try: {url}/__mock/samples; Ctrl-C ends it)")
        await stop.wait()


def _wait_for_eof(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Waits in a thread: asyncio on Windows can't read pipes. `os.read` holds no lock that blocks the exit."""
    while os.read(0, 4_096):
        pass
    with contextlib.suppress(RuntimeError):  # the loop has already ended for another reason
        loop.call_soon_threadsafe(stop.set)


def _not_the_callers_fault(record: logging.LogRecord) -> bool:
    """Drops the tracebacks of malformed HTTP: it is not a bug here, and they would show the caller's data."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, (HttpProcessingError, web.RequestPayloadError))


def _say(text: str, stream: TextIO | None = None) -> None:
    out = stream or sys.stdout
    out.write(f"{text}\n")
    out.flush()


def _scenario(text: str) -> str | Named:
    """Returns the scenario's name, or the scenario in the file when the text looks like a path."""
    path = Path(text)
    if path.suffix in {".yaml", ".yml", ".json"} or len(path.parts) > 1:
        return read_scenario_file(path)
    return text


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return number


def _tls_port(text: str) -> int:
    number = _port(text)
    if number + len(DOORS) > 65_536:
        raise argparse.ArgumentTypeError(
            f"{len(DOORS)} ports are opened from this number upwards, so use at most {65_536 - len(DOORS)}"
        )
    return number


if __name__ == "__main__":
    sys.exit(main())
