"""The measured paths, one per module, by their name for ``--only``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from benchmarks.measuring import Bench, Row
from benchmarks.paths import (
    console,
    flight,
    hit,
    inbound,
    isolation,
    lists,
    memory,
    observed,
    orders,
    overhead,
    overload,
    rest,
    scrape,
    soap,
    start,
    workers,
)

Measure = Callable[[Bench], list[Row]]

PATHS: Final[Mapping[str, Measure]] = {
    "hit": hit.measure,
    "rest": rest.measure,
    "workers": workers.measure,
    "soap": soap.measure,
    "flight": flight.measure,
    "overload": overload.measure,
    "isolation": isolation.measure,
    "overhead": overhead.measure,
    "memory": memory.measure,
    "start": start.measure,
    "scrape": scrape.measure,
    "console": console.measure,
    "observed": observed.measure,
    "orders": orders.measure,
    "lists": lists.measure,
    "inbound": inbound.measure,
}
LONG: Final[Mapping[str, Measure]] = {"backlog": lists.measure_backlog}
"""Measured by name alone: some minutes each."""
