"""All that is drilled: which faults, on which gateways, and which alerts have none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from tests.drill.disk import DISK
from tests.drill.machine import MACHINE
from tests.drill.patience import PATIENCE
from tests.drill.stage import Fault
from tests.drill.systems import SYSTEMS

Rows: TypeAlias = tuple[tuple[Fault, ...], ...]
"""Faults of a row come in turn, rows side by side."""

PLAN: Final[Mapping[str, Rows]] = {"patience": (*PATIENCE, DISK), "systems": SYSTEMS, "machine": (MACHINE,)}
"""By stage: each has a country, a gateway and a Prometheus of its own."""
NOT_DRILLED: Final[Mapping[str, str]] = {}
"""By alert: why no fault of a laptop fires it."""


def drilled() -> set[str]:
    """The names of the alerts of the plan."""
    return {fault.alert for rows in PLAN.values() for faults in rows for fault in faults}


def only(wanted: Callable[[Fault], bool]) -> dict[str, Rows]:
    """The plan with the *wanted* faults alone."""
    plan = {}
    for name, rows in PLAN.items():
        left = (tuple(filter(wanted, faults)) for faults in rows)
        if kept := tuple(faults for faults in left if faults):
            plan[name] = kept
    return plan
