"""``make drill``: each fault; a table with the seconds until its alert fired, and until it was resolved.

The rules are the shipped ones with minutes of one second (``python -m monitoring --minute 1``).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.drill.disk import DISK
from tests.drill.plan import NOT_DRILLED, Rows, drilled, only
from tests.drill.prometheus import installed
from tests.drill.small_disk import may_mount
from tests.drill.stage import Fault, Stage, asked_all_the_time, stage_in
from tests.support.ending import command

QUIET_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What Prometheus said of one fault. Seconds, None where it took too long."""

    fault: Fault
    was_quiet: bool
    """Whether the alert was silent before the fault began."""
    fired_s: float | None
    resolved_s: float | None

    @property
    def right(self) -> bool:
        """Whether the alert was silent, fired, and was resolved after."""
        return self.was_quiet and self.fired_s is not None and self.resolved_s is not None

    def line(self) -> str:
        """A row of the table."""
        took = [" never" if one is None else f"{one:5.1f} s" for one in (self.fired_s, self.resolved_s)]
        where = ", ".join(f"{name}={value}" for name, value in self.fault.labels.items())
        return (
            f"{'right' if self.right else 'WRONG'}  {self.fault.alert:20} fired {took[0]}  resolved {took[1]}  {where}"
        )


async def drill(stage: Stage, fault: Fault) -> Seen:
    """Breaks, waits for the alert, mends, and waits for its end. What another fault left of it ends first."""
    loop, watcher = asyncio.get_running_loop(), stage.watcher
    quiet = await watcher.until(fault.alert, fault.labels, fires=False, seconds=QUIET_S)
    began, took = loop.time(), None
    resolved = None
    try:
        await fault.begin(stage)
        if await watcher.until(fault.alert, fault.labels, fires=True, seconds=fault.fires_s) is not None:
            took = loop.time() - began
        await fault.end(stage)
        resolved = await watcher.until(fault.alert, fault.labels, fires=False, seconds=fault.resolves_s)
    except Exception:  # noqa: BLE001  # the others go on, and the table says that this one did not
        sys.stderr.write(f"{fault.alert}: {traceback.format_exc()}\n")
    return Seen(fault, quiet is not None, took, resolved)


async def _row(stage: Stage, faults: Sequence[Fault], found: list[Seen]) -> None:
    for fault in faults:
        seen = await drill(stage, fault)
        found.append(seen)
        sys.stdout.write(f"{seen.line()}\n")
        sys.stdout.flush()


async def _on_stage(rows: Rows, folder: Path, found: list[Seen]) -> None:
    async with stage_in(folder) as stage, asked_all_the_time(stage):
        await asyncio.gather(*(_row(stage, faults, found) for faults in rows))


async def run(plan: Mapping[str, Rows], folder: Path) -> list[Seen]:
    """All of *plan*, with a line for each: its stages side by side, and on each the rows side by side."""
    found: list[Seen] = []
    await asyncio.gather(*(_on_stage(rows, folder / name, found) for name, rows in plan.items()))
    return found


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    names = sorted(drilled())
    parser.add_argument("--only", nargs="+", choices=names, metavar="ALERT", help=f"of {', '.join(names)}")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where logs and data stay")
    asked = parser.parse_args()
    if not installed():
        sys.stderr.write("make drill needs Prometheus: install the package prometheus\n")
        return 2
    left_out = () if may_mount() else DISK
    plan = only(lambda fault: fault not in left_out and (asked.only is None or fault.alert in asked.only))
    with tempfile.TemporaryDirectory(prefix="drill-") as folder:
        os.environ["LGSP_STATE_DIR"] = str(Path(folder) / "state")  # as in the tests, whose supervisor it starts
        found = asyncio.run(run(plan, asked.keep or Path(folder)))
    not_drilled = [*NOT_DRILLED.items(), *((one.alert, "only root may mount a small disk") for one in left_out)]
    for name, reason in not_drilled if asked.only is None else ():
        sys.stdout.write(f"-----  {name:20} not drilled: {reason}\n")
    wrong = [one for one in found if not one.right]
    alerts = len({one.fault.alert for one in found})
    sys.stdout.write(f"{len(found)} faults of {alerts} alerts, {len(wrong)} wrong\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    command(main)
