"""The release before the newest migration and this one, side by side on one store: ``python -m tests.proof.releases``.

The older gateway starts first and makes its schema; this one brings it up to date while the older one goes on. Both
accept, send and follow applications, and in the end the mock ministry's journal is read. The older release is a commit
of this repository, so its history is needed.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from tests.proof.drill import Drill, Round
from tests.proof.processes import ROOT, Gateway, Mocks, address, ending
from tests.support import postgres
from tests.support.checker import Order, Report, check
from tests.support.ending import command
from tests.support.receiver import receiving

SCHEMA: Final = "gateway/durable/schema"
APPLICATIONS: Final = 6
PATIENCE_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Found:
    """What was seen. *again*: the older release started anew on the newer schema."""

    report: Report
    certificates: int
    again: bool


def before_the_newest_migration() -> str:
    """The commit before the newest file of the schema came."""
    return f"{_git('log', '-1', '--diff-filter=A', '--format=%H', '--', SCHEMA)}~1"


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@contextmanager
def tree_of(commit: str) -> Iterator[Path]:
    """The files of *commit*, until left."""
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        place = Path(folder) / "tree"
        _git("worktree", "add", "--quiet", "--detach", str(place), commit)
        try:
            yield place
        finally:
            _git("worktree", "remove", "--force", str(place))


async def side_by_side(folder: Path, older: Path, store: dict[str, str]) -> Found:
    """Lets a gateway of *older* and one of this tree do the same work."""
    mocks = Mocks(folder)
    old, new = Gateway(mocks, "older", store, tree=older), Gateway(mocks, "newer", store)
    codes = [f"000.00.04.H58-261127-{number:04d}" for number in range(1, APPLICATIONS + 1)]
    async with ending(old, new, mocks), receiving() as receiver, aiohttp.ClientSession() as client:
        await mocks.start()
        drill = Drill(Round(None, "nothing"), mocks, [old], client, random.Random(1), receiver, codes=codes)
        await _begin(old)
        await drill.apply_all(codes[:2])
        await _begin(new)
        drill.gateways = [old, new]
        await drill.apply_all(codes[2:])
        async with asyncio.timeout(PATIENCE_S):
            certificates = await drill.days_pass()
        await old.end()
        await _begin(old)
        again = await old.ready()
    return Found(check(mocks.journal, [Order("criminal_records", code) for code in codes]), certificates, again)


async def _begin(gateway: Gateway) -> None:
    await gateway.start()
    if not await gateway.ready():
        assert gateway.process is not None
        raise RuntimeError(f"{gateway.name} did not turn ready: {gateway.process.log.read_text()[-300:]}")


async def prove(older: Path, folder: Path) -> Found:
    """The whole of it, on a database of its own."""
    with postgres.server(folder / "postgres") as server:
        async with server.empty() as url:
            return await side_by_side(folder, older, {"LGSP_STORE__URL": address(url)})


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--older", metavar="COMMIT", help="in place of the one before the newest migration")
    commit = parser.parse_args().older or before_the_newest_migration()
    with tempfile.TemporaryDirectory(prefix="releases-") as folder, tree_of(commit) as older:
        found = asyncio.run(prove(older, Path(folder)))
    sound = found.report.sound and found.certificates == APPLICATIONS and found.again
    word = "hold" if sound else "BROKEN"
    sys.stdout.write(
        f"{_git('rev-parse', '--short', commit)} and this release side by side {word}: {found.report.taken} of "
        f"{APPLICATIONS} accepted, {len(found.report.repeats)} second messages, {found.certificates} certificates; the "
        f"older one {'starts' if found.again else 'DOES NOT START'} on the newer schema\n"
    )
    sys.stdout.writelines(f"    {line}\n" for line in ([] if sound else found.report.lines()))
    return 0 if sound else 1


if __name__ == "__main__":
    command(main)
