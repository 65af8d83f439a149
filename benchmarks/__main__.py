"""``python -m benchmarks [--quick] [--only NAME …]``: measures, prints a table, writes results.md and results.svg."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks import report
from benchmarks.measuring import Bench, Row
from benchmarks.paths import LONG, PATHS
from benchmarks.processes import Cores

HERE = Path(__file__).parent


def main() -> int:
    """Returns 0 when all targets are met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a quick look: two short rounds, small numbers; writes no results"
    )
    paths = {**PATHS, **LONG}
    parser.add_argument("--only", nargs="+", choices=sorted(paths), metavar="NAME", help=f"of {', '.join(paths)}")
    parser.add_argument("--rounds", type=int, default=0, help="rounds per comparison (default 5; with --quick 2)")
    parser.add_argument("--seconds", type=int, default=0, help="seconds per round (default 4; with --quick 1)")
    given = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(
            Path(folder),
            Cores.here(),
            given.rounds or (2 if given.quick else 5),
            given.seconds or (1 if given.quick else 4),
            given.quick,
        )
        for name, measure in paths.items():
            if name in (given.only or PATHS):
                print(f"{name}…", file=sys.stderr, flush=True)
                rows += measure(bench)
        facts = report.machine(bench)
    print("\n".join(facts), report.text(rows), sep="\n\n")
    if not given.quick and given.only is None:
        (HERE / "results.svg").write_text(report.svg(rows), encoding="utf-8")
        (HERE / "results.md").write_text(report.markdown(facts, rows, "results.svg"), encoding="utf-8")
    return int(any(row.held is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
