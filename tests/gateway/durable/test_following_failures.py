"""Looks at cases that fail: when the operator is told."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any, Final, cast

import pytest
from structlog.testing import capture_logs

from gateway.core.problems import GatewayError, OffContract, Unavailable
from gateway.durable.cases import ClaimedCase
from gateway.durable.encryption import RowCipher
from gateway.durable.following import Followed, Looking, Pace
from gateway.testing.clock import FakeClock

LARGE: Final = OffContract(reason="response_too_large")


class Failing:
    """Stands for what is followed; each question fails with *error*."""

    def __init__(self, error: GatewayError) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        raise self._error


@pytest.mark.parametrize(
    ("error", "told"),
    [(LARGE, ["H58-2026"]), (Unavailable(reason="upstream_error"), [])],
)
async def test_what_can_not_be_read_is_told_once_with_its_dossier(
    error: GatewayError, told: list[str], clock: FakeClock
) -> None:
    """An outage is told by the system's state, and needs no line for each case."""
    looking, now = Looking(RowCipher("key"), random.Random(1)), clock.now()
    with capture_logs() as lines:
        for failures in range(6):
            case = ClaimedCase(
                1, "toy", "H58-2026", "c", "in_process", None, now, now + timedelta(days=5), None, failures, "none", 1
            )
            looked = await looking(cast("Followed", Failing(error)), case, now, cast("Pace", None))
            assert looked.change.failures == failures + 1

    assert [line["key"] for line in lines if "can't be read" in line["event"]] == told
