"""``lgsp doctor``: tries what the deployment needs, and says in one sentence each what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from gateway.adapters.errors import BundleError
from gateway.adapters.in_flight import InFlight
from gateway.cli.client import stdout_is_terminal
from gateway.cli.errors import FAILED
from gateway.core.clock import SystemClock
from gateway.core.events import Observer, silence
from gateway.core.printable import printable, printable_json
from gateway.doctor.findings import Complaint, Finding, as_json
from gateway.doctor.machine import try_machine
from gateway.doctor.systems import DatedAdapter, try_systems
from gateway.pipeline.build import UpstreamRing
from gateway.pipeline.upstream.daily_quota import MemoryDays
from gateway.pipeline.upstream.token import Tokens
from gateway.registry import UpstreamPlan, plan
from gateway.settings import Settings, load
from gateway.upstreams import CONTRACTS, make_adapter, make_ring


def doctor(config: Path, *, json: bool) -> None:
    """Prints the findings; ends with 1 where something is wrong (a warning alone is 0)."""
    settings = load(config)
    findings = asyncio.run(examine(settings))
    told = as_json(findings)
    if json or not stdout_is_terminal():
        print(printable_json(told))
    else:
        print("\n".join(printable(line) for finding in findings for line in lines_of(finding)))
    if not told["well"]:
        raise SystemExit(FAILED)


async def examine(settings: Settings) -> list[Finding]:
    """The findings about the systems of *settings* and about its own parts."""
    planned, clock = plan(settings), SystemClock()
    contracts = Path(settings.contracts) if settings.contracts else CONTRACTS
    room, tokens = InFlight(settings.answers.in_flight_bytes), Tokens()

    def ring_of(up: UpstreamPlan, adapter: DatedAdapter, observer: Observer) -> UpstreamRing:
        return make_ring(up, adapter, tokens, MemoryDays(), clock, observer)

    try:
        systems = await try_systems(
            planned.upstreams, lambda up: make_adapter(up, contracts, room, silence), ring_of, clock
        )
    except BundleError as error:
        systems = [Finding("contracts", complaints=(Complaint("contract", cause=str(error)),))]
    finally:
        await tokens.close()
        room.close()
    return [*systems, *await try_machine(settings, planned, clock)]


def lines_of(finding: Finding) -> Iterator[str]:
    """*finding* for a terminal: its state and facts, and each complaint in both languages."""
    facts = ", ".join(f"{name} {value}" for name, value in finding.facts.items())
    yield f"{finding.state:8} {finding.subject}" + (f" ({facts})" if facts else "")
    for complaint in finding.complaints:
        yield f"         {complaint.text.en}"
        yield f"         {complaint.text.vi}"
        if complaint.cause:
            yield f"         ({complaint.reason}: {complaint.cause})"
