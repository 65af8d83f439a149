"""The expressions of alerts: windows in minutes, so that a drill can run the same rules sixty times as fast.

They count :data:`lgsp_service_level_total`, whose classes leave callers' mistakes out, and demand a minimum of events,
so that one error in a quiet hour wakes nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gateway.disks import EARLY_FREE, EARLY_PART, LEAST_FREE, LEAST_PART


@dataclass(frozen=True, slots=True)
class Span:
    """Writes a number of minutes; *minute*: the seconds of one, less in a drill."""

    minute: float = 60.0

    def __call__(self, minutes: float) -> str:
        """A duration of Prometheus."""
        seconds = minutes * self.minute
        for unit, letter in ((86_400, "d"), (3_600, "h"), (60, "m")):
            if seconds >= unit and seconds % unit == 0:
                return f"{seconds / unit:g}{letter}"
        return f"{round(seconds)}s" if seconds >= 1 else f"{max(1, round(seconds * 1000))}ms"

    def seconds(self, minutes: float) -> str:
        """A number of seconds."""
        return f"{minutes * self.minute:g}"


BUDGET: Final = 0.01
"""The part of a system's requests that may fail over thirty days."""
STALE_BUDGET: Final = 0.05
"""The part that may be answered with old data: an outage can't hide behind the cache."""
LEAST_EVENTS: Final = 10
"""Failures in the long window below which no burn rate alarms."""
MIDNIGHT: Final = "(86400 - ((time() + 25200) % 86400))"
"""Seconds until the quotas of national systems begin anew: midnight in Vietnam, which is UTC+7 without summer time."""
NOT_ISOLATED: Final = 'unless on (connector, upstream) lgsp_upstream_state{state="isolated"} == 1'
"""An upstream that an operator has set aside alarms nobody."""


def unless_isolated_lately(label: str, window: str) -> str:
    """Leaves out connectors of which an upstream was isolated within *window*; *label* is their name in the alert."""
    isolated = f'max by (connector) (max_over_time(lgsp_upstream_state{{state="isolated"}}[{window}])) == 1'
    if label == "connector":
        return f"unless on (connector) {isolated}"
    return f'unless on ({label}) label_replace({isolated}, "{label}", "$1", "connector", "(.*)")'


def served(classes: str, window: str) -> str:
    """The requests of these *classes*, by connector."""
    return f'sum by (connector) (increase(lgsp_service_level_total{{class=~"{classes}"}}[{window}]))'


def part(bad: str, window: str) -> str:
    """The part of all requests that are *bad*."""
    return f"{served(bad, window)} / {served('good|stale|failed|gateway', window)}"


def burn(bad: str, factor: float, budget: float, long: float, short: float) -> Callable[[Span], str]:
    """A burn rate over two windows, with a minimum of events in the long one (SRE workbook, chapter 5)."""

    def expression(span: Span) -> str:
        bound = f"{factor * budget:g}"
        parts = [
            f"{part(bad, span(long))} > {bound}",
            f"{part(bad, span(short))} > {bound}",
            f"{served(bad, span(long))} >= {LEAST_EVENTS}",
        ]
        return " and ".join(parts)

    return expression


def late(bound: str, window: str) -> str:
    """Stalls of the event loop that were longer than *bound* seconds."""
    name = "lgsp_event_loop_stall_seconds"
    return f'increase({name}_count[{window}]) - ignoring (le) increase({name}_bucket{{le="{bound}"}}[{window}])'


def little_room(free: int, part: float) -> str:
    """Disks with less than so many bytes, and less than this part of their size, free."""
    return f"lgsp_disk_free_bytes < {free} and lgsp_disk_free_bytes < {part:g} * lgsp_disk_size_bytes"


LITTLE_ROOM: Final = little_room(EARLY_FREE, EARLY_PART)
ALMOST_NO_ROOM: Final = little_room(LEAST_FREE, LEAST_PART)


def full_soon(span: Span) -> str:
    """Disks that are full in four hours, if they fill as in the last hour."""
    return f"predict_linear(lgsp_disk_free_bytes[{span(60)}], {span.seconds(240)}) < 0 and {LITTLE_ROOM}"


def gone(name: str, span: Span) -> str:
    """Whether *name*, which only some deployments have, was there an hour ago and nobody tells it now."""
    return f'(label_replace(absent({name}), "series", "{name}", "", "") and on () count({name} offset {span(60)}))'


def fixed(text: str) -> Callable[[Span], str]:
    """An expression without a window."""
    return lambda _: text
