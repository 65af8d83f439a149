"""When a worker that has ended is replaced."""

from __future__ import annotations

from gateway.workers.restarts import FIRST_S, LONGEST_S, STEADY_S, Restarts, decide


def test_the_first_is_replaced_soon_and_each_later_one_later() -> None:
    """A worker that dies at each start does not keep the machine busy."""
    state, waits = Restarts(), []
    for _ in range(9):
        state, wait_s = decide(state, lived_s=0.1)
        waits.append(wait_s)

    assert waits[:3] == [FIRST_S, 2 * FIRST_S, 4 * FIRST_S]
    assert waits[-1] == LONGEST_S
    assert state.total == 9


def test_one_that_has_lived_long_is_replaced_soon_again() -> None:
    """What ended it is not what ended the ones before it."""
    state = Restarts(in_a_row=8, total=8)

    assert decide(state, STEADY_S) == (Restarts(1, 9), FIRST_S)
