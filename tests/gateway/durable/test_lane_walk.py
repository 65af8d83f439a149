"""A short random walk of the lanes; ``make proof`` makes a long one."""

from __future__ import annotations

from typing import Final

import pytest

from gateway.core.durable import Repeat
from tests.proof.walk import walk

STEPS: Final = 100


@pytest.mark.parametrize("repeat", ["refused", "same", "overwrites", "adds"])
async def test_whatever_happens_each_order_is_accepted_once_and_in_sequence(database: str, repeat: Repeat) -> None:
    """Crashes, stops, outages, lost and late answers, pauses and operators' deeds: once, in sequence, none is lost."""
    made = await walk(database, STEPS, seed=20, repeats=[repeat], lists=[1], forms=[False])

    assert made.total() == STEPS


@pytest.mark.parametrize("repeat", ["refused", "same", "overwrites", "adds"])
async def test_the_same_holds_for_lists_and_for_forms(database: str, repeat: Repeat) -> None:
    """Where orders of several dossiers go in one exchange, and each in a form that is chosen for it, as well."""
    made = await walk(database, STEPS, seed=21, repeats=[repeat], lists=[3], forms=[True])

    assert made.total() == STEPS
