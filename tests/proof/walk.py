"""``python -m tests.proof.walk``: a long random walk of the lanes, over a real PostgreSQL."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final, get_args

import structlog

from gateway.core.durable import Repeat
from tests.support import postgres
from tests.support.ending import command
from tests.support.lane_ledger import Broken
from tests.support.lane_walk import Walk

EPISODE: Final = 250
"""Steps before all is well again and everything must end."""
REPEATS: Final[tuple[Repeat, ...]] = get_args(Repeat)
WEIGHTS: Final = {"refused": 4, "same": 2, "overwrites": 2, "adds": 3}


async def walk(
    url: str,
    steps: int,
    seed: int,
    repeats: Sequence[Repeat] = REPEATS,
    episode: int = EPISODE,
    *,
    lists: Sequence[int] = (1, 3),
    forms: Sequence[bool] = (False, True),
) -> Counter[str]:
    """Walks *steps* steps in episodes on the database at *url*; how often each kind of step was made.

    Raises:
        Broken: Its notes name the episode.
    """
    made: Counter[str] = Counter()
    async with postgres.store(url) as store:
        for number, begun in enumerate(range(0, steps, episode)):
            dice = random.Random(f"{seed}.{number}")
            (repeat,) = dice.choices(repeats, [WEIGHTS[one] for one in repeats])
            kinds = random.Random(f"{seed}.{number}.kinds")
            one = Walk(store, dice, f"E{number}", repeat, followed=dice.random() < 0.3)
            one.lists, one.forms = kinds.choice(lists), kinds.choice(forms)
            try:
                await one.run(min(episode, steps - begun))
            except Broken as broken:
                broken.add_note(f"seed {seed}, episode {number}")
                raise
            made += one.steps
    return made


async def _prove(server: postgres.Server, steps: int, seed: int, repeats: Sequence[Repeat]) -> Counter[str]:
    async with server.database() as url:
        made = await walk(url, steps, seed, repeats)
    await server.close()
    return made


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeat", choices=REPEATS, action="append", help="these kinds of system alone")
    asked = parser.parse_args()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), processors=[])
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="walk-") as folder, postgres.server(Path(folder) / "postgres") as server:
        try:
            made = asyncio.run(_prove(server, asked.steps, asked.seed, asked.repeat or REPEATS))
        except Broken as broken:
            notes = getattr(broken, "__notes__", [])
            sys.stdout.write("\n".join([f"the walk of the lanes is BROKEN: {broken}", *notes, ""]))
            return 1
    seconds = time.perf_counter() - began
    kinds = ", ".join(f"{count} {kind}" for kind, count in made.most_common())
    sys.stdout.write(
        f"the walk of the lanes holds: {made.total()} steps, seed {asked.seed}, {seconds:.0f} s, "
        f"{made.total() / seconds:.0f} steps a second ({kinds})\n"
    )
    return 0


if __name__ == "__main__":
    command(main)
