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
from gateway.durable.embedded import EmbeddedPostgres
from tests.proof.drill import Result, Round, run_round
from tests.proof.processes import address
from tests.support import postgres
from tests.support.ending import command

NEED_MORE: Final = frozenset(
    {"inbox.before_commit", "inbox.committed", "inbox.file_fetching", "pull.kept", "pull.confirmed"}
)
"""Points that only a gateway passes to which systems push, or that asks ministries by the clock: tests/acceptance kills
it there.
"""
POINTS: Final[tuple[str, ...]] = tuple(point for point in get_args(Point) if point not in NEED_MORE)
KILLED: Final = ("send.marked", "send.bytes_left", "send.answered", "result.committed")
"""Points of the rounds in which PostgreSQL is killed too."""


def rounds(points: Sequence[str]) -> Iterator[Round]:
    """All rounds: on a served PostgreSQL and on the embedded one, with one gateway and with two."""
    for store in ("served", "embedded"):
        yield Round(None, "nothing", store=store)
        for number, point in enumerate(points):
            yield Round(point, "crash", seed=number, store=store)
            yield Round(point, "stop", seed=number, store=store)
    for number, point in enumerate(points):
        if point not in {"store.migrating", "drain.begun"}:
            yield Round(point, "crash", gateways=2, seed=number)
            yield Round(point, "stop", gateways=2, seed=number)
    yield Round("send.bytes_left", "crash", nth=2, gateways=2, applications=12, seed=7)
    for store in ("served", "embedded"):
        yield Round(None, "nothing", gateways=2, applications=12, store=store, killed=True)
        for number, point in enumerate(one for one in points if one in KILLED):
            yield Round(point, "crash", gateways=2, applications=8, store=store, killed=True, seed=number)


async def prove(wanted: Sequence[Round], folder: Path, server: postgres.Server) -> list[Result]:
    """Runs *wanted* one after the other, each with a database of its own, and prints a line for each."""
    found = []
    for number, one in enumerate(wanted, 1):
        result = await alone(one, folder / f"{number:03d}", server)
        found.append(result)
        sys.stdout.write(line_of(number, len(wanted), result))
        sys.stdout.flush()
    return found


async def alone(wanted: Round, folder: Path, server: postgres.Server) -> Result:
    """Runs *wanted* with a store of its own: a database of *server*, or of one that may be killed."""
    if wanted.store == "embedded":
        return await run_round(wanted, folder, {})
    if not wanted.killed:
        async with server.empty() as url:
            return await run_round(wanted, folder, {"LGSP_STORE__URL": address(url)})
    place = folder / "server"
    own = EmbeddedPostgres(place)
    url = await own.open()
    try:
        # A gateway that is given an address knows nothing of who serves it.
        return await run_round(wanted, folder, {"LGSP_STORE__URL": address(url)}, place)
    finally:
        await own.close()


def line_of(number: int, of: int, result: Result) -> str:
    """One round as a line, and what was wrong below it."""
    word = "holds" if result.sound else "BROKEN"
    reached = "" if result.passed_point or result.round.point is None else " (the point was not passed)"
    again = len(result.report.repeats)
    kills = f", PostgreSQL killed {result.kills} times" if result.round.killed else ""
    text = (
        f"{number:3d}/{of} {word:6} {result.round.title}{reached}: {result.report.taken} accepted, "
        f"{again} second messages, {result.certificates} certificates{kills}, {result.seconds:.0f} s\n"
    )
    if not result.sound:
        text += "".join(f"        {line}\n" for line in [*result.report.lines(), *result.notes])
    return text


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="POINT", choices=POINTS, help="these points alone")
    parser.add_argument("--folder", type=Path, help="keeps journals and logs there; else they are removed")
    parser.add_argument("--matching", default="", metavar="TEXT", help="rounds with this in their title alone")
    parser.add_argument("--applications", type=int, default=4)
    asked = parser.parse_args()
    chosen = rounds(asked.only or POINTS)
    wanted = [
        replace(one, applications=max(one.applications, asked.applications))
        for one in chosen
        if asked.matching in one.title
    ]
    with tempfile.TemporaryDirectory(prefix="proof-") as own:
        folder = asked.folder or Path(own)
        with postgres.server(folder / "postgres") as server:
            found = asyncio.run(prove(wanted, folder, server))
    broken = [one for one in found if not one.sound]
    missed = [one for one in found if one.round.point is not None and not one.passed_point]
    sys.stdout.write(f"{len(found)} rounds, {len(broken)} broken, {len(missed)} whose point was not passed\n")
    return 1 if broken or missed else 0


if __name__ == "__main__":
    command(main)
