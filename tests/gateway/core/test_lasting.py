"""A loop beside the requests outlives an error of our own."""

from __future__ import annotations

import asyncio

import pytest

from gateway.core.lasting import PAUSE_S, lasting
from gateway.testing.clock import FakeClock, settle


async def test_a_loop_that_breaks_begins_anew(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    """After a moment, and with a line that names the loop and the kind of error, but not what it was about."""
    began = 0

    async def run() -> None:
        nonlocal began
        began += 1
        raise ValueError("Nguyễn Văn An")

    task = lasting(run, clock, "count things")
    await settle()
    await clock.advance(PAUSE_S)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert began == 2
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 2
    assert "count things, ValueError at test_lasting.py:" in caplog.text
    assert "Nguyễn" not in caplog.text


async def test_a_loop_that_returns_or_is_cancelled_has_ended(clock: FakeClock) -> None:
    """Nothing begins it anew."""
    ended = lasting(lambda: asyncio.sleep(0), clock, "one turn")
    cancelled = lasting(asyncio.Event().wait, clock, "wait")  # type: ignore[arg-type]  # its True is nobody's
    await settle()
    cancelled.cancel()
    await settle()

    assert ended.done()
    assert not ended.cancelled()
    assert cancelled.cancelled()
