"""How upstreams have been, from what was seen of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pytest

from gateway.core.events import START, Attempted, BreakerMoved, DriftSeen, MachineFailed, NotAsked
from gateway.core.health import Health
from gateway.observe.health import Board
from gateway.testing.clock import FakeClock

NAMES: Final = ("register", "ws")


def attempted(outcome: str, *, failed: bool = False) -> Attempted:
    """An exchange that ended so."""
    return Attempted(*NAMES, "record", outcome, 0.1, failed)


def test_failing_since_the_first_failure_after_a_success(clock: FakeClock) -> None:
    """What an operator wants to know is when it began, and the last reason."""
    board = Board([NAMES], clock)
    board(attempted("ok"))
    clock.jump_wall(60)
    began = clock.now()
    board(attempted("unreachable", failed=True))
    clock.jump_wall(60)
    board(attempted("maintenance", failed=True))

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


@pytest.mark.parametrize("outcome", ["invalid-request", "cancelled", "officer", "too_large", "already_received"])
def test_what_is_not_its_fault_leaves_it_as_it_was(clock: FakeClock, outcome: str) -> None:
    """A caller's mistake, one officer or one order says nothing of the others' answers."""
    board = Board([NAMES], clock)
    board(attempted(outcome))
    assert board.of(*NAMES).state == "unknown"

    board(attempted("ok"))
    board(attempted(outcome))
    assert board.of(*NAMES).state == "up"


def test_answers_that_cannot_be_used_are_a_failure_since_the_first_of_them(clock: FakeClock) -> None:
    """Each exchange goes well, and what it brings is of no use: between two of them the upstream has not been well."""
    board = Board([NAMES], clock)
    board(attempted("ok"))
    clock.jump_wall(60)
    began = clock.now()
    for _ in range(3):
        board(attempted("ok"))
        board(DriftSeen(*NAMES, "untranslatable"))
        assert board.of(*NAMES) == Health("failing", began, "malformed")
        clock.jump_wall(60)


def test_answers_that_can_be_used_again_end_the_failure(clock: FakeClock) -> None:
    """And a later failure begins when it begins."""
    board = Board([NAMES], clock)
    board(DriftSeen(*NAMES, "untranslatable"))
    board(attempted("ok"))
    assert board.of(*NAMES).state == "up"
    board(attempted("ok"))
    clock.jump_wall(60)
    board(DriftSeen(*NAMES, "untranslatable"))

    assert board.of(*NAMES) == Health("failing", clock.now(), "malformed")


def test_an_unusable_answer_does_not_end_isolation(clock: FakeClock) -> None:
    """It was under way when the operator took the upstream out of service."""
    board = Board([NAMES], clock)
    board(BreakerMoved(*NAMES, "isolated", "nâng cấp", 600.0))
    board(DriftSeen(*NAMES, "untranslatable"))

    assert board.of(*NAMES).state == "isolated"


@pytest.mark.parametrize("kind", ["unknown_code", "unknown_field", "schema"])
def test_other_drift_is_told_by_the_attempt_itself(clock: FakeClock, kind: str) -> None:
    """A new field breaks nothing, and a broken answer has failed its attempt."""
    board = Board([NAMES], clock)
    board(attempted("ok"))
    board(DriftSeen(*NAMES, kind))

    assert board.of(*NAMES).state == "up"


def test_a_spent_quota_is_a_failure(clock: FakeClock) -> None:
    """Nobody gets an answer any more, whoever set the limit; a breaker that is open tells no new reason."""
    board = Board([NAMES], clock)
    board(attempted("ok"))
    board(NotAsked(*NAMES, "quota_spent", failed=True))
    board(NotAsked(*NAMES, "breaker_open"))

    assert (board.of(*NAMES).state, board.of(*NAMES).why) == ("failing", "quota_spent")


def test_a_failure_of_this_machine_is_no_upstreams(clock: FakeClock) -> None:
    """It is told for a minute, and the upstream stays as it was."""
    board = Board([NAMES], clock)
    board(attempted("ok"))
    board(attempted("descriptors"))
    board(MachineFailed("descriptors"))

    assert board.of(*NAMES).state == "up"
    assert "descriptors" in (board.trouble() or "")
    clock.jump_wall(3600)
    assert board.trouble() is not None, "a wall clock that jumps ends nothing"


async def test_a_failure_of_this_machine_is_told_for_a_minute(clock: FakeClock) -> None:
    """Then it is over, unless it comes again."""
    board = Board([NAMES], clock)
    board(MachineFailed("resolver"))
    await clock.advance(61)

    assert board.trouble() is None


def test_the_upstreams_of_another_configuration(clock: FakeClock) -> None:
    """Those that stay keep their state, what still ends at one that is left out changes nothing."""
    board = Board([NAMES, ("register", "old")], clock)
    board(attempted("ok"))
    board.know([NAMES, ("register", "new")])
    board(Attempted("register", "old", "record", "unreachable", 0.1, failed=True))

    assert {names: health.state for names, health in board.all()} == {NAMES: "up", ("register", "new"): "unknown"}


async def test_a_refusal_for_want_of_counting_is_ours(clock: FakeClock) -> None:
    """The state of the system stays as it was; the board has our word beside it, and `/readyz`, for a minute."""
    board = Board([NAMES], clock)
    board(attempted("ok"))
    board(NotAsked(*NAMES, "quota_unknown"))

    assert (board.of(*NAMES).state, board.of(*NAMES).why) == ("up", None)
    assert board.failures(*NAMES) == ()
    assert board.ours(*NAMES) == "quota_unknown"
    assert ".".join(NAMES) in (board.trouble() or "")
    await clock.advance(61)
    assert (board.ours(*NAMES), board.trouble()) == (None, None)
