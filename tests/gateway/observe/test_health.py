"""How upstreams have been, from what was seen of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from gateway.core.events import START, Attempted, BreakerMoved
from gateway.core.health import Health
from gateway.observe.health import Board
from gateway.testing.clock import FakeClock

NAMES: Final = ("register", "ws")


def attempted(outcome: str) -> Attempted:
    """An exchange that ended so."""
    return Attempted(*NAMES, "record", outcome, 0.1)


def test_failing_since_the_first_failure_after_a_success(clock: FakeClock) -> None:
    """What an operator wants to know is when it began, and the last reason."""
    board = Board([NAMES], clock)
    board(attempted("ok"))
    clock.jump_wall(60)
    began = clock.now()
    board(attempted("unreachable"))
    clock.jump_wall(60)
    board(attempted("maintenance"))

    assert board.of(*NAMES) == Health("failing", began, "maintenance")


def test_isolated_by_an_operator_until_its_end(clock: FakeClock) -> None:
    """Exchanges that were under way do not hide it, and afterwards nothing is known."""
    board = Board([NAMES], clock)
    began = clock.now()
    board(BreakerMoved(*NAMES, "isolated", "nâng cấp", 600.0))
    board(attempted("ok"))
    end = began + timedelta(seconds=600)
    assert board.of(*NAMES) == Health("isolated", began, "nâng cấp", end)

    clock.jump_wall(600)
    assert board.of(*NAMES) == Health("unknown", end)


def test_an_operator_ends_isolation_early(clock: FakeClock) -> None:
    """From then on it is what is seen of it."""
    board = Board([NAMES], clock)
    board(BreakerMoved(*NAMES, "closed", START))
    board(BreakerMoved(*NAMES, "isolated", "nâng cấp", 600.0))
    board(BreakerMoved(*NAMES, "closed", "recovered"))
    assert board.of(*NAMES) == Health("unknown", clock.now())

    board(attempted("no_record"))
    assert board.of(*NAMES).state == "up"
