"""``make proof``: gateways die and stop at each named point; one line a round, and 1 where anything did not hold."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, get_args

from gateway.durable.crash_points import Point
from tests.proof.drill import Result, Round, run_round
from tests.proof.processes import address
from tests.support import postgres

NEED_MORE: Final = frozenset({"webhook.sending", "inbox.before_commit", "inbox.committed", "inbox.file_fetching"})
"""Points that only a gateway with a webhook, or with what systems push, passes."""
POINTS: Final[tuple[str, ...]] = tuple(point for point in get_args(Point) if point not in NEED_MORE)


def rounds(points: Sequence[str], *, served: bool) -> Iterator[Round]:
    """All rounds on one kind of PostgreSQL."""
    yield Round(None, "nothing")
    for number, point in enumerate(points):
        yield Round(point, "crash", seed=number)
        yield Round(point, "stop", seed=number)
    if served:
        for number, point in enumerate(points):
            if point not in {"store.migrating", "drain.begun"}:
                yield Round(point, "crash", gateways=2, seed=number)
                yield Round(point, "stop", gateways=2, seed=number)
        yield Round("send.bytes_left", "crash", nth=2, gateways=2, applications=12, seed=7)


async def prove(wanted: Sequence[Round], folder: Path, server: postgres.Server) -> list[Result]:
    """Runs *wanted* one after the other, each with a database of its own, and prints a line for each."""
    found = []
    for number, one in enumerate(wanted, 1):
        async with server.empty() as url:
            result = await run_round(one, folder / f"{number:03d}", {"LGSP_STORE__URL": address(url)})
        found.append(result)
        sys.stdout.write(line_of(number, len(wanted), result))
        sys.stdout.flush()
    return found


def line_of(number: int, of: int, result: Result) -> str:
    """One round as a line, and what was wrong below it."""
    word = "holds" if result.sound else "BROKEN"
    reached = "" if result.passed_point or result.round.point is None else " (the point was not passed)"
    again = len(result.report.repeats)
    text = (
        f"{number:3d}/{of} {word:6} {result.round.title}{reached}: {result.report.taken} accepted, "
        f"{again} second messages, {result.certificates} certificates, {result.seconds:.0f} s\n"
    )
    if not result.sound:
        text += "".join(f"        {line}\n" for line in [*result.report.lines(), *result.notes])
    return text


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="POINT", choices=POINTS, help="these points alone")
    parser.add_argument("--folder", type=Path, help="keeps journals and logs there; else they are removed")
    parser.add_argument("--applications", type=int, default=4)
    asked = parser.parse_args()
    chosen = rounds(asked.only or POINTS, served=True)
    wanted = [replace(one, applications=max(one.applications, asked.applications)) for one in chosen]
    with tempfile.TemporaryDirectory(prefix="proof-") as own:
        folder = asked.folder or Path(own)
        with postgres.server(folder / "postgres") as server:
            found = asyncio.run(prove(wanted, folder, server))
    broken = [one for one in found if not one.sound]
    missed = [one for one in found if one.round.point is not None and not one.passed_point]
    sys.stdout.write(f"{len(found)} rounds, {len(broken)} broken, {len(missed)} whose point was not passed\n")
    return 1 if broken or missed else 0


if __name__ == "__main__":
    sys.exit(main())
