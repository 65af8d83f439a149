"""Writes the table and the plot."""

from __future__ import annotations

import html
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.load import tool
from benchmarks.measuring import Bench, Row

_WIDTH: Final = 640
_BAR: Final = 26
_NAMES: Final = 150
_FONT: Final = 'font-family="sans-serif" font-size="13"'
_MARKS: Final = {True: "yes", False: "**no**", None: ""}


def machine(bench: Bench) -> list[str]:
    """Returns the machine, versions and settings of the run."""
    cores = bench.cores
    where = "one core for all"
    if cores.apart:
        where = f"server on core {cores.server}, load and upstream on core {cores.load}"
    python = f"{platform.python_implementation()} {platform.python_version()}, {_loop()}"
    versions = ", ".join(f"{name} {version(name)}" for name in ("aiohttp", "zeep", "pydantic", "orjson"))
    return [
        f"{_processor()}; {where}",
        f"{python}, {versions}; Linux {platform.release()}",
        f"load by {tool()}; {bench.rounds} rounds of {bench.seconds} s, interleaved; medians",
    ]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _loop() -> str:
    try:
        return f"uvloop {version('uvloop')}"
    except ImportError:
        return "asyncio's own loop"


def markdown(facts: Sequence[str], rows: Sequence[Row], plot: str | None) -> str:
    """Returns the text of ``results.md``."""
    lines = ["# Results", "", "Written by `make bench`; `README.md` says how to read them.", ""]
    lines += [f"- {fact}" for fact in facts]
    lines += ["", "| path | measured | baseline of the same run | ratio | least–greatest | target | held |"]
    lines.append("| --- | --- | --- | --- | --- | --- | --- |")
    for row in rows:
        cells = (row.path, row.measured, row.baseline, row.ratio, row.spread, row.target, _MARKS[row.held])
        lines.append(f"| {' | '.join(cells)} |")
    if plot is not None:
        lines += ["", f"![Ratios to the baselines]({plot})"]
    return "\n".join([*lines, ""])


def text(rows: Sequence[Row]) -> str:
    """Returns the table for a terminal."""
    cells = [(row.path, row.measured, row.baseline, row.ratio, row.target, _MARKS[row.held].strip("*")) for row in rows]
    widths = [max(len(cell[place]) for cell in cells) for place in range(6)]
    return "\n".join("  ".join(part.ljust(width) for part, width in zip(cell, widths, strict=True)) for cell in cells)


def svg(rows: Sequence[Row]) -> str:
    """Returns bars of the ratios; the line is the baseline's own speed."""
    bars = [row for row in rows if row.bar is not None]
    most = max([1.2, *(row.bar or 0.0 for row in bars)])
    scale = (_WIDTH - _NAMES - 70) / most
    height = _BAR * len(bars) + 40
    one = _NAMES + scale
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" {_FONT}>',
        f'<rect width="{_WIDTH}" height="{height}" fill="white"/>',
    ]
    for place, row in enumerate(bars):
        top = 10 + place * _BAR
        length = (row.bar or 0.0) * scale
        parts += [
            f'<text x="{_NAMES - 8}" y="{top + 16}" text-anchor="end">{html.escape(row.path)}</text>',
            f'<rect x="{_NAMES}" y="{top + 3}" width="{length:.0f}" height="{_BAR - 8}" fill="{_colour(row)}"/>',
            f'<text x="{_NAMES + length + 6:.0f}" y="{top + 16}">{row.ratio}</text>',
        ]
    parts += [
        f'<line x1="{one:.0f}" y1="6" x2="{one:.0f}" y2="{height - 26}" stroke="black" stroke-dasharray="4 3"/>',
        f'<text x="{one:.0f}" y="{height - 10}" text-anchor="middle">1.0 = the baseline</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _colour(row: Row) -> str:
    return "#2a7f62" if row.held else "#b5532a"
