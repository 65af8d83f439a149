"""``lgsp contracts check``, ``record`` and ``diff``: compare a mock or a real system with its contract or its past."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from conformance.client import Unreachable
from conformance.recording import record as keep
from conformance.report import Finding, Report, report_lines
from conformance.run import Wanted
from conformance.run import check as run
from conformance.schema import ContractError
from conformance.shape import diff as compare
from conformance.suite import Contract, discover
from gateway.cli.errors import FAILED, USAGE, fail
from gateway.core.printable import printable, printable_json

CONTRACTS = Path(__file__).parents[2] / "contracts"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command line about the target and the contracts."""

    target: str
    names: Sequence[str] = ()
    credentials: Path | None = None
    values: Path | None = None
    base: str | None = None
    writes: bool = False
    timeout_s: float = 15.0
    samples: int = 6
    contracts: Path = CONTRACTS


def check(options: Options, *, as_json: bool) -> None:
    """Prints each rule as it is found, and ends with 0 only when all hold."""
    told = _silent if as_json else _print
    report: Report = finished(run(wanted(options), told))
    if as_json:
        print(printable_json(report.as_json(), indent=2))
    else:
        _print_summary(report)
    if not report.holds:
        raise SystemExit(FAILED)


def record(options: Options, output: Path) -> None:
    """Writes masked answers, and says what was left out."""
    kept = finished(keep(wanted(options), output, lambda name: print(printable(name), flush=True)))
    for reason in kept.left_out:
        print(f"left out: {printable(reason)}", file=sys.stderr)
    print(f"{len(kept.files)} files written to {output}")
    if not kept.files:
        raise SystemExit(FAILED)


def diff(before: Path, after: Path, *, as_json: bool) -> None:
    """Prints how two recordings differ in shape, and ends with 1 when they do."""
    try:
        changes = compare(before, after)
    except ContractError as error:
        fail(str(error), USAGE)
    if as_json:
        print(printable_json([change.as_json() for change in changes], indent=2))
    else:
        for change in changes:
            print(printable(str(change)))
        print(f"{len(changes)} differences" if changes else "the recordings have the same shape")
    if changes:
        raise SystemExit(FAILED)


def finished(work: Coroutine[object, object, T]) -> T:
    """Runs *work*; an error that the user can correct ends the command with one sentence."""
    try:
        return asyncio.run(work)
    except Unreachable as error:
        fail(str(error), FAILED)
    except ContractError as error:
        fail(str(error), USAGE)


def wanted(options: Options) -> Wanted:
    """The options with their contracts found; wrong ones end the command."""
    if not options.target.startswith(("http://", "https://")):
        fail(f"--target {options.target}: must be an address like http://127.0.0.1:9100", USAGE)
    try:
        known = discover(options.contracts)
    except ContractError as error:
        fail(str(error), USAGE)
    chosen, only = _chosen(options.names, known)
    if options.base is not None and len(chosen) != 1:
        fail("--base is the path of one contract: name that contract with --contract", USAGE)
    return Wanted(
        target=options.target.rstrip("/"),
        contracts=chosen,
        credentials=options.credentials,
        values=options.values,
        only=only,
        base=options.base,
        writes=options.writes,
        timeout_s=options.timeout_s,
        samples=options.samples,
    )


def _chosen(
    names: Sequence[str], known: Mapping[str, Contract]
) -> tuple[list[Contract], dict[str, frozenset[str]] | None]:
    """Contracts and services by `business_registry` or `social_insurance/vss`; all where none is named."""
    if not names:
        return list(known.values()), None
    services: dict[str, set[str]] = {}
    for name in names:
        contract, _, service = name.partition("/")
        if contract not in known:
            fail(f"--contract {contract}: unknown; known: {', '.join(known) or 'none'}", USAGE)
        offered = known[contract].suite.services
        if service and service not in offered:
            fail(f"--contract {name}: unknown; {contract} has {', '.join(offered)}", USAGE)
        services.setdefault(contract, set()).update([service] if service else offered)
    return [known[name] for name in services], {name: frozenset(some) for name, some in services.items()}


def _silent(_name: str, _findings: Sequence[Finding]) -> None:
    """Prints nothing: with --json the only output is the object at the end."""


def _print(name: str, findings: Sequence[Finding]) -> None:
    for line in report_lines(name, findings):
        print(printable(line), flush=True)


def _print_summary(report: Report) -> None:
    skipped = [(service.name, one) for service in report.services for one in service.not_checked]
    if skipped:
        print("\nnot checked:")
    for name, one in skipped:
        print(printable(f"  {name} {one.call} {one.case}: {one.why}"))
    print()
    for line in report.summary():
        print(line)
