"""All that is drilled: which faults, on which gateways, and which alerts have none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, TypeAlias

from tests.drill.machine import MACHINE
from tests.drill.patience import PATIENCE
from tests.drill.stage import Fault
from tests.drill.systems import SYSTEMS

Rows: TypeAlias = tuple[tuple[Fault, ...], ...]
"""Faults of a row come in turn, rows side by side."""

PLAN: Final[Mapping[str, Rows]] = {"patience": PATIENCE, "systems": SYSTEMS, "machine": (MACHINE,)}
"""By stage: each has a country, a gateway and a Prometheus of its own."""
NOT_DRILLED: Final[Mapping[str, str]] = {}
"""By alert: why no fault of a laptop fires it."""


def drilled() -> set[str]:
    """The names of the alerts of the plan."""
    return {fault.alert for rows in PLAN.values() for faults in rows for fault in faults}


def only(wanted: Collection[str]) -> dict[str, Rows]:
    """The plan with the faults of these alerts alone."""
    plan = {}
    for name, rows in PLAN.items():
        left = (tuple(fault for fault in faults if fault.alert in wanted) for faults in rows)
        if kept := tuple(faults for faults in left if faults):
            plan[name] = kept
    return plan
