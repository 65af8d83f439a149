"""`lgsp mocks fault …` and related commands: administration of a running country from the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import orjson

from lgsp_pytest.client import PLAN, MockCountry, MockCountryError
from mocks.printable import printable, printable_json

_URL: Final = "http://127.0.0.1:9100"


def _fault(country: MockCountry, options: argparse.Namespace) -> object:
    country.system(options.system).fault(options.kind, operation=options.operation, **dict(options.parameters))
    return country.ask("GET", "faults")


def _faults(country: MockCountry, options: argparse.Namespace) -> object:
    if options.clear:
        country.clear_faults()
    return country.ask("GET", "faults")


def _scenario(country: MockCountry, options: argparse.Namespace) -> object:
    if options.name is not None:
        path = Path(options.name)
        country.scenario(path if path.suffix in {".yaml", ".yml"} else options.name)
    return country.ask("GET", "scenario")


def _advance(country: MockCountry, options: argparse.Namespace) -> object:
    country.advance(options.by)
    return country.ask("GET", "clock")


def _journal(country: MockCountry, options: argparse.Namespace) -> object:
    return country.journal(options.system, options.operation, limit=options.limit)


def _repeat(country: MockCountry, options: argparse.Namespace) -> object:
    if options.mode is not None:
        country.system(options.system).repeat(options.mode, operation=options.operation)
    return country.ask("GET", "repeat")


def _plan(country: MockCountry, options: argparse.Namespace) -> object:
    if options.course is not None:
        country.plan(options.course, dossier=options.dossier)
    return country.ask("GET", "applications/plan")


def _reset(country: MockCountry, _: argparse.Namespace) -> object:
    country.reset()
    return country.ask("GET", "clock")


COMMANDS: Final[Mapping[str, Callable[[MockCountry, argparse.Namespace], object]]] = {
    "fault": _fault,
    "faults": _faults,
    "scenario": _scenario,
    "advance": _advance,
    "journal": _journal,
    "repeat": _repeat,
    "plan": _plan,
    "reset": _reset,
}


def main(arguments: Sequence[str]) -> int:
    """Sends the request and prints the answer as JSON; 1 when refused or when no country answers, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        told = COMMANDS[options.command](MockCountry(options.url), options)
    except (MockCountryError, OSError) as error:
        sys.stderr.write(f"lgsp mocks {options.command}: {printable(str(error))}\n")
        return 1
    sys.stdout.write(printable_json(told) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lgsp mocks", description="Administers a running mock country.")
    parser.add_argument("--url", default=_URL, help="address of the country (default %(default)s)")
    commands = parser.add_subparsers(dest="command", required=True)
    fault = commands.add_parser(
        "fault", help="add a fault", description=f"These are also accepted as key=value: {', '.join(PLAN)}."
    )
    fault.add_argument("system", help="the connector's name, for example business_registry, or * for every system")
    fault.add_argument("kind", help="kind of fault: status, latency, hang, …")
    fault.add_argument(
        "parameters", nargs="*", type=_pair, metavar="key=value", help="parameters, for example seconds=2 requests=1-2"
    )
    fault.add_argument("--operation", default="*", help="the national call's name (default: every one that fits)")
    faults = commands.add_parser("faults", help="show the current faults")
    faults.add_argument("--clear", action="store_true", help="remove all faults first")
    scenario = commands.add_parser("scenario", help="pick a scenario, or list all scenarios")
    scenario.add_argument("name", nargs="?", metavar="NAME|FILE")
    advance = commands.add_parser("advance", help="move the virtual clock forward")
    advance.add_argument("by", help="ISO 8601 duration: P3D, PT1H")
    journal = commands.add_parser("journal", help="show the last requests")
    journal.add_argument("system", nargs="?")
    journal.add_argument("operation", nargs="?")
    journal.add_argument("--limit", type=int, default=20)
    repeat = commands.add_parser("repeat", help="say what a repeated message does, or show it")
    repeat.add_argument("system", nargs="?")
    repeat.add_argument("mode", nargs="?", help="refused, same, overwrites or adds")
    repeat.add_argument("--operation", default="*", help="the national call's name (default: all that take messages)")
    plan = commands.add_parser("plan", help="say how applications for a criminal record go on, or show it")
    plan.add_argument("course", nargs="?", help="issue, supplement, payment, refuse, withdraw, stop, revoke, …, mixed")
    plan.add_argument("--dossier", default="*", help="the dossier's code (default: all that come)")
    commands.add_parser("reset", help="restore the state at start")
    return parser


def _pair(text: str) -> tuple[str, object]:
    """Parses `seconds=2` as a number, `match={"msdn": "1"}` as an object, text that is not JSON as text."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not key=value")
    if name in {"requests", "key", "between", "code", "field", "how", "content_type", "distribution"}:
        return name, value
    try:
        return name, orjson.loads(value)
    except orjson.JSONDecodeError:
        return name, value
